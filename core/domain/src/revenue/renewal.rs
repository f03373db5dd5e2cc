//! Renewals: the end of a subscription, when the customer must be spoken to, and what came of it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::ledger::{self, Terms};
use super::line::Line;
use super::movement::{self, MOST_REASON, MovementKind, NewMovement};
use super::subscription::{self, SubscriptionPatch, Why};
use crate::calendar::{minus, plus};
use crate::filter::RangeFilter;
use crate::job::{self, Work};
use crate::prelude::*;

/// The end of a subscription, and what becomes of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "renewal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RenewalId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub subscription_id: SubscriptionId,
    pub account_id: AccountId,
    /// The last day of the subscription.
    pub ends_on: NaiveDate,
    /// The last day on which the customer can say that they will not renew.
    pub notice_on: Option<NaiveDate>,
    pub status: RenewalStatus,
    /// When it was decided.
    pub decided_on: Option<NaiveDate>,
    /// The instant of it; for the timeline, which is ordered by instants.
    pub decided_at: Option<DateTime<Utc>>,
    /// Who decided it; nobody where the end came first, or another contract took over.
    pub decided_by_id: Option<UserId>,
    /// The last day that was agreed on.
    pub renewed_until: Option<NaiveDate>,
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, RenewalId, account = |row: &Model| Some(row.account_id));

/// What came of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RenewalStatus {
    /// Nothing yet.
    Open,
    /// The subscription goes on.
    Renewed,
    /// It ends, or ended.
    Lost,
    /// There is no end any more.
    Cancelled,
}

/// What narrows a list of renewals; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RenewalFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub statuses: Option<Vec<RenewalStatus>>,
    pub ends_on: Option<RangeFilter<NaiveDate>>,
}

/// What was agreed on.
#[derive(Clone, Debug)]
pub struct Won {
    /// The new last day, behind the one so far.
    pub ends_on: NaiveDate,
    pub notice_on: Option<NaiveDate>,
    /// What is paid per interval from now on; as before unless said.
    pub amount_minor: Option<i64>,
    /// All products from now on; as before unless said.
    pub lines: Option<Vec<Line>>,
    /// On `effective_on` it was decided.
    pub why: Why,
}

/// How many days before the last day for notice, or before the end where there is none, whoever
/// looks after the account is reminded.
pub const REMINDERS: [u64; 3] = [90, 30, 7];

/// Renewals of one account that lapse on the same day.
const MOST_LAPSED: u64 = 50;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The first to end comes first.
fn by_end() -> [Order<Column>; 2] {
    [Order::asc(Column::EndsOn), Order::asc(Column::Id)]
}

/// A renewal.
pub async fn find(cx: &Cx<'_>, id: RenewalId) -> Result<Model> {
    cx.require(Area::Revenue, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Renewal))
}

/// The renewals of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[RenewalId]) -> Result<Vec<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Renewals, the first to end first.
pub async fn list(cx: &Cx<'_>, filter: &RenewalFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    let accounts = |ids: &Vec<AccountId>| Column::AccountId.is_in(ids.iter().copied());
    let statuses = |words: &Vec<RenewalStatus>| Column::Status.is_in(words.iter().copied());
    let condition = Condition::all()
        .add_option(filter.account_ids.as_ref().map(accounts))
        .add_option(filter.statuses.as_ref().map(statuses))
        .add_option(filter.ends_on.as_ref().map(|range| range.condition(Column::EndsOn)));
    page(cx, visible(cx).filter(condition), &by_end(), args).await
}

/// The renewals of each of these accounts, the first to end first.
pub async fn of_accounts(
    cx: &Cx<'_>,
    ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Revenue, Access::Read)?;
    page_each(cx, visible(cx), Column::AccountId, ids, &by_end(), args).await
}

/// The next open renewal of each of these accounts; accounts without any are left out.
pub async fn next_of(cx: &Cx<'_>, ids: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    let open = visible(cx).filter(Column::Status.eq(RenewalStatus::Open));
    let one = PageArgs::first(1);
    let pages = page_each(cx, open, Column::AccountId, ids, &by_end(), &one).await?;
    Ok(pages.into_values().flat_map(Page::into_rows).collect())
}

async fn open_of(cx: &Cx<'_>, id: SubscriptionId) -> Result<Option<Model>> {
    let open = visible(cx).filter(Column::Status.eq(RenewalStatus::Open));
    Ok(open.filter(Column::SubscriptionId.eq(id)).one(&cx.db).await?)
}

