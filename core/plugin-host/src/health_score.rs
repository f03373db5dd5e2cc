//! Calls health scores, and checks that what they answer adds up.

use std::ops::Range;

use crate::bindings::score::HealthScorePluginPre;
use crate::call::{Called, Runner, State, Subject};
use crate::error::CallError;
use crate::manifest::is_locale;
use crate::text;

pub use crate::bindings::score::exports::jornada::score::health_score::{
    Aggregation, Batch, Description, Factor, Input, InputKind, Localized, Moment, Reason,
    ReasonText, Scores,
};

/// A health score that can be called.
pub struct HealthScore {
    pub(crate) runner: Runner,
    pub(crate) pre: HealthScorePluginPre<State>,
}

/// What a batch came to.
pub struct Scored {
    /// The parts of the batch in order, without gaps: more than one only where it had to be taken
    /// apart to find the accounts that the plugin cannot score.
    pub parts: Vec<Part>,
    /// The calls that it took, each with whether it was answered: at most [`MOST_CALLS_TOLD`].
    pub calls: Vec<Called<()>>,
}

/// Accounts that were scored in one call, or that could not be.
pub struct Part {
    /// Their places in the batch.
    pub rows: Range<usize>,
    /// Their scores, or why there are none.
    pub scores: Result<Scores, CallError>,
}

/// Inputs, factors and reasons of a description.
const MOST_INPUTS: usize = 64;
const MOST_FACTORS: usize = 32;
const MOST_REASON_TEXTS: usize = 64;

/// Reasons of one account.
const MOST_REASONS: usize = 3;

/// Characters of a text, and bytes of a word.
const MOST_TEXT: usize = 500;

/// By how much the parts of a score may miss it, in points.
const TOLERANCE: f64 = 0.01;

/// Calls of one batch that are told: those that come after tell nothing new.
pub const MOST_CALLS_TOLD: usize = 100;

/// How often the fuel of a batch may be burnt again, to find the accounts that cannot be scored.
/// Who breaks off burns little, so that all of a thousand are found; who never ends burns all of
/// it, and is given up.
const MOST_FUEL: u64 = 8;

impl HealthScore {
    /// Makes an instance, and calls nothing of it.
    pub(crate) fn start(&self) -> Called<()> {
        let subject = Subject { function: "start", rows: 0 };
        self.runner.call(subject, |store| {
            self.pre.instantiate(store)?;
            Ok(Ok(()))
        })
    }

    /// The JSON Schema of its configuration, which `jornada plugin build` writes into the manifest.
    pub fn config_schema(&self) -> Called<String> {
        let subject = Subject { function: "schemas.config", rows: 0 };
        self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            Ok(Ok(instance.jornada_score_schemas().call_config(store)?))
        })
    }

    /// What it wants to know, with this configuration.
    pub fn describe(&self, config: &str) -> Called<Description> {
        let subject = Subject { function: "describe", rows: 0 };
        let Called { answer, invocation } = self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            instance.jornada_score_health_score().call_describe(store, &config.to_owned())
        });
        let answer = answer.and_then(|description| match fault(&description) {
            None => Ok(description),
            Some(fault) => Err(CallError::bad_answer(fault)),
        });
        Called { answer, invocation }
    }

    /// Scores a batch in one call: all of it, or nothing.
    pub fn score(&self, config: &str, description: &Description, batch: &Batch) -> Called<Scores> {
        let subject = Subject { function: "score", rows: batch.rows };
        let Called { answer, invocation } = self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            instance.jornada_score_health_score().call_score(store, &config.to_owned(), batch)
        });
        let answer = answer.and_then(|scores| match misfit(&scores, description, batch.rows) {
            None => Ok(scores),
            Some(fault) => Err(CallError::bad_answer(fault)),
        });
        Called { answer, invocation }
    }

    /// Scores a batch. Where the plugin breaks off, the batch is taken apart until the accounts are
    /// found that it cannot score; the others get their scores.
    pub fn score_each(&self, config: &str, description: &Description, batch: &Batch) -> Scored {
        let mut scored = Scored { parts: Vec::new(), calls: Vec::new() };
        let (all, most) = (batch.rows as usize, self.runner.limits.batch_rows.max(1) as usize);
        let parts = (0..all).step_by(most).map(|first| first..all.min(first + most));
        let mut open: Vec<_> = parts.rev().collect();
        if open.is_empty() {
            open.push(0..0);
        }
        let mut fuel = self.runner.limits.fuel(batch.rows).saturating_mul(MOST_FUEL);
        while let Some(rows) = open.pop() {
            let Called { answer, invocation } = if rows.len() == batch.rows as usize {
                self.score(config, description, batch)
            } else {
                self.score(config, description, &part_of(batch, &rows))
            };
            let told = answer.as_ref().map(|_| ()).map_err(Clone::clone);
            fuel = fuel.saturating_sub(invocation.fuel);
            if scored.calls.len() < MOST_CALLS_TOLD {
                scored.calls.push(Called { answer: told, invocation });
            }
            match answer {
                Err(error) if rows.len() > 1 && fuel > 0 && error.may_be_one_row() => {
                    let middle = rows.start + rows.len() / 2;
                    open.extend([middle..rows.end, rows.start..middle]);
                }
                scores => scored.parts.push(Part { rows, scores }),
            }
        }
        scored
    }
}

