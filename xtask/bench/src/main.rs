//! `cargo xtask bench`: how fast Jornada is, measured beside the least that its databases must do.
//! One file per measurement; `place` gives databases, `report` shows what was found.

mod accounts;
mod metrics;
mod place;
mod report;
mod scores;
mod tenant;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jornada_plugin_host::compile;
use jornada_server::plugin::COMPILE;

/// Measurements of Jornada.
#[derive(Parser)]
#[command(
    name = "cargo xtask bench",
    bin_name = "cargo xtask bench",
    after_help = "`cargo xtask bench plugins` has a program of its own; it runs last."
)]
struct Cli {
    /// Everything, one after the other, unless one is named.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Ask for portfolios, accounts and lists, and do tasks, with ever more accounts.
    Accounts(accounts::Args),
    /// Load points of metrics, beside COPY and a bare prepared insert.
    Metrics(metrics::Args),
    /// Score accounts by a plugin and by the weighted model.
    Scores(scores::Args),
}

fn main() -> ExitCode {
    // Plugins are compiled by the program that runs them, as a server does.
    let mut arguments = std::env::args().skip(1);
    if COMPILE.iter().all(|word| arguments.next().as_deref() == Some(*word)) {
        return compile::child(arguments);
    }
    let cli = Cli::parse();
    let measured =
        jornada_server::runtime::build().map_err(anyhow::Error::from).and_then(|runtime| {
            runtime.block_on(async {
                match cli.command {
                    None => {
                        accounts::run(accounts::Args::default()).await?;
                        metrics::run(metrics::Args::default()).await?;
                        scores::run(scores::Args::default()).await
                    }
                    Some(Command::Accounts(args)) => accounts::run(args).await,
                    Some(Command::Metrics(args)) => metrics::run(args).await,
                    Some(Command::Scores(args)) => scores::run(args).await,
                }
            })
        });
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
