//! Opportunities: what more could be done with an account, and what became of it.

use std::collections::HashMap;

use super::SignalSource;
use super::risk::check_owner;
use crate::accounts::account;
use crate::filter::{RangeFilter, RefFilter};
use crate::money::{self, Money};
use crate::prelude::*;

/// What more could be done with an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "opportunity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OpportunityId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub source: SignalSource,
    pub kind: OpportunityKind,
    pub title: String,
    pub reason: Option<String>,
    /// Who sees to it.
    pub owner_id: Option<UserId>,
    /// What it would bring, in minor units of the currency.
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub expected_on: Option<NaiveDate>,
    pub status: OpportunityStatus,
    /// What a person said when it was closed.
    pub resolution: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    OpportunityId,
    account = |row: &Model| Some(row.account_id),
    personal = ["title", "reason", "resolution"]
);

/// What could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OpportunityKind {
    /// More of what they have.
    Upgrade,
    /// Something that they do not have yet.
    CrossSell,
    /// Another term.
    Renewal,
    /// They speak well of us to others.
    Reference,
}

/// Where an opportunity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OpportunityStatus {
    /// It is there.
    Open,
    /// It was taken.
    Won,
    /// It was not.
    Lost,
}

/// An opportunity to be noted.
#[derive(Clone, Debug)]
pub struct NewOpportunity {
    pub account_id: AccountId,
    pub source: SignalSource,
    pub kind: OpportunityKind,
    pub title: String,
    pub reason: Option<String>,
    pub owner_id: Option<UserId>,
    pub amount: Option<Money>,
    pub expected_on: Option<NaiveDate>,
    /// Now, where it is not said.
    pub opened_at: Option<DateTime<Utc>>,
}

/// Changes of an opportunity; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct OpportunityPatch {
    pub expected_version: Option<i64>,
    pub source: Option<SignalSource>,
    pub kind: Option<OpportunityKind>,
    pub title: Option<String>,
    pub reason: Option<Option<String>>,
    pub owner_id: Option<Option<UserId>>,
    pub amount: Option<Option<Money>>,
    pub expected_on: Option<Option<NaiveDate>>,
}

/// What narrows a list of opportunities; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OpportunityFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub statuses: Option<Vec<OpportunityStatus>>,
    pub kinds: Option<Vec<OpportunityKind>>,
    pub sources: Option<Vec<SignalSource>>,
    pub owner: Option<RefFilter<UserId>>,
    pub opened_at: Option<RangeFilter<DateTime<Utc>>>,
    /// Those without an expected day are left out.
    pub expected_on: Option<RangeFilter<NaiveDate>>,
}

impl OpportunityFilter {
    fn condition(&self) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.statuses.map(|words| Column::Status.is_in(words)))
            .add_option(filter.kinds.map(|words| Column::Kind.is_in(words)))
            .add_option(filter.sources.map(|words| Column::Source.is_in(words)))
            .add_option(filter.owner.map(|ids| ids.condition(Column::OwnerId)))
            .add_option(filter.opened_at.map(|range| range.condition(Column::OpenedAt)))
            .add_option(filter.expected_on.map(|range| range.condition(Column::ExpectedOn)))
    }
}

/// Open opportunities of an account.
const MOST_OPEN: u64 = 100;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn open(cx: &Cx<'_>, account_id: AccountId) -> Select<Entity> {
    let of_account = visible(cx).filter(Column::AccountId.eq(account_id));
    of_account.filter(Column::Status.eq(OpportunityStatus::Open))
}

fn newest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::OpenedAt), Order::desc(Column::Id)]
}

/// The opportunities of the workspace, newest first.
pub async fn list(cx: &Cx<'_>, filter: &OpportunityFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &newest_first(), args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &OpportunityFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let select = visible(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &newest_first(), args).await
}

/// One opportunity.
pub async fn find(cx: &Cx<'_>, id: OpportunityId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The opportunities of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[OpportunityId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: OpportunityId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Opportunity))
}

