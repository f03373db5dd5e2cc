//! Imports.

pub mod columns;
pub mod encoding;
pub mod rejects;
pub mod table;
pub mod values;
