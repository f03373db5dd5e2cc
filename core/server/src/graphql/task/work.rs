//! The verbs on tasks: completing, skipping, reopening, and everything short of that.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Code, Error, Problem, Result};
use jornada_domain::journeys::own_task::{self, NewTask};
use jornada_domain::journeys::work::{self, Answer, Completion, Talk};
use jornada_domain::tasks::kind;
use serde_json::Value as Json;

use super::{Task, WaitingOn};
use crate::graphql::channel::Channel;
use crate::graphql::id;
use crate::graphql::interaction::Sentiment;
use crate::graphql::reading::Reading;
use crate::graphql::request::{Call, payload, worked, write};
use crate::graphql::scalar::Date;
use crate::plugin;

#[derive(Default)]
pub(in crate::graphql) struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Writes down a task of its own, outside any journey.
    async fn task_create(
        &self,
        ctx: &Context<'_>,
        input: TaskCreateInput,
    ) -> Result<TaskCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(own_task::create(tx, new).await)
        })
        .await
    }

    /// Completes an open task. An interaction is recorded, an indicator evaluated, an answer
    /// stored, what the plugin of its type asks for is done, and the journey moves as far as it
    /// goes.
    async fn task_complete(
        &self,
        ctx: &Context<'_>,
        input: TaskCompleteInput,
    ) -> Result<TaskCompletePayload> {
        worked(ctx, async move |call: &Call| {
            let done = input.try_into()?;
            plugin::task::complete(call.app(), call.actor(), call.locale(), &done).await
        })
        .await
    }

    /// Leaves an open task out; it counts as finished. An indicator is waived by it.
    async fn task_skip(&self, ctx: &Context<'_>, input: TaskSkipInput) -> Result<TaskSkipPayload> {
        write(ctx, async |tx| {
            work::skip(tx, id::parse("taskId", &input.task_id)?, &input.reason).await
        })
        .await
    }

    /// Opens a finished task again, within the current visit only. What it did already is not
    /// undone. The plugin of a task that it blocks is asked anew.
    async fn task_reopen(
        &self,
        ctx: &Context<'_>,
        input: TaskReopenInput,
    ) -> Result<TaskReopenPayload> {
        write(ctx, async |tx| {
            work::reopen(tx, id::parse("taskId", &input.task_id)?, &input.reason).await
        })
        .await
    }

    /// Gives a task to a user by hand: changes of roles leave it alone from now on.
    async fn task_assign(
        &self,
        ctx: &Context<'_>,
        input: TaskAssignInput,
    ) -> Result<TaskAssignPayload> {
        write(ctx, async |tx| {
            let task_id = id::parse("taskId", &input.task_id)?;
            let assignee_id = id::parse_some("assigneeId", input.assignee_id.as_ref())?;
            work::assign(tx, task_id, assignee_id).await
        })
        .await
    }

    /// Moves the due date of an open task; the original one stays.
    async fn task_reschedule(
        &self,
        ctx: &Context<'_>,
        input: TaskRescheduleInput,
    ) -> Result<TaskReschedulePayload> {
        write(ctx, async |tx| {
            let task_id = id::parse("taskId", &input.task_id)?;
            let due_on = input.due_on.map(Into::into);
            work::reschedule(tx, task_id, due_on, &input.reason).await
        })
        .await
    }

    /// Notes that an open task waits for somebody since today, or no longer does.
    async fn task_wait_on(
        &self,
        ctx: &Context<'_>,
        input: TaskWaitOnInput,
    ) -> Result<TaskWaitOnPayload> {
        write(ctx, async move |tx| {
            let task_id = id::parse("taskId", &input.task_id)?;
            let waiting = match (input.waiting_on, input.reason) {
                (None, None) => None,
                (Some(whom), reason) => Some((whom.into(), reason.unwrap_or_default())),
                (None, Some(_)) => {
                    let problem = Problem::new("reason", Code::Contradiction);
                    return Err(problem.with("with", "waitingOn").into());
                }
            };
            work::wait_on(tx, task_id, waiting).await
        })
        .await
    }

    /// Calls off an open task of its own; one of a journey is skipped instead.
    async fn task_cancel(
        &self,
        ctx: &Context<'_>,
        input: TaskCancelInput,
    ) -> Result<TaskCancelPayload> {
        write(ctx, async |tx| {
            work::cancel(tx, id::parse("taskId", &input.task_id)?, &input.reason).await
        })
        .await
    }
}

/// A task to be written down.
#[derive(InputObject)]
pub(super) struct TaskCreateInput {
    /// The account, which must not be churned.
    account_id: ID,
    /// What is to be done: 1 to 200 characters.
    title: String,
    /// How it is done: up to 4,000 characters.
    description: Option<String>,
    /// `core.standard` or `core.interaction`; indicators and surveys exist only in templates.
    #[graphql(default_with = "kind::STANDARD.to_owned()")]
    type_key: String,
    /// Until when it is to be done.
    due_on: Option<Date>,
    /// How long it takes, in minutes: 1 to 12,000.
    effort_minutes: Option<i32>,
    /// The user who is to do it; who asks unless said.
    assignee_id: Option<ID>,
    /// The risk of the account whose action plan it is part of.
    risk_id: Option<ID>,
    /// The opportunity of the account whose action plan it is part of; excludes `riskId`.
    opportunity_id: Option<ID>,
}

