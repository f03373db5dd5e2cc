//! Two at the same time: whoever comes second sees what the first one did (rule 19). On PostgreSQL
//! only: SQLite has one writer.

mod people;
mod plans;
mod templates;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;
use jornada_domain::accounts::account::{AccountStatus, NewAccount};
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::auth::{Actor, Role};
use jornada_domain::calendar::DayKind;
use jornada_domain::id::{AccountId, JourneyId, JourneyTemplateId, OptionId, TaskId, UserId};
use jornada_domain::job::{self, Claim};
use jornada_domain::journeys::definition::{Assignee, Definition, StageDefinition, TaskDefinition};
use jornada_domain::journeys::journey::{self, JourneyFilter};
use jornada_domain::journeys::moving::{self, Move};
use jornada_domain::journeys::people::assign_role;
use jornada_domain::journeys::stage_template::{Exit, Phase, Then};
use jornada_domain::journeys::start::{self, JourneyStart, StartAt};
use jornada_domain::journeys::template::NewTemplate;
use jornada_domain::journeys::wake::Wake;
use jornada_domain::journeys::work::{self, Completion};
use jornada_domain::journeys::{JourneyStatus, draft, status, visit};
use jornada_domain::options::option;
use jornada_domain::page::PageArgs;
use jornada_domain::tasks::due::Anchor;
use jornada_domain::tasks::task::{self, TaskFilter, TaskQuery};
use jornada_domain::tasks::{TaskStatus, kind};
use jornada_domain::{Code, Error, Result, Tx};
use serde_json::json;
use tokio::sync::Barrier;

use crate::harness::{Engine, TestApp, run};

/// How often each pair runs: enough that both orders happen, and what lies between them.
const ROUNDS: usize = 200;

/// A workspace whose template has two parallel tasks in each of two stages, and then begins anew;
/// the second stage is one of adoption and growth.
#[derive(Clone)]
struct Ground {
    app: TestApp,
    actor: Actor,
    template: JourneyTemplateId,
    csms: [UserId; 2],
    csm_role: OptionId,
}

/// A customer in the first stage.
#[derive(Clone, Copy)]
struct Customer {
    account: AccountId,
    journey: JourneyId,
    tasks: [TaskId; 2],
}

fn stage(key: &str, then: Then, role: OptionId) -> StageDefinition {
    let task = |number: usize| TaskDefinition {
        key: format!("{key}-{number}"),
        title: format!("Task {number}"),
        description: None,
        position: 0,
        type_key: kind::STANDARD.to_owned(),
        required: true,
        anchor: Anchor::Previous,
        duration_days: Some(3),
        day_kind: DayKind::Calendar,
        assignee: Assignee::Role(role),
        config: json!({}),
        blocked_by_risk: key == "two",
        effort_minutes: None,
    };
    StageDefinition {
        key: key.to_owned(),
        name: key.to_owned(),
        phase: if key == "one" { Phase::Onboarding } else { Phase::Ongoing },
        expected_days: None,
        exit: Exit::WhenDone,
        starts: None,
        then,
        loop_to: (then == Then::LoopTo).then(|| "one".to_owned()),
        tasks: vec![task(1), task(2)],
    }
}

impl Ground {
    async fn new(app: TestApp) -> Self {
        let actor = app.home().await.actor();
        let csms = [app.user(Role::Csm).await.id, app.user(Role::Csm).await.id];
        let roles = draft::account_roles(&app.read(&actor)).await.expect("roles can be read");
        let csm_role = roles[option::CSM];
        let stages = vec![stage("one", Then::Next, csm_role), stage("two", Then::LoopTo, csm_role)];
        let definition = Definition { max_attempts: 5, stages };
        let new = NewTemplate {
            key: "parallel".to_owned(),
            name: "Parallel".to_owned(),
            description: None,
            is_default: true,
        };
        let published = app.write(&actor, async |tx| {
            let template = draft::create_template(tx, new).await?;
            let version = draft::open_draft(tx, template.id).await?;
            draft::save(tx, version.id, None, &definition).await?;
            draft::publish(tx, version.id).await
        });
        let template = published.await.template_id;
        Self { app, actor, template, csms, csm_role }
    }

