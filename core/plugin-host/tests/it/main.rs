//! The tests of the host, against plugins that behave and plugins that do not.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is how one says what went wrong")]

mod compiled;
mod contract;
mod corpus;
mod files;
mod first_party;
mod fixtures;
mod modules;
mod places;
mod rogue;
mod support;
mod tasks;
