//! Deferred items: what was left out of the implementation, and must be reviewed in adoption.
//!
//! Deferring one may open its review, so that verb is one of the journeys.

use std::collections::HashMap;

use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;

use crate::accounts::account;
use crate::page::count;
use crate::prelude::*;

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deferred_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeferredItemId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    /// The journey, and the stage of it, out of which it was left.
    pub journey_id: Option<JourneyId>,
    pub stage_key: Option<String>,
    pub title: String,
    pub note: Option<String>,
    pub status: DeferredStatus,
    /// What a person said when it was decided.
    pub decision: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by_id: Option<UserId>,
    /// The task in which it is reviewed.
    pub review_task_id: Option<TaskId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, DeferredItemId, account = |row: &Model| Some(row.account_id));

/// Where a deferred item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeferredStatus {
    /// Nobody has decided about it.
    Open,
    /// It is in use now, or will be.
    Adopted,
    /// It stays on the list for later.
    Kept,
    /// Nobody needs it.
    Dropped,
}

/// Something to be left out.
#[derive(Clone, Debug)]
pub struct NewDeferredItem {
    pub account_id: AccountId,
    /// The primary journey of the account, where none is named.
    pub journey_id: Option<JourneyId>,
    /// The stage in which the journey is, where none is named.
    pub stage_key: Option<String>,
    pub title: String,
    pub note: Option<String>,
}

/// Changes of an item that is open; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct DeferredItemPatch {
    pub expected_version: Option<i64>,
    pub title: Option<String>,
    pub note: Option<Option<String>>,
}

/// What narrows a list of deferred items; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeferredItemFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub statuses: Option<Vec<DeferredStatus>>,
}

impl DeferredItemFilter {
    fn condition(&self) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.statuses.map(|words| Column::Status.is_in(words)))
    }
}

/// Items of an account about which nobody has decided.
const MOST_OPEN: u64 = 100;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn open(cx: &Cx<'_>, account_id: AccountId) -> Select<Entity> {
    let of_account = visible(cx).filter(Column::AccountId.eq(account_id));
    of_account.filter(Column::Status.eq(DeferredStatus::Open))
}

fn oldest_first() -> [Order<Column>; 1] {
    [Order::asc(Column::Id)]
}

/// The deferred items of the workspace, oldest first.
pub async fn list(
    cx: &Cx<'_>,
    filter: &DeferredItemFilter,
    args: &PageArgs,
) -> Result<Page<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &oldest_first(), args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &DeferredItemFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let select = visible(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &oldest_first(), args).await
}

/// The items that each of these tasks reviews.
pub async fn of_tasks(
    cx: &Cx<'_>,
    tasks: &[TaskId],
    args: &PageArgs,
) -> Result<HashMap<TaskId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    page_each(cx, visible(cx), Column::ReviewTaskId, tasks, &oldest_first(), args).await
}

/// One deferred item.
pub async fn find(cx: &Cx<'_>, id: DeferredItemId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The deferred items of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[DeferredItemId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: DeferredItemId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::DeferredItem))
}

/// How many of the items that a task reviews are undecided.
pub(crate) async fn undecided_in(cx: &Cx<'_>, task_id: TaskId) -> Result<u64> {
    let reviewed = visible(cx).filter(Column::ReviewTaskId.eq(task_id));
    count(cx, reviewed.filter(Column::Status.eq(DeferredStatus::Open))).await
}

/// The items of an account about which nobody has decided, locked until the transaction ends.
pub(crate) async fn lock_undecided(tx: &Tx<'_>, account_id: AccountId) -> Result<Vec<Model>> {
    let rows = open(tx, account_id).order_by_asc(Column::Id);
    Ok(store::locked(rows).all(&tx.db).await?)
}

/// The ids of the tasks that review items of an account, as a subquery.
pub(crate) fn reviews_of(cx: &Cx<'_>, account_id: AccountId) -> SelectStatement {
    let of_account = visible(cx).filter(Column::AccountId.eq(account_id));
    let reviewed = of_account.filter(Column::ReviewTaskId.is_not_null());
    reviewed.select_only().column(Column::ReviewTaskId).into_query()
}

/// Lets a task review items.
pub(crate) async fn link(tx: &Tx<'_>, items: &[Model], task_id: TaskId) -> Result<()> {
    let row = ActiveModel { review_task_id: Set(Some(task_id)), ..Default::default() };
    store::update_many(tx, items, row, Fact::Updated).await
}

/// Demands that an account, which is locked, has room for one more open item.
pub(crate) async fn require_room(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    super::require_room(tx, open(tx, account_id), MOST_OPEN, "accountId").await
}

/// Writes an item of which everything else was checked.
pub(crate) async fn insert(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: &NewDeferredItem,
) -> Result<Model> {
    let (title, note) = check_words(&mut checks, &new.title, new.note.as_deref());
    checks.finish()?;
    let row = ActiveModel {
        account_id: Set(new.account_id),
        journey_id: Set(new.journey_id),
        stage_key: Set(new.stage_key.clone()),
        title: Set(title),
        note: Set(note),
        status: Set(DeferredStatus::Open),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await
}

async fn lock(tx: &Tx<'_>, id: DeferredItemId) -> Result<Model> {
    account::lock(tx, find_in(tx, id).await?.account_id, "id").await?;
    find_in(tx, id).await
}

/// Changes an item about which nobody has decided.
pub async fn update(tx: &Tx<'_>, id: DeferredItemId, patch: DeferredItemPatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    if before.status != DeferredStatus::Open {
        return Err(super::closed("id", &before.status.to_value()));
    }
    let title = patch.title.unwrap_or_else(|| before.title.clone());
    let note = patch.note.unwrap_or_else(|| before.note.clone());
    let mut checks = Checks::new();
    let (title, note) = check_words(&mut checks, &title, note.as_deref());
    checks.finish()?;
    let row = ActiveModel { title: Set(title), note: Set(note), ..Default::default() };
    store::update(tx, &before, row, Fact::Updated).await
}

/// Decides about an item; deciding again changes the decision. The review stays to be completed by
/// a person, who may have to tell the customer first.
pub async fn decide(
    tx: &Tx<'_>,
    id: DeferredItemId,
    status: DeferredStatus,
    decision: &str,
) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id).await?;
    let mut checks = Checks::new();
    checks.ensure(status != DeferredStatus::Open, || {
        Problem::new("status", Code::UnknownWord).with("words", "ADOPTED, KEPT, DROPPED")
    });
    let decision = checks.prose("decision", decision, 2000);
    checks.finish()?;
    let row = ActiveModel {
        status: Set(status),
        decision: Set(Some(decision)),
        decided_at: Set(Some(tx.now)),
        decided_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Decided).await
}

fn check_words(checks: &mut Checks, title: &str, note: Option<&str>) -> (String, Option<String>) {
    (checks.text("title", title, 200), checks.maybe_prose("note", note, 4000))
}
