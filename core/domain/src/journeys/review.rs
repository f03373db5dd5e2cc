//! The review of what was left out of the implementation: a task for the CSM, opened as soon as
//! the account is in adoption, which nobody finishes before all is decided.

use super::stage_template::{self, Phase};
use super::{journey, own_task, people, visit};
use crate::accounts::{account, assignment};
use crate::auth::Origin;
use crate::calendar::plus;
use crate::plans::deferred_item;
pub use crate::plans::deferred_item::NewDeferredItem;
use crate::prelude::*;
use crate::tasks::{TaskStatus, task};
use crate::workspace::{self, Locale};

/// How long a review may take.
const DAYS: u64 = 14;

/// Leaves something out of the implementation. Where the account is in adoption already, its
/// review begins at once.
pub async fn defer(tx: &Tx<'_>, new: NewDeferredItem) -> Result<deferred_item::Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    let account_id = new.account_id;
    if checks.keep(account::lock_live(tx, account_id, "accountId").await)?.is_some() {
        checks.keep(deferred_item::require_room(tx, account_id).await)?;
    }
    // Nor does the primary journey come to adoption meanwhile, unseen.
    let is_primary = Condition::all()
        .add(journey::Column::AccountId.eq(account_id))
        .add(journey::Column::IsPrimary.eq(true));
    journey::lock_running(tx, is_primary.clone()).await?;
    let primary = journey::visible(tx).filter(is_primary).one(&tx.db).await?;
    let new = placed(tx, &mut checks, new, primary.as_ref()).await?;
    let row = deferred_item::insert(tx, checks, &new).await?;
    match primary {
        Some(primary) if is_in_adoption(tx, &primary).await? => {
            ask_for(tx, account_id).await?;
            deferred_item::find_in(tx, row.id).await
        }
        _ => Ok(row),
    }
}

/// Out of which journey, and which stage of it, an item was left.
async fn placed(
    tx: &Tx<'_>,
    checks: &mut Checks,
    new: NewDeferredItem,
    primary: Option<&journey::Model>,
) -> Result<NewDeferredItem> {
    let named = match new.journey_id {
        None => primary.cloned(),
        Some(id) => checks.keep(journey::find_in(tx, id, "journeyId").await)?,
    };
    let Some(of) = named else {
        checks.ensure(new.stage_key.is_none() || new.journey_id.is_some(), || {
            Problem::new("stageKey", Code::Contradiction).with("with", "journeyId")
        });
        return Ok(new);
    };
    checks.ensure(of.account_id == new.account_id, || {
        Problem::new("journeyId", Code::Contradiction).with("with", "accountId")
    });
    if let Some(key) = &new.stage_key {
        let stages = stage_template::in_versions(tx, &[of.version_id]).await?;
        checks.ensure(stages.iter().any(|stage| stage.key == *key), || {
            Problem::new("stageKey", Code::UnknownStage)
        });
    }
    let stage_key = new.stage_key.or(Some(of.stage_key));
    Ok(NewDeferredItem { journey_id: Some(of.id), stage_key, ..new })
}

/// Whether a journey is in a stage of the phase after take-off.
pub(super) async fn is_in_adoption(cx: &Cx<'_>, journey: &journey::Model) -> Result<bool> {
    if journey.status.is_ended() {
        return Ok(false);
    }
    let visit = visit::last(cx, journey.id).await?.filter(|visit| visit.exited_at.is_none());
    let Some(visit) = visit else { return Ok(false) };
    let stages = stage_template::in_versions(cx, &[journey.version_id]).await?;
    Ok(stages.iter().any(|at| at.key == visit.stage_key && at.phase == Phase::Ongoing))
}

/// Lets every undecided item of an account be reviewed: by the review that is open already, else
/// by a new one. Facts of the past start nothing (rule 9).
pub(super) async fn ask_for(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    if tx.actor.origin == Origin::Backfill {
        return Ok(());
    }
    let items = deferred_item::lock_undecided(tx, account_id).await?;
    if items.is_empty() {
        return Ok(());
    }
    let open = task::visible(tx)
        .filter(task::Column::Id.in_subquery(deferred_item::reviews_of(tx, account_id)))
        .filter(task::Column::Status.eq(TaskStatus::Open))
        .order_by_asc(task::Column::Id);
    let open = store::locked(open).all(&tx.db).await?;
    let is_reviewed =
        |item: &deferred_item::Model| open.iter().any(|task| Some(task.id) == item.review_task_id);
    let left: Vec<_> = items.iter().filter(|item| !is_reviewed(item)).cloned().collect();
    if left.is_empty() {
        return Ok(());
    }
    let task_id = match open.first() {
        None => open_review(tx, account_id).await?.id,
        Some(task) => {
            // It gets a new version, so that nobody finishes it who has not seen the new items.
            let ids: Vec<_> = left.iter().map(|item| item.id).collect();
            let (name, before) = ("deferred_items", Json::Null);
            let links = store::Links { name, before, after: serde_json::json!(ids) };
            store::update_links::<task::ActiveModel>(tx, task, &links).await?.id
        }
    };
    deferred_item::link(tx, &left, task_id).await
}

async fn open_review(tx: &Tx<'_>, account_id: AccountId) -> Result<task::Model> {
    let title = match workspace::current(tx).await?.locale {
        Locale::En => "Review what was left out of the implementation",
        Locale::PtBr => "Revisar o que ficou fora da implantação",
    };
    let role_id = people::csm_role(tx).await?;
    let due_on = plus(tx.today().await?, DAYS);
    let row = task::ActiveModel {
        assignee_role_id: Set(Some(role_id)),
        assignee_user_id: Set(assignment::holder(tx, account_id, role_id).await?),
        ..own_task::columns(tx, account_id, title.to_owned(), Some(due_on))
    };
    store::insert(tx, row, Fact::Opened).await
}

/// Demands that all is decided that a task reviews.
pub(super) async fn require_decided(cx: &Cx<'_>, task: &task::Model) -> Result<()> {
    if task.journey_id.is_some() {
        return Ok(());
    }
    match deferred_item::undecided_in(cx, task.id).await? {
        0 => Ok(()),
        left => Err(Problem::new("taskId", Code::ItemsUndecided).with("count", left).into()),
    }
}
