//! The reference: a journey straight from the rules of the product, simple and slow. It shares no
//! code with the engine, not even its calendar.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::plan::{Anchor, HeldBy, Indicator, Item, Kind, Plan, Source, Stage, Then, WhenMissing};

/// The zone of the workspace, which has had no daylight saving time since 2019.
const BEHIND_GREENWICH: TimeDelta = TimeDelta::hours(3);

/// What can be done to a journey.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Wait { hours: i64 },
    Complete { key: String, value: i32, at: DateTime<Utc> },
    Skip { key: String },
    Reopen { key: String },
    Reschedule { key: String, due_on: NaiveDate },
    Give { key: String, user: Option<usize> },
    Measure { value: i32, period: NaiveDate },
    Score { value: i32, at: DateTime<Utc> },
    Waive { key: String },
    Csm { user: Option<usize> },
    Pause,
    Resume,
    Move { to: Move },
    Migrate { version: usize, stage: Option<String> },
    Subscription { ends_on: NaiveDate },
}

#[derive(Clone, Debug)]
pub(super) enum Move {
    Advance,
    Repeat,
    Return,
    Jump(String),
}

/// Where a task is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum At {
    Pending,
    Open,
    Done,
    Skipped,
    Cancelled,
}

/// Who holds a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Holder {
    User(usize),
    Customer,
    Nobody,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) key: String,
    pub(super) at: At,
    pub(super) due_on: Option<NaiveDate>,
    pub(super) holder: Holder,
    pub(super) opened_at: Option<DateTime<Utc>>,
    position: i32,
    is_required: bool,
    held_by: HeldBy,
    first_due_on: Option<NaiveDate>,
    finished_at: Option<DateTime<Utc>>,
    is_given_by_hand: bool,
}

