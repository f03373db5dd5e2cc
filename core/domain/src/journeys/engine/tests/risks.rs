//! Critical risks: growth waits until the last of them is closed.

use crate::journeys::kit::{Story, day, noon, stage, task, template};
use crate::tasks::TaskStatus::{Blocked, Open, Pending, Skipped};

/// Something to deliver, then something to offer within three days, which waits for risks.
fn growth() -> Story {
    let tasks = [task("deliver").within(2), task("offer").at(1).within(3).blocked_by_risk()];
    let stages = [stage("growth", tasks), stage("renewal", [task("renew")]).completes()];
    Story::begin(&template(stages), noon("2026-01-20"))
}

#[test]
fn growth_is_blocked_while_a_critical_risk_is_open_and_counts_from_its_end() {
    let mut story = growth();
    story.endanger();
    assert_eq!(story.open(), ["deliver"], "what does not grow goes on");
    assert_eq!(story.task("offer").status, Pending, "its turn has not come");
    story.complete("deliver");
    let offer = story.task("offer");
    assert_eq!((offer.status, offer.opened_at, offer.due_on), (Blocked, None, None));
    assert_eq!(story.stage(), "growth");
    story.until(noon("2026-03-10"));
    assert_eq!(story.task("offer").status, Blocked);
    story.relieve();
    let offer = story.task("offer");
    assert_eq!((offer.status, offer.opened_at), (Open, Some(noon("2026-03-10"))));
    assert_eq!(offer.due_on, Some(day("2026-03-13")));
    assert_eq!(offer.blocked_reason, None);
}

#[test]
fn growth_that_is_open_is_blocked_and_opens_anew() {
    let mut story = growth();
    story.complete("deliver");
    assert_eq!(story.due("offer"), Some(day("2026-01-23")));
    story.until(noon("2026-01-21"));
    story.endanger();
    assert_eq!((story.task("offer").status, story.due("offer")), (Blocked, None));
    story.until(noon("2026-02-01"));
    story.relieve();
    assert_eq!((story.task("offer").status, story.due("offer")), (Open, Some(day("2026-02-04"))));
}

#[test]
fn an_old_risk_does_not_date_what_comes_later() {
    let mut story = growth();
    story.endanger();
    story.relieve();
    story.until(noon("2026-02-01"));
    story.complete("deliver");
    assert_eq!(story.due("offer"), Some(day("2026-02-04")));
}

#[test]
fn blocked_growth_can_be_left_out_and_is_blocked_again_when_reopened() {
    let mut story = growth();
    story.endanger();
    story.complete("deliver");
    story.skip("offer");
    assert_eq!(story.stage(), "renewal", "the journey goes on without it");
    let mut story = growth();
    story.complete("deliver");
    story.complete("offer");
    assert_eq!(story.stage(), "renewal");
    let tasks = [task("offer").blocked_by_risk(), task("review")];
    let mut story = Story::begin(&template([stage("only", tasks).completes()]), noon("2026-01-20"));
    story.endanger();
    story.skip("offer");
    assert_eq!(story.task("offer").status, Skipped);
    story.reopen("offer");
    assert_eq!(story.task("offer").status, Blocked);
    story.relieve();
    assert_eq!(story.open(), ["offer", "review"]);
}

#[test]
fn a_paused_journey_heeds_risks_when_it_goes_on() {
    let mut story = growth();
    story.complete("deliver");
    story.pause();
    story.endanger();
    assert_eq!(story.task("offer").status, Open);
    story.until(noon("2026-01-25"));
    story.resume();
    assert_eq!(story.task("offer").status, Blocked);
}
