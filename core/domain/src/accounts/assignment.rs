//! Assignments: who looks after an account in which role, since when and until when.
//!
//! An account has one current user per role. Who gives a role to somebody else moves the open
//! tasks along, so the public verbs are those of the journeys; these only keep the dates.

pub(crate) mod past;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};

use super::account;
use crate::auth::user;
use crate::calendar::minus;
use crate::options::{option, set};
use crate::page::page_each;
use crate::prelude::*;

use AssignmentState::{Current, Ended, Future};

/// A user in a role at an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_assignment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountAssignmentId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub user_id: UserId,
    /// An option of the account roles.
    pub role_id: OptionId,
    pub state: AssignmentState,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The instant from which it holds: when it was given, or the start of another first day.
    pub starts_at: DateTime<Utc>,
    /// The last day; the day before the first one when it was called off or taken over at once.
    pub ends_on: Option<NaiveDate>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, AccountAssignmentId, account = |row: &Model| Some(row.account_id));

/// Whether an assignment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssignmentState {
    /// It will, from its first day.
    Future,
    /// It does.
    Current,
    /// It did.
    Ended,
}

/// A role to be given.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    pub account_id: AccountId,
    pub user_id: UserId,
    pub role_id: OptionId,
    /// Today when it is not said; a later day is kept until it comes.
    pub starts_on: Option<NaiveDate>,
}

/// Who held a role before and who holds it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub account_id: AccountId,
    pub role_id: OptionId,
    pub previous: Option<UserId>,
    pub current: Option<UserId>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn current(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::State.eq(Current))
}

fn in_role(
    cx: &Cx<'_>,
    account_id: AccountId,
    role_id: OptionId,
    state: AssignmentState,
) -> Select<Entity> {
    visible(cx)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::RoleId.eq(role_id))
        .filter(Column::State.eq(state))
}

/// The assignments of an account, the latest first.
pub async fn list(cx: &Cx<'_>, account_id: AccountId, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    page(cx, visible(cx).filter(Column::AccountId.eq(account_id)), &latest_first(), args).await
}

/// The assignments of each of these accounts, the latest first.
pub async fn of_accounts(
    cx: &Cx<'_>,
    account_ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    page_each(cx, visible(cx), Column::AccountId, account_ids, &latest_first(), args).await
}

fn latest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::StartsOn), Order::desc(Column::Id)]
}

/// The assignments with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[AccountAssignmentId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The current assignments of these accounts in a built-in role, in no order.
pub async fn current_in_role(
    cx: &Cx<'_>,
    role_key: &str,
    account_ids: &[AccountId],
) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let role = option::id_of(cx, set::ACCOUNT_ROLE, role_key);
    let rows = current(cx).filter(Column::AccountId.is_in(account_ids.iter().copied()));
    Ok(rows.filter(Column::RoleId.in_subquery(role)).all(&cx.db).await?)
}

/// The ids of the accounts at which one of these users, or anybody, holds a built-in role now, as a
/// subquery.
pub(crate) fn accounts_of(
    cx: &Cx<'_>,
    role_key: &str,
    user_ids: Option<&[UserId]>,
) -> SelectStatement {
    let role = option::id_of(cx, set::ACCOUNT_ROLE, role_key);
    let named = user_ids.map(|ids| Column::UserId.is_in(ids.iter().copied()));
    let rows = current(cx).filter(Condition::all().add_option(named));
    let rows = rows.filter(Column::RoleId.in_subquery(role));
    rows.select_only().column(Column::AccountId).into_query()
}

/// Who holds a role at an account now; nobody when that user is deactivated.
pub(crate) async fn holder(
    cx: &Cx<'_>,
    account_id: AccountId,
    role_id: OptionId,
) -> Result<Option<UserId>> {
    let rows = in_role(cx, account_id, role_id, Current);
    let row = rows.filter(Column::UserId.in_subquery(active_users(cx))).one(&cx.db).await?;
    Ok(row.map(|row| row.user_id))
}

fn held_by(cx: &Cx<'_>, user_id: UserId) -> Select<Entity> {
    visible(cx).filter(Column::UserId.eq(user_id)).filter(Column::State.ne(Ended))
}

/// The ids of the accounts at which a user holds or will hold a role, as a subquery.
pub(crate) fn accounts_held_by(cx: &Cx<'_>, user_id: UserId) -> SelectStatement {
    held_by(cx, user_id).select_only().column(Column::AccountId).into_query()
}

/// What a user holds or will hold, for whoever takes it over, with their accounts locked.
pub(crate) async fn lock_held_by(tx: &Tx<'_>, user_id: UserId) -> Result<Vec<Model>> {
    let accounts = accounts_held_by(tx, user_id);
    account::lock_all(tx, account::Column::Id.in_subquery(accounts)).await?;
    Ok(store::locked(held_by(tx, user_id).order_by_asc(Column::Id)).all(&tx.db).await?)
}

