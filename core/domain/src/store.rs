//! How a row is written: stamped with workspace, version and times, and told as an event with an
//! audit entry. Every noun is written through here, so that no write is silent.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, DbErr, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, ModelTrait, QueryFilter, QuerySelect, Select, Value,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::cx::Tx;
use crate::error::{Code, Error, Problem, Result};
use crate::event::Fact;
use crate::id::{AccountId, TypedId};
use crate::{audit, event, value};

/// A row that is a noun of the vocabulary.
pub trait Noun: ModelTrait {
    /// The type of its id.
    type Id: TypedId;

    /// Columns whose values are personal data: they never reach events or audit entries.
    const PERSONAL: &'static [&'static str];

    /// Its id.
    fn id(&self) -> Self::Id;

    /// How often it was written.
    fn version(&self) -> i64;

    /// The account that it belongs to, for the timeline and the filters of events.
    fn account(&self) -> Option<AccountId>;
}

/// `noun!(Model, AccountId)`; `noun!(Model, TaskId, account = |task| Some(task.account_id))`;
/// `personal = ["email"]` names columns whose values are never told.
#[macro_export]
macro_rules! noun {
    ($model:ty, $id:ty $(, account = $account:expr)? $(, personal = [$($column:literal),+])?) => {
        impl $crate::store::Noun for $model {
            type Id = $id;
            const PERSONAL: &'static [&'static str] = &[$($($column),+)?];

            fn id(&self) -> $id {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn account(&self) -> Option<$crate::id::AccountId> {
                $crate::store::first_of([$($account,)? |_: &Self| None])(self)
            }
        }
    };
}

/// The account of a noun as [`noun!`] gives it, or that it has none.
#[doc(hidden)]
pub fn first_of<M, const N: usize>(
    accounts: [fn(&M) -> Option<AccountId>; N],
) -> fn(&M) -> Option<AccountId> {
    accounts[0]
}

/// What is told about a write: the fact, the reason that a person gave, what changed beside the
/// columns, and when it happened, where that is not now.
#[derive(Clone, Copy, Debug)]
pub struct Told<'r> {
    fact: Fact,
    reason: Option<&'r str>,
    links: &'r [Links],
    at: Option<DateTime<Utc>>,
}

/// What belongs to a row and is kept elsewhere, like the members of a team or the attributes of an
/// account, before and after a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Links {
    /// What they are called in the event and in the audit entry.
    pub name: &'static str,
    /// What they were.
    pub before: Json,
    /// What they are.
    pub after: Json,
}

impl Links {
    fn differ(&self) -> bool {
        self.before != self.after
    }
}

impl From<Fact> for Told<'_> {
    fn from(fact: Fact) -> Self {
        Self { fact, reason: None, links: &[], at: None }
    }
}

impl Fact {
    /// The fact with the reason that a person gave.
    pub fn because(self, reason: &str) -> Told<'_> {
        self.perhaps_because(Some(reason))
    }

    /// The fact with a reason, where one was given.
    pub fn perhaps_because(self, reason: Option<&str>) -> Told<'_> {
        Told { reason, ..self.into() }
    }

    /// The fact with what changed beside the columns.
    pub fn with(self, links: &[Links]) -> Told<'_> {
        Told { links, ..self.into() }
    }
}

impl<'r> Told<'r> {
    /// The same with what changed beside the columns.
    pub fn with(self, links: &'r [Links]) -> Self {
        Self { links, ..self }
    }

    /// The same as something that happened then; the audit entry tells when it was written.
    pub(crate) fn at(self, at: impl Into<Option<DateTime<Utc>>>) -> Self {
        Self { at: at.into(), ..self }
    }

    /// The same with the reason, where one was given.
    pub(crate) fn perhaps_because(self, reason: Option<&'r str>) -> Self {
        Self { reason, ..self }
    }
}

type ModelOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Model;
type ColumnOf<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Inserts a row. An id that is not set is given out; workspace, version and times are stamped.
pub async fn insert<A>(tx: &Tx<'_>, mut new: A, told: impl Into<Told<'_>>) -> Result<ModelOf<A>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    stamp(tx, &mut new);
    let row = new.insert(&tx.db).await?;
    tell(tx, None, &row, told.into());
    Ok(row)
}

/// Rows of one statement: SQLite binds at most 32,766 values, and no table here has 60 columns.
const CHUNK_ROWS: usize = 500;

/// Inserts rows in as few statements as the database takes, and tells the fact of each.
pub async fn insert_many<'r, A, T>(
    tx: &Tx<'_>,
    new: Vec<A>,
    told: impl Fn(&ModelOf<A>) -> T,
) -> Result<Vec<ModelOf<A>>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
    T: Into<Told<'r>>,
{
    let mut rows = Vec::with_capacity(new.len());
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        let mut chunk: Vec<A> = new.by_ref().take(CHUNK_ROWS).collect();
        chunk.iter_mut().for_each(|row| stamp(tx, row));
        rows.extend(A::Entity::insert_many(chunk).exec_with_returning(&tx.db).await?);
    }
    rows.iter().for_each(|row| tell(tx, None, row, told(row).into()));
    Ok(rows)
}

