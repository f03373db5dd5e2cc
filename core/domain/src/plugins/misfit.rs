//! Configurations that another version of a plugin would refuse: what a plan breaks, before it is
//! applied, and what is broken, after.

use std::collections::BTreeMap;

use super::usage::ScoredBy;
use super::{PluginKind, document, plan, plugin, schema, usage};
use crate::health::model;
use crate::journeys::{task_template, template, version};
use crate::prelude::*;
use crate::tasks::{agenda, task};

/// Something whose configuration does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfit {
    /// What it is.
    pub holder: Holder,
    /// What is wrong with it, each under its place in `config`.
    pub problems: Vec<Problem>,
}

/// What has a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Holder {
    /// A health model, by its active version or its candidate.
    HealthModel(model::Model),
    /// A task of the published version of a template.
    TaskTemplate {
        /// The template.
        template: template::Model,
        /// The key of the task.
        task_key: String,
    },
    /// So many open tasks, which have the same one.
    OpenTasks(u64),
}

/// Misfits that are told.
pub const MOST_MISFITS: usize = 100;

/// Task templates, and open tasks, that are looked at.
const MOST_ROWS: u64 = 1000;

/// What is wrong with a configuration, by what a manifest says. Pure.
pub(crate) fn problems(manifest: &Json, config: &Json) -> Vec<Problem> {
    document::problems(schema(manifest, "config"), config, "config")
}

/// What keeps a plugin from being asked about a task with this configuration, in words. Pure.
pub(crate) fn told(manifest: &Json, config: &Json) -> Option<String> {
    let problem = problems(manifest, config).into_iter().next()?;
    let told = problem.params.first().map(|(_, told)| told.as_str());
    Some(format!("{}: {}", problem.field, told.unwrap_or_default()))
}

/// What a plan would break: at most [`MOST_MISFITS`].
pub async fn of(cx: &Cx<'_>, plan: &plan::Model) -> Result<Vec<Misfit>> {
    cx.require(Area::Plugins, Access::Read)?;
    let Some(id) = plan.plugin_id else { return Ok(Vec::new()) };
    let row = plugin::find(cx, id).await?;
    let mut found = match row.kind {
        PluginKind::HealthScore => of_models(cx, &row, &plan.manifest).await?,
        PluginKind::TaskType => {
            let mut found = of_templates(cx, &row.key, &plan.manifest).await?;
            found.extend(of_tasks(cx, &row.key, &plan.manifest).await?);
            found
        }
    };
    found.truncate(MOST_MISFITS);
    Ok(found)
}

async fn of_models(cx: &Cx<'_>, plugin: &plugin::Model, manifest: &Json) -> Result<Vec<Misfit>> {
    let misfit = |ScoredBy { model, by, .. }: ScoredBy| Misfit {
        holder: Holder::HealthModel(model),
        problems: problems(manifest, &by.config),
    };
    let scored = usage::scored_by(cx, plugin.id).await?;
    let mut found: Vec<_> = scored.into_iter().map(misfit).collect();
    found.retain(|misfit| !misfit.problems.is_empty());
    Ok(found)
}

async fn of_templates(cx: &Cx<'_>, key: &str, manifest: &Json) -> Result<Vec<Misfit>> {
    let rows = usage::templates(cx, key).order_by_asc(task_template::Column::Id);
    let rows = rows.limit(MOST_ROWS).all(&cx.db).await?;
    let mut found = Vec::new();
    for row in rows {
        let problems = problems(manifest, &row.config);
        if !problems.is_empty() && found.len() < MOST_MISFITS {
            let of = version::find_in(cx, row.version_id, "id").await?.template_id;
            let template = template::find_in(cx, of, "id").await?;
            let holder = Holder::TaskTemplate { template, task_key: row.key };
            found.push(Misfit { holder, problems });
        }
    }
    Ok(found)
}

async fn of_tasks(cx: &Cx<'_>, key: &str, manifest: &Json) -> Result<Vec<Misfit>> {
    let open = agenda::open_tasks(cx).filter(task::Column::TypeKey.eq(key));
    let rows = open.order_by_asc(task::Column::Id).limit(MOST_ROWS).all(&cx.db).await?;
    let mut by_config: BTreeMap<String, (u64, Json)> = BTreeMap::new();
    for row in rows {
        by_config.entry(row.config.to_string()).or_insert((0, row.config)).0 += 1;
    }
    let misfit = |(count, config): (u64, Json)| {
        let problems = problems(manifest, &config);
        (!problems.is_empty()).then_some(Misfit { holder: Holder::OpenTasks(count), problems })
    };
    Ok(by_config.into_values().filter_map(misfit).collect())
}
