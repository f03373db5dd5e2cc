//! Jobs: work that leaves a transaction, in one table beside the data.
//!
//! A job runs at least once. It is claimed under a lease with a token and an attempt number;
//! whoever completes it must still hold both, so a worker that slept too long cannot overwrite
//! the work of its successor. Backoff is stored in the row.

use chrono::TimeDelta;
use sea_orm::sea_query::{CommonTableExpression, ExprTrait, LockBehavior, LockType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::prelude::*;
use crate::store::Noun;

/// One job. Times in milliseconds are of the real clock, also in a sandbox.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    pub kind: String,
    pub queue: String,
    /// Higher first.
    pub priority: i32,
    pub state: State,
    pub run_at_ms: i64,
    /// How often it was claimed.
    pub attempt: i32,
    pub max_attempts: i32,
    pub lease_until_ms: Option<i64>,
    pub lease_token: Option<Uuid>,
    /// While a job of this kind and key waits or runs, another is not enqueued.
    pub unique_key: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub last_error: Option<String>,
    pub cause_id: Option<EventId>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Waits for its time and a worker.
    Ready,
    /// A worker holds its lease.
    Running,
    /// Done.
    Done,
    /// Failed for good; can be replayed.
    Dead,
    /// Called off.
    Cancelled,
}

/// A kind of job and its payload.
pub trait Work: Serialize + DeserializeOwned + Send {
    /// The name of the kind; it stands in the database and never changes.
    const KIND: &'static str;

    /// What makes a second one superfluous while the first has not run.
    fn unique_key(&self) -> Option<String> {
        None
    }
}

/// The only queue so far; connectors will have their own.
pub const QUEUE: &str = "default";

/// Attempts before a job is dead.
const MAX_ATTEMPTS: i32 = 12;

/// Enqueues work for `at`, in the time of the workspace, within the transaction.
pub fn enqueue<W: Work>(tx: &Tx<'_>, work: &W, at: DateTime<Utc>) -> Result<()> {
    let payload = serde_json::to_value(work)
        .map_err(|error| Error::Database(DbErr::Custom(format!("payload: {error}"))))?;
    let job = Model {
        workspace_id: tx.workspace_id(),
        id: tx.new_id(),
        kind: W::KIND.to_owned(),
        queue: QUEUE.to_owned(),
        priority: 0,
        state: State::Ready,
        run_at_ms: (at - tx.actor.clock_offset).timestamp_millis(),
        attempt: 0,
        max_attempts: MAX_ATTEMPTS,
        lease_until_ms: None,
        lease_token: None,
        unique_key: work.unique_key(),
        payload,
        last_error: None,
        cause_id: None,
        created_at: tx.now,
        finished_at: None,
    };
    tx.outbox(|outbox| outbox.jobs.push(job));
    Ok(())
}

/// A claim: which worker, from when, for how long, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// A fresh random token of this claim.
    pub token: Uuid,
    /// The real time.
    pub now: DateTime<Utc>,
    /// How long the lease holds.
    pub lease: TimeDelta,
    /// At most this many jobs.
    pub limit: u64,
    /// Only jobs of this workspace; of all without it.
    pub workspace_id: Option<WorkspaceId>,
}

/// Takes jobs that are due, and those whose lease has run out. One statement on both
/// engines; SQLite drops the lock clause, and has one writer anyway.
pub async fn claim<C: ConnectionTrait>(db: &C, claim: Claim) -> Result<Vec<Model>> {
    let now = claim.now.timestamp_millis();
    let is_due = Column::State.eq(State::Ready).and(Column::RunAtMs.lte(now));
    let is_lost = Column::State.eq(State::Running).and(Column::LeaseUntilMs.lte(now));
    let picked = Query::select()
        .columns([Column::WorkspaceId, Column::Id])
        .from(Entity)
        .and_where(Column::Queue.eq(QUEUE))
        .and_where(is_due.or(is_lost))
        .and_where_option(claim.workspace_id.map(|id| Column::WorkspaceId.eq(id)))
        .order_by(Column::Priority, Direction::Desc)
        .order_by(Column::RunAtMs, Direction::Asc)
        .order_by(Column::Id, Direction::Asc)
        .limit(claim.limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let name = Alias::new("picked");
    let keys =
        Query::select().columns([Column::WorkspaceId, Column::Id]).from(name.clone()).to_owned();
    let key = Expr::tuple([Expr::col(Column::WorkspaceId), Expr::col(Column::Id)]);
    let take = Query::update()
        .table(Entity)
        .value(Column::State, State::Running)
        .value(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .value(Column::LeaseUntilMs, now + claim.lease.num_milliseconds())
        .value(Column::LeaseToken, claim.token)
        .and_where(key.in_subquery(keys))
        .returning_all()
        .to_owned();
    let picked = CommonTableExpression::new().query(picked).table_name(name).to_owned();
    let query = take.with(Query::with().cte(picked).to_owned());
    let statement = db.get_database_backend().build(&query);
    let mut jobs = Model::find_by_statement(statement).all(db).await?;
    jobs.sort_by_key(|job| (-job.priority, job.run_at_ms, job.id));
    Ok(jobs)
}

/// The rows of a claim that still hold: same token, same attempt.
fn held(job: &Model) -> Condition {
    Condition::all()
        .add(Column::WorkspaceId.eq(job.workspace_id))
        .add(Column::Id.eq(job.id))
        .add(Column::State.eq(State::Running))
        .add(Column::LeaseToken.eq(job.lease_token))
        .add(Column::Attempt.eq(job.attempt))
}

/// Completes a job. In the transaction of its effects this makes them happen exactly once:
/// `false` says that the lease was lost, and the transaction must be dropped.
pub async fn complete<C: ConnectionTrait>(db: &C, job: &Model, now: DateTime<Utc>) -> Result<bool> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Done))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::LeaseToken, Expr::value(None::<Uuid>))
        .filter(held(job))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Puts a failed job back with its backoff, or lays it down as dead after the last attempt.
