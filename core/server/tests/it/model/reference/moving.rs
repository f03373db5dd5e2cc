//! How the journey of the reference moves by itself (rules 1 to 8).

use super::*;

impl Reference {
    /// Lets everything happen that has become due.
    pub(super) fn settle(&mut self) {
        while self.is_moving() && self.step() {}
    }

    fn is_moving(&self) -> bool {
        !self.is_ended() && self.paused_on.is_none() && self.status != Status::Held
    }

    /// One thing that happens; `false` when nothing does.
    fn step(&mut self) -> bool {
        match self.visit() {
            None => self.begin_stage(),
            Some(_) => {
                self.open_tasks();
                self.end_stage()
            }
        }
    }

    fn stage_now(&self) -> Stage {
        self.plan().stage(&self.stage).cloned().expect("the stage is in the plan")
    }

    /// The end that a stage with an anchor begins by: each lap wants one of its own.
    fn next_end(&self) -> Option<NaiveDate> {
        let is_coming = |end: &NaiveDate| match self.anchored_to {
            None => true,
            Some(used) => *end > used && *end >= self.today(),
        };
        self.subscription_end.filter(is_coming)
    }

    /// A stage may wait for an anchor (rule 3), unless the journey has come back to it.
    fn begin_stage(&mut self) -> bool {
        let is_back = self.attempts(&self.stage) > 0;
        let Some(days) = self.stage_now().starts.filter(|_| !is_back) else {
            let waited = matches!(self.status, Status::Waiting(..));
            let at = if waited { self.now } else { self.stands_since };
            self.enter(at.max(self.floor.unwrap_or(at)));
            return true;
        };
        let begins_on = self.next_end().map(|end| end - TimeDelta::days(days));
        let waits = Status::Waiting("ANCHOR", begins_on);
        match begins_on.filter(|date| *date <= self.today()) {
            None => {
                self.status = waits;
                false
            }
            Some(date) => {
                // It came when it was expected, or it is told only now.
                let is_told_now = self.status != Status::Active && self.status != waits;
                let due = self.stands_since.max(midnight(date));
                let at = if is_told_now { self.now } else { due };
                self.enter(at.max(self.floor.unwrap_or(at)));
                true
            }
        }
    }

    /// A visit begins with fresh tasks.
    pub(super) fn enter(&mut self, at: DateTime<Utc>) {
        let stage = self.stage_now();
        if stage.starts.is_some() {
            self.anchored_to = self.next_end().or(self.anchored_to);
        }
        let days = stage.days.map(TimeDelta::days);
        let visit = Visit {
            number: i32::try_from(self.visits.len()).expect("there are few") + 1,
            stage: self.stage.clone(),
            lap: self.lap,
            attempt: self.attempts(&self.stage) + 1,
            entered_at: at,
            expected_until: days.map(|days| local_date(at) + days),
            left: None,
            tasks: self.tasks_of_stage(),
            said: BTreeMap::new(),
            paused_days: 0,
        };
        self.visits.push(visit);
        self.status = Status::Active;
    }

    /// How often a stage was visited in the lap.
    fn attempts(&self, stage: &str) -> i32 {
        let of_lap = self.visits.iter().filter(|visit| visit.lap == self.lap);
        i32::try_from(of_lap.filter(|visit| visit.stage == stage).count()).expect("there are few")
    }

    /// The indicators that are carried into the stage: continuous ones of earlier stages of the
    /// lap (rule 7).
    fn carried(&self) -> Vec<Item> {
        let place = |key: &str| self.plan().place(key).unwrap_or(0);
        let (first, here) = (place(&self.lap_stage), place(&self.stage));
        let stages = self.plan().stages.iter().take(here).skip(first);
        let items = stages.flat_map(|stage| &stage.items);
        let is_carried =
            |item: &&Item| item.indicator().is_some_and(|indicator| indicator.is_continuous);
        items.filter(is_carried).cloned().collect()
    }

