//! Points of metrics: one value per metric, subject and period, however often it is sent.

pub(super) mod bulk;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::Datelike;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use serde_json::json;

use super::metric::{self, Grain};
use super::retention::Retention;
use crate::calendar;
use crate::filter::RangeFilter;
use crate::prelude::*;
pub use crate::subject::SubjectKind;
use crate::{refs, workspace};

/// One value. It is no noun: its natural key is its primary key.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "metric_point")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub metric_id: MetricId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    /// The first day of the period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period: NaiveDate,
    pub subject_kind: SubjectKind,
    /// The account that the subject is or belongs to.
    pub account_id: AccountId,
    pub value: f64,
    /// When the value became known.
    pub recorded_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account.
    Account(AccountId),
    /// A contact.
    Contact(ContactId),
    /// A subscription.
    Subscription(SubscriptionId),
}

impl Subject {
    pub(super) fn kind(self) -> SubjectKind {
        match self {
            Self::Account(_) => SubjectKind::Account,
            Self::Contact(_) => SubjectKind::Contact,
            Self::Subscription(_) => SubjectKind::Subscription,
        }
    }

    pub(super) fn id(self) -> Uuid {
        match self {
            Self::Account(id) => id.into(),
            Self::Contact(id) => id.into(),
            Self::Subscription(id) => id.into(),
        }
    }
}

impl SubjectKind {
    /// The subject of this kind with an id.
    pub fn of(self, id: Uuid) -> Subject {
        match self {
            Self::Account => Subject::Account(id.into()),
            Self::Contact => Subject::Contact(id.into()),
            Self::Subscription => Subject::Subscription(id.into()),
        }
    }
}

/// A value to be recorded.
#[derive(Clone, Debug)]
pub struct NewPoint {
    pub metric_id: MetricId,
    pub subject: Subject,
    /// Any day of the period.
    pub period: NaiveDate,
    /// Finite.
    pub value: f64,
    /// When the value became known; only imports and backfills may say so.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// Which points of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    pub metric_id: MetricId,
    /// When their period begins.
    pub period: RangeFilter<NaiveDate>,
}

/// Points of one call.
pub const MAX_POINTS: usize = 500;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The points of a series for each of many subjects (accounts, contacts, subscriptions), earliest
/// first.
pub async fn series_each(
    cx: &Cx<'_>,
    subjects: &[Uuid],
    series: &Series,
    args: &PageArgs,
) -> Result<HashMap<Uuid, Page<Model>>> {
    cx.require(Area::Metrics, Access::Read)?;
    let select = visible(cx)
        .filter(Column::MetricId.eq(series.metric_id))
        .filter(series.period.condition(Column::Period));
    page_each(cx, select, Column::SubjectId, subjects, &[Order::asc(Column::Period)], args).await
}

/// The point of the last period of each of the metrics, for an account itself. A correction of an
/// earlier period is not the latest value, though it was recorded last.
pub(crate) async fn latest(
    cx: &Cx<'_>,
    account_id: AccountId,
    metric_ids: &[MetricId],
) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::SubjectId.eq(account_id));
    let (latest_first, one) = ([Order::desc(Column::Period)], PageArgs::first(1));
    let pages = page_each(cx, select, Column::MetricId, metric_ids, &latest_first, &one).await?;
    Ok(pages.into_values().flat_map(Page::into_rows).collect())
}

/// Those of the subjects of whom a value became known then or later.
pub(crate) async fn known_since(
    cx: &Cx<'_>,
    metric_ids: &[MetricId],
    subjects: impl IntoIterator<Item = Uuid>,
    since: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let known = visible(cx)
        .filter(Column::MetricId.is_in(metric_ids.iter().copied()))
        .filter(Column::SubjectId.is_in(subjects))
        .filter(Column::RecordedAt.gte(since));
    let ids = known.select_only().column(Column::SubjectId).distinct();
    Ok(ids.into_tuple().all(&cx.db).await?)
}

