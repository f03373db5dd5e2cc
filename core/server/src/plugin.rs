//! Plugins: as an author has them, a folder with a crate in it, of which one file is made; and as a
//! server runs them, files that were installed in a workspace.

pub mod backtest;
pub mod cache;
pub mod input;
pub mod inspect;
pub mod loaded;
pub mod moment;
pub mod project;
pub mod query;
pub mod scaffold;
pub mod score;
pub mod sdk;
pub mod task;

use std::path::PathBuf;

use jornada_domain::auth::Actor;
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::plugins::invocation::{self, NewInvocation};
use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::error::CallError;
use jornada_plugin_host::{Limits, Settings};

use crate::app::App;

pub use loaded::Plugins;

/// The arguments that make this program compile a plugin and end; see [`Compiler`].
pub const COMPILE: [&str; 2] = ["plugin", "compile"];

/// How plugins are run by this program, which compiles them in a process of its own. Where `cache`
/// says no folder, nothing is kept of what is compiled.
pub fn settings(cache: Option<(PathBuf, [u8; 32])>, limits: Limits) -> Settings {
    // Where the program cannot say where it is, the first plugin that is compiled tells.
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("jornada"));
    let arguments = COMPILE.map(str::to_owned).to_vec();
    Settings { limits, compiler: Compiler { program, arguments }, cache }
}

/// The server itself, in the workspace of whoever acts: loading and calling a plugin needs no right
/// of theirs, and what is done in the end needs all of them.
fn host_of(actor: &Actor) -> Actor {
    Actor::worker(actor.workspace_id, actor.clock_offset)
}

/// Writes down what a call took.
async fn note(app: &App, host: &Actor, taken: NewInvocation) -> Result<()> {
    let tx = app.begin(host).await?;
    invocation::record(&tx, vec![taken]).await?;
    app.commit(tx).await
}

/// What a plugin says is wrong with what it was given, each under its place in `field`; nothing
/// where something else went wrong.
pub fn problems(error: &anyhow::Error, field: &str) -> Vec<Problem> {
    let told = error.downcast_ref::<CallError>().map(CallError::problems).unwrap_or_default();
    let one = |problem: &jornada_plugin_host::task_type::Problem| {
        Problem::new(problem.path.clone(), Code::Unfit).with("told", &problem.message).under(field)
    };
    told.iter().map(one).collect()
}
