//! Option sets and options.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{OptionId, OptionSetId};
use jornada_domain::options::option::{self, NewOption, OptionPatch};
use jornada_domain::options::set::{self, NewOptionSet, OptionSetPatch};

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};

/// A list of words that the workspace can extend, like its market segments.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct OptionSet {
    pub id: GlobalId<OptionSetId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What rules and imports know the set by; it never changes. Built in are `market_segment`,
    /// `package`, `contact_role` and `account_role`.
    key: String,
    /// What people call it.
    name: String,
    /// Whether the rules know the set.
    built_in: bool,
}

impl From<set::Model> for OptionSet {
    fn from(row: set::Model) -> Self {
        let set::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            name,
            built_in,
        } = row;
        Self { id: GlobalId(id), version, created_at, updated_at, key, name, built_in }
    }
}

#[ComplexObject]
impl OptionSet {
    /// The options of the set in their order.
    async fn options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also options that were put away.", default)] include_archived: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Choice>> {
        let paging = Paging { first, after, last, before };
        match include_archived {
            true => children(ctx, AllOptionsOf(self.id.0), paging).await,
            false => children(ctx, OptionsOf(self.id.0), paging).await,
        }
    }
}

load_by_id!(OptionSetId => set::Model, set::many);
load_children!(OptionsOf(OptionSetId) => option::Model, option::of_sets);
load_children!(AllOptionsOf(OptionSetId) => option::Model, option::all_of_sets);

/// An entry of an option set. What was used once is put away, never deleted.
#[derive(SimpleObject)]
#[graphql(complex, name = "Option")]
pub(super) struct Choice {
    pub id: GlobalId<OptionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    set_id: OptionSetId,
    /// What rules and imports know the option by; it never changes.
    key: String,
    /// What people read.
    label: String,
    /// The place in the set: smaller first, of the same place the older first.
    position: i32,
    /// Whether the rules know the option; it cannot be put away.
    built_in: bool,
    archived_at: Option<DateTime<Utc>>,
}

impl From<option::Model> for Choice {
    fn from(row: option::Model) -> Self {
        let option::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            set_id,
            key,
            label,
            position,
            built_in,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            set_id,
            key,
            label,
            position,
            built_in,
            archived_at,
        }
    }
}

#[ComplexObject]
impl Choice {
    /// The set that the option stands in.
    async fn set(&self, ctx: &Context<'_>) -> Answer<OptionSet> {
        one(ctx, Some(self.set_id)).await
    }
}

load_by_id!(OptionId => option::Model, option::many);

#[derive(Default)]
pub(super) struct OptionQuery;

#[Object]
impl OptionQuery {
    /// The option sets by their keys.
    async fn option_sets(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<OptionSet>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| set::list(cx, page).await).await
    }

    /// An option set.
    async fn option_set(&self, ctx: &Context<'_>, id: ID) -> Answer<OptionSet> {
        read(ctx, async |cx| set::find(cx, id::parse("id", &id)?).await).await
    }

    /// The option set of a key.
    async fn option_set_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key, like `market_segment`.")] key: String,
    ) -> Answer<OptionSet> {
        read(ctx, async |cx| set::by_key(cx, &key).await).await
    }
}

#[derive(Default)]
pub(super) struct OptionMutation;

#[Object]
impl OptionMutation {
    /// Adds an option set.
    async fn option_set_create(
        &self,
        ctx: &Context<'_>,
        input: OptionSetCreateInput,
    ) -> Result<OptionSetCreatePayload> {
        write(ctx, async move |tx| set::create(tx, input.into()).await).await
    }

