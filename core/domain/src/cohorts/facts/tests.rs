//! Cohorts: an example by hand, and laws that hold for all.

use proptest::option;
use proptest::prelude::*;
use sea_orm::Iterable;
use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}T12:00:00Z").parse().unwrap()
}

fn facts(days: i64, ended_on: &str, churned_on: Option<&str>) -> Facts {
    Facts {
        template_id: JourneyTemplateId(Uuid::from_u128(1)),
        version_id: JourneyTemplateVersionId(Uuid::from_u128(1)),
        is_lost: false,
        days: Some(days),
        ended_on: day(ended_on),
        dated_tasks: 0,
        tasks_on_time: 0,
        nps: None,
        repeats: Some(0),
        churned_on: churned_on.map(day),
        is_renewed: None,
    }
}

fn visit(number: i32, entered: &str, exited: Option<&str>, outcome: Option<Outcome>) -> Visit {
    let (entered_on, entered_at) = (day(entered), at(entered));
    let (adopted_at, is_of_first_stage) = (None, number == 1);
    let exited_at = exited.map(at);
    Visit { number, entered_on, entered_at, exited_at, outcome, adopted_at, is_of_first_stage }
}

#[test]
fn a_slow_cohort_is_held_against_a_quick_one_by_hand() {
    let today = day("2026-12-31");
    let all = [
        // 90 days after 10 January is 10 April: lost on the last day that counts, and after it.
        facts(95, "2026-01-10", Some("2026-04-10")),
        facts(120, "2026-01-10", Some("2026-04-11")),
        facts(91, "2026-03-01", None),
        // Not yet seen for 90 days, though already lost.
        facts(200, "2026-12-01", Some("2026-12-20")),
        facts(30, "2026-01-10", None),
        Facts { is_renewed: Some(true), ..facts(10, "2026-01-20", None) },
        Facts { is_renewed: Some(false), ..facts(0, "2026-01-20", Some("2026-12-30")) },
    ];
    let found = cohorts(&all, By::Duration, today);
    assert_eq!(found.len(), 2);
    let (quick, slow) = (&found[0], &found[1]);
    assert_eq!(quick.key, Key::Range { min: 0, below: Some(31) });
    assert_eq!(slow.key, Key::Range { min: 91, below: None });
    let told = |cohort: &Cohort| {
        cohort.churn.iter().map(|churn| (churn.churned, churn.observed)).collect::<Vec<_>>()
    };
    assert_eq!(told(quick), [(0, 3), (0, 3), (0, 0), (1, 3)]);
    assert_eq!(told(slow), [(1, 3), (2, 3), (0, 0), (3, 4)]);
    assert_eq!(slow.churn[0].rate(), Some(1.0 / 3.0));
    assert_eq!(slow.churn[2].rate(), None, "nobody has been seen for a year");
    assert_eq!((quick.median_days, slow.median_days), (Some(10.0), Some(107.5)));
    assert_eq!((quick.decided, quick.renewed, quick.renewal_rate()), (2, 1, Some(0.5)));
    assert_eq!(slow.renewal_rate(), None);
}

#[test]
fn cohorts_are_told_apart_by_their_bounds() {
    let told = |facts: Facts, by| key(&facts, by);
    let plain = || facts(30, "2026-01-31", None);
    let from = |min, below| Key::Range { min, below };
    assert_eq!(told(plain(), By::Duration), from(0, Some(31)));
    assert_eq!(told(Facts { days: Some(31), ..plain() }, By::Duration), from(31, Some(61)));
    assert_eq!(told(Facts { days: Some(91), ..plain() }, By::Duration), from(91, None));
    let on_time = |tasks_on_time, dated_tasks| {
        told(Facts { tasks_on_time, dated_tasks, ..plain() }, By::OnTime)
    };
    assert_eq!(on_time(0, 0), Key::Unknown);
    assert_eq!(on_time(49, 100), from(0, Some(50)));
    assert_eq!(on_time(1, 2), from(50, Some(80)));
    assert_eq!(on_time(199, 200), from(80, Some(100)), "not all of them");
    assert_eq!(on_time(3, 3), from(100, None));
    let nps = |nps| told(Facts { nps, ..plain() }, By::Nps);
    assert_eq!(nps(Some(6)), Key::Nps(NpsClass::Detractor));
    assert_eq!(nps(None), Key::Unknown);
    assert_eq!(told(Facts { repeats: Some(7), ..plain() }, By::Repeats), from(2, None));
    assert_eq!(told(plain(), By::Month), Key::Month(day("2026-01-01")));
}

