//! The peer, with the limits of fuel and memory that our host has; an instance is kept from call to
//! call, as Extism does, but in the last form. Writing and reading JSON is a part of a call. The
//! engine is set as Extism sets it, but in one form, whose NaNs are the same on every machine, as
//! those of our host.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use extism::convert::Json;
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use jornada_plugin_host::Limits;
use telco_score::Scores;
use telco_score::wire::{self, Answer, Columns, Customer, Table};
use wasmtime::Config;

use super::{Answered, Form};
use crate::customers::Case;

/// All forms of calling it.
pub(super) fn all(root: &Path) -> Result<Vec<Box<dyn Form>>> {
    let path = "target/wasm/wasm32-unknown-unknown/plugin/telco_extism.wasm";
    let module = fs::read(root.join(path)).context("`cargo xtask bench plugins` builds it")?;
    let rows = u32::try_from(Case::ROWS)?;
    let for_batches = compiled(&module, rows, Config::new())?;
    let kept = || Plugin::new_from_compiled(&for_batches);
    let mut canonical = Config::new();
    canonical.cranelift_nan_canonicalization(true);
    let canonical = Plugin::new_from_compiled(&compiled(&module, rows, canonical)?)?;
    Ok(vec![
        Box::new(ByCustomers(kept()?)),
        Box::new(ByColumns(kept()?)),
        Box::new(ByBytes("Extism, 1,000 a call, columns as bytes", kept()?)),
        Box::new(ByBytes("Extism, the same with NaNs as our host has them", canonical)),
        Box::new(OneByOne(compiled(&module, 1, Config::new())?)),
    ])
}

/// The plugin with the limits of a call for so many accounts.
fn compiled(module: &[u8], rows: u32, config: Config) -> Result<CompiledPlugin> {
    let limits = Limits::default();
    let pages = u32::try_from(limits.memory_bytes >> 16)?;
    let manifest = Manifest::new([Wasm::data(module)]).with_memory_max(pages);
    PluginBuilder::new(manifest)
        .with_wasmtime_config(config)
        .with_fuel_limit(limits.fuel(rows))
        .with_cache_disabled()
        .compile()
}

struct ByCustomers(Plugin);

impl Form for ByCustomers {
    fn name(&self) -> &'static str {
        "Extism, 1,000 a call, customers as JSON"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let begun = Instant::now();
        let Json(answer) = self
            .0
            .call::<Json<&Vec<Customer>>, Json<Answer>>("score_customers", Json(&case.customers))?;
        let took = begun.elapsed();
        Ok(Answered { took, scores: answer.into(), fuel: self.0.fuel_consumed() })
    }
}

struct ByColumns(Plugin);

impl Form for ByColumns {
    fn name(&self) -> &'static str {
        "Extism, 1,000 a call, columns as JSON"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let begun = Instant::now();
        let input = Json(&case.columns);
        let Json(answer) = self.0.call::<Json<&Columns>, Json<Table>>("score_columns", input)?;
        let took = begun.elapsed();
        Ok(Answered { took, scores: answer.into(), fuel: self.0.fuel_consumed() })
    }
}

struct ByBytes(&'static str, Plugin);

impl Form for ByBytes {
    fn name(&self) -> &'static str {
        self.0
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let begun = Instant::now();
        let input = wire::bytes_of(&case.places);
        let output = self.1.call::<&[u8], &[u8]>("score_bytes", &input)?;
        let scores = wire::scores_of(output, Case::ROWS);
        let took = begun.elapsed();
        let scores = scores.context("the answer is cut off")?;
        Ok(Answered { took, scores, fuel: self.1.fuel_consumed() })
    }
}

struct OneByOne(CompiledPlugin);

impl Form for OneByOne {
    fn name(&self) -> &'static str {
        "Extism, one account a call, a fresh instance"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let mut all = Answered { took: Duration::ZERO, scores: Scores::default(), fuel: Some(0) };
        let customers = case.customers.iter().take(case.singles.len());
        for (row, customer) in (0_u32..).zip(customers) {
            let begun = Instant::now();
            let mut plugin = Plugin::new_from_compiled(&self.0)?;
            let Json(answer) = plugin
                .call::<Json<[&Customer; 1]>, Json<Answer>>("score_customers", Json([customer]))?;
            let fuel = plugin.fuel_consumed();
            drop(plugin);
            all.took += begun.elapsed();
            all.fuel = all.fuel.zip(fuel).map(|(all, fuel)| all + fuel);
            let Scores { base, values, contributions, reasons } = answer.into();
            all.scores.base = base;
            all.scores.values.extend(values);
            all.scores.contributions.extend(contributions);
            all.scores.reasons.extend(reasons.into_iter().map(|[_, reason]| [row, reason]));
        }
        Ok(all)
    }
}
