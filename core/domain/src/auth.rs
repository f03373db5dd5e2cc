//! Who asks, and what they may do.

mod actor;
pub mod role;
mod scope;
pub mod team;
pub mod token;
pub mod user;

pub use actor::{Actor, ActorKind, Origin};
pub use role::Role;
pub use scope::{Access, Area, Scope, Scopes};
