//! Customers: the accounts, who looks after them, their people, and what other systems call them.

pub mod account;
pub mod assignment;
pub mod contact;
pub mod external_ref;
pub mod segment;
mod tax_id;
