//! Corrections of what is known of a pause or a loss.

use super::{AccountStatus, ActiveModel, MOST_REASON, Model};
use crate::prelude::*;

/// Corrects since when an account is paused or lost, and why it was lost; of another account,
/// nothing. Another day is told as what happened on it.
pub(crate) async fn restate_status(
    tx: &Tx<'_>,
    before: &Model,
    on: NaiveDate,
    churn_reason: Option<&str>,
) -> Result<Model> {
    let mut checks = Checks::new();
    let reason = checks.maybe_prose("churnReason", churn_reason, MOST_REASON);
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    checks.finish()?;
    let mut row: ActiveModel = Default::default();
    let (known, happened) = match before.status {
        AccountStatus::Trial | AccountStatus::Active => return Ok(before.clone()),
        AccountStatus::Paused => {
            row.paused_on = Set(Some(on));
            (before.paused_on, Fact::Paused)
        }
        AccountStatus::Churned => {
            row.churned_on = Set(Some(on));
            row.churn_reason = Set(reason.clone().or_else(|| before.churn_reason.clone()));
            (before.churned_on, Fact::Churned)
        }
    };
    let fact = if known == Some(on) { Fact::Updated } else { happened };
    let told = fact.perhaps_because(reason.as_deref()).at(tx.instant_of(on).await?);
    store::update(tx, before, row, told).await
}
