//! Alerts: what a user must look at. Written by a job, so that the journey never waits for it.

use std::collections::HashMap;

use crate::accounts::account;
use crate::auth::user;
use crate::job::{self, Work};
use crate::outgoing::{self, Message, MessageKind, Recipient};
use crate::prelude::*;
use crate::revenue::renewal::{self, RemindRenewal};
use crate::tasks::task;

/// One entry of a user's inbox.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub user_id: UserId,
    pub account_id: Option<AccountId>,
    pub journey_id: Option<JourneyId>,
    pub renewal_id: Option<RenewalId>,
    pub task_id: Option<TaskId>,
    pub kind: AlertKind,
    /// What a plugin says.
    pub message: Option<String>,
    pub raised_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, AlertId, account = |alert: &Model| alert.account_id, personal = ["message"]);

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertKind {
    /// The loop guard stopped a journey.
    JourneyHeld,
    /// A subscription ends soon.
    RenewalDue,
    /// The plugin of a task says something.
    PluginNotice,
}

/// Tells the CSM of the account that a journey is held (rule 8), or where the account has none,
/// those who lead.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct RaiseJourneyHeld {
    /// The journey.
    pub journey_id: JourneyId,
    /// The account.
    pub account_id: AccountId,
}

impl Work for RaiseJourneyHeld {
    const KIND: &'static str = "alert.journey_held";
}

/// The alerts of the acting user; an actor who is no user has none.
fn own(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::UserId.eq(cx.actor.user_id))
}

/// The alerts of the acting user, newest first.
pub async fn list_own(cx: &Cx<'_>, unread: bool, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    let mut select = own(cx);
    if unread {
        select = select.filter(Column::ReadAt.is_null());
    }
    page(cx, select, &[Order::desc(Column::RaisedAt), Order::desc(Column::Id)], args).await
}

/// Those of the alerts that are the acting user's, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[AlertId]) -> Result<Vec<Model>> {
    cx.require(Area::Journeys, Access::Read)?;
    Ok(own(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// What plugins say in these alerts, whoever they are for: a sandbox shows what it would have sent.
pub async fn notices(cx: &Cx<'_>, ids: &[AlertId]) -> Result<HashMap<AlertId, String>> {
    cx.require(Area::Events, Access::Read)?;
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::Id.is_in(ids.iter().copied()));
    let rows = rows.all(&cx.db).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.message?))).collect())
}

/// Marks an alert of the acting user as read.
pub async fn mark_read(tx: &Tx<'_>, id: AlertId) -> Result<Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let before = own(tx).filter(Column::Id.eq(id)).one(&tx.db).await?;
    let before = before.ok_or_else(|| Error::not_found("id", Kind::Alert))?;
    let read_at = before.read_at.or(Some(tx.now));
    let row = ActiveModel { read_at: Set(read_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Updated).await
}

/// Asks for the alert of a held journey.
pub(crate) fn ask_for(tx: &Tx<'_>, journey_id: JourneyId, account_id: AccountId) -> Result<()> {
    job::enqueue(tx, &RaiseJourneyHeld { journey_id, account_id }, tx.now)
}

/// Writes the alert of a held journey.
pub async fn raise(tx: &Tx<'_>, work: RaiseJourneyHeld) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    let about =
        ActiveModel { journey_id: Set(Some(work.journey_id)), ..about(AlertKind::JourneyHeld) };
    put(tx, work.account_id, about).await
}

/// Tells what the plugin of a task says.
pub(super) async fn notice(tx: &Tx<'_>, about_task: &task::Model, message: &str) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    let mut checks = Checks::new();
    let message = checks.prose("message", message, 500);
    checks.finish()?;
    let about = ActiveModel {
        task_id: Set(Some(about_task.id)),
        journey_id: Set(about_task.journey_id),
        message: Set(Some(message)),
        ..about(AlertKind::PluginNotice)
    };
    put(tx, about_task.account_id, about).await
}

/// Runs [`RemindRenewal`]: nobody is reminded of an account that does not run.
pub async fn remind_renewal(tx: &Tx<'_>, work: RemindRenewal) -> Result<()> {
    tx.require(Area::Revenue, Access::Write)?;
    let row = renewal::find(tx, work.renewal_id).await?;
    let account = account::find_in(tx, row.account_id, "accountId").await?;
    if !work.holds(&row) || !account.status.is_running() {
        return Ok(());
    }
    let about = ActiveModel { renewal_id: Set(Some(row.id)), ..about(AlertKind::RenewalDue) };
    put(tx, row.account_id, about).await
}

fn about(kind: AlertKind) -> ActiveModel {
    ActiveModel { kind: Set(kind), read_at: Set(None), ..Default::default() }
}

/// Writes an alert into the inbox of whoever is the CSM now, or where the account has none, of
/// those who lead.
async fn put(tx: &Tx<'_>, account_id: AccountId, about: ActiveModel) -> Result<()> {
    let told = match super::people::csm_of(tx, account_id).await? {
        Some(csm) => vec![csm],
        None => user::leaders(tx).await?,
    };
    let alert = |user_id| ActiveModel {
        user_id: Set(user_id),
        account_id: Set(Some(account_id)),
        raised_at: Set(tx.now),
        ..about.clone()
    };
    let rows = told.into_iter().map(alert).collect();
    let alerts = store::insert_many(tx, rows, |_| Fact::Created).await?;
    outgoing::send(tx, alerts.iter().map(message).collect()).await
}

/// What leaves the building for an alert.
fn message(alert: &Model) -> Message {
    let kind = match alert.kind {
        AlertKind::JourneyHeld => MessageKind::JourneyHeld,
        AlertKind::RenewalDue => MessageKind::RenewalDue,
        AlertKind::PluginNotice => MessageKind::PluginNotice,
    };
    let journey = alert.journey_id.map(|id| (Kind::Journey, id.into()));
    let renewal = alert.renewal_id.map(|id| (Kind::Renewal, id.into()));
    // What a plugin says stands in the alert itself.
    let subject = journey.or(renewal).filter(|_| alert.message.is_none());
    let subject = subject.unwrap_or((Kind::Alert, alert.id.into()));
    Message { kind, to: Recipient::User(alert.user_id), account_id: alert.account_id, subject }
}
