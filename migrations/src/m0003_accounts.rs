//! Customers: options, accounts, who looks after them, contacts and subscriptions.

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
        NewTable::noun("option_set")
            .text("key", 60)
            .text("name", 200)
            .flag("built_in")
            .unique(&["key"])
            .create(manager)
            .await?;
        option().create(manager).await?;
        account().create(manager).await?;
        account_assignment().create(manager).await?;
        contact().create(manager).await?;
        NewTable::scoped("contact_role", &["contact_id", "role_id"])
            .refers("contact_id", "contact")
            .refers("role_id", "option")
            .index(&["role_id"])
            .create(manager)
            .await?;
        external_ref().create(manager).await?;
        subscription().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "subscription",
            "external_ref",
            "contact_role",
            "contact",
            "account_assignment",
            "account",
            "option",
            "option_set",
        ];
        drop_all(manager, &tables).await
    }
}

const CHANNELS: &[&str] =
    &["EMAIL", "PHONE", "WHATSAPP", "VIDEO", "IN_PERSON", "CHAT", "PRODUCT", "OTHER"];

fn option() -> NewTable {
    NewTable::noun("option")
        .uuid("set_id")
        .text("key", 60)
        .text("label", 200)
        .int("position")
        .flag("built_in")
        .timestamp_null("archived_at")
        .refers("set_id", "option_set")
        .unique(&["set_id", "key"])
        .index(&["set_id", "position", "id"])
}

fn account() -> NewTable {
    NewTable::noun("account")
        .text("name", 200)
        .text("name_folded", 200)
        .one_of("status", &["TRIAL", "ACTIVE", "PAUSED", "CHURNED"])
        .uuid_null("parent_id")
        .text_null("tax_id", 40)
        .uuid_null("market_segment_id")
        .uuid_null("package_id")
        .text_null("city", 120)
        .text_null("region", 120)
        .text_null("country", 2)
        .text_null("time_zone", 60)
        .text_null("contact_hours", 200)
        .one_of_null("preferred_channel", CHANNELS)
        .date_null("customer_since")
        .date_null("paused_on")
        .one_of_null("paused_from", &["TRIAL", "ACTIVE"])
        .date_null("churned_on")
        .text_null("churn_reason", 500)
        .timestamp_null("archived_at")
        .refers("parent_id", "account")
        .refers("market_segment_id", "option")
        .refers("package_id", "option")
        .index(&["name_folded", "id"])
        .index(&["status", "id"])
        .index(&["created_at", "id"])
        .index(&["updated_at", "id"])
        .index(&["market_segment_id", "id"])
        .index(&["package_id", "id"])
        .index(&["parent_id", "id"])
        .index(&["tax_id", "id"])
}

fn account_assignment() -> NewTable {
    NewTable::noun("account_assignment")
        .uuid("account_id")
        .uuid("user_id")
        .uuid("role_id")
        .one_of("state", &["FUTURE", "CURRENT", "ENDED"])
        .date("starts_on")
        .timestamp("starts_at")
        .date_null("ends_on")
        .refers("account_id", "account")
        .refers("user_id", "user")
        .refers("role_id", "option")
        .index(&["user_id", "role_id", "state", "account_id"])
        .index(&["account_id", "starts_on", "id"])
        .unique_where(&["account_id", "role_id"], "state = 'CURRENT'")
}

fn contact() -> NewTable {
    NewTable::noun("contact")
        .uuid("account_id")
        .text("name", 200)
        .text_null("email", 320)
        .text_null("phone", 40)
        .text_null("title", 200)
        .one_of_null("channel", CHANNELS)
        .text_null("time_zone", 60)
        .flag("is_primary")
        .timestamp_null("opted_out_at")
        .timestamp_null("archived_at")
        .refers("account_id", "account")
        .index(&["account_id", "name", "id"])
        .index(&["email"])
        .unique_where(&["account_id"], "is_primary AND archived_at IS NULL")
}

/// What external references can name.
const REFERABLE: &[&str] = &[
    "ACCOUNT",
    "CONTACT",
    "SUBSCRIPTION",
    "USER",
    "RISK",
    "OPPORTUNITY",
    "INTERACTION",
    "SURVEY_RESPONSE",
];

fn external_ref() -> NewTable {
    NewTable::noun("external_ref")
        .text("system", 60)
        .one_of("kind", REFERABLE)
        .text("external_id", 200)
        .uuid("subject_id")
        .unique(&["system", "kind", "external_id"])
        .index(&["kind", "subject_id"])
}

fn subscription() -> NewTable {
    NewTable::noun("subscription")
        .uuid("account_id")
        .uuid_null("package_id")
        .text("name", 200)
        .date("starts_on")
        .date_null("ends_on")
        .date_null("notice_on")
        .date_null("cancelled_on")
        .bigint("amount_minor")
        .text("currency", 3)
        .one_of("interval", &["MONTH", "QUARTER", "YEAR", "ONE_OFF"])
        .refers("account_id", "account")
        .refers("package_id", "option")
        .index(&["account_id", "ends_on", "id"])
        .index(&["ends_on", "id"])
}
