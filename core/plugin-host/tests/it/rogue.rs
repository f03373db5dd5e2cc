//! A health score in Rust that does what it must not.

use jornada_plugin_host::Called;
use jornada_plugin_host::error::CallError;
use jornada_plugin_host::health_score::{HealthScore, Scores};

use jornada_plugin_host::package::package;
use serde_json::json;

use crate::support::{SCORE, batch, built, limits, manifest, packaged, parsed, score, unnoticed};

fn rogue(host: &jornada_plugin_host::Host) -> HealthScore {
    score(host, packaged("rogue", SCORE))
}

fn behaving(how: &str) -> String {
    format!(r#"{{"score": "{how}"}}"#)
}

/// What came of scoring two customers with this behaviour.
fn scored(how: &str) -> Called<Scores> {
    unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        rogue.score(&behaving(how), &description, &batch(&[20.0, 70.0]))
    })
}

/// Why an answer does not fit the contract.
fn misfit(how: &str) -> String {
    match scored(how).answer {
        Err(CallError::BadAnswer(told)) => told,
        other => panic!("{how}: {other:?}"),
    }
}

fn fault(how: &str) -> CallError {
    let config = format!(r#"{{"describe": "{how}"}}"#);
    unnoticed(limits(), |host| rogue(host).describe(&config).answer.unwrap_err())
}

#[test]
fn it_can_behave() {
    assert_eq!(scored("").answer.unwrap().values, [20.0, 70.0]);
}

#[test]
fn a_panic_says_its_words_and_where_it_was() {
    let Err(CallError::Trap { message, backtrace }) = scored("panic").answer else {
        panic!("another end")
    };
    assert!(message.starts_with("panicked at "), "{message}");
    assert!(message.ends_with(": it had enough"), "{message}");
    assert_eq!(
        backtrace.lines().collect::<Vec<_>>(),
        ["rogue::give_up", "jornada:score/health-score@1.0.0#score"],
        "names as one writes them, and no folder of whoever built it"
    );
}

#[test]
fn a_poisoned_row_costs_one_row() {
    let mut values = vec![50.0; 1000];
    values[617] = -1.0;
    let scored = unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        rogue.score_each(&behaving("a poisoned row"), &description, &batch(&values))
    });
    let lost: Vec<_> = scored.parts.iter().filter(|part| part.scores.is_err()).collect();
    assert_eq!((lost.len(), lost[0].rows.start, lost[0].rows.end), (1, 617, 618));
    assert!(matches!(lost[0].scores, Err(CallError::Trap { .. })));
    let mut next = 0;
    for part in &scored.parts {
        assert_eq!(part.rows.start, next, "the parts have no gap");
        next = part.rows.end;
        if let Ok(scores) = &part.scores {
            assert_eq!(scores.values, vec![50.0; part.rows.len()]);
        }
    }
    assert_eq!(next, 1000);
    assert!(scored.calls.len() <= 21, "{}", scored.calls.len());
}

#[test]
fn many_poisoned_rows_cost_no_other_one_its_score() {
    let is_poisoned = |row: usize| row % 7 == 3;
    let values: Vec<f64> =
        (0..1000).map(|row| if is_poisoned(row) { -1.0 } else { 50.0 }).collect();
    let scored = unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        rogue.score_each(&behaving("a poisoned row"), &description, &batch(&values))
    });
    for part in &scored.parts {
        let is_lost = part.scores.is_err();
        assert!(part.rows.clone().all(|row| is_poisoned(row) == is_lost), "{:?}", part.rows);
    }
    assert_eq!(scored.parts.iter().map(|part| part.rows.len()).sum::<usize>(), 1000);
    assert_eq!(scored.calls.len(), 100, "so many are told");
}

#[test]
fn rows_for_which_it_never_ends_are_not_looked_for_without_end() {
    let scored = unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        rogue.score_each(&behaving("no end"), &description, &batch(&[50.0; 1000]))
    });
    let burnt: u64 = scored.calls.iter().map(|call| call.invocation.fuel).sum();
    assert!(burnt <= 10 * limits().fuel(1000), "{burnt}");
    assert!(scored.parts.iter().all(|part| part.scores.is_err()));
    assert_eq!(scored.parts.iter().map(|part| part.rows.len()).sum::<usize>(), 1000);
}

#[test]
fn each_customer_has_one_score() {
    assert_eq!(misfit("no row"), "0 scores for 2 accounts");
    assert_eq!(misfit("one row too many"), "3 scores for 2 accounts");
    assert_eq!(misfit("no contributions"), "0 contributions for 2 accounts and 1 factors");
}

