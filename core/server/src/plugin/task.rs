//! Asks types of tasks: what follows when a task opens, and when it is done. A plugin is asked with
//! no transaction open; what it asks for is done by the verbs of the domain, in one.

use jornada_domain::auth::Actor;
use jornada_domain::error::{Code, Error, Problem, Result};
use jornada_domain::id::Kind;
use jornada_domain::journeys::by_plugin::{self, Answered, Asked};
use jornada_domain::journeys::draft::PluginConfig;
use jornada_domain::journeys::work::{self, Completed, Completion};
use jornada_domain::plugins::invocation::NewInvocation;
use jornada_domain::plugins::operation::Operation;
use jornada_domain::plugins::plugin;
use jornada_domain::tasks::task;
use jornada_domain::workspace::{self, Locale};
use jornada_plugin_host::Called;
use jornada_plugin_host::error::CallError;
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::task_type::{self as host, Answer, Call, Problem as Told, TaskType};
use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use tokio::task::spawn_blocking;

use super::loaded::Installed;
use super::moment::moment;
use super::{host_of, input, note};
use crate::app::App;
use crate::graphql;
use crate::messages;

/// How often a task that changes while its plugin is asked is tried: once more.
const ATTEMPTS: usize = 3;

/// Why nothing follows from a call.
pub enum Refusal {
    /// The plugin refuses what people said: what is wrong with it, and where.
    Input(Vec<Told>),
    /// What the plugin asks for is nothing that is done here, perhaps for what people said.
    Operation(Problem),
    /// The plugin has no answer.
    Broken(String),
    /// Too many plugins run at the moment.
    Busy,
}

impl From<&CallError> for Refusal {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::InvalidInput(problems) => Self::Input(problems.clone()),
            CallError::Busy => Self::Busy,
            other => Self::Broken(other.for_everybody()),
        }
    }
}

impl Refusal {
    /// What is told of it where nobody can mend it.
    pub fn told(self) -> String {
        match self {
            Self::Input(problems) => CallError::InvalidInput(problems).to_string(),
            Self::Operation(problem) => problem.to_string(),
            Self::Broken(told) => told,
            Self::Busy => CallError::Busy.to_string(),
        }
    }
}

/// Completes a task, and asks its plugin where it is of one. What people can mend is told as it is
/// of every verb.
pub async fn complete(
    app: &App,
    actor: &Actor,
    locale: Locale,
    done: &Completion,
) -> Result<task::Model> {
    let (mut answered, mut current): (Option<Answered>, i64) = (None, 0);
    let mut last: Option<Box<Asked>> = None;
    for _ in 0..ATTEMPTS {
        let tx = app.begin(actor).await?;
        let asked = match work::complete_with(&tx, done, answered.as_ref()).await {
            Ok(Completed::Done(task)) => {
                app.commit(tx).await?;
                return Ok(*task);
            }
            Ok(Completed::Asks(asked)) => asked,
            Err(error) => {
                drop(tx);
                return Err(match last.filter(|_| by_plugin::is_of_config(&error)) {
                    Some(asked) => broken(app, actor, &asked, &in_words(app, actor, &error).await?)
                        .await?
                        .into(),
                    None => error,
                });
            }
        };
        drop(tx);
        current = asked.task.version;
        let outcome = done.outcome.clone().unwrap_or_default();
        let operations = match ask(app, actor, &asked, Some((outcome, locale))).await? {
            Ok(operations) => operations,
            Err(Refusal::Input(problems)) => return Err(under("outcome", &problems).into()),
            Err(Refusal::Operation(problem)) => {
                return Err(Error::from(problem).all_at("outcome"));
            }
            Err(Refusal::Broken(told)) => {
                return Err(broken(app, actor, &asked, &told).await?.into());
            }
            Err(other) => return Err(asked.unavailable(other.told()).into()),
        };
        answered = Some(asked.answered(operations));
        last = Some(asked);
    }
    Err(Problem::new("taskId", Code::Conflict).with("current", current).into())
}

/// Blocks a task that its plugin cannot complete, and says so.
async fn broken(app: &App, actor: &Actor, asked: &Asked, told: &str) -> Result<Problem> {
    let tx = app.begin(actor).await?;
    by_plugin::fail(&tx, asked, told).await?;
    app.commit(tx).await?;
    Ok(asked.unavailable(told))
}

/// An error in the language of the workspace: whoever sees the task may read another one.
pub async fn in_words(app: &App, actor: &Actor, error: &Error) -> Result<String> {
    let Error::Problems(problems) = error else { return Ok(error.to_string()) };
    let workspace = workspace::by_id(app.db.read(), actor.workspace_id).await?;
    let locale = workspace.map_or(Locale::En, |found| found.locale);
    let each = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.field, messages::of_problem(locale, problem)));
    Ok(each.collect::<Vec<_>>().join(" "))
}

/// What follows when a task opens.
pub async fn open(app: &App, actor: &Actor, asked: &Asked) -> Result<Result<Answered, Refusal>> {
    let operations = ask(app, actor, asked, None).await?;
    Ok(operations.map(|operations| asked.answered(operations)))
}

