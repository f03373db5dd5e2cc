//! The server: GraphQL, HTTP, worker and command line over the domain.

pub mod app;
pub mod config;
pub mod db;
pub mod secret;
pub mod telemetry;
pub mod worker;
