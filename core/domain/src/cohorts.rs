//! Onboarding and churn: whether customers who were onboarded well stay, cohort by cohort, and
//! whether that changed when the process did. Derived, never stored.
//!
//! The onboarding of an account is that of its journey that left the phase ONBOARDING first within
//! the days that are asked about. An account that was lost on the way is counted beside those who
//! came through, by the day on which its journey was called off. An onboarding that was over
//! already when it was taken over is in no cohort: neither its length nor its end is known.

pub mod facts;

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use crate::accounts::account::{self, AccountFilter};
use crate::accounts::segment;
use crate::calendar::{Calendar, plus};
use crate::feedback::response;
use crate::feedback::score::Method;
use crate::journeys::stage_template::Phase;
use crate::journeys::{JourneyStatus, journey, stage_template, visit};
use crate::page::group;
use crate::prelude::*;
use crate::revenue::renewal::{self, RenewalStatus};
use crate::revenue::report::Period;
use crate::tasks::{TaskStatus, task};
use facts::{By, Cohort, Facts, Pass, cohorts};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The days on which onboardings ended.
    pub period: Period,
    /// What cohorts are told apart by.
    pub by: By,
    /// Whose onboardings.
    pub filter: AccountFilter,
    /// Only those of journeys of this template.
    pub template_id: Option<JourneyTemplateId>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The cohorts in their order.
    pub cohorts: Vec<Cohort>,
    /// How many accounts are in none of them, because their onboarding was over when it was taken
    /// over on one of these days.
    pub left_out: usize,
}

/// The most rows that one statement reads; who asks about more narrows the question.
const MOST_ROWS: u64 = 200_000;

/// The most cohorts.
pub const MOST_COHORTS: usize = 60;

/// The cohorts in their order, in at most five statements.
pub async fn of(cx: &Cx<'_>, question: &Question) -> Result<Found> {
    for area in [Area::Accounts, Area::Journeys, Area::Tasks, Area::Feedback, Area::Revenue] {
        cx.require(area, Access::Read)?;
    }
    let Period { from, to } = question.period;
    let mut checks = Checks::new();
    checks.ensure(from <= to, || Problem::new("to", Code::TooEarly).with("min", from));
    checks.finish()?;
    let accounts = segment::condition(cx, &question.filter).await?;
    let calendar = cx.calendar().await?;
    let instants = (calendar.start_of(from), calendar.start_of(plus(to, 1)));
    let asked = Asked { cx, accounts, template_id: question.template_id, instants };
    let (facts, left_out) = asked.facts().await?;
    let cohorts = cohorts(&facts, question.by, cx.today().await?);
    if cohorts.len() > MOST_COHORTS {
        return Err(Problem::too_many("to", MOST_COHORTS, "cohorts").into());
    }
    Ok(Found { cohorts, left_out })
}

/// One visit of a stage of the phase ONBOARDING.
#[derive(FromQueryResult)]
struct VisitRow {
    id: StageVisitId,
    journey_id: JourneyId,
    account_id: AccountId,
    template_id: JourneyTemplateId,
    /// That of the visit: a migration of the journey does not change what was.
    version_id: JourneyTemplateVersionId,
    status: JourneyStatus,
    number: i32,
    entered_on: NaiveDate,
    entered_at: DateTime<Utc>,
    exited_at: Option<DateTime<Utc>>,
    outcome: Option<visit::Outcome>,
    adopted_at: Option<DateTime<Utc>>,
    /// The position of its stage, and that of the first stage of the phase.
    position: i32,
    first_position: Option<i32>,
    churned_on: Option<NaiveDate>,
    /// The number of the last visit of the journey, of whatever phase.
    last_number: i32,
}

#[derive(FromQueryResult)]
struct TaskRow {
    visit_id: StageVisitId,
    original_due_on: NaiveDate,
    finished_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct AnswerRow {
    account_id: AccountId,
    score: i32,
    responded_at: DateTime<Utc>,
    visit_id: Option<StageVisitId>,
}

#[derive(FromQueryResult)]
struct RenewalRow {
    account_id: AccountId,
    status: RenewalStatus,
    decided_on: NaiveDate,
}

/// The statements of a question.
struct Asked<'a> {
    cx: &'a Cx<'a>,
    accounts: Condition,
    template_id: Option<JourneyTemplateId>,
    /// The first instant, and the first one after the last day.
    instants: (DateTime<Utc>, DateTime<Utc>),
}

