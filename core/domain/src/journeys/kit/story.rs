//! A journey that lives in memory: what people, data and time do to it, without a database.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{USAGE, WORKSPACE, blueprint, calendar};
use crate::calendar::Calendar;
use crate::id::{AccountId, IndicatorEvaluationId, JourneyId};
use crate::journeys::blueprint::Blueprint;
use crate::journeys::definition::Definition;
use crate::journeys::engine::adoption::{Adoption, adopt};
use crate::journeys::engine::verdict::new_evaluation;
use crate::journeys::engine::{Observed, Run, Settled, Values, World, move_to, settle};
use crate::journeys::evaluation::{self, Verdict};
use crate::journeys::journey::{self, JourneyStatus};
use crate::journeys::visit::{self, Outcome};
use crate::journeys::{WaitingFor, status};
use crate::plans::risk::Alarm;
use crate::tasks::{Comparator, IndicatorConfig, OnMissing, Source, TaskStatus, task};

/// A journey, and the world around it. Every act ends with the journey settled.
pub(in crate::journeys) struct Story {
    pub(in crate::journeys) plan: Blueprint,
    pub(in crate::journeys) run: Run,
    pub(in crate::journeys) now: DateTime<Utc>,
    pub(in crate::journeys) subscription_end: Option<NaiveDate>,
    pub(in crate::journeys) values: Values,
    alarm: Alarm,
    paused_on: Option<NaiveDate>,
    not_before: Option<DateTime<Utc>>,
    /// What the shell would no longer load: all visits but the last, with what belongs to them.
    past: Run,
    calendar: Calendar,
    ids: AtomicU64,
}

/// The journey did not come to rest: it turns in circles.
const MAX_SETTLINGS: usize = 200;

impl Story {
    /// A journey that has just been started at the first stage.
    pub(in crate::journeys) fn begin(definition: &Definition, now: DateTime<Utc>) -> Self {
        let mut story = Self::planned(definition, now);
        story.settle();
        story
    }

    /// A journey before its first stage, for what must be true of the world when it begins.
    pub(in crate::journeys) fn planned(definition: &Definition, now: DateTime<Utc>) -> Self {
        let plan = blueprint(definition);
        let first = plan.stages[0].key().to_owned();
        let journey = journey::Model {
            workspace_id: WORKSPACE,
            id: JourneyId(Uuid::from_u128(3)),
            version: 1,
            created_at: now,
            updated_at: now,
            account_id: AccountId(Uuid::from_u128(4)),
            template_id: Uuid::from_u128(5).into(),
            version_id: Uuid::from_u128(2).into(),
            is_primary: true,
            status: JourneyStatus::Active,
            stage_key: first.clone(),
            lap: 1,
            lap_stage_key: first,
            waiting_for: None,
            wakes_on: None,
            started_at: now,
            ended_at: None,
            reason: None,
            subscription_id: None,
            anchored_to: None,
            start_key: None,
        };
        let (run, past) = (Run::new(journey.clone()), Run::new(journey));
        let (subscription_end, paused_on, not_before) = (None, None, None);
        let ids = AtomicU64::new(1_000_000);
        let (values, calendar) = (Values::default(), calendar());
        Self {
            plan,
            run,
            now,
            subscription_end,
            values,
            alarm: Alarm::None,
            paused_on,
            not_before,
            past,
            calendar,
            ids,
        }
    }

    /// A journey that entered its first stage on a day of the past and is taken over now.
    pub(in crate::journeys) fn adopted(
        definition: &Definition,
        entered_at: DateTime<Utc>,
        now: DateTime<Utc>,
        adoption: &Adoption,
    ) -> Self {
        let mut story = Self::planned(definition, now);
        story.run.journey.started_at = entered_at;
        story.with(|run, plan, world| adopt(run, plan, world, &plan.stages[0], adoption));
        story.settle();
        story
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut Run, &Blueprint, &World<'_>) -> T) -> T {
        let ids = &self.ids;
        let new_id = move || Uuid::from_u128(ids.fetch_add(1, Ordering::Relaxed).into());
        let world = World {
            calendar: &self.calendar,
            now: self.now,
            is_frozen: self.paused_on.is_some(),
            not_before: self.not_before,
            ends: self.subscription_end.into_iter().collect(),
            values: self.values.clone(),
            alarm: self.alarm,
            new_id: &new_id,
        };
        work(&mut self.run, &self.plan, &world)
    }

