//! Pauses: a journey of a paused account stands still, and time goes on without it (rule 12).

use crate::journeys::kit::{Story, day, measured, noon, stage, task, template};
use crate::journeys::{JourneyStatus, WaitingFor};
use crate::tasks::{Comparator, OnMissing};

#[test]
fn a_journey_that_is_paused_stands_still_and_its_dates_move_by_the_pause() {
    let tasks = [task("a").within(4)];
    let stages = [stage("first", tasks).expected(10), stage("next", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.until(noon("2026-01-22"));
    story.pause();
    story.until(noon("2026-02-01"));
    story.resume();
    assert_eq!(story.due("a"), Some(day("2026-02-03")));
    assert_eq!(story.task("a").original_due_on, Some(day("2026-01-24")));
    assert_eq!(story.visit().unwrap().expected_until, Some(day("2026-02-09")));
    assert_eq!(story.status(), JourneyStatus::Active);
}

#[test]
fn nothing_is_dated_into_a_pause() {
    let follow_up = stage("next", [task("b").within(3)]).completes();
    let stages = [stage("first", [task("a")]), follow_up.before_end(30)];
    let mut story = Story::planned(&template(stages), noon("2026-01-20"));
    story.subscription_end = Some(day("2026-03-01"));
    story.settle();
    story.complete("a");
    assert_eq!(story.waits().1, Some(day("2026-01-30")));
    story.pause();
    story.until(noon("2026-02-20"));
    assert!(story.visit().is_none());
    story.resume();
    assert_eq!(story.due("b"), Some(day("2026-02-23")));
    assert_eq!(story.task("b").opened_at, Some(noon("2026-02-20")));
}

/// A stage whose tasks are done on 20 January, and which gives up on its value after a week.
fn waiting() -> Story {
    let use_of_it = measured("use", Comparator::Gte, 10.0).when_missing(OnMissing::Pass, 7);
    let follow_up = stage("next", [task("b").within(3)]).completes();
    let stages = [stage("first", [task("a"), use_of_it]), follow_up];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.complete("a");
    story
}

#[test]
fn the_days_of_a_pause_do_not_count_against_a_missing_value() {
    let mut story = waiting();
    story.until(noon("2026-01-22"));
    story.pause();
    story.until(noon("2026-02-22"));
    story.resume();
    assert_eq!(story.waits(), (Some(WaitingFor::Indicator), Some(day("2026-02-27"))));
    story.until(noon("2026-02-27"));
    assert_eq!(story.stage(), "next");
}

#[test]
fn a_value_that_arrives_in_a_pause_counts_when_the_account_goes_on() {
    let mut story = waiting();
    story.pause();
    story.until(noon("2026-01-25"));
    story.record(12.0);
    assert_eq!(story.status(), JourneyStatus::Waiting);
    story.until(noon("2026-02-20"));
    story.resume();
    assert_eq!(story.visit().map(|visit| visit.entered_at), Some(noon("2026-02-20")));
    assert_eq!(story.due("b"), Some(day("2026-02-23")));
}

#[test]
fn a_minimum_duration_moves_by_the_pause() {
    let stages = [stage("quarter", []).not_before(90), stage("next", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.pause();
    story.until(noon("2026-01-30"));
    story.resume();
    assert_eq!(story.waits(), (Some(WaitingFor::MinimumDuration), Some(day("2026-04-30"))));
}
