//! What customer success is: the nouns, the rules and the verbs of Jornada.
//!
//! Nothing here knows that it is on the web. Every verb takes a context first: [`Cx`] to read,
//! [`Tx`] to write; its first line asks for the right, and its effects leave as events and jobs
//! in the same transaction. Modules stand in the order in which they may use one another.

pub mod calendar;
pub mod channel;
pub mod cx;
pub mod error;
pub mod filter;
pub mod id;
pub mod input;
pub mod money;
pub mod page;
mod prelude;
mod value;

pub mod auth;
pub mod store;

pub mod audit;
pub mod event;
pub mod job;
mod outbox;
mod refs;
pub mod subject;

pub mod imports;
pub mod workspace;

pub mod options;

pub mod attributes;

pub mod accounts;

pub mod feedback;
pub mod interactions;
pub mod metrics;
pub mod revenue;

pub mod plans;

pub mod tasks;

pub mod outgoing;

pub mod journeys;

mod derived;
pub mod health;
pub mod plugins;

pub mod cohorts;
pub mod portfolio;
pub mod privacy;
pub mod sandbox;
pub mod timeline;

pub use cx::{Cx, Tx};
pub use error::{Code, Error, Problem, Result};
