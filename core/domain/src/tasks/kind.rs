//! The kinds of tasks and what a template says about each of them.
//!
//! A kind is named by a key: one of the four of the core, or `publisher.name` of the plugin that it
//! comes from; its configuration is JSON, checked when a template is published.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::Serialize;
use serde_json::Value as Json;

use super::config::Properties;
use crate::channel::Channel;
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

/// Characters of the key of a survey or metric.
const MOST_KEY: usize = 60;

/// Whether tasks of this kind are those of a plugin: all but the kinds of the platform itself.
pub fn is_of_plugin(type_key: &str) -> bool {
    type_key.split_once('.').is_some_and(|(publisher, _)| publisher != "core")
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
    /// A plugin knows what it means.
    Plugin,
}

/// What a template says about an interaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InteractionConfig {
    /// The channel that is meant, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// What a template says about a survey.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SurveyConfig {
    /// The key of the survey.
    pub survey_key: String,
    /// When the task is done.
    pub done_when: SurveyDone,
}

/// When a survey task is done (rule 14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SurveyDone {
    /// When it was sent.
    #[default]
    Sent,
    /// When it was answered.
    Answered,
}

/// What a template says about an indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndicatorConfig {
    /// The name of the quantity; not a verb (F4).
    pub name: String,
    /// Where the value comes from.
    pub source: Source,
    /// The key of the metric, for the source `METRIC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_key: Option<String>,
    /// How the value is compared with the target.
    pub comparator: Comparator,
    /// What the value is compared with.
    pub target: f64,
    /// Whether it is evaluated in every later stage of the lap too (rule 7).
    pub continuous: bool,
    /// How old a value may be, in days; without it, it must be newer than the visit (rule 6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
    /// What a missing value means.
    pub on_missing: OnMissing,
    /// After how many days a missing value passes or fails.
    pub missing_after_days: u32,
}

/// Where the value of an indicator comes from (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize)]
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
    /// A plugin, whose task asked for the stage to be repeated, or for a return. No template can
    /// say so.
    Plugin,
}

/// What indicators of templates read.
const SOURCES: [Source; 4] = [Source::Person, Source::Metric, Source::Nps, Source::Csat];

/// How a value is compared with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize)]
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

    /// A value that satisfies a target, a whole step away from it where it must differ.
    pub fn satisfying(self, target: f64) -> f64 {
        match self {
            Comparator::Gt | Comparator::Neq => (target + 1.0).max(target.next_up()),
            Comparator::Lt => (target - 1.0).min(target.next_down()),
            Comparator::Gte | Comparator::Lte | Comparator::Eq => target,
        }
    }
}

/// What a missing value means (rule 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, Serialize)]
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
    /// Reads the configuration of a kind; what is wrong with its form is told under `config`.
    pub fn parse(type_key: &str, config: &Json) -> Result<Self, Vec<Problem>> {
        let (read, problems) = read(type_key, config);
        read.ok_or(problems)
    }

    /// All that is wrong with the configuration of a kind, its limits too, under `config`.
    pub fn problems(type_key: &str, config: &Json) -> Vec<Problem> {
        read(type_key, config).1
    }
}

/// The configuration, unless its form is wrong, and all that is wrong with it.
fn read(type_key: &str, config: &Json) -> (Option<TaskConfig>, Vec<Problem>) {
    if is_of_plugin(type_key) {
        return (Some(TaskConfig::Plugin), Vec::new());
    }
    let mut properties = Properties::of(config);
    let read = match type_key {
        STANDARD => Some(TaskConfig::Standard),
        INTERACTION => {
            let channel = properties.word("channel");
            Some(TaskConfig::Interaction(InteractionConfig { channel }))
        }
        SURVEY => survey(&mut properties).map(TaskConfig::Survey),
        INDICATOR => indicator(&mut properties).map(TaskConfig::Indicator),
        _ => {
            let problem = Problem::new("typeKey", Code::UnknownTaskType);
            return (None, vec![problem.with("type", type_key)]);
        }
    };
    let (problems, is_readable) = properties.finish();
    (read.filter(|_| is_readable), problems)
}

fn survey(properties: &mut Properties<'_>) -> Option<SurveyConfig> {
    properties.require("surveyKey");
    let survey_key = properties.text("surveyKey", MOST_KEY);
    let done_when = properties.word("doneWhen").unwrap_or_default();
    Some(SurveyConfig { survey_key: survey_key?, done_when })
}

fn indicator(properties: &mut Properties<'_>) -> Option<IndicatorConfig> {
    for name in ["name", "source", "comparator", "target"] {
        properties.require(name);
    }
    let name = properties.text("name", 200);
    let source = properties.word_of("source", SOURCES);
    let metric_key = properties.text("metricKey", MOST_KEY);
    match (source, &metric_key) {
        (Some(Source::Metric), None) => properties.require("metricKey"),
        (Some(Source::Person | Source::Nps | Source::Csat | Source::Plugin), Some(_)) => {
            let problem = Problem::new("config.metricKey", Code::Contradiction);
            properties.refuse(problem.with("with", "config.source"));
        }
        _ => {}
    }
    let comparator = properties.word("comparator");
    let target = properties.number("target");
    let continuous = properties.flag("continuous").unwrap_or_default();
    let max_age_days = properties.days("maxAgeDays", 1, 3650);
    let on_missing = properties.word("onMissing").unwrap_or_default();
    let missing_after_days = properties.days("missingAfterDays", 0, 3650).unwrap_or_default();
    Some(IndicatorConfig {
        name: name?,
        source: source?,
        metric_key,
        comparator: comparator?,
        target: target?,
        continuous,
        max_age_days,
        on_missing,
        missing_after_days,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sea_orm::Iterable;

    use super::*;

    proptest! {
        #[test]
        fn a_satisfying_value_satisfies(target in -1e300..1e300, small in -1e6..1e6) {
            for comparator in Comparator::iter() {
                for target in [target, small] {
                    let value = comparator.satisfying(target);
                    prop_assert!(comparator.holds(value, target), "{comparator:?} {target}");
                }
            }
        }
    }
}
