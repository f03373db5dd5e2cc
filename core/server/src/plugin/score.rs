//! Scores accounts by a plugin: asks it what it wants to know, lays out what is known in its order,
//! and tells what came of it in the words of the domain.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jornada_domain::Cx;
use jornada_domain::Error;
use jornada_domain::health::Column;
use jornada_domain::health::by_plugin::{ByPlugin, Described, Factor, Input, InputKind, Texts};
use jornada_domain::health::measure::Aggregation;
use jornada_domain::health::recompute::{Outcome, Part};
use jornada_domain::health::score::{Reason, Row, Scored};
use jornada_domain::plugins::PluginKind;
use jornada_domain::plugins::invocation::NewInvocation;
use jornada_domain::plugins::plugin;
use jornada_domain::tasks::Hindrance;
use jornada_plugin_host::Called;
use jornada_plugin_host::error::CallError;
use jornada_plugin_host::health_score::{self as host, Batch, Description, HealthScore, Moment};
use jornada_plugin_host::host::Plugin;
use serde_json::Value as Json;
use tokio::task::spawn_blocking;

use super::loaded::Installed;
use super::moment::moment;
use super::{Plugins, host_of, note};
use crate::app::App;

/// What came of scoring, and what the calls took.
pub struct ScoredBy {
    /// What came of the accounts.
    pub outcome: Outcome,
    /// The calls; one that only described, and went well, is left out.
    pub calls: Vec<NewInvocation>,
}

impl ScoredBy {
    /// So many accounts that could not be scored, and why; nothing was called.
    fn failed(rows: usize, told: String) -> Self {
        let parts = vec![Part { rows: 0..rows, scored: Err(told) }];
        let outcome = Outcome { parts, took: Duration::ZERO, described: None };
        Self { outcome, calls: Vec::new() }
    }
}

/// What a plugin says of itself with a configuration. A call that goes wrong is written down.
pub async fn describe(
    app: &App,
    cx: &Cx<'_>,
    row: plugin::Model,
    config: &Json,
) -> Result<Described> {
    let installed = app.plugins.installed(cx, row).await?;
    let called = described_by(&installed.plugin, config).await?;
    if called.answer.is_err() {
        note(app, &host_of(cx.actor), installed.invocation(&called)).await?;
    }
    Ok(described(called.answer?))
}

/// The same of a plugin that nobody has installed.
pub async fn describe_file(
    app: &App,
    cx: &Cx<'_>,
    digest: &str,
    config: &Json,
) -> Result<Described> {
    let plugin = app.plugins.load(cx, digest).await?;
    Ok(described(described_by(&plugin, config).await?.answer?))
}

async fn described_by(plugin: &Arc<Plugin>, config: &Json) -> Result<Called<Description>> {
    let (plugin, config) = (Arc::clone(plugin), config.to_string());
    let called = spawn_blocking(move || match &*plugin {
        Plugin::HealthScore(score) => Ok(score.describe(&config)),
        Plugin::TaskType(_) => bail!("it is a type of tasks"),
    });
    called.await?
}

/// Scores accounts, of which the columns are known, in the order of the sources of `by`. What
/// cannot be scored is told in the outcome; an error is one of the platform itself.
pub async fn score(
    plugins: &Arc<Plugins>,
    cx: &Cx<'_>,
    by: &ByPlugin,
    columns: &[Column],
    rows: usize,
) -> Result<ScoredBy> {
    let row = match plugin::callable(cx, by.plugin_id, PluginKind::HealthScore).await {
        Ok(row) => row,
        Err(error @ Error::Problems(_)) => return uncalled(cx, by, rows, error).await,
        Err(other) => return Err(other.into()),
    };
    let failed = |told: String| ScoredBy::failed(rows, Hindrance::failed(&row.key, told).reason());
    let installed = match plugins.installed(cx, row.clone()).await {
        Ok(installed) => installed,
        Err(error) => return Ok(failed(format!("{error:#}"))),
    };
    let as_of = moment(cx, None).await?;
    let (by, columns) = (by.clone(), columns.to_vec());
    let scored = spawn_blocking(move || scored(&installed, &by, &columns, rows, as_of));
    Ok(scored.await?)
}

