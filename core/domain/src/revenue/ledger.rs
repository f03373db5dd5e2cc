//! How subscriptions become movements: what is recorded is brought to what a subscription brings
//! today, and asked again on the day on which that changes.

use serde::{Deserialize, Serialize};

use super::line::{self, Line};
use super::meaning::meanings;
use super::movement::{self, MovementKind, NewMovement};
use super::renewal;
use super::subscription::{self, BillingInterval};
use crate::calendar::plus;
use crate::job::{self, Work};
use crate::money::Money;
use crate::prelude::*;

/// When a subscription brings what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// The first day on which it counts.
    pub starts_on: NaiveDate,
    /// The first day on which it no longer does.
    pub stops_on: Option<NaiveDate>,
    /// What it brings a year, in minor units.
    pub annual_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
}

impl Terms {
    /// The terms of a subscription.
    pub(super) fn of(row: &subscription::Model) -> Self {
        let past_end = row.ends_on.map(|last| plus(last, 1));
        Self {
            starts_on: row.starts_on,
            stops_on: [past_end, row.cancelled_on].into_iter().flatten().min(),
            annual_minor: annual(row.amount_minor, row.interval),
            currency: row.currency.clone(),
        }
    }

    fn has_stopped_by(&self, day: NaiveDate) -> bool {
        self.stops_on.is_some_and(|stops_on| stops_on <= day)
    }

    /// What it brings a year on a day.
    pub(super) fn on(&self, day: NaiveDate) -> i64 {
        let counts = self.starts_on <= day && !self.has_stopped_by(day);
        if counts { self.annual_minor } else { 0 }
    }

    /// The next day after which it brings something else.
    fn next_change(&self, today: NaiveDate) -> Option<NaiveDate> {
        let days = [Some(self.starts_on), self.stops_on];
        days.into_iter().flatten().filter(|day| *day > today).min()
    }
}

/// What an amount per interval comes to in a year; what is paid once does not recur.
pub(super) fn annual(amount_minor: i64, interval: BillingInterval) -> i64 {
    let times = match interval {
        BillingInterval::Month => 12,
        BillingInterval::Quarter => 4,
        BillingInterval::Year => 1,
        BillingInterval::OneOff => 0,
    };
    amount_minor.saturating_mul(times)
}

/// A step of what is recorded towards what is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    happened_on: NaiveDate,
    currency: String,
    before: i64,
    after: i64,
    /// Whether the subscription begins or ends here, rather than changes.
    is_edge: bool,
}

/// The steps that are missing: together they lead from what is recorded to what the terms bring
/// today. A subscription that was never recorded and is over already began and ended. Nothing
/// happens before the last movement: recurring revenue was never negative. Pure.
fn missing(
    terms: &Terms,
    recorded: &[Money],
    last: Option<NaiveDate>,
    (today, changed_on): (NaiveDate, NaiveDate),
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |day: NaiveDate, currency: &str, before, after, is_edge| {
        if before != after {
            let currency = currency.to_owned();
            let happened_on = last.map_or(day, |last| last.max(day));
            steps.push(Step { happened_on, currency, before, after, is_edge });
        }
    };
    for other in recorded.iter().filter(|other| other.currency != terms.currency) {
        step(changed_on, &other.currency, other.amount_minor, 0, false);
    }
    let known = recorded.iter().find(|known| known.currency == terms.currency);
    let before = known.map_or(0, |known| known.amount_minor);
    let stopped = terms.stops_on.filter(|day| *day <= today);
    match (last.is_none(), stopped) {
        (true, _) if terms.starts_on > today => {}
        (true, Some(stops_on)) if stops_on <= terms.starts_on => {}
        (true, None) => step(terms.starts_on, &terms.currency, 0, terms.annual_minor, true),
        (true, Some(stops_on)) => {
            step(terms.starts_on, &terms.currency, 0, terms.annual_minor, true);
            step(stops_on, &terms.currency, terms.annual_minor, 0, true);
        }
        (false, Some(stops_on)) => step(stops_on, &terms.currency, before, 0, true),
        (false, None) => step(changed_on, &terms.currency, before, terms.on(today), before == 0),
    }
    steps
}

