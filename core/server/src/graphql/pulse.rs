//! Pulses: what people make of accounts.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, PulseId, UserId};
use jornada_domain::plans::pulse::{self, NewPulse, PulseFilter, PulsePatch, Scores};

use super::account::Account;
use super::connection::{Connection, Paging};
use super::filter::{DateTimeFilter, IdFilter};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::user::User;

/// What a person made of an account on a day, apart from anything measured. Scores are from 1, bad,
/// to 5, very good; at least one of them is there.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Pulse {
    pub id: GlobalId<PulseId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    author_id: Option<UserId>,
    /// The mood of those we meet, 1 to 5.
    emotion: Option<i32>,
    /// How content they are with what they get, 1 to 5.
    satisfaction: Option<i32>,
    /// How far they trust us, 1 to 5.
    trust: Option<i32>,
    /// What stands behind it.
    note: Option<String>,
    /// When it was felt.
    felt_at: DateTime<Utc>,
}

#[ComplexObject]
impl Pulse {
    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Whose judgement it is.
    async fn author(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.author_id).await
    }
}

impl From<pulse::Model> for Pulse {
    fn from(row: pulse::Model) -> Self {
        let pulse::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            author_id,
            emotion,
            satisfaction,
            trust,
            note,
            felt_at,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            account_id,
            author_id,
            emotion,
            satisfaction,
            trust,
            note,
            felt_at,
        }
    }
}

load_by_id!(PulseId => pulse::Model, pulse::many);

/// What narrows a list of pulses.
#[derive(InputObject)]
#[graphql(name = "PulseFilter")]
pub(super) struct PulseFilterInput {
    /// Whose judgement it is.
    author_id: Option<IdFilter>,
    /// When it was felt.
    felt_at: Option<DateTimeFilter>,
}

impl TryFrom<PulseFilterInput> for PulseFilter {
    type Error = Error;

    fn try_from(input: PulseFilterInput) -> Result<Self> {
        let PulseFilterInput { author_id, felt_at } = input;
        let author_ids = author_id.map(|ids| ids.ids("filter.authorId")).transpose()?.flatten();
        Ok(Self { author_ids, felt_at: felt_at.map(Into::into) })
    }
}

#[derive(Default)]
pub(super) struct PulseQuery;

#[Object]
impl PulseQuery {
    /// One pulse, also one that was put away.
    async fn pulse(&self, ctx: &Context<'_>, id: ID) -> Answer<Pulse> {
        read(ctx, async |cx| pulse::find(cx, id::parse("id", &id)?).await).await
    }

    /// The pulses of the workspace, newest first, without those that were put away.
    async fn pulses(
        &self,
        ctx: &Context<'_>,
        filter: Option<PulseFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Pulse>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(PulseFilter::try_from).transpose()?.unwrap_or_default();
            pulse::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct PulseMutation;

#[Object]
impl PulseMutation {
    /// Records what you make of an account.
    async fn pulse_record(
        &self,
        ctx: &Context<'_>,
        input: PulseRecordInput,
    ) -> Result<PulseRecordPayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(pulse::record(tx, new).await)
        })
        .await
    }

    /// Corrects a pulse. Its account and its author stay.
    async fn pulse_update(
        &self,
        ctx: &Context<'_>,
        input: PulseUpdateInput,
    ) -> Result<PulseUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(pulse::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a pulse away: it no longer shows, and is no longer the last one.
    async fn pulse_archive(
        &self,
        ctx: &Context<'_>,
        input: PulseArchiveInput,
    ) -> Result<PulseArchivePayload> {
        write(ctx, async |tx| pulse::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A pulse to be recorded: at least one of the scores.
#[derive(InputObject)]
pub(super) struct PulseRecordInput {
    /// The customer.
    account_id: ID,
    /// The mood of those we meet, 1 to 5.
    emotion: Option<i32>,
    /// How content they are with what they get, 1 to 5.
    satisfaction: Option<i32>,
    /// How far they trust us, 1 to 5.
    trust: Option<i32>,
    /// What stands behind it: up to 4,000 characters.
    note: Option<String>,
    /// When it was felt, not in the future; now unless said.
    felt_at: Option<DateTime<Utc>>,
}

impl PulseRecordInput {
    fn read(self, reading: &mut Reading) -> NewPulse {
        let Self { account_id, emotion, satisfaction, trust, note, felt_at } = self;
        NewPulse {
            account_id: reading.id("accountId", &account_id),
            scores: Scores { emotion, satisfaction, trust },
            note,
            felt_at,
        }
    }
}

/// A correction of a pulse; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct PulseUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// The mood of those we meet, 1 to 5.
    emotion: MaybeUndefined<i32>,
    /// How content they are with what they get, 1 to 5.
    satisfaction: MaybeUndefined<i32>,
    /// How far they trust us, 1 to 5.
    trust: MaybeUndefined<i32>,
    /// What stands behind it: up to 4,000 characters.
    note: MaybeUndefined<String>,
    /// When it was felt, not in the future.
    felt_at: MaybeUndefined<DateTime<Utc>>,
}

impl PulseUpdateInput {
    fn read(self, reading: &mut Reading) -> PulsePatch {
        PulsePatch {
            expected_version: self.expected_version,
            emotion: self.emotion.into(),
            satisfaction: self.satisfaction.into(),
            trust: self.trust.into(),
            note: self.note.into(),
            felt_at: reading.kept("feltAt", self.felt_at),
        }
    }
}

/// A pulse to be put away.
#[derive(InputObject)]
pub(super) struct PulseArchiveInput {
    id: ID,
}

payload! {
    /// What came of recording a pulse.
    PulseRecordPayload {
        /// The pulse.
        pulse: Pulse,
    }
}

payload! {
    /// What came of correcting a pulse.
    PulseUpdatePayload {
        /// The pulse as it is now.
        pulse: Pulse,
    }
}

payload! {
    /// What came of putting a pulse away.
    PulseArchivePayload {
        /// The pulse as it is now.
        pulse: Pulse,
    }
}
