//! Pace: whether a journey moves as its plan expects. Derived, pure.

use chrono::NaiveDate;

use super::journey::JourneyStatus;

/// How a journey moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pace {
    /// Within the expected duration of its visit.
    OnTrack,
    /// The visit is older than expected.
    Behind,
    /// Behind by as much again, or held.
    Stuck,
}

/// The pace of a visit that began on `entered_on` and was expected to last until
/// `expected_until`, on the day `today`.
pub fn pace(
    status: JourneyStatus,
    entered_on: NaiveDate,
    expected_until: Option<NaiveDate>,
    today: NaiveDate,
) -> Pace {
    if status == JourneyStatus::Held {
        return Pace::Stuck;
    }
    let Some(until) = expected_until.filter(|_| !status.is_ended()) else {
        return Pace::OnTrack;
    };
    let late = today - until;
    if late <= chrono::TimeDelta::zero() {
        Pace::OnTrack
    } else if late > until - entered_on {
        Pace::Stuck
    } else {
        Pace::Behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(today: &str) -> Pace {
        let entered_on = "2026-01-01".parse().unwrap();
        let until = Some("2026-01-11".parse().unwrap());
        pace(JourneyStatus::Active, entered_on, until, today.parse().unwrap())
    }

    #[test]
    fn a_visit_is_behind_after_its_time_and_stuck_after_twice_its_time() {
        assert_eq!(at("2026-01-11"), Pace::OnTrack);
        assert_eq!(at("2026-01-12"), Pace::Behind);
        assert_eq!(at("2026-01-21"), Pace::Behind);
        assert_eq!(at("2026-01-22"), Pace::Stuck);
    }

    #[test]
    fn a_held_journey_is_stuck_and_one_without_expectation_is_on_track() {
        let day = "2026-01-01".parse().unwrap();
        assert_eq!(pace(JourneyStatus::Held, day, None, day), Pace::Stuck);
        assert_eq!(pace(JourneyStatus::Active, day, None, day), Pace::OnTrack);
    }
}
