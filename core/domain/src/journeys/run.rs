//! The shell around the engine: loads a journey into memory under its lock, and writes whatever
//! the engine changed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::blueprint::{self, Blueprint};
use super::engine::{Observed, Run, Settled, Values, World, settle};
use super::journey::{self, JourneyStatus};
use super::stage_template::{Phase, StartAnchor};
use super::{alert, by_plugin, evaluation, review, visit, wake};
use crate::accounts::account::{self, AccountStatus};
use crate::accounts::{assignment, contact};
use crate::auth::{Origin, user};
use crate::calendar::Calendar;
use crate::feedback::response;
use crate::feedback::score::Method;
use crate::metrics::{metric, point};
use crate::plans::risk::{self, Alarm};
use crate::prelude::*;
use crate::revenue::subscription;
use crate::tasks::due::Anchor;
use crate::tasks::{AssigneeRule, Source, TaskStatus, task};
use sea_orm::IntoActiveModel;

/// A journey in memory, with the rows as they were read.
pub(crate) struct Loaded {
    pub(crate) run: Run,
    pub(crate) plan: Blueprint,
    pub(crate) account: account::Model,
    /// What was read; without a journey, where it is new.
    before: Option<Run>,
    calendar: Calendar,
    ends: Vec<NaiveDate>,
    values: Values,
    alarm: Alarm,
    /// See [`World::not_before`].
    pub(crate) not_before: Option<DateTime<Utc>>,
    /// What a person did to the journey, where that is told.
    pub(crate) fact: Option<Fact>,
    /// It is looked at because its time had come: if that was too early, it must ask again.
    pub(crate) is_woken: bool,
    has_more_to_do: bool,
}

/// Loads a journey and locks it until the transaction ends (rule 19).
pub(crate) async fn load(tx: &Tx<'_>, id: JourneyId, field: &str) -> Result<Loaded> {
    let journey = journey::lock(tx, id, field).await?;
    let plan = blueprint::load(tx, journey.version_id).await?;
    let mut run = Run::new(journey);
    if let Some(last) = visit::last(tx, id).await? {
        run.tasks = task::in_visits(tx, &[last.id]).await?;
        run.evaluations = evaluation::in_visits(tx, &[last.id]).await?;
        run.visits.push(last);
    }
    run.attempts = visit::attempts(tx, id, run.journey.lap).await?;
    let before = Some(run.clone());
    let account = account::find_in(tx, run.journey.account_id, "accountId").await?;
    around(tx, run, plan, account, before).await
}

/// A journey that has just been thought of.
pub(crate) async fn fresh(
    tx: &Tx<'_>,
    journey: journey::Model,
    account: account::Model,
) -> Result<Loaded> {
    let plan = blueprint::load(tx, journey.version_id).await?;
    around(tx, Run::new(journey), plan, account, None).await
}

async fn around(
    tx: &Tx<'_>,
    run: Run,
    plan: Blueprint,
    account: account::Model,
    before: Option<Run>,
) -> Result<Loaded> {
    let calendar = tx.calendar().await?.clone();
    let ends = ends(tx, &run.journey, &plan).await?;
    Ok(Loaded {
        run,
        plan,
        account,
        before,
        calendar,
        ends,
        values: Values::default(),
        alarm: Alarm::None,
        not_before: None,
        fact: None,
        is_woken: false,
        has_more_to_do: false,
    })
}

