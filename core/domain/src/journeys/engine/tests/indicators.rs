//! Indicators: what they read, when the decision falls and what it is (rules 5 to 7).

use crate::journeys::definition::TaskDefinition;
use crate::journeys::engine::Observed;
use crate::journeys::evaluation::Verdict;
use crate::journeys::kit::{Story, asked, day, hour, measured, noon, nps, stage, task, template};
use crate::journeys::{JourneyStatus, WaitingFor};
use crate::tasks::{Comparator, OnMissing};

/// Two stages that people finish at once, and what decides in each.
fn two_stages(first: Vec<TaskDefinition>, second: Vec<TaskDefinition>) -> Story {
    let with = |key: &str, mut tasks: Vec<TaskDefinition>| {
        tasks.push(task(&format!("work-{key}")));
        stage(key, tasks)
    };
    let stages = [with("one", first), with("two", second).completes()];
    Story::begin(&template(stages), noon("2026-01-20"))
}

fn verdict(story: &Story, key: &str) -> Option<Verdict> {
    let mut rows: Vec<_> = story.evaluations().filter(|row| row.indicator_key == key).collect();
    rows.sort_by_key(|row| row.id);
    rows.last().map(|row| row.verdict)
}

const AT_LEAST: Comparator = Comparator::Gte;

#[test]
fn each_comparator_is_strict_where_it_says_so() {
    use Comparator::{Eq, Gt, Gte, Lt, Lte, Neq};
    let holding = |value: f64| -> Vec<Comparator> {
        let all = [Gt, Gte, Lt, Lte, Eq, Neq];
        all.into_iter().filter(|comparator| comparator.holds(value, 5.0)).collect()
    };
    assert_eq!(holding(4.0), [Lt, Lte, Neq]);
    assert_eq!(holding(5.0), [Gte, Lte, Eq]);
    assert_eq!(holding(6.0), [Gt, Gte, Neq]);
}

#[test]
fn an_own_indicator_that_fails_repeats_the_stage_with_fresh_tasks() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0)], vec![]);
    story.complete("work-one");
    story.pass(24);
    story.answer("use", 9.0);
    assert_eq!(story.open(), ["use", "work-one"]);
    story.answer("use", 10.0);
    story.complete("work-one");
    insta::assert_snapshot!(story.trail(), @r"
    1.1 one 01-20/01-21 Repeated
    1.2 one 01-21/01-21 Advanced
    1.1 two 01-21/
    ");
}

#[test]
fn an_indicator_that_is_skipped_counts_as_waived() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0)], vec![]);
    story.complete("work-one");
    story.skip("use");
    assert_eq!(story.stage(), "two");
    assert_eq!(verdict(&story, "use"), Some(Verdict::Waived));
}

#[test]
fn the_last_answer_to_a_reopened_indicator_counts() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0)], vec![]);
    story.answer("use", 1.0);
    story.pass(1);
    story.reopen("use");
    story.pass(1);
    story.answer("use", 12.0);
    story.complete("work-one");
    assert_eq!(story.stage(), "two");
}

#[test]
fn a_continuous_indicator_is_carried_into_later_stages_and_sends_the_journey_back() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0).continuous()], vec![]);
    story.complete("work-one");
    story.answer("use", 12.0);
    // Behind everything else: there must be something to evaluate.
    assert_eq!(story.open(), ["work-two"]);
    story.complete("work-two");
    assert_eq!(story.open(), ["use"]);
    story.answer("use", 3.0);
    insta::assert_snapshot!(story.trail(), @r"
    1.1 one 01-20/01-20 Advanced
    1.1 two 01-20/01-20 Regressed
    1.2 one 01-20/
    ");
}

#[test]
fn an_indicator_that_is_not_continuous_is_not_carried() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0)], vec![]);
    story.answer("use", 12.0);
    story.complete("work-one");
    assert_eq!(story.current_tasks().count(), 1);
}

