//! For how long records are kept, by their kind, and the daily pass that blanks or deletes the
//! older ones. Points of metrics have a retention of their own, by grain.

use std::collections::BTreeMap;

use chrono::Days;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{Iterable, QueryTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::erasure::{self, ContactErasure};
use super::{COMMENT, INTERACTION, NOTE, Texts, column, in_workspace};
use crate::accounts::account::{self, AccountStatus};
use crate::accounts::contact;
use crate::job::{self, Work};
use crate::prelude::*;
use crate::store::Links;
use crate::{calendar, workspace};

/// For how many days one kind is kept in a workspace.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "retention_policy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: RetentionKind,
    pub days: i32,
    pub updated_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is kept for some time, in the order in which a pass looks at it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RetentionKind {
    /// The subject and the notes of interactions are blanked, counted from when they happened.
    Interaction,
    /// The comments of responses to surveys are blanked, counted from when they were given.
    SurveyComment,
    /// The notes of pulses are blanked, counted from when they were felt.
    PulseNote,
    /// The contacts of churned accounts are erased, counted from the day of the churn.
    Contact,
    /// Alerts are deleted, read or not.
    Alert,
    /// Audit entries are deleted.
    AuditEntry,
    /// Events are deleted, but none before its audit entry.
    Event,
    /// Jobs that were done or called off are deleted, counted from then.
    Job,
}

/// The shortest time for which something is kept.
pub const MIN_DAYS: i32 = 30;

/// Twenty years.
pub const MAX_DAYS: i32 = 7305;

/// For how many days each kind is kept; one that is not there, for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies(BTreeMap<RetentionKind, i32>);

impl Policies {
    /// The days that the workspace says.
    pub fn of(&self, kind: RetentionKind) -> Option<i32> {
        self.0.get(&kind).copied()
    }

    /// The days of every kind, in their order.
    pub fn each(&self) -> Vec<(RetentionKind, Option<i32>)> {
        RetentionKind::iter().map(|kind| (kind, self.of(kind))).collect()
    }

    /// The days that hold: an event is kept as long as the audit entry that names it.
    fn holding(&self, kind: RetentionKind) -> Option<u64> {
        let days = self.of(kind)?;
        let days = match kind {
            RetentionKind::Event => Ord::max(days, self.of(RetentionKind::AuditEntry)?),
            _ => days,
        };
        Some(days.unsigned_abs().into())
    }
}

/// The policies of the workspace. They are settings of it and need no right, like the others.
pub async fn policies(cx: &Cx<'_>) -> Result<Policies> {
    let rows = Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id())).all(&cx.db).await?;
    Ok(Policies(rows.into_iter().map(|row| (row.kind, row.days)).collect()))
}

/// Changes for how long a kind is kept; `None` is for ever. What is too old goes by job, from now
/// on daily. Told as a change of the workspace.
pub async fn set(
    tx: &Tx<'_>,
    kind: RetentionKind,
    days: Option<i32>,
    expected_version: Option<i64>,
) -> Result<workspace::Model> {
    tx.require(Area::Privacy, Access::Write)?;
    workspace::lock(tx).await?;
    let before = workspace::current(tx).await?;
    store::expect_version(&before, expected_version)?;
    let mut checks = Checks::new();
    if let Some(days) = days {
        checks.range("days", days, MIN_DAYS, MAX_DAYS);
    }
    checks.finish()?;
    let was = policies(tx).await?;
    write(tx, kind, days).await?;
    let told = |days: Option<i32>| json!({ kind.to_value(): days });
    let links = Links { name: "retention", before: told(was.of(kind)), after: told(days) };
    let row = store::update_links::<workspace::ActiveModel>(tx, &before, &links).await?;
    ask_for(tx).await?;
    Ok(row)
}

/// Asks for the daily pass, where a policy needs one.
pub(crate) async fn ask_for(tx: &Tx<'_>) -> Result<()> {
    match policies(tx).await? == Policies::default() {
        true => Ok(()),
        false => job::enqueue(tx, &Retain::of(tx.today().await?), tx.now),
    }
}