    async fn customer(&self, number: usize) -> Customer {
        let new = NewAccount { name: format!("Customer {number}"), ..NewAccount::default() };
        let csm = Some(self.csms[0]);
        let open = async |tx: &Tx<'_>| start::open_account(tx, new, csm, JourneyStart::Auto).await;
        let account = self.app.write(&self.actor, open).await.id;
        let filter = JourneyFilter { account_ids: Some(vec![account]), ..Default::default() };
        let cx = self.app.read(&self.actor);
        let page = journey::list(&cx, &filter, &PageArgs::first(1)).await.expect("they are listed");
        let journey = page.into_rows()[0].id;
        let open = self.open_tasks(account).await;
        Customer { account, journey, tasks: [open[0].id, open[1].id] }
    }

    async fn open_tasks(&self, account: AccountId) -> Vec<task::Model> {
        let filter = TaskFilter {
            account_ids: Some(vec![account]),
            statuses: Some(vec![TaskStatus::Open]),
            ..Default::default()
        };
        let cx = self.app.read(&self.actor);
        let query = TaskQuery { filter, ..Default::default() };
        let page = task::list(&cx, &query, &PageArgs::first(100)).await;
        page.expect("they are listed").into_rows()
    }

    async fn visits(&self, journey: JourneyId) -> Vec<visit::Model> {
        let cx = self.app.read(&self.actor);
        let mut pages = visit::list_each(&cx, &[journey], &PageArgs::first(100)).await;
        let page = pages.as_mut().expect("they are listed").remove(&journey);
        page.expect("there are some").into_rows()
    }

    /// Runs both verbs in transactions of their own that begin at the same time.
    async fn race<A, B>(
        &self,
        one: impl AsyncFnOnce(&Tx<'_>) -> Result<A>,
        other: impl AsyncFnOnce(&Tx<'_>) -> Result<B>,
    ) -> (Result<A>, Result<B>) {
        let barrier = Arc::new(Barrier::new(2));
        let (here, there) = (barrier.clone(), barrier);
        tokio::join!(
            self.app.try_write(&self.actor, async move |tx| {
                here.wait().await;
                one(tx).await
            }),
            self.app.try_write(&self.actor, async move |tx| {
                there.wait().await;
                other(tx).await
            }),
        )
    }
}

async fn complete(tx: &Tx<'_>, task_id: TaskId) -> Result<task::Model> {
    let done = Completion {
        task_id,
        expected_version: None,
        finished_at: None,
        interaction: None,
        value: None,
        answer: None,
        outcome: None,
    };
    work::complete(tx, done).await
}

#[test]
fn two_who_finish_the_last_two_tasks_end_the_stage_once() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, journey, tasks } = ground.customer(round).await;
            let (one, other) = ground
                .race(
                    async |tx| complete(tx, tasks[0]).await,
                    async |tx| complete(tx, tasks[1]).await,
                )
                .await;
            one.expect("the first task is done");
            other.expect("the second task is done");
            let visits = ground.visits(journey).await;
            let keys: Vec<_> = visits.iter().map(|visit| visit.stage_key.as_str()).collect();
            assert_eq!(keys, ["one", "two"], "round {round}");
            assert!(visits[0].exited_at.is_some() && visits[1].exited_at.is_none());
            assert_eq!(ground.open_tasks(account).await.len(), 2, "round {round}");
        }
    });
}

#[test]
fn a_task_is_done_before_a_pause_or_not_at_all() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let mut refused = 0;
        for round in 0..ROUNDS {
            let Customer { account, journey, tasks } = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let (done, paused) = ground
                .race(
                    async |tx| complete(tx, tasks[1]).await,
                    async |tx| status::pause_account(tx, account, None, "so").await,
                )
                .await;
            assert_eq!(paused.expect("it is paused").status, AccountStatus::Paused);
            let visits = ground.visits(journey).await.len();
            match done {
                Ok(_) => assert_eq!(visits, 2, "round {round}"),
                Err(error) => {
                    assert!(error.has(Code::AccountNotRunning), "{error}");
                    assert_eq!(visits, 1, "round {round}");
                    refused += 1;
                }
            }
        }
        println!("{refused} of {ROUNDS} tasks came too late");
    });
}

#[test]
fn nothing_stays_open_when_an_account_leaves_while_a_task_is_done() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, journey, tasks } = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let (done, left) = ground
                .race(
                    async |tx| complete(tx, tasks[1]).await,
                    async |tx| status::churn_account(tx, account, None, "so").await,
                )
                .await;
            left.expect("it has left");
            if let Err(error) = done {
                assert!(matches!(error, Error::Problems(_)), "{error}");
            }
            let cx = ground.app.read(&ground.actor);
            let row = journey::find(&cx, journey).await.expect("it is there");
            assert_eq!(row.status, JourneyStatus::Cancelled, "round {round}");
            assert_eq!(ground.open_tasks(account).await, [], "round {round}");
            assert!(ground.visits(journey).await.iter().all(|visit| visit.exited_at.is_some()));
        }
    });
}

