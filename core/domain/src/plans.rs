//! Plans: what a person makes of an account, and what is meant to be done about it.
//!
//! Every verb here locks the account before it writes, so that two who write at the same time see
//! one another. Those that touch journeys, tasks or assignments too are verbs of the journeys.

pub mod goal;
pub mod milestone;
pub mod pulse;
pub mod success_plan;

use crate::page::count;
use crate::prelude::*;

/// Demands that a list of an account, whose account is locked, has room for one more.
async fn require_room<E: EntityTrait>(
    tx: &Tx<'_>,
    rows: Select<E>,
    most: u64,
    field: &str,
) -> Result<()> {
    match count(tx, rows).await? < most {
        true => Ok(()),
        false => Err(Problem::new(field, Code::TooMany).with("max", most).into()),
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
