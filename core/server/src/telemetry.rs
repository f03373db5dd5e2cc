//! The log: to standard error, so that what a command prints can be piped on.

use std::io::{self, IsTerminal};

use tracing_subscriber::fmt;

use crate::config::{Config, LogFormat};

/// Starts logging for the rest of the process.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let colours = io::stderr().is_terminal();
    let log = fmt().with_env_filter(config.filter()?).with_ansi(colours).with_writer(io::stderr);
    let started = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}
