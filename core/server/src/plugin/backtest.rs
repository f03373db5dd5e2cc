//! Scores customers of a file by a plugin, and holds the scores against what became of them.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use jornada_domain::health::backtest::{Backtest, Case, backtest};
use jornada_plugin_host::health_score::{
    Batch, Description, HealthScore, Input, InputKind, Moment,
};

/// What is held against what.
#[derive(Clone, Debug)]
pub struct Question {
    /// The configuration of the plugin, as JSON.
    pub config: String,
    /// The column that says whether a customer was lost.
    pub label: String,
    /// The column of an input, where it is not called like it.
    pub bound: BTreeMap<String, String>,
    /// When it is asked.
    pub as_of: Moment,
}

/// What came of it.
pub struct Answer {
    /// How well the scores told who was lost.
    pub backtest: Backtest,
    /// Customers of whom too little is known to score them.
    pub insufficient: usize,
    /// Customers whose score broke off, and why, once for each reason.
    pub failed: BTreeMap<String, usize>,
    /// For each input its column, and how many customers have nothing there.
    pub coverage: Vec<Coverage>,
}

/// What a file knows of an input.
pub struct Coverage {
    /// The key of the input.
    pub key: String,
    /// Its column; none where the file has none.
    pub column: Option<String>,
    /// How many customers have nothing there.
    pub missing: usize,
}

/// Customers of one file: a million rows fit into memory.
const MOST_ROWS: usize = 1_000_000;

/// Customers of one call.
const BATCH_ROWS: usize = 1000;

/// Scores the customers of a CSV file, and holds the scores against a column of it.
pub fn run(score: &HealthScore, file: impl Read, question: &Question) -> Result<Answer> {
    let description = score.describe(&question.config).answer?;
    let mut reader = csv::ReaderBuilder::new().from_reader(file);
    let headers = reader.headers()?.clone();
    let place = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let label = place(&question.label)
        .with_context(|| format!("there is no column `{}`", question.label))?;
    let columns = columns(&description, question, place)?;
    let today: NaiveDate = question.as_of.today.parse().context("today")?;
    let mut table = Table::new(&description);
    let mut lost = Vec::new();
    for row in reader.records() {
        let row = row?;
        if lost.len() == MOST_ROWS {
            bail!("there are more than {MOST_ROWS} customers");
        }
        let line = row.position().map_or(0, csv::Position::line);
        lost.push(flag(row.get(label).unwrap_or_default()).with_context(|| {
            format!("line {line}: `{}` says neither yes nor no", question.label)
        })?);
        for (input, (column, values)) in columns.iter().zip(&mut table.columns).enumerate() {
            let text = column.and_then(|column| row.get(column)).map(str::trim);
            let text = text.filter(|text| !text.is_empty());
            let input = &description.inputs[input];
            let value = values.read(input, text, today);
            value.with_context(|| format!("line {line}, {}", input.key))?;
        }
    }
    let coverage = description.inputs.iter().zip(&columns).zip(&table.columns);
    let coverage = coverage.map(|((input, column), values)| Coverage {
        key: input.key.clone(),
        column: column.and_then(|column| headers.get(column)).map(str::to_owned),
        missing: values.numbers.iter().filter(|number| number.is_nan()).count(),
    });
    let coverage = coverage.collect();
    let mut answer = scored(score, question, &description, &table, &lost);
    answer.coverage = coverage;
    Ok(answer)
}

/// The column of each input.
fn columns(
    description: &Description,
    question: &Question,
    place: impl Fn(&str) -> Option<usize>,
) -> Result<Vec<Option<usize>>> {
    for key in question.bound.keys() {
        if !description.inputs.iter().any(|input| input.key == *key) {
            let keys: Vec<_> = description.inputs.iter().map(|input| input.key.as_str()).collect();
            bail!("`{key}` is no input; there are {}", keys.join(", "));
        }
    }
    let column = |input: &Input| match question.bound.get(&input.key) {
        None => Ok(place(&input.key)),
        Some(name) => {
            let found = place(name).with_context(|| format!("there is no column `{name}`"))?;
            Ok(Some(found))
        }
    };
    description.inputs.iter().map(column).collect()
}

/// What is known of the customers of a file.
struct Table {
    columns: Vec<Values>,
}

/// What is known of an input.
#[derive(Default)]
struct Values {
    numbers: Vec<f64>,
    dictionary: Vec<String>,
    places: HashMap<String, usize>,
}

impl Table {
    fn new(description: &Description) -> Self {
        Self { columns: description.inputs.iter().map(|_| Values::default()).collect() }
    }

    fn batch(&self, as_of: &Moment, rows: std::ops::Range<usize>) -> Batch {
        let numbers =
            |values: &Values| values.numbers.get(rows.clone()).unwrap_or_default().to_vec();
        Batch {
            as_of: as_of.clone(),
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            columns: self.columns.iter().map(numbers).collect(),
            dictionaries: self.columns.iter().map(|values| values.dictionary.clone()).collect(),
        }
    }
}

impl Values {
    /// Reads the text of a cell.
    fn read(&mut self, input: &Input, text: Option<&str>, today: NaiveDate) -> Result<()> {
        let number = match (text, input.kind) {
            (None, _) => f64::NAN,
            (Some(text), InputKind::Number) => number(text)?,
            (Some(text), InputKind::Flag) => f64::from(flag(text).context("neither yes nor no")?),
            (Some(text), InputKind::Days) => match text.parse::<NaiveDate>() {
                Ok(date) => (date - today).num_days() as f64,
                Err(_) => number(text)?,
            },
            (Some(text), InputKind::Category) => self.place(text),
        };
        self.numbers.push(number);
        Ok(())
    }

    fn place(&mut self, word: &str) -> f64 {
        let next = self.dictionary.len();
        let place = *self.places.entry(word.to_owned()).or_insert(next);
        if place == next {
            self.dictionary.push(word.to_owned());
        }
        place as f64
    }
}

fn number(text: &str) -> Result<f64> {
    let number: f64 = text.parse().with_context(|| format!("`{text}` is no number"))?;
    if !number.is_finite() {
        bail!("`{text}` is no finite number");
    }
    Ok(number)
}

/// Whether a word says yes or no, in the languages of the platform.
fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "sim" | "s" => Some(true),
        // Who has no internet has none of its services.
        "0" | "no" | "n" | "false" | "não" | "nao" => Some(false),
        other if other.starts_with("no ") => Some(false),
        _ => None,
    }
}

fn scored(
    score: &HealthScore,
    question: &Question,
    description: &Description,
    table: &Table,
    lost: &[bool],
) -> Answer {
    let mut cases: Vec<Case> = Vec::with_capacity(lost.len());
    let (mut insufficient, mut failed) = (0, BTreeMap::new());
    for begin in (0..lost.len()).step_by(BATCH_ROWS) {
        let end = lost.len().min(begin + BATCH_ROWS);
        let batch = table.batch(&question.as_of, begin..end);
        for part in score.score_each(&question.config, description, &batch).parts {
            match part.scores {
                Err(error) => *failed.entry(error.to_string()).or_default() += part.rows.len(),
                Ok(scores) => {
                    for (row, value) in part.rows.zip(scores.values) {
                        match value.is_nan() {
                            true => insufficient += 1,
                            false => cases.push((value, lost[begin + row])),
                        }
                    }
                }
            }
        }
    }
    Answer { backtest: backtest(&cases), insufficient, failed, coverage: Vec::new() }
}