#[test]
fn tasks_that_open_while_the_csm_changes_belong_to_the_new_one() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let new_csm = ground.csms[1];
        for round in 0..ROUNDS {
            let Customer { account, tasks, .. } = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let new = NewAssignment {
                account_id: account,
                user_id: new_csm,
                role_id: ground.csm_role,
                starts_on: None,
            };
            let (done, given) = ground
                .race(
                    async |tx| complete(tx, tasks[1]).await,
                    async |tx| assign_role(tx, new).await,
                )
                .await;
            done.expect("the task is done");
            given.expect("the role is given");
            let open = ground.open_tasks(account).await;
            assert_eq!(open.len(), 2, "round {round}");
            assert!(open.iter().all(|task| task.assignee_user_id == Some(new_csm)), "{round}");
        }
    });
}

#[test]
fn two_who_move_a_journey_make_one_visit_each() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, journey, tasks } = ground.customer(round).await;
            let (moved, done) = ground
                .race(
                    async |tx| moving::move_journey(tx, journey, &Move::Repeat, "so").await,
                    async |tx| complete(tx, tasks[0]).await,
                )
                .await;
            moved.expect("it is moved");
            // The task was done before the move, or cancelled by it.
            if let Err(error) = done {
                assert!(error.has(Code::TaskNotOpen), "{error}");
            }
            assert_eq!(ground.visits(journey).await.len(), 2, "round {round}");
            assert_eq!(ground.open_tasks(account).await.len(), 2, "round {round}");
        }
    });
}

#[test]
fn of_two_primary_journeys_that_start_at_once_one_is_primary() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let at = || StartAt {
            template_id: ground.template,
            stage_key: None,
            entered_on: None,
            adoption: None,
        };
        for round in 0..ROUNDS {
            let account = ground.customer(round).await.account;
            let (one, other) = ground
                .race(
                    async |tx| start::start_journey(tx, account, at(), true).await,
                    async |tx| start::start_journey(tx, account, at(), true).await,
                )
                .await;
            let started: HashSet<_> = [one, other].map(|row| row.expect("it starts").id).into();
            let cx = ground.app.read(&ground.actor);
            let primary = journey::primary_of(&cx, &[account]).await.expect("they are read");
            assert_eq!(primary.len(), 1, "round {round}");
            assert!(started.contains(&primary[0].id), "round {round}");
        }
    });
}

#[test]
fn a_journey_takes_the_primary_place_from_one_that_is_at_work() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, tasks, .. } = ground.customer(round).await;
            let at = StartAt {
                template_id: ground.template,
                stage_key: None,
                entered_on: None,
                adoption: None,
            };
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let (started, done) = ground
                .race(
                    async |tx| start::start_journey(tx, account, at, true).await,
                    async |tx| complete(tx, tasks[1]).await,
                )
                .await;
            done.expect("the task is done");
            let started = started.unwrap_or_else(|error| panic!("round {round}: {error}"));
            let cx = ground.app.read(&ground.actor);
            let primary = journey::primary_of(&cx, &[account]).await.expect("they are read");
            assert_eq!(primary.len(), 1, "round {round}");
            assert_eq!(primary[0].id, started.id, "round {round}");
        }
    });
}

#[test]
fn a_job_is_claimed_by_one_worker() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let journey_id = ground.customer(round).await.journey;
            let wake = Wake { journey_id, asked_in: 0 };
            let enqueue = async |tx: &Tx<'_>| job::enqueue(tx, &wake, tx.now);
            ground.app.write(&ground.actor, enqueue).await;
            let claim = async |limit| {
                let (now, lease) = (ground.app.now(), TimeDelta::seconds(60));
                let token = ground.app.app.ids.next(now);
                let claim = Claim { token, now, lease, limit, workspace_id: None };
                job::claim(ground.app.app.db.write(), claim).await.expect("it can be claimed")
            };
            let (one, other) = tokio::join!(claim(1), claim(1));
            assert_eq!(one.len() + other.len(), 1, "round {round}");
            for job in one.iter().chain(&other) {
                let done = job::complete(ground.app.app.db.write(), job, ground.app.now()).await;
                assert!(done.expect("it can be completed"));
            }
        }
    });
}
