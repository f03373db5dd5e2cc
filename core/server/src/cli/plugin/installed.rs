//! `jornada plugin install` and what comes after: the plugins of a workspace.

use std::fmt::Write;
use std::io::{self, BufRead};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jornada_domain::Tx;
use jornada_domain::auth::Actor;
use jornada_domain::health::by_plugin;
use jornada_domain::page::PageArgs;
use jornada_domain::plugins::misfit::{self, Holder, Misfit};
use jornada_domain::plugins::plan::{self, Rights};
use jornada_domain::plugins::usage::{self, Usage};
use jornada_domain::plugins::{plugin, report, version};
use jornada_domain::workspace::{self as workspaces, Locale};
use sea_orm::ActiveEnum;
use serde_json::Value as Json;

use crate::app::App;
use crate::cli::{Misuse, in_words, open, print, workspace};
use crate::config::Config;
use crate::plugin::inspect;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Install a file that `jornada plugin build` made, or update what is installed
    Install(InstallArgs),
    /// List the plugins of a workspace
    List(Of),
    /// Show what a plugin is, may do and is used for
    Show(Named),
    /// Call a plugin no longer; what needs it waits
    Disable(Named),
    /// Call a plugin again
    Enable(Named),
    /// Let the version before run again
    Rollback(Named),
    /// Uninstall a plugin; what it did stays
    Uninstall(UninstallArgs),
    /// Print what its author can be told, as JSON: versions, figures of calls, inputs and scores,
    /// and nothing of a customer
    Report(Named),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Of {
    /// Slug of the workspace; needed where there are several
    #[arg(long, value_name = "SLUG")]
    workspace: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Named {
    /// Key of the plugin: publisher.name
    key: String,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InstallArgs {
    /// File of the plugin: dist/publisher.name-version.wasm
    file: PathBuf,
    /// Agree with what it asks for, without being asked
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UninstallArgs {
    #[command(flatten)]
    named: Named,
    /// Do it without being asked
    #[arg(long)]
    yes: bool,
}

impl Command {
    pub(in crate::cli) async fn run(self, config: &Config) -> Result<()> {
        let app = open(config).await?;
        match self {
            Self::Install(args) => install(&app, &args).await?,
            Self::List(of) => list(&app, &of).await?,
            Self::Show(named) => show(&app, &named).await?,
            Self::Disable(named) => {
                change(&app, &named, async |tx, id| plugin::disable(tx, id).await).await?;
            }
            Self::Enable(named) => {
                change(&app, &named, async |tx, id| plugin::enable(tx, id).await).await?;
            }
            Self::Rollback(named) => {
                change(&app, &named, async |tx, id| plugin::roll_back(tx, id).await).await?;
            }
            Self::Uninstall(args) => uninstall(&app, &args).await?,
            Self::Report(named) => tell(&app, &named).await?,
        }
        Ok(app.db.close().await?)
    }
}

/// The operator in the workspace that is named, or in the only one.
async fn actor(app: &App, of: &Of) -> Result<Actor> {
    let found = match &of.workspace {
        Some(slug) => workspace::find(app, slug).await?,
        None => {
            let mut all = workspaces::all(app.db.read()).await?;
            if all.len() != 1 {
                let slugs: Vec<_> = all.iter().map(|one| one.slug.as_str()).collect();
                let told = format!("name the workspace with --workspace: {}", slugs.join(", "));
                return Err(Misuse(told).into());
            }
            all.remove(0)
        }
    };
    Ok(Actor::setup(found.id, found.clock_offset()))
}

/// One transaction.
async fn transact<T>(
    app: &App,
    actor: &Actor,
    verb: impl AsyncFnOnce(&Tx<'_>) -> jornada_domain::Result<T>,
) -> Result<T> {
    let done = async {
        let tx = app.begin(actor).await?;
        let value = verb(&tx).await?;
        app.commit(tx).await?;
        Ok(value)
    };
    done.await.map_err(in_words)
}

async fn install(app: &App, args: &InstallArgs) -> Result<()> {
    let actor = actor(app, &args.of).await?;
    let bytes = std::fs::read(&args.file).with_context(|| args.file.display().to_string())?;
    let inspected = inspect::inspect(&app.plugins, bytes).await;
    let inspected = inspected.with_context(|| args.file.display().to_string())?;
    let proposed = transact(app, &actor, async |tx| plan::propose(tx, inspected).await).await?;
    let cx = app.read(&actor);
    let rights = plan::rights(&cx, &proposed).await.map_err(in_words)?;
    let before = match proposed.plugin_id {
        None => None,
        Some(id) => {
            let row = plugin::find(&cx, id).await.map_err(in_words)?;
            Some(version::find(&cx, row.active_version_id).await.map_err(in_words)?.number)
        }
    };
    eprint!("{}", planned(&proposed, before.as_deref(), &rights));
    eprint!("{}", broken(&misfit::of(&cx, &proposed).await.map_err(in_words)?));
    if !args.yes && !is_agreed("Install it?")? {
        transact(app, &actor, async |tx| plan::discard(tx, proposed.id).await).await?;
        bail!("nothing was installed");
    }
    let agreed = async |tx: &Tx<'_>| {
        plan::approve(tx, proposed.id).await?;
        plan::apply(tx, proposed.id).await
    };
    let plugin = transact(app, &actor, agreed).await?;
    print(&format!("{} {} is installed\n", plugin.key, proposed.number))
}

/// What a plan would change, in words.
fn planned(plan: &plan::Model, before: Option<&str>, rights: &Rights) -> String {
    let manifest = &plan.manifest;
    let mut told = format!("{} {}, {}", plan.key, plan.number, word(&plan.kind.to_value()));
    let _ = match before {
        Some(before) => writeln!(told, ", in place of {before}"),
        None => writeln!(told),
    };
    let _ = writeln!(told, "  {}", text(&manifest["plugin"]["title"]));
    let _ = writeln!(told, "  sha256 {}", plan.digest);
    let reason = |operation: &str| {
        let all = manifest["capabilities"].as_array().into_iter().flatten();
        let mut these = all.filter(|one| one["operation"].as_str() == Some(operation));
        these.next().map(|one| text(&one["reason"])).unwrap_or_default()
    };
    for (mark, operations) in [("+", &rights.added), (" ", &rights.kept), ("-", &rights.removed)] {
        for operation in operations {
            let _ = writeln!(told, "  {mark} {operation}  {}", reason(operation));
        }
    }
    if let Some(query) = manifest["input"].as_str() {
        let mark = if rights.reads_otherwise { "+" } else { " " };
        let _ = writeln!(told, "  {mark} reads:");
        query.lines().for_each(|line| {
            let _ = writeln!(told, "      {line}");
        });
    }
    told
}

/// What a plan would break, in words; nothing where nothing is.
fn broken(misfits: &[Misfit]) -> String {
    let mut told = String::new();
    for Misfit { holder, problems } in misfits {
        let holder = match holder {
            Holder::HealthModel(model) => format!("the health model “{}”", model.name),
            Holder::TaskTemplate { template, task_key } => {
                format!("the task {task_key} of the template {}", template.key)
            }
            Holder::OpenTasks(count) => format!("{count} open tasks"),
        };
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let _ = writeln!(told, "  ! {holder} would stand still: {}", problems.join("; "));
    }
    told
}

/// The English of texts in several languages, or another one.
fn text(texts: &Json) -> String {
    by_plugin::told(texts, Locale::En)
}

fn word(constant: &str) -> String {
    constant.to_lowercase().replace('_', "-")
}

/// Asks on the terminal. Silence is no.
fn is_agreed(question: &str) -> Result<bool> {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim"))
}

async fn list(app: &App, of: &Of) -> Result<()> {
    let actor = actor(app, of).await?;
    let cx = app.read(&actor);
    // A workspace has at most as many.
    let all = plugin::list(&cx, &PageArgs::first(100)).await.map_err(in_words)?;
    let mut told = String::new();
    for row in all.rows.into_iter().map(|(_, row)| row) {
        let version = version::find(&cx, row.active_version_id).await.map_err(in_words)?;
        let (kind, status) = (word(&row.kind.to_value()), word(&row.status.to_value()));
        let _ = writeln!(told, "{}  {}  {kind}  {status}", row.key, version.number);
    }
    print(&told)
}

async fn find(app: &App, actor: &Actor, key: &str) -> Result<plugin::Model> {
    let found = plugin::by_key(&app.read(actor), key).await.map_err(in_words)?;
    found.with_context(|| format!("no plugin `{key}` is installed; `plugin list` has all"))
}

async fn show(app: &App, named: &Named) -> Result<()> {
    let actor = actor(app, &named.of).await?;
    let row = find(app, &actor, &named.key).await?;
    let cx = app.read(&actor);
    let version = version::find(&cx, row.active_version_id).await.map_err(in_words)?;
    let (kind, status) = (word(&row.kind.to_value()), word(&row.status.to_value()));
    let mut told = format!("{} {}, {kind}, {status}\n", row.key, version.number);
    let _ = writeln!(told, "  {}", text(&version.manifest["plugin"]["title"]));
    let _ = writeln!(told, "  {}", text(&version.manifest["plugin"]["description"]));
    let _ = writeln!(told, "  sha256 {}", version.digest);
    if let Some(id) = row.previous_version_id {
        let before = version::find(&cx, id).await.map_err(in_words)?;
        let _ = writeln!(told, "  before: {}", before.number);
    }
    let grants: Vec<_> = row.grants().into_iter().collect();
    if !grants.is_empty() {
        let _ = writeln!(told, "  may: {}", grants.join(", "));
    }
    told.push_str(&used(&usage::of(&cx, &row).await.map_err(in_words)?));
    print(&told)
}

/// What uses a plugin, in words; nothing where nothing does.
fn used(usage: &Usage) -> String {
    let mut told = String::new();
    for model in &usage.health_models {
        let _ = writeln!(told, "  scores the health model “{}”", model.name);
    }
    if usage.task_templates + usage.open_tasks > 0 {
        let (templates, tasks) = (usage.task_templates, usage.open_tasks);
        let _ =
            writeln!(told, "  {templates} tasks of templates and {tasks} open tasks are its type");
    }
    told
}

async fn change(
    app: &App,
    named: &Named,
    verb: impl AsyncFnOnce(
        &Tx<'_>,
        jornada_domain::id::PluginId,
    ) -> jornada_domain::Result<plugin::Model>,
) -> Result<()> {
    let actor = actor(app, &named.of).await?;
    let row = find(app, &actor, &named.key).await?;
    let row = transact(app, &actor, async |tx| verb(tx, row.id).await).await?;
    let version = version::find(&app.read(&actor), row.active_version_id).await;
    let number = version.map_err(in_words)?.number;
    print(&format!("{} {number} is {}\n", row.key, word(&row.status.to_value())))
}

async fn uninstall(app: &App, UninstallArgs { named, yes }: &UninstallArgs) -> Result<()> {
    let actor = actor(app, &named.of).await?;
    let row = find(app, &actor, &named.key).await?;
    let usage = usage::of(&app.read(&actor), &row).await.map_err(in_words)?;
    let used = used(&usage);
    if !used.is_empty() {
        eprint!("Without {} this stands still:\n{used}", row.key);
    }
    if !yes && !is_agreed("Uninstall it?")? {
        bail!("nothing was uninstalled");
    }
    transact(app, &actor, async |tx| plugin::uninstall(tx, row.id).await).await?;
    print(&format!("{} is uninstalled\n", row.key))
}

async fn tell(app: &App, named: &Named) -> Result<()> {
    let actor = actor(app, &named.of).await?;
    let row = find(app, &actor, &named.key).await?;
    let report = report::of(&app.read(&actor), &row).await.map_err(in_words)?;
    print(&format!("{}\n", serde_json::to_string_pretty(&report)?))
}
