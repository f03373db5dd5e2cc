//! What the steps of an account's subscriptions mean together. The same step is a loss where it
//! stands alone and none where another contract takes over on the same day, and an account is new
//! only on the first day on which it pays: so the kinds of all movements of an account follow from
//! all of them, in whatever order they became known.

use std::collections::{HashMap, HashSet};

use super::movement::MovementKind;
use crate::prelude::*;

/// A change of what a subscription brings, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change<'c> {
    pub(super) subscription_id: SubscriptionId,
    pub(super) happened_on: NaiveDate,
    pub(super) currency: &'c str,
    pub(super) delta_minor: i64,
    /// What it was taken for.
    pub(super) kind: MovementKind,
    /// Whether it is of one product alone.
    pub(super) is_of_product: bool,
}

/// A part of a change, in minor units without a sign.
pub(super) type Part = (MovementKind, i64);

/// The parts of each change: one, or two where another contract takes over a part of it. The
/// changes stand in the order of their days, and those of a day as they were recorded. Pure.
///
/// On each day, what ends and what begins in the same currency is carried over as far as both
/// reach: a renewal. So is what ends and begins again in one contract, which was prolonged late.
/// What begins beyond that is more than before, an upgrade; and what ends, less.
/// What begins alone is new for an account that paid nothing the day before, and otherwise a
/// cross-sell; what ends alone is churn if the account pays nothing at the end of the day, and
/// otherwise a downgrade.
pub(super) fn meanings(changes: &[Change<'_>]) -> Vec<Vec<Part>> {
    let mut found = Vec::with_capacity(changes.len());
    let mut paid = Paid::default();
    for day in changes.chunk_by(|a, b| a.happened_on == b.happened_on) {
        let mut after = paid.clone();
        day.iter().for_each(|change| after.add(change));
        let edges = Edges { resumed: resumed(day, &paid), before: &paid, after: &after };
        let mut carried = carried(day, &edges);
        let mut now = paid.clone();
        for change in day {
            let before = now.of(change);
            now.add(change);
            let is_edge = before == 0 || now.of(change) == 0;
            found.push(parts(change, is_edge, &mut carried, &edges));
        }
        paid = after;
    }
    found
}

/// What each subscription brings in each currency.
#[derive(Clone, Debug, Default)]
struct Paid<'c>(HashMap<(SubscriptionId, &'c str), i64>);

impl<'c> Paid<'c> {
    fn add(&mut self, change: &Change<'c>) {
        let key = (change.subscription_id, change.currency);
        *self.0.entry(key).or_default() += change.delta_minor;
    }

    fn of(&self, change: &Change<'c>) -> i64 {
        self.0.get(&(change.subscription_id, change.currency)).copied().unwrap_or_default()
    }

    fn is_any(&self) -> bool {
        self.0.values().any(|amount| *amount != 0)
    }
}

/// What is carried over on a day, in one currency.
#[derive(Clone, Copy, Debug, Default)]
struct Carried {
    /// What is still to be taken from contracts that end.
    ending: i64,
    /// What is still to be given to contracts that begin.
    beginning: i64,
    /// Whether anything is carried over.
    is_any: bool,
}

/// What begins and ends on a day.
struct Edges<'e, 'c> {
    /// Subscriptions that end and begin again.
    resumed: HashSet<(SubscriptionId, &'c str)>,
    before: &'e Paid<'c>,
    after: &'e Paid<'c>,
}

impl Edges<'_, '_> {
    /// Whether a subscription begins by a change, or ends.
    fn of(&self, change: &Change<'_>) -> (bool, bool) {
        if self.resumed.contains(&(change.subscription_id, change.currency)) {
            return (change.delta_minor > 0, change.delta_minor < 0);
        }
        let (before, after) = (self.before.of(change), self.after.of(change));
        (before == 0 && after != 0, before != 0 && after == 0)
    }
}

/// The subscriptions that bring something before and after a day, and nothing in between. One that
/// has other products since has never stopped.
fn resumed<'c>(day: &[Change<'c>], before: &Paid<'c>) -> HashSet<(SubscriptionId, &'c str)> {
    let mut now = before.clone();
    let mut found = HashSet::new();
    for change in day.iter().filter(|change| !change.is_of_product) {
        now.add(change);
        if before.of(change) != 0 && now.of(change) == 0 {
            found.insert((change.subscription_id, change.currency));
        }
    }
    let mut after = before.clone();
    day.iter().for_each(|change| after.add(change));
    found.retain(|key| after.0.get(key).is_some_and(|amount| *amount != 0));
    found
}

