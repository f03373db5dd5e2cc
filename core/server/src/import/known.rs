//! What an import finds out about a workspace once, and then knows: options, users, attributes.

use std::collections::HashMap;
use std::sync::Arc;

use jornada_domain::accounts::contact::{self, ContactFilter};
use jornada_domain::accounts::external_ref::{self, NewExternalRef, RefKind};
use jornada_domain::attributes::definition::{self, AttributeType, DefinitionFilter};
use jornada_domain::attributes::{AttributeInput, Typed};
use jornada_domain::auth::user;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::{AccountId, ContactId, Kind, OptionId, OptionSetId, UserId};
use jornada_domain::input::{Checks, fold};
use jornada_domain::options::option;
use jornada_domain::page::{MAX_PAGE, PageArgs};
use jornada_domain::subject::SubjectKind;
use jornada_domain::{Cx, Result, Tx};
use uuid::Uuid;

use super::field::Field;
use super::options::Options;
use super::values;
use super::words::YES_OR_NO;

/// What stands before the dot of a column that holds an attribute.
pub const ATTRIBUTE: &str = "attribute";

/// What was found out about a workspace, and where the records are from.
#[derive(Clone, Debug)]
pub struct Known {
    /// The key of the system that the external ids are from.
    pub system: String,
    /// The currency of amounts beside which none stands (ISO 4217).
    pub currency: String,
    pub(super) options: Options,
    /// Those who are active.
    users: HashMap<String, UserId>,
    attributes: Arc<HashMap<String, Attribute>>,
}

/// An attribute that columns can hold.
#[derive(Debug)]
struct Attribute {
    value_type: AttributeType,
    /// By key and by folded label.
    options: HashMap<String, OptionId>,
}

impl Known {
    /// What is known at the beginning; `subject` is what the attributes in the columns belong to.
    pub async fn load(
        cx: &Cx<'_>,
        system: String,
        currency: String,
        subject: Option<SubjectKind>,
    ) -> Result<Self> {
        let attributes = match subject {
            Some(kind) => attributes(cx, kind).await?,
            None => HashMap::new(),
        };
        let (options, users) = (Options::load(cx).await?, HashMap::new());
        Ok(Self { system, currency, options, users, attributes: Arc::new(attributes) })
    }

    /// The user with an e-mail address, who must be active.
    pub async fn user(
        &mut self,
        tx: &Tx<'_>,
        field: Field,
        email: Option<&String>,
    ) -> Result<Option<UserId>> {
        let Some(email) = email else { return Ok(None) };
        match self.named(tx, field, email).await? {
            (id, true) => Ok(Some(id)),
            (_, false) => Err(Problem::new(field.name, Code::UserInactive).into()),
        }
    }

    /// The user with an e-mail address, of whom a fact of the past tells: they may have left.
    pub async fn past_user(
        &mut self,
        tx: &Tx<'_>,
        field: Field,
        email: Option<&String>,
    ) -> Result<Option<UserId>> {
        match email {
            Some(email) => self.named(tx, field, email).await.map(|(id, _)| Some(id)),
            None => Ok(None),
        }
    }

    /// The user with an e-mail address, and whether they are active.
    async fn named(&mut self, tx: &Tx<'_>, field: Field, email: &str) -> Result<(UserId, bool)> {
        if let Some(id) = self.users.get(email) {
            return Ok((*id, true));
        }
        let user = user::by_email(tx, email).await.map_err(|error| match error {
            Error::Problems(_) => {
                Problem::new(field.name, Code::BadFormat).with("form", "user").into()
            }
            other => other,
        })?;
        if user.is_active() {
            self.users.insert(email.to_owned(), user.id);
        }
        Ok((user.id, user.is_active()))
    }

