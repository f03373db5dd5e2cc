//! The server: GraphQL, HTTP, worker and command line over the domain.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod erasure_log;
pub mod graphql;
pub mod http;
pub mod import;
pub mod messages;
pub mod plugin;
pub mod runtime;
pub mod sandbox;
pub mod secret;
pub mod setup;
pub mod telemetry;
pub mod worker;
