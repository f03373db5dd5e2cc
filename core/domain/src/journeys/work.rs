//! The verbs on tasks: completing, skipping, reopening, and everything short of that.

use super::by_plugin::{self, Answered, Asked};
use super::engine::verdict::new_evaluation;
use super::evaluation::{self, Verdict};
use super::moving::checked_reason;
use super::run::{self, Loaded};
use super::{review, signals};
use crate::accounts::account;
use crate::auth::user;
use crate::channel::Channel;
use crate::feedback::{response, survey};
use crate::interactions::{self, NewInteraction, Sentiment};
use crate::prelude::*;
use crate::tasks::kind::{self, SurveyConfig};
use crate::tasks::task::Blocker;
use crate::tasks::{TaskConfig, TaskOrigin, TaskStatus, WaitingOn, task};

/// How a task was done.
#[derive(Clone, Debug)]
pub struct Completion {
    pub task_id: TaskId,
    pub expected_version: Option<i64>,
    /// When it was done; now if absent. Not before it opened, not in the future (rule 1).
    pub finished_at: Option<DateTime<Utc>>,
    /// For an interaction: what happened.
    pub interaction: Option<Talk>,
    /// For an indicator that a person evaluates: the value.
    pub value: Option<f64>,
    /// For a survey: what the customer answered, where the answer is at hand.
    pub answer: Option<Answer>,
    /// For a type of a plugin: what is said of it, as the plugin wants it.
    pub outcome: Option<Json>,
}

/// What came of completing a task.
#[derive(Clone, Debug)]
pub enum Completed {
    /// It is done.
    Done(Box<task::Model>),
    /// Nothing was changed: its plugin has to be asked first, with no transaction open.
    Asks(Box<Asked>),
}

/// What happened in an interaction task.
#[derive(Clone, Debug)]
pub struct Talk {
    pub channel: Option<Channel>,
    /// The title of the task if absent.
    pub subject: Option<String>,
    pub notes: Option<String>,
    pub sentiment: Option<Sentiment>,
    pub contact_id: Option<ContactId>,
}

/// What the customer answered to a survey task.
#[derive(Clone, Debug)]
pub struct Answer {
    pub score: i32,
    pub comment: Option<String>,
    pub contact_id: Option<ContactId>,
}

/// A task with the journey that it belongs to, under the journey's lock (rule 19).
pub(super) struct InHand {
    pub(super) task: task::Model,
    pub(super) loaded: Option<Loaded>,
}

pub(super) async fn take(tx: &Tx<'_>, id: TaskId, expected_version: Option<i64>) -> Result<InHand> {
    let mut task = task::find_in(tx, id, "taskId").await?;
    let loaded = match task.journey_id {
        None => None,
        Some(journey_id) => Some(run::load(tx, journey_id, "taskId").await?),
    };
    if let Some(loaded) = &loaded {
        let in_visit = loaded.run.tasks.iter().find(|row| row.id == id);
        task = match in_visit {
            Some(row) => row.clone(),
            None => task::find_in(tx, id, "taskId").await?,
        };
    }
    store::expect_version(&task, expected_version)?;
    Ok(InHand { task, loaded })
}

impl InHand {
    async fn require_running(&self, tx: &Tx<'_>) -> Result<()> {
        let status = match &self.loaded {
            Some(loaded) => loaded.account.status,
            None => account::find_in(tx, self.task.account_id, "taskId").await?.status,
        };
        match status.is_running() {
            true => Ok(()),
            false => Err(Problem::new("taskId", Code::AccountNotRunning).into()),
        }
    }

    fn require_open(&self) -> Result<()> {
        if self.task.may_be_tried_again() {
            return Ok(());
        }
        if let (Some(_), Some(reason)) = (self.task.blocked_by(), &self.task.blocked_reason) {
            let problem = Problem::new("taskId", Code::TaskBlocked);
            return Err(problem.with("reason", reason).into());
        }
        self.require_status(self.task.status == TaskStatus::Open)
    }