#[test]
fn the_parts_of_a_score_add_up_to_it() {
    let told = misfit("contributions that do not add up");
    assert!(told.starts_with("the parts of account 0 come to 20.0"), "{told}");
    let told = misfit("a contribution that is no number");
    assert_eq!(told, "the parts of account 0 come to NaN, and not to 20");
}

#[test]
fn a_score_is_between_0_and_100() {
    assert_eq!(misfit("an infinite score"), "the score of account 0 is inf");
    assert_eq!(misfit("a score above 100"), "the score of account 0 is 100.5");
    assert_eq!(misfit("an infinite base"), "the base is -inf");
}

#[test]
fn no_number_means_that_too_little_is_known() {
    let scores = scored("no number at all").answer.unwrap();
    assert!(scores.values.iter().all(|value| value.is_nan()));
}

#[test]
fn reasons_are_about_what_there_is() {
    assert_eq!(misfit("an unknown reason"), "there is no reason 1");
    assert_eq!(misfit("an unknown row"), "there is no account 2");
    assert_eq!(misfit("too many reasons"), "account 0 has more than 3 reasons");
}

#[test]
fn an_answer_of_megabytes_is_not_taken_over() {
    let bytes = limits().answer_bytes;
    for how in ["millions of reasons", "a long failure"] {
        assert_eq!(scored(how).answer.unwrap_err(), CallError::AnswerTooLarge { bytes }, "{how}");
    }
}

#[test]
fn all_memory_is_no_more_than_it_may_have() {
    let called = scored("all memory");
    let bytes = limits().memory_bytes;
    assert_eq!(called.answer.unwrap_err(), CallError::OutOfMemory { bytes });
    assert!(called.invocation.peak_memory <= bytes);
}

#[test]
fn a_plugin_may_ask_for_less_than_it_may_have_and_never_gets_more() {
    let allowed = limits().memory_bytes;
    for (asked_for, bytes) in [(8_u64 << 20, 8 << 20), (1 << 40, allowed)] {
        let mut manifest = manifest(SCORE);
        manifest["limits"] = json!({ "memory_bytes": asked_for });
        let plugin = package(&built("rogue"), &parsed(&manifest)).unwrap();
        let error = unnoticed(limits(), |host| {
            let rogue = score(host, plugin);
            let description = rogue.describe("{}").answer.unwrap();
            rogue.score(&behaving("all memory"), &description, &batch(&[1.0])).answer.unwrap_err()
        });
        assert_eq!(error, CallError::OutOfMemory { bytes });
    }
}

#[test]
fn a_log_has_room_for_so_many_bytes_and_control_characters_are_escaped() {
    let called = scored("many lines");
    assert_eq!(called.answer.unwrap().values, [20.0, 70.0]);
    let kept = called.invocation.log.len() as u64;
    let all = kept + called.invocation.log_dropped;
    assert!((2000..=2001).contains(&all), "one of them may be cut: {all}");
    let called = scored("a long line");
    let line = &called.invocation.log[0].message;
    assert!(line.starts_with("x\\u{7}x") && line.len() as u64 <= limits().log_bytes);
}

#[test]
fn nothing_is_kept_from_one_call_to_the_next() {
    unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        let called = |_| rogue.score(&behaving("count"), &description, &batch(&[1.0]));
        let each: Vec<_> = (0..5).map(called).collect();
        assert!(each.iter().all(|called| called.answer.as_ref().unwrap().values == [0.0]));
        let fuel = each[0].invocation.fuel;
        assert!(each.iter().all(|called| called.invocation.fuel == fuel));
    });
}

#[test]
fn what_one_tenant_says_another_does_not_hear() {
    unnoticed(limits(), |host| {
        let rogue = rogue(host);
        let description = rogue.describe("{}").answer.unwrap();
        for _ in 0..20 {
            let told = r#"{"score": "remember", "secret": "renewal at half the price"}"#;
            rogue.score(told, &description, &batch(&[1.0])).answer.unwrap();
            let heard = rogue.score(&behaving("recall"), &description, &batch(&[1.0]));
            assert_eq!(heard.answer.unwrap_err(), CallError::Failed(String::new()));
        }
    });
}

#[test]
fn a_description_that_does_not_fit_is_none() {
    for (how, told) in [
        ("a bad key", "\"Not a key\" is no key: lower-case letters, digits, underscores"),
        ("a key twice", "two are called \"value\""),
        ("no title", "all has no text, or one that is no line of 500 characters"),
        ("too many inputs", "65 inputs, of which there are at most 64"),
    ] {
        assert_eq!(fault(how), CallError::BadAnswer(told.to_owned()), "{how}");
    }
    assert_eq!(fault("failed"), CallError::Failed("it does not want to".to_owned()));
}
