//! What time and arriving values do: jobs that look at a journey again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{WaitingFor, blueprint, journey, run};
use crate::job::{self, Work};
use crate::metrics::{metric, point};
use crate::prelude::*;

/// Looks at one journey again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wake {
    /// The journey.
    pub journey_id: JourneyId,
    /// The version of the journey that asked; part of the key, because a journey that asks again
    /// while it is being looked at must be heard.
    pub asked_in: i64,
}

impl Work for Wake {
    const KIND: &'static str = "journey.wake";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.journey_id, self.asked_in))
    }
}

/// Looks at all running journeys of these accounts again, because values or dates arrived. It has
/// no key: a value that arrives while the journeys are being looked at must be seen too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WakeAccounts {
    /// The accounts; most of them have no journey that runs.
    pub account_ids: Vec<AccountId>,
}

impl Work for WakeAccounts {
    const KIND: &'static str = "journey.wake_accounts";
}

/// Looks at the journeys that wait for an indicator of these metrics again, because accounts got
/// values of them by the million; some journeys at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WakeWaiting {
    /// The metrics.
    pub metric_ids: Vec<MetricId>,
    /// When the earliest of the values became known.
    pub since: DateTime<Utc>,
    /// The last journey that was looked at.
    pub after: Option<JourneyId>,
}

impl Work for WakeWaiting {
    const KIND: &'static str = "journey.wake_waiting";
}

/// Asks for a look at a journey.
pub(crate) fn ask_for(tx: &Tx<'_>, journey: &journey::Model, at: DateTime<Utc>) -> Result<()> {
    job::enqueue(tx, &Wake { journey_id: journey.id, asked_in: journey.version }, at)
}

/// Asks for a look at the journeys of accounts: one job, however many there are.
pub(crate) fn ask_for_accounts(tx: &Tx<'_>, account_ids: Vec<AccountId>) -> Result<()> {
    job::enqueue(tx, &WakeAccounts { account_ids }, tx.now)
}

/// Runs [`Wake`]. A journey that has moved on in the meantime is simply at rest; one that was woken
/// too early, because the workspace has moved to another time zone, asks to be woken again.
pub async fn wake(tx: &Tx<'_>, work: Wake) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    let mut loaded = run::load(tx, work.journey_id, "journeyId").await?;
    loaded.is_woken = true;
    loaded.settle_and_save(tx, None).await?;
    Ok(())
}

/// Runs [`WakeAccounts`]: of several accounts each gets a job of its own, because journeys are
/// locked while they move.
pub async fn wake_accounts(tx: &Tx<'_>, work: WakeAccounts) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    let running = journey::running_of(tx, &work.account_ids).await?;
    if work.account_ids.len() > 1 {
        let accounts: BTreeSet<_> = running.iter().map(|journey| journey.account_id).collect();
        return accounts.into_iter().try_for_each(|id| ask_for_accounts(tx, vec![id]));
    }
    for journey in running {
        run::load(tx, journey.id, "journeyId").await?.settle_and_save(tx, None).await?;
    }
    Ok(())
}

/// Runs [`WakeWaiting`]. Journeys that somebody moves at this moment are waited for: they may come
/// to wait, and have looked for the values before those were there.
pub async fn wake_waiting(tx: &Tx<'_>, work: WakeWaiting) -> Result<()> {
    const PAGE: u64 = 500;
    tx.require(Area::Journeys, Access::Write)?;
    let metrics = metric::many(tx, &work.metric_ids).await?;
    let keys: Vec<&str> = metrics.iter().map(|metric| metric.key.as_str()).collect();
    let versions = journey::running_versions(tx).await?;
    let versions = blueprint::that_read(tx, &versions, &keys).await?;
    let page = journey::hold_running(tx, &versions, work.after, PAGE).await?;
    let waiting = page.iter().filter(|row| row.waiting_for == Some(WaitingFor::Indicator));
    let accounts: BTreeSet<Uuid> = waiting.map(|journey| journey.account_id.into()).collect();
    let got = point::known_since(tx, &work.metric_ids, accounts, work.since).await?;
    if !got.is_empty() {
        ask_for_accounts(tx, got.into_iter().map(AccountId).collect())?;
    }
    match page.last().filter(|_| page.len() as u64 == PAGE) {
        Some(last) => job::enqueue(tx, &WakeWaiting { after: Some(last.id), ..work }, tx.now),
        None => Ok(()),
    }
}
