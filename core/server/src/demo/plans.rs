//! What people make of the accounts of the portfolio, and what they mean to do about it.

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, Utc};
use jornada_domain::Tx;
use jornada_domain::calendar::Calendar;
use jornada_domain::id::{AccountId, RiskId, SuccessPlanId};
use jornada_domain::journeys::own_task::{self, NewTask};
use jornada_domain::journeys::review::{self, NewDeferredItem};
use jornada_domain::journeys::risks::{self, NewRisk};
use jornada_domain::money::Money;
use jornada_domain::plans::SignalSource;
use jornada_domain::plans::goal::{self, NewGoal};
use jornada_domain::plans::milestone::{self, NewMilestone};
use jornada_domain::plans::opportunity::{self, NewOpportunity, OpportunityKind};
use jornada_domain::plans::pulse::{self, NewPulse, Scores};
use jornada_domain::plans::risk::Severity;
use jornada_domain::plans::success_plan::{self, Words};
use jornada_domain::tasks::kind;
use serde::Deserialize;

use super::ground::Ground;
use super::story::word;

/// What is told of one account.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct PlansStory {
    pulses: Vec<PulseStory>,
    success: Option<SuccessStory>,
    risks: Vec<RiskStory>,
    opportunities: Vec<OpportunityStory>,
    /// What was left out of the implementation.
    deferred: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PulseStory {
    days_ago: u64,
    emotion: Option<i32>,
    satisfaction: Option<i32>,
    trust: Option<i32>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SuccessStory {
    pains: String,
    purchase_reason: String,
    success_criteria: String,
    value_measure: String,
    goals: Vec<GoalStory>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GoalStory {
    outcome: String,
    /// The key of a metric.
    metric: Option<String>,
    start: f64,
    current: Option<f64>,
    target: f64,
    due_in_days: u64,
    milestones: Vec<MilestoneStory>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MilestoneStory {
    title: String,
    reached_days_ago: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RiskStory {
    days_ago: u64,
    #[serde(deserialize_with = "word")]
    source: SignalSource,
    #[serde(deserialize_with = "word")]
    severity: Severity,
    title: String,
    reason: String,
    at_stake_minor: i64,
    /// The tasks of its action plan.
    actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpportunityStory {
    days_ago: u64,
    #[serde(deserialize_with = "word")]
    kind: OpportunityKind,
    title: String,
    amount_minor: i64,
    expected_in_days: u64,
}

/// An account of which plans are told.
pub(super) struct Plans<'p, 't> {
    pub(super) tx: &'p Tx<'t>,
    pub(super) ground: &'p Ground,
    pub(super) id: AccountId,
    pub(super) today: NaiveDate,
    pub(super) calendar: &'p Calendar,
}

/// How long the tasks of an action plan may take.
const ACTION_DAYS: u64 = 7;

impl Plans<'_, '_> {
    /// Tells everything.
    pub(super) async fn tell(&self, story: &PlansStory) -> Result<()> {
        for felt in &story.pulses {
            let PulseStory { days_ago, emotion, satisfaction, trust, note } = felt;
            let new = NewPulse {
                account_id: self.id,
                scores: Scores { emotion: *emotion, satisfaction: *satisfaction, trust: *trust },
                note: note.clone(),
                felt_at: Some(self.moment(*days_ago)),
            };
            pulse::record(self.tx, new).await?;
        }
        if let Some(success) = &story.success {
            self.plan(success).await?;
        }
        for seen in &story.risks {
            self.risk(seen).await?;
        }
        for seen in &story.opportunities {
            self.opportunity(seen).await?;
        }
        for title in &story.deferred {
            let new = NewDeferredItem {
                account_id: self.id,
                journey_id: None,
                stage_key: None,
                title: title.clone(),
                note: None,
            };
            review::defer(self.tx, new).await?;
        }
        Ok(())
    }

    async fn plan(&self, story: &SuccessStory) -> Result<()> {
        let words = Words {
            pains: Some(story.pains.clone()),
            purchase_reason: Some(story.purchase_reason.clone()),
            success_criteria: Some(story.success_criteria.clone()),
            value_measure: Some(story.value_measure.clone()),
        };
        let plan = success_plan::create(self.tx, self.id, words).await?;
        for goal in &story.goals {
            self.goal(plan.id, goal).await?;
        }
        Ok(())
    }

    async fn goal(&self, plan_id: SuccessPlanId, story: &GoalStory) -> Result<()> {
        let metric = story.metric.as_ref().map(|key| Ground::id(&self.ground.metrics, key));
        let new = NewGoal {
            plan_id,
            outcome: story.outcome.clone(),
            metric_id: metric.transpose()?,
            start_value: Some(story.start),
            current_value: story.current,
            target_value: Some(story.target),
            due_on: Some(self.today + Days::new(story.due_in_days)),
        };
        let goal = goal::create(self.tx, new).await?;
        for told in &story.milestones {
            let new = NewMilestone {
                plan_id,
                goal_id: Some(goal.id),
                title: told.title.clone(),
                note: None,
                due_on: goal.due_on,
            };
            let set = milestone::create(self.tx, new).await?;
            if let Some(days) = told.reached_days_ago {
                milestone::reach(self.tx, set.id, Some(self.today - Days::new(days))).await?;
            }
        }
        Ok(())
    }

    async fn risk(&self, story: &RiskStory) -> Result<()> {
        let new = NewRisk {
            account_id: self.id,
            source: story.source,
            title: story.title.clone(),
            reason: Some(story.reason.clone()),
            severity: story.severity,
            owner_id: self.tx.actor.user_id,
            amount: Some(reais(story.at_stake_minor)),
            opened_at: Some(self.moment(story.days_ago)),
        };
        let risk = risks::open(self.tx, new).await?;
        for title in &story.actions {
            self.act(risk.id, title).await?;
        }
        Ok(())
    }

    async fn act(&self, risk_id: RiskId, title: &str) -> Result<()> {
        let new = NewTask {
            account_id: self.id,
            title: title.to_owned(),
            description: None,
            type_key: kind::STANDARD.to_owned(),
            due_on: Some(self.today + Days::new(ACTION_DAYS)),
            effort_minutes: None,
            assignee_id: None,
            risk_id: Some(risk_id),
            opportunity_id: None,
        };
        own_task::create(self.tx, new).await?;
        Ok(())
    }

    async fn opportunity(&self, story: &OpportunityStory) -> Result<()> {
        let new = NewOpportunity {
            account_id: self.id,
            source: SignalSource::Person,
            kind: story.kind,
            title: story.title.clone(),
            reason: None,
            owner_id: self.tx.actor.user_id,
            amount: Some(reais(story.amount_minor)),
            expected_on: Some(self.today + Days::new(story.expected_in_days)),
            opened_at: Some(self.moment(story.days_ago)),
        };
        opportunity::create(self.tx, new).await?;
        Ok(())
    }

    /// The beginning of a day, or now.
    fn moment(&self, days_ago: u64) -> DateTime<Utc> {
        self.calendar.start_of(self.today - Days::new(days_ago)).min(self.tx.now)
    }
}

fn reais(amount_minor: i64) -> Money {
    Money { amount_minor, currency: "BRL".to_owned() }
}
