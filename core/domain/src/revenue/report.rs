//! How recurring revenue was kept and grown: GRR, NRR and what they are made of (rule 18).
//!
//! A contract that takes over from another on the day on which that one ends carries on what was
//! paid: neither is lost or new. Only where packages are told apart does it move from one to the
//! other.
//!
//! Only accounts that paid at the beginning of a period count for its rates; what the others bring
//! is new. An account loses at most what it had: what it gained and lost again within the period
//! was never there at its end. So the figures of a period always add up: `opening + new + upgrade +
//! cross-sell − downgrade − churn = closing`.

use std::collections::BTreeMap;

use chrono::Months;
use sea_orm::QueryResult;
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, Func, JoinType, SelectStatement, SimpleExpr, WindowStatement,
};

use super::movement::{self, Column, MovementKind};
use super::subscription;
use crate::accounts::account::{self, AccountFilter};
use crate::accounts::{assignment, segment};
use crate::calendar::minus;
use crate::options::{option, set};
use crate::prelude::*;

/// A stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// How a stretch of days is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Every {
    /// Into months, counted from the first day.
    Month,
    /// Into three months.
    Quarter,
    /// Into years.
    Year,
}

/// What figures are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Dimension {
    /// Who was the CSM of the account on the last day of the period, or is today where it has not
    /// ended: what was lost under somebody does not move to whoever took over later.
    Csm,
    /// The market segment of the account now.
    MarketSegment,
    /// The package of the subscription.
    Package,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Whose revenue.
    pub filter: AccountFilter,
    pub by: Option<Dimension>,
}

/// The figures of one currency, all of them a year, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// ISO 4217, three capitals.
    pub currency: String,
    /// What was paid before the first day.
    pub opening: i64,
    /// What accounts bring that paid nothing then.
    pub new: i64,
    pub upgrade: i64,
    pub cross_sell: i64,
    pub downgrade: i64,
    pub churn: i64,
    /// What is paid at the end of the last day.
    pub closing: i64,
    /// What was lost of the opening, upgrades not counted against it.
    pub lost: i64,
    /// The part of upgrades and cross-sells that came from customer success.
    pub cs_sourced: i64,
}

impl Figures {
    /// A part of the opening; nothing where there was none.
    pub fn rate(&self, amount: i64) -> Option<f64> {
        share(amount, self.opening)
    }

    /// Gross revenue retention: what was kept of the opening, at most 1.
    pub fn grr(&self) -> Option<f64> {
        self.rate(self.opening - self.lost)
    }

    /// Net revenue retention: with what the same accounts brought in addition.
    pub fn nrr(&self) -> Option<f64> {
        let grown = self.opening + self.upgrade + self.cross_sell;
        self.rate(grown - self.downgrade - self.churn)
    }

    /// The part of upgrades and cross-sells that came from customer success.
    pub fn cs_sourced_share(&self) -> Option<f64> {
        share(self.cs_sourced, self.upgrade + self.cross_sell)
    }
}

/// A part of a whole; nothing where there is no whole.
pub fn share(part: i64, whole: i64) -> Option<f64> {
    // Amounts are whole numbers that a float keeps exactly, or nearly.
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// The figures of one group in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The user or option by which it is told apart; none for the others, and for all together.
    pub of: Option<Uuid>,
    /// How many accounts paid anything before the first day.
    pub opening_accounts: i64,
    /// How many of them pay nothing any more.
    pub lost_accounts: i64,
    /// One entry for each currency, by currency.
    pub figures: Vec<Figures>,
}

/// The most periods of one report.
pub const MOST_PERIODS: usize = 36;
/// The most rows of one period: groups by currency.
const MOST_ROWS: u64 = 2000;

/// Cuts days into periods; the last one may be shorter. Pure.
pub fn periods(whole: Period, every: Option<Every>) -> Result<Vec<Period>> {
    let mut checks = Checks::new();
    checks.ensure(whole.from <= whole.to, || {
        Problem::new("to", Code::TooEarly).with("min", whole.from)
    });
    checks.finish()?;
    let Some(every) = every else { return Ok(vec![whole]) };
    let months = match every {
        Every::Month => 1,
        Every::Quarter => 3,
        Every::Year => 12,
    };
    let begins = |n: u32| whole.from.checked_add_months(Months::new(n * months));
    let mut periods = Vec::new();
    for n in 0.. {
        let Some(from) = begins(n).filter(|from| *from <= whole.to) else { break };
        if periods.len() == MOST_PERIODS {
            return Err(Problem::too_many("every", MOST_PERIODS, "periods").into());
        }
        let next = begins(n + 1).map(|next| minus(next, 1));
        let to = next.into_iter().chain([whole.to]).min().unwrap_or(whole.to);
        periods.push(Period { from, to });
    }
    Ok(periods)
}

