//! Events: immutable facts, written in the transaction that made them true.
//!
//! An event holds ids and the names of changed fields, never contact data. The order of commits
//! is given by the relay as `sequence`; `id` is only creation order.

use crate::auth::{ActorKind, Origin};
use crate::filter::TextFilter;
use crate::prelude::*;

/// One fact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// `account.created`: the noun and what happened to it.
    #[sea_orm(column_name = "type")]
    pub event_type: String,
    /// The version of the shape of events of this type.
    pub schema_version: i32,
    /// The place in the order of commits, once the relay has given it.
    pub sequence: Option<i64>,
    pub subject_kind: String,
    pub subject_id: Uuid,
    /// The version of the subject after the change.
    pub subject_version: i64,
    /// The account that the subject belongs to.
    pub account_id: Option<AccountId>,
    /// The names of the changed columns, as a JSON array.
    #[sea_orm(column_type = "JsonBinary")]
    pub changed: Json,
    pub actor_kind: ActorKind,
    pub actor_id: Option<UserId>,
    pub origin: Origin,
    /// The event that this one follows from.
    pub cause_id: Option<EventId>,
    /// When it happened: before it was written, where a day of the past was said. The audit entry
    /// tells when that was.
    pub occurred_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What happened to a noun; `task` and `Completed` make `task.completed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter)]
pub enum Fact {
    Created,
    Updated,
    Archived,
    Restored,
    Deleted,
    /// A task was opened, or a visit began.
    Opened,
    /// A task cannot be done for now.
    Blocked,
    /// A task was done.
    Completed,
    /// A task was skipped.
    Skipped,
    /// A finished task was opened again.
    Reopened,
    /// A task or journey was called off.
    Cancelled,
    /// The holder of a task changed.
    Reassigned,
    /// The due date of a task was moved by a person.
    Rescheduled,
    /// A visit ended.
    Ended,
    /// A journey began.
    Started,
    /// A journey waits for a date or a value.
    Waiting,
    /// A waiting or held journey, or a paused or lost account, goes on.
    Resumed,
    /// The loop guard stopped a journey.
    Held,
    /// A person moved a journey.
    Moved,
    /// A journey changed to another version of its template.
    Migrated,
    /// An account that tried the product became a customer.
    Activated,
    /// An account stands still for a while.
    Paused,
    /// An account is lost.
    Churned,
    /// A draft became the version that new journeys follow.
    Published,
    /// A version is no longer used for new journeys.
    Retired,
    /// A token was revoked.
    Revoked,
    /// A user was deactivated.
    Deactivated,
    /// Values of a metric were recorded.
    Recorded,
    /// A dead job was given its attempts back.
    Replayed,
    /// What was kept long enough was deleted or blanked.
    Pruned,
    /// A handoff was accepted.
    Accepted,
    /// What somebody agreed with was done.
    Applied,
    /// A handoff was declined.
    Declined,
    /// It was decided what becomes of a deferred item.
    Decided,
    /// A milestone was reached.
    Reached,
    /// A goal was achieved.
    Achieved,
    /// A goal was given up, or a risk or an opportunity came to its end.
    Closed,
    /// A version of a health model is computed beside the active one, or a plugin waits for
    /// consent.
    Proposed,
    /// A version of a plugin runs from now on.
    Installed,
    /// What ran before runs again.
    RolledBack,
    /// A plugin is called again.
    Enabled,
    /// A plugin is no longer called.
    Disabled,
    /// A candidate was given up.
    Discarded,
    /// The band of the health of an account is another one.
    HealthChanged,
    /// All that is kept of a person was given out.
    Exported,
    /// What was kept of a person was erased.
    Erased,
}

impl Fact {
    /// The word of the fact in an event type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fact::Created => "created",
            Fact::Updated => "updated",
            Fact::Archived => "archived",
            Fact::Restored => "restored",
            Fact::Deleted => "deleted",
            Fact::Opened => "opened",
            Fact::Blocked => "blocked",
            Fact::Completed => "completed",
            Fact::Skipped => "skipped",
            Fact::Reopened => "reopened",
            Fact::Cancelled => "cancelled",
            Fact::Reassigned => "reassigned",
            Fact::Rescheduled => "rescheduled",
            Fact::Ended => "ended",
            Fact::Started => "started",
            Fact::Waiting => "waiting",
            Fact::Resumed => "resumed",
            Fact::Held => "held",
            Fact::Moved => "moved",
            Fact::Migrated => "migrated",
            Fact::Activated => "activated",
            Fact::Paused => "paused",
            Fact::Churned => "churned",
            Fact::Published => "published",
            Fact::Retired => "retired",
            Fact::Revoked => "revoked",
            Fact::Deactivated => "deactivated",
            Fact::Recorded => "recorded",
            Fact::Replayed => "replayed",
            Fact::Pruned => "pruned",
            Fact::Accepted => "accepted",
            Fact::Applied => "applied",
            Fact::Declined => "declined",
            Fact::Decided => "decided",
            Fact::Reached => "reached",
            Fact::Achieved => "achieved",
            Fact::Closed => "closed",
            Fact::Proposed => "proposed",
            Fact::Installed => "installed",
            Fact::RolledBack => "rolled_back",
            Fact::Enabled => "enabled",
            Fact::Disabled => "disabled",
            Fact::Discarded => "discarded",
            Fact::HealthChanged => "health_changed",
            Fact::Exported => "exported",
            Fact::Erased => "erased",
        }
    }
}

/// What narrows a list of events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The type, as `task.completed`.
    pub event_type: Option<TextFilter>,
    /// Only events about this record.
    pub subject: Option<(Kind, Uuid)>,
    /// Only events of this account.
    pub account_id: Option<AccountId>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Events, oldest first.
pub async fn list(cx: &Cx<'_>, filter: EventFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Events, Access::Read)?;
    let mut select = visible(cx);
    if let Some(event_type) = filter.event_type {
        select = select.filter(event_type.condition(Column::EventType));
    }
    if let Some((kind, id)) = filter.subject {
        select = select.filter(Column::SubjectKind.eq(kind.as_str()));
        select = select.filter(Column::SubjectId.eq(id));
    }
    if let Some(account_id) = filter.account_id {
        select = select.filter(Column::AccountId.eq(account_id));
    }
    page(cx, select, &[Order::asc(Column::Id)], args).await
}

/// One event.
pub async fn find(cx: &Cx<'_>, id: EventId) -> Result<Model> {
    let row = many(cx, &[id]).await?.pop();
    row.ok_or_else(|| Error::not_found("id", Kind::Event))
}

/// The events of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[EventId]) -> Result<Vec<Model>> {
    cx.require(Area::Events, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}