impl Asked<'_> {
    /// The facts of each account whose onboarding ended in time, and how many accounts are left
    /// out because nobody saw that.
    async fn facts(&self) -> Result<(Vec<Facts>, usize)> {
        let mut journeys: BTreeMap<JourneyId, Vec<VisitRow>> = BTreeMap::new();
        for row in self.read::<VisitRow>(self.visits()).await? {
            journeys.entry(row.journey_id).or_default().push(row);
        }
        let ended = journeys.into_values().filter_map(|visits| self.ended(visits));
        let mut ended: Vec<_> = ended.collect();
        // Of two journeys of an account, the one whose onboarding ended first; one that was called
        // off only where no other came through, and one that nobody saw end only where no other is.
        ended.sort_by_key(|(pass, visits)| {
            (visits[0].account_id, !pass.is_end_known, pass.is_lost, pass.ended_at)
        });
        ended.dedup_by_key(|(_, visits)| visits[0].account_id);
        let all = ended.len();
        ended.retain(|(pass, _)| pass.is_end_known);
        let known = Known {
            calendar: self.cx.calendar().await?,
            tasks: group(self.read(self.tasks()).await?, |row: &TaskRow| Some(row.visit_id)),
            answers: group(self.read(self.answers()).await?, |row: &AnswerRow| {
                Some(row.account_id)
            }),
            renewals: group(self.read(self.renewals()).await?, |row: &RenewalRow| {
                Some(row.account_id)
            }),
        };
        let facts: Vec<_> = ended.iter().map(|(pass, visits)| known.facts(pass, visits)).collect();
        let left_out = all - facts.len();
        Ok((facts, left_out))
    }

    /// The onboarding of a journey, where it has ended within the days that are asked about, or was
    /// called off then and the account is lost.
    fn ended(&self, visits: Vec<VisitRow>) -> Option<(Pass, Vec<VisitRow>)> {
        let first = visits.first()?;
        let has_gone_on =
            |number: i32| first.last_number > number || first.status == JourneyStatus::Completed;
        let passes: Vec<_> = visits
            .iter()
            .map(|row| facts::Visit {
                number: row.number,
                entered_on: row.entered_on,
                entered_at: row.entered_at,
                exited_at: row.exited_at,
                outcome: row.outcome,
                adopted_at: row.adopted_at,
                is_of_first_stage: Some(row.position) == row.first_position,
            })
            .collect();
        let is_lost = first.status == JourneyStatus::Cancelled && first.churned_on.is_some();
        let pass = facts::pass(&passes, has_gone_on, is_lost)?;
        let (from, until) = self.instants;
        (from <= pass.ended_at && pass.ended_at < until).then_some((pass, visits))
    }

    async fn read<R: FromQueryResult>(&self, mut query: SelectStatement) -> Result<Vec<R>> {
        query.limit(MOST_ROWS + 1);
        let statement = self.cx.db.get_database_backend().build(&query);
        let rows = R::find_by_statement(statement).all(&self.cx.db).await?;
        if rows.len() as u64 > MOST_ROWS {
            return Err(Problem::too_many("to", MOST_ROWS, "rows").into());
        }
        Ok(rows)
    }

    /// The visits of stages of the phase ONBOARDING, with their journeys and accounts.
    fn onboarding(&self) -> SelectStatement {
        use stage_template::Column as Stage;
        let of = |column: visit::Column| Expr::col((visit::Entity, column));
        let of_journey = |column: journey::Column| Expr::col((journey::Entity, column));
        let of_stage = |column: Stage| Expr::col((stage_template::Entity, column));
        let id = self.cx.workspace_id();
        let journeys = Condition::all()
            .add(of_journey(journey::Column::WorkspaceId).eq(id))
            .add(of_journey(journey::Column::Id).eq(of(visit::Column::JourneyId)));
        let stages = Condition::all()
            .add(of_stage(Stage::WorkspaceId).eq(id))
            .add(of_stage(Stage::VersionId).eq(of(visit::Column::VersionId)))
            .add(of_stage(Stage::Key).eq(of(visit::Column::StageKey)));
        let account = |column: account::Column| Expr::col((account::Entity, column));
        let accounts = Condition::all()
            .add(account(account::Column::WorkspaceId).eq(id))
            .add(account(account::Column::Id).eq(of(visit::Column::AccountId)));
        let template = self.template_id;
        Query::select()
            .from(visit::Entity)
            .inner_join(journey::Entity, journeys)
            .inner_join(stage_template::Entity, stages)
            .inner_join(account::Entity, accounts)
            .and_where(of(visit::Column::WorkspaceId).eq(id))
            .and_where(of_stage(Stage::Phase).eq(Phase::Onboarding))
            .and_where_option(template.map(|id| of_journey(journey::Column::TemplateId).eq(id)))
            .cond_where(self.accounts.clone())
            .take()
    }

    /// A column of the visits that ended in time.
    fn in_time(&self, column: visit::Column) -> SelectStatement {
        let exited_at = Expr::col((visit::Entity, visit::Column::ExitedAt));
        let (from, until) = self.instants;
        let mut query = self.onboarding();
        query.column((visit::Entity, column)).and_where(exited_at.clone().gte(from));
        query.and_where(exited_at.lt(until)).take()
    }

    /// All visits of the phase, of the journeys of which one ended in time, in their order.
    fn visits(&self) -> SelectStatement {
        use visit::Column::{
            AccountId, AdoptedAt, EnteredAt, EnteredOn, ExitedAt, Id, JourneyId, Number, Outcome,
            VersionId,
        };
        let of = |column: visit::Column| Expr::col((visit::Entity, column));
        let journeys = self.in_time(JourneyId);
        let later = Alias::new("later");
        let of_later = |column: visit::Column| Expr::col((later.clone(), column));
        let last_number = Query::select()
            .expr(of_later(Number).max())
            .from_as(visit::Entity, later.clone())
            .and_where(of_later(visit::Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(of_later(JourneyId).eq(of(JourneyId)))
            .take();
        let mut query = self.onboarding();
        let visit = [Id, JourneyId, AccountId, VersionId, Number, Outcome];
        for column in visit.into_iter().chain([EnteredOn, EnteredAt, ExitedAt, AdoptedAt]) {
            query.column((visit::Entity, column));
        }
        query
            .column((journey::Entity, journey::Column::TemplateId))
            .column((journey::Entity, journey::Column::Status))
            .column((account::Entity, account::Column::ChurnedOn))
            .column((stage_template::Entity, stage_template::Column::Position))
            .expr_as(last_number, Alias::new("last_number"))
            .expr_as(self.first_position(), Alias::new("first_position"))
            .and_where(of(JourneyId).in_subquery(journeys))
            .order_by((visit::Entity, JourneyId), Direction::Asc)
            .order_by((visit::Entity, Number), Direction::Asc)
            .take()
    }

    /// The position of the first stage of the phase, in the version of a visit.
    fn first_position(&self) -> SelectStatement {
        use stage_template::Column::{Phase as OfPhase, Position, VersionId, WorkspaceId};
        let stage = Alias::new("first_stage");
        let of = |column: stage_template::Column| Expr::col((stage.clone(), column));
        let version = Expr::col((visit::Entity, visit::Column::VersionId));
        Query::select()
            .expr(of(Position).min())
            .from_as(stage_template::Entity, stage.clone())
            .and_where(of(WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(of(VersionId).eq(version))
            .and_where(of(OfPhase).eq(Phase::Onboarding))
            .take()
    }

    /// The required tasks of these visits that had a due date and were done. What was skipped was
    /// not done in time, nor late.
    fn tasks(&self) -> SelectStatement {
        use task::Column::{FinishedAt, OriginalDueOn, Required, Status, VisitId, WorkspaceId};
        let mut visits = self.onboarding();
        visits.column((visit::Entity, visit::Column::Id)).and_where(
            Expr::col((visit::Entity, visit::Column::JourneyId))
                .in_subquery(self.in_time(visit::Column::JourneyId)),
        );
        Query::select()
            .columns([VisitId, OriginalDueOn, FinishedAt])
            .from(task::Entity)
            .and_where(WorkspaceId.eq(self.cx.workspace_id()))
            .and_where(VisitId.in_subquery(visits))
            .and_where(Required.eq(true))
            .and_where(Status.eq(TaskStatus::Done))
            .and_where(OriginalDueOn.is_not_null())
            .and_where(FinishedAt.is_not_null())
            .take()
    }

    /// The answers of these accounts to NPS questions, with the visit of the task that asked.
    fn answers(&self) -> SelectStatement {
        use response::Column::{AccountId, RespondedAt, Score, TaskId, WorkspaceId};
        let of = |column: response::Column| Expr::col((response::Entity, column));
        let of_task = |column: task::Column| Expr::col((task::Entity, column));
        let id = self.cx.workspace_id();
        let tasks = Condition::all()
            .add(of_task(task::Column::WorkspaceId).eq(id))
            .add(of_task(task::Column::Id).eq(of(TaskId)));
        Query::select()
            .columns([AccountId, Score, RespondedAt].map(|column| (response::Entity, column)))
            .column((task::Entity, task::Column::VisitId))
            .from(response::Entity)
            .left_join(task::Entity, tasks)
            .and_where(of(WorkspaceId).eq(id))
            .and_where(of(response::Column::Method).eq(Method::Nps))
            .and_where(of(AccountId).in_subquery(self.in_time(visit::Column::AccountId)))
            .take()
    }

    /// What was decided of the renewals of these accounts.
    fn renewals(&self) -> SelectStatement {
        use renewal::Column::{AccountId, DecidedOn, Status, WorkspaceId};
        Query::select()
            .columns([AccountId, Status, DecidedOn])
            .from(renewal::Entity)
            .and_where(WorkspaceId.eq(self.cx.workspace_id()))
            .and_where(Status.is_in([RenewalStatus::Renewed, RenewalStatus::Lost]))
            .and_where(DecidedOn.is_not_null())
            .and_where(AccountId.in_subquery(self.in_time(visit::Column::AccountId)))
            .take()
    }
}

/// What is read beside the visits.
struct Known<'k> {
    calendar: &'k Calendar,
    tasks: HashMap<StageVisitId, Vec<TaskRow>>,
    answers: HashMap<AccountId, Vec<AnswerRow>>,
    renewals: HashMap<AccountId, Vec<RenewalRow>>,
}

impl Known<'_> {
    /// What is known of the account of an onboarding; there is a visit at least.
    fn facts(&self, pass: &Pass, visits: &[VisitRow]) -> Facts {
        let first = &visits[0];
        // Where the journey was migrated on the way: the version by which it came through.
        let version_id = visits.last().unwrap_or(first).version_id;
        // What was due in a stage that was taken over counts from that day, and says nothing.
        let seen = visits.iter().filter(|visit| visit.adopted_at.is_none());
        let tasks = seen.filter_map(|visit| self.tasks.get(&visit.id)).flatten();
        let is_in_time =
            |task: &TaskRow| self.calendar.local_date(task.finished_at) <= task.original_due_on;
        let in_time: Vec<_> = tasks.map(is_in_time).collect();
        let is_of_phase = |answer: &&AnswerRow| match answer.visit_id {
            Some(id) => visits.iter().any(|visit| visit.id == id),
            None => (pass.entered_at..=pass.ended_at).contains(&answer.responded_at),
        };
        let answers = self.answers.get(&first.account_id).into_iter().flatten();
        let last = answers.filter(is_of_phase).max_by_key(|answer| answer.responded_at);
        let ended_on = self.calendar.local_date(pass.ended_at);
        let renewals = self.renewals.get(&first.account_id).into_iter().flatten();
        let decided = renewals.filter(|renewal| renewal.decided_on >= ended_on);
        let decision = decided.min_by_key(|renewal| renewal.decided_on);
        Facts {
            template_id: first.template_id,
            version_id,
            is_lost: pass.is_lost,
            days: pass.days_until(ended_on),
            ended_on,
            dated_tasks: in_time.len(),
            tasks_on_time: in_time.into_iter().filter(|is_in_time| *is_in_time).count(),
            nps: last.map(|answer| answer.score),
            repeats: pass.is_begin_known.then_some(pass.repeats),
            churned_on: first.churned_on,
            is_renewed: decision.map(|renewal| renewal.status == RenewalStatus::Renewed),
        }
    }
}
