//! Runs the fixtures of a plugin: calls with the answers that they must give, against the plugin
//! itself and within the limits that it has in production.

mod answer;
mod compare;
mod input;

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::call::{Called, Invocation};
use crate::error::CallError;
use crate::health_score::HealthScore;
use crate::host::Plugin;
use crate::limits::Limits;
use crate::log::LogLine;
use crate::manifest::Fixture;
use crate::task_type::{Call, TaskType};

use input::Fields;

/// What came of a fixture.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// What the fixture shows.
    pub name: String,
    /// Which function it calls.
    pub function: String,
    /// What is wrong with the fixture, or how the answer differs from what it expects, each with
    /// its path. Nothing if it passed.
    pub differences: Vec<String>,
    /// All of the answer, in the form of `expect`; `null` where nothing was called.
    pub answer: Json,
    /// What the call took; nothing where nothing was called.
    pub budget: Option<Budget>,
    /// What it wrote into the log.
    pub log: Vec<LogLine>,
    /// Why there is no answer, also where the fixture expects that.
    #[serde(skip)]
    pub error: Option<CallError>,
}

/// What a call took, beside what it may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Fuel that was burnt.
    pub fuel: u64,
    /// Fuel that it had.
    pub fuel_limit: u64,
    /// The most bytes that its memories and tables had together.
    pub peak_memory: u64,
    /// Bytes that it could have.
    pub memory_limit: u64,
    /// From the first instruction to the answer.
    pub duration: Duration,
}

impl Outcome {
    /// Whether the answer is the expected one.
    pub fn is_passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// An answer in the form of `expect`, and what came with it.
struct Answer {
    told: Json,
    budget: Budget,
    log: Vec<LogLine>,
    error: Option<CallError>,
}

/// The answer. Where the fixture itself is unsound, what is wrong with it.
type Answered = Result<Answer, Vec<String>>;

/// Runs one fixture.
pub fn run(plugin: &Plugin, fixture: &Fixture) -> Outcome {
    let Fixture { name, function, expect, .. } = fixture.clone();
    let (differences, answer, budget, log, error) = match answered(plugin, fixture) {
        Ok(Answer { told, budget, log, error }) => {
            (compare::differences(&expect, &told), told, Some(budget), log, error)
        }
        Err(faults) => (faults, Json::Null, None, Vec::new(), None),
    };
    Outcome { name, function, differences, answer, budget, log, error }
}

/// Runs all fixtures of a manifest, in their order.
pub fn run_all(plugin: &Plugin, fixtures: &[Fixture]) -> Vec<Outcome> {
    fixtures.iter().map(|fixture| run(plugin, fixture)).collect()
}

/// The fixture with all of the answer as what it expects from now on; or what is wrong with it.
pub fn bless(plugin: &Plugin, fixture: &Fixture) -> Result<Fixture, Vec<String>> {
    let Answer { told, .. } = answered(plugin, fixture)?;
    Ok(Fixture { expect: answer::rounded(&told), ..fixture.clone() })
}

fn answered(plugin: &Plugin, fixture: &Fixture) -> Answered {
    match (plugin, fixture.function.as_str()) {
        (Plugin::HealthScore(score), "describe") => described(score, &fixture.input),
        (Plugin::HealthScore(score), "score") => scored(score, &fixture.input),
        (Plugin::TaskType(task), "validate-config") => validated(task, &fixture.input),
        (Plugin::TaskType(task), "on-open") => opened(task, &fixture.input),
        (Plugin::TaskType(task), "on-complete") => completed(task, &fixture.input),
        (Plugin::HealthScore(_), other) => {
            Err(vec![format!("function: a health score has describe and score, but no {other}")])
        }
        (Plugin::TaskType(_), other) => Err(vec![format!(
            "function: a type of tasks has validate-config, on-open and on-complete, but no {other}"
        )]),
    }
}

fn described(score: &HealthScore, input: &Json) -> Answered {
    let mut fields = Fields::of(input);
    let config = fields.config();
    fields.finish()?;
    let called = score.describe(&config);
    Ok(told(called, &score.runner.limits, |description| answer::description(&description)))
}

fn scored(score: &HealthScore, input: &Json) -> Answered {
    let mut fields = Fields::of(input);
    let (config, as_of) = (fields.config(), fields.moment());
    let customers = fields.customers();
    fields.finish()?;
    let described = score.describe(&config);
    let description = match described.answer {
        Ok(description) => description,
        // It refuses its configuration here, as it would in production.
        Err(error) => {
            let called = Called { answer: Err(error), invocation: described.invocation };
            return Ok(told(called, &score.runner.limits, |()| Json::Null));
        }
    };
    let batch = input::batch(&description, as_of, &customers)?;
    let called = score.score(&config, &description, &batch);
    Ok(told(called, &score.runner.limits, |scores| answer::scores(&description, &scores)))
}

fn validated(task: &TaskType, input: &Json) -> Answered {
    let mut fields = Fields::of(input);
    let (config, moment) = (fields.config(), fields.moment());
    fields.finish()?;
    let called = task.validate_config(&moment, &config);
    let problems = |problems: Vec<_>| json!({ "problems": answer::problems(&problems) });
    Ok(told(called, &task.runner.limits, problems))
}

fn opened(task: &TaskType, input: &Json) -> Answered {
    let mut fields = Fields::of(input);
    let call = call(&mut fields);
    fields.finish()?;
    Ok(told(task.on_open(&call), &task.runner.limits, |given| answer::operations(&given)))
}

fn completed(task: &TaskType, input: &Json) -> Answered {
    let mut fields = Fields::of(input);
    let call = call(&mut fields);
    let outcome = fields.required("outcome").to_string();
    fields.finish()?;
    let called = task.on_complete(&call, &outcome);
    Ok(told(called, &task.runner.limits, |given| answer::operations(&given)))
}

fn call(fields: &mut Fields<'_>) -> Call {
    Call {
        moment: fields.moment(),
        config: fields.config(),
        task: fields.task(),
        input: fields.optional("input").to_string(),
    }
}

/// What was answered, or why nothing was, in the form of `expect`.
fn told<T>(
    Called { answer, invocation }: Called<T>,
    limits: &Limits,
    of: impl FnOnce(T) -> Json,
) -> Answer {
    let budget = budget(&invocation, limits);
    let (told, error) = match answer {
        Ok(answer) => (of(answer), None),
        Err(error) => {
            let mut members = Map::new();
            members.insert(compare::ERROR.to_owned(), json!(error.code()));
            members.insert("problems".to_owned(), answer::problems(error.problems()));
            let message = match &error {
                CallError::Failed(words) => words.clone(),
                error => error.to_string(),
            };
            members.insert("message".to_owned(), json!(message));
            (Json::Object(members), Some(error))
        }
    };
    Answer { told, budget, log: invocation.log, error }
}

fn budget(invocation: &Invocation, limits: &Limits) -> Budget {
    Budget {
        fuel: invocation.fuel,
        fuel_limit: limits.fuel(invocation.rows),
        peak_memory: invocation.peak_memory,
        memory_limit: limits.memory_bytes,
        duration: invocation.duration,
    }
}
