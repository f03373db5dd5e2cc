//! Tasks of their own, outside any journey: what a person writes down, perhaps as a part of the
//! action plan of a risk or of an opportunity.

use super::definition::MAX_EFFORT;
use super::people;
use crate::accounts::account::{self, AccountStatus};
use crate::accounts::assignment;
use crate::auth::user;
use crate::prelude::*;
use crate::refs;
use crate::tasks::{AssigneeRule, TaskOrigin, TaskStatus, kind, task};

/// A task that a person writes down.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub account_id: AccountId,
    pub title: String,
    pub description: Option<String>,
    /// [`kind::STANDARD`] or [`kind::INTERACTION`]; indicators exist only in templates (F4).
    pub type_key: String,
    pub due_on: Option<NaiveDate>,
    /// How long it takes; see [`MAX_EFFORT`].
    pub effort_minutes: Option<i32>,
    /// The acting user if absent.
    pub assignee_id: Option<UserId>,
    /// The risk or the opportunity, not both, whose action plan it is part of.
    pub risk_id: Option<RiskId>,
    pub opportunity_id: Option<OpportunityId>,
}

/// Writes down a task of its own, outside any journey.
pub async fn create(tx: &Tx<'_>, new: NewTask) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let mut checks = Checks::new();
    let title = checks.text("title", &new.title, 200);
    let description = checks.maybe_prose("description", new.description.as_deref(), 4000);
    let is_possible = [kind::STANDARD, kind::INTERACTION].contains(&new.type_key.as_str());
    checks.ensure(is_possible, || {
        Problem::new("typeKey", Code::UnknownTaskType).with("type", &new.type_key)
    });
    let assignee_id = new.assignee_id.or(tx.actor.user_id);
    if let Some(user_id) = assignee_id {
        checks.keep(user::active(tx, user_id, "assigneeId").await)?;
    }
    let account = checks.keep(account::lock(tx, new.account_id, "accountId").await)?;
    let is_churned = account.is_some_and(|row| row.status == AccountStatus::Churned);
    checks.ensure(!is_churned, || Problem::new("accountId", Code::AccountNotRunning));
    if let Some(minutes) = new.effort_minutes {
        checks.range("effortMinutes", minutes, 1, MAX_EFFORT);
    }
    check_plan(tx, &mut checks, &new).await?;
    checks.finish()?;
    let row = task::ActiveModel {
        type_key: Set(new.type_key),
        description: Set(description),
        assignee_rule: Set(AssigneeRule::FixedUser),
        assignee_user_id: Set(assignee_id),
        assigned_by_hand: Set(true),
        effort_minutes: Set(new.effort_minutes),
        risk_id: Set(new.risk_id),
        opportunity_id: Set(new.opportunity_id),
        ..columns(tx, new.account_id, title, new.due_on)
    };
    store::insert(tx, row, Fact::Opened).await
}

/// A task that follows from another one.
pub(super) struct FollowUp {
    pub(super) account_id: AccountId,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) due_on: Option<NaiveDate>,
    /// Who does it, instead of the CSM.
    pub(super) contact_id: Option<ContactId>,
}

/// Writes down a task that follows from another one, for the CSM unless a contact is named.
pub(super) async fn follow_up(tx: &Tx<'_>, new: FollowUp) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let mut checks = Checks::new();
    let title = checks.text("title", &new.title, 200);
    let description = checks.maybe_prose("description", new.description.as_deref(), 4000);
    if let Some(id) = new.contact_id {
        checks.keep(refs::require_of(tx, new.account_id, id, "contactId").await)?;
    }
    checks.finish()?;
    let row = columns(tx, new.account_id, title, new.due_on);
    let row = task::ActiveModel { description: Set(description), ..row };
    let row = match new.contact_id {
        Some(id) => task::ActiveModel {
            assignee_rule: Set(AssigneeRule::Customer),
            assignee_contact_id: Set(Some(id)),
            assigned_by_hand: Set(true),
            ..row
        },
        None => {
            let role_id = people::csm_role(tx).await?;
            task::ActiveModel {
                assignee_role_id: Set(Some(role_id)),
                assignee_user_id: Set(assignment::holder(tx, new.account_id, role_id).await?),
                ..row
            }
        }
    };
    store::insert(tx, row, Fact::Opened).await
}

/// The columns of a standard task that is open, and that whoever holds a role at the account does.
pub(super) fn columns(
    tx: &Tx<'_>,
    account_id: AccountId,
    title: String,
    due_on: Option<NaiveDate>,
) -> task::ActiveModel {
    task::ActiveModel {
        account_id: Set(account_id),
        origin: Set(TaskOrigin::AdHoc),
        type_key: Set(kind::STANDARD.to_owned()),
        title: Set(title),
        position: Set(0),
        required: Set(false),
        status: Set(TaskStatus::Open),
        assignee_rule: Set(AssigneeRule::AccountRole),
        assigned_by_hand: Set(false),
        due_on: Set(due_on),
        original_due_on: Set(due_on),
        opened_at: Set(Some(tx.now)),
        config: Set(serde_json::json!({})),
        ..Default::default()
    }
}

/// What a task is planned for belongs to the same account, and is one thing.
async fn check_plan(tx: &Tx<'_>, checks: &mut Checks, new: &NewTask) -> Result<()> {
    if let Some(id) = new.risk_id {
        checks.keep(refs::require_of(tx, new.account_id, id, "riskId").await)?;
    }
    if let Some(id) = new.opportunity_id {
        checks.keep(refs::require_of(tx, new.account_id, id, "opportunityId").await)?;
    }
    checks.ensure(new.risk_id.is_none() || new.opportunity_id.is_none(), || {
        Problem::new("opportunityId", Code::Contradiction).with("with", "riskId")
    });
    Ok(())
}
