//! Laws that hold over random definitions and whatever people, data and time do.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::journeys::kit::{Story, TARGET, calendar, definitions, key_of, noon};
use crate::journeys::visit::{self, Outcome};
use crate::journeys::{JourneyStatus, WaitingFor};
use crate::tasks::TaskStatus;
use crate::tasks::due::Anchor;

/// What can happen. Numbers pick among what is possible at the moment.
#[derive(Clone, Debug)]
enum Act {
    Pass { hours: i64 },
    Complete { pick: usize, is_good: bool, hours_ago: i64 },
    Skip { pick: usize },
    Reopen { pick: usize },
    Waive { pick: usize },
    Record { is_good: bool },
    Score { is_good: bool },
    Move { pick: usize },
    Pause,
    Resume,
    End { in_days: Option<u64> },
    Endanger,
    Relieve,
}

fn acts() -> impl Strategy<Value = Act> {
    let pick = 0usize..12;
    let hours = prop_oneof![0i64..30, 0i64..400];
    prop_oneof![
        8 => hours.prop_map(|hours| Act::Pass { hours }),
        12 => (pick.clone(), proptest::bool::weighted(0.7), 0i64..60)
            .prop_map(|(pick, is_good, hours_ago)| Act::Complete { pick, is_good, hours_ago }),
        2 => pick.clone().prop_map(|pick| Act::Skip { pick }),
        2 => pick.clone().prop_map(|pick| Act::Reopen { pick }),
        1 => pick.clone().prop_map(|pick| Act::Waive { pick }),
        3 => any::<bool>().prop_map(|is_good| Act::Record { is_good }),
        3 => any::<bool>().prop_map(|is_good| Act::Score { is_good }),
        1 => pick.prop_map(|pick| Act::Move { pick }),
        1 => Just(Act::Pause),
        2 => Just(Act::Resume),
        1 => proptest::option::of(0u64..60).prop_map(|in_days| Act::End { in_days }),
        1 => Just(Act::Endanger),
        2 => Just(Act::Relieve),
    ]
}

/// A value that satisfies the indicators of random definitions, or one that does not.
fn value(is_good: bool) -> f64 {
    if is_good { TARGET } else { TARGET - 1.0 }
}

fn can_be_left_out(status: TaskStatus) -> bool {
    [TaskStatus::Open, TaskStatus::Blocked].contains(&status)
}

/// One of the tasks of the open visit.
fn picked(story: &Story, pick: usize, is_it: impl Fn(TaskStatus) -> bool) -> Option<String> {
    let keys: Vec<_> =
        story.current_tasks().filter(|task| is_it(task.status)).map(key_of).collect();
    (!keys.is_empty()).then(|| keys[pick % keys.len()].to_owned())
}

/// Does what is possible of an act, as the verbs would allow it.
fn act(story: &mut Story, act: &Act) {
    let can_move = !story.is_paused() && !story.status().is_ended();
    match *act {
        Act::Pass { hours } => story.pass(hours),
        Act::Record { is_good } => story.record(value(is_good)),
        Act::Score { is_good } => story.score(value(is_good)),
        Act::Pause if !story.is_paused() => story.pause(),
        Act::Resume if story.is_paused() => story.resume(),
        Act::Endanger => story.endanger(),
        Act::Relieve => story.relieve(),
        Act::End { in_days } => {
            let today = story.today();
            story.subscription_end = in_days.map(|days| crate::calendar::plus(today, days));
            story.settle();
        }
        Act::Complete { pick, is_good, hours_ago } if can_move => {
            let Some(key) = picked(story, pick, |status| status == TaskStatus::Open) else {
                return;
            };
            let opened_at = story.task(&key).opened_at.unwrap();
            let at = (story.now - TimeDelta::hours(hours_ago)).max(opened_at);
            match story.plan.plan(&key).unwrap().indicator() {
                Some(_) => story.answer_at(&key, value(is_good), at),
                None => story.complete_at(&key, at),
            }
        }
        Act::Skip { pick } if can_move => {
            if let Some(key) = picked(story, pick, can_be_left_out) {
                story.skip(&key);
            }
        }
        Act::Reopen { pick } if can_move => {
            if let Some(key) = picked(story, pick, TaskStatus::is_finished) {
                story.reopen(&key);
            }
        }
        Act::Waive { pick } if can_move => waive(story, pick),
        Act::Move { pick } if can_move => {
            let stage = story.plan.stages[pick % story.plan.stages.len()].key().to_owned();
            story.move_to(&stage);
        }
        _ => {}
    }
}

