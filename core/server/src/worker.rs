//! The worker: does what time does, and what transactions left to be done.
//!
//! A job is claimed under a lease; its effects and its completion are one transaction, so that
//! they happen exactly once, also when a worker dies or sleeps through its lease.

mod handlers;
pub(crate) mod health;
mod prepare;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::TimeDelta;
use futures_util::FutureExt;
use jornada_domain::auth::Actor;
use jornada_domain::id::WorkspaceId;
use jornada_domain::job::{self, Claim};
use jornada_domain::{Result, Tx, workspace};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::app::App;

pub use handlers::Handlers;

/// How long a claimed job stays with its worker.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Jobs of one claim.
const BATCH: usize = 32;

/// How long the worker sleeps at most: a lease that ran out elsewhere wakes nobody.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// How long it sleeps at least, so that a due job that another worker holds does not keep it busy.
const SHORTEST_NAP: Duration = Duration::from_millis(50);

/// Runs jobs, at most `concurrency` at a time, until `stop`; then lets the running ones finish.
pub async fn run(app: Arc<App>, concurrency: usize, stop: CancellationToken) {
    let mut running = JoinSet::new();
    while !stop.is_cancelled() {
        while running.try_join_next().is_some() {}
        // No more than can run at once: a lease must not be spent waiting.
        let free = BATCH.min(concurrency - running.len());
        let (jobs, nap) = claim_or_nap(&app, free).await;
        if jobs.is_empty() {
            tokio::select! {
                () = stop.cancelled() => {}
                Some(_) = running.join_next() => {}
                () = app.wake.notified(), if free > 0 => {}
                () = tokio::time::sleep(nap), if free > 0 => {}
            }
        }
        for job in jobs {
            let app = app.clone();
            running.spawn(async move { run_job(&app, &job).await });
        }
    }
    while running.join_next().await.is_some() {}
}

/// Runs everything that is due now, one after the other; says how much it was.
pub async fn run_due(app: &App) -> Result<usize> {
    Ok(run_due_of(app, None, usize::MAX).await?.done)
}

/// What came of running what was due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// How many jobs were run.
    pub done: usize,
    /// How many of them failed; they are put back with their backoff.
    pub failed: usize,
}

/// Runs everything of a workspace, or of all, that is due now and that becomes due by it, one after
/// the other, until `most` are done; somewhat more may be, since jobs are claimed in batches.
pub async fn run_due_of(app: &App, of: Option<WorkspaceId>, most: usize) -> Result<Ran> {
    let mut ran = Ran::default();
    while ran.done < most {
        let jobs = claim(app, of, BATCH).await?;
        if jobs.is_empty() {
            break;
        }
        ran.done += jobs.len();
        for job in jobs {
            ran.failed += usize::from(!run_job(app, &job).await);
        }
    }
    Ok(ran)
}

async fn claim(app: &App, of: Option<WorkspaceId>, limit: usize) -> Result<Vec<job::Model>> {
    let (now, limit) = (app.clock.now(), limit as u64);
    let token = app.ids.next(now);
    let claim = Claim { token, now, lease: LEASE, limit, workspace_id: of };
    job::claim(app.db.write(), claim).await
}

/// Jobs to run, or else how long to wait for some.
async fn claim_or_nap(app: &App, limit: usize) -> (Vec<job::Model>, Duration) {
    if limit == 0 {
        return (Vec::new(), LONGEST_NAP);
    }
    let found = async {
        let jobs = claim(app, None, limit).await?;
        let due = if jobs.is_empty() { job::next_due(app.db.read()).await? } else { None };
        let wait = due.map(|at| (at - app.clock.now()).to_std().unwrap_or_default());
        Ok((jobs, wait.unwrap_or(LONGEST_NAP).clamp(SHORTEST_NAP, LONGEST_NAP)))
    };
    found.await.unwrap_or_else(|error: jornada_domain::Error| {
        tracing::error!(%error, "jobs could not be claimed");
        (Vec::new(), LONGEST_NAP)
    })
}

/// Runs one job, and puts it back when it fails; says whether it was done.
async fn run_job(app: &App, job: &job::Model) -> bool {
    let span = tracing::info_span!("job", id = %job.id, kind = job.kind, attempt = job.attempt);
    let attempt = AssertUnwindSafe(attempt(app, job)).catch_unwind().instrument(span.clone());
    let result = attempt.await.unwrap_or_else(|_| Err(anyhow!("the handler panicked")));
    let Err(error) = result else { return true };
    span.in_scope(|| tracing::warn!("failed: {error:#}"));
    let reason = format!("{error:#}");
    if let Err(error) = job::fail(app.db.write(), job, &reason, app.clock.now()).await {
        // Its lease runs out, and then another attempt is made.
        span.in_scope(|| tracing::error!(%error, "could not be put back"));
    }
    false
}

async fn attempt(app: &App, job: &job::Model) -> anyhow::Result<()> {
    if job.attempt > job.max_attempts {
        return Err(anyhow!("no attempt came to an end: the workers died or were too slow"));
    }
    let workspace = workspace::by_id(app.db.read(), job.workspace_id).await?;
    let workspace = workspace.context("the workspace does not exist")?;
    let actor = Actor::worker(workspace.id, workspace.clock_offset());
    if let Some(done) = health::attempt(app, &actor, job).await {
        return done;
    }
    if let Some(done) = prepare::attempt(app, &actor, job).await {
        return done;
    }
    let tx = app.begin(&actor).await?.caused_by(job.cause_id);
    app.handlers.run(&tx, job).await?;
    complete(app, tx, job).await
}

/// Completes a job in the transaction of its effects, and commits it.
async fn complete(app: &App, tx: Tx<'_>, job: &job::Model) -> anyhow::Result<()> {
    if job::complete(&tx.db, job, app.clock.now()).await? {
        app.commit(tx).await?;
        tracing::debug!("done");
    } else {
        tracing::warn!("the lease was lost; another worker has the job, and nothing was changed");
    }
    Ok(())
}
