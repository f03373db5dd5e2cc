//! `jornada demo`: a database with sample data, made if it is not there, and served.

use chrono::TimeDelta;
use jornada_domain::auth::Actor;

use super::{in_words, serve};
use crate::app::App;
use crate::config::{Config, ServeFlags};
use crate::db::{self, Db, Missing, ServeLock};
use crate::demo::{self, Demo, TELCO_CSV};
use crate::secret::Secret;
use crate::setup::{self, Grant};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: ServeFlags,
    /// Load the data and end
    #[arg(long)]
    no_serve: bool,
}

/// Where the demo keeps its data when nobody says otherwise.
pub(super) const DATABASE_URL: &str = "sqlite://jornada-demo.sqlite";

/// A token of the demo is for trying things, and each start gives out another one.
const TOKEN_DAYS: i64 = 30;

pub(super) async fn run(args: Args, config: Config) -> anyhow::Result<()> {
    let db = Db::open(&config.database_url, config.postgres_connections, Missing::Create).await?;
    let lock = ServeLock::take(&config.database_url)?;
    db::migrate(&db).await?;
    let app = App::new(db);
    eprintln!("Loading the demo into {}", config.database_url);
    let demo = demo::load(&app, TELCO_CSV, |what| eprintln!("  {what}")).await?;
    let token = give_token(&app, &demo).await?;
    app.db.close().await?;
    drop(lock);
    if args.no_serve {
        println!("{token}");
        return Ok(());
    }
    greet(&config, &demo, &token);
    serve::run(config).await
}

async fn give_token(app: &App, demo: &Demo) -> anyhow::Result<String> {
    let actor = Actor::setup(demo.workspace.id, demo.workspace.clock_offset());
    let secret = Secret::random()?;
    let grant = Grant {
        user_id: demo.owner.id,
        name: "Demo".to_owned(),
        scopes: Vec::new(),
        expires_at: Some(app.clock.now() + TimeDelta::days(TOKEN_DAYS)),
    };
    let token = async {
        let tx = app.begin(&actor).await?;
        let token = setup::give_token(&tx, grant, &secret).await?;
        app.commit(tx).await?;
        Ok(token)
    };
    token.await.map_err(in_words)
}
