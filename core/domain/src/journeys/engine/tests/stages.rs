//! Stages: when they begin, when they end and what follows (rules 3, 4 and 8).

use crate::journeys::kit::{Story, TARGET, asked, day, noon, stage, task, template};
use crate::journeys::visit::Outcome;
use crate::journeys::{JourneyStatus, WaitingFor};
use crate::tasks::Comparator;
use crate::tasks::due::Anchor;

#[test]
fn a_stage_leads_to_the_next_and_the_last_completes_the_journey() {
    let stages = [stage("one", [task("a")]), stage("two", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.pass(24);
    story.complete("a");
    assert_eq!(story.status(), JourneyStatus::Active);
    story.pass(24);
    story.complete("b");
    assert_eq!(story.status(), JourneyStatus::Completed);
    assert_eq!(story.run.journey.ended_at, Some(noon("2026-01-22")));
    insta::assert_snapshot!(story.trail(), @r"
    1.1 one 01-20/01-21 Advanced
    1.1 two 01-21/01-22 Advanced
    ");
}

#[test]
fn a_stage_can_complete_the_journey_though_others_follow() {
    let stages = [stage("one", [task("a")]).completes(), stage("two", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.complete("a");
    assert_eq!(story.status(), JourneyStatus::Completed);
}

#[test]
fn a_quarter_lasts_a_quarter_however_soon_its_tasks_are_done() {
    let stages =
        [stage("quarter", [task("a")]).not_before(90), stage("next", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.complete("a");
    assert_eq!(story.status(), JourneyStatus::Waiting);
    assert_eq!(story.waits(), (Some(WaitingFor::MinimumDuration), Some(day("2026-04-20"))));
    story.until(noon("2026-04-19"));
    assert_eq!(story.stage(), "quarter");
    story.until(noon("2026-04-25"));
    assert_eq!(story.stage(), "next");
    // It ended when its time was over, not when somebody noticed.
    assert_eq!(story.visit().unwrap().entered_on, day("2026-04-20"));
}

#[test]
fn a_quarter_whose_tasks_take_longer_lasts_longer() {
    let stages =
        [stage("quarter", [task("a")]).not_before(90), stage("next", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.until(noon("2026-05-01"));
    assert_eq!(story.status(), JourneyStatus::Active);
    story.complete("a");
    assert_eq!(story.stage(), "next");
    assert_eq!(story.visit().unwrap().entered_at, noon("2026-05-01"));
}

#[test]
fn a_stage_without_tasks_passes_by_itself() {
    let stages = [stage("pause", []).not_before(5), stage("next", [task("b")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    assert_eq!(story.waits(), (Some(WaitingFor::MinimumDuration), Some(day("2026-01-25"))));
    story.until(noon("2026-03-01"));
    insta::assert_snapshot!(story.trail(), @r"
    1.1 pause 01-20/01-25 Advanced
    1.1 next 01-25/
    ");
}

#[test]
fn a_stage_with_an_anchor_waits_for_it() {
    let renewal = stage("renewal", [task("b").within(3)]).before_end(90).completes();
    let mut story =
        Story::begin(&template([stage("one", [task("a")]), renewal]), noon("2026-01-20"));
    story.complete("a");
    assert_eq!(story.stage(), "renewal");
    assert_eq!(story.status(), JourneyStatus::Waiting);
    assert_eq!(story.waits(), (Some(WaitingFor::Anchor), None));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    assert_eq!(story.waits(), (Some(WaitingFor::Anchor), Some(day("2026-10-02"))));
    story.until(noon("2026-10-10"));
    assert_eq!(story.status(), JourneyStatus::Active);
    assert_eq!(story.waits(), (None, None));
    assert_eq!(story.visit().unwrap().entered_on, day("2026-10-02"));
    assert_eq!(story.due("b"), Some(day("2026-10-05")));
}

#[test]
fn an_anchor_that_has_passed_does_not_date_the_entry_back() {
    let renewal = stage("renewal", [task("b").within(3)]).before_end(90).completes();
    let stages = [stage("one", [task("a")]), renewal];
    let mut story = Story::planned(&template(stages), noon("2026-11-20"));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    story.complete("a");
    assert_eq!(story.visit().unwrap().entered_at, noon("2026-11-20"));
}

#[test]
fn an_anchor_that_was_already_past_when_it_was_told_begins_the_stage_now() {
    let renewal = stage("renewal", [task("b").within(3)]).before_end(90).completes();
    let stages = [stage("one", [task("a")]), renewal];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.complete("a");
    story.until(noon("2026-11-20"));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    assert_eq!(story.visit().unwrap().entered_at, noon("2026-11-20"));
    assert_eq!(story.due("b"), Some(day("2026-11-23")));
}

#[test]
fn each_lap_waits_for_an_end_of_its_own() {
    let adoption = stage("adoption", [task("a")]);
    let renewal = stage("renewal", [task("b").within(30).counted_from(Anchor::SubscriptionEnd)])
        .before_end(90);
    let stages = [adoption, renewal.loops_to("adoption")];
    let mut story = Story::planned(&template(stages), noon("2026-11-01"));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    story.complete("a");
    assert_eq!(story.stage(), "renewal");
    assert_eq!(story.due("b"), Some(day("2026-12-01")));
    story.complete("b");
    story.complete("a");
    assert_eq!(story.waits(), (Some(WaitingFor::Anchor), None), "this end has had its renewal");
    story.subscription_end = Some(day("2027-12-31"));
    story.settle();
    assert_eq!(story.waits(), (Some(WaitingFor::Anchor), Some(day("2027-10-02"))));
    story.until(noon("2027-10-02"));
    assert_eq!(story.due("b"), Some(day("2027-12-01")));
}

#[test]
fn a_stage_with_an_anchor_that_repeats_does_not_wait_for_it_again() {
    let tasks = [task("b"), asked("ready", Comparator::Gte, TARGET)];
    let renewal = stage("renewal", tasks).before_end(90).completes();
    let mut story = Story::planned(&template([renewal]), noon("2026-11-01"));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    story.complete("b");
    story.answer("ready", TARGET - 1.0);
    insta::assert_snapshot!(story.trail(), @r"
    1.1 renewal 11-01/11-01 Repeated
    1.2 renewal 11-01/
    ");
}

#[test]
fn a_loop_starts_a_new_lap_from_an_earlier_stage() {
    let stages = [
        stage("onboarding", [task("a")]),
        stage("adoption", [task("b")]),
        stage("review", [task("c")]).loops_to("adoption"),
    ];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    for key in ["a", "b", "c", "b", "c"] {
        story.pass(24);
        story.complete(key);
    }
    insta::assert_snapshot!(story.trail(), @r"
    1.1 onboarding 01-20/01-21 Advanced
    1.1 adoption 01-21/01-22 Advanced
    1.1 review 01-22/01-23 Looped
    2.1 adoption 01-23/01-24 Advanced
    2.1 review 01-24/01-25 Looped
    3.1 adoption 01-25/
    ");
    assert_eq!(story.run.journey.lap_stage_key, "adoption");
}

#[test]
fn a_stage_can_loop_to_itself() {
    let stages = [stage("review", [task("a")]).loops_to("review")];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    for _ in 0..12 {
        story.complete("a");
    }
    let visit = story.visit().unwrap();
    assert_eq!((visit.number, visit.lap, visit.attempt), (13, 13, 1));
}

#[test]
fn the_loop_guard_stops_before_one_visit_too_many() {
    let stages = [stage("one", [asked("use", Comparator::Gte, 10.0)]).completes()];
    let mut definition = template(stages);
    definition.max_attempts = 3;
    let mut story = Story::begin(&definition, noon("2026-01-20"));
    for _ in 0..3 {
        assert_eq!(story.status(), JourneyStatus::Active);
        story.answer("use", 1.0);
    }
    assert_eq!(story.status(), JourneyStatus::Held);
    assert_eq!(story.stage(), "one");
    assert_eq!(story.visits().count(), 3);
    story.until(noon("2027-01-20"));
    assert_eq!(story.status(), JourneyStatus::Held);
}

#[test]
fn a_person_moves_a_held_journey_and_a_new_lap_starts() {
    let stages = [
        stage("one", [task("a")]),
        stage("two", [asked("use", Comparator::Gte, 10.0)]).completes(),
    ];
    let mut definition = template(stages);
    definition.max_attempts = 1;
    let mut story = Story::begin(&definition, noon("2026-01-20"));
    story.complete("a");
    story.answer("use", 1.0);
    assert_eq!(story.status(), JourneyStatus::Held);
    story.move_to("two");
    assert_eq!(story.status(), JourneyStatus::Active);
    story.answer("use", 11.0);
    assert_eq!(story.status(), JourneyStatus::Completed);
    insta::assert_snapshot!(story.trail(), @r"
    1.1 one 01-20/01-20 Advanced
    1.1 two 01-20/01-20 Repeated
    2.1 two 01-20/01-20 Advanced
    ");
}

#[test]
fn a_person_need_not_wait_for_an_anchor() {
    let renewal = stage("renewal", [task("b")]).before_end(90).completes();
    let mut story =
        Story::begin(&template([stage("one", [task("a")]), renewal]), noon("2026-01-20"));
    story.move_to("renewal");
    assert_eq!(story.status(), JourneyStatus::Active);
    let left = story.visits().next().unwrap();
    assert_eq!((left.outcome, left.reason.as_deref()), (Some(Outcome::Skipped), Some("so")));
    assert_eq!(story.visit().unwrap().lap, 2);
}
