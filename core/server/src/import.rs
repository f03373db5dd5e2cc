//! Imports: files of other systems, row by row, through the verbs that everybody uses.
//!
//! A file is looked through before anything is written. Rows are written in batches, a
//! transaction each; where a row of a batch is refused, its rows are written one by one, so that
//! the others land and a refused one leaves nothing behind. Rows are recognised by what makes their
//! record one of its own: importing a file again changes nothing, and mending the refused rows is
//! enough. The place that an import has come to is kept with its rows, in their transaction: after
//! a crash it goes on there.

pub mod accounts;
pub mod assignments;
pub mod cells;
pub mod columns;
pub mod contacts;
pub mod encoding;
pub mod field;
pub mod interactions;
pub mod kind;
pub mod known;
pub mod mapping;
pub mod metrics;
pub mod ndjson;
pub(crate) mod options;
pub mod parents;
pub mod points;
pub mod progress;
mod quotes;
pub mod rejects;
pub mod responses;
pub mod seen;
pub mod subscriptions;
pub mod table;
pub mod values;
pub mod words;

use std::io::{Read, Seek};

use anyhow::anyhow;
use jornada_domain::audit;
use jornada_domain::auth::Actor;
use jornada_domain::error::{Code, Problem, is_passing};
use jornada_domain::imports::{self, Place};
use jornada_domain::workspace::Locale;
use jornada_domain::{Error, Result};

use crate::app::App;
use cells::{Cells, Terms};
use columns::Columns;
use kind::{Kind, Outcome};
use parents::Parents;
use rejects::Rejects;
use seen::{Seen, mark};
use table::{Row, Table};

/// Rows of one transaction.
const BATCH_ROWS: usize = 200;

/// How a file is imported.
#[derive(Clone, Debug)]
pub struct Options {
    /// What cells leave unsaid.
    pub terms: Terms,
    /// The language of the reasons.
    pub locale: Locale,
}

/// What a row would change, in a dry run.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where the row begins, from 1.
    pub line: u64,
    /// What makes its record one of its own.
    pub key: String,
    /// Whether there would be something new.
    pub outcome: Outcome,
    /// What the audit would tell.
    pub entries: Vec<audit::Model>,
}

/// What an import tells on its way.
pub trait Listener {
    /// How far it came.
    fn tell(&mut self, place: Place);

    /// What a row would change.
    fn change(&mut self, change: &Change);
}

/// An import that runs.
pub struct Import<'i, K: Kind> {
    app: &'i App,
    actor: &'i Actor,
    kind: K,
    columns: Columns,
    options: Options,
    rejects: Rejects,
    parents: Parents,
    seen: Seen,
    /// What rows have said that only one can say.
    alone: Seen,
    place: Place,
    /// Where the place is kept; nowhere in a dry run.
    run: Option<imports::Model>,
}

/// A row, and the record in it or what is wrong with it.
struct Parsed<R> {
    row: Row,
    record: Result<R, Vec<Problem>>,
}

impl<'i, K: Kind> Import<'i, K> {
    /// An import of a file with these columns, which begins at the place of its run. Without a run
    /// everything is done but kept.
    pub fn new(
        (app, actor): (&'i App, &'i Actor),
        kind: K,
        columns: Columns,
        options: Options,
        rejects: Rejects,
        run: Option<imports::Model>,
    ) -> Self {
        let place = run.as_ref().map_or_else(Place::default, imports::Model::place);
        let (parents, seen, alone) = (Parents::default(), Seen::default(), Seen::default());
        Self { app, actor, kind, columns, options, rejects, parents, seen, alone, place, run }
    }

