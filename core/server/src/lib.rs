//! The server: GraphQL, HTTP, worker and command line over the domain.

pub mod app;
pub mod graphql;
pub mod messages;
