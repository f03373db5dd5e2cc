//! `jornada schema print`: the GraphQL schema, for tools that read it from a file.

use std::io::{self, Write};

use clap::Subcommand;

use crate::graphql;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the schema in the schema definition language
    Print,
}

impl Command {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Print => Ok(io::stdout().write_all(graphql::sdl().as_bytes())?),
        }
    }
}