    fn require_status(&self, is_good: bool) -> Result<()> {
        if is_good {
            return Ok(());
        }
        let problem = Problem::new("taskId", Code::TaskNotOpen);
        Err(problem.with("status", self.task.status.to_value()).into())
    }

    /// Writes the changed task and lets its journey move.
    pub(super) async fn put(
        self,
        tx: &Tx<'_>,
        task: task::Model,
        evaluation: Option<evaluation::Model>,
        reason: Option<&str>,
    ) -> Result<task::Model> {
        let id = task.id;
        let Some(mut loaded) = self.loaded else {
            let fact = run::task_fact(Some(&self.task), &task).perhaps_because(reason);
            let row: task::ActiveModel = task.into();
            return store::update(tx, &self.task, row.reset_all(), fact).await;
        };
        loaded.run.evaluations.extend(evaluation);
        if let Some(row) = loaded.run.tasks.iter_mut().find(|row| row.id == id) {
            *row = task;
        }
        let run = loaded.settle_and_save(tx, reason).await?;
        let saved = run.tasks.into_iter().find(|row| row.id == id);
        saved.ok_or_else(|| Error::not_found("taskId", Kind::Task))
    }
}

/// Completes a task. An interaction is recorded, an indicator evaluated, an answer stored, and
/// the journey moves as far as it goes (rules 2 to 8 and 14), all in one transaction. One of a
/// plugin is refused: [`complete_with`] does it.
pub async fn complete(tx: &Tx<'_>, done: Completion) -> Result<task::Model> {
    match complete_with(tx, &done, None).await? {
        Completed::Done(task) => Ok(*task),
        Completed::Asks(asked) => Err(asked.unavailable("NOT_ASKED").into()),
    }
}

/// Completes a task, with what its plugin answered where it is of one. Where that is not there, or
/// is about a task or a plugin that has changed since, it says what to ask.
pub async fn complete_with(
    tx: &Tx<'_>,
    done: &Completion,
    answered: Option<&Answered>,
) -> Result<Completed> {
    tx.require(Area::Tasks, Access::Write)?;
    if let Some(answered) = answered {
        answered.lock_account(tx).await?;
    }
    let hand = take(tx, done.task_id, done.expected_version).await?;
    hand.require_running(tx).await?;
    hand.require_open()?;
    review::require_decided(tx, &hand.task).await?;
    let finished_at = finishing_time(tx, &hand.task, done.finished_at)?;
    let config = TaskConfig::parse(&hand.task.type_key, &hand.task.config)?;
    check_parts(done, &config, &hand.task.type_key)?;
    let mut evaluation = None;
    match (&config, done) {
        (TaskConfig::Plugin, Completion { outcome: Some(outcome), .. }) => {
            return by_plugin::complete(tx, hand, (outcome, finished_at), answered).await;
        }
        (TaskConfig::Interaction(config), Completion { interaction: Some(talk), .. }) => {
            let channel = talk.channel.or(config.channel).unwrap_or(Channel::Other);
            record_talk(tx, &hand.task, talk, channel, finished_at).await?;
        }
        (TaskConfig::Survey(config), Completion { answer: Some(answer), .. }) => {
            let new = response_to(tx, &hand.task, config, answer, finished_at).await?;
            let recorded = signals::insert_response(tx, new).await;
            recorded.map_err(|error| error.under("answer"))?;
        }
        (TaskConfig::Indicator(_), Completion { value: Some(value), .. }) => {
            evaluation = evaluate(tx, &hand, Some(*value), finished_at, None);
        }
        _ => {}
    }
    let task = finished(tx, &hand.task, TaskStatus::Done, finished_at);
    Ok(Completed::Done(Box::new(hand.put(tx, task, evaluation, None).await?)))
}

