//! `jornada import accounts`: accounts from a CSV file, as often as one likes.

mod metrics;

use std::fs::{File, canonicalize};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use jornada_domain::auth::{Actor, Origin};
use jornada_domain::input::Checks;
use jornada_domain::journeys::start;
use jornada_domain::workspace::Locale;

use super::{Misuse, in_words, open, print, workspace};
use crate::app::App;
use crate::config::Config;
use crate::import::columns::{self, Columns};
use crate::import::progress::Progress;
use crate::import::put::Source;
use crate::import::record;
use crate::import::rejects::Rejects;
use crate::import::table::{Table, Unusable};
use crate::import::{Import, Options};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create and update accounts from a CSV file, with segment, package, CSM and subscription
    Accounts(Accounts),
    /// Record points of metrics from a file of lines of JSON
    Metrics(metrics::Metrics),
    /// Show the columns and the words that a file can have, in English and Portuguese
    Columns,
}

#[derive(Debug, clap::Args)]
pub(super) struct Accounts {
    /// Separated by comma, semicolon or tab; UTF-8 or Latin-1; the first line names the columns,
    /// in English or Portuguese, of which external_id and name are needed: `jornada import columns`
    /// lists them
    file: PathBuf,
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    workspace: String,
    /// Key of the system that the external ids are from
    #[arg(long, value_name = "NAME", default_value = "csv")]
    system: String,
    /// Where rejected rows go, with the reason in a last column [default: FILE.rejected.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Do everything and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Currency of amounts without one (ISO 4217)
    #[arg(long, value_name = "CODE", default_value = "BRL")]
    currency: String,
    /// Whether new accounts get the journey that the selection rules say
    #[arg(long, value_enum, default_value_t = JourneyStart::None)]
    journey_start: JourneyStart,
    /// Language of the reasons, pt-br or en; that of the workspace when left out
    #[arg(long, value_enum, ignore_case = true)]
    locale: Option<Language>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum JourneyStart {
    Auto,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    PtBr,
    En,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Columns => print(&format!("{}\n{}", columns::table(), record::words())),
            Self::Accounts(args) => {
                let file = args.file.display().to_string();
                check_system(&args.system)?;
                let app = open(config).await?;
                args.run(&app).await.with_context(|| format!("cannot import {file}"))?;
                Ok(app.db.close().await?)
            }
            Self::Metrics(args) => {
                let app = open(config).await?;
                args.run(&app).await?;
                Ok(app.db.close().await?)
            }
        }
    }
}

impl Accounts {
    /// Where rejected rows go, if they can go there.
    fn rejects(&self) -> anyhow::Result<PathBuf> {
        if self.file.is_dir() {
            return Err(Unusable::Directory.into());
        }
        let rejects = self.rejects.clone();
        let rejects = rejects.unwrap_or_else(|| self.file.with_extension("rejected.csv"));
        let folder = rejects.parent().filter(|folder| !folder.as_os_str().is_empty());
        let real = |path| canonicalize(path).ok();
        let why = if folder.is_some_and(|folder| !folder.is_dir()) {
            "is in no folder that exists"
        } else if rejects.is_dir() {
            "is a directory"
        } else if real(&rejects).is_some_and(|path| real(&self.file) == Some(path)) {
            "is the file they come from"
        } else {
            return Ok(rejects);
        };
        let path = rejects.display();
        Err(Misuse(format!("the rejected rows cannot go to {path}, which {why}")).into())
    }

    async fn run(self, app: &App) -> anyhow::Result<()> {
        let rejects = self.rejects()?;
        let mut table = Table::open(File::open(&self.file).map_err(Unusable::from)?)?;
        let headers = table.headers().clone();
        let columns = Columns::of(&headers)?;
        let mut progress = Progress::new(table.row_count());
        for header in &columns.unknown {
            progress.warn(&format!("the column `{header}` is not known and is left out"));
        }

        let workspace = workspace::find(app, &self.workspace).await?;
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let actor = actor.by_way_of(Origin::Import);
        let journey_start = match self.journey_start {
            JourneyStart::Auto => start::JourneyStart::Auto,
            JourneyStart::None => start::JourneyStart::None,
        };
        let source = Source::new(&app.read(&actor), self.system, journey_start).await;
        let options = Options {
            currency: self.currency.to_uppercase(),
            is_dry_run: self.dry_run,
            locale: self.locale.map_or(workspace.locale, Locale::from),
        };
        let rejects = Rejects::new(rejects, table.separator(), headers);
        let import = Import::new(app, &actor, source.map_err(in_words)?, columns, options, rejects);
        let (counts, rejects) = import.run(&mut table, |counts| progress.tell(counts)).await?;
        let rejects = rejects.finish()?.map(|path| path.display().to_string());
        progress.finish(counts, rejects.as_deref(), self.dry_run);
        if counts.rejected > 0 {
            bail!("{} of {} rows were rejected", counts.rejected, counts.rows);
        }
        Ok(())
    }
}

/// A key, as the domain has it.
fn check_system(system: &str) -> Result<(), Misuse> {
    let mut checks = Checks::new();
    checks.key("system", system);
    let say = || format!("--system takes a key of a-z, 0-9, - and _, and not `{system}`");
    checks.finish().map_err(|_| Misuse(say()))
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::PtBr => Locale::PtBr,
            Language::En => Locale::En,
        }
    }
}
