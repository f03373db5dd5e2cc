//! Descriptions of what is called the same everywhere, written once.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

/// chrono's scalar comes with words about its implementation.
pub(super) const DATE_TIME: &str =
    "A point in time, as RFC 3339 writes it: `2026-01-23T12:00:00Z`; in answers, in UTC.";

/// Arguments by their name.
const ARGUMENTS: &[(&str, &str)] = &[
    ("id", "The global id."),
    ("ids", "Global ids, at most 100."),
    ("first", "How many rows from the start or behind `after`: 1 to 100, 25 unless said."),
    ("after", "Only rows behind this cursor."),
    ("last", "How many rows from the end or before `before`: 1 to 100; excludes `first`."),
    ("before", "Only rows before this cursor; needs `last`."),
    ("filter", "Only rows that meet all of this."),
    ("orderBy", "The order of the rows; the id decides between equals."),
    (
        "orderByAttribute",
        "An attribute that decides the order instead; the id decides between equals.",
    ),
    ("input", "What to do."),
];

/// Fields of objects and inputs by their name.
const FIELDS: &[(&str, &str)] = &[
    ("id", "The global id."),
    ("version", "How often it was written; `expectedVersion` of updates refers to it."),
    ("createdAt", "When it was made."),
    ("updatedAt", "When it was last changed."),
    ("archivedAt", "When it was put away; null while it is in use."),
    ("expectedVersion", "Refuses with `CONFLICT` unless the record is in this version."),
];

/// Not a type: registering it describes the fields and arguments that have no words of their own.
/// It must be registered last. The registry of a schema can be reached in no other way.
pub(super) struct Described;

impl OutputType for Described {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Described")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.types.values_mut().for_each(describe);
        Self::type_name().into_owned()
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

fn describe(of: &mut MetaType) {
    match of {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
            for (name, field) in fields {
                fill(&mut field.description, FIELDS, name);
                for (name, argument) in &mut field.args {
                    fill(&mut argument.description, ARGUMENTS, name);
                }
            }
        }
        MetaType::InputObject { input_fields, .. } => {
            for (name, field) in input_fields {
                fill(&mut field.description, FIELDS, name);
            }
        }
        _ => {}
    }
}

fn fill(description: &mut Option<String>, words: &[(&str, &str)], name: &str) {
    if description.is_none() {
        let known = words.iter().find(|(known, _)| *known == name);
        *description = known.map(|(_, words)| (*words).to_owned());
    }
}