/// Inserts rows that are parts of another one, which tells the change: the stages of a version.
pub(crate) async fn insert_parts<A>(tx: &Tx<'_>, parts: Vec<A>) -> Result<()>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: IntoActiveModel<A>,
{
    let mut parts = parts.into_iter().peekable();
    while parts.peek().is_some() {
        let mut chunk: Vec<A> = parts.by_ref().take(CHUNK_ROWS).collect();
        chunk.iter_mut().for_each(|row| stamp(tx, row));
        A::Entity::insert_many(chunk).exec_without_returning(&tx.db).await?;
    }
    Ok(())
}

/// Writes the columns that `patch` sets and that differ from `before`. Nothing is written or told
/// when neither they nor the links that are told differ. A row that was changed meanwhile is a
/// `CONFLICT`.
pub async fn update<A>(
    tx: &Tx<'_>,
    before: &ModelOf<A>,
    patch: A,
    told: impl Into<Told<'_>>,
) -> Result<ModelOf<A>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    let told = told.into();
    let mut active: A = before.clone().into_active_model();
    let differing = differing(before, &patch);
    if differing.is_empty() && !told.links.iter().any(Links::differ) {
        return Ok(before.clone());
    }
    for (column, value) in differing {
        active.set(column, value);
    }
    let row = next_version(tx, before.version(), active).await?;
    tell(tx, Some(before), &row, told);
    Ok(row)
}

/// Writes the same columns of many rows in as few statements as the database takes, and tells the
/// fact of each that differed. Rows that others may change meanwhile are read [`locked`] before.
pub async fn update_many<A>(tx: &Tx<'_>, before: &[ModelOf<A>], patch: A, fact: Fact) -> Result<()>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    let before: HashMap<Uuid, &ModelOf<A>> = before
        .iter()
        .filter(|row| !differing(*row, &patch).is_empty())
        .map(|row| (row.id().into(), row))
        .collect();
    let mut patch = patch;
    set(&mut patch, "updated_at", tx.now.into());
    let column = |name| Expr::col(Alias::new(name));
    let workspace: Uuid = tx.workspace_id().into();
    let ids: Vec<Uuid> = before.keys().copied().collect();
    for ids in ids.chunks(CHUNK_ROWS) {
        let rows = A::Entity::update_many()
            .set(patch.clone())
            .col_expr(Alias::new("version"), column("version").add(1))
            .filter(column("workspace_id").eq(workspace))
            .filter(column("id").is_in(ids.iter().copied()))
            .exec_with_returning(&tx.db)
            .await?;
        for row in rows {
            let was = before[&row.id().into()];
            if row.version() != was.version() + 1 {
                return Err(conflict(row.version()));
            }
            tell(tx, Some(was), &row, fact.into());
        }
    }
    Ok(())
}

/// The columns that `patch` sets and that differ from `before`.
fn differing<A>(before: &ModelOf<A>, patch: &A) -> Vec<(ColumnOf<A>, Value)>
where
    A: ActiveModelTrait,
{
    let columns = ColumnOf::<A>::iter().filter_map(|column| match patch.get(column) {
        ActiveValue::Set(value) if value != before.get(column) => Some((column, value)),
        _ => None,
    });
    columns.collect()
}

/// Tells that the links of a row changed, as a change of the row itself, which gets a new version.
pub async fn update_links<A>(tx: &Tx<'_>, before: &ModelOf<A>, links: &Links) -> Result<ModelOf<A>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    let links = std::slice::from_ref(links);
    update(tx, before, A::default(), Fact::Updated.with(links)).await
}

/// Writes the columns that are set, unless the row is no longer in `version`.
async fn next_version<A>(tx: &Tx<'_>, version: i64, mut active: A) -> Result<ModelOf<A>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    set(&mut active, "version", (version + 1).into());
    set(&mut active, "updated_at", tx.now.into());
    let unchanged = Expr::col(Alias::new("version")).eq(version);
    let statement = A::Entity::update(active).validate()?.filter(unchanged);
    match statement.exec(&tx.db).await {
        Err(DbErr::RecordNotUpdated) => Err(conflict(version)),
        other => Ok(other?),
    }
}

/// Deletes a row. Only for what leaves no history of its own, like a holiday.
pub async fn delete<A>(tx: &Tx<'_>, row: ModelOf<A>) -> Result<()>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    ModelOf<A>: Noun + IntoActiveModel<A>,
{
    row.clone().into_active_model().delete(&tx.db).await?;
    tell(tx, None, &row, Fact::Deleted.into());
    Ok(())
}

/// The optimistic lock of the API: refuses a row that is not in the version the caller read.
pub fn expect_version<M: Noun>(row: &M, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(version) if version != row.version() => Err(conflict(row.version())),
        _ => Ok(()),
    }
}

