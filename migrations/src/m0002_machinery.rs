//! What every write leaves behind: events, audit entries and jobs.

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
        event().create(manager).await?;
        audit_entry().create(manager).await?;
        job().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["job", "audit_entry", "event"]).await
    }
}

const ACTORS: &[&str] = &["USER", "WORKER", "SETUP"];
const ORIGINS: &[&str] = &["API", "IMPORT", "BACKFILL", "WORKER", "CLI"];

/// `sequence` is given by the relay in commit order; until it runs it is null.
fn event() -> NewTable {
    NewTable::scoped("event", &["id"])
        .text("type", 80)
        .int("schema_version")
        .bigint_null("sequence")
        .text("subject_kind", 40)
        .uuid("subject_id")
        .bigint("subject_version")
        .uuid_null("account_id")
        .json("changed")
        .one_of("actor_kind", ACTORS)
        .uuid_null("actor_id")
        .one_of("origin", ORIGINS)
        .uuid_null("cause_id")
        .timestamp("occurred_at")
        .index(&["type", "id"])
        .index(&["subject_kind", "subject_id", "id"])
        .index(&["account_id", "id"])
        .unique_where(&["sequence"], "sequence IS NOT NULL")
}

fn audit_entry() -> NewTable {
    NewTable::scoped("audit_entry", &["id"])
        .uuid("event_id")
        .text("action", 80)
        .text("subject_kind", 40)
        .uuid("subject_id")
        .one_of("actor_kind", ACTORS)
        .uuid_null("actor_id")
        .text_null("reason", 2000)
        .json("changes")
        .timestamp("recorded_at")
        .refers("event_id", "event")
        .index(&["event_id"])
        .index(&["subject_kind", "subject_id", "id"])
}

/// Scheduling columns are milliseconds since the epoch: they are compared on every claim.
fn job() -> NewTable {
    NewTable::scoped("job", &["id"])
        .text("kind", 60)
        .text("queue", 40)
        .int("priority")
        .one_of("state", &["READY", "RUNNING", "DONE", "DEAD", "CANCELLED"])
        .bigint("run_at_ms")
        .int("attempt")
        .int("max_attempts")
        .bigint_null("lease_until_ms")
        .uuid_null("lease_token")
        .text_null("unique_key", 200)
        .json("payload")
        .text_null("last_error", 2000)
        .uuid_null("cause_id")
        .timestamp("created_at")
        .timestamp_null("finished_at")
        .global_index(&["queue", "state", "run_at_ms"])
        .index(&["state", "id"])
        .unique_where(&["kind", "unique_key"], "state IN ('READY', 'RUNNING')")
}
