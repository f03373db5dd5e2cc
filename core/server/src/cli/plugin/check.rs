//! `jornada plugin check`: what a server would look at before it takes a plugin.

use std::fmt::Write;

use anyhow::{Result, bail};
use jornada_domain::health::by_plugin;
use jornada_domain::workspace::Locale;
use jornada_plugin_host::fixture::{self, Budget, Outcome};
use jornada_plugin_host::health_score::{Description, InputKind};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::Texts;

use super::Loaded;
use super::test::told;
use crate::cli::print;
use crate::plugin::inspect;
use crate::plugin::project::Built;

pub(super) fn run(Loaded { host, built, .. }: &Loaded) -> Result<()> {
    let Built { bytes, component, plugin } = built;
    let manifest = &component.manifest;
    inspect::check(manifest)?;
    inspect::require_schemas(plugin, manifest)?;
    let about = &manifest.plugin;
    let mut text = String::new();
    writeln!(text, "{} {}, {}", about.id, about.version, about.kind.word())?;
    let most = host.limits().artifact_bytes;
    writeln!(text, "  file      {} of {most} bytes, sha256 {}", bytes.len(), component.digest)?;
    writeln!(text, "  imports   {}", listed(&component.imports))?;
    for (name, schema) in [("config", &manifest.config), ("outcome", &manifest.outcome)] {
        if let Some(schema) = schema {
            let fields = schema["properties"].as_object();
            let fields: Vec<String> =
                fields.into_iter().flat_map(|fields| fields.keys().cloned()).collect();
            writeln!(text, "  {name:<9} {}", listed(&fields))?;
        }
    }
    for capability in &manifest.capabilities {
        writeln!(text, "  asks for  {}: {}", capability.operation, english(&capability.reason))?;
    }
    if let Plugin::HealthScore(score) = plugin {
        // A configuration of which everything may be left out is the one that most begin with.
        match score.describe("{}").answer {
            Ok(description) => describe(&mut text, &description)?,
            Err(error) => writeln!(text, "  inputs    depend on the configuration ({error})")?,
        }
    }
    let outcomes = fixture::run_all(plugin, &manifest.fixtures);
    let passed = outcomes.iter().filter(|outcome| outcome.is_passed()).count();
    writeln!(text, "  fixtures  {passed} of {} hold", outcomes.len())?;
    if let Some(budget) = at_most(&outcomes) {
        writeln!(text, "  budget    at most {}", told(&budget))?;
    }
    print(&text)?;
    match outcomes.len() - passed {
        0 => Ok(()),
        failed => bail!("{failed} fixtures failed; `jornada plugin test` says how they differ"),
    }
}

/// The most that a fixture took of each.
fn at_most(outcomes: &[Outcome]) -> Option<Budget> {
    let budgets = outcomes.iter().filter_map(|outcome| outcome.budget.clone());
    budgets.reduce(|a, b| Budget {
        peak_memory: a.peak_memory.max(b.peak_memory),
        duration: a.duration.max(b.duration),
        ..if a.fuel < b.fuel { b } else { a }
    })
}

fn describe(text: &mut String, description: &Description) -> std::fmt::Result {
    for input in &description.inputs {
        let kind = match input.kind {
            InputKind::Number => "number",
            InputKind::Flag => "flag",
            InputKind::Category => "category",
            InputKind::Days => "days",
        };
        let need = if input.required { "required" } else { "optional" };
        let suggestion = match input.suggestion.as_str() {
            "" => String::new(),
            name => format!(", suggests {name}"),
        };
        writeln!(text, "  input     {} ({kind}, {need}{suggestion})", input.key)?;
    }
    let factors: Vec<String> =
        description.factors.iter().map(|factor| factor.key.clone()).collect();
    writeln!(text, "  factors   {}", listed(&factors))
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        some => some.join(", "),
    }
}

fn english(texts: &Texts) -> &str {
    by_plugin::text(texts, Locale::En).unwrap_or_default()
}
