//! The journey: one run of a template version for an account.

use std::collections::HashMap;

use crate::filter::{Composed, Parts, RangeFilter, TextFilter, count};
use crate::prelude::*;
use sea_orm::QueryTrait;
use sea_orm::sea_query::IntoCondition;

/// One run.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "journey")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JourneyId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub template_id: JourneyTemplateId,
    pub version_id: JourneyTemplateVersionId,
    /// The journey that stands for the account in the portfolio; an account has at most one.
    pub is_primary: bool,
    pub status: JourneyStatus,
    /// The stage it is in, waits for, or ended in.
    pub stage_key: String,
    /// From 1; a loop or a manual move starts a new one.
    pub lap: i32,
    /// The stage that the lap started with: nothing before it is "previous".
    pub lap_stage_key: String,
    pub waiting_for: Option<WaitingFor>,
    /// The date on which time alone changes something.
    pub wakes_on: Option<NaiveDate>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub reason: Option<String>,
    /// The subscription whose end its anchors mean; without it, the next one to end.
    pub subscription_id: Option<SubscriptionId>,
    /// The end of a subscription by which its last stage with an anchor began: the next lap waits
    /// for a later one.
    pub anchored_to: Option<NaiveDate>,
    /// What started it, where it must not be started twice.
    pub start_key: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, JourneyId, account = |journey: &Model| Some(journey.account_id));

/// Where a journey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JourneyStatus {
    /// There are tasks to be done.
    Active,
    /// It waits for a date or a value.
    Waiting,
    /// The loop guard stopped it; a person must move it (rule 8).
    Held,
    /// It came to its end.
    Completed,
    /// It was called off.
    Cancelled,
}

impl JourneyStatus {
    /// Whether nothing will happen any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

/// What a waiting journey waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WaitingFor {
    /// The expected duration of the stage.
    MinimumDuration,
    /// The date by which the stage begins.
    Anchor,
    /// The value of an indicator.
    Indicator,
}

/// What narrows a list of journeys; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JourneyFilter {
    /// Only journeys of these accounts.
    pub account_ids: Option<Vec<AccountId>>,
    /// Only journeys in these states.
    pub statuses: Option<Vec<JourneyStatus>>,
    /// Only journeys of these templates.
    pub template_ids: Option<Vec<JourneyTemplateId>>,
    /// Only journeys of these versions.
    pub version_ids: Option<Vec<JourneyTemplateVersionId>>,
    /// The stage that they are in.
    pub stage_key: Option<TextFilter>,
    /// Only primary ones, or only others.
    pub is_primary: Option<bool>,
    /// The last change lies there.
    pub updated_at: Option<RangeFilter<DateTime<Utc>>>,
    /// The filters that this one is composed of.
    pub parts: Parts<JourneyFilter>,
}

impl Composed for JourneyFilter {
    fn parts(&self) -> &Parts<Self> {
        &self.parts
    }

    fn values(&self) -> usize {
        count(&self.account_ids)
            + count(&self.statuses)
            + count(&self.template_ids)
            + count(&self.version_ids)
            + self.stage_key.as_ref().map_or(0, |key| count(&key.one_of))
    }

    fn own(&self, _: &Cx<'_>) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.statuses.map(|statuses| Column::Status.is_in(statuses)))
            .add_option(filter.template_ids.map(|ids| Column::TemplateId.is_in(ids)))
            .add_option(filter.version_ids.map(|ids| Column::VersionId.is_in(ids)))
            .add_option(filter.stage_key.map(|key| key.condition(Column::StageKey)))
            .add_option(filter.is_primary.map(|is_primary| Column::IsPrimary.eq(is_primary)))
            .add_option(filter.updated_at.map(|range| range.condition(Column::UpdatedAt)))
    }
}

pub(crate) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One journey.
pub async fn find(cx: &Cx<'_>, id: JourneyId) -> Result<Model> {
    cx.require(Area::Journeys, Access::Read)?;
    find_in(cx, id, "id").await
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: JourneyId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Journey))
}

/// The journey with its row locked until the transaction ends (rule 19): whoever comes second
/// sees what the first one did.
pub(crate) async fn lock(tx: &Tx<'_>, id: JourneyId, field: &str) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Journey))
}

/// The journeys of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[JourneyId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A page of journeys, oldest first.
pub async fn list(cx: &Cx<'_>, filter: &JourneyFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition(cx)?), &[Order::asc(Column::Id)], args).await
}