/// The movements of a subscription that were dated by its begin or its end, which are other days
/// now: their places, with the new day. The begin stands before all that followed it, and the end
/// behind. Pure.
fn redated(
    mine: &[(NaiveDate, i64)],
    (was, is): (&Terms, &Terms),
    today: NaiveDate,
) -> Result<Vec<(usize, NaiveDate)>> {
    let mut found = Vec::new();
    let (Some((first, _)), Some((last, _))) = (mine.first(), mine.last()) else {
        return Ok(found);
    };
    let places = |day: NaiveDate| {
        let of_day = mine.iter().enumerate().filter(move |(_, (at, _))| *at == day);
        of_day.map(|(place, _)| place)
    };
    let begun = was.starts_on != is.starts_on && *first == was.starts_on && is.starts_on <= today;
    if begun {
        let next = mine.iter().map(|(day, _)| *day).find(|day| day > first);
        if let Some(next) = next.filter(|next| is.starts_on > *next) {
            return Err(Problem::new("startsOn", Code::TooLate).with("max", next).into());
        }
        found.extend(places(*first).map(|place| (place, is.starts_on)));
    }
    let has_ended = mine.iter().map(|(_, delta)| delta).sum::<i64>() == 0;
    let ended = was.stops_on.filter(|day| day == last && has_ended && last > first);
    if let (Some(_), Some(day)) = (ended, is.stops_on.filter(|day| *day <= today))
        && day != *last
    {
        let before = mine.iter().rev().map(|(day, _)| *day).find(|day| day < last);
        let before = if before == Some(*first) && begun { Some(is.starts_on) } else { before };
        if let Some(min) = before.filter(|before| day < *before) {
            return Err(Problem::new("endsOn", Code::TooEarly).with("min", min).into());
        }
        found.extend(places(*last).map(|place| (place, day)));
    }
    Ok(found)
}

/// Why a subscription was written, for its movements.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause<'c> {
    /// Whether customer success had a part in it.
    pub cs_sourced: bool,
    pub reason: Option<String>,
    /// From when on it holds; today unless said.
    pub changed_on: Option<NaiveDate>,
    /// The lines before and after, with what the interval makes of their amounts.
    pub lines: Option<(&'c [Line], &'c [Line])>,
    /// When it brought what before.
    pub was: Option<Terms>,
}

/// Refuses a day of the future, and one of the past of whom may not look back.
pub(super) async fn check_day(
    tx: &Tx<'_>,
    checks: &mut Checks,
    field: &str,
    day: NaiveDate,
) -> Result<()> {
    let today = tx.today().await?;
    checks.ensure(day <= today, || Problem::new(field, Code::TooLate).with("max", today));
    checks.ensure(day >= today || tx.actor.origin.may_look_back(), || {
        Problem::new(field, Code::BackfillNeeded)
    });
    Ok(())
}

/// Records what is missing by today, says anew what all movements of the account mean together,
/// and asks to look again when the subscription brings something else.
pub(super) async fn settle(tx: &Tx<'_>, row: &subscription::Model, cause: Cause<'_>) -> Result<()> {
    let (terms, today) = (Terms::of(row), tx.today().await?);
    let mut known = movement::changes_of(tx, row.account_id).await?;
    let is_redated = match &cause.was {
        Some(was) => redate(tx, &mut known, row.id, (was, &terms)).await?,
        None => false,
    };
    let (recorded, last) = recorded(&known, row.id);
    // A contract of the past that was prolonged went on from the day on which it would have ended.
    let has_ended = recorded.iter().all(|sum| sum.amount_minor == 0);
    let went_on =
        last.filter(|day| has_ended && tx.actor.origin.may_look_back() && terms.on(*day) > 0);
    let changed_on = cause.changed_on.or(went_on).unwrap_or(today);
    let mut steps = missing(&terms, &recorded, last, (today, changed_on));
    if steps.is_empty() && terms.on(today) > 0 && is_exchanged(row, &cause) {
        let happened_on = last.map_or(changed_on, |last| last.max(changed_on));
        let (before, after) = (terms.annual_minor, terms.annual_minor);
        let currency = terms.currency.clone();
        steps.push(Step { happened_on, currency, before, after, is_edge: false });
    }
    let is_behind = |last: &NaiveDate| cause.changed_on.is_some_and(|day| day < *last);
    if let Some(last) = last.filter(|last| !steps.is_empty() && is_behind(last)) {
        return Err(Problem::new("effectiveOn", Code::TooEarly).with("min", last).into());
    }
    if !steps.is_empty() || is_redated {
        let new: Vec<_> = steps.iter().flat_map(|step| moved(row, step, &cause)).collect();
        record(tx, &known, new).await?;
    }
    match terms.next_change(today) {
        Some(day) => {
            let at = tx.calendar().await?.start_of(day);
            job::enqueue(tx, &SettleRevenue { subscription_id: row.id, on: day }, at)
        }
        None => Ok(()),
    }
}

