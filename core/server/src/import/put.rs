//! How a record becomes an account, through the same verbs as everything else.

use std::collections::HashMap;

use chrono::NaiveDate;
use jornada_domain::accounts::account::{self, AccountPatch, AccountStatus, NewAccount};
use jornada_domain::accounts::assignment::{self, NewAssignment};
use jornada_domain::accounts::external_ref::{self, NewExternalRef, RefKind};
use jornada_domain::auth::user;
use jornada_domain::error::{Code, Problem, all_well};
use jornada_domain::id::{AccountId, OptionId, SubscriptionId, UserId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::start::{JourneyStart, open_account};
use jornada_domain::journeys::{people, signals, status};
use jornada_domain::options::{option, set};
use jornada_domain::revenue::subscription::{
    self, BillingInterval, NewSubscription, SubscriptionPatch, Why,
};
use jornada_domain::{Cx, Error, Result, Tx};

use super::columns::Field;
use super::options::Options;
use super::record::{Record, SubscriptionRecord};

/// What a record did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a new account.
    Created,
    /// Something about the account is different now.
    Updated,
    /// The account was already so.
    Unchanged,
}

/// Where records come from, and what was found out about the workspace on the way.
#[derive(Clone, Debug)]
pub struct Source {
    system: String,
    journey_start: JourneyStart,
    csm_role_id: OptionId,
    options: Options,
    users: HashMap<String, UserId>,
}

impl Source {
    /// The records of a system, with its key; a new account gets the journey of `journey_start`.
    pub async fn new(cx: &Cx<'_>, system: String, journey_start: JourneyStart) -> Result<Self> {
        let options = Options::load(cx).await?;
        let csm_role_id = options.id_of(set::ACCOUNT_ROLE, option::CSM);
        let csm_role_id = csm_role_id.ok_or_else(|| {
            let problem = Problem::new(Field::CsmEmail.name(), Code::UnknownOption);
            problem.with("set", set::ACCOUNT_ROLE)
        })?;
        Ok(Self { system, journey_start, csm_role_id, options, users: HashMap::new() })
    }