impl Loaded {
    /// Works on the journey with everything that the engine needs.
    pub(crate) fn with<T>(
        &mut self,
        tx: &Tx<'_>,
        work: impl FnOnce(&mut Run, &Blueprint, &World<'_>) -> T,
    ) -> T {
        let new_id = || tx.new_id::<EventId>().0;
        let world = World {
            calendar: &self.calendar,
            now: tx.now,
            is_frozen: self.account.status == AccountStatus::Paused,
            not_before: self.not_before,
            ends: self.ends.clone(),
            values: self.values.clone(),
            alarm: self.alarm,
            new_id: &new_id,
        };
        work(&mut self.run, &self.plan, &world)
    }

    /// Replaces the plan, when the journey migrates.
    pub(crate) async fn replan(&mut self, tx: &Tx<'_>, plan: Blueprint) -> Result<()> {
        self.ends = ends(tx, &self.run.journey, &plan).await?;
        self.plan = plan;
        Ok(())
    }

    /// Lets the journey move as far as it goes by itself, and writes; the reason that a person
    /// gave goes into the audit.
    pub(crate) async fn settle_and_save(
        mut self,
        tx: &Tx<'_>,
        reason: Option<&str>,
    ) -> Result<Run> {
        // Not sooner: an answer that the verb itself has recorded is the latest value.
        self.values = values(tx, self.account.id, &self.plan).await?;
        if self.plan.heeds_risks() {
            self.alarm = risk::alarm(tx, self.account.id).await?;
        }
        self.has_more_to_do = self.with(tx, settle) == Settled::MoreToDo;
        self.save(tx, reason).await
    }

    /// Writes whatever differs: what is closed first, so that there is never a second open visit.
    pub(crate) async fn save(mut self, tx: &Tx<'_>, reason: Option<&str>) -> Result<Run> {
        self.find_holders(tx).await?;
        let empty = Run { journey: self.run.journey.clone(), ..Run::new(self.run.journey.clone()) };
        let before = self.before.as_ref().unwrap_or(&empty);
        let was = self.before.as_ref().map(|run| &run.journey);
        self.run.journey = match was {
            None => insert_journey(tx, &self.run.journey).await?,
            Some(was) => {
                let fact = journey_fact(was, &self.run.journey, self.fact);
                let told = fact.perhaps_because(reason).at(self.run.journey.ended_at);
                let row: journey::ActiveModel = self.run.journey.clone().into();
                store::update(tx, was, row.reset_all(), told).await?
            }
        };
        let comes_to_adoption = self.comes_to_adoption(before);
        let visits = (before.visits.as_slice(), &mut self.run.visits);
        write::<visit::ActiveModel>(tx, visits, visit_told, reason).await?;
        let tasks = (before.tasks.as_slice(), &mut self.run.tasks);
        write::<task::ActiveModel>(tx, tasks, task_told, reason).await?;
        let evaluations = (before.evaluations.as_slice(), &mut self.run.evaluations);
        let recorded = |was: Option<&_>, _: &_| was.map_or(Fact::Created, |_| Fact::Updated).into();
        write::<evaluation::ActiveModel>(tx, evaluations, recorded, reason).await?;
        self.enqueue(tx, was)?;
        self.ask_plugins(tx, &before.tasks)?;
        if comes_to_adoption {
            review::ask_for(tx, self.account.id).await?;
        }
        Ok(self.run)
    }

    /// Whether this is how the primary journey comes from take-off to flight.
    fn comes_to_adoption(&self, before: &Run) -> bool {
        let is_ongoing = |visit: &visit::Model| {
            self.plan.stage(&visit.stage_key).is_some_and(|at| at.row.phase == Phase::Ongoing)
        };
        let new = &self.run.visits[before.visits.len()..];
        let was_ongoing = before.visits.last().is_some_and(is_ongoing);
        self.run.journey.is_primary && !was_ongoing && new.iter().any(is_ongoing)
    }

    /// What must happen later, or elsewhere.
    fn enqueue(&self, tx: &Tx<'_>, was: Option<&journey::Model>) -> Result<()> {
        let journey = &self.run.journey;
        let was_held = was.is_some_and(|was| was.status == JourneyStatus::Held);
        // Facts of the past alert nobody (rule 9).
        let is_past = tx.actor.origin == Origin::Backfill;
        if journey.status == JourneyStatus::Held && !was_held && !is_past {
            alert::ask_for(tx, journey.id, journey.account_id)?;
        }
        if self.has_more_to_do {
            wake::ask_for(tx, journey, tx.now)?;
        } else if let Some(date) = journey.wakes_on {
            let at = self.calendar.start_of(date);
            let is_news = was.and_then(|was| was.wakes_on) != Some(date);
            // A journey that stands still, because its account is paused, is not woken for nothing.
            if is_news || (self.is_woken && at > tx.now) {
                wake::ask_for(tx, journey, at)?;
            }
        }
        Ok(())
    }

    /// Asks for the plugins of the tasks that are to be prepared since.
    fn ask_plugins(&self, tx: &Tx<'_>, before: &[task::Model]) -> Result<()> {
        let is_preparing = |task: &&task::Model| task.status == TaskStatus::Preparing;
        let was = |id: TaskId| before.iter().filter(is_preparing).any(|task| task.id == id);
        let mut new = self.run.tasks.iter().filter(is_preparing).filter(|task| !was(task.id));
        new.try_for_each(|task| by_plugin::ask_for(tx, task.id))
    }

    /// Gives the tasks that have just opened to whoever holds their role now (rule 11).
    async fn find_holders(&mut self, tx: &Tx<'_>) -> Result<()> {
        // Somebody must see what is blocked or prepared, too.
        let is_shown = |task: &&task::Model| {
            use TaskStatus::{Blocked, Open, Preparing};
            matches!(task.status, Open | Blocked | Preparing)
        };
        let was_open = |id: TaskId| {
            let tasks = self.before.iter().flat_map(|run| &run.tasks);
            tasks.filter(is_shown).any(|task| task.id == id)
        };
        let opened = self.run.tasks.iter().filter(is_shown);
        let opened = opened.filter(|task| !task.assigned_by_hand && !was_open(task.id));
        let opened: Vec<TaskId> = opened.map(|task| task.id).collect();
        let mut holders = Holders::of(self.account.id);
        for task in self.run.tasks.iter_mut().filter(|task| opened.contains(&task.id)) {
            holders.assign(tx, task).await?;
        }
        Ok(())
    }
}

/// Who holds the roles of an account; each is looked up once.
pub(crate) struct Holders {
    account_id: AccountId,
    users: HashMap<OptionId, Option<UserId>>,
    fixed: HashMap<UserId, bool>,
    contacts: HashMap<Option<OptionId>, Option<ContactId>>,
}

impl Holders {
    pub(crate) fn of(account_id: AccountId) -> Self {
        let (users, fixed, contacts) = Default::default();
        Self { account_id, users, fixed, contacts }
    }