/// What plugins say is wrong with configurations, each under its place.
pub async fn config_problems(
    app: &App,
    actor: &Actor,
    locale: Locale,
    configs: Vec<PluginConfig>,
) -> Result<Vec<Problem>> {
    let host = host_of(actor);
    let cx = app.read(&host);
    let mut problems = Vec::new();
    for PluginConfig { field, type_key, config } in configs {
        let Some(row) = plugin::by_key(&cx, &type_key).await? else { continue };
        let unavailable = |told: String| {
            let problem = Problem::new(&field, Code::PluginUnavailable);
            problem.with("plugin", &type_key).with("told", told)
        };
        let installed = match app.plugins.installed(&cx, row).await {
            Ok(installed) => installed,
            Err(error) => {
                problems.push(unavailable(format!("{error:#}")));
                continue;
            }
        };
        let now = moment(&cx, Some(locale)).await.map_err(failed)?;
        let validate = move |of: &TaskType| of.validate_config(&now, &config.to_string());
        match run(installed, validate).await {
            Ok((Called { answer: Ok(told), .. }, _)) => problems.extend(under(&field, &told)),
            Ok((Called { answer: Err(error), .. }, taken)) => {
                note(app, &host, taken).await?;
                problems.push(unavailable(error.for_everybody()));
            }
            Err(told) => problems.push(unavailable(told)),
        }
    }
    Ok(problems)
}

/// What a plugin says is wrong, each under its place in `field`.
fn under(field: &str, told: &[Told]) -> Vec<Problem> {
    let problem = |told: &Told| {
        Problem::new(told.path.clone(), Code::Unfit).with("told", &told.message).under(field)
    };
    told.iter().map(problem).collect()
}

fn failed(error: anyhow::Error) -> Error {
    Error::Database(DbErr::Custom(format!("{error:#}")))
}

/// Asks a plugin about a task that opens, or that is done: then with the outcome and the language
/// of whoever says it. What the call took is written down, whatever comes of it.
async fn ask(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    done: Option<(Json, Locale)>,
) -> Result<Result<Vec<Operation>, Refusal>> {
    let host = host_of(actor);
    let cx = app.read(&host);
    let installed = match app.plugins.installed(&cx, asked.plugin.clone()).await {
        Ok(installed) => installed,
        Err(error) => return Ok(Err(Refusal::Broken(format!("{error:#}")))),
    };
    let (outcome, locale) = done.unzip();
    let input = match installed.version.manifest["input"].as_str() {
        Some(query) => match input::read(app, &host, query, &asked.task).await {
            Ok(input) => input,
            Err(told) => return Ok(Err(Refusal::Broken(told))),
        },
        None => Json::Null,
    };
    let call = Call {
        moment: moment(&cx, locale).await.map_err(failed)?,
        config: asked.task.config.to_string(),
        task: as_told(asked).to_string(),
        input: input.to_string(),
    };
    let of_task = move |task_type: &TaskType| match outcome {
        None => task_type.on_open(&call),
        Some(outcome) => task_type.on_complete(&call, &outcome.to_string()),
    };
    let (called, taken) = match run(installed, of_task).await {
        Ok(called) => called,
        Err(told) => return Ok(Err(Refusal::Broken(told))),
    };
    note(app, &host, taken).await?;
    Ok(match &called.answer {
        Err(error) => Err(error.into()),
        Ok(answer) => operations(answer).map_err(Refusal::Operation),
    })
}

/// Calls a plugin where calls may take their time; says what the call took. What else goes wrong is
/// a fault of the plugin, too, and is told.
async fn run<T: Send + 'static>(
    installed: Installed,
    call: impl FnOnce(&TaskType) -> Called<T> + Send + 'static,
) -> Result<(Called<T>, NewInvocation), String> {
    let called = spawn_blocking(move || match &*installed.plugin {
        Plugin::TaskType(task_type) => {
            let called = call(task_type);
            let taken = installed.invocation(&called);
            Ok((called, taken))
        }
        Plugin::HealthScore(_) => Err("it is a health score".to_owned()),
    });
    called.await.unwrap_or_else(|error| Err(error.to_string()))
}

/// A task as its plugin sees it: `schema/json/task-call.json`.
fn as_told(asked: &Asked) -> Json {
    json!({
        "id": graphql::global_id(asked.task.id),
        "title": asked.task.title,
        "accountId": graphql::global_id(asked.task.account_id),
        "accountName": asked.account_name,
        "stageKey": asked.stage_key,
        "attempt": asked.attempt,
        "dueOn": asked.task.due_on,
    })
}

/// The properties of operations that are ids, as callers know records.
const IDS: [(&str, Kind); 2] = [("contactId", Kind::Contact), ("milestoneId", Kind::Milestone)];

/// What a plugin asks for, with the ids as the domain has them.
fn operations(answer: &Answer) -> Result<Vec<Operation>, Problem> {
    let read = |(place, one): (usize, &host::Operation)| {
        let unfit = |told: &dyn ToString| {
            Problem::new(format!("operations.{place}"), Code::Unfit).with("told", told.to_string())
        };
        let mut payload: Json = serde_json::from_str(&one.payload).map_err(|e| unfit(&e))?;
        for (name, kind) in IDS {
            let Some(id) = payload.get_mut(name).filter(|id| id.is_string()) else { continue };
            let record = graphql::record(id.as_str().unwrap_or_default());
            match record.filter(|(of, _)| *of == kind) {
                Some((_, record)) => *id = json!(record),
                None => return Err(unfit(&format!("{name} is no id of a {}", kind.type_name()))),
            }
        }
        Operation::parse(place, &one.kind, payload)
    };
    answer.operations.iter().enumerate().map(read).collect()
}
