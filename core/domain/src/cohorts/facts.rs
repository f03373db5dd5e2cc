//! What is known of an onboarding and of what became of the customer, and cohorts of them. Pure.
//!
//! A rate is of those alone for whom it is known: who has not been a customer for a year cannot
//! have stayed for one. So it is with an onboarding that ran before Jornada knew of it: what of it
//! nobody saw is unknown, and one of which not even the end was seen is in no cohort.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{DeriveActiveEnum, EnumIter};

use crate::calendar::plus;
use crate::feedback::score::NpsClass;
use crate::id::{JourneyTemplateId, JourneyTemplateVersionId};
use crate::journeys::visit::Outcome;

/// What cohorts are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum By {
    /// How many days the onboarding took: up to 30, 60, 90, or more.
    Duration,
    /// The percentage of its tasks that were done in time: below 50, 80, 100, or all.
    OnTime,
    /// The class of the last answer to an NPS question in the phase.
    Nps,
    /// How often a stage was repeated or returned to: never, once, or more.
    Repeats,
    /// The version of the template by which it ended.
    TemplateVersion,
    /// The month in which the onboarding ended.
    Month,
}

/// One visit of a stage of the phase ONBOARDING.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its place among all visits of the journey.
    pub number: i32,
    /// The local date of the entry.
    pub entered_on: NaiveDate,
    pub entered_at: DateTime<Utc>,
    pub exited_at: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    /// When the journey was taken over in it.
    pub adopted_at: Option<DateTime<Utc>>,
    /// Whether its stage is the first of the phase.
    pub is_of_first_stage: bool,
}

/// The way of a journey through the phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    pub entered_on: NaiveDate,
    pub entered_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    /// How often a stage was repeated or returned from.
    pub repeats: usize,
    /// Whether it was called off because the customer left.
    pub is_lost: bool,
    /// Whether it is known when it began: it was not taken over, or in the first stage, of whose
    /// entry the day was said.
    pub is_begin_known: bool,
    /// Whether its end is known: it was not taken over when it was over already, or it was said
    /// when the customer left.
    pub is_end_known: bool,
}

impl Pass {
    /// The days from its beginning to a date, where that is known; none where the time zone was
    /// changed meanwhile.
    pub fn days_until(&self, date: NaiveDate) -> Option<i64> {
        self.is_begin_known.then(|| (date - self.entered_on).num_days().max(0))
    }
}

/// The onboarding of a journey, from the first entry of a stage of the phase to the exit of the
/// last one; `None` while it goes on. `has_gone_on` says whether something followed the visit of a
/// number: a stage of another phase, or the end of the journey. Where nothing has, `is_lost` says
/// whether the journey was called off and the customer has left.
pub fn pass(visits: &[Visit], has_gone_on: impl Fn(i32) -> bool, is_lost: bool) -> Option<Pass> {
    let first = visits.iter().min_by_key(|visit| visit.number)?;
    let last = visits.iter().max_by_key(|visit| visit.number)?;
    let is_called_off = last.outcome == Some(Outcome::Cancelled);
    let again = [Some(Outcome::Repeated), Some(Outcome::Regressed)];
    let has_come_through = !is_called_off && has_gone_on(last.number);
    let ended_at = last.exited_at.filter(|_| has_come_through || is_lost)?;
    // One that is taken over without the day of its entry was entered then.
    let is_said = |at: DateTime<Utc>| first.is_of_first_stage && first.entered_at < at;
    let adopted_at = visits.iter().filter_map(|visit| visit.adopted_at).max();
    let is_lost = !has_come_through;
    Some(Pass {
        entered_on: first.entered_on,
        entered_at: first.entered_at,
        ended_at,
        repeats: visits.iter().filter(|visit| again.contains(&visit.outcome)).count(),
        is_lost,
        is_begin_known: first.adopted_at.is_none_or(is_said),
        is_end_known: is_lost || adopted_at.is_none_or(|at| at < ended_at),
    })
}

/// What is known of one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub template_id: JourneyTemplateId,
    pub version_id: JourneyTemplateVersionId,
    /// Whether the customer left before the onboarding had ended.
    pub is_lost: bool,
    /// How long the onboarding took, where it is known when it began.
    pub days: Option<i64>,
    /// The local date on which it ended.
    pub ended_on: NaiveDate,
    /// How many of its required tasks had a due date and were done.
    pub dated_tasks: usize,
    /// How many of them were done by the day on which they were first due.
    pub tasks_on_time: usize,
    /// The last answer to an NPS question in the phase, 0 to 10.
    pub nps: Option<i32>,
    /// How often a stage was repeated or returned from, where it was seen from the beginning.
    pub repeats: Option<usize>,
    /// Since when the account is lost; one that was won back is not.
    pub churned_on: Option<NaiveDate>,
    /// What became of the first renewal that was decided after the onboarding.
    pub is_renewed: Option<bool>,
}

impl Facts {
    /// The share of the tasks that were finished in time, 0 to 1; `None` where none had a date.
    pub fn on_time(&self) -> Option<f64> {
        rate(self.tasks_on_time, self.dated_tasks)
    }
}

/// What the accounts of a cohort have in common; the order is that of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A number from `min` on, below `below` where there is an end: days, percent or repeats.
    Range {
        /// The least.
        min: i64,
        /// The first number that is too much.
        below: Option<i64>,
    },
    /// A class of answers.
    Nps(NpsClass),
    /// A version of a template.
    Version(JourneyTemplateId, JourneyTemplateVersionId),
    /// A month, by its first day.
    Month(NaiveDate),
    /// Nothing is known by which they could be told apart.
    Unknown,
}

