//! What `jornada doctor` looks at in a database: each check is a sentence about what is, or an
//! error about what is wrong and what to do.

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use serde::Serialize;

use crate::messages::in_one_line;

use super::{DatabaseUrl, Db, Missing, SchemaState, schema_state};

/// The oldest PostgreSQL that the tests run on, as `server_version_num` has it.
const OLDEST_POSTGRES: i64 = 150_000;

/// A due job waits longer only where no worker runs, or too few.
const LONGEST_LAG_S: i64 = 120;

/// Clocks further apart than this make times that contradict each other.
const LARGEST_SKEW_S: i64 = 5;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// What is, or what is wrong and what to do.
    pub detail: String,
}

impl Check {
    /// The result of looking at `name`.
    pub fn of(name: &'static str, result: Result<String>) -> Self {
        match result {
            Ok(detail) => Self { name, ok: true, detail },
            Err(error) => Self { name, ok: false, detail: in_one_line(&error) },
        }
    }
}

/// Looks at a database. What needs the tables is left out when the schema is another one.
pub async fn check_database(
    url: &DatabaseUrl,
    postgres_connections: u32,
    now: DateTime<Utc>,
) -> Vec<Check> {
    let db = match Db::open(url, postgres_connections, Missing::Refuse).await {
        Ok(db) => db,
        Err(error) => return vec![Check::of("database", Err(error))],
    };
    let checks = look(&db, now).await;
    // Whatever this tells is in the checks already.
    let _ = db.close().await;
    checks
}

async fn look(db: &Db, now: DateTime<Utc>) -> Vec<Check> {
    let mut checks = vec![
        Check::of("database", Ok(db.url().to_string())),
        Check::of("engine", engine(db).await),
        Check::of("clock", clock(db, now).await),
    ];
    if let DatabaseUrl::Sqlite(_) = db.url() {
        checks.push(Check::of("journal", journal(db).await));
        checks.push(Check::of("integrity", integrity(db).await));
    }
    let schema = Check::of("schema", schema(db).await);
    let has_tables = schema.ok;
    checks.push(schema);
    if has_tables {
        checks.push(Check::of("writing", writing(db).await));
        checks.push(Check::of("worker", worker(db, now).await));
        checks.push(Check::of("dead jobs", dead_jobs(db).await));
    }
    checks
}

async fn engine(db: &Db) -> Result<String> {
    match db.url() {
        DatabaseUrl::Sqlite(_) => {
            let version: Option<String> = scalar(db, "SELECT sqlite_version()").await?;
            Ok(format!("SQLite {}", version.unwrap_or_default()))
        }
        DatabaseUrl::Postgres(_) => {
            let sql = "SELECT current_setting('server_version_num')::bigint";
            let version: i64 = scalar(db, sql).await?.unwrap_or_default();
            let name = format!("PostgreSQL {}.{}", version / 10_000, version % 10_000);
            ensure!(version >= OLDEST_POSTGRES, "{name} is too old: use 15 or newer");
            Ok(name)
        }
    }
}

/// A server's clock is compared; of a file one can only tell that it is not from the future.
async fn clock(db: &Db, now: DateTime<Utc>) -> Result<String> {
    if let DatabaseUrl::Postgres(_) = db.url() {
        let sql = "SELECT EXTRACT(EPOCH FROM clock_timestamp())::bigint";
        let server: i64 = scalar(db, sql).await?.unwrap_or_default();
        let skew = (server - now.timestamp()).abs();
        ensure!(
            skew <= LARGEST_SKEW_S,
            "it is {skew} s from the database's: let both follow a time server"
        );
    } else if schema_state(db).await? == SchemaState::Current {
        let sql = "SELECT MAX(applied_at) FROM seaql_migrations";
        let migrated: i64 = scalar(db, sql).await?.unwrap_or_default();
        ensure!(
            migrated <= now.timestamp() + LARGEST_SKEW_S,
            "it is before the day the database was made: set it"
        );
    }
    Ok(format!("{}", now.format("%Y-%m-%d %H:%M:%S UTC")))
}

async fn journal(db: &Db) -> Result<String> {
    let mode: Option<String> = scalar(db, "PRAGMA journal_mode").await?;
    let mode = mode.unwrap_or_default();
    ensure!(mode == "wal", "the mode is {mode}, not wal: is the file on a network drive?");
    Ok(mode)
}

async fn integrity(db: &Db) -> Result<String> {
    let found: Option<String> = scalar(db, "PRAGMA quick_check(1)").await?;
    let found = found.unwrap_or_default();
    ensure!(found == "ok", "the file is damaged ({found}): restore it from a backup");
    Ok(found)
}

async fn schema(db: &Db) -> Result<String> {
    schema_state(db).await?.require_current()?;
    Ok("the one of this binary".to_owned())
}

/// Tries the right to write and the lock that it takes, without changing anything.
async fn writing(db: &Db) -> Result<String> {
    let transaction = db.begin().await?;
    let change_nothing = "UPDATE workspace SET version = version WHERE 1 = 0";
    transaction.execute_unprepared(change_nothing).await?;
    transaction.rollback().await?;
    Ok("allowed".to_owned())
}

async fn worker(db: &Db, now: DateTime<Utc>) -> Result<String> {
    let sql = "SELECT MIN(run_at_ms) FROM job WHERE state = 'READY'";
    let oldest: Option<i64> = scalar(db, sql).await?;
    let lag_s = oldest.map_or(0, |at| (now.timestamp_millis() - at).max(0) / 1000);
    ensure!(
        lag_s <= LONGEST_LAG_S,
        "a job has been due for {lag_s} s: run `jornada serve` with worker = true"
    );
    Ok(match lag_s {
        0 => "no job is overdue".to_owned(),
        _ => format!("no job has been due for longer than {lag_s} s"),
    })
}

async fn dead_jobs(db: &Db) -> Result<String> {
    let sql = "SELECT COUNT(*) FROM job WHERE state = 'DEAD'";
    let count: i64 = scalar(db, sql).await?.unwrap_or_default();
    ensure!(count == 0, "{count} jobs failed for good: see why in `last_error` and replay them");
    Ok("none".to_owned())
}

/// The one value of a query; `None` for NULL.
async fn scalar<T: TryGetable>(db: &Db, sql: &str) -> Result<Option<T>> {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let row = db.read().query_one_raw(statement).await?;
    let value = row.map(|row| row.try_get_by_index::<Option<T>>(0)).transpose()?;
    Ok(value.flatten())
}