    /// Lets the journey move as far as it goes, and forgets what the shell would not load again.
    pub(in crate::journeys) fn settle(&mut self) {
        for settlings in 0.. {
            assert!(settlings < MAX_SETTLINGS, "the journey never comes to rest");
            let settled = self.with(settle);
            self.reload();
            if settled == Settled::AtRest {
                return;
            }
        }
    }

    fn reload(&mut self) {
        let last = self.run.visits.len().saturating_sub(1);
        self.past.visits.extend(self.run.visits.drain(..last));
        let current = self.run.visits.first().map(|visit| visit.id);
        let (tasks, past) = self.run.tasks.drain(..).partition(|t| t.visit_id == current);
        self.run.tasks = tasks;
        self.past.tasks.extend::<Vec<_>>(past);
        let of_visit = |row: &evaluation::Model| Some(row.visit_id) == current;
        let (rows, past) = self.run.evaluations.drain(..).partition(of_visit);
        self.run.evaluations = rows;
        self.past.evaluations.extend::<Vec<_>>(past);
        let mut attempts: HashMap<String, i32> = HashMap::new();
        for visit in self.visits().filter(|visit| visit.lap == self.run.journey.lap) {
            let attempt = attempts.entry(visit.stage_key.clone()).or_default();
            *attempt = visit.attempt.max(*attempt);
        }
        self.run.attempts = attempts;
    }

    /// Time passes, and is noticed only at its end.
    pub(in crate::journeys) fn until(&mut self, now: DateTime<Utc>) {
        self.now = now;
        self.settle();
    }

    /// Somebody does a task now.
    pub(in crate::journeys) fn complete(&mut self, key: &str) {
        self.complete_at(key, self.now);
    }

    /// Somebody says now when a task was done.
    pub(in crate::journeys) fn complete_at(&mut self, key: &str, at: DateTime<Utc>) {
        assert!(at <= self.now);
        self.finish(key, TaskStatus::Done, at);
        self.settle();
    }

    /// Somebody evaluates an indicator, and says when.
    pub(in crate::journeys) fn answer_at(&mut self, key: &str, value: f64, at: DateTime<Utc>) {
        self.finish(key, TaskStatus::Done, at);
        self.evaluate(key, Some(value), at);
        self.settle();
    }

    /// Somebody evaluates an indicator now.
    pub(in crate::journeys) fn answer(&mut self, key: &str, value: f64) {
        self.answer_at(key, value, self.now);
    }

    /// Somebody leaves a task out.
    pub(in crate::journeys) fn skip(&mut self, key: &str) {
        self.finish(key, TaskStatus::Skipped, self.now);
        if self.plan.plan(key).is_some_and(|plan| plan.indicator().is_some()) {
            self.evaluate(key, None, self.now);
        }
        self.settle();
    }

    /// Somebody waives an indicator that is read from data.
    pub(in crate::journeys) fn waive(&mut self, key: &str) {
        self.evaluate(key, None, self.now);
        self.settle();
    }

    /// Somebody opens a finished task of the current visit again.
    pub(in crate::journeys) fn reopen(&mut self, key: &str) {
        let task = self.open_task(key);
        assert!(task.status.is_finished());
        task.status = task.reopened_status();
        task.finished_at = None;
        self.settle();
    }

    /// The plugin of a task has prepared it.
    pub(in crate::journeys) fn prepared(&mut self, key: &str) {
        let task = self.open_task(key);
        assert_eq!(task.status, TaskStatus::Preparing, "{key}");
        task.status = TaskStatus::Open;
        self.settle();
    }

