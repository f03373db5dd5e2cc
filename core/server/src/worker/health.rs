//! Computes scores: reads what is known of accounts, scores them without a transaction, and writes
//! what came of it in the transaction that completes the job.

use std::time::Instant;

use anyhow::Context;
use jornada_domain::auth::Actor;
use jornada_domain::health::definition::Scorer;
use jornada_domain::health::recompute::{self, Batch, Outcome, Rescore, RunBatch};
use jornada_domain::job::{self, Work};
use serde::de::DeserializeOwned;

use super::complete;
use crate::app::App;

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
    let outcomes: Vec<Outcome> = batches.iter().map(score).collect();
    let tx = app.begin(actor).await?.caused_by(job.cause_id);
    for (batch, outcome) in batches.iter().zip(&outcomes) {
        recompute::finish(&tx, batch, outcome).await?;
    }
    complete(app, tx, job).await
}

fn score(batch: &Batch) -> Outcome {
    let begun = Instant::now();
    let scored = match batch.scorer() {
        Scorer::Weighted(weighted) => weighted.score(&batch.columns, batch.accounts.len()),
    };
    Outcome::Scored { scored, took: begun.elapsed() }
}
