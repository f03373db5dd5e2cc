//! How a plan is written: a template gets a draft, the draft a definition, and publishing makes
//! it the version that new journeys follow.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::blueprint::{self, Blueprint};
use super::definition::{Assignee, Definition, StageDefinition, StageStart, TaskDefinition};
use super::publish::{Known, form_problems, problems};
use super::template::{self, NewTemplate};
use super::version::{self, VersionStatus};
use super::{stage_template, task_template};
use crate::auth::user;
use crate::error::all_well;
use crate::feedback::survey;
use crate::metrics::metric;
use crate::options::{option, set};
use crate::plugins::task_type;
use crate::prelude::*;
use crate::tasks::{AssigneeRule, TaskConfig};

/// Creates a template with an empty first draft.
pub async fn create_template(tx: &Tx<'_>, new: NewTemplate) -> Result<template::Model> {
    tx.require(Area::Templates, Access::Write)?;
    let row = template::insert(tx, new).await?;
    version::insert_draft(tx, row.id).await?;
    Ok(row)
}

/// The draft of a template. Where there is none, a new one is made as a copy of the published
/// version.
pub async fn open_draft(tx: &Tx<'_>, id: JourneyTemplateId) -> Result<version::Model> {
    tx.require(Area::Templates, Access::Write)?;
    template::lock(tx, id, "templateId").await?;
    if let Some(draft) = version::in_status(tx, id, VersionStatus::Draft).await? {
        return Ok(draft);
    }
    let draft = version::insert_draft(tx, id).await?;
    match version::in_status(tx, id, VersionStatus::Published).await? {
        None => Ok(draft),
        Some(published) => {
            let definition = read(tx, &published).await?;
            write(tx, &draft, &definition).await
        }
    }
}

/// Replaces the whole definition of a draft. Forms and keys must be right; whether it can run is
/// asked when it is published.
pub async fn save(
    tx: &Tx<'_>,
    id: JourneyTemplateVersionId,
    expected_version: Option<i64>,
    definition: &Definition,
) -> Result<version::Model> {
    tx.require(Area::Templates, Access::Write)?;
    let draft = draft(tx, id).await?;
    store::expect_version(&draft, expected_version)?;
    let mut found = form_problems(definition);
    found.extend(dangling(tx, definition).await?);
    all_well(found)?;
    write(tx, &draft, definition).await
}

/// The account roles that a definition can name, by their keys.
pub async fn account_roles(cx: &Cx<'_>) -> Result<HashMap<String, OptionId>> {
    cx.require(Area::Templates, Access::Read)?;
    option::live(cx, set::ACCOUNT_ROLE).await
}

/// What is known of a version before it is published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Everything that keeps it from being published now; nothing where it can run.
    pub problems: Vec<Problem>,
    /// What plugins have to look at themselves: what fits their schemas.
    pub configs: Vec<PluginConfig>,
}

/// The configuration of a task that is of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginConfig {
    /// Where it stands in the definition.
    pub field: String,
    /// The key of the plugin.
    pub type_key: String,
    /// It.
    pub config: Json,
}

/// Looks at each of these versions.
pub async fn check(
    cx: &Cx<'_>,
    ids: &[JourneyTemplateVersionId],
) -> Result<HashMap<JourneyTemplateVersionId, Checked>> {
    cx.require(Area::Templates, Access::Read)?;
    let blueprints = blueprint::load_many(cx, ids).await?;
    let definitions: HashMap<_, _> =
        blueprints.into_iter().map(|(id, blueprint)| (id, definition_of(blueprint))).collect();
    let known = known(cx, definitions.values()).await?;
    let checked = |definition: &Definition| {
        let problems = problems(definition, &known);
        Checked { configs: plugin_configs(definition, &known, &problems), problems }
    };
    Ok(definitions.iter().map(|(id, definition)| (*id, checked(definition))).collect())
}

fn plugin_configs(
    definition: &Definition,
    known: &Known,
    problems: &[Problem],
) -> Vec<PluginConfig> {
    let of_plugins = |(path, task): (String, &TaskDefinition)| {
        let field = format!("{path}.config");
        let is_known = known.task_types.contains_key(&task.type_key);
        let is_well = !problems.iter().any(|problem| problem.field.starts_with(&field));
        (is_known && is_well).then(|| PluginConfig {
            field,
            type_key: task.type_key.clone(),
            config: task.config.clone(),
        })
    };
    tasks_of(definition).filter_map(of_plugins).collect()
}

