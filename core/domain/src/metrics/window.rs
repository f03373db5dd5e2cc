//! What the points of some days say: the last value, how the days fold into one and those before
//! them, and the trend of the periods that have ended. Indicators, health models and screens ask in
//! the same way.
//!
//! A point belongs to the window in which its period begins: any 28 days hold four weeks exactly.
//! Points that are missing are unknown, not zero.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{QueryResult, Statement};

use super::metric::{Aggregation, Grain};
use super::point::SubjectKind;
use super::retention::Retention;
use super::trend::{Side, Sides, trend};
use crate::prelude::*;
use crate::{calendar, workspace};

/// Which points are asked for, of subjects of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The kind of the subjects.
    pub kind: SubjectKind,
    /// How many days, 1 to [`MAX_DAYS`].
    pub days: i32,
    /// The last of them; today when left out.
    pub until: Option<NaiveDate>,
}

/// Three years.
pub const MAX_DAYS: i32 = 1100;

/// What the points of a metric say about a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub metric_id: MetricId,
    /// The first day.
    pub since: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// How the metric folds points into one value.
    pub aggregation: Aggregation,
    /// The point of the last period that has begun by the end of the window, also where that is
    /// before its beginning.
    pub last: Option<Last>,
    /// The points of the window.
    pub current: Fold,
    /// The points of as many days before it.
    pub previous: Fold,
    /// By which part the mean of the periods that have ended grew: 0.25 is a quarter more. Its
    /// periods are those of [`Sides`], not the days of the window.
    pub trend: Option<f64>,
}

/// The last known value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last {
    /// The first day of its period.
    pub period: NaiveDate,
    /// The value.
    pub value: f64,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    /// Whether it no longer says anything about the last day of the window.
    pub is_stale: bool,
}

/// Points folded into a few numbers; all but the count are absent where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fold {
    pub count: i64,
    pub sum: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub last: Option<f64>,
}

impl Fold {
    /// The mean of the points.
    pub fn average(&self) -> Option<f64> {
        self.sum.filter(|_| self.count > 0).map(|sum| sum / self.count as f64)
    }

    /// The points as one value, in the way of their metric.
    pub fn value(&self, aggregation: Aggregation) -> Option<f64> {
        match aggregation {
            Aggregation::Sum => self.sum,
            Aggregation::Last => self.last,
            Aggregation::Max => self.max,
            Aggregation::Avg => self.average(),
        }
    }
}

/// Whether a point no longer says anything about a day: its period ended longer ago than its
/// metric stays fresh.
pub(super) fn is_stale(period: NaiveDate, grain: Grain, freshness: i32, on: NaiveDate) -> bool {
    let end = match grain {
        Grain::Day => period,
        Grain::Week => calendar::plus(period, 6),
        Grain::Month => {
            let next = super::point::start_of_period(calendar::plus(period, 31), grain);
            calendar::minus(next, 1)
        }
    };
    calendar::plus(end, freshness.unsigned_abs().into()) < on
}

/// What the points of metrics say about each of many subjects, in one statement, by subject and
/// key of the metric. What is not known is left out; a subject without points has empty windows.
pub async fn each(
    cx: &Cx<'_>,
    subjects: &BTreeSet<Uuid>,
    keys: &BTreeSet<String>,
    span: Span,
) -> Result<HashMap<(Uuid, String), Window>> {
    cx.require(Area::Metrics, Access::Read)?;
    let mut checks = Checks::new();
    checks.range("days", span.days, 1, MAX_DAYS);
    checks.finish()?;
    let today = cx.today().await?;
    let until = span.until.unwrap_or(today);
    let compared = Compared {
        sides: GRAINS.map(|grain| Sides::of(grain, span.days, until, today)),
        retention: Retention::of(&workspace::current(cx).await?),
        today,
    };
    let days = span.days.unsigned_abs().into();
    let (start, before) = (calendar::minus(until, days), calendar::minus(until, 2 * days));
    // Whole months reach back further than as many days.
    let first = compared.sides.iter().map(|sides| sides.before).fold(before, Ord::min);
    let mut values: Vec<Value> =
        vec![cx.workspace_id().into(), before.into(), start.into(), until.into(), first.into()];
    for Sides { before, since, end, periods: _ } in compared.sides {
        values.extend([before, since, end].map(Value::from));
    }
    let keys = places(&mut values, keys.iter().map(|key| key.as_str().into()));
    let subjects = places(&mut values, subjects.iter().map(|id| (*id).into()));
    let sql = sql(Kind::from(span.kind).as_str(), &keys, &subjects);
    let backend = cx.db.get_database_backend();
    let rows = cx.db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let since = calendar::plus(start, 1);
    rows.iter().map(|row| Ok(read(row, since, until, &compared)?)).collect()
}

