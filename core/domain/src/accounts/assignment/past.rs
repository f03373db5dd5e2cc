//! Assignments that ended before Jornada knew of them.

use super::{
    ActiveModel, AssignmentState, Column, Model, NewAssignment, columns, in_role, visible,
};
use crate::accounts::account;
use crate::options::{option, set};
use crate::prelude::*;
use crate::refs;

/// Records who held a role at an account from one day to another, both in the past. Only imports
/// and backfills may look back so; the user may have left. No two hold a role on the same day, but
/// for the day on which one hands it over to the other.
pub(crate) async fn put(tx: &Tx<'_>, new: NewAssignment, last_day: NaiveDate) -> Result<Model> {
    let mut checks = Checks::new();
    checks.ensure(tx.actor.origin.may_look_back(), || Problem::new("endsOn", Code::BackfillNeeded));
    account::lock_live(tx, new.account_id, "accountId").await?;
    checks.keep(refs::require(tx, new.user_id, "userId").await)?;
    checks.keep(option::require_in(tx, set::ACCOUNT_ROLE, new.role_id, "roleId").await)?;
    let today = tx.today().await?;
    checks.ensure(last_day <= today, || Problem::new("endsOn", Code::TooLate).with("max", today));
    let first_day = new.starts_on.unwrap_or(last_day);
    checks.ensure(first_day <= last_day, || {
        Problem::new("endsOn", Code::TooEarly).with("min", first_day)
    });
    let known = in_role(tx, new.account_id, new.role_id, AssignmentState::Ended)
        .filter(Column::UserId.eq(new.user_id))
        .filter(Column::StartsOn.eq(first_day))
        .one(&tx.db)
        .await?;
    let known_id = known.as_ref().map(|row| row.id);
    let held = holder_between(tx, &new, (first_day, last_day), known_id).await?;
    if let Some(held) = held {
        let held_until = held.ends_on.unwrap_or(today);
        let problem = Problem::new("startsOn", Code::RoleHeld).with("min", held.starts_on);
        checks.push(problem.with("max", held_until));
    }
    checks.finish()?;
    match known {
        Some(row) => {
            let change = ActiveModel { ends_on: Set(Some(last_day)), ..Default::default() };
            store::update(tx, &row, change, Fact::Updated).await
        }
        None => {
            let row = columns(tx, &new, AssignmentState::Ended, first_day).await?;
            let row = ActiveModel { ends_on: Set(Some(last_day)), ..row };
            store::insert(tx, row, Fact::Created).await
        }
    }
}

/// Who held the role between these days, other than by the assignment that is meant: at their ends
/// it may have been handed over. The days of one that was called off at once end before they begin,
/// and are none.
async fn holder_between(
    tx: &Tx<'_>,
    new: &NewAssignment,
    (first_day, last_day): (NaiveDate, NaiveDate),
    but: Option<AccountAssignmentId>,
) -> Result<Option<Model>> {
    let open = Condition::any().add(Column::EndsOn.is_null()).add(Column::EndsOn.gt(first_day));
    let rows = visible(tx)
        .filter(Column::AccountId.eq(new.account_id))
        .filter(Column::RoleId.eq(new.role_id))
        .filter(Column::State.ne(AssignmentState::Future))
        .filter(Column::StartsOn.lt(last_day))
        .filter(open)
        .filter(Condition::all().add_option(but.map(|id| Column::Id.ne(id))));
    let rows = rows.all(&tx.db).await?;
    Ok(rows.into_iter().find(|row| row.ends_on.is_none_or(|end| end >= row.starts_on)))
}
