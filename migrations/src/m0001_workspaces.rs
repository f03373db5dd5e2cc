//! Workspaces and who works in them.

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
        workspace().create(manager).await?;
        NewTable::noun("holiday")
            .date("on_date")
            .text("name", 200)
            .unique(&["on_date"])
            .create(manager)
            .await?;
        user().create(manager).await?;
        NewTable::noun("team")
            .text("name", 200)
            .one_of("purpose", &["ONBOARDING", "ONGOING", "RENEWALS", "MIXED"])
            .timestamp_null("archived_at")
            .unique(&["name"])
            .create(manager)
            .await?;
        NewTable::scoped("team_member", &["team_id", "user_id"])
            .timestamp("created_at")
            .refers("team_id", "team")
            .refers("user_id", "user")
            .index(&["user_id"])
            .create(manager)
            .await?;
        api_token().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["api_token", "team_member", "team", "user", "holiday", "workspace"])
            .await
    }
}

fn workspace() -> NewTable {
    NewTable::workspace_table()
        .bigint("version")
        .timestamp("created_at")
        .timestamp("updated_at")
        .text("slug", 60)
        .text("name", 200)
        .one_of("kind", &["PRODUCTION", "SANDBOX"])
        .text("time_zone", 60)
        .one_of("locale", &["pt-BR", "en"])
        .int("working_days")
        .bigint("clock_offset_s")
        .global_unique(&["slug"])
}

fn user() -> NewTable {
    NewTable::noun("user")
        .text("email", 320)
        .text("name", 200)
        .one_of("role", &["OWNER", "ADMIN", "MANAGER", "CSM", "VIEWER"])
        .one_of_null("locale", &["pt-BR", "en"])
        .timestamp_null("deactivated_at")
        .unique(&["email"])
        .index(&["name", "id"])
}

fn api_token() -> NewTable {
    NewTable::noun("api_token")
        .uuid("user_id")
        .text("name", 200)
        .text("digest", 64)
        .json("scopes")
        .timestamp_null("expires_at")
        .timestamp_null("last_used_at")
        .timestamp_null("revoked_at")
        .refers("user_id", "user")
        .index(&["user_id"])
}
