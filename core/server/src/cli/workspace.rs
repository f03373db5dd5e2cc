//! `jornada workspace`: a workspace with its owner and his first token, sandboxes, and days that
//! are played in them.

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use jornada_domain::auth::Role;
use jornada_domain::auth::user::NewUser;
use jornada_domain::calendar::WorkingWeek;
use jornada_domain::error::Problem;
use jornada_domain::journeys::play::Sample;
use jornada_domain::sandbox::NewSandbox;
use jornada_domain::workspace::{self, Locale, NewWorkspace, WorkspaceKind};
use jornada_domain::{Code, Error};

use super::{in_words, open, print};
use crate::app::App;
use crate::config::Config;
use crate::sandbox::{self, Days, MOST_DAYS};
use crate::secret::Secret;
use crate::setup;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set up a workspace; the token of its owner is printed once, alone on standard output
    Create(Create),
    /// Set up a sandbox with the configuration of another workspace, and nothing of its customers
    ///
    /// Prints the token of the owner once, alone on standard output. With --play, it also opens a
    /// sample customer, plays that many days with a stand-in for all people, and prints a diary;
    /// the token then goes to standard error.
    Sandbox(Sandbox),
    /// Advance the clock of a sandbox day by day, and tell what happens
    Advance(Advance),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Name on the command line: a-z, 0-9, - and _
    slug: String,
    /// Name that people see
    #[arg(long)]
    name: String,
    /// E-mail address of the owner
    #[arg(long, value_name = "EMAIL")]
    owner_email: String,
    /// Name of the owner; the e-mail address when left out
    #[arg(long, value_name = "NAME")]
    owner_name: Option<String>,
    /// Time zone in which days begin and end, of the IANA database
    #[arg(long, value_name = "ZONE", default_value = "America/Sao_Paulo")]
    time_zone: String,
    /// Language of messages and built-in names
    #[arg(long, value_enum, default_value = "pt-BR")]
    locale: LocaleWord,
    /// A sandbox has its own clock and sends nothing out
    #[arg(long, value_enum, default_value = "production")]
    kind: KindWord,
}

#[derive(Debug, clap::Args)]
pub(super) struct Sandbox {
    /// Name of the sandbox on the command line: a-z, 0-9, - and _
    slug: String,
    /// Slug of the workspace whose configuration is copied
    #[arg(long, value_name = "SLUG")]
    from: String,
    /// Name that people see; that of the other workspace when left out
    #[arg(long)]
    name: Option<String>,
    /// E-mail address of the owner, who also does the tasks that a template gives to one user
    #[arg(long, value_name = "EMAIL")]
    owner_email: String,
    /// Name of the owner; the e-mail address when left out
    #[arg(long, value_name = "NAME")]
    owner_name: Option<String>,
    /// Open a sample customer and play this many days
    #[arg(long, value_name = "DAYS", value_parser = days())]
    play: Option<u32>,
    /// Key of the template that the sample customer follows; what the selection rules say, or else
    /// the default template, when left out
    #[arg(long, value_name = "KEY", requires = "play")]
    template: Option<String>,
    /// Name of the sample customer
    #[arg(long, value_name = "NAME", default_value = "Sample customer", requires = "play")]
    account_name: String,
    /// Print the diary as one JSON object a line
    #[arg(long, requires = "play")]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Advance {
    /// Slug of the sandbox
    slug: String,
    /// How many days its clock goes on
    #[arg(long, value_name = "DAYS", value_parser = days())]
    days: u32,
    /// Let a stand-in do each open task on the day it is due, one without a due date on the day it
    /// opens: interactions were had, surveys sent, and indicators that a person evaluates pass
    #[arg(long)]
    play: bool,
    /// Print the diary as one JSON object a line
    #[arg(long)]
    json: bool,
}

fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=MOST_DAYS.into())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LocaleWord {
    #[value(name = "pt-BR")]
    PtBr,
    En,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindWord {
    Production,
    Sandbox,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let app = open(config).await?;
        match self {
            Self::Create(args) => args.run(&app).await?,
            Self::Sandbox(args) => args.run(&app).await?,
            Self::Advance(args) => args.run(&app).await?,
        }
        Ok(app.db.close().await?)
    }
}

/// An owner, who is called by the e-mail address where no name was given.
fn owner(email: String, name: Option<String>) -> NewUser {
    let name = name.unwrap_or_else(|| email.clone());
    NewUser { email, name, role: Role::Owner, locale: None }
}

