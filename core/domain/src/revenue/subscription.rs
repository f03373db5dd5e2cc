//! Subscriptions: what an account pays for, from when to when, and how much.
//!
//! Journeys may wait for the end of a subscription, so the public verbs that write are theirs.

use std::collections::HashMap;

use super::ledger::{self, Cause, Terms};
use super::line::{self, Line};
use super::movement::MOST_REASON;
use super::renewal;
use crate::accounts::account;
use crate::attributes::{self, AttributeFilter, AttributeInput, AttributeOrder};
use crate::filter::RangeFilter;
use crate::money;
use crate::options::{option, set};
use crate::page::page_each;
use crate::prelude::*;
use crate::subject::SubjectKind;

/// What an account pays for.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SubscriptionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub package_id: Option<OptionId>,
    pub name: String,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day; without one it runs until it is cancelled.
    pub ends_on: Option<NaiveDate>,
    /// The last day on which the customer can say that they will not renew.
    pub notice_on: Option<NaiveDate>,
    /// The day from which it no longer counts, whatever its last day.
    pub cancelled_on: Option<NaiveDate>,
    /// What is paid per interval, in minor units of the currency.
    pub amount_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
    pub interval: BillingInterval,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, SubscriptionId, account = |row: &Model| Some(row.account_id));

impl Model {
    /// Whether it has been cancelled by a day: one that will be later still counts.
    pub fn is_cancelled_by(&self, day: NaiveDate) -> bool {
        self.cancelled_on.is_some_and(|from| from <= day)
    }
}

/// How often the amount is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillingInterval {
    /// Every month.
    Month,
    /// Every three months.
    Quarter,
    /// Every year.
    Year,
    /// Once.
    OneOff,
}

/// A subscription to be added.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    pub account_id: AccountId,
    pub package_id: Option<OptionId>,
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub notice_on: Option<NaiveDate>,
    pub cancelled_on: Option<NaiveDate>,
    pub amount_minor: i64,
    pub currency: String,
    pub interval: BillingInterval,
    /// The products; where there are any, what they cost adds up to the amount.
    pub lines: Vec<Line>,
    /// Attributes that are not named stay as they are.
    pub attributes: Vec<AttributeInput>,
    pub why: Why,
}

/// Why a subscription is written, for the movements of recurring revenue that come of it.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// Whether customer success had a part in it.
    pub cs_sourced: bool,
    pub reason: Option<String>,
    /// From when on a change of the amount holds, today unless said; only imports and backfills
    /// may look back.
    pub effective_on: Option<NaiveDate>,
}

/// Changes of a subscription; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionPatch {
    pub expected_version: Option<i64>,
    pub package_id: Option<Option<OptionId>>,
    pub name: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<Option<NaiveDate>>,
    pub notice_on: Option<Option<NaiveDate>>,
    pub cancelled_on: Option<Option<NaiveDate>>,
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub interval: Option<BillingInterval>,
    /// All products. Without an amount, what they cost together is the amount.
    pub lines: Option<Vec<Line>>,
    /// Attributes that are not named stay as they are.
    pub attributes: Vec<AttributeInput>,
    pub why: Why,
}

/// What narrows a list of subscriptions; what is given must all hold.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub package_ids: Option<Vec<OptionId>>,
    /// The last day lies there; subscriptions without one are left out.
    pub ends_on: Option<RangeFilter<NaiveDate>>,
    /// Only those that no longer count today, or only those that still do.
    pub is_cancelled: Option<bool>,
    /// Conditions that all hold.
    pub attributes: Vec<AttributeFilter>,
}

impl SubscriptionFilter {
    async fn select(&self, cx: &Cx<'_>) -> Result<Select<Entity>> {
        let accounts = |ids: &Vec<AccountId>| Column::AccountId.is_in(ids.iter().copied());
        let packages = |ids: &Vec<OptionId>| Column::PackageId.is_in(ids.iter().copied());
        let cancelled = match self.is_cancelled {
            None => None,
            Some(true) => Some(is_over(cx.today().await?)),
            Some(false) => Some(counts_on(cx.today().await?)),
        };
        let kind = SubjectKind::Subscription;
        attributes::require_bounded(cx, kind, &self.attributes, "filter.attributes").await?;
        let condition = AttributeFilter::all(&self.attributes, cx, kind, Column::Id)
            .add_option(self.account_ids.as_ref().map(accounts))
            .add_option(self.package_ids.as_ref().map(packages))
            .add_option(self.ends_on.as_ref().map(|range| range.condition(Column::EndsOn)))
            .add_option(cancelled);
        Ok(visible(cx).filter(condition))
    }
}