async fn write(tx: &Tx<'_>, kind: RetentionKind, days: Option<i32>) -> Result<()> {
    let workspace_id = tx.workspace_id();
    let Some(days) = days else {
        Entity::delete_by_id((workspace_id, kind)).exec(&tx.db).await?;
        return Ok(());
    };
    let row = ActiveModel {
        workspace_id: Set(workspace_id),
        kind: Set(kind),
        days: Set(days),
        updated_at: Set(tx.now),
    };
    let replace = OnConflict::columns([Column::WorkspaceId, Column::Kind])
        .update_columns([Column::Days, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(&tx.db).await?;
    Ok(())
}

/// Blanks or deletes what was kept long enough, some records of a kind at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retain {
    /// The day whose pass it is: there is one a day.
    pub on: NaiveDate,
    /// The kind up to which the pass has come.
    pub from: RetentionKind,
    /// How many records of each kind the pass has dealt with.
    pub done: BTreeMap<RetentionKind, u64>,
}

impl Retain {
    /// The pass of a day, from its beginning.
    fn of(on: NaiveDate) -> Self {
        Self { on, from: RetentionKind::Interaction, done: BTreeMap::new() }
    }
}

impl Work for Retain {
    const KIND: &'static str = "privacy.retain";

    fn unique_key(&self) -> Option<String> {
        Some(self.on.to_string())
    }
}

/// Records of one job: far below what a lease lasts for.
const BATCH: u64 = 500;

/// Contacts of one job: erasing one takes a dozen statements.
const CONTACTS: u64 = 20;

/// Runs [`Retain`]: goes on with the next records, or is done for the day. A pass that changed
/// something tells so once, at its end.
pub async fn retain(tx: &Tx<'_>, mut work: Retain) -> Result<()> {
    tx.require(Area::Privacy, Access::Write)?;
    let policies = policies(tx).await?;
    let today = tx.today().await?;
    for kind in RetentionKind::iter().filter(|kind| *kind >= work.from) {
        let Some(days) = policies.holding(kind) else { continue };
        let (count, most) = one_batch(tx, kind, calendar::minus(today, days)).await?;
        if count > 0 {
            *work.done.entry(kind).or_default() += count;
        }
        if count >= most {
            return job::enqueue(tx, &Retain { from: kind, ..work }, tx.now);
        }
    }
    if !work.done.is_empty() {
        let workspace = workspace::current(tx).await?;
        let changes = [("retention", json!(work.done))].into();
        store::tell_batch(tx, &workspace, None, Fact::Pruned, &changes);
    }
    if policies == Policies::default() {
        return Ok(());
    }
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    job::enqueue(tx, &Retain::of(tomorrow), tx.calendar().await?.start_of(tomorrow))
}

/// Deals with some records of a kind from before a day; says with how many, and how many it would
/// have been at most.
async fn one_batch(tx: &Tx<'_>, kind: RetentionKind, day: NaiveDate) -> Result<(u64, u64)> {
    let before = tx.calendar().await?.start_of(day);
    let count = match kind {
        RetentionKind::Interaction => blank(tx, &INTERACTION, before).await?,
        RetentionKind::SurveyComment => blank(tx, &COMMENT, before).await?,
        RetentionKind::PulseNote => blank(tx, &NOTE, before).await?,
        RetentionKind::Contact => return Ok((erase(tx, day).await?, CONTACTS)),
        RetentionKind::Alert => delete(tx, Kind::Alert, before, Condition::all()).await?,
        RetentionKind::AuditEntry => delete(tx, Kind::AuditEntry, before, Condition::all()).await?,
        RetentionKind::Event => delete(tx, Kind::Event, before, unnamed()).await?,
        RetentionKind::Job => {
            let finished = finished(before - tx.actor.clock_offset);
            delete(tx, Kind::Job, before, finished).await?
        }
    };
    Ok((count, BATCH))
}

async fn blank(tx: &Tx<'_>, texts: &Texts, before: DateTime<Utc>) -> Result<u64> {
    let mut old = texts.filled(tx);
    old.and_where(column(texts.dated).lt(before))
        .order_by(Alias::new(texts.dated), Direction::Asc)
        .order_by(Alias::new("id"), Direction::Asc)
        .limit(BATCH);
    texts.blank(tx, old).await
}

/// Deletes records that were made before an instant: their ids are in the order of their creation.
async fn delete(tx: &Tx<'_>, kind: Kind, before: DateTime<Utc>, which: Condition) -> Result<u64> {
    let mut old = in_workspace(tx, kind);
    old.and_where(column("id").lt(first_id(before)))
        .cond_where(which)
        .order_by(Alias::new("id"), Direction::Asc)
        .limit(BATCH);
    let mut delete = Query::delete();
    delete
        .from_table(Alias::new(kind.as_str()))
        .and_where(column("workspace_id").eq(tx.workspace_id()))
        .and_where(column("id").in_subquery(old));
    Ok(tx.db.execute(&delete).await?.rows_affected())
}

/// No id that was given out at an instant or later is below this one: a version 7 UUID begins with
/// the 48 bits of its milliseconds.
fn first_id(at: DateTime<Utc>) -> Uuid {
    Uuid::from_u128(u128::from(at.timestamp_millis().unsigned_abs()) << 80)
}

/// Events that no audit entry names.
fn unnamed() -> Condition {
    let (event, entry) = (Alias::new("event"), Alias::new("audit_entry"));
    let mut naming = Query::select();
    naming.expr(Expr::val(1)).from(entry.clone());
    for (ours, theirs) in [("workspace_id", "workspace_id"), ("event_id", "id")] {
        let (ours, theirs) = (Alias::new(ours), Alias::new(theirs));
        naming.and_where(Expr::col((entry.clone(), ours)).equals((event.clone(), theirs)));
    }
    Condition::all().add(Expr::exists(naming).not())
}

/// Jobs that ended before an instant of the real clock, and that nobody will replay.
fn finished(before: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(job::Column::State.is_in([job::State::Done, job::State::Cancelled]))
        .add(job::Column::FinishedAt.lt(before))
}

/// Erases some contacts of accounts that churned before a day.
async fn erase(tx: &Tx<'_>, day: NaiveDate) -> Result<u64> {
    let churned = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(account::Column::Status.eq(AccountStatus::Churned))
        .filter(account::Column::ChurnedOn.lt(day));
    let contacts = contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .filter(contact::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(contact::Column::ErasedAt.is_null())
        .filter(contact::Column::AccountId.in_subquery(churned.into_query()))
        .order_by_asc(contact::Column::AccountId)
        .order_by_asc(contact::Column::Id)
        .limit(CONTACTS);
    let ids: Vec<ContactId> = contacts.into_tuple().all(&tx.db).await?;
    for id in &ids {
        erasure::erase(tx, ContactErasure::of(*id)).await?;
    }
    Ok(ids.len() as u64)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn policies(days: &[(RetentionKind, i32)]) -> Policies {
        Policies(days.iter().copied().collect())
    }

    #[test]
    fn an_event_is_kept_as_long_as_its_audit_entry() {
        use RetentionKind::{AuditEntry, Event, Job};
        assert_eq!(policies(&[(Event, 30), (AuditEntry, 90)]).holding(Event), Some(90));
        assert_eq!(policies(&[(Event, 90), (AuditEntry, 30)]).holding(Event), Some(90));
        assert_eq!(policies(&[(Event, 30)]).holding(Event), None);
        assert_eq!(policies(&[(Event, 30), (AuditEntry, 90)]).holding(Job), None);
    }

    #[test]
    fn audit_entries_go_before_the_events_that_they_name() {
        let kinds: Vec<_> = RetentionKind::iter().collect();
        assert!(kinds.is_sorted());
        assert!(RetentionKind::AuditEntry < RetentionKind::Event);
    }

    proptest! {
        #[test]
        fn ids_are_told_apart_by_when_they_were_given_out(
            at in 1_000_000_000_000i64..4_000_000_000_000, later in 0i64..1_000_000, bits: [u8; 10],
        ) {
            let at = DateTime::from_timestamp_millis(at).unwrap();
            let id = |at: DateTime<Utc>| {
                let millis = at.timestamp_millis().unsigned_abs();
                uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
            };
            prop_assert!(id(at + TimeDelta::milliseconds(later)) > first_id(at));
            prop_assert!(id(at - TimeDelta::milliseconds(later + 1)) < first_id(at));
        }
    }
}
