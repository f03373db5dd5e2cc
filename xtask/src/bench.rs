//! `cargo xtask bench`: build what measures with optimisation, and run it. `jornada-bench` gets a
//! throw-away PostgreSQL; the plugins and their peers are measured by a program of their own, so
//! that no other build compiles another engine.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{self, cargo, root};
use crate::environment::{self, TEST_POSTGRES_URL};
use crate::plugins::{self, TARGET};
use crate::postgres::{self, Postgres};

const BENCH: [&str; 5] = ["run", "--release", "--package", "jornada-bench", "--"];

/// The measurement that has a program of its own.
const PLUGINS: &str = "plugins";

/// Runs a measurement, or all of them; what stands behind its name is passed on.
pub(crate) fn run(args: &[String]) -> Result<()> {
    match args {
        [first, rest @ ..] if first == PLUGINS => beside_peers(rest),
        [] => {
            platform(&[])?;
            beside_peers(&[])
        }
        _ => platform(args),
    }
}

fn platform(args: &[String]) -> Result<()> {
    let mut command = cargo(BENCH);
    command.args(args);
    let is_there = environment::var(TEST_POSTGRES_URL).is_some();
    let server = match postgres::find() {
        Some(_) if !is_there => Some(Postgres::start()?),
        _ => None,
    };
    if let Some(server) = &server {
        command.env(TEST_POSTGRES_URL, server.url());
    }
    cargo::run(&mut command)
}

fn beside_peers(args: &[String]) -> Result<()> {
    plugins::run()?;
    let mut plugin = cargo(["build", "--profile", "plugin", "--package", "telco-extism"]);
    plugin.args(["--target", TARGET, "--target-dir"]).arg(root().join("target/wasm"));
    cargo::run(plugin.arg("--manifest-path").arg(peers()))?;
    let mut command = cargo(["run", "--release", "--target-dir"]);
    command.arg(root().join("target")).arg("--manifest-path").arg(peers());
    cargo::run(command.arg("--").args(args))
}

fn peers() -> PathBuf {
    root().join("xtask/peers/Cargo.toml")
}

/// Whether the peers are formatted: all that is checked of them, since it takes no build.
pub(crate) fn format() -> Command {
    let mut command = cargo(["fmt", "--all", "--check", "--manifest-path"]);
    command.arg(peers());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_are_there() {
        assert!(peers().is_file());
    }
}
