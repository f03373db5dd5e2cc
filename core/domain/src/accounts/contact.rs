//! Contacts: the people at an account.

pub mod role;

use std::collections::{BTreeSet, HashMap};

use super::account;
use crate::attributes::{self, AttributeFilter, AttributeInput, AttributeOrder};
use crate::channel::Channel;
use crate::page::page_each;
use crate::prelude::*;
use crate::subject::SubjectKind;

/// A person at an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    /// Empty once the contact was erased.
    pub name: String,
    /// In lower case; several contacts may share one.
    pub email: Option<String>,
    pub phone: Option<String>,
    /// What the person is in the company, in their words.
    pub title: Option<String>,
    /// How the person wants to be reached.
    pub channel: Option<Channel>,
    /// A name of the IANA database.
    pub time_zone: Option<String>,
    /// Whether this is whom one turns to first; one at most per account.
    pub is_primary: bool,
    /// Since when the person wants no surveys and campaigns.
    pub opted_out_at: Option<DateTime<Utc>>,
    pub archived_at: Option<DateTime<Utc>>,
    /// When what was kept of the person was erased; see [`crate::privacy`].
    pub erased_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    ContactId,
    account = |row: &Model| Some(row.account_id),
    personal = ["name", "email", "phone", "title", "channel", "time_zone"]
);

/// A contact to be added.
#[derive(Clone, Debug)]
pub struct NewContact {
    pub account_id: AccountId,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub title: Option<String>,
    pub channel: Option<Channel>,
    pub time_zone: Option<String>,
    pub is_primary: bool,
    pub has_opted_out: bool,
    /// Options of the contact roles.
    pub role_ids: Vec<OptionId>,
    pub attributes: Vec<AttributeInput>,
}

/// Changes of a contact; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct ContactPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub email: Option<Option<String>>,
    pub phone: Option<Option<String>>,
    pub title: Option<Option<String>>,
    pub channel: Option<Option<Channel>>,
    pub time_zone: Option<Option<String>>,
    pub is_primary: Option<bool>,
    pub has_opted_out: Option<bool>,
    /// All roles of the contact.
    pub role_ids: Option<Vec<OptionId>>,
    /// Attributes that are not named stay as they are.
    pub attributes: Vec<AttributeInput>,
}

/// What narrows a list of contacts; what is given must all hold.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    pub account_ids: Option<Vec<AccountId>>,
    /// Whatever its case.
    pub email: Option<String>,
    pub role_ids: Option<Vec<OptionId>>,
    pub is_primary: Option<bool>,
    /// Conditions that all hold.
    pub attributes: Vec<AttributeFilter>,
    /// Whether archived contacts are among them.
    pub include_archived: bool,
}

impl ContactFilter {
    fn select(&self, cx: &Cx<'_>) -> Select<Entity> {
        let email = self.email.as_deref().map(|text| text.trim().to_lowercase());
        let live = (!self.include_archived).then(|| Column::ArchivedAt.is_null());
        let at = |ids: &Vec<AccountId>| Column::AccountId.is_in(ids.iter().copied());
        let in_roles = |ids: &Vec<OptionId>| Column::Id.in_subquery(role::holders(cx, ids));
        let kind = SubjectKind::Contact;
        let condition = AttributeFilter::all(&self.attributes, cx, kind, Column::Id)
            .add_option(self.account_ids.as_ref().map(at))
            .add_option(email.map(|email| Column::Email.eq(email)))
            .add_option(self.role_ids.as_ref().map(in_roles))
            .add_option(self.is_primary.map(|flag| Column::IsPrimary.eq(flag)))
            .add_option(live);
        visible(cx).filter(condition)
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn by_name() -> [Order<Column>; 2] {
    [Order::asc(Column::Name), Order::asc(Column::Id)]
}

/// A contact.
pub async fn find(cx: &Cx<'_>, id: ContactId) -> Result<Model> {
    cx.require(Area::Accounts, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The contact that `field` names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: ContactId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Contact))
}

/// The contacts with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[ContactId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// Contacts by name, or by an attribute.
pub async fn list(
    cx: &Cx<'_>,
    filter: &ContactFilter,
    by_attribute: Option<&AttributeOrder>,
    args: &PageArgs,
) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let (kind, field) = (SubjectKind::Contact, "filter.attributes");
    attributes::require_bounded(cx, kind, &filter.attributes, field).await?;
    let list = attributes::List {
        kind,
        id: Column::Id,
        own: &by_name(),
        by_attribute,
        narrowed_by: filter.attributes.iter().collect(),
    };
    attributes::page_by(cx, filter.select(cx), list, args).await
}

