//! What the author of a plugin can be told without a word about a customer: versions, what its
//! calls took, how much is known of what it asks for, and how its scores are spread.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, json};

use super::usage::ScoredBy;
use super::{invocation, plugin, usage, version};
use crate::health::by_plugin::ByPlugin;
use crate::health::score::Role;
use crate::health::{Column as Values, coverage, model, spread};
use crate::prelude::*;

/// A report. It holds no id, name or value of a customer: figures about all of them, and texts that
/// the plugin itself brought along.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub plugin: String,
    pub version: String,
    /// SHA-256 of the file.
    pub digest: String,
    pub previous_version: Option<String>,
    pub status: String,
    /// Calls of this version in the last 30 days, by function and outcome.
    pub calls: Vec<Calls>,
    /// Where calls that broke off were: names of functions, each with how often, the most frequent
    /// first. What was said there stays here, for it may name a customer.
    pub backtraces: Vec<(String, usize)>,
    /// The health models that it scores.
    pub health_models: Vec<ScoredModel>,
    /// Open tasks of its type.
    pub open_tasks: u64,
}

/// What calls of a function took.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Calls {
    pub function: String,
    /// `OK`, or the code of what went wrong.
    pub outcome: String,
    pub count: usize,
    pub duration_us: Option<Quantiles>,
    pub fuel: Option<Quantiles>,
    pub peak_memory: Option<Quantiles>,
}

/// A model that is scored by the plugin.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScoredModel {
    /// The configuration, of which every text is blanked, and every name that the schema does not
    /// have.
    pub config: Json,
    pub inputs: Vec<InputFigures>,
    /// How many accounts were looked at.
    pub accounts: usize,
    /// The values that there are, without the least and the greatest; none of fewer than
    /// [`LEAST_ACCOUNTS`].
    pub scores: Option<Quantiles>,
    /// How many accounts are poor, concerning, healthy, and how many have no score.
    pub bands: [u64; 4],
}

/// What is known of an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InputFigures {
    pub key: String,
    /// Whether it is bound to a built-in fact, a metric or an attribute; which one stays here.
    pub bound_to: Option<&'static str>,
    /// The share of the accounts that have nothing there.
    pub missing_share: f64,
    /// Of numbers, without the least and the greatest; none of words, of what is sensitive, and of
    /// fewer than [`LEAST_ACCOUNTS`].
    pub quantiles: Option<Quantiles>,
}

/// How numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantiles {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// Of fewer accounts nothing is told: a figure would be the value of one of them.
pub const LEAST_ACCOUNTS: usize = 20;

impl Quantiles {
    /// Of these numbers, those that are none left out; none where nothing is left. Pure.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().filter(|number| !number.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |tenths: usize| sorted[(last * tenths + 5) / 10];
        let (min, max) = (Some(sorted[0]), Some(sorted[last]));
        Some(Self { min, p10: at(1), p50: at(5), p90: at(9), max })
    }

    /// Of values of accounts: none of them is told. Pure.
    fn of_accounts(numbers: Vec<f64>) -> Option<Self> {
        let count = numbers.iter().filter(|number| !number.is_nan()).count();
        let all = Self::of(numbers).filter(|_| count >= LEAST_ACCOUNTS)?;
        Some(Self { min: None, max: None, ..all })
    }
}

/// Calls that are looked at: the newest.
const MOST_CALLS: u64 = 10_000;

/// Backtraces that are told.
const MOST_BACKTRACES: usize = 20;

/// The report about a plugin.
pub async fn of(cx: &Cx<'_>, plugin: &plugin::Model) -> Result<Report> {
    cx.require(Area::Plugins, Access::Write)?;
    let active = version::find_in(cx, plugin.active_version_id).await?;
    let previous = match plugin.previous_version_id {
        Some(id) => Some(version::find_in(cx, id).await?.number),
        None => None,
    };
    let usage = usage::of(cx, plugin).await?;
    let calls = invocation::newest(cx, (plugin.id, active.id), MOST_CALLS).await?;
    let schema = super::schema(&active.manifest, "config").cloned().unwrap_or_default();
    let mut health_models = Vec::new();
    let by_active = usage::scored_by(cx, plugin.id).await?.into_iter();
    for ScoredBy { model, by, .. } in by_active.filter(|one| one.role == Role::Active) {
        health_models.push(scored(cx, &model, &by, &schema).await?);
    }
    Ok(Report {
        plugin: plugin.key.clone(),
        version: active.number,
        digest: active.digest,
        previous_version: previous,
        status: plugin.status.to_value(),
        backtraces: backtraces(&calls),
        calls: figures(&calls),
        health_models,
        open_tasks: usage.open_tasks,
    })
}

