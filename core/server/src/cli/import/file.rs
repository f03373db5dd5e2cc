//! The import of a CSV file of one kind of records.

use std::fs::{File, TryLockError, canonicalize, read_to_string};
use std::io::{self, Seek};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;
use jornada_domain::auth::{Actor, Origin};
use jornada_domain::imports::{self, NewRun, Place};
use jornada_domain::input::Checks;
use jornada_domain::workspace::Locale;
use sha2::{Digest, Sha256};

use super::require_all;
use crate::app::App;
use crate::cli::{Misuse, in_words, workspace};
use crate::import::cells::Terms;
use crate::import::columns::Columns;
use crate::import::kind::Kind;
use crate::import::mapping::Mapping;
use crate::import::ndjson::in_hex;
use crate::import::progress::Progress;
use crate::import::rejects::Rejects;
use crate::import::table::{Table, Unusable};
use crate::import::{Import, Options};

/// The system of a file that names none.
const DEFAULT_SYSTEM: &str = "csv";

/// The currency of amounts of a file that names none.
const DEFAULT_CURRENCY: &str = "BRL";

#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct FileArgs {
    /// Separated by comma, semicolon or tab; UTF-8, UTF-16 with its mark, or else read as
    /// Windows-1252, which contains Latin-1: a warning says so, and a file of any other encoding is
    /// to be saved as UTF-8 first. The first line names the columns, in English or Portuguese:
    /// `jornada import columns` lists them
    pub(super) file: PathBuf,
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    pub(super) workspace: String,
    /// Key of the system that the external ids are from
    #[arg(long, value_name = "NAME", default_value = DEFAULT_SYSTEM)]
    system: String,
    /// How columns and words of the other system are called here, in TOML; one file serves all
    /// kinds of records
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Where rejected rows go, with the reason in a last column [default: FILE.rejected.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Do everything, show what would change, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Begin with the first row, also where an import of this file was cut off
    #[arg(long)]
    restart: bool,
    /// Currency of new amounts without one (ISO 4217); one that is there keeps its own
    #[arg(long, value_name = "CODE", default_value = DEFAULT_CURRENCY)]
    currency: String,
    /// Language of the reasons, pt-br or en; that of the workspace when left out
    #[arg(long, value_enum, ignore_case = true)]
    locale: Option<Language>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    PtBr,
    En,
}

