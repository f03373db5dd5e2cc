//! When scores are computed: for the accounts of which something changed, for all of a model when
//! the model changes, and once a day, because time alone changes them.
//!
//! A computation has three steps, so that no transaction is open while a plugin works: [`prepare`]
//! reads, somebody scores, [`finish`] writes. What finds that its version has lost its role writes
//! nothing.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use sea_orm::QueryTrait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::by_plugin::Described;
use super::definition::{Definition, Scorer};
use super::run::{self, Progress, RunStatus};
use super::score::{self, Moved, Role, Scored, Writing};
use super::{Column, facts, model, version};
use crate::accounts::account;
use crate::calendar::plus;
use crate::event;
use crate::job::{self, Work};
use crate::prelude::*;

/// Accounts of one batch.
const BATCH: usize = 1000;

/// Computes the scores of these accounts by all models that are about them. It has no key: what
/// changes while they are computed must be seen too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rescore {
    /// At most [`BATCH`].
    pub account_ids: Vec<AccountId>,
}

impl Work for Rescore {
    const KIND: &'static str = "health.rescore";
}

/// Computes the next scores of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunBatch {
    /// The run.
    pub run_id: HealthRunId,
    /// The last account that it has come to.
    pub after: Option<AccountId>,
}

impl Work for RunBatch {
    const KIND: &'static str = "health.run";
}

/// Begins a run of each model, once a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Daily {
    /// The day.
    pub on: NaiveDate,
}

impl Work for Daily {
    const KIND: &'static str = "health.daily";

    fn unique_key(&self) -> Option<String> {
        Some(self.on.to_string())
    }
}

/// Begins a run of each model, because values came in by the million.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RescoreAll {
    /// What asked for it: a load asks once.
    pub cause: Uuid,
}

impl Work for RescoreAll {
    const KIND: &'static str = "health.rescore_all";

    fn unique_key(&self) -> Option<String> {
        Some(self.cause.to_string())
    }
}

/// Events that tell of values of many accounts at once, or of what scores them.
const OF_MANY: [&str; 8] = [
    "metric.recorded",
    "metric_load.completed",
    "segment.updated",
    "plugin.installed",
    "plugin.rolled_back",
    "plugin.enabled",
    "plugin.disabled",
    "plugin.archived",
];

