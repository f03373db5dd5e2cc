//! The command line: one file per command.

mod doctor;
mod migrate;
mod schema;
mod serve;
mod token;
mod workspace;

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use jornada_domain::Error;
use jornada_domain::workspace::Locale;

use crate::app::App;
use crate::config::{Config, Flags};
use crate::db::{Db, Missing, schema_state};
use crate::messages;

/// Customer success, self-hosted: accounts, journeys and tasks over one GraphQL API.
#[derive(Debug, Parser)]
#[command(name = "jornada", version)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and do the jobs; migrates the database first
    Serve(serve::Args),
    /// Bring the database to the schema of this binary; makes the SQLite file where it is missing
    Migrate,
    /// Set up workspaces
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Give out tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Print the GraphQL schema
    #[command(subcommand)]
    Schema(schema::Command),
    /// Check configuration and database; fails when something is wrong
    Doctor(doctor::Args),
}

/// The exit code of a wrong command line or configuration, as clap has it.
const USAGE: u8 = 2;

/// Runs a command. What it gives goes to standard output, everything else to standard error.
pub async fn run(cli: Cli, environment: &HashMap<String, String>) -> ExitCode {
    let Cli { mut flags, command } = cli;
    if let Command::Serve(args) = &command {
        flags.serve = args.flags.clone();
    }
    let config = Config::load(&flags, environment);
    let config = match (&command, config) {
        (Command::Schema(command), _) => return command.run(),
        (Command::Doctor(args), config) => return doctor::run(args, config).await,
        (_, Ok(config)) => config,
        (_, Err(error)) => return fail(&error, USAGE),
    };
    let done = match command {
        Command::Serve(_) => serve::run(config).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Workspace(command) => command.run(&config).await,
        Command::Token(command) => command.run(&config).await,
        Command::Schema(_) | Command::Doctor(_) => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}
