//! Imports: files of other systems, row by row, through the verbs that everybody uses.
//!
//! A file is looked through before anything is written. Rows are written in batches, a
//! transaction each; where a row of a batch is refused, its rows are written one by one, so that
//! the others land and a refused one leaves nothing behind. Rows are recognised by their external
//! id: importing a file again changes nothing, and mending the refused rows is enough.

pub mod columns;
pub mod encoding;
pub mod metrics;
pub mod ndjson;
pub(crate) mod options;
pub mod progress;
pub mod put;
mod quotes;
pub mod record;
pub mod rejects;
mod seen;
pub mod table;
pub mod values;

use std::io::{Read, Seek};

use jornada_domain::auth::Actor;
use jornada_domain::error::{Code, Problem, is_passing};
use jornada_domain::workspace::Locale;
use jornada_domain::{Error, Result};

use crate::app::App;
use columns::Columns;
use progress::Counts;
use put::{Outcome, Source};
use record::Record;
use rejects::Rejects;
use seen::Seen;
use table::{Row, Table};

/// Rows of one transaction.
const BATCH_ROWS: usize = 200;

/// How a file is imported.
#[derive(Clone, Debug)]
pub struct Options {
    /// The currency of amounts beside which none stands (ISO 4217).
    pub currency: String,
    /// Whether everything is done but kept.
    pub is_dry_run: bool,
    /// The language of the reasons.
    pub locale: Locale,
}

/// An import that runs.
pub struct Import<'i> {
    app: &'i App,
    actor: &'i Actor,
    source: Source,
    columns: Columns,
    options: Options,
    rejects: Rejects,
    seen: Seen,
    counts: Counts,
}

/// A row, and the record in it or what is wrong with it.
type Parsed = (Row, Result<Record, Vec<Problem>>);

impl<'i> Import<'i> {
    /// An import of a file with these columns.
    pub fn new(
        app: &'i App,
        actor: &'i Actor,
        source: Source,
        columns: Columns,
        options: Options,
        rejects: Rejects,
    ) -> Self {
        let (seen, counts) = (Seen::default(), Counts::default());
        Self { app, actor, source, columns, options, rejects, seen, counts }
    }

    /// Imports every row, and tells after each batch how far it came.
    pub async fn run<S: Read + Seek>(
        mut self,
        table: &mut Table<S>,
        mut tell: impl FnMut(Counts),
    ) -> anyhow::Result<(Counts, Rejects)> {
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        for row in table.rows()? {
            let row = row?;
            let record = self.parse(&row).await?;
            batch.push((row, record));
            if batch.len() == BATCH_ROWS {
                self.write(&mut batch).await?;
                tell(self.counts);
            }
        }
        self.write(&mut batch).await?;
        tell(self.counts);
        Ok((self.counts, self.rejects))
    }

    async fn parse(&mut self, row: &Row) -> anyhow::Result<Result<Record, Vec<Problem>>> {
        if row.cells.len() != self.columns.count() {
            let problem = Problem::new("", Code::BadFormat).with("form", "cells");
            return Ok(Err(vec![problem]));
        }
        let (record, mut problems) =
            Record::read(&self.columns, &row.cells, &self.options.currency);
        if !problems.is_empty() {
            problems.extend(self.look_through(&record, &problems).await?);
            return Ok(Err(problems));
        }
        Ok(match self.seen.add(&record.external_id, row.line) {
            None => Ok(record),
            Some(line) => {
                let field = columns::Field::ExternalId.name();
                Err(vec![Problem::new(field, Code::DuplicateKey).with("line", line)])
            }
        })
    }

    /// What else is wrong with a record of which not everything could be read.
    async fn look_through(&self, record: &Record, known: &[Problem]) -> Result<Vec<Problem>> {
        let mut source = self.source.clone();
        let tx = self.app.begin(self.actor).await?;
        let field = |path: &str| columns::field_of_problem(path);
        match source.put(&tx, record).await {
            Err(Error::Problems(mut found)) => {
                let is_known =
                    |path: &str| known.iter().any(|known| field(&known.field) == field(path));
                // What goes wrong only with a value that could not be read is not wrong.
                let with = |new: &Problem| new.params.iter().any(|(_, with)| is_known(with));
                found.retain(|new| !is_known(&new.field) && !with(new));
                Ok(found)
            }
            Err(Error::Database(error)) if is_passing(&error) => Ok(Vec::new()),
            done => done.map(|_| Vec::new()),
        }
    }

    /// Writes a batch and empties it.
    async fn write(&mut self, batch: &mut Vec<Parsed>) -> anyhow::Result<()> {
        let good: Vec<&Record> =
            batch.iter().filter_map(|(_, record)| record.as_ref().ok()).collect();
        let mut outcomes = match self.put_patiently(&good).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(Error::Problems(_)) => self.put_each(&good).await?,
            Err(other) => return Err(other.into()),
        }
        .into_iter();
        for (row, record) in batch.drain(..) {
            self.counts.rows += 1;
            let outcome = record.and_then(|_| outcomes.next().unwrap_or_else(|| Err(Vec::new())));
            match outcome {
                Ok(Outcome::Created) => self.counts.created += 1,
                Ok(Outcome::Updated) => self.counts.updated += 1,
                Ok(Outcome::Unchanged) => self.counts.unchanged += 1,
                Err(problems) => {
                    self.counts.rejected += 1;
                    let reason = self.columns.reason(self.options.locale, &problems);
                    self.rejects.add(&row.cells, &reason)?;
                }
            }
        }
        Ok(())
    }

    async fn put_each(
        &mut self,
        records: &[&Record],
    ) -> Result<Vec<Result<Outcome, Vec<Problem>>>> {
        let mut outcomes = Vec::with_capacity(records.len());
        for record in records {
            outcomes.push(match self.put_patiently(&[record]).await {
                Ok(outcome) => Ok(outcome[0]),
                Err(Error::Problems(problems)) => Err(problems),
                Err(other) => return Err(other),
            });
        }
        Ok(outcomes)
    }

    /// [`Self::put`], a few times where others are at work on the same accounts.
    async fn put_patiently(&mut self, records: &[&Record]) -> Result<Vec<Outcome>> {
        const ATTEMPTS: usize = 5;
        for _ in 1..ATTEMPTS {
            match self.put(records).await {
                Err(Error::Database(error)) if is_passing(&error) => {}
                done => return done,
            }
        }
        self.put(records).await
    }

    /// Puts records in one transaction: all or none. What the source found out in a transaction
    /// that was not kept, like the id of a new option, it forgets again.
    async fn put(&mut self, records: &[&Record]) -> Result<Vec<Outcome>> {
        let mut source = self.source.clone();
        let mut outcomes = Vec::with_capacity(records.len());
        let tx = self.app.begin(self.actor).await?;
        for record in records {
            outcomes.push(source.put(&tx, record).await?);
        }
        if !self.options.is_dry_run {
            self.app.commit(tx).await?;
            self.source = source;
        }
        Ok(outcomes)
    }
}