/// Keeps the open renewal of a subscription in line with its end. An end that has passed needs no
/// renewal any more, and reminders whose day has passed are not sent: a base that is adopted in the
/// middle of its life alerts nobody (rule 9).
pub(super) async fn follow(tx: &Tx<'_>, row: &subscription::Model) -> Result<()> {
    let today = tx.today().await?;
    let open = open_of(tx, row.id).await?;
    let is_cancelled = |end| row.cancelled_on.is_some_and(|from| from <= plus(end, 1));
    let end = row.ends_on.filter(|end| !is_cancelled(*end));
    match (open, end) {
        (None, Some(end)) if end >= today => {
            let new = ActiveModel {
                subscription_id: Set(row.id),
                account_id: Set(row.account_id),
                ends_on: Set(end),
                notice_on: Set(row.notice_on),
                status: Set(RenewalStatus::Open),
                ..Default::default()
            };
            remind(tx, &store::insert(tx, new, Fact::Created).await?).await
        }
        (Some(open), Some(end)) if (open.ends_on, open.notice_on) != (end, row.notice_on) => {
            let moved = ActiveModel {
                ends_on: Set(end),
                notice_on: Set(row.notice_on),
                ..Default::default()
            };
            remind(tx, &store::update(tx, &open, moved, Fact::Updated).await?).await
        }
        (Some(open), None) => {
            let status = match row.ends_on {
                Some(_) => RenewalStatus::Lost,
                None => RenewalStatus::Cancelled,
            };
            // What no longer counts since some day was lost by then.
            let on = row.cancelled_on.map_or(today, |day| day.min(today));
            decide(tx, &open, (status, on), None, None).await.map(drop)
        }
        _ => Ok(()),
    }
}

async fn decide(
    tx: &Tx<'_>,
    before: &Model,
    (status, on): (RenewalStatus, NaiveDate),
    renewed_until: Option<NaiveDate>,
    reason: Option<String>,
) -> Result<Model> {
    let at = tx.instant_of(on).await?;
    let row = ActiveModel {
        status: Set(status),
        decided_on: Set(Some(on)),
        decided_at: Set(Some(at)),
        decided_by_id: Set(tx.actor.user_id),
        renewed_until: Set(renewed_until),
        reason: Set(reason),
        ..Default::default()
    };
    store::update(tx, before, row, Told::from(Fact::Updated).at(at)).await
}

/// What ended and was not renewed is lost, unless another contract takes over. Gives the reason
/// that somebody gave before.
pub(super) async fn let_go(tx: &Tx<'_>, row: &subscription::Model) -> Result<Option<String>> {
    if let Some(open) = open_of(tx, row.id).await? {
        let all = subscription::of_account(tx, row.account_id).await?;
        let today = tx.today().await?;
        match successor(&all, row) {
            Some(next) => {
                decide(tx, &open, (RenewalStatus::Renewed, today), next.ends_on, None).await?
            }
            None => decide(tx, &open, (RenewalStatus::Lost, today), None, None).await?,
        };
        return Ok(None);
    }
    let lost = visible(tx)
        .filter(Column::SubscriptionId.eq(row.id))
        .filter(Column::Status.eq(RenewalStatus::Lost))
        .order_by_desc(Column::Id);
    Ok(lost.one(&tx.db).await?.and_then(|lost| lost.reason))
}

/// The contract that takes over from one that ended: it begins on the day after. One of the same
/// package comes first; one of another only where nothing else ended on that day. Pure.
fn successor<'s>(
    all: &'s [subscription::Model],
    ended: &subscription::Model,
) -> Option<&'s subscription::Model> {
    let last = ended.ends_on?;
    let day = plus(last, 1);
    let begins = |row: &&subscription::Model| {
        row.id != ended.id && row.starts_on == day && !row.is_cancelled_by(day)
    };
    let is_alone = !all.iter().any(|row| row.id != ended.id && row.ends_on == Some(last));
    let same = |row: &&subscription::Model| row.package_id == ended.package_id;
    let other = || all.iter().find(begins).filter(|_| is_alone);
    all.iter().filter(begins).find(same).or_else(other)
}

/// A contract that was signed late, but begins on the day after another one ended, renews that one,
/// though it was taken for lost.
pub(super) async fn take_over(tx: &Tx<'_>, row: &subscription::Model) -> Result<()> {
    let today = tx.today().await?;
    if row.starts_on > today {
        return Ok(());
    }
    let on = if tx.actor.origin.may_look_back() { row.starts_on } else { today };
    let lapsed = visible(tx)
        .filter(Column::AccountId.eq(row.account_id))
        .filter(Column::EndsOn.eq(minus(row.starts_on, 1)))
        .filter(Column::Status.eq(RenewalStatus::Lost))
        .filter(Column::DecidedById.is_null())
        .order_by_asc(Column::Id)
        .limit(MOST_LAPSED)
        .all(&tx.db)
        .await?;
    if lapsed.is_empty() {
        return Ok(());
    }
    let all = subscription::of_account(tx, row.account_id).await?;
    for renewal in lapsed {
        let ended = all.iter().find(|one| one.id == renewal.subscription_id);
        let next = ended.and_then(|ended| successor(&all, ended));
        if next.is_some_and(|next| next.id == row.id) {
            decide(tx, &renewal, (RenewalStatus::Renewed, on), row.ends_on, None).await?;
        }
    }
    Ok(())
}

