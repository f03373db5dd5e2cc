//! Risks as they bear on journeys: while a critical one is open, tasks that say so are blocked.
//! The journeys are looked at in the same transaction, so that nobody completes what is blocked.

use super::{journey, run};
use crate::plans::risk::{self, RiskStatus};
pub use crate::plans::risk::{NewRisk, RiskPatch};
use crate::prelude::*;

/// Notes a risk.
pub async fn open(tx: &Tx<'_>, new: NewRisk) -> Result<risk::Model> {
    tx.require(Area::Plans, Access::Write)?;
    let row = risk::insert(tx, new).await?;
    if row.is_critical() {
        look_again(tx, row.account_id).await?;
    }
    Ok(row)
}

/// Changes an open risk.
pub async fn update(tx: &Tx<'_>, id: RiskId, patch: RiskPatch) -> Result<risk::Model> {
    tx.require(Area::Plans, Access::Write)?;
    let change = risk::change(tx, id, patch).await?;
    follow(tx, change).await
}

/// Closes an open risk, with what became of it.
pub async fn close(
    tx: &Tx<'_>,
    id: RiskId,
    status: RiskStatus,
    resolution: &str,
) -> Result<risk::Model> {
    tx.require(Area::Plans, Access::Write)?;
    let change = risk::close(tx, id, status, resolution).await?;
    follow(tx, change).await
}

/// Opens a closed risk again.
pub async fn reopen(tx: &Tx<'_>, id: RiskId) -> Result<risk::Model> {
    tx.require(Area::Plans, Access::Write)?;
    let change = risk::reopen(tx, id).await?;
    follow(tx, change).await
}

async fn follow(tx: &Tx<'_>, (before, after): (risk::Model, risk::Model)) -> Result<risk::Model> {
    if before.is_critical() != after.is_critical() {
        look_again(tx, after.account_id).await?;
    }
    Ok(after)
}

/// The account is locked already; its journeys follow in their order.
async fn look_again(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    for id in journey::running_ids(tx, account_id).await? {
        run::load(tx, id, "accountId").await?.settle_and_save(tx, None).await?;
    }
    Ok(())
}
