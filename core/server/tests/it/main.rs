//! The integration tests: one binary, because each further one would be linked anew at every
//! build. They come in by the doors that users have, on both databases.

mod api;
mod harness;

mod authentication;
mod authorization;
mod config;
mod doctor;
mod graphql;
mod health;
mod http;
mod messages;
mod migrations;
mod operator;
mod schema;
mod teams;
mod tidy;
mod tokens;
mod users;
mod worker;