    /// A task of a plugin is done, which wishes for the same stage again, or for the one before.
    pub(in crate::journeys) fn complete_wishing(&mut self, key: &str, is_return: bool) {
        self.finish(key, TaskStatus::Done, self.now);
        let index = self.run.open_visit().expect("there is an open visit");
        let id = Uuid::from_u128(self.ids.fetch_add(1, Ordering::Relaxed).into());
        let wished = IndicatorConfig {
            name: key.to_owned(),
            source: Source::Plugin,
            metric_key: None,
            comparator: Comparator::Eq,
            target: 1.0,
            continuous: false,
            max_age_days: None,
            on_missing: OnMissing::Wait,
            missing_after_days: 0,
        };
        let plan = self.plan.plan(key).expect("there is such a plan");
        let of = (plan, is_return);
        let mut row = new_evaluation(id.into(), &self.run.visits[index], of, &wished, self.now);
        row.verdict = Verdict::Failed;
        self.run.evaluations.push(row);
        self.settle();
    }

    fn finish(&mut self, key: &str, status: TaskStatus, at: DateTime<Utc>) {
        let task = self.open_task(key);
        if (task.status, status) != (TaskStatus::Blocked, TaskStatus::Skipped) {
            assert_eq!(task.status, TaskStatus::Open, "{key}");
            assert!(task.opened_at.is_some_and(|opened_at| opened_at <= at), "{key}");
        }
        task.status = status;
        task.finished_at = Some(at);
    }

    fn open_task(&mut self, key: &str) -> &mut task::Model {
        let open = self.run.open_visit().map(|index| self.run.visits[index].id);
        let mut tasks = self.run.tasks.iter_mut().filter(|task| task.visit_id == open);
        tasks.find(|task| task.template_key.as_deref() == Some(key)).expect("it is in the visit")
    }

    fn evaluate(&mut self, key: &str, value: Option<f64>, at: DateTime<Utc>) {
        let index = self.run.open_visit().expect("there is an open visit");
        let visit = &self.run.visits[index];
        let plan = self.plan.plan(key).expect("there is such a plan");
        let config = plan.indicator().expect("it is an indicator");
        let stage = self.plan.stage(&visit.stage_key).expect("there is such a stage");
        let is_carried = !stage.plans.iter().any(|plan| plan.row.key == key);
        let id =
            IndicatorEvaluationId(Uuid::from_u128(self.ids.fetch_add(1, Ordering::Relaxed).into()));
        let mut row = new_evaluation(id, visit, (plan, is_carried), config, self.now);
        row.verdict = match value {
            None => Verdict::Waived,
            Some(value) if config.comparator.holds(value, config.target) => Verdict::Passed,
            Some(_) => Verdict::Failed,
        };
        row.observed = value;
        row.observed_at = value.map(|_| at);
        self.run.evaluations.push(row);
    }

    /// A value of the metric arrives.
    pub(in crate::journeys) fn record(&mut self, value: f64) {
        self.values.metrics.insert(USAGE.to_owned(), Observed { value, at: self.now });
        self.settle();
    }

    /// A customer answers to a survey.
    pub(in crate::journeys) fn score(&mut self, value: f64) {
        self.values.nps = Some(Observed { value, at: self.now });
        self.settle();
    }

    /// A critical risk appears, where none is open.
    pub(in crate::journeys) fn endanger(&mut self) {
        self.alarm = Alarm::Open;
        self.settle();
    }

    /// The last critical risk is closed, where one is open.
    pub(in crate::journeys) fn relieve(&mut self) {
        if self.is_in_danger() {
            self.alarm = Alarm::Over(self.now);
        }
        self.settle();
    }

    pub(in crate::journeys) fn is_in_danger(&self) -> bool {
        self.alarm == Alarm::Open
    }

    /// A person moves the journey.
    pub(in crate::journeys) fn move_to(&mut self, stage: &str) {
        let stage = self.plan.stage(stage).expect("there is such a stage").clone();
        self.with(|run, plan, world| {
            move_to(run, plan, world, &stage, Outcome::Skipped, Some("so"))
        });
        self.settle();
    }

