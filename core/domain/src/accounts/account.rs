//! Accounts: the customer companies. How their status changes is up to the journeys, which move
//! along.

mod filter;
mod restated;

use std::collections::HashMap;

use sea_orm::ActiveValue;
use sea_orm::sea_query::IntoCondition;
use serde::{Deserialize, Serialize};

use super::external_ref::{self, RefKind};
use super::{segment, tax_id};
use crate::attributes::{self, AttributeInput, AttributeOrder};
use crate::channel::Channel;
use crate::filter::Composed;
use crate::input::fold;
use crate::options::{option, set};
use crate::page::page_each;
use crate::prelude::*;
use crate::subject::SubjectKind;
use crate::workspace;

pub use filter::AccountFilter;
pub(crate) use restated::restate_status;

/// A customer company.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub name: String,
    /// The name as it is searched and sorted.
    pub name_folded: String,
    pub status: AccountStatus,
    /// The account that this one is a part of.
    pub parent_id: Option<AccountId>,
    /// A CNPJ without punctuation, or what another country calls its companies.
    pub tax_id: Option<String>,
    pub market_segment_id: Option<OptionId>,
    pub package_id: Option<OptionId>,
    pub city: Option<String>,
    pub region: Option<String>,
    /// ISO 3166-1, two capitals.
    pub country: Option<String>,
    /// A name of the IANA database.
    pub time_zone: Option<String>,
    /// When the customer wants to be contacted, in their words.
    pub contact_hours: Option<String>,
    pub preferred_channel: Option<Channel>,
    pub customer_since: Option<NaiveDate>,
    /// Since when the account is paused.
    pub paused_on: Option<NaiveDate>,
    /// What a paused account was before, and will be again.
    pub paused_from: Option<AccountStatus>,
    /// Since when the account is lost.
    pub churned_on: Option<NaiveDate>,
    pub churn_reason: Option<String>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Characters of a name, as written and folded.
const MOST_NAME: usize = 200;
/// Characters of a reason.
const MOST_REASON: usize = 500;
/// How deep companies may stand in one another.
const MOST_LEVELS: usize = 50;

noun!(Model, AccountId, account = |row: &Model| Some(row.id));

/// Where the account stands as a customer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// Tries the product, without a contract.
    Trial,
    /// A customer.
    Active,
    /// A customer whose journeys stand still for a while.
    Paused,
    /// No customer any more.
    Churned,
}

impl AccountStatus {
    /// Whether its journeys move.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Trial | Self::Active)
    }
}

/// An account to be added.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    pub name: String,
    /// `ACTIVE` when it is not said.
    pub status: Option<AccountStatus>,
    /// Since when the account is paused or churned, today when it is not said.
    pub status_since: Option<NaiveDate>,
    /// Why a churned account was lost.
    pub churn_reason: Option<String>,
    pub parent_id: Option<AccountId>,
    pub tax_id: Option<String>,
    pub market_segment_id: Option<OptionId>,
    pub package_id: Option<OptionId>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub country: Option<String>,
    pub time_zone: Option<String>,
    pub contact_hours: Option<String>,
    pub preferred_channel: Option<Channel>,
    pub customer_since: Option<NaiveDate>,
    pub attributes: Vec<AttributeInput>,
}

/// Changes of an account; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct AccountPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub parent_id: Option<Option<AccountId>>,
    pub tax_id: Option<Option<String>>,
    pub market_segment_id: Option<Option<OptionId>>,
    pub package_id: Option<Option<OptionId>>,
    pub city: Option<Option<String>>,
    pub region: Option<Option<String>>,
    pub country: Option<Option<String>>,
    pub time_zone: Option<Option<String>>,
    pub contact_hours: Option<Option<String>>,
    pub preferred_channel: Option<Option<Channel>>,
    pub customer_since: Option<Option<NaiveDate>>,
    /// Attributes that are not named stay as they are.
    pub attributes: Vec<AttributeInput>,
}

/// Which accounts, and in which order.
#[derive(Clone, Debug, Default)]
pub struct AccountQuery {
    pub filter: AccountFilter,
    /// Whether archived accounts are among them.
    pub include_archived: bool,
    pub order: AccountOrder,
    pub is_descending: bool,
    /// Sorts by an attribute instead.
    pub by_attribute: Option<AttributeOrder>,
}

