//! A health score that does what its configuration says, above all what it must not. It is written
//! against the contract itself: the SDK would not let it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use jornada_plugin_sdk::bindings::score::exports::jornada::score::health_score as wit;
use jornada_plugin_sdk::bindings::score::exports::jornada::score::schemas;
use jornada_plugin_sdk::{bindings, log, serde_json};

use wit::{
    Aggregation, Batch, Description, Factor, Failure, Input, InputKind, Localized, Reason,
    ReasonText, Scores,
};

/// What would be kept from one call to the next, if anything were.
static CALLS: AtomicU32 = AtomicU32::new(0);
static SECRET: Mutex<String> = Mutex::new(String::new());

struct Rogue;

/// The member of the configuration with this name: what it does, or a word.
fn word(config: &str, member: &str) -> String {
    let config: serde_json::Value = serde_json::from_str(config).unwrap_or_default();
    config.get(member).and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}

fn english(text: &str) -> Vec<Localized> {
    vec![Localized { locale: "en".to_owned(), text: text.to_owned() }]
}

fn input(key: &str) -> Input {
    Input {
        key: key.to_owned(),
        title: english("Value"),
        kind: InputKind::Number,
        unit: String::new(),
        required: true,
        window_days: 0,
        aggregation: Aggregation::Last,
        words: Vec::new(),
        sensitive: false,
        suggestion: String::new(),
    }
}

fn description() -> Description {
    Description {
        inputs: vec![input("value")],
        factors: vec![Factor { key: "all".to_owned(), title: english("All"), weight: 1.0 }],
        reasons: vec![ReasonText { code: "why".to_owned(), text: english("Why") }],
    }
}

/// The value itself is the score.
fn honest(batch: &Batch) -> Scores {
    let values = batch.columns.first().cloned().unwrap_or_default();
    Scores { contributions: values.clone(), values, base: 0.0, reasons: Vec::new() }
}

/// A function that stands in backtraces by its name.
#[inline(never)]
fn give_up() -> ! {
    panic!("it had enough")
}

/// Takes memory until there is no more.
fn devour() -> Failure {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(std::hint::black_box(Vec::with_capacity(1 << 20)));
        if taken.len() == usize::MAX {
            return Failure::Failed(String::new());
        }
    }
}

impl wit::Guest for Rogue {
    fn describe(config: String) -> Result<Description, Failure> {
        let mut description = description();
        match word(&config, "describe").as_str() {
            "a bad key" => description.inputs[0].key = "Not a key".to_owned(),
            "a key twice" => description.inputs.push(input("value")),
            "no title" => description.factors[0].title.clear(),
            "too many inputs" => {
                description.inputs = (0..65).map(|number| input(&format!("i{number}"))).collect();
            }
            "failed" => return Err(Failure::Failed("it does not want to".to_owned())),
            _ => {}
        }
        Ok(description)
    }

    fn score(config: String, batch: Batch) -> Result<Scores, Failure> {
        log::tell_panics();
        let mut scores = honest(&batch);
        match word(&config, "score").as_str() {
            "panic" => give_up(),
            "no end" => loop {
                std::hint::black_box(());
            },
            "a poisoned row" => {
                assert!(scores.values.iter().all(|value| *value >= 0.0), "below zero");
            }
            "no row" => scores.values.clear(),
            "one row too many" => scores.values.push(1.0),
            "no contributions" => scores.contributions.clear(),
            "contributions that do not add up" => scores.contributions[0] += 0.02,
            "a contribution that is no number" => scores.contributions[0] = f64::NAN,
            "an infinite score" => scores.values[0] = f64::INFINITY,
            "a score above 100" => (scores.values[0], scores.contributions[0]) = (100.5, 100.5),
            "no number at all" => scores.values.fill(f64::NAN),
            "an infinite base" => scores.base = f64::NEG_INFINITY,
            "an unknown reason" => scores.reasons.push(Reason { row: 0, reason: 1 }),
            "an unknown row" => scores.reasons.push(Reason { row: batch.rows, reason: 0 }),
            "too many reasons" => scores.reasons = vec![Reason { row: 0, reason: 0 }; 4],
            "millions of reasons" => scores.reasons = vec![Reason { row: 0, reason: 0 }; 1 << 20],
            "a long failure" => return Err(Failure::Failed("no ".repeat(2 << 20))),
            "all memory" => return Err(devour()),
            "count" => {
                let count = f64::from(CALLS.fetch_add(1, Ordering::Relaxed));
                scores.values.fill(count);
                scores.contributions.fill(count);
            }
            "remember" => {
                let mut secret = SECRET.lock().unwrap_or_else(|broken| broken.into_inner());
                *secret = word(&config, "secret");
            }
            "recall" => {
                let secret = SECRET.lock().unwrap_or_else(|broken| broken.into_inner());
                return Err(Failure::Failed(secret.clone()));
            }
            "a long line" => log::info("x\u{7}".repeat(1 << 20)),
            "many lines" => (0..2000).for_each(|line| log::info(format!("line {line}"))),
            _ => {}
        }
        Ok(scores)
    }
}

impl schemas::Guest for Rogue {
    fn config() -> String {
        "{}".to_owned()
    }
}

bindings::score::export_health_score!(Rogue with_types_in jornada_plugin_sdk::bindings::score);
