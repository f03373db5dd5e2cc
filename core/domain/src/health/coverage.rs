//! How much is known of what a definition reads, before it is computed.

use super::by_plugin::ByPlugin;
use super::definition::Definition;
use super::measure::Source;
use super::{Column as Values, facts, model, recompute};
use crate::accounts::account;
use crate::prelude::*;

/// Accounts that are looked at: the oldest ones, where there are more.
pub const MOST_ACCOUNTS: usize = 10_000;

/// Accounts of one batch.
const BATCH: usize = 1000;

/// What is known of the accounts that a model would be about.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// How many accounts were looked at, at most [`MOST_ACCOUNTS`].
    pub accounts: usize,
    /// What is known of them, for each source in its order.
    pub columns: Vec<Values>,
}

impl Coverage {
    /// How many accounts have nothing there, for the source of a place.
    pub fn missing(&self, place: usize) -> Option<usize> {
        self.columns.get(place).map(Values::missing)
    }
}

/// Looks at what is known of the accounts of a segment, or of all.
pub async fn coverage(
    cx: &Cx<'_>,
    segment_id: Option<SegmentId>,
    definition: &Definition,
) -> Result<Coverage> {
    cx.require(Area::Health, Access::Read)?;
    let mut checks = Checks::new();
    definition.check(cx, &mut checks).await?;
    checks.finish()?;
    read(cx, segment_id, &definition.sources()).await
}

/// The same of a score that a plugin would make which nobody has installed yet. What it needs and
/// is bound to nothing is known of nobody.
pub async fn of_plugin(
    cx: &Cx<'_>,
    segment_id: Option<SegmentId>,
    by: &ByPlugin,
) -> Result<Coverage> {
    cx.require(Area::Health, Access::Read)?;
    let mut checks = Checks::new();
    by.check_bindings(cx, &mut checks, "").await?;
    let problems = checks.into_problems();
    let others: Vec<_> = problems.into_iter().filter(|one| one.code != Code::Required).collect();
    crate::error::all_well(others)?;
    read(cx, segment_id, &by.sources()).await
}

/// What these sources give, batch by batch, each in a number of statements that does not grow with
/// the accounts.
pub(crate) async fn read(
    cx: &Cx<'_>,
    segment_id: Option<SegmentId>,
    sources: &[Source],
) -> Result<Coverage> {
    let mut found = Coverage { accounts: 0, columns: Vec::new() };
    let mut after: Option<AccountId> = None;
    while found.accounts < MOST_ACCOUNTS {
        let mut theirs = model::accounts_of(cx, segment_id).await?;
        if let Some(after) = after {
            theirs = theirs.filter(account::Column::Id.gt(after));
        }
        let theirs = theirs.order_by_asc(account::Column::Id).limit(BATCH as u64);
        let ids = recompute::ids(cx, theirs).await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        found.accounts += ids.len();
        let columns = facts::read(cx, &ids, sources).await?;
        match found.columns.is_empty() {
            true => found.columns = columns,
            false => found.columns.iter_mut().zip(columns).for_each(|(all, new)| all.append(new)),
        }
        if ids.len() < BATCH {
            break;
        }
    }
    Ok(found)
}
