//! Migrations: what stays, what is added and what is called off (rule 10).

use super::*;
use crate::journeys::JourneyStatus;
use crate::journeys::definition::TaskDefinition;
use crate::journeys::kit::{Story, asked, day, measured, noon, stage, task, template};
use crate::tasks::Comparator;

fn plan(tasks: Vec<TaskDefinition>) -> crate::journeys::definition::Definition {
    template([stage("one", tasks), stage("two", [task("end").within(3)]).completes()])
}

/// A journey whose first task was done on 20 January; it is the 30th now.
fn story(tasks: Vec<TaskDefinition>) -> Story {
    let mut story = Story::begin(&plan(tasks), noon("2026-01-20"));
    story.complete("done");
    story.until(noon("2026-01-30"));
    story
}

#[test]
fn finished_work_and_open_due_dates_stay() {
    let mut story = story(vec![task("done"), task("open").at(1).within(5), task("late").at(2)]);
    let tasks = vec![task("open").within(9), task("done").at(1), task("late").at(2).within(2)];
    let migration = story.migrate(&plan(tasks), remap);
    assert_eq!(migration.kept, ["done", "open", "late"]);
    assert_eq!(story.task("done").status, TaskStatus::Done);
    assert_eq!(story.due("open"), Some(day("2026-01-25")));
    story.complete("open");
    // What had not begun is due as the new version wants it.
    assert_eq!(story.due("late"), Some(day("2026-02-01")));
}

#[test]
fn a_new_task_counts_from_the_day_of_the_migration() {
    let mut story = story(vec![task("done"), task("open")]);
    let tasks = vec![task("done"), task("open"), task("new").within(3)];
    let migration = story.migrate(&plan(tasks), remap);
    assert_eq!(migration.added, ["new"]);
    assert_eq!(story.due("new"), Some(day("2026-02-02")));
}

#[test]
fn a_stage_that_ends_with_the_migration_ends_on_its_day() {
    let mut story = story(vec![task("done"), task("open")]);
    let migration = story.migrate(&plan(vec![task("done"), task("open").optional()]), remap);
    assert!(migration.cancelled.is_empty());
    assert_eq!(story.stage(), "two");
    assert_eq!(story.due("end"), Some(day("2026-02-02")));
}

#[test]
fn a_value_that_is_no_longer_asked_for_is_no_longer_waited_for() {
    let mut story = story(vec![task("done"), measured("use", Comparator::Gte, 10.0)]);
    assert_eq!(story.status(), JourneyStatus::Waiting);
    story.migrate(&plan(vec![task("done")]), remap);
    assert_eq!(story.visit().map(|visit| visit.entered_at), Some(noon("2026-01-30")));
}

#[test]
fn a_task_that_was_cancelled_and_is_wanted_again_is_added_anew() {
    let both = || plan(vec![task("done"), task("back"), task("open")]);
    let mut story = Story::begin(&both(), noon("2026-01-20"));
    story.complete("done");
    let migration = story.migrate(&plan(vec![task("done"), task("open")]), remap);
    assert_eq!(migration.cancelled, ["back"]);
    let migration = story.migrate(&both(), remap);
    assert_eq!(migration.added, ["back"]);
    story.complete("open");
    assert_eq!((story.stage(), story.open()), ("one", vec!["back"]));
}

#[test]
fn a_task_of_another_kind_is_another_task() {
    let mut story = story(vec![task("done"), task("open")]);
    let tasks = vec![asked("done", Comparator::Gte, 10.0), asked("open", Comparator::Gte, 10.0)];
    let migration = story.migrate(&plan(tasks), remap);
    assert_eq!(
        (migration.added, migration.cancelled.len()),
        (vec!["done".into(), "open".into()], 1)
    );
    assert_eq!(story.open(), ["done", "open"]);
}

#[test]
fn attempts_stay_and_a_lap_whose_first_stage_is_gone_begins_with_the_first_that_is_left() {
    let indicator = || asked("use", Comparator::Gte, 10.0);
    let stages = [stage("zero", [task("z")]), stage("one", [indicator()]).completes()];
    let mut story = Story::begin(&template(stages), noon("2026-01-20"));
    story.complete("z");
    story.answer("use", 1.0);
    story.migrate(&template([stage("one", [indicator()]).completes()]), remap);
    assert_eq!(story.run.journey.lap_stage_key, "one");
    assert_eq!(story.visit().map(|visit| (visit.lap, visit.attempt)), Some((1, 2)));
    story.answer("use", 1.0);
    assert_eq!(story.visit().map(|visit| visit.attempt), Some(3));
}

#[test]
fn another_stage_begins_anew() {
    let mut story = story(vec![task("done"), task("open")]);
    let definition = template([stage("other", [task("new").within(1)]).completes()]);
    let migration =
        story.migrate(&definition, |run, plan, world| restart(run, plan, world, "other"));
    assert_eq!((migration.added, migration.cancelled), (vec!["new".into()], vec!["open".into()]));
    assert_eq!(story.due("new"), Some(day("2026-01-31")));
    assert_eq!(story.visit().map(|visit| (visit.lap, visit.attempt)), Some((2, 1)));
}
