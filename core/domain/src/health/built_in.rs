//! What the platform knows of every account without being told: time, signals, work, plans.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{EnumIter, Iterable};
use serde::{Deserialize, Serialize};

use crate::accounts::account;
use crate::derived::{Columns, Derived};
use crate::feedback::score::Method;
use crate::options::option;
use crate::page::KeyKind;
use crate::plans::milestone;
use crate::plans::risk::{self, RiskStatus, Severity};
use crate::prelude::*;
use crate::tasks::agenda::Due;

/// Something that the platform knows of an account. The names stand in models, and plugins suggest
/// them for their inputs; they never change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// Days since the account became a customer.
    TenureDays,
    /// The same in months of 30.4375 days.
    TenureMonths,
    /// Days until the next end of a subscription about which nothing is decided; negative where it
    /// has passed.
    DaysToRenewal,
    /// The newest answer to an NPS question, 0 to 10.
    LastNps,
    /// The newest answer to a CSAT question.
    LastCsat,
    /// The sentiment of the newest interaction that has one, from 1, very negative, to 5.
    LastSentiment,
    /// Days from today to the newest interaction: -30 was 30 days ago.
    LastInteraction,
    /// How many risks are open.
    OpenRisks,
    /// How many of them are critical.
    CriticalRisks,
    /// How many open tasks are overdue.
    OverdueTasks,
    /// The share of the tasks of the current visit of the primary journey that are finished.
    Completeness,
    /// The pace of the primary journey: 0 on track, 1 behind, 2 stuck.
    Pace,
    /// The mean of the scores of the newest pulse, 1 to 5.
    Pulse,
    /// How many milestones were reached.
    MilestonesReached,
    /// How many milestones there are, those that were reached among them.
    MilestonesPlanned,
    /// The name of the stage of the primary journey.
    Stage,
    /// The key of the market segment.
    MarketSegment,
    /// The key of the package.
    Package,
}

impl BuiltIn {
    /// The name.
    pub fn as_str(self) -> String {
        let name = serde_json::to_value(self).unwrap_or_default();
        name.as_str().unwrap_or_default().to_owned()
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::iter().find(|one| one.as_str() == name)
    }

    /// Whether it is a word, not a number.
    pub fn is_word(self) -> bool {
        matches!(self, Self::Stage | Self::MarketSegment | Self::Package)
    }

    /// What it gives for the accounts of `columns`.
    pub(super) fn derived(self, columns: &Columns<'_>) -> Result<Derived> {
        match self {
            Self::TenureDays | Self::TenureMonths => customer_since(columns),
            Self::DaysToRenewal => columns.renewal_on(),
            Self::LastNps => columns.last_score(Method::Nps),
            Self::LastCsat => columns.last_score(Method::Csat),
            Self::LastSentiment => columns.last_sentiment(),
            Self::LastInteraction => columns.last_touch(),
            Self::OpenRisks => columns.open_risks(),
            Self::CriticalRisks => critical_risks(columns),
            Self::OverdueTasks => columns.tasks(Due::Overdue),
            Self::Completeness => columns.completeness(),
            Self::Pace => columns.pace(),
            Self::Pulse => columns.pulse(),
            Self::MilestonesReached => milestones(columns, 0.0),
            Self::MilestonesPlanned => milestones(columns, 1.0),
            Self::Stage => columns.stage(),
            Self::MarketSegment => option_key(columns, account::Column::MarketSegmentId),
            Self::Package => option_key(columns, account::Column::PackageId),
        }
    }

    /// The number that a model reads, of one that stands in the database, where dates count in days
    /// from today.
    pub(super) fn counted(self, number: f64) -> f64 {
        match self {
            Self::TenureDays => -number,
            Self::TenureMonths => -number / DAYS_OF_A_MONTH,
            // They are ranked from -2 to 2 where they are sorted.
            Self::LastSentiment => number + 3.0,
            _ => number,
        }
    }
}

/// A twelfth of 365.25 days.
const DAYS_OF_A_MONTH: f64 = 30.4375;

fn of(column: impl ColumnTrait) -> SimpleExpr {
    Expr::col(column.as_column_ref())
}

fn accounts(columns: &Columns<'_>) -> Result<SelectStatement> {
    columns.cx.require(Area::Accounts, Access::Read)?;
    Ok(Query::select()
        .expr_as(of(account::Column::Id), Alias::new("account_id"))
        .from(account::Entity)
        .and_where(of(account::Column::WorkspaceId).eq(columns.cx.workspace_id()))
        .and_where(of(account::Column::Id).in_subquery(columns.ids.clone()))
        .take())
}

fn customer_since(columns: &Columns<'_>) -> Result<Derived> {
    let statement = accounts(columns)?
        .expr_as(of(account::Column::CustomerSince), Alias::new("value"))
        .and_where(of(account::Column::CustomerSince).is_not_null())
        .take();
    Ok(Derived { statement, kind: KeyKind::Date, counts: false })
}

fn option_key(columns: &Columns<'_>, column: account::Column) -> Result<Derived> {
    let same = Condition::all()
        .add(of(option::Column::WorkspaceId).eq(columns.cx.workspace_id()))
        .add(of(option::Column::Id).eq(of(column)));
    let statement = accounts(columns)?
        .expr_as(of(option::Column::Key), Alias::new("value"))
        .inner_join(option::Entity, same)
        .take();
    Ok(Derived { statement, kind: KeyKind::Text, counts: false })
}

fn critical_risks(columns: &Columns<'_>) -> Result<Derived> {
    let mut derived = columns.open_risks()?;
    derived
        .statement
        .and_where(Expr::col(risk::Column::Severity).eq(Severity::Critical))
        .and_where(Expr::col(risk::Column::Status).eq(RiskStatus::Open));
    Ok(derived)
}

/// How many milestones there are; one that was not reached counts as `open`.
fn milestones(columns: &Columns<'_>, open: f64) -> Result<Derived> {
    columns.cx.require(Area::Plans, Access::Read)?;
    use milestone::{Column, Entity};
    let counted: SimpleExpr = CaseStatement::new()
        .case(Expr::col(Column::ReachedAt).is_not_null(), 1.0)
        .finally(open)
        .into();
    let statement = Query::select()
        .expr_as(Expr::col(Column::AccountId), Alias::new("account_id"))
        .expr_as(counted.sum().cast_as(Alias::new("double precision")), Alias::new("value"))
        .from(Entity)
        .and_where(Expr::col(Column::WorkspaceId).eq(columns.cx.workspace_id()))
        .and_where(Expr::col(Column::ArchivedAt).is_null())
        .and_where(Expr::col(Column::AccountId).in_subquery(columns.ids.clone()))
        .group_by_col(Column::AccountId)
        .take();
    Ok(Derived { statement, kind: KeyKind::Number, counts: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for one in BuiltIn::iter() {
            assert_eq!(BuiltIn::parse(&one.as_str()), Some(one));
        }
        assert_eq!(BuiltIn::TenureMonths.as_str(), "tenure_months");
        assert_eq!(BuiltIn::parse("horoscope"), None);
    }
}