/// The grains, in the order of the values of a statement.
const GRAINS: [Grain; 3] = [Grain::Day, Grain::Week, Grain::Month];

/// What trends compare.
struct Compared {
    /// For each of [`GRAINS`].
    sides: [Sides; 3],
    retention: Retention,
    today: NaiveDate,
}

impl Compared {
    fn trend(&self, grain: Grain, freshness: i32, before: Side, now: Side) -> Option<f64> {
        let place = GRAINS.iter().position(|one| *one == grain)?;
        let earliest = self.retention.earliest_of(grain, freshness, self.today);
        trend(self.sides[place], before, now, earliest)
    }
}

/// Whether a point stands between two of the values that [`each`] gives for every grain.
fn compared(from: usize, below: usize) -> String {
    let of = |(place, grain): (usize, Grain)| {
        let (from, below, name) = (6 + 3 * place + from, 6 + 3 * place + below, grain.to_value());
        format!("a.grain = '{name}' AND w.period >= ${from} AND w.period < ${below}")
    };
    GRAINS.into_iter().enumerate().map(of).collect::<Vec<_>>().join(" OR ")
}

/// The places of further values in a statement.
fn places(values: &mut Vec<Value>, more: impl Iterator<Item = Value>) -> String {
    let first = values.len() + 1;
    values.extend(more);
    (first..=values.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Begins at the subjects and the metrics, whose points lie together in the key: the last ones are
/// found at its end, and only those of the two windows are read.
fn sql(table: &str, keys: &str, subjects: &str) -> String {
    let newest = |condition: &str| {
        format!(
            "(SELECT MAX(p.period) FROM metric_point p WHERE p.workspace_id = $1 \
             AND p.metric_id = m.id AND p.subject_id = s.id AND {condition})"
        )
    };
    let point = |name: &str, condition: &str| {
        format!(
            "LEFT JOIN metric_point {name} ON {name}.workspace_id = $1 \
             AND {name}.metric_id = a.metric_id AND {name}.subject_id = a.subject_id \
             AND {condition}"
        )
    };
    let folds = |name: &str, condition: &str| {
        let points = format!("CASE WHEN {condition} THEN w.value END");
        let each = ["COUNT", "SUM", "MIN", "MAX"]
            .map(|fold| format!("{fold}({points}) AS {name}_{}", fold.to_lowercase()));
        each.join(", ")
    };
    let known = "a.metric_id, a.subject_id, a.key, a.grain, a.aggregation, a.freshness_days, \
        l.period, l.value, l.recorded_at, b.value";
    format!(
        "SELECT a.metric_id, a.subject_id, a.key, a.grain, a.aggregation, a.freshness_days, \
             l.period AS last_period, l.value AS last_value, l.recorded_at AS last_recorded_at, \
             b.value AS previous_last, {current}, {previous}, {earlier}, {later} \
         FROM (SELECT m.id AS metric_id, s.id AS subject_id, m.key, m.grain, m.aggregation, \
                 m.freshness_days, {last} AS last_period, {last_before} AS last_before \
             FROM metric m CROSS JOIN \"{table}\" s \
             WHERE m.workspace_id = $1 AND m.key IN ({keys}) \
                 AND s.workspace_id = $1 AND s.id IN ({subjects})) a \
         {l} {b} {w} GROUP BY {known}",
        current = folds("current", "w.period > $3 AND w.period <= $4"),
        previous = folds("previous", "w.period > $2 AND w.period <= $3"),
        earlier = folds("earlier", &compared(0, 1)),
        later = folds("later", &compared(1, 2)),
        last = newest("p.period <= $4"),
        last_before = newest("p.period > $2 AND p.period <= $3"),
        l = point("l", "l.period = a.last_period"),
        b = point("b", "b.period = a.last_before"),
        w = point("w", "w.period >= $5 AND w.period <= $4"),
    )
}

fn read(
    row: &QueryResult,
    since: NaiveDate,
    until: NaiveDate,
    compared: &Compared,
) -> Result<((Uuid, String), Window), DbErr> {
    let (grain, freshness): (Grain, i32) =
        (row.try_get("", "grain")?, row.try_get("", "freshness_days")?);
    let period: Option<NaiveDate> = row.try_get("", "last_period")?;
    let last = match period {
        None => None,
        Some(period) => Some(Last {
            period,
            value: row.try_get("", "last_value")?,
            recorded_at: row.try_get("", "last_recorded_at")?,
            is_stale: is_stale(period, grain, freshness, until),
        }),
    };
    let in_window = last.filter(|last| last.period >= since).map(|last| last.value);
    let side = |name: &str| -> Result<Side, DbErr> {
        let of = |fold: &str| format!("{name}_{fold}");
        Ok(Side { count: row.try_get("", &of("count"))?, sum: row.try_get("", &of("sum"))? })
    };
    let window = Window {
        metric_id: row.try_get("", "metric_id")?,
        since,
        until,
        aggregation: row.try_get("", "aggregation")?,
        last,
        current: fold(row, "current", in_window)?,
        previous: fold(row, "previous", row.try_get("", "previous_last")?)?,
        trend: compared.trend(grain, freshness, side("earlier")?, side("later")?),
    };
    Ok(((row.try_get("", "subject_id")?, row.try_get("", "key")?), window))
}

fn fold(row: &QueryResult, name: &str, last: Option<f64>) -> Result<Fold, DbErr> {
    let number = |fold: &str| row.try_get("", &format!("{name}_{fold}"));
    let count = row.try_get("", &format!("{name}_count"))?;
    Ok(Fold { count, sum: number("sum")?, min: number("min")?, max: number("max")?, last })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the statement gives for these points, in the order of their periods.
    fn folded(points: &[f64]) -> Fold {
        let best = |pick: fn(f64, f64) -> f64| points.iter().copied().reduce(pick);
        Fold {
            count: points.len() as i64,
            sum: best(|a, b| a + b),
            min: best(f64::min),
            max: best(f64::max),
            last: points.last().copied(),
        }
    }

    const ALL: [Aggregation; 4] =
        [Aggregation::Sum, Aggregation::Last, Aggregation::Max, Aggregation::Avg];

    proptest! {
        #[test]
        fn a_fold_lies_among_its_points_and_is_known_unless_there_is_none(
            points in proptest::collection::vec(-1e9..1e9, 0..20),
        ) {
            let fold = folded(&points);
            for aggregation in ALL {
                let value = fold.value(aggregation);
                prop_assert_eq!(value.is_none(), points.is_empty());
                let (Some(value), Some(min), Some(max)) = (value, fold.min, fold.max) else {
                    continue;
                };
                let slack = 1e-6 * (1.0 + min.abs().max(max.abs()));
                let lies_among = (min - slack..=max + slack).contains(&value);
                prop_assert!(lies_among || aggregation == Aggregation::Sum);
            }
        }
    }

    #[test]
    fn a_point_is_fresh_for_its_days_after_its_period_has_ended() {
        let day = |text: &str| text.parse().unwrap();
        for (period, grain, last_fresh) in [
            ("2026-01-10", Grain::Day, "2026-01-12"),
            ("2026-01-05", Grain::Week, "2026-01-13"),
            ("2024-02-01", Grain::Month, "2024-03-02"),
            ("2026-01-01", Grain::Month, "2026-02-02"),
        ] {
            assert!(!is_stale(day(period), grain, 2, day(last_fresh)), "{period}");
            assert!(is_stale(day(period), grain, 2, calendar::plus(day(last_fresh), 1)));
        }
    }
}
