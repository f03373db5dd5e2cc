//! The kinds of tasks and what a template says about each of them.
//!
//! A kind is named by a key, so that plugins can add `publisher.plugin/type` beside the four of
//! the core; its configuration is JSON, checked when a template is published.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::auth::{Access, Area};
use crate::channel::Channel;
use crate::cx::Cx;
use crate::error::{Code, Problem, Result};

/// Something to be done.
pub const STANDARD: &str = "core.standard";
/// A contact with the customer; completing it records an interaction.
pub const INTERACTION: &str = "core.interaction";
/// A survey to be sent.
pub const SURVEY: &str = "core.survey";
/// A value that decides what follows the stage.
pub const INDICATOR: &str = "core.indicator";

/// The keys of the core, in the order in which an interface offers them.
pub const CORE: [&str; 4] = [STANDARD, INTERACTION, SURVEY, INDICATOR];

/// The keys that templates can use.
pub fn keys(cx: &Cx<'_>) -> Result<Vec<&'static str>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(CORE.to_vec())
}

/// The configuration of a task, by kind.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskConfig {
    /// See [`STANDARD`].
    Standard,
    /// See [`INTERACTION`].
    Interaction(InteractionConfig),
    /// See [`SURVEY`].
    Survey(SurveyConfig),
    /// See [`INDICATOR`].
    Indicator(IndicatorConfig),
}

/// What a template says about an interaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InteractionConfig {
    /// The channel that is meant, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// What a template says about a survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SurveyConfig {
    /// The key of the survey.
    pub survey_key: String,
    /// When the task is done.
    #[serde(default)]
    pub done_when: SurveyDone,
}

/// When a survey task is done (rule 14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SurveyDone {
    /// When it was sent.
    #[default]
    Sent,
    /// When it was answered.
    Answered,
}

/// What a template says about an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndicatorConfig {
    /// The name of the quantity; not a verb (F4).
    pub name: String,
    /// Where the value comes from.
    pub source: Source,
    /// The key of the metric, for the source `METRIC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_key: Option<String>,
    /// How the value is compared with the target.
    pub comparator: Comparator,
    /// What the value is compared with.
    pub target: f64,
    /// Whether it is evaluated in every later stage of the lap too (rule 7).
    #[serde(default)]
    pub continuous: bool,
    /// How old a value may be, in days; without it, it must be newer than the visit (rule 6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
    /// What a missing value means.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// After how many days a missing value passes or fails.
    #[serde(default)]
    pub missing_after_days: u32,
}

/// Where the value of an indicator comes from (rule 6).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    /// A person, who completes it as a task.
    Person,
    /// The latest point of a metric.
    Metric,
    /// The score of the last NPS response.
    Nps,
    /// The score of the last CSAT response.
    Csat,
}

/// How a value is compared with its target.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Comparator {
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
}

impl Comparator {
    /// Whether the observed value satisfies the target.
    pub fn holds(self, observed: f64, target: f64) -> bool {
        match self {
            Comparator::Gt => observed > target,
            Comparator::Gte => observed >= target,
            Comparator::Lt => observed < target,
            Comparator::Lte => observed <= target,
            Comparator::Eq => observed == target,
            Comparator::Neq => observed != target,
        }
    }
}

/// What a missing value means (rule 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OnMissing {
    /// The journey waits for it.
    #[default]
    Wait,
    /// It counts as passed after some days.
    Pass,
    /// It counts as failed after some days.
    Fail,
}

impl TaskConfig {
    /// Reads the configuration of a kind; what is wrong is told under `config`.
    pub fn parse(type_key: &str, config: &Json) -> Result<Self, Problem> {
        match type_key {
            STANDARD if is_empty(config) => Ok(Self::Standard),
            STANDARD => Err(bad("the standard task has no configuration")),
            INTERACTION => read(config).map(Self::Interaction),
            SURVEY => read(config).map(Self::Survey),
            INDICATOR => read(config).map(Self::Indicator),
            _ => Err(Problem::new("typeKey", Code::UnknownTaskType).with("type", type_key)),
        }
    }
}

impl IndicatorConfig {
    /// What is wrong with it beyond its form, under `config`.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let length = self.name.trim().chars().count();
        if !(1..=200).contains(&length) {
            problems.push(range("config.name", 1, 200));
        }
        if !self.target.is_finite() {
            problems.push(Problem::new("config.target", Code::BadFormat).with("form", "number"));
        }
        if (self.source == Source::Metric) != self.metric_key.is_some() {
            let problem = Problem::new("config.metricKey", Code::Contradiction);
            problems.push(problem.with("with", "config.source"));
        }
        if self.max_age_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            problems.push(range("config.maxAgeDays", 1, 3650));
        }
        if self.missing_after_days > 3650 {
            problems.push(range("config.missingAfterDays", 0, 3650));
        }
        problems
    }
}

fn range(field: &str, min: u32, max: u32) -> Problem {
    Problem::new(field, Code::OutOfRange).with("min", min).with("max", max)
}

fn is_empty(config: &Json) -> bool {
    config.is_null() || config.as_object().is_some_and(|fields| fields.is_empty())
}

fn read<T: serde::de::DeserializeOwned>(config: &Json) -> Result<T, Problem> {
    let config = if config.is_null() { &Json::Object(Default::default()) } else { config };
    T::deserialize(config).map_err(|error| bad(&error.to_string()))
}

fn bad(detail: &str) -> Problem {
    Problem::new("config", Code::BadFormat).with("form", detail)
}
