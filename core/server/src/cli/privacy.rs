//! `jornada privacy reapply`: erases again whom a restored backup brought back.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;

use super::{Misuse, open};
use crate::config::Config;
use crate::erasure_log::{ErasureLog, Reapplied, reapply};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Erase who is in the erasure log and still in the database; `serve` does so when it starts
    Reapply(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Erasure log [default: the configured one]
    file: Option<PathBuf>,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Reapply(Args { file }) = self;
        let log = file.map(ErasureLog::at).or_else(|| ErasureLog::of(config));
        let none = || Misuse("no erasure log is configured: name the file".to_owned());
        let log = log.ok_or_else(none)?;
        let app = open(config).await?;
        let Reapplied { erased, already, unknown, damaged } = reapply(&app, log.path()).await?;
        println!("{erased} erased, {already} were already, {unknown} unknown, {damaged} damaged");
        app.db.close().await?;
        if damaged > 0 {
            bail!(
                "{damaged} lines of {} cannot be read: whoever stood there was not erased. Look \
                 for them in another copy of the log",
                log.path().display()
            );
        }
        Ok(())
    }
}
