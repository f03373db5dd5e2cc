//! Loads: points that come in by the million, under a key that makes sending them again harmless.
//!
//! A load is written in chunks, each in a transaction of its own, so that nobody waits long and
//! memory stays bounded. A load that was cut off leaves the points of its whole chunks; whoever
//! sends it again under its key begins it anew, and what is there already stays. The end is one
//! transaction with one event and one audit entry; from then on the key belongs to its content,
//! unless every line of it was refused: then whoever mends it sends it under the same key.

pub mod chunk;
mod names;

use std::collections::BTreeSet;

use sea_orm::sea_query::OnConflict;
use serde::{Deserialize, Serialize};

use crate::prelude::*;

pub use names::Names;

/// A batch of points that came in together.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "metric_load")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MetricLoadId,
    /// How often it was begun, and one more when it is done.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What the sender calls it; unique.
    pub key: String,
    pub state: State,
    /// When it was begun, or begun anew: that is when its values became known.
    pub begun_at: DateTime<Utc>,
    /// The SHA-256 of the content, once all of it was there.
    pub digest: Option<String>,
    /// Lines that were looked at: the sum of the following.
    pub received: i64,
    /// Lines that gave a new point, or another value to one.
    pub written: i64,
    /// Lines that changed nothing, or that a later line of their chunk replaced.
    pub unchanged: i64,
    /// Lines that were refused.
    pub rejected: i64,
    /// The first of the refused lines: [`Reject`]s.
    #[sea_orm(column_type = "JsonBinary")]
    pub rejects: Json,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, MetricLoadId);

/// How far a load came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It is being written, or was cut off.
    Running,
    /// All of it was written.
    Done,
}

/// A line that was refused, and one reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The number of the line, from 1.
    pub line: u64,
    field: String,
    code: String,
    params: Vec<(String, String)>,
}

/// The names of the values that messages about a line need.
const PARAMS: [&str; 7] = ["form", "kind", "max", "min", "names", "with", "words"];

impl Reject {
    /// A problem of a line.
    pub fn new(line: u64, problem: &Problem) -> Self {
        let params = problem.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let (field, code) = (problem.field.clone(), problem.code.as_str().to_owned());
        Self { line, field, code, params: params.collect() }
    }

    /// The problem of the line; none where this version no longer knows its code.
    pub fn problem(&self) -> Option<Problem> {
        let code = Code::ALL.iter().find(|code| code.as_str() == self.code)?;
        let known = |(name, value): &(String, String)| {
            let name = PARAMS.iter().find(|known| *known == name)?;
            Some((*name, value.clone()))
        };
        let params = self.params.iter().filter_map(known).collect();
        Some(Problem { field: self.field.clone(), code: *code, params })
    }
}

/// Refused lines that a load names; all others are counted.
pub const MAX_REJECTS: usize = 100;

/// What became of the lines of a load so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub received: u64,
    pub written: u64,
    pub rejected: u64,
    /// The first that were refused, by their lines.
    pub rejects: Vec<Reject>,
    /// The metrics of which accounts got values, and when the earliest of these became known.
    pub accounts_got: BTreeSet<MetricId>,
    /// See [`Self::accounts_got`].
    pub since: Option<DateTime<Utc>>,
}

impl Tally {
    /// Lines that changed nothing.
    pub fn unchanged(&self) -> u64 {
        self.received - self.written - self.rejected
    }

    fn row(&self) -> ActiveModel {
        let count = |n: u64| Set(i64::try_from(n).unwrap_or(i64::MAX));
        ActiveModel {
            received: count(self.received),
            written: count(self.written),
            unchanged: count(self.unchanged()),
            rejected: count(self.rejected),
            rejects: Set(serde_json::to_value(&self.rejects).unwrap_or_default()),
            ..Default::default()
        }
    }
}

impl Model {
    /// Whether every line was refused.
    fn has_landed_nothing(&self) -> bool {
        self.rejected == self.received
    }

