//! `jornada migrate`: brings the database to the schema of this binary.

use crate::config::Config;
use crate::db::{self, Db, Missing};

pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let url = &config.database_url;
    let db = Db::open(url, config.postgres_connections, Missing::Create).await?;
    match db::migrate(&db).await? {
        0 => println!("{url} was up to date"),
        count => println!("{url}: {count} migrations were run"),
    }
    Ok(db.close().await?)
}
