//! The diary of a sandbox: what happened with journeys, from the events that verbs leave, in an
//! order in which a reader finds causes before effects.

use std::collections::HashMap;

use chrono::NaiveDate;
use jornada_domain::accounts::account;
use jornada_domain::auth::user;
use jornada_domain::error::Problem;
use jornada_domain::event::{self, EventFilter};
use jornada_domain::filter::TextFilter;
use jornada_domain::id::{
    AccountId, IndicatorEvaluationId, JourneyId, JourneyTemplateVersionId, StageVisitId, TaskId,
    UserId,
};
use jornada_domain::journeys::{
    JourneyStatus, WaitingFor, evaluation, journey, stage_template, template, version, visit,
};
use jornada_domain::page::{Cursor, PageArgs};
use jornada_domain::tasks::task;
use jornada_domain::workspace::Locale;
use jornada_domain::{Cx, Result, outgoing};
use sea_orm::ActiveEnum;
use serde::Serialize;
use uuid::Uuid;

use crate::messages;

/// One line of the diary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// From 0, the day on which the play began.
    pub day: u32,
    /// The day in the time zone of the sandbox.
    pub date: NaiveDate,
    /// The account that it is about, where there is one.
    pub account: Option<String>,
    /// The type of the event: `stage_visit.opened`. What no event tells is `message.captured`,
    /// `task.refused` or `job.failed`.
    #[serde(rename = "type")]
    pub what: String,
    /// What happened, in words.
    pub text: String,
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let account = self.account.as_deref().unwrap_or("-");
        write!(f, "day {:3}  {}  {account}: {}", self.day, self.date, self.text)
    }
}

impl Entry {
    /// Jobs failed, and will be tried again.
    pub(super) fn failed_jobs(day: u32, date: NaiveDate, count: usize) -> Self {
        let text = format!("{count} jobs failed; the API lists them as `jobs`");
        Self { day, date, account: None, what: "job.failed".to_owned(), text }
    }

    /// The stand-in could not do a task.
    pub(super) fn refused(
        day: u32,
        date: NaiveDate,
        task: &task::Model,
        problems: &[Problem],
    ) -> Self {
        let say = |problem| messages::of_problem(Locale::En, problem);
        let why: Vec<_> = problems.iter().map(say).collect();
        let text = format!("cannot be done by a stand-in: {}. {}", task.title, why.join(" "));
        Self { day, date, account: None, what: "task.refused".to_owned(), text }
    }
}

/// The types of events that the diary tells, in the order in which it tells what one verb did.
const TOLD: [&str; 16] = [
    "account.created",
    "task.completed",
    "task.skipped",
    "indicator_evaluation.created",
    "stage_visit.ended",
    "journey.started",
    "journey.resumed",
    "stage_visit.opened",
    "journey.waiting",
    "journey.held",
    "journey.completed",
    "journey.cancelled",
    "task.reopened",
    "task.cancelled",
    "task.blocked",
    "task.opened",
];

/// How far the diary has been written; by default, nothing has.
#[derive(Default)]
pub(super) struct Diary {
    events: Option<Cursor>,
    messages: Option<Uuid>,
}

fn told() -> EventFilter {
    let types = TOLD.iter().map(|name| (*name).to_owned()).collect();
    let event_type = Some(TextFilter { one_of: Some(types), ..Default::default() });
    EventFilter { event_type, ..Default::default() }
}

impl Diary {
    /// A diary of what happens from now on.
    pub(super) async fn open(cx: &Cx<'_>) -> Result<Self> {
        let last = PageArgs { backward: true, ..PageArgs::first(1) };
        let events = event::list(cx, told(), &last).await?.rows.pop().map(|(cursor, _)| cursor);
        let messages = outgoing::list_captured(cx, &PageArgs::first(1)).await?;
        let messages = messages.into_rows().pop().map(|message| message.id);
        Ok(Self { events, messages })
    }

