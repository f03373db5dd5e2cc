//! Journeys that ran before Jornada knew of them.

use proptest::prelude::*;

use crate::journeys::engine::adoption::Adoption;
use crate::journeys::evaluation::Verdict;
use crate::journeys::kit::{Story, asked, day, noon, stage, task, template};
use crate::tasks::TaskStatus::{Open, Pending, Skipped};
use crate::tasks::due::Anchor;
use crate::tasks::{Comparator, task as row};

/// A quarter of three tasks one after the other, the last counted from the entry, and what follows.
fn quarter(adoption: &Adoption, entered_on: &str) -> Story {
    let tasks = [
        task("train").within(5),
        task("check").at(1).within(10),
        task("report").at(2).within(30).counted_from(Anchor::StageEntry),
    ];
    let stages = [
        stage("adoption", tasks).expected(90).not_before(90),
        stage("review", [task("meet").within(7)]).completes(),
    ];
    Story::adopted(&template(stages), noon(entered_on), noon("2026-01-20"), adoption)
}

#[test]
fn work_begins_on_the_day_of_the_adoption_and_the_quarter_on_that_of_the_entry() {
    let story = quarter(&Adoption::NothingDone, "2025-12-01");
    assert_eq!(story.open(), ["train"]);
    assert_eq!(story.due("train"), Some(day("2026-01-25")));
    let visit = story.run.visits.last().unwrap();
    assert_eq!(visit.entered_on, day("2025-12-01"));
    assert_eq!(visit.expected_until, Some(day("2026-03-01")));
}

#[test]
fn what_was_done_before_is_left_out_and_what_is_next_is_not_overdue() {
    let mut story = quarter(&Adoption::NextTask("check".to_owned()), "2025-06-01");
    let train = story.task("train");
    assert_eq!((train.status, train.reason.as_deref()), (Skipped, Some(row::ADOPTED)));
    assert_eq!(story.task("check").status, Open);
    assert_eq!(story.due("check"), Some(day("2026-01-30")));
    assert_eq!(story.task("report").status, Pending);
    story.until(noon("2026-02-10"));
    story.complete("check");
    assert_eq!(story.due("report"), Some(day("2026-02-19")), "the entry is that of the adoption");
    story.complete("report");
    assert_eq!(story.stage(), "review", "the quarter has passed long ago");
    assert_eq!(story.due("meet"), Some(day("2026-02-17")), "and what follows begins now");
}

#[test]
fn a_stage_whose_tasks_are_done_lasts_its_time() {
    let mut story = quarter(&Adoption::AllDone, "2025-12-01");
    assert_eq!((story.open(), story.stage()), (Vec::new(), "adoption"));
    story.until(noon("2026-03-02"));
    assert_eq!(story.stage(), "review");
    assert_eq!(story.due("meet"), Some(day("2026-03-08")));
}

#[test]
fn a_stage_whose_time_has_passed_ends_with_the_adoption_and_not_before() {
    let story = quarter(&Adoption::AllDone, "2025-01-01");
    assert_eq!(story.stage(), "review");
    assert_eq!(story.due("meet"), Some(day("2026-01-27")));
}

#[test]
fn indicators_that_a_person_evaluated_before_are_waived() {
    let tasks = [asked("happy", Comparator::Gte, 7.0), task("next").at(1).within(3)];
    let stages = [stage("first", tasks), stage("second", [task("go")]).completes()];
    let adoption = Adoption::NextTask("next".to_owned());
    let (entered, now) = (noon("2025-12-01"), noon("2026-01-20"));
    let mut story = Story::adopted(&template(stages), entered, now, &adoption);
    assert_eq!(story.run.evaluations[0].verdict, Verdict::Waived);
    story.complete("next");
    assert_eq!(story.stage(), "second");
}

proptest! {
    #[test]
    fn nothing_opens_overdue(days_ago in 0i64..2000, next in 0usize..4) {
        let adoption = match ["train", "check", "report"].get(next) {
            Some(key) => Adoption::NextTask((*key).to_owned()),
            None => Adoption::AllDone,
        };
        let entered = day("2026-01-20") - chrono::TimeDelta::days(days_ago);
        let story = quarter(&adoption, &entered.to_string());
        for task in story.run.tasks.iter().filter(|task| task.status == Open) {
            prop_assert!(task.due_on >= Some(day("2026-01-20")), "{task:?}");
            prop_assert!(task.opened_at >= Some(noon("2026-01-20")));
        }
    }
}
