//! What a version must satisfy before journeys may follow it. Pure: every problem is found at
//! once, with its path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::definition::{
    Definition, MAX_EFFORT, MAX_STAGES, MAX_TASKS, StageDefinition, TaskDefinition,
};
use super::stage_template::{Exit, Then};
use crate::error::{Code, Problem};
use crate::input::Checks;
use crate::options::{option, set};
use crate::plugins;
use crate::tasks::{Source, TaskConfig};

/// What exists in the workspace, for the references of a definition.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Keys of metrics that are in use.
    pub metrics: BTreeSet<String>,
    /// Types of tasks of plugins that are enabled, by their keys, with what the plugins say.
    pub task_types: BTreeMap<String, Json>,
    /// Keys of surveys that are in use.
    pub surveys: BTreeSet<String>,
    /// Live account roles.
    pub account_roles: BTreeSet<crate::id::OptionId>,
    /// Live contact roles.
    pub contact_roles: BTreeSet<crate::id::OptionId>,
    /// Active users.
    pub users: BTreeSet<crate::id::UserId>,
}

/// What keeps a draft from being stored at all: forms, lengths and keys.
pub fn form_problems(definition: &Definition) -> Vec<Problem> {
    let mut checks = Checks::new();
    checks.range("maxAttempts", definition.max_attempts, 1, 100);
    checks.ensure(definition.stages.len() <= MAX_STAGES, || {
        Problem::too_many("stages", MAX_STAGES, "items")
    });
    let (mut stage_keys, mut task_keys) = (BTreeSet::new(), BTreeSet::new());
    for (index, stage) in definition.stages.iter().enumerate() {
        let path = format!("stages.{index}");
        checks.key(&format!("{path}.key"), &stage.key);
        checks.text(&format!("{path}.name"), &stage.name, 200);
        checks.ensure(stage_keys.insert(&stage.key), || {
            Problem::new(format!("{path}.key"), Code::DuplicateKey)
        });
        if let Some(days) = stage.expected_days {
            checks.range(&format!("{path}.expectedDays"), days, 1, 3650);
        }
        if let Some(start) = stage.starts {
            checks.range(&format!("{path}.startsDaysBefore"), start.days_before, 0, 3650);
        }
        checks.ensure(stage.tasks.len() <= MAX_TASKS, || {
            Problem::too_many(format!("{path}.tasks"), MAX_TASKS, "items")
        });
        for (index, task) in stage.tasks.iter().enumerate() {
            let path = format!("{path}.tasks.{index}");
            task_form(&mut checks, &path, task);
            checks.ensure(task_keys.insert(&task.key), || {
                Problem::new(format!("{path}.key"), Code::DuplicateKey)
            });
        }
    }
    checks.into_problems()
}

fn task_form(checks: &mut Checks, path: &str, task: &TaskDefinition) {
    checks.key(&format!("{path}.key"), &task.key);
    checks.text(&format!("{path}.title"), &task.title, 200);
    checks.maybe_prose(&format!("{path}.description"), task.description.as_deref(), 4000);
    checks.range(&format!("{path}.position"), task.position, 0, 1000);
    if let Some(days) = task.duration_days {
        checks.range(&format!("{path}.durationDays"), days, 0, 3650);
    }
    if let Some(minutes) = task.effort_minutes {
        checks.range(&format!("{path}.effortMinutes"), minutes, 1, MAX_EFFORT);
    }
    let size = task.config.to_string().len();
    checks.ensure(size <= 16 * 1024, || {
        Problem::new(format!("{path}.config"), Code::TooLong).with("max", 16 * 1024)
    });
}

/// What keeps a stored draft from being published.
pub fn problems(definition: &Definition, known: &Known) -> Vec<Problem> {
    let mut problems = form_problems(definition);
    if definition.stages.is_empty() {
        problems.push(Problem::new("stages", Code::NoStages));
    }
    let reachable = reachable(&definition.stages);
    for (index, stage) in definition.stages.iter().enumerate() {
        let path = format!("stages.{index}");
        let found = stage_problems(index, stage, &definition.stages);
        problems.extend(found.into_iter().map(|problem| problem.under(&path)));
        if !reachable.contains(&index) {
            problems.push(Problem::new(path.clone(), Code::UnreachableStage));
        }
        for (index, task) in stage.tasks.iter().enumerate() {
            let path = format!("{path}.tasks.{index}");
            let found = task_problems(task, known);
            problems.extend(found.into_iter().map(|problem| problem.under(&path)));
        }
    }
    problems
}

