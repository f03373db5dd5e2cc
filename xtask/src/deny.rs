//! `cargo xtask deny`: licences, advisories and sources of the dependencies, as `deny.toml` says.

use anyhow::{Result, ensure};

use crate::cargo;

/// What to tell a developer who lacks cargo-deny.
pub(crate) const NOT_INSTALLED: &str =
    "cargo-deny is not installed; `cargo install --locked cargo-deny` installs it";

/// Whether the check can run on this machine.
pub(crate) fn is_installed() -> bool {
    cargo::has("deny")
}

/// Runs the check.
pub(crate) fn run() -> Result<()> {
    ensure!(is_installed(), "{NOT_INSTALLED}");
    cargo::run(&mut cargo::cargo(["deny", "check"]))
}
