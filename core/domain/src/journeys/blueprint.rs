//! The blueprint: a version of a template in memory, as the engine reads it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::stage_template::{self, Exit, StartAnchor, Then};
use super::{task_template, version};
use crate::calendar::minus;
use crate::cx::Cx;
use crate::error::{Error, Result};
use crate::id::{JourneyTemplateVersionId, Kind};
use crate::tasks::{IndicatorConfig, Source, TaskConfig};

/// A version with its stages by position.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// See [`version::Model::max_attempts`].
    pub max_attempts: i32,
    /// Never empty in a published version.
    pub stages: Vec<Stage>,
}

/// A stage with its tasks by position.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The row.
    pub row: stage_template::Model,
    /// The tasks.
    pub plans: Vec<Plan>,
}

/// A task of a stage, with its configuration read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The row.
    pub row: task_template::Model,
    /// What the row says about its kind.
    pub config: TaskConfig,
}

impl Plan {
    /// A plan of a row whose configuration was checked when it was published.
    pub fn new(row: task_template::Model) -> Self {
        let config = TaskConfig::parse(&row.type_key, &row.config).unwrap_or(TaskConfig::Standard);
        Self { row, config }
    }

    /// What it says about an indicator, if it is one.
    pub fn indicator(&self) -> Option<&IndicatorConfig> {
        match &self.config {
            TaskConfig::Indicator(config) => Some(config),
            _ => None,
        }
    }

    /// Whether a person does it, so that it becomes a task.
    pub fn becomes_task(&self) -> bool {
        self.indicator().is_none_or(|config| config.source == Source::Person)
    }

    /// Whether the stage cannot end without it; an indicator that a person evaluates always is.
    pub fn is_required(&self) -> bool {
        self.row.required || self.indicator().is_some()
    }
}

impl Stage {
    /// The key.
    pub fn key(&self) -> &str {
        &self.row.key
    }

    /// The expected duration as a number of days.
    pub fn expected_days(&self) -> Option<u32> {
        self.row.expected_days.and_then(|days| u32::try_from(days).ok())
    }

    /// Whether it lasts its expected duration.
    pub fn has_minimum(&self) -> bool {
        self.row.exit == Exit::NotBefore
    }

    /// The date by which it begins: `None` begins at once, `Some(None)` has no date yet.
    pub fn begins_on(&self, subscription_end: Option<NaiveDate>) -> Option<Option<NaiveDate>> {
        let StartAnchor::SubscriptionEnd = self.row.starts_at?;
        let days = self.row.starts_days_before.unsigned_abs().into();
        Some(subscription_end.map(|end| minus(end, days)))
    }

    /// The indicators of the stage.
    pub fn indicators(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(|plan| plan.indicator().is_some())
    }
}

impl Blueprint {
    /// The stage with this key.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key() == key)
    }

    /// The stage with this key, or the first one where none is named.
    pub fn stage_or_first(&self, key: Option<&str>) -> Option<&Stage> {
        key.map_or(self.stages.first(), |key| self.stage(key))
    }

    /// The plan with this key, wherever it stands.
    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.stages.iter().flat_map(|stage| &stage.plans).find(|plan| plan.row.key == key)
    }

    /// Whether critical risks of the account bear on any of its tasks.
    pub fn heeds_risks(&self) -> bool {
        self.stages.iter().flat_map(|stage| &stage.plans).any(|plan| plan.row.blocked_by_risk)
    }

    /// The next lower position within the lap that began with `lap_stage_key` (rule 5).
    pub fn previous(&self, stage: &Stage, lap_stage_key: &str) -> Option<&Stage> {
        let lowest = self.stage(lap_stage_key)?.row.position;
        let lower = |other: &&Stage| (lowest..stage.row.position).contains(&other.row.position);
        self.stages.iter().filter(lower).max_by_key(|other| other.row.position)
    }

    /// The next higher position.
    pub fn next(&self, stage: &Stage) -> Option<&Stage> {
        let higher = |other: &&Stage| other.row.position > stage.row.position;
        self.stages.iter().filter(higher).min_by_key(|other| other.row.position)
    }

    /// Where a stage leads to when it is passed (rule 4).
    pub fn follower(&self, stage: &Stage) -> Option<&Stage> {
        match stage.row.then {
            Then::Next => self.next(stage),
            Then::Complete => None,
            Then::LoopTo => stage.row.loop_to.as_deref().and_then(|key| self.stage(key)),
        }
    }

    /// The continuous indicators of earlier stages of the lap (rule 7).
    pub fn carried(&self, stage: &Stage, lap_stage_key: &str) -> Vec<&Plan> {
        let Some(first) = self.stage(lap_stage_key) else { return Vec::new() };
        let earlier = first.row.position..stage.row.position;
        let stages = self.stages.iter().filter(|other| earlier.contains(&other.row.position));
        let plans = stages.flat_map(Stage::indicators);
        plans.filter(|plan| plan.indicator().is_some_and(|config| config.continuous)).collect()
    }
}

/// Reads a version.
pub(crate) async fn load(cx: &Cx<'_>, id: JourneyTemplateVersionId) -> Result<Blueprint> {
    let found = load_many(cx, &[id]).await?.remove(&id);
    found.ok_or_else(|| Error::not_found("versionId", Kind::JourneyTemplateVersion))
}

/// Reads versions, in three statements; unknown ids are left out.
pub(crate) async fn load_many(
    cx: &Cx<'_>,
    ids: &[JourneyTemplateVersionId],
) -> Result<HashMap<JourneyTemplateVersionId, Blueprint>> {
    let versions = version::in_workspace(cx, ids).await?;
    let stages = stage_template::in_versions(cx, ids).await?;
    let tasks = task_template::in_versions(cx, ids).await?;
    let mut plans = HashMap::<_, Vec<Plan>>::new();
    for row in tasks {
        plans.entry(row.stage_id).or_default().push(Plan::new(row));
    }
    let blank = |row: version::Model| {
        (row.id, Blueprint { max_attempts: row.max_attempts, stages: Vec::new() })
    };
    let mut blueprints: HashMap<_, _> = versions.into_iter().map(blank).collect();
    for row in stages {
        if let Some(blueprint) = blueprints.get_mut(&row.version_id) {
            let plans = plans.remove(&row.id).unwrap_or_default();
            blueprint.stages.push(Stage { row, plans });
        }
    }
    Ok(blueprints)
}

/// Those of the versions that have an indicator of one of these metrics.
pub(crate) async fn that_read(
    cx: &Cx<'_>,
    version_ids: &[JourneyTemplateVersionId],
    metric_keys: &[&str],
) -> Result<Vec<JourneyTemplateVersionId>> {
    let tasks = task_template::in_versions(cx, version_ids).await?.into_iter().map(Plan::new);
    let reads = |plan: &Plan| {
        let key = plan.indicator().and_then(|indicator| indicator.metric_key.as_deref());
        key.is_some_and(|key| metric_keys.contains(&key))
    };
    let ids: HashSet<_> = tasks.filter(reads).map(|plan| plan.row.version_id).collect();
    Ok(ids.into_iter().collect())
}