    pub(super) fn tasks_of_stage(&self) -> Vec<Task> {
        let own = self.stage_now().items;
        let last = own.iter().map(|item| item.position + 1).max().unwrap_or(0);
        let carried = self.carried().into_iter().map(|item| Item { position: last, ..item });
        let items = own.into_iter().chain(carried).filter(Item::is_task);
        let fresh = items.map(|item| Task {
            at: At::Pending,
            due_on: None,
            holder: match item.holder {
                HeldBy::Fixed => Holder::User(FIXED),
                HeldBy::Csm | HeldBy::Customer => Holder::Nobody,
            },
            opened_at: None,
            position: item.position,
            is_required: item.must_be_done(),
            held_by: item.holder,
            first_due_on: None,
            finished_at: None,
            is_given_by_hand: false,
            key: item.key,
        });
        fresh.collect()
    }

    /// A position opens when everything required before it is finished (rule 2).
    fn open_tasks(&mut self) {
        let Some(mut visit) = self.visit().cloned() else { return };
        let mut reached_at = visit.entered_at;
        for position in 0..=100 {
            let opens_at = reached_at.max(self.floor.unwrap_or(reached_at));
            for task in visit.tasks.iter_mut().filter(|task| task.position == position) {
                if task.at == At::Pending {
                    task.at = At::Open;
                    task.opened_at = Some(opens_at);
                    task.first_due_on = self.due_on(&task.key, opens_at, visit.entered_at);
                    task.due_on = task.first_due_on;
                    task.find_holder(self.csm);
                } else if task.at == At::Open && task.due_on == task.first_due_on {
                    let item = self.plan().item(&task.key);
                    if item.is_some_and(|item| item.anchor == Anchor::End) {
                        task.first_due_on = self.due_on(&task.key, opens_at, visit.entered_at);
                        task.due_on = task.first_due_on;
                    }
                }
            }
            let here = visit.tasks.iter().filter(|task| task.position == position);
            for task in here.filter(|task| task.is_required) {
                let Some(at) = task.finished_at else {
                    *self.visits.last_mut().expect("it is there") = visit;
                    return;
                };
                reached_at = reached_at.max(at);
            }
        }
        *self.visits.last_mut().expect("it is there") = visit;
    }

    fn due_on(
        &self,
        key: &str,
        reached_at: DateTime<Utc>,
        entered_at: DateTime<Utc>,
    ) -> Option<NaiveDate> {
        let item = self.plan().item(key)?;
        let days = item.days?;
        let (from, step) = match item.anchor {
            Anchor::Previous => (local_date(reached_at), 1),
            Anchor::Entry => (local_date(entered_at), 1),
            Anchor::End => (self.subscription_end?, -1),
        };
        Some(count_days(from, days, item.is_business, step))
    }

    /// A stage ends when its required tasks are finished, its time has passed, and nothing that is
    /// missing can change what follows (rules 3 and 5).
    fn end_stage(&mut self) -> bool {
        let Some(visit) = self.visit().cloned() else { return false };
        let mut over_at = visit.entered_at;
        for task in visit.tasks.iter().filter(|task| task.is_required) {
            let Some(at) = task.finished_at else {
                self.status = Status::Active;
                return false;
            };
            over_at = over_at.max(at);
        }
        if self.stage_now().is_timed
            && let Some(until) = visit.expected_until
        {
            if self.today() < until {
                self.status = Status::Waiting("MINIMUM_DURATION", Some(until));
                return false;
            }
            over_at = over_at.max(midnight(until));
        }
        let found = self.findings(&visit, over_at);
        let mut instants: Vec<_> = found.iter().filter_map(|one| Some(one.known?.1)).collect();
        instants.retain(|at| *at > over_at);
        instants.push(over_at);
        instants.sort_unstable();
        let fallen = instants.into_iter().find_map(|at| Some((verdict(&found, at)?, at)));
        match fallen {
            None => {
                let wakes_on = found.iter().filter_map(|one| one.gives_up_on).min();
                self.status = Status::Waiting("INDICATOR", wakes_on);
                false
            }
            Some((verdict, at)) => {
                self.follow(verdict, at.max(self.floor.unwrap_or(at)));
                true
            }
        }
    }

