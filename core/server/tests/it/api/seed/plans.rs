//! What people make of the account, and what they mean to do about it.

use jornada_domain::id::AccountId;
use jornada_domain::plans::goal::{self, NewGoal};
use jornada_domain::plans::milestone::{self, NewMilestone};
use jornada_domain::plans::pulse::{self, NewPulse, Scores};
use jornada_domain::plans::success_plan::{self, Words};
use jornada_domain::{Result, Tx};

/// One of each.
pub(super) async fn of_account(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let scores = Scores { emotion: Some(3), ..Default::default() };
    pulse::record(tx, NewPulse { account_id, scores, note: None, felt_at: None }).await?;
    let plan = success_plan::create(tx, account_id, Words::default()).await?;
    let new = NewGoal {
        plan_id: plan.id,
        outcome: "An outcome".to_owned(),
        metric_id: None,
        start_value: None,
        current_value: None,
        target_value: None,
        due_on: None,
    };
    let goal = goal::create(tx, new).await?;
    let new = NewMilestone {
        plan_id: plan.id,
        goal_id: Some(goal.id),
        title: "A milestone".to_owned(),
        note: None,
        due_on: None,
    };
    milestone::create(tx, new).await?;
    Ok(())
}
