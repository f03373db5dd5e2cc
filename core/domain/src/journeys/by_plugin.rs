//! Tasks of which a plugin says what follows when they open, and when they are done.
//!
//! A plugin is asked while no transaction is open: whoever asks it reads what it needs to know
//! ([`Asked`]), and brings what it answered ([`Answered`]) into the transaction in which that is
//! done. What has changed in between makes the answer stale, and it is asked again.

mod effects;
pub mod heed;

use serde::{Deserialize, Serialize};

use super::run::Loaded;
use super::visit;
use super::work::{Completed, InHand, finished, take};
use crate::accounts::account;
use crate::job::{self, Work};
use crate::plugins::operation::Operation;
use crate::plugins::plugin;
use crate::plugins::{document, misfit, schema, version as plugin_version};
use crate::prelude::*;
use crate::tasks::hindrance::Why;
use crate::tasks::{Hindrance, TaskStatus, task};

/// Asks the plugin of a task what follows when it opens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepare {
    /// The task. One that is no longer to be prepared is left as it is.
    pub task_id: TaskId,
}

impl Work for Prepare {
    const KIND: &'static str = "task.prepare";
}

/// Asks for a task to be prepared.
pub(crate) fn ask_for(tx: &Tx<'_>, task_id: TaskId) -> Result<()> {
    job::enqueue(tx, &Prepare { task_id }, tx.now)
}

/// What a plugin is asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The task, as it was read.
    pub task: task::Model,
    /// The plugin, which may be called.
    pub plugin: plugin::Model,
    /// The name of the account.
    pub account_name: String,
    /// The stage that the task is in, where it is in a journey.
    pub stage_key: Option<String>,
    /// How often that stage was entered in the lap.
    pub attempt: Option<i32>,
}

impl Asked {
    /// What the plugin asks for, to be done.
    pub fn answered(&self, operations: Vec<Operation>) -> Answered {
        Answered {
            account_id: self.task.account_id,
            task_version: self.task.version,
            plugin_version_id: self.plugin.active_version_id,
            operations,
        }
    }

    /// That the plugin cannot be asked, for this reason.
    pub fn unavailable(&self, told: impl ToString) -> Problem {
        unavailable(&self.plugin.key, told)
    }
}

fn unavailable(plugin: &str, told: impl ToString) -> Problem {
    Hindrance::failed(plugin, told).refusal("taskId")
}

/// What a plugin asks for, and about what it was asked.
#[derive(Clone, Debug)]
pub struct Answered {
    account_id: AccountId,
    task_version: i64,
    plugin_version_id: PluginVersionId,
    operations: Vec<Operation>,
}

impl Answered {
    /// Locks the account, which comes before its journeys.
    pub(super) async fn lock_account(&self, tx: &Tx<'_>) -> Result<()> {
        account::lock(tx, self.account_id, "taskId").await.map(drop)
    }

    fn is_about(&self, task: &task::Model, plugin: &plugin::Model) -> bool {
        self.task_version == task.version && self.plugin_version_id == plugin.active_version_id
    }
}

/// A task that is to be opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What to ask, or why nobody can be asked.
    pub asked: Result<Box<Asked>, Hindrance>,
    task: task::Model,
}

/// The task of a job, unless there is nothing to prepare any more.
pub async fn opening(cx: &Cx<'_>, id: TaskId) -> Result<Option<Opening>> {
    cx.require(Area::Tasks, Access::Write)?;
    let task = task::find_in(cx, id, "taskId").await?;
    if task.status != TaskStatus::Preparing {
        return Ok(None);
    }
    let asked = match callable(&task.type_key, plugin::task_type(cx, &task.type_key).await?) {
        Err(hindrance) => Err(hindrance),
        Ok(plugin) => {
            let visit = match task.visit_id {
                None => None,
                Some(id) => visit::find_in(cx, id).await?,
            };
            let place = visit.map(|visit| (visit.stage_key, visit.attempt));
            let account = account::find_in(cx, task.account_id, "taskId").await?;
            Ok(Box::new(asked(&task, plugin, account.name, place)))
        }
    };
    Ok(Some(Opening { asked, task }))
}

/// Opens a task with what follows, or blocks it where its plugin cannot serve it. Says whether the
/// job is done with that: a task or a plugin that has changed since is to be asked about again.
pub async fn open(
    tx: &Tx<'_>,
    opening: &Opening,
    answer: Result<&Answered, &Hindrance>,
) -> Result<bool> {
    tx.require(Area::Tasks, Access::Write)?;
    account::lock(tx, opening.task.account_id, "taskId").await?;
    let hand = take(tx, opening.task.id, None).await?;
    if hand.task.status != TaskStatus::Preparing {
        return Ok(true);
    }
    let plugin = plugin::hold_task_type(tx, &hand.task.type_key).await?;
    let now = callable(&hand.task.type_key, plugin);
    let is_same = match (&opening.asked, &now) {
        (Ok(asked), Ok(plugin)) => asked.plugin.active_version_id == plugin.active_version_id,
        (Err(was), Err(is)) => was == is,
        _ => false,
    };
    if !is_same || hand.task.version != opening.task.version {
        return Ok(false);
    }
    let (task, evaluation) = match (answer, &now) {
        (Ok(answered), Ok(plugin)) => {
            let wish = effects::apply(tx, &hand.task, plugin, &answered.operations).await?;
            let evaluation = effects::evaluation(tx, &hand, wish.as_ref(), tx.now);
            // When its position was reached, the engine says.
            (task::Model { status: TaskStatus::Open, ..hand.task.clone() }, evaluation)
        }
        (Err(hindrance), _) | (_, Err(hindrance)) => (blocked(&hand.task, hindrance), None),
    };
    let task = match hand.loaded {
        // Outside of a journey, no engine does.
        None => task::Model { opened_at: Some(tx.now), ..task },
        Some(_) => task,
    };
    hand.put(tx, task, evaluation, None).await?;
    Ok(true)
}

