//! Tasks: when they open and when they are due (rules 1 and 2).

use crate::journeys::kit::{Story, day, hour, noon, stage, task, template};
use crate::tasks::TaskStatus;
use crate::tasks::due::Anchor;

/// The example of the documents: a hand-over, then a kick-off that may take three days.
fn hand_over() -> Story {
    let tasks = [task("hand-over").within(2), task("kick-off").at(1).within(3)];
    let stages = [stage("onboarding", tasks), stage("adoption", [task("use")]).completes()];
    Story::begin(&template(stages), noon("2026-01-21"))
}

#[test]
fn a_hand_over_on_23_january_makes_the_kick_off_due_on_26_january() {
    let mut story = hand_over();
    assert_eq!(story.open(), ["hand-over"]);
    assert_eq!(story.due("hand-over"), Some(day("2026-01-23")));
    assert_eq!(story.task("kick-off").status, TaskStatus::Pending);
    assert_eq!(story.due("kick-off"), None);
    story.until(noon("2026-01-23"));
    story.complete("hand-over");
    assert_eq!(story.open(), ["kick-off"]);
    assert_eq!(story.due("kick-off"), Some(day("2026-01-26")));
}

#[test]
fn a_completion_that_is_dated_back_dates_what_it_opens() {
    let mut story = hand_over();
    story.until(noon("2026-02-10"));
    story.complete_at("hand-over", hour("2026-01-23", 9));
    let kick_off = story.task("kick-off");
    assert_eq!(kick_off.opened_at, Some(hour("2026-01-23", 9)));
    assert_eq!(kick_off.due_on, Some(day("2026-01-26")));
}

#[test]
fn dates_are_those_on_the_wall_of_the_workspace() {
    let mut story = hand_over();
    // At this hour of the evening it is already the 24th in Greenwich.
    story.until(hour("2026-01-23", 23));
    story.complete("hand-over");
    assert_eq!(story.due("kick-off"), Some(day("2026-01-26")));
}

#[test]
fn business_days_count_from_the_anchor() {
    let tasks = [task("call").within(1).business(), task("mail").within(0).business()];
    // 24 January 2026 is a Saturday.
    let story = Story::begin(&template([stage("only", tasks).completes()]), noon("2026-01-24"));
    assert_eq!(story.due("call"), Some(day("2026-01-26")));
    assert_eq!(story.due("mail"), Some(day("2026-01-24")));
}

#[test]
fn a_task_without_a_duration_has_no_due_date() {
    let tasks = [task("plain"), task("end").counted_from(Anchor::SubscriptionEnd)];
    let story = Story::begin(&template([stage("only", tasks).completes()]), noon("2026-01-21"));
    assert_eq!((story.due("plain"), story.due("end")), (None, None));
    assert_eq!(story.open(), ["plain", "end"]);
}

#[test]
fn a_due_date_can_count_from_the_entry_of_the_stage() {
    let entry = task("review").at(1).within(10).counted_from(Anchor::StageEntry);
    let stages = [stage("only", [task("first"), entry]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-21"));
    story.until(noon("2026-01-27"));
    story.complete("first");
    assert_eq!(story.due("review"), Some(day("2026-01-31")));
}

#[test]
fn a_due_date_can_count_back_from_the_end_of_the_subscription_and_moves_with_it() {
    let offer = task("offer").within(30).counted_from(Anchor::SubscriptionEnd);
    let definition = template([stage("renewal", [offer]).completes()]);
    let mut story = Story::begin(&definition, noon("2026-01-21"));
    assert_eq!(story.due("offer"), None);
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    assert_eq!(story.due("offer"), Some(day("2026-12-01")));
    story.subscription_end = Some(day("2027-01-31"));
    story.settle();
    assert_eq!(story.due("offer"), Some(day("2027-01-01")));
}

#[test]
fn a_due_date_that_a_person_chose_does_not_move_with_the_subscription() {
    let offer = task("offer").within(30).counted_from(Anchor::SubscriptionEnd);
    let definition = template([stage("renewal", [offer]).completes()]);
    let mut story = Story::planned(&definition, noon("2026-01-21"));
    story.subscription_end = Some(day("2026-12-31"));
    story.settle();
    story.run.tasks[0].due_on = Some(day("2026-11-15"));
    story.subscription_end = Some(day("2027-01-31"));
    story.settle();
    assert_eq!(story.due("offer"), Some(day("2026-11-15")));
    assert_eq!(story.task("offer").original_due_on, Some(day("2026-12-01")));
}

#[test]
fn tasks_of_one_position_open_together_and_the_next_when_all_are_finished() {
    let tasks = [task("a"), task("b"), task("c").at(5).within(1), task("d").at(9)];
    let mut story = Story::begin(&template([stage("only", tasks).completes()]), noon("2026-01-21"));
    assert_eq!(story.open(), ["a", "b"]);
    story.until(noon("2026-01-25"));
    story.complete("b");
    assert_eq!(story.open(), ["a"]);
    // The position finished with the last of its tasks, whoever was told of first.
    story.complete_at("a", noon("2026-01-22"));
    assert_eq!(story.open(), ["c"]);
    assert_eq!(story.due("c"), Some(day("2026-01-26")));
    story.skip("c");
    assert_eq!(story.open(), ["d"]);
}

#[test]
fn optional_tasks_never_block_and_are_cancelled_when_the_stage_ends() {
    let tasks =
        [task("a"), task("extra").optional(), task("b").at(1), task("late").at(2).optional()];
    let stages = [stage("first", tasks), stage("second", [task("c")]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-21"));
    assert_eq!(story.open(), ["a", "extra"]);
    story.complete("a");
    assert_eq!(story.open(), ["extra", "b"]);
    story.pass(24);
    story.complete("b");
    assert_eq!(story.stage(), "second");
    let of_key = |key: &str| story.tasks().find(|task| task.template_key.as_deref() == Some(key));
    for key in ["extra", "late"] {
        let task = of_key(key).unwrap();
        assert_eq!(task.status, TaskStatus::Cancelled, "{key}");
        assert_eq!(task.finished_at, Some(noon("2026-01-22")), "{key}");
    }
}

#[test]
fn a_reopened_task_holds_the_stage_until_it_is_finished_again() {
    let tasks = [task("a"), task("b").at(1).within(2), task("c").at(2).within(2)];
    let mut story = Story::begin(&template([stage("only", tasks).completes()]), noon("2026-01-20"));
    story.complete("a");
    story.reopen("a");
    // What has been opened stays open: effects are not undone (rule 13).
    assert_eq!(story.open(), ["a", "b"]);
    story.until(noon("2026-01-22"));
    story.complete("b");
    assert_eq!(story.open(), ["a"]);
    story.until(noon("2026-01-25"));
    story.complete("a");
    assert_eq!(story.open(), ["c"]);
    assert_eq!(story.due("c"), Some(day("2026-01-27")));
}
