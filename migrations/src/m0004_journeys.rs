//! Journeys: what should happen (templates) and what does (journeys, visits, tasks).

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
        NewTable::noun("journey_template")
            .text("key", 60)
            .text("name", 200)
            .text_null("description", 4000)
            .flag("is_default")
            .timestamp_null("archived_at")
            .unique(&["key"])
            .unique_where(&["is_default"], "is_default")
            .create(manager)
            .await?;
        journey_template_version().create(manager).await?;
        stage_template().create(manager).await?;
        task_template().create(manager).await?;
        selection_rule().create(manager).await?;
        journey().create(manager).await?;
        stage_visit().create(manager).await?;
        task().create(manager).await?;
        indicator_evaluation().create(manager).await?;
        alert().create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "alert",
            "indicator_evaluation",
            "task",
            "stage_visit",
            "journey",
            "selection_rule",
            "task_template",
            "stage_template",
            "journey_template_version",
            "journey_template",
        ];
        drop_all(manager, &tables).await
    }
}

const ASSIGNEES: &[&str] = &["FIXED_USER", "ACCOUNT_ROLE", "CUSTOMER"];
const COMPARATORS: &[&str] = &["GT", "GTE", "LT", "LTE", "EQ", "NEQ"];
const INDICATOR_SOURCES: &[&str] = &["PERSON", "METRIC", "NPS", "CSAT", "PLUGIN"];

fn journey_template_version() -> NewTable {
    NewTable::noun("journey_template_version")
        .uuid("template_id")
        .int("number")
        .one_of("status", &["DRAFT", "PUBLISHED", "RETIRED"])
        .int("max_attempts")
        .timestamp_null("published_at")
        .timestamp_null("retired_at")
        .refers("template_id", "journey_template")
        .unique(&["template_id", "number"])
        .unique_where(&["template_id", "status"], "status IN ('DRAFT', 'PUBLISHED')")
}

fn stage_template() -> NewTable {
    NewTable::noun("stage_template")
        .uuid("version_id")
        .text("key", 60)
        .text("name", 200)
        .int("position")
        .one_of("phase", &["ONBOARDING", "ONGOING"])
        .int_null("expected_days")
        .one_of("exit", &["WHEN_DONE", "NOT_BEFORE"])
        .one_of_null("starts_at", &["SUBSCRIPTION_END"])
        .int("starts_days_before")
        .one_of("then", &["NEXT", "COMPLETE", "LOOP_TO"])
        .text_null("loop_to", 60)
        .refers("version_id", "journey_template_version")
        .unique(&["version_id", "key"])
        .unique(&["version_id", "position"])
}

fn task_template() -> NewTable {
    NewTable::noun("task_template")
        .uuid("version_id")
        .uuid("stage_id")
        .text("key", 60)
        .text("title", 200)
        .text_null("description", 4000)
        .int("position")
        .text("type_key", 120)
        .flag("required")
        .one_of("anchor", &["PREVIOUS", "STAGE_ENTRY", "SUBSCRIPTION_END"])
        .int_null("duration_days")
        .int_null("effort_minutes")
        .one_of("day_kind", &["CALENDAR", "BUSINESS"])
        .one_of("assignee_rule", ASSIGNEES)
        .uuid_null("assignee_user_id")
        .uuid_null("assignee_role_id")
        .json("config")
        .refers("version_id", "journey_template_version")
        .refers("stage_id", "stage_template")
        .refers("assignee_user_id", "user")
        .refers("assignee_role_id", "option")
        .unique(&["version_id", "key"])
        .index(&["stage_id", "position", "id"])
}

/// `conditions` is evaluated in the program; the list of rules is short.
fn selection_rule() -> NewTable {
    NewTable::noun("selection_rule")
        .uuid("template_id")
        .text("name", 200)
        .int("position")
        .json("conditions")
        .one_of_null("anchor", &["SUBSCRIPTION_END"])
        .int("days_before")
        .timestamp_null("archived_at")
        .refers("template_id", "journey_template")
        .index(&["position", "id"])
}

fn journey() -> NewTable {
    NewTable::noun("journey")
        .uuid("account_id")
        .uuid("template_id")
        .uuid("version_id")
        .flag("is_primary")
        .one_of("status", &["ACTIVE", "WAITING", "HELD", "COMPLETED", "CANCELLED"])
        .text("stage_key", 60)
        .int("lap")
        .text("lap_stage_key", 60)
        .one_of_null("waiting_for", &["MINIMUM_DURATION", "ANCHOR", "INDICATOR"])
        .date_null("wakes_on")
        .timestamp("started_at")
        .timestamp_null("ended_at")
        .text_null("reason", 2000)
        .uuid_null("subscription_id")
        .date_null("anchored_to")
        .text_null("start_key", 200)
        .refers("account_id", "account")
        .refers("template_id", "journey_template")
        .refers("version_id", "journey_template_version")
        .refers("subscription_id", "subscription")
        .index(&["account_id", "id"])
        .index(&["status", "id"])
        .index(&["template_id", "id"])
        .index(&["updated_at", "id"])
        .index(&["version_id", "id"])
        .unique(&["start_key"])
        .unique_where(&["account_id"], "is_primary")
}

