//! Metrics and their points.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::id::{Kind, MetricId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::signals;
use jornada_domain::metrics::metric::{self, MetricFilter, MetricPatch, NewMetric};
use jornada_domain::metrics::point::{self, NewPoint, Series};
use uuid::Uuid;

use super::connection::{Connection, Paging};
use super::event::Subject;
use super::filter::DateFilter;
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::Date;
use super::word::words;

/// A quantity that is measured elsewhere and arrives aggregated per period.
#[derive(SimpleObject)]
pub(super) struct Metric {
    pub id: GlobalId<MetricId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What integrations call it; unique in the workspace, never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What a value counts: `logins`, `BRL`, `%`.
    unit: String,
    /// The length of a period.
    grain: MetricGrain,
    /// How the raw values of a period became its point.
    aggregation: MetricAggregation,
    /// Which way is better.
    direction: MetricDirection,
    /// For how many days a point says something about the present.
    freshness_days: i32,
}

impl From<metric::Model> for Metric {
    fn from(row: metric::Model) -> Self {
        let metric::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            name,
            unit,
            grain,
            aggregation,
            direction,
            freshness_days,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            key,
            name,
            unit,
            grain: grain.into(),
            aggregation: aggregation.into(),
            direction: direction.into(),
            freshness_days,
        }
    }
}

load_by_id!(MetricId => metric::Model, metric::many);

words! {
    /// The length of a period.
    MetricGrain = "metric::Grain" {
        /// A day.
        Day,
        /// An ISO week, named by its Monday.
        Week,
        /// A month, named by its first day.
        Month,
    }
}

words! {
    /// How the raw values of a period became its point.
    MetricAggregation = "metric::Aggregation" {
        /// Added up.
        Sum,
        /// The last one.
        Last,
        /// The largest one.
        Max,
        /// Their mean.
        Avg,
    }
}

words! {
    /// Which way is better.
    MetricDirection = "metric::Direction" {
        /// The more, the better.
        HigherIsBetter,
        /// The less, the better.
        LowerIsBetter,
        /// Neither.
        Neutral,
    }
}

/// The value of a metric for a subject in a period; there is one, however often it is sent.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct MetricPoint {
    #[graphql(skip)]
    metric_id: MetricId,
    #[graphql(flatten)]
    subject: Subject,
    /// The first day of the period.
    period: Date,
    /// The value, in the unit of the metric.
    value: f64,
    /// When the value became known.
    recorded_at: DateTime<Utc>,
}

#[ComplexObject]
impl MetricPoint {
    /// What was measured.
    async fn metric(&self, ctx: &Context<'_>) -> Answer<Metric> {
        one(ctx, Some(self.metric_id)).await
    }
}

impl From<point::Model> for MetricPoint {
    fn from(row: point::Model) -> Self {
        let point::Model {
            workspace_id: _,
            metric_id,
            subject_id,
            period,
            subject_kind,
            account_id: _,
            value,
            recorded_at,
        } = row;
        let subject = Subject::new(Kind::from(subject_kind).as_str(), subject_id);
        Self { metric_id, subject, period: Date(period), value, recorded_at }
    }
}

load_children!(SeriesOf(Uuid, Series) => point::Model, point::series_each);

/// The points of one metric for a subject.
pub(super) async fn series(
    ctx: &Context<'_>,
    subject_id: Uuid,
    metric_id: &ID,
    period: Option<DateFilter>,
    paging: Paging,
) -> Answer<Connection<MetricPoint>> {
    let metric_id = match id::parse("metricId", metric_id) {
        Ok(id) => id,
        Err(problem) => return Some(Err(problem.into())),
    };
    let series = Series { metric_id, period: period.map(Into::into).unwrap_or_default() };
    children(ctx, SeriesOf(subject_id, series), paging).await
}

#[derive(Default)]
pub(super) struct MetricQuery;

#[Object]
impl MetricQuery {
    /// One metric.
    async fn metric(&self, ctx: &Context<'_>, id: ID) -> Answer<Metric> {
        read(ctx, async |cx| metric::find(cx, id::parse("id", &id)?).await).await
    }

    /// The metric that integrations call so.
    async fn metric_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the metric.")] key: String,
    ) -> Answer<Metric> {
        read(ctx, async |cx| metric::by_key(cx, &key).await).await
    }

    /// The metrics of the workspace, by key.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        filter: Option<MetricFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Metric>> {
        let paging = Paging { first, after, last, before };
        let filter = filter.map(MetricFilter::from).unwrap_or_default();
        list(ctx, paging, async move |cx, page| metric::list(cx, filter, page).await).await
    }
}

/// What narrows a list of metrics.
#[derive(InputObject)]
#[graphql(name = "MetricFilter")]
pub(super) struct MetricFilterInput {
    /// Metrics that were put away as well.
    #[graphql(default)]
    include_archived: bool,
}

impl From<MetricFilterInput> for MetricFilter {
    fn from(input: MetricFilterInput) -> Self {
        let MetricFilterInput { include_archived } = input;
        Self { include_archived }
    }
}

#[derive(Default)]
pub(super) struct MetricMutation;

#[Object]
impl MetricMutation {
    /// Creates a metric.
    async fn metric_create(
        &self,
        ctx: &Context<'_>,
        input: MetricCreateInput,
    ) -> Result<MetricCreatePayload> {
        write(ctx, async move |tx| metric::create(tx, input.into()).await).await
    }