/// The contacts of each of these accounts that are not archived, by name.
pub async fn of_accounts(
    cx: &Cx<'_>,
    account_ids: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let live = ContactFilter::default().select(cx);
    page_each(cx, live, Column::AccountId, account_ids, &by_name(), args).await
}

/// Whom one turns to first at an account.
pub(crate) async fn primary(cx: &Cx<'_>, account_id: AccountId) -> Result<Option<ContactId>> {
    Ok(primary_of(cx, account_id).one(&cx.db).await?.map(|row| row.id))
}

fn primary_of(cx: &Cx<'_>, account_id: AccountId) -> Select<Entity> {
    let live = visible(cx).filter(Column::ArchivedAt.is_null());
    live.filter(Column::AccountId.eq(account_id)).filter(Column::IsPrimary.eq(true))
}

/// Who has a role at an account: of several the primary one, else the one known for longest.
pub(crate) async fn with_role(
    cx: &Cx<'_>,
    account_id: AccountId,
    role_id: OptionId,
) -> Result<Option<ContactId>> {
    let filter = ContactFilter {
        account_ids: Some(vec![account_id]),
        role_ids: Some(vec![role_id]),
        ..Default::default()
    };
    let rows = filter.select(cx).order_by_desc(Column::IsPrimary).order_by_asc(Column::Id);
    Ok(rows.one(&cx.db).await?.map(|row| row.id))
}

/// Adds a contact to an account.
pub async fn create(tx: &Tx<'_>, new: NewContact) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let mut checks = Checks::new();
    checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?;
    let patch = ContactPatch {
        expected_version: None,
        name: Some(new.name),
        email: Some(new.email),
        phone: Some(new.phone),
        title: Some(new.title),
        channel: Some(new.channel),
        time_zone: Some(new.time_zone),
        is_primary: Some(new.is_primary),
        has_opted_out: Some(new.has_opted_out),
        role_ids: None,
        attributes: Vec::new(),
    };
    let given = attributes::check(tx, SubjectKind::Contact, None, new.attributes).await;
    let given = checks.keep(given)?.unwrap_or_default();
    let none = BTreeSet::new();
    let roles = checks.keep(role::check(tx, &new.role_ids, &none).await)?.unwrap_or_default();
    let mut row = columns(tx, checks, None, patch)?;
    row.account_id = Set(new.account_id);
    if new.is_primary {
        step_back(tx, new.account_id).await?;
    }
    let row = store::insert(tx, row, Fact::Created.with(&[given.links()])).await?;
    attributes::write(tx, row.account_id, row.id, given).await?;
    role::set(tx, &row, &none, &roles).await
}

/// Changes a contact.
pub async fn update(tx: &Tx<'_>, id: ContactId, mut patch: ContactPatch) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = lock(tx, id).await?;
    require_kept(&before)?;
    store::expect_version(&before, patch.expected_version)?;
    if before.archived_at.is_some() {
        return Err(Problem::new("id", Code::Archived).into());
    }
    let mut checks = Checks::new();
    let had = role::of(tx, id).await?;
    let roles = match &patch.role_ids {
        Some(ids) => checks.keep(role::check(tx, ids, &had).await)?,
        None => None,
    };
    let inputs = std::mem::take(&mut patch.attributes);
    let given = attributes::check(tx, SubjectKind::Contact, Some(id.into()), inputs).await;
    let given = checks.keep(given)?.unwrap_or_default();
    let becomes_primary = patch.is_primary == Some(true) && !before.is_primary;
    let row = columns(tx, checks, Some(&before), patch)?;
    if becomes_primary {
        step_back(tx, before.account_id).await?;
    }
    let row = store::update(tx, &before, row, Fact::Updated.with(&[given.links()])).await?;
    attributes::write(tx, row.account_id, id, given).await?;
    role::set(tx, &row, &had, &roles.unwrap_or_else(|| had.clone())).await
}

