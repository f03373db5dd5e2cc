//! How the status of an account moves its journeys (rule 12).

use super::blueprint::Blueprint;
use super::engine::Run;
use super::{WaitingFor, journey, moving, run, selection, visit, work};
use crate::accounts::account::{self, AccountStatus};
use crate::calendar::plus;
use crate::feedback::response;
use crate::prelude::*;
use crate::revenue::subscription::{self, SubscriptionPatch};
use crate::tasks::due::Anchor;
use crate::tasks::{TaskStatus, task};

/// Pauses an account, since today unless a day before is said: nothing of it is overdue, and its
/// journeys stand still until it resumes.
pub async fn pause_account(
    tx: &Tx<'_>,
    id: AccountId,
    paused_on: Option<NaiveDate>,
    reason: &str,
) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let reason = moving::checked_reason(reason)?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Trial, AccountStatus::Active])?;
    let paused_on = day_of(tx, "pausedOn", paused_on).await?;
    // Whoever is at work on a journey ends before the pause, and whoever comes later sees it.
    journey::lock_running(tx, journey::Column::AccountId.eq(id)).await?;
    account::set_status(tx, &before, AccountStatus::Paused, paused_on, Some(&reason)).await
}

/// Makes a customer of an account that tried the product.
pub async fn activate_account(tx: &Tx<'_>, id: AccountId) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Trial])?;
    let today = tx.today().await?;
    account::set_status(tx, &before, AccountStatus::Active, today, None).await
}

/// Resumes a paused account, as what it was before: open due dates and the expected ends of its
/// visits move by the days of the pause, its journeys go on, and what arrived or fell due meanwhile
/// takes effect. A churned account that came back becomes active; its journeys stay cancelled, and
/// a new one can be started.
pub async fn resume_account(tx: &Tx<'_>, id: AccountId) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Paused, AccountStatus::Churned])?;
    let today = tx.today().await?;
    let status = before.paused_from.unwrap_or(AccountStatus::Active);
    let row = account::set_status(tx, &before, status, today, None).await?;
    if let Some(paused_on) = before.paused_on {
        shift_own_tasks(tx, id, paused_on).await?;
        for journey_id in journey::running_ids(tx, id).await? {
            let mut loaded = run::load(tx, journey_id, "journeyId").await?;
            // What began since then, because the pause became known late, stood still only since.
            let began = loaded.run.visits.last().map(visit::Model::works_from);
            let began_on = match began {
                Some(at) => tx.calendar().await?.local_date(at),
                None => paused_on,
            };
            let stood_since = paused_on.max(began_on);
            shift(&mut loaded.run, &loaded.plan, days_between(stood_since, today));
            loaded.not_before = Some(tx.now);
            loaded.settle_and_save(tx, None).await?;
        }
        let paused_at = tx.calendar().await?.start_of(paused_on);
        for answer in response::recorded_since(tx, id, paused_at).await? {
            work::complete_by_answer(tx, &answer).await?;
        }
    }
    selection::on_subscriptions(tx, &subscription::of_account(tx, id).await?).await?;
    Ok(row)
}

fn days_between(from: NaiveDate, to: NaiveDate) -> u64 {
    (to - from).num_days().max(0).unsigned_abs()
}

/// Tasks that belong to no journey; what was added during the pause moves by the rest of it.
async fn shift_own_tasks(tx: &Tx<'_>, id: AccountId, paused_on: NaiveDate) -> Result<()> {
    let today = tx.today().await?;
    let own = Condition::all()
        .add(task::Column::AccountId.eq(id))
        .add(task::Column::JourneyId.is_null())
        .add(task::Column::DueOn.is_not_null());
    for task in task::live(tx, own).await? {
        let added_on = tx.calendar().await?.local_date(task.created_at);
        let days = days_between(paused_on.max(added_on), today);
        let due_on = task.due_on.map(|date| plus(date, days));
        let row = task::ActiveModel { due_on: Set(due_on), ..Default::default() };
        store::update(tx, &task, row, Fact::Rescheduled).await?;
    }
    Ok(())
}

/// Moves what is open in a journey. A date that hangs on the end of a subscription stays, because
/// that end has not moved, unless a person had chosen another one.
pub(super) fn shift(run: &mut Run, plan: &Blueprint, days: u64) {
    let later = |date: Option<NaiveDate>| date.map(|date| plus(date, days));
    let is_anchored = |task: &task::Model| {
        let plan = task.template_key.as_deref().and_then(|key| plan.plan(key));
        let hangs = plan.is_some_and(|plan| plan.row.anchor == Anchor::SubscriptionEnd);
        hangs && task.due_on == task.original_due_on
    };
    let waits = run.journey.waiting_for == Some(WaitingFor::Indicator);
    for visit in run.visits.iter_mut().filter(|visit| visit.exited_at.is_none()) {
        visit.expected_until = later(visit.expected_until);
        if waits {
            visit.paused_days += i32::try_from(days).unwrap_or(0);
        }
    }
    let open = run.tasks.iter_mut().filter(|task| !task.status.is_closed());
    for task in open.filter(|task| !is_anchored(task)) {
        task.due_on = later(task.due_on);
    }
}

