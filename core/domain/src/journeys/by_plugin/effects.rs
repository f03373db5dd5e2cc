//! What plugins ask for, done by the verbs of whatever it is about: whoever acts needs the right to
//! each of them, and the plugin the grant.

use super::super::engine::verdict::latest_recorded;
use super::super::evaluation::{self, Verdict};
use super::super::own_task::{self, FollowUp};
use super::super::work::InHand;
use super::super::{alert, signals};
use crate::accounts::account::{self, AccountPatch};
use crate::attributes::definition::{self, AttributeType};
use crate::attributes::{AttributeInput, Typed};
use crate::calendar::plus;
use crate::channel::Channel;
use crate::interactions::{self, NewInteraction, Sentiment};
use crate::metrics::metric;
use crate::metrics::point::{NewPoint, Subject};
use crate::options::option;
use crate::plans::goal::{self, NewGoal};
use crate::plans::milestone::{self, NewMilestone};
use crate::plans::success_plan::{self, Words};
use crate::plugins::operation::{
    CreateGoal, CreateInteraction, CreateMilestone, CreateTask, Operation, RecordMetric,
    SetAttribute,
};
use crate::plugins::plugin;
use crate::prelude::*;
use crate::refs;
use crate::subject::SubjectKind;
use crate::tasks::{Comparator, Source, task};

/// A wish about the stage of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Back to the stage before, instead of the same one again.
    is_return: bool,
    reason: String,
}

/// Does all that a plugin asks for about a task, or nothing of it where one part is refused: then
/// the transaction is to be dropped. Gives back what it wishes of the stage: to return is more than
/// to repeat.
pub(super) async fn apply(
    tx: &Tx<'_>,
    task: &task::Model,
    plugin: &plugin::Model,
    operations: &[Operation],
) -> Result<Option<Wish>> {
    let grants = plugin.grants();
    let refused = operations.iter().enumerate().find(|(_, one)| !grants.contains(one.kind()));
    if let Some((place, operation)) = refused {
        let problem = Problem::new(format!("operations.{place}"), Code::NotGranted);
        let problem = problem.with("plugin", &plugin.key).with("operation", operation.kind());
        return Err(problem.into());
    }
    let mut wish: Option<Wish> = None;
    for (place, operation) in operations.iter().enumerate() {
        let done = one(tx, task, operation).await;
        let wished = done.map_err(|error| error.under(&format!("operations.{place}")))?;
        if wished.as_ref().is_some_and(|new| wish.is_none() || new.is_return) {
            wish = wished;
        }
    }
    Ok(wish)
}

async fn one(tx: &Tx<'_>, task: &task::Model, operation: &Operation) -> Result<Option<Wish>> {
    let account_id = task.account_id;
    match operation {
        Operation::CreateGoal(goal) => create_goal(tx, account_id, goal).await?,
        Operation::CreateInteraction(talk) => create_interaction(tx, task, talk).await?,
        Operation::CreateMilestone(new) => create_milestone(tx, account_id, new).await?,
        Operation::CreateTask(new) => create_task(tx, account_id, new).await?,
        Operation::Notify(notify) => alert::notice(tx, task, &notify.message).await?,
        Operation::ReachMilestone(reach) => {
            refs::require_of(tx, account_id, reach.milestone_id, "milestoneId").await?;
            milestone::reach(tx, reach.milestone_id, None).await?;
        }
        Operation::RecordMetric(measured) => record_metric(tx, account_id, measured).await?,
        Operation::SetAttribute(given) => set_attribute(tx, account_id, given).await?,
        Operation::RepeatStage(wish) => {
            return Ok(Some(Wish { is_return: false, reason: wish.reason.clone() }));
        }
        Operation::ReturnStage(wish) => {
            return Ok(Some(Wish { is_return: true, reason: wish.reason.clone() }));
        }
    }
    Ok(None)
}

async fn create_interaction(
    tx: &Tx<'_>,
    task: &task::Model,
    talk: &CreateInteraction,
) -> Result<()> {
    use Sentiment::{Negative, Neutral, Positive, VeryNegative, VeryPositive};
    let moods = [VeryNegative, Negative, Neutral, Positive, VeryPositive];
    let mood = |at: u8| moods.get(usize::from(at).checked_sub(1)?).copied();
    let new = NewInteraction {
        account_id: task.account_id,
        task_id: Some(task.id),
        user_id: tx.actor.user_id,
        contact_id: talk.contact_id,
        channel: talk.channel.unwrap_or(Channel::Other),
        subject: talk.subject.clone(),
        notes: talk.notes.clone(),
        sentiment: talk.sentiment.and_then(mood),
        happened_at: None,
    };
    interactions::create(tx, new).await.map(drop)
}

async fn create_task(tx: &Tx<'_>, account_id: AccountId, new: &CreateTask) -> Result<()> {
    let today = tx.today().await?;
    let follow_up = FollowUp {
        account_id,
        title: new.title.clone(),
        description: new.description.clone(),
        due_on: new.due_in_days.map(|days| plus(today, days.into())),
        contact_id: new.contact_id,
    };
    own_task::follow_up(tx, follow_up).await.map(drop)
}