/// Puts a contact away; nobody is the primary one in their place.
pub async fn archive(tx: &Tx<'_>, id: ContactId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = lock(tx, id).await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    let row = ActiveModel {
        is_primary: Set(false),
        archived_at: Set(Some(tx.now)),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived contact back, but not one that was erased.
pub async fn restore(tx: &Tx<'_>, id: ContactId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = lock(tx, id).await?;
    require_kept(&before)?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

/// Empties a contact that is locked, and puts it away; `blanked` is told beside. Its id, its
/// account and its times stay, so that what counts people counts the same.
pub(crate) async fn make_anonymous(
    tx: &Tx<'_>,
    before: &Model,
    erased_at: DateTime<Utc>,
    reason: Option<&str>,
    blanked: &store::Links,
) -> Result<Model> {
    let row = ActiveModel {
        name: Set(String::new()),
        email: Set(None),
        phone: Set(None),
        title: Set(None),
        channel: Set(None),
        time_zone: Set(None),
        is_primary: Set(false),
        archived_at: Set(before.archived_at.or(Some(erased_at))),
        erased_at: Set(Some(erased_at)),
        ..Default::default()
    };
    let told = Fact::Erased.perhaps_because(reason).with(std::slice::from_ref(blanked));
    store::update(tx, before, row, told).await
}

fn require_kept(row: &Model) -> Result<()> {
    match row.erased_at {
        None => Ok(()),
        Some(_) => Err(Problem::new("id", Code::ContactErased).into()),
    }
}

/// The contact, locked with its account: two cannot become the primary one at the same time.
pub(crate) async fn lock(tx: &Tx<'_>, id: ContactId) -> Result<Model> {
    let account_id = find_in(tx, id, "id").await?.account_id;
    account::lock(tx, account_id, "id").await?;
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Contact))
}

/// Whoever is the primary contact of the account no longer is.
async fn step_back(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    if let Some(before) = primary_of(tx, account_id).one(&tx.db).await? {
        let row = ActiveModel { is_primary: Set(false), ..Default::default() };
        store::update(tx, &before, row, Fact::Updated).await?;
    }
    Ok(())
}

/// Checks a patch and turns it into columns.
fn columns(
    tx: &Tx<'_>,
    mut checks: Checks,
    before: Option<&Model>,
    patch: ContactPatch,
) -> Result<ActiveModel> {
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(email) = patch.email {
        let email = email.filter(|email| !email.trim().is_empty());
        row.email = Set(email.map(|email| checks.email("email", &email)));
    }
    if let Some(phone) = patch.phone {
        row.phone = Set(checks.maybe_text("phone", phone.as_deref(), 40));
    }
    if let Some(title) = patch.title {
        row.title = Set(checks.maybe_text("title", title.as_deref(), 200));
    }
    if let Some(channel) = patch.channel {
        row.channel = Set(channel);
    }
    if let Some(zone) = patch.time_zone {
        row.time_zone = Set(zone.map(|zone| checks.time_zone("timeZone", &zone)));
    }
    if let Some(is_primary) = patch.is_primary {
        row.is_primary = Set(is_primary);
    }
    if let Some(has_opted_out) = patch.has_opted_out {
        let since = before.and_then(|row| row.opted_out_at).unwrap_or(tx.now);
        row.opted_out_at = Set(has_opted_out.then_some(since));
    }
    checks.finish()?;
    Ok(row)
}
