//! The integration tests: one binary, because each further one would be linked anew at every
//! build. They come in by the doors that users have, on both databases.

mod customers;
mod harness;

mod authentication;
mod config;
mod doctor;
mod feedback;
mod health;
mod http;
mod interactions;
mod metrics;
mod migrations;
mod model;
mod operator;
mod teams;
mod tidy;
mod tokens;
mod users;
mod worker;
