//! What the points of some days say about an account, a contact or a subscription.

use std::collections::{BTreeSet, HashMap};

use async_graphql::dataloader::Loader;
use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{Kind, MetricId};
use jornada_domain::metrics::metric::Aggregation;
use jornada_domain::metrics::point::SubjectKind;
use jornada_domain::metrics::window::{self, Fold, Last, Span, Window};
use uuid::Uuid;

use super::loader::{Loads, alike, one};
use super::metric::Metric;
use super::request::{Answer, call};
use super::scalar::{Date, Long};

/// What the points of some days say. A point belongs to the days among which its period begins.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct MetricWindow {
    #[graphql(skip)]
    metric_id: MetricId,
    /// The first day.
    since: Date,
    /// The last day.
    until: Date,
    /// The point of the last period that has begun by the last day, perhaps before the first one.
    last: Option<MetricLast>,
    /// The points of the window; today, as far as it is known, is among them.
    current: MetricFold,
    /// The points of as many days before it.
    previous: MetricFold,
    /// By which part the mean of the points grew: 0.25 is a quarter more. Whole periods that have
    /// ended by the last day, and before today, are held against as many before them: of a metric
    /// of days, as many as the window has; of weeks, a week for every 7 days; of months, a month
    /// for every 30 days; one at least. So 30 days up to today compare the 30 days up to yesterday,
    /// the last four whole weeks, or the last whole month. The mean is that of the periods that
    /// have a point, however the metric folds its points. Null where less than half of the periods
    /// of either side has one, where what is before reaches beyond what the workspace keeps, and
    /// where the mean before was zero.
    trend: Option<f64>,
}

#[ComplexObject]
impl MetricWindow {
    /// What was measured.
    async fn metric(&self, ctx: &Context<'_>) -> Answer<Metric> {
        one(ctx, Some(self.metric_id)).await
    }
}

/// The last known value.
#[derive(SimpleObject)]
pub(super) struct MetricLast {
    /// The first day of its period.
    period: Date,
    /// The value, in the unit of the metric.
    value: f64,
    /// When it became known.
    recorded_at: DateTime<Utc>,
    /// Whether its period ended longer ago than the metric stays fresh, seen from the last day.
    is_stale: bool,
}

/// Points folded into a few numbers; all but the count are null where there is no point.
#[derive(SimpleObject)]
pub(super) struct MetricFold {
    /// How many points there are.
    count: Long,
    /// The points folded as the metric says: their sum, the last, the largest or the mean.
    value: Option<f64>,
    /// Added up.
    sum: Option<f64>,
    /// Their mean.
    average: Option<f64>,
    /// The smallest one.
    min: Option<f64>,
    /// The largest one.
    max: Option<f64>,
}

impl MetricFold {
    fn new(fold: Fold, aggregation: Aggregation) -> Self {
        let (value, average) = (fold.value(aggregation), fold.average());
        let Fold { count, sum, min, max, last: _ } = fold;
        Self { count: Long(count), value, sum, average, min, max }
    }
}

impl From<Last> for MetricLast {
    fn from(last: Last) -> Self {
        let Last { period, value, recorded_at, is_stale } = last;
        Self { period: Date(period), value, recorded_at, is_stale }
    }
}

impl From<Window> for MetricWindow {
    fn from(window: Window) -> Self {
        let Window { metric_id, since, until, aggregation, last, current, previous, trend } =
            window;
        Self {
            metric_id,
            since: Date(since),
            until: Date(until),
            last: last.map(MetricLast::from),
            current: MetricFold::new(current, aggregation),
            previous: MetricFold::new(previous, aggregation),
            trend,
        }
    }
}

/// One window of one subject.
#[derive(Clone, PartialEq, Eq, Hash)]
struct WindowOf {
    subject_id: Uuid,
    key: String,
    span: Span,
}

impl Loader<WindowOf> for Loads {
    type Value = Window;
    type Error = Error;

    async fn load(&self, keys: &[WindowOf]) -> Result<HashMap<WindowOf, Window>> {
        let mut windows = HashMap::new();
        for (span, asked) in alike(keys, |of| ((of.subject_id, of.key.clone()), of.span)) {
            let (subjects, keys): (BTreeSet<Uuid>, BTreeSet<String>) = asked.into_iter().unzip();
            let found = window::each(&self.cx(), &subjects, &keys, span).await?;
            windows.extend(
                found.into_iter().map(|((subject_id, key), window)| {
                    (WindowOf { subject_id, key, span }, window)
                }),
            );
        }
        Ok(windows)
    }
}

/// The days that are asked for where nothing is said.
pub(super) const DAYS: i32 = 30;

/// What the points of a metric say about a subject.
pub(super) async fn window(
    ctx: &Context<'_>,
    kind: SubjectKind,
    subject_id: Uuid,
    key: String,
    days: i32,
    until: Option<Date>,
) -> Answer<MetricWindow> {
    let span = Span { kind, days, until: until.map(|day| day.0) };
    let found = call(ctx).loads.load_one(WindowOf { subject_id, key, span }).await;
    let found = found.and_then(|found| found.ok_or(Error::not_found("key", Kind::Metric)));
    Some(found.map(MetricWindow::from))
}
