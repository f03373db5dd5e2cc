//! `cargo xtask bench`: build `jornada-bench` with optimisation and run it beside a throw-away
//! PostgreSQL.

use anyhow::Result;

use crate::cargo::{self, cargo};
use crate::environment::{self, TEST_POSTGRES_URL};
use crate::postgres::{self, Postgres};

const BENCH: [&str; 5] = ["run", "--release", "--package", "jornada-bench", "--"];

/// Runs a measurement; what stands behind its name is passed on.
pub(crate) fn run(args: &[String]) -> Result<()> {
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
