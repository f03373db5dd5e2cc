//! `cargo xtask test`: everything CI checks, in announced steps with a summary at the end.

use std::process::Command;

use anyhow::{Result, bail};

use crate::cargo::{self, cargo};
use crate::environment::{self, TEST_POSTGRES_URL};
use crate::postgres::{self, Postgres};
use crate::report::{Done, Report};
use crate::{bench, deny, dependencies, plugins};

/// Runs all steps, or with a filter only the tests whose names contain it.
pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let mut report = Report::default();
    if filter.is_none() {
        report.step("format", || {
            cargo::run(&mut cargo(["fmt", "--all", "--check"]))?;
            ran(bench::format())
        });
        report.step("clippy", || ran(cargo(CLIPPY)));
        report.step("dependencies", || dependencies::check().map(|()| Done::ran()));
    }
    report.step("plugins", || plugins::run().map(|()| Done::ran()));
    test_on_postgres(&mut report, filter);
    if filter.is_none() {
        report.step("sdk", || plugins::check().map(|()| Done::ran()));
        report.step("doc", || ran(documentation()));
        report.step("deny", deny);
    }
    report.finish()
}

const CLIPPY: [&str; 6] = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];

/// The PostgreSQL and the tests that use it; the server ends with this function.
fn test_on_postgres(report: &mut Report, filter: Option<&str>) {
    let mut server = None;
    report.step("postgresql", || {
        let (started, done) = postgres_for_tests()?;
        server = started;
        Ok(done)
    });
    let url = server.as_ref().map(Postgres::url);
    report.step("tests", || tests(filter, url));
}

/// Uses the server the environment names, else starts one, else says that there is none.
fn postgres_for_tests() -> Result<(Option<Postgres>, Done)> {
    if environment::var(TEST_POSTGRES_URL).is_some() {
        return Ok((None, Done::Ran(format!("the server {TEST_POSTGRES_URL} names"))));
    }
    match postgres::find() {
        Some(_) => {
            let server = Postgres::start()?;
            let note = format!("a throw-away server at {}", server.url());
            Ok((Some(server), Done::Ran(note)))
        }
        None if environment::is_ci() => bail!("{}, and CI must run its tests", postgres::NOT_FOUND),
        None => {
            let reason = format!("PostgreSQL tests skipped: {}", postgres::NOT_FOUND);
            Ok((None, Done::Skipped(reason)))
        }
    }
}

/// Runs the tests with cargo-nextest where it is installed, else with `cargo test`.
fn tests(filter: Option<&str>, url: Option<&str>) -> Result<Done> {
    let nextest = cargo::has("nextest");
    let mut command = if nextest {
        cargo(["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        cargo(["test", "--workspace", "--no-fail-fast"])
    };
    match filter {
        Some(filter) => command.arg(filter),
        // A filter that finds nothing is a typing error; a workspace without tests is not.
        None if nextest => command.arg("--no-tests=pass"),
        None => &mut command,
    };
    if let Some(url) = url {
        command.env(TEST_POSTGRES_URL, url);
    }
    cargo::run(&mut command)?;
    Ok(Done::Ran(if nextest { "with cargo-nextest" } else { "with cargo test" }.to_owned()))
}

/// Documentation without a warning, above all without a broken link.
fn documentation() -> Command {
    let mut command = cargo(["doc", "--no-deps", "--workspace"]);
    command.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    command
}

fn deny() -> Result<Done> {
    if !deny::is_installed() {
        return Ok(Done::Skipped(deny::NOT_INSTALLED.to_owned()));
    }
    deny::run().map(|()| Done::ran())
}

fn ran(mut command: Command) -> Result<Done> {
    cargo::run(&mut command).map(|()| Done::ran())
}