const DAYS: [i64; 4] = [0, 31, 61, 91];
const PERCENT: [i64; 4] = [0, 50, 80, 100];
const REPEATS: [i64; 3] = [0, 1, 2];

/// The range of a number among those that begin so.
fn range(begins: &[i64], number: i64) -> Key {
    let place = begins.iter().rposition(|min| *min <= number).unwrap_or_default();
    Key::Range { min: begins[place], below: begins.get(place + 1).copied() }
}

/// The cohort of an account.
pub fn key(facts: &Facts, by: By) -> Key {
    match by {
        // It would have taken longer, and would flatter the quick ones or burden them.
        By::Duration if facts.is_lost => Key::Unknown,
        By::Duration => facts.days.map_or(Key::Unknown, |days| range(&DAYS, days)),
        By::OnTime if facts.dated_tasks == 0 => Key::Unknown,
        // Whole percents, rounded down: only all of them are 100.
        By::OnTime => range(&PERCENT, (100 * facts.tasks_on_time / facts.dated_tasks) as i64),
        By::Nps => facts.nps.map_or(Key::Unknown, |score| Key::Nps(NpsClass::of(score))),
        By::Repeats => {
            facts.repeats.map_or(Key::Unknown, |repeats| range(&REPEATS, repeats as i64))
        }
        By::TemplateVersion => Key::Version(facts.template_id, facts.version_id),
        By::Month => Key::Month(facts.ended_on.with_day(1).unwrap_or(facts.ended_on)),
    }
}

/// After how many days it is asked who is lost; the last asks about all the time until today.
pub const HORIZONS: [Option<u64>; 4] = [Some(90), Some(180), Some(365), None];

/// Who was lost within some days after the onboarding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Churn {
    /// The days; `None` for all the time until today.
    pub within_days: Option<u64>,
    /// How many accounts have been seen for so long, lost or not.
    pub observed: usize,
    /// How many of those were lost by then.
    pub churned: usize,
}

impl Churn {
    /// The part that was lost, 0 to 1; `None` where nobody has been seen for so long.
    pub fn rate(&self) -> Option<f64> {
        rate(self.churned, self.observed)
    }

    fn of(accounts: &[&Facts], within_days: Option<u64>, today: NaiveDate) -> Self {
        let until = |facts: &Facts| within_days.map_or(today, |days| plus(facts.ended_on, days));
        let seen = accounts.iter().filter(|facts| until(facts) <= today);
        let is_lost = |facts: &Facts| facts.churned_on.is_some_and(|date| date <= until(facts));
        let (mut observed, mut churned) = (0, 0);
        for facts in seen {
            observed += 1;
            churned += usize::from(is_lost(facts));
        }
        Self { within_days, observed, churned }
    }
}

/// Accounts that have something in common, and what became of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    pub key: Key,
    /// How many came through their onboarding; all that follows is said of them.
    pub accounts: usize,
    /// How many were lost before it had ended.
    pub lost_in_onboarding: usize,
    /// The median of the days that their onboardings took; `None` where nobody came through of whom
    /// that is known.
    pub median_days: Option<f64>,
    /// The median of the shares of tasks that were done in time; `None` where none had a date.
    pub median_on_time: Option<f64>,
    /// One for each of [`HORIZONS`].
    pub churn: Vec<Churn>,
    /// How many had a renewal decided after the onboarding.
    pub decided: usize,
    /// How many of them renewed, the first time.
    pub renewed: usize,
}

impl Cohort {
    /// The part that renewed of those who decided, 0 to 1; `None` where nobody did.
    pub fn renewal_rate(&self) -> Option<f64> {
        rate(self.renewed, self.decided)
    }

    fn of(key: Key, all: Vec<&Facts>, today: NaiveDate) -> Self {
        let (lost, accounts): (Vec<_>, Vec<_>) = all.into_iter().partition(|facts| facts.is_lost);
        let renewals: Vec<_> = accounts.iter().filter_map(|facts| facts.is_renewed).collect();
        let days = accounts.iter().filter_map(|facts| facts.days).map(|days| days as f64);
        Self {
            key,
            accounts: accounts.len(),
            lost_in_onboarding: lost.len(),
            median_days: median(days.collect()),
            median_on_time: median(accounts.iter().filter_map(|facts| facts.on_time()).collect()),
            churn: HORIZONS.map(|within| Churn::of(&accounts, within, today)).to_vec(),
            decided: renewals.len(),
            renewed: renewals.into_iter().filter(|is_renewed| *is_renewed).count(),
        }
    }
}

/// The cohorts of accounts, in their order; one without accounts is left out.
pub fn cohorts(all: &[Facts], by: By, today: NaiveDate) -> Vec<Cohort> {
    let mut found: BTreeMap<Key, Vec<&Facts>> = BTreeMap::new();
    for facts in all {
        found.entry(key(facts, by)).or_default().push(facts);
    }
    found.into_iter().map(|(key, accounts)| Cohort::of(key, accounts, today)).collect()
}

/// A part of a whole; nothing where there is no whole.
fn rate(part: usize, whole: usize) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// The middle, or the mean of the two in the middle; nothing of nothing.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests;
