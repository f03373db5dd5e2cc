//! Plans: what a person makes of an account, and what is meant to be done about it.
//!
//! Every verb here locks the account before it writes, so that two who write at the same time see
//! one another. Those that touch journeys, tasks or assignments too are verbs of the journeys.

pub mod deferred_item;
pub mod goal;
pub mod handoff;
pub mod milestone;
pub mod opportunity;
pub mod pulse;
pub mod risk;
pub mod success_plan;

use crate::page::count;
use crate::prelude::*;

/// Where a risk or an opportunity was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignalSource {
    /// Somebody noticed it.
    Person,
    /// The customer said it.
    Interaction,
    /// The customer answered a survey so.
    Survey,
    /// A metric shows it.
    Metric,
    /// The health score shows it.
    Health,
    /// A plugin found it.
    Plugin,
    /// Something else.
    Other,
}

/// Demands that a list of an account, whose account is locked, has room for one more.
async fn require_room<E: EntityTrait>(
    tx: &Tx<'_>,
    rows: Select<E>,
    most: u64,
    field: &str,
) -> Result<()> {
    match count(tx, rows).await? < most {
        true => Ok(()),
        false => Err(Problem::too_many(field, most, "items").into()),
    }
}

/// Demands that what is about to change has not been put away.
fn require_live(archived_at: Option<DateTime<Utc>>) -> Result<()> {
    match archived_at {
        None => Ok(()),
        Some(_) => Err(Problem::new("id", Code::Archived).into()),
    }
}

/// Why something that is no longer open cannot change so.
fn closed(field: &str, status: &str) -> Error {
    Problem::new(field, Code::AlreadyClosed).with("status", status).into()
}