/// Completes the survey task that waits for an answer, when the answer arrives by another way
/// (rule 14): the one that the answer names, else the oldest of the survey that was open by then.
/// A task that cannot be completed now, because its account is paused, is looked at again when the
/// account resumes.
pub(super) async fn complete_by_answer(tx: &Tx<'_>, answer: &response::Model) -> Result<bool> {
    let survey = survey::require(tx, answer.survey_id, "surveyId").await?;
    let open = Condition::all()
        .add(task::Column::AccountId.eq(answer.account_id))
        .add(task::Column::TypeKey.eq(kind::SURVEY))
        .add(task::Column::Status.eq(TaskStatus::Open));
    let waits = |task: &task::Model| match TaskConfig::parse(&task.type_key, &task.config) {
        Ok(TaskConfig::Survey(config)) => {
            let is_meant = match answer.task_id {
                Some(id) => id == task.id,
                None => task.opened_at.is_some_and(|opened_at| opened_at <= answer.responded_at),
            };
            let waits = config.done_when == kind::SurveyDone::Answered;
            is_meant && waits && survey.key == config.survey_key
        }
        _ => false,
    };
    let Some(found) = task::live(tx, open).await?.into_iter().find(waits) else {
        return Ok(false);
    };
    let hand = take(tx, found.id, None).await?;
    if hand.require_open().is_err() || hand.require_running(tx).await.is_err() {
        return Ok(false);
    }
    response::note_task(tx, answer, found.id).await?;
    let opened_at = hand.task.opened_at.unwrap_or(answer.responded_at);
    let finished_at = answer.responded_at.max(opened_at);
    let task = finished(tx, &hand.task, TaskStatus::Done, finished_at);
    hand.put(tx, task, None, None).await?;
    Ok(true)
}

/// Which parts a completion needs, and which make no sense for its kind.
fn check_parts(done: &Completion, config: &TaskConfig, type_key: &str) -> Result<()> {
    let is_talk = matches!(config, TaskConfig::Interaction(_));
    let is_survey = matches!(config, TaskConfig::Survey(_));
    let is_indicator = matches!(config, TaskConfig::Indicator(_));
    let is_of_plugin = matches!(config, TaskConfig::Plugin);
    let waits_for_answer = matches!(
        config,
        TaskConfig::Survey(SurveyConfig { done_when: kind::SurveyDone::Answered, .. })
    );
    let mut checks = Checks::new();
    let parts = [
        ("interaction", done.interaction.is_some(), is_talk, is_talk),
        ("value", done.value.is_some(), is_indicator, is_indicator),
        ("answer", done.answer.is_some(), is_survey, waits_for_answer),
        ("outcome", done.outcome.is_some(), is_of_plugin, is_of_plugin),
    ];
    for (field, is_there, makes_sense, is_needed) in parts {
        checks.ensure(is_there || !is_needed, || Problem::new(field, Code::Required));
        checks.ensure(!is_there || makes_sense, || {
            Problem::new(field, Code::NotForType).with("type", type_key)
        });
    }
    checks.ensure(done.value.is_none_or(f64::is_finite), || {
        Problem::new("value", Code::BadFormat).with("form", "number")
    });
    checks.finish()
}

