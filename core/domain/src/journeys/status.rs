//! How the status of an account moves its journeys (rule 12).

use super::{WaitingFor, journey, moving, run};
use crate::accounts::account::{self, AccountStatus};
use crate::calendar::plus;
use crate::prelude::*;
use crate::tasks::task;

/// Pauses an account: nothing of it is overdue, and its journeys stand still until it resumes.
pub async fn pause_account(tx: &Tx<'_>, id: AccountId, reason: &str) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let reason = moving::checked_reason(reason)?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Trial, AccountStatus::Active])?;
    let today = tx.today().await?;
    account::set_status(tx, &before, AccountStatus::Paused, today, Some(&reason)).await
}

/// Resumes a paused account: open due dates and the expected ends of its visits move by the days
/// of the pause, and its journeys go on. A churned account that came back becomes active; its
/// journeys stay cancelled, and a new one can be started.
pub async fn resume_account(tx: &Tx<'_>, id: AccountId) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = account::lock(tx, id, "id").await?;
    require_from(&before, &[AccountStatus::Paused, AccountStatus::Churned])?;
    let today = tx.today().await?;
    let row = account::set_status(tx, &before, AccountStatus::Active, today, None).await?;
    let paused = before.paused_on.filter(|_| before.status == AccountStatus::Paused);
    let days = paused.map_or(0, |since| (today - since).num_days().max(0).unsigned_abs());
    let live = task::live(tx, Condition::all().add(task::Column::AccountId.eq(id))).await?;
    for task in live.into_iter().filter(|task| task.journey_id.is_none()) {
        let due_on = task.due_on.map(|date| plus(date, days));
        let row = task::ActiveModel { due_on: Set(due_on), ..Default::default() };
        store::update(tx, &task, row, Fact::Rescheduled).await?;
    }
    for journey_id in journey::running_ids(tx, id).await? {
        let mut loaded = run::load(tx, journey_id, "journeyId").await?;
        shift(&mut loaded.run, days);
        loaded.not_before = Some(tx.now);
        loaded.settle_and_save(tx, None).await?;
    }
    Ok(row)
}

pub(super) fn shift(run: &mut super::engine::Run, days: u64) {
    let later = |date: Option<NaiveDate>| date.map(|date| plus(date, days));
    let waits = run.journey.waiting_for == Some(WaitingFor::Indicator);
    for visit in run.visits.iter_mut().filter(|visit| visit.exited_at.is_none()) {
        visit.expected_until = later(visit.expected_until);
        if waits {
            visit.paused_days += i32::try_from(days).unwrap_or(0);
        }
    }
    for task in run.tasks.iter_mut().filter(|task| !task.status.is_closed()) {
        task.due_on = later(task.due_on);
    }
}

/// Lets an account go: its journeys and open tasks are cancelled.
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
    let today = tx.today().await?;
    let churned_on = churned_on.unwrap_or(today);
    if churned_on > today {
        return Err(Problem::new("churnedOn", Code::TooLate).with("max", today).into());
    }
    let status = AccountStatus::Churned;
    let row = account::set_status(tx, &before, status, churned_on, Some(&reason)).await?;
    for journey_id in journey::running_ids(tx, id).await? {
        let loaded = run::load(tx, journey_id, "journeyId").await?;
        moving::cancel(tx, loaded, &reason).await?;
    }
    let live = task::live(tx, Condition::all().add(task::Column::AccountId.eq(id))).await?;
    for task in live {
        let row = task::ActiveModel {
            status: Set(crate::tasks::TaskStatus::Cancelled),
            finished_at: Set(Some(tx.now)),
            ..Default::default()
        };
        store::update(tx, &task, row, Fact::Cancelled.because(&reason)).await?;
    }
    Ok(row)
}

fn require_from(account: &account::Model, allowed: &[AccountStatus]) -> Result<()> {
    if allowed.contains(&account.status) {
        return Ok(());
    }
    let problem = Problem::new("id", Code::BadStatusChange);
    Err(problem.with("status", account.status.to_value()).into())
}
