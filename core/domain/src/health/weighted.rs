//! The weighted model: each measure is worth some points, and the score is their weighted mean.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::EnumIter;
use serde::{Deserialize, Serialize};

use super::facts::Column;
use super::measure::Source;
use super::score::{Reason, Row, Scored};
use crate::error::{Code, Problem};
use crate::input::Checks;

/// A weighted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Weighted {
    /// What counts, 1 to [`MOST_MEASURES`].
    pub measures: Vec<Measure>,
    /// What a value means that is missing.
    #[serde(default)]
    pub missing: Missing,
    /// Which share of all weights must be known, 0 to 1; below it there is no score.
    #[serde(default = "half")]
    pub minimum_known: f64,
}

fn half() -> f64 {
    0.5
}

/// Something that counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Measure {
    /// What it is known by, in contributions and reasons.
    pub key: String,
    /// What people call it; the key where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How much it counts against the others; more than 0.
    pub weight: f64,
    /// Where it is read.
    pub source: Source,
    /// How many points a number is worth, in ascending order; between two of them the points lie
    /// on a line, and beyond the ends they stay. For words it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale: Vec<Step>,
    /// Whether a number is worth what the last step that it reaches is worth, without a line.
    #[serde(default)]
    pub is_stepped: bool,
    /// How many points a word is worth; others count as missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, f64>,
}

/// A number and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The number.
    pub at: f64,
    /// From 0, the worst, to 100.
    pub points: f64,
}

/// What a value means that is missing (rule 17).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Missing {
    /// The others count for all.
    #[default]
    Renormalise,
    /// 50 points.
    Neutral,
    /// 0 points.
    Worst,
}

/// Measures of one model.
pub const MOST_MEASURES: usize = 32;
/// Steps of one scale.
const MOST_STEPS: usize = 20;
/// Words of one measure.
const MOST_WORDS: usize = 100;
/// Reasons of one score.
const MOST_REASONS: usize = 3;
/// Points that a measure must take to be a reason.
const WORTH_TELLING: f64 = 5.0;

impl Weighted {
    /// What it reads, in the order of its measures.
    pub fn sources(&self) -> Vec<Source> {
        self.measures.iter().map(|measure| measure.source.clone()).collect()
    }

    /// Scores accounts, for each of which the columns have a value or none.
    pub fn score(&self, columns: &[Column], rows: usize) -> Scored {
        let factors = self.measures.iter().map(|measure| measure.key.clone()).collect();
        let rows = (0..rows).map(|row| self.score_one(columns, row)).collect();
        Scored { base: 0.0, factors, rows }
    }

    fn score_one(&self, columns: &[Column], row: usize) -> Row {
        let worth = |(measure, column): (&Measure, &Column)| measure.worth(column, row);
        let worth: Vec<Option<f64>> = self.measures.iter().zip(columns).map(worth).collect();
        let weight_of = |counts: &dyn Fn(&Option<f64>) -> bool| -> f64 {
            let counted = self.measures.iter().zip(&worth).filter(|(_, worth)| counts(worth));
            counted.map(|(measure, _)| measure.weight).sum()
        };
        let (all, known) = (weight_of(&|_| true), weight_of(&Option::is_some));
        let missing = self.measures.iter().zip(&worth).filter(|(_, worth)| worth.is_none());
        let missing = missing.map(|(measure, _)| measure.key.clone()).collect();
        // The weights that are known may come to a hair less than their share of all.
        if known <= 0.0 || known + 1e-9 * all < self.minimum_known * all {
            return Row { value: None, contributions: Vec::new(), missing, reasons: Vec::new() };
        }
        let (instead, counted) = match self.missing {
            Missing::Renormalise => (None, known),
            Missing::Neutral => (Some(50.0), all),
            Missing::Worst => (Some(0.0), all),
        };
        let share = |(measure, worth): (&Measure, &Option<f64>)| {
            let worth = worth.or(instead)?;
            Some((measure.weight / counted * worth, measure.weight / counted * (100.0 - worth)))
        };
        let shares: Vec<_> = self.measures.iter().zip(&worth).map(share).collect();
        let contributions: Vec<f64> =
            shares.iter().map(|share| share.map_or(0.0, |(points, _)| points)).collect();
        let value = contributions.iter().sum::<f64>().clamp(0.0, 100.0);
        Row { value: Some(value), contributions, missing, reasons: self.reasons(&shares) }
    }

