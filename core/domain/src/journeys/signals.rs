//! Values, answers and dates that arrive, and what they set off: journeys that wait for them
//! look again, by job, so that whoever sends a million points never waits for a journey.

use std::collections::BTreeSet;

use super::{journey, selection, wake};
use crate::feedback::response;
pub use crate::feedback::response::NewResponse;
use crate::job;
use crate::metrics::load::{self, Tally};
use crate::metrics::point::{self, NewPoint};
use crate::prelude::*;
use crate::revenue::renewal::{self, Won};
use crate::revenue::subscription::{self, NewSubscription, SubscriptionPatch};

/// Records points of metrics, each in place of what its metric, subject and period had.
pub async fn record_points(tx: &Tx<'_>, points: Vec<NewPoint>) -> Result<Vec<point::Model>> {
    tx.require(Area::Metrics, Access::Write)?;
    let rows = point::put_many(tx, points).await?;
    let accounts: BTreeSet<_> = rows.iter().map(|row| row.account_id).collect();
    wake::ask_for_accounts(tx, accounts.into_iter().collect())?;
    Ok(rows)
}

/// Ends a load of points, whose content has this digest. Journeys that wait for an indicator of its
/// metrics look again, if their accounts got values.
pub async fn finish_load(
    tx: &Tx<'_>,
    load: &load::Model,
    digest: &str,
    tally: &Tally,
) -> Result<load::Model> {
    tx.require(Area::Metrics, Access::Write)?;
    let done = load::complete(tx, load, digest, tally).await?;
    if let Some(since) = tally.since {
        let metric_ids = tally.accounts_got.iter().copied().collect();
        job::enqueue(tx, &wake::WakeWaiting { metric_ids, since, after: None }, tx.now)?;
    }
    Ok(done)
}

/// Records what a customer answered. The task that waits for this very answer is done by it.
pub async fn record_response(tx: &Tx<'_>, new: NewResponse) -> Result<response::Model> {
    tx.require(Area::Feedback, Access::Write)?;
    let row = insert_response(tx, new).await?;
    match super::work::complete_by_answer(tx, &row).await? {
        true => response::find_in(tx, row.id).await,
        false => Ok(row),
    }
}

/// Records an answer within a verb that has asked for its own right.
pub(super) async fn insert_response(tx: &Tx<'_>, new: NewResponse) -> Result<response::Model> {
    let row = response::insert(tx, new).await?;
    wake::ask_for_accounts(tx, vec![row.account_id])?;
    Ok(row)
}

/// Creates a subscription. Its end starts journeys by date and moves what is anchored to it.
pub async fn create_subscription(tx: &Tx<'_>, new: NewSubscription) -> Result<subscription::Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let row = subscription::insert(tx, new).await?;
    selection::on_subscriptions(tx, std::slice::from_ref(&row)).await?;
    wake_when_cancelled(tx, &row).await?;
    // The account is locked, so that no journey of it can begin unseen: an import of many new
    // customers need not look at each of them again.
    if !journey::running_ids(tx, row.account_id).await?.is_empty() {
        wake::ask_for_accounts(tx, vec![row.account_id])?;
    }
    Ok(row)
}

/// Renews a subscription: what hangs on its end moves.
pub async fn win_renewal(tx: &Tx<'_>, id: RenewalId, won: Won) -> Result<renewal::Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let (row, subscription) = renewal::win(tx, id, won).await?;
    after_change(tx, &subscription).await?;
    Ok(row)
}

/// Notes that a subscription will not be renewed: it counts until its last day.
pub async fn lose_renewal(
    tx: &Tx<'_>,
    id: RenewalId,
    reason: &str,
    decided_on: Option<NaiveDate>,
) -> Result<renewal::Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let (row, subscription) = renewal::lose(tx, id, reason, decided_on).await?;
    after_change(tx, &subscription).await?;
    Ok(row)
}

/// Changes a subscription.
pub async fn update_subscription(
    tx: &Tx<'_>,
    id: SubscriptionId,
    patch: SubscriptionPatch,
) -> Result<subscription::Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let row = subscription::change(tx, id, patch).await?;
    after_change(tx, &row).await?;
    Ok(row)
}

/// What a changed subscription sets off.
async fn after_change(tx: &Tx<'_>, row: &subscription::Model) -> Result<()> {
    selection::on_subscriptions(tx, std::slice::from_ref(row)).await?;
    wake_when_cancelled(tx, row).await?;
    wake::ask_for_accounts(tx, vec![row.account_id])
}

/// A subscription that will be cancelled counts until that day: then another end may be the next.
async fn wake_when_cancelled(tx: &Tx<'_>, row: &subscription::Model) -> Result<()> {
    let Some(day) = row.cancelled_on else { return Ok(()) };
    let calendar = tx.calendar().await?;
    if day <= calendar.local_date(tx.now) {
        return Ok(());
    }
    let work = wake::WakeAccounts { account_ids: vec![row.account_id] };
    job::enqueue(tx, &work, calendar.start_of(day))
}