/// By what accounts are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AccountOrder {
    #[default]
    Name,
    CreatedAt,
    UpdatedAt,
    /// Accounts of which nobody knows since when come last, in both directions.
    CustomerSince,
}

impl AccountQuery {
    fn keys(&self) -> [Order<Column>; 2] {
        let direction = if self.is_descending { Order::desc } else { Order::asc };
        let last = if self.is_descending { "0001-01-01" } else { "9999-12-31" };
        let key = match self.order {
            AccountOrder::Name => direction(Column::NameFolded),
            AccountOrder::CreatedAt => direction(Column::CreatedAt),
            AccountOrder::UpdatedAt => direction(Column::UpdatedAt),
            AccountOrder::CustomerSince => direction(Column::CustomerSince).null_as(last),
        };
        [key, direction(Column::Id)]
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The accounts that are not archived.
pub(crate) fn live(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ArchivedAt.is_null())
}

/// An account.
pub async fn find(cx: &Cx<'_>, id: AccountId) -> Result<Model> {
    cx.require(Area::Accounts, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The account that `field` names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: AccountId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Account))
}

/// The account that `field` names, locked until the transaction ends.
pub(crate) async fn lock(tx: &Tx<'_>, id: AccountId, field: &str) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Account))
}

/// Locks the accounts that a condition picks until the transaction ends, in the order in which
/// accounts are locked.
pub(crate) async fn lock_all(tx: &Tx<'_>, condition: impl IntoCondition) -> Result<()> {
    let rows = visible(tx).filter(condition).order_by_asc(Column::Id);
    let ids = store::locked(rows).select_only().column(Column::Id);
    ids.into_tuple::<AccountId>().all(&tx.db).await?;
    Ok(())
}

/// The account that `field` names, locked, which must not be archived.
pub(crate) async fn lock_live(tx: &Tx<'_>, id: AccountId, field: &str) -> Result<Model> {
    let row = lock(tx, id, field).await?;
    match row.archived_at {
        None => Ok(row),
        Some(_) => Err(Problem::new(field, Code::Archived).into()),
    }
}

