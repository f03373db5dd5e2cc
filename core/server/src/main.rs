//! The binary `jornada`: reads the command line and the environment, and runs a command.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use jornada_server::cli::{self, Cli};
use jornada_server::runtime;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match runtime::build() {
        Ok(runtime) => runtime.block_on(cli::run(cli, &environment())),
        Err(error) => {
            eprintln!("error: the threads cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The variables of the process that are text; ours are.
#[expect(clippy::disallowed_methods, reason = "the edge, where configuration is read once")]
fn environment() -> HashMap<String, String> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    env::vars_os().filter_map(text).collect()
}