/// Whether there is anything to compute in this workspace. One statement.
async fn is_wanted(cx: &Cx<'_>) -> Result<bool> {
    let live = model::Entity::find()
        .select_only()
        .column(model::Column::Id)
        .filter(model::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(model::Column::ArchivedAt.is_null())
        .limit(1);
    Ok(cx.db.query_one(&live.into_query()).await?.is_some())
}

/// Asks for the scores of the accounts that this transaction changed something of, where there is a
/// model. The edge calls this before it commits.
pub async fn ask_for_touched(tx: &Tx<'_>) -> Result<()> {
    let (touched, load) = tx.outbox(|outbox| {
        let events = outbox.events.iter().filter(|event| matters(&event.event_type));
        let touched: BTreeSet<AccountId> =
            events.clone().filter_map(|event| event.account_id).collect();
        // Values of many accounts are told once, without them.
        let of_many = |event: &&event::Model| {
            event.account_id.is_none() && OF_MANY.contains(&event.event_type.as_str())
        };
        (touched, events.clone().find(of_many).map(|event| event.subject_id))
    });
    if (touched.is_empty() && load.is_none()) || !is_wanted(tx).await? {
        return Ok(());
    }
    if let Some(cause) = load {
        return job::enqueue(tx, &RescoreAll { cause }, tx.now);
    }
    let touched: Vec<AccountId> = touched.into_iter().collect();
    for account_ids in touched.chunks(BATCH) {
        job::enqueue(tx, &Rescore { account_ids: account_ids.to_vec() }, tx.now)?;
    }
    Ok(())
}

/// Whether events of a type can change a score. What is computed of an account, who holds it and
/// who works there cannot.
fn matters(event_type: &str) -> bool {
    const BESIDE: [&str; 7] = [
        "health_override",
        "alert",
        "contact",
        "external_ref",
        "account_assignment",
        "handoff",
        "opportunity",
    ];
    let noun = event_type.split_once('.').map_or(event_type, |(noun, _)| noun);
    !BESIDE.contains(&noun) && event_type != "account.health_changed"
}

/// Runs [`RescoreAll`].
pub async fn rescore_all(tx: &Tx<'_>, _: RescoreAll) -> Result<()> {
    tx.require(Area::Health, Access::Write)?;
    for model in model::live(tx).await? {
        model::start_all(tx, &model).await?;
    }
    Ok(())
}

/// Asks for the first run of [`Daily`], from which on there is one a day, at its beginning.
pub(crate) async fn ask_daily(tx: &Tx<'_>) -> Result<()> {
    let tomorrow = plus(tx.today().await?, 1);
    job::enqueue(tx, &Daily { on: tomorrow }, tx.calendar().await?.start_of(tomorrow))
}

/// Runs [`Daily`]. Without a model there is none tomorrow.
pub async fn daily(tx: &Tx<'_>, _: Daily) -> Result<()> {
    tx.require(Area::Health, Access::Write)?;
    let models = model::live(tx).await?;
    for model in &models {
        model::start_all(tx, model).await?;
    }
    if models.is_empty() { Ok(()) } else { ask_daily(tx).await }
}

/// What is to be scored by one version.
#[derive(Clone, Debug)]
pub struct Batch {
    model_id: HealthModelId,
    version_id: HealthModelVersionId,
    role: Role,
    definition: Definition,
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// What is known of them: a column for each source of the definition.
    pub columns: Vec<Column>,
    run: Option<Place>,
}

/// Where a batch stands in its run.
#[derive(Clone, Copy, Debug)]
struct Place {
    run_id: HealthRunId,
    is_last: bool,
}

impl Batch {
    /// How a score is made.
    pub fn scorer(&self) -> &Scorer {
        &self.definition.scorer
    }
}

/// What came of a batch.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its accounts, in order and without gaps.
    pub parts: Vec<Part>,
    /// How long scoring took.
    pub took: Duration,
    /// What a plugin says of itself now: another version of it may say something else than when the
    /// version of the model was made.
    pub described: Option<Described>,
}

/// Accounts that were scored together, or that could not be.
#[derive(Clone, Debug)]
pub struct Part {
    /// Their places in the batch.
    pub rows: Range<usize>,
    /// What came of each of them; or why nothing did: scores that are there stay, as stale.
    pub scored: Result<Scored, String>,
}

/// What [`Rescore`] asks for: a batch for each version that is about some of its accounts.
pub async fn prepare(cx: &Cx<'_>, work: &Rescore) -> Result<Vec<Batch>> {
    cx.require(Area::Health, Access::Write)?;
    let mut batches = Vec::new();
    for model in model::live(cx).await? {
        let theirs = model::accounts(cx, &model)
            .await?
            .filter(account::Column::Id.is_in(work.account_ids.iter().copied()))
            .order_by_asc(account::Column::Id);
        let accounts = ids(cx, theirs.limit(BATCH as u64)).await?;
        for role in [Role::Active, Role::Candidate] {
            if let Some(version_id) = model.version_in(role)
                && !accounts.is_empty()
            {
                batches.push(batch(cx, (model.id, version_id, role), accounts.clone()).await?);
            }
        }
    }
    Ok(batches)
}

/// The next batch of a run; none where it was superseded.
pub async fn prepare_run(cx: &Cx<'_>, work: &RunBatch) -> Result<Option<Batch>> {
    cx.require(Area::Health, Access::Write)?;
    let run = run::find(cx, work.run_id).await?;
    if run.status != RunStatus::Running {
        return Ok(None);
    }
    let model = model::find(cx, run.model_id).await?;
    let mut theirs = model::accounts(cx, &model).await?;
    if let Some(after) = work.after {
        theirs = theirs.filter(account::Column::Id.gt(after));
    }
    let theirs = theirs.order_by_asc(account::Column::Id).limit(BATCH as u64);
    let accounts = ids(cx, theirs).await?;
    let is_last = accounts.len() < BATCH;
    let of = (run.model_id, run.version_id, run.role);
    let batch = batch(cx, of, accounts).await?;
    Ok(Some(Batch { run: Some(Place { run_id: run.id, is_last }), ..batch }))
}