/// A page of journeys for each account, oldest first.
pub async fn of_accounts(
    cx: &Cx<'_>,
    account_ids: &[AccountId],
    filter: &JourneyFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Journeys, Access::Read)?;
    let select = visible(cx).filter(filter.condition(cx)?);
    page_each(cx, select, Column::AccountId, account_ids, &[Order::asc(Column::Id)], args).await
}

/// The primary journeys of these accounts.
pub async fn primary_of(cx: &Cx<'_>, account_ids: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    let of_accounts = Column::AccountId.is_in(account_ids.iter().copied());
    Ok(visible(cx).filter(of_accounts).filter(Column::IsPrimary.eq(true)).all(&cx.db).await?)
}

/// The journeys that have not ended, in the order in which they are locked.
fn running(cx: &Cx<'_>) -> Select<Entity> {
    use JourneyStatus::{Active, Held, Waiting};
    let running = visible(cx).filter(Column::Status.is_in([Active, Waiting, Held]));
    running.order_by_asc(Column::Id)
}

/// The ids of the journeys of an account that have not ended, in the order in which they are
/// locked.
pub(crate) async fn running_ids(cx: &Cx<'_>, account_id: AccountId) -> Result<Vec<JourneyId>> {
    Ok(running_of(cx, &[account_id]).await?.into_iter().map(|row| row.id).collect())
}

/// The journeys of these accounts that have not ended, in the order in which they are locked.
pub(crate) async fn running_of(cx: &Cx<'_>, account_ids: &[AccountId]) -> Result<Vec<Model>> {
    let of_accounts = Column::AccountId.is_in(account_ids.iter().copied());
    Ok(running(cx).filter(of_accounts).all(&cx.db).await?)
}

/// The versions that journeys which have not ended follow.
pub(crate) async fn running_versions(cx: &Cx<'_>) -> Result<Vec<JourneyTemplateVersionId>> {
    let ids = running(cx).select_only().column(Column::VersionId).group_by(Column::VersionId);
    let mut ids = ids.into_query();
    let rows = cx.db.query_all(ids.clear_order_by()).await?;
    rows.iter().map(|row| Ok(row.try_get("", "version_id")?)).collect()
}

/// Some journeys of these versions that have not ended, in the order in which they are locked;
/// nobody changes them until the transaction ends.
pub(crate) async fn hold_running(
    tx: &Tx<'_>,
    version_ids: &[JourneyTemplateVersionId],
    after: Option<JourneyId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let condition = Condition::all()
        .add(Column::VersionId.is_in(version_ids.iter().copied()))
        .add_option(after.map(|id| Column::Id.gt(id)));
    Ok(store::held(running(tx).filter(condition)).limit(limit).all(&tx.db).await?)
}

/// Locks those of the journeys that a condition picks which have not ended, until the transaction
/// ends. Their accounts are locked before.
pub(crate) async fn lock_running(tx: &Tx<'_>, condition: impl IntoCondition) -> Result<()> {
    let ids = store::locked(running(tx).filter(condition)).select_only().column(Column::Id);
    ids.into_tuple::<JourneyId>().all(&tx.db).await?;
    Ok(())
}

/// A journey that is to take the place of the primary one, and the one that has it, locked
/// together in the order in which journeys are locked.
pub(crate) async fn lock_with_primary(tx: &Tx<'_>, of: &Model) -> Result<Vec<Model>> {
    let either = Condition::any().add(Column::Id.eq(of.id)).add(Column::IsPrimary.eq(true));
    let rows = visible(tx).filter(Column::AccountId.eq(of.account_id)).filter(either);
    Ok(store::locked(rows.order_by_asc(Column::Id)).all(&tx.db).await?)
}

/// Whether a journey with this start key exists.
pub(crate) async fn was_started(cx: &Cx<'_>, start_key: &str) -> Result<bool> {
    let select = visible(cx).filter(Column::StartKey.eq(start_key));
    Ok(select.one(&cx.db).await?.is_some())
}

/// Takes the place of the primary journey from the one that has it.
pub(crate) async fn clear_primary(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let of_account = visible(tx).filter(Column::AccountId.eq(account_id));
    let primary = store::locked(of_account.filter(Column::IsPrimary.eq(true)));
    if let Some(before) = primary.one(&tx.db).await? {
        let row = ActiveModel { is_primary: Set(false), ..Default::default() };
        store::update(tx, &before, row, Fact::Updated).await?;
    }
    Ok(())
}
