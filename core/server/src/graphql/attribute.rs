//! Attributes: fields that the workspace adds to accounts, contacts and subscriptions.

mod filter;
mod value;

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::attributes::definition::{
    self, DefinitionFilter, DefinitionPatch, NewDefinition,
};
use jornada_domain::error::Result;
use jornada_domain::id::{AttributeDefinitionId, OptionSetId};
use jornada_domain::subject;

pub(super) use self::filter::{
    AttributeFilterInput, AttributeOrderInput, MoneyFilter, each as conditions,
};
pub(super) use self::value::{AttributeInput, AttributeValue, read};

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::option::OptionSet;
use super::reading::Reading;
use super::request::{Answer, list, payload, write};
use super::word::words;

/// A field that the workspace adds to its accounts, contacts or subscriptions.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct AttributeDefinition {
    pub id: GlobalId<AttributeDefinitionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What has the attribute.
    subject_kind: SubjectKind,
    /// What filters, rules and imports know it by; it never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// Which values it takes.
    value_type: AttributeType,
    #[graphql(skip)]
    option_set_id: Option<OptionSetId>,
    /// The least number, where there is one.
    minimum: Option<f64>,
    /// The greatest number, where there is one.
    maximum: Option<f64>,
    /// Whether values are personal data: events and audit entries never tell them.
    is_personal: bool,
}

#[ComplexObject]
impl AttributeDefinition {
    /// The set whose options are the values; null unless they are options.
    async fn option_set(&self, ctx: &Context<'_>) -> Answer<OptionSet> {
        one(ctx, self.option_set_id).await
    }
}

impl From<definition::Model> for AttributeDefinition {
    fn from(row: definition::Model) -> Self {
        let definition::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            subject_kind,
            key,
            name,
            description,
            value_type,
            option_set_id,
            minimum,
            maximum,
            is_personal,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            subject_kind: subject_kind.into(),
            key,
            name,
            description,
            value_type: value_type.into(),
            option_set_id,
            minimum,
            maximum,
            is_personal,
        }
    }
}

load_by_id!(AttributeDefinitionId => definition::Model, definition::many);

words! {
    /// What can have attributes.
    SubjectKind = "subject::SubjectKind" {
        /// An account.
        Account,
        /// A contact.
        Contact,
        /// A subscription.
        Subscription,
    }
}

words! {
    /// Which values an attribute takes.
    AttributeType = "definition::AttributeType" {
        /// One line of at most 500 characters.
        Text,
        /// A number.
        Number,
        /// Yes or no.
        Boolean,
        /// A day.
        Date,
        /// An option of a set.
        Option,
        /// An amount and its currency.
        Money,
    }
}

#[derive(Default)]
pub(super) struct AttributeQuery;

#[Object]
impl AttributeQuery {
    /// The attributes that there are, by what has them and by key.
    async fn attribute_definitions(
        &self,
        ctx: &Context<'_>,
        filter: Option<AttributeDefinitionFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<AttributeDefinition>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(DefinitionFilter::from).unwrap_or_default();
        list(ctx, paging, async |cx, page| definition::list(cx, &filter, page).await).await
    }
}

/// What narrows the list of attributes.
#[derive(InputObject)]
pub(super) struct AttributeDefinitionFilter {
    /// What has them.
    subject_kind: Option<SubjectKind>,
    /// Also attributes that were put away.
    #[graphql(default)]
    include_archived: bool,
}

impl From<AttributeDefinitionFilter> for DefinitionFilter {
    fn from(filter: AttributeDefinitionFilter) -> Self {
        let AttributeDefinitionFilter { subject_kind, include_archived } = filter;
        Self { subject_kind: subject_kind.map(Into::into), include_archived }
    }
}

#[derive(Default)]
pub(super) struct AttributeMutation;