    /// What is known of each indicator of the visit.
    fn findings(&self, visit: &Visit, over_at: DateTime<Utc>) -> Vec<Finding> {
        let own = self.stage_now().items.into_iter().map(|item| (item, false));
        let carried = self.carried().into_iter().map(|item| (item, true));
        let finding = |(item, is_carried): (Item, bool)| {
            let indicator = item.indicator()?;
            let mut finding = Finding { is_carried, known: None, gives_up_on: None };
            let is_new = |reading: &Reading| match indicator.max_age {
                Some(days) => reading.at >= over_at - TimeDelta::days(days),
                None => reading.at > visit.entered_at,
            };
            if let Some(said) = visit.said.get(&item.key) {
                finding.known = Some(*said);
            } else if let Some(reading) = self.latest(indicator.source).filter(is_new) {
                finding.known = Some((compares(reading.value, indicator), reading.at));
            } else {
                let (passes, days) = match indicator.when_missing {
                    _ if indicator.source == Source::Person => return Some(finding),
                    WhenMissing::Wait => return Some(finding),
                    WhenMissing::PassAfter(days) => (true, days),
                    WhenMissing::FailAfter(days) => (false, days),
                };
                let days = TimeDelta::days(days + visit.paused_days);
                let date = local_date(over_at) + days;
                match date <= self.today() {
                    true => finding.known = Some((passes, midnight(date))),
                    false => finding.gives_up_on = Some(date),
                }
            }
            Some(finding)
        };
        own.chain(carried).filter_map(finding).collect()
    }

    fn latest(&self, source: Source) -> Option<Reading> {
        match source {
            Source::Person => None,
            Source::Metric => self.points.values().next_back().copied(),
            Source::Nps => self.scores.iter().max_by_key(|reading| reading.at).copied(),
        }
    }

    /// What follows a stage in the plan (rule 4).
    pub(super) fn follower(&self) -> Option<String> {
        let place = self.plan().place(&self.stage)?;
        match &self.plan().stages[place].then {
            Then::Next => Some(self.plan().stages.get(place + 1)?.key.clone()),
            Then::Complete => None,
            Then::LoopTo(key) => Some(key.clone()),
        }
    }

    fn follow(&mut self, verdict: Verdict, at: DateTime<Utc>) {
        let place = self.plan().place(&self.stage).expect("the stage is in the plan");
        let loops = matches!(self.plan().stages[place].then, Then::LoopTo(_));
        let (target, outcome) = match verdict {
            Verdict::Back => (Some(self.plan().stages[place - 1].key.clone()), "REGRESSED"),
            Verdict::Again => (Some(self.stage.clone()), "REPEATED"),
            Verdict::On if loops => (self.follower(), "LOOPED"),
            Verdict::On => (self.follower(), "ADVANCED"),
        };
        self.leave(at, outcome);
        let Some(target) = target else {
            self.status = Status::Completed;
            return;
        };
        if outcome == "LOOPED" {
            self.start_lap(&target);
        }
        let is_held = self.attempts(&target) >= self.plan().max_attempts;
        self.status = if is_held { Status::Held } else { Status::Active };
        self.stage = target;
    }

    /// What is left of the visit is cancelled (rule 2).
    pub(super) fn leave(&mut self, at: DateTime<Utc>, outcome: &'static str) {
        if let Some(visit) = self.visit_mut() {
            visit.left = Some((at, outcome));
            for task in &mut visit.tasks {
                if matches!(task.at, At::Pending | At::Open) {
                    task.at = At::Cancelled;
                }
            }
            self.stands_since = at;
        }
    }
}

/// What is known of an indicator.
struct Finding {
    is_carried: bool,
    /// Whether it passed, and since when that is known.
    known: Option<(bool, DateTime<Utc>)>,
    gives_up_on: Option<NaiveDate>,
}

/// The verdict that all values agree on which the missing ones could have: tries them all.
fn verdict(found: &[Finding], by: DateTime<Utc>) -> Option<Verdict> {
    let known = |one: &Finding| one.known.filter(|(_, at)| *at <= by).map(|(passed, _)| passed);
    let missing = found.iter().filter(|one| known(one).is_none()).count();
    let mut verdicts = (0..1u32 << missing).map(|luck| {
        let mut unknown = 0;
        let mut passed = |one: &Finding| {
            known(one).unwrap_or_else(|| {
                unknown += 1;
                luck >> (unknown - 1) & 1 == 1
            })
        };
        let results: Vec<_> = found.iter().map(|one| (one.is_carried, passed(one))).collect();
        let fails = |carried| results.contains(&(carried, false));
        match (fails(true), fails(false)) {
            (true, _) => Verdict::Back,
            (false, true) => Verdict::Again,
            (false, false) => Verdict::On,
        }
    });
    let first = verdicts.next()?;
    verdicts.all(|other| other == first).then_some(first)
}