    /// What has happened since the last turn.
    pub(super) async fn turn(&mut self, cx: &Cx<'_>, day: u32) -> Result<Vec<Entry>> {
        const PAGE: usize = 100;
        let mut told_now = Vec::new();
        loop {
            let args = PageArgs::after(PAGE, self.events.clone());
            let page = event::list(cx, told(), &args).await?;
            if let Some((cursor, _)) = page.rows.last() {
                self.events = Some(cursor.clone());
            }
            let has_next = page.has_next;
            told_now.extend(page.into_rows());
            if !has_next {
                break;
            }
        }
        let captured = outgoing::captured_after(cx, self.messages).await?;
        self.messages = captured.last().map(|message| message.id).or(self.messages);
        if told_now.is_empty() && captured.is_empty() {
            return Ok(Vec::new());
        }
        let date = cx.today().await?;
        let known = Known::of(cx, &told_now, &captured).await?;
        sort(&mut told_now);
        let entry = |account: Option<AccountId>, what: String, text: String| {
            let account = account.and_then(|id| known.accounts.get(&id).cloned());
            Entry { day, date, account, what, text }
        };
        let events = told_now.into_iter().filter_map(|event| {
            let text = known.text(&event, date)?;
            Some(entry(event.account_id, event.event_type, text))
        });
        let messages = captured.iter().map(|message| {
            let what = "message.captured".to_owned();
            entry(message.account_id, what, known.message(message))
        });
        Ok(events.chain(messages).collect())
    }
}

/// Account by account, and within one by [`TOLD`].
fn sort(events: &mut [event::Model]) {
    let mut order = HashMap::new();
    for event in events.iter() {
        let next = order.len();
        order.entry(event.account_id).or_insert(next);
    }
    let rank = |name: &str| TOLD.iter().position(|told| *told == name);
    events.sort_by_key(|event| (order[&event.account_id], rank(&event.event_type)));
}

/// What the events of a turn refer to.
struct Known {
    accounts: HashMap<AccountId, String>,
    users: HashMap<UserId, String>,
    tasks: HashMap<TaskId, task::Model>,
    visits: HashMap<StageVisitId, visit::Model>,
    journeys: HashMap<JourneyId, journey::Model>,
    evaluations: HashMap<IndicatorEvaluationId, evaluation::Model>,
    /// The names of stages, and of templates with the number of the version.
    stages: HashMap<(JourneyTemplateVersionId, String), String>,
    versions: HashMap<JourneyTemplateVersionId, String>,
}

fn ids<I: From<Uuid>>(events: &[event::Model], kind: &str) -> Vec<I> {
    let of_kind = events.iter().filter(|event| event.subject_kind == kind);
    of_kind.map(|event| event.subject_id.into()).collect()
}

impl Known {
    async fn of(
        cx: &Cx<'_>,
        events: &[event::Model],
        captured: &[outgoing::Model],
    ) -> Result<Self> {
        let of_messages = captured.iter().filter_map(|message| message.account_id);
        let accounts: Vec<_> =
            events.iter().filter_map(|event| event.account_id).chain(of_messages).collect();
        let accounts = account::many(cx, &accounts).await?;
        let users: Vec<_> = captured.iter().filter_map(|message| message.user_id).collect();
        let users = user::many(cx, &users).await?;
        let tasks = task::many(cx, &ids(events, "task")).await?;
        let visits = visit::many(cx, &ids(events, "stage_visit")).await?;
        let evaluations = evaluation::many(cx, &ids(events, "indicator_evaluation")).await?;
        let mut journeys: Vec<JourneyId> = ids(events, "journey");
        journeys.extend(visits.iter().map(|visit| visit.journey_id));
        let journeys = journey::many(cx, &journeys).await?;
        let (stages, versions) = names(cx, &journeys).await?;
        Ok(Self {
            accounts: accounts.into_iter().map(|row| (row.id, row.name)).collect(),
            users: users.into_iter().map(|row| (row.id, row.name)).collect(),
            tasks: tasks.into_iter().map(|row| (row.id, row)).collect(),
            visits: visits.into_iter().map(|row| (row.id, row)).collect(),
            journeys: journeys.into_iter().map(|row| (row.id, row)).collect(),
            evaluations: evaluations.into_iter().map(|row| (row.id, row)).collect(),
            stages,
            versions,
        })
    }

