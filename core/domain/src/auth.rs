//! Who asks, and what they may do.

mod actor;
pub mod role;
mod scope;

pub use actor::{Actor, ActorKind, Origin};
pub use role::Role;
pub use scope::{Access, Area, Scope, Scopes};