/// The groups of a period, in two statements: what was paid, and who paid.
pub async fn groups(cx: &Cx<'_>, question: &Question, period: Period) -> Result<Vec<Group>> {
    cx.require(Area::Revenue, Access::Read)?;
    cx.require(Area::Accounts, Access::Read)?;
    let accounts = segment::condition(cx, &question.filter).await?;
    let until = Ord::min(period.to, cx.today().await?);
    let flows = Flows { cx, accounts, by: question.by, period, until };
    let mut groups: BTreeMap<Option<Uuid>, Group> = BTreeMap::new();
    for row in cx.db.query_all(&flows.accounts_statement()).await? {
        let of: Option<Uuid> = row.try_get("", "dimension")?;
        let group = Group {
            of,
            opening_accounts: row.try_get("", "opening_accounts")?,
            lost_accounts: row.try_get("", "lost_accounts")?,
            figures: Vec::new(),
        };
        groups.insert(of, group);
    }
    for row in cx.db.query_all(&flows.figures_statement()).await? {
        let of: Option<Uuid> = row.try_get("", "dimension")?;
        let group = groups.entry(of).or_insert_with(|| Group { of, ..Default::default() });
        group.figures.push(figures(&row)?);
    }
    Ok(groups.into_values().collect())
}

fn figures(row: &QueryResult) -> Result<Figures> {
    let sum = |name: &str| row.try_get::<i64>("", name);
    let mut figures = Figures {
        currency: row.try_get("", "currency")?,
        opening: sum("opening")?,
        new: 0,
        upgrade: sum("upgrade")?,
        cross_sell: sum("cross_sell")?,
        downgrade: sum("downgrade")?,
        churn: sum("churn")?,
        closing: sum("closing")?,
        lost: sum("lost")?,
        cs_sourced: sum("cs_sourced")?,
    };
    let kept =
        figures.opening + figures.upgrade + figures.cross_sell - figures.downgrade - figures.churn;
    figures.new = figures.closing - kept;
    Ok(figures)
}

/// The statements of a period. What an account lost is at most what it had; the parts are static
/// text over the columns of the statement within.
struct Flows<'f> {
    cx: &'f Cx<'f>,
    accounts: Condition,
    by: Option<Dimension>,
    period: Period,
    /// The last day of the period that has begun.
    until: NaiveDate,
}

