//! Interactions.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, ContactId, InteractionId, TaskId, UserId};
use jornada_domain::interactions::{self, InteractionFilter, InteractionPatch, NewInteraction};

use super::account::Account;
use super::channel::Channel;
use super::connection::{Connection, Paging};
use super::contact::Contact;
use super::filter::{DateTimeFilter, IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::task::Task;
use super::user::User;
use super::word::words;

/// A contact with a customer: what was said and how it felt.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Interaction {
    pub id: GlobalId<InteractionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    task_id: Option<TaskId>,
    #[graphql(skip)]
    user_id: Option<UserId>,
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    /// How they met.
    channel: Channel,
    /// What it was about; empty where it was blanked, because the person was erased or it was kept
    /// long enough.
    subject: String,
    /// What was said.
    notes: Option<String>,
    /// How the customer felt; null when nobody said.
    pub sentiment: Option<Sentiment>,
    /// When it was.
    happened_at: DateTime<Utc>,
}

#[ComplexObject]
impl Interaction {
    /// The task that it completed.
    async fn task(&self, ctx: &Context<'_>) -> Answer<Task> {
        one(ctx, self.task_id).await
    }

    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who had it on our side.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.user_id).await
    }

    /// Who had it on theirs.
    async fn contact(&self, ctx: &Context<'_>) -> Answer<Contact> {
        one(ctx, self.contact_id).await
    }
}

impl From<interactions::Model> for Interaction {
    fn from(row: interactions::Model) -> Self {
        let interactions::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            task_id,
            user_id,
            contact_id,
            channel,
            subject,
            notes,
            sentiment,
            happened_at,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            account_id,
            task_id,
            user_id,
            contact_id,
            channel: channel.into(),
            subject,
            notes,
            sentiment: sentiment.map(Sentiment::from),
            happened_at,
        }
    }
}

load_by_id!(InteractionId => interactions::Model, interactions::many);

words! {
    /// How a customer felt.
    Sentiment = "interactions::Sentiment" {
        /// About to leave, or furious.
        VeryNegative,
        /// Unhappy.
        Negative,
        /// Neither happy nor unhappy.
        Neutral,
        /// Happy.
        Positive,
        /// Delighted.
        VeryPositive,
    }
}

/// What narrows a list of interactions.
#[derive(InputObject)]
#[graphql(name = "InteractionFilter")]
pub(super) struct InteractionFilterInput {
    /// How they met.
    channel: Option<WordFilter<Channel>>,
    /// How the customer felt.
    sentiment: Option<WordFilter<Sentiment>>,
    /// Who had it on our side.
    user_id: Option<IdFilter>,
    /// When it was.
    happened_at: Option<DateTimeFilter>,
}

impl TryFrom<InteractionFilterInput> for InteractionFilter {
    type Error = Error;