fn waive(story: &mut Story, pick: usize) {
    let Some(visit) = story.visit() else { return };
    let stage = story.plan.stage(&visit.stage_key).unwrap();
    let read = stage.indicators().filter(|plan| !plan.becomes_task());
    let keys: Vec<_> = read.map(|plan| plan.row.key.clone()).collect();
    if !keys.is_empty() {
        story.waive(&keys[pick % keys.len()]);
    }
}

fn holds(story: &Story) -> Result<(), TestCaseError> {
    visits_follow_each_other(story)?;
    status_is_consistent(story)?;
    for visit in story.visits() {
        no_task_is_lost(story, visit)?;
    }
    growth_waits_for_critical_risks(story)?;
    tasks_are_dated(story)
}

fn visits_follow_each_other(story: &Story) -> Result<(), TestCaseError> {
    let visits: Vec<_> = story.visits().collect();
    for (number, visit) in (1..).zip(&visits) {
        prop_assert_eq!(visit.number, number);
        prop_assert!(story.plan.stage(&visit.stage_key).is_some());
        prop_assert!(visit.attempt <= story.plan.max_attempts);
        prop_assert!(visit.entered_at <= story.now);
        prop_assert!(visit.exited_at.is_none_or(|at| visit.entered_at <= at && at <= story.now));
        prop_assert_eq!(visit.exited_at.is_some(), visit.outcome.is_some());
    }
    for pair in visits.windows(2) {
        let [left, entered] = pair else { continue };
        prop_assert!(left.exited_at.is_some_and(|at| at <= entered.entered_at));
        let from = story.plan.stage(&left.stage_key).unwrap().row.position;
        let to = story.plan.stage(&entered.stage_key).unwrap().row.position;
        let step = match (left.outcome.unwrap(), entered.lap - left.lap) {
            (Outcome::Advanced, 0) => Some(1),
            (Outcome::Repeated, 0) => Some(0),
            (Outcome::Regressed, 0) => Some(-1),
            (Outcome::Looped, 1) => {
                prop_assert!(to <= from);
                None
            }
            // A person moved it, from this stage or from where it was held or waited.
            (_, laps) => {
                prop_assert!(laps > 0);
                None
            }
        };
        prop_assert!(step.is_none_or(|step| to - from == step));
    }
    laps_are_bounded(&visits, story)
}

/// Within a lap, attempts count from one for each stage, and no visit is before the first stage.
fn laps_are_bounded(visits: &[&visit::Model], story: &Story) -> Result<(), TestCaseError> {
    let mut laps: BTreeMap<i32, Vec<&visit::Model>> = BTreeMap::new();
    for visit in visits {
        laps.entry(visit.lap).or_default().push(visit);
    }
    for visits in laps.values() {
        let position =
            |visit: &visit::Model| story.plan.stage(&visit.stage_key).unwrap().row.position;
        let first = position(visits[0]);
        let mut attempts: BTreeMap<&str, i32> = BTreeMap::new();
        for visit in visits {
            prop_assert!(position(visit) >= first);
            let attempt = attempts.entry(&visit.stage_key).or_default();
            *attempt += 1;
            prop_assert_eq!(visit.attempt, *attempt);
        }
    }
    Ok(())
}

fn status_is_consistent(story: &Story) -> Result<(), TestCaseError> {
    let journey = &story.run.journey;
    let open: Vec<_> = story.visits().filter(|visit| visit.exited_at.is_none()).collect();
    prop_assert!(open.len() <= 1);
    prop_assert_eq!(journey.status == JourneyStatus::Waiting, journey.waiting_for.is_some());
    prop_assert_eq!(journey.status.is_ended(), journey.ended_at.is_some());
    let is_late = journey.wakes_on.is_some_and(|date| date <= story.today());
    prop_assert!(!is_late || story.is_paused(), "it should have been woken");
    match journey.status {
        JourneyStatus::Active => {
            prop_assert_eq!(&open[0].stage_key, &journey.stage_key);
            let mut required = story.current_tasks().filter(|task| task.required);
            prop_assert!(required.any(|task| can_be_left_out(task.status)));
        }
        JourneyStatus::Waiting => {
            let is_before = journey.waiting_for == Some(WaitingFor::Anchor);
            prop_assert_eq!(open.is_empty(), is_before);
            let mut required = story.current_tasks().filter(|task| task.required);
            prop_assert!(required.all(|task| task.status.is_closed()));
        }
        JourneyStatus::Held => {
            prop_assert!(open.is_empty());
            let of_stage = |visit: &&visit::Model| {
                visit.lap == journey.lap && visit.stage_key == journey.stage_key
            };
            let visits = story.visits().filter(of_stage).count();
            prop_assert_eq!(visits, usize::try_from(story.plan.max_attempts).unwrap());
        }
        JourneyStatus::Completed | JourneyStatus::Cancelled => prop_assert!(open.is_empty()),
    }
    Ok(())
}

