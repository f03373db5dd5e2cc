//! Attributes: fields that a workspace adds to accounts, contacts and subscriptions; and segments,
//! which are saved filters over accounts.

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
        attribute_definition().create(manager).await?;
        attribute_value().create(manager).await?;
        segment().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["segment", "attribute_value", "attribute_definition"]).await
    }
}

const SUBJECTS: &[&str] = &["ACCOUNT", "CONTACT", "SUBSCRIPTION"];

fn attribute_definition() -> NewTable {
    NewTable::noun("attribute_definition")
        .one_of("subject_kind", SUBJECTS)
        .text("key", 60)
        .text("name", 200)
        .text_null("description", 500)
        .one_of("value_type", &["TEXT", "NUMBER", "BOOLEAN", "DATE", "OPTION", "MONEY"])
        .uuid_null("option_set_id")
        .double_null("minimum")
        .double_null("maximum")
        .flag("is_personal")
        .timestamp_null("archived_at")
        .refers("option_set_id", "option_set")
        .unique(&["subject_kind", "key"])
}

/// The natural key is the primary key. A value stands in the columns of its type alone; each of
/// them has an index of the values that are there, which finds and sorts them.
fn attribute_value() -> NewTable {
    NewTable::bare("attribute_value")
        .uuid("workspace_id")
        .uuid("subject_id")
        .uuid("definition_id")
        .uuid("account_id")
        .text_null("text_value", 500)
        .text_null("text_folded", 500)
        .double_null("number_value")
        .date_null("date_value")
        .uuid_null("option_id")
        .bigint_null("amount_minor")
        .text_null("currency", 3)
        .timestamp("updated_at")
        .primary_key(&["subject_id", "definition_id"])
        .refers("definition_id", "attribute_definition")
        .refers("account_id", "account")
        .refers("option_id", "option")
        .index_where(&["definition_id", "text_folded", "subject_id"], "text_folded IS NOT NULL")
        .index_where(&["definition_id", "number_value", "subject_id"], "number_value IS NOT NULL")
        .index_where(&["definition_id", "date_value", "subject_id"], "date_value IS NOT NULL")
        .index_where(&["definition_id", "option_id", "subject_id"], "option_id IS NOT NULL")
        .index_where(
            &["definition_id", "currency", "amount_minor", "subject_id"],
            "amount_minor IS NOT NULL",
        )
        .index(&["account_id"])
}

fn segment() -> NewTable {
    NewTable::noun("segment")
        .text("name", 200)
        .text("name_folded", 200)
        .text_null("description", 500)
        .json("filter")
        .timestamp_null("archived_at")
        .unique(&["name_folded"])
        .index(&["name", "id"])
}