/// Why a plugin is not called, as it is kept with scores.
async fn uncalled(cx: &Cx<'_>, by: &ByPlugin, rows: usize, error: Error) -> Result<ScoredBy> {
    let found = plugin::many(cx, &[by.plugin_id]).await?;
    let hindrance = found.first().and_then(plugin::Model::hindrance);
    let reason = hindrance.ok_or(error)?;
    Ok(ScoredBy::failed(rows, reason.reason()))
}

fn scored(
    installed: &Installed,
    by: &ByPlugin,
    columns: &[Column],
    rows: usize,
    as_of: Moment,
) -> ScoredBy {
    let begun = Instant::now();
    let failed = |told: &str| Hindrance::failed(&installed.row.key, told).reason();
    let Plugin::HealthScore(score) = &*installed.plugin else {
        return ScoredBy::failed(rows, failed("it is a type of tasks"));
    };
    let config = by.config.to_string();
    let called = score.describe(&config);
    let (parts, calls) = match &called.answer {
        Err(error) => {
            let scored = Err(failed(&error.for_everybody()));
            (vec![Part { rows: 0..rows, scored }], vec![installed.invocation(&called)])
        }
        // The version before could do without it: what it scored says more than nothing.
        Ok(description) if let Some(key) = unbound(description, by, columns) => {
            let told = format!("it needs to know {key}, which is bound to nothing that fits");
            (vec![Part { rows: 0..rows, scored: Err(failed(&told)) }], Vec::new())
        }
        Ok(description) => each(
            score,
            &config,
            description,
            &laid_out(description, by, columns, rows, as_of),
            installed,
        ),
    };
    let told = called.answer.ok().map(described);
    ScoredBy { outcome: Outcome { parts, took: begun.elapsed(), described: told }, calls }
}

fn each(
    score: &HealthScore,
    config: &str,
    description: &Description,
    batch: &Batch,
    installed: &Installed,
) -> (Vec<Part>, Vec<NewInvocation>) {
    let host::Scored { parts, calls } = score.score_each(config, description, batch);
    let failed =
        |error: &CallError| Hindrance::failed(&installed.row.key, error.for_everybody()).reason();
    let part = |part: host::Part| {
        let first = part.rows.start;
        let scored = part.scores.map(|scores| told(description, batch, first, &scores));
        Part { rows: part.rows, scored: scored.map_err(|error| failed(&error)) }
    };
    let calls = calls.iter().map(|call: &Called<()>| installed.invocation(call)).collect();
    (parts.into_iter().map(part).collect(), calls)
}

/// An input without which there is no score, and that is bound to nothing that gives such values.
fn unbound<'d>(description: &'d Description, by: &ByPlugin, columns: &[Column]) -> Option<&'d str> {
    let fits = |input: &&host::Input| match by.column(columns, &input.key) {
        Some(Column::Words(_)) => input.kind == host::InputKind::Category,
        Some(Column::Numbers(_)) => input.kind != host::InputKind::Category,
        None => false,
    };
    let mut required = description.inputs.iter().filter(|input| input.required);
    required.find(|input| !fits(input)).map(|input| input.key.as_str())
}

