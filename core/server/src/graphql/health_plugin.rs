//! Scores that a plugin makes: what is given, what the plugin says of itself, and how much is known
//! of what it asks for.

use std::collections::BTreeMap;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use jornada_domain::Cx;
use jornada_domain::error::{Code, Error, Problem, Result, all_well};
use jornada_domain::health::by_plugin::{self, ByPlugin, Input, NewByPlugin, Texts};
use jornada_domain::health::coverage::{self, Coverage};
use jornada_domain::health::definition::Scorer;
use jornada_domain::health::measure::Source;
use jornada_domain::id::PluginId;
use jornada_domain::plugins::misfit::{Holder, MOST_MISFITS, Misfit};
use jornada_domain::plugins::usage::{self, ScoredBy};
use jornada_domain::plugins::{PluginKind, document, plan, plugin, schema, version};
use sea_orm::prelude::Uuid;
use serde_json::{Map, Value as Json};

use super::health_definition::{
    HealthAggregation, HealthDefinitionInput, HealthSource, HealthSourceInput,
};
use super::id;
use super::loader::one;
use super::plugin::Plugin;
use super::request::{Answer, call, read};
use super::scalar::Long;
use super::word::words;
use crate::app::App;
use crate::plugin::score;

/// A score that a plugin makes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct PluginHealth {
    #[graphql(skip)]
    plugin_id: Option<PluginId>,
    /// Its configuration.
    config: Json,
    /// What it wants to know, as it said when this was made: at most 64.
    inputs: Vec<HealthInput>,
    /// The parts of a score: at most 32.
    factors: Vec<HealthFactor>,
}

#[ComplexObject]
impl PluginHealth {
    /// The plugin; null while it is only planned.
    async fn plugin(&self, ctx: &Context<'_>) -> Answer<Plugin> {
        one(ctx, self.plugin_id).await
    }
}

/// Something that a plugin wants to know of an account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthInput {
    /// Its key.
    key: String,
    #[graphql(skip)]
    texts: Texts,
    /// What its values are.
    kind: HealthInputKind,
    /// The unit of a number, as it is shown.
    unit: Option<String>,
    /// Whether there is no score without it.
    is_required: bool,
    /// How many days are meant where it is bound to a metric; 0 for the latest point.
    window_days: Long,
    /// What is meant where it is bound to a metric.
    aggregation: HealthAggregation,
    /// The words that a category can be, where they are known.
    words: Vec<String>,
    /// Whether it says something about a person.
    is_sensitive: bool,
    /// What it is bound to; null where it is never known.
    source: Option<HealthSource>,
}

#[ComplexObject]
impl HealthInput {
    /// What people call it, in the language of the caller.
    async fn title(&self, ctx: &Context<'_>) -> String {
        told(ctx, &self.texts)
    }
}

/// A part of a score.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthFactor {
    /// Its key.
    key: String,
    #[graphql(skip)]
    texts: Texts,
    /// Its weight, 0 to 1; 0 where the plugin has no weights.
    weight: f64,
}

#[ComplexObject]
impl HealthFactor {
    /// What people call it, in the language of the caller.
    async fn title(&self, ctx: &Context<'_>) -> String {
        told(ctx, &self.texts)
    }
}

fn told(ctx: &Context<'_>, texts: &Texts) -> String {
    by_plugin::text(texts, call(ctx).locale()).unwrap_or_default().to_owned()
}

words! {
    /// What the values of an input are.
    HealthInputKind = "by_plugin::InputKind" {
        /// A number.
        Number,
        /// 0 or 1.
        Flag,
        /// A word.
        Category,
        /// Days from today.
        Days,
    }
}

impl From<ByPlugin> for PluginHealth {
    fn from(by: ByPlugin) -> Self {
        let ByPlugin { plugin_id, config, mut bindings, described } = by;
        let input = |input: by_plugin::Input| HealthInput {
            source: bindings.remove(&input.key).map(HealthSource::from),
            key: input.key,
            texts: input.title,
            kind: input.kind.into(),
            unit: Some(input.unit).filter(|unit| !unit.is_empty()),
            is_required: input.required,
            window_days: Long(input.window_days.into()),
            aggregation: input.aggregation.into(),
            words: input.words,
            is_sensitive: input.is_sensitive,
        };
        let inputs = described.inputs.into_iter().map(input).collect();
        let factor = |one: by_plugin::Factor| HealthFactor {
            key: one.key,
            texts: one.title,
            weight: one.weight,
        };
        let factors = described.factors.into_iter().map(factor).collect();
        let plugin_id = Some(plugin_id).filter(|id| !id.0.is_nil());
        Self { plugin_id, config, inputs, factors }
    }
}

