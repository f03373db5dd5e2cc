//! A load of points: the lines of a request or of a file, through the verbs of the domain. While a
//! chunk is written, the next one is read.

pub mod line;

use std::fmt::Display;

use axum::body::Bytes;
use futures_util::Stream;
use jornada_domain::auth::Actor;
use jornada_domain::error::is_passing;
use jornada_domain::journeys::signals;
use jornada_domain::metrics::load::chunk::{self, Chunk};
use jornada_domain::metrics::load::{self, Model, Names, State, Tally};
use jornada_domain::{Error, Result};

use super::ndjson::{Broken, Lines};
use crate::app::App;

/// Lines of one transaction: enough that the transaction itself costs nothing, and few enough that
/// others wait for a fraction of a second only.
const CHUNK_LINES: usize = 10_000;

/// Why a load did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The content is no lines. What was counted before is in the load.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A verb refused.
    #[error(transparent)]
    Refused(#[from] Error),
}

/// Runs a verb in a transaction, a few times where others are at work on the same rows. No function
/// with a closure, because what that gives cannot be known to be `Send`.
macro_rules! patiently {
    ($app:ident, $actor:ident, $tx:ident => $verb:expr) => {{
        let mut attempt = 1;
        loop {
            let done = async {
                let $tx = $app.begin($actor).await?;
                let value = $verb.await?;
                $app.commit($tx).await?;
                Ok(value)
            };
            match done.await {
                Err(Error::Database(error)) if attempt < ATTEMPTS && is_passing(&error) => {
                    attempt += 1;
                }
                done => break done,
            }
        }
    }};
}

const ATTEMPTS: usize = 5;

/// Writes content under a key; gives what came of it, or what came of it the first time.
pub async fn load<S, E>(
    app: &App,
    actor: &Actor,
    key: &str,
    mut lines: Lines<S>,
) -> Result<Model, Failure>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Display,
{
    let load = patiently!(app, actor, tx => load::begin(&tx, key))?;
    if load.state == State::Done {
        while lines.next().await?.is_some() {}
        load::require_same(&load, &lines.digest())?;
        return Ok(load);
    }
    let (mut tally, mut names) = (Tally::default(), Names::default());
    let mut chunk = next_chunk(&mut lines).await?;
    while !chunk.is_empty() {
        let put = async {
            patiently!(app, actor, tx => chunk::put(&tx, &load, &tally, &chunk, &mut names))
        };
        let (put, next) = tokio::join!(put, next_chunk(&mut lines));
        tally = put?;
        chunk = next?;
    }
    let digest = lines.digest();
    let done: Result<Model> =
        patiently!(app, actor, tx => signals::finish_load(&tx, &load, &digest, &tally));
    Ok(done?)
}

async fn next_chunk<S, E>(lines: &mut Lines<S>) -> Result<Chunk, Broken>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Display,
{
    let mut chunk = Chunk::default();
    while chunk.len() < CHUNK_LINES {
        let Some((number, text)) = lines.next().await? else { break };
        match line::read(number, text) {
            Ok(line) => chunk.lines.push(line),
            Err(problems) => chunk.refuse(number, &problems),
        }
    }
    Ok(chunk)
}
