//! The acceptance of a handoff: the receiver takes on the role, and its open tasks.

use super::people;
use crate::accounts::assignment::NewAssignment;
use crate::auth::user;
use crate::plans::handoff;
use crate::prelude::*;

/// Accepts a handoff: in the same transaction the receiver takes on the role at the account, and
/// the open tasks of the role move along. While something on the checklist is not done, it takes a
/// reason, which is audited: whoever receives an account from people who have left cannot wait.
pub async fn accept(
    tx: &Tx<'_>,
    id: HandoffId,
    reason: Option<&str>,
    expected_version: Option<i64>,
) -> Result<handoff::Model> {
    tx.require(Area::Plans, Access::Write)?;
    // Users are locked before accounts.
    user::active(tx, handoff::find_in(tx, id).await?.to_user_id, "id").await?;
    let before = handoff::lock_pending(tx, id).await?;
    store::expect_version(&before, expected_version)?;
    handoff::require_receiver(tx, &before).await?;
    let mut checks = Checks::new();
    let reason = checks.maybe_prose("reason", reason, 2000);
    let open = before.items().iter().filter(|item| !item.done).count();
    checks.ensure(open == 0 || reason.is_some(), || {
        Problem::new("id", Code::ChecklistOpen).with("count", open)
    });
    checks.finish()?;
    let new = NewAssignment {
        account_id: before.account_id,
        user_id: before.to_user_id,
        role_id: before.role_id,
        starts_on: None,
    };
    let given = people::assign_role(tx, new).await;
    let renamed = |error: Error| {
        let fields = ["accountId", "userId", "roleId"];
        fields.into_iter().fold(error, |error, field| error.renamed(field, "id"))
    };
    let assignment = given.map_err(renamed)?;
    handoff::mark_accepted(tx, &before, assignment.id, reason.as_deref()).await
}