    /// The measures that take the most points, with the points that they take.
    fn reasons(&self, shares: &[Option<(f64, f64)>]) -> Vec<Reason> {
        let lost = self.measures.iter().zip(shares).filter_map(|(measure, share)| {
            let (_, lost) = (*share)?;
            (lost >= WORTH_TELLING)
                .then(|| Reason { code: measure.key.clone(), points: Some(-lost) })
        });
        let mut lost: Vec<Reason> = lost.collect();
        lost.sort_by(|a, b| a.points.unwrap_or(0.0).total_cmp(&b.points.unwrap_or(0.0)));
        lost.truncate(MOST_REASONS);
        lost
    }

    /// Checks all that can be checked without a look at the workspace; `path` is where it stands.
    pub(super) fn check(&self, checks: &mut Checks, path: &str, gives_words: &[bool]) {
        let measures = format!("{path}.measures");
        let count = self.measures.len();
        checks.ensure(count > 0, || Problem::new(&measures, Code::Required));
        checks.ensure(count <= MOST_MEASURES, || {
            Problem::too_many(&measures, MOST_MEASURES, "items")
        });
        share(checks, &format!("{path}.minimumKnown"), self.minimum_known, 1.0);
        let mut keys = BTreeSet::new();
        for (index, measure) in self.measures.iter().enumerate() {
            let path = format!("{measures}.{index}");
            let key = checks.key(&format!("{path}.key"), &measure.key);
            checks.ensure(keys.insert(key), || Problem::new(format!("{path}.key"), Code::Taken));
            measure.check(checks, &path, gives_words.get(index).copied().unwrap_or_default());
        }
    }
}

impl Measure {
    /// How many points the value of an account is worth; none where it is missing.
    fn worth(&self, column: &Column, row: usize) -> Option<f64> {
        match column {
            Column::Words(words) => self.words.get(words.get(row)?.as_deref()?).copied(),
            Column::Numbers(numbers) => {
                let number = *numbers.get(row)?;
                (!number.is_nan()).then(|| self.points(number)).flatten()
            }
        }
    }

    fn points(&self, number: f64) -> Option<f64> {
        let after = self.scale.partition_point(|step| step.at <= number);
        let before = after.checked_sub(1).and_then(|place| self.scale.get(place));
        match (before, self.scale.get(after)) {
            (Some(low), Some(high)) if !self.is_stepped => {
                let way = (number - low.at) / (high.at - low.at);
                Some(low.points + way * (high.points - low.points))
            }
            (Some(step), _) | (None, Some(step)) => Some(step.points),
            (None, None) => None,
        }
    }

    fn check(&self, checks: &mut Checks, path: &str, gives_words: bool) {
        let at = |field: &str| format!("{path}.{field}");
        checks.maybe_text(&at("title"), self.title.as_deref(), 100);
        let is_weight = self.weight.is_finite() && self.weight > 0.0 && self.weight <= 1e6;
        checks.ensure(is_weight, || {
            Problem::new(at("weight"), Code::OutOfRange).with("min", "0.000001").with("max", 1e6)
        });
        let (given, other) = if gives_words { ("words", "scale") } else { ("scale", "words") };
        let counts = if gives_words {
            (self.words.len(), self.scale.len(), MOST_WORDS)
        } else {
            (self.scale.len(), self.words.len(), MOST_STEPS)
        };
        checks.ensure(counts.0 > 0, || Problem::new(at(given), Code::Required));
        checks.ensure(counts.1 == 0, || {
            Problem::new(at(other), Code::Contradiction).with("with", at("source"))
        });
        checks.ensure(counts.0 <= counts.2, || Problem::too_many(at(given), counts.2, "items"));
        for (index, step) in self.scale.iter().enumerate() {
            let at = |field: &str| format!("{path}.scale.{index}.{field}");
            share(checks, &at("points"), step.points, 100.0);
            checks.ensure(step.at.is_finite(), || {
                Problem::new(at("at"), Code::BadFormat).with("form", "number")
            });
            let before = index.checked_sub(1).and_then(|place| self.scale.get(place));
            if let Some(before) = before.filter(|before| before.at >= step.at) {
                let problem = Problem::new(at("at"), Code::OutOfRange);
                checks.push(problem.with("min", before.at).with("max", "none"));
            }
        }
        for (word, points) in &self.words {
            checks.text(&at("words"), word, 500);
            share(checks, &at("words"), *points, 100.0);
        }
    }
}

/// Checks a number from 0 to `most`.
fn share(checks: &mut Checks, field: &str, value: f64, most: f64) {
    checks.range(field, value, 0.0, most);
}

#[cfg(test)]
mod tests;