/// What to do where nothing says which journey the sample customer follows.
const NO_TEMPLATE: &str = "no selection rule picks a journey for the sample customer, and there is \
    no default template: name one with --template KEY";

fn lacks_template(error: &Error) -> bool {
    let is_it = |it: &Problem| it.field == "template" && it.code == Code::NotFound;
    matches!(error, Error::Problems(problems) if problems.iter().any(is_it))
}

impl Sandbox {
    async fn run(self, app: &App) -> anyhow::Result<()> {
        let source = find(app, &self.from).await?;
        let owner = owner(self.owner_email, self.owner_name);
        let new = NewSandbox { slug: self.slug, name: self.name, owner };
        let (name, template) = (self.account_name, self.template);
        let is_named = template.is_some();
        let sample = self.play.map(|_| Sample { name, template });
        let made = setup::create_sandbox(app, &source, new, &Secret::random()?, sample).await;
        let (made, token) = match made {
            Err(error) if !is_named && lacks_template(&error) => bail!(NO_TEMPLATE),
            made => made.map_err(|error| in_words(error.renamed("template", "--template")))?,
        };
        eprintln!("The sandbox {} is set up like {}.", made.workspace.slug, source.slug);
        let (segments, rules) = (made.segments_left_out, made.rules_left_out);
        if segments + rules > 0 {
            eprintln!(
                "Left out, because they name people or customers: {segments} segments and {rules} \
                 selection rules."
            );
        }
        eprintln!("The token of {} is shown only now; keep it safe.", made.owner.email);
        let Some(count) = self.play else {
            println!("{token}");
            return Ok(());
        };
        // Standard output is that of the diary.
        eprintln!("{token}");
        let days = Days { count, is_played: true, is_new: true };
        show(app, &made.workspace, days, self.json).await
    }
}

impl Advance {
    async fn run(self, app: &App) -> anyhow::Result<()> {
        let workspace = find(app, &self.slug).await?;
        let days = Days { count: self.days, is_played: self.play, is_new: false };
        show(app, &workspace, days, self.json).await
    }
}

/// Plays days and prints the diary while they pass.
async fn show(
    app: &App,
    workspace: &workspace::Model,
    days: Days,
    is_json: bool,
) -> anyhow::Result<()> {
    let played = sandbox::advance(app, workspace, days, |entry| {
        let line = if is_json { serde_json::to_string(&entry)? } else { entry.to_string() };
        print(&format!("{line}\n"))
    });
    played.await.map_err(|error| match error.downcast::<Error>() {
        Ok(error) => in_words(error),
        Err(other) => other,
    })
}

impl Create {
    async fn run(self, app: &App) -> anyhow::Result<()> {
        let secret = Secret::random()?;
        let (new, owner) = self.parts();
        let done = setup::create_workspace(app, new, owner, &secret).await.map_err(in_words)?;
        eprintln!("The workspace {} is set up.", done.workspace.slug);
        eprintln!("The token of {} is shown only now; keep it safe.", done.owner.email);
        println!("{}", done.token);
        Ok(())
    }

    fn parts(self) -> (NewWorkspace, NewUser) {
        let owner = owner(self.owner_email, self.owner_name);
        let workspace = NewWorkspace {
            slug: self.slug,
            name: self.name,
            kind: match self.kind {
                KindWord::Production => WorkspaceKind::Production,
                KindWord::Sandbox => WorkspaceKind::Sandbox,
            },
            time_zone: self.time_zone,
            locale: match self.locale {
                LocaleWord::PtBr => Locale::PtBr,
                LocaleWord::En => Locale::En,
            },
            working_week: WorkingWeek::MONDAY_TO_FRIDAY,
        };
        (workspace, owner)
    }
}

/// The workspace of a slug.
pub(super) async fn find(app: &App, slug: &str) -> anyhow::Result<workspace::Model> {
    const MOST_NAMED: usize = 10;
    match workspace::by_slug(app.db.read(), slug).await {
        Err(error) if error.has(Code::NotFound) => {
            let all = workspace::all(app.db.read()).await?;
            let slugs: Vec<_> = all.iter().take(MOST_NAMED).map(|it| it.slug.as_str()).collect();
            bail!("workspace: there is no `{slug}`; there are: {}", slugs.join(", "))
        }
        found => found.map_err(in_words),
    }
}
