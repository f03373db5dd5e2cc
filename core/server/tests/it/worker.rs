//! The worker: effects exactly once, failures put back, and nothing lost when it stops.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use jornada_domain::auth::Actor;
use jornada_domain::auth::team::{self, NewTeam, TeamPurpose};
use jornada_domain::event::{self, EventFilter};
use jornada_domain::job::{self, State, Work};
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, Problem, Result, Tx, workspace};
use jornada_server::app::App;
use jornada_server::worker::{self, Handlers};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::harness::{TestApp, both};

both!(
    a_job_and_what_follows_from_it_are_done_once,
    a_failed_job_leaves_nothing_and_is_tried_again_later,
    a_panic_and_an_unknown_kind_are_failures_too,
    who_lost_the_lease_changes_nothing,
    a_commit_wakes_the_worker_and_stopping_lets_a_job_end,
    jobs_run_in_the_time_of_their_workspace,
    advancing_the_clock_wakes_the_worker,
);

/// Makes a team, and then does as it is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MakeTeam {
    name: String,
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Then {
    End,
    Fail,
    Panic,
    Wait,
    EnqueueAnother,
}

impl Work for MakeTeam {
    const KIND: &'static str = "test.make_team";
}

/// A kind that no worker knows.
#[derive(Serialize, Deserialize)]
struct Unknown;

impl Work for Unknown {
    const KIND: &'static str = "test.unknown";
}

async fn make_team(tx: &Tx<'_>, work: MakeTeam) -> Result<()> {
    let new = NewTeam { name: work.name.clone(), purpose: TeamPurpose::Mixed };
    team::create(tx, new).await?;
    match work.then {
        Then::End => Ok(()),
        Then::Fail => Err(Problem::new("name", Code::Taken).into()),
        Then::Panic => panic!("as the test wants it"),
        Then::Wait => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(())
        }
        Then::EnqueueAnother => {
            let another = MakeTeam { name: format!("{} again", work.name), then: Then::End };
            job::enqueue(tx, &another, tx.now)
        }
    }
}

fn app_of(test: &TestApp) -> App {
    let handlers = Handlers::default().with(|tx, work: MakeTeam| Box::pin(make_team(tx, work)));
    test.with_handlers(handlers)
}

async fn enqueue(test: &TestApp, app: &App, name: &str, then: Then) {
    let actor = test.home().await.actor();
    let tx = app.begin(&actor).await.expect("it begins");
    let work = MakeTeam { name: name.to_owned(), then };
    job::enqueue(&tx, &work, tx.now).expect("it is enqueued");
    app.commit(tx).await.expect("it commits");
}

async fn jobs(test: &TestApp) -> Vec<job::Model> {
    let actor = test.home().await.actor();
    let page = job::list(&test.read(&actor), None, &PageArgs::first(100)).await;
    page.expect("jobs can be listed").into_rows()
}

async fn teams(test: &TestApp) -> usize {
    let actor = test.home().await.actor();
    let filter = team::TeamFilter::default();
    let page = team::list(&test.read(&actor), filter, &PageArgs::first(100)).await;
    page.expect("teams can be listed").rows.len()
}

async fn a_job_and_what_follows_from_it_are_done_once(app: TestApp) {
    let worker = app_of(&app);
    enqueue(&app, &worker, "Take-off", Then::EnqueueAnother).await;
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 2);
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 0);
    assert_eq!(teams(&app).await, 2);
    assert!(jobs(&app).await.iter().all(|job| job.state == State::Done && job.attempt == 1));
    let actor = app.home().await.actor();
    let page = event::list(&app.read(&actor), EventFilter::default(), &PageArgs::first(100)).await;
    let mut events = page.expect("events can be listed").into_rows();
    events.retain(|event| event.event_type == "team.created");
    let causes: Vec<_> = events.iter().map(|event| event.cause_id).collect();
    assert_eq!(causes, [None, Some(events[0].id)], "the second team follows from the first");
}