    /// The first of the refused lines.
    pub fn rejects(&self) -> Vec<Reject> {
        serde_json::from_value(self.rejects.clone()).unwrap_or_default()
    }
}

/// The longest key.
const MAX_KEY: usize = 200;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Loads, newest first.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Metrics, Access::Read)?;
    page(cx, visible(cx), &[Order::desc(Column::Id)], args).await
}

/// One load.
pub async fn find(cx: &Cx<'_>, id: MetricLoadId) -> Result<Model> {
    let row = many(cx, &[id]).await?.pop();
    row.ok_or_else(|| Error::not_found("id", Kind::MetricLoad))
}

/// The loads of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[MetricLoadId]) -> Result<Vec<Model>> {
    cx.require(Area::Metrics, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Begins a load, or begins anew one that was cut off or of which nothing landed: whoever began it
/// before is refused from then on. One that is done is given back as it is.
pub async fn begin(tx: &Tx<'_>, key: &str) -> Result<Model> {
    tx.require(Area::Metrics, Access::Write)?;
    let mut checks = Checks::new();
    let key = checks.text("key", key, MAX_KEY);
    checks.finish()?;
    let new = ActiveModel {
        workspace_id: Set(tx.workspace_id()),
        id: Set(tx.new_id()),
        version: Set(0),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        key: Set(key.clone()),
        state: Set(State::Running),
        begun_at: Set(tx.now),
        digest: Set(None),
        finished_at: Set(None),
        ..Tally::default().row()
    };
    let known = OnConflict::columns([Column::WorkspaceId, Column::Key]).do_nothing().to_owned();
    Entity::insert(new).on_conflict(known).exec_without_returning(&tx.db).await?;
    let row = store::locked(visible(tx).filter(Column::Key.eq(key))).one(&tx.db).await?;
    let row = row.ok_or_else(|| Error::not_found("key", Kind::MetricLoad))?;
    if row.state == State::Done && !row.has_landed_nothing() {
        return Ok(row);
    }
    let (version, begun_at) = (row.version + 1, tx.now);
    let anew = ActiveModel {
        version: Set(version),
        begun_at: Set(begun_at),
        state: Set(State::Running),
        digest: Set(None),
        finished_at: Set(None),
        ..Default::default()
    };
    note(tx, &row, &Tally::default(), anew).await?;
    let (state, digest, finished_at) = (State::Running, None, None);
    Ok(Model { version, begun_at, state, digest, finished_at, ..row })
}

/// Demands that content that was sent under the key of a load that is done is the content of that
/// load.
pub fn require_same(load: &Model, digest: &str) -> Result<()> {
    if load.digest.as_deref() == Some(digest) {
        return Ok(());
    }
    Err(Problem::new("key", Code::KeyReused).into())
}

/// Notes how far a load came. That is told at its end, like all of it. Refused where a later
/// request has begun the load anew, or ended it: both give it another version.
async fn note(tx: &Tx<'_>, load: &Model, tally: &Tally, beside: ActiveModel) -> Result<()> {
    let noted = Entity::update_many()
        .set(tally.row())
        .set(ActiveModel { updated_at: Set(tx.now), ..beside })
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Id.eq(load.id))
        .filter(Column::Version.eq(load.version))
        .exec(&tx.db)
        .await?;
    match noted.rows_affected {
        0 => Err(superseded()),
        _ => Ok(()),
    }
}

fn superseded() -> Error {
    Problem::new("key", Code::Superseded).into()
}

/// Ends a load. What follows from its points is a matter of whoever calls, who has asked for the
/// right.
pub(crate) async fn complete(
    tx: &Tx<'_>,
    load: &Model,
    digest: &str,
    tally: &Tally,
) -> Result<Model> {
    let row = ActiveModel {
        state: Set(State::Done),
        digest: Set(Some(digest.to_owned())),
        finished_at: Set(Some(tx.now)),
        ..tally.row()
    };
    let done = store::update(tx, load, row, Fact::Completed).await;
    done.map_err(|error| if error.has(Code::Conflict) { superseded() } else { error })
}
