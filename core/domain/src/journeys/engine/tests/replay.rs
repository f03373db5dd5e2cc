//! The same work, noticed earlier or later, makes the same journey.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use crate::journeys::engine::Observed;
use crate::journeys::evaluation::Verdict;
use crate::journeys::kit::{Story, TARGET, definitions, hour, key_of, noon};
use crate::tasks::TaskStatus;

/// What somebody did, and when: one of the required tasks that are open.
#[derive(Clone, Debug)]
struct Work {
    pick: usize,
    after_hours: i64,
    is_good: bool,
    /// How long it takes until somebody writes it down.
    lag_hours: i64,
}

fn works() -> impl Strategy<Value = Vec<Work>> {
    let work = (0usize..6, 0i64..200, proptest::bool::weighted(0.7), 0i64..300);
    let work = work.prop_map(|(pick, after_hours, is_good, lag_hours)| Work {
        pick,
        after_hours,
        is_good,
        lag_hours,
    });
    proptest::collection::vec(work, 0..20)
}

/// What was done: the number of the visit, the key of the task, when, how, and when it was noted.
struct Done {
    visit: i32,
    key: String,
    at: DateTime<Utc>,
    is_good: bool,
    noted_at: DateTime<Utc>,
}

fn start(definition: &crate::journeys::definition::Definition) -> Story {
    let mut story = Story::planned(definition, noon("2026-01-20"));
    story.subscription_end = Some("2026-03-01".parse().unwrap());
    // Old values are there from the beginning; none arrives on the way.
    story.values.nps = Some(Observed { value: TARGET, at: noon("2026-01-15") });
    story
}

/// Lives through the days one by one; what is done is noted at once.
fn day_by_day(story: &mut Story, works: &[Work], end: DateTime<Utc>) -> Vec<Done> {
    let mut done: Vec<Done> = Vec::new();
    story.settle();
    for work in works {
        pass_days(story, (story.now + TimeDelta::hours(work.after_hours)).min(end));
        let required = story.current_tasks().filter(|task| task.required);
        let open: Vec<_> =
            required.filter(|task| task.status == TaskStatus::Open).map(key_of).collect();
        let Some(key) = (!open.is_empty()).then(|| open[work.pick % open.len()].to_owned()) else {
            continue;
        };
        let visit = story.visit().unwrap().number;
        let earliest = done.last().map_or(story.now, |last| last.noted_at);
        let noted_at = earliest.max(story.now + TimeDelta::hours(work.lag_hours)).min(end);
        let one = Done { visit, key, at: story.now, is_good: work.is_good, noted_at };
        apply(story, &one);
        done.push(one);
    }
    pass_days(story, end);
    done
}

fn pass_days(story: &mut Story, until: DateTime<Utc>) {
    while story.now < until {
        let next = story.now + TimeDelta::hours(7);
        story.until(next.min(until));
    }
}

fn apply(story: &mut Story, done: &Done) {
    assert_eq!(story.visit().map(|visit| visit.number), Some(done.visit));
    let value = if done.is_good { TARGET } else { TARGET - 1.0 };
    match story.plan.plan(&done.key).unwrap().indicator() {
        Some(_) => story.answer_at(&done.key, value, done.at),
        None => story.complete_at(&done.key, done.at),
    }
}

/// What must not depend on when things are noticed.
fn essence(story: &Story) -> String {
    let mut lines = vec![story.trail()];
    let journey = &story.run.journey;
    lines.push(format!("{:?} {} {:?}", journey.status, journey.stage_key, story.waits()));
    lines.push(format!("{:?}", journey.ended_at));
    for visit in story.visits() {
        lines.push(format!(
            "{} {} {:?} {:?} {:?}",
            visit.number,
            visit.entered_at,
            visit.exited_at,
            visit.expected_until,
            visit.tasks_done_at
        ));
        let mut tasks: Vec<_> =
            story.tasks().filter(|task| task.visit_id == Some(visit.id)).collect();
        tasks.sort_by_key(|task| (task.position, key_of(task)));
        lines.extend(tasks.iter().map(|task| {
            let (opened_at, due_on) = (task.opened_at, task.due_on);
            let finished_at = task.finished_at;
            format!("  {} {:?} {opened_at:?} {due_on:?} {finished_at:?}", key_of(task), task.status)
        }));
        let mut rows: Vec<_> = story
            .evaluations()
            .filter(|row| row.visit_id == visit.id)
            .map(|row| format!("  {} {:?} {:?}", row.indicator_key, row.verdict, row.observed))
            .collect();
        rows.sort();
        lines.extend(rows);
    }
    lines.join("\n")
}

proptest! {
    #[test]
    fn noticing_later_makes_the_same_journey(definition in definitions(), works in works()) {
        let end = noon("2026-06-20");
        let mut daily = start(&definition);
        let done = day_by_day(&mut daily, &works, end);

        let mut late = start(&definition);
        late.settle();
        for one in &done {
            late.until(one.noted_at.max(late.now));
            apply(&mut late, one);
        }
        late.until(end);
        prop_assert_eq!(essence(&late), essence(&daily));

        let mut at_the_end = start(&definition);
        at_the_end.until(end);
        for one in &done {
            apply(&mut at_the_end, one);
        }
        prop_assert_eq!(essence(&at_the_end), essence(&daily));
    }
}

#[test]
fn a_year_of_quarters_is_caught_up_with_at_once() {
    use crate::journeys::kit::{stage, template};
    let stages = [
        stage("adoption", []).not_before(90),
        stage("review", []).not_before(30).loops_to("adoption"),
    ];
    let mut story = Story::begin(&template(stages), hour("2026-01-01", 0));
    story.until(noon("2027-01-01"));
    insta::assert_snapshot!(story.trail(), @r"
    1.1 adoption 01-01/04-01 Advanced
    1.1 review 04-01/05-01 Looped
    2.1 adoption 05-01/07-30 Advanced
    2.1 review 07-30/08-29 Looped
    3.1 adoption 08-29/11-27 Advanced
    3.1 review 11-27/12-27 Looped
    4.1 adoption 12-27/
    ");
    assert!(story.evaluations().all(|row| row.verdict == Verdict::Missing));
}
