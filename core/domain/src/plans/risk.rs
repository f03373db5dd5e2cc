//! Risks: why an account could be lost, and what became of it.
//!
//! A critical one blocks tasks of journeys, so the public verbs that write are theirs.

use std::collections::HashMap;

use super::SignalSource;
use crate::accounts::account;
use crate::auth::user;
use crate::filter::{RangeFilter, RefFilter};
use crate::money::{self, Money};
use crate::prelude::*;

/// Why an account could be lost.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "risk")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RiskId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub source: SignalSource,
    pub title: String,
    pub reason: Option<String>,
    pub severity: Severity,
    /// Who sees to it.
    pub owner_id: Option<UserId>,
    /// What is at stake, in minor units of the currency.
    pub amount_minor: Option<i64>,
    pub currency: Option<String>,
    pub status: RiskStatus,
    /// What a person said when it was closed.
    pub resolution: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When it last ceased to be an open critical one.
    pub critical_until: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    RiskId,
    account = |row: &Model| Some(row.account_id),
    personal = ["title", "reason", "resolution"]
);

impl Model {
    /// Whether it blocks what must not be done while a critical risk is open.
    pub fn is_critical(&self) -> bool {
        self.status == RiskStatus::Open && self.severity == Severity::Critical
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// To be kept in mind.
    Low,
    /// To be seen to.
    Medium,
    /// To be seen to soon.
    High,
    /// The account is about to be lost; nothing may grow meanwhile.
    Critical,
}

/// Where a risk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RiskStatus {
    /// It is there.
    Open,
    /// It was averted.
    Mitigated,
    /// It came true.
    Lost,
    /// It was none.
    Dismissed,
}

/// Whether critical risks of an account hold back its growth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alarm {
    /// There never was one.
    #[default]
    None,
    /// One is open.
    Open,
    /// None is open; the last one was until then.
    Over(DateTime<Utc>),
}

/// A risk to be noted.
#[derive(Clone, Debug)]
pub struct NewRisk {
    pub account_id: AccountId,
    pub source: SignalSource,
    pub title: String,
    pub reason: Option<String>,
    pub severity: Severity,
    pub owner_id: Option<UserId>,
    pub amount: Option<Money>,
    /// Now, where it is not said.
    pub opened_at: Option<DateTime<Utc>>,
}

/// Changes of a risk; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RiskPatch {
    pub expected_version: Option<i64>,
    pub source: Option<SignalSource>,
    pub title: Option<String>,
    pub reason: Option<Option<String>>,
    pub severity: Option<Severity>,
    pub owner_id: Option<Option<UserId>>,
    pub amount: Option<Option<Money>>,
}

/// What narrows a list of risks; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RiskFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub statuses: Option<Vec<RiskStatus>>,
    pub severities: Option<Vec<Severity>>,
    pub sources: Option<Vec<SignalSource>>,
    pub owner: Option<RefFilter<UserId>>,
    pub opened_at: Option<RangeFilter<DateTime<Utc>>>,
}

impl RiskFilter {
    fn condition(&self) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.statuses.map(|words| Column::Status.is_in(words)))
            .add_option(filter.severities.map(|words| Column::Severity.is_in(words)))
            .add_option(filter.sources.map(|words| Column::Source.is_in(words)))
            .add_option(filter.owner.map(|ids| ids.condition(Column::OwnerId)))
            .add_option(filter.opened_at.map(|range| range.condition(Column::OpenedAt)))
    }
}

/// Open risks of an account.
const MOST_OPEN: u64 = 100;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn open(cx: &Cx<'_>, account_id: AccountId) -> Select<Entity> {
    let of_account = visible(cx).filter(Column::AccountId.eq(account_id));
    of_account.filter(Column::Status.eq(RiskStatus::Open))
}

fn newest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::OpenedAt), Order::desc(Column::Id)]
}

/// The risks of the workspace, newest first.
pub async fn list(cx: &Cx<'_>, filter: &RiskFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &newest_first(), args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &RiskFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let select = visible(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &newest_first(), args).await
}

/// One risk.
pub async fn find(cx: &Cx<'_>, id: RiskId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The risks of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[RiskId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: RiskId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Risk))
}

/// Whether critical risks hold back the growth of an account.
pub(crate) async fn alarm(cx: &Cx<'_>, account_id: AccountId) -> Result<Alarm> {
    let critical = open(cx, account_id).filter(Column::Severity.eq(Severity::Critical));
    if critical.limit(1).one(&cx.db).await?.is_some() {
        return Ok(Alarm::Open);
    }
    let past = visible(cx)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::CriticalUntil.is_not_null())
        .order_by_desc(Column::CriticalUntil);
    let last = past.limit(1).one(&cx.db).await?.and_then(|row| row.critical_until);
    Ok(last.map_or(Alarm::None, Alarm::Over))
}

