//! Audit entries: who changed what, from what to what, and why.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::audit;
use jornada_domain::id::{AuditEntryId, EventId, UserId};
use serde_json::Value as Json;

use super::connection::{Connection, Paging};
use super::event::{ActorKind, Event, Subject, field_name};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::request::{Answer, list};
use super::user::User;

/// One change of one record.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct AuditEntry {
    pub id: GlobalId<AuditEntryId>,
    /// The noun and what happened to it: `task.completed`.
    action: String,
    #[graphql(flatten)]
    subject: Subject,
    /// Who did it.
    actor_kind: ActorKind,
    /// What the person gave as the reason.
    reason: Option<String>,
    /// By the name of the field, `{"before": …, "after": …}`, or `{"personal": true}` where the
    /// values are personal data.
    changes: Json,
    /// When it was done, by the clock of the workspace.
    recorded_at: DateTime<Utc>,
    #[graphql(skip)]
    event_id: EventId,
    #[graphql(skip)]
    actor_id: Option<UserId>,
}

#[ComplexObject]
impl AuditEntry {
    /// The person who did it, where it was one.
    async fn actor(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.actor_id).await
    }

    /// The event that told it.
    async fn event(&self, ctx: &Context<'_>) -> Answer<Event> {
        one(ctx, Some(self.event_id)).await
    }
}

impl From<audit::Model> for AuditEntry {
    fn from(row: audit::Model) -> Self {
        let audit::Model {
            workspace_id: _,
            id,
            event_id,
            action,
            subject_kind,
            subject_id,
            actor_kind,
            actor_id,
            reason,
            changes,
            recorded_at,
        } = row;
        Self {
            id: GlobalId(id),
            action,
            subject: Subject::new(&subject_kind, subject_id),
            actor_kind: actor_kind.into(),
            reason,
            changes: by_field(changes),
            recorded_at,
            event_id,
            actor_id,
        }
    }
}

fn by_field(changes: Json) -> Json {
    match changes {
        Json::Object(columns) => {
            columns.into_iter().map(|(column, change)| (field_name(&column), change)).collect()
        }
        other => other,
    }
}

load_by_id!(AuditEntryId => audit::Model, audit::many);

#[derive(Default)]
pub(super) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who changed what, newest first.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only changes of this record.")] subject_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<AuditEntry>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| {
            let subject = subject_id.as_ref().map(|id| id::any("subjectId", id)).transpose()?;
            audit::list(cx, subject, page).await
        })
        .await
    }
}
