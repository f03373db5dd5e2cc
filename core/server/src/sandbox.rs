//! Playing days in a sandbox: the clock goes on day by day, the worker's own handlers do what time
//! does, a stand-in does what people would do, and a diary tells what happened.

mod diary;

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{bail, ensure};
use chrono::NaiveDate;
use jornada_domain::auth::Actor;
use jornada_domain::calendar::plus;
use jornada_domain::filter::RangeFilter;
use jornada_domain::id::TaskId;
use jornada_domain::journeys::play;
use jornada_domain::page::PageArgs;
use jornada_domain::tasks::TaskStatus;
use jornada_domain::tasks::task::{self, TaskFilter, TaskQuery};
use jornada_domain::{Error, Result, job, workspace};

use crate::app::App;
use crate::worker;
use diary::Diary;

pub use diary::Entry;

/// The most days that are played at once.
pub const MOST_DAYS: u32 = 730;

/// The most jobs, and the most tasks that are read, at a time.
const MOST_AT_ONCE: usize = 20_000;

/// How often the stand-in looks again within one day for what has opened: a template that goes
/// round and round comes to an end by this.
const MOST_ROUNDS: usize = 200;

/// How long to wait for a job that another worker has taken, a nap at a time: a lease and more.
const NAP: Duration = Duration::from_millis(50);
const MOST_NAPS: usize = 1_500;

/// Rows that are read at a time.
const PAGE: usize = 100;

/// What is to be played.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// How many days the clock goes on: 1 to [`MOST_DAYS`].
    pub count: u32,
    /// Whether a stand-in does each open task on the day it is due, and one without a due date on
    /// the day it opens.
    pub is_played: bool,
    /// Whether the sandbox was just made, so that the diary tells its beginning too.
    pub is_new: bool,
}

/// Plays days in a sandbox and tells what happens as it does. At each midnight of the workspace's
/// time zone all jobs that are due run, until none is left; then the stand-in works.
pub async fn advance(
    app: &App,
    workspace: &workspace::Model,
    days: Days,
    mut tell: impl FnMut(Entry) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    ensure!((1..=MOST_DAYS).contains(&days.count), "days: give 1 to {MOST_DAYS}");
    let actor = Actor::setup(workspace.id, workspace.clock_offset());
    workspace::require_sandbox(&app.read(&actor), "workspace").await?;
    let diary = match days.is_new {
        true => Diary::default(),
        false => Diary::open(&app.read(&actor)).await?,
    };
    let mut run = Run { app, actor, diary, told: Vec::new(), refused: HashSet::new() };
    for day in 0..=days.count {
        if day > 0 {
            run.next_day().await?;
        }
        run.day(day, days.is_played).await?;
        for entry in run.told.drain(..) {
            tell(entry)?;
        }
    }
    Ok(())
}

struct Run<'r> {
    app: &'r App,
    actor: Actor,
    diary: Diary,
    told: Vec<Entry>,
    /// Tasks that the stand-in could not do; it is told once.
    refused: HashSet<TaskId>,
}

impl Run<'_> {
    /// Sets the clock to the beginning of the next local day, in whole seconds.
    async fn next_day(&mut self) -> Result<()> {
        let tx = self.app.begin(&self.actor).await?;
        let midnight = tx.calendar().await?.start_of(plus(tx.today().await?, 1));
        let left = (midnight - tx.now).num_milliseconds();
        let seconds = left.div_euclid(1000) + 1;
        let advanced = workspace::advance_clock(&tx, seconds).await?;
        self.app.commit(tx).await?;
        self.actor.clock_offset = advanced.clock_offset();
        Ok(())
    }

    async fn day(&mut self, day: u32, is_played: bool) -> anyhow::Result<()> {
        self.jobs(day).await?;
        for _ in 0..MOST_ROUNDS {
            if !is_played || !self.play(day).await? {
                return Ok(());
            }
            self.jobs(day).await?;
        }
        let today = self.today().await?;
        bail!("on {today} there was always more to do: a journey goes round within a day")
    }

    /// Runs what is due until nothing is, also where another worker has taken a part of it.
    async fn jobs(&mut self, day: u32) -> anyhow::Result<()> {
        let id = self.actor.workspace_id;
        let ran = worker::run_due_of(self.app, Some(id), MOST_AT_ONCE).await?;
        ensure!(ran.done < MOST_AT_ONCE, "there are always more jobs; look at `jobs` in the API");
        let mut naps = 0;
        while job::is_running(self.app.db.read(), id).await? {
            ensure!(naps < MOST_NAPS, "a job does not come to an end; look at `jobs` in the API");
            tokio::time::sleep(NAP).await;
            naps += 1;
        }
        self.turn(day).await?;
        if ran.failed > 0 {
            let today = self.today().await?;
            self.told.push(Entry::failed_jobs(day, today, ran.failed));
        }
        if naps > 0 { Box::pin(self.jobs(day)).await } else { Ok(()) }
    }

    /// Lets the stand-in do what is due; says whether there was something that it could do.
    async fn play(&mut self, day: u32) -> anyhow::Result<bool> {
        let today = self.today().await?;
        let mut has_done = false;
        for task in self.due(today).await? {
            let tx = self.app.begin(&self.actor).await?;
            match play::finish(&tx, task.id).await {
                Ok(_) => {
                    self.app.commit(tx).await?;
                    has_done = true;
                    self.turn(day).await?;
                }
                Err(Error::Problems(problems)) => {
                    drop(tx);
                    if self.refused.insert(task.id) {
                        let entry = Entry::refused(day, today, &task, &problems);
                        self.told.push(entry);
                    }
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(has_done)
    }

    /// The open tasks that are due, or have no due date, as they are now.
    async fn due(&self, today: NaiveDate) -> Result<Vec<task::Model>> {
        let due = RangeFilter { lte: Some(today), ..Default::default() };
        let undated = RangeFilter { is_null: Some(true), ..Default::default() };
        let cx = self.app.read(&self.actor);
        let mut tasks = Vec::new();
        for due_on in [due, undated] {
            let statuses = Some(vec![TaskStatus::Open]);
            let filter = TaskFilter { statuses, due_on: Some(due_on), ..Default::default() };
            let query = TaskQuery { filter, ..Default::default() };
            let mut cursor = None;
            loop {
                let page = task::list(&cx, &query, &PageArgs::after(PAGE, cursor)).await?;
                cursor = page.rows.last().map(|(cursor, _)| cursor.clone());
                let has_next = page.has_next;
                tasks.extend(page.into_rows());
                if !has_next || tasks.len() > MOST_AT_ONCE {
                    break;
                }
            }
        }
        Ok(tasks)
    }

    async fn today(&self) -> Result<NaiveDate> {
        self.app.read(&self.actor).today().await
    }

    /// Writes down what has happened since the last turn.
    async fn turn(&mut self, day: u32) -> Result<()> {
        let cx = self.app.read(&self.actor);
        self.told.extend(self.diary.turn(&cx, day).await?);
        Ok(())
    }
}
