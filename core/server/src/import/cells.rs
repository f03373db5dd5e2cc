//! The cells of a row as values, with all that is wrong with them.

use chrono::{DateTime, NaiveDate, Utc};
use csv::StringRecord;
use jornada_domain::calendar::Calendar;
use jornada_domain::error::{Code, Problem};

use super::columns::Columns;
use super::field::Field;
use super::values::{self, Amount, Misread};
use super::words::YES_OR_NO;

/// The cells of a row, and what was wrong with them, by the names of the fields.
pub struct Cells<'r> {
    columns: &'r Columns,
    row: &'r StringRecord,
    terms: &'r Terms,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// What cells leave unsaid.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The days and hours of the workspace.
    pub calendar: Calendar,
}

impl<'r> Cells<'r> {
    /// The cells of a row.
    pub fn new(columns: &'r Columns, row: &'r StringRecord, terms: &'r Terms) -> Self {
        Self { columns, row, terms, problems: Vec::new() }
    }

    /// A text; an empty cell says nothing.
    pub fn text(&self, field: Field) -> Option<String> {
        self.columns.cell(self.row, field)
    }

    /// A text that must be there.
    pub fn needed(&mut self, field: Field) -> String {
        let text = self.text(field);
        self.require(text, field).unwrap_or_default()
    }

    /// A value that must be there; one that could not be read has been told.
    pub fn require<T>(&mut self, value: Option<T>, field: Field) -> Option<T> {
        if value.is_none() && self.text(field).is_none() {
            self.problems.push(Problem::new(field.name, Code::Required));
        }
        value
    }

    /// A date.
    pub fn date(&mut self, field: Field) -> Option<NaiveDate> {
        let cell = self.text(field)?;
        self.keep(values::date(&cell), || bad(field, "date"))
    }

    /// An instant: a date with a time of the workspace or of a zone that stands behind it; noon
    /// where no time is said.
    pub fn instant(&mut self, field: Field) -> Option<DateTime<Utc>> {
        let cell = self.text(field)?;
        let instant = values::instant(&cell, &self.terms.calendar);
        self.keep(instant, || bad(field, "time"))
    }

    /// A whole number.
    pub fn whole(&mut self, field: Field) -> Option<i32> {
        let cell = self.text(field)?;
        self.keep(cell.parse().ok(), || bad(field, "number"))
    }

    /// Yes or no.
    pub fn flag(&mut self, field: Field) -> Option<bool> {
        self.word(field, &YES_OR_NO)
    }

    /// A word out of a list.
    pub fn word<T: Copy + PartialEq>(&mut self, field: Field, words: &[(&str, T)]) -> Option<T> {
        let cell = self.text(field)?;
        self.keep(values::word(&cell, words), || {
            // One word of each meaning is enough to know.
            let firsts = words.chunk_by(|a, b| a.1 == b.1).map(|same| same[0].0);
            let words = firsts.collect::<Vec<_>>().join(", ");
            Problem::new(field.name, Code::UnknownWord).with("words", words)
        })
    }

    /// An amount in the currency that stands in its cell or in the column of the currency.
    pub fn amount(&mut self, amount: Field, currency: Field) -> Option<Amount> {
        let cell = self.text(amount)?;
        let said = self.currency(currency);
        let read = values::amount(&cell, said.as_deref());
        Some(read.unwrap_or_else(|misread| {
            self.problems.push(misread_as(misread, (amount, "amount"), currency));
            Amount::nothing(said)
        }))
    }

    /// Keys with an amount each, all of them in one currency: `crm=100,00|bot=50,00`.
    pub fn amounts(&mut self, amounts: Field, currency: Field) -> Option<Vec<(String, Amount)>> {
        let cell = self.text(amounts)?;
        let said = self.currency(currency);
        let read = |part: &str| -> Result<(String, Amount), Misread> {
            let (key, amount) = part.split_once('=').ok_or(Misread::Form)?;
            let key = Some(key.trim()).filter(|key| !key.is_empty()).ok_or(Misread::Form)?;
            Ok((key.to_owned(), values::amount(amount, said.as_deref())?))
        };
        let parts = cell.split(['|', ';']).map(str::trim).filter(|part| !part.is_empty());
        let all: Result<Vec<_>, Misread> = parts.map(read).collect();
        let all = all.and_then(|all| match all.is_empty() {
            true => Err(Misread::Form),
            false if !is_one_currency(&all) => Err(Misread::Currency),
            false => Ok(all),
        });
        Some(all.unwrap_or_else(|misread| {
            self.problems.push(misread_as(misread, (amounts, "products"), currency));
            Vec::new()
        }))
    }

    /// The currency that a column says.
    fn currency(&self, field: Field) -> Option<String> {
        self.text(field).map(|cell| cell.to_uppercase())
    }

    /// What the columns that the workspace names say, by their keys.
    pub fn open(&self) -> Vec<(String, String)> {
        self.columns.open_cells(self.row)
    }

    fn keep<T>(&mut self, value: Option<T>, problem: impl FnOnce() -> Problem) -> Option<T> {
        if value.is_none() {
            self.problems.push(problem());
        }
        value
    }
}

fn bad(field: Field, form: &str) -> Problem {
    Problem::new(field.name, Code::BadFormat).with("form", form)
}

/// Whether all that say a currency say the same.
fn is_one_currency(amounts: &[(String, Amount)]) -> bool {
    let mut said = amounts.iter().filter_map(|(_, amount)| amount.currency.as_deref());
    let first = said.next();
    said.all(|other| Some(other) == first)
}

/// What is wrong with amounts that cannot be read.
fn misread_as(misread: Misread, (field, form): (Field, &str), currency: Field) -> Problem {
    match misread {
        Misread::Form => bad(field, form),
        Misread::Currency => {
            Problem::new(field.name, Code::Contradiction).with("with", currency.name)
        }
    }
}
