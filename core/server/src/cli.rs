//! The command line: one file per command.

mod contact;
mod demo;
mod doctor;
mod import;
mod migrate;
mod plugin;
mod privacy;
mod schema;
mod serve;
mod token;
mod workspace;

use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Parser, Subcommand};
use jornada_domain::Error;
use jornada_domain::workspace::Locale;

use crate::app::App;
use crate::config::{Config, Flags, unknown_variables};
use crate::db::{Db, Missing, schema_state};
use crate::import::table::Unusable;
use crate::messages::{self, in_one_line};

/// Customer success, self-hosted: accounts, journeys and tasks over one GraphQL API
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
    /// Bring the database to the schema of this binary; makes a SQLite file that is missing
    Migrate,
    /// Set up workspaces
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Give out tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Serve a database with sample data, made when it is not there
    ///
    /// That is sqlite://jornada-demo.sqlite unless flag or variable names another: the one of the
    /// configuration file holds real customers.
    Demo(demo::Args),
    /// Bring in what other systems have
    #[command(subcommand)]
    Import(import::Command),
    /// Give out what is kept of a person
    #[command(subcommand)]
    Contact(contact::Command),
    /// Erase again who was erased before a backup was restored
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// Write and try plugins, and install them
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Show the GraphQL schema
    #[command(subcommand)]
    Schema(schema::Command),
    /// Check configuration and database; fails when something is wrong
    Doctor(doctor::Args),
}

/// The exit code of a wrong command line, configuration or file; clap has it too.
const USAGE: u8 = 2;
const FAILURE: u8 = 1;

/// Runs a command. What it gives goes to standard output, all else to standard error.
pub async fn run(cli: Cli, environment: &HashMap<String, String>) -> ExitCode {
    let Cli { mut flags, command } = cli;
    match &command {
        Command::Serve(args) => flags.serve = args.flags.clone(),
        Command::Demo(args) => args.complete(&mut flags, environment),
        _ => {}
    }
    for name in unknown_variables(environment) {
        eprintln!("warning: {name} is no variable of jornada and does nothing");
    }
    let config = Config::load(&flags, environment);
    let done = match (command, config) {
        (Command::Doctor(args), config) => doctor::run(&args, config).await,
        (Command::Schema(command), _) => command.run(),
        // An author needs no configuration, and a wrong one is not in the way.
        (Command::Plugin(plugin::Command::Author(command)), _) => return command.run(environment),
        (_, Err(error)) => return fail(&error, USAGE),
        (Command::Serve(_), Ok(config)) => serve::run(&config, async |_, _| Ok(())).await,
        (Command::Demo(args), Ok(config)) => demo::run(&args, &config).await,
        (Command::Migrate, Ok(config)) => migrate::run(&config).await,
        (Command::Workspace(command), Ok(config)) => command.run(&config).await,
        (Command::Token(command), Ok(config)) => command.run(&config).await,
        (Command::Import(command), Ok(config)) => command.run(&config).await,
        (Command::Contact(command), Ok(config)) => command.run(&config).await,
        (Command::Privacy(command), Ok(config)) => command.run(&config).await,
        (Command::Plugin(plugin::Command::Installed(command)), Ok(config)) => {
            command.run(&config).await
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Unusable>() || error.is::<Misuse>() => fail(&error, USAGE),
        Err(error) => fail(&error, FAILURE),
    }
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("error: {}", in_one_line(error));
    ExitCode::from(code)
}

/// Gives out a text. Who reads only its beginning, like `head`, has what he wanted.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// What is wrong with the arguments of a command, beyond what clap sees.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misuse(String);

/// The application over the configured database, which must be there and have this schema.
async fn open(config: &Config) -> anyhow::Result<App> {
    let url = &config.database_url;
    let db = Db::open(url, config.postgres_connections, Missing::Refuse).await?;
    schema_state(&db).await?.require_current()?;
    Ok(App::configured(db, config))
}

/// An error of the domain in words for the operator.
fn in_words(error: Error) -> anyhow::Error {
    match error {
        Error::Problems(problems) => {
            let say = |problem| messages::of_problem(Locale::En, problem);
            let each: Vec<_> =
                problems.iter().map(|p| format!("{}: {}", p.field, say(p))).collect();
            anyhow!(each.join("; "))
        }
        other => other.into(),
    }
}
