//! Plans: what a person makes of an account and means to do about it.

use sea_orm_migration::prelude::*;

use crate::table::{NewTable, drop_all};

const SOURCES: &[&str] =
    &["PERSON", "INTERACTION", "SURVEY", "METRIC", "HEALTH", "PLUGIN", "OTHER"];

/// The columns of tasks that say which action plan they are part of.
const PLANNED_FOR: [&str; 2] = ["risk_id", "opportunity_id"];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            pulse(),
            success_plan(),
            goal(),
            milestone(),
            risk(),
            opportunity(),
            handoff(),
            deferred_item(),
        ];
        for table in tables {
            table.create(manager).await?;
        }
        let mut flag = ColumnDef::new(Alias::new("blocked_by_risk"));
        flag.boolean().not_null().default(false);
        manager.alter_table(alter("task_template").add_column(flag).take()).await?;
        // SQLite adds no key of two columns to a table that is there, so these two have none; the
        // rows that they name are never deleted.
        for name in PLANNED_FOR {
            let mut column = ColumnDef::new(Alias::new(name));
            column.uuid();
            manager.alter_table(alter("task").add_column(column).take()).await?;
            let mut found_by = Index::create().name(index(name)).table("task").to_owned();
            for key in ["workspace_id", name, "due_on", "id"] {
                found_by.col(Alias::new(key));
            }
            manager.create_index(found_by).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in PLANNED_FOR {
            manager.drop_index(Index::drop().name(index(name)).table("task").to_owned()).await?;
            manager.alter_table(alter("task").drop_column(Alias::new(name)).take()).await?;
        }
        let flag = Alias::new("blocked_by_risk");
        manager.alter_table(alter("task_template").drop_column(flag).take()).await?;
        let tables = [
            "deferred_item",
            "handoff",
            "opportunity",
            "risk",
            "milestone",
            "goal",
            "success_plan",
            "pulse",
        ];
        drop_all(manager, &tables).await
    }
}

fn alter(table: &str) -> TableAlterStatement {
    Table::alter().table(Alias::new(table)).take()
}

fn index(column: &str) -> String {
    format!("ix_task_{column}")
}

fn pulse() -> NewTable {
    NewTable::noun("pulse")
        .uuid("account_id")
        .uuid_null("author_id")
        .int_null("emotion")
        .int_null("satisfaction")
        .int_null("trust")
        .text_null("note", 4000)
        .timestamp("felt_at")
        .timestamp_null("archived_at")
        .refers("account_id", "account")
        .refers("author_id", "user")
        .index(&["account_id", "felt_at", "id"])
        .index(&["felt_at", "id"])
}

fn success_plan() -> NewTable {
    NewTable::noun("success_plan")
        .uuid("account_id")
        .text_null("pains", 10000)
        .text_null("purchase_reason", 10000)
        .text_null("success_criteria", 10000)
        .text_null("value_measure", 10000)
        .timestamp_null("archived_at")
        .refers("account_id", "account")
        .index(&["account_id", "id"])
        .unique_where(&["account_id"], "archived_at IS NULL")
}

fn goal() -> NewTable {
    NewTable::noun("goal")
        .uuid("plan_id")
        .uuid("account_id")
        .text("outcome", 500)
        .uuid_null("metric_id")
        .double_null("start_value")
        .double_null("current_value")
        .double_null("target_value")
        .date_null("due_on")
        .one_of("status", &["OPEN", "ACHIEVED", "MISSED", "DROPPED"])
        .text_null("resolution", 2000)
        .timestamp_null("closed_at")
        .refers("plan_id", "success_plan")
        .refers("account_id", "account")
        .refers("metric_id", "metric")
        .index(&["plan_id", "due_on", "id"])
        .index(&["account_id", "closed_at", "id"])
}