    /// The journey changes to another version of its plan.
    pub(in crate::journeys) fn migrate<T>(
        &mut self,
        definition: &Definition,
        change: impl FnOnce(&mut Run, &Blueprint, &World<'_>) -> T,
    ) -> T {
        self.plan = blueprint(definition);
        let changed = self.with(change);
        self.settle_from(self.now);
        changed
    }

    /// Settles what must not be dated before now.
    fn settle_from(&mut self, now: DateTime<Utc>) {
        self.not_before = Some(now);
        self.settle();
        self.not_before = None;
    }

    /// The account is paused.
    pub(in crate::journeys) fn pause(&mut self) {
        self.paused_on = Some(self.calendar.local_date(self.now));
    }

    /// The account goes on.
    pub(in crate::journeys) fn resume(&mut self) {
        let since = self.paused_on.take().expect("it is paused");
        let days = (self.calendar.local_date(self.now) - since).num_days();
        status::shift(&mut self.run, &self.plan, days.unsigned_abs());
        self.settle_from(self.now);
    }

    pub(in crate::journeys) fn is_paused(&self) -> bool {
        self.paused_on.is_some()
    }

    /// Hours pass.
    pub(in crate::journeys) fn pass(&mut self, hours: i64) {
        self.until(self.now + TimeDelta::hours(hours));
    }

    pub(in crate::journeys) fn today(&self) -> NaiveDate {
        self.calendar.local_date(self.now)
    }

    pub(in crate::journeys) fn status(&self) -> JourneyStatus {
        self.run.journey.status
    }

    /// What the journey waits for, and until when.
    pub(in crate::journeys) fn waits(&self) -> (Option<WaitingFor>, Option<NaiveDate>) {
        (self.run.journey.waiting_for, self.run.journey.wakes_on)
    }

    /// The stage that the journey is in or stands before.
    pub(in crate::journeys) fn stage(&self) -> &str {
        &self.run.journey.stage_key
    }

    /// The open visit.
    pub(in crate::journeys) fn visit(&self) -> Option<&visit::Model> {
        self.run.open_visit().map(|index| &self.run.visits[index])
    }

    /// The tasks of the open visit.
    pub(in crate::journeys) fn current_tasks(&self) -> impl Iterator<Item = &task::Model> {
        self.visit().into_iter().flat_map(|visit| self.run.tasks_of(visit))
    }

    /// The keys of the tasks that are open.
    pub(in crate::journeys) fn open(&self) -> Vec<&str> {
        let open = self.current_tasks().filter(|task| task.status == TaskStatus::Open);
        open.map(key_of).collect()
    }

    /// A task of the last visit.
    pub(in crate::journeys) fn task(&self, key: &str) -> &task::Model {
        self.run.tasks.iter().find(|task| key_of(task) == key).expect("it is in the last visit")
    }

    /// When a task of the last visit is due.
    pub(in crate::journeys) fn due(&self, key: &str) -> Option<NaiveDate> {
        self.task(key).due_on
    }

    /// All visits, in order.
    pub(in crate::journeys) fn visits(&self) -> impl Iterator<Item = &visit::Model> {
        self.past.visits.iter().chain(&self.run.visits)
    }

    /// The tasks of all visits.
    pub(in crate::journeys) fn tasks(&self) -> impl Iterator<Item = &task::Model> {
        self.past.tasks.iter().chain(&self.run.tasks)
    }

    /// The evaluations of all visits.
    pub(in crate::journeys) fn evaluations(&self) -> impl Iterator<Item = &evaluation::Model> {
        self.past.evaluations.iter().chain(&self.run.evaluations)
    }

    /// What happened, a line for each visit: lap, attempt and stage, the local dates of its
    /// beginning and end, and how it ended.
    pub(in crate::journeys) fn trail(&self) -> String {
        let mut trail = String::new();
        for visit in self.visits() {
            let (lap, attempt, stage) = (visit.lap, visit.attempt, &visit.stage_key);
            let entered = visit.entered_on.format("%m-%d");
            let line = match (visit.exited_at, visit.outcome) {
                (Some(at), Some(outcome)) => {
                    let exited = self.calendar.local_date(at);
                    writeln!(
                        trail,
                        "{lap}.{attempt} {stage} {entered}/{} {outcome:?}",
                        exited.format("%m-%d")
                    )
                }
                _ => writeln!(trail, "{lap}.{attempt} {stage} {entered}/"),
            };
            line.expect("a string can be written to");
        }
        trail.trim_end().to_owned()
    }
}

/// The key of a journey's task.
pub(in crate::journeys) fn key_of(task: &task::Model) -> &str {
    task.template_key.as_deref().unwrap_or_default()
}
