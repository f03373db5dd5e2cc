//! What a version of a health model says, as it is given and as it is shown.

use async_graphql::{InputObject, OneofObject, SimpleObject};
use jornada_domain::Cx;
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::health::definition::{Definition, Scorer};
use jornada_domain::health::measure::Source;
use jornada_domain::health::{Bands, weighted};

use super::health_plugin::{PluginHealth, PluginHealthInput};
use super::word::words;
use crate::app::App;

/// What a version of a health model says.
#[derive(SimpleObject)]
pub(super) struct HealthDefinition {
    /// The measures and their weights, of a model that is made of such.
    weighted: Option<WeightedHealth>,
    /// The plugin that makes the scores, of a model that one makes.
    plugin: Option<PluginHealth>,
    /// Where the bands begin.
    bands: HealthBands,
    /// Over how many days the trend of a score is taken.
    trend_days: i32,
}

/// A model that is a weighted mean of measures.
#[derive(SimpleObject)]
pub(super) struct WeightedHealth {
    /// What counts.
    measures: Vec<HealthMeasure>,
    /// What a value means that is missing.
    missing: HealthMissing,
    /// Which share of all weights must be known, 0 to 1; below it there is no score.
    minimum_known: f64,
}

/// Something that counts.
#[derive(SimpleObject)]
pub(super) struct HealthMeasure {
    /// What it is known by, in contributions and reasons.
    key: String,
    /// What people call it.
    title: Option<String>,
    /// How much it counts against the others.
    weight: f64,
    /// Where it is read.
    source: HealthSource,
    /// How many points a number is worth, in ascending order; between two of them the points lie on
    /// a line, and beyond the ends they stay. Empty for words.
    scale: Vec<HealthStep>,
    /// Whether a number is worth what the last step is worth that it reaches, without a line.
    is_stepped: bool,
    /// How many points a word is worth; others count as missing. Empty for numbers.
    words: Vec<HealthWord>,
}

/// Where a number or a word comes from: one of the fields is there.
#[derive(SimpleObject)]
pub(super) struct HealthSource {
    /// Something that the platform knows of every account.
    built_in: Option<HealthBuiltIn>,
    /// The points of a metric.
    metric: Option<HealthMetricSource>,
    /// An attribute of the account.
    attribute: Option<HealthAttributeSource>,
}

/// Where a number or a word comes from.
#[derive(OneofObject)]
pub(super) enum HealthSourceInput {
    /// Something that the platform knows of every account.
    BuiltIn(HealthBuiltIn),
    /// The points of a metric.
    Metric(HealthMetricSource),
    /// An attribute of the account: a number; 0 or 1; the days until a date; an amount in the
    /// smallest unit of its currency; a word.
    Attribute(HealthAttributeSource),
}

/// The points of a metric, up to today.
#[derive(Clone, SimpleObject, InputObject)]
#[graphql(input_name = "HealthMetricSourceInput")]
pub(super) struct HealthMetricSource {
    /// The key of the metric.
    key: String,
    /// How many days, 1 to 1,100.
    days: i32,
    /// What becomes of the points of these days.
    aggregation: HealthAggregation,
}

/// An attribute of the account.
#[derive(Clone, SimpleObject, InputObject)]
#[graphql(input_name = "HealthAttributeSourceInput")]
pub(super) struct HealthAttributeSource {
    /// The key of the attribute.
    key: String,
}

/// A number and what it is worth.
#[derive(Clone, Copy, SimpleObject, InputObject)]
#[graphql(input_name = "HealthStepInput")]
pub(super) struct HealthStep {
    /// The number.
    at: f64,
    /// From 0, the worst, to 100.
    points: f64,
}

/// A word and what it is worth.
#[derive(Clone, SimpleObject, InputObject)]
#[graphql(input_name = "HealthWordInput")]
pub(super) struct HealthWord {
    /// The word: the key of an option, the name of a stage, or a text.
    word: String,
    /// From 0, the worst, to 100.
    points: f64,
}

/// Where the bands begin, in points.
#[derive(Clone, Copy, SimpleObject, InputObject)]
#[graphql(input_name = "HealthBandsInput")]
pub(super) struct HealthBands {
    /// The first value that is not poor.
    #[graphql(default = 40.0)]
    concerning: f64,
    /// The first value that is healthy.
    #[graphql(default = 70.0)]
    healthy: f64,
}