fn finishing_time(
    tx: &Tx<'_>,
    task: &task::Model,
    at: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>> {
    let Some(at) = at else { return Ok(tx.now) };
    if at > tx.now {
        return Err(Problem::new("finishedAt", Code::TooLate)
            .with("max", tx.now.to_rfc3339())
            .into());
    }
    match task.opened_at.filter(|opened_at| at < *opened_at) {
        Some(opened_at) => Err(Problem::new("finishedAt", Code::TooEarly)
            .with("min", opened_at.to_rfc3339())
            .into()),
        None => Ok(at),
    }
}

pub(super) fn finished(
    tx: &Tx<'_>,
    task: &task::Model,
    status: TaskStatus,
    at: DateTime<Utc>,
) -> task::Model {
    task::Model {
        status,
        finished_at: Some(at),
        finished_by_id: tx.actor.user_id,
        waiting_on: None,
        waiting_since: None,
        waiting_reason: None,
        blocked_reason: None,
        ..task.clone()
    }
}

async fn record_talk(
    tx: &Tx<'_>,
    task: &task::Model,
    talk: &Talk,
    channel: Channel,
    happened_at: DateTime<Utc>,
) -> Result<()> {
    let new = NewInteraction {
        account_id: task.account_id,
        task_id: Some(task.id),
        user_id: tx.actor.user_id,
        contact_id: talk.contact_id,
        channel,
        subject: talk.subject.clone().unwrap_or_else(|| task.title.clone()),
        notes: talk.notes.clone(),
        sentiment: talk.sentiment,
        happened_at: Some(happened_at),
    };
    let recorded = interactions::insert(tx, new).await;
    recorded.map(drop).map_err(|error| error.under("interaction"))
}

async fn response_to(
    tx: &Tx<'_>,
    task: &task::Model,
    config: &SurveyConfig,
    answer: &Answer,
    responded_at: DateTime<Utc>,
) -> Result<signals::NewResponse> {
    let survey = survey::in_use(tx, &[&config.survey_key]).await?.pop();
    let survey = survey.ok_or_else(|| Problem::new("taskId", Code::UnknownSurvey))?;
    Ok(signals::NewResponse {
        survey_id: survey.id,
        account_id: task.account_id,
        contact_id: answer.contact_id,
        task_id: Some(task.id),
        score: answer.score,
        comment: answer.comment.clone(),
        responded_at: Some(responded_at),
    })
}

/// The evaluation of a person's indicator: of its value, or waived where there is none.
fn evaluate(
    tx: &Tx<'_>,
    hand: &InHand,
    value: Option<f64>,
    at: DateTime<Utc>,
    reason: Option<&str>,
) -> Option<evaluation::Model> {
    let run = &hand.loaded.as_ref()?.run;
    let plan = &hand.loaded.as_ref()?.plan;
    let visit = run.visits.iter().find(|visit| Some(visit.id) == hand.task.visit_id)?;
    let key = hand.task.template_key.as_deref()?;
    let plan_of = plan.plan(key)?;
    let config = plan_of.indicator()?;
    let stage = plan.stage(&visit.stage_key)?;
    let is_carried = !stage.plans.iter().any(|plan| plan.row.key == key);
    let mut row = new_evaluation(tx.new_id(), visit, (plan_of, is_carried), config, tx.now);
    row.verdict = match value {
        None => Verdict::Waived,
        Some(value) if config.comparator.holds(value, config.target) => Verdict::Passed,
        Some(_) => Verdict::Failed,
    };
    row.task_id = Some(hand.task.id);
    row.evaluated_at = at;
    row.observed = value;
    row.observed_at = value.map(|_| at);
    row.reason = reason.map(str::to_owned);
    row.evaluated_by_id = tx.actor.user_id;
    Some(row)
}

/// Leaves an open task out, or one that is blocked or that a plugin has not opened yet, with a
/// reason; it counts as finished. An indicator is waived by it (rule 6).
pub async fn skip(tx: &Tx<'_>, id: TaskId, reason: &str) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let reason = checked_reason(reason)?;
    let hand = take(tx, id, None).await?;
    hand.require_running(tx).await?;
    let to_be_done = [TaskStatus::Open, TaskStatus::Blocked, TaskStatus::Preparing];
    hand.require_status(to_be_done.contains(&hand.task.status))?;
    review::require_decided(tx, &hand.task).await?;
    let evaluation = match hand.task.type_key == kind::INDICATOR {
        true => evaluate(tx, &hand, None, tx.now, Some(&reason)),
        false => None,
    };
    let task = finished(tx, &hand.task, TaskStatus::Skipped, tx.now);
    let task = task::Model { reason: Some(reason.clone()), ..task };
    hand.put(tx, task, evaluation, Some(&reason)).await
}

/// Opens a finished task again, within the current visit only. What it did already (an
/// interaction, an evaluation) is not undone (rule 13). The plugin of a task that it blocks is
/// asked anew.
pub async fn reopen(tx: &Tx<'_>, id: TaskId, reason: &str) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let reason = checked_reason(reason)?;
    let hand = take(tx, id, None).await?;
    hand.require_running(tx).await?;
    if hand.task.blocked_by() == Some(Blocker::Plugin) {
        by_plugin::require_served(tx, &hand.task).await?;
    } else if !hand.task.status.is_finished() {
        return Err(Problem::new("taskId", Code::TaskNotFinished).into());
    }
    if let Some(loaded) = &hand.loaded {
        let open = loaded.run.open_visit().map(|index| loaded.run.visits[index].id);
        if open.is_none() || open != hand.task.visit_id {
            return Err(Problem::new("taskId", Code::VisitEnded).into());
        }
    }
    let task = task::Model {
        status: hand.task.reopened_status(),
        finished_at: None,
        finished_by_id: None,
        reason: None,
        blocked_reason: None,
        ..hand.task.clone()
    };
    hand.put(tx, task, None, Some(&reason)).await
}

/// Gives a task to a user by hand: changes of roles leave it alone from now on (rule 11).
pub async fn assign(tx: &Tx<'_>, id: TaskId, user_id: Option<UserId>) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    if let Some(user_id) = user_id {
        user::active(tx, user_id, "assigneeId").await?;
    }
    let hand = take(tx, id, None).await?;
    hand.require_status(!hand.task.status.is_closed())?;
    let task = task::Model {
        assignee_user_id: user_id,
        assignee_contact_id: None,
        assigned_by_hand: true,
        ..hand.task.clone()
    };
    hand.put(tx, task, None, None).await
}