/// Every plan that a person does has exactly one task per visit, and none outlives it.
fn no_task_is_lost(story: &Story, visit: &visit::Model) -> Result<(), TestCaseError> {
    let stage = story.plan.stage(&visit.stage_key).unwrap();
    let first = story.visits().find(|other| other.lap == visit.lap).unwrap();
    let own = stage.plans.iter().collect::<Vec<_>>();
    let carried = story.plan.carried(stage, &first.stage_key);
    let plans = own.into_iter().chain(carried).filter(|plan| plan.becomes_task());
    let mut wanted: Vec<_> = plans.map(|plan| plan.row.key.as_str()).collect();
    let tasks: Vec<_> = story.tasks().filter(|task| task.visit_id == Some(visit.id)).collect();
    let mut found: Vec<_> = tasks.iter().map(|task| key_of(task)).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    prop_assert_eq!(found, wanted);
    let is_over = visit.exited_at.is_some();
    for task in tasks {
        prop_assert!(!is_over || task.status.is_closed());
        if is_over && task.required && visit.outcome != Some(Outcome::Skipped) {
            prop_assert!(task.status.is_finished());
        }
    }
    Ok(())
}

/// While a critical risk is open, no growth is; without one, nothing is blocked.
fn growth_waits_for_critical_risks(story: &Story) -> Result<(), TestCaseError> {
    for task in story.current_tasks().filter(|_| !story.is_paused()) {
        let is_growth = story.plan.plan(key_of(task)).unwrap().row.blocked_by_risk;
        match task.status {
            TaskStatus::Open => prop_assert!(!is_growth || !story.is_in_danger()),
            TaskStatus::Blocked => prop_assert!(is_growth && story.is_in_danger()),
            _ => {}
        }
    }
    Ok(())
}

fn tasks_are_dated(story: &Story) -> Result<(), TestCaseError> {
    for task in story.tasks() {
        let visit = story.visits().find(|visit| Some(visit.id) == task.visit_id).unwrap();
        let is_to_come = [TaskStatus::Pending, TaskStatus::Blocked].contains(&task.status);
        let was_left_out = task.status == TaskStatus::Skipped;
        prop_assert!(was_left_out || is_to_come != is_opened_or_over(story, task));
        prop_assert_eq!(task.status.is_closed(), task.finished_at.is_some());
        let Some(opened_at) = task.opened_at else { continue };
        prop_assert!(visit.entered_at <= opened_at && opened_at <= story.now);
        let row = &story.plan.plan(key_of(task)).unwrap().row;
        let anchor = match row.anchor {
            Anchor::Previous => Some(calendar().local_date(opened_at)),
            Anchor::StageEntry => Some(visit.entered_on),
            Anchor::SubscriptionEnd => None,
        };
        if let Some(anchor) = anchor {
            prop_assert_eq!(task.original_due_on.is_some(), row.duration_days.is_some());
            prop_assert!(task.original_due_on.is_none_or(|due_on| due_on >= anchor));
        }
        prop_assert!(task.due_on >= task.original_due_on, "pauses only move dates on");
    }
    Ok(())
}

fn is_opened_or_over(story: &Story, task: &crate::tasks::task::Model) -> bool {
    let visit = story.visits().find(|visit| Some(visit.id) == task.visit_id).unwrap();
    task.opened_at.is_some() || visit.exited_at.is_some()
}

proptest! {
    #[test]
    fn the_laws_hold_whatever_happens(
        definition in definitions(), happens in proptest::collection::vec(acts(), 0..50),
    ) {
        let mut story = Story::begin(&definition, noon("2026-01-20"));
        holds(&story)?;
        for what in &happens {
            act(&mut story, what);
            holds(&story)?;
        }
    }

    #[test]
    fn settling_twice_changes_nothing(
        definition in definitions(), happens in proptest::collection::vec(acts(), 0..30),
    ) {
        let mut story = Story::begin(&definition, noon("2026-01-20"));
        for what in &happens {
            act(&mut story, what);
            let before = story.run.clone();
            story.settle();
            prop_assert_eq!(&story.run.journey, &before.journey);
            prop_assert_eq!(&story.run.visits, &before.visits);
            prop_assert_eq!(&story.run.tasks, &before.tasks);
            prop_assert_eq!(&story.run.evaluations, &before.evaluations);
        }
    }
}
