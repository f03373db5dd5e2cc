//! A metric: what is measured, in which unit and rhythm, and which way is better.

use crate::prelude::*;

/// A measured quantity.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "metric")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MetricId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What integrations call it; never changes.
    pub key: String,
    pub name: String,
    /// What a value counts: `logins`, `BRL`, `%`.
    pub unit: String,
    pub grain: Grain,
    pub aggregation: Aggregation,
    pub direction: Direction,
    /// For how many days a point says something about the present.
    pub freshness_days: i32,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, MetricId);

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Grain {
    /// A day.
    Day,
    /// An ISO week, named by its Monday.
    Week,
    /// A month, named by its first day.
    Month,
}

/// How the raw values of a period became its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Aggregation {
    /// Added up.
    Sum,
    /// The last one.
    Last,
    /// The largest one.
    Max,
    /// Their mean.
    Avg,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// The more, the better.
    HigherIsBetter,
    /// The less, the better.
    LowerIsBetter,
    /// Neither.
    Neutral,
}

/// A metric to be created.
#[derive(Clone, Debug)]
pub struct NewMetric {
    pub key: String,
    pub name: String,
    pub unit: String,
    pub grain: Grain,
    pub aggregation: Aggregation,
    pub direction: Direction,
    /// 1 to [`MAX_FRESHNESS_DAYS`].
    pub freshness_days: i32,
}

/// Changes of a metric; `None` leaves a field as it is. Grain and aggregation never change,
/// because the points that are there were made by them.
#[derive(Clone, Debug, Default)]
pub struct MetricPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub unit: Option<String>,
    pub direction: Option<Direction>,
    pub freshness_days: Option<i32>,
}

/// What narrows a list of metrics.
#[derive(Clone, Debug, Default)]
pub struct MetricFilter {
    /// Also those that were put away.
    pub include_archived: bool,
}

/// Ten years.
pub const MAX_FRESHNESS_DAYS: i32 = 3650;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Metrics by key.
pub async fn list(cx: &Cx<'_>, filter: MetricFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Metrics, Access::Read)?;
    let mut select = visible(cx);
    if !filter.include_archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    page(cx, select, &[Order::asc(Column::Key), Order::asc(Column::Id)], args).await
}

/// One metric.
pub async fn find(cx: &Cx<'_>, id: MetricId) -> Result<Model> {
    cx.require(Area::Metrics, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The metrics of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[MetricId]) -> Result<Vec<Model>> {
    cx.require(Area::Metrics, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The metric that integrations call so.
pub async fn by_key(cx: &Cx<'_>, key: &str) -> Result<Model> {
    cx.require(Area::Metrics, Access::Read)?;
    let row = visible(cx).filter(Column::Key.eq(key)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("key", Kind::Metric))
}

/// Those of the metrics that can be used.
pub(super) async fn live(cx: &Cx<'_>, ids: &[MetricId]) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::Id.is_in(ids.iter().copied()));
    Ok(select.filter(Column::ArchivedAt.is_null()).all(&cx.db).await?)
}

/// Those of the metrics of these keys that can be used.
pub(crate) async fn in_use(cx: &Cx<'_>, keys: &[&str]) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::Key.is_in(keys.iter().copied()));
    Ok(select.filter(Column::ArchivedAt.is_null()).all(&cx.db).await?)
}

/// All metrics by id, from one on.
pub(super) async fn all_after(cx: &Cx<'_>, first: Option<MetricId>) -> Result<Vec<Model>> {
    let from = first.map(|id| Column::Id.gte(id));
    let select = visible(cx).filter(Condition::all().add_option(from));
    Ok(select.order_by_asc(Column::Id).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: MetricId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Metric))
}

/// Demands that the metric that a field names can be used.
pub(crate) async fn require_live(cx: &Cx<'_>, id: MetricId, field: &str) -> Result<()> {
    match find_in(cx, id, field).await?.archived_at {
        None => Ok(()),
        Some(_) => Err(Problem::new(field, Code::Archived).into()),
    }
}

/// Creates a metric.
pub async fn create(tx: &Tx<'_>, new: NewMetric) -> Result<Model> {
    tx.require(Area::Metrics, Access::Write)?;
    let mut checks = Checks::new();
    let row = ActiveModel {
        key: Set(checks.key("key", &new.key)),
        name: Set(checks.text("name", &new.name, 200)),
        unit: Set(checks.text("unit", &new.unit, 40)),
        grain: Set(new.grain),
        aggregation: Set(new.aggregation),
        direction: Set(new.direction),
        freshness_days: Set(new.freshness_days),
        archived_at: Set(None),
        ..Default::default()
    };
    checks.range("freshnessDays", new.freshness_days, 1, MAX_FRESHNESS_DAYS);
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Changes a metric.
pub async fn update(tx: &Tx<'_>, id: MetricId, patch: MetricPatch) -> Result<Model> {
    tx.require(Area::Metrics, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(unit) = patch.unit {
        row.unit = Set(checks.text("unit", &unit, 40));
    }
    if let Some(direction) = patch.direction {
        row.direction = Set(direction);
    }
    if let Some(days) = patch.freshness_days {
        checks.range("freshnessDays", days, 1, MAX_FRESHNESS_DAYS);
        row.freshness_days = Set(days);
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a metric away: its points stay, new ones are refused.
pub async fn archive(tx: &Tx<'_>, id: MetricId) -> Result<Model> {
    tx.require(Area::Metrics, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}
