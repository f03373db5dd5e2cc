//! The timeline: what happened with an account, from all the tables that know a part of it.
//!
//! It is derived, never stored: a query over those tables stands in for one, so that it is paged
//! and filtered like any list, in one statement for as many accounts as are asked for.

use std::collections::HashMap;

use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, SelectStatement, UnionType};
use sea_orm::{Iterable, QueryTrait};

use crate::filter::RangeFilter;
use crate::prelude::*;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline")]
pub struct Model {
    pub account_id: AccountId,
    pub occurred_at: DateTime<Utc>,
    pub kind: EntryKind,
    /// The record that knows more; one record can have an entry of each of two kinds.
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
    /// A goal was achieved.
    #[sea_orm(num_value = 7)]
    GoalAchieved,
    /// It was decided what becomes of something that was left out.
    #[sea_orm(num_value = 8)]
    DeferredItemDecided,
    /// A risk was closed.
    #[sea_orm(num_value = 9)]
    RiskClosed,
    /// An opportunity was won or lost.
    #[sea_orm(num_value = 10)]
    OpportunityClosed,
    /// A risk was seen.
    #[sea_orm(num_value = 11)]
    RiskOpened,
    /// An opportunity was seen.
    #[sea_orm(num_value = 12)]
    OpportunityOpened,
    /// A visit of a stage ended.
    #[sea_orm(num_value = 13)]
    StageExited,
    /// A journey was completed or called off.
    #[sea_orm(num_value = 14)]
    JourneyEnded,
    /// A handoff was accepted.
    #[sea_orm(num_value = 15)]
    HandoffAccepted,
    /// Somebody took on a role.
    #[sea_orm(num_value = 16)]
    Assigned,
    /// A journey began.
    #[sea_orm(num_value = 17)]
    JourneyStarted,
    /// A visit of a stage began.
    #[sea_orm(num_value = 18)]
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
            Self::GoalAchieved => Kind::Goal,
            Self::HandoffAccepted => Kind::Handoff,
            Self::RiskOpened | Self::RiskClosed => Kind::Risk,
            Self::OpportunityOpened | Self::OpportunityClosed => Kind::Opportunity,
            Self::DeferredItemDecided => Kind::DeferredItem,
        }
    }

    fn area(self) -> Area {
        match self.subject() {
            Kind::Interaction => Area::Interactions,
            Kind::SurveyResponse => Area::Feedback,
            Kind::Task => Area::Tasks,
            Kind::AccountAssignment => Area::Accounts,
            Kind::StageVisit | Kind::Journey | Kind::IndicatorEvaluation => Area::Journeys,
            _ => Area::Plans,
        }
    }

    /// The column that says when; a record without a value has no entry.
    fn occurred_at(self) -> &'static str {
        match self {
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
            Self::RiskOpened | Self::OpportunityOpened => "opened_at",
            Self::GoalAchieved
            | Self::HandoffAccepted
            | Self::RiskClosed
            | Self::OpportunityClosed => "closed_at",
            Self::DeferredItemDecided => "decided_at",
        }
    }

    /// Which records have an entry.
    fn condition(self) -> Condition {
        let counts = Condition::all().add(column(self.occurred_at()).is_not_null());
        match self {
            Self::Interaction | Self::Pulse | Self::MilestoneReached => {
                counts.add(column("archived_at").is_null())
            }
            Self::GoalAchieved => counts.add(column("status").eq("ACHIEVED")),
            Self::HandoffAccepted => counts.add(column("status").eq("ACCEPTED")),
            Self::TaskFinished => counts.add(column("status").is_in(["DONE", "SKIPPED"])),
            // One that was called off before its first day never held.
            Self::Assigned => counts.add(column("state").is_in(["CURRENT", "ENDED"])).add(
                Condition::any()
                    .add(column("ends_on").is_null())
                    .add(column("ends_on").gte(column("starts_on"))),
            ),
            _ => counts,
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
    let mut parts = kinds.iter().map(|kind| part(cx, *kind));
    let first = parts.next()?;
    let all = parts.fold(first, |mut all, part| all.union(UnionType::All, part).take());
    let columns = Column::iter().collect::<Vec<_>>();
    let mut table = CommonTableExpression::new();
    Some(table.table_name(Entity).columns(columns).query(all).to_owned())
}

/// The entries of one kind, in the order of the columns.
fn part(cx: &Cx<'_>, kind: EntryKind) -> SelectStatement {
    let mut part = Query::select();
    part.expr(column("account_id"))
        .expr(column(kind.occurred_at()))
        .expr(Expr::val(kind.to_value()))
        .expr(column("id"))
        .from(Alias::new(kind.subject().as_str()))
        .and_where(column("workspace_id").eq(cx.workspace_id()))
        .cond_where(kind.condition());
    part
}

fn column(name: &'static str) -> Expr {
    Expr::col(Alias::new(name))
}
