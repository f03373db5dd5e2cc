//! Money: what accounts pay for, what becomes of it when it ends, and how recurring revenue moves.
//!
//! Recurring revenue is what a subscription brings in a year: whole minor units for every interval.
//! It is kept as a ledger of movements, written on the day on which they take effect: the sum of
//! the movements of a subscription is what it brings now.

mod ledger;
mod line;
mod meaning;
pub mod movement;
pub mod product;
pub mod renewal;
pub mod report;
pub mod subscription;

pub use ledger::{SettleRevenue, settle_due};
pub use line::{Line, lines_of};
