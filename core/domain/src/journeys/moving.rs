//! How a person moves a journey, waives what it waits for, or calls it off (rule 8).

use std::collections::{BTreeSet, HashMap};

use super::blueprint::{self, Blueprint};
use super::engine;
use super::engine::verdict::{applicable, latest_recorded, new_evaluation};
use super::evaluation::{self, Verdict};
use super::journey::{self, JourneyStatus, WaitingFor};
use super::review;
use super::run::{self, Loaded};
use super::visit::{self, Outcome};
use crate::accounts::account;
use crate::prelude::*;
use crate::tasks::Source;

/// Where a person moves a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// To what follows the stage; completes the journey where nothing does.
    Advance,
    /// The same stage again.
    Repeat,
    /// To the stage before.
    Return,
    /// To this stage, wherever it stands.
    Jump(String),
}

/// Moves a journey, with a reason; a new lap starts with the stage it comes to. What is left of
/// the current visit is cancelled.
pub async fn move_journey(
    tx: &Tx<'_>,
    id: JourneyId,
    to: &Move,
    reason: &str,
) -> Result<journey::Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let reason = checked_reason(reason)?;
    let mut loaded = load_running(tx, id).await?;
    let current = loaded.plan.stage(&loaded.run.journey.stage_key).cloned();
    let current = current.ok_or_else(|| Problem::new("journeyId", Code::UnknownStage))?;
    let (outcome, target) = match to {
        // A journey that waits for a date stands before the stage: advancing enters it.
        Move::Advance if loaded.run.journey.waiting_for == Some(WaitingFor::Anchor) => {
            (Outcome::Advanced, Some(&current))
        }
        Move::Advance => (Outcome::Advanced, loaded.plan.follower(&current)),
        Move::Repeat => (Outcome::Repeated, Some(&current)),
        Move::Return => {
            let first = loaded.plan.stages.first().map_or("", |stage| stage.key());
            let previous = loaded.plan.previous(&current, first);
            let previous = previous.ok_or_else(|| Problem::new("move", Code::BadMove))?;
            (Outcome::Regressed, Some(previous))
        }
        Move::Jump(key) => {
            let stage = loaded.plan.stage(key);
            let stage = stage.ok_or_else(|| Problem::new("stageKey", Code::UnknownStage))?;
            (Outcome::Skipped, Some(stage))
        }
    };
    let target = target.cloned();
    loaded.fact = Some(Fact::Moved);
    loaded.with(tx, |run, plan, world| match &target {
        Some(stage) => engine::move_to(run, plan, world, stage, outcome, Some(&reason)),
        None => {
            run.close_visit(outcome, Some(&reason), world.now);
            run.end(JourneyStatus::Completed, world.now);
        }
    });
    Ok(loaded.settle_and_save(tx, Some(&reason)).await?.journey)
}

/// Lets a running journey stand for its account in the portfolio, in place of the one that did.
pub async fn make_primary(tx: &Tx<'_>, id: JourneyId) -> Result<journey::Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let found = journey::find_in(tx, id, "journeyId").await?;
    account::lock(tx, found.account_id, "journeyId").await?;
    let rows = journey::lock_with_primary(tx, &found).await?;
    let before = rows.into_iter().find(|row| row.id == id).unwrap_or(found);
    if before.status.is_ended() {
        return Err(Problem::new("journeyId", Code::JourneyEnded).into());
    }
    if before.is_primary {
        return Ok(before);
    }
    journey::clear_primary(tx, before.account_id).await?;
    let row = journey::ActiveModel { is_primary: Set(true), ..Default::default() };
    let row = store::update(tx, &before, row, Fact::Updated).await?;
    if review::is_in_adoption(tx, &row).await? {
        review::ask_for(tx, row.account_id).await?;
    }
    Ok(row)
}

/// Calls a journey off, with a reason: its visit ends and its open tasks are cancelled.
pub async fn cancel_journey(tx: &Tx<'_>, id: JourneyId, reason: &str) -> Result<journey::Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let reason = checked_reason(reason)?;
    let loaded = run::load(tx, id, "journeyId").await?;
    require_not_ended(&loaded)?;
    cancel(tx, loaded, &reason, tx.now).await
}