#[test]
fn an_onboarding_ends_when_the_last_stage_of_the_phase_is_left_for_good() {
    use Outcome::{Advanced, Cancelled, Regressed, Repeated};
    let first = visit(1, "2026-01-01", Some("2026-01-03"), Some(Advanced));
    let again = visit(2, "2026-01-03", Some("2026-01-20"), Some(Repeated));
    let done = visit(3, "2026-01-20", Some("2026-02-01"), Some(Advanced));
    let all = [first.clone(), again, done.clone()];
    let found = pass(&all, |number| number == 3, false).unwrap();
    assert_eq!((found.entered_on, found.ended_at), (day("2026-01-01"), at("2026-02-01")));
    assert_eq!(found.repeats, 1);
    assert_eq!(pass(&all, |_| false, false), None, "nothing has followed yet");
    let open = visit(5, "2026-02-10", None, None);
    let back = [first.clone(), done.clone(), open];
    assert_eq!(pass(&back, |_| true, false), None, "the journey has returned");
    let lost = visit(3, "2026-01-20", Some("2026-02-01"), Some(Cancelled));
    assert_eq!(pass(&[first.clone(), lost.clone()], |_| true, false), None, "called off");
    let left = pass(&[first.clone(), lost], |_| true, true).unwrap();
    assert_eq!((left.is_lost, left.ended_at), (true, at("2026-02-01")));
    let returned = visit(2, "2026-01-03", Some("2026-01-05"), Some(Regressed));
    assert_eq!(pass(&[first, returned, done], |_| true, false).unwrap().repeats, 1);
    assert_eq!(pass(&[], |_| true, false), None);
}

#[test]
fn of_an_onboarding_that_was_taken_over_only_what_was_said_or_seen_is_known() {
    use Outcome::Advanced;
    let known = |visits: &[Visit]| {
        let found = pass(visits, |_| true, false).unwrap();
        (found.days_until(day("2026-02-01")), found.is_end_known)
    };
    let whole = visit(1, "2025-12-01", Some("2026-02-01"), Some(Advanced));
    assert_eq!(known(std::slice::from_ref(&whole)), (Some(62), true), "it began here");
    let adopted = Visit { adopted_at: Some(at("2026-01-01")), ..whole };
    assert_eq!(known(std::slice::from_ref(&adopted)), (Some(62), true), "its first day was said");
    let later = Visit { is_of_first_stage: false, ..adopted };
    assert_eq!(known(&[later]), (None, true), "it began some time before this stage");
    let unsaid = Visit { entered_at: at("2026-01-01"), ..adopted };
    assert_eq!(known(&[unsaid]), (None, true), "the day of the entry was not said");
    let over = Visit { exited_at: adopted.adopted_at, ..adopted };
    assert!(!known(std::slice::from_ref(&over)).1, "it was over before");
    let next = visit(2, "2026-01-01", Some("2026-02-01"), Some(Advanced));
    assert!(known(&[over.clone(), next.clone()]).1, "another stage of the phase went on here");
    let passed = Visit { exited_at: over.exited_at, ..next };
    assert!(!known(&[over, passed]).1, "both were over before");
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let (days, repeats) = (option::of(0i64..400), option::of(0usize..4));
    let numbers = (days, 0u64..700, 0usize..6, 0usize..6, repeats);
    let said = (option::of(0i32..=10), option::of(0u64..900), option::of(any::<bool>()), 0u128..4);
    (numbers, said, any::<bool>()).prop_map(|(numbers, said, is_lost)| {
        let (days, ended, dated, on_time, repeats) = numbers;
        let (nps, churned, is_renewed, version) = said;
        let ended_on = plus(day("2025-01-01"), ended);
        Facts {
            template_id: JourneyTemplateId(Uuid::from_u128(version % 2)),
            version_id: JourneyTemplateVersionId(Uuid::from_u128(version)),
            is_lost,
            days,
            ended_on,
            dated_tasks: dated,
            tasks_on_time: on_time.min(dated),
            nps,
            repeats,
            churned_on: churned.map(|days| plus(ended_on, days)),
            is_renewed,
        }
    })
}

