//! Health scores of many accounts: by the weighted model of the platform and by a plugin, which
//! read the same; for the first time, again without news, and by another version that scores
//! everybody otherwise. The clock runs from the first job of a run to the last one; a part of it is
//! scoring itself, the rest is the database.

mod base;
mod models;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jornada_domain::auth::Actor;
use jornada_domain::health::definition::Definition;
use jornada_domain::health::model::{self, NewModel};
use jornada_domain::health::run::{self, RunStatus};
use jornada_domain::id::HealthModelId;
use jornada_domain::page::PageArgs;
use jornada_server::app::App;
use jornada_server::worker;

use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many accounts are scored.
    #[arg(long, default_value_t = ACCOUNTS)]
    accounts: usize,
}

impl Default for Args {
    fn default() -> Self {
        Self { accounts: ACCOUNTS }
    }
}

const ACCOUNTS: usize = 100_000;

/// Measures on both databases.
pub(crate) async fn run(args: Args) -> Result<()> {
    measure(Place::sqlite().await?, args.accounts).await?;
    match Place::postgres().await? {
        Some(place) => measure(place, args.accounts).await,
        None => {
            println!("PostgreSQL is skipped: there is none");
            Ok(())
        }
    }
}

/// One run of a model.
struct Scored {
    what: String,
    took: Duration,
    scoring: Duration,
}

async fn measure(mut place: Place, accounts: usize) -> Result<()> {
    let begun = Instant::now();
    let actor = base::fill(&place.app, accounts).await?;
    worker::run_due(&place.app).await?;
    place.settle().await?;
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{}: {accounts} accounts, {seconds:.0} s to fill", place.name);
    let app = &place.app;
    let plugin = models::install(app, &actor).await?;
    let mut found = Vec::new();
    for by_plugin in [false, true] {
        let mut versions = Vec::new();
        for metric in base::METRICS {
            versions.push(match by_plugin {
                false => models::weighted(metric),
                true => models::by_plugin(app, &actor, &plugin, metric).await?,
            });
        }
        let versions: Result<[Definition; 2], _> = versions.try_into();
        let [first, second] = versions.ok().context("there are two metrics")?;
        let name = if by_plugin { "telco-churn-health" } else { "weighted" };
        let of = Of { app, actor: &actor, name, accounts };
        of.measure(first, second, &mut found).await?;
    }
    show(place.name, accounts, &found);
    place.close().await
}

/// Who is scored by what.
struct Of<'a> {
    app: &'a App,
    actor: &'a Actor,
    name: &'static str,
    accounts: usize,
}

impl Of<'_> {
    /// Measures a model with two versions, and puts it away.
    async fn measure(
        &self,
        first: Definition,
        second: Definition,
        found: &mut Vec<Scored>,
    ) -> Result<()> {
        let Self { app, actor, name, .. } = self;
        let tx = app.begin(actor).await?;
        let new = NewModel {
            name: (*name).to_owned(),
            description: None,
            segment_id: None,
            definition: first,
        };
        let id = model::create(&tx, new).await?.id;
        app.commit(tx).await?;
        found.push(self.timed(id, "for the first time").await?);
        let tx = app.begin(actor).await?;
        model::recompute(&tx, id).await?;
        app.commit(tx).await?;
        found.push(self.timed(id, "again, all as before").await?);
        let tx = app.begin(actor).await?;
        let candidate = model::propose(&tx, id, &second).await?.candidate_version_id;
        model::activate(&tx, id, candidate.context("it was proposed")?).await?;
        app.commit(tx).await?;
        found.push(self.timed(id, "again, all otherwise").await?);
        let tx = app.begin(actor).await?;
        model::archive(&tx, id).await?;
        app.commit(tx).await?;
        worker::run_due(app).await?;
        Ok(())
    }

    /// Does what is due: the run of the model that was just asked for.
    async fn timed(&self, id: HealthModelId, what: &str) -> Result<Scored> {
        let begun = Instant::now();
        worker::run_due(self.app).await?;
        let took = begun.elapsed();
        let cx = self.app.read(self.actor);
        let runs = run::list(&cx, id, &PageArgs::first(10)).await?.into_rows();
        let done = runs.into_iter().find(|run| run.status == RunStatus::Done);
        let done = done.context("no run came to its end")?;
        let is_whole = done.done == i64::try_from(self.accounts)? && done.stale == 0;
        ensure!(is_whole, "{}: {} scored, {} not", self.name, done.done, done.stale);
        let scoring = Duration::from_micros(done.scoring_us.unsigned_abs());
        Ok(Scored { what: format!("{}, {what}", self.name), took, scoring })
    }
}

fn show(name: &str, accounts: usize, found: &[Scored]) {
    println!("\nHealth scores of {accounts} accounts on {name}");
    println!("{:<50}{:>10}{:>14}{:>14}{:>12}", "", "seconds", "accounts/s", "scoring, s", "share");
    for Scored { what, took, scoring } in found {
        let (seconds, scoring) = (took.as_secs_f64(), scoring.as_secs_f64());
        let (rate, share) = (accounts as f64 / seconds, 100.0 * scoring / seconds);
        println!("{what:<50}{seconds:>10.1}{rate:>14.0}{scoring:>14.2}{share:>11.1}%");
    }
}