    fn try_from(input: InteractionFilterInput) -> Result<Self> {
        let InteractionFilterInput { channel, sentiment, user_id, happened_at } = input;
        let channels = channel.map(|words| words.words("filter.channel")).transpose()?;
        let sentiments = sentiment.map(|words| words.words("filter.sentiment")).transpose()?;
        let user_ids = user_id.map(|ids| ids.ids("filter.userId")).transpose()?;
        Ok(Self {
            channels: channels.flatten(),
            sentiments: sentiments.flatten(),
            user_ids: user_ids.flatten(),
            happened_at: happened_at.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(super) struct InteractionQuery;

#[Object]
impl InteractionQuery {
    /// One interaction, also one that was put away.
    async fn interaction(&self, ctx: &Context<'_>, id: ID) -> Answer<Interaction> {
        read(ctx, async |cx| interactions::find(cx, id::parse("id", &id)?).await).await
    }

    /// The interactions of the workspace, newest first, without those that were put away.
    async fn interactions(
        &self,
        ctx: &Context<'_>,
        filter: Option<InteractionFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Interaction>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(InteractionFilter::try_from).transpose()?.unwrap_or_default();
            interactions::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct InteractionMutation;

#[Object]
impl InteractionMutation {
    /// Records an interaction.
    async fn interaction_create(
        &self,
        ctx: &Context<'_>,
        input: InteractionCreateInput,
    ) -> Result<InteractionCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(interactions::create(tx, new).await)
        })
        .await
    }

    /// Changes an interaction. Its account and its task stay.
    async fn interaction_update(
        &self,
        ctx: &Context<'_>,
        input: InteractionUpdateInput,
    ) -> Result<InteractionUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(interactions::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts an interaction away: it no longer shows, and no longer counts as a touch.
    async fn interaction_archive(
        &self,
        ctx: &Context<'_>,
        input: InteractionArchiveInput,
    ) -> Result<InteractionArchivePayload> {
        write(ctx, async |tx| interactions::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// An interaction to be recorded.
#[derive(InputObject)]
pub(super) struct InteractionCreateInput {
    /// The customer.
    account_id: ID,
    /// The task, of the same account, that it belongs to.
    task_id: Option<ID>,
    /// Who had it on our side; whoever records it unless said.
    user_id: Option<ID>,
    /// Who had it on theirs: a contact of the account.
    contact_id: Option<ID>,
    /// How they met.
    channel: Channel,
    /// What it was about: 1 to 200 characters.
    subject: String,
    /// What was said: up to 20,000 characters.
    notes: Option<String>,
    /// How the customer felt.
    sentiment: Option<Sentiment>,
    /// When it was, not in the future; now unless said.
    happened_at: Option<DateTime<Utc>>,
}

impl InteractionCreateInput {
    fn read(self, reading: &mut Reading) -> NewInteraction {
        NewInteraction {
            account_id: reading.id("accountId", &self.account_id),
            task_id: reading.some("taskId", self.task_id.as_ref()),
            user_id: reading.some("userId", self.user_id.as_ref()),
            contact_id: reading.some("contactId", self.contact_id.as_ref()),
            channel: self.channel.into(),
            subject: self.subject,
            notes: self.notes,
            sentiment: self.sentiment.map(Into::into),
            happened_at: self.happened_at,
        }
    }
}

/// Changes of an interaction; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct InteractionUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// Who had it on our side.
    user_id: MaybeUndefined<ID>,
    /// Who had it on theirs: a contact of the account.
    contact_id: MaybeUndefined<ID>,
    /// How they met.
    channel: MaybeUndefined<Channel>,
    /// What it was about: 1 to 200 characters.
    subject: MaybeUndefined<String>,
    /// What was said: up to 20,000 characters.
    notes: MaybeUndefined<String>,
    /// How the customer felt.
    sentiment: MaybeUndefined<Sentiment>,
    /// When it was, not in the future.
    happened_at: MaybeUndefined<DateTime<Utc>>,
}

impl InteractionUpdateInput {
    fn read(self, reading: &mut Reading) -> InteractionPatch {
        InteractionPatch {
            expected_version: self.expected_version,
            user_id: reading.change("userId", self.user_id),
            contact_id: reading.change("contactId", self.contact_id),
            channel: reading.kept("channel", self.channel).map(Into::into),
            subject: reading.kept("subject", self.subject),
            notes: self.notes.into(),
            sentiment: self.sentiment.map_value(Into::into).into(),
            happened_at: reading.kept("happenedAt", self.happened_at),
        }
    }
}

/// An interaction to be put away.
#[derive(InputObject)]
pub(super) struct InteractionArchiveInput {
    id: ID,
}

payload! {
    /// What came of recording an interaction.
    InteractionCreatePayload {
        /// The interaction.
        interaction: Interaction,
    }
}

payload! {
    /// What came of changing an interaction.
    InteractionUpdatePayload {
        /// The interaction as it is now.
        interaction: Interaction,
    }
}

payload! {
    /// What came of putting an interaction away.
    InteractionArchivePayload {
        /// The interaction as it is now.
        interaction: Interaction,
    }
}