/// [`Model::is_cancelled_by`] a day, as a condition.
fn is_over(day: NaiveDate) -> Condition {
    Condition::all().add(Column::CancelledOn.lte(day))
}

/// The opposite; where no day is known, SQL would answer neither.
fn counts_on(day: NaiveDate) -> Condition {
    Condition::any().add(Column::CancelledOn.is_null()).add(Column::CancelledOn.gt(day))
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The first to end comes first, what runs on comes last.
fn by_end() -> [Order<Column>; 2] {
    [Order::asc(Column::EndsOn).null_as("9999-12-31"), Order::asc(Column::Id)]
}

/// A subscription.
pub async fn find(cx: &Cx<'_>, id: SubscriptionId) -> Result<Model> {
    cx.require(Area::Revenue, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The subscription that `field` names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: SubscriptionId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Subscription))
}

/// The subscriptions with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[SubscriptionId]) -> Result<Vec<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Subscriptions, the first to end first, or by an attribute.
pub async fn list(
    cx: &Cx<'_>,
    filter: &SubscriptionFilter,
    by_attribute: Option<&AttributeOrder>,
    args: &PageArgs,
) -> Result<Page<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    let select = filter.select(cx).await?;
    let list = attributes::List {
        kind: SubjectKind::Subscription,
        id: Column::Id,
        own: &by_end(),
        by_attribute,
        narrowed_by: filter.attributes.iter().collect(),
    };
    attributes::page_by(cx, select, list, args).await
}

/// The subscriptions of each of these accounts, the first to end first.
pub async fn of_accounts(
    cx: &Cx<'_>,
    account_ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Revenue, Access::Read)?;
    page_each(cx, visible(cx), Column::AccountId, account_ids, &by_end(), args).await
}

/// Ends that anchors can mean; more than any account has.
const MOST_ENDS: u64 = 200;

/// The ends of the subscriptions of an account that count today, or of one of them alone, in order.
pub(crate) async fn ends(
    cx: &Cx<'_>,
    account_id: AccountId,
    only: Option<SubscriptionId>,
) -> Result<Vec<NaiveDate>> {
    let of_account = visible(cx).filter(Column::AccountId.eq(account_id));
    let select =
        of_account.filter(counts_on(cx.today().await?)).filter(Column::EndsOn.is_not_null());
    let select = select.filter(Condition::all().add_option(only.map(|id| Column::Id.eq(id))));
    // The latest, where there are too many.
    let rows = select.order_by_desc(Column::EndsOn).limit(MOST_ENDS).all(&cx.db).await?;
    Ok(rows.into_iter().rev().filter_map(|row| row.ends_on).collect())
}

/// The subscriptions of an account; of very many the two hundred added last.
pub(crate) async fn of_account(cx: &Cx<'_>, account_id: AccountId) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::AccountId.eq(account_id));
    Ok(select.order_by_desc(Column::Id).limit(MOST_ENDS).all(&cx.db).await?)
}

/// Up to `limit` subscriptions behind one of them, in the order in which they were added.
pub(crate) async fn walk(
    cx: &Cx<'_>,
    after: Option<SubscriptionId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let behind = Condition::all().add_option(after.map(|id| Column::Id.gt(id)));
    let rows = visible(cx).filter(behind).order_by_asc(Column::Id).limit(limit);
    Ok(rows.all(&cx.db).await?)
}

/// Adds a subscription to an account.
pub(crate) async fn insert(tx: &Tx<'_>, new: NewSubscription) -> Result<Model> {
    let mut checks = Checks::new();
    let account = checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?;
    let new = until_lost(&mut checks, account.as_ref(), new);
    let lines = new.lines.clone();
    let (row, given, cause) = checked(tx, checks, new, None, &[]).await?;
    let told = [given.links(), line::links(&[], &lines)];
    let row = store::insert(tx, row, Fact::Created.with(&told)).await?;
    attributes::write(tx, row.account_id, row.id, given).await?;
    line::write(tx, row.id, &[], &lines).await?;
    ledger::settle(tx, &row, cause).await?;
    renewal::take_over(tx, &row).await?;
    renewal::follow(tx, &row).await?;
    Ok(row)
}

