//! The unit of work: what a read needs (`Cx`), and what a write needs (`Tx`).
//!
//! The signature of a verb tells whether it writes. A `Tx` collects events, audit entries and
//! jobs and writes them in the same transaction, each in one statement, when the edge commits;
//! dropping it rolls everything back.

use std::ops::Deref;
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use sea_orm::{DatabaseConnection, DatabaseExecutor, DatabaseTransaction};

use crate::audit;
use crate::auth::{Access, Actor, Area};
use crate::calendar::Calendar;
use crate::error::Result;
use crate::id::{EventId, Ids, TypedId, WorkspaceId};
use crate::outbox::Outbox;
use crate::workspace;

pub use crate::outbox::Erasure;

/// What every read needs: where to query, who asks, what time it is.
pub struct Cx<'c> {
    /// Where to query.
    pub db: DatabaseExecutor<'c>,
    /// Who asks.
    pub actor: &'c Actor,
    /// The time of the workspace, in whole microseconds: what both databases can keep.
    pub now: DateTime<Utc>,
    ids: &'c dyn Ids,
    calendar: OnceLock<Calendar>,
}

impl<'c> Cx<'c> {
    /// A context for reading.
    pub fn new(
        db: &'c DatabaseConnection,
        actor: &'c Actor,
        now: DateTime<Utc>,
        ids: &'c dyn Ids,
    ) -> Self {
        Self::over(db.into(), actor, now, ids)
    }

    fn over(
        db: DatabaseExecutor<'c>,
        actor: &'c Actor,
        now: DateTime<Utc>,
        ids: &'c dyn Ids,
    ) -> Self {
        Self { db, actor, now: now.trunc_subsecs(6), ids, calendar: OnceLock::new() }
    }

    /// The only workspace this context can see.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.actor.workspace_id
    }

    /// The first line of every verb.
    pub fn require(&self, area: Area, access: Access) -> Result<()> {
        self.actor.require(area, access)
    }

    /// The working calendar of the workspace, read once per context.
    pub async fn calendar(&self) -> Result<&Calendar> {
        if let Some(calendar) = self.calendar.get() {
            return Ok(calendar);
        }
        let calendar = workspace::read_calendar(self).await?;
        Ok(self.calendar.get_or_init(|| calendar))
    }

    /// Today, in the workspace's time zone.
    pub async fn today(&self) -> Result<NaiveDate> {
        Ok(self.calendar().await?.local_date(self.now))
    }

    /// The instant of something that is said to have happened on a day, not in the future: now for
    /// today, and the beginning of any earlier day.
    pub(crate) async fn instant_of(&self, day: NaiveDate) -> Result<DateTime<Utc>> {
        let calendar = self.calendar().await?;
        let is_today = day == calendar.local_date(self.now);
        Ok(if is_today { self.now } else { calendar.start_of(day) })
    }
}

/// A `Cx` inside a transaction. Writes take `&Tx`.
pub struct Tx<'c> {
    cx: Cx<'c>,
    /// The event that everything in here follows from, where one is known.
    pub(crate) cause: Option<EventId>,
    outbox: Mutex<Outbox>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Cx<'c>;

    fn deref(&self) -> &Cx<'c> {
        &self.cx
    }
}

impl<'c> Tx<'c> {
    /// A context for writing, over a transaction that the edge has begun.
    pub fn new(
        transaction: DatabaseTransaction,
        actor: &'c Actor,
        now: DateTime<Utc>,
        ids: &'c dyn Ids,
    ) -> Self {
        let db = DatabaseExecutor::OwnedTransaction(transaction);
        Self { cx: Cx::over(db, actor, now, ids), cause: None, outbox: Mutex::default() }
    }

    /// The same, following from an event: what is told in here names it as its cause.
    pub fn caused_by(self, cause: Option<EventId>) -> Self {
        Self { cause, ..self }
    }

    /// A new id.
    pub fn new_id<I: TypedId>(&self) -> I {
        self.cx.ids.next(self.cx.now).into()
    }

    /// The audit entries so far, without the first `from`: what a dry run would change.
    pub fn entries(&self, from: usize) -> Vec<audit::Model> {
        self.outbox(|outbox| outbox.audit.iter().skip(from).cloned().collect())
    }

    /// What will be written beside the rows.
    pub(crate) fn outbox<T>(&self, change: impl FnOnce(&mut Outbox) -> T) -> T {
        change(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes the outbox; what is left is to commit. Only the edge calls this.
    pub async fn finish(self) -> Result<Finished> {
        let mut outbox = self.outbox.into_inner().unwrap_or_else(PoisonError::into_inner);
        let erasures = std::mem::take(&mut outbox.erasures);
        let has_jobs = outbox.flush(&self.cx, self.cause).await?;
        let transaction = match self.cx.db {
            DatabaseExecutor::OwnedTransaction(transaction) => Some(transaction),
            _ => None,
        };
        Ok(Finished { transaction, has_jobs, erasures })
    }
}

/// A transaction in which everything is written. Dropping it rolls everything back.
pub struct Finished {
    transaction: Option<DatabaseTransaction>,
    has_jobs: bool,
    erasures: Vec<Erasure>,
}

impl Finished {
    /// Who is erased in it. The edge keeps that before it commits: what is kept of an erasure that
    /// then fails does no harm, and one that nothing was kept of would be undone by a backup.
    pub fn erasures(&self) -> &[Erasure] {
        &self.erasures
    }

    /// Commits. Returns whether jobs were enqueued or brought nearer, so that the edge can wake the
    /// worker.
    pub async fn commit(self) -> Result<bool> {
        if let Some(transaction) = self.transaction {
            transaction.commit().await?;
        }
        Ok(self.has_jobs)
    }
}
