//! `jornada workspace create`: a workspace, its owner and his first token.

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use jornada_domain::Code;
use jornada_domain::auth::Role;
use jornada_domain::auth::user::NewUser;
use jornada_domain::calendar::WorkingWeek;
use jornada_domain::workspace::{self, Locale, NewWorkspace, WorkspaceKind};

use super::{in_words, open};
use crate::app::App;
use crate::config::Config;
use crate::secret::Secret;
use crate::setup;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set up a workspace; the token of its owner is printed once, alone on standard output
    Create(Create),
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
        let Self::Create(args) = self;
        let app = open(config).await?;
        let secret = Secret::random()?;
        let (new, owner) = args.parts();
        let done = setup::create_workspace(&app, new, owner, &secret).await.map_err(in_words)?;
        eprintln!("The workspace {} is set up.", done.workspace.slug);
        eprintln!("The token of {} is shown only now; keep it safe.", done.owner.email);
        println!("{}", done.token);
        Ok(app.db.close().await?)
    }
}

impl Create {
    fn parts(self) -> (NewWorkspace, NewUser) {
        let owner = NewUser {
            name: self.owner_name.unwrap_or_else(|| self.owner_email.clone()),
            email: self.owner_email,
            role: Role::Owner,
            locale: None,
        };
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
