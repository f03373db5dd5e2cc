//! Databases to measure on: a new SQLite file, and a new database on the PostgreSQL that xtask has
//! started. Both have the settings of a server.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Error, Result};
use jornada_server::app::App;
use jornada_server::db::{self, DatabaseUrl, Db, Missing};
use sea_orm::{ConnectionTrait, Database};

/// Names the PostgreSQL.
const POSTGRES_URL: &str = "JORNADA_TEST_POSTGRES_URL";

/// The database that is made there.
const DATABASE: &str = "jornada_bench";

/// Where it is measured.
pub(crate) struct Place {
    /// What people call it.
    pub(crate) name: &'static str,
    pub(crate) url: DatabaseUrl,
    pub(crate) app: Arc<App>,
    /// The folder of the file, which is removed at the end.
    folder: Option<PathBuf>,
}

impl Place {
    /// A new SQLite file.
    pub(crate) async fn sqlite() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("jornada-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let url = format!("sqlite://{}", folder.join("jornada.sqlite").display());
        Self::open("SQLite", &url, Some(folder)).await
    }

    /// A new database on the PostgreSQL of the environment; none where it names none.
    pub(crate) async fn postgres() -> Result<Option<Self>> {
        let Some(server) = server() else { return Ok(None) };
        let admin = Database::connect(&server).await?;
        for sql in
            [format!("DROP DATABASE IF EXISTS {DATABASE}"), format!("CREATE DATABASE {DATABASE}")]
        {
            admin.execute_unprepared(&sql).await?;
        }
        admin.close().await?;
        let (address, _) = server.rsplit_once('/').context("the URL names a database")?;
        Ok(Some(Self::open("PostgreSQL", &format!("{address}/{DATABASE}"), None).await?))
    }

    async fn open(name: &'static str, url: &str, folder: Option<PathBuf>) -> Result<Self> {
        let url: DatabaseUrl = url.parse().map_err(Error::msg)?;
        let db = Db::open(&url, 4, Missing::Create).await?;
        db::migrate(&db).await?;
        Ok(Self { name, url, app: Arc::new(App::new(db)), folder })
    }

    /// Lets the database look at its rows, and opens it anew, as both happens with a server after
    /// a while.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        self.app.db.write().execute_unprepared("ANALYZE").await?;
        self.app.db.clone().close().await?;
        self.app = Arc::new(App::new(Db::open(&self.url, 4, Missing::Refuse).await?));
        Ok(())
    }

    /// Closes the database and removes its file.
    pub(crate) async fn close(self) -> Result<()> {
        self.app.db.clone().close().await?;
        if let Some(folder) = self.folder {
            std::fs::remove_dir_all(folder)?;
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge: xtask says where its server is")]
fn server() -> Option<String> {
    std::env::var(POSTGRES_URL).ok()
}
