//! Where a word stands in a database: in whichever column of whichever table, so that a table that
//! is added later is looked through as well.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::harness::TestApp;

/// The columns in which one of the words stands, in any case, as `table.column`.
pub(super) async fn places(app: &TestApp, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for (table, column) in columns(app).await {
        let text = format!("LOWER(CAST(\"{column}\" AS TEXT))");
        let found = words.iter().map(|word| format!("{text} LIKE '%{}%'", word.to_lowercase()));
        let found = found.collect::<Vec<_>>().join(" OR ");
        let sql = format!("SELECT COUNT(*) AS n FROM \"{table}\" WHERE {found}");
        let count: i64 = rows(app, &sql).await[0].try_get("", "n").expect("a number");
        if count > 0 {
            places.push(format!("{table}.{column}"));
        }
    }
    places
}

/// Every column of every table, as the catalog of the database knows them.
async fn columns(app: &TestApp) -> Vec<(String, String)> {
    let sql = match app.app.db.read().get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master AS m, pragma_table_info(m.name) AS c
             WHERE m.type = 'table' ORDER BY 1, 2"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns
             WHERE table_schema = 'public' ORDER BY 1, 2"
        }
    };
    let found = rows(app, sql).await;
    let columns: Vec<_> =
        found.iter().map(|row| row.try_get_many("", &["t".into(), "c".into()])).collect();
    let columns: Result<Vec<(String, String)>, _> = columns.into_iter().collect();
    let columns = columns.expect("two texts");
    assert!(columns.len() > 400, "only {} columns were found", columns.len());
    columns
}

async fn rows(app: &TestApp, sql: &str) -> Vec<sea_orm::QueryResult> {
    let db = app.app.db.read();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}
