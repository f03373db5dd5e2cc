//! Random stories of a journey, lived twice: through GraphQL, and by a reference that was written
//! from the rules of the product alone. After every step both must look the same.
//!
//! `JORNADA_TEST_CASES` raises the number of stories, `JORNADA_TEST_SEED` tells other ones. A story
//! that fails is made as short as possible and printed.

mod door;
mod plan;
mod reference;
mod telling;

use std::env;
use std::fmt;
use std::panic;
use std::thread;

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Runtime;

use self::door::Door;
use self::plan::{Plan, Source, plans};
use self::reference::{At, Command, Move, Reference};
use crate::harness::{Engine, TestApp};

/// Two versions of a template, and what happens to a journey.
#[derive(Clone)]
struct Story {
    versions: [Plan; 2],
    steps: Vec<Step>,
}

/// What may happen; numbers pick among what there is then.
#[derive(Clone, Debug)]
enum Step {
    Wait { hours: i64 },
    Complete { pick: usize, value: i32, hours_ago: i64 },
    Skip { pick: usize },
    Reopen { pick: usize },
    Reschedule { pick: usize, days: i64 },
    Give { pick: usize, user: Option<usize> },
    Measure { value: i32, days_ago: i64 },
    Score { value: i32, hours_ago: i64 },
    Waive { pick: usize },
    Csm { user: Option<usize> },
    Pause,
    Resume,
    Move { pick: usize, stage: usize },
    Migrate { pick: usize },
    Subscription { in_days: i64 },
}

fn steps() -> impl Strategy<Value = Step> {
    let (pick, value) = (0usize..12, 0i32..=10);
    let hours_ago = prop_oneof![2 => Just(0i64), 1 => 0i64..72];
    let hours = prop_oneof![3 => 1i64..36, 1 => 1i64..300];
    let user = proptest::option::weighted(0.8, 0usize..2);
    prop_oneof![
        8 => hours.prop_map(|hours| Step::Wait { hours }),
        16 => (pick.clone(), value.clone(), hours_ago.clone())
            .prop_map(|(pick, value, hours_ago)| Step::Complete { pick, value, hours_ago }),
        2 => pick.clone().prop_map(|pick| Step::Skip { pick }),
        2 => pick.clone().prop_map(|pick| Step::Reopen { pick }),
        1 => (pick.clone(), -2i64..9).prop_map(|(pick, days)| Step::Reschedule { pick, days }),
        1 => (pick.clone(), user.clone()).prop_map(|(pick, user)| Step::Give { pick, user }),
        4 => (value.clone(), 0i64..2)
            .prop_map(|(value, days_ago)| Step::Measure { value, days_ago }),
        4 => (value, hours_ago).prop_map(|(value, hours_ago)| Step::Score { value, hours_ago }),
        1 => pick.clone().prop_map(|pick| Step::Waive { pick }),
        2 => user.prop_map(|user| Step::Csm { user }),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        2 => (pick.clone(), 0usize..3).prop_map(|(pick, stage)| Step::Move { pick, stage }),
        2 => pick.prop_map(|pick| Step::Migrate { pick }),
        2 => (0i64..50).prop_map(|in_days| Step::Subscription { in_days }),
    ]
}

fn stories() -> impl Strategy<Value = Story> {
    ([plans(), plans()], vec(steps(), 25)).prop_map(|(versions, steps)| Story { versions, steps })
}

/// What a step means for the journey as it is; nothing, where there is nothing to pick from.
fn command(step: &Step, reference: &Reference) -> Option<Command> {
    let task = |pick: usize, is_it: &dyn Fn(At) -> bool| {
        let tasks = reference.visit()?.tasks.iter().filter(|task| is_it(task.at));
        let keys: Vec<_> = tasks.map(|task| task.key.clone()).collect();
        keys.get(pick % keys.len().max(1)).cloned()
    };
    let is_open = |at| at == At::Open;
    let ago = |hours: i64| reference.now - TimeDelta::hours(hours);
    Some(match *step {
        Step::Wait { hours } => Command::Wait { hours },
        Step::Complete { pick, value, hours_ago } => {
            Command::Complete { key: task(pick, &is_open)?, value, at: ago(hours_ago) }
        }
        Step::Skip { pick } => Command::Skip { key: task(pick, &is_open)? },
        Step::Reopen { pick } => {
            let is_finished = |at| matches!(at, At::Done | At::Skipped);
            Command::Reopen { key: task(pick, &is_finished)? }
        }
        Step::Reschedule { pick, days } => {
            let due_on = reference.today() + TimeDelta::days(days);
            Command::Reschedule { key: task(pick, &is_open)?, due_on }
        }
        Step::Give { pick, user } => {
            let is_live = |at| matches!(at, At::Pending | At::Open);
            Command::Give { key: task(pick, &is_live)?, user }
        }
        Step::Measure { value, days_ago } => {
            Command::Measure { value, period: reference.today() - TimeDelta::days(days_ago) }
        }
        Step::Score { value, hours_ago } => Command::Score { value, at: ago(hours_ago) },
        Step::Waive { pick } => Command::Waive { key: waivable(reference, pick)? },
        Step::Csm { user } => Command::Csm { user },
        Step::Pause => Command::Pause,
        Step::Resume => Command::Resume,
        Step::Move { pick, stage } => {
            let stages = &reference.plan().stages;
            let to = match pick % 4 {
                0 => Move::Advance,
                1 => Move::Repeat,
                2 => Move::Return,
                _ => Move::Jump(stages[stage % stages.len()].key.clone()),
            };
            Command::Move { to }
        }
        Step::Migrate { pick } => {
            let version = 1 - reference.version;
            let stages = &reference.versions[version].stages;
            let named = Some(stages[pick % stages.len()].key.clone());
            Command::Migrate { version, stage: named.filter(|_| pick % 3 != 0) }
        }
        Step::Subscription { in_days } => {
            Command::Subscription { ends_on: reference.today() + TimeDelta::days(in_days) }
        }
    })
}