#[test]
fn returning_comes_before_repeating_and_repeating_before_advancing() {
    let carried = || vec![asked("use", AT_LEAST, 10.0).continuous()];
    let own = || vec![asked("joy", AT_LEAST, 10.0), asked("fun", AT_LEAST, 10.0)];
    for (values, expected) in
        [([1.0, 1.0, 1.0], "one"), ([12.0, 1.0, 12.0], "two"), ([1.0, 12.0, 12.0], "one")]
    {
        let mut story = two_stages(carried(), own());
        story.complete("work-one");
        story.answer("use", 12.0);
        story.complete("work-two");
        story.answer("joy", values[1]);
        story.answer("fun", values[2]);
        story.answer("use", values[0]);
        assert_eq!(story.stage(), expected, "{values:?}");
        assert_eq!(story.visits().count(), 3, "{values:?}");
    }
}

#[test]
fn nothing_is_carried_over_the_border_of_a_lap() {
    let stages = [
        stage("one", [asked("use", AT_LEAST, 10.0).continuous()]),
        stage("two", [asked("joy", AT_LEAST, 10.0).continuous()]),
        stage("three", [task("c")]).loops_to("two"),
    ];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.answer("use", 12.0);
    story.answer("joy", 12.0);
    story.answer("use", 12.0);
    assert_eq!(story.stage(), "three");
    story.complete("c");
    let mut carried = story.open();
    carried.sort_unstable();
    assert_eq!(carried, ["joy", "use"]);
    story.answer("joy", 12.0);
    story.answer("use", 12.0);
    // The second lap began with the second stage: the first one is not before it.
    assert_eq!(story.visit().map(|visit| visit.lap), Some(2));
    assert_eq!(story.open(), ["joy"]);
    story.answer("joy", 1.0);
    assert_eq!(story.stage(), "two");
    assert_eq!(story.visit().map(|visit| visit.attempt), Some(2));
    story.answer("joy", 12.0);
    story.complete("c");
    assert_eq!(story.open(), ["joy"]);
}

#[test]
fn a_missing_value_is_waited_for_and_wakes_the_journey() {
    let mut story = two_stages(vec![measured("use", AT_LEAST, 10.0)], vec![]);
    story.complete("work-one");
    assert_eq!(story.status(), JourneyStatus::Waiting);
    assert_eq!(story.waits(), (Some(WaitingFor::Indicator), None));
    story.until(noon("2026-03-20"));
    assert_eq!(story.status(), JourneyStatus::Waiting);
    story.record(10.0);
    assert_eq!(story.stage(), "two");
    assert_eq!(story.visit().unwrap().entered_at, noon("2026-03-20"));
}

#[test]
fn a_value_that_led_to_a_visit_does_not_count_in_it_again() {
    let mut story = two_stages(vec![nps("nps", AT_LEAST, 9.0)], vec![]);
    story.complete("work-one");
    story.pass(24);
    story.score(3.0);
    assert_eq!(story.visits().count(), 2);
    story.complete("work-one");
    assert_eq!(story.waits(), (Some(WaitingFor::Indicator), None));
    story.pass(24);
    story.score(9.0);
    assert_eq!(story.stage(), "two");
}

#[test]
fn a_value_of_before_the_visit_counts_only_within_its_age() {
    let plain = || nps("nps", AT_LEAST, 9.0);
    for (indicator, expected) in [
        (plain(), JourneyStatus::Waiting),
        (plain().max_age(9), JourneyStatus::Waiting),
        (plain().max_age(10), JourneyStatus::Completed),
    ] {
        let stages = [stage("one", [indicator, task("work")]).completes()];
        let mut story = Story::planned(&template(stages), noon("2026-01-20"));
        story.values.nps = Some(Observed { value: 9.0, at: noon("2026-01-10") });
        story.settle();
        story.complete("work");
        assert_eq!(story.status(), expected);
    }
}