/// Whether what a plugin asks for is refused for what it was granted or configured with, which
/// nobody can mend who does the task.
pub fn is_of_config(error: &Error) -> bool {
    [Code::NotGranted, Code::UnknownMetric, Code::UnknownAttribute]
        .into_iter()
        .any(|code| error.has(code))
}

/// Blocks a task of which the plugin broke off when it was to be done, so that others see why too:
/// it can be done again, perhaps with other words. One that has changed since is left as it is.
pub async fn fail(tx: &Tx<'_>, asked: &Asked, told: &str) -> Result<()> {
    tx.require(Area::Tasks, Access::Write)?;
    account::lock(tx, asked.task.account_id, "taskId").await?;
    let hand = take(tx, asked.task.id, Some(asked.task.version)).await?;
    let task = blocked(&hand.task, &Hindrance::failed(&asked.plugin.key, told));
    hand.put(tx, task, None, None).await.map(drop)
}

fn blocked(task: &task::Model, hindrance: &Hindrance) -> task::Model {
    let blocked_reason = Some(hindrance.reason());
    task::Model { status: TaskStatus::Blocked, blocked_reason, ..task.clone() }
}

/// Completes a task with what is said of it, which has to be as the plugin wants it.
pub(super) async fn complete(
    tx: &Tx<'_>,
    hand: InHand,
    (outcome, finished_at): (&Json, DateTime<Utc>),
    answered: Option<&Answered>,
) -> Result<Completed> {
    let plugin = require_callable(tx, &hand.task).await?;
    let manifest = plugin_version::find_in(tx, plugin.active_version_id).await?.manifest;
    if let Some(told) = misfit::told(&manifest, &hand.task.config) {
        return Err(unavailable(&plugin.key, told).into());
    }
    let problems = document::problems(schema(&manifest, "outcome"), outcome, "outcome");
    crate::error::all_well(problems)?;
    let Some(answered) = answered.filter(|answered| answered.is_about(&hand.task, &plugin)) else {
        return Ok(Completed::Asks(Box::new(asked_about(tx, &hand, plugin).await?)));
    };
    let wish = effects::apply(tx, &hand.task, &plugin, &answered.operations).await;
    let wish = wish.map_err(|error| match is_of_config(&error) {
        true => error,
        false => error.all_at("outcome"),
    })?;
    let evaluation = effects::evaluation(tx, &hand, wish.as_ref(), finished_at);
    let task = finished(tx, &hand.task, TaskStatus::Done, finished_at);
    let task = task::Model { outcome: Some(outcome.clone()), blocked_reason: None, ..task };
    Ok(Completed::Done(Box::new(hand.put(tx, task, evaluation, None).await?)))
}

async fn asked_about(cx: &Cx<'_>, hand: &InHand, plugin: plugin::Model) -> Result<Asked> {
    let task = &hand.task;
    Ok(match &hand.loaded {
        None => {
            let account = account::find_in(cx, task.account_id, "taskId").await?;
            asked(task, plugin, account.name, None)
        }
        Some(Loaded { run, account, .. }) => {
            let visit = run.visits.iter().find(|visit| Some(visit.id) == task.visit_id);
            let place = visit.map(|visit| (visit.stage_key.clone(), visit.attempt));
            asked(task, plugin, account.name.clone(), place)
        }
    })
}

fn asked(
    task: &task::Model,
    plugin: plugin::Model,
    account_name: String,
    place: Option<(String, i32)>,
) -> Asked {
    let (stage_key, attempt) = place.unzip();
    Asked { task: task.clone(), plugin, account_name, stage_key, attempt }
}

/// The plugin of a task, which nobody changes until the transaction ends; refused where it is not
/// called.
async fn require_callable(tx: &Tx<'_>, task: &task::Model) -> Result<plugin::Model> {
    let plugin = plugin::hold_task_type(tx, &task.type_key).await?;
    callable(&task.type_key, plugin).map_err(|hindrance| hindrance.refusal("taskId").into())
}

/// The same, where the configuration of the task fits what the plugin says now.
pub(super) async fn require_served(tx: &Tx<'_>, task: &task::Model) -> Result<()> {
    let plugin = require_callable(tx, task).await?;
    let manifest = plugin_version::find_in(tx, plugin.active_version_id).await?.manifest;
    match misfit::told(&manifest, &task.config) {
        Some(told) => Err(unavailable(&plugin.key, told).into()),
        None => Ok(()),
    }
}

/// The plugin that is called so, or why it is not called. Pure.
fn callable(key: &str, plugin: Option<plugin::Model>) -> Result<plugin::Model, Hindrance> {
    let plugin = plugin.ok_or_else(|| Hindrance::new(Why::Uninstalled, key))?;
    plugin.hindrance().map_or(Ok(plugin), Err)
}