    /// What an event says; nothing where its record is gone, or is no longer as the event says.
    fn text(&self, event: &event::Model, today: NaiveDate) -> Option<String> {
        let (kind, fact) = event.event_type.split_once('.')?;
        match kind {
            "account" => Some("becomes a customer".to_owned()),
            "task" => Some(task_text(self.tasks.get(&TaskId(event.subject_id))?, fact, today)),
            "indicator_evaluation" => {
                let row = self.evaluations.get(&IndicatorEvaluationId(event.subject_id))?;
                Some(format!("indicator {}: {}", row.name, row.verdict.to_value()))
            }
            "stage_visit" => {
                self.visit_text(self.visits.get(&StageVisitId(event.subject_id))?, fact)
            }
            _ => self.journey_text(self.journeys.get(&JourneyId(event.subject_id))?, fact, today),
        }
    }

    fn stage(&self, journey: &journey::Model, key: &str) -> String {
        let name = self.stages.get(&(journey.version_id, key.to_owned()));
        name.cloned().unwrap_or_else(|| key.to_owned())
    }

    fn visit_text(&self, visit: &visit::Model, fact: &str) -> Option<String> {
        let stage = self.stage(self.journeys.get(&visit.journey_id)?, &visit.stage_key);
        if fact == "ended" {
            let outcome = visit.outcome.map(|outcome| outcome.to_value()).unwrap_or_default();
            return Some(format!("leaves {stage}: {outcome}"));
        }
        let again = |number: i32, word: &str| match number {
            1 => String::new(),
            number => format!(", {word} {number}"),
        };
        let (lap, attempt) = (again(visit.lap, "lap"), again(visit.attempt, "attempt"));
        Some(format!("enters {stage}{lap}{attempt}"))
    }

    fn journey_text(
        &self,
        journey: &journey::Model,
        fact: &str,
        today: NaiveDate,
    ) -> Option<String> {
        let stage = self.stage(journey, &journey.stage_key);
        Some(match fact {
            "started" => format!("starts {}", self.versions.get(&journey.version_id)?),
            "resumed" => "goes on".to_owned(),
            "completed" => "completes the journey".to_owned(),
            "cancelled" => "the journey is called off".to_owned(),
            "held" => format!("is held: {stage} was entered too often"),
            _ if journey.status != JourneyStatus::Waiting => return None,
            _ => {
                let what = match journey.waiting_for? {
                    WaitingFor::MinimumDuration => format!("stays in {stage}"),
                    WaitingFor::Anchor => format!("waits for the day of {stage}"),
                    WaitingFor::Indicator => format!("waits for a value in {stage}"),
                };
                match journey.wakes_on {
                    Some(date) => format!("{what}, {} more", days((date - today).num_days())),
                    None => what,
                }
            }
        })
    }

    fn message(&self, message: &outgoing::Model) -> String {
        let to = message.user_id.and_then(|id| self.users.get(&id).cloned());
        let to = to.unwrap_or_else(|| "a contact".to_owned());
        format!("message to {to}, captured: {}", message.kind.to_value())
    }
}

fn task_text(task: &task::Model, fact: &str, today: NaiveDate) -> String {
    let title = &task.title;
    match (fact, task.due_on) {
        ("completed", _) => format!("done: {title}"),
        ("opened" | "reopened", Some(due_on)) if due_on > today => {
            format!("to do within {}: {title}", days((due_on - today).num_days()))
        }
        ("opened" | "reopened", Some(_)) => format!("to do today: {title}"),
        ("opened" | "reopened", None) => format!("to do: {title}"),
        (fact, _) => format!("{fact}: {title}"),
    }
}

fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

type Stages = HashMap<(JourneyTemplateVersionId, String), String>;
type Versions = HashMap<JourneyTemplateVersionId, String>;

/// The names of the stages of journeys, and of the templates that they follow.
async fn names(cx: &Cx<'_>, journeys: &[journey::Model]) -> Result<(Stages, Versions)> {
    let ids: Vec<_> = journeys.iter().map(|journey| journey.version_id).collect();
    let stages = stage_template::of_versions(cx, &ids).await?;
    let stages = stages.into_values().flatten();
    let stages = stages.map(|stage| ((stage.version_id, stage.key), stage.name)).collect();
    let templates: Vec<_> = journeys.iter().map(|journey| journey.template_id).collect();
    let templates = template::many(cx, &templates).await?;
    let named = version::many(cx, &ids).await?.into_iter().filter_map(|version| {
        let template = templates.iter().find(|row| row.id == version.template_id)?;
        Some((version.id, format!("{}, version {}", template.name, version.number)))
    });
    Ok((stages, named.collect()))
}
