//! Handoffs: an account passes from one hand to another, with what must be passed on.
//!
//! Accepting one gives the role at the account to the receiver, which is a verb of the journeys.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::accounts::account;
use crate::auth::user;
use crate::filter::RefFilter;
use crate::options::{option, set};
use crate::prelude::*;
use crate::refs;

/// A passing of an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "handoff")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HandoffId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub kind: HandoffKind,
    pub from_user_id: Option<UserId>,
    pub from_team_id: Option<TeamId>,
    pub to_user_id: UserId,
    /// The account role that the receiver takes on.
    pub role_id: OptionId,
    /// [`ChecklistItem`]s in their order.
    #[sea_orm(column_type = "JsonBinary")]
    pub checklist: Json,
    pub notes: Option<String>,
    pub status: HandoffStatus,
    /// Why it was declined or cancelled, or accepted before all was checked.
    pub reason: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by_id: Option<UserId>,
    /// The assignment that accepting it made.
    pub assignment_id: Option<AccountAssignmentId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    HandoffId,
    account = |row: &Model| Some(row.account_id),
    personal = ["checklist", "notes"]
);

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoffKind {
    /// After closing: sales passes the account on.
    SalesToCs,
    /// After take-off: implementation passes the account on.
    ImplementationToCs,
    /// Any other, like from one CSM to the next.
    Other,
}

/// Where a handoff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoffStatus {
    /// It waits for the receiver.
    Pending,
    /// The receiver has the role now.
    Accepted,
    /// The receiver did not take it.
    Declined,
    /// It was called off.
    Cancelled,
}

/// One thing that must be passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    pub text: String,
    pub done: bool,
}

impl Model {
    /// What must be passed on, in its order.
    pub fn items(&self) -> Vec<ChecklistItem> {
        serde_json::from_value(self.checklist.clone()).unwrap_or_default()
    }
}

/// A handoff to be prepared.
#[derive(Clone, Debug)]
pub struct NewHandoff {
    pub account_id: AccountId,
    pub kind: HandoffKind,
    pub from_user_id: Option<UserId>,
    pub from_team_id: Option<TeamId>,
    pub to_user_id: UserId,
    pub role_id: OptionId,
    pub checklist: Vec<ChecklistItem>,
    pub notes: Option<String>,
}

/// Changes of a handoff; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct HandoffPatch {
    pub expected_version: Option<i64>,
    pub kind: Option<HandoffKind>,
    pub from_user_id: Option<Option<UserId>>,
    pub from_team_id: Option<Option<TeamId>>,
    pub to_user_id: Option<UserId>,
    pub role_id: Option<OptionId>,
    pub checklist: Option<Vec<ChecklistItem>>,
    pub notes: Option<Option<String>>,
}

/// What narrows a list of handoffs; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandoffFilter {
    pub account_ids: Option<Vec<AccountId>>,
    pub statuses: Option<Vec<HandoffStatus>>,
    pub kinds: Option<Vec<HandoffKind>>,
    pub receiver: Option<RefFilter<UserId>>,
}

impl HandoffFilter {
    fn condition(&self) -> Condition {
        let filter = self.clone();
        Condition::all()
            .add_option(filter.account_ids.map(|ids| Column::AccountId.is_in(ids)))
            .add_option(filter.statuses.map(|words| Column::Status.is_in(words)))
            .add_option(filter.kinds.map(|words| Column::Kind.is_in(words)))
            .add_option(filter.receiver.map(|ids| ids.condition(Column::ToUserId)))
    }
}

/// Things on one checklist.
const MOST_ITEMS: usize = 50;

/// Handoffs of an account that wait for their receivers.
const MOST_PENDING: u64 = 20;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The handoffs of the workspace, newest first.
pub async fn list(cx: &Cx<'_>, filter: &HandoffFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &[Order::desc(Column::Id)], args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &HandoffFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let select = visible(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &[Order::desc(Column::Id)], args).await
}

/// One handoff.
pub async fn find(cx: &Cx<'_>, id: HandoffId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The handoffs of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[HandoffId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: HandoffId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Handoff))
}

/// A handoff that waits for its receiver, with its account locked: of two who close it at the same
/// time, the second sees that it is closed.
pub(crate) async fn lock_pending(tx: &Tx<'_>, id: HandoffId) -> Result<Model> {
    account::lock(tx, find_in(tx, id).await?.account_id, "id").await?;
    let row = find_in(tx, id).await?;
    match row.status {
        HandoffStatus::Pending => Ok(row),
        status => Err(super::closed("id", &status.to_value())),
    }
}

/// Demands that the acting user is the receiver, or one of those who lead. The operator and the
/// worker are nobody in particular.
pub(crate) async fn require_receiver(tx: &Tx<'_>, handoff: &Model) -> Result<()> {
    let Some(id) = tx.actor.user_id.filter(|id| *id != handoff.to_user_id) else { return Ok(()) };
    match user::find_in(tx, id, "id").await?.role.leads() {
        true => Ok(()),
        false => Err(Problem::new("id", Code::NotReceiver).into()),
    }
}

/// Prepares a handoff.
pub async fn create(tx: &Tx<'_>, new: NewHandoff) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    // Users are locked before accounts.
    checks.keep(user::active(tx, new.to_user_id, "toUserId").await)?;
    if checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?.is_some() {
        let pending = visible(tx)
            .filter(Column::AccountId.eq(new.account_id))
            .filter(Column::Status.eq(HandoffStatus::Pending));
        checks.keep(super::require_room(tx, pending, MOST_PENDING, "accountId").await)?;
    }
    let row = ActiveModel {
        account_id: Set(new.account_id),
        status: Set(HandoffStatus::Pending),
        ..checked(tx, checks, &new, None).await?
    };
    store::insert(tx, row, Fact::Created).await
}