/// The next subjects that have points of a metric, by their ids.
pub(super) async fn next_subjects(
    tx: &Tx<'_>,
    metric_id: MetricId,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>> {
    let of_metric = visible(tx).filter(Column::MetricId.eq(metric_id));
    let beyond = after.map(|id| Column::SubjectId.gt(id));
    let select = of_metric.filter(Condition::all().add_option(beyond));
    let ids = select.select_only().column(Column::SubjectId).distinct();
    Ok(ids.order_by_asc(Column::SubjectId).limit(limit).into_tuple().all(&tx.db).await?)
}

/// Deletes the points of some subjects whose periods began before a day; says how many.
pub(super) async fn delete_before(
    tx: &Tx<'_>,
    metric_id: MetricId,
    subjects: &[Uuid],
    day: NaiveDate,
) -> Result<u64> {
    let old = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::MetricId.eq(metric_id))
        .filter(Column::SubjectId.is_in(subjects.iter().copied()))
        .filter(Column::Period.lt(day));
    Ok(old.exec(&tx.db).await?.rows_affected)
}

/// The value of the last period of each of these metrics for each of these accounts, in one
/// statement.
pub(crate) async fn latest_each(
    cx: &Cx<'_>,
    wanted: &BTreeSet<(AccountId, MetricId)>,
) -> Result<HashMap<(AccountId, MetricId), f64>> {
    cx.require(Area::Metrics, Access::Read)?;
    let other = Alias::new("other");
    let mut last = Query::select();
    last.expr(Func::max(Expr::col((other.clone(), Column::Period)))).from_as(Entity, other.clone());
    for key in [Column::WorkspaceId, Column::MetricId, Column::SubjectId] {
        last.and_where(Expr::col((other.clone(), key)).equals((Entity, key)));
    }
    let select = visible(cx)
        .filter(Column::SubjectId.is_in(wanted.iter().map(|(account, _)| *account)))
        .filter(Column::MetricId.is_in(wanted.iter().map(|(_, metric)| *metric)))
        .filter(Column::Period.in_subquery(last));
    let rows = select.all(&cx.db).await?;
    Ok(rows.into_iter().map(|row| ((row.account_id, row.metric_id), row.value)).collect())
}

/// Records values, each in place of what its metric, subject and period had. All problems of all
/// points are reported, by their place in `points`. Whoever calls has asked for the right.
pub(crate) async fn put_many(tx: &Tx<'_>, points: Vec<NewPoint>) -> Result<Vec<Model>> {
    if points.len() > MAX_POINTS {
        return Err(Problem::too_many("points", MAX_POINTS, "values").into());
    }
    let metric_ids: Vec<_> = points.iter().map(|point| point.metric_id).collect();
    let metrics = metric::live(tx, &metric_ids).await?;
    let metrics: HashMap<_, _> = metrics.into_iter().map(|metric| (metric.id, metric)).collect();
    let rows = rows(tx, &points, &metrics).await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    bulk::put(tx, &rows).await?;
    rows.chunk_by(|a, b| a.metric_id == b.metric_id)
        .filter_map(|points| Some((metrics.get(&points[0].metric_id)?, points)))
        .for_each(|(metric, points)| tell(tx, metric, points));
    Ok(rows)
}

/// One event for the points of a metric: their values are in the points themselves.
fn tell(tx: &Tx<'_>, metric: &metric::Model, points: &[Model]) {
    let account = points[0].account_id;
    let is_only = points.iter().all(|point| point.account_id == account);
    let changes = BTreeMap::from([("points", json!({ "count": points.len() }))]);
    store::tell_batch(tx, metric, is_only.then_some(account), Fact::Recorded, &changes);
}

/// The rows of the points in the order of their key, so that two calls that record the same
/// points never wait for each other in a circle.
async fn rows(
    tx: &Tx<'_>,
    points: &[NewPoint],
    metrics: &HashMap<MetricId, metric::Model>,
) -> Result<Vec<Model>> {
    let accounts = accounts_of(tx, points).await?;
    let terms = Terms::now(tx).await?;
    let mut checks = Checks::new();
    let mut seen = HashSet::new();
    let mut rows = Vec::with_capacity(points.len());
    for (index, point) in points.iter().enumerate() {
        let at = |field: &str| format!("points.{index}.{field}");
        check_value(&mut checks, &at("value"), point.value);
        let recorded_at = recorded_at(tx, &mut checks, &at("recordedAt"), point.recorded_at);
        let metric = metrics.get(&point.metric_id);
        checks.ensure(metric.is_some(), || Problem::new(at("metricId"), Code::UnknownMetric));
        let period = terms.period(&mut checks, &at("period"), point.period, metric);
        let account = accounts.get(&point.subject);
        checks.ensure(account.is_some(), || {
            let kind = Kind::from(point.subject.kind()).type_name();
            Problem::new(at("subjectId"), Code::NotFound).with("kind", kind)
        });
        let (Some(metric), Some(period), Some(account_id)) = (metric, period, account) else {
            continue;
        };
        checks.ensure(seen.insert((metric.id, point.subject, period)), || {
            Problem::new(at("period"), Code::DuplicateKey)
        });
        rows.push(Model {
            workspace_id: tx.workspace_id(),
            metric_id: metric.id,
            subject_id: point.subject.id(),
            period,
            subject_kind: point.subject.kind(),
            account_id: *account_id,
            value: point.value,
            recorded_at,
        });
    }
    checks.finish()?;
    rows.sort_by_key(|row| (row.metric_id, row.subject_id, row.period));
    Ok(rows)
}

