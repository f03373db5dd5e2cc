//! Import runs: how far the import of a file came.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        import_run().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["import_run"]).await
    }
}

fn import_run() -> NewTable {
    NewTable::noun("import_run")
        .text("records", 60)
        .text("system", 60)
        .text("file", 255)
        .text("digest", 64)
        .one_of("state", &["RUNNING", "DONE"])
        .int("round")
        .bigint("position")
        .bigint("rejects_bytes")
        .bigint("created")
        .bigint("updated")
        .bigint("unchanged")
        .bigint("rejected")
        .timestamp_null("finished_at")
        .unique_where(&["records", "system", "digest"], "state = 'RUNNING'")
}
