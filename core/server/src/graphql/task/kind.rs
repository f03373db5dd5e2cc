//! The types of tasks, with the JSON Schemas of what they carry.

use async_graphql::{Context, Object, SimpleObject};
use jornada_domain::Result;
use jornada_domain::tasks::kind::{self, INDICATOR, INTERACTION, STANDARD, SURVEY};
use serde_json::{Value as Json, json};

use crate::graphql::request::{Answer, call};

/// A type of task.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TaskType {
    /// Its name: `core.standard`, or `publisher.plugin/type` of a plugin.
    key: String,
    /// What `config` of its templates and tasks looks like: a JSON Schema.
    config_schema: Json,
    /// What `outcome` of its tasks looks like: a JSON Schema. Doing a task of the core leaves a
    /// record of its own, so that its outcome stays null.
    outcome_schema: Json,
}

impl TaskType {
    /// The type with this key; none where no such type is known.
    pub(in crate::graphql) fn of(key: &str) -> Option<Self> {
        let config_schema = config_schema(key)?;
        Some(Self { key: key.to_owned(), config_schema, outcome_schema: nothing() })
    }
}

#[derive(Default)]
pub(in crate::graphql) struct TaskTypeQuery;

#[Object]
impl TaskTypeQuery {
    /// The types of tasks that templates can use.
    async fn task_types(&self, ctx: &Context<'_>) -> Answer<Vec<TaskType>> {
        Some(known(ctx))
    }

    /// The type with this key; null where no such type is known.
    async fn task_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, like `core.interaction`.")] key: String,
    ) -> Answer<TaskType> {
        let is_it = |known: &TaskType| known.key == key.trim();
        known(ctx).map(|known| known.into_iter().find(is_it)).transpose()
    }
}

fn known(ctx: &Context<'_>) -> Result<Vec<TaskType>> {
    let keys = kind::keys(&call(ctx).cx())?;
    Ok(keys.into_iter().filter_map(TaskType::of).collect())
}

/// The form that all schemas here are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

fn config_schema(key: &str) -> Option<Json> {
    let (title, properties, required) = match key {
        STANDARD => ("Something to be done", json!({}), json!([])),
        INTERACTION => ("A contact with the customer", interaction(), json!([])),
        SURVEY => ("A survey", survey(), json!(["surveyKey"])),
        INDICATOR => {
            let required = json!(["name", "source", "comparator", "target"]);
            ("A value that decides what follows the stage", indicator(), required)
        }
        _ => return None,
    };
    Some(json!({
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    }))
}

fn interaction() -> Json {
    json!({
        "channel": {
            "description": "The channel that is meant.",
            "enum": [
                "EMAIL", "PHONE", "WHATSAPP", "VIDEO", "IN_PERSON", "CHAT", "PRODUCT", "OTHER",
            ],
        },
    })
}

fn survey() -> Json {
    json!({
        "surveyKey": {
            "description": "The key of the survey.",
            "type": "string",
            "minLength": 1,
            "maxLength": 60,
        },
        "doneWhen": {
            "description": "When the task is done.",
            "enum": ["SENT", "ANSWERED"],
            "default": "SENT",
        },
    })
}

fn indicator() -> Json {
    json!({
        "name": {
            "description": "The name of the quantity; not a verb.",
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
        },
        "source": {
            "description": "Where the value comes from.",
            "enum": ["PERSON", "METRIC", "NPS", "CSAT"],
        },
        "metricKey": {
            "description": "The key of the metric; only and always where the source is METRIC.",
            "type": "string",
            "minLength": 1,
            "maxLength": 60,
        },
        "comparator": {
            "description": "How the value is compared with the target.",
            "enum": ["GT", "GTE", "LT", "LTE", "EQ", "NEQ"],
        },
        "target": { "description": "What the value is compared with.", "type": "number" },
        "continuous": {
            "description": "Whether it is evaluated in every later stage of the lap too.",
            "type": "boolean",
            "default": false,
        },
        "maxAgeDays": {
            "description": "How old a value may be; without it, newer than the visit.",
            "type": "integer",
            "minimum": 1,
            "maximum": 3650,
        },
        "onMissing": {
            "description": "What a missing value means.",
            "enum": ["WAIT", "PASS", "FAIL"],
            "default": "WAIT",
        },
        "missingAfterDays": {
            "description": "After how many days a missing value passes or fails.",
            "type": "integer",
            "minimum": 0,
            "maximum": 3650,
            "default": 0,
        },
    })
}

fn nothing() -> Json {
    json!({ "$schema": DIALECT, "type": "null" })
}

#[cfg(test)]
mod tests;
