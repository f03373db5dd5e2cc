//! The stage visit: one pass of a journey through a stage.

use crate::prelude::*;

/// One pass.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_visit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StageVisitId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub journey_id: JourneyId,
    pub account_id: AccountId,
    /// The version that the journey followed then; an open visit moves along when its journey is
    /// migrated, one that has ended stays what it was.
    pub version_id: JourneyTemplateVersionId,
    pub stage_key: String,
    /// From 1, over the whole journey.
    pub number: i32,
    pub lap: i32,
    /// From 1: the how-manieth visit of the stage within the lap.
    pub attempt: i32,
    pub entered_at: DateTime<Utc>,
    /// The local date of the entry.
    pub entered_on: NaiveDate,
    /// When a journey that ran before Jornada knew of it was taken over in this stage.
    pub adopted_at: Option<DateTime<Utc>>,
    /// When the expected duration will have passed; pauses move it.
    pub expected_until: Option<NaiveDate>,
    /// The days of pauses while it waited for values, which do not count against them.
    pub paused_days: i32,
    /// When the last required task was finished.
    pub tasks_done_at: Option<DateTime<Utc>>,
    pub exited_at: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    /// What the person who moved the journey gave as the reason.
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, StageVisitId, account = |visit: &Model| Some(visit.account_id));

impl Model {
    /// From when on its tasks open and it can end.
    pub fn works_from(&self) -> DateTime<Utc> {
        self.adopted_at.unwrap_or(self.entered_at)
    }
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The journey went on.
    Advanced,
    /// An indicator of the stage failed: the stage again.
    Repeated,
    /// A continuous indicator failed: back to the previous stage.
    Regressed,
    /// A new lap began.
    Looped,
    /// A person moved the journey elsewhere.
    Skipped,
    /// The journey was called off.
    Cancelled,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn open(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ExitedAt.is_null())
}

/// The open visits of these journeys; each has at most one.
pub async fn open_of(cx: &Cx<'_>, journey_ids: &[JourneyId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    Ok(open(cx).filter(Column::JourneyId.is_in(journey_ids.iter().copied())).all(&cx.db).await?)
}

/// The visits of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[StageVisitId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A page of visits for each journey, in order.
pub async fn list_each(
    cx: &Cx<'_>,
    journey_ids: &[JourneyId],
    args: &PageArgs,
) -> Result<std::collections::HashMap<JourneyId, Page<Model>>> {
    cx.require(Area::Journeys, Access::Read)?;
    let order = [Order::asc(Column::Number), Order::asc(Column::Id)];
    page_each(cx, visible(cx), Column::JourneyId, journey_ids, &order, args).await
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: StageVisitId) -> Result<Option<Model>> {
    Ok(visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?)
}

/// The last visit of a journey: the open one, if there is one.
pub(crate) async fn last(cx: &Cx<'_>, journey_id: JourneyId) -> Result<Option<Model>> {
    let select = visible(cx).filter(Column::JourneyId.eq(journey_id));
    Ok(select.order_by_desc(Column::Number).one(&cx.db).await?)
}

/// How often each stage was visited in a lap, for the loop guard.
pub(crate) async fn attempts(
    cx: &Cx<'_>,
    journey_id: JourneyId,
    lap: i32,
) -> Result<std::collections::HashMap<String, i32>> {
    let of_lap = Condition::all().add(Column::JourneyId.eq(journey_id)).add(Column::Lap.eq(lap));
    let select = visible(cx).filter(of_lap).select_only().column(Column::StageKey);
    let select = select.column_as(Column::Attempt.max(), "attempt").group_by(Column::StageKey);
    let rows: Vec<(String, i32)> = select.into_tuple().all(&cx.db).await?;
    Ok(rows.into_iter().collect())
}
