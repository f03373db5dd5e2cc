//! The least that a database must do for the same rows: no lines, no names, no checks, one
//! transaction; without the foreign keys of the table, and with them.

use anyhow::{Context, Result, ensure};
use jornada_server::db::DatabaseUrl;
use sea_orm::ConnectionTrait;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::sqlx::{self, Executor};
use uuid::Uuid;

use super::content::{Content, Point};
use crate::place::Place;
use crate::report::Measure;

/// A table like that of points.
const TABLE: &str = "CREATE TABLE bare_point (
    workspace_id {uuid} NOT NULL, metric_id {uuid} NOT NULL, subject_id {uuid} NOT NULL,
    period {date} NOT NULL, subject_kind varchar(40) NOT NULL, account_id {uuid} NOT NULL,
    value double precision NOT NULL, recorded_at {time} NOT NULL,
    PRIMARY KEY (workspace_id, metric_id, subject_id, period){keys})";

const FOREIGN_KEYS: &str = ",
    FOREIGN KEY (workspace_id, metric_id) REFERENCES metric (workspace_id, id),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id)";

/// Rows that are handed over at a time.
const BATCH: u64 = 5000;

/// Measures the bare way of a database in both forms of the table.
pub(super) async fn measure(place: &Place, content: &Content) -> Result<Vec<Measure>> {
    let bare = one(place, content, "", "").await?;
    Ok(vec![bare, one(place, content, FOREIGN_KEYS, ", foreign keys").await?])
}

async fn one(place: &Place, content: &Content, keys: &str, beside: &str) -> Result<Measure> {
    let is_postgres = matches!(place.url, DatabaseUrl::Postgres(_));
    let types = match is_postgres {
        true => [("{uuid}", "uuid"), ("{date}", "date"), ("{time}", "timestamptz")],
        false => [("{uuid}", "uuid_text"), ("{date}", "date_text"), ("{time}", "timestamp_text")],
    };
    let table = TABLE.replace("{keys}", keys);
    let table = types.iter().fold(table, |sql, (from, to)| sql.replace(from, to));
    let db = place.app.db.write();
    db.execute_unprepared(&table).await?;
    let (measure, count) = match is_postgres {
        true => {
            let what = format!("COPY{beside}");
            Measure::of(what, content.rows, copy(place, content)).await?
        }
        false => {
            let what = format!("prepared insert, one transaction{beside}");
            Measure::of(what, content.rows, insert(place, content)).await?
        }
    };
    ensure!(count == content.rows, "{count} rows were written");
    db.execute_unprepared("DROP TABLE bare_point").await?;
    Ok(measure)
}

async fn copy(place: &Place, content: &Content) -> Result<u64> {
    let pool = place.app.db.write().get_postgres_connection_pool();
    let mut copy = pool.copy_in_raw("COPY bare_point FROM STDIN").await?;
    let (workspace, now) = (content.tenant.workspace_id, content.tenant.now.to_rfc3339());
    for begin in (0..content.rows).step_by(usize::try_from(BATCH)?) {
        let mut text = String::new();
        for n in begin..content.rows.min(begin + BATCH) {
            let Point { metric_id, account_id, period, value } = content.point(n);
            text.push_str(&format!(
                "{workspace}\t{metric_id}\t{account_id}\t{period}\tACCOUNT\t{account_id}\t\
                 {value}\t{now}\n"
            ));
        }
        copy.send(text.into_bytes()).await?;
    }
    Ok(copy.finish().await?)
}

async fn insert(place: &Place, content: &Content) -> Result<u64> {
    const SQL: &str = "INSERT INTO bare_point VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let pool = place.app.db.write().get_sqlite_connection_pool();
    let mut connection = pool.acquire().await?;
    connection.execute("BEGIN IMMEDIATE").await?;
    let workspace: Uuid = content.tenant.workspace_id.into();
    let mut written = 0;
    for n in 0..content.rows {
        let Point { metric_id, account_id, period, value } = content.point(n);
        let (metric, account): (Uuid, Uuid) = (metric_id.into(), account_id.into());
        let row = sqlx::query(SQL)
            .bind(workspace)
            .bind(metric)
            .bind(account)
            .bind(period)
            .bind("ACCOUNT")
            .bind(account)
            .bind(value)
            .bind(content.tenant.now);
        written += row.execute(&mut *connection).await?.rows_affected();
    }
    connection.execute("COMMIT").await.context("it is not committed")?;
    Ok(written)
}