impl FileArgs {
    /// What is wrong before anything is opened.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let mut checks = Checks::new();
        checks.key("system", &self.system);
        let system = &self.system;
        let say = || format!("--system takes a key of a-z, 0-9, - and _, and not `{system}`");
        Ok(checks.finish().map_err(|_| Misuse(say()))?)
    }

    /// A flag that was given and that says nothing about lines of JSON.
    pub(super) fn of_tables_only(&self) -> Option<&'static str> {
        let given = [
            ("--dry-run", self.dry_run),
            ("--restart", self.restart),
            ("--mapping", self.mapping.is_some()),
            ("--rejects", self.rejects.is_some()),
            ("--locale", self.locale.is_some()),
            ("--system", self.system != DEFAULT_SYSTEM),
            ("--currency", self.currency != DEFAULT_CURRENCY),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    /// Imports the file. `how` says what else decides what comes of it, and `finish` sets that.
    pub(super) async fn run<K: Kind>(
        self,
        app: &App,
        how: &str,
        finish: impl FnOnce(K) -> K,
    ) -> anyhow::Result<()> {
        let shown = self.file.display().to_string();
        let is_dry_run = self.dry_run;
        let done = self.import(app, how, finish).await;
        let place = done.with_context(|| format!("cannot import {shown}"))?;
        let landed = place.created + place.updated + place.unchanged;
        require_all(&shown, "rows", (landed, place.rejected), is_dry_run)
    }

    async fn import<K: Kind>(
        self,
        app: &App,
        how: &str,
        finish: impl FnOnce(K) -> K,
    ) -> anyhow::Result<Place> {
        let rejects = self.rejects()?;
        let (mapping_text, mapping) = self.mapping::<K>()?;
        let mut file = File::open(&self.file).map_err(Unusable::from)?;
        lock(&file)?;
        let mut table = Table::open(file.try_clone().map_err(Unusable::from)?)?;
        let headers = table.headers().clone();
        let columns = Columns::of(&headers, (K::FIELDS, K::NEEDED), K::OPEN, mapping)?;
        let mut progress = Progress::new(table.row_count());
        if table.is_guessed() {
            progress.warn(
                "the file is not UTF-8 and is read as Windows-1252 (Latin-1). If letters come out \
                 wrong, save it as UTF-8 and import it again",
            );
        }
        for header in &columns.unknown {
            progress.warn(&format!("the column `{header}` is not known and is left out"));
        }
        for header in &columns.missing {
            progress.warn(&format!("the mapping names `{header}`, which the file has not"));
        }
        let workspace = workspace::find(app, &self.workspace).await?;
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let actor = actor.by_way_of(Origin::Import);
        let currency = self.currency.to_uppercase();
        let cx = app.read(&actor);
        let kind = K::load(&cx, self.system.clone(), currency).await;
        let kind = finish(kind.map_err(in_words)?);
        let calendar = cx.calendar().await?.clone();
        let terms = Terms { calendar };
        let digest = digest(&mut file, &[K::NAME, how, &self.currency, &mapping_text])?;
        let run = match self.dry_run {
            true => None,
            false => Some(self.begin(app, &actor, K::NAME, digest).await?),
        };
        if let Some(run) = run.as_ref().filter(|run| run.position > 0) {
            progress.go_on(run.place());
        }
        let locale = self.locale.map_or(workspace.locale, Locale::from);
        let rejects = Rejects::new(rejects, table.separator(), headers);
        let options = Options { terms, locale };
        let import = Import::new((app, &actor), kind, columns, options, rejects, run);
        let (place, rejects) = import.run(&mut table, &mut progress).await?;
        let rejects = rejects.finish()?.map(|path| path.display().to_string());
        progress.finish(place, rejects.as_deref(), self.dry_run);
        Ok(place)
    }

    async fn begin(
        &self,
        app: &App,
        actor: &Actor,
        records: &str,
        digest: String,
    ) -> anyhow::Result<imports::Model> {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let new = NewRun {
            records: records.to_owned(),
            system: self.system.clone(),
            file: name,
            digest,
            is_anew: self.restart,
        };
        let tx = app.begin(actor).await?;
        let run = imports::begin(&tx, new).await.map_err(in_words)?;
        app.commit(tx).await?;
        Ok(run)
    }

    fn mapping<K: Kind>(&self) -> anyhow::Result<(String, Mapping)> {
        let Some(path) = &self.mapping else { return Ok(Default::default()) };
        let text = read_to_string(path);
        let text = text.with_context(|| format!("cannot read the mapping {}", path.display()))?;
        let read = Mapping::read(&text, K::NAME, K::FIELDS, K::OPEN);
        let mapping = read.map_err(Unusable::from)?;
        Ok((text, mapping))
    }

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
}

/// Refuses a file of which another import is under way: both would write to the same file of
/// rejected rows. The lock goes when the file is closed, also after a crash. A file system that
/// knows no locks does not stop an import; the place of the run then tells who was faster.
fn lock(file: &File) -> anyhow::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("another import of this file is under way. Wait until it has ended")
        }
        _ => Ok(()),
    }
}

/// What makes an import the same one: what is in the file, and what says how it is read.
fn digest(file: &mut File, how: &[&str]) -> io::Result<String> {
    let mut digest = Sha256::new();
    for part in how {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    file.rewind()?;
    io::copy(file, &mut digest)?;
    Ok(in_hex(digest))
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::PtBr => Locale::PtBr,
            Language::En => Locale::En,
        }
    }
}
