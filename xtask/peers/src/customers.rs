//! Whom the scores are about: the customers of `examples/data`, in the form in which each peer
//! takes them. What is made here is not measured.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use jornada_plugin_host::health_score as host;
use jornada_plugin_sdk::bindings::score::exports::jornada::score::health_score as native;
use jornada_plugin_sdk::testing;
use telco_score::wire::{Columns, Customer, Number};
use telco_score::{FIRST_WORDS, INPUTS, Row, WORDS};

/// Customers of a batch.
pub(crate) struct Case {
    /// What is known of them in columns, with words as codes.
    pub(crate) batch: host::Batch,
    /// The same with words as their places in `WORDS`.
    pub(crate) places: Vec<Vec<f64>>,
    /// The same to be told as JSON.
    pub(crate) columns: Columns,
    /// The same, one after the other.
    pub(crate) customers: Vec<Customer>,
    /// The first of them, each in a batch of its own.
    pub(crate) singles: Vec<host::Batch>,
}

/// The columns of the file, in the order of the inputs.
const HEADERS: [&str; INPUTS] = [
    "tenure",
    "monthly_charges",
    "contract",
    "internet_service",
    "payment_method",
    "online_security",
    "tech_support",
    "paperless_billing",
    "senior_citizen",
    "dependents",
];

/// Words of the file that mean yes.
const YES: [&str; 2] = ["Yes", "1"];

/// All of the file that fills whole batches.
pub(crate) fn cases(root: &Path) -> Result<Vec<Case>> {
    let path = root.join("examples/data/telco_customers.csv");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut rows = rows(&text)?;
    for (number, row) in rows.iter_mut().enumerate() {
        forget(number, row);
    }
    let cases: Vec<Case> = rows.chunks_exact(Case::ROWS).map(Case::new).collect();
    ensure!(!cases.is_empty(), "there are too few customers");
    Ok(cases)
}

fn rows(text: &str) -> Result<Vec<Row>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |header: &&str| names.iter().position(|name| name == header);
    let places: Option<Vec<usize>> = HEADERS.iter().map(place).collect();
    let places = places.context("a column is missing")?;
    lines.map(|line| row(line, &places)).collect()
}

fn row(line: &str, places: &[usize]) -> Result<Row> {
    let cells: Vec<&str> = line.split(',').collect();
    let mut row = [f64::NAN; INPUTS];
    for (column, (known, place)) in row.iter_mut().zip(places).enumerate() {
        let cell = *cells.get(*place).with_context(|| line.to_owned())?;
        let words = column.checked_sub(FIRST_WORDS).and_then(|column| WORDS.get(column));
        *known = match words {
            Some(words) => {
                let place = words.iter().position(|word| *word == cell);
                place.with_context(|| cell.to_owned())? as f64
            }
            None if column < FIRST_WORDS => cell.parse()?,
            None => f64::from(u8::from(YES.contains(&cell))),
        };
    }
    Ok(row)
}

/// Nobody knows everything of everybody: one of ten optional values is missing, and of one in two
/// hundred customers one without which there is no score.
fn forget(number: usize, row: &mut Row) {
    for (column, known) in row.iter_mut().enumerate().skip(4) {
        if (number * 7 + column * 3).is_multiple_of(10) {
            *known = f64::NAN;
        }
    }
    if number % 200 == 199 {
        row[0] = f64::NAN;
    }
}

impl Case {
    /// Customers of a batch.
    pub(crate) const ROWS: usize = 1000;
    /// Of so many, each is scored in a call of its own.
    const SINGLES: usize = 100;

    fn new(rows: &[Row]) -> Self {
        let batch = batch(rows);
        let numbers = |column: &Vec<f64>| column.iter().copied().map(Number).collect();
        let columns = Columns {
            rows: rows.len(),
            columns: batch.columns.iter().map(numbers).collect(),
            dictionaries: batch.dictionaries.clone(),
        };
        Self {
            columns,
            places: columns_of(rows),
            customers: rows.iter().map(Customer::from).collect(),
            singles: rows.iter().take(Self::SINGLES).map(batch_of).collect(),
            batch,
        }
    }

    /// The batch as the SDK takes it, which keeps it.
    pub(crate) fn native(&self) -> native::Batch {
        native::Batch {
            as_of: testing::moment(),
            rows: self.batch.rows,
            columns: self.batch.columns.clone(),
            dictionaries: self.batch.dictionaries.clone(),
        }
    }
}

fn batch_of(row: &Row) -> host::Batch {
    batch(std::slice::from_ref(row))
}

fn columns_of(rows: &[Row]) -> Vec<Vec<f64>> {
    (0..INPUTS).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

/// The batch as the server lays it out: dictionaries have the words that occur, in order.
fn batch(rows: &[Row]) -> host::Batch {
    let mut columns = columns_of(rows);
    let mut dictionaries = vec![Vec::new(); INPUTS];
    for (words, column) in WORDS.iter().zip(FIRST_WORDS..) {
        let word = |place: &f64| words.get(*place as usize).filter(|_| !place.is_nan());
        let mut dictionary: Vec<&str> = columns[column].iter().filter_map(word).copied().collect();
        dictionary.sort_unstable();
        dictionary.dedup();
        let code = |place: &f64| word(place).and_then(|word| dictionary.binary_search(word).ok());
        let codes = columns[column].iter().map(|place| code(place).map_or(f64::NAN, |c| c as f64));
        columns[column] = codes.collect();
        dictionaries[column] = dictionary.into_iter().map(str::to_owned).collect();
    }
    let moment = testing::moment();
    host::Batch {
        as_of: host::Moment {
            now: moment.now,
            today: moment.today,
            zone: moment.zone,
            locale: moment.locale,
        },
        rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        columns,
        dictionaries,
    }
}