/// What a version of a health model says.
#[derive(InputObject)]
pub(super) struct HealthDefinitionInput {
    /// The measures and their weights; this or a plugin.
    weighted: Option<WeightedHealthInput>,
    /// The plugin that makes the scores.
    plugin: Option<PluginHealthInput>,
    /// Where the bands begin: at 40 and 70 unless said.
    bands: Option<HealthBands>,
    /// Over how many days the trend of a score is taken: 1 to 366.
    #[graphql(default = 30)]
    trend_days: i32,
}

/// A model that is a weighted mean of measures.
#[derive(InputObject)]
struct WeightedHealthInput {
    /// What counts: 1 to 32 measures with different keys.
    measures: Vec<HealthMeasureInput>,
    /// What a value means that is missing.
    #[graphql(default_with = "HealthMissing::Renormalise")]
    missing: HealthMissing,
    /// Which share of all weights must be known, 0 to 1; below it there is no score.
    #[graphql(default = 0.5)]
    minimum_known: f64,
}

/// Something that counts.
#[derive(InputObject)]
struct HealthMeasureInput {
    /// What it is known by, in contributions and reasons.
    key: String,
    /// What people call it; the key where it is left out.
    title: Option<String>,
    /// How much it counts against the others; more than 0.
    weight: f64,
    /// Where it is read.
    source: HealthSourceInput,
    /// How many points a number is worth: up to 20 steps in ascending order. Between two of them
    /// the points lie on a line, and beyond the ends they stay.
    #[graphql(default)]
    scale: Vec<HealthStep>,
    /// Whether a number is worth what the last step is worth that it reaches, without a line.
    #[graphql(default)]
    is_stepped: bool,
    /// How many points a word is worth, up to 100 words; others count as missing.
    #[graphql(default)]
    words: Vec<HealthWord>,
}

words! {
    /// What a value means that is missing.
    HealthMissing = "weighted::Missing" {
        /// The other measures count for all.
        Renormalise,
        /// 50 points.
        Neutral,
        /// 0 points.
        Worst,
    }
}

words! {
    /// What becomes of the points of some days.
    HealthAggregation = "jornada_domain::health::measure::Aggregation" {
        /// The latest point, also from before these days, while its metric calls it fresh.
        Last,
        /// Their sum.
        Sum,
        /// Their mean.
        Mean,
        /// The smallest.
        Minimum,
        /// The largest.
        Maximum,
        /// By which share their mean grew against as many days before: -0.2 is a fifth less.
        Trend,
    }
}

words! {
    /// What the platform knows of every account without being told.
    HealthBuiltIn = "jornada_domain::health::built_in::BuiltIn" {
        /// Days since the account became a customer.
        TenureDays,
        /// The same in months of 30.4375 days.
        TenureMonths,
        /// Days until the next end of a subscription about which nothing is decided; negative where
        /// it has passed.
        DaysToRenewal,
        /// The newest answer to an NPS question, 0 to 10.
        LastNps,
        /// The newest answer to a CSAT question.
        LastCsat,
        /// The sentiment of the newest interaction that has one, from 1, very negative, to 5.
        LastSentiment,
        /// Days from today to the newest interaction: -30 was 30 days ago.
        LastInteraction,
        /// How many risks are open.
        OpenRisks,
        /// How many of them are critical.
        CriticalRisks,
        /// How many open tasks are overdue.
        OverdueTasks,
        /// The share of the tasks of the current visit of the primary journey that are finished.
        Completeness,
        /// The pace of the primary journey: 0 on track, 1 behind, 2 stuck.
        Pace,
        /// The mean of the scores of the newest pulse, 1 to 5.
        Pulse,
        /// How many milestones were reached.
        MilestonesReached,
        /// How many milestones there are, those that were reached among them.
        MilestonesPlanned,
        /// The name of the stage of the primary journey.
        Stage,
        /// The key of the market segment.
        MarketSegment,
        /// The key of the package.
        Package,
    }
}