#[test]
fn the_age_of_a_value_is_told_when_the_stage_ends_not_when_that_is_noticed() {
    let tasks = [nps("nps", AT_LEAST, 9.0).max_age(5), task("work")];
    let stages = [stage("one", tasks).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-10"));
    story.score(9.0);
    story.until(noon("2026-02-20"));
    story.complete_at("work", noon("2026-01-14"));
    assert_eq!(story.status(), JourneyStatus::Completed);
    assert_eq!(story.run.journey.ended_at, Some(noon("2026-01-14")));
}

#[test]
fn a_missing_value_passes_or_fails_after_some_days() {
    for (then, stage) in [(OnMissing::Pass, "two"), (OnMissing::Fail, "one")] {
        let own = measured("use", AT_LEAST, 10.0).when_missing(then, 7);
        let mut story = two_stages(vec![own], vec![]);
        story.complete("work-one");
        assert_eq!(story.waits(), (Some(WaitingFor::Indicator), Some(day("2026-01-27"))));
        story.until(hour("2026-01-26", 23));
        assert_eq!(story.status(), JourneyStatus::Waiting);
        story.until(noon("2026-01-30"));
        assert_eq!(story.stage(), stage);
        let visit = story.visit().unwrap();
        assert_eq!((visit.number, visit.entered_at), (2, hour("2026-01-27", 0)));
    }
}

#[test]
fn a_value_that_comes_in_time_counts_though_the_template_would_give_up() {
    let own = measured("use", AT_LEAST, 10.0).when_missing(OnMissing::Fail, 7);
    let mut story = two_stages(vec![own], vec![]);
    story.complete("work-one");
    story.pass(48);
    story.record(10.0);
    assert_eq!(story.stage(), "two");
}

#[test]
fn the_decision_falls_as_soon_as_missing_values_cannot_change_it() {
    let own = vec![asked("joy", AT_LEAST, 10.0), measured("use", AT_LEAST, 10.0)];
    let mut story = two_stages(own, vec![]);
    story.complete("work-one");
    story.answer("joy", 1.0);
    assert_eq!(story.visits().count(), 2);
    assert_eq!(verdict(&story, "use"), Some(Verdict::Missing));
}

#[test]
fn a_missing_value_that_could_send_the_journey_back_is_waited_for() {
    let carried = vec![measured("use", AT_LEAST, 10.0).continuous()];
    let mut story = two_stages(carried, vec![asked("joy", AT_LEAST, 10.0)]);
    story.pass(1);
    story.record(12.0);
    story.complete("work-one");
    story.answer("joy", 1.0);
    story.complete("work-two");
    assert_eq!(story.status(), JourneyStatus::Waiting);
    story.pass(1);
    story.record(1.0);
    assert_eq!(story.stage(), "one");
}

#[test]
fn a_decision_is_dated_by_what_it_needed_only() {
    let carried =
        vec![measured("use", AT_LEAST, 10.0).continuous().when_missing(OnMissing::Fail, 2)];
    let own = vec![nps("nps", AT_LEAST, 9.0).when_missing(OnMissing::Pass, 9)];
    let mut story = two_stages(carried, own);
    story.pass(1);
    story.record(12.0);
    story.complete("work-one");
    story.complete("work-two");
    story.until(noon("2026-02-20"));
    let visit = story.visit().unwrap();
    assert_eq!((visit.number, visit.entered_on), (3, day("2026-01-22")));
    assert_eq!(story.stage(), "one");
    assert_eq!(verdict(&story, "nps"), Some(Verdict::Missing));
}

#[test]
fn what_a_waiver_decides_is_dated_by_it() {
    let mut story = two_stages(vec![measured("use", AT_LEAST, 10.0)], vec![]);
    story.complete("work-one");
    story.until(noon("2026-02-20"));
    story.waive("use");
    assert_eq!(story.stage(), "two");
    assert_eq!(story.visit().unwrap().entered_at, noon("2026-02-20"));
}

#[test]
fn a_regress_from_the_second_visit_counts_attempts_of_both_stages() {
    let mut story = two_stages(vec![asked("use", AT_LEAST, 10.0).continuous()], vec![]);
    for _ in 0..5 {
        story.answer("use", 12.0);
        story.complete("work-one");
        story.complete("work-two");
        story.answer("use", 1.0);
    }
    assert_eq!((story.status(), story.stage()), (JourneyStatus::Held, "one"));
    assert_eq!(story.visits().count(), 10);
}