#[Object]
impl AttributeMutation {
    /// Adds an attribute: at most 200 for each kind of subject.
    async fn attribute_definition_create(
        &self,
        ctx: &Context<'_>,
        input: AttributeDefinitionCreateInput,
    ) -> Result<AttributeDefinitionCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(definition::create(tx, new).await)
        })
        .await
    }

    /// Changes an attribute. Values that are there already stay, also outside new limits.
    async fn attribute_definition_update(
        &self,
        ctx: &Context<'_>,
        input: AttributeDefinitionUpdateInput,
    ) -> Result<AttributeDefinitionUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = DefinitionPatch {
                expected_version: input.expected_version,
                name: reading.kept("name", input.name),
                description: input.description.into(),
                minimum: input.minimum.into(),
                maximum: input.maximum.into(),
            };
            reading.then(definition::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts an attribute away: its values are no longer shown and cannot be given. Filters and
    /// rules that ask for it go on.
    async fn attribute_definition_archive(
        &self,
        ctx: &Context<'_>,
        input: AttributeDefinitionArchiveInput,
    ) -> Result<AttributeDefinitionArchivePayload> {
        write(ctx, async |tx| definition::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived attribute back, with its values.
    async fn attribute_definition_restore(
        &self,
        ctx: &Context<'_>,
        input: AttributeDefinitionRestoreInput,
    ) -> Result<AttributeDefinitionRestorePayload> {
        write(ctx, async |tx| definition::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// An attribute to be added.
#[derive(InputObject)]
pub(super) struct AttributeDefinitionCreateInput {
    /// What has the attribute.
    subject_kind: SubjectKind,
    /// What filters, rules and imports know it by: 1 to 60 of `a-z`, `0-9`, `-` and `_`.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// What it is for: up to 500 characters.
    description: Option<String>,
    /// Which values it takes; this never changes.
    value_type: AttributeType,
    /// The set whose options are the values; only for those, and needed there.
    option_set_id: Option<ID>,
    /// The least number; only for numbers.
    minimum: Option<f64>,
    /// The greatest number; only for numbers.
    maximum: Option<f64>,
    /// Whether values are personal data; those of contacts always are.
    #[graphql(default)]
    is_personal: bool,
}

impl AttributeDefinitionCreateInput {
    fn read(self, reading: &mut Reading) -> NewDefinition {
        NewDefinition {
            subject_kind: self.subject_kind.into(),
            key: self.key,
            name: self.name,
            description: self.description,
            value_type: self.value_type.into(),
            option_set_id: reading.some("optionSetId", self.option_set_id.as_ref()),
            minimum: self.minimum,
            maximum: self.maximum,
            is_personal: self.is_personal,
        }
    }
}

/// Changes of an attribute; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct AttributeDefinitionUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What it is for: up to 500 characters.
    description: MaybeUndefined<String>,
    /// The least number; only for numbers.
    minimum: MaybeUndefined<f64>,
    /// The greatest number; only for numbers.
    maximum: MaybeUndefined<f64>,
}

/// An attribute to be put away.
#[derive(InputObject)]
pub(super) struct AttributeDefinitionArchiveInput {
    id: ID,
}

/// An attribute to be taken back.
#[derive(InputObject)]
pub(super) struct AttributeDefinitionRestoreInput {
    id: ID,
}

payload! {
    /// What came of adding an attribute.
    AttributeDefinitionCreatePayload {
        /// The attribute.
        attribute_definition: AttributeDefinition,
    }
}

payload! {
    /// What came of changing an attribute.
    AttributeDefinitionUpdatePayload {
        /// The attribute as it is now.
        attribute_definition: AttributeDefinition,
    }
}

payload! {
    /// What came of putting an attribute away.
    AttributeDefinitionArchivePayload {
        /// The attribute as it is now.
        attribute_definition: AttributeDefinition,
    }
}

payload! {
    /// What came of taking an attribute back.
    AttributeDefinitionRestorePayload {
        /// The attribute as it is now.
        attribute_definition: AttributeDefinition,
    }
}
