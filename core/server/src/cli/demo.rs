//! `jornada demo`: a database with sample data, made when it is not there, and served.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;

use chrono::TimeDelta;
use indicatif::ProgressBar;
use jornada_domain::auth::Actor;
use serde_json::json;

use super::{in_words, serve};
use crate::app::App;
use crate::config::{Config, Flags, ServeFlags};
use crate::demo::{self, Demo, TELCO_CSV};
use crate::graphql;
use crate::secret::Secret;
use crate::setup::{self, Grant};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: ServeFlags,
    /// Load the data, print a token and end
    #[arg(long)]
    no_serve: bool,
}

/// Never the database of the configuration file: that one holds real customers.
const DATABASE_URL: &str = "sqlite://jornada-demo.sqlite";

/// A token of the demo is for trying things, and each start gives out another one.
const TOKEN_DAYS: i64 = 30;

impl Args {
    /// Says where the data are, where nobody said so.
    pub(super) fn complete(&self, flags: &mut Flags, environment: &HashMap<String, String>) {
        flags.serve = self.flags.clone();
        if flags.database_url.is_none() && !environment.contains_key("JORNADA_DATABASE_URL") {
            flags.database_url = Some(DATABASE_URL.to_owned());
        }
    }
}

pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<()> {
    if !args.no_serve {
        return serve::run(config, async |app, address| {
            let (demo, token) = load(app).await?;
            greet(address, &demo, &token);
            Ok(())
        })
        .await;
    }
    let (db, _lock) = serve::open(config).await?;
    let app = App::configured(db.clone(), config);
    let (_, token) = load(&app).await?;
    println!("{token}");
    Ok(db.close().await?)
}

async fn load(app: &App) -> anyhow::Result<(Demo, String)> {
    eprintln!("The demo is in {}", app.db.url());
    let spinner = io::stderr().is_terminal().then(ProgressBar::new_spinner);
    let tell = |what: &str| match &spinner {
        Some(spinner) => {
            spinner.set_message(format!("loading {what}"));
            spinner.tick();
        }
        None => eprintln!("loading {what}"),
    };
    let demo = demo::load(app, TELCO_CSV, tell).await?;
    if let Some(spinner) = spinner {
        spinner.finish_and_clear();
    }
    let secret = Secret::random()?;
    let token = give_token(app, &demo, &secret).await.map_err(in_words)?;
    Ok((demo, token))
}

async fn give_token(app: &App, demo: &Demo, secret: &Secret) -> jornada_domain::Result<String> {
    let actor = Actor::setup(demo.workspace.id, demo.workspace.clock_offset());
    let grant = Grant {
        user_id: demo.owner.id,
        name: "Demo".to_owned(),
        scopes: Vec::new(),
        expires_at: Some(app.clock.now() + TimeDelta::days(TOKEN_DAYS)),
    };
    let tx = app.begin(&actor).await?;
    let token = setup::give_token(&tx, grant, secret).await?;
    app.commit(tx).await?;
    Ok(token)
}

/// The question that is printed.
const TODAY: &str = include_str!("../../../../examples/queries/today.graphql");

/// The question in one line, without its comment.
fn question() -> String {
    let lines = TODAY.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Where everything is, and a first question to ask.
fn greet(address: SocketAddr, demo: &Demo, token: &str) {
    let (owner, csm) = (&demo.owner.name, &demo.csm.name);
    let variables = json!({ "csm": graphql::global_id(demo.csm.id) });
    let body = json!({ "query": question(), "variables": variables });
    println!(
        "
Jornada is at http://{address}

  API and editor   http://{address}/graphql
  Token            {token}
                   of {owner}, who may do everything; it expires in {TOKEN_DAYS} days

What {csm} has to do today, customer by customer:

curl -s http://{address}/graphql \\
  -H 'Authorization: Bearer {token}' \\
  -H 'Content-Type: application/json' \\
  -d '{body}'
"
    );
}
