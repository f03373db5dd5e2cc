//! `jornada plugin test`: the fixtures of a plugin, and what they took of what they may take.

use anyhow::{Result, bail};
use jornada_plugin_host::fixture::{self, Budget};
use jornada_plugin_host::host::Plugin;
use serde_json::json;

use super::{Loaded, TestArgs};
use crate::cli::print;
use crate::plugin::project::Project;

pub(super) fn run(args: &TestArgs, loaded: &Loaded) -> Result<()> {
    let built = &loaded.built;
    if args.bless {
        return bless(loaded.project()?, &built.plugin);
    }
    let outcomes = fixture::run_all(&built.plugin, &built.component.manifest.fixtures);
    let mut text = String::new();
    for outcome in &outcomes {
        let sign = if outcome.is_passed() { "ok  " } else { "FAIL" };
        let took = outcome.budget.as_ref().map(told).unwrap_or_default();
        text += &format!("{sign} {:<40} {took}\n", outcome.name);
        for difference in &outcome.differences {
            text += &format!("     {difference}\n");
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.is_passed()).count();
    text += &format!("{} fixtures, {failed} failed\n", outcomes.len());
    print(&text)?;
    match failed {
        0 if outcomes.is_empty() => bail!("there is no fixture: put one into `fixtures`"),
        0 => Ok(()),
        _ => bail!("{failed} fixtures failed"),
    }
}

/// What a call took beside what it may take.
pub(super) fn told(budget: &Budget) -> String {
    let Budget { fuel, fuel_limit, peak_memory, memory_limit, duration } = budget;
    let percent = |taken: &u64, limit: &u64| 100.0 * *taken as f64 / (*limit).max(1) as f64;
    format!(
        "fuel {fuel} ({:.2} %), memory {} KiB ({:.0} %), {:.2} ms",
        percent(fuel, fuel_limit),
        peak_memory >> 10,
        percent(peak_memory, memory_limit),
        duration.as_secs_f64() * 1000.0,
    )
}

fn bless(project: &Project, plugin: &Plugin) -> Result<()> {
    for (path, before) in project.fixtures()? {
        let name = before.name.clone();
        let fixture = match fixture::bless(plugin, &before) {
            Ok(fixture) => fixture,
            Err(faults) => bail!("{name}: {}", faults.join("; ")),
        };
        if fixture == before {
            continue;
        }
        let written = json!({
            "function": fixture.function, "input": fixture.input, "expect": fixture.expect,
        });
        std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&written)?))?;
        print(&format!("{name} expects what the plugin answers\n"))?;
    }
    Ok(())
}
