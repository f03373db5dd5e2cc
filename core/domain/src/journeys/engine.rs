//! The engine: how a journey moves (rules 1 to 8). Pure.
//!
//! It works on a [`Run`], a journey in memory, and on a [`World`], everything else a decision
//! needs. A verb changes the run (a task is done, a person moves the journey), lets it
//! [`settle`], and the shell writes whatever differs. The engine dates what it does by when it
//! became due, not by when it was noticed, so a server that was down, or a completion that is
//! dated back, leads to the same journey.

pub(crate) mod adoption;
pub(crate) mod opening;
pub(crate) mod verdict;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::blueprint::{Blueprint, Stage};
use super::journey::{JourneyStatus, WaitingFor};
use super::stage_template::Then;
use super::visit::Outcome;
use super::{evaluation, journey, visit};
use crate::calendar::{Calendar, plus};
use crate::plans::risk::Alarm;
use crate::tasks::{Source, TaskStatus, task};
use verdict::{Decision, Judgement};

/// A journey in memory, with its last visit and whatever came after it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The journey.
    pub journey: journey::Model,
    /// The last visit first, then those that were begun since.
    pub visits: Vec<visit::Model>,
    /// The tasks of these visits.
    pub tasks: Vec<task::Model>,
    /// The evaluations of these visits.
    pub evaluations: Vec<evaluation::Model>,
    /// How often each stage was visited in the lap.
    pub attempts: HashMap<String, i32>,
}

/// What a decision needs beyond the journey.
pub struct World<'w> {
    /// The calendar of the workspace.
    pub calendar: &'w Calendar,
    /// The time.
    pub now: DateTime<Utc>,
    /// The account is paused: nothing moves (rule 12).
    pub is_frozen: bool,
    /// Nothing that happens by itself is dated before: what is set off by an account that goes on
    /// after a pause, or by another version of the plan, happens then.
    pub not_before: Option<DateTime<Utc>>,
    /// The ends of the subscriptions that anchors can mean, in order.
    pub ends: Vec<NaiveDate>,
    /// The latest values that indicators can read.
    pub values: Values,
    /// Whether critical risks of the account hold back what grows it.
    pub alarm: Alarm,
    /// New ids.
    pub new_id: &'w (dyn Fn() -> Uuid + Sync),
}

/// The latest values that indicators can read.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// By the key of the metric.
    pub metrics: HashMap<String, Observed>,
    /// The score of the last NPS response.
    pub nps: Option<Observed>,
    /// The score of the last CSAT response.
    pub csat: Option<Observed>,
}

/// A value and when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// The value.
    pub value: f64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}

/// Whether a journey came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Only a person, a value or a later date can change anything.
    AtRest,
    /// The limit of steps was reached; settle again.
    MoreToDo,
}

/// Steps of one settling: more than a template has stages, few enough for one transaction.
const MAX_STEPS: usize = 60;

/// Moves the journey as far as it goes by itself.
pub fn settle(run: &mut Run, plan: &Blueprint, world: &World<'_>) -> Settled {
    for _ in 0..MAX_STEPS {
        if !step(run, plan, world) {
            return Settled::AtRest;
        }
    }
    Settled::MoreToDo
}

/// One step; `false` when there is none to make.
fn step(run: &mut Run, plan: &Blueprint, world: &World<'_>) -> bool {
    if run.journey.status.is_ended() || world.is_frozen {
        return false;
    }
    match run.open_visit() {
        Some(index) => pass_through(run, plan, world, index),
        None if run.journey.status == JourneyStatus::Held => false,
        None => arrive(run, plan, world),
    }
}

/// The journey stands before a stage: it enters it, or waits for the date by which it begins.
fn arrive(run: &mut Run, plan: &Blueprint, world: &World<'_>) -> bool {
    let Some(stage) = plan.stage(&run.journey.stage_key) else { return false };
    // Whoever comes back to a stage within the lap does not wait for its anchor again.
    let is_back = run.attempts.get(stage.key()).is_some_and(|visits| *visits > 0);
    let begins_on = match stage.begins_on(run.next_end(world)).filter(|_| !is_back) {
        None => None,
        Some(Some(date)) if date <= world.today() => Some(date),
        Some(date) => {
            run.wait(WaitingFor::Anchor, date);
            return false;
        }
    };
    // It waited for another date until it was told of this one: the stage begins with the news.
    let is_news = run.journey.waiting_for == Some(WaitingFor::Anchor)
        && (begins_on.is_none() || begins_on != run.journey.wakes_on);
    let at = match begins_on {
        _ if is_news => world.now,
        Some(date) => run.arrived_at().max(world.calendar.start_of(date)),
        None => run.arrived_at(),
    };
    run.enter(stage, plan, world, world.dated(at));
    true
}

