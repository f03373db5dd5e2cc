//! What time and arriving values do: jobs that look at a journey again.

use serde::{Deserialize, Serialize};

use super::{journey, run};
use crate::job::{self, Work};
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

/// Looks at all running journeys of an account again, because a value or a date arrived. It has
/// no key: a value that arrives while the journeys are being looked at must be seen too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WakeAccount {
    /// The account.
    pub account_id: AccountId,
}

impl Work for WakeAccount {
    const KIND: &'static str = "journey.wake_account";
}

/// Asks for a look at a journey.
pub(crate) fn ask_for(tx: &Tx<'_>, journey: &journey::Model, at: DateTime<Utc>) -> Result<()> {
    job::enqueue(tx, &Wake { journey_id: journey.id, asked_in: journey.version }, at)
}

/// Asks for a look at the journeys of an account.
pub(crate) fn ask_for_account(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    job::enqueue(tx, &WakeAccount { account_id }, tx.now)
}

/// Runs [`Wake`]. A journey that has moved on in the meantime is simply at rest.
pub async fn wake(tx: &Tx<'_>, work: Wake) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    run::load(tx, work.journey_id, "journeyId").await?.settle_and_save(tx, None).await?;
    Ok(())
}

/// Runs [`WakeAccount`].
pub async fn wake_account(tx: &Tx<'_>, work: WakeAccount) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    for id in journey::running_ids(tx, work.account_id).await? {
        run::load(tx, id, "journeyId").await?.settle_and_save(tx, None).await?;
    }
    Ok(())
}
