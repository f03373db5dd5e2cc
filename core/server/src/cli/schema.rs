//! `jornada schema print`: the GraphQL schema, for tools that read it from a file.

use clap::Subcommand;

use super::print;
use crate::graphql;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the schema in the schema definition language
    Print,
}

impl Command {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Print => print(&graphql::sdl()),
        }
    }
}
