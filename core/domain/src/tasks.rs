//! Tasks: what is to be done for an account, when it is due, and what kinds there are.

pub mod agenda;
mod config;
pub mod due;
pub mod hindrance;
pub mod kind;
pub mod task;

pub use hindrance::Hindrance;
pub use kind::{Comparator, IndicatorConfig, OnMissing, Source, TaskConfig};
pub use task::{AssigneeRule, TaskOrigin, TaskStatus, WaitingOn};
