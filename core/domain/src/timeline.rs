//! The timeline: what happened with an account, from all the tables that know a part of it.
//!
//! It is derived, never stored: a query over those tables stands in for one, so that it is paged
//! and filtered like any list, in one statement for as many accounts as are asked for.

use std::collections::HashMap;

use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, SelectStatement, UnionType};
use sea_orm::{Iterable, QueryTrait};

use crate::event;
use crate::filter::RangeFilter;
use crate::prelude::*;
use crate::tasks::task;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline")]
pub struct Model {
    pub account_id: AccountId,
    pub occurred_at: DateTime<Utc>,
    pub kind: EntryKind,
    /// The record that knows more; one record can have several entries.
    pub record_id: Uuid,
    /// What tells it: the record itself, or an event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What happened. The numbers give the order of what happened at the same instant, a cause before
/// its effects; they stand in no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum EntryKind {
    /// We met the customer.
    #[sea_orm(num_value = 1)]
    Interaction,
    /// The customer answered a survey.
    #[sea_orm(num_value = 2)]
    SurveyResponse,
    /// Somebody said what they make of the account.
    #[sea_orm(num_value = 3)]
    Pulse,
    /// A task was done or skipped.
    #[sea_orm(num_value = 4)]
    TaskFinished,
    /// An indicator was evaluated.
    #[sea_orm(num_value = 5)]
    IndicatorEvaluated,
    /// A milestone was reached.
    #[sea_orm(num_value = 6)]
    MilestoneReached,
    /// A goal was set.
    #[sea_orm(num_value = 7)]
    GoalSet,
    /// A goal was achieved.
    #[sea_orm(num_value = 8)]
    GoalAchieved,
    /// A goal was missed or given up.
    #[sea_orm(num_value = 9)]
    GoalClosed,
    /// A goal that had come to its end is worked on again.
    #[sea_orm(num_value = 10)]
    GoalReopened,
    /// Something was left out, to be reviewed later.
    #[sea_orm(num_value = 11)]
    DeferredItemCreated,
    /// It was decided what becomes of something that was left out.
    #[sea_orm(num_value = 12)]
    DeferredItemDecided,
    /// A risk was closed.
    #[sea_orm(num_value = 13)]
    RiskClosed,
    /// An opportunity was won or lost.
    #[sea_orm(num_value = 14)]
    OpportunityClosed,
    /// A risk was seen.
    #[sea_orm(num_value = 15)]
    RiskOpened,
    /// An opportunity was seen.
    #[sea_orm(num_value = 16)]
    OpportunityOpened,
    /// A closed risk is open again.
    #[sea_orm(num_value = 17)]
    RiskReopened,
    /// A closed opportunity is open again.
    #[sea_orm(num_value = 18)]
    OpportunityReopened,
    /// An account that tried the product became a customer.
    #[sea_orm(num_value = 19)]
    AccountActivated,
    /// The account was paused.
    #[sea_orm(num_value = 20)]
    AccountPaused,
    /// A paused or lost account goes on.
    #[sea_orm(num_value = 21)]
    AccountResumed,
    /// The account was lost.
    #[sea_orm(num_value = 22)]
    AccountChurned,
    /// A subscription was renewed.
    #[sea_orm(num_value = 23)]
    RenewalWon,
    /// A subscription will not be renewed, or was not.
    #[sea_orm(num_value = 24)]
    RenewalLost,
    /// Recurring revenue was won, grew, shrank or was lost.
    #[sea_orm(num_value = 25)]
    RevenueMoved,
    /// A visit of a stage ended.
    #[sea_orm(num_value = 26)]
    StageExited,
    /// A journey was completed or called off.
    #[sea_orm(num_value = 27)]
    JourneyEnded,
    /// Somebody was asked to take the account over.
    #[sea_orm(num_value = 28)]
    HandoffRequested,
    /// A handoff was declined.
    #[sea_orm(num_value = 29)]
    HandoffDeclined,
    /// A handoff was called off.
    #[sea_orm(num_value = 30)]
    HandoffCancelled,
    /// A handoff was accepted.
    #[sea_orm(num_value = 31)]
    HandoffAccepted,
    /// Somebody took on a role.
    #[sea_orm(num_value = 32)]
    Assigned,
    /// A journey began.
    #[sea_orm(num_value = 33)]
    JourneyStarted,
    /// A visit of a stage began.
    #[sea_orm(num_value = 34)]
    StageEntered,
}

