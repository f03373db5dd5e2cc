//! The integration tests: one binary, because each further one would be linked anew at every
//! build. They come in by the doors that users have, on both databases.

mod api;
mod customers;
mod desk;
mod harness;

mod accounts;
mod assignments;
mod authentication;
mod authorization;
mod centrics;
mod concurrency;
mod config;
mod contacts;
mod demo;
mod doctor;
mod events;
mod examples;
mod feedback;
mod graphql;
mod health;
mod http;
mod import;
mod interactions;
mod journeys;
mod messages;
mod metrics;
mod migrations;
mod model;
mod one_doc;
mod operator;
mod options;
mod plans;
mod portfolio;
mod schema;
mod selection_rules;
mod subscriptions;
mod tasks;
mod teams;
mod templates;
mod tidy;
mod timeline;
mod tokens;
mod users;
mod worker;