impl Flows<'_> {
    /// Sums over the accounts that paid at the beginning, one row for each group and currency.
    fn figures_statement(&self) -> SelectStatement {
        let mut capped = Query::select();
        capped
            .columns(["dimension", "currency", "opened", "closed", "sold_by_cs"].map(Alias::new))
            .columns(["upgraded", "crossed", "churned"].map(Alias::new))
            .expr_as(
                Expr::cust(
                    "CASE WHEN downgraded > opened + upgraded + crossed \
                     THEN opened + upgraded + crossed ELSE downgraded END",
                ),
                Alias::new("down"),
            )
            .from_subquery(self.moved(), Alias::new("moved"));
        let of_cohort = |part: &str| format!("CASE WHEN opened > 0 THEN {part} ELSE 0 END");
        let had = "opened + upgraded + crossed - down";
        let churn = format!("CASE WHEN churned > {had} THEN {had} ELSE churned END");
        let lost =
            format!("CASE WHEN down + ({churn}) > opened THEN opened ELSE down + ({churn}) END");
        let mut query = Query::select();
        query.columns(["dimension", "currency"].map(Alias::new));
        for (name, part) in [
            ("opening", "opened".to_owned()),
            ("upgrade", of_cohort("upgraded")),
            ("cross_sell", of_cohort("crossed")),
            ("downgrade", of_cohort("down")),
            ("churn", of_cohort(&churn)),
            ("closing", "closed".to_owned()),
            ("lost", of_cohort(&lost)),
            ("cs_sourced", of_cohort("sold_by_cs")),
        ] {
            query.expr_as(sum(Expr::cust(part)), Alias::new(name));
        }
        query
            .from_subquery(capped, Alias::new("capped"))
            .group_by_columns(["dimension", "currency"].map(Alias::new))
            .order_by(Alias::new("dimension"), Direction::Asc)
            .order_by(Alias::new("currency"), Direction::Asc)
            .limit(MOST_ROWS)
            .take()
    }

    /// What moved, with what was carried over from one group to another: the one has less, the
    /// other something in addition. Within a group it cancels out.
    fn moved(&self) -> SelectStatement {
        Query::select()
            .columns(["dimension", "currency", "opened", "closed", "sold_by_cs"].map(Alias::new))
            .columns(["upgraded", "churned"].map(Alias::new))
            .expr_as(
                Expr::cust("crossed + CASE WHEN carried > 0 THEN carried ELSE 0 END"),
                Alias::new("crossed"),
            )
            .expr_as(
                Expr::cust("downgraded - CASE WHEN carried < 0 THEN carried ELSE 0 END"),
                Alias::new("downgraded"),
            )
            .from_subquery(self.inner(true), Alias::new("flows"))
            .take()
    }

    /// How many accounts paid at the beginning, and how many of them no longer do.
    fn accounts_statement(&self) -> SelectStatement {
        let counted =
            |condition: &str| sum(Expr::cust(format!("CASE WHEN {condition} THEN 1 ELSE 0 END")));
        Query::select()
            .column(Alias::new("dimension"))
            .expr_as(counted("opened > 0"), Alias::new("opening_accounts"))
            .expr_as(counted("opened > 0 AND closed = 0"), Alias::new("lost_accounts"))
            .from_subquery(self.inner(false), Alias::new("flows"))
            .group_by_col(Alias::new("dimension"))
            .order_by(Alias::new("dimension"), Direction::Asc)
            .limit(MOST_ROWS)
            .take()
    }

    /// What each account paid before the period, at its end, and what moved in between; for each
    /// currency, or only whether it paid at all.
    fn inner(&self, by_currency: bool) -> SelectStatement {
        let of = |column: Column| Expr::col((movement::Entity, column));
        let before = of(Column::HappenedOn).lt(self.period.from);
        let within = |kinds: &[MovementKind]| {
            Condition::all()
                .add(of(Column::HappenedOn).gte(self.period.from))
                .add(of(Column::Kind).is_in(kinds.iter().copied()))
        };
        let case = |condition: Condition, then: Column| {
            sum(CaseStatement::new().case(condition, of(then)).finally(0).into())
        };
        use MovementKind::{Churn, CrossSell, Downgrade, Renewal, Upgrade};
        let of_cs = within(&[Upgrade, CrossSell]).add(of(Column::CsSourced).eq(true));
        let mut query = Query::select();
        query
            .expr_as(case(Condition::all().add(before), Column::DeltaMinor), Alias::new("opened"))
            .expr_as(sum(of(Column::DeltaMinor)), Alias::new("closed"));
        for (name, condition) in [
            ("upgraded", within(&[Upgrade])),
            ("crossed", within(&[CrossSell])),
            ("downgraded", within(&[Downgrade])),
            ("churned", within(&[Churn])),
            ("sold_by_cs", of_cs),
        ] {
            query.expr_as(case(condition, Column::AmountMinor), Alias::new(name));
        }
        query.expr_as(case(within(&[Renewal]), Column::DeltaMinor), Alias::new("carried"));
        query
            .from(movement::Entity)
            .inner_join(account::Entity, self.same(Column::AccountId, account::Column::Id))
            .and_where(of(Column::WorkspaceId).eq(self.cx.workspace_id()))
            .and_where(of(Column::HappenedOn).lte(self.period.to))
            .cond_where(self.accounts.clone())
            .add_group_by([of(Column::AccountId)]);
        if by_currency {
            query.column((movement::Entity, Column::Currency));
            query.add_group_by([of(Column::Currency)]);
        }
        self.tell_apart(&mut query);
        query
    }

    /// Adds the group of each row.
    fn tell_apart(&self, query: &mut SelectStatement) {
        let dimension: SimpleExpr = match self.by {
            None => {
                query.expr_as(Expr::cust("CAST(NULL AS uuid)"), Alias::new("dimension"));
                return;
            }
            Some(Dimension::MarketSegment) => {
                Expr::col((account::Entity, account::Column::MarketSegmentId))
            }
            Some(Dimension::Package) => {
                let same = self.same(Column::SubscriptionId, subscription::Column::Id);
                query.join(JoinType::LeftJoin, subscription::Entity, same);
                Expr::col((subscription::Entity, subscription::Column::PackageId))
            }
            Some(Dimension::Csm) => {
                let held = Alias::new("held");
                let of = |name: &'static str| Expr::col((held.clone(), Alias::new(name)));
                let same = of("account_id").eq(Expr::col((movement::Entity, Column::AccountId)));
                query.join_subquery(JoinType::LeftJoin, self.csms(), held.clone(), same);
                of("user_id")
            }
        };
        query.expr_as(dimension.clone(), Alias::new("dimension")).add_group_by([dimension]);
    }

    /// Who was the CSM of each account on the last day. On the day of a handover that is who took
    /// over, so that no account counts for two.
    fn csms(&self) -> SelectStatement {
        use assignment::Column::{AccountId, EndsOn, Id, RoleId, StartsOn, UserId, WorkspaceId};
        let role = option::id_of(self.cx, set::ACCOUNT_ROLE, option::CSM);
        let is_there = Condition::any().add(EndsOn.is_null()).add(EndsOn.gte(self.until));
        let mut latest = WindowStatement::partition_by(AccountId);
        latest.order_by(StartsOn, Direction::Desc).order_by(Id, Direction::Desc);
        let mut rows = Query::select();
        rows.columns([AccountId, UserId])
            .expr_window_as(Func::cust("row_number"), latest, Alias::new("place"))
            .from(assignment::Entity)
            .and_where(WorkspaceId.eq(self.cx.workspace_id()))
            .and_where(RoleId.in_subquery(role))
            .and_where(StartsOn.lte(self.until))
            .cond_where(is_there);
        Query::select()
            .columns(["account_id", "user_id"].map(Alias::new))
            .from_subquery(rows, Alias::new("ranked"))
            .and_where(Expr::col(Alias::new("place")).eq(1))
            .take()
    }

    /// The rows of another table that a movement points at.
    fn same<C: ColumnTrait>(&self, from: Column, to: C) -> Condition {
        Condition::all().add(Expr::col((movement::Entity, from)).eq(to.into_expr())).add(
            Expr::col((to.entity_name(), Alias::new("workspace_id"))).eq(self.cx.workspace_id()),
        )
    }
}

