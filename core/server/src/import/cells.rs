//! The cells of a row as values, with all that is wrong with them.

use chrono::{DateTime, NaiveDate, Utc};
use csv::StringRecord;
use jornada_domain::calendar::Calendar;
use jornada_domain::error::{Code, Problem};

use super::columns::Columns;
use super::field::Field;
use super::values::{self, amount_minor};
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
    /// The currency of amounts beside which none stands (ISO 4217).
    pub currency: String,
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

    /// An amount in minor units, and its currency.
    pub fn amount(&mut self, amount: Field, currency: Field) -> Option<(i64, String)> {
        let cell = self.text(amount)?;
        let currency = self.currency(currency);
        let minor =
            self.keep(amount_minor(&cell, &currency), || bad(amount, "amount")).unwrap_or(0);
        Some((minor, currency))
    }

    /// Keys with an amount each in minor units, and the currency of them all:
    /// `crm=100,00|bot=50,00`.
    pub fn amounts(
        &mut self,
        amounts: Field,
        currency: Field,
    ) -> Option<(Vec<(String, i64)>, String)> {
        let cell = self.text(amounts)?;
        let currency = self.currency(currency);
        let read = |part: &str| {
            let (key, amount) = part.split_once('=')?;
            let amount = amount_minor(amount.trim(), &currency)?;
            Some((key.trim().to_owned(), amount)).filter(|(key, _)| !key.is_empty())
        };
        let parts = cell.split(['|', ';']).map(str::trim).filter(|part| !part.is_empty());
        let all: Option<Vec<_>> = parts.map(read).collect();
        let all = all.filter(|all| !all.is_empty());
        let all = self.keep(all, || bad(amounts, "products")).unwrap_or_default();
        Some((all, currency))
    }

    /// The currency that a column says, or else the usual one.
    fn currency(&self, field: Field) -> String {
        let usual = || self.terms.currency.clone();
        self.text(field).map_or_else(usual, |cell| cell.to_uppercase())
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
