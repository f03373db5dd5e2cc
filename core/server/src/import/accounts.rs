//! Accounts: with segment, package, CSM, parent, place in a journey, and what is paid.

pub mod fields;
mod journeys;
pub mod record;

use chrono::NaiveDate;
use jornada_domain::accounts::account::{self, AccountPatch, AccountStatus, NewAccount};
use jornada_domain::accounts::assignment::{self, NewAssignment};
use jornada_domain::accounts::external_ref::RefKind;
use jornada_domain::error::{Code, Error, Problem, all_well};
use jornada_domain::id::{AccountId, OptionId, SubscriptionId, UserId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::start::{JourneyStart, open_account, start_journey};
use jornada_domain::journeys::{journey, people, signals, status};
use jornada_domain::options::{option, set};
use jornada_domain::revenue::subscription::{
    self, BillingInterval, NewSubscription, SubscriptionPatch, Why,
};
use jornada_domain::subject::SubjectKind;
use jornada_domain::{Cx, Result, Tx};

use self::journeys::{Templates, of_journey};
use self::record::{Record, SubscriptionRecord};
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::{ATTRIBUTE, Known, of_attributes};
use super::subscriptions::says_nothing_new;

/// Accounts as another system describes them.
#[derive(Clone, Debug)]
pub struct Accounts {
    known: Known,
    journey_start: JourneyStart,
    csm_role_id: OptionId,
    templates: Templates,
}

impl Kind for Accounts {
    const NAME: &'static str = "accounts";
    const FIELDS: &'static [Field] = fields::ALL;
    const NEEDED: &'static [Field] = &[fields::EXTERNAL_ID, fields::NAME];
    const OPEN: Option<&'static str> = Some(ATTRIBUTE);
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        let known = Known::load(cx, system, currency, Some(SubjectKind::Account)).await?;
        let csm_role_id = known.options.id_of(set::ACCOUNT_ROLE, option::CSM);
        let csm_role_id = csm_role_id.ok_or_else(|| {
            let problem = Problem::new(fields::CSM_EMAIL.name, Code::UnknownOption);
            problem.with("set", set::ACCOUNT_ROLE)
        })?;
        let journey_start = JourneyStart::None;
        Ok(Self { known, journey_start, csm_role_id, templates: Templates::default() })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        Record::read(cells)
    }

    fn key(record: &Record) -> String {
        record.external_id.clone()
    }

    fn parent(record: &Record) -> Option<&str> {
        record.parent.as_deref()
    }

    fn without_parent(record: Record) -> Record {
        Record { parent: None, ..record }
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let id = self.known.find(tx, RefKind::Account, &record.external_id).await?;
        let mut checks = Checks::new();
        let (account, outcome) = match id {
            None => (checks.keep(self.create(tx, record).await)?, Outcome::Created),
            Some(id) => {
                let before = account::find(tx, id.into()).await?;
                match checks.keep(self.update(tx, &before, record).await)? {
                    Some((account, is_changed)) => (Some(account), Outcome::of_change(is_changed)),
                    None => (Some(before), Outcome::Unchanged),
                }
            }
        };
        let mut is_changed = false;
        if let Some(wanted) = &record.subscription {
            let put = match &account {
                Some(account) => self.put_subscription(tx, account, record, wanted).await,
                None => look_through(record, wanted, &self.known.currency).map(|()| false),
            };
            is_changed = checks.keep(put)?.unwrap_or_default();
        }
        checks.finish()?;
        Ok(match outcome {
            Outcome::Unchanged => Outcome::of_change(is_changed),
            outcome => outcome,
        })
    }
}

impl Accounts {
    /// The same, where a new account of which no journey is said gets this one.
    pub fn starting(self, journey_start: JourneyStart) -> Self {
        Self { journey_start, ..self }
    }

