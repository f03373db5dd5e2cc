//! How many points are written in few statements: on PostgreSQL as arrays, which cost the same to
//! plan however long they are; on SQLite as rows of one statement that is prepared once.

use sea_orm::{DbBackend, Statement};

use super::Model;
use crate::prelude::*;

const COLUMNS: &str = "workspace_id, metric_id, subject_id, period, subject_kind, account_id, \
    value, recorded_at";

/// A point that is there already is written only where its value differs, or where it was known
/// earlier than was thought. Sending the same again costs a look and no write, and is no news: a
/// value that became known in October says nothing new in November.
const REPLACE: &str = "ON CONFLICT (workspace_id, metric_id, subject_id, period) DO UPDATE \
    SET account_id = excluded.account_id, value = excluded.value, \
        recorded_at = excluded.recorded_at \
    WHERE metric_point.account_id <> excluded.account_id \
        OR metric_point.value <> excluded.value \
        OR metric_point.recorded_at > excluded.recorded_at";

/// Rows of one statement on SQLite: few enough to be a short text, many enough that the statement
/// itself costs nothing.
const SQLITE_ROWS: usize = 250;

/// Puts points in place of what their keys had; says how many are new or differ. The keys must be
/// different, and in order, so that two who put the same ones never wait for each other in a
/// circle.
pub(in crate::metrics) async fn put(tx: &Tx<'_>, rows: &[Model]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    match tx.db.get_database_backend() {
        DbBackend::Postgres => execute(tx, unnest(), arrays(tx, rows)).await,
        _ => {
            let mut written = 0;
            for rows in rows.chunks(SQLITE_ROWS) {
                let values = rows.iter().flat_map(values).collect();
                written += execute(tx, listed(rows.len()), values).await?;
            }
            Ok(written)
        }
    }
}

async fn execute(tx: &Tx<'_>, sql: String, values: Vec<Value>) -> Result<u64> {
    let backend = tx.db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Ok(tx.db.execute_raw(statement).await?.rows_affected())
}

fn unnest() -> String {
    format!(
        "INSERT INTO metric_point ({COLUMNS}) \
         SELECT $1, * FROM UNNEST($2::uuid[], $3::uuid[], $4::date[], $5::text[], $6::uuid[], \
             $7::float8[], $8::timestamptz[]) {REPLACE}"
    )
}

fn arrays(tx: &Tx<'_>, rows: &[Model]) -> Vec<Value> {
    fn column<T>(rows: &[Model], of: impl Fn(&Model) -> T) -> Value
    where
        Vec<T>: Into<Value>,
    {
        rows.iter().map(of).collect::<Vec<T>>().into()
    }
    vec![
        tx.workspace_id().into(),
        column(rows, |row| row.metric_id.0),
        column(rows, |row| row.subject_id),
        column(rows, |row| row.period),
        column(rows, |row| row.subject_kind.to_value()),
        column(rows, |row| row.account_id.0),
        column(rows, |row| row.value),
        column(rows, |row| row.recorded_at),
    ]
}

fn listed(rows: usize) -> String {
    let places = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!("INSERT INTO metric_point ({COLUMNS}) VALUES {places} {REPLACE}")
}

fn values(row: &Model) -> [Value; 8] {
    [
        row.workspace_id.into(),
        row.metric_id.into(),
        row.subject_id.into(),
        row.period.into(),
        row.subject_kind.to_value().into(),
        row.account_id.into(),
        row.value.into(),
        row.recorded_at.into(),
    ]
}
