//! What the indicators of a visit come to (rules 5 to 7).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Observed, Run, World};
use crate::calendar::plus;
use crate::id::IndicatorEvaluationId;
use crate::journeys::blueprint::{Blueprint, Plan};
use crate::journeys::evaluation::{self, Verdict};
use crate::journeys::visit;
use crate::tasks::{IndicatorConfig, OnMissing, Source};

/// What follows the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Everything passed.
    Advance,
    /// An own indicator failed.
    Repeat,
    /// A continuous indicator of an earlier stage failed.
    Regress,
}

/// Whether the decision can fall.
pub(super) enum Judgement {
    /// It has fallen, at this instant, by these new evaluations.
    Decided { decision: Decision, at: DateTime<Utc>, evaluations: Vec<evaluation::Model> },
    /// A missing value can still change it; time alone changes something on `wakes_on`.
    Undecided { wakes_on: Option<NaiveDate> },
}

/// One indicator of the visit.
struct Judged<'p> {
    plan: &'p Plan,
    is_carried: bool,
    finding: Finding,
}

/// What is known of an indicator.
#[derive(Clone, Copy)]
enum Finding {
    /// A person has evaluated or waived it, at this instant.
    Recorded(Verdict, DateTime<Utc>),
    /// A value was read.
    Read(Observed, Verdict),
    /// The value was missing for as long as the template allows.
    GivenUp(Verdict, DateTime<Utc>),
    /// The value is missing; the template gives up on this date, if ever.
    Missing(Option<NaiveDate>),
}

impl Judged<'_> {
    /// The verdict, and the instant from which it was known.
    fn known(&self) -> Option<(Verdict, DateTime<Utc>)> {
        match self.finding {
            Finding::Recorded(verdict, at) | Finding::GivenUp(verdict, at) => Some((verdict, at)),
            Finding::Read(observed, verdict) => Some((verdict, observed.at)),
            Finding::Missing(_) => None,
        }
    }

    fn has_failed(&self, by: DateTime<Utc>) -> bool {
        self.known().is_some_and(|(verdict, at)| verdict == Verdict::Failed && at <= by)
    }

    fn is_missing(&self, by: DateTime<Utc>) -> bool {
        self.known().is_none_or(|(_, at)| at > by)
    }
}

/// Judges a stage whose tasks are finished and whose time has passed at `ends_at`. The decision
/// falls as soon as missing values cannot change it, and is dated by that instant, however much
/// more has become known since.
pub(super) fn decide(
    run: &Run,
    plan: &Blueprint,
    world: &World<'_>,
    index: usize,
    ends_at: DateTime<Utc>,
) -> Judgement {
    let visit = &run.visits[index];
    let judged = judge_all(run, plan, world, visit, ends_at);
    let known_at = judged.iter().filter_map(|one| Some(one.known()?.1));
    let mut instants: Vec<_> = known_at.filter(|at| *at > ends_at).collect();
    instants.push(ends_at);
    instants.sort_unstable();
    let fallen = instants.into_iter().find_map(|at| Some((decision(&judged, at)?, at)));
    match fallen {
        None => Judgement::Undecided { wakes_on: earliest_deadline(&judged) },
        Some((decision, at)) => {
            let evaluations =
                judged.iter().filter_map(|one| evaluation_of(one, visit, world, at)).collect();
            Judgement::Decided { decision, at, evaluations }
        }
    }
}

/// What follows from what was known by an instant; `None` while a missing value can change it.
fn decision(judged: &[Judged<'_>], by: DateTime<Utc>) -> Option<Decision> {
    let (carried, own): (Vec<_>, Vec<_>) = judged.iter().partition(|one| one.is_carried);
    if carried.iter().any(|one| one.has_failed(by)) {
        Some(Decision::Regress)
    } else if carried.iter().any(|one| one.is_missing(by)) {
        None
    } else if own.iter().any(|one| one.has_failed(by)) {
        Some(Decision::Repeat)
    } else if own.iter().any(|one| one.is_missing(by)) {
        None
    } else {
        Some(Decision::Advance)
    }
}

/// The indicators that count in a visit, with whether each is carried from an earlier stage.
pub(crate) fn applicable<'p>(
    run: &Run,
    plan: &'p Blueprint,
    visit: &visit::Model,
) -> Vec<(&'p Plan, bool)> {
    let Some(stage) = plan.stage(&visit.stage_key) else { return Vec::new() };
    let carried = plan.carried(stage, &run.journey.lap_stage_key);
    let carried = carried.into_iter().map(|plan| (plan, true));
    stage.indicators().map(|plan| (plan, false)).chain(carried).collect()
}

fn judge_all<'p>(
    run: &Run,
    plan: &'p Blueprint,
    world: &World<'_>,
    visit: &visit::Model,
    ends_at: DateTime<Utc>,
) -> Vec<Judged<'p>> {
    let judge_one = |(plan, is_carried): (&'p Plan, bool)| {
        let config = plan.indicator()?;
        let recorded = latest_recorded(run, visit, &plan.row.key);
        let finding = match recorded {
            Some(row) => {
                Finding::Recorded(row.verdict, row.observed_at.unwrap_or(row.evaluated_at))
            }
            None => judge(config, world, visit, ends_at),
        };
        Some(Judged { plan, is_carried, finding })
    };
    let judged = applicable(run, plan, visit).into_iter().filter_map(judge_one);
    judged.chain(wishes(run, plan, visit)).collect()
}