/// The success plan of the account, which is made if there is none.
async fn plan_of(tx: &Tx<'_>, account_id: AccountId) -> Result<SuccessPlanId> {
    match success_plan::of_accounts(tx, &[account_id]).await?.pop() {
        Some(plan) => Ok(plan.id),
        None => Ok(success_plan::create(tx, account_id, Words::default()).await?.id),
    }
}

/// The metric with this key, which has to be in use.
async fn metric_of(tx: &Tx<'_>, key: &str) -> Result<MetricId> {
    let metric = metric::in_use(tx, &[key]).await?.pop();
    let unknown = || Problem::new("metric", Code::UnknownMetric).with("key", key);
    Ok(metric.ok_or_else(unknown)?.id)
}

async fn create_goal(tx: &Tx<'_>, account_id: AccountId, new: &CreateGoal) -> Result<()> {
    let metric_id = match &new.metric {
        Some(key) => Some(metric_of(tx, key).await?),
        None => None,
    };
    let new = NewGoal {
        plan_id: plan_of(tx, account_id).await?,
        outcome: new.title.clone(),
        metric_id,
        start_value: new.start,
        current_value: None,
        target_value: new.target,
        due_on: new.due_on,
    };
    goal::create(tx, new).await.map(drop).map_err(|error| error.renamed("outcome", "title"))
}

async fn create_milestone(tx: &Tx<'_>, account_id: AccountId, new: &CreateMilestone) -> Result<()> {
    let new = NewMilestone {
        plan_id: plan_of(tx, account_id).await?,
        goal_id: None,
        title: new.title.clone(),
        note: None,
        due_on: new.due_on,
    };
    milestone::create(tx, new).await.map(drop)
}

async fn record_metric(tx: &Tx<'_>, account_id: AccountId, measured: &RecordMetric) -> Result<()> {
    let point = NewPoint {
        metric_id: metric_of(tx, &measured.metric).await?,
        subject: Subject::Account(account_id),
        period: tx.today().await?,
        value: measured.value,
        recorded_at: None,
    };
    signals::record_points(tx, vec![point]).await.map(drop)
}

async fn set_attribute(tx: &Tx<'_>, account_id: AccountId, given: &SetAttribute) -> Result<()> {
    let key = given.key.as_str();
    let found = definition::in_use(tx, SubjectKind::Account, [key]).await?.pop();
    let unknown = || Problem::new("key", Code::UnknownAttribute).with("key", key);
    let definition = found.ok_or_else(unknown)?;
    let value = match given.value.is_null() {
        true => None,
        false => Some(typed(tx, &definition, &given.value).await?),
    };
    let attributes = vec![AttributeInput { key: key.to_owned(), value }];
    let patch = AccountPatch { attributes, ..Default::default() };
    account::update(tx, account_id, patch).await.map(drop)
}

/// A value as the attribute has it.
async fn typed(tx: &Tx<'_>, of: &definition::Model, value: &Json) -> Result<Typed> {
    let text = value.as_str();
    let typed = match of.value_type {
        AttributeType::Text => text.map(|text| Typed::Text(text.to_owned())),
        AttributeType::Number => value.as_f64().map(Typed::Number),
        AttributeType::Boolean => value.as_bool().map(Typed::Boolean),
        AttributeType::Date => text.and_then(|day| day.parse().ok()).map(Typed::Date),
        AttributeType::Option => match (of.option_set_id, text) {
            (Some(set), Some(key)) => {
                option::of_set(tx, set, key).await?.map(|row| Typed::Option(row.id))
            }
            _ => None,
        },
        AttributeType::Money => None,
    };
    let wrong = || Problem::new("value", Code::WrongType).with("type", of.value_type.to_value());
    Ok(typed.ok_or_else(wrong)?)
}

/// A wish as an evaluation of the visit, which counts like an indicator that failed (rule 7). Where
/// a task is done anew and no longer wishes anything, what it wished before is over.
pub(super) fn evaluation(
    tx: &Tx<'_>,
    hand: &InHand,
    wish: Option<&Wish>,
    at: DateTime<Utc>,
) -> Option<evaluation::Model> {
    let run = &hand.loaded.as_ref()?.run;
    let task = &hand.task;
    let visit = run.visits.iter().find(|visit| Some(visit.id) == task.visit_id)?;
    let key = task.template_key.as_deref()?;
    let before = latest_recorded(run, visit, key).filter(|row| row.source == Source::Plugin);
    if wish.is_none() && before.is_none_or(|row| row.verdict == Verdict::Passed) {
        return None;
    }
    Some(evaluation::Model {
        workspace_id: tx.workspace_id(),
        id: tx.new_id(),
        version: 0,
        created_at: tx.now,
        updated_at: tx.now,
        account_id: task.account_id,
        journey_id: visit.journey_id,
        visit_id: visit.id,
        task_id: Some(task.id),
        indicator_key: key.to_owned(),
        name: task.title.clone(),
        source: Source::Plugin,
        comparator: Comparator::Eq,
        target: 1.0,
        carried: wish.is_some_and(|wish| wish.is_return),
        observed: Some(if wish.is_some() { 0.0 } else { 1.0 }),
        observed_at: Some(at),
        verdict: if wish.is_some() { Verdict::Failed } else { Verdict::Passed },
        reason: wish.map(|wish| wish.reason.clone()),
        evaluated_at: at,
        evaluated_by_id: tx.actor.user_id,
    })
}