fn stage_problems(
    index: usize,
    stage: &StageDefinition,
    stages: &[StageDefinition],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let has_minimum = stage.exit == Exit::NotBefore && stage.expected_days.is_some();
    if stage.exit == Exit::NotBefore && stage.expected_days.is_none() {
        problems.push(Problem::new("expectedDays", Code::Required));
    }
    if !has_minimum && !stage.tasks.iter().any(becomes_required_task) {
        problems.push(Problem::new("tasks", Code::EmptyStage));
    }
    let is_last = index + 1 == stages.len();
    match (stage.then, &stage.loop_to) {
        (Then::LoopTo, Some(key)) => {
            let target = stages.iter().position(|stage| stage.key == *key);
            if target.is_none_or(|target| target > index) {
                problems.push(Problem::new("loopTo", Code::BadLoop).with("stage", key));
            }
        }
        (Then::LoopTo, None) => problems.push(Problem::new("loopTo", Code::Required)),
        (_, Some(_)) => {
            problems.push(Problem::new("loopTo", Code::Contradiction).with("with", "then"));
        }
        (Then::Next, None) if is_last => problems.push(Problem::new("then", Code::NoEnd)),
        (Then::Next | Then::Complete, None) => {}
    }
    problems
}

/// Whether the engine makes a required task of it: an indicator that a person evaluates always,
/// one that is read from data never (rule 6).
fn becomes_required_task(task: &TaskDefinition) -> bool {
    match TaskConfig::parse(&task.type_key, &task.config) {
        Ok(TaskConfig::Indicator(config)) => config.source == Source::Person,
        _ => task.required,
    }
}

fn task_problems(task: &TaskDefinition, known: &Known) -> Vec<Problem> {
    use super::definition::Assignee;
    let mut problems = TaskConfig::problems(&task.type_key, &task.config);
    match TaskConfig::parse(&task.type_key, &task.config) {
        Ok(TaskConfig::Survey(config)) if !known.surveys.contains(&config.survey_key) => {
            let problem = Problem::new("config.surveyKey", Code::UnknownSurvey);
            problems.push(problem.with("key", config.survey_key));
        }
        Ok(TaskConfig::Plugin) => match known.task_types.get(&task.type_key) {
            Some(manifest) => {
                let schema = plugins::schema(manifest, "config");
                problems.extend(plugins::document::problems(schema, &task.config, "config"));
            }
            None => {
                let problem = Problem::new("typeKey", Code::UnknownTaskType);
                problems.push(problem.with("type", &task.type_key));
            }
        },
        Ok(TaskConfig::Indicator(config)) => {
            if let Some(key) = config.metric_key.filter(|key| !known.metrics.contains(key)) {
                let problem = Problem::new("config.metricKey", Code::UnknownMetric);
                problems.push(problem.with("key", key));
            }
        }
        _ => {}
    }
    let (is_known, roles) = match task.assignee {
        Assignee::User(id) => (known.users.contains(&id), None),
        Assignee::Role(id) => (known.account_roles.contains(&id), Some(set::ACCOUNT_ROLE)),
        Assignee::Customer(role) => {
            let is_known = role.is_none_or(|id| known.contact_roles.contains(&id));
            (is_known, Some(set::CONTACT_ROLE))
        }
    };
    if !is_known {
        let inactive = || Problem::new("assignee", Code::UserInactive);
        problems.push(roles.map_or_else(inactive, |set| option::unknown(set, "assignee")));
    }
    problems
}

/// The stages that the journey can come to from the first one by itself.
fn reachable(stages: &[StageDefinition]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut next = Some(0).filter(|_| !stages.is_empty());
    while let Some(index) = next.filter(|index| reached.insert(*index)) {
        next = match stages[index].then {
            Then::Next => Some(index + 1).filter(|index| *index < stages.len()),
            Then::Complete | Then::LoopTo => None,
        };
    }
    reached
}

#[cfg(test)]
mod tests;
