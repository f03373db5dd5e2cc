//! Attributes: typed fields that a workspace adds to its accounts, contacts and subscriptions.
//!
//! A definition says what an attribute is called and which values it takes; a value stands in the
//! column of its type, so that both databases find and sort it by an index.

mod change;
pub mod definition;
mod filter;
mod list;
pub mod value;

pub use change::AttributeInput;
pub use filter::{AttributeFilter, Test};
pub use list::AttributeOrder;
pub use value::{Attribute, Typed};

pub(crate) use change::{Changes, check, write};
pub(crate) use filter::{require_bounded, require_fitting};
pub(crate) use list::{List, page_by};