/// A subscription of an account that is lost was cancelled on that day, unless it was over before:
/// nothing is paid for any more (F0). One that begins later makes no sense.
fn until_lost(
    checks: &mut Checks,
    account: Option<&account::Model>,
    new: NewSubscription,
) -> NewSubscription {
    let Some(day) = account.and_then(|account| account.churned_on) else { return new };
    checks
        .ensure(new.starts_on <= day, || Problem::new("startsOn", Code::TooLate).with("max", day));
    let is_over = [new.ends_on, new.cancelled_on].into_iter().flatten().any(|last| last < day);
    let cancelled_on = if is_over { new.cancelled_on } else { Some(day) };
    NewSubscription { cancelled_on, ..new }
}

/// The subscription that `field` names, locked with its account until the transaction ends.
pub(super) async fn lock(tx: &Tx<'_>, id: SubscriptionId, field: &str) -> Result<Model> {
    let account_id = find_in(tx, id, field).await?.account_id;
    account::lock(tx, account_id, field).await?;
    find_in(tx, id, field).await
}

/// Changes a subscription.
pub(crate) async fn change(
    tx: &Tx<'_>,
    id: SubscriptionId,
    patch: SubscriptionPatch,
) -> Result<Model> {
    let before = lock(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let had = line::of(tx, id).await?;
    let lines = patch.lines.clone().unwrap_or_else(|| had.clone());
    let of_lines = patch.lines.filter(|lines| !lines.is_empty());
    let sum =
        |lines: Vec<Line>| lines.iter().map(|line| line.amount_minor).fold(0, i64::saturating_add);
    let of_lines = of_lines.map(sum);
    let after = NewSubscription {
        account_id: before.account_id,
        package_id: patch.package_id.unwrap_or(before.package_id),
        name: patch.name.unwrap_or_else(|| before.name.clone()),
        starts_on: patch.starts_on.unwrap_or(before.starts_on),
        ends_on: patch.ends_on.unwrap_or(before.ends_on),
        notice_on: patch.notice_on.unwrap_or(before.notice_on),
        cancelled_on: patch.cancelled_on.unwrap_or(before.cancelled_on),
        amount_minor: patch.amount_minor.or(of_lines).unwrap_or(before.amount_minor),
        currency: patch.currency.unwrap_or_else(|| before.currency.clone()),
        interval: patch.interval.unwrap_or(before.interval),
        lines: lines.clone(),
        attributes: patch.attributes,
        why: patch.why,
    };
    let (row, given, cause) = checked(tx, Checks::new(), after, Some(&before), &had).await?;
    let told = [given.links(), line::links(&had, &lines)];
    let row = store::update(tx, &before, row, Fact::Updated.with(&told)).await?;
    attributes::write(tx, row.account_id, id, given).await?;
    line::write(tx, id, &had, &lines).await?;
    let is_same_price = (&row.currency, row.interval) == (&before.currency, before.interval);
    let lines = is_same_price.then_some((had.as_slice(), lines.as_slice()));
    let was = Some(Terms::of(&before));
    ledger::settle(tx, &row, Cause { lines, was, ..cause }).await?;
    renewal::follow(tx, &row).await?;
    Ok(row)
}

/// Cancels what an account still pays for, from the day on which it was lost.
pub(crate) async fn cancel_all(
    tx: &Tx<'_>,
    account_id: AccountId,
    on: NaiveDate,
    reason: &str,
) -> Result<()> {
    for before in of_account(tx, account_id).await? {
        let day = on.max(before.starts_on);
        let is_over = before.ends_on.is_some_and(|last| last < day);
        if is_over || before.is_cancelled_by(day) {
            continue;
        }
        let row = ActiveModel { cancelled_on: Set(Some(day)), ..Default::default() };
        let row = store::update(tx, &before, row, Fact::Updated.because(reason)).await?;
        let (reason, was) = (Some(reason.to_owned()), Some(Terms::of(&before)));
        let cause = Cause { reason, was, ..Default::default() };
        ledger::settle(tx, &row, cause).await?;
        renewal::follow(tx, &row).await?;
    }
    Ok(())
}

/// Checks a subscription as it is to be and turns it into columns and values of attributes. The
/// package that it had `before` may have been put away since, and stays.
async fn checked(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: NewSubscription,
    before: Option<&Model>,
    had_lines: &[Line],
) -> Result<(ActiveModel, attributes::Changes, Cause<'static>)> {
    let had = before.and_then(|row| row.package_id);
    if let Some(id) = new.package_id.filter(|id| Some(*id) != had) {
        checks.keep(option::require_in(tx, set::PACKAGE, id, "packageId").await)?;
    }
    let name = check_alone(&mut checks, &new);
    line::check(tx, &mut checks, &new.lines, had_lines).await?;
    let cause = check_why(tx, &mut checks, new.why).await?;
    let subject_id = before.map(|row| row.id.into());
    let given = attributes::check(tx, SubjectKind::Subscription, subject_id, new.attributes).await;
    let given = checks.keep(given)?.unwrap_or_default();
    checks.finish()?;
    let row = ActiveModel {
        account_id: Set(new.account_id),
        package_id: Set(new.package_id),
        name: Set(name),
        starts_on: Set(new.starts_on),
        ends_on: Set(new.ends_on),
        notice_on: Set(new.notice_on),
        cancelled_on: Set(new.cancelled_on),
        amount_minor: Set(new.amount_minor),
        currency: Set(new.currency),
        interval: Set(new.interval),
        ..Default::default()
    };
    Ok((row, given, cause))
}

async fn check_why(tx: &Tx<'_>, checks: &mut Checks, why: Why) -> Result<Cause<'static>> {
    let reason = checks.maybe_prose("reason", why.reason.as_deref(), MOST_REASON);
    if let Some(day) = why.effective_on {
        ledger::check_day(tx, checks, "effectiveOn", day).await?;
    }
    let (cs_sourced, changed_on) = (why.cs_sourced, why.effective_on);
    Ok(Cause { cs_sourced, reason, changed_on, lines: None, was: None })
}

/// What is wrong with a subscription whatever its account and package, for whoever cannot name
/// these yet.
pub fn problems(new: &NewSubscription) -> Vec<Problem> {
    let mut checks = Checks::new();
    check_alone(&mut checks, new);
    checks.into_problems()
}

fn check_alone(checks: &mut Checks, new: &NewSubscription) -> String {
    let name = checks.text("name", &new.name, 200);
    check_dates(checks, new);
    money::check(checks, "amount", new.amount_minor, &new.currency);
    let together: i64 = new.lines.iter().map(|line| line.amount_minor).fold(0, i64::saturating_add);
    checks.ensure(new.lines.is_empty() || together == new.amount_minor, || {
        Problem::new("amount.amountMinor", Code::Contradiction).with("with", "lines")
    });
    name
}

fn check_dates(checks: &mut Checks, new: &NewSubscription) {
    for (field, date) in [("endsOn", new.ends_on), ("cancelledOn", new.cancelled_on)] {
        checks.ensure(date.is_none_or(|date| date >= new.starts_on), || {
            Problem::new(field, Code::TooEarly).with("min", new.starts_on)
        });
    }
    if let (Some(notice_on), Some(ends_on)) = (new.notice_on, new.ends_on) {
        checks.ensure(notice_on <= ends_on, || {
            Problem::new("noticeOn", Code::TooLate).with("max", ends_on)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: impl Fn(&mut NewSubscription)) -> String {
        let date = |text: &str| text.parse().unwrap();
        let mut new = NewSubscription {
            account_id: AccountId(Uuid::nil()),
            package_id: None,
            name: "Gold".to_owned(),
            starts_on: date("2026-01-01"),
            ends_on: Some(date("2026-12-31")),
            notice_on: Some(date("2026-10-01")),
            cancelled_on: None,
            amount_minor: 0,
            currency: "BRL".to_owned(),
            interval: BillingInterval::Month,
            lines: Vec::new(),
            attributes: Vec::new(),
            why: Why::default(),
        };
        change(&mut new);
        let problems = problems(&new);
        problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn dates_stand_in_their_order() {
        assert_eq!(told(|_| {}), "");
        assert_eq!(
            told(|new| new.ends_on = Some(new.starts_on)),
            "noticeOn: TOO_LATE max=2026-01-01"
        );
        let early = told(|new| {
            new.ends_on = new.starts_on.pred_opt();
            new.cancelled_on = new.starts_on.pred_opt();
            new.notice_on = None;
        });
        let each = "TOO_EARLY min=2026-01-01";
        assert_eq!(early, format!("endsOn: {each}; cancelledOn: {each}"));
    }

    #[test]
    fn money_is_an_amount_and_a_currency() {
        assert_eq!(
            told(|new| new.amount_minor = -1),
            "amount.amountMinor: OUT_OF_RANGE min=0 max=none"
        );
        for wrong in ["brl", "R$", "BRLX", "", "ZZZ"] {
            let found = told(|new| new.currency = wrong.to_owned());
            assert_eq!(found, "amount.currency: BAD_FORMAT form=currency");
        }
    }
}