impl TaskCreateInput {
    fn read(self, reading: &mut Reading) -> NewTask {
        let TaskCreateInput {
            account_id,
            title,
            description,
            type_key,
            due_on,
            effort_minutes,
            assignee_id,
            risk_id,
            opportunity_id,
        } = self;
        NewTask {
            account_id: reading.id("accountId", &account_id),
            title,
            description,
            type_key,
            due_on: due_on.map(Into::into),
            effort_minutes,
            assignee_id: reading.some("assigneeId", assignee_id.as_ref()),
            risk_id: reading.some("riskId", risk_id.as_ref()),
            opportunity_id: reading.some("opportunityId", opportunity_id.as_ref()),
        }
    }
}

/// How a task was done.
#[derive(InputObject)]
pub(super) struct TaskCompleteInput {
    /// The task, which must be open.
    task_id: ID,
    expected_version: Option<i64>,
    /// When it was done: not before it opened, not in the future; now unless said.
    finished_at: Option<DateTime<Utc>>,
    /// What happened; needed for an interaction, and only there.
    interaction: Option<TaskInteractionInput>,
    /// The value of an indicator; needed there, and only there.
    value: Option<f64>,
    /// What the customer answered; only for a survey, and needed where the task is done when it is
    /// answered.
    answer: Option<TaskAnswerInput>,
    /// What doing it brought, as `outcomeSchema` of the type describes it; needed for the type of a
    /// plugin, and only there.
    outcome: Option<Json>,
}

/// What happened in an interaction task.
#[derive(InputObject)]
pub(super) struct TaskInteractionInput {
    /// How they met; as the template says, or else `OTHER`, unless said.
    channel: Option<Channel>,
    /// What it was about: 1 to 200 characters; the title of the task unless said.
    subject: Option<String>,
    /// What was said: up to 20,000 characters.
    notes: Option<String>,
    /// How the customer felt.
    sentiment: Option<Sentiment>,
    /// Who had it on their side.
    contact_id: Option<ID>,
}

/// What a customer answered to a survey task.
#[derive(InputObject)]
pub(super) struct TaskAnswerInput {
    /// The answer, within the range of the method of the survey.
    score: i32,
    /// What they said beside: up to 4,000 characters.
    comment: Option<String>,
    /// Who answered.
    contact_id: Option<ID>,
}

impl TryFrom<TaskCompleteInput> for Completion {
    type Error = Error;

    fn try_from(input: TaskCompleteInput) -> Result<Self> {
        let TaskCompleteInput {
            task_id,
            expected_version,
            finished_at,
            interaction,
            value,
            answer,
            outcome,
        } = input;
        Ok(Self {
            task_id: id::parse("taskId", &task_id)?,
            expected_version,
            finished_at,
            interaction: interaction.map(Talk::try_from).transpose()?,
            value,
            answer: answer.map(Answer::try_from).transpose()?,
            outcome,
        })
    }
}

impl TryFrom<TaskInteractionInput> for Talk {
    type Error = Error;

    fn try_from(input: TaskInteractionInput) -> Result<Self> {
        let TaskInteractionInput { channel, subject, notes, sentiment, contact_id } = input;
        let contact_id = id::parse_some("interaction.contactId", contact_id.as_ref())?;
        let (channel, sentiment) = (channel.map(Into::into), sentiment.map(Into::into));
        Ok(Self { channel, subject, notes, sentiment, contact_id })
    }
}

impl TryFrom<TaskAnswerInput> for Answer {
    type Error = Error;

    fn try_from(input: TaskAnswerInput) -> Result<Self> {
        let TaskAnswerInput { score, comment, contact_id } = input;
        let contact_id = id::parse_some("answer.contactId", contact_id.as_ref())?;
        Ok(Self { score, comment, contact_id })
    }
}

/// A task to be left out.
#[derive(InputObject)]
pub(super) struct TaskSkipInput {
    /// The task, which must be to be done: open, blocked, or being prepared.
    task_id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// A task to be opened again.
#[derive(InputObject)]
pub(super) struct TaskReopenInput {
    /// The task, which must be done, skipped, or blocked by its plugin.
    task_id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// Who is to do a task.
#[derive(InputObject)]
pub(super) struct TaskAssignInput {
    /// The task, which must not be finished.
    task_id: ID,
    /// The user, who must be active; null for nobody.
    assignee_id: Option<ID>,
}

/// Until when a task is to be done.
#[derive(InputObject)]
pub(super) struct TaskRescheduleInput {
    /// The task, which must be open.
    task_id: ID,
    /// The day, not before the one on which it opened; null for no due date.
    due_on: Option<Date>,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// Whom a task waits for.
#[derive(InputObject)]
pub(super) struct TaskWaitOnInput {
    /// The task, which must be open.
    task_id: ID,
    /// Whom; null for nobody any more.
    waiting_on: Option<WaitingOn>,
    /// What for: 1 to 500 characters; only where it waits for somebody.
    reason: Option<String>,
}

/// A task to be called off.
#[derive(InputObject)]
pub(super) struct TaskCancelInput {
    /// The task, which must be open.
    task_id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

payload! {
    /// What came of writing down a task.
    TaskCreatePayload {
        /// The task.
        task: Task,
    }
}

payload! {
    /// What came of completing a task.
    TaskCompletePayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of leaving a task out.
    TaskSkipPayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of opening a task again.
    TaskReopenPayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of giving a task to somebody.
    TaskAssignPayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of moving a due date.
    TaskReschedulePayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of noting that a task waits.
    TaskWaitOnPayload {
        /// The task as it is now.
        task: Task,
    }
}

payload! {
    /// What came of calling a task off.
    TaskCancelPayload {
        /// The task as it is now.
        task: Task,
    }
}
