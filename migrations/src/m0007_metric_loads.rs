//! Loads of metrics, and for how long their points are kept.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// For how many days points are kept, by the grain of their metric; for ever where it is null.
const KEPT: [&str; 3] = ["daily_points_days", "weekly_points_days", "monthly_points_days"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        metric_load().create(manager).await?;
        for column in KEPT {
            let mut kept = ColumnDef::new(Alias::new(column));
            let change =
                Table::alter().table(workspace()).add_column(kept.integer().null()).to_owned();
            manager.alter_table(change).await?;
        }
        // Nothing reads points by account, and each of millions would be written into it.
        execute(manager, "DROP INDEX \"ix_metric_point_1\"").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX \"ix_metric_point_1\" \
            ON \"metric_point\" (\"workspace_id\", \"account_id\", \"recorded_at\")";
        execute(manager, index).await?;
        for column in KEPT {
            let change =
                Table::alter().table(workspace()).drop_column(Alias::new(column)).to_owned();
            manager.alter_table(change).await?;
        }
        drop_all(manager, &["metric_load"]).await
    }
}

fn workspace() -> Alias {
    Alias::new("workspace")
}

async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(|_| ())
}

fn metric_load() -> NewTable {
    NewTable::noun("metric_load")
        .text("key", 200)
        .one_of("state", &["RUNNING", "DONE"])
        .timestamp("begun_at")
        .text_null("digest", 64)
        .bigint("received")
        .bigint("written")
        .bigint("unchanged")
        .bigint("rejected")
        .json("rejects")
        .timestamp_null("finished_at")
        .unique(&["key"])
}
