//! Which kind of job is done by which verb of the domain.

use std::collections::HashMap;

use anyhow::{Context, anyhow};
use futures_util::future::BoxFuture;
use jornada_domain::health::recompute;
use jornada_domain::job::{self, Work};
use jornada_domain::journeys::by_plugin::heed;
use jornada_domain::journeys::{alert, people, selection, wake};
use jornada_domain::metrics::retention;
use jornada_domain::privacy;
use jornada_domain::revenue;
use jornada_domain::{Result, Tx};
use serde_json::Value as Json;

type Done<'a> = BoxFuture<'a, anyhow::Result<()>>;
type Handler = Box<dyn for<'a> Fn(&'a Tx<'a>, Json) -> Done<'a> + Send + Sync>;

/// The kinds of jobs that the worker can do.
#[derive(Default)]
pub struct Handlers(HashMap<&'static str, Handler>);

impl Handlers {
    /// All kinds that there are. Names of kinds stand in databases: a kind that is no longer
    /// enqueued stays here until none can be waiting.
    pub fn all() -> Self {
        Self::default()
            .with(|tx, work| Box::pin(wake::wake(tx, work)))
            .with(|tx, work| Box::pin(heed::heed(tx, work)))
            .with(|tx, work| Box::pin(wake::wake_accounts(tx, work)))
            .with(|tx, work| Box::pin(wake::wake_waiting(tx, work)))
            .with(|tx, work| Box::pin(retention::prune(tx, work)))
            .with(|tx, work| Box::pin(selection::apply(tx, work)))
            .with(|tx, work| Box::pin(selection::start_anchored(tx, work)))
            .with(|tx, work| Box::pin(people::activate_assignments(tx, work)))
            .with(|tx, work| Box::pin(alert::raise(tx, work)))
            .with(|tx, work| Box::pin(alert::remind_renewal(tx, work)))
            .with(|tx, work| Box::pin(revenue::settle_due(tx, work)))
            .with(|tx, work| Box::pin(recompute::daily(tx, work)))
            .with(|tx, work| Box::pin(recompute::rescore_all(tx, work)))
            .with(|tx, work| Box::pin(privacy::retention::retain(tx, work)))
    }

    /// The same with one more kind. Its verb runs in the transaction that completes the job.
    pub fn with<W, F>(mut self, verb: F) -> Self
    where
        W: Work,
        F: for<'a> Fn(&'a Tx<'a>, W) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    {
        let handler: Handler = Box::new(move |tx, payload| {
            let work = serde_json::from_value(payload).context("the payload cannot be read");
            let done = work.map(|work| verb(tx, work));
            Box::pin(async move { Ok(done?.await?) })
        });
        self.0.insert(W::KIND, handler);
        self
    }

    /// Does a job.
    pub(super) async fn run(&self, tx: &Tx<'_>, job: &job::Model) -> anyhow::Result<()> {
        let handler = self.0.get(job.kind.as_str());
        let handler = handler.ok_or_else(|| {
            anyhow!("this version of jornada does not know jobs of the kind `{}`", job.kind)
        })?;
        handler(tx, job.payload.clone()).await
    }
}
