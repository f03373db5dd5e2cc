//! Giving and emptying values of attributes, as a part of a change of the subject that has them.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::sea_query::OnConflict;
use serde_json::{Map, Value as Json};

use super::definition;
use super::filter::{unknown, wrong_type};
use super::value::{self, Column, Entity, MOST_TEXT, Typed};
use crate::money;
use crate::options::option;
use crate::prelude::*;
use crate::store::Links;
use crate::subject::SubjectKind;

/// A value to be given, or to be emptied.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeInput {
    /// The key of the definition.
    pub key: String,
    /// Empties the attribute when it is `None`.
    pub value: Option<Typed>,
}

/// Values of one input.
const MOST_VALUES: usize = 200;

/// Changes that were checked and can be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
struct Change {
    definition: definition::Model,
    before: Option<Typed>,
    after: Option<Typed>,
}

impl Changes {
    /// What an event and an audit entry tell; personal values are not in it.
    pub(crate) fn links(&self) -> Links {
        let told = |value: fn(&Change) -> &Option<Typed>| {
            let each = self.changes.iter().map(|change| (change.definition.key.as_str(), change));
            let tell = |(key, change): (&str, &Change)| {
                let value = value(change).as_ref();
                let is_personal = change.definition.is_personal;
                let told = value.map(|v| if is_personal { PERSONAL.into() } else { v.to_json() });
                (key.to_owned(), told.unwrap_or(Json::Null))
            };
            Json::Object(each.map(tell).collect::<Map<_, _>>())
        };
        let mut links = Links {
            name: "attributes",
            before: told(|change| &change.before),
            after: told(|change| &change.after),
        };
        // A personal value in place of another one is a change too, though both are told alike.
        if links.before == links.after && !self.changes.is_empty() {
            links.before = Json::Null;
        }
        links
    }
}

/// What stands in place of a personal value.
const PERSONAL: &str = "personal";

/// Checks values against their definitions and against those that the subject has: what is as it
/// was is no change. Takes two statements, and one more for options; none for no values.
pub(crate) async fn check(
    tx: &Tx<'_>,
    kind: SubjectKind,
    subject_id: Option<Uuid>,
    inputs: Vec<AttributeInput>,
) -> Result<Changes> {
    if inputs.is_empty() {
        return Ok(Changes::default());
    }
    if inputs.len() > MOST_VALUES {
        return Err(Problem::too_many("attributes", MOST_VALUES, "values").into());
    }
    let keys = inputs.iter().map(|input| input.key.as_str());
    let found = definition::by_keys(tx, kind, keys).await?;
    let mut definitions: HashMap<_, _> = found
        .into_iter()
        .filter(|row| row.archived_at.is_none())
        .map(|row| (row.key.clone(), row))
        .collect();
    let had = had(tx, subject_id, definitions.values()).await?;
    let options = options(tx, &inputs).await?;
    let mut checks = Checks::new();
    let (mut seen, mut changes) = (HashSet::new(), Vec::new());
    for (place, AttributeInput { key, value }) in inputs.into_iter().enumerate() {
        let at = |field: &str| format!("attributes.{place}.{field}");
        let is_new = seen.insert(key.clone());
        checks.ensure(is_new, || Problem::new(at("key"), Code::DuplicateKey));
        let Some(definition) = definitions.remove(&key) else {
            if is_new {
                checks.push(unknown(at("key"), &key));
            }
            continue;
        };
        let before = had.get(&definition.id).and_then(|row| row.typed(definition.value_type));
        let had_option = before.as_ref();
        let check = |value| check_value(&mut checks, &definition, &options, had_option, value, at);
        let after = value.map(check);
        if before != after {
            changes.push(Change { definition, before, after });
        }
    }
    checks.finish()?;
    Ok(Changes { changes })
}

/// The values that the subject has of these definitions.
async fn had<'d>(
    tx: &Tx<'_>,
    subject_id: Option<Uuid>,
    definitions: impl Iterator<Item = &'d definition::Model>,
) -> Result<HashMap<AttributeDefinitionId, value::Model>> {
    let Some(subject_id) = subject_id else { return Ok(HashMap::new()) };
    let rows = value::visible(tx)
        .filter(Column::SubjectId.eq(subject_id))
        .filter(Column::DefinitionId.is_in(definitions.map(|row| row.id)));
    Ok(rows.all(&tx.db).await?.into_iter().map(|row| (row.definition_id, row)).collect())
}

