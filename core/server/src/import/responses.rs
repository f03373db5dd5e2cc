//! Survey responses: what customers answered elsewhere. They are facts and never change.

pub mod fields {
    //! What the columns of a file of survey responses can hold.

    use crate::import::field::fields;

    fields! {
        /// Needed. The id in the other system, which makes an import repeatable.
        EXTERNAL_ID "external_id" [
            "id", "codigo", "response_id", "id_externo", "id_da_resposta"
        ],
        /// Needed. The external id of the account.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// Needed. The key of a survey.
        SURVEY "survey" ["pesquisa", "survey_key"],
        /// Needed. The score, in the range of the survey's method.
        SCORE "score" ["nota", "nps", "resposta", "rating"],
        /// Needed. A date, perhaps with a time: when it was answered.
        RESPONDED "responded_at" ["date", "data", "respondido_em", "data_da_resposta", "when"],
        /// The external id of the contact who answered.
        CONTACT "contact_external_id" ["contact_id", "contato", "id_do_contato"],
        /// The e-mail address of the contact who answered, where no external id is said.
        CONTACT_EMAIL "contact_email" ["email_do_contato", "e_mail_do_contato", "email", "e_mail"],
        /// What the customer wrote.
        COMMENT "comment" ["comentario", "feedback", "texto"],
    }
}

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref::RefKind;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::feedback::{response, survey};
use jornada_domain::id::{Kind as Noun, SurveyId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::signals::{self, NewResponse};
use jornada_domain::{Cx, Result, Tx};

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::Known;

/// Survey responses as another system describes them.
#[derive(Clone, Debug)]
pub struct Responses {
    known: Known,
    surveys: HashMap<String, SurveyId>,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Record {
    external_id: String,
    account: String,
    survey: String,
    score: Option<i32>,
    responded_at: Option<DateTime<Utc>>,
    contact: Option<String>,
    contact_email: Option<String>,
    comment: Option<String>,
}

impl Kind for Responses {
    const NAME: &'static str = "responses";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[EXTERNAL_ID, ACCOUNT, SURVEY, SCORE, RESPONDED];
    const OPEN: Option<&'static str> = None;
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        let known = Known::load(cx, system, currency, None).await?;
        Ok(Self { known, surveys: HashMap::new() })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        let (score, responded_at) = (cells.whole(SCORE), cells.instant(RESPONDED));
        Record {
            external_id: cells.needed(EXTERNAL_ID),
            account: cells.needed(ACCOUNT),
            survey: cells.needed(SURVEY),
            score: cells.require(score, SCORE),
            responded_at: cells.require(responded_at, RESPONDED),
            contact: cells.text(CONTACT),
            contact_email: cells.text(CONTACT_EMAIL),
            comment: cells.text(COMMENT),
        }
    }

    fn key(record: &Record) -> String {
        record.external_id.clone()
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let survey_id = checks.keep(self.survey(tx, &record.survey).await)?;
        let account_id = checks.keep(self.known.account(tx, ACCOUNT, &record.account).await)?;
        let by_id = (CONTACT, record.contact.as_deref());
        let by_email = (CONTACT_EMAIL, record.contact_email.as_deref());
        let contact = self.known.contact(tx, account_id, by_id, by_email).await;
        let contact_id = checks.keep(contact)?.flatten();
        let (Some(survey_id), Some(account_id), true) = (survey_id, account_id, checks.is_well())
        else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let new = NewResponse {
            survey_id,
            account_id,
            contact_id,
            task_id: None,
            score: record.score.unwrap_or_default(),
            comment: record.comment.clone(),
            responded_at: record.responded_at,
        };
        let known = self.known.find(tx, RefKind::SurveyResponse, &record.external_id).await?;
        if let Some(id) = known {
            let row = response::find(tx, id.into()).await?;
            return require_same(&row, &new).map(|()| Outcome::Unchanged);
        }
        let row = signals::record_response(tx, new).await;
        let row = row.map_err(|error| error.renamed("contactId", CONTACT.name))?;
        self.known.refer(tx, RefKind::SurveyResponse, &record.external_id, row.id.into()).await?;
        Ok(Outcome::Created)
    }
}

impl Responses {
    async fn survey(&mut self, tx: &Tx<'_>, key: &str) -> Result<SurveyId> {
        if let Some(id) = self.surveys.get(key) {
            return Ok(*id);
        }
        let survey = survey::by_key(tx, key).await.map_err(|error| match error {
            Error::Problems(_) => Error::not_found(SURVEY.name, Noun::Survey),
            other => other,
        })?;
        self.surveys.insert(key.to_owned(), survey.id);
        Ok(survey.id)
    }
}

/// A response that says something else under the same id is another response.
fn require_same(row: &response::Model, new: &NewResponse) -> Result<()> {
    let mut checks = Checks::new();
    let is_same = |is_same: bool, field: Field, checks: &mut Checks| {
        checks.ensure(is_same, || {
            Problem::new(field.name, Code::Contradiction).with("with", EXTERNAL_ID.name)
        });
    };
    is_same(row.survey_id == new.survey_id, SURVEY, &mut checks);
    is_same(row.account_id == new.account_id, ACCOUNT, &mut checks);
    is_same(row.score == new.score, SCORE, &mut checks);
    is_same(Some(row.responded_at) == new.responded_at, RESPONDED, &mut checks);
    checks.finish()
}
