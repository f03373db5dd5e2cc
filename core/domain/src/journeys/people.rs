//! How a change of people moves tasks (rule 11).

use serde::{Deserialize, Serialize};

use super::{journey, task_template};
use crate::accounts::assignment::{self, Change, NewAssignment};
use crate::auth::user;
use crate::job::{self, Work};
use crate::options::{option, set};
use crate::prelude::*;
use crate::tasks::{AssigneeRule, TaskStatus, task};

/// Gives a role at an account to a user, now or from a later day on. Open tasks that are held by
/// that role move along; those that a person gave away stay.
pub async fn assign_role(tx: &Tx<'_>, new: NewAssignment) -> Result<assignment::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let (row, change) = assignment::put(tx, new).await?;
    move_tasks(tx, change).await?;
    if row.state == assignment::AssignmentState::Future {
        let at = tx.calendar().await?.start_of(row.starts_on);
        job::enqueue(tx, &ActivateAssignments { on: row.starts_on, round: 0 }, at)?;
    }
    Ok(row)
}

/// Records who held a role from one day to another in the past; moves nothing.
pub async fn record_past_role(
    tx: &Tx<'_>,
    new: NewAssignment,
    last_day: NaiveDate,
) -> Result<assignment::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    assignment::past::put(tx, new, last_day).await
}

/// Ends an assignment. The open tasks of the role are left without a holder, and listed so.
pub async fn end_assignment(
    tx: &Tx<'_>,
    id: AccountAssignmentId,
    on: Option<NaiveDate>,
) -> Result<assignment::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let (row, change) = assignment::end(tx, id, on).await?;
    move_tasks(tx, change).await?;
    Ok(row)
}

/// Makes a user the CSM of an account.
pub(super) async fn make_csm(tx: &Tx<'_>, account_id: AccountId, user_id: UserId) -> Result<()> {
    let role_id = csm_role(tx).await?;
    let new = NewAssignment { account_id, user_id, role_id, starts_on: None };
    let (_, change) =
        assignment::put(tx, new).await.map_err(|error| error.renamed("userId", "csmId"))?;
    move_tasks(tx, change).await
}

/// Who is the CSM of an account now.
pub(super) async fn csm_of(cx: &Cx<'_>, account_id: AccountId) -> Result<Option<UserId>> {
    assignment::holder(cx, account_id, csm_role(cx).await?).await
}

pub(super) async fn csm_role(cx: &Cx<'_>) -> Result<OptionId> {
    let role = option::by_key(cx, set::ACCOUNT_ROLE, option::CSM).await?;
    role.map(|role| role.id).ok_or_else(|| Error::not_found("csmId", Kind::Option))
}

/// Moves the open tasks of a role to whoever holds it now. A journey's tasks are moved under its
/// lock, like everything else about it.
async fn move_tasks(tx: &Tx<'_>, change: Change) -> Result<()> {
    if change.previous == change.current {
        return Ok(());
    }
    let of_role = Condition::all()
        .add(task::Column::AccountId.eq(change.account_id))
        .add(task::Column::AssigneeRule.eq(AssigneeRule::AccountRole))
        .add(task::Column::AssigneeRoleId.eq(change.role_id))
        .add(task::Column::AssignedByHand.eq(false));
    journey::lock_running(tx, journey::Column::AccountId.eq(change.account_id)).await?;
    for task in task::live(tx, of_role).await? {
        if task.status != TaskStatus::Pending {
            let row =
                task::ActiveModel { assignee_user_id: Set(change.current), ..Default::default() };
            store::update(tx, &task, row, Fact::Reassigned).await?;
        }
    }
    Ok(())
}

/// Makes assignments current whose first day has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActivateAssignments {
    /// The day.
    pub on: NaiveDate,
    /// From 0: there is a round for each 500 assignments.
    pub round: u32,
}

impl Work for ActivateAssignments {
    const KIND: &'static str = "account.activate_assignments";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.on, self.round))
    }
}