    /// Imports every row from the place on, and tells after each batch how far it came.
    pub async fn run<S: Read + Seek>(
        mut self,
        table: &mut Table<S>,
        listener: &mut impl Listener,
    ) -> anyhow::Result<(Place, Rejects)> {
        self.rejects.go_back(u64::try_from(self.place.rejects_bytes)?)?;
        self.look_for_parents(table)?;
        let begun_at = (self.place.round, usize::try_from(self.place.position)?);
        for round in 0..self.parents.rounds() {
            let mut batch = Vec::with_capacity(BATCH_ROWS);
            let mut position = 0;
            for (place, row) in table.rows()?.enumerate() {
                let row = row?;
                if self.parents.round_of(place) != round {
                    continue;
                }
                position += 1;
                if (round, position) <= begun_at || round < begun_at.0 {
                    self.note(&row);
                    continue;
                }
                batch.push(self.parse(place, row).await?);
                if batch.len() == BATCH_ROWS {
                    self.write(round, std::mem::take(&mut batch), listener).await?;
                }
            }
            // The place is behind a round that had landed before, and stays there.
            if round >= begun_at.0 {
                self.write(round, batch, listener).await?;
            }
        }
        self.finish().await?;
        Ok((self.place, self.rejects))
    }

    /// Finds out which rows are parts of others, where columns say so.
    fn look_for_parents<S: Read + Seek>(&mut self, table: &mut Table<S>) -> anyhow::Result<()> {
        if !self.columns.say_parents() {
            return Ok(());
        }
        let mut marks = Vec::new();
        for row in table.rows()? {
            let record = self.read(&row?).0;
            marks.push((mark(&K::key(&record)), K::parent(&record).map(mark)));
        }
        self.parents = Parents::of(&marks);
        Ok(())
    }

    fn read(&self, row: &Row) -> (K::Record, Vec<Problem>) {
        let mut cells = Cells::new(&self.columns, &row.cells, &self.options.terms);
        let record = self.kind.read(&mut cells);
        (record, cells.problems)
    }

    /// Notes the key of a row that was written before the import was cut off.
    fn note(&mut self, row: &Row) {
        let (record, problems) = self.read(row);
        let is_new = problems.is_empty() && self.seen.add(&K::key(&record), row.line).is_none();
        if let Some((_, said)) = K::alone(&record).filter(|_| is_new) {
            self.alone.add(&said, row.line);
        }
    }

    async fn parse(&mut self, place: usize, row: Row) -> anyhow::Result<Parsed<K::Record>> {
        let record = self.record(place, &row).await?;
        Ok(Parsed { row, record })
    }

    async fn record(&mut self, place: usize, row: &Row) -> Result<Result<K::Record, Vec<Problem>>> {
        if row.cells.len() != self.columns.count() {
            let problem = Problem::new("", Code::BadFormat).with("form", "cells");
            return Ok(Err(vec![problem]));
        }
        let (record, mut problems) = self.read(row);
        if !problems.is_empty() {
            problems.extend(self.look_through(&record, &problems).await?);
            return Ok(Err(problems));
        }
        let field = K::NEEDED[0].name;
        if let Some(line) = self.seen.add(&K::key(&record), row.line) {
            return Ok(Err(vec![Problem::new(field, Code::DuplicateKey).with("line", line)]));
        }
        if let Some((field, said)) = K::alone(&record)
            && let Some(line) = self.alone.add(&said, row.line)
        {
            return Ok(Err(vec![Problem::new(field.name, Code::OnlyOne).with("line", line)]));
        }
        if let Some(code) = self.parents.circle(place) {
            let field = accounts::fields::PARENT.name;
            return Ok(Err(vec![Problem::new(field, code)]));
        }
        // In a dry run the row of its parent was not kept.
        let is_assumed = self.run.is_none() && self.parents.is_below_a_row(place);
        Ok(Ok(if is_assumed { K::without_parent(record) } else { record }))
    }