    async fn create(&mut self, tx: &Tx<'_>, record: &Record) -> Result<account::Model> {
        let mut checks = Checks::new();
        let [segment, package] = self.options_of(tx, &mut checks, record).await?;
        let csm_id = checks.keep(self.csm(tx, record).await)?.flatten();
        let parent_id = checks.keep(self.parent_of(tx, record).await)?.flatten();
        let start = checks.keep(self.start(tx, record).await)?.unwrap_or_default();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        // It was lost or paused some day, and would count as lost today.
        let needs_day =
            matches!(record.status, Some(AccountStatus::Churned | AccountStatus::Paused));
        checks.ensure(!needs_day || record.status_since.is_some(), || {
            Problem::new(fields::STATUS_SINCE.name, Code::Required)
        });
        let new = NewAccount {
            name: record.name.clone(),
            status: record.status,
            status_since: record.status_since,
            churn_reason: record.churn_reason.clone(),
            parent_id,
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
            attributes: attributes.unwrap_or_default(),
        };
        let opened = open_account(tx, new, csm_id, start).await;
        let opened = opened.map_err(of_journey).map_err(|error| self.in_columns(error, record));
        let (Some(account), true) = (checks.keep(opened)?, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let id = account.id.into();
        self.known.refer(tx, RefKind::Account, &record.external_id, id).await?;
        Ok(account)
    }

    /// The segment and the package of a record.
    async fn options_of(
        &mut self,
        tx: &Tx<'_>,
        checks: &mut Checks,
        record: &Record,
    ) -> Result<[Option<OptionId>; 2]> {
        let of_segment = (fields::SEGMENT, set::MARKET_SEGMENT);
        let segment = self.known.option(tx, of_segment, record.segment.as_deref()).await;
        let of_package = (fields::PACKAGE, set::PACKAGE);
        let package = self.known.option(tx, of_package, record.package.as_deref()).await;
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
        let parent_id = checks.keep(self.parent_of(tx, record).await)?.flatten();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        let patch = AccountPatch {
            expected_version: None,
            name: Some(record.name.clone()).filter(|name| !name.is_empty()),
            // Asking for the parent that it has would lock the workspace for nothing.
            parent_id: parent_id.filter(|id| Some(*id) != before.parent_id).map(Some),
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
            attributes: attributes.unwrap_or_default(),
        };
        let updated = account::update(tx, id, patch).await;
        let updated = updated.map_err(|error| self.in_columns(error, record));
        let mut after = checks.keep(updated)?;
        if let Some(status) = record.status.filter(|status| *status != before.status) {
            let change = (before.status, status);
            after = checks.keep(self.change_status(tx, id, change, record).await)?;
        } else if restates(before, record) {
            let reason = record.churn_reason.as_deref();
            let corrected = status::correct_status(tx, id, record.status_since, reason).await;
            after = checks.keep(corrected)?;
        }
        let has_new_csm = checks.keep(self.change_csm(tx, id, record).await)?;
        let has_journey = checks.keep(self.begin_journey(tx, id, record).await)?;
        let (Some(after), Some(has_new_csm), true) = (after, has_new_csm, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let is_changed =
            after.version != before.version || has_new_csm || has_journey == Some(true);
        Ok((after, is_changed))
    }

    /// The names that the file has for what the domain found wrong.
    fn in_columns(&self, error: Error, record: &Record) -> Error {
        of_attributes(error, &record.attributes).renamed("parentId", fields::PARENT.name)
    }

    async fn parent_of(&self, tx: &Tx<'_>, record: &Record) -> Result<Option<AccountId>> {
        match &record.parent {
            None => Ok(None),
            Some(id) => self.known.account(tx, fields::PARENT, id).await.map(Some),
        }
    }

    /// The journey of a new account.
    async fn start(&mut self, tx: &Tx<'_>, record: &Record) -> Result<JourneyStart> {
        match &record.journey {
            None => Ok(self.journey_start.clone()),
            Some(journey) => self.templates.start(tx, journey).await,
        }
    }

    /// Begins the journey of an account that never had one.
    async fn begin_journey(&mut self, tx: &Tx<'_>, id: AccountId, record: &Record) -> Result<bool> {
        let Some(wanted) = &record.journey else { return Ok(false) };
        let JourneyStart::At(at) = self.templates.start(tx, wanted).await? else {
            return Ok(false);
        };
        if !journey::primary_of(tx, &[id]).await?.is_empty() {
            return Ok(false);
        }
        start_journey(tx, id, at, true).await.map_err(of_journey)?;
        Ok(true)
    }

    async fn change_status(
        &self,
        tx: &Tx<'_>,
        id: AccountId,
        (from, to): (AccountStatus, AccountStatus),
        record: &Record,
    ) -> Result<account::Model> {
        let reason = record.churn_reason.clone();
        let reason = reason.unwrap_or_else(|| format!("import: {}", self.known.system));
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
            AccountStatus::Paused => {
                status::pause_account(tx, id, record.status_since, &reason).await
            }
            AccountStatus::Churned => {
                status::churn_account(tx, id, record.status_since, &reason).await
            }
            AccountStatus::Trial => {
                let problem = Problem::new(fields::STATUS.name, Code::BadStatusChange);
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
        self.known.user(tx, fields::CSM_EMAIL, record.csm_email.as_ref()).await
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
        let id = self.known.find(tx, kind, &record.external_id).await?;
        let Some(id) = id.map(SubscriptionId::from) else {
            let payer = Payer {
                account_id: account.id,
                package_id: account.package_id,
                customer_since: account.customer_since,
                churned_on: account.churned_on,
            };
            let new = new_subscription(&payer, record, wanted, &self.known.currency);
            let new = new.map_err(of_subscription)?;
            let row = signals::create_subscription(tx, new).await.map_err(of_subscription)?;
            self.known.refer(tx, kind, &record.external_id, row.id.into()).await?;
            return Ok(true);
        };
        let before = subscription::find(tx, id).await?;
        let patch = patch(wanted, account, &before).map_err(of_subscription)?;
        if says_nothing_new(&patch, &before) {
            return Ok(false);
        }
        let after = signals::update_subscription(tx, id, patch).await.map_err(of_subscription)?;
        Ok(after.version != before.version)
    }
}

/// Whether a record tells another day of the pause or loss that is known, or another reason.
fn restates(before: &account::Model, record: &Record) -> bool {
    let (since, reason) = match before.status {
        AccountStatus::Paused => (before.paused_on, None),
        AccountStatus::Churned => (before.churned_on, record.churn_reason.as_ref()),
        AccountStatus::Trial | AccountStatus::Active => return false,
    };
    let has_other_day = record.status_since.is_some_and(|day| Some(day) != since);
    let has_other_reason = reason.is_some() && reason != before.churn_reason.as_ref();
    record.status == Some(before.status) && (has_other_day || has_other_reason)
}

/// Two columns, and not one value with two fields, say what is paid.
fn of_subscription(error: Error) -> Error {
    error.renamed("amount.currency", "currency").under("subscription")
}

/// What a subscription takes from its account.
struct Payer {
    account_id: AccountId,
    package_id: Option<OptionId>,
    customer_since: Option<NaiveDate>,
    churned_on: Option<NaiveDate>,
}

fn new_subscription(
    payer: &Payer,
    record: &Record,
    wanted: &SubscriptionRecord,
    usual: &str,
) -> Result<NewSubscription> {
    let starts_on = wanted.starts_on.or(payer.customer_since);
    let needed = [("startsOn", starts_on.is_some()), ("amountMinor", wanted.amount.is_some())];
    let mut checks = Checks::new();
    for (field, is_there) in needed {
        checks.ensure(is_there, || Problem::new(field, Code::Required));
    }
    let amount_minor = checks.keep(amount_minor(wanted, usual))?.flatten();
    let (Some(amount_minor), true) = (amount_minor, checks.is_well()) else {
        return Err(Error::Problems(checks.into_problems()));
    };
    let said = wanted.amount.as_ref().and_then(|amount| amount.currency.clone());
    Ok(NewSubscription {
        account_id: payer.account_id,
        package_id: payer.package_id,
        name: wanted.name.as_ref().or(record.package.as_ref()).unwrap_or(&record.name).clone(),
        starts_on: starts_on.unwrap_or_default(),
        ends_on: wanted.ends_on,
        notice_on: wanted.notice_on,
        cancelled_on: payer.churned_on,
        amount_minor,
        currency: said.unwrap_or_else(|| usual.to_owned()),
        interval: wanted.interval.unwrap_or(BillingInterval::Month),
        lines: Vec::new(),
        attributes: Vec::new(),
        why: Why::default(),
    })
}

/// What is paid, in minor units of the currency that the record says, or else of the usual one.
fn amount_minor(wanted: &SubscriptionRecord, usual: &str) -> Result<Option<i64>> {
    let Some(amount) = &wanted.amount else { return Ok(None) };
    let minor = amount.minor(amount.currency.as_deref().unwrap_or(usual));
    let bad = || Problem::new("amountMinor", Code::BadFormat).with("form", "amount");
    Ok(Some(minor.ok_or_else(bad)?))
}

/// What is wrong with the subscription of a record whose account could not be made.
fn look_through(record: &Record, wanted: &SubscriptionRecord, usual: &str) -> Result<()> {
    let customer_since = record.customer_since;
    let account_id = AccountId(uuid::Uuid::nil());
    let payer = Payer { account_id, package_id: None, customer_since, churned_on: None };
    let new = new_subscription(&payer, record, wanted, usual).map_err(of_subscription)?;
    let mut problems = subscription::problems(&new);
    // A name that it takes from the account is told there.
    problems.retain(|problem| wanted.name.is_some() || problem.field != "name");
    all_well(problems).map_err(of_subscription)
}

/// A subscription that is there keeps its currency where the record says none.
fn patch(
    wanted: &SubscriptionRecord,
    account: &account::Model,
    before: &subscription::Model,
) -> Result<SubscriptionPatch> {
    let currency = wanted.amount.as_ref().and_then(|amount| amount.currency.clone());
    Ok(SubscriptionPatch {
        expected_version: None,
        package_id: Some(account.package_id),
        name: wanted.name.clone(),
        starts_on: wanted.starts_on,
        ends_on: wanted.ends_on.map(Some),
        notice_on: wanted.notice_on.map(Some),
        cancelled_on: account.churned_on.map(Some),
        amount_minor: amount_minor(wanted, &before.currency)?,
        currency,
        interval: wanted.interval,
        ..Default::default()
    })
}
