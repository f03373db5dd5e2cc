//! Signals: metrics and their points, interactions, surveys and responses.

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
        metric().create(manager).await?;
        metric_point().create(manager).await?;
        interaction().create(manager).await?;
        survey().create(manager).await?;
        survey_response().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["survey_response", "survey", "interaction", "metric_point", "metric"];
        drop_all(manager, &tables).await
    }
}

fn metric() -> NewTable {
    NewTable::noun("metric")
        .text("key", 60)
        .text("name", 200)
        .text("unit", 40)
        .one_of("grain", &["DAY", "WEEK", "MONTH"])
        .one_of("aggregation", &["SUM", "LAST", "MAX", "AVG"])
        .one_of("direction", &["HIGHER_IS_BETTER", "LOWER_IS_BETTER", "NEUTRAL"])
        .int("freshness_days")
        .timestamp_null("archived_at")
        .unique(&["key"])
}

/// The natural key is the primary key: points come by the million and are upserted by it.
fn metric_point() -> NewTable {
    NewTable::bare("metric_point")
        .uuid("workspace_id")
        .uuid("metric_id")
        .uuid("subject_id")
        .date("period")
        .one_of("subject_kind", &["ACCOUNT", "CONTACT", "SUBSCRIPTION"])
        .uuid("account_id")
        .double("value")
        .timestamp("recorded_at")
        .primary_key(&["metric_id", "subject_id", "period"])
        .refers("metric_id", "metric")
        .refers("account_id", "account")
        .index(&["account_id", "recorded_at"])
}

fn interaction() -> NewTable {
    NewTable::noun("interaction")
        .uuid("account_id")
        .uuid_null("task_id")
        .uuid_null("user_id")
        .uuid_null("contact_id")
        .one_of(
            "channel",
            &["EMAIL", "PHONE", "WHATSAPP", "VIDEO", "IN_PERSON", "CHAT", "PRODUCT", "OTHER"],
        )
        .text("subject", 200)
        .text_null("notes", 20000)
        .one_of_null(
            "sentiment",
            &["VERY_NEGATIVE", "NEGATIVE", "NEUTRAL", "POSITIVE", "VERY_POSITIVE"],
        )
        .timestamp("happened_at")
        .timestamp_null("archived_at")
        .refers("account_id", "account")
        .refers("task_id", "task")
        .refers("user_id", "user")
        .refers("contact_id", "contact")
        .index(&["account_id", "happened_at", "id"])
        .index(&["happened_at", "id"])
}

fn survey() -> NewTable {
    NewTable::noun("survey")
        .text("key", 60)
        .text("name", 200)
        .text("question", 1000)
        .one_of("method", &["NPS", "CSAT", "FIVE_STAR", "LIKERT", "CES"])
        .one_of("purpose", &["TRANSACTIONAL", "RELATIONAL"])
        .timestamp_null("archived_at")
        .unique(&["key"])
}

fn survey_response() -> NewTable {
    NewTable::noun("survey_response")
        .uuid("survey_id")
        .uuid("account_id")
        .uuid_null("contact_id")
        .uuid_null("task_id")
        .one_of("method", &["NPS", "CSAT", "FIVE_STAR", "LIKERT", "CES"])
        .int("score")
        .text_null("comment", 4000)
        .timestamp("responded_at")
        .refers("survey_id", "survey")
        .refers("account_id", "account")
        .refers("contact_id", "contact")
        .refers("task_id", "task")
        .index(&["account_id", "method", "responded_at", "id"])
        .index(&["account_id", "responded_at", "id"])
        .index(&["survey_id", "responded_at", "id"])
        .index(&["responded_at", "id"])
}
