//! The accounts of the portfolio: each with its people, its subscription and its past, in one
//! transaction.

use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate};
use jornada_domain::Tx;
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::id::{AccountId, ContactId};
use jornada_domain::journeys::people;
use jornada_domain::journeys::start::{JourneyStart, StartAt, start_journey};
use jornada_domain::revenue::subscription::BillingInterval;

use super::ground::Ground;
use super::history::History;
use super::story::{AccountStory, Story};
use super::{Loader, PORTFOLIO_SYSTEM};
use crate::import::put::Source;
use crate::import::record::{Record, SubscriptionRecord};

/// Loads the accounts that are not there yet.
pub(super) async fn load(loader: &Loader<'_>, story: &Story, ground: &Ground) -> Result<()> {
    let cx = loader.app.read(&loader.actor);
    let today = cx.today().await?;
    let mut source = Source::new(&cx, PORTFOLIO_SYSTEM.to_owned(), JourneyStart::None).await?;
    for account in &story.accounts {
        let csm = Ground::id(&ground.users, &account.csm)?;
        let actor = loader.as_user(csm);
        let tx = loader.app.begin(&actor).await?;
        let kind = RefKind::Account;
        let id = &account.external_id;
        if external_ref::find_subject(&tx, PORTFOLIO_SYSTEM, kind, id).await?.is_some() {
            continue;
        }
        source.put(&tx, &record(account, today)).await?;
        let made = external_ref::find_subject(&tx, PORTFOLIO_SYSTEM, kind, id).await?;
        let made = AccountId::from(made.context("the account was just made")?);
        tell(&tx, ground, account, made, today).await.with_context(|| account.name.clone())?;
        loader.app.commit(tx).await?;
    }
    Ok(())
}

fn record(account: &AccountStory, today: NaiveDate) -> Record {
    let since = today - Days::new(account.customer_for_days);
    let subscription = account.subscription.as_ref().map(|story| SubscriptionRecord {
        name: None,
        starts_on: Some(since),
        ends_on: Some(term_end(since, story.months, today)),
        notice_on: None,
        amount_minor: Some(story.monthly_minor),
        currency: Some("BRL".to_owned()),
        interval: Some(BillingInterval::Month),
    });
    Record {
        external_id: account.external_id.clone(),
        name: account.name.clone(),
        status: account.status,
        tax_id: Some(account.tax_id.clone()),
        segment: Some(account.segment.clone()),
        package: Some(account.package.clone()),
        city: Some(account.city.clone()),
        region: Some(account.region.clone()),
        country: Some("BR".to_owned()),
        csm_email: Some(account.csm.clone()),
        customer_since: Some(since),
        subscription,
        ..Record::default()
    }
}

/// The last day of the current term of a subscription that is renewed.
fn term_end(since: NaiveDate, months: u32, today: NaiveDate) -> NaiveDate {
    let mut terms = (1..).map(|term| since + Months::new(months * term) - Days::new(1));
    terms.find(|end| *end >= today).unwrap_or(today)
}

async fn tell(
    tx: &Tx<'_>,
    ground: &Ground,
    account: &AccountStory,
    id: AccountId,
    today: NaiveDate,
) -> Result<()> {
    let contact = meet(tx, ground, account, id).await?;
    if let (Some(role_id), Some(email)) = (ground.onboarding_role, &account.onboarding) {
        let user_id = Ground::id(&ground.users, email)?;
        let new = NewAssignment { account_id: id, user_id, role_id, starts_on: None };
        people::assign_role(tx, new).await?;
    }
    if let Some(journey) = &account.journey {
        let at = StartAt {
            template_id: Ground::id(&ground.templates, &journey.template)?,
            stage_key: None,
            entered_on: Some(today - Days::new(journey.started_days_ago)),
        };
        start_journey(tx, id, at, true).await?;
    }
    let calendar = tx.calendar().await?;
    History { tx, ground, account, id, contact, today, calendar }.tell().await
}

/// The people of an account; the first one is the primary contact.
async fn meet(
    tx: &Tx<'_>,
    ground: &Ground,
    account: &AccountStory,
    account_id: AccountId,
) -> Result<Option<ContactId>> {
    let mut primary = None;
    for person in &account.contacts {
        let new = NewContact {
            account_id,
            name: person.name.clone(),
            email: Some(person.email.clone()),
            phone: None,
            title: Some(person.title.clone()),
            channel: None,
            time_zone: None,
            is_primary: primary.is_none(),
            has_opted_out: false,
            role_ids: vec![Ground::id(&ground.contact_roles, &person.role)?],
        };
        let contact = contact::create(tx, new).await?;
        primary.get_or_insert(contact.id);
    }
    Ok(primary)
}
