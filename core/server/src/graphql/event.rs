//! Events: what happened.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::event::{self, EventFilter};
use jornada_domain::id::{AccountId, EventId, Kind, UserId};
use uuid::Uuid;

use super::connection::{Connection, Paging};
use super::filter::StringFilter;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::node::{self, Node};
use super::request::{Answer, list, read};
use super::scalar::Long;
use super::user::User;
use super::word::words;

/// An immutable fact. It holds ids and the names of what changed, never contact data.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Event {
    pub id: GlobalId<EventId>,
    /// The noun and what happened to it: `task.completed`.
    #[graphql(name = "type")]
    event_type: String,
    /// The version of the shape of events of this type.
    schema_version: i32,
    /// The place in the order of commits; null until it has been given one.
    sequence: Option<Long>,
    #[graphql(flatten)]
    subject: Subject,
    /// The version of the record after the change.
    subject_version: i64,
    /// The id of the account that the record belongs to.
    account_id: Option<GlobalId<AccountId>>,
    /// The names of the fields that changed.
    changed: Vec<String>,
    /// Who did it.
    actor_kind: ActorKind,
    #[graphql(skip)]
    actor_id: Option<UserId>,
    /// By which way the change came in.
    origin: Origin,
    #[graphql(skip)]
    cause_id: Option<EventId>,
    /// When it happened, by the clock of the workspace: before it was recorded, where a day of the
    /// past was said, as `churnedOn`. Events are in the order in which they were recorded.
    occurred_at: DateTime<Utc>,
}

#[ComplexObject]
impl Event {
    /// The person who did it, where it was one.
    async fn actor(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.actor_id).await
    }

    /// The event that this one follows from.
    async fn cause(&self, ctx: &Context<'_>) -> Answer<Event> {
        one(ctx, self.cause_id).await
    }
}

impl From<event::Model> for Event {
    fn from(row: event::Model) -> Self {
        let event::Model {
            workspace_id: _,
            id,
            event_type,
            schema_version,
            sequence,
            subject_kind,
            subject_id,
            subject_version,
            account_id,
            changed,
            actor_kind,
            actor_id,
            origin,
            cause_id,
            occurred_at,
        } = row;
        let columns = changed.as_array().map_or(&[][..], Vec::as_slice).iter();
        Self {
            id: GlobalId(id),
            event_type,
            schema_version,
            sequence: sequence.map(Long),
            subject: Subject::new(&subject_kind, subject_id),
            subject_version,
            account_id: account_id.map(GlobalId),
            changed: columns.filter_map(|name| name.as_str()).map(field_name).collect(),
            actor_kind: actor_kind.into(),
            actor_id,
            origin: origin.into(),
            cause_id,
            occurred_at,
        }
    }
}

load_by_id!(EventId => event::Model, event::many);

/// What an event or an audit entry is about.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Subject {
    /// The type of the record, as in `__typename`.
    subject_type: String,
    /// The id of the record, which may be gone.
    subject_id: ID,
    #[graphql(skip)]
    key: Option<(Kind, Uuid)>,
}

#[ComplexObject]
impl Subject {
    /// The record itself; null when it is gone.
    async fn subject(&self, ctx: &Context<'_>) -> Answer<Node> {
        let (kind, id) = self.key?;
        node::find(ctx, kind, id).await.transpose()
    }
}

impl Subject {
    /// The record of a kind, by the word that stands in the database.
    pub(super) fn new(word: &str, subject_id: Uuid) -> Self {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.as_str() == word);
        let subject_type = kind.map_or(word, |kind| kind.type_name());
        Self {
            subject_type: subject_type.to_owned(),
            subject_id: id::encode(subject_type, subject_id),
            key: kind.map(|kind| (kind, subject_id)),
        }
    }
}

/// A column as the API names it: `on_date` as `onDate`.
pub(super) fn field_name(column: &str) -> String {
    let mut words = column.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        name + &letters
            .next()
            .map(|c| c.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect::<String>()
    })
}

words! {
    /// Who does things.
    ActorKind = "jornada_domain::auth::ActorKind" {
        /// A person, through a token.
        User,
        /// The worker: what time does.
        Worker,
        /// The operator of the installation, on the command line.
        Setup,
    }
}

words! {
    /// By which way a change comes in.
    Origin = "jornada_domain::auth::Origin" {
        /// This API.
        Api,
        /// A file.
        Import,
        /// Facts of the past, which set nothing off.
        Backfill,
        /// A job.
        Worker,
        /// The command line.
        Cli,
    }
}

#[derive(Default)]
pub(super) struct EventQuery;

#[Object]
impl EventQuery {
    /// One event.
    async fn event(&self, ctx: &Context<'_>, id: ID) -> Answer<Event> {
        read(ctx, async |cx| event::find(cx, id::parse("id", &id)?).await).await
    }

    /// What happened in the workspace, oldest first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        filter: Option<EventFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Event>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(EventFilter::try_from).transpose()?.unwrap_or_default();
            event::list(cx, filter, page).await
        })
        .await
    }
}

/// What narrows a list of events.
#[derive(InputObject)]
#[graphql(name = "EventFilter")]
pub(super) struct EventFilterInput {
    /// The noun and what happened to it: `task.completed`.
    #[graphql(name = "type")]
    event_type: Option<StringFilter>,
    /// Only events about this record.
    subject_id: Option<ID>,
    /// Only events of this account.
    account_id: Option<ID>,
}

impl TryFrom<EventFilterInput> for EventFilter {
    type Error = jornada_domain::Error;

    fn try_from(input: EventFilterInput) -> Result<Self> {
        let EventFilterInput { event_type, subject_id, account_id } = input;
        Ok(Self {
            event_type: event_type.map(|filter| filter.text("filter.type")).transpose()?,
            subject: subject_id.map(|id| id::any("filter.subjectId", &id)).transpose()?,
            account_id: id::parse_some("filter.accountId", account_id.as_ref())?,
        })
    }
}
