//! What is derived of accounts: each as a statement that gives some accounts with their value. What
//! they cost depends on those accounts, not on the workspace. A portfolio is narrowed and sorted by
//! them, a health model reads them.

use sea_orm::sea_query::{
    BinOper, CaseStatement, Expr, ExprTrait, Func, JoinType, SelectStatement, SimpleExpr,
    WindowStatement,
};
use sea_orm::{DbBackend, Iterable, QueryTrait};

use crate::accounts::account;
use crate::feedback::{response, score::Method};
use crate::interactions::{self, Sentiment};
use crate::journeys::journey::{self, JourneyStatus};
use crate::journeys::pace::Pace;
use crate::journeys::{stage_template, visit};
use crate::page::KeyKind;
use crate::plans::{pulse, risk};
use crate::prelude::*;
use crate::revenue::movement;
use crate::revenue::renewal::{self, RenewalStatus};
use crate::tasks::agenda::{Due, due, open_tasks};
use crate::tasks::{TaskStatus, task};

/// The values of a column, as the statement of `account_id` and `value`.
pub(crate) struct Derived {
    pub(crate) statement: SelectStatement,
    pub(crate) kind: KeyKind,
    /// Whether an account that is not in it has none of what is counted, rather than no value.
    pub(crate) counts: bool,
}

impl Derived {
    pub(crate) fn key(&self, table: Alias) -> SimpleExpr {
        let value = Expr::col((table, Alias::new("value")));
        match self.counts {
            true => Func::coalesce([value, Expr::val(0i64)]).into(),
            false => value,
        }
    }

    /// The accounts whose value fits; `accepts_none` says whether those without one do.
    pub(crate) fn narrow(
        self,
        fits: impl Fn(SimpleExpr) -> Condition,
        accepts_none: bool,
    ) -> Condition {
        let table = Alias::new("narrowed");
        let fits = fits(Expr::col((table.clone(), Alias::new("value"))));
        let accounts = Query::select()
            .column((table.clone(), Alias::new("account_id")))
            .from_subquery(self.statement, table)
            .cond_where(if accepts_none { fits.not() } else { fits })
            .take();
        let id = account::Column::Id;
        let condition =
            if accepts_none { id.not_in_subquery(accounts) } else { id.in_subquery(accounts) };
        Condition::all().add(condition)
    }
}

/// The derived columns of the accounts `ids`.
pub(crate) struct Columns<'c> {
    pub(crate) cx: &'c Cx<'c>,
    pub(crate) ids: SelectStatement,
    pub(crate) today: NaiveDate,
}