proptest! {
    #[test]
    fn every_account_is_in_one_cohort_and_rates_are_parts(
        all in prop::collection::vec(any_facts(), 0..40),
    ) {
        let today = day("2026-12-31");
        let whole: Vec<_> = all.iter().filter(|facts| !facts.is_lost).collect();
        for by in By::iter() {
            let found = cohorts(&all, by, today);
            let accounts = found.iter().map(|cohort| cohort.accounts).sum::<usize>();
            let lost = found.iter().map(|cohort| cohort.lost_in_onboarding).sum::<usize>();
            prop_assert_eq!((accounts, accounts + lost), (whole.len(), all.len()));
            prop_assert!(found.is_sorted_by(|a, b| a.key < b.key));
            for (place, within) in HORIZONS.into_iter().enumerate() {
                let together = Churn::of(&whole, within, today);
                let parts = found.iter().map(|cohort| cohort.churn[place]);
                let sums = parts.fold((0, 0), |(observed, churned), churn| {
                    (observed + churn.observed, churned + churn.churned)
                });
                prop_assert_eq!(sums, (together.observed, together.churned));
            }
            for cohort in &found {
                let mut rates: Vec<_> = cohort.churn.iter().map(Churn::rate).collect();
                rates.extend([cohort.renewal_rate(), cohort.median_on_time]);
                prop_assert!(rates.iter().flatten().all(|rate| (0.0..=1.0).contains(rate)));
                prop_assert!(cohort.churn.iter().all(|churn| churn.observed <= cohort.accounts));
                prop_assert_eq!(cohort.churn[3].observed, cohort.accounts);
            }
        }
    }

    /// Who is lost later than a horizon was kept within it, however long it is looked at.
    #[test]
    fn what_is_seen_of_a_horizon_does_not_change_any_more(
        one in any_facts(), later in 0u64..1000,
    ) {
        for within in HORIZONS.into_iter().flatten() {
            let first = plus(one.ended_on, within);
            let seen = Churn::of(&[&one], Some(within), first);
            prop_assert_eq!(seen, Churn::of(&[&one], Some(within), plus(first, later)));
        }
    }
}

#[test]
fn who_is_lost_on_the_way_is_counted_beside_those_who_came_through() {
    let lost = Facts { is_lost: true, ..facts(20, "2026-01-31", Some("2026-01-31")) };
    let all = [facts(20, "2026-01-31", None), lost];
    let today = day("2026-12-31");
    let told = |by| {
        let found = cohorts(&all, by, today).into_iter();
        let line = |one: Cohort| {
            let until_today = one.churn[3];
            (one.accounts, one.lost_in_onboarding, until_today.churned, one.median_days)
        };
        found.map(line).collect::<Vec<_>>()
    };
    assert_eq!(told(By::Month), [(1, 1, 0, Some(20.0))]);
    let apart = [(1, 0, 0, Some(20.0)), (0, 1, 0, None)];
    assert_eq!(told(By::Duration), apart, "how long it would have taken is not known");
}
