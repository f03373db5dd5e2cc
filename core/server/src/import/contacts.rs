//! Contacts: the people at accounts.

pub mod fields {
    //! What the columns of a file of contacts can hold.

    use crate::import::field::fields;

    fields! {
        /// Needed. The id in the other system, which makes an import repeatable.
        EXTERNAL_ID "external_id" [
            "id", "codigo", "contact_id", "id_do_contato", "id_externo", "codigo_do_contato"
        ],
        /// Needed for a new contact. The external id of the account.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// Needed for a new contact. What the person is called.
        NAME "name" ["nome", "contact", "contato", "full_name", "nome_completo", "contact_name"],
        /// The e-mail address.
        EMAIL "email" ["e_mail", "mail", "endereco_de_email"],
        /// The phone number, in any form.
        PHONE "phone" ["telefone", "celular", "mobile", "fone", "whatsapp"],
        /// What the person is in the company.
        TITLE "title" ["cargo", "job_title", "position", "titulo"],
        /// Labels of contact roles, separated by `;`, made where they are missing. All roles that
        /// the person has.
        ROLES "roles" ["role", "funcao", "funcoes", "papel", "papeis"],
        /// A word for the channel on which the person likes to be reached.
        CHANNEL "channel" ["canal", "preferred_channel", "canal_preferido"],
        /// A name of the IANA database, like `America/Recife`.
        TIME_ZONE "time_zone" ["timezone", "fuso", "fuso_horario"],
        /// Yes or no: whether this is whom one turns to first; one at most per account.
        PRIMARY "is_primary" ["primary", "principal", "contato_principal"],
        /// Yes or no: whether the person wants no surveys and campaigns.
        OPTED_OUT "has_opted_out" ["opted_out", "opt_out", "descadastrado", "nao_contatar"],
    }
}

use jornada_domain::accounts::contact::{self, ContactPatch, NewContact};
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::channel::Channel;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::{ContactId, OptionId};
use jornada_domain::input::Checks;
use jornada_domain::options::set;
use jornada_domain::subject::SubjectKind;
use jornada_domain::{Cx, Result, Tx};

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::{ATTRIBUTE, Known, of_attributes};
use super::words::CHANNELS;

/// Contacts as another system describes them.
#[derive(Clone, Debug)]
pub struct Contacts {
    known: Known,
}

/// A contact. What is `None` is not said, and stays as it is.
#[derive(Clone, Debug)]
pub struct Record {
    external_id: String,
    account: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    title: Option<String>,
    roles: Option<Vec<String>>,
    channel: Option<Channel>,
    time_zone: Option<String>,
    is_primary: Option<bool>,
    has_opted_out: Option<bool>,
    attributes: Vec<(String, String)>,
}

impl Kind for Contacts {
    const NAME: &'static str = "contacts";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[EXTERNAL_ID];
    const OPEN: Option<&'static str> = Some(ATTRIBUTE);
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        let subject = Some(SubjectKind::Contact);
        Ok(Self { known: Known::load(cx, system, currency, subject).await? })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        let roles = cells.text(ROLES).map(|cell| {
            let roles = cell.split(';').map(str::trim).filter(|role| !role.is_empty());
            roles.map(str::to_owned).collect()
        });
        Record {
            external_id: cells.needed(EXTERNAL_ID),
            account: cells.text(ACCOUNT),
            name: cells.text(NAME),
            email: cells.text(EMAIL),
            phone: cells.text(PHONE),
            title: cells.text(TITLE),
            roles,
            channel: cells.word(CHANNEL, &CHANNELS),
            time_zone: cells.text(TIME_ZONE),
            is_primary: cells.flag(PRIMARY),
            has_opted_out: cells.flag(OPTED_OUT),
            attributes: cells.open(),
        }
    }

    fn key(record: &Record) -> String {
        record.external_id.clone()
    }

    /// Of two the last one would be the primary one, and each import would change both.
    fn alone(record: &Record) -> Option<(Field, String)> {
        let account = record.account.as_ref().filter(|_| record.is_primary == Some(true))?;
        Some((PRIMARY, account.clone()))
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let id = self.known.find(tx, RefKind::Contact, &record.external_id).await?;
        match id {
            None => self.create(tx, record).await,
            Some(id) => self.update(tx, id.into(), record).await,
        }
    }
}