fn carried<'c>(day: &[Change<'c>], edges: &Edges<'_, 'c>) -> HashMap<&'c str, Carried> {
    let mut sums: HashMap<&str, (i64, i64)> = HashMap::new();
    for change in day {
        let (begins, ends) = edges.of(change);
        let (begun, ended) = sums.entry(change.currency).or_default();
        if begins {
            *begun += change.delta_minor;
        } else if ends {
            *ended -= change.delta_minor;
        }
    }
    let each = sums.into_iter().map(|(currency, (begun, ended))| {
        let both = begun.min(ended);
        (currency, Carried { ending: both, beginning: both, is_any: both > 0 })
    });
    each.collect()
}

fn parts<'c>(
    change: &Change<'c>,
    is_edge: bool,
    carried: &mut HashMap<&'c str, Carried>,
    edges: &Edges<'_, 'c>,
) -> Vec<Part> {
    use MovementKind::{Churn, CrossSell, Downgrade, New, Renewal, Upgrade};
    let amount = change.delta_minor.abs();
    let is_more = change.delta_minor > 0;
    let Edges { before, after, .. } = edges;
    let (begins, ends) = edges.of(change);
    let carried = carried.entry(change.currency).or_default();
    let left = match is_more {
        true if begins => &mut carried.beginning,
        false if ends => &mut carried.ending,
        _ => &mut 0,
    };
    let goes_on = amount.min(*left);
    *left -= goes_on;
    let is_taken_over = carried.is_any && (begins || ends);
    let kind = match (is_more, is_edge && !is_taken_over) {
        (true, true) if before.is_any() => CrossSell,
        (true, true) => New,
        // Lines tell what is sold in addition from what there is more of.
        (true, false) if change.kind == CrossSell && !begins => CrossSell,
        (true, false) => Upgrade,
        (false, true) if !after.is_any() => Churn,
        (false, _) => Downgrade,
    };
    let parts = [(Renewal, goes_on), (kind, amount - goes_on)];
    parts.into_iter().filter(|(_, amount)| *amount > 0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(subscription: u128, day: u32, delta_minor: i64) -> Change<'static> {
        Change {
            subscription_id: SubscriptionId(Uuid::from_u128(subscription)),
            happened_on: NaiveDate::from_ymd_opt(2026, 1, day).unwrap(),
            currency: "BRL",
            delta_minor,
            kind: MovementKind::Upgrade,
            is_of_product: false,
        }
    }

    fn told(changes: &[Change<'_>]) -> String {
        let each = meanings(changes).into_iter().map(|parts| {
            let parts = parts.into_iter().map(|(kind, amount)| format!("{kind:?} {amount}"));
            parts.collect::<Vec<_>>().join(" + ")
        });
        each.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_contract_that_follows_another_renews_it() {
        for (next, expected) in [
            (100, "New 100, Renewal 100, Renewal 100"),
            (130, "New 100, Renewal 100, Renewal 100 + Upgrade 30"),
            (70, "New 100, Renewal 70 + Downgrade 30, Renewal 70"),
        ] {
            let changes = [change(1, 1, 100), change(1, 9, -100), change(2, 9, next)];
            assert_eq!(told(&changes), expected);
        }
        let gap = [change(1, 1, 100), change(1, 8, -100), change(2, 9, 100)];
        assert_eq!(told(&gap), "New 100, Churn 100, New 100");
        let two = [change(1, 1, 100), change(2, 1, 50), change(1, 9, -100), change(3, 9, 60)];
        assert_eq!(told(&two), "New 100, New 50, Renewal 60 + Downgrade 40, Renewal 60");
    }

    #[test]
    fn who_pays_for_something_else_is_neither_new_nor_lost() {
        let changes = [
            change(1, 1, 100),
            change(2, 2, 30),
            change(2, 3, 20),
            change(2, 4, -10),
            change(2, 5, -40),
            change(1, 6, -100),
        ];
        let expected = "New 100, CrossSell 30, Upgrade 20, Downgrade 10, Downgrade 40, Churn 100";
        assert_eq!(told(&changes), expected);
        let mut other = change(2, 1, 100);
        other.currency = "USD";
        let changes = [change(1, 1, 100), other.clone(), change(1, 2, -100)];
        assert_eq!(told(&changes), "New 100, New 100, Downgrade 100");
    }

    #[test]
    fn a_contract_that_was_prolonged_late_renews_itself() {
        for (again, expected) in [
            (100, "New 100, Renewal 100, Renewal 100"),
            (130, "New 100, Renewal 100, Renewal 100 + Upgrade 30"),
            (70, "New 100, Renewal 70 + Downgrade 30, Renewal 70"),
        ] {
            assert_eq!(
                told(&[change(1, 1, 100), change(1, 9, -100), change(1, 9, again)]),
                expected
            );
        }
        let of_product = |delta, kind| Change { is_of_product: true, kind, ..change(1, 9, delta) };
        let swapped = [
            change(1, 1, 100),
            of_product(-100, MovementKind::Downgrade),
            of_product(100, MovementKind::CrossSell),
        ];
        assert_eq!(told(&swapped), "New 100, Downgrade 100, CrossSell 100");
    }

    proptest! {
        /// Parts are what changes are made of, what is carried over cancels out within a day, and
        /// an account has no churn on a day after which it pays, nor is it new where it paid.
        #[test]
        fn parts_add_up_and_what_goes_on_cancels_out(
            steps in prop::collection::vec((1u128..4, 1u32..9, 0i64..4), 1..20),
        ) {
            let mut steps = steps;
            steps.sort_by_key(|(_, day, _)| *day);
            let mut paid: HashMap<u128, i64> = HashMap::new();
            let mut changes = Vec::new();
            for (who, day, wanted) in steps {
                let had = paid.insert(who, wanted).unwrap_or_default();
                if wanted != had {
                    changes.push(change(who, day, wanted - had));
                }
            }
            let meanings = meanings(&changes);
            let mut carried: HashMap<NaiveDate, i64> = HashMap::new();
            let mut total = 0;
            for (parts, change) in meanings.iter().zip(&changes) {
                let sum: i64 = parts.iter().map(|(_, amount)| amount).sum();
                prop_assert_eq!(sum, change.delta_minor.abs());
                for (kind, amount) in parts {
                    let signed = amount * change.delta_minor.signum();
                    match kind {
                        MovementKind::Renewal => {
                            *carried.entry(change.happened_on).or_default() += signed;
                        }
                        other => prop_assert_eq!(other.signed(*amount), signed),
                    }
                }
            }
            prop_assert!(carried.values().all(|sum| *sum == 0), "{:?}", meanings);
            let days = changes.chunk_by(|a, b| a.happened_on == b.happened_on);
            let mut place = 0;
            for day in days {
                let before = total;
                total += day.iter().map(|change| change.delta_minor).sum::<i64>();
                for parts in &meanings[place..place + day.len()] {
                    let is = |wanted| parts.iter().any(|(kind, _)| *kind == wanted);
                    prop_assert!(!is(MovementKind::New) || before == 0);
                    prop_assert!(!is(MovementKind::Churn) || total == 0);
                }
                place += day.len();
            }
        }
    }
}