/// The accounts with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The account that another system calls so.
pub async fn by_external_ref(cx: &Cx<'_>, system: &str, external_id: &str) -> Result<Model> {
    cx.require(Area::Accounts, Access::Read)?;
    let id = external_ref::subject(cx, system, RefKind::Account, external_id);
    let row = visible(cx).filter(Column::Id.in_subquery(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("externalId", Kind::Account))
}

/// Accounts, as the query says.
pub async fn list(cx: &Cx<'_>, query: &AccountQuery, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let filter = segment::resolved(cx, &query.filter).await?;
    let list = attributes::List {
        kind: SubjectKind::Account,
        id: Column::Id,
        own: &query.keys(),
        by_attribute: query.by_attribute.as_ref(),
        narrowed_by: filter.narrowing(),
    };
    let select = if query.include_archived { visible(cx) } else { live(cx) };
    attributes::page_by(cx, select.filter(filter.holds(cx)), list, args).await
}

/// The accounts that are parts of each of these and not archived, by name.
pub async fn of_parents(
    cx: &Cx<'_>,
    parent_ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let by_name = AccountQuery::default().keys();
    page_each(cx, live(cx), Column::ParentId, parent_ids, &by_name, args).await
}

/// Adds an account. Its journey is started by whoever calls.
pub async fn create(tx: &Tx<'_>, new: NewAccount) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let mut checks = Checks::new();
    let status = new.status.unwrap_or(AccountStatus::Active);
    let today = tx.today().await?;
    let since = new.status_since.unwrap_or(today);
    let contradicts =
        |field| move || Problem::new(field, Code::Contradiction).with("with", "status");
    checks.ensure(!status.is_running() || new.status_since.is_none(), contradicts("statusSince"));
    checks.ensure(since <= today, || Problem::new("statusSince", Code::TooLate).with("max", today));
    let reason = checks.maybe_prose("churnReason", new.churn_reason.as_deref(), MOST_REASON);
    let is_lost = status == AccountStatus::Churned;
    checks.ensure(is_lost || reason.is_none(), contradicts("churnReason"));
    let given = attributes::check(tx, SubjectKind::Account, None, new.attributes).await;
    let given = checks.keep(given)?.unwrap_or_default();
    let patch = AccountPatch {
        expected_version: None,
        name: Some(new.name),
        parent_id: Some(new.parent_id),
        tax_id: Some(new.tax_id),
        market_segment_id: Some(new.market_segment_id),
        package_id: Some(new.package_id),
        city: Some(new.city),
        region: Some(new.region),
        country: Some(new.country),
        time_zone: Some(new.time_zone),
        contact_hours: Some(new.contact_hours),
        preferred_channel: Some(new.preferred_channel),
        customer_since: Some(new.customer_since),
        attributes: Vec::new(),
    };
    let row = with_status(apply(tx, checks, None, patch).await?, status, since, reason);
    let row = store::insert(tx, row, Fact::Created.with(&[given.links()])).await?;
    if !status.is_running() {
        let fact = if is_lost { Fact::Churned } else { Fact::Paused };
        let told = fact.perhaps_because(row.churn_reason.as_deref());
        store::tell_also(tx, &row, told.at(tx.instant_of(since).await?));
    }
    attributes::write(tx, row.id, row.id, given).await?;
    Ok(row)
}

/// Changes an account, but not its status.
pub async fn update(tx: &Tx<'_>, id: AccountId, mut patch: AccountPatch) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    if patch.parent_id.is_some() {
        // Two that move under each other could close a circle that neither sees.
        workspace::lock(tx).await?;
    }
    let before = lock_live(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let inputs = std::mem::take(&mut patch.attributes);
    let given = attributes::check(tx, SubjectKind::Account, Some(id.into()), inputs).await;
    let given = checks.keep(given)?.unwrap_or_default();
    let row = apply(tx, checks, Some(&before), patch).await?;
    let row = store::update(tx, &before, row, Fact::Updated.with(&[given.links()])).await?;
    attributes::write(tx, id, id, given).await?;
    Ok(row)
}

/// Changes the status; `on` is the date since when it holds. The journeys, which call this, move
/// what depends on it.
pub(crate) async fn set_status(
    tx: &Tx<'_>,
    before: &Model,
    status: AccountStatus,
    on: NaiveDate,
    reason: Option<&str>,
) -> Result<Model> {
    let mut checks = Checks::new();
    let reason = checks.maybe_prose("reason", reason, MOST_REASON);
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    checks.finish()?;
    let fact = match (before.status, status) {
        (_, AccountStatus::Paused) => Fact::Paused,
        (_, AccountStatus::Churned) => Fact::Churned,
        (AccountStatus::Trial, _) => Fact::Activated,
        _ => Fact::Resumed,
    };
    let told = fact.perhaps_because(reason.as_deref()).at(tx.instant_of(on).await?);
    let lost_because = reason.clone().filter(|_| status == AccountStatus::Churned);
    let mut row = with_status(Default::default(), status, on, lost_because);
    row.paused_from = Set((status == AccountStatus::Paused).then_some(before.status));
    store::update(tx, before, row, told).await
}

/// Puts an account away. Only a churned one: for the others, journeys may run.
pub async fn archive(tx: &Tx<'_>, id: AccountId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = lock(tx, id, "id").await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    if before.status != AccountStatus::Churned {
        let status = before.status.to_value();
        return Err(Problem::new("id", Code::BadStatusChange).with("status", status).into());
    }
    let row = ActiveModel { archived_at: Set(Some(tx.now)), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived account back, churned as it was.
pub async fn restore(tx: &Tx<'_>, id: AccountId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = lock(tx, id, "id").await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

/// Checks a patch against the account as it was and turns it into columns.
async fn apply(
    tx: &Tx<'_>,
    mut checks: Checks,
    before: Option<&Model>,
    patch: AccountPatch,
) -> Result<ActiveModel> {
    check_references(tx, &mut checks, before, &patch).await?;
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        let name = checks.text("name", &name, MOST_NAME);
        // Some capitals fold into two characters.
        row.name_folded = Set(fold(&name).chars().take(MOST_NAME).collect());
        row.name = Set(name);
    }
    if patch.tax_id.is_some() || patch.country.is_some() {
        let (tax_id, country) =
            before.map_or((None, None), |b| (b.tax_id.clone(), b.country.clone()));
        let country = country_of(&mut checks, patch.country.unwrap_or(country).as_deref());
        let tax_id = patch.tax_id.unwrap_or(tax_id);
        row.tax_id = Set(tax_id::check(&mut checks, tax_id.as_deref(), country.as_deref()));
        row.country = Set(country);
    }
    let mut text = |field, value: Option<Option<String>>, max| {
        perhaps(value.map(|value| checks.maybe_text(field, value.as_deref(), max)))
    };
    row.city = text("city", patch.city, 120);
    row.region = text("region", patch.region, 120);
    row.contact_hours = text("contactHours", patch.contact_hours, 200);
    let zone = patch.time_zone.map(|zone| zone.map(|zone| checks.time_zone("timeZone", &zone)));
    row.time_zone = perhaps(zone);
    row.market_segment_id = perhaps(patch.market_segment_id);
    row.package_id = perhaps(patch.package_id);
    row.parent_id = perhaps(patch.parent_id);
    row.preferred_channel = perhaps(patch.preferred_channel);
    row.customer_since = perhaps(patch.customer_since);
    checks.finish()?;
    Ok(row)
}

/// Checks what the patch points at. What the account already pointed at may have been put away
/// since, and stays.
async fn check_references(
    tx: &Tx<'_>,
    checks: &mut Checks,
    before: Option<&Model>,
    patch: &AccountPatch,
) -> Result<()> {
    let (segment, package, parent) = before
        .map_or((None, None, None), |row| (row.market_segment_id, row.package_id, row.parent_id));
    if let Some(id) = patch.market_segment_id.flatten().filter(|id| Some(*id) != segment) {
        let found = option::require_in(tx, set::MARKET_SEGMENT, id, "marketSegmentId").await;
        checks.keep(found)?;
    }
    if let Some(id) = patch.package_id.flatten().filter(|id| Some(*id) != package) {
        checks.keep(option::require_in(tx, set::PACKAGE, id, "packageId").await)?;
    }
    if let Some(id) = patch.parent_id.flatten().filter(|id| Some(*id) != parent) {
        checks.keep(check_parent(tx, before.map(|row| row.id), id).await)?;
    }
    Ok(())
}

/// Refuses a parent that is not there, one under which the account would be its own ancestor, and
/// one that is too deep in others.
async fn check_parent(tx: &Tx<'_>, id: Option<AccountId>, parent_id: AccountId) -> Result<()> {
    let mut next = Some(parent_id);
    for _ in 0..MOST_LEVELS {
        match next {
            None => return Ok(()),
            Some(ancestor) if Some(ancestor) == id => {
                return Err(Problem::new("parentId", Code::Cycle).into());
            }
            Some(ancestor) => next = find_in(tx, ancestor, "parentId").await?.parent_id,
        }
    }
    Err(Problem::new("parentId", Code::TooDeep).with("max", MOST_LEVELS).into())
}

fn with_status(
    row: ActiveModel,
    status: AccountStatus,
    on: NaiveDate,
    lost_because: Option<String>,
) -> ActiveModel {
    ActiveModel {
        status: Set(status),
        paused_on: Set((status == AccountStatus::Paused).then_some(on)),
        paused_from: Set(None),
        churned_on: Set((status == AccountStatus::Churned).then_some(on)),
        churn_reason: Set(lost_because),
        ..row
    }
}

fn country_of(checks: &mut Checks, value: Option<&str>) -> Option<String> {
    let country = checks.maybe_text("country", value, 2)?;
    let is_good = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    checks.ensure(is_good, || Problem::new("country", Code::BadFormat).with("form", "country"));
    Some(country)
}

fn perhaps<T: Into<Value>>(value: Option<T>) -> ActiveValue<T> {
    value.map_or(ActiveValue::NotSet, Set)
}
