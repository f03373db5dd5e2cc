//! Modules that attack by single instructions: endless work, all the memory, answers that are no
//! answers.

use std::time::{Duration, Instant};

use jornada_plugin_host::error::{CallError, LoadError};
use jornada_plugin_host::health_score::Description;
use jornada_plugin_host::{Called, Limits};

use crate::support::{attack, limits, load, score, unnoticed};

/// What came of asking the attack to describe itself.
fn asked_with(limits: Limits, name: &str) -> Called<Description> {
    unnoticed(limits, |host| score(host, attack(name)).describe("{}"))
}

fn asked(name: &str) -> Called<Description> {
    asked_with(limits(), name)
}

fn error(name: &str) -> CallError {
    asked(name).answer.unwrap_err()
}

#[test]
fn an_endless_loop_ends_when_its_fuel_is_burnt() {
    let called = asked("loop");
    assert_eq!(called.answer.unwrap_err(), CallError::OutOfFuel { fuel: 20_000_000 });
    assert_eq!(called.invocation.fuel, 20_000_000);
}

#[test]
fn a_deep_recursion_ends_when_the_stack_is_full() {
    let CallError::StackOverflow { backtrace } = error("recursion") else { panic!("another end") };
    assert!(backtrace.starts_with("attack\nattack\n"), "{backtrace}");
    assert!(backtrace.lines().count() <= 21, "{backtrace}");
}

#[test]
fn memory_is_counted_over_all_memories() {
    let limits = limits();
    let allowed = limits.memory_bytes;
    let called = asked("memories");
    assert_eq!(called.answer.unwrap_err(), CallError::OutOfMemory { bytes: allowed });
    assert!((20 << 20..=allowed).contains(&called.invocation.peak_memory));
    // Each of them alone would have had room, and both have where there is more.
    let roomy = Limits { memory_bytes: 48 << 20, ..limits };
    assert_eq!(asked_with(roomy, "memories").answer.unwrap_err(), CallError::Failed(String::new()));
}

#[test]
fn tables_are_memory_too() {
    assert_eq!(error("tables"), CallError::OutOfMemory { bytes: limits().memory_bytes });
}

#[test]
fn one_instruction_that_moves_many_bytes_costs_fuel_for_each() {
    let begun = Instant::now();
    assert!(matches!(error("bulk"), CallError::OutOfFuel { .. }));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn an_answer_or_a_line_of_megabytes_is_not_taken_over() {
    assert_eq!(error("long-text"), CallError::AnswerTooLarge { bytes: limits().answer_bytes });
    assert_eq!(error("many-inputs"), CallError::AnswerTooLarge { bytes: limits().answer_bytes });
    assert_eq!(error("long-line"), CallError::AnswerTooLarge { bytes: limits().answer_bytes });
}

#[test]
fn an_answer_that_lies_beyond_the_memory_is_none() {
    assert!(matches!(error("beyond"), CallError::BadAnswer(_)), "{:?}", error("beyond"));
}

#[test]
fn words_that_are_no_text_are_no_answer() {
    assert!(matches!(error("no-text"), CallError::BadAnswer(_)), "{:?}", error("no-text"));
}

#[test]
fn a_case_that_there_is_not_is_no_answer() {
    assert!(matches!(error("no-case"), CallError::BadAnswer(_)), "{:?}", error("no-case"));
}

#[test]
fn a_level_that_there_is_not_ends_the_call() {
    assert!(matches!(error("no-level"), CallError::BadAnswer(_)), "{:?}", error("no-level"));
}

#[test]
fn a_flood_of_lines_costs_fuel_and_one_line_is_kept_as_far_as_there_is_room() {
    let begun = Instant::now();
    let called = asked("flood");
    assert!(matches!(called.answer.unwrap_err(), CallError::OutOfFuel { .. }));
    assert_eq!(called.invocation.log.len(), 1);
    assert!(called.invocation.log[0].message.len() as u64 <= limits().log_bytes);
    assert!(called.invocation.log_dropped > 1000);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn a_trap_says_what_it_was_and_in_which_functions() {
    let CallError::Trap { message, backtrace } = error("division") else { panic!("another end") };
    assert!(message.contains("integer divide by zero"), "{message}");
    assert!(backtrace.starts_with("inner\nouter\nattack\n"), "{backtrace}");
}

#[test]
fn one_that_never_starts_is_not_loaded() {
    let loaded = unnoticed(limits(), |host| load(host, attack("start")).err().unwrap());
    assert!(matches!(loaded, LoadError::Start(CallError::OutOfFuel { .. })), "{loaded:?}");
}
