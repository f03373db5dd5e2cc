//! Assignments: who looks after which account, as what and since when.

pub mod fields {
    //! What the columns of a file of assignments can hold.

    use crate::import::field::fields;

    fields! {
        /// Needed. The external id of the account.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// Needed. The e-mail address of a user, who may have left where a last day is said.
        USER "user_email" [
            "user", "usuario", "owner", "owner_email", "responsavel", "csm", "csm_email", "gestor",
            "gestor_de_contas", "email_do_gestor", "email_do_responsavel", "email", "e_mail"
        ],
        /// The key or label of an account role; the CSM unless said.
        ROLE "role" ["papel", "funcao", "account_role"],
        /// A date: the first day; today unless said.
        STARTS "starts_on" ["since", "desde", "inicio", "start_date", "data_de_inicio"],
        /// A date in the past: the last day of somebody who no longer looks after the account.
        ENDS "ends_on" ["until", "ate", "fim", "end_date", "data_de_fim"],
    }
}

use chrono::NaiveDate;
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::input::Checks;
use jornada_domain::journeys::people;
use jornada_domain::options::{option, set};
use jornada_domain::{Cx, Result, Tx};

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::Known;

/// Assignments as another system describes them.
#[derive(Clone, Debug)]
pub struct Assignments {
    known: Known,
}

/// An assignment.
#[derive(Clone, Debug)]
pub struct Record {
    account: String,
    user: Option<String>,
    role: Option<String>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
}

impl Kind for Assignments {
    const NAME: &'static str = "assignments";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[ACCOUNT, USER];
    const OPEN: Option<&'static str> = None;
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        Ok(Self { known: Known::load(cx, system, currency, None).await? })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        let user = cells.text(USER);
        let ends_on = cells.date(ENDS);
        let starts_on = cells.date(STARTS);
        if ends_on.is_some() {
            cells.require(starts_on, STARTS);
        }
        Record {
            account: cells.needed(ACCOUNT),
            user: cells.require(user, USER),
            role: cells.text(ROLE),
            starts_on,
            ends_on,
        }
    }

    fn key(record: &Record) -> String {
        let Record { account, role, starts_on, user, .. } = record;
        let role = role.as_deref().unwrap_or(option::CSM).to_lowercase();
        // Who holds a role now is named once; who held it, once per first day.
        let past = record.ends_on.map(|_| (starts_on, user));
        format!("{account}\n{role}\n{past:?}")
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let account_id = checks.keep(self.known.account(tx, ACCOUNT, &record.account).await)?;
        let user = match record.ends_on {
            None => self.known.user(tx, USER, record.user.as_ref()).await,
            Some(_) => self.known.past_user(tx, USER, record.user.as_ref()).await,
        };
        let user_id = checks.keep(user)?.flatten();
        let role = record.role.as_deref().unwrap_or(option::CSM);
        let role_id = self.known.options.id_of(set::ACCOUNT_ROLE, role);
        checks.ensure(role_id.is_some(), || {
            Problem::new(ROLE.name, Code::UnknownOption).with("set", set::ACCOUNT_ROLE)
        });
        let (Some(account_id), Some(user_id), Some(role_id), true) =
            (account_id, user_id, role_id, checks.is_well())
        else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let new = NewAssignment { account_id, user_id, role_id, starts_on: record.starts_on };
        let put = match record.ends_on {
            None => people::assign_role(tx, new).await,
            Some(day) => people::record_past_role(tx, new, day).await,
        };
        let row =
            put.map_err(|error| error.renamed("roleId", ROLE.name).renamed("userId", USER.name))?;
        // Each batch has an instant of its own.
        Ok(match row.created_at == tx.now {
            true => Outcome::Created,
            false => Outcome::of_change(row.updated_at == tx.now),
        })
    }
}