/// What is known, in the order in which the plugin wants it.
fn laid_out(
    description: &Description,
    by: &ByPlugin,
    columns: &[Column],
    rows: usize,
    as_of: Moment,
) -> Batch {
    let mut batch = Batch {
        as_of,
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        columns: Vec::with_capacity(description.inputs.len()),
        dictionaries: Vec::with_capacity(description.inputs.len()),
    };
    for input in &description.inputs {
        let is_word = input.kind == host::InputKind::Category;
        let (numbers, words) = match by.column(columns, &input.key) {
            Some(Column::Numbers(numbers)) if !is_word => (numbers.clone(), Vec::new()),
            Some(Column::Words(words)) if is_word => coded(words),
            _ => (vec![f64::NAN; rows], Vec::new()),
        };
        batch.columns.push(numbers);
        batch.dictionaries.push(words);
    }
    batch
}

/// Words as places in a dictionary.
fn coded(words: &[Option<String>]) -> (Vec<f64>, Vec<String>) {
    let mut dictionary: Vec<String> = words.iter().flatten().cloned().collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let place = |word: &Option<String>| {
        let place = dictionary.binary_search(word.as_ref()?).ok()?;
        Some(place as f64)
    };
    let codes = words.iter().map(|word| place(word).unwrap_or(f64::NAN)).collect();
    (codes, dictionary)
}

/// The scores of accounts, of which the first one has this place in the batch.
fn told(description: &Description, batch: &Batch, first: usize, scores: &host::Scores) -> Scored {
    let factors = description.factors.len();
    let mut rows: Vec<Row> = Vec::with_capacity(scores.values.len());
    for (row, value) in scores.values.iter().enumerate() {
        let value = Some(*value).filter(|value| !value.is_nan());
        let range = row * factors..(row + 1) * factors;
        let points = scores.contributions.get(range).filter(|_| value.is_some());
        let is_missing = |column: &Vec<f64>| column.get(first + row).is_none_or(|one| one.is_nan());
        let columns = description.inputs.iter().zip(&batch.columns);
        let missing = columns.filter(|(_, column)| is_missing(column));
        rows.push(Row {
            value,
            contributions: points.unwrap_or_default().to_vec(),
            missing: missing.map(|(input, _)| input.key.clone()).collect(),
            reasons: Vec::new(),
        });
    }
    for host::Reason { row, reason } in &scores.reasons {
        let code = description.reasons.get(*reason as usize).map(|reason| reason.code.clone());
        if let (Some(row), Some(code)) = (rows.get_mut(*row as usize), code) {
            row.reasons.push(Reason { code, points: None });
        }
    }
    let factors = description.factors.iter().map(|factor| factor.key.clone()).collect();
    Scored { base: scores.base, factors, rows }
}

/// What a plugin says of itself, in the words of the domain.
fn described(description: Description) -> Described {
    let Description { inputs, factors, reasons } = description;
    Described {
        inputs: inputs.into_iter().map(input).collect(),
        factors: factors
            .into_iter()
            .map(|one| Factor { key: one.key, title: texts(one.title), weight: one.weight })
            .collect(),
        reasons: reasons.into_iter().map(|one| (one.code, texts(one.text))).collect(),
    }
}

fn texts(texts: Vec<host::Localized>) -> Texts {
    texts.into_iter().map(|text| (text.locale, text.text)).collect()
}

fn input(input: host::Input) -> Input {
    Input {
        key: input.key,
        title: texts(input.title),
        kind: match input.kind {
            host::InputKind::Number => InputKind::Number,
            host::InputKind::Flag => InputKind::Flag,
            host::InputKind::Category => InputKind::Category,
            host::InputKind::Days => InputKind::Days,
        },
        unit: input.unit,
        required: input.required,
        window_days: input.window_days,
        aggregation: match input.aggregation {
            host::Aggregation::Last => Aggregation::Last,
            host::Aggregation::Sum => Aggregation::Sum,
            host::Aggregation::Mean => Aggregation::Mean,
            host::Aggregation::Minimum => Aggregation::Minimum,
            host::Aggregation::Maximum => Aggregation::Maximum,
            host::Aggregation::Trend => Aggregation::Trend,
        },
        words: input.words,
        is_sensitive: input.sensitive,
        suggestion: input.suggestion,
    }
}