/// Moves the due date of an open task, with a reason; the original one stays (rule 1).
pub async fn reschedule(
    tx: &Tx<'_>,
    id: TaskId,
    due_on: Option<NaiveDate>,
    reason: &str,
) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let reason = checked_reason(reason)?;
    let hand = take(tx, id, None).await?;
    hand.require_running(tx).await?;
    hand.require_open()?;
    let opened_at = hand.task.opened_at.unwrap_or(tx.now);
    let opened_on = tx.calendar().await?.local_date(opened_at);
    if due_on.is_some_and(|date| date < opened_on) {
        return Err(Problem::new("dueOn", Code::TooEarly).with("min", opened_on).into());
    }
    let task = task::Model { due_on, reason: Some(reason.clone()), ..hand.task.clone() };
    hand.put(tx, task, None, Some(&reason)).await
}

/// Notes that an open task waits for somebody since today, or no longer does.
pub async fn wait_on(
    tx: &Tx<'_>,
    id: TaskId,
    waiting: Option<(WaitingOn, String)>,
) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let hand = take(tx, id, None).await?;
    hand.require_open()?;
    let mut task = hand.task.clone();
    (task.waiting_on, task.waiting_since, task.waiting_reason) = match waiting {
        None => (None, None, None),
        Some((whom, reason)) => {
            let mut checks = Checks::new();
            let reason = checks.prose("reason", &reason, 500);
            checks.finish()?;
            (Some(whom), Some(tx.today().await?), Some(reason))
        }
    };
    hand.put(tx, task, None, None).await
}

/// Calls off a task of its own, with a reason; a task of a journey is skipped instead.
pub async fn cancel(tx: &Tx<'_>, id: TaskId, reason: &str) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    let reason = checked_reason(reason)?;
    let hand = take(tx, id, None).await?;
    if hand.task.origin != TaskOrigin::AdHoc {
        return Err(Problem::new("taskId", Code::TaskOfJourney).into());
    }
    hand.require_open()?;
    review::require_decided(tx, &hand.task).await?;
    let task = finished(tx, &hand.task, TaskStatus::Cancelled, tx.now);
    let task = task::Model { reason: Some(reason.clone()), ..task };
    hand.put(tx, task, None, Some(&reason)).await
}