    /// What else is wrong with a record of which not everything could be read.
    async fn look_through(&self, record: &K::Record, known: &[Problem]) -> Result<Vec<Problem>> {
        let mut kind = self.kind.clone();
        let tx = self.app.begin(self.actor).await?;
        match kind.put(&tx, record).await {
            Err(Error::Problems(mut found)) => {
                let field = |path: &str| match self.columns.field_of_problem(path) {
                    Some(field) => field.name.to_owned(),
                    None => path.to_owned(),
                };
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

    /// Writes a batch, or where one of its rows is refused, each row by itself.
    async fn write(
        &mut self,
        round: i32,
        batch: Vec<Parsed<K::Record>>,
        listener: &mut impl Listener,
    ) -> anyhow::Result<()> {
        if self.place.round != round {
            (self.place.round, self.place.position) = (round, 0);
        }
        if self.put_patiently(&batch, listener).await?.is_err() {
            for parsed in batch {
                let alone = [parsed];
                if let Err(problems) = self.put_patiently(&alone, listener).await? {
                    let refused = alone
                        .map(|Parsed { row, .. }| Parsed { row, record: Err(problems.clone()) });
                    let _ = self.put_patiently(&refused, listener).await?;
                }
            }
        }
        listener.tell(self.place);
        Ok(())
    }

    /// [`Self::put`], a few times where others are at work on the same accounts.
    async fn put_patiently(
        &mut self,
        batch: &[Parsed<K::Record>],
        listener: &mut impl Listener,
    ) -> anyhow::Result<Result<(), Vec<Problem>>> {
        const ATTEMPTS: usize = 5;
        let bytes = self.rejects.bytes()?;
        for attempt in 1.. {
            let done = self.put(batch, listener).await;
            if done.is_err() {
                self.rejects.go_back(bytes)?;
            }
            match done {
                Ok(()) => break,
                Err(Stopped::By(Error::Problems(problems))) => return Ok(Err(problems)),
                Err(Stopped::By(Error::Database(error)))
                    if attempt < ATTEMPTS && is_passing(&error) => {}
                Err(Stopped::By(error)) => return Err(error.into()),
                Err(Stopped::ByMachine(error)) => return Err(error),
            }
        }
        Ok(Ok(()))
    }

    /// Puts rows in one transaction: all or none. What the kind found out in a transaction that was
    /// not kept, like the id of a new option, it forgets again.
    async fn put(
        &mut self,
        batch: &[Parsed<K::Record>],
        listener: &mut impl Listener,
    ) -> Result<(), Stopped> {
        let (mut kind, mut place) = (self.kind.clone(), self.place);
        let (mut changes, mut told) = (Vec::new(), 0);
        let tx = self.app.begin(self.actor).await?;
        for Parsed { row, record } in batch {
            place.position += 1;
            let outcome = match record {
                Ok(record) => kind.put(&tx, record).await?,
                Err(problems) => {
                    place.rejected += 1;
                    let reason = self.columns.reason(self.options.locale, problems);
                    self.rejects.add(&row.cells, &reason)?;
                    continue;
                }
            };
            count(&mut place, outcome);
            if self.run.is_none() {
                let key = record.as_ref().map(K::key).unwrap_or_default();
                let entries = tx.entries(told);
                told += entries.len();
                changes.push(Change { line: row.line, key, outcome, entries });
            }
        }
        place.rejects_bytes = i64::try_from(self.rejects.bytes()?).unwrap_or(i64::MAX);
        if let Some(run) = &self.run {
            let run = imports::advance(&tx, run, place).await.map_err(taken_over)?;
            self.app.commit(tx).await?;
            (self.kind, self.run) = (kind, Some(run));
        }
        self.place = place;
        changes.retain(|change| change.outcome != Outcome::Unchanged);
        changes.iter().for_each(|change| listener.change(change));
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        let Some(run) = &self.run else { return Ok(()) };
        let tx = self.app.begin(self.actor).await?;
        imports::finish(&tx, run, self.place).await?;
        self.app.commit(tx).await
    }
}

/// Why rows were not put.
enum Stopped {
    /// By the domain.
    By(Error),
    /// By a file, or by another import.
    ByMachine(anyhow::Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::By(error)
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self::ByMachine(error)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::ByMachine(error.into())
    }
}

fn taken_over(error: Error) -> Stopped {
    match error.has(Code::Conflict) {
        true => Stopped::ByMachine(anyhow!("another import of the same file has gone on with it")),
        false => Stopped::By(error),
    }
}

fn count(place: &mut Place, outcome: Outcome) {
    match outcome {
        Outcome::Created => place.created += 1,
        Outcome::Updated => place.updated += 1,
        Outcome::Unchanged => place.unchanged += 1,
    }
}