    /// Resolves the rule of a task; nobody in the role leaves it unassigned, and listed so.
    pub(crate) async fn assign(&mut self, tx: &Tx<'_>, task: &mut task::Model) -> Result<()> {
        match (task.assignee_rule, task.assignee_role_id) {
            (AssigneeRule::FixedUser, _) => {
                // A version that is no longer in use may still name somebody who has left.
                if let Some(user_id) = task.assignee_user_id {
                    let is_active = match self.fixed.entry(user_id) {
                        Entry::Occupied(known) => *known.get(),
                        Entry::Vacant(new) => *new.insert(user::is_active(tx, user_id).await?),
                    };
                    task.assignee_user_id = is_active.then_some(user_id);
                }
            }
            (AssigneeRule::AccountRole, None) => {}
            (AssigneeRule::AccountRole, Some(role_id)) => {
                if !self.users.contains_key(&role_id) {
                    let holder = assignment::holder(tx, self.account_id, role_id).await?;
                    self.users.insert(role_id, holder);
                }
                task.assignee_user_id = self.users[&role_id];
            }
            (AssigneeRule::Customer, role) => {
                if !self.contacts.contains_key(&role) {
                    let contact = customer(tx, self.account_id, role).await?;
                    self.contacts.insert(role, contact);
                }
                task.assignee_contact_id = self.contacts[&role];
            }
        }
        Ok(())
    }
}

async fn customer(
    tx: &Tx<'_>,
    account_id: AccountId,
    role: Option<OptionId>,
) -> Result<Option<ContactId>> {
    if let Some(role_id) = role
        && let Some(contact) = contact::with_role(tx, account_id, role_id).await?
    {
        return Ok(Some(contact));
    }
    contact::primary(tx, account_id).await
}

async fn insert_journey(tx: &Tx<'_>, journey: &journey::Model) -> Result<journey::Model> {
    if journey.is_primary {
        journey::clear_primary(tx, journey.account_id).await?;
    }
    let row: journey::ActiveModel = journey.clone().into();
    store::insert(tx, row.reset_all(), Told::from(Fact::Started).at(journey.started_at)).await
}

/// Updates the rows that were read and inserts the others.
async fn write<A>(
    tx: &Tx<'_>,
    (before, after): (&[ModelOf<A>], &mut Vec<ModelOf<A>>),
    told: impl Fn(Option<&ModelOf<A>>, &ModelOf<A>) -> Told<'static>,
    reason: Option<&str>,
) -> Result<()>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: store::Noun + IntoActiveModel<A>,
{
    let mut new = Vec::new();
    for row in std::mem::take(after) {
        let id: Uuid = store::Noun::id(&row).into();
        match before.iter().find(|was| store::Noun::id(*was).into() == id) {
            None => new.push(row.into_active_model().reset_all()),
            Some(was) => {
                let told = told(Some(was), &row).perhaps_because(reason);
                let patch = row.into_active_model().reset_all();
                after.push(store::update(tx, was, patch, told).await?);
            }
        }
    }
    after.extend(store::insert_many(tx, new, |row| told(None, row)).await?);
    Ok(())
}

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;

/// What happened to a journey: it ended, a person did something to it, or it went by itself.
fn journey_fact(was: &journey::Model, is: &journey::Model, done: Option<Fact>) -> Fact {
    match (is.status, done) {
        (JourneyStatus::Completed, _) => Fact::Completed,
        (JourneyStatus::Cancelled, _) => Fact::Cancelled,
        (_, Some(done)) => done,
        (JourneyStatus::Held, _) if was.status != JourneyStatus::Held => Fact::Held,
        (JourneyStatus::Waiting, _) if was.status != JourneyStatus::Waiting => Fact::Waiting,
        (JourneyStatus::Active, _) if was.status != JourneyStatus::Active => Fact::Resumed,
        _ => Fact::Updated,
    }
}

fn visit_told(was: Option<&visit::Model>, is: &visit::Model) -> Told<'static> {
    match (was, is.exited_at) {
        (_, Some(at)) => Told::from(Fact::Ended).at(at),
        (None, None) => Told::from(Fact::Opened).at(is.entered_at),
        (Some(_), None) => Fact::Updated.into(),
    }
}