fn part_of(batch: &Batch, rows: &Range<usize>) -> Batch {
    let part = |column: &Vec<f64>| column.get(rows.clone()).unwrap_or_default().to_vec();
    Batch {
        as_of: batch.as_of.clone(),
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        columns: batch.columns.iter().map(part).collect(),
        dictionaries: batch.dictionaries.clone(),
    }
}

/// What is wrong with a description. Pure.
fn fault(description: &Description) -> Option<String> {
    let Description { inputs, factors, reasons } = description;
    for (what, count, most) in [
        ("inputs", inputs.len(), MOST_INPUTS),
        ("factors", factors.len(), MOST_FACTORS),
        ("reasons", reasons.len(), MOST_REASON_TEXTS),
    ] {
        if count > most {
            return Some(format!("{count} {what}, of which there are at most {most}"));
        }
    }
    let keys: [Vec<&str>; 3] = [
        inputs.iter().map(|input| input.key.as_str()).collect(),
        factors.iter().map(|factor| factor.key.as_str()).collect(),
        reasons.iter().map(|reason| reason.code.as_str()).collect(),
    ];
    for mut keys in keys {
        if let Some(key) = keys.iter().find(|key| !is_key(key)) {
            return Some(format!("{key:?} is no key: lower-case letters, digits, underscores"));
        }
        keys.sort_unstable();
        if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Some(format!("two are called {:?}", pair[0]));
        }
    }
    let texts = inputs.iter().map(|input| (&input.key, &input.title));
    let texts = texts.chain(factors.iter().map(|factor| (&factor.key, &factor.title)));
    let mut texts = texts.chain(reasons.iter().map(|reason| (&reason.code, &reason.text)));
    let unread = texts.find(|(_, texts)| texts.is_empty() || !texts.iter().all(is_text));
    if let Some((key, _)) = unread {
        return Some(format!(
            "{key} has no text, or one that is no line of {MOST_TEXT} characters"
        ));
    }
    let mut words = inputs.iter().flat_map(|input| input.words.iter().chain([&input.unit]));
    let is_long = |word: &&String| word.len() > MOST_TEXT || !text::is_line(word);
    words.find(is_long).map(|word| format!("{word:?} is no word, and no unit"))
}

fn is_text(localized: &Localized) -> bool {
    let Localized { locale, text } = localized;
    is_locale(locale) && text.chars().count() <= MOST_TEXT && text::is_line(text)
}

fn is_key(key: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !key.is_empty() && key.len() <= 64 && key.chars().all(is_fine)
}

/// What is wrong with the scores of so many accounts. Pure.
fn misfit(scores: &Scores, description: &Description, rows: u32) -> Option<String> {
    let (rows, factors) = (rows as usize, description.factors.len());
    let Scores { values, base, contributions, reasons } = scores;
    if values.len() != rows {
        return Some(format!("{} scores for {rows} accounts", values.len()));
    }
    if contributions.len() != rows * factors {
        let count = contributions.len();
        return Some(format!("{count} contributions for {rows} accounts and {factors} factors"));
    }
    if !base.is_finite() {
        return Some(format!("the base is {base}"));
    }
    for (row, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        if !(0.0..=100.0).contains(value) {
            return Some(format!("the score of account {row} is {value}"));
        }
        let parts = contributions.get(row * factors..(row + 1) * factors).unwrap_or_default();
        let sum = base + parts.iter().sum::<f64>();
        let missed = (sum - value).abs();
        if factors > 0 && (missed.is_nan() || missed > TOLERANCE) {
            return Some(format!("the parts of account {row} come to {sum}, and not to {value}"));
        }
    }
    misfit_of_reasons(reasons, description.reasons.len(), rows)
}

fn misfit_of_reasons(reasons: &[Reason], texts: usize, rows: usize) -> Option<String> {
    let mut counts = vec![0_usize; rows];
    for Reason { row, reason } in reasons {
        if *reason as usize >= texts {
            return Some(format!("there is no reason {reason}"));
        }
        let Some(count) = counts.get_mut(*row as usize) else {
            return Some(format!("there is no account {row}"));
        };
        *count += 1;
        if *count > MOST_REASONS {
            return Some(format!("account {row} has more than {MOST_REASONS} reasons"));
        }
    }
    None
}
