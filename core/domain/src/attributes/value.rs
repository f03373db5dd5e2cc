//! Values of attributes. They are no nouns: whoever gives one changes the account, contact or
//! subscription that has it.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::definition::{self, AttributeType};
use crate::input::fold;
use crate::prelude::*;

/// One value: its natural key is its primary key. It stands in the columns of its type; all others
/// are empty.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_value")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The account, contact or subscription.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub definition_id: AttributeDefinitionId,
    /// The account that the subject is or belongs to.
    pub account_id: AccountId,
    pub text_value: Option<String>,
    /// The text as it is searched and sorted.
    pub text_folded: Option<String>,
    /// A number; 0 and 1 are the two values of a boolean.
    pub number_value: Option<f64>,
    pub date_value: Option<NaiveDate>,
    pub option_id: Option<OptionId>,
    pub amount_minor: Option<i64>,
    /// ISO 4217, three capitals.
    pub currency: Option<String>,
    /// When the value was given.
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "definition::Entity",
        from = "(Column::WorkspaceId, Column::DefinitionId)",
        to = "(definition::Column::WorkspaceId, definition::Column::Id)"
    )]
    Definition,
}

impl Related<definition::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Definition.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// Characters of a text.
pub(super) const MOST_TEXT: usize = 500;

/// A value with its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// One line.
    Text(String),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// An option of the set of the definition.
    Option(OptionId),
    /// An amount.
    Money {
        /// In minor units of the currency.
        amount_minor: i64,
        /// ISO 4217, three capitals.
        currency: String,
    },
}

impl Typed {
    /// The type.
    pub fn value_type(&self) -> AttributeType {
        match self {
            Self::Text(_) => AttributeType::Text,
            Self::Number(_) => AttributeType::Number,
            Self::Boolean(_) => AttributeType::Boolean,
            Self::Date(_) => AttributeType::Date,
            Self::Option(_) => AttributeType::Option,
            Self::Money { .. } => AttributeType::Money,
        }
    }

    /// The value as it stands in audit entries and exports.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Boolean(flag) => json!(flag),
            Self::Date(date) => json!(date),
            Self::Option(id) => json!(id),
            Self::Money { amount_minor, currency } => {
                json!({ "amountMinor": amount_minor, "currency": currency })
            }
        }
    }
}

/// An attribute of one subject: what it is, and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What it is.
    pub definition: definition::Model,
    /// Its value.
    pub value: Typed,
}

impl Model {
    /// The value, which stands in the columns of the type; nothing where they are empty.
    pub(super) fn typed(&self, value_type: AttributeType) -> Option<Typed> {
        Some(match value_type {
            AttributeType::Text => Typed::Text(self.text_value.clone()?),
            AttributeType::Number => Typed::Number(self.number_value?),
            AttributeType::Boolean => Typed::Boolean(self.number_value? != 0.0),
            AttributeType::Date => Typed::Date(self.date_value?),
            AttributeType::Option => Typed::Option(self.option_id?),
            AttributeType::Money => {
                let currency = self.currency.clone()?;
                Typed::Money { amount_minor: self.amount_minor?, currency }
            }
        })
    }
}

impl Typed {
    /// The columns in which the value stands.
    pub(super) fn columns(&self) -> ActiveModel {
        let mut row = ActiveModel {
            text_value: Set(None),
            text_folded: Set(None),
            number_value: Set(None),
            date_value: Set(None),
            option_id: Set(None),
            amount_minor: Set(None),
            currency: Set(None),
            ..Default::default()
        };
        match self {
            Self::Text(text) => {
                row.text_folded = Set(Some(folded(text)));
                row.text_value = Set(Some(text.clone()));
            }
            Self::Number(number) => row.number_value = Set(Some(*number)),
            Self::Boolean(flag) => row.number_value = Set(Some(f64::from(*flag))),
            Self::Date(date) => row.date_value = Set(Some(*date)),
            Self::Option(id) => row.option_id = Set(Some(*id)),
            Self::Money { amount_minor, currency } => {
                row.amount_minor = Set(Some(*amount_minor));
                row.currency = Set(Some(currency.clone()));
            }
        }
        row
    }
}

/// A text as it is searched and sorted. Some capitals fold into two characters.
pub(super) fn folded(text: &str) -> String {
    fold(text).chars().take(MOST_TEXT).collect()
}

pub(super) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The attributes of each of these accounts, in the order of their definitions.
pub async fn of_accounts(
    cx: &Cx<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Attribute>>> {
    cx.require(Area::Accounts, Access::Read)?;
    of_subjects(cx, ids).await
}

/// Some attributes of each of these accounts, by their keys.
pub(crate) async fn of_accounts_with<'k>(
    cx: &Cx<'_>,
    ids: &[AccountId],
    keys: impl Iterator<Item = &'k str>,
) -> Result<HashMap<AccountId, Vec<Attribute>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let of_keys = definition::Column::Key.is_in(keys);
    let live = definition::Column::ArchivedAt.is_null();
    kept_of(cx, ids, Condition::all().add(of_keys).add(live)).await
}

/// The attributes of each of these contacts, in the order of their definitions.
pub async fn of_contacts(
    cx: &Cx<'_>,
    ids: &[ContactId],
) -> Result<HashMap<ContactId, Vec<Attribute>>> {
    cx.require(Area::Accounts, Access::Read)?;
    of_subjects(cx, ids).await
}

/// The attributes of each of these subscriptions, in the order of their definitions.
pub async fn of_subscriptions(
    cx: &Cx<'_>,
    ids: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Attribute>>> {
    cx.require(Area::Revenue, Access::Read)?;
    of_subjects(cx, ids).await
}

/// The attributes of each of these subjects, in the order in which they were defined. Those whose
/// definition was put away are left out.
pub(crate) async fn of_subjects<I: TypedId + Eq + std::hash::Hash>(
    cx: &Cx<'_>,
    ids: &[I],
) -> Result<HashMap<I, Vec<Attribute>>> {
    let live = definition::Column::ArchivedAt.is_null();
    kept_of(cx, ids, Condition::all().add(live)).await
}

/// [`of_subjects`], and whether their definition was put away or not.
pub(crate) async fn all_of<I: TypedId + Eq + std::hash::Hash>(
    cx: &Cx<'_>,
    id: I,
) -> Result<Vec<Attribute>> {
    let mut found = kept_of(cx, &[id], Condition::all()).await?;
    Ok(found.remove(&id).unwrap_or_default())
}

async fn kept_of<I: TypedId + Eq + std::hash::Hash>(
    cx: &Cx<'_>,
    ids: &[I],
    defined: Condition,
) -> Result<HashMap<I, Vec<Attribute>>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
    let rows = visible(cx)
        .filter(Column::SubjectId.is_in(ids))
        .find_also_related(definition::Entity)
        .filter(defined)
        .order_by_asc(definition::Column::Id);
    let mut found: HashMap<I, Vec<_>> = HashMap::new();
    for (row, definition) in rows.all(&cx.db).await? {
        let value = definition.as_ref().and_then(|definition| row.typed(definition.value_type));
        if let (Some(definition), Some(value)) = (definition, value) {
            let of_subject = found.entry(I::from(row.subject_id)).or_default();
            of_subject.push(Attribute { definition, value });
        }
    }
    Ok(found)
}
