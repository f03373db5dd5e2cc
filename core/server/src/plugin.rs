//! Plugins, as an author has them: a folder with a crate in it, of which one file is made.

pub mod backtest;
pub mod project;
pub mod scaffold;
pub mod sdk;

use std::path::PathBuf;

use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::error::LoadError;
use jornada_plugin_host::{Host, Limits, Settings};

/// The arguments that make this program compile a plugin and end; see [`Compiler`].
pub const COMPILE: [&str; 2] = ["plugin", "compile"];

/// A host that keeps nothing of what it compiles. `program` is this one, which compiles in a
/// process of its own.
pub fn host(program: PathBuf, limits: Limits) -> Result<Host, LoadError> {
    let arguments = COMPILE.map(str::to_owned).to_vec();
    let compiler = Compiler { program, arguments };
    Host::new(Settings { limits, compiler, cache: None })
}