/// What is the same for all points of a call.
pub(super) struct Terms {
    pub(super) today: NaiveDate,
    pub(super) retention: Retention,
}

/// Points cannot be larger: the sum of those of any window is still a number.
pub const MAX_VALUE: f64 = 1e300;

impl Terms {
    /// The terms of the moment.
    pub(super) async fn now(tx: &Tx<'_>) -> Result<Self> {
        let retention = Retention::of(&workspace::current(tx).await?);
        Ok(Self { today: tx.today().await?, retention })
    }

    /// Checks the day of a point; gives the first day of its period, where the metric is known.
    pub(super) fn period(
        &self,
        checks: &mut Checks,
        field: &str,
        day: NaiveDate,
        metric: Option<&metric::Model>,
    ) -> Option<NaiveDate> {
        checks.ensure(day <= self.today, || {
            Problem::new(field, Code::TooLate).with("max", self.today)
        });
        let metric = metric?;
        let period = start_of_period(day, metric.grain);
        if let Some(earliest) = self.retention.earliest(metric, self.today) {
            checks.ensure(period >= earliest, || {
                Problem::new(field, Code::TooEarly).with("min", earliest)
            });
        }
        Some(period)
    }
}

/// Checks a value.
pub(super) fn check_value(checks: &mut Checks, field: &str, value: f64) {
    checks
        .ensure(value.is_finite(), || Problem::new(field, Code::BadFormat).with("form", "number"));
    if value.is_finite() {
        checks.range(field, value, -MAX_VALUE, MAX_VALUE);
    }
}

/// When a value became known: now, unless the point says when and the call may say so.
pub(super) fn recorded_at(
    tx: &Tx<'_>,
    checks: &mut Checks,
    field: &str,
    said: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let Some(said) = said else { return tx.now };
    let may_look_back = tx.actor.origin.may_look_back();
    checks.ensure(may_look_back, || Problem::new(field, Code::BackfillNeeded));
    checks.past(field, said, tx.now)
}

/// The accounts of the subjects, in one statement per kind.
async fn accounts_of(tx: &Tx<'_>, points: &[NewPoint]) -> Result<HashMap<Subject, AccountId>> {
    let mut ids: HashMap<SubjectKind, HashSet<Uuid>> = HashMap::new();
    for point in points {
        ids.entry(point.subject.kind()).or_default().insert(point.subject.id());
    }
    let mut accounts = HashMap::new();
    for (kind, ids) in ids {
        let owners = refs::accounts_of(tx, kind.into(), ids).await?;
        accounts.extend(owners.into_iter().map(|(id, account)| (kind.of(id), account)));
    }
    Ok(accounts)
}

/// The first day of the period that a day falls into.
pub fn start_of_period(day: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Day => day,
        Grain::Week => calendar::minus(day, day.weekday().num_days_from_monday().into()),
        Grain::Month => calendar::minus(day, day.day0().into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_named_by_its_first_day() {
        let new_year = date("2026-01-01");
        assert_eq!(start_of_period(new_year, Grain::Day), new_year);
        assert_eq!(start_of_period(new_year, Grain::Week), date("2025-12-29"));
        assert_eq!(start_of_period(date("2024-02-29"), Grain::Month), date("2024-02-01"));
    }

    proptest! {
        #[test]
        fn the_start_of_a_period_starts_itself(offset in 0u64..40_000) {
            let day = calendar::plus(date("1970-01-01"), offset);
            for grain in [Grain::Day, Grain::Week, Grain::Month] {
                let start = start_of_period(day, grain);
                prop_assert!(start <= day && day <= calendar::plus(start, 30));
                prop_assert_eq!(start_of_period(start, grain), start);
            }
        }
    }
}
