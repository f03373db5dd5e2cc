//! `jornada token create`: a token for a user who exists.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use jornada_domain::auth::{Actor, user};

use super::{in_words, open, workspace};
use crate::app::App;
use crate::config::Config;
use crate::secret::Secret;
use crate::setup::{self, Grant};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give out a token; it is printed once, alone on standard output
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Slug of the workspace
    #[arg(long, value_name = "SLUG")]
    workspace: String,
    /// E-mail address of the user who acts with the token
    #[arg(long)]
    email: String,
    /// What the token is for
    #[arg(long, default_value = "Command line")]
    name: String,
    /// A right like accounts:read, repeatable; all rights of the user's role when left out
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Days until the token expires; never when left out
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
    expires_in_days: Option<u16>,
}

impl Command {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Create(args) = self;
        let app = open(config).await?;
        let token = args.run(&app).await?;
        eprintln!("The token is shown only now; keep it safe.");
        println!("{token}");
        Ok(app.db.close().await?)
    }
}

impl Create {
    async fn run(self, app: &App) -> anyhow::Result<String> {
        let workspace = workspace::find(app, &self.workspace).await?;
        let actor = Actor::setup(workspace.id, workspace.clock_offset());
        let secret = Secret::random()?;
        let expires_at = self.expires_in_days.map(|days| in_days(app.clock.now(), days));
        let token = async {
            let tx = app.begin(&actor).await?;
            let user = user::by_email(&tx, &self.email).await?;
            let Self { name, scopes, .. } = self;
            let grant = Grant { user_id: user.id, name, scopes, expires_at };
            let token = setup::give_token(&tx, grant, &secret).await?;
            app.commit(tx).await?;
            Ok(token)
        };
        token.await.map_err(in_words)
    }
}

fn in_days(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now + TimeDelta::days(days.into())
}