pub(super) async fn ids(cx: &Cx<'_>, accounts: Select<account::Entity>) -> Result<Vec<AccountId>> {
    let ids = accounts.select_only().column(account::Column::Id);
    Ok(ids.into_tuple().all(&cx.db).await?)
}

async fn batch(
    cx: &Cx<'_>,
    (model_id, version_id, role): (HealthModelId, HealthModelVersionId, Role),
    accounts: Vec<AccountId>,
) -> Result<Batch> {
    let definition = version::find_in(cx, version_id, "id").await?.definition()?;
    let columns = match accounts.as_slice() {
        [] => Vec::new(),
        some => facts::read(cx, some, &definition.sources()).await?,
    };
    Ok(Batch { model_id, version_id, role, definition, accounts, columns, run: None })
}

/// Writes what came of a batch, tells of accounts whose band has changed, and goes on with the run.
pub async fn finish(tx: &Tx<'_>, batch: &Batch, outcome: &Outcome) -> Result<()> {
    tx.require(Area::Health, Access::Write)?;
    let model = model::lock(tx, batch.model_id).await?;
    if model.version_in(batch.role) != Some(batch.version_id) || model.archived_at.is_some() {
        return Ok(());
    }
    if let (Some(now), Scorer::Plugin(by)) = (&outcome.described, batch.scorer())
        && by.described != *now
    {
        version::describe_anew(tx, batch.version_id, now).await?;
    }
    let writing = Writing {
        model_id: batch.model_id,
        version_id: batch.version_id,
        role: batch.role,
        bands: batch.definition.bands,
        trend_days: batch.definition.trend_days,
        accounts: &batch.accounts,
    };
    let (mut moved, mut stale) = (Vec::new(), 0);
    for Part { rows, scored } in &outcome.parts {
        let accounts = batch.accounts.get(rows.clone()).unwrap_or_default();
        let writing = Writing { accounts, ..writing };
        match scored {
            Ok(scored) => moved.extend(writing.write(tx, scored).await?),
            Err(reason) => {
                writing.keep_stale(tx, reason).await?;
                stale += accounts.len();
            }
        }
    }
    let scoring_us = i64::try_from(outcome.took.as_micros()).unwrap_or(i64::MAX);
    if model.is_primary {
        tell(tx, &moved).await?;
    }
    let Some(Place { run_id, is_last }) = batch.run else { return Ok(()) };
    let done = batch.accounts.len();
    let progress = Progress { done, stale, scoring_us, is_last };
    let Some(run) = run::advance(tx, run_id, progress).await? else { return Ok(()) };
    match batch.accounts.last().filter(|_| !is_last) {
        Some(last) => job::enqueue(tx, &RunBatch { run_id, after: Some(*last) }, tx.now),
        None => score::drop_unchecked(tx, batch.model_id, batch.role, run.created_at).await,
    }
}

/// Tells of accounts whose band has changed.
async fn tell(tx: &Tx<'_>, moved: &[Moved]) -> Result<()> {
    let ids: Vec<AccountId> = moved.iter().map(|(id, _)| *id).collect();
    let accounts = account::many(tx, &ids).await?;
    for account in accounts {
        let bands = moved.iter().find(|(id, _)| *id == account.id).map(|(_, bands)| *bands);
        let [before, after] = bands.unwrap_or_default().map(|band| band.map(|b| b.to_value()));
        let changes = [("healthBand", json!({ "before": before, "after": after }))].into();
        store::tell_batch(tx, &account, Some(account.id), Fact::HealthChanged, &changes);
    }
    Ok(())
}
