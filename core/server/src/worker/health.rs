//! Computes scores: reads what is known of accounts, scores them without a transaction, and writes
//! what came of it in the transaction that completes the job.

use std::time::{Duration, Instant};

use anyhow::Context;
use jornada_domain::auth::Actor;
use jornada_domain::health::definition::Scorer;
use jornada_domain::health::recompute::{self, Batch, Outcome, Part, Rescore, RunBatch};
use jornada_domain::job::{self, Work};
use jornada_domain::plugins::invocation;
use jornada_domain::{Result, Tx};
use serde::de::DeserializeOwned;

use super::complete;
use crate::app::App;
use crate::plugin;
use crate::plugin::score::ScoredBy;

/// Does a job that computes scores; nothing, if it is another one.
pub(super) async fn attempt(
    app: &App,
    actor: &Actor,
    job: &job::Model,
) -> Option<anyhow::Result<()>> {
    let batches = match job.kind.as_str() {
        Rescore::KIND => some(app, actor, job).await,
        RunBatch::KIND => next(app, actor, job).await,
        _ => return None,
    };
    Some(match batches {
        Ok(batches) => put(app, actor, job, &batches).await,
        Err(error) => Err(error),
    })
}

async fn some(app: &App, actor: &Actor, job: &job::Model) -> anyhow::Result<Vec<Batch>> {
    let work: Rescore = payload(job)?;
    Ok(recompute::prepare(&app.read(actor), &work).await?)
}

async fn next(app: &App, actor: &Actor, job: &job::Model) -> anyhow::Result<Vec<Batch>> {
    let work: RunBatch = payload(job)?;
    Ok(recompute::prepare_run(&app.read(actor), &work).await?.into_iter().collect())
}

fn payload<W: DeserializeOwned>(job: &job::Model) -> anyhow::Result<W> {
    serde_json::from_value(job.payload.clone()).context("the payload cannot be read")
}

async fn put(app: &App, actor: &Actor, job: &job::Model, batches: &[Batch]) -> anyhow::Result<()> {
    let mut scored = Vec::with_capacity(batches.len());
    for batch in batches {
        scored.push(score(app, actor, batch).await?);
    }
    let tx = app.begin(actor).await?.caused_by(job.cause_id);
    for (batch, scored) in batches.iter().zip(scored) {
        write(&tx, batch, scored).await?;
    }
    complete(app, tx, job).await
}

/// Writes what came of a batch, and what it took.
pub(crate) async fn write(tx: &Tx<'_>, batch: &Batch, scored: ScoredBy) -> Result<()> {
    recompute::finish(tx, batch, &scored.outcome).await?;
    invocation::record(tx, scored.calls).await
}

/// Scores a batch; no transaction is open meanwhile.
pub(crate) async fn score(app: &App, actor: &Actor, batch: &Batch) -> anyhow::Result<ScoredBy> {
    let rows = batch.accounts.len();
    match batch.scorer() {
        Scorer::Weighted(weighted) => {
            let begun = Instant::now();
            let scored = Ok(weighted.score(&batch.columns, rows));
            let parts = vec![Part { rows: 0..rows, scored }];
            let outcome = Outcome { parts, took: begun.elapsed(), described: None };
            Ok(ScoredBy { outcome, calls: Vec::new() })
        }
        // Of nobody, nothing is asked.
        Scorer::Plugin(_) if rows == 0 => {
            let outcome = Outcome { parts: Vec::new(), took: Duration::ZERO, described: None };
            Ok(ScoredBy { outcome, calls: Vec::new() })
        }
        Scorer::Plugin(by) => {
            plugin::score::score(&app.plugins, &app.read(actor), by, &batch.columns, rows).await
        }
    }
}
