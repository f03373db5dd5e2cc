//! How a running journey changes to another version of its template (rule 10).

use super::blueprint::{self, Blueprint};
use super::engine::{self, Run, World};
use super::journey;
use super::moving::load_running;
use super::version::{self, VersionStatus};
use super::visit::{self, Outcome};
use crate::calendar::plus;
use crate::prelude::*;
use crate::tasks::{TaskStatus, task};

/// A journey that was migrated, or could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Migrated {
    /// As it is now.
    pub journey: journey::Model,
    /// What was done, or would be.
    pub migration: Migration,
}

/// What a migration does, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The stage that the journey is in afterwards.
    pub stage_key: String,
    /// Keys of tasks of the current visit that stay, with their work and due dates.
    pub kept: Vec<String>,
    /// Keys of tasks that are added to the current visit.
    pub added: Vec<String>,
    /// Keys of unfinished tasks that the version no longer has; they are cancelled.
    pub cancelled: Vec<String>,
}

/// Migrates a journey, or only tells what would happen. Stages and tasks are mapped by key.
/// Finished work, attempts and open due dates are kept. When the current stage is gone, and only
/// then, `stage_key` names the one to go on with; its visit begins anew. To leave a stage that is
/// still there, a person moves the journey, with a reason (rule 8).
pub async fn migrate(
    tx: &Tx<'_>,
    id: JourneyId,
    version_id: JourneyTemplateVersionId,
    stage_key: Option<&str>,
    dry_run: bool,
) -> Result<Migrated> {
    tx.require(Area::Journeys, Access::Write)?;
    let mut loaded = load_running(tx, id).await?;
    let version = version::find_in(tx, version_id, "versionId").await?;
    if version.template_id != loaded.run.journey.template_id {
        return Err(Problem::new("versionId", Code::Contradiction)
            .with("with", "journeyId")
            .into());
    }
    if version.status == VersionStatus::Draft {
        return Err(Problem::new("versionId", Code::NotPublished).into());
    }
    let plan = blueprint::load(tx, version_id).await?;
    let journey = loaded.run.journey.clone();
    let is_gone = plan.stage(&journey.stage_key).is_none();
    if is_gone && stage_key.is_none() {
        let problem = Problem::new("stageKey", Code::StageGone);
        return Err(problem.with("stage", &journey.stage_key).into());
    }
    let key = stage_key.unwrap_or(&loaded.run.journey.stage_key).to_owned();
    if plan.stage(&key).is_none() {
        return Err(Problem::new("stageKey", Code::UnknownStage).with("stage", &key).into());
    }
    if !is_gone && key != loaded.run.journey.stage_key {
        return Err(Problem::new("stageKey", Code::BadMove).into());
    }
    loaded.replan(tx, plan).await?;
    loaded.run.journey.version_id = version_id;
    loaded.not_before = Some(tx.now);
    loaded.fact = Some(Fact::Migrated);
    let migration = loaded.with(tx, |run, plan, world| match is_gone {
        true => restart(run, plan, world, &key),
        false => remap(run, plan, world),
    });
    let journey = match dry_run {
        true => journey,
        false => loaded.settle_and_save(tx, None).await?.journey,
    };
    Ok(Migrated { journey, migration })
}

/// The current stage is gone: a new visit begins in another one.
fn restart(run: &mut Run, plan: &Blueprint, world: &World<'_>, key: &str) -> Migration {
    let cancelled = unfinished(run);
    if let Some(stage) = plan.stage(key) {
        engine::move_to(run, plan, world, stage, Outcome::Skipped, None);
    }
    let added = run
        .open_visit()
        .map(|index| run.visits[index].clone())
        .map(|visit| run.tasks_of(&visit).filter_map(|task| task.template_key.clone()).collect());
    let added = added.unwrap_or_default();
    Migration { stage_key: key.to_owned(), kept: Vec::new(), added, cancelled }
}

fn unfinished(run: &Run) -> Vec<String> {
    let tasks = run.tasks.iter().filter(|task| !task.status.is_closed());
    tasks.filter_map(|task| task.template_key.clone()).collect()
}

/// The current stage is still there: its visit goes on with the tasks of the new version.
fn remap(run: &mut Run, plan: &Blueprint, world: &World<'_>) -> Migration {
    let stage_key = run.journey.stage_key.clone();
    // A lap that began with a stage that is gone begins with the first one that is left.
    if plan.stage(&run.journey.lap_stage_key).is_none() {
        let first = plan.stages.first().map(|stage| stage.key().to_owned());
        run.journey.lap_stage_key = first.unwrap_or_else(|| stage_key.clone());
    }
    let (mut kept, mut added, mut cancelled) = (Vec::new(), Vec::new(), Vec::new());
    if let (Some(index), Some(stage)) = (run.open_visit(), plan.stage(&stage_key)) {
        let visit = &mut run.visits[index];
        visit.version_id = run.journey.version_id;
        if let (None, Some(days)) = (visit.expected_until, stage.expected_days()) {
            visit.expected_until = Some(plus(visit.entered_on, days.into()));
        }
        let visit = visit.clone();
        let fresh = engine::opening::tasks_of_visit(&run.journey, &visit, stage, plan, world);
        for task in run.tasks.iter_mut().filter(|task| is_of(task, &visit)) {
            let key = task.template_key.clone().unwrap_or_default();
            match fresh.iter().find(|new| is_same(new, task)) {
                Some(new) => {
                    adapt(task, new);
                    kept.push(key);
                }
                None if !task.status.is_closed() => {
                    task.status = TaskStatus::Cancelled;
                    task.finished_at = Some(world.now);
                    cancelled.push(key);
                }
                None => {}
            }
        }
        for new in fresh {
            if !run.tasks.iter().any(|task| is_of(task, &visit) && is_same(&new, task)) {
                added.extend(new.template_key.clone());
                run.tasks.push(new);
            }
        }
    }
    Migration { stage_key, kept, added, cancelled }
}

/// What an earlier version had cancelled is not there any more: a version that wants it again adds
/// it anew.
fn is_of(task: &task::Model, visit: &visit::Model) -> bool {
    task.visit_id == Some(visit.id) && task.status != TaskStatus::Cancelled
}

/// A task of another kind is another task, whatever its key: an indicator needs a value.
fn is_same(new: &task::Model, task: &task::Model) -> bool {
    (&new.template_key, &new.type_key) == (&task.template_key, &task.type_key)
}

/// What has not begun is as the new version wants it; what is open or finished only takes its
/// place among the others. By its configuration an open task is judged, so that is the new one.
fn adapt(task: &mut task::Model, new: &task::Model) {
    task.position = new.position;
    task.required = new.required;
    if matches!(task.status, TaskStatus::Open | TaskStatus::Blocked) {
        task.config.clone_from(&new.config);
    }
    if task.status == TaskStatus::Pending {
        task.title.clone_from(&new.title);
        task.description.clone_from(&new.description);
        task.config.clone_from(&new.config);
        task.assignee_rule = new.assignee_rule;
        task.assignee_role_id = new.assignee_role_id;
        if !task.assigned_by_hand {
            task.assignee_user_id = new.assignee_user_id;
        }
    }
}

#[cfg(test)]
mod tests;