async fn a_failed_job_leaves_nothing_and_is_tried_again_later(app: TestApp) {
    let worker = app_of(&app);
    enqueue(&app, &worker, "Take-off", Then::Fail).await;
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 1);
    let job = jobs(&app).await.remove(0);
    assert_eq!((job.state, job.attempt), (State::Ready, 1));
    assert_eq!(job.last_error.as_deref(), Some("name: TAKEN"));
    assert_eq!(job.run_at_ms, (app.now() + job::backoff(1)).timestamp_millis());
    assert_eq!(teams(&app).await, 0);
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 0, "too early");
    for _ in 1..job.max_attempts {
        app.advance(1);
        assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 1);
    }
    assert_eq!(jobs(&app).await[0].state, State::Dead);
    app.app.db.write().execute_unprepared("DELETE FROM job").await.expect("it was meant to die");
}

async fn a_panic_and_an_unknown_kind_are_failures_too(app: TestApp) {
    let worker = app_of(&app);
    enqueue(&app, &worker, "Take-off", Then::Panic).await;
    let actor = app.home().await.actor();
    app.write(&actor, async |tx| job::enqueue(tx, &Unknown, tx.now)).await;
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 2);
    let mut errors: Vec<_> =
        jobs(&app).await.into_iter().filter_map(|job| job.last_error).collect();
    errors.sort();
    assert_eq!(
        errors,
        [
            "the handler panicked",
            "this version of jornada does not know jobs of the kind `test.unknown`",
        ]
    );
    assert_eq!(teams(&app).await, 0);
}

async fn who_lost_the_lease_changes_nothing(app: TestApp) {
    let slow = Arc::new(app_of(&app));
    enqueue(&app, &slow, "Take-off", Then::Wait).await;
    let sleeper = {
        let slow = slow.clone();
        tokio::spawn(async move { worker::run_due(&slow).await })
    };
    // On SQLite the sleeper holds the only transaction, so the lease is taken before it.
    while jobs(&app).await[0].state != State::Running {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    app.set_time("2026-01-20T12:01:01Z");
    let count = worker::run_due(&app_of(&app)).await.expect("jobs can be claimed");
    sleeper.await.expect("it ends").expect("jobs can be claimed");
    assert_eq!(teams(&app).await, 1, "one of them did it, and only one");
    assert!(count <= 1);
    assert_eq!(jobs(&app).await[0].state, State::Done);
}

async fn a_commit_wakes_the_worker_and_stopping_lets_a_job_end(app: TestApp) {
    let worker = Arc::new(app_of(&app));
    app.home().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker::run(worker.clone(), 2, stop.clone()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    enqueue(&app, &worker, "Take-off", Then::Wait).await;
    // Much sooner than the worker would look by itself.
    tokio::time::timeout(Duration::from_secs(2), async {
        while jobs(&app).await[0].state == State::Ready {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the worker wakes");
    stop.cancel();
    running.await.expect("the worker ends");
    assert_eq!(jobs(&app).await[0].state, State::Done);
}

async fn jobs_run_in_the_time_of_their_workspace(app: TestApp) {
    let sandbox = app.sandbox().await;
    let tomorrow = 24 * 60 * 60;
    let advance = async |tx: &Tx<'_>| workspace::advance_clock(tx, tomorrow).await;
    let advanced = app.write(&sandbox.actor(), advance).await;
    let actor = Actor { clock_offset: advanced.clock_offset(), ..sandbox.actor() };
    let worker = app_of(&app);
    let work = MakeTeam { name: "Take-off".to_owned(), then: Then::End };
    app.write(&actor, async |tx| job::enqueue(tx, &work, tx.now)).await;
    assert_eq!(worker::run_due(&worker).await.expect("jobs can be claimed"), 1);
    let filter = team::TeamFilter::default();
    let teams = team::list(&app.read(&actor), filter, &PageArgs::first(10)).await;
    let teams = teams.expect("teams can be listed").into_rows();
    assert_eq!(teams[0].created_at, app.now() + TimeDelta::days(1));
}

async fn advancing_the_clock_wakes_the_worker(app: TestApp) {
    let sandbox = app.sandbox().await;
    let work = MakeTeam { name: "Take-off".to_owned(), then: Then::End };
    let later = TimeDelta::days(2);
    app.write(&sandbox.actor(), async |tx| job::enqueue(tx, &work, tx.now + later)).await;
    let is_woken = || app.app.wake.notified().now_or_never().is_some();
    assert!(is_woken() && !is_woken(), "once, by the job");
    let tomorrow = 24 * 60 * 60;
    app.write(&sandbox.actor(), async |tx| workspace::advance_clock(tx, tomorrow).await).await;
    assert!(is_woken(), "the job is nearer");
}