/// Dates what was recorded of a subscription by what its begin and its end are now; says whether
/// anything was.
async fn redate(
    tx: &Tx<'_>,
    known: &mut [movement::Model],
    id: SubscriptionId,
    terms: (&Terms, &Terms),
) -> Result<bool> {
    let places: Vec<_> =
        (0..known.len()).filter(|place| known[*place].subscription_id == id).collect();
    let mine: Vec<_> =
        places.iter().map(|place| (known[*place].happened_on, known[*place].delta_minor)).collect();
    let moves = redated(&mine, terms, tx.today().await?)?;
    for (place, day) in &moves {
        let row = &mut known[places[*place]];
        *row = movement::redate(tx, row, *day).await?;
    }
    known.sort_by_key(|row| row.happened_on);
    Ok(!moves.is_empty())
}

/// Whether lines are of other products, or are worth something else, though all of them come to the
/// same.
fn is_exchanged(row: &subscription::Model, cause: &Cause<'_>) -> bool {
    let changes = cause.lines.map(|(before, after)| changes_of_lines(row, before, after));
    let changes = changes.unwrap_or_default();
    !changes.is_empty() && changes.iter().map(|(_, old, new)| new - old).sum::<i64>() == 0
}

/// What each product came to in a year and comes to now, where that is something else.
fn changes_of_lines(
    row: &subscription::Model,
    before: &[Line],
    after: &[Line],
) -> Vec<(ProductId, i64, i64)> {
    let changes = line::differences(before, after).into_iter();
    let changes =
        changes.map(|(id, (old, new))| (id, annual(old, row.interval), annual(new, row.interval)));
    changes.filter(|(_, old, new)| old != new).collect()
}

/// What a subscription was recorded to bring a year, per currency, and the day of the last
/// movement. Pure.
fn recorded(known: &[movement::Model], id: SubscriptionId) -> (Vec<Money>, Option<NaiveDate>) {
    let mut sums: Vec<Money> = Vec::new();
    let mut last = None;
    for row in known.iter().filter(|row| row.subscription_id == id) {
        last = Some(row.happened_on);
        match sums.iter_mut().find(|sum| sum.currency == row.currency) {
            Some(sum) => sum.amount_minor += row.delta_minor,
            None => {
                sums.push(Money { amount_minor: row.delta_minor, currency: row.currency.clone() })
            }
        }
    }
    (sums, last)
}

/// Writes new movements of an account with what they mean beside those that are known, some of
/// which may mean something else now.
async fn record(tx: &Tx<'_>, known: &[movement::Model], new: Vec<NewMovement>) -> Result<()> {
    let known = known.iter().map(|row| (Some(row), NewMovement::of(row)));
    let mut entries: Vec<_> = known.chain(new.into_iter().map(|new| (None, new))).collect();
    entries.sort_by_key(|(_, movement)| movement.happened_on);
    let changes: Vec<_> = entries.iter().map(|(_, movement)| movement.change()).collect();
    let mut told = Vec::new();
    for ((row, movement), parts) in entries.iter().zip(meanings(&changes)) {
        let mut parts = parts.into_iter();
        if let Some(row) = row
            && let Some(part) = parts.next()
            && part != (row.kind, row.amount_minor)
        {
            movement::restate(tx, row, part).await?;
        }
        told.extend(parts.map(|part| movement.part(part)));
    }
    movement::record(tx, told).await
}

/// The movements of a step: one for each product where lines tell them apart.
fn moved(row: &subscription::Model, step: &Step, cause: &Cause<'_>) -> Vec<NewMovement> {
    let movement = |product_id, kind, delta_minor: i64| NewMovement {
        account_id: row.account_id,
        subscription_id: row.id,
        product_id,
        kind,
        happened_on: step.happened_on,
        amount_minor: delta_minor.abs(),
        delta_minor,
        currency: step.currency.clone(),
        cs_sourced: cause.cs_sourced,
        reason: cause.reason.clone(),
    };
    let kind = |old: i64, new: i64| match (old, new > old) {
        (0, _) => MovementKind::CrossSell,
        (_, true) => MovementKind::Upgrade,
        (_, false) => MovementKind::Downgrade,
    };
    let total = step.after - step.before;
    if let Some((before, after)) = cause.lines.filter(|_| !step.is_edge) {
        let changes = changes_of_lines(row, before, after);
        if changes.iter().map(|(_, old, new)| new - old).sum::<i64>() == total {
            let each = changes.into_iter();
            return each
                .map(|(id, old, new)| movement(Some(id), kind(old, new), new - old))
                .collect();
        }
    }
    // The lines tell nothing of this step: it is more or less of what there was.
    vec![movement(None, kind(1, 1 + total), total)]
}

