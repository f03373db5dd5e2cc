//! `cargo xtask`: what a developer types, and what CI runs.
//!
//! Plain Rust instead of shell scripts, so that every step is the same on every machine and can be
//! read, changed and tested like the rest of the code. One file per command; the only shell is
//! `.ci/run`, which installs what a bare machine lacks and then comes here.

mod bench;
mod cargo;
mod demo;
mod deny;
mod dependencies;
mod environment;
mod plugins;
mod postgres;
mod report;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of Jornada.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build and run `jornada demo`; arguments such as `--listen` are passed on.
    Demo {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run every check CI runs, or only the tests whose names contain FILTER.
    Test {
        /// A part of the names of the tests to run, on PostgreSQL and SQLite; all when left out.
        filter: Option<String>,
    },
    /// Build with optimisation and measure: `accounts`, `metrics` and `scores` on both databases,
    /// `plugins` beside native Rust and Extism, or all of them.
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Build the plugins of this repository for WebAssembly, which tests and demo load.
    Plugins,
    /// Check licences, advisories and sources of all dependencies with cargo-deny.
    Deny,
    /// Run a throw-away PostgreSQL for single tests until Ctrl-C or the end of standard input.
    Postgres,
    /// The process that owns the throw-away PostgreSQL; see `postgres.rs`.
    #[command(hide = true, name = postgres::KEEPER_COMMAND)]
    PostgresKeeper,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo { args } => demo::run(&args),
        Command::Test { filter } => test::run(filter.as_deref()),
        Command::Bench { args } => bench::run(&args),
        Command::Plugins => plugins::run(),
        Command::Deny => deny::run(),
        Command::Postgres => postgres::run(),
        Command::PostgresKeeper => postgres::keep(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by returning the error: that would print a backtrace nobody needs here.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_of_the_demo_pass_with_and_without_the_separator() {
        for line in [
            ["xtask", "demo", "--listen", "127.0.0.1:1"].as_slice(),
            ["xtask", "demo", "--", "--listen", "127.0.0.1:1"].as_slice(),
        ] {
            let Command::Demo { args } = Cli::parse_from(line).command else {
                panic!("not parsed as demo: {line:?}");
            };
            assert_eq!(args, ["--listen", "127.0.0.1:1"]);
        }
    }
}
