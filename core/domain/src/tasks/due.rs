//! When a task is due (rule 1). Pure.

use chrono::NaiveDate;
use sea_orm::{DeriveActiveEnum, EnumIter};

use crate::calendar::{Calendar, DayKind};

/// From where the duration of a task counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Anchor {
    /// The local date on which the previous position finished; for the first position, the day
    /// the stage was entered.
    Previous,
    /// The day the stage was entered.
    StageEntry,
    /// The end of the subscription, backwards.
    SubscriptionEnd,
}

/// What a due date is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Anchors {
    /// See [`Anchor::Previous`].
    pub previous: NaiveDate,
    /// See [`Anchor::StageEntry`].
    pub stage_entry: NaiveDate,
    /// See [`Anchor::SubscriptionEnd`]; `None` where nothing ends.
    pub subscription_end: Option<NaiveDate>,
}

/// The due date: none without a duration, and none before the end of a subscription that there
/// is not.
pub fn due_on(
    calendar: &Calendar,
    anchor: Anchor,
    duration_days: Option<u32>,
    kind: DayKind,
    anchors: Anchors,
) -> Option<NaiveDate> {
    let days = duration_days?;
    match anchor {
        Anchor::Previous => Some(calendar.add(anchors.previous, days, kind)),
        Anchor::StageEntry => Some(calendar.add(anchors.stage_entry, days, kind)),
        Anchor::SubscriptionEnd => Some(calendar.subtract(anchors.subscription_end?, days, kind)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{WorkingWeek, plus};

    proptest! {
        #[test]
        fn no_due_date_comes_before_its_anchor(
            previous in 0u64..9000, entry in 0u64..9000, days in 0u32..400,
            bits in 1i32..=127, business: bool, from_entry: bool,
        ) {
            let week = WorkingWeek::from_bits(bits).unwrap();
            let calendar = Calendar::new(chrono_tz::UTC, week, BTreeSet::new());
            let start: NaiveDate = "2000-01-01".parse().unwrap();
            let anchors = Anchors {
                previous: plus(start, previous),
                stage_entry: plus(start, entry),
                subscription_end: None,
            };
            let kind = if business { DayKind::Business } else { DayKind::Calendar };
            let (anchor, from) = if from_entry {
                (Anchor::StageEntry, anchors.stage_entry)
            } else {
                (Anchor::Previous, anchors.previous)
            };
            prop_assert!(due_on(&calendar, anchor, Some(days), kind, anchors) >= Some(from));
            prop_assert_eq!(due_on(&calendar, anchor, None, kind, anchors), None);
            let end = due_on(&calendar, Anchor::SubscriptionEnd, Some(days), kind, anchors);
            prop_assert_eq!(end, None);
        }
    }
}
