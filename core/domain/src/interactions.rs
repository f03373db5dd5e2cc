//! Interactions: every contact with a customer, with what was said and how it felt.

use std::collections::HashMap;

use crate::channel::Channel;
use crate::filter::RangeFilter;
use crate::prelude::*;
use crate::refs;

/// A contact with the customer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "interaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InteractionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    /// The task that it completed.
    pub task_id: Option<TaskId>,
    /// Who had it on our side.
    pub user_id: Option<UserId>,
    /// Who had it on theirs.
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    /// Empty where it was blanked; see [`crate::privacy`].
    pub subject: String,
    pub notes: Option<String>,
    pub sentiment: Option<Sentiment>,
    pub happened_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    InteractionId,
    account = |row: &Model| Some(row.account_id),
    personal = ["subject", "notes"]
);

/// How the customer felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Sentiment {
    /// About to leave, or furious.
    VeryNegative,
    /// Unhappy.
    Negative,
    /// Neither happy nor unhappy.
    Neutral,
    /// Happy.
    Positive,
    /// Delighted.
    VeryPositive,
}

/// An interaction to be recorded.
#[derive(Clone, Debug)]
pub struct NewInteraction {
    pub account_id: AccountId,
    pub task_id: Option<TaskId>,
    /// Who had it; the user who records it, where none is named.
    pub user_id: Option<UserId>,
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    pub subject: String,
    pub notes: Option<String>,
    pub sentiment: Option<Sentiment>,
    /// Now, where it is not said.
    pub happened_at: Option<DateTime<Utc>>,
}

/// Changes of an interaction; `None` leaves a field as it is. The account and the task stay.
#[derive(Clone, Debug, Default)]
pub struct InteractionPatch {
    pub expected_version: Option<i64>,
    pub user_id: Option<Option<UserId>>,
    pub contact_id: Option<Option<ContactId>>,
    pub channel: Option<Channel>,
    pub subject: Option<String>,
    pub notes: Option<Option<String>>,
    pub sentiment: Option<Option<Sentiment>>,
    pub happened_at: Option<DateTime<Utc>>,
}

/// What narrows a list of interactions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InteractionFilter {
    pub channels: Option<Vec<Channel>>,
    pub sentiments: Option<Vec<Sentiment>>,
    pub user_ids: Option<Vec<UserId>>,
    pub happened_at: Option<RangeFilter<DateTime<Utc>>>,
}

impl InteractionFilter {
    fn condition(&self) -> Condition {
        Condition::all()
            .add_option(self.channels.clone().map(|words| Column::Channel.is_in(words)))
            .add_option(self.sentiments.clone().map(|words| Column::Sentiment.is_in(words)))
            .add_option(self.user_ids.clone().map(|ids| Column::UserId.is_in(ids)))
            .add_option(self.happened_at.as_ref().map(|range| range.condition(Column::HappenedAt)))
    }
}

const SUBJECT_CHARS: usize = 200;
const NOTES_CHARS: usize = 20_000;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn newest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::HappenedAt), Order::desc(Column::Id)]
}

/// The interactions of the workspace, newest first, without those that were put away.
pub async fn list(cx: &Cx<'_>, filter: &InteractionFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Interactions, Access::Read)?;
    let select = visible(cx).filter(Column::ArchivedAt.is_null()).filter(filter.condition());
    page(cx, select, &newest_first(), args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &InteractionFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Interactions, Access::Read)?;
    let select = visible(cx).filter(Column::ArchivedAt.is_null()).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &newest_first(), args).await
}

/// The last touch: the newest interaction of each of the accounts that has one.
pub async fn last_touch(cx: &Cx<'_>, accounts: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Interactions, Access::Read)?;
    newest_each(cx, visible(cx), accounts).await
}

/// The newest interaction with a sentiment, of each of the accounts that has one.
pub async fn last_felt(cx: &Cx<'_>, accounts: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Interactions, Access::Read)?;
    newest_each(cx, visible(cx).filter(Column::Sentiment.is_not_null()), accounts).await
}

