//! Contacts.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::contact::{self, ContactFilter, ContactPatch, NewContact, role};
use jornada_domain::accounts::external_ref;
use jornada_domain::attributes::{Attribute, value};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::{AccountId, ContactId, OptionId};
use jornada_domain::metrics::point::SubjectKind;

use super::account::Account;
use super::attribute::{
    self, AttributeFilterInput, AttributeInput, AttributeOrderInput, AttributeValue, conditions,
};
use super::channel::Channel;
use super::connection::{Connection, Paging};
use super::external_ref::ExternalRef;
use super::filter::IdFilter;
use super::id::{self, GlobalId};
use super::loader::{Loads, all, children, load_by_id, load_children, load_each, one};
use super::metric_window::{DAYS, MetricWindow, window};
use super::option::Choice;
use super::reading::Reading;
use super::request::{Answer, call, list, payload, read, write};
use super::scalar::Date;

/// A person at an account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Contact {
    pub id: GlobalId<ContactId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: AccountId,
    /// What people call them; empty once they were erased.
    name: String,
    /// The e-mail address, in lower case.
    email: Option<String>,
    /// The phone number.
    phone: Option<String>,
    /// What they are in the company, in their words.
    title: Option<String>,
    /// How they want to be reached.
    channel: Option<Channel>,
    /// Their time zone, as the IANA database names it.
    time_zone: Option<String>,
    /// Whether one turns to them first; one contact at most per account.
    is_primary: bool,
    /// Since when they want no surveys and campaigns; null while they do.
    opted_out_at: Option<DateTime<Utc>>,
    archived_at: Option<DateTime<Utc>>,
    /// When what was kept of the person was erased; nothing more is taken of them.
    erased_at: Option<DateTime<Utc>>,
}

impl From<contact::Model> for Contact {
    fn from(row: contact::Model) -> Self {
        let contact::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            account_id,
            name,
            email,
            phone,
            title,
            channel,
            time_zone,
            is_primary,
            opted_out_at,
            archived_at,
            erased_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            account_id,
            name,
            email,
            phone,
            title,
            channel: channel.map(Channel::from),
            time_zone,
            is_primary,
            opted_out_at,
            archived_at,
            erased_at,
        }
    }
}

#[ComplexObject]
impl Contact {
    /// The account at which they work.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// What they are for the customer: at most 20 options of the set `contact_role`.
    async fn roles(&self, ctx: &Context<'_>) -> Answer<Vec<Choice>> {
        Some(roles(ctx, self.id.0).await)
    }

    /// The attributes that have a value, in the order in which they were defined.
    async fn attributes(&self, ctx: &Context<'_>) -> Answer<Vec<AttributeValue>> {
        all(ctx, AttributesOf(self.id.0)).await
    }

    /// What the points of a metric of the contact say about some days, and about as many
    /// days before.
    async fn metric_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the metric.")] key: String,
        #[graphql(desc = "How many days: 1 to 1100.", default_with = "DAYS")] days: i32,
        #[graphql(desc = "The last of them; today when left out.")] until: Option<Date>,
    ) -> Answer<MetricWindow> {
        window(ctx, SubjectKind::Contact, self.id.0.into(), key, days, until).await
    }

    /// What other systems call them, by system.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<ExternalRef>> {
        children(ctx, RefsOf(self.id.0), Paging { first, after, last, before }).await
    }
}

async fn roles(ctx: &Context<'_>, contact_id: ContactId) -> Result<Vec<Choice>> {
    let loads = &call(ctx).loads;
    let ids = loads.load_one(RolesOf(contact_id)).await?.unwrap_or_default();
    let mut options = loads.load_many(ids.iter().copied()).await?;
    Ok(ids.iter().filter_map(|id| options.remove(id)).map(Choice::from).collect())
}

load_by_id!(ContactId => contact::Model, contact::many);
load_each!(AttributesOf(ContactId) => Vec<Attribute>, value::of_contacts);
load_children!(RefsOf(ContactId) => external_ref::Model, external_ref::of_subjects);

/// Finds the roles of a contact.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RolesOf(ContactId);

impl Loader<RolesOf> for Loads {
    type Value = Vec<OptionId>;
    type Error = Error;

    async fn load(&self, keys: &[RolesOf]) -> Result<HashMap<RolesOf, Vec<OptionId>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let roles = role::of_contacts(&self.cx(), &ids).await?;
        Ok(roles.into_iter().map(|(id, roles)| (RolesOf(id), roles)).collect())
    }
}

#[derive(Default)]
pub(super) struct ContactQuery;

#[Object]
impl ContactQuery {
    /// One contact.
    async fn contact(&self, ctx: &Context<'_>, id: ID) -> Answer<Contact> {
        read(ctx, async |cx| contact::find(cx, id::parse("id", &id)?).await).await
    }

    /// The contacts of the workspace, by name unless an attribute is said.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        filter: Option<ContactFilterInput>,
        order_by_attribute: Option<AttributeOrderInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Contact>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(ContactFilter::try_from).transpose()?.unwrap_or_default();
            let by_attribute = order_by_attribute.map(Into::into);
            contact::list(cx, &filter, by_attribute.as_ref(), page).await
        })
        .await
    }
}

/// What narrows a list of contacts.
#[derive(InputObject)]
#[graphql(name = "ContactFilter")]
pub(super) struct ContactFilterInput {
    /// The account at which they work.
    account_id: Option<IdFilter>,
    /// The e-mail address, in any case.
    email: Option<String>,
    /// One of their roles.
    role_id: Option<IdFilter>,
    /// Whether one turns to them first.
    is_primary: Option<bool>,
    /// Conditions on attributes, which all hold: at most 20.
    attributes: Option<Vec<AttributeFilterInput>>,
    /// Also contacts that were put away.
    #[graphql(default)]
    include_archived: bool,
}