/// A risk, with its account locked.
async fn lock(tx: &Tx<'_>, id: RiskId) -> Result<Model> {
    account::lock(tx, find_in(tx, id).await?.account_id, "id").await?;
    find_in(tx, id).await
}

/// Notes a risk.
pub(crate) async fn insert(tx: &Tx<'_>, new: NewRisk) -> Result<Model> {
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
        status: Set(RiskStatus::Open),
        opened_at: Set(opened_at),
        ..row
    };
    store::insert(tx, row, Fact::Opened).await
}

/// Changes an open risk; returns it as it was and as it is.
pub(crate) async fn change(tx: &Tx<'_>, id: RiskId, patch: RiskPatch) -> Result<(Model, Model)> {
    let mut checks = Checks::new();
    let had = find_in(tx, id).await?.owner_id;
    check_owner(tx, &mut checks, patch.owner_id.flatten(), had).await?;
    let before = lock(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    if before.status != RiskStatus::Open {
        return Err(super::closed("id", &before.status.to_value()));
    }
    let kept = before.clone();
    let after = NewRisk {
        account_id: kept.account_id,
        source: patch.source.unwrap_or(kept.source),
        title: patch.title.unwrap_or(kept.title),
        reason: patch.reason.unwrap_or(kept.reason),
        severity: patch.severity.unwrap_or(kept.severity),
        owner_id: patch.owner_id.unwrap_or(kept.owner_id),
        amount: patch.amount.unwrap_or_else(|| Money::of(kept.amount_minor, kept.currency)),
        opened_at: None,
    };
    let ceased = before.is_critical() && after.severity != Severity::Critical;
    let row = ActiveModel {
        critical_until: Set(if ceased { Some(tx.now) } else { before.critical_until }),
        ..checked(checks, &after)?
    };
    let after = store::update(tx, &before, row, Fact::Updated).await?;
    Ok((before, after))
}

/// Closes an open risk; returns it as it was and as it is.
pub(crate) async fn close(
    tx: &Tx<'_>,
    id: RiskId,
    status: RiskStatus,
    resolution: &str,
) -> Result<(Model, Model)> {
    let before = lock(tx, id).await?;
    if before.status != RiskStatus::Open {
        return Err(super::closed("id", &before.status.to_value()));
    }
    let mut checks = Checks::new();
    checks.ensure(status != RiskStatus::Open, || {
        Problem::new("status", Code::UnknownWord).with("words", "MITIGATED, LOST, DISMISSED")
    });
    let resolution = checks.prose("resolution", resolution, 2000);
    checks.finish()?;
    let row = ActiveModel {
        status: Set(status),
        resolution: Set(Some(resolution)),
        closed_at: Set(Some(tx.now)),
        critical_until: Set(before.is_critical().then_some(tx.now).or(before.critical_until)),
        ..Default::default()
    };
    let after = store::update(tx, &before, row, Fact::Closed).await?;
    Ok((before, after))
}

/// Opens a closed risk again; returns it as it was and as it is.
pub(crate) async fn reopen(tx: &Tx<'_>, id: RiskId) -> Result<(Model, Model)> {
    let before = lock(tx, id).await?;
    if before.status != RiskStatus::Open {
        let room = open(tx, before.account_id);
        super::require_room(tx, room, MOST_OPEN, "id").await?;
    }
    let row = ActiveModel {
        status: Set(RiskStatus::Open),
        resolution: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    let after = store::update(tx, &before, row, Fact::Reopened).await?;
    Ok((before, after))
}

/// An owner must be active; one who owned it already stays, even after having left.
pub(super) async fn check_owner(
    tx: &Tx<'_>,
    checks: &mut Checks,
    owner_id: Option<UserId>,
    had: Option<UserId>,
) -> Result<()> {
    if let Some(id) = owner_id.filter(|id| Some(*id) != had) {
        checks.keep(user::active(tx, id, "ownerId").await)?;
    }
    Ok(())
}

fn checked(mut checks: Checks, new: &NewRisk) -> Result<ActiveModel> {
    let title = checks.text("title", &new.title, 200);
    let reason = checks.maybe_prose("reason", new.reason.as_deref(), 4000);
    if let Some(Money { amount_minor, currency }) = &new.amount {
        money::check(&mut checks, "amount", *amount_minor, currency);
    }
    checks.finish()?;
    Ok(ActiveModel {
        source: Set(new.source),
        title: Set(title),
        reason: Set(reason),
        severity: Set(new.severity),
        owner_id: Set(new.owner_id),
        amount_minor: Set(new.amount.as_ref().map(|amount| amount.amount_minor)),
        currency: Set(new.amount.as_ref().map(|amount| amount.currency.clone())),
        ..Default::default()
    })
}
