//! What leaves the building, at one place: whatever is to reach somebody outside of Jornada goes
//! through [`send`].
//!
//! A sandbox sends nothing out; what it would have sent is captured, and can be looked at. Of a
//! production workspace nothing leaves yet: alerts are shown in Jornada itself, and connectors
//! will be asked here.

use crate::prelude::*;
use crate::workspace::{self, WorkspaceKind};

/// A message that a sandbox would have sent. It refers to whom it is for and what it is about, and
/// holds no text: that is made for whoever reads it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "captured_message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: MessageKind,
    /// Whom it is for, where that is a user.
    pub user_id: Option<UserId>,
    /// Whom it is for, where that is a contact.
    pub contact_id: Option<ContactId>,
    pub account_id: Option<AccountId>,
    pub subject_kind: String,
    pub subject_id: Uuid,
    /// When it would have left, by the clock of the sandbox.
    pub captured_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MessageKind {
    /// The loop guard stopped a journey.
    JourneyHeld,
    /// A subscription ends soon.
    RenewalDue,
    /// The plugin of a task says something.
    PluginNotice,
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Somebody who works in the workspace.
    User(UserId),
    /// Somebody at a customer.
    Contact(ContactId),
}

/// What is to leave the building.
#[derive(Clone, Debug)]
pub struct Message {
    pub kind: MessageKind,
    pub to: Recipient,
    pub account_id: Option<AccountId>,
    /// The record that it is about.
    pub subject: (Kind, Uuid),
}

/// How many messages a sandbox keeps; the oldest go first.
pub const MOST_CAPTURED: u64 = 1000;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The messages that the sandbox would have sent, newest first. A production workspace has none.
pub async fn list_captured(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Events, Access::Read)?;
    page(cx, visible(cx), &[Order::desc(Column::Id)], args).await
}

/// The messages that were captured after another one, oldest first: at most [`MOST_CAPTURED`].
pub async fn captured_after(cx: &Cx<'_>, after: Option<Uuid>) -> Result<Vec<Model>> {
    cx.require(Area::Events, Access::Read)?;
    let beyond = Condition::all().add_option(after.map(|id| Column::Id.gt(id)));
    let select = visible(cx).filter(beyond).order_by_asc(Column::Id).limit(MOST_CAPTURED);
    Ok(select.all(&cx.db).await?)
}

/// Sends messages out, or captures them in a sandbox. Whoever calls has asked for the right, and
/// says with an event of their own what happened.
pub(crate) async fn send(tx: &Tx<'_>, messages: Vec<Message>) -> Result<()> {
    let is_sandbox = workspace::current(tx).await?.kind == WorkspaceKind::Sandbox;
    if !is_sandbox || messages.is_empty() {
        return Ok(());
    }
    let row = |message: Message| {
        let (user_id, contact_id) = match message.to {
            Recipient::User(id) => (Some(id), None),
            Recipient::Contact(id) => (None, Some(id)),
        };
        ActiveModel {
            workspace_id: Set(tx.workspace_id()),
            id: Set(tx.new_id::<EventId>().into()),
            kind: Set(message.kind),
            user_id: Set(user_id),
            contact_id: Set(contact_id),
            account_id: Set(message.account_id),
            subject_kind: Set(message.subject.0.as_str().to_owned()),
            subject_id: Set(message.subject.1),
            captured_at: Set(tx.now),
        }
    };
    Entity::insert_many(messages.into_iter().map(row)).exec_without_returning(&tx.db).await?;
    forget_oldest(tx).await
}

async fn forget_oldest(tx: &Tx<'_>) -> Result<()> {
    let kept = crate::page::count(tx, visible(tx)).await?;
    if kept <= MOST_CAPTURED {
        return Ok(());
    }
    let oldest = visible(tx).order_by_asc(Column::Id).limit(kept - MOST_CAPTURED);
    let ids: Vec<_> = oldest.all(&tx.db).await?.into_iter().map(|row| row.id).collect();
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Id.is_in(ids))
        .exec(&tx.db)
        .await?;
    Ok(())
}