/// Calls a journey off, as something that happened at an instant, but not before its last step.
pub(super) async fn cancel(
    tx: &Tx<'_>,
    mut loaded: Loaded,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<journey::Model> {
    loaded.with(tx, |run, _, _| {
        let at = at.max(run.last_step());
        run.close_visit(Outcome::Cancelled, Some(reason), at);
        run.end(JourneyStatus::Cancelled, at);
        run.journey.reason = Some(reason.to_owned());
    });
    Ok(loaded.save(tx, Some(reason)).await?.journey)
}

/// Waives an indicator that the current visit reads from data, with a reason: it counts as
/// passed (rule 6). One that a person evaluates is waived by skipping its task.
pub async fn waive_indicator(
    tx: &Tx<'_>,
    id: JourneyId,
    indicator_key: &str,
    reason: &str,
) -> Result<journey::Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let reason = checked_reason(reason)?;
    let mut loaded = load_running(tx, id).await?;
    let not_awaited = || Problem::new("indicatorKey", Code::NotAwaited);
    let index = loaded.run.open_visit().ok_or_else(not_awaited)?;
    let visit = loaded.run.visits[index].clone();
    let waivable = applicable(&loaded.run, &loaded.plan, &visit).into_iter();
    let found = waivable.filter(|(plan, _)| plan.row.key == indicator_key).find_map(|found| {
        let config = found.0.indicator().filter(|config| config.source != Source::Person)?;
        Some((found, config))
    });
    let (plan, config) = found.ok_or_else(not_awaited)?;
    if latest_recorded(&loaded.run, &visit, indicator_key).is_some() {
        return Ok(loaded.run.journey);
    }
    let mut row = new_evaluation(tx.new_id(), &visit, plan, config, tx.now);
    row.verdict = Verdict::Waived;
    row.reason = Some(reason.clone());
    row.evaluated_by_id = tx.actor.user_id;
    loaded.run.evaluations.push(row);
    Ok(loaded.settle_and_save(tx, Some(&reason)).await?.journey)
}

/// An indicator whose value an open visit may be waiting for.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// The key of its task template.
    pub indicator_key: String,
    /// Its name.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// It is a continuous indicator of an earlier stage.
    pub is_carried: bool,
}

/// The indicators of the open visits of these journeys that are read from data and have no verdict
/// yet: what a journey that waits for an indicator may be waiting for. Journeys that have none are
/// left out.
pub async fn awaited(
    cx: &Cx<'_>,
    journey_ids: &[JourneyId],
) -> Result<HashMap<JourneyId, Vec<Awaited>>> {
    cx.require(Area::Journeys, Access::Read)?;
    let visits = visit::open_of(cx, journey_ids).await?;
    let ids: Vec<_> = visits.iter().map(|visit| visit.journey_id).collect();
    let journeys = journey::many(cx, &ids).await?;
    let versions: BTreeSet<_> = journeys.iter().map(|journey| journey.version_id).collect();
    let plans = blueprint::load_many(cx, &Vec::from_iter(versions)).await?;
    let visit_ids: Vec<_> = visits.iter().map(|visit| visit.id).collect();
    let evaluations = evaluation::in_visits(cx, &visit_ids).await?;
    let mut awaited = HashMap::new();
    for visit in visits {
        let Some(journey) = journeys.iter().find(|row| row.id == visit.journey_id) else {
            continue;
        };
        let Some(plan) = plans.get(&journey.version_id) else { continue };
        let mut run = engine::Run::new(journey.clone());
        let of_visit = evaluations.iter().filter(|row| row.visit_id == visit.id);
        run.evaluations = of_visit.cloned().collect();
        awaited.insert(journey.id, awaited_in(&run, plan, &visit));
    }
    Ok(awaited)
}

fn awaited_in(run: &engine::Run, plan: &Blueprint, visit: &visit::Model) -> Vec<Awaited> {
    let awaited = applicable(run, plan, visit).into_iter().filter_map(|(plan, is_carried)| {
        let config = plan.indicator().filter(|config| config.source != Source::Person)?;
        let is_known = latest_recorded(run, visit, &plan.row.key).is_some();
        (!is_known).then(|| Awaited {
            indicator_key: plan.row.key.clone(),
            name: config.name.clone(),
            source: config.source,
            is_carried,
        })
    });
    awaited.collect()
}

/// A journey that can still be moved, of an account that is not paused.
pub(super) async fn load_running(tx: &Tx<'_>, id: JourneyId) -> Result<Loaded> {
    let loaded = run::load(tx, id, "journeyId").await?;
    require_not_ended(&loaded)?;
    match loaded.account.status.is_running() {
        true => Ok(loaded),
        false => Err(Problem::new("journeyId", Code::AccountNotRunning).into()),
    }
}

fn require_not_ended(loaded: &Loaded) -> Result<()> {
    match loaded.run.journey.status.is_ended() {
        true => Err(Problem::new("journeyId", Code::JourneyEnded).into()),
        false => Ok(()),
    }
}

pub(super) fn checked_reason(reason: &str) -> Result<String> {
    let mut checks = Checks::new();
    let reason = checks.prose("reason", reason, 2000);
    checks.finish()?;
    Ok(reason)
}