fn stage_visit() -> NewTable {
    NewTable::noun("stage_visit")
        .uuid("journey_id")
        .uuid("account_id")
        .uuid("version_id")
        .text("stage_key", 60)
        .int("number")
        .int("lap")
        .int("attempt")
        .timestamp("entered_at")
        .date("entered_on")
        .timestamp_null("adopted_at")
        .date_null("expected_until")
        .int("paused_days")
        .timestamp_null("tasks_done_at")
        .timestamp_null("exited_at")
        .one_of_null(
            "outcome",
            &["ADVANCED", "REPEATED", "REGRESSED", "LOOPED", "SKIPPED", "CANCELLED"],
        )
        .text_null("reason", 2000)
        .refers("journey_id", "journey")
        .refers("account_id", "account")
        .refers("version_id", "journey_template_version")
        .unique(&["journey_id", "number"])
        .index(&["account_id", "entered_at", "id"])
        .unique_where(&["journey_id"], "exited_at IS NULL")
}

fn task() -> NewTable {
    NewTable::noun("task")
        .uuid("account_id")
        .uuid_null("journey_id")
        .uuid_null("visit_id")
        .text_null("template_key", 60)
        .one_of("origin", &["JOURNEY", "PLAYBOOK", "AD_HOC"])
        .text("type_key", 120)
        .text("title", 200)
        .text_null("description", 4000)
        .int("position")
        .flag("required")
        .one_of(
            "status",
            &["PENDING", "PREPARING", "OPEN", "BLOCKED", "DONE", "SKIPPED", "CANCELLED"],
        )
        .text_null("blocked_reason", 500)
        .one_of("assignee_rule", ASSIGNEES)
        .uuid_null("assignee_role_id")
        .uuid_null("assignee_user_id")
        .uuid_null("assignee_contact_id")
        .flag("assigned_by_hand")
        .int_null("effort_minutes")
        .date_null("due_on")
        .date_null("original_due_on")
        .timestamp_null("opened_at")
        .timestamp_null("finished_at")
        .uuid_null("finished_by_id")
        .text_null("reason", 2000)
        .one_of_null("waiting_on", &["CUSTOMER", "THIRD_PARTY"])
        .date_null("waiting_since")
        .text_null("waiting_reason", 500)
        .json("config")
        .json_null("outcome")
        .refers("account_id", "account")
        .refers("journey_id", "journey")
        .refers("visit_id", "stage_visit")
        .refers("assignee_role_id", "option")
        .refers("assignee_user_id", "user")
        .refers("assignee_contact_id", "contact")
        .refers("finished_by_id", "user")
        .index(&["account_id", "status", "due_on", "id"])
        .index(&["assignee_user_id", "status", "due_on", "id"])
        .index(&["journey_id", "id"])
        .index(&["visit_id", "position", "id"])
        .index(&["status", "due_on", "id"])
        .index(&["updated_at", "id"])
        .index(&["type_key", "status", "id"])
}

fn indicator_evaluation() -> NewTable {
    NewTable::noun("indicator_evaluation")
        .uuid("account_id")
        .uuid("journey_id")
        .uuid("visit_id")
        .uuid_null("task_id")
        .text("indicator_key", 60)
        .text("name", 200)
        .one_of("source", INDICATOR_SOURCES)
        .one_of("comparator", COMPARATORS)
        .double("target")
        .flag("carried")
        .double_null("observed")
        .timestamp_null("observed_at")
        .one_of("verdict", &["PASSED", "FAILED", "WAIVED", "MISSING"])
        .text_null("reason", 2000)
        .timestamp("evaluated_at")
        .uuid_null("evaluated_by_id")
        .refers("account_id", "account")
        .refers("journey_id", "journey")
        .refers("visit_id", "stage_visit")
        .refers("task_id", "task")
        .refers("evaluated_by_id", "user")
        .index(&["visit_id", "evaluated_at", "id"])
        .index(&["account_id", "evaluated_at", "id"])
}

/// The inbox of a user; channels beyond it come with their plugins.
fn alert() -> NewTable {
    NewTable::noun("alert")
        .uuid("user_id")
        .uuid_null("account_id")
        .uuid_null("journey_id")
        .uuid_null("renewal_id")
        .uuid_null("task_id")
        .one_of("kind", &["JOURNEY_HELD", "RENEWAL_DUE", "PLUGIN_NOTICE"])
        .text_null("message", 500)
        .timestamp("raised_at")
        .timestamp_null("read_at")
        .refers("user_id", "user")
        .refers("account_id", "account")
        .refers("journey_id", "journey")
        .refers("task_id", "task")
        .index(&["user_id", "raised_at", "id"])
}
