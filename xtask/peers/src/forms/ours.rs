//! Our host with its usual limits: the module that `cargo xtask plugins` has built, in batches and
//! one account a call. Each call has a fresh instance.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail, ensure};
use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::health_score::{self as host, Batch, Description, HealthScore};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::Manifest;
use jornada_plugin_host::package::package;
use jornada_plugin_host::{Component, Host, Limits, Settings};
use serde_json::json;
use telco_score::Scores;

use super::{Answered, Form};
use crate::COMPILE;
use crate::customers::Case;

/// The plugin, loaded.
struct Loaded {
    score: HealthScore,
    description: Description,
}

/// Nothing is set.
const CONFIG: &str = "{}";

/// Both forms of calling it.
pub(super) fn all(root: &Path) -> Result<Vec<Box<dyn Form>>> {
    let loaded = Rc::new(load(root)?);
    Ok(vec![Box::new(InBatches(Rc::clone(&loaded))), Box::new(OneByOne(loaded))])
}

fn load(root: &Path) -> Result<Loaded> {
    let path = "target/wasm/wasm32-unknown-unknown/release/telco_churn_health.wasm";
    let module = fs::read(root.join(path)).context("run `cargo xtask plugins` first")?;
    let manifest = json!({
        "schema": 1,
        "plugin": {
            "id": "jornada.telco-churn-health", "version": "1.0.0", "kind": "health-score",
            "title": { "en": "Churn" },
        },
    });
    let manifest = Manifest::parse(manifest.to_string().as_bytes()).map_err(Error::msg)?;
    let file = package(&module, &manifest)?;
    let program = std::env::current_exe()?;
    let compiler = Compiler { program, arguments: vec![COMPILE.to_owned()] };
    let host = Host::new(Settings { limits: Limits::default(), compiler, cache: None })?;
    ensure!(host.is_pooling(), "there is no room for the pool of instances");
    let Plugin::HealthScore(score) = host.load(&Component::inspect(file, host.limits())?)? else {
        bail!("it is a type of tasks");
    };
    let description = score.describe(CONFIG).answer?;
    Ok(Loaded { score, description })
}

impl Loaded {
    /// One call: its answer, how long it took, and what it burnt.
    fn call(&self, batch: &Batch) -> Result<(host::Scores, Duration, u64)> {
        let begun = Instant::now();
        let called = self.score.score(CONFIG, &self.description, batch);
        let took = begun.elapsed();
        Ok((called.answer?, took, called.invocation.fuel))
    }
}

/// Adds scores behind others.
fn append(all: &mut Scores, scores: host::Scores) {
    let before = u32::try_from(all.values.len()).unwrap_or(u32::MAX);
    all.base = scores.base;
    all.values.extend(scores.values);
    all.contributions.extend(scores.contributions);
    all.reasons.extend(scores.reasons.iter().map(|one| [before + one.row, one.reason]));
}

struct InBatches(Rc<Loaded>);

impl Form for InBatches {
    fn name(&self) -> &'static str {
        "our host, 1,000 accounts a call"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let (answer, took, fuel) = self.0.call(&case.batch)?;
        let mut scores = Scores::default();
        append(&mut scores, answer);
        Ok(Answered { took, scores, fuel: Some(fuel) })
    }
}

struct OneByOne(Rc<Loaded>);

impl Form for OneByOne {
    fn name(&self) -> &'static str {
        "our host, one account a call, a fresh instance"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let mut all = Answered { took: Duration::ZERO, scores: Scores::default(), fuel: Some(0) };
        for batch in &case.singles {
            let (answer, took, fuel) = self.0.call(batch)?;
            append(&mut all.scores, answer);
            all.took += took;
            all.fuel = all.fuel.map(|all| all + fuel);
        }
        Ok(all)
    }
}
