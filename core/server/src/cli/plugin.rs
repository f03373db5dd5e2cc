//! `jornada plugin`: what an author of a plugin does, without a database, and what an operator does
//! with those that are installed.

mod backtest;
mod bench;
mod check;
mod installed;
mod test;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use jornada_plugin_host::manifest::Fixture;
use jornada_plugin_host::{Host, Kind, Limits, LogLine, compile, fixture};
use serde_json::Value as Json;

use super::{USAGE, fail, print};
use crate::plugin;
use crate::plugin::project::{Built, Project};
use crate::plugin::scaffold::New;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Author(Author),
    #[command(flatten)]
    Installed(installed::Command),
}

#[derive(Debug, Subcommand)]
pub(super) enum Author {
    /// Begin a plugin in a new folder, with the SDK in it
    New(NewArgs),
    /// Make one file of a plugin: dist/publisher.name-version.wasm
    Build(Folder),
    /// Say whether a server would take a plugin, what it asks for and what it wants to know
    Check(Folder),
    /// Run the fixtures of a plugin within the limits of a server
    Test(TestArgs),
    /// Make one call of a plugin
    Run(RunArgs),
    /// Say how long calls of a plugin take
    Bench(BenchArgs),
    /// Say whether the scores of a plugin would have told who was lost: AUC, calibration and lift
    Backtest(backtest::Args),
    /// Compile a plugin from standard input to standard output, with so many bytes of memory
    #[command(hide = true)]
    Compile { memory_bytes: String },
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// Name of the plugin and of its folder: lower-case letters, digits and hyphens
    name: String,
    /// What it is for
    #[arg(long)]
    kind: KindArg,
    /// Who publishes it: the first part of its id
    #[arg(long, default_value = "local")]
    publisher: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindArg {
    /// Computes how accounts do
    HealthScore,
    /// A type of tasks
    TaskType,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::HealthScore => Self::HealthScore,
            KindArg::TaskType => Self::TaskType,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Folder {
    /// Folder of the plugin, or the file that was made of it
    #[arg(value_name = "PLUGIN", default_value = ".")]
    folder: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    of: Folder,
    /// Write what the plugin answers into the fixtures, as what they expect from now on
    #[arg(long)]
    bless: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    of: Folder,
    /// A call as JSON: {"function": …, "input": …}, like a fixture
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    of: Folder,
    /// Customers of one call of a health score; those of the fixtures, again and again
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rows: u32,
    /// How often each call is made
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
}

impl Author {
    /// Runs a command. None of them reads the configuration of a server.
    pub(super) fn run(self, environment: &HashMap<String, String>) -> ExitCode {
        let cargo_home = cargo_home(environment);
        let load = |folder: &Path| Loaded::of(folder, cargo_home.clone());
        let done = match self {
            Self::Compile { memory_bytes } => return compile::child([memory_bytes].into_iter()),
            Self::New(args) => begin(&args),
            Self::Build(of) => load(&of.folder).and_then(|loaded| build(&loaded)),
            Self::Check(of) => load(&of.folder).and_then(|loaded| check::run(&loaded)),
            Self::Test(args) => load(&args.of.folder).and_then(|loaded| test::run(&args, &loaded)),
            Self::Run(args) => load(&args.of.folder).and_then(|loaded| call(&args, &loaded)),
            Self::Bench(args) => {
                load(&args.of.folder).and_then(|loaded| bench::run(&args, &loaded))
            }
            Self::Backtest(args) => {
                load(&args.plugin).and_then(|loaded| backtest::run(&args, &loaded))
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error, USAGE),
        }
    }
}

/// A plugin that was built or read from a file, and loaded.
struct Loaded {
    host: Host,
    /// The folder that it was built in.
    project: Option<Project>,
    built: Built,
}

impl Loaded {
    /// The plugin in a file, or in a folder, where it is built first.
    fn of(path: &Path, cargo_home: Option<PathBuf>) -> Result<Self> {
        let host = Host::new(plugin::settings(None, Limits::default()))?;
        if path.is_file() {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            let built = Built::read(bytes, &host)?;
            return Ok(Self { host, project: None, built });
        }
        let project = Project::open(path, cargo_home)?;
        let built = project.build(&host)?;
        Ok(Self { host, project: Some(project), built })
    }

    fn project(&self) -> Result<&Project> {
        self.project.as_ref().context("this takes the folder of a plugin, not a file")
    }
}

/// Where cargo keeps what it fetched.
fn cargo_home(environment: &HashMap<String, String>) -> Option<PathBuf> {
    let said = environment.get("CARGO_HOME").map(PathBuf::from);
    said.or_else(|| Some(Path::new(environment.get("HOME")?).join(".cargo")))
}

fn begin(args: &NewArgs) -> Result<()> {
    let NewArgs { name, kind, publisher } = args;
    let new = New { name, publisher, kind: (*kind).into() };
    let folder = new.make(Path::new("."))?;
    print(&format!(
        "{} is there. Next:\n  cd {name}\n  jornada plugin test\n  jornada plugin build\n",
        folder.display()
    ))
}

fn build(loaded: &Loaded) -> Result<()> {
    let (project, built) = (loaded.project()?, &loaded.built);
    let path = project.file(&built.component.manifest);
    let told = || path.display().to_string();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(told)?;
    }
    std::fs::write(&path, &built.bytes).with_context(told)?;
    print(&format!(
        "{}\n  {} bytes, sha256 {}\n",
        path.display(),
        built.bytes.len(),
        built.component.digest
    ))
}

fn call(args: &RunArgs, Loaded { built, .. }: &Loaded) -> Result<()> {
    let text = std::fs::read(&args.input).with_context(|| args.input.display().to_string())?;
    let asked: Json =
        serde_json::from_slice(&text).with_context(|| args.input.display().to_string())?;
    let function = asked["function"].as_str().context("the input names no `function`")?;
    let fixture = Fixture {
        name: args.input.display().to_string(),
        function: function.to_owned(),
        input: asked["input"].clone(),
        expect: Json::Object(serde_json::Map::new()),
    };
    let outcome = fixture::run(&built.plugin, &fixture);
    let Some(budget) = &outcome.budget else {
        bail!("{}", outcome.differences.join("; "));
    };
    eprintln!("{}", test::told(budget));
    for LogLine { level, message } in &outcome.log {
        eprintln!("{}: {message}", format!("{level:?}").to_lowercase());
    }
    print(&format!("{}\n", serde_json::to_string_pretty(&outcome.answer)?))?;
    match &outcome.error {
        None => Ok(()),
        Some(error) => {
            error.backtrace().into_iter().flat_map(str::lines).for_each(|at| eprintln!("  {at}"));
            bail!("{error}")
        }
    }
}
