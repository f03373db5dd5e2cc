//! Goals: the outcomes that an account wants, and how far it has come.

use std::collections::{BTreeSet, HashMap};

use crate::metrics::{metric, point};
use crate::plans::success_plan;
use crate::prelude::*;

/// An outcome that an account wants.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GoalId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub plan_id: SuccessPlanId,
    pub account_id: AccountId,
    pub outcome: String,
    /// What measures it; without one, a person sets the current value.
    pub metric_id: Option<MetricId>,
    pub start_value: Option<f64>,
    /// What a person set; null where a metric says it.
    pub current_value: Option<f64>,
    pub target_value: Option<f64>,
    pub due_on: Option<NaiveDate>,
    pub status: GoalStatus,
    /// What a person said when it was closed.
    pub resolution: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, GoalId, account = |row: &Model| Some(row.account_id));

/// Where a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GoalStatus {
    /// It is being worked on.
    Open,
    /// It was attained.
    Achieved,
    /// It was not attained in time.
    Missed,
    /// Nobody wants it any more.
    Dropped,
}

/// A goal to be set.
#[derive(Clone, Debug)]
pub struct NewGoal {
    pub plan_id: SuccessPlanId,
    pub outcome: String,
    pub metric_id: Option<MetricId>,
    pub start_value: Option<f64>,
    pub current_value: Option<f64>,
    pub target_value: Option<f64>,
    pub due_on: Option<NaiveDate>,
}

/// Changes of a goal; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct GoalPatch {
    pub expected_version: Option<i64>,
    pub outcome: Option<String>,
    pub metric_id: Option<Option<MetricId>>,
    pub start_value: Option<Option<f64>>,
    pub current_value: Option<Option<f64>>,
    pub target_value: Option<Option<f64>>,
    pub due_on: Option<Option<NaiveDate>>,
}

/// Goals of a plan.
const MOST: u64 = 100;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The goals of each of these plans, the first due first.
pub async fn of_plans(
    cx: &Cx<'_>,
    plans: &[SuccessPlanId],
    args: &PageArgs,
) -> Result<HashMap<SuccessPlanId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let orders = [Order::asc(Column::DueOn).null_as("9999-12-31"), Order::asc(Column::Id)];
    page_each(cx, visible(cx), Column::PlanId, plans, &orders, args).await
}

/// One goal.
pub async fn find(cx: &Cx<'_>, id: GoalId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The goals of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[GoalId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(super) async fn find_in(cx: &Cx<'_>, id: GoalId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Goal))
}

/// The value of each of these goals now, where one is known: that of the last period of its metric,
/// else what a person set. Takes three statements, however many goals there are.
pub async fn values(cx: &Cx<'_>, ids: &[GoalId]) -> Result<HashMap<GoalId, f64>> {
    let goals = many(cx, ids).await?;
    let measured = |goal: &Model| goal.metric_id.map(|metric| (goal.account_id, metric));
    let wanted: BTreeSet<_> = goals.iter().filter_map(measured).collect();
    let points = match wanted.is_empty() {
        true => HashMap::new(),
        false => point::latest_each(cx, &wanted).await?,
    };
    let value = |goal: &Model| match measured(goal) {
        Some(of) => points.get(&of).copied(),
        None => goal.current_value,
    };
    Ok(goals.iter().filter_map(|goal| Some((goal.id, value(goal)?))).collect())
}

/// How far a goal is from its start to its target, from 0 to 1, upwards or downwards. Unknown
/// without all three values, and where there is no way to go.
pub fn progress(start: Option<f64>, current: Option<f64>, target: Option<f64>) -> Option<f64> {
    let (start, current, target) = (start?, current?, target?);
    // In halves, because the way between the largest numbers is longer than the largest of them.
    let way = target / 2.0 - start / 2.0;
    let gone = current / 2.0 - start / 2.0;
    (way != 0.0).then(|| (gone / way).clamp(0.0, 1.0))
}

/// A goal that is open, with its account locked.
async fn lock_open(tx: &Tx<'_>, id: GoalId) -> Result<Model> {
    let row = lock(tx, id).await?;
    match row.status {
        GoalStatus::Open => Ok(row),
        status => Err(super::closed("id", &status.to_value())),
    }
}

async fn lock(tx: &Tx<'_>, id: GoalId) -> Result<Model> {
    let plan_id = find_in(tx, id, "id").await?.plan_id;
    success_plan::lock(tx, plan_id, "id").await?;
    find_in(tx, id, "id").await
}

/// Sets a goal.
pub async fn create(tx: &Tx<'_>, new: NewGoal) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    let plan = checks.keep(success_plan::lock(tx, new.plan_id, "successPlanId").await)?;
    if let Some(plan) = &plan {
        let of_plan = visible(tx).filter(Column::PlanId.eq(plan.id));
        checks.keep(super::require_room(tx, of_plan, MOST, "successPlanId").await)?;
    }
    let row = checked(tx, checks, &new, None).await?;
    let plan = plan.ok_or_else(|| Error::not_found("successPlanId", Kind::SuccessPlan))?;
    let row = ActiveModel {
        plan_id: Set(plan.id),
        account_id: Set(plan.account_id),
        status: Set(GoalStatus::Open),
        ..row
    };
    store::insert(tx, row, Fact::Created).await
}