impl EntryKind {
    /// The noun whose record tells more.
    pub fn subject(self) -> Kind {
        match self {
            Self::Interaction => Kind::Interaction,
            Self::SurveyResponse => Kind::SurveyResponse,
            Self::TaskFinished => Kind::Task,
            Self::IndicatorEvaluated => Kind::IndicatorEvaluation,
            Self::StageEntered | Self::StageExited => Kind::StageVisit,
            Self::JourneyStarted | Self::JourneyEnded => Kind::Journey,
            Self::Assigned => Kind::AccountAssignment,
            Self::Pulse => Kind::Pulse,
            Self::MilestoneReached => Kind::Milestone,
            Self::GoalSet | Self::GoalAchieved | Self::GoalClosed | Self::GoalReopened => {
                Kind::Goal
            }
            Self::HandoffRequested
            | Self::HandoffAccepted
            | Self::HandoffDeclined
            | Self::HandoffCancelled => Kind::Handoff,
            Self::RiskOpened | Self::RiskClosed | Self::RiskReopened => Kind::Risk,
            Self::OpportunityOpened | Self::OpportunityClosed | Self::OpportunityReopened => {
                Kind::Opportunity
            }
            Self::DeferredItemCreated | Self::DeferredItemDecided => Kind::DeferredItem,
            Self::AccountActivated
            | Self::AccountPaused
            | Self::AccountResumed
            | Self::AccountChurned => Kind::Account,
            Self::RenewalWon | Self::RenewalLost => Kind::Renewal,
            Self::RevenueMoved => Kind::RevenueMovement,
        }
    }

    fn area(self) -> Area {
        match self.subject() {
            Kind::Interaction => Area::Interactions,
            Kind::SurveyResponse => Area::Feedback,
            Kind::Task => Area::Tasks,
            Kind::Account | Kind::AccountAssignment => Area::Accounts,
            Kind::StageVisit | Kind::Journey | Kind::IndicatorEvaluation => Area::Journeys,
            Kind::Renewal | Kind::RevenueMovement => Area::Revenue,
            _ => Area::Plans,
        }
    }

    /// The column that says when; a record without a value has no entry. Nothing where only events
    /// know, because the record says how it is now and not how it came about.
    fn occurred_at(self) -> Option<&'static str> {
        Some(match self {
            Self::Interaction => "happened_at",
            Self::SurveyResponse => "responded_at",
            Self::TaskFinished => "finished_at",
            Self::IndicatorEvaluated => "evaluated_at",
            Self::StageEntered => "entered_at",
            Self::StageExited => "exited_at",
            Self::JourneyStarted => "started_at",
            Self::JourneyEnded => "ended_at",
            Self::Assigned => "starts_at",
            Self::Pulse => "felt_at",
            Self::MilestoneReached => "reached_at",
            Self::GoalSet | Self::DeferredItemCreated | Self::HandoffRequested => "created_at",
            Self::RiskOpened | Self::OpportunityOpened => "opened_at",
            Self::GoalAchieved
            | Self::GoalClosed
            | Self::HandoffAccepted
            | Self::HandoffDeclined
            | Self::HandoffCancelled
            | Self::RiskClosed
            | Self::OpportunityClosed => "closed_at",
            Self::DeferredItemDecided | Self::RenewalWon | Self::RenewalLost => "decided_at",
            Self::RevenueMoved => "happened_at",
            Self::GoalReopened
            | Self::RiskReopened
            | Self::OpportunityReopened
            | Self::AccountActivated
            | Self::AccountPaused
            | Self::AccountResumed
            | Self::AccountChurned => return None,
        })
    }

    /// The fact that events tell of what the record does not say, or no longer: that it was opened
    /// again, and how it had been closed before that.
    fn fact(self) -> Option<Fact> {
        Some(match self {
            Self::GoalAchieved => Fact::Achieved,
            Self::GoalClosed | Self::RiskClosed | Self::OpportunityClosed => Fact::Closed,
            Self::GoalReopened | Self::RiskReopened | Self::OpportunityReopened => Fact::Reopened,
            Self::AccountActivated => Fact::Activated,
            Self::AccountPaused => Fact::Paused,
            Self::AccountResumed => Fact::Resumed,
            Self::AccountChurned => Fact::Churned,
            _ => return None,
        })
    }

    /// Which records have an entry.
    fn condition(self) -> Condition {
        let all = Condition::all();
        match self {
            Self::Interaction | Self::Pulse | Self::MilestoneReached => {
                all.add(column("archived_at").is_null())
            }
            Self::GoalAchieved => all.add(column("status").eq("ACHIEVED")),
            Self::GoalClosed => all.add(column("status").is_in(["MISSED", "DROPPED"])),
            Self::HandoffAccepted => all.add(column("status").eq("ACCEPTED")),
            Self::HandoffDeclined => all.add(column("status").eq("DECLINED")),
            Self::HandoffCancelled => all.add(column("status").eq("CANCELLED")),
            Self::RenewalWon => all.add(column("status").eq("RENEWED")),
            Self::RenewalLost => all.add(column("status").eq("LOST")),
            // That it goes on is told by the renewal.
            Self::RevenueMoved => all.add(column("kind").ne("RENEWAL")),
            // What was left out when a journey was taken over is nobody's work of that day.
            Self::TaskFinished => {
                all.add(column("status").is_in(["DONE", "SKIPPED"])).add(is_not_adopted())
            }
            Self::IndicatorEvaluated => all.add(is_not_adopted()),
            // One that was called off before its first day never held.
            Self::Assigned => all.add(column("state").is_in(["CURRENT", "ENDED"])).add(
                Condition::any()
                    .add(column("ends_on").is_null())
                    .add(column("ends_on").gte(column("starts_on"))),
            ),
            _ => all,
        }
    }
}

