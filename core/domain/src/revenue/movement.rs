//! Movements of recurring revenue: what was gained and lost, when, and whether customer success
//! had a part in it.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};

use super::meaning::Change;
use crate::filter::RangeFilter;
use crate::money::Money;
use crate::prelude::*;

/// A change of recurring revenue.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "revenue_movement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RevenueMovementId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub subscription_id: SubscriptionId,
    /// The product that it is about, where one is known.
    pub product_id: Option<ProductId>,
    pub kind: MovementKind,
    /// The day on which it took effect.
    pub happened_on: NaiveDate,
    /// Since when on that day; for the timeline, which is ordered by instants.
    pub happened_at: DateTime<Utc>,
    /// How much a year, never negative, in minor units of the currency.
    pub amount_minor: i64,
    /// The same with its sign. Nothing for a renewal of the same subscription, which changes
    /// nothing; where a contract takes over from another, what the one loses and the other gains.
    pub delta_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
    /// Whether it came from customer success.
    pub cs_sourced: bool,
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, RevenueMovementId, account = |row: &Model| Some(row.account_id));

/// What moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MovementKind {
    /// An account that paid nothing pays.
    New,
    /// More of what was there: upsell.
    Upgrade,
    /// Less of it, while the account stays: downsell.
    Downgrade,
    /// Something else in addition.
    CrossSell,
    /// The account pays nothing any more.
    Churn,
    /// What was there goes on: under the same subscription, or under another that takes over.
    Renewal,
}

/// What narrows a list of movements; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MovementFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub kinds: Option<Vec<MovementKind>>,
    pub happened_on: Option<RangeFilter<NaiveDate>>,
    pub cs_sourced: Option<bool>,
}

/// Changes of a movement: its kind and amount are those of the subscription.
#[derive(Clone, Debug, Default)]
pub struct MovementPatch {
    pub expected_version: Option<i64>,
    pub cs_sourced: Option<bool>,
    pub reason: Option<Option<String>>,
}

/// A movement to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewMovement {
    pub account_id: AccountId,
    pub subscription_id: SubscriptionId,
    pub product_id: Option<ProductId>,
    pub kind: MovementKind,
    pub happened_on: NaiveDate,
    pub amount_minor: i64,
    pub delta_minor: i64,
    pub currency: String,
    pub cs_sourced: bool,
    pub reason: Option<String>,
}

impl NewMovement {
    /// One like another that is recorded.
    pub(super) fn of(row: &Model) -> Self {
        Self {
            account_id: row.account_id,
            subscription_id: row.subscription_id,
            product_id: row.product_id,
            kind: row.kind,
            happened_on: row.happened_on,
            amount_minor: row.amount_minor,
            delta_minor: row.delta_minor,
            currency: row.currency.clone(),
            cs_sourced: row.cs_sourced,
            reason: row.reason.clone(),
        }
    }

    /// What it changes of what the subscription brings.
    pub(super) fn change(&self) -> Change<'_> {
        Change {
            subscription_id: self.subscription_id,
            happened_on: self.happened_on,
            currency: &self.currency,
            delta_minor: self.delta_minor,
            kind: self.kind,
            is_of_product: self.product_id.is_some(),
        }
    }

    /// The same with what a part of it means.
    pub(super) fn part(&self, (kind, amount_minor): (MovementKind, i64)) -> Self {
        let delta_minor = amount_minor * self.delta_minor.signum();
        Self { kind, amount_minor, delta_minor, ..self.clone() }
    }
}

impl MovementKind {
    /// An amount with the sign of its effect on recurring revenue. Pure.
    pub fn signed(self, amount_minor: i64) -> i64 {
        match self {
            Self::New | Self::Upgrade | Self::CrossSell => amount_minor,
            Self::Downgrade | Self::Churn => -amount_minor,
            Self::Renewal => 0,
        }
    }
}

/// Characters of a reason.
pub(super) const MOST_REASON: usize = 500;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn latest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::HappenedOn), Order::desc(Column::Id)]
}

/// The movements of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[RevenueMovementId]) -> Result<Vec<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Movements, the latest first.
pub async fn list(cx: &Cx<'_>, filter: &MovementFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Revenue, Access::Read)?;
    let accounts = |ids: &Vec<AccountId>| Column::AccountId.is_in(ids.iter().copied());
    let condition = Condition::all()
        .add_option(filter.account_ids.as_ref().map(accounts))
        .add_option(filter.kinds.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
        .add_option(filter.happened_on.as_ref().map(|range| range.condition(Column::HappenedOn)))
        .add_option(filter.cs_sourced.map(|flag| Column::CsSourced.eq(flag)));
    page(cx, visible(cx).filter(condition), &latest_first(), args).await
}

/// The movements of each of these accounts, the latest first.
pub async fn of_accounts(
    cx: &Cx<'_>,
    ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Revenue, Access::Read)?;
    page_each(cx, visible(cx), Column::AccountId, ids, &latest_first(), args).await
}

