//! `jornada import accounts`: accounts from a CSV file, as often as one likes.

use std::fs::{File, canonicalize};
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::{Subcommand, ValueEnum};
use jornada_domain::auth::{Actor, Origin};
use jornada_domain::journeys::start;
use jornada_domain::workspace;
use jornada_domain::workspace::Locale;

use super::{in_words, open};
use crate::app::App;
use crate::config::Config;
use crate::import::columns::Columns;
use crate::import::progress::Progress;
use crate::import::put::Source;
use crate::import::rejects::Rejects;
use crate::import::table::{Table, Unusable};
use crate::import::{Import, Options};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create and update accounts from a CSV file, with segment, package, CSM and subscription
    Accounts(Accounts),
}

#[derive(Debug, clap::Args)]
pub(super) struct Accounts {
    /// Separated by comma, semicolon or tab; UTF-8 or Latin-1; the first line names the columns,
    /// in English or Portuguese, of which external_id and name are needed
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
        let Self::Accounts(args) = self;
        let file = args.file.display().to_string();
        let app = open(config).await?;
        args.run(&app).await.with_context(|| format!("cannot import {file}"))?;
        Ok(app.db.close().await?)
    }
}

impl Accounts {
    async fn run(self, app: &App) -> anyhow::Result<()> {
        let rejects = self.rejects.clone();
        let rejects = rejects.unwrap_or_else(|| self.file.with_extension("rejected.csv"));
        ensure!(
            canonicalize(&rejects)
                .ok()
                .is_none_or(|path| canonicalize(&self.file).ok() != Some(path)),
            "the rejected rows cannot go to the file they come from"
        );
        let mut table = Table::open(File::open(&self.file).map_err(Unusable::from)?)?;
        let headers = table.headers().clone();
        let columns = Columns::of(&headers)?;
        let mut progress = Progress::new(table.row_count());
        for header in &columns.unknown {
            progress.warn(&format!("the column `{header}` is not known and is left out"));
        }

        let workspace = workspace::by_slug(app.db.read(), &self.workspace).await;
        let workspace = workspace.map_err(in_words)?;
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

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::PtBr => Locale::PtBr,
            Language::En => Locale::En,
        }
    }
}
