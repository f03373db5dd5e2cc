//! The host: what all plugins of a server run on.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::bindings::score::HealthScorePluginPre;
use crate::bindings::task::TaskTypePluginPre;
use crate::bindings::types;
use crate::cache::{self, Cache};
use crate::call::{Called, Places, Runner, State};
use crate::compile::Compiler;
use crate::component::{Component, Kind};
use crate::engine;
use crate::error::{CallError, LoadError};
use crate::health_score::HealthScore;
use crate::limits::Limits;
use crate::log;
use crate::manifest::Wanted;
use crate::task_type::TaskType;

/// How plugins are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What they may take.
    pub limits: Limits,
    /// What compiles them.
    pub compiler: Compiler,
    /// Where compiled ones are kept, and the key that seals them; nowhere if it is not said.
    pub cache: Option<(PathBuf, [u8; 32])>,
}

/// Loads plugins. Cheap to share; dropping it ends nothing that was loaded.
pub struct Host {
    engine: Engine,
    is_pooling: bool,
    limits: Limits,
    compiler: Compiler,
    cache: Option<Cache>,
    linker: Linker<State>,
    places: Arc<Places>,
}

/// A plugin that can be called.
pub enum Plugin {
    /// A health score.
    HealthScore(HealthScore),
    /// A type of tasks.
    TaskType(TaskType),
}

impl Host {
    /// A host with these settings.
    pub fn new(settings: Settings) -> Result<Self, LoadError> {
        let Settings { limits, compiler, cache } = settings;
        let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
        let (engine, is_pooling) = engine::running(&limits).map_err(contract)?;
        let cache = cache.map(|(folder, key)| Cache::open(&folder, key)).transpose()?;
        let mut linker = Linker::new(&engine);
        offer(&mut linker).map_err(contract)?;
        let places = Arc::default();
        Ok(Self { engine, is_pooling, limits, compiler, cache, linker, places })
    }

    /// What plugins may take here.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the room for calls is made before the first of them.
    pub fn is_pooling(&self) -> bool {
        self.is_pooling
    }

    /// Makes a plugin ready to be called: from the cache, or by compiling it. An instance of it is
    /// made once and thrown away, within the limits of a call.
    pub fn load(&self, component: &Component) -> Result<Plugin, LoadError> {
        let contract = |error: wasmtime::Error| LoadError::Contract(format!("{error:#}"));
        let compiled = self.compiled(component)?;
        let runner = Runner {
            engine: self.engine.clone(),
            limits: self.limits.narrowed(&component.manifest.limits),
            places: Arc::clone(&self.places),
        };
        let pre = self.linker.instantiate_pre(&compiled).map_err(contract)?;
        Ok(match component.kind {
            Kind::HealthScore => {
                let pre = HealthScorePluginPre::new(pre).map_err(contract)?;
                let plugin = HealthScore { runner, pre };
                started(plugin.start())?;
                Plugin::HealthScore(plugin)
            }
            Kind::TaskType => {
                let pre = TaskTypePluginPre::new(pre).map_err(contract)?;
                let plugin = TaskType { runner, pre };
                started(plugin.start())?;
                Plugin::TaskType(plugin)
            }
        })
    }

    fn compiled(&self, component: &Component) -> Result<wasmtime::component::Component, LoadError> {
        let name = cache::name(&self.engine, &component.digest);
        if let Some(bytes) = self.cache.as_ref().and_then(|cache| cache.get(&name)) {
            match deserialize(&self.engine, &bytes) {
                Ok(compiled) => return Ok(compiled),
                Err(error) => tracing::warn!(%error, "a compiled plugin does not load"),
            }
        }
        let bytes = self.compiler.run(&component.bytes, &self.limits)?;
        // A full disk costs time at the next start, and no plugin.
        if let Some(Err(error)) = self.cache.as_ref().map(|cache| cache.put(&name, &bytes)) {
            tracing::warn!(%error, "a compiled plugin could not be kept");
        }
        deserialize(&self.engine, &bytes).map_err(|error| LoadError::Compile(format!("{error:#}")))
    }
}

/// What plugins of the pure kinds may import: the log, and types.
fn offer(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    log::add_to_linker(linker)
}

/// Whether an instance could be made: what does not fit the contract shows only then.
fn started(called: Called<()>) -> Result<(), LoadError> {
    called.answer.map_err(|error| match error {
        CallError::BadAnswer(told) => LoadError::Contract(told),
        error => LoadError::Start(error),
    })
}

#[expect(unsafe_code, reason = "loading native code: the only place where there is some")]
fn deserialize(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<wasmtime::component::Component> {
    // SAFETY: the bytes come from our own compiler, just now or through the cache, which has
    // checked their seal; nobody else can write what gets here.
    unsafe { wasmtime::component::Component::deserialize(engine, bytes) }
}

impl Limits {
    /// These limits for a plugin that will do with less. Pure.
    fn narrowed(&self, wanted: &Wanted) -> Self {
        let narrow = |allowed: u64, wanted: Option<u64>| wanted.unwrap_or(allowed).min(allowed);
        Self {
            memory_bytes: narrow(self.memory_bytes, wanted.memory_bytes),
            fuel_per_call: narrow(self.fuel_per_call, wanted.fuel_per_call),
            fuel_per_row: narrow(self.fuel_per_row, wanted.fuel_per_row),
            ..self.clone()
        }
    }
}