/// Gives what a user holds or will hold to another one: at once what is current, from the same day
/// on what is to come. Accounts and roles that were put away go along. Returns the days on which
/// something is to come.
pub(crate) async fn hand_over(
    tx: &Tx<'_>,
    held: &[Model],
    heir: UserId,
) -> Result<BTreeSet<NaiveDate>> {
    let today = tx.today().await?;
    let key = |row: &Model| (row.account_id, row.role_id, row.starts_on);
    let planned = held_by(tx, heir).filter(Column::State.eq(Future)).all(&tx.db).await?;
    let planned: HashSet<_> = planned.iter().map(key).collect();
    let mut ending: BTreeMap<NaiveDate, Vec<Model>> = BTreeMap::new();
    let (mut new, mut days) = (Vec::new(), BTreeSet::new());
    for row in held {
        let is_future = row.state == Future;
        let first_day = if is_future { row.starts_on } else { today };
        ending.entry(minus(first_day, 1)).or_default().push(row.clone());
        if is_future {
            days.insert(first_day);
        }
        if !is_future || !planned.contains(&key(row)) {
            let (account_id, role_id) = (row.account_id, row.role_id);
            let heirs =
                NewAssignment { account_id, user_id: heir, role_id, starts_on: Some(first_day) };
            new.push(columns(tx, &heirs, row.state, first_day).await?);
        }
    }
    for (last_day, rows) in ending {
        store::update_many(tx, &rows, ended(last_day), Fact::Ended).await?;
    }
    store::insert_many(tx, new, |_| Fact::Created).await?;
    Ok(days)
}

/// Gives a role at an account to a user, from a day on: at once when the day has come, ending the
/// assignment of whoever held it on the day before. Who holds the role already keeps it as it is.
pub(crate) async fn put(tx: &Tx<'_>, new: NewAssignment) -> Result<(Model, Change)> {
    let mut checks = Checks::new();
    checks.keep(user::active(tx, new.user_id, "userId").await)?;
    account::lock_live(tx, new.account_id, "accountId").await?;
    let (account_id, role_id, user_id) = (new.account_id, new.role_id, new.user_id);
    let today = tx.today().await?;
    let starts_on = new.starts_on.unwrap_or(today);
    let held = in_role(tx, account_id, role_id, Current).one(&tx.db).await?;
    check(tx, checks, &new, starts_on, held.as_ref()).await?;
    let previous = held.as_ref().map(|row| row.user_id);
    let unchanged = Change { account_id, role_id, previous, current: previous };
    let planned = in_role(tx, account_id, role_id, Future).all(&tx.db).await?;
    if starts_on > today {
        let same = |row: &Model| row.user_id == user_id && row.starts_on == starts_on;
        let row = match planned.into_iter().find(same) {
            Some(row) => row,
            None => insert(tx, &new, Future, starts_on).await?,
        };
        return Ok((row, unchanged));
    }
    for overtaken in planned.iter().filter(|row| row.starts_on <= starts_on) {
        finish(tx, overtaken, minus(overtaken.starts_on, 1)).await?;
    }
    match held {
        Some(row) if row.user_id == user_id => {
            return Ok((begun_earlier(tx, row, starts_on).await?, unchanged));
        }
        Some(row) => {
            finish(tx, &row, minus(starts_on, 1)).await?;
        }
        None => {}
    }
    let row = insert(tx, &new, Current, starts_on).await?;
    Ok((row, Change { current: Some(user_id), ..unchanged }))
}

/// Who turns out to have held a role for longer, which only those who may look back can say. Not
/// into the days of whoever held it before.
async fn begun_earlier(tx: &Tx<'_>, row: Model, starts_on: NaiveDate) -> Result<Model> {
    if starts_on >= row.starts_on {
        return Ok(row);
    }
    if let Some(min) = held_beyond(tx, row.account_id, row.role_id, starts_on).await? {
        return Err(Problem::new("startsOn", Code::TooEarly).with("min", min).into());
    }
    let starts_at = tx.calendar().await?.start_of(starts_on);
    let change =
        ActiveModel { starts_on: Set(starts_on), starts_at: Set(starts_at), ..Default::default() };
    store::update(tx, &row, change, Fact::Updated).await
}

/// The last day of whoever held a role beyond a day; on that day itself it is handed over. The days
/// of one that was called off at once end before they begin, and are none.
async fn held_beyond(
    tx: &Tx<'_>,
    account_id: AccountId,
    role_id: OptionId,
    day: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let ended = in_role(tx, account_id, role_id, Ended)
        .filter(Column::EndsOn.gt(day))
        .filter(Expr::col(Column::EndsOn).gte(Expr::col(Column::StartsOn)))
        .order_by_desc(Column::EndsOn);
    Ok(ended.one(&tx.db).await?.and_then(|row| row.ends_on))
}