    /// Changes a metric. Its grain and aggregation stay, because its points were made by them.
    async fn metric_update(
        &self,
        ctx: &Context<'_>,
        input: MetricUpdateInput,
    ) -> Result<MetricUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(metric::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a metric away: its points stay, new ones are refused.
    async fn metric_archive(
        &self,
        ctx: &Context<'_>,
        input: MetricArchiveInput,
    ) -> Result<MetricArchivePayload> {
        write(ctx, async |tx| metric::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Records up to 500 values, each in place of what its metric, subject and period had: sending
    /// the same ones again changes nothing. All of them are recorded or none. Journeys that wait
    /// for a value look again.
    async fn metric_points_record(
        &self,
        ctx: &Context<'_>,
        input: MetricPointsRecordInput,
    ) -> Result<MetricPointsRecordPayload> {
        write(ctx, async |tx| {
            let mut checks = Checks::new();
            let mut points = Vec::with_capacity(input.points.len());
            for (place, point) in input.points.iter().enumerate() {
                points.extend(checks.keep(new_point(place, point))?);
            }
            checks.finish()?;
            let rows = signals::record_points(tx, points).await?;
            Ok(rows.into_iter().map(MetricPoint::from).collect::<Vec<_>>())
        })
        .await
    }
}

fn new_point(place: usize, input: &MetricPointInput) -> Result<NewPoint> {
    let at = |field: &str| format!("points.{place}.{field}");
    let subject = match id::any(&at("subjectId"), &input.subject_id)? {
        (Kind::Account, id) => point::Subject::Account(id.into()),
        (Kind::Contact, id) => point::Subject::Contact(id.into()),
        (Kind::Subscription, id) => point::Subject::Subscription(id.into()),
        _ => {
            let kinds = "Account, Contact, Subscription";
            return Err(Problem::new(at("subjectId"), Code::BadId).with("kind", kinds).into());
        }
    };
    Ok(NewPoint {
        metric_id: id::parse(&at("metricId"), &input.metric_id)?,
        subject,
        period: input.period.0,
        value: input.value,
        recorded_at: input.recorded_at,
    })
}

/// A metric to be created.
#[derive(InputObject)]
pub(super) struct MetricCreateInput {
    /// What integrations call it: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique, never changes.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// What a value counts: 1 to 40 characters.
    unit: String,
    /// The length of a period.
    grain: MetricGrain,
    /// How the raw values of a period become its point.
    aggregation: MetricAggregation,
    /// Which way is better.
    direction: MetricDirection,
    /// For how many days a point says something about the present: 1 to 3650.
    freshness_days: i32,
}

impl From<MetricCreateInput> for NewMetric {
    fn from(input: MetricCreateInput) -> Self {
        let MetricCreateInput { key, name, unit, grain, aggregation, direction, freshness_days } =
            input;
        let (grain, aggregation) = (grain.into(), aggregation.into());
        Self { key, name, unit, grain, aggregation, direction: direction.into(), freshness_days }
    }
}

/// Changes of a metric; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct MetricUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What a value counts: 1 to 40 characters.
    unit: MaybeUndefined<String>,
    /// Which way is better.
    direction: MaybeUndefined<MetricDirection>,
    /// For how many days a point says something about the present: 1 to 3650.
    freshness_days: MaybeUndefined<i32>,
}

impl MetricUpdateInput {
    fn read(self, reading: &mut Reading) -> MetricPatch {
        let MetricUpdateInput { id: _, expected_version, name, unit, direction, freshness_days } =
            self;
        let name = reading.kept("name", name);
        let unit = reading.kept("unit", unit);
        let direction = reading.kept("direction", direction);
        let freshness_days = reading.kept("freshnessDays", freshness_days);
        let direction = direction.map(Into::into);
        MetricPatch { expected_version, name, unit, direction, freshness_days }
    }
}

/// A metric to be put away.
#[derive(InputObject)]
pub(super) struct MetricArchiveInput {
    id: ID,
}

/// Values to be recorded.
#[derive(InputObject)]
pub(super) struct MetricPointsRecordInput {
    /// The values: at most 500, one for a metric, subject and period.
    points: Vec<MetricPointInput>,
}

/// A value to be recorded.
#[derive(InputObject)]
pub(super) struct MetricPointInput {
    /// What was measured.
    metric_id: ID,
    /// Whose value it is: an account, a contact or a subscription.
    subject_id: ID,
    /// Any day of the period, not after today.
    period: Date,
    /// The value, in the unit of the metric.
    value: f64,
    /// When the value became known; only imports and backfills may say so.
    recorded_at: Option<DateTime<Utc>>,
}

payload! {
    /// What came of creating a metric.
    MetricCreatePayload {
        /// The metric.
        metric: Metric,
    }
}

payload! {
    /// What came of changing a metric.
    MetricUpdatePayload {
        /// The metric as it is now.
        metric: Metric,
    }
}

payload! {
    /// What came of putting a metric away.
    MetricArchivePayload {
        /// The metric as it is now.
        metric: Metric,
    }
}

type MetricPoints = Vec<MetricPoint>;

payload! {
    /// What came of recording values.
    MetricPointsRecordPayload {
        /// The values as they are kept, by metric, subject and period.
        points: MetricPoints,
    }
}