/// A score to be made by a plugin.
#[derive(InputObject)]
pub(super) struct PluginHealthInput {
    /// The plugin, a health score.
    plugin_id: ID,
    /// Its configuration, as its schema has it; an empty object where it is left out.
    config: Option<Json>,
    /// What its inputs are bound to. Those that are left out are bound to what the plugin suggests
    /// and the platform knows.
    #[graphql(default)]
    bindings: Vec<HealthBindingInput>,
}

/// What an input of a plugin is bound to.
#[derive(InputObject)]
pub(super) struct HealthBindingInput {
    /// The key of the input.
    input: String,
    /// Where it is read; null leaves it unknown.
    source: Option<HealthSourceInput>,
}

/// Bindings of one plugin: it has at most as many inputs.
const MOST_BINDINGS: usize = 64;

impl PluginHealthInput {
    /// It with what the plugin says of itself.
    pub(super) async fn described(self, app: &App, cx: &Cx<'_>) -> Result<ByPlugin> {
        let path = "definition.plugin";
        let Self { plugin_id, config, bindings } = self;
        if bindings.len() > MOST_BINDINGS {
            let field = format!("{path}.bindings");
            return Err(Problem::too_many(field, MOST_BINDINGS, "values").into());
        }
        let plugin_id: PluginId = id::parse(&format!("{path}.pluginId"), &plugin_id)?;
        let row = plugin::callable(cx, plugin_id, PluginKind::HealthScore).await;
        let row = row.map_err(|error| error.under(path))?;
        let bound = bound(bindings);
        let config = config.unwrap_or_else(|| Json::Object(Map::new()));
        let key = row.key.clone();
        // A plugin is only asked about what fits its schema.
        let version = version::find(cx, row.active_version_id).await?;
        let schema = schema(&version.manifest, "config");
        all_well(document::problems(schema, &config, &format!("{path}.config")))?;
        let described = score::describe(app, cx, row, &config).await;
        let described = described.map_err(|error| refused(&error, path, &key))?;
        Ok(NewByPlugin { plugin_id, config, bound }.described(described))
    }
}

/// The health models of a plugin that bind nothing to what the version of a plan needs to know.
pub(super) async fn unbound(app: &App, cx: &Cx<'_>, plan: &plan::Model) -> Result<Vec<Misfit>> {
    let mut found = Vec::new();
    let Some(id) = plan.plugin_id.filter(|_| plan.kind == PluginKind::HealthScore) else {
        return Ok(found);
    };
    for ScoredBy { model, by, .. } in usage::scored_by(cx, id).await? {
        let described = score::describe_file(app, cx, &plan.digest, &by.config).await;
        // What is wrong with its configuration is told already.
        let Ok(described) = described else { continue };
        let needed = described.inputs.iter().filter(|input| input.required);
        let unbound = needed.filter(|input| !by.bindings.contains_key(&input.key));
        let problem =
            |input: &Input| Problem::new(format!("bindings.{}", input.key), Code::Required);
        let problems: Vec<_> = unbound.map(problem).collect();
        if !problems.is_empty() && found.len() < MOST_MISFITS {
            found.push(Misfit { holder: Holder::HealthModel(model), problems });
        }
    }
    Ok(found)
}

fn bound(bindings: Vec<HealthBindingInput>) -> BTreeMap<String, Option<Source>> {
    bindings.into_iter().map(|one| (one.input, one.source.map(Source::from))).collect()
}

/// A score that the plugin of a plan would make, with what it says of itself; nothing for another
/// kind of plugin.
pub(super) async fn planned(
    app: &App,
    cx: &Cx<'_>,
    plan: &plan::Model,
    config: Option<Json>,
    bindings: Vec<HealthBindingInput>,
) -> Result<Option<ByPlugin>> {
    if plan.kind != PluginKind::HealthScore {
        return Ok(None);
    }
    if bindings.len() > MOST_BINDINGS {
        return Err(Problem::too_many("bindings", MOST_BINDINGS, "values").into());
    }
    let config = config.unwrap_or_else(|| Json::Object(Map::new()));
    all_well(document::problems(schema(&plan.manifest, "config"), &config, "config"))?;
    let described = score::describe_file(app, cx, &plan.digest, &config).await;
    let described = described.map_err(|error| refused(&error, "", &plan.key))?;
    let plugin_id = plan.plugin_id.unwrap_or(PluginId(Uuid::nil()));
    Ok(Some(NewByPlugin { plugin_id, config, bound: bound(bindings) }.described(described)))
}

