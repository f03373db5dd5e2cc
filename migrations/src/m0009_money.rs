//! Money: products, the lines of subscriptions, renewals, and what moved recurring revenue.

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
        product().create(manager).await?;
        subscription_line().create(manager).await?;
        renewal().create(manager).await?;
        revenue_movement().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["revenue_movement", "renewal", "subscription_line", "product"];
        drop_all(manager, &tables).await
    }
}

fn product() -> NewTable {
    NewTable::noun("product")
        .text("key", 60)
        .text("name", 200)
        .text_null("description", 500)
        .timestamp_null("archived_at")
        .unique(&["key"])
}

fn subscription_line() -> NewTable {
    NewTable::scoped("subscription_line", &["subscription_id", "product_id"])
        .int("position")
        .int("quantity")
        .bigint("amount_minor")
        .refers("subscription_id", "subscription")
        .refers("product_id", "product")
        .index(&["product_id"])
}

fn renewal() -> NewTable {
    NewTable::noun("renewal")
        .uuid("subscription_id")
        .uuid("account_id")
        .date("ends_on")
        .date_null("notice_on")
        .one_of("status", &["OPEN", "RENEWED", "LOST", "CANCELLED"])
        .date_null("decided_on")
        .timestamp_null("decided_at")
        .uuid_null("decided_by_id")
        .date_null("renewed_until")
        .text_null("reason", 500)
        .refers("subscription_id", "subscription")
        .refers("account_id", "account")
        .refers("decided_by_id", "user")
        .index(&["status", "ends_on", "id"])
        .index(&["ends_on", "id"])
        .index(&["account_id", "ends_on", "id"])
        .unique_where(&["subscription_id"], "status = 'OPEN'")
}

/// The index by account is what the figures of a period are added up along.
fn revenue_movement() -> NewTable {
    NewTable::noun("revenue_movement")
        .uuid("account_id")
        .uuid("subscription_id")
        .uuid_null("product_id")
        .one_of("kind", &["NEW", "UPGRADE", "DOWNGRADE", "CROSS_SELL", "CHURN", "RENEWAL"])
        .date("happened_on")
        .timestamp("happened_at")
        .bigint("amount_minor")
        .bigint("delta_minor")
        .text("currency", 3)
        .flag("cs_sourced")
        .text_null("reason", 500)
        .refers("account_id", "account")
        .refers("subscription_id", "subscription")
        .refers("product_id", "product")
        .index(&["account_id", "happened_on", "id"])
        .index(&["subscription_id", "happened_on", "id"])
        .index(&["happened_on", "id"])
}
