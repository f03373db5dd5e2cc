//! Interactions: the contacts with customers that another system remembers.

pub mod fields {
    //! What the columns of a file of interactions can hold.

    use crate::import::field::fields;

    fields! {
        /// Needed. The id in the other system, which makes an import repeatable.
        EXTERNAL_ID "external_id" [
            "id", "codigo", "interaction_id", "activity_id", "id_externo", "id_da_interacao"
        ],
        /// Needed for a new interaction. The external id of the account.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// The external id of the contact who had it.
        CONTACT "contact_external_id" ["contact_id", "contato", "id_do_contato"],
        /// The e-mail address of the contact who had it, where no external id is said.
        CONTACT_EMAIL "contact_email" ["email_do_contato", "e_mail_do_contato"],
        /// The e-mail address of the user who had it, and may have left.
        USER "user_email" [
            "user", "usuario", "owner", "owner_email", "responsavel", "csm_email", "autor", "author"
        ],
        /// A word for the channel; `other` for a new one unless said.
        CHANNEL "channel" ["canal", "type", "tipo"],
        /// What it was about. Needed for a new interaction.
        SUBJECT "subject" ["assunto", "title", "titulo"],
        /// What was said.
        NOTES "notes" ["notas", "anotacoes", "descricao", "description", "body", "texto"],
        /// A word for how the customer felt, or 1 to 5.
        SENTIMENT "sentiment" ["humor", "mood", "sentimento"],
        /// A date, perhaps with a time: when it happened. Needed for a new interaction.
        HAPPENED "happened_at" ["date", "data", "quando", "when", "data_hora", "created_at"],
    }
}

use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref::RefKind;
use jornada_domain::channel::Channel;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::InteractionId;
use jornada_domain::input::Checks;
use jornada_domain::interactions::{self, InteractionPatch, NewInteraction, Sentiment};
use jornada_domain::{Cx, Result, Tx};

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::Known;
use super::words::{CHANNELS, SENTIMENTS};

/// Interactions as another system describes them.
#[derive(Clone, Debug)]
pub struct Interactions {
    known: Known,
}

/// An interaction. What is `None` is not said, and stays as it is.
#[derive(Clone, Debug)]
pub struct Record {
    external_id: String,
    account: Option<String>,
    contact: Option<String>,
    contact_email: Option<String>,
    user: Option<String>,
    channel: Option<Channel>,
    subject: Option<String>,
    notes: Option<String>,
    sentiment: Option<Sentiment>,
    happened_at: Option<DateTime<Utc>>,
}

impl Kind for Interactions {
    const NAME: &'static str = "interactions";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[EXTERNAL_ID];
    const OPEN: Option<&'static str> = None;
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        Ok(Self { known: Known::load(cx, system, currency, None).await? })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        Record {
            external_id: cells.needed(EXTERNAL_ID),
            account: cells.text(ACCOUNT),
            contact: cells.text(CONTACT),
            contact_email: cells.text(CONTACT_EMAIL),
            user: cells.text(USER),
            channel: cells.word(CHANNEL, &CHANNELS),
            subject: cells.text(SUBJECT),
            notes: cells.text(NOTES),
            sentiment: cells.word(SENTIMENT, &SENTIMENTS),
            happened_at: cells.instant(HAPPENED),
        }
    }

    fn key(record: &Record) -> String {
        record.external_id.clone()
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let id = self.known.find(tx, RefKind::Interaction, &record.external_id).await?;
        match id {
            None => self.create(tx, record).await,
            Some(id) => self.update(tx, id.into(), record).await,
        }
    }
}

impl Interactions {
    async fn create(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let needed = [
            (ACCOUNT, record.account.is_some()),
            (SUBJECT, record.subject.is_some()),
            (HAPPENED, record.happened_at.is_some()),
        ];
        for (field, is_there) in needed {
            checks.ensure(is_there, || Problem::new(field.name, Code::Required));
        }
        let account = self.known.account_if_said(tx, ACCOUNT, record.account.as_ref()).await;
        let account_id = checks.keep(account)?.flatten();
        let by_id = (CONTACT, record.contact.as_deref());
        let by_email = (CONTACT_EMAIL, record.contact_email.as_deref());
        let contact = self.known.contact(tx, account_id, by_id, by_email).await;
        let contact_id = checks.keep(contact)?.flatten();
        let user = self.known.past_user(tx, USER, record.user.as_ref()).await;
        let user_id = checks.keep(user)?.flatten();
        let (Some(account_id), true) = (account_id, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let new = NewInteraction {
            account_id,
            task_id: None,
            user_id,
            contact_id,
            channel: record.channel.unwrap_or(Channel::Other),
            subject: record.subject.clone().unwrap_or_default(),
            notes: record.notes.clone(),
            sentiment: record.sentiment,
            happened_at: record.happened_at,
        };
        let row = interactions::create(tx, new).await;
        let row = row.map_err(|error| error.renamed("contactId", CONTACT.name))?;
        self.known.refer(tx, RefKind::Interaction, &record.external_id, row.id.into()).await?;
        Ok(Outcome::Created)
    }

    async fn update(&mut self, tx: &Tx<'_>, id: InteractionId, record: &Record) -> Result<Outcome> {
        let before = interactions::find(tx, id).await?;
        let mut checks = Checks::new();
        let said = (ACCOUNT, record.account.as_ref());
        let stays = self.known.require_account(tx, said, before.account_id, EXTERNAL_ID).await;
        checks.keep(stays)?;
        let by_id = (CONTACT, record.contact.as_deref());
        let by_email = (CONTACT_EMAIL, record.contact_email.as_deref());
        let contact = self.known.contact(tx, Some(before.account_id), by_id, by_email).await;
        let contact_id = checks.keep(contact)?.flatten();
        let user = self.known.past_user(tx, USER, record.user.as_ref()).await;
        let user_id = checks.keep(user)?.flatten();
        let patch = InteractionPatch {
            expected_version: None,
            user_id: user_id.map(Some),
            contact_id: contact_id.map(Some),
            channel: record.channel,
            subject: record.subject.clone(),
            notes: record.notes.clone().map(Some),
            sentiment: record.sentiment.map(Some),
            happened_at: record.happened_at,
        };
        let after = interactions::update(tx, id, patch).await;
        let after = checks.keep(after.map_err(|error| error.renamed("contactId", CONTACT.name)))?;
        checks.finish()?;
        Ok(Outcome::of_change(after.is_some_and(|after| after.version != before.version)))
    }
}
