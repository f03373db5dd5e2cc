//! Types of tasks, when they behave and when they do not.

use jornada_plugin_host::error::CallError;
use jornada_plugin_host::task_type::{Answer, Call};
use jornada_plugin_host::{Called, Host};

use crate::support::{TASK, limits, moment, packaged, task, unnoticed};

const DONE: &str = r#"{"agreed": "Call again"}"#;

fn call(config: &str) -> Call {
    Call {
        moment: moment(),
        config: config.to_owned(),
        task: r#"{"id": "t1", "title": "Call", "accountId": "a1", "accountName": "Acme"}"#.into(),
        input: "null".to_owned(),
    }
}

fn completed(host: &Host, config: &str, outcome: &str) -> Called<Answer> {
    task(host, packaged("chore", TASK)).on_complete(&call(config), outcome)
}

#[test]
fn it_says_what_follows() {
    let answer = unnoticed(limits(), |host| completed(host, r#"{"again_in_days": 7}"#, DONE));
    let operations = answer.answer.unwrap().operations;
    assert_eq!(operations.len(), 1);
    assert_eq!(operations[0].kind, "create-task");
    assert!(operations[0].payload.contains(r#""dueInDays":7"#), "{}", operations[0].payload);
}

#[test]
fn it_refuses_an_outcome_in_the_language_of_the_workspace() {
    let empty = r#"{"agreed": ""}"#;
    let called = unnoticed(limits(), |host| completed(host, r#"{"again_in_days": 7}"#, empty));
    let Err(error @ CallError::InvalidInput(_)) = called.answer else { panic!("another end") };
    assert_eq!(error.problems()[0].path, "agreed");
    assert_eq!(error.problems()[0].message, "Diga o que foi combinado.");
}

#[test]
fn so_many_operations_are_done_and_no_more() {
    let asking = |count: u32| format!(r#"{{"again_in_days": 1, "operations": {count}}}"#);
    let most = unnoticed(limits(), |host| completed(host, &asking(50), DONE));
    assert_eq!(most.answer.unwrap().operations.len(), 50);
    let many = unnoticed(limits(), |host| completed(host, &asking(51), DONE));
    let told = "51 operations, of which at most 50 are done".to_owned();
    assert_eq!(many.answer.unwrap_err(), CallError::BadAnswer(told));
}

#[test]
fn operations_of_megabytes_are_not_taken_over() {
    let config = r#"{"again_in_days": 1, "operations": 60000}"#;
    let called = unnoticed(limits(), |host| completed(host, config, DONE));
    let is_end = |error: &CallError| {
        matches!(error, CallError::AnswerTooLarge { .. } | CallError::OutOfFuel { .. })
    };
    assert!(called.answer.as_ref().is_err_and(is_end), "{:?}", called.answer);
}

#[test]
fn a_panic_is_that_call_alone() {
    let config = r#"{"again_in_days": 1, "panics": true}"#;
    let called = unnoticed(limits(), |host| completed(host, config, DONE));
    let Err(CallError::Trap { message, .. }) = called.answer else { panic!("another end") };
    assert!(message.contains("as its configuration says"), "{message}");
}
