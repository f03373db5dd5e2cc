//! The integration tests: one binary, because each further one would be linked anew at every
//! build. They come in by the doors that users have, on both databases.

mod api;
mod customers;
mod harness;

mod accounts;
mod assignments;
mod authentication;
mod authorization;
mod concurrency;
mod config;
mod contacts;
mod doctor;
mod examples;
mod feedback;
mod health;
mod http;
mod import;
mod interactions;
mod metrics;
mod migrations;
mod model;
mod operator;
mod options;
mod portfolio;
mod schema;
mod subscriptions;
mod teams;
mod tidy;
mod timeline;
mod tokens;
mod users;
mod worker;
