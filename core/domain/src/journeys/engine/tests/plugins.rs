//! Tasks of plugins: they open when they are prepared, and their plugins may wish for a stage again
//! (rule 7).

use crate::journeys::definition::TaskDefinition;
use crate::journeys::kit::{Story, day, hour, noon, stage, task, template};
use crate::tasks::TaskStatus::{Blocked, Open, Preparing};

fn review(key: &str) -> TaskDefinition {
    TaskDefinition { type_key: "jornada.qbr".to_owned(), ..task(key) }
}

/// A hand-over, then a review within three days; then a stage with a review.
fn reviews() -> Story {
    let tasks = [task("hand-over"), review("first").at(1).within(3).blocked_by_risk()];
    let stages = [stage("one", tasks), stage("two", [review("second")]).completes()];
    Story::begin(&template(stages), noon("2026-01-20"))
}

#[test]
fn a_task_of_a_plugin_is_dated_by_when_its_position_was_reached_however_late_it_is_prepared() {
    let mut story = reviews();
    story.until(noon("2026-01-25"));
    story.complete_at("hand-over", hour("2026-01-23", 9));
    let first = story.task("first");
    assert_eq!((first.status, first.opened_at), (Preparing, None));
    assert_eq!(first.due_on, Some(day("2026-01-26")));
    assert_eq!(story.stage(), "one", "it is required all the same");
    story.until(noon("2026-01-30"));
    story.prepared("first");
    let first = story.task("first");
    assert_eq!((first.status, first.opened_at), (Open, Some(hour("2026-01-23", 9))));
    assert_eq!(first.due_on, Some(day("2026-01-26")));
    story.complete("first");
    assert_eq!(story.stage(), "two");
}

#[test]
fn a_critical_risk_holds_back_what_is_prepared_too() {
    let mut story = reviews();
    story.complete("hand-over");
    story.endanger();
    assert_eq!(story.task("first").status, Blocked);
    story.until(noon("2026-02-01"));
    story.relieve();
    assert_eq!(story.task("first").status, Preparing, "it is prepared anew");
    story.prepared("first");
    assert_eq!(story.due("first"), Some(day("2026-02-04")));
}

#[test]
fn a_wish_repeats_the_stage_or_returns_to_the_one_before() {
    let mut story = reviews();
    story.complete("hand-over");
    story.prepared("first");
    story.complete_wishing("first", false);
    assert_eq!(story.stage(), "one");
    story.complete("hand-over");
    story.prepared("first");
    story.complete("first");
    assert_eq!(story.stage(), "two");
    story.prepared("second");
    story.complete_wishing("second", true);
    assert_eq!(story.stage(), "one");
    let lines: Vec<_> = story.run.visits.iter().map(|visit| visit.stage_key.clone()).collect();
    assert_eq!(lines.last().map(String::as_str), Some("one"));
}
