//! Prepares tasks of plugins: reads what the plugin is to know, asks it without a transaction, and
//! does what it asks for in the transaction that completes the job.

use anyhow::{Context, bail};
use jornada_domain::Error;
use jornada_domain::auth::Actor;
use jornada_domain::job::{self, Work};
use jornada_domain::journeys::by_plugin::{self, Answered, Opening, Prepare};
use jornada_domain::tasks::Hindrance;

use super::complete;
use crate::app::App;
use crate::plugin::task::{self, Refusal};

/// How often a task that changes while its plugin is asked is tried before the job waits.
const ATTEMPTS: usize = 2;

/// Does a job that prepares a task; nothing, if it is another one.
pub(super) async fn attempt(
    app: &App,
    actor: &Actor,
    job: &job::Model,
) -> Option<anyhow::Result<()>> {
    match job.kind.as_str() {
        Prepare::KIND => Some(prepare(app, actor, job).await),
        _ => None,
    }
}

async fn prepare(app: &App, actor: &Actor, job: &job::Model) -> anyhow::Result<()> {
    let work = serde_json::from_value(job.payload.clone());
    let Prepare { task_id } = work.context("the payload cannot be read")?;
    for _ in 0..ATTEMPTS {
        let Some(opening) = by_plugin::opening(&app.read(actor), task_id).await? else {
            let tx = app.begin(actor).await?;
            return complete(app, tx, job).await;
        };
        let answer = answer(app, actor, job, &opening).await?;
        if put(app, actor, job, &opening, answer).await? {
            return Ok(());
        }
    }
    bail!("the task or its plugin was changed while the plugin was asked")
}

/// What the plugin asks for, or why it cannot serve the task. One that only has to wait for its
/// turn is asked again later, unless this was the last attempt.
async fn answer(
    app: &App,
    actor: &Actor,
    job: &job::Model,
    opening: &Opening,
) -> anyhow::Result<Result<Answered, Hindrance>> {
    let asked = match &opening.asked {
        Ok(asked) => asked,
        Err(hindrance) => return Ok(Err(hindrance.clone())),
    };
    Ok(match task::open(app, actor, asked).await? {
        Ok(answered) => Ok(answered),
        Err(Refusal::Busy) if job.attempt < job.max_attempts => bail!(Refusal::Busy.told()),
        Err(refusal) => Err(Hindrance::failed(&asked.plugin.key, refusal.told())),
    })
}

/// Opens the task with what follows, or blocks it; also where a part of that is refused. Says
/// whether the job is done.
async fn put(
    app: &App,
    actor: &Actor,
    job: &job::Model,
    opening: &Opening,
    answer: Result<Answered, Hindrance>,
) -> anyhow::Result<bool> {
    let tx = app.begin(actor).await?.caused_by(job.cause_id);
    let opened = by_plugin::open(&tx, opening, answer.as_ref()).await;
    let (tx, is_done) = match (opened, &answer, &opening.asked) {
        (Err(error @ Error::Problems(_)), Ok(_), Ok(asked)) => {
            drop(tx);
            let told = task::in_words(app, actor, &error).await?;
            let hindrance = Hindrance::failed(&asked.plugin.key, told);
            let tx = app.begin(actor).await?.caused_by(job.cause_id);
            let is_done = by_plugin::open(&tx, opening, Err(&hindrance)).await?;
            (tx, is_done)
        }
        (opened, _, _) => (tx, opened?),
    };
    if is_done {
        complete(app, tx, job).await?;
    }
    Ok(is_done)
}