    /// Creates the account of a record, or brings it up to date. Nothing is written when a record
    /// says what is already so.
    pub async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let id =
            external_ref::find_subject(tx, &self.system, RefKind::Account, &record.external_id);
        let mut checks = Checks::new();
        let (account, outcome) = match id.await? {
            None => (checks.keep(self.create(tx, record).await)?, Outcome::Created),
            Some(id) => {
                let before = account::find(tx, id.into()).await?;
                match checks.keep(self.update(tx, &before, record).await)? {
                    Some((account, true)) => (Some(account), Outcome::Updated),
                    Some((account, false)) => (Some(account), Outcome::Unchanged),
                    None => (Some(before), Outcome::Unchanged),
                }
            }
        };
        let mut is_changed = false;
        if let Some(wanted) = &record.subscription {
            let put = match &account {
                Some(account) => self.put_subscription(tx, account, record, wanted).await,
                None => look_through(record, wanted).map(|()| false),
            };
            is_changed = checks.keep(put)?.unwrap_or_default();
        }
        checks.finish()?;
        Ok(match outcome {
            Outcome::Unchanged if is_changed => Outcome::Updated,
            outcome => outcome,
        })
    }

    async fn create(&mut self, tx: &Tx<'_>, record: &Record) -> Result<account::Model> {
        let mut checks = Checks::new();
        let [segment, package] = self.options_of(tx, &mut checks, record).await?;
        let csm_id = checks.keep(self.csm(tx, record).await)?.flatten();
        let new = NewAccount {
            name: record.name.clone(),
            status: record.status,
            status_since: record.status_since,
            churn_reason: record.churn_reason.clone(),
            parent_id: None,
            tax_id: record.tax_id.clone(),
            market_segment_id: segment,
            package_id: package,
            city: record.city.clone(),
            region: record.region.clone(),
            country: record.country.clone(),
            time_zone: record.time_zone.clone(),
            contact_hours: record.contact_hours.clone(),
            preferred_channel: record.preferred_channel,
            customer_since: record.customer_since,
            attributes: Vec::new(),
        };
        let opened = open_account(tx, new, csm_id, self.journey_start.clone()).await;
        let (Some(account), true) = (checks.keep(opened)?, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        self.refer(tx, RefKind::Account, record, account.id.into()).await?;
        Ok(account)
    }

    /// The segment and the package of a record.
    async fn options_of(
        &mut self,
        tx: &Tx<'_>,
        checks: &mut Checks,
        record: &Record,
    ) -> Result<[Option<OptionId>; 2]> {
        let segment = self.option(tx, Field::Segment, record.segment.as_deref()).await;
        let package = self.option(tx, Field::Package, record.package.as_deref()).await;
        Ok([checks.keep(segment)?.flatten(), checks.keep(package)?.flatten()])
    }

    async fn update(
        &mut self,
        tx: &Tx<'_>,
        before: &account::Model,
        record: &Record,
    ) -> Result<(account::Model, bool)> {
        let id = before.id;
        let mut checks = Checks::new();
        let [segment, package] = self.options_of(tx, &mut checks, record).await?;
        let patch = AccountPatch {
            expected_version: None,
            name: Some(record.name.clone()),
            parent_id: None,
            tax_id: record.tax_id.clone().map(Some),
            market_segment_id: segment.map(Some),
            package_id: package.map(Some),
            city: record.city.clone().map(Some),
            region: record.region.clone().map(Some),
            country: record.country.clone().map(Some),
            time_zone: record.time_zone.clone().map(Some),
            contact_hours: record.contact_hours.clone().map(Some),
            preferred_channel: record.preferred_channel.map(Some),
            customer_since: record.customer_since.map(Some),
            attributes: Vec::new(),
        };
        let mut after = checks.keep(account::update(tx, id, patch).await)?;
        if let Some(status) = record.status.filter(|status| *status != before.status) {
            let change = (before.status, status);
            after = checks.keep(self.change_status(tx, id, change, record).await)?;
        }
        let has_new_csm = checks.keep(self.change_csm(tx, id, record).await)?;
        let (Some(after), Some(has_new_csm), true) = (after, has_new_csm, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let is_changed = after.version != before.version || has_new_csm;
        Ok((after, is_changed))
    }

    async fn change_status(
        &self,
        tx: &Tx<'_>,
        id: AccountId,
        (from, to): (AccountStatus, AccountStatus),
        record: &Record,
    ) -> Result<account::Model> {
        let reason = record.churn_reason.clone();
        let reason = reason.unwrap_or_else(|| format!("import: {}", self.system));
        match to {
            AccountStatus::Active => {
                if from != AccountStatus::Trial {
                    let row = status::resume_account(tx, id).await?;
                    if row.status == AccountStatus::Active {
                        return Ok(row);
                    }
                }
                status::activate_account(tx, id).await
            }
            AccountStatus::Paused => status::pause_account(tx, id, &reason).await,
            AccountStatus::Churned => {
                status::churn_account(tx, id, record.status_since, &reason).await
            }
            AccountStatus::Trial => {
                let problem = Problem::new(Field::Status.name(), Code::BadStatusChange);
                Err(problem.with("status", "TRIAL").into())
            }
        }
    }

    async fn change_csm(&mut self, tx: &Tx<'_>, id: AccountId, record: &Record) -> Result<bool> {
        let Some(user_id) = self.csm(tx, record).await? else { return Ok(false) };
        let held = assignment::current_in_role(tx, option::CSM, &[id]).await?;
        if held.iter().any(|row| row.user_id == user_id) {
            return Ok(false);
        }
        let role_id = self.csm_role_id;
        let new = NewAssignment { account_id: id, user_id, role_id, starts_on: None };
        people::assign_role(tx, new).await?;
        Ok(true)
    }

    async fn csm(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Option<UserId>> {
        let Some(email) = &record.csm_email else { return Ok(None) };
        if let Some(id) = self.users.get(email) {
            return Ok(Some(*id));
        }
        let user = user::by_email(tx, email).await.map_err(|error| match error {
            Error::Problems(_) => {
                Problem::new(Field::CsmEmail.name(), Code::BadFormat).with("form", "user").into()
            }
            other => other,
        })?;
        if !user.is_active() {
            return Err(Problem::new(Field::CsmEmail.name(), Code::UserInactive).into());
        }
        self.users.insert(email.clone(), user.id);
        Ok(Some(user.id))
    }

    async fn option(
        &mut self,
        tx: &Tx<'_>,
        field: Field,
        label: Option<&str>,
    ) -> Result<Option<OptionId>> {
        let Some(label) = label else { return Ok(None) };
        let set = if field == Field::Segment { set::MARKET_SEGMENT } else { set::PACKAGE };
        let id = self.options.find_or_create(tx, set, label).await;
        id.map(Some).map_err(|error| error.under(field.name()))
    }

    /// Creates or changes the subscription of an account; says whether anything is different.
    async fn put_subscription(
        &self,
        tx: &Tx<'_>,
        account: &account::Model,
        record: &Record,
        wanted: &SubscriptionRecord,
    ) -> Result<bool> {
        let kind = RefKind::Subscription;
        let id = external_ref::find_subject(tx, &self.system, kind, &record.external_id).await?;
        let Some(id) = id.map(SubscriptionId::from) else {
            let known = Known {
                account_id: account.id,
                package_id: account.package_id,
                customer_since: account.customer_since,
                churned_on: account.churned_on,
            };
            let new = new_subscription(&known, record, wanted).map_err(of_subscription)?;
            let row = signals::create_subscription(tx, new).await.map_err(of_subscription)?;
            self.refer(tx, kind, record, row.id.into()).await?;
            return Ok(true);
        };
        let before = subscription::find(tx, id).await?;
        let patch = patch(wanted, account);
        if says_nothing_new(&patch, &before) {
            return Ok(false);
        }
        let after = signals::update_subscription(tx, id, patch).await.map_err(of_subscription)?;
        Ok(after.version != before.version)
    }

    async fn refer(
        &self,
        tx: &Tx<'_>,
        kind: RefKind,
        record: &Record,
        subject_id: uuid::Uuid,
    ) -> Result<()> {
        let (system, external_id) = (self.system.clone(), record.external_id.clone());
        external_ref::put(tx, NewExternalRef { system, kind, external_id, subject_id }).await?;
        Ok(())
    }
}

/// Two columns, and not one value with two fields, say what is paid.
fn of_subscription(error: Error) -> Error {
    error.renamed("amount.currency", "currency").under("subscription")
}

/// What a subscription takes from its account.
struct Known {
    account_id: AccountId,
    package_id: Option<OptionId>,
    customer_since: Option<NaiveDate>,
    churned_on: Option<NaiveDate>,
}

fn new_subscription(
    known: &Known,
    record: &Record,
    wanted: &SubscriptionRecord,
) -> Result<NewSubscription> {
    let starts_on = wanted.starts_on.or(known.customer_since);
    let needed =
        [("startsOn", starts_on.is_some()), ("amountMinor", wanted.amount_minor.is_some())];
    let mut checks = Checks::new();
    for (field, is_there) in needed {
        checks.ensure(is_there, || Problem::new(field, Code::Required));
    }
    checks.finish()?;
    Ok(NewSubscription {
        account_id: known.account_id,
        package_id: known.package_id,
        name: wanted.name.as_ref().or(record.package.as_ref()).unwrap_or(&record.name).clone(),
        starts_on: starts_on.unwrap_or_default(),
        ends_on: wanted.ends_on,
        notice_on: wanted.notice_on,
        cancelled_on: known.churned_on,
        amount_minor: wanted.amount_minor.unwrap_or_default(),
        currency: wanted.currency.clone().unwrap_or_default(),
        interval: wanted.interval.unwrap_or(BillingInterval::Month),
        lines: Vec::new(),
        attributes: Vec::new(),
        why: Why::default(),
    })
}

/// What is wrong with the subscription of a record whose account could not be made.
fn look_through(record: &Record, wanted: &SubscriptionRecord) -> Result<()> {
    let customer_since = record.customer_since;
    let account_id = AccountId(uuid::Uuid::nil());
    let known = Known { account_id, package_id: None, customer_since, churned_on: None };
    let new = new_subscription(&known, record, wanted).map_err(of_subscription)?;
    let mut problems = subscription::problems(&new);
    // A name that it takes from the account is told there.
    problems.retain(|problem| wanted.name.is_some() || problem.field != "name");
    all_well(problems).map_err(of_subscription)
}

fn patch(wanted: &SubscriptionRecord, account: &account::Model) -> SubscriptionPatch {
    SubscriptionPatch {
        expected_version: None,
        package_id: Some(account.package_id),
        name: wanted.name.clone(),
        starts_on: wanted.starts_on,
        ends_on: wanted.ends_on.map(Some),
        notice_on: wanted.notice_on.map(Some),
        cancelled_on: account.churned_on.map(Some),
        amount_minor: wanted.amount_minor,
        currency: wanted.currency.clone(),
        interval: wanted.interval,
        ..Default::default()
    }
}

/// A subscription that is written anew makes journeys look again, so it is not for nothing.
fn says_nothing_new(patch: &SubscriptionPatch, row: &subscription::Model) -> bool {
    fn same<T: PartialEq>(wanted: &Option<T>, is: &T) -> bool {
        wanted.as_ref().is_none_or(|wanted| wanted == is)
    }
    same(&patch.package_id, &row.package_id)
        && same(&patch.name, &row.name)
        && same(&patch.starts_on, &row.starts_on)
        && same(&patch.ends_on, &row.ends_on)
        && same(&patch.notice_on, &row.notice_on)
        && same(&patch.cancelled_on, &row.cancelled_on)
        && same(&patch.amount_minor, &row.amount_minor)
        && same(&patch.currency, &row.currency)
        && same(&patch.interval, &row.interval)
}
