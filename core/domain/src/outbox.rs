//! What a transaction leaves behind beside its rows: events, audit entries and jobs, and who was
//! erased in it.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::error::Result;
use crate::id::{ContactId, EventId, WorkspaceId};
use crate::{audit, event, job};

/// Rows of one statement: SQLite binds at most 32,766 values, and no table here has 30 columns.
const CHUNK_ROWS: usize = 1000;

/// That a contact was erased. The edge keeps these outside of the database, so that a backup which
/// is restored brings nobody back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Whose contact it was.
    pub workspace_id: WorkspaceId,
    /// Who was erased.
    pub contact_id: ContactId,
    /// By the clock of the workspace.
    pub erased_at: DateTime<Utc>,
}

/// Collected while a verb runs, written when the edge commits.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) events: Vec<event::Model>,
    pub(crate) audit: Vec<audit::Model>,
    pub(crate) jobs: Vec<job::Model>,
    /// Whether jobs that waited are due sooner.
    pub(crate) is_hastened: bool,
    pub(crate) erasures: Vec<Erasure>,
}

impl Outbox {
    /// Writes everything; says whether there are jobs that the worker does not know of. Those
    /// enqueued follow from what was told first, or where nothing was told, from what the
    /// transaction itself follows from.
    pub(crate) async fn flush(mut self, cx: &Cx<'_>, cause: Option<EventId>) -> Result<bool> {
        let has_jobs = self.is_hastened || !self.jobs.is_empty();
        let cause = self.events.first().map(|event| event.id).or(cause);
        self.jobs.iter_mut().for_each(|job| job.cause_id = cause);
        write::<event::ActiveModel, _>(&cx.db, self.events, None).await?;
        write::<audit::ActiveModel, _>(&cx.db, self.audit, None).await?;
        // A job with the unique key of a waiting job is already there.
        let ignore = OnConflict::new().do_nothing().to_owned();
        write::<job::ActiveModel, _>(&cx.db, self.jobs, Some(ignore)).await?;
        Ok(has_jobs)
    }
}

async fn write<A, C>(db: &C, rows: Vec<ModelOf<A>>, conflict: Option<OnConflict>) -> Result<()>
where
    A: ActiveModelTrait + Send,
    ModelOf<A>: IntoActiveModel<A>,
    C: ConnectionTrait,
{
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(CHUNK_ROWS).collect();
        let insert = A::Entity::insert_many(chunk);
        match &conflict {
            None => insert.exec_without_returning(db).await?,
            Some(rule) => insert.on_conflict(rule.clone()).exec_without_returning(db).await?,
        };
    }
    Ok(())
}

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;