/// Ends an assignment: a current one at once, `on` being its last day, today when it is not said;
/// one that is still to come is called off.
pub(crate) async fn end(
    tx: &Tx<'_>,
    id: AccountAssignmentId,
    on: Option<NaiveDate>,
) -> Result<(Model, Change)> {
    let not_found = || Error::not_found("id", Kind::AccountAssignment);
    let of_id = || visible(tx).filter(Column::Id.eq(id));
    let account_id = of_id().one(&tx.db).await?.ok_or_else(not_found)?.account_id;
    account::lock(tx, account_id, "id").await?;
    // It may have ended while somebody else held the account.
    let row = store::locked(of_id()).one(&tx.db).await?.ok_or_else(not_found)?;
    let (account_id, role_id) = (row.account_id, row.role_id);
    let held = in_role(tx, account_id, role_id, Current).one(&tx.db).await?.map(|row| row.user_id);
    let unchanged = Change { account_id, role_id, previous: held, current: held };
    match row.state {
        Ended => Ok((row, unchanged)),
        Future => Ok((finish(tx, &row, minus(row.starts_on, 1)).await?, unchanged)),
        Current => {
            let today = tx.today().await?;
            let on = on.unwrap_or(today);
            let mut checks = Checks::new();
            checks.ensure(on >= row.starts_on, || {
                Problem::new("endsOn", Code::TooEarly).with("min", row.starts_on)
            });
            checks.ensure(on <= today, || Problem::new("endsOn", Code::TooLate).with("max", today));
            checks.finish()?;
            Ok((finish(tx, &row, on).await?, Change { current: None, ..unchanged }))
        }
    }
}

/// Makes planned assignments current whose first day has come, in the order of their days, each
/// ending the one before it. At most 500 at a time: called again until none comes.
pub(crate) async fn activate_due(tx: &Tx<'_>, today: NaiveDate) -> Result<Vec<Model>> {
    const MOST_AT_A_TIME: u64 = 500;
    let due = || {
        visible(tx)
            .filter(Column::State.eq(Future))
            .filter(Column::StartsOn.lte(today))
            .order_by_asc(Column::StartsOn)
            .order_by_asc(Column::Id)
    };
    let rows = due().limit(MOST_AT_A_TIME).all(&tx.db).await?;
    let accounts: BTreeSet<_> = rows.iter().map(|row| row.account_id).collect();
    account::lock_all(tx, account::Column::Id.is_in(accounts)).await?;
    // Some may have been called off while somebody else held their accounts.
    let still_due = due().filter(Column::Id.is_in(rows.iter().map(|row| row.id)));
    let mut activated = Vec::new();
    for row in store::locked(still_due).all(&tx.db).await? {
        if let Some(held) = in_role(tx, row.account_id, row.role_id, Current).one(&tx.db).await? {
            finish(tx, &held, minus(row.starts_on, 1)).await?;
        }
        let current = ActiveModel { state: Set(Current), ..Default::default() };
        activated.push(store::update(tx, &row, current, Fact::Started).await?);
    }
    Ok(activated)
}

async fn check(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: &NewAssignment,
    starts_on: NaiveDate,
    held: Option<&Model>,
) -> Result<()> {
    checks.keep(option::require_in(tx, set::ACCOUNT_ROLE, new.role_id, "roleId").await)?;
    let may_look_back = tx.actor.origin.may_look_back();
    if let Some(held) = held.filter(|held| held.user_id != new.user_id || !may_look_back) {
        checks.ensure(starts_on >= held.starts_on, || {
            Problem::new("startsOn", Code::TooEarly).with("min", held.starts_on)
        });
    }
    // Who holds the role already is looked at when their first day moves.
    if held.is_none_or(|held| held.user_id != new.user_id) {
        let beyond = held_beyond(tx, new.account_id, new.role_id, starts_on).await?;
        if let Some(min) = beyond {
            checks.push(Problem::new("startsOn", Code::TooEarly).with("min", min));
        }
    }
    checks.finish()
}

async fn insert(
    tx: &Tx<'_>,
    new: &NewAssignment,
    state: AssignmentState,
    starts_on: NaiveDate,
) -> Result<Model> {
    let row = columns(tx, new, state, starts_on).await?;
    store::insert(tx, row, Fact::Created).await
}

async fn columns(
    tx: &Tx<'_>,
    new: &NewAssignment,
    state: AssignmentState,
    starts_on: NaiveDate,
) -> Result<ActiveModel> {
    let is_today = starts_on == tx.today().await?;
    let starts_at = if is_today { tx.now } else { tx.calendar().await?.start_of(starts_on) };
    Ok(ActiveModel {
        account_id: Set(new.account_id),
        user_id: Set(new.user_id),
        role_id: Set(new.role_id),
        state: Set(state),
        starts_on: Set(starts_on),
        starts_at: Set(starts_at),
        ..Default::default()
    })
}

async fn finish(tx: &Tx<'_>, row: &Model, last_day: NaiveDate) -> Result<Model> {
    store::update(tx, row, ended(last_day), Fact::Ended).await
}

fn ended(last_day: NaiveDate) -> ActiveModel {
    ActiveModel { state: Set(Ended), ends_on: Set(Some(last_day)), ..Default::default() }
}

fn active_users(cx: &Cx<'_>) -> SelectStatement {
    let users = user::Entity::find().select_only().column(user::Column::Id);
    users
        .filter(user::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(user::Column::DeactivatedAt.is_null())
        .into_query()
}
