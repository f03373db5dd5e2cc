//! What becomes of tasks when their plugin changes: they are blocked while it is not called, and go
//! on when it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::{journey, wake};
use super::callable;
use crate::job::{self, Work};
use crate::plugins::{misfit, plugin, version};
use crate::prelude::*;
use crate::tasks::task::{self, CRITICAL_RISK};
use crate::tasks::{Hindrance, TaskStatus};

/// Looks at the tasks of a type, because its plugin changed; some of them at a time. What is done
/// depends on how the plugin is then, so that of two changes the later one counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heed {
    /// The key of the plugin.
    pub plugin: String,
    /// The last task that was looked at.
    pub after: Option<TaskId>,
}

impl Work for Heed {
    const KIND: &'static str = "plugin.heed_tasks";
}

/// Tasks of one transaction.
const PAGE: u64 = 500;

/// Asks for a look at the tasks of a type.
pub(crate) fn ask_for(tx: &Tx<'_>, plugin: &str) -> Result<()> {
    job::enqueue(tx, &Heed { plugin: plugin.to_owned(), after: None }, tx.now)
}

/// Runs [`Heed`].
pub async fn heed(tx: &Tx<'_>, work: Heed) -> Result<()> {
    tx.require(Area::Tasks, Access::Write)?;
    let found = concerned(tx, &work).limit(PAGE).all(&tx.db).await?;
    let Some(last) = found.last().map(|task| task.id) else { return Ok(()) };
    let journeys: BTreeSet<_> = found.iter().filter_map(|task| task.journey_id).collect();
    if !journeys.is_empty() {
        journey::lock_running(tx, journey::Column::Id.is_in(journeys)).await?;
    }
    // The plugin is held only now: whoever opens a task holds the journey before it.
    let plugin = plugin::hold_task_type(tx, &work.plugin).await?;
    let callable = callable(&work.plugin, plugin);
    let tasks = concerned(tx, &work).filter(task::Column::Id.lte(last));
    let tasks = store::locked(tasks).all(&tx.db).await?;
    match callable {
        Err(hindrance) => block(tx, &tasks, &hindrance.reason()).await?,
        Ok(plugin) => {
            let manifest = version::find_in(tx, plugin.active_version_id).await?.manifest;
            let (sound, unfit) = told_apart(tasks, &plugin, &manifest);
            for (reason, tasks) in unfit {
                block(tx, &tasks, &reason).await?;
            }
            recover(tx, sound).await?;
        }
    }
    match found.len() as u64 == PAGE {
        true => job::enqueue(tx, &Heed { after: Some(last), ..work }, tx.now),
        false => Ok(()),
    }
}

/// The tasks of the type that a change of its plugin may concern: not those that a risk blocks.
fn concerned(cx: &Cx<'_>, work: &Heed) -> Select<task::Entity> {
    use TaskStatus::{Blocked, Open, Preparing};
    let other_reason = Condition::any()
        .add(task::Column::BlockedReason.is_null())
        .add(task::Column::BlockedReason.ne(CRITICAL_RISK));
    let condition = Condition::all()
        .add(task::Column::TypeKey.eq(&work.plugin))
        .add(task::Column::Status.is_in([Preparing, Open, Blocked]))
        .add(other_reason)
        .add_option(work.after.map(|id| task::Column::Id.gt(id)));
    task::visible(cx).filter(condition).order_by_asc(task::Column::Id)
}

/// Tasks whose configuration fits what the plugin says now, and the others by the reason. Pure.
fn told_apart(
    tasks: Vec<task::Model>,
    plugin: &plugin::Model,
    manifest: &Json,
) -> (Vec<task::Model>, BTreeMap<String, Vec<task::Model>>) {
    let (mut sound, mut unfit) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for task in tasks {
        match misfit::told(manifest, &task.config) {
            None => sound.push(task),
            Some(told) => {
                let hindrance = Hindrance::failed(&plugin.key, told);
                unfit.entry(hindrance.reason()).or_default().push(task);
            }
        }
    }
    (sound, unfit)
}

async fn block(tx: &Tx<'_>, tasks: &[task::Model], reason: &str) -> Result<()> {
    let row = task::ActiveModel {
        status: Set(TaskStatus::Blocked),
        blocked_reason: Set(Some(reason.to_owned())),
        ..Default::default()
    };
    store::update_many(tx, tasks, row, Fact::Blocked).await
}

/// Tasks that never were open are prepared anew; the others are open again. The journeys of these
/// look again: a critical risk may hold them back meanwhile.
async fn recover(tx: &Tx<'_>, tasks: Vec<task::Model>) -> Result<()> {
    let blocked = tasks.into_iter().filter(|task| task.status == TaskStatus::Blocked);
    let (opened, new): (Vec<_>, Vec<_>) = blocked.partition(|task| task.opened_at.is_some());
    let row = |status| task::ActiveModel {
        status: Set(status),
        blocked_reason: Set(None),
        ..Default::default()
    };
    store::update_many(tx, &opened, row(TaskStatus::Open), Fact::Opened).await?;
    store::update_many(tx, &new, row(TaskStatus::Preparing), Fact::Updated).await?;
    new.iter().try_for_each(|task| super::ask_for(tx, task.id))?;
    let accounts: BTreeSet<_> = opened.iter().map(|task| task.account_id).collect();
    match accounts.is_empty() {
        true => Ok(()),
        false => wake::ask_for_accounts(tx, accounts.into_iter().collect()),
    }
}
