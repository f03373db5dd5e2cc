//! `jornada plugin bench`: how long the calls of the fixtures take, and what they burn.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use jornada_plugin_host::fixture;
use jornada_plugin_host::manifest::Fixture;
use serde_json::Value as Json;

use super::{BenchArgs, Loaded};
use crate::cli::print;

pub(super) fn run(args: &BenchArgs, Loaded { built, .. }: &Loaded) -> Result<()> {
    let fixtures = &built.component.manifest.fixtures;
    if fixtures.is_empty() {
        bail!("there is no fixture to be called again and again");
    }
    let mut text = format!("{:<40}{:>12}{:>12}{:>14}\n", "", "p50", "p99", "fuel");
    for fixture in fixtures {
        let (fixture, rows) = widened(fixture, args.rows);
        let mut took = Vec::with_capacity(args.times as usize);
        let mut fuel = 0;
        for _ in 0..args.times {
            let budget = fixture::run(&built.plugin, &fixture).budget;
            let budget =
                budget.with_context(|| format!("{}: it cannot be called", fixture.name))?;
            took.push(budget.duration);
            fuel = budget.fuel;
        }
        took.sort_unstable();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        let (p50, p99) = (at(50), at(99));
        text += &format!("{:<40}{:>12.1?}{:>12.1?}{fuel:>14}\n", fixture.name, p50, p99);
        if rows > 0 {
            let each = |took: Duration| took / rows;
            let (p50, p99, fuel) = (each(p50), each(p99), fuel / u64::from(rows));
            let what = format!("  an account, of {rows}");
            text += &format!("{what:<40}{p50:>12.1?}{p99:>12.1?}{fuel:>14}\n");
        }
    }
    print(&text)
}

/// A fixture of scores with so many customers; others as they are, with none.
fn widened(fixture: &Fixture, rows: u32) -> (Fixture, u32) {
    let mut fixture = fixture.clone();
    let customers = fixture.input.get("customers").and_then(Json::as_array).cloned();
    match customers {
        Some(some) if !some.is_empty() => {
            let many = some.iter().cycle().take(rows as usize).cloned().collect();
            fixture.input["customers"] = Json::Array(many);
            (fixture, rows)
        }
        _ => (fixture, 0),
    }
}