fn milestone() -> NewTable {
    NewTable::noun("milestone")
        .uuid("plan_id")
        .uuid("account_id")
        .uuid_null("goal_id")
        .text("title", 200)
        .text_null("note", 4000)
        .date_null("due_on")
        .timestamp_null("reached_at")
        .timestamp_null("archived_at")
        .refers("plan_id", "success_plan")
        .refers("account_id", "account")
        .refers("goal_id", "goal")
        .index(&["plan_id", "due_on", "id"])
        .index(&["goal_id", "due_on", "id"])
        .index(&["account_id", "reached_at", "id"])
}

fn risk() -> NewTable {
    NewTable::noun("risk")
        .uuid("account_id")
        .one_of("source", SOURCES)
        .text("title", 200)
        .text_null("reason", 4000)
        .one_of("severity", &["LOW", "MEDIUM", "HIGH", "CRITICAL"])
        .uuid_null("owner_id")
        .bigint_null("amount_minor")
        .text_null("currency", 3)
        .one_of("status", &["OPEN", "MITIGATED", "LOST", "DISMISSED"])
        .text_null("resolution", 2000)
        .timestamp("opened_at")
        .timestamp_null("closed_at")
        .timestamp_null("critical_until")
        .refers("account_id", "account")
        .refers("owner_id", "user")
        .index(&["account_id", "opened_at", "id"])
        .index(&["account_id", "severity", "status"])
        .index(&["opened_at", "id"])
}

fn opportunity() -> NewTable {
    NewTable::noun("opportunity")
        .uuid("account_id")
        .one_of("source", SOURCES)
        .one_of("kind", &["UPGRADE", "CROSS_SELL", "RENEWAL", "REFERENCE"])
        .text("title", 200)
        .text_null("reason", 4000)
        .uuid_null("owner_id")
        .bigint_null("amount_minor")
        .text_null("currency", 3)
        .date_null("expected_on")
        .one_of("status", &["OPEN", "WON", "LOST"])
        .text_null("resolution", 2000)
        .timestamp("opened_at")
        .timestamp_null("closed_at")
        .refers("account_id", "account")
        .refers("owner_id", "user")
        .index(&["account_id", "opened_at", "id"])
        .index(&["opened_at", "id"])
}

/// The checklist is an ordered list of short texts, each done or not.
fn handoff() -> NewTable {
    NewTable::noun("handoff")
        .uuid("account_id")
        .one_of("kind", &["SALES_TO_CS", "IMPLEMENTATION_TO_CS", "OTHER"])
        .uuid_null("from_user_id")
        .uuid_null("from_team_id")
        .uuid("to_user_id")
        .uuid("role_id")
        .json("checklist")
        .text_null("notes", 10000)
        .one_of("status", &["PENDING", "ACCEPTED", "DECLINED", "CANCELLED"])
        .text_null("reason", 2000)
        .timestamp_null("closed_at")
        .uuid_null("closed_by_id")
        .uuid_null("assignment_id")
        .refers("account_id", "account")
        .refers("from_user_id", "user")
        .refers("from_team_id", "team")
        .refers("to_user_id", "user")
        .refers("role_id", "option")
        .refers("closed_by_id", "user")
        .refers("assignment_id", "account_assignment")
        .index(&["account_id", "id"])
        .index(&["to_user_id", "status", "id"])
}

fn deferred_item() -> NewTable {
    NewTable::noun("deferred_item")
        .uuid("account_id")
        .uuid_null("journey_id")
        .text_null("stage_key", 60)
        .text("title", 200)
        .text_null("note", 4000)
        .one_of("status", &["OPEN", "ADOPTED", "KEPT", "DROPPED"])
        .text_null("decision", 2000)
        .timestamp_null("decided_at")
        .uuid_null("decided_by_id")
        .uuid_null("review_task_id")
        .refers("account_id", "account")
        .refers("journey_id", "journey")
        .refers("decided_by_id", "user")
        .refers("review_task_id", "task")
        .index(&["account_id", "id"])
        .index(&["review_task_id", "status"])
}