fn figures(calls: &[invocation::Model]) -> Vec<Calls> {
    let mut groups: BTreeMap<(&str, &str), Vec<&invocation::Model>> = BTreeMap::new();
    for call in calls {
        groups.entry((&call.function, &call.outcome)).or_default().push(call);
    }
    let figures = |((function, outcome), calls): ((&str, &str), Vec<&invocation::Model>)| {
        let each = |of: fn(&invocation::Model) -> i64| {
            Quantiles::of(calls.iter().map(|call| of(call) as f64))
        };
        Calls {
            function: function.to_owned(),
            outcome: outcome.to_owned(),
            count: calls.len(),
            duration_us: each(|call| call.duration_us),
            fuel: each(|call| call.fuel),
            peak_memory: each(|call| call.peak_memory),
        }
    };
    groups.into_iter().map(figures).collect()
}

fn backtraces(calls: &[invocation::Model]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for backtrace in calls.iter().filter_map(|call| call.backtrace.as_deref()) {
        *counts.entry(backtrace).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(at, count)| (at.to_owned(), count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(MOST_BACKTRACES);
    counts
}

async fn scored(
    cx: &Cx<'_>,
    model: &model::Model,
    by: &ByPlugin,
    schema: &Json,
) -> Result<ScoredModel> {
    let read = coverage::read(cx, model.segment_id, &by.sources()).await?;
    let inputs = by.described.inputs.iter().map(|input| {
        let column = by.column(&read.columns, &input.key);
        let missing = column.map_or(read.accounts, Values::missing);
        let quantiles = match column {
            Some(Values::Numbers(numbers)) if !input.is_sensitive => {
                Quantiles::of_accounts(numbers.clone())
            }
            _ => None,
        };
        let share = if read.accounts == 0 { 0.0 } else { missing as f64 / read.accounts as f64 };
        InputFigures {
            key: input.key.clone(),
            bound_to: by.bindings.get(&input.key).map(|source| source.word()),
            missing_share: share,
            quantiles,
        }
    });
    let inputs = inputs.collect();
    let counts = spread::bands(cx, model, Role::Active).await?;
    let values = spread::values(cx, model.id, coverage::MOST_ACCOUNTS as u64).await?;
    Ok(ScoredModel {
        config: blanked(&by.config, &names(schema)),
        inputs,
        accounts: read.accounts,
        scores: Quantiles::of_accounts(values),
        bands: [counts.poor, counts.concerning, counts.healthy, counts.insufficient],
    })
}

/// The names of properties in a schema, wherever they stand. Pure.
fn names(schema: &Json) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut open = vec![schema];
    while let Some(part) = open.pop() {
        let properties = part.get("properties").and_then(Json::as_object);
        found.extend(properties.into_iter().flat_map(|all| all.keys().map(String::as_str)));
        match part {
            Json::Array(parts) => open.extend(parts),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found
}

/// A document without its texts and without names that are not these: people wrote them. Pure.
fn blanked(document: &Json, names: &BTreeSet<&str>) -> Json {
    match document {
        Json::String(_) => json!("…"),
        Json::Array(items) => items.iter().map(|item| blanked(item, names)).collect(),
        Json::Object(members) => {
            let member = |(name, value): (&String, &Json)| {
                let name = if names.contains(name.as_str()) { name } else { "…" };
                (name.to_owned(), blanked(value, names))
            };
            members.iter().map(member).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_that_are_there() {
        let numbers = (0..=100).rev().map(f64::from).chain([f64::NAN]);
        let all = Quantiles::of(numbers).expect("there are numbers");
        assert_eq!((all.min, all.max), (Some(0.0), Some(100.0)));
        assert_eq!((all.p10, all.p50, all.p90), (10.0, 50.0, 90.0));
        let one = Quantiles::of([7.0]).expect("there is one");
        assert_eq!((one.min, one.p50, one.max), (Some(7.0), 7.0, Some(7.0)));
        assert_eq!(Quantiles::of([f64::NAN]), None);
    }

    #[test]
    fn no_figure_is_the_value_of_one_account() {
        let of = |count: u32| Quantiles::of_accounts((0..count).map(f64::from).collect());
        assert_eq!(of(19), None);
        let told = of(20).expect("they are enough");
        assert_eq!((told.min, told.p50, told.max), (None, 10.0, None));
    }

    #[test]
    fn what_people_wrote_is_blanked() {
        let schema = json!({
            "properties": { "metric": {}, "weights": {}, "of": { "$ref": "#/$defs/of" } },
            "$defs": { "of": { "properties": { "a": {} } } },
        });
        let config = json!({ "metric": "logins", "weights": [1, 2.5, true],
            "of": { "a": "b", "Padaria": 1 } });
        let blank = json!({ "metric": "…", "weights": [1, 2.5, true], "of": { "a": "…", "…": 1 } });
        assert_eq!(blanked(&config, &names(&schema)), blank);
    }
}
