//! Runs: how far the computation of all scores of a model has come.

use super::score::Role;
use super::{model, recompute};
use crate::prelude::*;
use crate::{job, page};

/// A computation of all scores of a model.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthRunId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub model_id: HealthModelId,
    pub version_id: HealthModelVersionId,
    pub role: Role,
    pub status: RunStatus,
    /// Accounts that the model was about when the run began.
    pub total: i64,
    /// Accounts that it has come to.
    pub done: i64,
    /// Those among them whose score could not be computed.
    pub stale: i64,
    /// Microseconds that went into scoring itself; the others went into reading and writing.
    pub scoring_us: i64,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, HealthRunId);

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunStatus {
    /// Under way.
    Running,
    /// It came to all accounts.
    Done,
    /// Another one began before it came to its end, or nobody asks for it any more.
    Superseded,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One run.
pub async fn find(cx: &Cx<'_>, id: HealthRunId) -> Result<Model> {
    cx.require(Area::Health, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::HealthRun))
}

/// The runs of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[HealthRunId]) -> Result<Vec<Model>> {
    cx.require(Area::Health, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The runs of a model, newest first.
pub async fn list(cx: &Cx<'_>, model_id: HealthModelId, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Health, Access::Read)?;
    let of_model = visible(cx).filter(Column::ModelId.eq(model_id));
    page(cx, of_model, &[Order::desc(Column::Id)], args).await
}

/// Begins to compute all scores of a model in a role. A run that is under way is superseded.
pub(super) async fn start(tx: &Tx<'_>, model: &model::Model, role: Role) -> Result<Model> {
    supersede(tx, model.id, role).await?;
    let total = page::count(tx, model::accounts(tx, model).await?).await?;
    let version_id = model.version_in(role).unwrap_or(model.active_version_id);
    let row = ActiveModel {
        model_id: Set(model.id),
        version_id: Set(version_id),
        role: Set(role),
        status: Set(RunStatus::Running),
        total: Set(i64::try_from(total).unwrap_or(i64::MAX)),
        done: Set(0),
        stale: Set(0),
        scoring_us: Set(0),
        ..Default::default()
    };
    let run = store::insert(tx, row, Fact::Started).await?;
    job::enqueue(tx, &recompute::RunBatch { run_id: run.id, after: None }, tx.now)?;
    Ok(run)
}

/// Calls off what is under way.
pub(super) async fn supersede(tx: &Tx<'_>, model_id: HealthModelId, role: Role) -> Result<()> {
    let under_way = visible(tx)
        .filter(Column::ModelId.eq(model_id))
        .filter(Column::Role.eq(role))
        .filter(Column::Status.eq(RunStatus::Running));
    for row in store::locked(under_way).all(&tx.db).await? {
        let change = ActiveModel {
            status: Set(RunStatus::Superseded),
            finished_at: Set(Some(tx.now)),
            ..Default::default()
        };
        store::update(tx, &row, change, Fact::Ended).await?;
    }
    Ok(())
}

/// What one batch added to a run.
pub(super) struct Progress {
    pub(super) done: usize,
    pub(super) stale: usize,
    pub(super) scoring_us: i64,
    pub(super) is_last: bool,
}

/// Writes down how far a run has come, without an event for each step; its end is told. Gives the
/// run as it was, unless it was no longer under way.
pub(super) async fn advance(tx: &Tx<'_>, id: HealthRunId, by: Progress) -> Result<Option<Model>> {
    let before = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    let Some(before) = before.filter(|row| row.status == RunStatus::Running) else {
        return Ok(None);
    };
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut change = ActiveModel {
        done: Set(before.done + count(by.done)),
        stale: Set(before.stale + count(by.stale)),
        scoring_us: Set(before.scoring_us + by.scoring_us),
        ..Default::default()
    };
    if by.is_last {
        change.status = Set(RunStatus::Done);
        change.finished_at = Set(Some(tx.now));
        store::update(tx, &before, change, Fact::Ended).await?;
        return Ok(Some(before));
    }
    Entity::update_many()
        .set(change)
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Id.eq(id))
        .exec(&tx.db)
        .await?;
    Ok(Some(before))
}