impl From<Definition> for HealthDefinition {
    fn from(definition: Definition) -> Self {
        let Definition { scorer, bands: Bands { concerning, healthy }, trend_days } = definition;
        let (weighted, plugin) = match scorer {
            Scorer::Weighted(weighted) => (Some(weighted.into()), None),
            Scorer::Plugin(by) => (None, Some(by.into())),
        };
        let trend_days = i32::try_from(trend_days).unwrap_or(i32::MAX);
        Self { weighted, plugin, bands: HealthBands { concerning, healthy }, trend_days }
    }
}

impl From<weighted::Weighted> for WeightedHealth {
    fn from(model: weighted::Weighted) -> Self {
        let weighted::Weighted { measures, missing, minimum_known } = model;
        let measures = measures.into_iter().map(HealthMeasure::from).collect();
        Self { measures, missing: missing.into(), minimum_known }
    }
}

impl From<weighted::Measure> for HealthMeasure {
    fn from(measure: weighted::Measure) -> Self {
        let weighted::Measure { key, title, weight, source, scale, is_stepped, words } = measure;
        let step = |weighted::Step { at, points }| HealthStep { at, points };
        Self {
            key,
            title,
            weight,
            source: source.into(),
            scale: scale.into_iter().map(step).collect(),
            is_stepped,
            words: words.into_iter().map(|(word, points)| HealthWord { word, points }).collect(),
        }
    }
}

impl From<Source> for HealthSource {
    fn from(source: Source) -> Self {
        let none = Self { built_in: None, metric: None, attribute: None };
        match source {
            Source::BuiltIn { name } => Self { built_in: Some(name.into()), ..none },
            Source::Metric { key, days, aggregation } => {
                let metric = HealthMetricSource { key, days, aggregation: aggregation.into() };
                Self { metric: Some(metric), ..none }
            }
            Source::Attribute { key } => {
                Self { attribute: Some(HealthAttributeSource { key }), ..none }
            }
        }
    }
}

impl From<HealthSourceInput> for Source {
    fn from(source: HealthSourceInput) -> Self {
        match source {
            HealthSourceInput::BuiltIn(name) => Self::BuiltIn { name: name.into() },
            HealthSourceInput::Metric(HealthMetricSource { key, days, aggregation }) => {
                Self::Metric { key, days, aggregation: aggregation.into() }
            }
            HealthSourceInput::Attribute(HealthAttributeSource { key }) => Self::Attribute { key },
        }
    }
}

impl HealthDefinitionInput {
    /// The definition. A plugin is asked what it wants to know: this runs before a transaction.
    pub(super) async fn read(self, app: &App, cx: &Cx<'_>) -> Result<Definition> {
        let Self { weighted, plugin, bands, trend_days } = self;
        let bands = bands.map(|HealthBands { concerning, healthy }| Bands { concerning, healthy });
        let scorer = match (weighted, plugin) {
            (Some(weighted), None) => Scorer::Weighted(weighted.into()),
            (None, Some(plugin)) => Scorer::Plugin(plugin.described(app, cx).await?),
            (None, None) => {
                let problem = Problem::new("definition", Code::OneNeeded);
                return Err(problem.with("names", "weighted, plugin").into());
            }
            (Some(_), Some(_)) => {
                let problem = Problem::new("definition.plugin", Code::Contradiction);
                return Err(problem.with("with", "weighted").into());
            }
        };
        Ok(Definition {
            scorer,
            bands: bands.unwrap_or_default(),
            // What is negative is outside the range, too.
            trend_days: u32::try_from(trend_days).unwrap_or_default(),
        })
    }
}

impl From<WeightedHealthInput> for weighted::Weighted {
    fn from(input: WeightedHealthInput) -> Self {
        let WeightedHealthInput { measures, missing, minimum_known } = input;
        let measures = measures.into_iter().map(weighted::Measure::from).collect();
        Self { measures, missing: missing.into(), minimum_known }
    }
}

impl From<HealthMeasureInput> for weighted::Measure {
    fn from(input: HealthMeasureInput) -> Self {
        let HealthMeasureInput { key, title, weight, source, scale, is_stepped, words } = input;
        let step = |HealthStep { at, points }| weighted::Step { at, points };
        Self {
            key,
            title,
            weight,
            source: source.into(),
            scale: scale.into_iter().map(step).collect(),
            is_stepped,
            words: words.into_iter().map(|HealthWord { word, points }| (word, points)).collect(),
        }
    }
}
