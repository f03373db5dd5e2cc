//! Runs plugins: WebAssembly components that a partner has written. It knows the contract of
//! `schema/wit` and nothing of customers, of the database or of the API.
//!
//! Each call gets an instance of its own, which is thrown away behind it: nothing is kept from one
//! call to the next, and no two workspaces ever share one. A call can take so much fuel, memory and
//! room for its answer, and no more; whatever it does, it ends with an [`error::CallError`] that
//! says what happened, and everything else goes on.

mod backtrace;
mod bindings;
mod cache;
mod call;
pub mod compile;
mod component;
mod engine;
pub mod error;
pub mod fixture;
pub mod health_score;
pub mod host;
mod limits;
mod log;
pub mod manifest;
pub mod package;
pub mod task_type;
mod text;

pub use call::{Called, Invocation};
pub use component::{Component, Kind};
pub use host::{Host, Settings};
pub use limits::Limits;
pub use log::{LogLevel, LogLine};