/// The rows of a query, locked until the transaction ends. Other rows may still refer to them: a
/// full lock would make whoever records an interaction of an account wait for whoever pauses it,
/// who waits for the journey that the first one holds.
pub(crate) fn locked<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::NoKeyUpdate)
}

/// The rows of a query, which nobody changes until the transaction ends: others may read them so
/// at the same time, and whoever has them [`locked`] is waited for.
pub(crate) fn held<E: EntityTrait>(select: Select<E>) -> Select<E> {
    select.lock(LockType::Share)
}

fn conflict(current: i64) -> Error {
    Problem::new("expectedVersion", Code::Conflict).with("current", current).into()
}

fn stamp<A: ActiveModelTrait>(tx: &Tx<'_>, new: &mut A) {
    if let Ok(column) = ColumnOf::<A>::from_str("id")
        && new.is_not_set(column)
    {
        let id: Uuid = tx.new_id::<crate::id::EventId>().into();
        new.set(column, id.into());
    }
    let workspace: Uuid = tx.workspace_id().into();
    set(new, "workspace_id", workspace.into());
    set(new, "version", 1i64.into());
    set(new, "created_at", tx.now.into());
    set(new, "updated_at", tx.now.into());
}

fn set<A: ActiveModelTrait>(row: &mut A, column: &str, value: Value) {
    if let Ok(column) = ColumnOf::<A>::from_str(column) {
        row.set(column, value);
    }
}

/// Tells a further fact of a row that was just written: an account that was lost when it came in
/// was not only created.
pub(crate) fn tell_also<M: Noun>(tx: &Tx<'_>, row: &M, told: Told<'_>) {
    write_down(tx, row, row.account(), told, &BTreeMap::new());
}

/// Tells a write of rows that are no nouns, like the points of a metric, as one event and one audit
/// entry of the noun they belong to; `account` is theirs, where all of them have the same.
pub fn tell_batch<M: Noun>(
    tx: &Tx<'_>,
    noun: &M,
    account: Option<AccountId>,
    fact: Fact,
    changes: &BTreeMap<&'static str, Json>,
) {
    write_down(tx, noun, account, fact.into(), changes);
}

/// Tells a write as an event and an audit entry.
fn tell<M: Noun>(tx: &Tx<'_>, before: Option<&M>, after: &M, told: Told<'_>) {
    let mut changes = changes(before, after);
    for links in told.links.iter().filter(|links| links.differ()) {
        changes.insert(links.name, json!({ "before": links.before, "after": links.after }));
    }
    write_down(tx, after, after.account(), told, &changes);
}

fn write_down<M: Noun>(
    tx: &Tx<'_>,
    noun: &M,
    account_id: Option<AccountId>,
    told: Told<'_>,
    changes: &BTreeMap<&'static str, Json>,
) {
    let event_type = format!("{}.{}", M::Id::KIND.as_str(), told.fact.as_str());
    let (subject_id, kind) = (noun.id().into(), M::Id::KIND.as_str().to_owned());
    let event = event::Model {
        workspace_id: tx.workspace_id(),
        id: tx.new_id(),
        event_type: event_type.clone(),
        schema_version: 1,
        sequence: None,
        subject_kind: kind.clone(),
        subject_id,
        subject_version: noun.version(),
        account_id,
        changed: changes.keys().copied().collect(),
        actor_kind: tx.actor.kind,
        actor_id: tx.actor.user_id,
        origin: tx.actor.origin,
        cause_id: tx.cause,
        occurred_at: told.at.unwrap_or(tx.now),
    };
    let entry = audit::Model {
        workspace_id: tx.workspace_id(),
        id: tx.new_id(),
        event_id: event.id,
        action: event_type,
        subject_kind: kind,
        subject_id,
        actor_kind: tx.actor.kind,
        actor_id: tx.actor.user_id,
        reason: told.reason.map(str::to_owned),
        changes: json!(changes),
        recorded_at: tx.now,
    };
    tx.outbox(|outbox| {
        outbox.events.push(event);
        outbox.audit.push(entry);
    });
}

/// Columns that every write changes, and that therefore say nothing.
const HOUSEKEEPING: [&str; 5] = ["workspace_id", "id", "version", "created_at", "updated_at"];

fn changes<M: Noun>(before: Option<&M>, after: &M) -> BTreeMap<&'static str, Json> {
    let mut changes = BTreeMap::new();
    for column in <M::Entity as EntityTrait>::Column::iter() {
        let name = column.as_str();
        let old = before.map(|row| row.get(column));
        let new = after.get(column);
        let is_same = old.as_ref() == Some(&new) || (old.is_none() && new == new.as_null());
        if is_same || HOUSEKEEPING.contains(&name) {
            continue;
        }
        let change = if M::PERSONAL.contains(&name) {
            json!({ "personal": true })
        } else {
            let old = old.as_ref().map_or(Json::Null, value::to_json);
            json!({ "before": old, "after": value::to_json(&new) })
        };
        changes.insert(name, change);
    }
    changes
}
