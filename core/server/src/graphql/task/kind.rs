//! The types of tasks, with the JSON Schemas of what they carry.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use jornada_domain::Result;
use jornada_domain::plugins::{self, task_type};
use jornada_domain::tasks::kind::{self, INDICATOR, INTERACTION, STANDARD, SURVEY};
use serde_json::{Value as Json, json};

use crate::graphql::loader::{Loads, one};
use crate::graphql::plugin::about::told;
use crate::graphql::request::{Answer, call};
use crate::messages;

/// A type of task.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct TaskType {
    /// Its name: `core.standard`, or `publisher.name` of the plugin that it comes from.
    key: String,
    #[graphql(skip)]
    about: Json,
    /// What `config` of its templates and tasks looks like: a JSON Schema.
    config_schema: Json,
    /// What `outcome` of its tasks looks like: a JSON Schema. Doing a task of the core leaves a
    /// record of its own, so that its outcome stays null.
    outcome_schema: Json,
}

#[ComplexObject]
impl TaskType {
    /// What people call it, in the language of the caller.
    async fn title(&self, ctx: &Context<'_>) -> String {
        let locale = call(ctx).locale();
        let own = plugin_text(ctx, &self.about["title"]);
        own.unwrap_or_else(|| messages::of_task_type(locale, &self.key))
    }

    /// What it is for, in the language of the caller.
    async fn description(&self, ctx: &Context<'_>) -> Option<String> {
        plugin_text(ctx, &self.about["description"])
    }
}

impl TaskType {
    /// The type of the platform with this key.
    fn core(key: &str) -> Option<Self> {
        let config_schema = config_schema(key)?;
        let (key, about) = (key.to_owned(), Json::Null);
        Some(Self { key, about, config_schema, outcome_schema: nothing() })
    }

    /// The type with this key, as tasks and templates name it; null where no such type is known.
    pub(in crate::graphql) async fn of(ctx: &Context<'_>, key: &str) -> Answer<Self> {
        match Self::core(key) {
            Some(core) => Some(Ok(core)),
            None if kind::is_of_plugin(key) => one(ctx, Some(TypeOf(key.to_owned()))).await,
            None => None,
        }
    }
}

/// A text of a plugin, in the language of the caller where there is one.
fn plugin_text(ctx: &Context<'_>, texts: &Json) -> Option<String> {
    Some(told(ctx, texts)).filter(|text| !text.is_empty())
}

impl From<task_type::TaskType> for TaskType {
    fn from(of: task_type::TaskType) -> Self {
        let task_type::TaskType { key, manifest } = of;
        let Some(mut manifest) = manifest else {
            return Self::core(&key).unwrap_or(Self {
                key,
                about: Json::Null,
                config_schema: nothing(),
                outcome_schema: nothing(),
            });
        };
        let document = |name: &str| {
            let schema = plugins::schema(&manifest, name).cloned();
            schema.unwrap_or_else(|| json!({ "$schema": DIALECT }))
        };
        let (config_schema, outcome_schema) = (document("config"), document("outcome"));
        Self { key, about: manifest["plugin"].take(), config_schema, outcome_schema }
    }
}

/// A type of a plugin, by its key.
#[derive(Clone, PartialEq, Eq, Hash)]
struct TypeOf(String);

impl Loader<TypeOf> for Loads {
    type Value = task_type::TaskType;
    type Error = jornada_domain::Error;

    async fn load(&self, keys: &[TypeOf]) -> Result<HashMap<TypeOf, task_type::TaskType>> {
        let keys: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let found = task_type::of_plugins(&self.cx(), &keys).await?;
        Ok(found.into_iter().map(|one| (TypeOf(one.key.clone()), one)).collect())
    }
}

#[derive(Default)]
pub(in crate::graphql) struct TaskTypeQuery;

#[Object]
impl TaskTypeQuery {
    /// The types of tasks that templates can use.
    async fn task_types(&self, ctx: &Context<'_>) -> Answer<Vec<TaskType>> {
        let found = task_type::usable(&call(ctx).cx()).await;
        Some(found.map(|found| found.into_iter().map(TaskType::from).collect()))
    }

    /// The type with this key; null where no such type is known.
    async fn task_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, like `core.interaction`.")] key: String,
    ) -> Answer<TaskType> {
        let is_it = |known: &task_type::TaskType| known.key == key.trim();
        let found = task_type::usable(&call(ctx).cx()).await;
        let found = found.map(|found| found.into_iter().find(is_it).map(TaskType::from));
        found.transpose()
    }
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
