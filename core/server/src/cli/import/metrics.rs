//! `jornada import metrics`: points from a file of lines, in the way of `POST /import/metrics`.

use std::fs::File;
use std::io::{self, Read, Seek};

use anyhow::Context;
use axum::body::Bytes;
use futures_util::stream;
use jornada_domain::Error;
use jornada_domain::auth::{Actor, Origin};
use sha2::{Digest, Sha256};

use super::file::FileArgs;
use super::require_all;
use crate::app::App;
use crate::cli::{Misuse, in_words, print, workspace};
use crate::import::metrics::{Failure, load};
use crate::import::ndjson::{Limits, Lines, in_hex};
use crate::messages;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Metrics {
    #[command(flatten)]
    args: FileArgs,
    /// For lines of JSON, what names the load: with the same content it changes nothing [default:
    /// of the content]
    #[arg(long)]
    key: Option<String>,
}

/// How the names of tables end.
const TABLES: [&str; 3] = ["csv", "tsv", "txt"];

/// How a packed file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;

impl Metrics {
    /// What is wrong before anything is opened.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.args.check()?;
        match self.args.of_tables_only().filter(|_| !self.is_table()) {
            None => Ok(()),
            Some(flag) => {
                let told = "is for tables, and this file is read as lines of JSON: a file whose \
                    name ends in .csv, .tsv or .txt is a table";
                Err(Misuse(format!("{flag} {told}")).into())
            }
        }
    }

    /// Whether the file is a table, as its name says, and no lines of JSON.
    pub(super) fn is_table(&self) -> bool {
        let extension = self.args.file.extension().unwrap_or_default();
        TABLES.iter().any(|table| extension.eq_ignore_ascii_case(table))
    }

    /// The file as one of a table.
    pub(super) fn into_file(self) -> FileArgs {
        self.args
    }

    pub(super) async fn run(self, app: &App) -> anyhow::Result<()> {
        let shown = self.args.file.display().to_string();
        let done = self.load(app).await;
        let (landed, rejected) = done.with_context(|| format!("cannot import {shown}"))?;
        require_all(&shown, "lines", (landed, rejected), false)
    }

    /// How many lines landed, and how many were rejected.
    async fn load(self, app: &App) -> anyhow::Result<(i64, i64)> {
        let workspace = workspace::find(app, &self.args.workspace).await?;
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let actor = actor.by_way_of(Origin::Import);
        let mut file = File::open(&self.args.file)?;
        let key = match self.key {
            Some(key) => key,
            None => digest(&mut file)?,
        };
        let is_gzip = begins_as_gzip(&mut file)?;
        let pieces = stream::iter(std::iter::from_fn(move || next_piece(&mut file).transpose()));
        let lines = Lines::new(pieces, is_gzip, Limits::LOAD);
        let done = load(app, &actor, &key, lines).await.map_err(|failure| match failure {
            Failure::Refused(error @ Error::Problems(_)) => in_words(error),
            other => other.into(),
        })?;
        for reject in done.rejects() {
            let Some(problem) = reject.problem() else { continue };
            let message = messages::of_problem(workspace.locale, &problem);
            let place = [format!("line {}", reject.line), problem.field.clone()];
            let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
            print(&format!("{}: {message}\n", place.join(", ")))?;
        }
        let (received, written, unchanged) = (done.received, done.written, done.unchanged);
        print(&format!("{received} lines: {written} written, {unchanged} unchanged\n"))?;
        Ok((received - done.rejected, done.rejected))
    }
}

fn digest(file: &mut File) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(file, &mut digest)?;
    file.rewind()?;
    Ok(format!("sha256:{}", in_hex(digest)))
}

fn begins_as_gzip(file: &mut File) -> io::Result<bool> {
    let mut first = Vec::new();
    file.by_ref().take(GZIP.len() as u64).read_to_end(&mut first)?;
    file.rewind()?;
    Ok(first == GZIP)
}

fn next_piece(file: &mut File) -> io::Result<Option<Bytes>> {
    let mut piece = Vec::new();
    file.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
    Ok((!piece.is_empty()).then(|| piece.into()))
}