/// An opportunity, with its account locked.
async fn lock(tx: &Tx<'_>, id: OpportunityId) -> Result<Model> {
    account::lock(tx, find_in(tx, id).await?.account_id, "id").await?;
    find_in(tx, id).await
}

/// The same, which must be open.
async fn lock_open(tx: &Tx<'_>, id: OpportunityId) -> Result<Model> {
    let row = lock(tx, id).await?;
    match row.status {
        OpportunityStatus::Open => Ok(row),
        status => Err(super::closed("id", &status.to_value())),
    }
}

/// Notes an opportunity.
pub async fn create(tx: &Tx<'_>, new: NewOpportunity) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    // Users are locked before accounts.
    check_owner(tx, &mut checks, new.owner_id, None).await?;
    if checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?.is_some() {
        let open = open(tx, new.account_id);
        checks.keep(super::require_room(tx, open, MOST_OPEN, "accountId").await)?;
    }
    let opened_at = checks.past("openedAt", new.opened_at.unwrap_or(tx.now), tx.now);
    let row = checked(checks, &new)?;
    let row = ActiveModel {
        account_id: Set(new.account_id),
        status: Set(OpportunityStatus::Open),
        opened_at: Set(opened_at),
        ..row
    };
    store::insert(tx, row, Fact::Opened).await
}

/// Changes an open opportunity.
pub async fn update(tx: &Tx<'_>, id: OpportunityId, patch: OpportunityPatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    let had = find_in(tx, id).await?.owner_id;
    check_owner(tx, &mut checks, patch.owner_id.flatten(), had).await?;
    let before = lock_open(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let kept = before.clone();
    let after = NewOpportunity {
        account_id: kept.account_id,
        source: patch.source.unwrap_or(kept.source),
        kind: patch.kind.unwrap_or(kept.kind),
        title: patch.title.unwrap_or(kept.title),
        reason: patch.reason.unwrap_or(kept.reason),
        owner_id: patch.owner_id.unwrap_or(kept.owner_id),
        amount: patch.amount.unwrap_or_else(|| Money::of(kept.amount_minor, kept.currency)),
        expected_on: patch.expected_on.unwrap_or(kept.expected_on),
        opened_at: None,
    };
    store::update(tx, &before, checked(checks, &after)?, Fact::Updated).await
}

/// Closes an open opportunity: it was won or lost.
pub async fn close(
    tx: &Tx<'_>,
    id: OpportunityId,
    status: OpportunityStatus,
    resolution: Option<&str>,
) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_open(tx, id).await?;
    let mut checks = Checks::new();
    checks.ensure(status != OpportunityStatus::Open, || {
        Problem::new("status", Code::UnknownWord).with("words", "WON, LOST")
    });
    let resolution = checks.maybe_prose("resolution", resolution, 2000);
    checks.finish()?;
    let row = ActiveModel {
        status: Set(status),
        resolution: Set(resolution),
        closed_at: Set(Some(tx.now)),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Closed).await
}

/// Opens a closed opportunity again.
pub async fn reopen(tx: &Tx<'_>, id: OpportunityId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    if before.status != OpportunityStatus::Open {
        let room = open(tx, before.account_id);
        super::require_room(tx, room, MOST_OPEN, "id").await?;
    }
    let row = ActiveModel {
        status: Set(OpportunityStatus::Open),
        resolution: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Reopened).await
}

fn checked(mut checks: Checks, new: &NewOpportunity) -> Result<ActiveModel> {
    let title = checks.text("title", &new.title, 200);
    let reason = checks.maybe_prose("reason", new.reason.as_deref(), 4000);
    if let Some(Money { amount_minor, currency }) = &new.amount {
        money::check(&mut checks, "amount", *amount_minor, currency);
    }
    checks.finish()?;
    Ok(ActiveModel {
        source: Set(new.source),
        kind: Set(new.kind),
        title: Set(title),
        reason: Set(reason),
        owner_id: Set(new.owner_id),
        amount_minor: Set(new.amount.as_ref().map(|amount| amount.amount_minor)),
        currency: Set(new.amount.as_ref().map(|amount| amount.currency.clone())),
        expected_on: Set(new.expected_on),
        ..Default::default()
    })
}
