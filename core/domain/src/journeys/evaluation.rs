//! The evaluation of an indicator: what was observed in a visit, and the verdict.

use crate::prelude::*;
use crate::tasks::{Comparator, Source};

/// One verdict.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator_evaluation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IndicatorEvaluationId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub journey_id: JourneyId,
    pub visit_id: StageVisitId,
    /// The task that a person completed, for the source `PERSON`.
    pub task_id: Option<TaskId>,
    /// The key of the task template.
    pub indicator_key: String,
    pub name: String,
    pub source: Source,
    pub comparator: Comparator,
    pub target: f64,
    /// It is a continuous indicator of an earlier stage.
    pub carried: bool,
    pub observed: Option<f64>,
    pub observed_at: Option<DateTime<Utc>>,
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub evaluated_at: DateTime<Utc>,
    pub evaluated_by_id: Option<UserId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, IndicatorEvaluationId, account = |row: &Model| Some(row.account_id));

/// What an evaluation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The value satisfied the target, or was missing for as long as the template allows.
    Passed,
    /// It did not.
    Failed,
    /// A person waived it with a reason.
    Waived,
    /// There was no value, and the decision fell without it.
    Missing,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The evaluations of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[IndicatorEvaluationId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A page of evaluations for each visit, in order.
pub async fn list_each(
    cx: &Cx<'_>,
    visit_ids: &[StageVisitId],
    args: &PageArgs,
) -> Result<std::collections::HashMap<StageVisitId, Page<Model>>> {
    cx.require(Area::Journeys, Access::Read)?;
    let order = [Order::asc(Column::EvaluatedAt), Order::asc(Column::Id)];
    page_each(cx, visible(cx), Column::VisitId, visit_ids, &order, args).await
}

pub(crate) async fn in_visits(cx: &Cx<'_>, visit_ids: &[StageVisitId]) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::VisitId.is_in(visit_ids.iter().copied()));
    Ok(select.order_by_asc(Column::Id).all(&cx.db).await?)
}
