//! The fixtures, and what follows from what is agreed.

use jornada_plugin_sdk::testing::{TestTask, task_fixtures};
use serde_json::{Value as Json, json};

use super::*;

fn agreement(config: Json) -> TestTask<SuccessCriteria> {
    TestTask::new(config).locale("en")
}

fn paths(config: Json, outcome: Json) -> Vec<String> {
    match agreement(config).complete(outcome) {
        Ok(_) => Vec::new(),
        Err(Failure::InvalidInput(all)) => all.into_iter().map(|one| one.path).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

fn criterion() -> Json {
    json!({"outcome": "Half of the calls", "metric": "calls", "start": 1200, "target": 600})
}

#[test]
fn its_fixtures_hold() {
    assert!(task_fixtures::<SuccessCriteria>(env!("CARGO_MANIFEST_DIR")) >= 4);
}

#[test]
fn each_criterion_is_a_goal_and_each_step_a_milestone() {
    let operations = agreement(json!({}))
        .complete(json!({
            "criteria": [criterion(), {"outcome": "Calm Mondays", "measure": "they say so"}],
            "milestones": [{"title": "First report", "dueOn": "2026-02-01"}],
            "pains": "Too many calls",
        }))
        .unwrap();
    let due = "2026-02-01".parse().unwrap();
    assert_eq!(
        operations,
        [
            CreateGoal::new("Half of the calls").metric("calls").start(1200.0).target(600.0).into(),
            CreateGoal::new("Calm Mondays (measured by: they say so)").into(),
            CreateMilestone::new("First report").due_on(due).into(),
        ]
    );
}

#[test]
fn reasons_and_pains_go_to_the_attributes_that_are_named() {
    let config = json!({"purchaseReasonAttribute": "reason", "painsAttribute": "pains"});
    let whole = json!({"criteria": [criterion()], "purchaseReason": "Growth", "pains": " Calls "});
    let operations = agreement(config.clone()).complete(whole).unwrap();
    assert_eq!(
        operations[1..],
        [SetAttribute::new("reason", "Growth").into(), SetAttribute::new("pains", "Calls").into(),]
    );
    let missing = json!({"criteria": [criterion()], "pains": " "});
    assert_eq!(paths(config, missing), ["purchaseReason", "pains"]);
}

#[test]
fn a_criterion_says_how_it_is_measured() {
    let of = |criterion: Json| paths(json!({}), json!({"criteria": [criterion]}));
    assert_eq!(of(criterion()), Vec::<String>::new());
    assert_eq!(of(json!({"outcome": "Calm"})), ["criteria.0.measure"]);
    assert_eq!(of(json!({"outcome": " ", "measure": "they say so"})), ["criteria.0.outcome"]);
    assert_eq!(of(json!({"outcome": "Calm", "metric": "calls"})), ["criteria.0.target"]);
    let reached = json!({"outcome": "Calm", "metric": "calls", "start": 3, "target": 3});
    assert_eq!(of(reached), ["criteria.0.target"]);
    let late = json!({"outcome": "Calm", "measure": "so", "dueOn": "2026-01-22"});
    assert_eq!(of(late), ["criteria.0.dueOn"]);
    let today = json!({"outcome": "Calm", "measure": "so", "dueOn": "2026-01-23"});
    assert_eq!(of(today), Vec::<String>::new());
    assert_eq!(of(json!({"outcome": "Calm", "dueOn": "2026-02-30"})), ["criteria.0.dueOn"]);
}

#[test]
fn a_template_can_ask_for_more() {
    let config = json!({"minimumCriteria": 2, "milestonesRequired": true});
    let one = json!({"criteria": [criterion()]});
    assert_eq!(paths(config.clone(), one), ["milestones", "criteria"]);
    let blank = json!({
        "criteria": [criterion(), criterion()],
        "milestones": [{"title": ""}, {"title": "A", "dueOn": "2025-12-31"}],
    });
    assert_eq!(paths(config, blank), ["milestones.0.title", "milestones.1.dueOn"]);
}

#[test]
fn a_configuration_is_sound_or_says_why_not() {
    assert_eq!(agreement(json!({})).validate(), []);
    let of = |config| agreement(config).validate().remove(0).path;
    assert_eq!(of(json!({"minimumCriteria": 0})), "minimumCriteria");
    let same = json!({"purchaseReasonAttribute": "why", "painsAttribute": "why"});
    assert_eq!(of(same), "painsAttribute");
}