/// Why a plugin did not say what it wants to know: what is wrong with its configuration, or that it
/// broke off.
fn refused(error: &anyhow::Error, path: &str, key: &str) -> Error {
    let at =
        |field: &str| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
    let problems = crate::plugin::problems(error, &at("config"));
    if !problems.is_empty() {
        return Error::Problems(problems);
    }
    let problem = Problem::new(at("pluginId"), Code::PluginUnavailable);
    problem.with("plugin", key).with("told", format!("{error:#}")).into()
}

/// How much is known of what a definition reads.
#[derive(SimpleObject)]
pub(super) struct HealthCoverage {
    /// How many accounts were looked at: the 10,000 oldest, where there are more.
    accounts: Long,
    /// What it reads: at most 64.
    inputs: Vec<HealthInputCoverage>,
}

/// How much is known of something that is read.
#[derive(SimpleObject)]
pub(super) struct HealthInputCoverage {
    /// The key of the measure or of the input.
    key: String,
    /// Where it is read; null for an input that is bound to nothing.
    source: Option<HealthSource>,
    /// How many accounts have nothing there.
    missing: Long,
    /// Their share, 0 to 1; null without accounts.
    missing_share: Option<f64>,
}

#[derive(Default)]
pub(super) struct HealthCoverageQuery;

#[Object]
impl HealthCoverageQuery {
    /// How much is known of what a definition reads, before it is made a model: for each measure,
    /// or for each input of the plugin, how many accounts have nothing there.
    async fn health_coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be computed.")] definition: HealthDefinitionInput,
        #[graphql(desc = "Whose accounts; all, where it is left out.")] segment_id: Option<ID>,
    ) -> Answer<HealthCoverage> {
        let app = call(ctx).app();
        read(ctx, async move |cx| covered(app, cx, definition, segment_id).await).await
    }
}

async fn covered(
    app: &App,
    cx: &Cx<'_>,
    definition: HealthDefinitionInput,
    segment_id: Option<ID>,
) -> Result<HealthCoverage> {
    let segment_id = segment_id.map(|id| id::parse("segmentId", &id)).transpose()?;
    let definition = definition.read(app, cx).await?;
    let found = coverage::coverage(cx, segment_id, &definition).await?;
    Ok(HealthCoverage::of(&definition.scorer, &found))
}

/// How much is known of what the plugin of a plan would read.
pub(super) async fn covered_by_plan(
    cx: &Cx<'_>,
    by: ByPlugin,
    segment_id: Option<ID>,
) -> Result<HealthCoverage> {
    let segment_id = segment_id.map(|id| id::parse("segmentId", &id)).transpose()?;
    let found = coverage::of_plugin(cx, segment_id, &by).await?;
    Ok(HealthCoverage::of(&Scorer::Plugin(by), &found))
}

impl HealthCoverage {
    fn of(scorer: &Scorer, found: &Coverage) -> Self {
        let sources = scorer.sources();
        let read: Vec<(String, Option<Source>)> = match scorer {
            Scorer::Weighted(weighted) => {
                let measures = weighted.measures.iter();
                measures.map(|one| (one.key.clone(), Some(one.source.clone()))).collect()
            }
            Scorer::Plugin(by) => {
                let inputs = by.described.inputs.iter();
                inputs.map(|one| (one.key.clone(), by.bindings.get(&one.key).cloned())).collect()
            }
        };
        let input = |(key, source): (String, Option<Source>)| {
            let place = sources.iter().position(|one| Some(one) == source.as_ref());
            let missing = place.and_then(|place| found.missing(place)).unwrap_or(found.accounts);
            let share = (found.accounts > 0).then(|| missing as f64 / found.accounts as f64);
            HealthInputCoverage {
                key,
                source: source.map(HealthSource::from),
                missing: (missing as u64).into(),
                missing_share: share,
            }
        };
        let inputs = read.into_iter().map(input).collect();
        Self { accounts: (found.accounts as u64).into(), inputs }
    }
}
