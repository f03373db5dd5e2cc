//! Jobs: work that left a transaction.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{EventId, JobId};
use jornada_domain::job;

use super::connection::{Connection, Paging};
use super::event::Event;
use super::filter::WordFilter;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::request::{Answer, list, payload, read, write};
use super::word::words;

/// Work to be done outside of the transaction that asked for it, at least once.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Job {
    pub id: GlobalId<JobId>,
    /// What kind of work it is.
    kind: String,
    /// Where it is.
    state: JobState,
    /// When it is due, by the real clock, also in a sandbox.
    run_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    attempt: i32,
    /// After how many attempts it is dead.
    max_attempts: i32,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// When it was asked for, by the clock of the workspace.
    created_at: DateTime<Utc>,
    /// When it was done or given up, by the real clock.
    finished_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    cause_id: Option<EventId>,
}

#[ComplexObject]
impl Job {
    /// The event that it follows from.
    async fn cause(&self, ctx: &Context<'_>) -> Answer<Event> {
        one(ctx, self.cause_id).await
    }
}

impl From<job::Model> for Job {
    fn from(row: job::Model) -> Self {
        let job::Model {
            workspace_id: _,
            id,
            kind,
            queue: _,
            priority: _,
            state,
            run_at_ms,
            attempt,
            max_attempts,
            lease_until_ms: _,
            lease_token: _,
            unique_key: _,
            payload: _,
            last_error,
            cause_id,
            created_at,
            finished_at,
        } = row;
        Self {
            id: GlobalId(id),
            kind,
            state: state.into(),
            run_at: DateTime::from_timestamp_millis(run_at_ms),
            attempt,
            max_attempts,
            last_error,
            created_at,
            finished_at,
            cause_id,
        }
    }
}

load_by_id!(JobId => job::Model, job::many);

words! {
    /// Where a job is.
    JobState = "job::State" {
        /// Waits for its time and a worker.
        Ready,
        /// A worker holds it.
        Running,
        /// Done.
        Done,
        /// Failed for good; it can be replayed.
        Dead,
        /// Called off.
        Cancelled,
    }
}

#[derive(Default)]
pub(super) struct JobQuery;

#[Object]
impl JobQuery {
    /// One job.
    async fn job(&self, ctx: &Context<'_>, id: ID) -> Answer<Job> {
        read(ctx, async |cx| job::find(cx, id::parse("id", &id)?).await).await
    }

    /// The jobs of the workspace, newest first.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        filter: Option<JobFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Job>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let state = filter.and_then(|filter| filter.state);
            let states = state.map(|state| state.words("filter.state")).transpose()?.flatten();
            job::list(cx, states, page).await
        })
        .await
    }
}

/// What narrows a list of jobs.
#[derive(InputObject)]
pub(super) struct JobFilter {
    /// Where the job is.
    state: Option<WordFilter<JobState>>,
}

#[derive(Default)]
pub(super) struct JobMutation;

#[Object]
impl JobMutation {
    /// Gives a dead job its attempts back. A job that is not dead stays as it is.
    async fn job_replay(
        &self,
        ctx: &Context<'_>,
        input: JobReplayInput,
    ) -> Result<JobReplayPayload> {
        write(ctx, async |tx| job::replay(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A job to be tried again.
#[derive(InputObject)]
pub(super) struct JobReplayInput {
    id: ID,
}

payload! {
    /// What came of replaying a job.
    JobReplayPayload {
        /// The job as it is now.
        job: Job,
    }
}
