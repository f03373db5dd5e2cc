//! The past of an account, told in the order in which it happened: what customers said, what was
//! measured, and which tasks were done when.

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use jornada_domain::Tx;
use jornada_domain::calendar::Calendar;
use jornada_domain::id::{AccountId, ContactId, JourneyId};
use jornada_domain::interactions::{self, NewInteraction};
use jornada_domain::journeys::signals::{self, NewResponse};
use jornada_domain::journeys::status::{churn_account, pause_account};
use jornada_domain::journeys::work::{Completion, Talk, complete, wait_on};
use jornada_domain::metrics::point::{NewPoint, Subject};
use jornada_domain::page::{MAX_PAGE, PageArgs};
use jornada_domain::tasks::task::{self, TaskFilter, TaskOrder, TaskQuery};
use jornada_domain::tasks::{TaskStatus, WaitingOn, kind};

use super::ground::Ground;
use super::story::{AccountStory, EndStory, InteractionStory, JourneyStory, ResponseStory};

/// The metric of the weekly numbers of active users.
const ACTIVE_USERS: &str = "usuarios-ativos";

/// An account that gets its past.
pub(super) struct History<'h, 't> {
    pub(super) tx: &'h Tx<'t>,
    pub(super) ground: &'h Ground,
    pub(super) account: &'h AccountStory,
    pub(super) id: AccountId,
    /// Its journeys, the primary one first.
    pub(super) journeys: Vec<(JourneyId, &'h JourneyStory)>,
    /// Who talks to us.
    pub(super) contact: Option<ContactId>,
    pub(super) today: NaiveDate,
    pub(super) calendar: &'h Calendar,
}

/// What arrived, whatever the journey does.
enum Signal<'s> {
    Interaction(&'s InteractionStory),
    Response(&'s ResponseStory),
    ActiveUsers(f64),
}

impl History<'_, '_> {
    /// Tells everything up to today.
    pub(super) async fn tell(&self) -> Result<()> {
        let mut signals = self.signals().into_iter().peekable();
        for (id, journey) in &self.journeys {
            for number in 1..=journey.tasks_done {
                let Some(task) = self.next_task(*id).await? else { break };
                let day = self.day_of(journey, number);
                let at = self.moment(day, number).max(task.opened_at.unwrap_or(self.tx.now));
                while let Some((day, signal)) =
                    signals.next_if(|(day, _)| self.moment(*day, 0) < at)
                {
                    self.record(day, signal).await?;
                }
                self.finish(journey, &task, at, number).await?;
            }
        }
        for (day, signal) in signals {
            self.record(day, signal).await?;
        }
        self.end().await
    }

    /// How things stand today.
    async fn end(&self) -> Result<()> {
        for (id, journey) in &self.journeys {
            let Some(reason) = journey.waits_because.clone() else { continue };
            let Some(task) = self.next_task(*id).await? else { continue };
            wait_on(self.tx, task.id, Some((WaitingOn::Customer, reason))).await?;
        }
        match &self.account.end {
            None => {}
            Some(EndStory::Paused(why)) => drop(pause_account(self.tx, self.id, None, why).await?),
            Some(EndStory::Churned(why)) => {
                churn_account(self.tx, self.id, None, why).await?;
            }
        }
        Ok(())
    }

    fn signals(&self) -> Vec<(NaiveDate, Signal<'_>)> {
        let account = self.account;
        let ago = |days: u64| self.today - Days::new(days);
        let talks = account.interactions.iter();
        let talks = talks.map(|talk| (ago(talk.days_ago), Signal::Interaction(talk)));
        let answers = account.responses.iter();
        let answers = answers.map(|answer| (ago(answer.days_ago), Signal::Response(answer)));
        let weeks = (0..).zip(account.active_users.iter().rev());
        let weeks = weeks.map(|(weeks, users)| (ago(7 * weeks), Signal::ActiveUsers(*users)));
        let mut signals: Vec<_> = talks.chain(answers).chain(weeks).collect();
        signals.sort_by_key(|(day, _)| *day);
        signals
    }

    /// The day on which a task of a journey was done, counted from 1.
    fn day_of(&self, journey: &JourneyStory, number: u64) -> NaiveDate {
        let span = journey.started_days_ago.saturating_sub(journey.last_done_days_ago);
        let passed = span * number / journey.tasks_done.max(1);
        self.today - Days::new(journey.started_days_ago - passed)
    }

    /// A time of a working day, but not one that is still to come.
    fn moment(&self, day: NaiveDate, number: u64) -> DateTime<Utc> {
        const NINE_O_CLOCK: TimeDelta = TimeDelta::hours(9);
        let minutes = TimeDelta::minutes((number * 47 % 480).cast_signed());
        (self.calendar.start_of(day) + NINE_O_CLOCK + minutes).min(self.tx.now)
    }

    /// The open task of a journey that comes first in its stage.
    async fn next_task(&self, journey: JourneyId) -> Result<Option<task::Model>> {
        let filter = TaskFilter {
            journey: Some(vec![journey].into()),
            statuses: Some(vec![TaskStatus::Open]),
            ..Default::default()
        };
        let query = TaskQuery { filter, order: TaskOrder::Position, is_descending: false };
        let open = task::list(self.tx, &query, &PageArgs::first(MAX_PAGE)).await?.into_rows();
        Ok(open.into_iter().min_by_key(|task| (task.position, !task.required)))
    }

    async fn finish(
        &self,
        journey: &JourneyStory,
        task: &task::Model,
        at: DateTime<Utc>,
        number: u64,
    ) -> Result<()> {
        let mood = usize::try_from(number)? % journey.sentiments.len().max(1);
        let talk = (task.type_key == kind::INTERACTION).then(|| Talk {
            channel: None,
            subject: None,
            notes: None,
            sentiment: journey.sentiments.get(mood).copied(),
            contact_id: self.contact,
        });
        let value = journey.observed.filter(|_| task.type_key == kind::INDICATOR);
        let done = Completion {
            task_id: task.id,
            expected_version: None,
            finished_at: Some(at),
            interaction: talk,
            value,
            answer: None,
            outcome: None,
        };
        complete(self.tx, done).await?;
        Ok(())
    }

    async fn record(&self, day: NaiveDate, signal: Signal<'_>) -> Result<()> {
        let at = self.moment(day, 0);
        match signal {
            Signal::Interaction(talk) => {
                let new = NewInteraction {
                    account_id: self.id,
                    task_id: None,
                    user_id: None,
                    contact_id: self.contact,
                    channel: talk.channel,
                    subject: talk.subject.clone(),
                    notes: Some(talk.notes.clone()),
                    sentiment: Some(talk.sentiment),
                    happened_at: Some(at),
                };
                interactions::create(self.tx, new).await?;
            }
            Signal::Response(answer) => {
                let new = NewResponse {
                    survey_id: Ground::id(&self.ground.surveys, &answer.survey)?,
                    account_id: self.id,
                    contact_id: self.contact,
                    task_id: None,
                    score: answer.score,
                    comment: answer.comment.clone(),
                    responded_at: Some(at),
                };
                signals::record_response(self.tx, new).await?;
            }
            Signal::ActiveUsers(users) => {
                let point = NewPoint {
                    metric_id: Ground::id(&self.ground.metrics, ACTIVE_USERS)?,
                    subject: Subject::Account(self.id),
                    period: day,
                    value: users,
                    recorded_at: Some(at),
                };
                signals::record_points(self.tx, vec![point]).await?;
            }
        }
        Ok(())
    }
}