/// The options that values name.
async fn options(
    tx: &Tx<'_>,
    inputs: &[AttributeInput],
) -> Result<HashMap<OptionId, option::Model>> {
    let ids: Vec<_> = inputs
        .iter()
        .filter_map(|input| match &input.value {
            Some(Typed::Option(id)) => Some(*id),
            _ => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = option::in_workspace(tx, &ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The value as it is kept. An option that the subject had may have been put away since, and stays.
fn check_value(
    checks: &mut Checks,
    definition: &definition::Model,
    options: &HashMap<OptionId, option::Model>,
    had: Option<&Typed>,
    value: Typed,
    at: impl Fn(&str) -> String,
) -> Typed {
    if value.value_type() != definition.value_type {
        checks.push(wrong_type(at("value"), definition.value_type));
        return value;
    }
    match &value {
        Typed::Text(text) => return Typed::Text(checks.text(&at("value.text"), text, MOST_TEXT)),
        Typed::Number(number) => check_number(checks, definition, *number, &at("value.number")),
        Typed::Option(id) if had != Some(&value) => {
            let fits = |row: &option::Model| {
                Some(row.set_id) == definition.option_set_id && row.archived_at.is_none()
            };
            checks.ensure(options.get(id).is_some_and(fits), || {
                option::unknown(&definition.name, at("value.optionId"))
            });
        }
        Typed::Money { amount_minor, currency } => {
            money::check(checks, &at("value.money"), *amount_minor, currency);
        }
        _ => {}
    }
    value
}

fn check_number(checks: &mut Checks, definition: &definition::Model, number: f64, field: &str) {
    checks
        .ensure(number.is_finite(), || Problem::new(field, Code::BadFormat).with("form", "number"));
    let (minimum, maximum) = (definition.minimum, definition.maximum);
    let fits = minimum.is_none_or(|minimum| number >= minimum)
        && maximum.is_none_or(|maximum| number <= maximum);
    let shown = |limit: Option<f64>, none: &str| limit.map_or(none.to_owned(), |n| n.to_string());
    checks.ensure(fits, || {
        Problem::new(field, Code::OutOfRange)
            .with("min", shown(minimum, "−∞"))
            .with("max", shown(maximum, "∞"))
    });
}

/// Writes changes, in one statement for the values that are given and one for those that are
/// emptied. Whoever calls tells them as a part of the change of the subject.
pub(crate) async fn write(
    tx: &Tx<'_>,
    account_id: AccountId,
    subject_id: impl Into<Uuid>,
    changes: Changes,
) -> Result<()> {
    let subject_id = subject_id.into();
    let (mut given, mut emptied) = (BTreeMap::new(), Vec::new());
    for Change { definition, after, .. } in changes.changes {
        match after {
            Some(value) => drop(given.insert(definition.id, value.columns())),
            None => emptied.push(definition.id),
        }
    }
    if !emptied.is_empty() {
        Entity::delete_many()
            .filter(Column::WorkspaceId.eq(tx.workspace_id()))
            .filter(Column::SubjectId.eq(subject_id))
            .filter(Column::DefinitionId.is_in(emptied))
            .exec(&tx.db)
            .await?;
    }
    if given.is_empty() {
        return Ok(());
    }
    let rows = given.into_iter().map(|(definition_id, columns)| value::ActiveModel {
        workspace_id: Set(tx.workspace_id()),
        subject_id: Set(subject_id),
        definition_id: Set(definition_id),
        account_id: Set(account_id),
        updated_at: Set(tx.now),
        ..columns
    });
    let key = [Column::WorkspaceId, Column::SubjectId, Column::DefinitionId];
    let replace = OnConflict::columns(key)
        .update_columns([
            Column::TextValue,
            Column::TextFolded,
            Column::NumberValue,
            Column::DateValue,
            Column::OptionId,
            Column::AmountMinor,
            Column::Currency,
            Column::UpdatedAt,
        ])
        .to_owned();
    Entity::insert_many(rows).on_conflict(replace).exec_without_returning(&tx.db).await?;
    Ok(())
}