fn sum(expr: SimpleExpr) -> SimpleExpr {
    expr.sum().cast_as(Alias::new("bigint"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn rates_are_parts_of_the_opening() {
        // 1,000 opened; 100 downgraded, 150 churned; 200 upgraded, 80 cross-sold; 500 new.
        let figures = Figures {
            currency: "BRL".to_owned(),
            opening: 1000,
            new: 500,
            upgrade: 200,
            cross_sell: 80,
            downgrade: 100,
            churn: 150,
            closing: 1530,
            lost: 250,
            cs_sourced: 70,
        };
        assert_eq!((figures.grr(), figures.nrr()), (Some(0.75), Some(1.03)));
        assert_eq!(figures.cs_sourced_share(), Some(0.25));
        assert_eq!(figures.rate(figures.churn), Some(0.15));
        assert_eq!((Figures::default().grr(), Figures::default().nrr()), (None, None));
    }

    #[test]
    fn days_are_cut_into_periods_that_touch() {
        let whole = Period { from: day("2026-01-31"), to: day("2026-04-15") };
        let told: Vec<_> = periods(whole, Some(Every::Month))
            .unwrap()
            .iter()
            .map(|period| format!("{} {}", period.from, period.to))
            .collect();
        let expected = ["2026-01-31 2026-02-27", "2026-02-28 2026-03-30", "2026-03-31 2026-04-15"];
        assert_eq!(told, expected);
        assert_eq!(periods(whole, None).unwrap(), [whole]);
        let backwards = Period { from: whole.to, to: whole.from };
        assert!(periods(backwards, None).is_err());
        let long = Period { to: day("2036-01-01"), ..whole };
        assert!(periods(long, Some(Every::Month)).is_err());
    }
}