/// What narrows a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimelineFilter {
    /// Only these; all without it.
    pub kinds: Option<Vec<EntryKind>>,
    pub occurred_at: Option<RangeFilter<DateTime<Utc>>>,
}

impl TimelineFilter {
    fn kinds(&self) -> Vec<EntryKind> {
        let is_asked = |kind: &EntryKind| self.kinds.as_ref().is_none_or(|all| all.contains(kind));
        EntryKind::iter().filter(is_asked).collect()
    }

    fn condition(&self) -> Condition {
        let range = self.occurred_at.as_ref();
        Condition::all().add_option(range.map(|range| range.condition(Column::OccurredAt)))
    }
}

/// A page of the timeline of each account, newest first. Needs the right to read of every kind of
/// entry that is asked for.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &TimelineFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    let kinds = filter.kinds();
    for kind in &kinds {
        cx.require(kind.area(), Access::Read)?;
    }
    let Some(entries) = entries(cx, &kinds) else {
        return Ok(accounts.iter().map(|id| (*id, Page::empty())).collect());
    };
    let orders =
        [Order::desc(Column::OccurredAt), Order::desc(Column::Kind), Order::desc(Column::Id)];
    let mut select = Entity::find().filter(filter.condition());
    QueryTrait::query(&mut select).with_cte(entries);
    page_each(cx, select, Column::AccountId, accounts, &orders, args).await
}

/// The entries of the workspace in the place of a table; both databases carry the conditions of
/// whoever selects from it into each part, where an index of the accounts serves them.
fn entries(cx: &Cx<'_>, kinds: &[EntryKind]) -> Option<CommonTableExpression> {
    let mut parts = kinds.iter().flat_map(|kind| parts(cx, *kind));
    let first = parts.next()?;
    let all = parts.fold(first, |mut all, part| all.union(UnionType::All, part).take());
    let columns = Column::iter().collect::<Vec<_>>();
    let mut table = CommonTableExpression::new();
    Some(table.table_name(Entity).columns(columns).query(all).to_owned())
}

/// The entries of one kind: what the records say, and what events know beyond that.
fn parts(cx: &Cx<'_>, kind: EntryKind) -> impl Iterator<Item = SelectStatement> {
    let told = kind.occurred_at().map(|at| of_records(cx, kind, at));
    let known = kind.fact().map(|fact| of_events(cx, kind, fact));
    told.into_iter().chain(known)
}

/// What the records say, in the order of the columns.
fn of_records(cx: &Cx<'_>, kind: EntryKind, at: &'static str) -> SelectStatement {
    let mut part = Query::select();
    part.expr(column("account_id"))
        .expr(column(at))
        .expr(Expr::val(kind.to_value()))
        .expr(column("id"))
        .expr(column("id"))
        .from(Alias::new(kind.subject().as_str()))
        .and_where(column("workspace_id").eq(cx.workspace_id()))
        .and_where(column(at).is_not_null())
        .cond_where(kind.condition());
    part
}

/// What events know, in the order of the columns. They are found by their records, of which an
/// account has few, and not by the account, which has many events. What the record itself still
/// says is left out.
fn of_events(cx: &Cx<'_>, kind: EntryKind, fact: Fact) -> SelectStatement {
    let subject = kind.subject();
    let of_event = |name| Expr::col((event::Entity, Alias::new(name)));
    let of_record = |name| Expr::col((Alias::new(RECORD), Alias::new(name)));
    let account_id = if subject == Kind::Account { "id" } else { "account_id" };
    let of_subject = Condition::all()
        .add(of_event("workspace_id").eq(cx.workspace_id()))
        .add(of_event("subject_kind").eq(subject.as_str()))
        .add(of_event("subject_id").equals((Alias::new(RECORD), Alias::new("id"))))
        .add(of_event("type").eq(format!("{}.{}", subject.as_str(), fact.as_str())));
    let mut part = Query::select();
    part.expr(of_record(account_id))
        .expr(of_event("occurred_at"))
        .expr(Expr::val(kind.to_value()))
        .expr(of_record("id"))
        .expr(of_event("id"))
        .from_as(Alias::new(subject.as_str()), Alias::new(RECORD))
        .inner_join(event::Entity, of_subject)
        .and_where(of_record("workspace_id").eq(cx.workspace_id()));
    if let Some(at) = kind.occurred_at() {
        let differs = Condition::any()
            .add(of_record(at).is_null())
            .add(of_record(at).ne(of_event("occurred_at")));
        part.cond_where(differs);
    }
    part
}

fn is_not_adopted() -> Condition {
    let reason = || column("reason");
    Condition::any().add(reason().is_null()).add(reason().ne(task::ADOPTED))
}

/// What the record of an event is called in a statement.
const RECORD: &str = "record";

fn column(name: &'static str) -> Expr {
    Expr::col(Alias::new(name))
}