/// Makes a draft the version that new journeys follow. The one before is retired; running
/// journeys stay on it (rule 10).
pub async fn publish(tx: &Tx<'_>, id: JourneyTemplateVersionId) -> Result<version::Model> {
    tx.require(Area::Templates, Access::Write)?;
    let template_id = version::find_in(tx, id, "id").await?.template_id;
    let template = template::lock(tx, template_id, "id").await?;
    let draft = draft(tx, id).await?;
    if template.archived_at.is_some() {
        return Err(Problem::new("id", Code::Archived).into());
    }
    // None of them leaves while the version becomes one that new journeys follow.
    user::held(tx, &task_template::users_named(tx, id).await?).await?;
    all_well(check(tx, &[id]).await?.remove(&id).unwrap_or_default().problems)?;
    version::retire(tx, draft.template_id).await?;
    let row = version::ActiveModel {
        status: Set(VersionStatus::Published),
        published_at: Set(Some(tx.now)),
        ..Default::default()
    };
    store::update(tx, &draft, row, Fact::Published).await
}

/// Takes a template back that was put away; it is not the default one any more. Nobody whom its
/// published version names may have left meanwhile.
pub async fn restore_template(tx: &Tx<'_>, id: JourneyTemplateId) -> Result<template::Model> {
    tx.require(Area::Templates, Access::Write)?;
    let before = template::lock(tx, id, "id").await?;
    if let Some(published) = version::in_status(tx, id, VersionStatus::Published).await? {
        user::held(tx, &task_template::users_named(tx, published.id).await?).await?;
        let found = check(tx, &[published.id]).await?.remove(&published.id);
        let mut found = found.unwrap_or_default().problems;
        found.retain(|problem| problem.code == Code::UserInactive);
        all_well(found)?;
    }
    let row = template::ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

/// A draft, locked: of two who save it at the same time, the second sees the version of the first.
async fn draft(tx: &Tx<'_>, id: JourneyTemplateVersionId) -> Result<version::Model> {
    let version = version::lock(tx, id, "id").await?;
    match version.status {
        VersionStatus::Draft => Ok(version),
        _ => Err(Problem::new("id", Code::NotDraft).into()),
    }
}

async fn write(
    tx: &Tx<'_>,
    draft: &version::Model,
    definition: &Definition,
) -> Result<version::Model> {
    task_template::delete_all(tx, draft.id).await?;
    stage_template::delete_all(tx, draft.id).await?;
    let (mut stages, mut tasks) = (Vec::new(), Vec::new());
    for (position, stage) in (0..).zip(&definition.stages) {
        let id: StageTemplateId = tx.new_id();
        stages.push(stage_row(id, draft.id, position, stage));
        tasks.extend(stage.tasks.iter().map(|task| task_row(draft.id, id, task)));
    }
    let keys: Vec<_> = definition.stages.iter().map(|stage| &stage.key).collect();
    store::insert_parts(tx, stages).await?;
    store::insert_parts(tx, tasks).await?;
    let row =
        version::ActiveModel { max_attempts: Set(definition.max_attempts), ..Default::default() };
    let draft = store::update(tx, draft, row, Fact::Updated).await?;
    let after = serde_json::json!(keys);
    let rewritten = store::Links { name: "stages", before: Json::Null, after };
    store::update_links::<version::ActiveModel>(tx, &draft, &rewritten).await
}

pub(super) fn stage_row(
    id: StageTemplateId,
    version_id: JourneyTemplateVersionId,
    position: i32,
    stage: &StageDefinition,
) -> stage_template::ActiveModel {
    stage_template::ActiveModel {
        id: Set(id),
        version_id: Set(version_id),
        key: Set(stage.key.clone()),
        name: Set(stage.name.trim().to_owned()),
        position: Set(position),
        phase: Set(stage.phase),
        expected_days: Set(stage.expected_days),
        exit: Set(stage.exit),
        starts_at: Set(stage.starts.map(|start| start.anchor)),
        starts_days_before: Set(stage.starts.map_or(0, |start| start.days_before)),
        then: Set(stage.then),
        loop_to: Set(stage.loop_to.clone()),
        ..Default::default()
    }
}

pub(super) fn task_row(
    version_id: JourneyTemplateVersionId,
    stage_id: StageTemplateId,
    task: &TaskDefinition,
) -> task_template::ActiveModel {
    task_template::ActiveModel {
        version_id: Set(version_id),
        stage_id: Set(stage_id),
        key: Set(task.key.clone()),
        title: Set(task.title.trim().to_owned()),
        description: Set(task.description.clone()),
        position: Set(task.position),
        type_key: Set(task.type_key.clone()),
        required: Set(task.required),
        anchor: Set(task.anchor),
        duration_days: Set(task.duration_days),
        day_kind: Set(task.day_kind),
        assignee_rule: Set(task.assignee.rule()),
        assignee_user_id: Set(task.assignee.user_id()),
        assignee_role_id: Set(task.assignee.role_id()),
        config: Set(task.config.clone()),
        blocked_by_risk: Set(task.blocked_by_risk),
        effort_minutes: Set(task.effort_minutes),
        ..Default::default()
    }
}

/// The definition of a version, as it was saved.
pub async fn read(cx: &Cx<'_>, version: &version::Model) -> Result<Definition> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(definition_of(blueprint::load(cx, version.id).await?))
}

fn definition_of(blueprint: Blueprint) -> Definition {
    let stages = blueprint.stages.into_iter().map(|stage| StageDefinition {
        key: stage.row.key,
        name: stage.row.name,
        phase: stage.row.phase,
        expected_days: stage.row.expected_days,
        exit: stage.row.exit,
        starts: stage
            .row
            .starts_at
            .map(|anchor| StageStart { anchor, days_before: stage.row.starts_days_before }),
        then: stage.row.then,
        loop_to: stage.row.loop_to,
        tasks: stage.plans.into_iter().map(|plan| task_definition(plan.row)).collect(),
    });
    Definition { max_attempts: blueprint.max_attempts, stages: stages.collect() }
}

fn task_definition(row: task_template::Model) -> TaskDefinition {
    let assignee = match (row.assignee_rule, row.assignee_user_id, row.assignee_role_id) {
        (AssigneeRule::FixedUser, Some(id), _) => Assignee::User(id),
        (AssigneeRule::AccountRole, _, Some(id)) => Assignee::Role(id),
        (_, _, role) => Assignee::Customer(role),
    };
    TaskDefinition {
        key: row.key,
        title: row.title,
        description: row.description,
        position: row.position,
        type_key: row.type_key,
        required: row.required,
        anchor: row.anchor,
        duration_days: row.duration_days,
        day_kind: row.day_kind,
        assignee,
        config: row.config,
        blocked_by_risk: row.blocked_by_risk,
        effort_minutes: row.effort_minutes,
    }
}

fn tasks_of(definition: &Definition) -> impl Iterator<Item = (String, &TaskDefinition)> {
    let stages = definition.stages.iter().enumerate();
    stages.flat_map(|(stage, definition)| {
        let tasks = definition.tasks.iter().enumerate();
        tasks.map(move |(task, definition)| (format!("stages.{stage}.tasks.{task}"), definition))
    })
}

/// Assignees that are not in the workspace at all: a draft may name what is put away, but never
/// what does not exist.
async fn dangling(cx: &Cx<'_>, definition: &Definition) -> Result<Vec<Problem>> {
    let users: Vec<UserId> =
        tasks_of(definition).filter_map(|(_, task)| task.assignee.user_id()).collect();
    let roles: Vec<OptionId> =
        tasks_of(definition).filter_map(|(_, task)| task.assignee.role_id()).collect();
    let users = user::in_workspace(cx, &users).await?;
    let users: HashSet<_> = users.into_iter().map(|row| row.id).collect();
    let roles = option::in_workspace(cx, &roles).await?;
    let roles: HashSet<_> = roles.into_iter().map(|row| row.id).collect();
    let mut problems = Vec::new();
    for (path, task) in tasks_of(definition) {
        let kind = match (task.assignee.user_id(), task.assignee.role_id()) {
            (Some(id), _) if !users.contains(&id) => Kind::User,
            (_, Some(id)) if !roles.contains(&id) => Kind::Option,
            _ => continue,
        };
        let problem = Problem::new(format!("{path}.assignee"), Code::NotFound);
        problems.push(problem.with("kind", kind.type_name()));
    }
    Ok(problems)
}

/// What the references of definitions can mean.
async fn known(cx: &Cx<'_>, definitions: impl Iterator<Item = &Definition>) -> Result<Known> {
    let (mut metrics, mut surveys, mut users) = (Vec::new(), Vec::new(), Vec::new());
    let mut task_types = BTreeSet::new();
    for (_, task) in definitions.flat_map(tasks_of) {
        users.extend(task.assignee.user_id());
        match TaskConfig::parse(&task.type_key, &task.config) {
            Ok(TaskConfig::Survey(config)) => surveys.push(config.survey_key),
            Ok(TaskConfig::Indicator(config)) => metrics.extend(config.metric_key),
            Ok(TaskConfig::Plugin) => drop(task_types.insert(task.type_key.as_str())),
            _ => {}
        }
    }
    let task_types = task_type::enabled(cx, &task_types).await?;
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    let surveys: Vec<&str> = surveys.iter().map(String::as_str).collect();
    let metrics = metric::in_use(cx, &metrics).await?;
    let surveys = survey::in_use(cx, &surveys).await?;
    let users = user::in_workspace(cx, &users).await?;
    Ok(Known {
        task_types,
        metrics: metrics.into_iter().map(|row| row.key).collect(),
        surveys: surveys.into_iter().map(|row| row.key).collect(),
        account_roles: option::live_ids(cx, set::ACCOUNT_ROLE).await?,
        contact_roles: option::live_ids(cx, set::CONTACT_ROLE).await?,
        users: users.into_iter().filter(|row| row.is_active()).map(|row| row.id).collect(),
    })
}
