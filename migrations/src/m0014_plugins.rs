//! Plugins: files, what was installed of them, what waits for consent, and what calls took.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

const KINDS: &[&str] = &["HEALTH_SCORE", "TASK_TYPE"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [file(), plugin(), version(), plan(), invocation()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            ["plugin_invocation", "plugin_plan", "plugin_version", "plugin", "plugin_file"];
        drop_all(manager, &tables).await
    }
}

/// The bytes, kept once for each digest.
fn file() -> NewTable {
    NewTable::bare("plugin_file")
        .uuid("workspace_id")
        .text("digest", 64)
        .bytes("content")
        .timestamp("created_at")
        .primary_key(&["digest"])
        .workspace_key()
}

/// The versions have no foreign key from here: they refer to the plugin.
fn plugin() -> NewTable {
    NewTable::noun("plugin")
        .text("key", 100)
        .one_of("kind", KINDS)
        .one_of("status", &["ENABLED", "DISABLED"])
        .uuid("active_version_id")
        .uuid_null("previous_version_id")
        .json("grants")
        .timestamp_null("archived_at")
        .unique_where(&["key"], "archived_at IS NULL")
}

fn version() -> NewTable {
    NewTable::noun("plugin_version")
        .uuid("plugin_id")
        .text("number", 60)
        .text("digest", 64)
        .json("manifest")
        .refers("plugin_id", "plugin")
        .unique(&["plugin_id", "digest"])
}

/// What would be installed, until somebody agrees.
fn plan() -> NewTable {
    NewTable::noun("plugin_plan")
        .text("key", 100)
        .one_of("kind", KINDS)
        .text("number", 60)
        .text("digest", 64)
        .json("manifest")
        .uuid_null("plugin_id")
        .one_of("status", &["OPEN", "APPROVED", "APPLIED", "DISCARDED"])
        .uuid_null("decided_by_id")
        .refers("plugin_id", "plugin")
        .refers("decided_by_id", "user")
        .index(&["plugin_id"])
        .index(&["decided_by_id"])
}

fn invocation() -> NewTable {
    NewTable::scoped("plugin_invocation", &["id"])
        .uuid("plugin_id")
        .uuid("plugin_version_id")
        .text("function", 60)
        .bigint("rows")
        .bigint("duration_us")
        .bigint("fuel")
        .bigint("peak_memory")
        .text("outcome", 40)
        .text_null("error", 2000)
        .text_null("backtrace", 8000)
        .json("log")
        .timestamp("called_at")
        .refers("plugin_id", "plugin")
        .refers("plugin_version_id", "plugin_version")
        .index(&["plugin_id", "called_at", "id"])
        .index(&["plugin_version_id"])
}
