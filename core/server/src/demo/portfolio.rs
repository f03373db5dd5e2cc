//! The accounts of the portfolio: each with its people, its subscription and its past, in one
//! transaction.

use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate};
use jornada_domain::Tx;
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::auth::Origin;
use jornada_domain::id::{AccountId, ContactId, UserId};
use jornada_domain::journeys::people;
use jornada_domain::journeys::start::{Adoption, StartAt, start_journey};
use jornada_domain::journeys::work::{Completion, complete};
use jornada_domain::options::option;
use jornada_domain::page::{MAX_PAGE, PageArgs};
use jornada_domain::revenue::subscription::BillingInterval;
use jornada_domain::tasks::TaskStatus;
use jornada_domain::tasks::task::{self, TaskFilter, TaskOrder, TaskQuery};

use super::ground::Ground;
use super::history::History;
use super::plans::Plans;
use super::story::{AccountStory, Story};
use super::{Loader, PORTFOLIO_SYSTEM};
use crate::import::accounts::Accounts;
use crate::import::accounts::record::{Record, SubscriptionRecord};
use crate::import::kind::Kind as _;
use crate::import::values::Amount;

/// Loads the accounts that are not there yet.
pub(super) async fn load(loader: &Loader<'_>, story: &Story, ground: &Ground) -> Result<()> {
    let cx = loader.app.read(&loader.actor);
    let today = cx.today().await?;
    let (system, currency) = (PORTFOLIO_SYSTEM.to_owned(), "BRL".to_owned());
    let mut source = Accounts::load(&cx, system, currency).await?;
    for account in &story.accounts {
        let csm = Ground::id(&ground.users, &account.csm)?;
        let actor = loader.as_user(csm);
        let tx = loader.app.begin(&actor).await?;
        let kind = RefKind::Account;
        let id = &account.external_id;
        if external_ref::find_subject(&tx, PORTFOLIO_SYSTEM, kind, id).await?.is_none() {
            source.put(&tx, &record(account, today)).await?;
            let made = external_ref::find_subject(&tx, PORTFOLIO_SYSTEM, kind, id).await?;
            let made = AccountId::from(made.context("the account was just made")?);
            tell(&tx, ground, account, made, today).await.with_context(|| account.name.clone())?;
        }
        loader.app.commit(tx).await?;
        if account.journey.as_ref().is_some_and(|journey| journey.held_today) {
            hold(loader, account, csm).await.with_context(|| account.name.clone())?;
        }
    }
    Ok(())
}

/// Does the task after which the loop guard holds the journey, where that is not done yet: not as
/// a fact of the past, of which nobody is told, but as its CSM does it.
async fn hold(loader: &Loader<'_>, account: &AccountStory, csm: UserId) -> Result<()> {
    let actor = loader.as_user(csm).by_way_of(Origin::Api);
    let tx = loader.app.begin(&actor).await?;
    let kind = RefKind::Account;
    let id = external_ref::find_subject(&tx, PORTFOLIO_SYSTEM, kind, &account.external_id).await?;
    let id = AccountId::from(id.context("the account was just made")?);
    let filter = TaskFilter {
        account_ids: Some(vec![id]),
        statuses: Some(vec![TaskStatus::Open]),
        ..Default::default()
    };
    let query = TaskQuery { filter, order: TaskOrder::Position, is_descending: false };
    for task in task::list(&tx, &query, &PageArgs::first(MAX_PAGE)).await?.into_rows() {
        let done = Completion {
            task_id: task.id,
            expected_version: None,
            finished_at: None,
            interaction: None,
            value: account.journey.as_ref().and_then(|journey| journey.observed),
            answer: None,
            outcome: None,
        };
        complete(&tx, done).await?;
    }
    loader.app.commit(tx).await?;
    Ok(())
}

fn record(account: &AccountStory, today: NaiveDate) -> Record {
    let since = today - Days::new(account.customer_for_days);
    let subscription = account.subscription.as_ref().map(|story| SubscriptionRecord {
        name: None,
        starts_on: Some(since),
        ends_on: Some(term_end(since, story.months, today)),
        notice_on: None,
        amount: Some(Amount::of_minor(story.monthly_minor, "BRL")),
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
    let holders =
        [(option::CSM, Some(&account.csm)), (option::ONBOARDING, account.onboarding.as_ref())];
    for (role, email) in holders {
        let Some(email) = email else { continue };
        let new = NewAssignment {
            account_id: id,
            user_id: Ground::id(&ground.users, email)?,
            role_id: Ground::id(&ground.account_roles, role)?,
            starts_on: Some(today - Days::new(account.customer_for_days)),
        };
        people::assign_role(tx, new).await?;
    }
    let mut journeys = Vec::new();
    let beside = [&account.renewal, &account.growth].map(|journey| (journey, false));
    for (journey, is_primary) in [(&account.journey, true)].into_iter().chain(beside) {
        let Some(journey) = journey else { continue };
        let at = StartAt {
            template_id: Ground::id(&ground.templates, &journey.template)?,
            stage_key: None,
            entered_on: Some(today - Days::new(journey.started_days_ago)),
            adoption: Some(Adoption::ToBeTold),
        };
        journeys.push((start_journey(tx, id, at, is_primary).await?.id, journey));
    }
    let calendar = tx.calendar().await?;
    if account.end.is_none() {
        Plans { tx, ground, id, today, calendar }.tell(&account.plans).await?;
    }
    History { tx, ground, account, id, journeys, contact, today, calendar }.tell().await
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
            attributes: Vec::new(),
        };
        let contact = contact::create(tx, new).await?;
        primary.get_or_insert(contact.id);
    }
    Ok(primary)
}
