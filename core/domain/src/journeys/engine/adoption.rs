//! Taking a journey over that ran before Jornada knew of it. Pure.
//!
//! The stage keeps the day on which it was entered, so that its pace and its quarter are right; its
//! work begins on the day of the adoption. So nobody is asked for what was done long ago, and
//! nothing opens overdue.

use super::verdict::new_evaluation;
use super::{Run, World};
use crate::journeys::blueprint::{Blueprint, Plan, Stage};
use crate::journeys::evaluation::{self, Verdict};
use crate::journeys::visit;
use crate::tasks::{TaskStatus, task};

/// How much of its stage was done when a journey is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Nothing: the first task is the next one.
    NothingDone,
    /// What stands before this task of the stage, which is the next one.
    NextTask(String),
    /// All tasks: the stage lasts until its time has passed or its indicators are decided.
    AllDone,
    /// What is told next, with the dates on which it was done: the journey is no other than one
    /// that began here on that day, and what is not told is overdue.
    ToBeTold,
}

/// Enters a stage that was entered before, with part of it done. Tasks that were done before are
/// skipped for the reason [`task::ADOPTED`], and indicators among them waived: what came of them is
/// not known here.
pub(crate) fn adopt(
    run: &mut Run,
    plan: &Blueprint,
    world: &World<'_>,
    stage: &Stage,
    adoption: &Adoption,
) {
    run.enter(stage, plan, world, run.arrived_at());
    let is_taken_over = *adoption != Adoption::ToBeTold;
    let Some(visit) = run.visits.last_mut().filter(|_| is_taken_over) else { return };
    visit.adopted_at = Some(world.now.max(visit.entered_at));
    let visit = visit.clone();
    let next = match adoption {
        Adoption::NothingDone | Adoption::ToBeTold => return,
        Adoption::NextTask(key) => task_of(stage, key).map(|plan| plan.row.position),
        Adoption::AllDone => None,
    };
    let is_before = |task: &&mut task::Model| {
        task.visit_id == Some(visit.id) && next.is_none_or(|next| task.position < next)
    };
    for task in run.tasks.iter_mut().filter(is_before) {
        task.status = TaskStatus::Skipped;
        task.finished_at = visit.adopted_at;
        task.reason = Some(task::ADOPTED.to_owned());
        run.evaluations.extend(waived(task, stage, &visit, world));
    }
}

/// The task of a stage with this key.
pub(crate) fn task_of<'s>(stage: &'s Stage, key: &str) -> Option<&'s Plan> {
    stage.plans.iter().find(|plan| plan.row.key == key && plan.becomes_task())
}

fn waived(
    task: &task::Model,
    stage: &Stage,
    visit: &visit::Model,
    world: &World<'_>,
) -> Option<evaluation::Model> {
    let plan = task_of(stage, task.template_key.as_deref()?)?;
    let id = (world.new_id)().into();
    let row = new_evaluation(id, visit, (plan, false), plan.indicator()?, world.now);
    Some(evaluation::Model {
        task_id: Some(task.id),
        verdict: Verdict::Waived,
        reason: Some(task::ADOPTED.to_owned()),
        ..row
    })
}
