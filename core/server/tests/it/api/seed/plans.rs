//! What people make of the account, and what they mean to do about it.

use jornada_domain::health::built_in::BuiltIn;
use jornada_domain::health::definition::{Definition, Scorer};
use jornada_domain::health::health_override::{self, NewOverride};
use jornada_domain::health::measure::Source;
use jornada_domain::health::model::{self, NewModel};
use jornada_domain::health::weighted::{Measure, Missing, Step, Weighted};
use jornada_domain::id::AccountId;
use jornada_domain::journeys::draft;
use jornada_domain::journeys::review::{self, NewDeferredItem};
use jornada_domain::journeys::risks::{self, NewRisk};
use jornada_domain::options::option;
use jornada_domain::plans::SignalSource;
use jornada_domain::plans::goal::{self, NewGoal};
use jornada_domain::plans::handoff::{self, ChecklistItem, HandoffKind, NewHandoff};
use jornada_domain::plans::milestone::{self, NewMilestone};
use jornada_domain::plans::opportunity::{self, NewOpportunity, OpportunityKind};
use jornada_domain::plans::pulse::{self, NewPulse, Scores};
use jornada_domain::plans::risk::Severity;
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
    signals(tx, account_id).await
}

async fn signals(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let (source, owner_id) = (SignalSource::Person, tx.actor.user_id);
    let new = NewRisk {
        account_id,
        source,
        title: "A risk".to_owned(),
        reason: None,
        severity: Severity::Low,
        owner_id,
        amount: None,
        opened_at: None,
    };
    risks::open(tx, new).await?;
    let new = NewOpportunity {
        account_id,
        source,
        kind: OpportunityKind::Upgrade,
        title: "An opportunity".to_owned(),
        reason: None,
        owner_id,
        amount: None,
        expected_on: None,
        opened_at: None,
    };
    opportunity::create(tx, new).await?;
    passed_on(tx, account_id).await
}

async fn passed_on(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let new = NewDeferredItem {
        account_id,
        journey_id: None,
        stage_key: None,
        title: "A deferred item".to_owned(),
        note: None,
    };
    review::defer(tx, new).await?;
    let roles = draft::account_roles(tx).await?;
    let new = NewHandoff {
        account_id,
        kind: HandoffKind::Other,
        from_user_id: None,
        from_team_id: None,
        to_user_id: tx.actor.user_id.expect("a user fills the workspace"),
        role_id: roles[option::CSM],
        checklist: vec![ChecklistItem { text: "A thing".to_owned(), done: false }],
        notes: None,
    };
    handoff::create(tx, new).await?;
    health(tx, account_id).await
}

async fn health(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let measure = Measure {
        key: "nps".to_owned(),
        title: None,
        weight: 1.0,
        source: Source::BuiltIn { name: BuiltIn::LastNps },
        scale: vec![Step { at: 0.0, points: 0.0 }, Step { at: 10.0, points: 100.0 }],
        is_stepped: false,
        words: Default::default(),
    };
    let (measures, missing) = (vec![measure], Missing::Neutral);
    let weighted = Weighted { measures, missing, minimum_known: 0.0 };
    let scorer = Scorer::Weighted(weighted);
    let definition = Definition { scorer, bands: Default::default(), trend_days: 30 };
    let name = "A model".to_owned();
    model::create(tx, NewModel { name, description: None, segment_id: None, definition }).await?;
    let reason = "A reason".to_owned();
    let new = NewOverride { account_id, value: 50.0, reason, expires_on: None };
    health_override::set(tx, new).await?;
    Ok(())
}