pub async fn fail<C: ConnectionTrait>(
    db: &C,
    job: &Model,
    error: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let is_last = job.attempt >= job.max_attempts;
    let state = if is_last { State::Dead } else { State::Ready };
    let finished_at = is_last.then_some(now);
    let run_at = (now + backoff(job.attempt)).timestamp_millis();
    let error: String = error.chars().take(2000).collect();
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::RunAtMs, Expr::value(run_at))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::FinishedAt, Expr::value(finished_at))
        .col_expr(Column::LeaseToken, Expr::value(None::<Uuid>))
        .filter(held(job))
        .exec(db)
        .await?;
    Ok(())
}

/// Two seconds, doubled with every attempt, at most six hours.
pub fn backoff(attempt: i32) -> TimeDelta {
    const LONGEST_S: i64 = 6 * 60 * 60;
    let doublings = u32::try_from(attempt.clamp(1, 20)).unwrap_or(1);
    TimeDelta::seconds(Ord::min(1i64 << doublings, LONGEST_S))
}

/// When the next job is due, for a worker that has nothing to do.
pub async fn next_due<C: ConnectionTrait>(db: &C) -> Result<Option<DateTime<Utc>>> {
    let next = Entity::find()
        .filter(Column::Queue.eq(QUEUE))
        .filter(Column::State.eq(State::Ready))
        .order_by_asc(Column::RunAtMs)
        .one(db)
        .await?;
    Ok(next.and_then(|job| DateTime::from_timestamp_millis(job.run_at_ms)))
}

/// Whether somebody holds the lease of a job of a workspace.
pub async fn is_running<C: ConnectionTrait>(db: &C, id: WorkspaceId) -> Result<bool> {
    let running =
        Entity::find().filter(Column::WorkspaceId.eq(id)).filter(Column::State.eq(State::Running));
    Ok(running.one(db).await?.is_some())
}

/// Brings the waiting jobs of a sandbox nearer, when its clock was advanced by `by`.
pub(crate) async fn hasten(tx: &Tx<'_>, by: TimeDelta) -> Result<()> {
    let sooner = Expr::col(Column::RunAtMs).sub(by.num_milliseconds());
    let hastened = Entity::update_many()
        .col_expr(Column::RunAtMs, sooner)
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::State.eq(State::Ready))
        .exec(&tx.db)
        .await?;
    tx.outbox(|outbox| outbox.is_hastened |= hastened.rows_affected > 0);
    Ok(())
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Jobs in any of these states, newest first.
pub async fn list(cx: &Cx<'_>, states: Option<Vec<State>>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Events, Access::Read)?;
    let mut select = visible(cx);
    if let Some(states) = states {
        select = select.filter(Column::State.is_in(states));
    }
    page(cx, select, &[Order::desc(Column::Id)], args).await
}

/// One job.
pub async fn find(cx: &Cx<'_>, id: JobId) -> Result<Model> {
    cx.require(Area::Events, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Job))
}

/// The jobs of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[JobId]) -> Result<Vec<Model>> {
    cx.require(Area::Events, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Gives a dead job its attempts back.
pub async fn replay(tx: &Tx<'_>, id: JobId) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let now = (tx.now - tx.actor.clock_offset).timestamp_millis();
    let replayed = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::Attempt, Expr::value(0))
        .col_expr(Column::RunAtMs, Expr::value(now))
        .col_expr(Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Dead))
        .exec(&tx.db)
        .await?;
    let job = find(tx, id).await?;
    if replayed.rows_affected > 0 {
        tx.outbox(|outbox| outbox.is_hastened = true);
        let changes = [("state", json!({ "before": "DEAD", "after": "READY" }))].into();
        store::tell_batch(tx, &job, None, Fact::Replayed, &changes);
    }
    Ok(job)
}

impl Noun for Model {
    type Id = JobId;
    const PERSONAL: &'static [&'static str] = &["payload"];

    fn id(&self) -> JobId {
        self.id
    }

    /// A job has no version; its attempts say how often it was taken up.
    fn version(&self) -> i64 {
        self.attempt.into()
    }

    fn account(&self) -> Option<AccountId> {
        None
    }
}