/// Lets an account go: its journeys and open tasks are cancelled, and what it pays for ends.
pub async fn churn_account(
    tx: &Tx<'_>,
    id: AccountId,
    churned_on: Option<NaiveDate>,
    reason: &str,
) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let reason = moving::checked_reason(reason)?;
    let before = account::lock(tx, id, "id").await?;
    let running = [AccountStatus::Trial, AccountStatus::Active, AccountStatus::Paused];
    require_from(&before, &running)?;
    let churned_on = day_of(tx, "churnedOn", churned_on).await?;
    let status = AccountStatus::Churned;
    let row = account::set_status(tx, &before, status, churned_on, Some(&reason)).await?;
    // Until today people worked on them, unless this is a fact of the past.
    let is_past = tx.actor.origin.may_look_back();
    let ended_at = if is_past { tx.instant_of(churned_on).await? } else { tx.now };
    for journey_id in journey::running_ids(tx, id).await? {
        let loaded = run::load(tx, journey_id, "journeyId").await?;
        moving::cancel(tx, loaded, &reason, ended_at).await?;
    }
    let live = task::live(tx, Condition::all().add(task::Column::AccountId.eq(id))).await?;
    for task in live {
        let finished_at = task.opened_at.max(Some(ended_at));
        let row = task::ActiveModel {
            status: Set(TaskStatus::Cancelled),
            reason: Set(Some(reason.clone())),
            finished_at: Set(finished_at),
            ..Default::default()
        };
        let told = Fact::Cancelled.because(&reason).at(finished_at);
        store::update(tx, &task, row, told).await?;
    }
    subscription::cancel_all(tx, id, churned_on, &reason).await?;
    Ok(row)
}

/// Corrects since when an account is paused or lost, and why it was lost, where one may look back.
/// What was cancelled with the account was so on the day that is told now; what became of its
/// journeys and tasks stays.
pub async fn correct_status(
    tx: &Tx<'_>,
    id: AccountId,
    since: Option<NaiveDate>,
    churn_reason: Option<&str>,
) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let may_look_back = tx.actor.origin.may_look_back();
    let mut checks = Checks::new();
    checks.ensure(may_look_back, || Problem::new("statusSince", Code::BackfillNeeded));
    checks.finish()?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Paused, AccountStatus::Churned])?;
    let since = since.or(before.churned_on).or(before.paused_on);
    let since = day_of(tx, "statusSince", since).await?;
    let row = account::restate_status(tx, &before, since, churn_reason).await?;
    if let Some(known) = before.churned_on.filter(|known| *known != since) {
        move_cancellations(tx, id, (known, since)).await?;
        let reason = row.churn_reason.clone().unwrap_or_else(|| row.status.to_value());
        subscription::cancel_all(tx, id, since, &reason).await?;
    }
    Ok(row)
}

/// Subscriptions that were cancelled when their account was lost on the one day were cancelled on
/// the other; those that had ended by then were not.
async fn move_cancellations(
    tx: &Tx<'_>,
    id: AccountId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<()> {
    for row in subscription::of_account(tx, id).await? {
        if row.cancelled_on != Some(from.max(row.starts_on)) {
            continue;
        }
        let day = to.max(row.starts_on);
        let is_over = row.ends_on.is_some_and(|last| last < day);
        let cancelled_on = (!is_over).then_some(day);
        let patch = SubscriptionPatch { cancelled_on: Some(cancelled_on), ..Default::default() };
        subscription::change(tx, row.id, patch).await?;
    }
    Ok(())
}

/// The day since when a status holds: today, unless one before it is said.
async fn day_of(tx: &Tx<'_>, field: &str, said: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = tx.today().await?;
    match said {
        Some(day) if day > today => {
            Err(Problem::new(field, Code::TooLate).with("max", today).into())
        }
        said => Ok(said.unwrap_or(today)),
    }
}

fn require_from(account: &account::Model, allowed: &[AccountStatus]) -> Result<()> {
    if allowed.contains(&account.status) {
        return Ok(());
    }
    let problem = Problem::new("id", Code::BadStatusChange);
    Err(problem.with("status", account.status.to_value()).into())
}
