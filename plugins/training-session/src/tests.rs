//! The fixtures, and what follows from a training.

use jornada_plugin_sdk::testing::{TestTask, task_fixtures};
use serde_json::{Value as Json, json};

use super::*;

fn training(config: Json) -> TestTask<TrainingSession> {
    TestTask::new(config).locale("en")
}

fn outcome(invited: u32, attended: u32) -> Json {
    json!({"invited": invited, "attended": attended, "outcome": "Fine", "topics": ["Invoices"]})
}

fn kinds(operations: &[Operation]) -> Vec<&'static str> {
    operations.iter().map(Operation::kind).collect()
}

fn paths(task: &TestTask<TrainingSession>, outcome: Json) -> Vec<String> {
    match task.complete(outcome) {
        Err(Failure::InvalidInput(all)) => all.into_iter().map(|one| one.path).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn its_fixtures_hold() {
    assert!(task_fixtures::<TrainingSession>(env!("CARGO_MANIFEST_DIR")) >= 4);
}

#[test]
fn the_stage_is_repeated_where_fewer_than_the_least_were_there() {
    let task = training(json!({"minimumPercent": 75}));
    let follows = |attended| kinds(&task.complete(outcome(4, attended)).unwrap());
    assert_eq!(follows(3), ["create-interaction"]);
    assert_eq!(follows(2), ["create-interaction", "repeat-stage"]);
    assert_eq!(follows(0), ["create-interaction", "repeat-stage"]);
    let none = training(json!({"minimumPercent": 0}));
    assert_eq!(kinds(&none.complete(outcome(4, 0)).unwrap()), ["create-interaction"]);
}

#[test]
fn the_reason_says_who_was_there_and_how_many_are_needed() {
    let operations = training(json!({})).complete(outcome(8, 4)).unwrap();
    let reason = "4 of 8 who were invited were there (50%). At least 60% are needed.";
    assert_eq!(operations[1], RepeatStage::new(reason).into());
}

#[test]
fn attendance_is_recorded_where_there_is_a_metric() {
    let operations = training(json!({"metric": "attendance"})).complete(outcome(3, 2)).unwrap();
    assert_eq!(operations[1], RecordMetric::new("attendance", 200.0 / 3.0).into());
}

#[test]
fn an_outcome_that_does_not_do_is_refused_with_all_that_is_wrong() {
    let task = training(json!({}));
    assert_eq!(paths(&task, outcome(0, 0)), ["invited"]);
    assert_eq!(paths(&task, outcome(3, 4)), ["attended"]);
    let empty = json!({"invited": 3, "attended": 4, "outcome": " ", "topics": []});
    assert_eq!(paths(&task, empty), ["attended", "outcome", "topics"]);
    let blank = json!({"invited": 3, "attended": 3, "outcome": "Fine", "topics": ["A", " "]});
    assert_eq!(paths(&task, blank), ["topics.1"]);
    assert_eq!(paths(&task, json!({"invited": -3})), ["invited"]);
}

#[test]
fn a_configuration_is_sound_or_says_why_not() {
    assert_eq!(training(json!({})).validate(), []);
    assert_eq!(training(json!({"minimumPercent": 101})).validate()[0].path, "minimumPercent");
    assert_eq!(training(json!({"minimum": 1})).validate()[0].path, "minimum");
}