impl Columns<'_> {
    pub(crate) fn tasks(&self, when: Due) -> Result<Derived> {
        self.cx.require(Area::Tasks, Access::Read)?;
        let statement = open_tasks(self.cx)
            .filter(task::Column::AccountId.in_subquery(self.ids.clone()))
            .filter(due(self.cx, self.today).eq(when))
            .select_only()
            .column_as(task::Column::AccountId, "account_id")
            .column_as(task::Column::Id.count(), "value")
            .group_by(task::Column::AccountId);
        Ok(Derived { statement: statement.into_query(), kind: KeyKind::Integer, counts: true })
    }

    pub(crate) fn last_nps(&self) -> Result<Derived> {
        self.last_score(Method::Nps)
    }

    /// The newest answer to a question of a method.
    pub(crate) fn last_score(&self, method: Method) -> Result<Derived> {
        self.cx.require(Area::Feedback, Access::Read)?;
        use response::{Column, Entity};
        let answers = Query::select()
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::Method).eq(method))
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .take();
        let score = bigint(Expr::col(Column::Score));
        let order = [Column::RespondedAt, Column::Id];
        Ok(newest(answers, Column::AccountId, (score, KeyKind::Integer), order))
    }

    pub(crate) fn last_sentiment(&self) -> Result<Derived> {
        use interactions::Column;
        let felt =
            self.interactions()?.and_where(Expr::col(Column::Sentiment).is_not_null()).take();
        let mut ranked = CaseStatement::new();
        for word in Sentiment::iter() {
            ranked = ranked.case(Expr::col(Column::Sentiment).eq(word), rank(word));
        }
        let order = [Column::HappenedAt, Column::Id];
        Ok(newest(felt, Column::AccountId, (bigint(ranked.into()), KeyKind::Integer), order))
    }

    pub(crate) fn last_touch(&self) -> Result<Derived> {
        use interactions::Column;
        let statement = self
            .interactions()?
            .expr_as(Expr::col(Column::AccountId), Alias::new("account_id"))
            .expr_as(Expr::col(Column::HappenedAt).max(), Alias::new("value"))
            .group_by_col(Column::AccountId)
            .take();
        Ok(Derived { statement, kind: KeyKind::Instant, counts: false })
    }

    fn interactions(&self) -> Result<SelectStatement> {
        self.cx.require(Area::Interactions, Access::Read)?;
        use interactions::{Column, Entity};
        Ok(Query::select()
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::ArchivedAt).is_null())
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .take())
    }

    /// The primary journeys, with the account of each.
    fn journeys(&self) -> Result<SelectStatement> {
        self.cx.require(Area::Journeys, Access::Read)?;
        use journey::{Column, Entity};
        Ok(Query::select()
            .expr_as(Expr::col((Entity, Column::AccountId)), Alias::new("account_id"))
            .from(Entity)
            .and_where(Expr::col((Entity, Column::WorkspaceId)).eq(self.cx.workspace_id()))
            .and_where(Expr::col((Entity, Column::IsPrimary)).eq(true))
            .and_where(Expr::col((Entity, Column::AccountId)).in_subquery(self.ids.clone()))
            .take())
    }

    pub(crate) fn stage(&self) -> Result<Derived> {
        use stage_template::{Column, Entity};
        let of = |column| Expr::col((Entity, column));
        let same = Condition::all()
            .add(of(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .add(of(Column::VersionId).equals((journey::Entity, journey::Column::VersionId)))
            .add(of(Column::Key).equals((journey::Entity, journey::Column::StageKey)));
        let statement = self
            .journeys()?
            .expr_as(of(Column::Name), Alias::new("value"))
            .inner_join(Entity, same)
            .take();
        Ok(Derived { statement, kind: KeyKind::Text, counts: false })
    }

    /// The primary journeys with the visit that is open.
    fn visits(&self, join: JoinType) -> Result<SelectStatement> {
        use visit::{Column, Entity};
        let of = |column| Expr::col((Entity, column));
        let open = Condition::all()
            .add(of(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .add(of(Column::JourneyId).equals((journey::Entity, journey::Column::Id)))
            .add(of(Column::ExitedAt).is_null());
        Ok(self.journeys()?.join(join, Entity, open).take())
    }

    /// Finished tasks among those that were not cancelled (rule 15).
    pub(crate) fn completeness(&self) -> Result<Derived> {
        use TaskStatus::{Cancelled, Done, Skipped};
        use task::{Column, Entity};
        let of = |column| Expr::col((Entity, column));
        let of_visit = Condition::all()
            .add(of(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .add(of(Column::VisitId).equals((visit::Entity, visit::Column::Id)))
            .add(of(Column::Status).ne(Cancelled));
        let finished: SimpleExpr = CaseStatement::new()
            .case(of(Column::Status).is_in([Done, Skipped]), 1.0)
            .finally(0.0)
            .into();
        let share = finished.avg().cast_as(Alias::new("double precision"));
        let statement = self
            .visits(JoinType::InnerJoin)?
            .expr_as(share, Alias::new("value"))
            .inner_join(Entity, of_visit)
            .group_by_col((journey::Entity, journey::Column::AccountId))
            .take();
        Ok(Derived { statement, kind: KeyKind::Number, counts: false })
    }

    /// [`crate::journeys::pace::pace`] as SQL; while an account is paused, time stands still.
    pub(crate) fn pace_statement(&self) -> Result<SelectStatement> {
        use visit::Column;
        let backend = self.cx.db.get_database_backend();
        let paused_on = Expr::col((account::Entity, account::Column::PausedOn));
        let today = Expr::expr(Func::coalesce([paused_on, Expr::val(self.today)]));
        let of = |column| Expr::col((visit::Entity, column));
        let (until, entered) = (of(Column::ExpectedUntil), of(Column::EnteredOn));
        let late = days(backend, today.clone(), until.clone());
        let expected = days(backend, until.clone(), entered);
        let status = Expr::col((journey::Entity, journey::Column::Status));
        let ended = [JourneyStatus::Completed, JourneyStatus::Cancelled];
        let pace = CaseStatement::new()
            .case(status.clone().eq(JourneyStatus::Held), Pace::Stuck as i64)
            .case(status.is_in(ended).or(until.clone().is_null()), Pace::OnTrack as i64)
            .case(today.lte(until), Pace::OnTrack as i64)
            .case(late.gt(expected), Pace::Stuck as i64)
            .finally(Pace::Behind as i64);
        let same = Condition::all()
            .add(
                Expr::col((account::Entity, account::Column::WorkspaceId))
                    .eq(self.cx.workspace_id()),
            )
            .add(
                Expr::col((account::Entity, account::Column::Id))
                    .equals((journey::Entity, journey::Column::AccountId)),
            );
        Ok(self
            .visits(JoinType::LeftJoin)?
            .expr_as(bigint(pace.into()), Alias::new("value"))
            .inner_join(account::Entity, same)
            .take())
    }

    pub(crate) fn pace(&self) -> Result<Derived> {
        let statement = self.pace_statement()?;
        Ok(Derived { statement, kind: KeyKind::Integer, counts: false })
    }

    pub(crate) fn recurring(&self, currency: &str) -> Result<Derived> {
        self.cx.require(Area::Revenue, Access::Read)?;
        use movement::{Column, Entity};
        let statement = Query::select()
            .expr_as(Expr::col(Column::AccountId), Alias::new("account_id"))
            .expr_as(bigint(Expr::col(Column::DeltaMinor).sum()), Alias::new("value"))
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::Currency).eq(currency))
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .group_by_col(Column::AccountId)
            .take();
        Ok(Derived { statement, kind: KeyKind::Integer, counts: true })
    }

    pub(crate) fn renewal_on(&self) -> Result<Derived> {
        self.cx.require(Area::Revenue, Access::Read)?;
        use renewal::{Column, Entity};
        let statement = Query::select()
            .expr_as(Expr::col(Column::AccountId), Alias::new("account_id"))
            .expr_as(Expr::col(Column::EndsOn).min(), Alias::new("value"))
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::Status).eq(RenewalStatus::Open))
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .group_by_col(Column::AccountId)
            .take();
        Ok(Derived { statement, kind: KeyKind::Date, counts: false })
    }
}

impl Columns<'_> {
    /// The mean of the scores that were given.
    pub(crate) fn pulse(&self) -> Result<Derived> {
        self.cx.require(Area::Plans, Access::Read)?;
        use pulse::{Column, Entity};
        let scores = [Column::Emotion, Column::Satisfaction, Column::Trust];
        let sum = |each: fn(SimpleExpr) -> SimpleExpr| {
            let each = scores.map(|column| each(Expr::col(column)));
            each.into_iter().reduce(ExprTrait::add).unwrap_or(Expr::val(0))
        };
        let given = sum(|score| Func::coalesce([score, Expr::val(0)]).into());
        let count =
            sum(|score| CaseStatement::new().case(score.is_null(), 0.0).finally(1.0).into());
        let pulses = Query::select()
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::ArchivedAt).is_null())
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .take();
        let mean = given.div(count).cast_as(Alias::new("double precision"));
        let order = [Column::FeltAt, Column::Id];
        Ok(newest(pulses, Column::AccountId, (mean, KeyKind::Number), order))
    }

    pub(crate) fn open_risks(&self) -> Result<Derived> {
        self.cx.require(Area::Plans, Access::Read)?;
        use risk::{Column, Entity, RiskStatus};
        let statement = Query::select()
            .expr_as(Expr::col(Column::AccountId), Alias::new("account_id"))
            .expr_as(Expr::col(Column::Id).count(), Alias::new("value"))
            .from(Entity)
            .and_where(Expr::col(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(Expr::col(Column::Status).eq(RiskStatus::Open))
            .and_where(Expr::col(Column::AccountId).in_subquery(self.ids.clone()))
            .group_by_col(Column::AccountId)
            .take();
        Ok(Derived { statement, kind: KeyKind::Integer, counts: true })
    }
}

/// The value of the newest row of each account.
fn newest<C: ColumnTrait>(
    mut rows: SelectStatement,
    account_id: C,
    (value, kind): (SimpleExpr, KeyKind),
    order: [C; 2],
) -> Derived {
    let mut window = WindowStatement::partition_by(account_id.as_column_ref().1);
    for column in order {
        window.order_by(column, Direction::Desc);
    }
    rows.expr_as(Expr::col(account_id), Alias::new("account_id"))
        .expr_as(value, Alias::new("value"))
        .expr_window_as(Func::cust("row_number"), window, Alias::new("place"));
    let statement = Query::select()
        .columns(["account_id", "value"].map(Alias::new))
        .from_subquery(rows, Alias::new("ranked"))
        .and_where(Expr::col(Alias::new("place")).eq(1))
        .take();
    Derived { statement, kind, counts: false }
}

/// The place of a sentiment, from −2 for the worst to 2 for the best.
pub(crate) fn rank(sentiment: Sentiment) -> i64 {
    match sentiment {
        Sentiment::VeryNegative => -2,
        Sentiment::Negative => -1,
        Sentiment::Neutral => 0,
        Sentiment::Positive => 1,
        Sentiment::VeryPositive => 2,
    }
}

fn bigint(expr: SimpleExpr) -> SimpleExpr {
    expr.cast_as(Alias::new("bigint"))
}

/// The days from one date to another. SQLite keeps dates as texts, which cannot be subtracted.
fn days(backend: DbBackend, to: SimpleExpr, from: SimpleExpr) -> SimpleExpr {
    let number = |date: SimpleExpr| match backend {
        DbBackend::Sqlite => Func::cust("julianday").arg(date).into(),
        _ => date,
    };
    number(to).binary(BinOper::Sub, number(from))
}