/// Records what a subscription brings from a day on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleRevenue {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The day.
    pub on: NaiveDate,
}

impl Work for SettleRevenue {
    const KIND: &'static str = "revenue.settle";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.subscription_id, self.on))
    }
}

/// Runs [`SettleRevenue`]. What ended and was not renewed is lost, for the reason that its renewal
/// knows.
pub async fn settle_due(tx: &Tx<'_>, work: SettleRevenue) -> Result<()> {
    tx.require(Area::Revenue, Access::Write)?;
    let row = subscription::lock(tx, work.subscription_id, "subscriptionId").await?;
    let today = tx.today().await?;
    let has_stopped = Terms::of(&row).has_stopped_by(today);
    let reason = if has_stopped { renewal::let_go(tx, &row).await? } else { None };
    settle(tx, &row, Cause { reason, ..Default::default() }).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: i64) -> NaiveDate {
        plus("2026-01-01".parse().unwrap(), n.unsigned_abs())
    }

    fn terms(starts: i64, stops: Option<i64>, annual_minor: i64) -> Terms {
        let currency = "BRL".to_owned();
        Terms { starts_on: day(starts), stops_on: stops.map(day), annual_minor, currency }
    }

    /// What is recorded after the steps.
    fn after(recorded: &[Money], steps: &[Step]) -> Vec<Money> {
        let mut sums = recorded.to_vec();
        for step in steps {
            if !sums.iter().any(|sum| sum.currency == step.currency) {
                sums.push(Money { amount_minor: 0, currency: step.currency.clone() });
            }
            let sum = sums.iter_mut().find(|sum| sum.currency == step.currency).unwrap();
            assert_eq!(sum.amount_minor, step.before);
            sum.amount_minor = step.after;
        }
        sums
    }

    #[test]
    fn a_subscription_of_the_past_began_and_ended() {
        let missing = |terms: &Terms| missing(terms, &[], None, (day(20), day(20)));
        let steps = missing(&terms(0, Some(10), 1200));
        let told: Vec<_> =
            steps.iter().map(|step| (step.happened_on, step.before, step.after)).collect();
        assert_eq!(told, [(day(0), 0, 1200), (day(10), 1200, 0)]);
        assert_eq!(missing(&terms(0, Some(0), 1200)), []);
        assert_eq!(missing(&terms(30, None, 1200)), []);
    }

    proptest! {
        #[test]
        fn what_is_recorded_becomes_what_is(
            changes in prop::collection::vec(
                (0i64..60, prop::option::of(0i64..90), 0i64..4, any::<bool>()), 1..12,
            ),
        ) {
            let (mut recorded, mut last, mut today) = (Vec::new(), None, 0);
            for (starts, stops, amount, is_brl) in changes {
                today += 7;
                let mut terms = terms(starts, stops.map(|stops| starts + stops), amount * 100);
                if !is_brl {
                    terms.currency = "USD".to_owned();
                }
                let now = (day(today), day(today));
                let steps = missing(&terms, &recorded, last, now);
                for step in &steps {
                    prop_assert!(last.is_none_or(|last| last <= step.happened_on));
                    prop_assert!(step.happened_on <= day(today) && step.after >= 0);
                    last = Some(step.happened_on);
                }
                recorded = after(&recorded, &steps);
                let is = |currency: &str| {
                    let found = recorded.iter().find(|sum| sum.currency == currency);
                    found.map_or(0, |sum| sum.amount_minor)
                };
                for currency in ["BRL", "USD"] {
                    let brings = if terms.currency == currency { terms.on(day(today)) } else { 0 };
                    prop_assert_eq!(is(currency), brings);
                }
                prop_assert_eq!(missing(&terms, &recorded, last, now), vec![]);
            }
        }
    }
}