/// What each of these accounts pays a year, per currency, by currency; nothing where nothing.
pub async fn recurring_of(
    cx: &Cx<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Money>>> {
    cx.require(Area::Revenue, Access::Read)?;
    let rows = sums(visible(cx).filter(Column::AccountId.is_in(ids.iter().copied())))
        .column(Column::AccountId)
        .group_by(Column::AccountId)
        .order_by_asc(Column::Currency)
        .into_tuple::<(i64, String, AccountId)>();
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for (amount_minor, currency, id) in rows.all(&cx.db).await? {
        if amount_minor != 0 {
            found.entry(id).or_default().push(Money { amount_minor, currency });
        }
    }
    Ok(found)
}

/// What the movements that a condition picks add up to, by currency; nothing where nothing.
pub(crate) async fn recurring_where(cx: &Cx<'_>, condition: Condition) -> Result<Vec<Money>> {
    let rows = sums(visible(cx).filter(condition)).order_by_asc(Column::Currency);
    let rows = rows.into_tuple::<(i64, String)>().all(&cx.db).await?;
    let paid = rows.into_iter().filter(|(amount, _)| *amount != 0);
    Ok(paid.map(|(amount_minor, currency)| Money { amount_minor, currency }).collect())
}

/// Movements that change what an account pays; more than any account has.
const MOST_CHANGES: u64 = 10_000;

/// All movements that change what an account pays, in the order of their days, and those of a day
/// as they were recorded.
pub(super) async fn changes_of(cx: &Cx<'_>, account_id: AccountId) -> Result<Vec<Model>> {
    let rows = visible(cx)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::DeltaMinor.ne(0))
        .order_by_asc(Column::HappenedOn)
        .order_by_asc(Column::Id)
        .limit(MOST_CHANGES + 1)
        .all(&cx.db)
        .await?;
    if rows.len() as u64 > MOST_CHANGES {
        return Err(Problem::too_many("accountId", MOST_CHANGES, "items").into());
    }
    Ok(rows)
}

/// Gives a movement another meaning: what became known since makes it something else.
pub(super) async fn restate(
    tx: &Tx<'_>,
    row: &Model,
    (kind, amount_minor): (MovementKind, i64),
) -> Result<()> {
    let patch = ActiveModel {
        kind: Set(kind),
        amount_minor: Set(amount_minor),
        delta_minor: Set(amount_minor * row.delta_minor.signum()),
        ..Default::default()
    };
    store::update(tx, row, patch, Fact::Updated).await.map(drop)
}

/// Gives a movement another day: what was recorded of a contract follows its dates.
pub(super) async fn redate(tx: &Tx<'_>, row: &Model, day: NaiveDate) -> Result<Model> {
    let happened_at = tx.instant_of(day).await?;
    let patch =
        ActiveModel { happened_on: Set(day), happened_at: Set(happened_at), ..Default::default() };
    store::update(tx, row, patch, Told::from(Fact::Updated).at(happened_at)).await
}

fn sums(select: Select<Entity>) -> Select<Entity> {
    let sum = Expr::col(Column::DeltaMinor).sum().cast_as(Alias::new("bigint"));
    let sums = select.select_only().column_as(sum, "sum").column(Column::Currency);
    sums.group_by(Column::Currency)
}

/// Writes movements.
pub(super) async fn record(tx: &Tx<'_>, new: Vec<NewMovement>) -> Result<()> {
    let (today, calendar) = (tx.today().await?, tx.calendar().await?);
    let at = |day| if day == today { tx.now } else { calendar.start_of(day) };
    let rows = new.into_iter().map(|new| ActiveModel {
        account_id: Set(new.account_id),
        subscription_id: Set(new.subscription_id),
        product_id: Set(new.product_id),
        kind: Set(new.kind),
        happened_on: Set(new.happened_on),
        happened_at: Set(at(new.happened_on)),
        amount_minor: Set(new.amount_minor),
        delta_minor: Set(new.delta_minor),
        currency: Set(new.currency),
        cs_sourced: Set(new.cs_sourced),
        reason: Set(new.reason),
        ..Default::default()
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let told = |row: &Model| Told::from(Fact::Recorded).at(row.happened_at);
        store::insert_many(tx, rows, told).await?;
    }
    Ok(())
}

/// Says of a movement where it came from and why.
pub async fn update(tx: &Tx<'_>, id: RevenueMovementId, patch: MovementPatch) -> Result<Model> {
    tx.require(Area::Revenue, Access::Write)?;
    let before = visible(tx).filter(Column::Id.eq(id)).one(&tx.db).await?;
    let before = before.ok_or_else(|| Error::not_found("id", Kind::RevenueMovement))?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(flag) = patch.cs_sourced {
        row.cs_sourced = Set(flag);
    }
    if let Some(reason) = patch.reason {
        row.reason = Set(checks.maybe_prose("reason", reason.as_deref(), MOST_REASON));
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}