    /// The option of a set with this label, made where there is none.
    pub async fn option(
        &mut self,
        tx: &Tx<'_>,
        (field, set): (Field, &'static str),
        label: Option<&str>,
    ) -> Result<Option<OptionId>> {
        let Some(label) = label else { return Ok(None) };
        let id = self.options.find_or_create(tx, set, label).await;
        id.map(Some).map_err(|error| error.under(field.name))
    }

    /// Our record that the system calls so.
    pub async fn find(&self, tx: &Tx<'_>, kind: RefKind, id: &str) -> Result<Option<Uuid>> {
        external_ref::find_subject(tx, &self.system, kind, id).await
    }

    /// The account that the system calls so.
    pub async fn account(&self, tx: &Tx<'_>, field: Field, id: &str) -> Result<AccountId> {
        let found = self.find(tx, RefKind::Account, id).await?;
        found.map(AccountId::from).ok_or_else(|| Error::not_found(field.name, Kind::Account))
    }

    /// The account of a record that may leave it unsaid.
    pub async fn account_if_said(
        &self,
        tx: &Tx<'_>,
        field: Field,
        id: Option<&String>,
    ) -> Result<Option<AccountId>> {
        match id {
            Some(id) => self.account(tx, field, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Demands that a record which is there stays with its account: what was said to one customer,
    /// or paid by one, is not of another. `key` is the field that names the record.
    pub async fn require_account(
        &self,
        tx: &Tx<'_>,
        (field, id): (Field, Option<&String>),
        account_id: AccountId,
        key: Field,
    ) -> Result<()> {
        let said = self.account_if_said(tx, field, id).await?;
        if said.is_none_or(|said| said == account_id) {
            return Ok(());
        }
        Err(Problem::new(field.name, Code::Contradiction).with("with", key.name).into())
    }

    /// The contact of an account that the system calls so, or else whose address is this; nobody
    /// where the account is not known.
    pub async fn contact(
        &self,
        tx: &Tx<'_>,
        account_id: Option<AccountId>,
        (id_field, id): (Field, Option<&str>),
        (email_field, email): (Field, Option<&str>),
    ) -> Result<Option<ContactId>> {
        let Some(account_id) = account_id else { return Ok(None) };
        if let Some(id) = id {
            let found = self.find(tx, RefKind::Contact, id).await?.map(ContactId::from);
            return match found {
                Some(id) => Ok(Some(id)),
                None => Err(Error::not_found(id_field.name, Kind::Contact)),
            };
        }
        let Some(email) = email else { return Ok(None) };
        let filter = ContactFilter {
            account_ids: Some(vec![account_id]),
            email: Some(email.to_owned()),
            ..Default::default()
        };
        let page = contact::list(tx, &filter, None, &PageArgs::first(1)).await?;
        match page.into_rows().pop() {
            Some(contact) => Ok(Some(contact.id)),
            None => Err(Error::not_found(email_field.name, Kind::Contact)),
        }
    }

    /// Notes what the system calls a new record of ours.
    pub async fn refer(
        &self,
        tx: &Tx<'_>,
        kind: RefKind,
        external_id: &str,
        subject_id: Uuid,
    ) -> Result<()> {
        let (system, external_id) = (self.system.clone(), external_id.to_owned());
        external_ref::put(tx, NewExternalRef { system, kind, external_id, subject_id }).await?;
        Ok(())
    }

    /// The values of attributes that columns give.
    pub fn attributes(&self, cells: &[(String, String)]) -> Result<Vec<AttributeInput>> {
        let mut checks = Checks::new();
        let mut inputs = Vec::with_capacity(cells.len());
        for (key, cell) in cells {
            let at = || format!("{ATTRIBUTE}.{key}");
            let read = match self.attributes.get(key) {
                None => Err(Problem::new(at(), Code::UnknownAttribute).with("key", key)),
                Some(attribute) => attribute
                    .read(cell, &self.currency)
                    .map_err(|problem| Problem { field: at(), ..problem }),
            };
            match read {
                Ok(value) => inputs.push(AttributeInput { key: key.clone(), value: Some(value) }),
                Err(problem) => checks.push(problem),
            }
        }
        checks.finish()?;
        Ok(inputs)
    }
}

/// Names the attributes that a verb found wrong as their columns are called.
pub fn of_attributes(error: Error, cells: &[(String, String)]) -> Error {
    let Error::Problems(problems) = error else { return error };
    let renamed = problems.into_iter().map(|problem| {
        let place = problem.field.strip_prefix("attributes.").and_then(|rest| {
            let (place, _) = rest.split_once('.')?;
            place.parse::<usize>().ok()
        });
        match place.and_then(|place| cells.get(place)) {
            Some((key, _)) => Problem { field: format!("{ATTRIBUTE}.{key}"), ..problem },
            None => problem,
        }
    });
    Error::Problems(renamed.collect())
}

impl Attribute {
    fn read(&self, cell: &str, currency: &str) -> Result<Typed, Problem> {
        let bad = |form: &str| Problem::new("", Code::BadFormat).with("form", form);
        match self.value_type {
            AttributeType::Text => Ok(Typed::Text(cell.to_owned())),
            AttributeType::Number => {
                values::number(cell).map(Typed::Number).ok_or_else(|| bad("number"))
            }
            AttributeType::Date => values::date(cell).map(Typed::Date).ok_or_else(|| bad("date")),
            AttributeType::Boolean => {
                let unknown = || Problem::new("", Code::UnknownWord).with("words", "yes, no");
                values::word(cell, &YES_OR_NO).map(Typed::Boolean).ok_or_else(unknown)
            }
            AttributeType::Option => {
                let unknown = || Problem::new("", Code::UnknownOption).with("set", cell);
                self.options.get(&fold(cell)).copied().map(Typed::Option).ok_or_else(unknown)
            }
            AttributeType::Money => {
                let bad = || bad("amount");
                let amount = values::amount(cell, None).map_err(|_| bad())?;
                let said = amount.currency.clone();
                let currency = said.unwrap_or_else(|| currency.to_owned());
                let amount_minor = amount.minor(&currency).ok_or_else(bad)?;
                Ok(Typed::Money { amount_minor, currency })
            }
        }
    }
}

async fn attributes(cx: &Cx<'_>, kind: SubjectKind) -> Result<HashMap<String, Attribute>> {
    let filter = DefinitionFilter { subject_kind: Some(kind), include_archived: false };
    let mut found = HashMap::new();
    let mut args = PageArgs::first(MAX_PAGE);
    loop {
        let page = definition::list(cx, &filter, &args).await?;
        let (has_next, cursor) = (page.has_next, page.last_cursor());
        for row in page.into_rows() {
            let options = match row.option_set_id {
                Some(set_id) => options_of(cx, set_id).await?,
                None => HashMap::new(),
            };
            found.insert(row.key, Attribute { value_type: row.value_type, options });
        }
        if !has_next {
            return Ok(found);
        }
        args = PageArgs::after(MAX_PAGE, cursor);
    }
}

async fn options_of(cx: &Cx<'_>, set_id: OptionSetId) -> Result<HashMap<String, OptionId>> {
    let mut known = HashMap::new();
    let mut args = PageArgs::first(MAX_PAGE);
    loop {
        let Some(page) = option::of_sets(cx, &[set_id], &args).await?.remove(&set_id) else {
            return Ok(known);
        };
        let (has_next, cursor) = (page.has_next, page.last_cursor());
        for row in page.into_rows() {
            known.entry(row.key).or_insert(row.id);
            known.insert(fold(&row.label), row.id);
        }
        if !has_next {
            return Ok(known);
        }
        args = PageArgs::after(MAX_PAGE, cursor);
    }
}