impl Contacts {
    async fn create(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let needed = [(ACCOUNT, record.account.is_some()), (NAME, record.name.is_some())];
        for (field, is_there) in needed {
            checks.ensure(is_there, || Problem::new(field.name, Code::Required));
        }
        let account = self.known.account_if_said(tx, ACCOUNT, record.account.as_ref()).await;
        let account_id = checks.keep(account)?.flatten();
        let role_ids = checks.keep(self.roles(tx, record).await)?.flatten();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        checks.keep(self.require_not_erased(tx, record).await)?;
        let (Some(account_id), true) = (account_id, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let new = NewContact {
            account_id,
            name: record.name.clone().unwrap_or_default(),
            email: record.email.clone(),
            phone: record.phone.clone(),
            title: record.title.clone(),
            channel: record.channel,
            time_zone: record.time_zone.clone(),
            is_primary: record.is_primary.unwrap_or_default(),
            has_opted_out: record.has_opted_out.unwrap_or_default(),
            role_ids: role_ids.unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
        };
        let row = contact::create(tx, new).await;
        let row = row.map_err(|error| in_columns(error, record))?;
        self.known.refer(tx, RefKind::Contact, &record.external_id, row.id.into()).await?;
        Ok(Outcome::Created)
    }

    async fn update(&mut self, tx: &Tx<'_>, id: ContactId, record: &Record) -> Result<Outcome> {
        let before = contact::find(tx, id).await?;
        let mut checks = Checks::new();
        let said = (ACCOUNT, record.account.as_ref());
        let stays = self.known.require_account(tx, said, before.account_id, EXTERNAL_ID).await;
        checks.keep(stays)?;
        let role_ids = checks.keep(self.roles(tx, record).await)?.flatten();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        let patch = ContactPatch {
            expected_version: None,
            name: record.name.clone(),
            email: record.email.clone().map(Some),
            phone: record.phone.clone().map(Some),
            title: record.title.clone().map(Some),
            channel: record.channel.map(Some),
            time_zone: record.time_zone.clone().map(Some),
            is_primary: record.is_primary,
            has_opted_out: record.has_opted_out,
            role_ids,
            attributes: attributes.unwrap_or_default(),
        };
        let after = contact::update(tx, id, patch).await;
        let after = checks.keep(after.map_err(|error| in_columns(error, record)))?;
        checks.finish()?;
        Ok(Outcome::of_change(after.is_some_and(|after| after.version != before.version)))
    }

    /// Whoever asked to be forgotten does not come back with the next file.
    async fn require_not_erased(&self, tx: &Tx<'_>, record: &Record) -> Result<()> {
        let (system, email) = (&self.known.system, record.email.as_deref());
        let found = external_ref::require_not_erased(tx, system, &record.external_id, email).await;
        found.map_err(|error| error.renamed("externalId", EXTERNAL_ID.name))
    }

    async fn roles(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Option<Vec<OptionId>>> {
        let Some(labels) = &record.roles else { return Ok(None) };
        let mut ids = Vec::with_capacity(labels.len());
        for label in labels {
            let of_role = (ROLES, set::CONTACT_ROLE);
            ids.extend(self.known.option(tx, of_role, Some(label)).await?);
        }
        Ok(Some(ids))
    }
}

fn in_columns(error: Error, record: &Record) -> Error {
    let error = of_attributes(error, &record.attributes);
    error.renamed("roleIds", ROLES.name).renamed("accountId", ACCOUNT.name)
}