    /// Renames an option set.
    async fn option_set_update(
        &self,
        ctx: &Context<'_>,
        input: OptionSetUpdateInput,
    ) -> Result<OptionSetUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(set::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts the options of a set in order.
    async fn option_set_reorder(
        &self,
        ctx: &Context<'_>,
        input: OptionSetReorderInput,
    ) -> Result<OptionSetReorderPayload> {
        write(ctx, async move |tx| {
            let set_id = id::parse("setId", &input.set_id)?;
            let first = id::parse_each("optionIds", &input.option_ids)?;
            option::reorder(tx, set_id, &first).await
        })
        .await
    }

    /// Adds an option at the end of its set.
    async fn option_create(
        &self,
        ctx: &Context<'_>,
        input: OptionCreateInput,
    ) -> Result<OptionCreatePayload> {
        write(ctx, async move |tx| option::create(tx, input.try_into()?).await).await
    }

    /// Renames an option.
    async fn option_update(
        &self,
        ctx: &Context<'_>,
        input: OptionUpdateInput,
    ) -> Result<OptionUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(option::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts an option away: it stays where it is used and can no longer be chosen.
    async fn option_archive(
        &self,
        ctx: &Context<'_>,
        input: OptionArchiveInput,
    ) -> Result<OptionArchivePayload> {
        write(ctx, async |tx| option::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an option back into its place.
    async fn option_restore(
        &self,
        ctx: &Context<'_>,
        input: OptionRestoreInput,
    ) -> Result<OptionRestorePayload> {
        write(ctx, async |tx| option::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// An option set to be added.
#[derive(InputObject)]
pub(super) struct OptionSetCreateInput {
    /// What imports know the set by: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
}

impl From<OptionSetCreateInput> for NewOptionSet {
    fn from(input: OptionSetCreateInput) -> Self {
        let OptionSetCreateInput { key, name } = input;
        Self { key, name }
    }
}

/// Changes of an option set; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct OptionSetUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
}

impl OptionSetUpdateInput {
    fn read(self, reading: &mut Reading) -> OptionSetPatch {
        let OptionSetUpdateInput { id: _, expected_version, name } = self;
        let name = reading.kept("name", name);
        OptionSetPatch { expected_version, name }
    }
}

/// An order of the options of a set.
#[derive(InputObject)]
pub(super) struct OptionSetReorderInput {
    /// The set.
    set_id: ID,
    /// Options of the set in the order in which they are to stand; those that are not named follow
    /// in the order in which they stood.
    option_ids: Vec<ID>,
}

/// An option to be added.
#[derive(InputObject)]
pub(super) struct OptionCreateInput {
    /// The set that it is added to.
    set_id: ID,
    /// What imports know the option by: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique in the set.
    key: String,
    /// What people read: 1 to 200 characters.
    label: String,
}

impl TryFrom<OptionCreateInput> for NewOption {
    type Error = jornada_domain::Error;

    fn try_from(input: OptionCreateInput) -> Result<Self> {
        let OptionCreateInput { set_id, key, label } = input;
        Ok(Self { set_id: id::parse("setId", &set_id)?, key, label })
    }
}

/// Changes of an option; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct OptionUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people read: 1 to 200 characters.
    label: MaybeUndefined<String>,
}

impl OptionUpdateInput {
    fn read(self, reading: &mut Reading) -> OptionPatch {
        let OptionUpdateInput { id: _, expected_version, label } = self;
        let label = reading.kept("label", label);
        OptionPatch { expected_version, label }
    }
}

/// An option to be put away.
#[derive(InputObject)]
pub(super) struct OptionArchiveInput {
    id: ID,
}

/// An option to be taken back.
#[derive(InputObject)]
pub(super) struct OptionRestoreInput {
    id: ID,
}

payload! {
    /// What came of adding an option set.
    OptionSetCreatePayload {
        /// The set.
        option_set: OptionSet,
    }
}

payload! {
    /// What came of renaming an option set.
    OptionSetUpdatePayload {
        /// The set as it is now.
        option_set: OptionSet,
    }
}

payload! {
    /// What came of putting options in order.
    OptionSetReorderPayload {
        /// The set as it is now.
        option_set: OptionSet,
    }
}

payload! {
    /// What came of adding an option.
    OptionCreatePayload {
        /// The option.
        option: Choice,
    }
}

payload! {
    /// What came of renaming an option.
    OptionUpdatePayload {
        /// The option as it is now.
        option: Choice,
    }
}

payload! {
    /// What came of putting an option away.
    OptionArchivePayload {
        /// The option as it is now.
        option: Choice,
    }
}

payload! {
    /// What came of taking an option back.
    OptionRestorePayload {
        /// The option as it is now.
        option: Choice,
    }
}
