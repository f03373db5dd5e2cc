//! What plugins ask the platform to do: each kind as it is done here, read from its payload. What a
//! payload looks like, its schema in `schema/json/operations` says, and nothing else.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono::NaiveDate;
use jsonschema::Validator;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::document;
use crate::channel::Channel;
use crate::error::{Code, Problem};
use crate::id::{ContactId, MilestoneId};

/// Something that a plugin asks for, about the account of its task.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    CreateGoal(CreateGoal),
    CreateInteraction(CreateInteraction),
    CreateMilestone(CreateMilestone),
    CreateTask(CreateTask),
    Notify(Notify),
    ReachMilestone(ReachMilestone),
    RecordMetric(RecordMetric),
    RepeatStage(Wish),
    ReturnStage(Wish),
    SetAttribute(SetAttribute),
}

/// A goal of the success plan, which is made if there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateGoal {
    pub title: String,
    /// The key of the metric that measures it.
    pub metric: Option<String>,
    pub start: Option<f64>,
    pub target: Option<f64>,
    pub due_on: Option<NaiveDate>,
}

/// A conversation that was had now.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateInteraction {
    pub subject: String,
    pub notes: Option<String>,
    pub channel: Option<Channel>,
    /// From 1, very negative, to 5, very positive.
    pub sentiment: Option<u8>,
    pub contact_id: Option<ContactId>,
}

/// A milestone of the success plan, which is made if there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateMilestone {
    pub title: String,
    pub due_on: Option<NaiveDate>,
}

/// A task, for the CSM unless a contact is named.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateTask {
    pub title: String,
    pub description: Option<String>,
    /// In calendar days from today on.
    pub due_in_days: Option<u32>,
    pub contact_id: Option<ContactId>,
}

/// Something that the CSM is told.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Notify {
    pub message: String,
}

/// A milestone that is reached today.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReachMilestone {
    pub milestone_id: MilestoneId,
}

/// What was measured today.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RecordMetric {
    /// The key of the metric.
    pub metric: String,
    pub value: f64,
}

/// Why the stage is to be repeated, or the one before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Wish {
    pub reason: String,
}

/// A value of an attribute of the account; null takes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SetAttribute {
    pub key: String,
    #[serde(default)]
    pub value: Json,
}

macro_rules! kinds {
    ($($kind:literal: $name:ident,)+) => {
        /// The kinds, each with the schema of its payload.
        const SCHEMAS: [(&str, &str); 10] = [$((
            $kind,
            include_str!(concat!("../../../../schema/json/operations/", $kind, ".json")),
        )),+];

        impl Operation {
            /// The kind, as manifests and grants have it.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)+ }
            }

            /// Reads a payload that fits its schema.
            fn read(kind: &str, payload: Json) -> Result<Self, String> {
                match kind {
                    $($kind => typed(payload).map(Self::$name),)+
                    _ => Err("it is unknown".to_owned()),
                }
            }
        }
    };
}

kinds! {
    "create-goal": CreateGoal,
    "create-interaction": CreateInteraction,
    "create-milestone": CreateMilestone,
    "create-task": CreateTask,
    "notify": Notify,
    "reach-milestone": ReachMilestone,
    "record-metric": RecordMetric,
    "repeat-stage": RepeatStage,
    "return-stage": ReturnStage,
    "set-attribute": SetAttribute,
}

fn typed<T: DeserializeOwned>(payload: Json) -> Result<T, String> {
    serde_json::from_value(payload).map_err(|error| error.to_string())
}

impl Operation {
    /// Reads an operation, in which ids stand as they do here; where it is none, that is told under
    /// `operations.<place>`.
    pub fn parse(place: usize, kind: &str, payload: Json) -> Result<Self, Problem> {
        let field = format!("operations.{place}");
        let unfit = |told: String| Problem::new(field.clone(), Code::Unfit).with("told", told);
        let validator = validators().get(kind);
        let validator = validator.ok_or_else(|| unfit(format!("{kind}: it is unknown")))?;
        if let Some(error) = validator.iter_errors(&payload).next() {
            return Err(unfit(format!("{kind}{}: {error}", error.instance_path())));
        }
        Self::read(kind, payload).map_err(|error| unfit(format!("{kind}: {error}")))
    }
}

/// What payloads are held against, made once. A schema that is none would leave its kind unknown; a
/// test sees to it that all are there.
fn validators() -> &'static HashMap<&'static str, Validator> {
    static VALIDATORS: OnceLock<HashMap<&'static str, Validator>> = OnceLock::new();
    VALIDATORS.get_or_init(|| {
        let made = SCHEMAS.iter().filter_map(|(kind, schema)| {
            let schema: Json = serde_json::from_str(schema).ok()?;
            Some((*kind, document::validator(&schema).ok()?))
        });
        made.collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plugins::OPERATIONS;

    #[test]
    fn every_kind_is_known_has_a_schema_and_reads_whatever_fits_it() {
        assert_eq!(SCHEMAS.map(|(kind, _)| kind), OPERATIONS);
        assert_eq!(validators().len(), OPERATIONS.len());
        for (kind, schema) in SCHEMAS {
            let schema: Json = serde_json::from_str(schema).unwrap();
            let properties = schema["properties"].as_object().unwrap();
            let is_needed = |name: &&String| {
                schema["required"].as_array().unwrap().iter().any(|one| one == name.as_str())
            };
            let some = |name: &String| (name.clone(), value(name, &properties[name]));
            let all: Json = properties.keys().map(some).collect();
            let least: Json = properties.keys().filter(is_needed).map(some).collect();
            for payload in [all, least] {
                let read = Operation::parse(0, kind, payload.clone());
                assert_eq!(read.map(|read| read.kind()), Ok(kind), "{payload}");
            }
            let strange = json!({ "horoscope": 1 });
            assert!(Operation::parse(0, kind, strange).is_err(), "{kind}");
        }
    }

    /// A value that fits a schema.
    fn value(name: &str, schema: &Json) -> Json {
        let words = schema["type"].to_string();
        match name {
            "channel" => json!("VIDEO"),
            _ if name.ends_with("Id") => json!("00000000-0000-7000-8000-000000000000"),
            _ if schema["format"] == "date" => json!("2026-01-31"),
            _ if words.contains("integer") => json!(5),
            _ if words.contains("number") => json!(1.5),
            _ => json!("words"),
        }
    }

    #[test]
    fn what_passes_a_limit_is_refused() {
        let refused = [
            ("notify", json!({ "message": "x".repeat(501) })),
            ("create-interaction", json!({ "subject": "A", "sentiment": 6 })),
            ("record-metric", json!({ "metric": "NPS!", "value": 1 })),
            ("create-task", json!({ "title": "", "dueInDays": 1 })),
            ("create-goal", json!({ "title": "A", "dueOn": "soon" })),
            ("reach-milestone", json!({ "milestoneId": "milestone" })),
            ("drop-table", json!({})),
        ];
        for (place, (kind, payload)) in refused.into_iter().enumerate() {
            let problem = Operation::parse(place, kind, payload).unwrap_err();
            assert_eq!((problem.field, problem.code), (format!("operations.{place}"), Code::Unfit));
        }
    }
}
