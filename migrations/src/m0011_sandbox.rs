//! What a sandbox would have sent out.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// `subject_id` may be of any noun, so it has no foreign key; nothing here is changed once it
    /// is written.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::scoped("captured_message", &["id"])
            .one_of("kind", &["JOURNEY_HELD", "RENEWAL_DUE", "PLUGIN_NOTICE"])
            .uuid_null("user_id")
            .uuid_null("contact_id")
            .uuid_null("account_id")
            .text("subject_kind", 60)
            .uuid("subject_id")
            .timestamp("captured_at")
            .refers("user_id", "user")
            .refers("contact_id", "contact")
            .refers("account_id", "account")
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["captured_message"]).await
    }
}