impl TryFrom<ContactFilterInput> for ContactFilter {
    type Error = Error;

    fn try_from(input: ContactFilterInput) -> Result<Self> {
        let ContactFilterInput {
            account_id,
            email,
            role_id,
            is_primary,
            attributes,
            include_archived,
        } = input;
        let account_ids = account_id.map(|filter| filter.ids("filter.accountId")).transpose()?;
        let role_ids = role_id.map(|filter| filter.ids("filter.roleId")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            email,
            role_ids: role_ids.flatten(),
            is_primary,
            attributes: conditions(attributes, "filter.attributes")?,
            include_archived,
        })
    }
}

#[derive(Default)]
pub(super) struct ContactMutation;

#[Object]
impl ContactMutation {
    /// Adds a contact to an account.
    async fn contact_create(
        &self,
        ctx: &Context<'_>,
        input: ContactCreateInput,
    ) -> Result<ContactCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(contact::create(tx, new).await)
        })
        .await
    }

    /// Changes a contact.
    async fn contact_update(
        &self,
        ctx: &Context<'_>,
        input: ContactUpdateInput,
    ) -> Result<ContactUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(contact::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a contact away. A primary one is no longer the primary one.
    async fn contact_archive(
        &self,
        ctx: &Context<'_>,
        input: ContactArchiveInput,
    ) -> Result<ContactArchivePayload> {
        write(ctx, async |tx| contact::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived contact back, but not one that was erased.
    async fn contact_restore(
        &self,
        ctx: &Context<'_>,
        input: ContactRestoreInput,
    ) -> Result<ContactRestorePayload> {
        write(ctx, async |tx| contact::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A contact to be added.
#[derive(InputObject)]
pub(super) struct ContactCreateInput {
    /// The account at which they work.
    account_id: ID,
    /// What people call them: 1 to 200 characters.
    name: String,
    /// The e-mail address.
    email: Option<String>,
    /// The phone number: up to 40 characters.
    phone: Option<String>,
    /// What they are in the company, in their words: up to 200 characters.
    title: Option<String>,
    /// How they want to be reached.
    channel: Option<Channel>,
    /// Their time zone, as the IANA database names it.
    time_zone: Option<String>,
    /// Whether one turns to them first, instead of to whom one did before.
    #[graphql(default)]
    is_primary: bool,
    /// Whether they want no surveys and campaigns.
    #[graphql(default)]
    has_opted_out: bool,
    /// What they are for the customer: at most 20 options of the set `contact_role`.
    #[graphql(default)]
    role_ids: Vec<ID>,
    /// Values of attributes.
    attributes: Option<Vec<AttributeInput>>,
}

impl ContactCreateInput {
    fn read(self, reading: &mut Reading) -> NewContact {
        NewContact {
            account_id: reading.id("accountId", &self.account_id),
            name: self.name,
            email: self.email,
            phone: self.phone,
            title: self.title,
            channel: self.channel.map(Into::into),
            time_zone: self.time_zone,
            is_primary: self.is_primary,
            has_opted_out: self.has_opted_out,
            role_ids: reading.each("roleIds", &self.role_ids),
            attributes: attribute::read(self.attributes, reading),
        }
    }
}

/// Changes of a contact; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct ContactUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call them: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// The e-mail address.
    email: MaybeUndefined<String>,
    /// The phone number: up to 40 characters.
    phone: MaybeUndefined<String>,
    /// What they are in the company, in their words: up to 200 characters.
    title: MaybeUndefined<String>,
    /// How they want to be reached.
    channel: MaybeUndefined<Channel>,
    /// Their time zone, as the IANA database names it.
    time_zone: MaybeUndefined<String>,
    /// Whether one turns to them first, instead of to whom one did before.
    is_primary: MaybeUndefined<bool>,
    /// Whether they want no surveys and campaigns.
    has_opted_out: MaybeUndefined<bool>,
    /// All that they are for the customer: at most 20 options of the set `contact_role`.
    role_ids: MaybeUndefined<Vec<ID>>,
    /// Values of attributes; those that are not named stay as they are.
    attributes: Option<Vec<AttributeInput>>,
}

impl ContactUpdateInput {
    fn read(self, reading: &mut Reading) -> ContactPatch {
        let role_ids = reading.kept("roleIds", self.role_ids);
        let role_ids = role_ids.map(|ids| reading.each("roleIds", &ids));
        ContactPatch {
            expected_version: self.expected_version,
            name: reading.kept("name", self.name),
            email: self.email.into(),
            phone: self.phone.into(),
            title: self.title.into(),
            channel: self.channel.map_value(Into::into).into(),
            time_zone: self.time_zone.into(),
            is_primary: reading.kept("isPrimary", self.is_primary),
            has_opted_out: reading.kept("hasOptedOut", self.has_opted_out),
            role_ids,
            attributes: attribute::read(self.attributes, reading),
        }
    }
}

/// A contact to be put away.
#[derive(InputObject)]
pub(super) struct ContactArchiveInput {
    id: ID,
}

/// A contact to be taken back.
#[derive(InputObject)]
pub(super) struct ContactRestoreInput {
    id: ID,
}

payload! {
    /// What came of adding a contact.
    ContactCreatePayload {
        /// The contact.
        contact: Contact,
    }
}

payload! {
    /// What came of changing a contact.
    ContactUpdatePayload {
        /// The contact as it is now.
        contact: Contact,
    }
}

payload! {
    /// What came of putting a contact away.
    ContactArchivePayload {
        /// The contact as it is now.
        contact: Contact,
    }
}

payload! {
    /// What came of taking a contact back.
    ContactRestorePayload {
        /// The contact as it is now.
        contact: Contact,
    }
}
