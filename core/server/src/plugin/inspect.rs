//! Looks into a file that somebody wants to install: whether it would run here, and whether it is
//! what it says of itself.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use jornada_domain::plugins::{Inspected, OPERATIONS, PluginKind, document};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::Manifest;
use jornada_plugin_host::{Component, Host, Kind, fixture};
use serde_json::{Value as Json, json};
use tokio::task::spawn_blocking;

use super::{Plugins, query};

/// Differences that are told of fixtures that fail.
const MOST_DIFFERENCES: usize = 5;

/// Names of publishers that nobody can have: the types of tasks of the platform begin so.
const RESERVED: [&str; 1] = ["core"];

/// Loads a file and runs its fixtures. Nothing of it runs outside of the sandbox, and nothing is
/// kept.
pub async fn inspect(plugins: &Arc<Plugins>, bytes: Vec<u8>) -> Result<Inspected> {
    let _turn = plugins.inspections.acquire().await?;
    let host = Arc::clone(plugins);
    spawn_blocking(move || inspected(host.host()?, bytes)).await?
}

fn inspected(host: &Host, bytes: Vec<u8>) -> Result<Inspected> {
    let component = Component::inspect(bytes.clone(), host.limits())?;
    check(&component.manifest)?;
    let plugin = host.load(&component)?;
    require_schemas(&plugin, &component.manifest)?;
    for outcome in fixture::run_all(&plugin, &component.manifest.fixtures) {
        let differences: Vec<_> = outcome.differences.into_iter().take(MOST_DIFFERENCES).collect();
        let (name, told) = (outcome.name, differences.join("; "));
        ensure!(told.is_empty(), "its own fixture `{name}` does not hold: {told}");
    }
    let Component { digest, kind, manifest, .. } = component;
    Ok(Inspected {
        key: manifest.plugin.id.clone(),
        kind: match kind {
            Kind::HealthScore => PluginKind::HealthScore,
            Kind::TaskType => PluginKind::TaskType,
        },
        number: manifest.plugin.version.to_string(),
        digest,
        manifest: json!(manifest),
        content: bytes,
    })
}

/// What can be told of a manifest without calling the plugin: `jornada plugin build` says it, too.
pub fn check(manifest: &Manifest) -> Result<()> {
    let publisher = manifest.plugin.id.split('.').next().unwrap_or_default();
    ensure!(!RESERVED.contains(&publisher), "plugin.id: `{publisher}` is the platform itself");
    for asked in &manifest.capabilities {
        let operation = asked.operation.as_str();
        let known = OPERATIONS.join(", ");
        ensure!(
            OPERATIONS.contains(&operation),
            "`{operation}` is no operation; there are {known}"
        );
    }
    for (document, schema) in [("config", &manifest.config), ("outcome", &manifest.outcome)] {
        if let Some(schema) = schema
            && let Err(told) = document::validator(schema)
        {
            bail!("the schema of its {document} is none: {told}");
        }
    }
    manifest.input.as_deref().map_or(Ok(()), query::check).context("input.graphql")
}

/// The schemas in the manifest are those that the plugin tells.
pub fn require_schemas(plugin: &Plugin, manifest: &Manifest) -> Result<()> {
    let told = match plugin {
        Plugin::HealthScore(score) => vec![("config", score.config_schema(), &manifest.config)],
        Plugin::TaskType(task) => vec![
            ("config", task.config_schema(), &manifest.config),
            ("outcome", task.outcome_schema(), &manifest.outcome),
        ],
    };
    for (document, called, in_manifest) in told {
        let told: Json = serde_json::from_str(&called.answer?).with_context(|| document)?;
        let is_same = in_manifest.as_ref() == Some(&told);
        ensure!(is_same, "the schema of its {document} is not the one in its manifest");
    }
    Ok(())
}