/// What tasks of plugins wished for counts like indicators that failed (rule 7): a wish to return
/// like a continuous one of an earlier stage. Of a task that was reopened, the last word counts.
fn wishes<'p>(run: &Run, plan: &'p Blueprint, visit: &visit::Model) -> Vec<Judged<'p>> {
    let of_visit = run.evaluations.iter().filter(|row| row.visit_id == visit.id);
    let of_plugins = of_visit.filter(|row| row.source == Source::Plugin);
    let keys: BTreeSet<&str> = of_plugins.map(|row| row.indicator_key.as_str()).collect();
    let wish = |key: &str| {
        let (row, plan) = (latest_recorded(run, visit, key)?, plan.plan(key)?);
        let finding = Finding::Recorded(row.verdict, row.evaluated_at);
        Some(Judged { plan, is_carried: row.carried, finding })
    };
    keys.into_iter().filter_map(wish).collect()
}

/// The last verdict on an indicator in a visit; a task that was reopened has several.
pub(crate) fn latest_recorded<'r>(
    run: &'r Run,
    visit: &visit::Model,
    key: &str,
) -> Option<&'r evaluation::Model> {
    let of_visit = run.evaluations.iter().filter(|row| row.visit_id == visit.id);
    of_visit.filter(|row| row.indicator_key == key).max_by_key(|row| (row.created_at, row.id))
}

fn judge(
    config: &IndicatorConfig,
    world: &World<'_>,
    visit: &visit::Model,
    ends_at: DateTime<Utc>,
) -> Finding {
    // A value of the very instant of the entry is the one that led here: it must not count again,
    // or an old NPS would repeat a stage for ever (rule 6). An age is that at the end of the
    // stage: what was young enough then does not become too old while another value is missing.
    let is_new = |observed: &Observed| match config.max_age_days {
        Some(days) => observed.at >= ends_at - TimeDelta::days(days.into()),
        None => observed.at > visit.entered_at,
    };
    // What was known of a stage before it was taken over led to where it is now.
    let is_ours = |observed: &Observed| visit.adopted_at.is_none_or(|at| observed.at >= at);
    let value = world.value(config.source, config.metric_key.as_deref());
    if let Some(observed) = value.filter(is_new).filter(is_ours) {
        let holds = config.comparator.holds(observed.value, config.target);
        return Finding::Read(observed, if holds { Verdict::Passed } else { Verdict::Failed });
    }
    let verdict = match config.on_missing {
        _ if config.source == Source::Person => return Finding::Missing(None),
        OnMissing::Wait => return Finding::Missing(None),
        OnMissing::Pass => Verdict::Passed,
        OnMissing::Fail => Verdict::Failed,
    };
    let days = u64::from(config.missing_after_days) + u64::from(visit.paused_days.unsigned_abs());
    let deadline = plus(world.calendar.local_date(ends_at), days);
    if world.today() >= deadline {
        Finding::GivenUp(verdict, world.calendar.start_of(deadline))
    } else {
        Finding::Missing(Some(deadline))
    }
}

fn earliest_deadline(judged: &[Judged<'_>]) -> Option<NaiveDate> {
    let deadlines = judged.iter().filter_map(|one| match one.finding {
        Finding::Missing(deadline) => deadline,
        _ => None,
    });
    deadlines.min()
}

/// The row of an indicator that a person has not recorded already, as it was known at an instant.
fn evaluation_of(
    one: &Judged<'_>,
    visit: &visit::Model,
    world: &World<'_>,
    by: DateTime<Utc>,
) -> Option<evaluation::Model> {
    let known = one.known().filter(|(_, at)| *at <= by);
    let (observed, verdict) = match (one.finding, known) {
        (Finding::Recorded(..), _) => return None,
        (Finding::Read(observed, _), Some((verdict, _))) => (Some(observed), verdict),
        (_, Some((verdict, _))) => (None, verdict),
        (_, None) => (None, Verdict::Missing),
    };
    let config = one.plan.indicator()?;
    let id = IndicatorEvaluationId((world.new_id)());
    let mut row = new_evaluation(id, visit, (one.plan, one.is_carried), config, world.now);
    row.evaluated_at = world.dated(by.min(world.now));
    row.observed = observed.map(|observed| observed.value);
    row.observed_at = observed.map(|observed| observed.at);
    row.verdict = verdict;
    Some(row)
}

/// An evaluation of an indicator in a visit, without a value yet.
pub(crate) fn new_evaluation(
    id: IndicatorEvaluationId,
    visit: &visit::Model,
    (plan, is_carried): (&Plan, bool),
    config: &IndicatorConfig,
    now: DateTime<Utc>,
) -> evaluation::Model {
    evaluation::Model {
        workspace_id: visit.workspace_id,
        id,
        version: 0,
        created_at: now,
        updated_at: now,
        account_id: visit.account_id,
        journey_id: visit.journey_id,
        visit_id: visit.id,
        task_id: None,
        indicator_key: plan.row.key.clone(),
        name: config.name.clone(),
        source: config.source,
        comparator: config.comparator,
        target: config.target,
        carried: is_carried,
        observed: None,
        observed_at: None,
        verdict: Verdict::Missing,
        reason: None,
        evaluated_at: now,
        evaluated_by_id: None,
    }
}