/// An own indicator of the open visit that is read from data and has not been waived.
fn waivable(reference: &Reference, pick: usize) -> Option<String> {
    let visit = reference.visit()?;
    let items = &reference.plan().stage(&visit.stage)?.items;
    let is_read = |source| source != Source::Person;
    let read = items.iter().filter(|item| item.indicator().is_some_and(|i| is_read(i.source)));
    let keys: Vec<_> = read.map(|item| &item.key).filter(|key| !visit.is_said(key)).collect();
    keys.get(pick % keys.len().max(1)).map(|key| (*key).clone())
}

/// Lives through a story; tells what was done and where the two differ.
async fn live(engine: Engine, story: &Story) -> Result<(), String> {
    let Some(app) = TestApp::new(engine).await else { return Ok(()) };
    let mut door = Door::open(&app, &story.versions).await;
    let mut reference = Reference::begin(story.versions.clone(), app.now());
    let mut told = String::new();
    compare(&mut told, door.look().await, reference.look())?;
    for step in &story.steps {
        if reference.is_ended() {
            break;
        }
        let Some(command) = command(step, &reference) else { continue };
        told += &format!("{} {command:?}\n", reference.now.format("%m-%d %H:%M"));
        let is_allowed = reference.apply(&command);
        let done = door.apply(&command).await;
        if done.is_ok() != is_allowed {
            return Err(format!("{told}allowed by the rules: {is_allowed}, but {done:?}"));
        }
        compare(&mut told, door.look().await, reference.look())?;
    }
    compare(&mut told, door.history().await, reference.history())?;
    app.app.db.clone().close().await.map_err(|error| error.to_string())
}

fn compare(told: &mut String, seen: Vec<String>, expected: Vec<String>) -> Result<(), String> {
    if seen == expected {
        let lines: String = seen.iter().map(|line| format!("    {line}\n")).collect();
        told.push_str(&lines);
        return Ok(());
    }
    let list = |lines: Vec<String>| lines.join("\n    ");
    let (seen, expected) = (list(seen), list(expected));
    Err(format!("{told}  seen\n    {seen}\n  expected by the rules\n    {expected}"))
}

#[expect(clippy::disallowed_methods, reason = "the edge of the tests")]
fn number(variable: &str, default: u32) -> u32 {
    let value = env::var(variable).ok().map(|text| text.parse().expect("it is a number"));
    value.unwrap_or(default)
}

/// Stories that are told by default.
const CASES: u32 = 60;

/// What is compiled for tests takes more of the stack than a thread has by default.
const STACK_BYTES: usize = 32 << 20;

fn on_a_large_stack(engine: Engine) {
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    let thread = thread.spawn(move || live_through_stories(engine)).expect("a thread starts");
    if let Err(failure) = thread.join() {
        panic::resume_unwind(failure);
    }
}

fn live_through_stories(engine: Engine) {
    let runtime = Runtime::new().expect("a runtime starts");
    let cases = number("JORNADA_TEST_CASES", CASES);
    // A story that is short enough to read is worth a minute, not ten.
    let max_shrink_time = 60_000;
    let config = Config { cases, max_shrink_time, failure_persistence: None, ..Config::default() };
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("JORNADA_TEST_SEED", 0).to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let lived = runner.run(&stories(), |story| {
        runtime.block_on(live(engine, &story)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = lived {
        panic!("{failure}");
    }
}

#[test]
fn journeys_go_by_the_rules_on_sqlite() {
    on_a_large_stack(Engine::Sqlite);
}

#[test]
fn journeys_go_by_the_rules_on_postgres() {
    on_a_large_stack(Engine::Postgres);
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.versions;
        writeln!(f, "version 0\n{first:?}version 1\n{second:?}steps")?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}
