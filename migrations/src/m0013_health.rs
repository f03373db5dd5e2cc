//! Health: models and their versions, what was computed by them, and what people say instead.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

const ROLES: &[&str] = &["ACTIVE", "CANDIDATE"];

const BANDS: &[&str] = &["POOR", "CONCERNING", "HEALTHY"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [model(), version(), score(), history(), health_override(), run()] {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "health_run",
            "health_override",
            "health_history",
            "health_score",
            "health_model_version",
            "health_model",
        ];
        drop_all(manager, &tables).await
    }
}

/// The versions that are active and candidate have no foreign key: those refer to the model.
fn model() -> NewTable {
    NewTable::noun("health_model")
        .text("name", 200)
        .text("name_folded", 200)
        .text_null("description", 500)
        .uuid_null("segment_id")
        .flag("is_primary")
        .uuid("active_version_id")
        .uuid_null("candidate_version_id")
        .timestamp_null("archived_at")
        .refers("segment_id", "segment")
        .unique_where(&["name_folded"], "archived_at IS NULL")
        .unique_where(&[], "is_primary")
        .index(&["segment_id"])
}

fn version() -> NewTable {
    NewTable::noun("health_model_version")
        .uuid("model_id")
        .int("number")
        .json("definition")
        .refers("model_id", "health_model")
        .unique(&["model_id", "number"])
}

/// What was computed last: one row for each account, by the active version and by the candidate.
fn score() -> NewTable {
    NewTable::bare("health_score")
        .uuid("workspace_id")
        .uuid("model_id")
        .one_of("role", ROLES)
        .uuid("account_id")
        .uuid("version_id")
        .double_null("value")
        .one_of_null("band", BANDS)
        .double_null("trend")
        .double("base")
        .json("contributions")
        .json("missing")
        .json("reasons")
        .timestamp_null("computed_at")
        .timestamp("checked_at")
        .timestamp_null("stale_since")
        .text_null("stale_reason", 500)
        .primary_key(&["model_id", "role", "account_id"])
        .workspace_key()
        .refers("model_id", "health_model")
        .refers("account_id", "account")
        .index(&["account_id"])
}

/// The values that differed from the one before, at most one a day.
fn history() -> NewTable {
    NewTable::bare("health_history")
        .uuid("workspace_id")
        .uuid("model_id")
        .uuid("account_id")
        .date("computed_on")
        .uuid("version_id")
        .double_null("value")
        .one_of_null("band", BANDS)
        .primary_key(&["model_id", "account_id", "computed_on"])
        .workspace_key()
        .refers("model_id", "health_model")
        .refers("account_id", "account")
        .index(&["account_id"])
}

fn health_override() -> NewTable {
    NewTable::noun("health_override")
        .uuid("account_id")
        .double("value")
        .text("reason", 500)
        .uuid_null("author_id")
        .date_null("expires_on")
        .timestamp_null("ended_at")
        .uuid_null("ended_by_id")
        .refers("account_id", "account")
        .refers("author_id", "user")
        .refers("ended_by_id", "user")
        .unique_where(&["account_id"], "ended_at IS NULL")
        .index(&["account_id", "id"])
        .index(&["author_id"])
        .index(&["ended_by_id"])
}

fn run() -> NewTable {
    NewTable::noun("health_run")
        .uuid("model_id")
        .uuid("version_id")
        .one_of("role", ROLES)
        .one_of("status", &["RUNNING", "DONE", "SUPERSEDED"])
        .bigint("total")
        .bigint("done")
        .bigint("stale")
        .bigint("scoring_us")
        .timestamp_null("finished_at")
        .refers("model_id", "health_model")
        .refers("version_id", "health_model_version")
        .index(&["model_id", "id"])
        .index(&["version_id"])
}