async fn newest_each(
    cx: &Cx<'_>,
    select: Select<Entity>,
    accounts: &[AccountId],
) -> Result<Vec<Model>> {
    let select = select.filter(Column::ArchivedAt.is_null());
    let (orders, args) = (newest_first(), PageArgs::first(1));
    let pages = page_each(cx, select, Column::AccountId, accounts, &orders, &args).await?;
    Ok(pages.into_values().flat_map(Page::into_rows).collect())
}

/// One interaction.
pub async fn find(cx: &Cx<'_>, id: InteractionId) -> Result<Model> {
    cx.require(Area::Interactions, Access::Read)?;
    find_in(cx, id).await
}

/// The interactions of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[InteractionId]) -> Result<Vec<Model>> {
    cx.require(Area::Interactions, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: InteractionId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Interaction))
}

/// Records an interaction.
pub async fn create(tx: &Tx<'_>, new: NewInteraction) -> Result<Model> {
    tx.require(Area::Interactions, Access::Write)?;
    insert(tx, new).await
}

/// Records an interaction; completing a task that is one needs only the right to tasks.
pub(crate) async fn insert(tx: &Tx<'_>, new: NewInteraction) -> Result<Model> {
    let mut checks = Checks::new();
    let account = new.account_id;
    checks.keep(refs::require(tx, account, "accountId").await)?;
    if let Some(id) = new.task_id {
        checks.keep(refs::require_of(tx, account, id, "taskId").await)?;
    }
    check_people(tx, &mut checks, account, new.user_id, new.contact_id).await?;
    let row = ActiveModel {
        account_id: Set(account),
        task_id: Set(new.task_id),
        user_id: Set(new.user_id.or(tx.actor.user_id)),
        contact_id: Set(new.contact_id),
        channel: Set(new.channel),
        subject: Set(checks.text("subject", &new.subject, SUBJECT_CHARS)),
        notes: Set(checks.maybe_prose("notes", new.notes.as_deref(), NOTES_CHARS)),
        sentiment: Set(new.sentiment),
        happened_at: Set(checks.past("happenedAt", new.happened_at.unwrap_or(tx.now), tx.now)),
        archived_at: Set(None),
        ..Default::default()
    };
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await
}

/// Changes an interaction. One with a person who was erased stays as it is.
pub async fn update(tx: &Tx<'_>, id: InteractionId, patch: InteractionPatch) -> Result<Model> {
    tx.require(Area::Interactions, Access::Write)?;
    let before = find_in(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    if let Some(id) = before.contact_id {
        checks.keep(refs::require(tx, id, "id").await)?;
    }
    let (user_id, contact_id) = (patch.user_id.flatten(), patch.contact_id.flatten());
    check_people(tx, &mut checks, before.account_id, user_id, contact_id).await?;
    let mut row: ActiveModel = Default::default();
    if let Some(user_id) = patch.user_id {
        row.user_id = Set(user_id);
    }
    if let Some(contact_id) = patch.contact_id {
        row.contact_id = Set(contact_id);
    }
    if let Some(channel) = patch.channel {
        row.channel = Set(channel);
    }
    if let Some(subject) = patch.subject {
        row.subject = Set(checks.text("subject", &subject, SUBJECT_CHARS));
    }
    if let Some(notes) = patch.notes {
        row.notes = Set(checks.maybe_prose("notes", notes.as_deref(), NOTES_CHARS));
    }
    if let Some(sentiment) = patch.sentiment {
        row.sentiment = Set(sentiment);
    }
    if let Some(at) = patch.happened_at {
        row.happened_at = Set(checks.past("happenedAt", at, tx.now));
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts an interaction away: it no longer shows, and no longer counts as a touch.
pub async fn archive(tx: &Tx<'_>, id: InteractionId) -> Result<Model> {
    tx.require(Area::Interactions, Access::Write)?;
    let before = find_in(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Checks that the user is one of the workspace, and the contact one of the account.
async fn check_people(
    cx: &Cx<'_>,
    checks: &mut Checks,
    account_id: AccountId,
    user_id: Option<UserId>,
    contact_id: Option<ContactId>,
) -> Result<()> {
    if let Some(id) = user_id {
        checks.keep(refs::require(cx, id, "userId").await)?;
    }
    if let Some(id) = contact_id {
        checks.keep(refs::require_of(cx, account_id, id, "contactId").await)?;
    }
    Ok(())
}