/// The journey is in a stage: it opens what can be opened, and leaves when the stage is over.
fn pass_through(run: &mut Run, plan: &Blueprint, world: &World<'_>, index: usize) -> bool {
    let Some(stage) = plan.stage(&run.visits[index].stage_key) else { return false };
    opening::open_reached(run, plan, world, index);
    let Some(done_at) = run.tasks_done_at(index) else {
        run.visits[index].tasks_done_at = None;
        run.go_on();
        return false;
    };
    run.visits[index].tasks_done_at = Some(done_at);
    let mut ends_at = done_at;
    if let Some(until) = run.visits[index].expected_until.filter(|_| stage.has_minimum()) {
        if world.today() < until {
            run.wait(WaitingFor::MinimumDuration, Some(until));
            return false;
        }
        ends_at = ends_at.max(world.calendar.start_of(until));
    }
    match verdict::decide(run, plan, world, index, ends_at) {
        Judgement::Undecided { wakes_on } => {
            run.wait(WaitingFor::Indicator, wakes_on);
            false
        }
        Judgement::Decided { decision, at, evaluations } => {
            run.evaluations.extend(evaluations);
            leave(run, plan, stage, decision, world.dated(at.min(world.now)));
            true
        }
    }
}

/// What follows a stage (rules 4 and 5).
fn leave(run: &mut Run, plan: &Blueprint, stage: &Stage, decision: Decision, at: DateTime<Utc>) {
    let previous = plan.previous(stage, &run.journey.lap_stage_key);
    let (outcome, target) = match (decision, previous) {
        (Decision::Regress, Some(previous)) => (Outcome::Regressed, Some(previous)),
        (Decision::Regress, None) | (Decision::Repeat, _) => (Outcome::Repeated, Some(stage)),
        (Decision::Advance, _) if stage.row.then == Then::LoopTo => {
            (Outcome::Looped, plan.follower(stage))
        }
        (Decision::Advance, _) => (Outcome::Advanced, plan.follower(stage)),
    };
    run.close_visit(outcome, None, at);
    match target {
        None => run.end(JourneyStatus::Completed, at),
        Some(target) => {
            if outcome == Outcome::Looped {
                run.start_lap(target);
            }
            run.stand_before(target, plan);
        }
    }
}

/// A person moves the journey to a stage, which starts a new lap (rule 8). The stage is entered
/// at once: a person need not wait for an anchor.
pub fn move_to(
    run: &mut Run,
    plan: &Blueprint,
    world: &World<'_>,
    stage: &Stage,
    outcome: Outcome,
    reason: Option<&str>,
) {
    run.close_visit(outcome, reason, world.now);
    run.start_lap(stage);
    run.journey.reason = None;
    run.enter(stage, plan, world, world.now);
}

impl World<'_> {
    /// Today, in the workspace's time zone.
    pub fn today(&self) -> NaiveDate {
        self.calendar.local_date(self.now)
    }

    fn dated(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.not_before.map_or(at, |earliest| at.max(earliest))
    }

    /// The end that anchors mean today: the next one, else the last that has passed.
    fn end(&self) -> Option<NaiveDate> {
        let coming = self.ends.iter().find(|end| **end >= self.today());
        coming.or(self.ends.last()).copied()
    }

    /// The latest value of a source.
    fn value(&self, source: Source, metric_key: Option<&str>) -> Option<Observed> {
        match source {
            Source::Person | Source::Plugin => None,
            Source::Metric => metric_key.and_then(|key| self.values.metrics.get(key).copied()),
            Source::Nps => self.values.nps,
            Source::Csat => self.values.csat,
        }
    }
}

impl Run {
    /// A journey that has not entered its first stage.
    pub fn new(journey: journey::Model) -> Self {
        let (visits, tasks, evaluations) = Default::default();
        Self { journey, visits, tasks, evaluations, attempts: HashMap::new() }
    }

    /// The index of the open visit.
    pub fn open_visit(&self) -> Option<usize> {
        self.visits.iter().position(|visit| visit.exited_at.is_none())
    }

    /// The end by which a stage with an anchor begins: one that began none before.
    fn next_end(&self, world: &World<'_>) -> Option<NaiveDate> {
        let Some(used) = self.journey.anchored_to else { return world.end() };
        world.ends.iter().find(|end| **end > used && **end >= world.today()).copied()
    }

    /// When the journey came to stand before its stage.
    fn arrived_at(&self) -> DateTime<Utc> {
        let left_at = self.visits.last().and_then(|visit| visit.exited_at);
        left_at.unwrap_or(self.journey.started_at)
    }

    /// When something last happened in it. That it was taken over, with what was left out and what
    /// opened thereby, is no such thing: it tells of us and not of the customer.
    pub fn last_step(&self) -> DateTime<Utc> {
        let is_adoption = |at: &DateTime<Utc>, visit: &visit::Model| visit.adopted_at == Some(*at);
        let steps = self.visits.iter().flat_map(|visit| {
            let tasks = self.tasks_of(visit).flat_map(|row| [row.opened_at, row.finished_at]);
            let work = tasks.flatten().filter(move |at| !is_adoption(at, visit));
            work.chain(visit.exited_at).chain([visit.entered_at])
        });
        steps.fold(self.journey.started_at, DateTime::max)
    }