/// The renewal that `id` names, which must be open, with its subscription; both are locked.
async fn lock_open(tx: &Tx<'_>, id: RenewalId) -> Result<(Model, subscription::Model)> {
    let found = find(tx, id).await?;
    let subscription = subscription::lock(tx, found.subscription_id, "id").await?;
    let row = find(tx, id).await?;
    match row.status {
        RenewalStatus::Open => Ok((row, subscription)),
        _ => Err(Problem::new("id", Code::AlreadyDecided).into()),
    }
}

/// The day on which it was decided: today, unless another is said.
async fn decided_on(
    tx: &Tx<'_>,
    checks: &mut Checks,
    said: Option<NaiveDate>,
) -> Result<NaiveDate> {
    if let Some(day) = said {
        ledger::check_day(tx, checks, "decidedOn", day).await?;
    }
    Ok(said.unwrap_or(tx.today().await?))
}

/// Renews a subscription. What it brings more or less than before moves from that day on.
pub(crate) async fn win(
    tx: &Tx<'_>,
    id: RenewalId,
    won: Won,
) -> Result<(Model, subscription::Model)> {
    let (row, before) = lock_open(tx, id).await?;
    let mut checks = Checks::new();
    let reason = checks.maybe_prose("reason", won.why.reason.as_deref(), MOST_REASON);
    let on = decided_on(tx, &mut checks, won.why.effective_on).await?;
    checks.ensure(won.ends_on > row.ends_on, || {
        Problem::new("endsOn", Code::TooEarly).with("min", plus(row.ends_on, 1))
    });
    checks.finish()?;
    let decision = (RenewalStatus::Renewed, on);
    let row = decide(tx, &row, decision, Some(won.ends_on), reason.clone()).await?;
    let cs_sourced = won.why.cs_sourced;
    let patch = SubscriptionPatch {
        ends_on: Some(Some(won.ends_on)),
        notice_on: Some(won.notice_on),
        amount_minor: won.amount_minor,
        lines: won.lines,
        why: won.why,
        ..Default::default()
    };
    let after = subscription::change(tx, before.id, patch).await;
    let after = after.map_err(|error| error.renamed("effectiveOn", "decidedOn"))?;
    let brings = |row| Terms::of(row).annual_minor;
    let renewed = NewMovement {
        account_id: row.account_id,
        subscription_id: before.id,
        product_id: None,
        kind: MovementKind::Renewal,
        happened_on: on,
        amount_minor: brings(&before).min(brings(&after)),
        delta_minor: 0,
        currency: after.currency.clone(),
        cs_sourced,
        reason,
    };
    movement::record(tx, vec![renewed]).await?;
    Ok((row, after))
}

/// Notes that a subscription will not be renewed: it counts until its last day. `said` is the day
/// on which that was decided, where it was not today.
pub(crate) async fn lose(
    tx: &Tx<'_>,
    id: RenewalId,
    reason: &str,
    said: Option<NaiveDate>,
) -> Result<(Model, subscription::Model)> {
    let (row, before) = lock_open(tx, id).await?;
    let mut checks = Checks::new();
    let reason = checks.prose("reason", reason, MOST_REASON);
    let on = decided_on(tx, &mut checks, said).await?;
    checks.finish()?;
    let decision = (RenewalStatus::Lost, on);
    let row = decide(tx, &row, decision, None, Some(reason.clone())).await?;
    let patch = SubscriptionPatch {
        cancelled_on: Some(Some(plus(row.ends_on, 1))),
        why: Why { reason: Some(reason), ..Default::default() },
        ..Default::default()
    };
    let after = subscription::change(tx, before.id, patch).await?;
    Ok((row, after))
}

/// Reminds whoever looks after an account that a subscription ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindRenewal {
    /// The renewal.
    pub renewal_id: RenewalId,
    /// The day from which the days are counted back.
    pub until: NaiveDate,
    /// How many days before it.
    pub days: u64,
}

impl Work for RemindRenewal {
    const KIND: &'static str = "revenue.remind_renewal";

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}:{}", self.renewal_id, self.until, self.days))
    }
}

impl RemindRenewal {
    /// Whether it still says something: the renewal is open, and its day is the same.
    pub(crate) fn holds(&self, row: &Model) -> bool {
        row.status == RenewalStatus::Open && self.until == row.notice_on.unwrap_or(row.ends_on)
    }
}

async fn remind(tx: &Tx<'_>, row: &Model) -> Result<()> {
    let (calendar, today) = (tx.calendar().await?, tx.today().await?);
    let until = row.notice_on.unwrap_or(row.ends_on);
    for days in REMINDERS {
        let day = minus(until, days);
        if day > today {
            let work = RemindRenewal { renewal_id: row.id, until, days };
            job::enqueue(tx, &work, calendar.start_of(day))?;
        }
    }
    Ok(())
}