/// One pass through a stage.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) number: i32,
    pub(super) stage: String,
    pub(super) lap: i32,
    pub(super) attempt: i32,
    pub(super) entered_at: DateTime<Utc>,
    pub(super) expected_until: Option<NaiveDate>,
    pub(super) left: Option<(DateTime<Utc>, &'static str)>,
    pub(super) tasks: Vec<Task>,
    /// By the key of the indicator: whether it passed, and when a person said so.
    said: BTreeMap<String, (bool, DateTime<Utc>)>,
    paused_days: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Status {
    Active,
    Waiting(&'static str, Option<NaiveDate>),
    Held,
    Completed,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    value: i32,
    at: DateTime<Utc>,
}

/// A journey and what it depends on.
pub(super) struct Reference {
    pub(super) versions: [Plan; 2],
    pub(super) version: usize,
    pub(super) now: DateTime<Utc>,
    pub(super) status: Status,
    pub(super) stage: String,
    pub(super) lap: i32,
    pub(super) lap_stage: String,
    pub(super) visits: Vec<Visit>,
    pub(super) paused_on: Option<NaiveDate>,
    csm: Option<usize>,
    subscription_end: Option<NaiveDate>,
    /// The end by which the last stage with an anchor began.
    anchored_to: Option<NaiveDate>,
    points: BTreeMap<NaiveDate, Reading>,
    scores: Vec<Reading>,
    /// Since when it has stood before its stage.
    stands_since: DateTime<Utc>,
    /// Nothing is dated before: what a resumption or a new version sets off happens then.
    floor: Option<DateTime<Utc>>,
}

/// The user whom tasks of a fixed user name.
pub(super) const FIXED: usize = 2;

/// What follows a stage.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    On,
    Again,
    Back,
}

impl Reference {
    /// A journey that begins now, with the first user as the CSM.
    pub(super) fn begin(versions: [Plan; 2], now: DateTime<Utc>) -> Self {
        let first = versions[0].stages[0].key.clone();
        let mut reference = Self {
            versions,
            version: 0,
            now,
            status: Status::Active,
            stage: first.clone(),
            lap: 1,
            lap_stage: first,
            visits: Vec::new(),
            paused_on: None,
            csm: Some(0),
            subscription_end: None,
            anchored_to: None,
            points: BTreeMap::new(),
            scores: Vec::new(),
            stands_since: now,
            floor: None,
        };
        reference.settle();
        reference
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.versions[self.version]
    }

    pub(super) fn today(&self) -> NaiveDate {
        local_date(self.now)
    }

    /// The visit that is open.
    pub(super) fn visit(&self) -> Option<&Visit> {
        self.visits.last().filter(|visit| visit.left.is_none())
    }

    fn visit_mut(&mut self) -> Option<&mut Visit> {
        self.visits.last_mut().filter(|visit| visit.left.is_none())
    }

    fn task_mut(&mut self, key: &str) -> Option<&mut Task> {
        let mut tasks = self.visit_mut()?.tasks.iter_mut();
        tasks.find(|task| task.key == key && task.at != At::Cancelled)
    }

    pub(super) fn is_ended(&self) -> bool {
        self.status == Status::Completed
    }

    /// Does what is said; `false` when it is not allowed, and then nothing has changed.
    pub(super) fn apply(&mut self, command: &Command) -> bool {
        let done = self.try_apply(command);
        self.settle();
        self.floor = None;
        done.is_some()
    }

    fn try_apply(&mut self, command: &Command) -> Option<()> {
        match command {
            Command::Wait { hours } => self.now += TimeDelta::hours(*hours),
            Command::Complete { key, value, at } => self.complete(key, *value, *at)?,
            Command::Skip { key } => self.skip(key)?,
            Command::Reopen { key } => self.reopen(key)?,
            Command::Reschedule { key, due_on } => {
                self.must_run()?;
                let task = self.task_mut(key)?;
                let opened_on = local_date(task.opened_at?);
                (task.at == At::Open && *due_on >= opened_on).then_some(())?;
                task.due_on = Some(*due_on);
            }
            Command::Give { key, user } => {
                let task = self.task_mut(key)?;
                task.holder = user.map_or(Holder::Nobody, Holder::User);
                task.is_given_by_hand = true;
            }
            Command::Measure { value, period } => {
                let reading = Reading { value: *value, at: self.now };
                self.points.insert(*period, reading);
            }
            Command::Score { value, at } => self.scores.push(Reading { value: *value, at: *at }),
            Command::Waive { key } => {
                self.must_run()?;
                let now = self.now;
                self.visit_mut()?.said.insert(key.clone(), (true, now));
            }
            Command::Csm { user } => self.change_csm(*user),
            Command::Pause => {
                self.paused_on.is_none().then_some(())?;
                self.paused_on = Some(self.today());
            }
            Command::Resume => self.resume()?,
            Command::Move { to } => self.move_by_hand(to)?,
            Command::Migrate { version, stage } => self.migrate(*version, stage.as_deref())?,
            Command::Subscription { ends_on } => self.subscription_end = Some(*ends_on),
        }
        Some(())
    }

    /// A paused account freezes (rule 12).
    fn must_run(&self) -> Option<()> {
        (self.paused_on.is_none() && !self.is_ended()).then_some(())
    }

    fn complete(&mut self, key: &str, value: i32, at: DateTime<Utc>) -> Option<()> {
        self.must_run()?;
        let kind = self.versions.iter().find_map(|version| version.item(key))?.kind.clone();
        // A finished task stays when its version goes, and can be opened again.
        let indicator = self.plan().item(key).and_then(Item::indicator).cloned();
        let task = self.task_mut(key)?;
        (task.at == At::Open && task.opened_at? <= at).then_some(())?;
        task.at = At::Done;
        task.finished_at = Some(at);
        if matches!(kind, Kind::Survey) {
            self.scores.push(Reading { value, at });
        }
        if let Some(indicator) = indicator {
            let passed = compares(value, &indicator);
            self.visit_mut()?.said.insert(key.to_owned(), (passed, at));
        }
        Some(())
    }

    fn skip(&mut self, key: &str) -> Option<()> {
        self.must_run()?;
        let now = self.now;
        let is_indicator = self.plan().item(key).is_some_and(|item| item.indicator().is_some());
        let task = self.task_mut(key)?;
        (task.at == At::Open).then_some(())?;
        task.at = At::Skipped;
        task.finished_at = Some(now);
        if is_indicator {
            self.visit_mut()?.said.insert(key.to_owned(), (true, now));
        }
        Some(())
    }

    fn reopen(&mut self, key: &str) -> Option<()> {
        self.must_run()?;
        let csm = self.csm;
        let task = self.task_mut(key)?;
        matches!(task.at, At::Done | At::Skipped).then_some(())?;
        task.at = At::Open;
        task.finished_at = None;
        task.find_holder(csm);
        Some(())
    }

    /// Open tasks that are held by the role move along (rule 11).
    fn change_csm(&mut self, user: Option<usize>) {
        self.csm = user;
        for task in self.visit_mut().into_iter().flat_map(|visit| &mut visit.tasks) {
            if task.at == At::Open && task.held_by == HeldBy::Csm {
                task.find_holder(user);
            }
        }
    }

    /// Open dates move by the days of the pause (rule 12).
    fn resume(&mut self) -> Option<()> {
        let days = TimeDelta::days((self.today() - self.paused_on?).num_days());
        self.paused_on = None;
        self.floor = Some(self.now);
        let waits_for_value = matches!(self.status, Status::Waiting("INDICATOR", _));
        let plan = self.plan().clone();
        let hangs_on_end = |task: &Task| {
            let item = plan.item(&task.key);
            let hangs = item.is_some_and(|item| item.anchor == Anchor::End);
            hangs && task.due_on == task.first_due_on
        };
        if let Some(visit) = self.visit_mut() {
            visit.expected_until = visit.expected_until.map(|date| date + days);
            let open = visit.tasks.iter_mut().filter(|task| task.at == At::Open);
            for task in open.filter(|task| !hangs_on_end(task)) {
                task.due_on = task.due_on.map(|date| date + days);
            }
            if waits_for_value {
                visit.paused_days += days.num_days();
            }
        }
        Some(())
    }

    /// A person may always move a journey; a new lap starts (rule 8).
    fn move_by_hand(&mut self, to: &Move) -> Option<()> {
        self.must_run()?;
        let place = self.plan().place(&self.stage)?;
        let stands_before = matches!(self.status, Status::Waiting("ANCHOR", _));
        let (target, outcome) = match to {
            Move::Advance if stands_before => (Some(self.stage.clone()), "ADVANCED"),
            Move::Advance => (self.follower(), "ADVANCED"),
            Move::Repeat => (Some(self.stage.clone()), "REPEATED"),
            Move::Return => {
                let before = self.plan().stages.get(place.checked_sub(1)?)?;
                (Some(before.key.clone()), "REGRESSED")
            }
            Move::Jump(key) => (Some(self.plan().stage(key)?.key.clone()), "SKIPPED"),
        };
        self.go(target.as_deref(), outcome);
        Some(())
    }

    fn go(&mut self, target: Option<&str>, outcome: &'static str) {
        let now = self.now;
        self.leave(now, outcome);
        match target {
            None => self.status = Status::Completed,
            Some(stage) => {
                self.start_lap(stage);
                stage.clone_into(&mut self.stage);
                self.enter(now);
            }
        }
    }

    fn start_lap(&mut self, stage: &str) {
        self.lap += 1;
        stage.clone_into(&mut self.lap_stage);
    }

    /// Stages and tasks are mapped by key; a stage that is gone, and no other, needs an explicit
    /// target, which is entered anew (rule 10).
    fn migrate(&mut self, version: usize, target: Option<&str>) -> Option<()> {
        self.must_run()?;
        let stage = target.unwrap_or(&self.stage).to_owned();
        self.versions[version].stage(&stage)?;
        let is_gone = self.versions[version].stage(&self.stage).is_none();
        (is_gone || stage == self.stage).then_some(())?;
        self.version = version;
        self.floor = Some(self.now);
        if stage != self.stage {
            self.go(Some(&stage), "SKIPPED");
            return Some(());
        }
        if self.plan().stage(&self.lap_stage).is_none() {
            self.lap_stage = self.plan().stages[0].key.clone();
        }
        let days = self.plan().stage(&stage)?.days;
        let (wanted, now) = (self.tasks_of_stage(), self.now);
        let Some(visit) = self.visit_mut() else { return Some(()) };
        for task in visit.tasks.iter_mut().filter(|task| task.at != At::Cancelled) {
            match wanted.iter().find(|new| new.key == task.key) {
                // What has not begun is as the new version wants it.
                Some(new) if task.at == At::Pending && !task.is_given_by_hand => {
                    *task = new.clone();
                }
                Some(new) => {
                    (task.position, task.is_required) = (new.position, new.is_required);
                    if task.at == At::Pending {
                        task.held_by = new.held_by;
                    }
                }
                None if matches!(task.at, At::Pending | At::Open) => {
                    (task.at, task.finished_at) = (At::Cancelled, Some(now));
                }
                None => {}
            }
        }
        let is_there = |task: &Task, key: &str| task.key == key && task.at != At::Cancelled;
        let is_new = |new: &Task| !visit.tasks.iter().any(|task| is_there(task, &new.key));
        let added: Vec<_> = wanted.into_iter().filter(is_new).collect();
        visit.tasks.extend(added);
        if visit.expected_until.is_none() {
            let entered_on = local_date(visit.entered_at);
            visit.expected_until = days.map(|days| entered_on + TimeDelta::days(days));
        }
        Some(())
    }
}

impl Visit {
    /// Whether a person has evaluated or waived an indicator.
    pub(super) fn is_said(&self, key: &str) -> bool {
        self.said.contains_key(key)
    }
}

impl Task {
    /// Gives it to whoever its rule says, unless a person gave it to somebody (rule 11).
    fn find_holder(&mut self, csm: Option<usize>) {
        if !self.is_given_by_hand {
            self.holder = match self.held_by {
                HeldBy::Fixed => Holder::User(FIXED),
                HeldBy::Customer => Holder::Customer,
                HeldBy::Csm => csm.map_or(Holder::Nobody, Holder::User),
            };
        }
    }
}

pub(super) fn local_date(at: DateTime<Utc>) -> NaiveDate {
    (at - BEHIND_GREENWICH).date_naive()
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc() + BEHIND_GREENWICH
}

fn compares(value: i32, indicator: &Indicator) -> bool {
    match indicator.comparator {
        "GT" => value > indicator.target,
        "GTE" => value >= indicator.target,
        "LT" => value < indicator.target,
        "LTE" => value <= indicator.target,
        "EQ" => value == indicator.target,
        _ => value != indicator.target,
    }
}

/// The nth day after (or before) an anchor; Saturdays and Sundays are no business days.
fn count_days(from: NaiveDate, days: i64, is_business: bool, step: i64) -> NaiveDate {
    let mut date = from;
    let mut left = days;
    while left > 0 {
        date += TimeDelta::days(step);
        if !is_business || date.weekday().number_from_monday() < 6 {
            left -= 1;
        }
    }
    date
}

mod moving;
