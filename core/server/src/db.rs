//! The database: SQLite for one process, PostgreSQL for several, behind the same two handles.

mod checks;
mod lock;
mod schema;
mod url;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions, Connection};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionOptions, TransactionTrait, metric,
};

pub use checks::{Check, check_database};
pub use lock::ServeLock;
pub use schema::{SchemaState, migrate, schema_state};
pub use url::DatabaseUrl;

/// Readers of a SQLite file; each is a thread.
const SQLITE_READERS: u32 = 4;

/// How many rows of an index SQLite looks at to know how its values are spread.
const ANALYSED_ROWS: u32 = 1000;

/// Up to how many bytes of the file are read where the system keeps them, instead of being copied
/// page by page: the most that SQLite allows. Takes no memory of its own.
const MAPPED_BYTES: &str = "2147418112";

/// What each connection keeps of the rest and of what it changes: 16 MiB. SQLite takes a negative
/// number for kibibytes.
const CACHED_KIBIBYTES: &str = "-16384";

/// How long a statement waits for another process that writes to the SQLite file.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request waits for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// What to do about a SQLite file that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make an empty one.
    Create,
    /// Fail, so that a mistyped path does not leave a file behind.
    Refuse,
}

/// An open database. Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Db {
    url: DatabaseUrl,
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Opens a database; `postgres_connections` is the largest number of connections to
    /// PostgreSQL.
    pub async fn open(
        url: &DatabaseUrl,
        postgres_connections: u32,
        missing: Missing,
    ) -> anyhow::Result<Self> {
        let (read, write) = match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, missing).await,
            DatabaseUrl::Postgres(text) => open_postgres(text, postgres_connections).await,
        }
        .with_context(|| format!("cannot open {url}"))?;
        Ok(Self { url: url.clone(), read, write })
    }

    /// Where the database is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The connections for reading; those to SQLite can do nothing else.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The connection for writes that need no transaction.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a transaction that writes. On SQLite it is the only one from its first moment, so
    /// that it can never fail half-way because another one wrote first.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.url {
            DatabaseUrl::Sqlite(_) => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            DatabaseUrl::Postgres(_) => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..Default::default()
            },
        };
        self.write.begin_with_options(options).await
    }

    /// Empties the journal of SQLite, in which what was erased stays readable until others write
    /// over it. Fails where somebody else is still reading in it.
    pub async fn empty_journal(&self) -> Result<(), DbErr> {
        if let DatabaseUrl::Postgres(_) = self.url {
            return Ok(());
        }
        let backend = self.write.get_database_backend();
        let sql = Statement::from_string(backend, "PRAGMA wal_checkpoint(TRUNCATE)");
        let row = self.write.query_one_raw(sql).await?;
        let busy = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten();
        match busy {
            Some(0) => Ok(()),
            _ => Err(DbErr::Custom("somebody else is reading in it".to_owned())),
        }
    }

    /// Calls `observer` after every statement that is run through this handle and its clones.
    pub fn observe<F>(&mut self, observer: F)
    where
        F: Fn(&metric::Info<'_>) + Clone + Send + Sync + 'static,
    {
        self.read.set_metric_callback(observer.clone());
        self.write.set_metric_callback(observer);
    }

    /// Closes all connections, after those who use one have given it back.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

type Handles = (DatabaseConnection, DatabaseConnection);

async fn open_sqlite(path: &Path, missing: Missing) -> anyhow::Result<Handles> {
    let exists = fs::exists(path)?;
    if !exists && missing == Missing::Refuse {
        bail!("the file does not exist; `jornada migrate` makes it");
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
        bail!("the directory {} does not exist", parent.display());
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .pragma("mmap_size", MAPPED_BYTES)
        .pragma("cache_size", CACHED_KIBIBYTES);
    // The writer first: it makes the file, which readers cannot.
    let writer = options
        .clone()
        .create_if_missing(missing == Missing::Create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // What was deleted or blanked does not stay readable in the pages of the file.
        .pragma("secure_delete", "ON")
        // What the planner knows of the tables grows with them: a server opens the connection anew
        // from time to time, and a command that fills the file closes it.
        .optimize_on_close(true, ANALYSED_ROWS);
    let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
    let write = SqlxSqliteConnector::from_sqlx_sqlite_pool(write.connect_with(writer).await?);
    let read =
        SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(ACQUIRE_TIMEOUT);
    let read = read.connect_with(options.read_only(true)).await?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(read), write))
}

async fn open_postgres(url: &str, connections: u32) -> anyhow::Result<Handles> {
    let options: PgConnectOptions = url.parse()?;
    // The pool would try again and again, and then say nothing of what went wrong.
    let connecting = tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await;
    connecting.context("the server does not answer")??.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.application_name("jornada"))
        .await?;
    let both = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok((both.clone(), both))
}
