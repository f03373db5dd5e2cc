//! `jornada doctor`: says what is wrong with an installation, and what to do about it.

use serde::Serialize;

use super::print;
use crate::app::{Clock, SystemClock};
use crate::config::Config;
use crate::db::{Check, check_database};
use crate::erasure_log::ErasureLog;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Check>,
}

impl Report {
    fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.ok), checks }
    }
}

pub(super) async fn run(args: &Args, config: anyhow::Result<Config>) -> anyhow::Result<()> {
    let report = Report::of(look(config).await);
    if args.json {
        print(&format!("{}\n", serde_json::to_string(&report)?))?;
    } else {
        let line = |Check { name, ok, detail }: &Check| {
            format!("{} {name:<14} {detail}\n", if *ok { "ok   " } else { "WRONG" })
        };
        print(&report.checks.iter().map(line).collect::<String>())?;
    }
    anyhow::ensure!(report.ok, "something is wrong: see the lines above");
    Ok(())
}

async fn look(config: anyhow::Result<Config>) -> Vec<Check> {
    let config = match config {
        Ok(config) => config,
        Err(error) => return vec![Check::of("configuration", Err(error))],
    };
    let summary = format!("to listen on {}", config.listen);
    let mut checks = vec![Check::of("configuration", Ok(summary))];
    let (url, connections) = (&config.database_url, config.postgres_connections);
    checks.extend(check_database(url, connections, SystemClock.now()).await);
    checks.push(Check::of("erasure log", erasure_log(&config)));
    checks
}

fn erasure_log(config: &Config) -> anyhow::Result<String> {
    match ErasureLog::of(config) {
        Some(log) => log.check(),
        None => Ok("none: a backup that is restored brings back who was erased, unless \
            erasure_log names a file"
            .to_owned()),
    }
}