/// Changes an open goal.
pub async fn update(tx: &Tx<'_>, id: GoalId, patch: GoalPatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_open(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let metric_id = patch.metric_id.unwrap_or(before.metric_id);
    // What a metric says now need not be emptied by hand.
    let kept = before.current_value.filter(|_| metric_id.is_none());
    let after = NewGoal {
        plan_id: before.plan_id,
        outcome: patch.outcome.unwrap_or_else(|| before.outcome.clone()),
        metric_id,
        start_value: patch.start_value.unwrap_or(before.start_value),
        current_value: patch.current_value.unwrap_or(kept),
        target_value: patch.target_value.unwrap_or(before.target_value),
        due_on: patch.due_on.unwrap_or(before.due_on),
    };
    let row = checked(tx, Checks::new(), &after, before.metric_id).await?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Closes a goal: it was achieved, missed or dropped.
pub async fn close(
    tx: &Tx<'_>,
    id: GoalId,
    status: GoalStatus,
    resolution: Option<&str>,
) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_open(tx, id).await?;
    let mut checks = Checks::new();
    checks.ensure(status != GoalStatus::Open, || {
        Problem::new("status", Code::UnknownWord).with("words", "ACHIEVED, MISSED, DROPPED")
    });
    let resolution = checks.maybe_prose("resolution", resolution, 2000);
    checks.finish()?;
    let row = ActiveModel {
        status: Set(status),
        resolution: Set(resolution),
        closed_at: Set(Some(tx.now)),
        ..Default::default()
    };
    let fact = if status == GoalStatus::Achieved { Fact::Achieved } else { Fact::Closed };
    store::update(tx, &before, row, fact).await
}

/// Opens a closed goal again.
pub async fn reopen(tx: &Tx<'_>, id: GoalId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    let row = ActiveModel {
        status: Set(GoalStatus::Open),
        resolution: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Reopened).await
}

/// The columns that a person decides about. A metric that it `had` may have been put away since,
/// and stays.
async fn checked(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: &NewGoal,
    had: Option<MetricId>,
) -> Result<ActiveModel> {
    let outcome = checks.text("outcome", &new.outcome, 500);
    if let Some(id) = new.metric_id.filter(|id| Some(*id) != had) {
        checks.keep(metric::require_live(tx, id, "metricId").await)?;
    }
    checks.ensure(new.metric_id.is_none() || new.current_value.is_none(), || {
        Problem::new("currentValue", Code::Contradiction).with("with", "metricId")
    });
    let values = [
        ("startValue", new.start_value),
        ("currentValue", new.current_value),
        ("targetValue", new.target_value),
    ];
    for (field, value) in values {
        checks.ensure(value.is_none_or(f64::is_finite), || {
            Problem::new(field, Code::BadFormat).with("form", "number")
        });
    }
    checks.finish()?;
    Ok(ActiveModel {
        outcome: Set(outcome),
        metric_id: Set(new.metric_id),
        start_value: Set(new.start_value),
        current_value: Set(new.current_value),
        target_value: Set(new.target_value),
        due_on: Set(new.due_on),
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::progress;

    fn of(start: f64, current: f64, target: f64) -> Option<f64> {
        progress(Some(start), Some(current), Some(target))
    }

    #[test]
    fn progress_goes_up_and_down_and_stays_within_its_bounds() {
        assert_eq!(of(0.0, 5.0, 10.0), Some(0.5));
        assert_eq!(of(40.0, 30.0, 20.0), Some(0.5));
        assert_eq!(of(40.0, 50.0, 20.0), Some(0.0));
        assert_eq!(of(40.0, 10.0, 20.0), Some(1.0));
        assert_eq!(of(3.0, 3.0, 3.0), None);
        assert_eq!(progress(None, Some(1.0), Some(2.0)), None);
        assert_eq!(progress(Some(1.0), None, Some(2.0)), None);
    }

    proptest! {
        #[test]
        fn progress_of_any_numbers_is_a_share(
            start in proptest::num::f64::NORMAL,
            current in proptest::num::f64::NORMAL,
            target in proptest::num::f64::NORMAL,
        ) {
            let share = of(start, current, target);
            prop_assert!(share.is_none_or(|share| (0.0..=1.0).contains(&share)), "{share:?}");
            if start != target {
                prop_assert_eq!(of(start, start, target).unwrap_or(0.0), 0.0);
                prop_assert_eq!(of(start, target, target).unwrap_or(1.0), 1.0);
            }
        }

        #[test]
        fn the_direction_does_not_matter(start in -1e6..1e6f64, current in -1e6..1e6f64) {
            let target = start + 10.0;
            let mirrored = of(-start, -current, -target);
            prop_assert_eq!(of(start, current, target), mirrored);
        }
    }
}