/// What happened to a task, as of when it was opened or finished.
fn task_told(was: Option<&task::Model>, is: &task::Model) -> Told<'static> {
    let fact = task_fact(was, is);
    let at = match fact {
        Fact::Opened => is.opened_at,
        Fact::Completed | Fact::Skipped | Fact::Cancelled => is.finished_at,
        _ => None,
    };
    Told::from(fact).at(at)
}

/// What happened to a task, told from what it was, where it was there, and what it is.
pub(crate) fn task_fact(was: Option<&task::Model>, is: &task::Model) -> Fact {
    let Some(was) = was else { return first_fact(is.status) };
    match is.status {
        _ if was.status == is.status => {
            let same_holder = was.assignee_user_id == is.assignee_user_id
                && was.assignee_contact_id == is.assignee_contact_id;
            match (same_holder, was.due_on == is.due_on) {
                (false, _) => Fact::Reassigned,
                (true, false) => Fact::Rescheduled,
                (true, true) => Fact::Updated,
            }
        }
        TaskStatus::Done => Fact::Completed,
        TaskStatus::Skipped => Fact::Skipped,
        TaskStatus::Cancelled => Fact::Cancelled,
        _ if was.status.is_closed() => Fact::Reopened,
        TaskStatus::Open => Fact::Opened,
        TaskStatus::Blocked => Fact::Blocked,
        TaskStatus::Pending | TaskStatus::Preparing => Fact::Updated,
    }
}

/// A task may be open as soon as it is there, and even be called off at once.
fn first_fact(status: TaskStatus) -> Fact {
    match status {
        TaskStatus::Open => Fact::Opened,
        TaskStatus::Blocked => Fact::Blocked,
        TaskStatus::Cancelled => Fact::Cancelled,
        _ => Fact::Created,
    }
}

/// The ends that anchors can mean, read only where the plan has such an anchor.
async fn ends(tx: &Tx<'_>, journey: &journey::Model, plan: &Blueprint) -> Result<Vec<NaiveDate>> {
    let is_anchored = plan.stages.iter().any(|stage| {
        stage.row.starts_at == Some(StartAnchor::SubscriptionEnd)
            || stage.plans.iter().any(|plan| plan.row.anchor == Anchor::SubscriptionEnd)
    });
    match is_anchored {
        false => Ok(Vec::new()),
        true => subscription::ends(tx, journey.account_id, journey.subscription_id).await,
    }
}

/// The values that the indicators of the plan can read, in at most four statements.
async fn values(tx: &Tx<'_>, account_id: AccountId, plan: &Blueprint) -> Result<Values> {
    let plans = plan.stages.iter().flat_map(|stage| stage.indicators());
    let configs: Vec<_> = plans.filter_map(|plan| plan.indicator()).collect();
    let reads = |source| configs.iter().any(|config| config.source == source);
    let mut values = Values::default();
    if reads(Source::Metric) {
        let keys: Vec<&str> =
            configs.iter().filter_map(|config| config.metric_key.as_deref()).collect();
        let metrics = metric::in_use(tx, &keys).await?;
        let ids: Vec<MetricId> = metrics.iter().map(|metric| metric.id).collect();
        for point in point::latest(tx, account_id, &ids).await? {
            let observed = Observed { value: point.value, at: point.recorded_at };
            let metric = metrics.iter().find(|metric| metric.id == point.metric_id);
            values.metrics.extend(metric.map(|metric| (metric.key.clone(), observed)));
        }
    }
    if reads(Source::Nps) {
        values.nps = last_score(tx, account_id, Method::Nps).await?;
    }
    if reads(Source::Csat) {
        values.csat = last_score(tx, account_id, Method::Csat).await?;
    }
    Ok(values)
}

async fn last_score(
    tx: &Tx<'_>,
    account_id: AccountId,
    method: Method,
) -> Result<Option<Observed>> {
    let last = response::latest(tx, account_id, method).await?;
    Ok(last.map(|row| Observed { value: row.score.into(), at: row.responded_at }))
}