/// Runs [`ActivateAssignments`].
pub async fn activate_assignments(tx: &Tx<'_>, work: ActivateAssignments) -> Result<()> {
    tx.require(Area::Accounts, Access::Write)?;
    let today = tx.today().await?;
    if today < work.on {
        // The workspace has moved to another time zone: the day has not come yet.
        let at = tx.calendar().await?.start_of(work.on);
        return job::enqueue(tx, &work, at);
    }
    let activated = assignment::activate_due(tx, today).await?;
    let accounts = activated.iter().map(|row| row.account_id);
    journey::lock_running(tx, journey::Column::AccountId.is_in(accounts)).await?;
    for row in &activated {
        let change = Change {
            account_id: row.account_id,
            role_id: row.role_id,
            previous: None,
            current: Some(row.user_id),
        };
        move_tasks(tx, change).await?;
    }
    match activated.is_empty() {
        true => Ok(()),
        false => {
            let next = ActivateAssignments { round: work.round + 1, ..work };
            job::enqueue(tx, &next, tx.now)
        }
    }
}

/// Deactivates a user. What they hold goes to `reassign_to`: roles at accounts, now or later, and
/// open tasks; without anybody named, a user who still holds something stays active.
pub async fn deactivate_user(
    tx: &Tx<'_>,
    id: UserId,
    reassign_to: Option<UserId>,
) -> Result<user::Model> {
    tx.require(Area::Users, Access::Write)?;
    let leaving = user::lock_leaving(tx, id, reassign_to).await?;
    task_template::require_unnamed(tx, id, "id").await?;
    let heir = match reassign_to {
        Some(heir) if heir == id => {
            return Err(Problem::new("reassignTo", Code::Contradiction).with("with", "id").into());
        }
        Some(heir) => Some(user::active(tx, heir, "reassignTo").await?.id),
        None => None,
    };
    let held = Held::lock(tx, id).await?;
    match heir {
        Some(heir) => hand_over(tx, held, heir).await?,
        None if held.roles.is_empty() && held.tasks.is_empty() => {}
        None => {
            return Err(Problem::new("reassignTo", Code::ReassignNeeded).into());
        }
    }
    user::mark_deactivated(tx, &leaving).await
}

/// What a user holds.
struct Held {
    /// Now or later.
    roles: Vec<assignment::Model>,
    /// Those that are not closed, by whatever rule.
    tasks: Vec<task::Model>,
}

impl Held {
    /// Locks accounts, then journeys, then tasks, each by their ids and in one statement. The
    /// running journeys of the accounts are among them, even where the user holds no task in them:
    /// the next one may be about to open.
    async fn lock(tx: &Tx<'_>, user_id: UserId) -> Result<Self> {
        let roles = assignment::lock_held_by(tx, user_id).await?;
        let accounts = assignment::accounts_held_by(tx, user_id);
        let journeys = task::journeys_held_by(tx, user_id);
        let concerned = Condition::any()
            .add(journey::Column::AccountId.in_subquery(accounts))
            .add(journey::Column::Id.in_subquery(journeys));
        journey::lock_running(tx, concerned).await?;
        Ok(Self { roles, tasks: task::lock_held_by(tx, user_id).await? })
    }
}

/// Takes a number of statements that does not depend on how much there is to hand over, but for
/// one more for each 500 rows.
async fn hand_over(tx: &Tx<'_>, held: Held, heir: UserId) -> Result<()> {
    if !held.roles.is_empty() {
        tx.require(Area::Accounts, Access::Write)?;
    }
    for on in assignment::hand_over(tx, &held.roles, heir).await? {
        let at = tx.calendar().await?.start_of(on);
        job::enqueue(tx, &ActivateAssignments { on, round: 0 }, at)?;
    }
    let row = task::ActiveModel { assignee_user_id: Set(Some(heir)), ..Default::default() };
    store::update_many(tx, &held.tasks, row, Fact::Reassigned).await
}
