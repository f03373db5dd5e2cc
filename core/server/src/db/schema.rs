//! The schema of a database against the one that this binary knows.

use anyhow::{Context, bail};
use jornada_migrations::Migrator;
use sea_orm::sqlx::postgres::{PgAdvisoryLock, PgConnectOptions, PgConnection};
use sea_orm::sqlx::{ConnectOptions, Connection};
use sea_orm::{DbErr, EntityTrait};
use sea_orm_migration::{MigratorTrait, SchemaManager, seaql_migrations};

use super::{DatabaseUrl, Db};

/// How a database compares with this binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The same migrations.
    Current,
    /// So many migrations have yet to run.
    Behind(usize),
    /// These migrations ran there, and this binary does not know them.
    Newer(Vec<String>),
}

impl SchemaState {
    /// `Ok` when the binary can work with the database, else what to do about it.
    pub fn require_current(&self) -> anyhow::Result<()> {
        match self {
            Self::Current => Ok(()),
            Self::Behind(count) => {
                bail!("the database lacks {count} migrations: run `jornada migrate`")
            }
            Self::Newer(names) => bail!(
                "the database is newer than this binary (it has {}): install the version of \
                 jornada that migrated it, or a later one",
                names.join(", ")
            ),
        }
    }
}

/// Compares without changing anything, so that it needs no right to write.
pub async fn schema_state(db: &Db) -> Result<SchemaState, DbErr> {
    let manager = SchemaManager::new(db.read());
    let applied: Vec<String> = if manager.has_table("seaql_migrations").await? {
        let rows = seaql_migrations::Entity::find().all(db.read()).await?;
        rows.into_iter().map(|row| row.version).collect()
    } else {
        Vec::new()
    };
    let known: Vec<_> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let lacking = known.iter().filter(|name| !applied.contains(name)).count();
    let unknown: Vec<_> = applied.into_iter().filter(|name| !known.contains(name)).collect();
    Ok(match (unknown.is_empty(), lacking) {
        (false, _) => SchemaState::Newer(unknown),
        (true, 0) => SchemaState::Current,
        (true, count) => SchemaState::Behind(count),
    })
}

/// Runs the migrations that the database lacks, one process after the other; says how many.
pub async fn migrate(db: &Db) -> anyhow::Result<usize> {
    match db.url() {
        DatabaseUrl::Sqlite(_) => {
            // The transaction is the lock: SQLite has one writer.
            let transaction = db.begin().await?;
            let count = pending(db).await?;
            Migrator::up(&transaction, None).await.context("a migration failed")?;
            transaction.commit().await?;
            Ok(count)
        }
        DatabaseUrl::Postgres(url) => {
            let options: PgConnectOptions = url.parse()?;
            let connection: PgConnection = options.connect().await?;
            let lock = PgAdvisoryLock::new("jornada migrations").acquire(connection).await?;
            let count = pending(db).await?;
            Migrator::up(db.write(), None).await.context("a migration failed")?;
            lock.release_now().await?.close().await?;
            Ok(count)
        }
    }
}

async fn pending(db: &Db) -> anyhow::Result<usize> {
    match schema_state(db).await? {
        SchemaState::Behind(count) => Ok(count),
        state => state.require_current().map(|()| 0),
    }
}