    /// When the last required task of a visit was finished; `None` while one is not.
    fn tasks_done_at(&self, index: usize) -> Option<DateTime<Utc>> {
        let visit = &self.visits[index];
        let mut done_at = visit.works_from();
        for task in self.tasks_of(visit).filter(|task| task.required) {
            if !task.status.is_closed() {
                return None;
            }
            done_at = done_at.max(task.finished_at.unwrap_or(done_at));
        }
        Some(done_at)
    }

    /// The tasks of a visit.
    pub fn tasks_of<'a>(
        &'a self,
        visit: &'a visit::Model,
    ) -> impl Iterator<Item = &'a task::Model> {
        self.tasks.iter().filter(|task| task.visit_id == Some(visit.id))
    }

    fn wait(&mut self, waiting_for: WaitingFor, wakes_on: Option<NaiveDate>) {
        self.journey.status = JourneyStatus::Waiting;
        self.journey.waiting_for = Some(waiting_for);
        self.journey.wakes_on = wakes_on;
    }

    fn go_on(&mut self) {
        self.journey.status = JourneyStatus::Active;
        self.journey.waiting_for = None;
        self.journey.wakes_on = None;
    }

    /// Ends the journey.
    pub fn end(&mut self, status: JourneyStatus, at: DateTime<Utc>) {
        self.go_on();
        self.journey.status = status;
        self.journey.ended_at = Some(at);
    }

    /// Starts a new lap with `stage`: nothing before it is "previous", and attempts count anew.
    fn start_lap(&mut self, stage: &Stage) {
        self.journey.lap += 1;
        self.journey.lap_stage_key = stage.key().to_owned();
        self.attempts.clear();
    }

    /// Goes to stand before a stage, unless the loop guard stops it (rule 8).
    fn stand_before(&mut self, stage: &Stage, plan: &Blueprint) {
        self.journey.stage_key = stage.key().to_owned();
        self.go_on();
        if self.attempts.get(stage.key()).is_some_and(|visits| *visits >= plan.max_attempts) {
            self.journey.status = JourneyStatus::Held;
        }
    }

    /// Closes the open visit, if there is one; what is left of its tasks is cancelled (rule 2).
    pub fn close_visit(&mut self, outcome: Outcome, reason: Option<&str>, at: DateTime<Utc>) {
        let Some(index) = self.open_visit() else { return };
        let visit = &mut self.visits[index];
        visit.exited_at = Some(at.max(visit.entered_at));
        visit.outcome = Some(outcome);
        visit.reason = reason.map(str::to_owned);
        let of_visit = |task: &&mut task::Model| task.visit_id == Some(visit.id);
        for task in self.tasks.iter_mut().filter(of_visit) {
            if !task.status.is_closed() {
                task.status = TaskStatus::Cancelled;
                task.blocked_reason = None;
                // One that an adoption opened was not there before it, whenever the visit ended.
                task.finished_at = visit.exited_at.max(task.opened_at);
                task.reason.clone_from(&visit.reason);
            }
        }
    }

    /// Begins a visit with fresh tasks.
    fn enter(&mut self, stage: &Stage, plan: &Blueprint, world: &World<'_>, at: DateTime<Utc>) {
        let attempts = self.attempts.entry(stage.key().to_owned()).or_default();
        *attempts += 1;
        let attempt = *attempts;
        let entered_on = world.calendar.local_date(at);
        let visit = visit::Model {
            workspace_id: self.journey.workspace_id,
            id: (world.new_id)().into(),
            version: 0,
            created_at: world.now,
            updated_at: world.now,
            journey_id: self.journey.id,
            account_id: self.journey.account_id,
            version_id: self.journey.version_id,
            stage_key: stage.key().to_owned(),
            number: self.visits.last().map_or(0, |visit| visit.number) + 1,
            lap: self.journey.lap,
            attempt,
            entered_at: at,
            entered_on,
            adopted_at: None,
            expected_until: stage.expected_days().map(|days| plus(entered_on, days.into())),
            paused_days: 0,
            tasks_done_at: None,
            exited_at: None,
            outcome: None,
            reason: None,
        };
        self.journey.stage_key = stage.key().to_owned();
        if stage.row.starts_at.is_some() {
            self.journey.anchored_to = self.next_end(world).or(self.journey.anchored_to);
        }
        self.go_on();
        self.tasks.extend(opening::tasks_of_visit(&self.journey, &visit, stage, plan, world));
        self.visits.push(visit);
    }
}

#[cfg(test)]
mod tests;