/// Changes a handoff that waits for its receiver.
pub async fn update(tx: &Tx<'_>, id: HandoffId, patch: HandoffPatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    if let Some(user_id) = patch.to_user_id {
        checks.keep(user::active(tx, user_id, "toUserId").await)?;
    }
    let before = lock_pending(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let after = NewHandoff {
        account_id: before.account_id,
        kind: patch.kind.unwrap_or(before.kind),
        from_user_id: patch.from_user_id.unwrap_or(before.from_user_id),
        from_team_id: patch.from_team_id.unwrap_or(before.from_team_id),
        to_user_id: patch.to_user_id.unwrap_or(before.to_user_id),
        role_id: patch.role_id.unwrap_or(before.role_id),
        checklist: patch.checklist.unwrap_or_else(|| before.items()),
        notes: patch.notes.unwrap_or_else(|| before.notes.clone()),
    };
    let row = checked(tx, checks, &after, Some(before.role_id)).await?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Notes that one thing of the checklist, counted from 0, was passed on, or was not after all.
pub async fn check(
    tx: &Tx<'_>,
    id: HandoffId,
    position: i32,
    done: bool,
    expected_version: Option<i64>,
) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_pending(tx, id).await?;
    store::expect_version(&before, expected_version)?;
    let mut items = before.items();
    let last = items.len().saturating_sub(1);
    let item = usize::try_from(position).ok().and_then(|at| items.get_mut(at));
    let Some(item) = item else {
        let problem = Problem::new("position", Code::OutOfRange);
        return Err(problem.with("min", 0).with("max", last).into());
    };
    item.done = done;
    let row = ActiveModel { checklist: Set(json!(items)), ..Default::default() };
    store::update(tx, &before, row, Fact::Updated).await
}

/// The receiver does not take the account.
pub async fn decline(tx: &Tx<'_>, id: HandoffId, reason: &str) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_pending(tx, id).await?;
    require_receiver(tx, &before).await?;
    end(tx, &before, reason, (HandoffStatus::Declined, Fact::Declined)).await
}

/// Calls a handoff off.
pub async fn cancel(tx: &Tx<'_>, id: HandoffId, reason: &str) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock_pending(tx, id).await?;
    end(tx, &before, reason, (HandoffStatus::Cancelled, Fact::Cancelled)).await
}

async fn end(
    tx: &Tx<'_>,
    before: &Model,
    reason: &str,
    (status, fact): (HandoffStatus, Fact),
) -> Result<Model> {
    let mut checks = Checks::new();
    let reason = checks.prose("reason", reason, 2000);
    checks.finish()?;
    let row = closing(tx, status, Some(&reason));
    store::update(tx, before, row, fact.because(&reason)).await
}

/// The receiver has the role now.
pub(crate) async fn mark_accepted(
    tx: &Tx<'_>,
    before: &Model,
    assignment_id: AccountAssignmentId,
    reason: Option<&str>,
) -> Result<Model> {
    let row = ActiveModel {
        assignment_id: Set(Some(assignment_id)),
        ..closing(tx, HandoffStatus::Accepted, reason)
    };
    store::update(tx, before, row, Fact::Accepted.perhaps_because(reason)).await
}

fn closing(tx: &Tx<'_>, status: HandoffStatus, reason: Option<&str>) -> ActiveModel {
    ActiveModel {
        status: Set(status),
        reason: Set(reason.map(str::to_owned)),
        closed_at: Set(Some(tx.now)),
        closed_by_id: Set(tx.actor.user_id),
        ..Default::default()
    }
}

/// The columns that a person decides about. A role that it `had` may have been put away since.
async fn checked(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: &NewHandoff,
    had: Option<OptionId>,
) -> Result<ActiveModel> {
    if let Some(id) = new.from_user_id {
        checks.keep(refs::require(tx, id, "fromUserId").await)?;
    }
    if let Some(id) = new.from_team_id {
        checks.keep(refs::require(tx, id, "fromTeamId").await)?;
    }
    if Some(new.role_id) != had {
        let role = option::require_in(tx, set::ACCOUNT_ROLE, new.role_id, "roleId").await;
        checks.keep(role)?;
    }
    let checklist = check_items(&mut checks, &new.checklist);
    let notes = checks.maybe_prose("notes", new.notes.as_deref(), 10_000);
    checks.finish()?;
    Ok(ActiveModel {
        kind: Set(new.kind),
        from_user_id: Set(new.from_user_id),
        from_team_id: Set(new.from_team_id),
        to_user_id: Set(new.to_user_id),
        role_id: Set(new.role_id),
        checklist: Set(json!(checklist)),
        notes: Set(notes),
        ..Default::default()
    })
}

fn check_items(checks: &mut Checks, items: &[ChecklistItem]) -> Vec<ChecklistItem> {
    if items.len() > MOST_ITEMS {
        checks.push(Problem::too_many("checklist", MOST_ITEMS, "items"));
        return Vec::new();
    }
    let one = |(place, item): (usize, &ChecklistItem)| ChecklistItem {
        text: checks.text(&format!("checklist.{place}.text"), &item.text, 200),
        done: item.done,
    };
    items.iter().enumerate().map(one).collect()
}
