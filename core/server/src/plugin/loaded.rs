//! The plugins that a server has loaded: compiled once, shared by all workspaces that installed the
//! same file, and called in an instance of its own each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, anyhow};
use jornada_domain::Cx;
use jornada_domain::id::{PluginId, PluginVersionId};
use jornada_domain::plugins::invocation::NewInvocation;
use jornada_domain::plugins::{file, plugin, version};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::{Called, Component, Host, Settings};
use serde_json::json;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::spawn_blocking;

/// What a server has loaded.
pub struct Plugins {
    settings: Settings,
    host: OnceLock<Result<Host, String>>,
    by_digest: Mutex<HashMap<String, Place>>,
    /// Whoever looks into a file takes one: each may compile for a minute, in a gigabyte.
    pub(super) inspections: Semaphore,
}

/// Where a plugin is once it is loaded; whoever wants the same one meanwhile waits for it here, and
/// nobody else does.
type Place = Arc<OnceCell<Arc<Plugin>>>;

/// Files that are looked into at a time.
const MOST_INSPECTIONS: usize = 2;

/// Plugins that are kept ready. Beyond them, all are loaded anew, from the cache on disk where
/// there is one.
const MOST_LOADED: usize = 200;

/// A plugin of a workspace, ready to be called.
#[derive(Clone)]
pub struct Installed {
    /// It.
    pub plugin: Arc<Plugin>,
    /// What it is in the workspace.
    pub row: plugin::Model,
    /// The version that runs.
    pub version: version::Model,
}

impl Plugins {
    /// Nothing yet: the host starts with the first plugin that is called.
    pub fn new(settings: Settings) -> Self {
        let inspections = Semaphore::new(MOST_INSPECTIONS);
        Self { settings, host: OnceLock::new(), by_digest: Mutex::default(), inspections }
    }

    /// What plugins run on.
    pub fn host(&self) -> Result<&Host> {
        let start = || Host::new(self.settings.clone()).map_err(|error| error.to_string());
        self.host.get_or_init(start).as_ref().map_err(|told| anyhow!("{told}"))
    }

    /// The version of a plugin that runs in the workspace, ready to be called. One that is not
    /// loaded yet is compiled.
    pub async fn installed(self: &Arc<Self>, cx: &Cx<'_>, row: plugin::Model) -> Result<Installed> {
        let version = version::find(cx, row.active_version_id).await?;
        Ok(Installed { plugin: self.load(cx, &version.digest).await?, row, version })
    }

    /// The plugin in a file that the workspace has.
    pub(super) async fn load(self: &Arc<Self>, cx: &Cx<'_>, digest: &str) -> Result<Arc<Plugin>> {
        let place = {
            let mut by_digest = self.by_digest.lock().unwrap_or_else(PoisonError::into_inner);
            if by_digest.len() == MOST_LOADED && !by_digest.contains_key(digest) {
                by_digest.clear();
            }
            Arc::clone(by_digest.entry(digest.to_owned()).or_default())
        };
        let load = async || {
            let bytes = file::read(cx, digest).await?.context("the file is gone")?;
            let plugins = Arc::clone(self);
            let load = move || {
                let host = plugins.host()?;
                anyhow::Ok(host.load(&Component::inspect(bytes, host.limits())?)?)
            };
            anyhow::Ok(Arc::new(spawn_blocking(load).await??))
        };
        let plugin = Arc::clone(place.get_or_try_init(load).await?);
        Ok(plugin)
    }
}

impl Installed {
    /// What a call took, as it is written down.
    pub fn invocation<T>(&self, called: &Called<T>) -> NewInvocation {
        noted(self.row.id, self.version.id, called)
    }
}

/// What a call took, as it is written down.
fn noted<T>(plugin_id: PluginId, version_id: PluginVersionId, called: &Called<T>) -> NewInvocation {
    let Called { answer, invocation } = called;
    let told = |error: &jornada_plugin_host::error::CallError| {
        (error.code(), error.to_string(), error.backtrace().map(str::to_owned))
    };
    NewInvocation {
        plugin_id,
        plugin_version_id: version_id,
        function: invocation.function,
        rows: invocation.rows,
        duration: invocation.duration,
        fuel: invocation.fuel,
        peak_memory: invocation.peak_memory,
        error: answer.as_ref().err().map(told),
        log: json!(invocation.log),
    }
}
