//! `cargo xtask demo`: build the plugins and the server, and run `jornada demo`.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::{cargo, plugins};

const DEMO: [&str; 7] = ["run", "--package", "jornada-server", "--bin", "jornada", "--", "demo"];

/// Becomes the demo, as `cargo run` does too: no process is left between terminal and server that
/// could end first and give the prompt back while the server still shuts down.
pub(crate) fn run(args: &[String]) -> Result<()> {
    plugins::run()?;
    Err(cargo::cargo(DEMO).args(args).exec()).context("cannot start cargo")
}
