//! The customers of a telephone company as accounts: what they rent as segment, package and
//! subscription, and four numbers about each as metrics.

use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate};
use csv::StringRecord;
use jornada_domain::Tx;
use jornada_domain::accounts::account::AccountStatus;
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::auth::Origin;
use jornada_domain::id::{AccountId, MetricId};
use jornada_domain::journeys::{people, signals};
use jornada_domain::metrics::point::{MAX_POINTS, NewPoint, Subject};
use jornada_domain::options::option;
use jornada_domain::revenue::subscription::BillingInterval;

use super::ground::Ground;
use super::story::Story;
use super::{Loader, TELCO_SYSTEM};
use crate::import::accounts::Accounts;
use crate::import::accounts::record::{Record, SubscriptionRecord};
use crate::import::kind::Kind as _;
use crate::import::values::amount_minor;

/// Customers of one transaction: as many as have room in one call for their points.
const BATCH: usize = MAX_POINTS / METRICS.len();

/// The metrics and the columns they are in; services are counted over several.
const METRICS: [&str; 4] = ["tenure", "services", "monthly-charges", "total-charges"];

/// The columns of services that a customer may rent; other words than these mean that he does.
const SERVICES: [&str; 8] = [
    "phone_service",
    "internet_service",
    "online_security",
    "online_backup",
    "device_protection",
    "tech_support",
    "streaming_tv",
    "streaming_movies",
];
const NOT_RENTED: [&str; 3] = ["0", "No", "No internet service"];

const CURRENCY: &str = "USD";

/// The longest ago that a lost customer left: the data say "within the last month".
const MOST_DAYS_LOST: u64 = 28;

/// Loads the customers of a file that are not there yet.
pub(super) async fn load(
    loader: &Loader<'_>,
    story: &Story,
    ground: &Ground,
    csv: &[u8],
    tell: &mut impl FnMut(&str),
) -> Result<()> {
    let actor = loader.actor.clone().by_way_of(Origin::Import);
    let cx = loader.app.read(&actor);
    let today = cx.today().await?;
    let (system, currency) = (TELCO_SYSTEM.to_owned(), CURRENCY.to_owned());
    let mut source = Accounts::load(&cx, system, currency).await?;
    let metrics = METRICS.map(|key| Ground::id(&ground.metrics, key));
    let [a, b, c, d] = metrics;
    let metrics = [a?, b?, c?, d?];
    let csms: Vec<&String> =
        story.teams.iter().filter(|team| team.has_telco).flat_map(|team| &team.members).collect();
    let customers = read(csv, &csms, today)?;
    for (index, batch) in customers.chunks(BATCH).enumerate() {
        tell(&format!("customers {} of {}", index * BATCH + batch.len(), customers.len()));
        let tx = loader.app.begin(&actor).await?;
        put(&tx, &mut source, batch, ground, metrics, today).await?;
        loader.app.commit(tx).await?;
    }
    Ok(())
}

async fn put(
    tx: &Tx<'_>,
    source: &mut Accounts,
    batch: &[Customer],
    ground: &Ground,
    metrics: [MetricId; METRICS.len()],
    today: NaiveDate,
) -> Result<()> {
    let mut points = Vec::with_capacity(MAX_POINTS);
    for Customer { record, csm, values } in batch {
        let kind = RefKind::Account;
        let id = &record.external_id;
        if external_ref::find_subject(tx, TELCO_SYSTEM, kind, id).await?.is_some() {
            continue;
        }
        source.put(tx, record).await?;
        let account = external_ref::find_subject(tx, TELCO_SYSTEM, kind, id).await?;
        let account = AccountId::from(account.context("the account was just made")?);
        if let Some(csm) = csm {
            let new = NewAssignment {
                account_id: account,
                user_id: Ground::id(&ground.users, csm)?,
                role_id: Ground::id(&ground.account_roles, option::CSM)?,
                starts_on: record.customer_since,
            };
            people::assign_role(tx, new).await?;
        }
        points.extend(metrics.into_iter().zip(values).filter_map(|(metric_id, value)| {
            let subject = Subject::Account(account);
            let value = (*value)?;
            Some(NewPoint { metric_id, subject, period: today, value, recorded_at: None })
        }));
    }
    signals::record_points(tx, points).await?;
    Ok(())
}

/// A customer, the e-mail address of its CSM, and the values of [`METRICS`] that are known.
struct Customer {
    record: Record,
    csm: Option<String>,
    values: [Option<f64>; METRICS.len()],
}

fn read(csv: &[u8], csms: &[&String], today: NaiveDate) -> Result<Vec<Customer>> {
    let mut reader = csv::Reader::from_reader(csv);
    let headers = reader.headers()?.clone();
    let rows = reader.records().enumerate().map(|(index, row)| {
        let row = Row { headers: &headers, cells: row? };
        let csm = csms.get(index % csms.len().max(1)).map(|email| (*email).clone());
        row.customer(index, csm, today).with_context(|| format!("row {}", index + 1))
    });
    rows.collect()
}

struct Row<'r> {
    headers: &'r StringRecord,
    cells: StringRecord,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> Result<&str> {
        let place = self.headers.iter().position(|header| header == column);
        place.and_then(|place| self.cells.get(place)).with_context(|| format!("no {column}"))
    }

    /// A number; who is a customer since today has paid nothing yet, which is written `NA`.
    fn number(&self, column: &str) -> Result<Option<f64>> {
        match self.cell(column)? {
            "NA" => Ok(None),
            number => Ok(Some(number.parse()?)),
        }
    }

    fn customer(&self, index: usize, csm: Option<String>, today: NaiveDate) -> Result<Customer> {
        let id = self.cell("customer_id")?;
        let is_lost = self.cell("churn")? == "Yes";
        let left = today - Days::new(1 + index as u64 % MOST_DAYS_LOST);
        let until = if is_lost { left } else { today };
        let tenure: u32 = self.cell("tenure")?.parse()?;
        let since = until - Months::new(tenure);
        let contract = self.cell("contract")?;
        let amount = self.cell("monthly_charges")?;
        let is_rented =
            |column: &&str| self.cell(column).is_ok_and(|cell| !NOT_RENTED.contains(&cell));
        let services = SERVICES.iter().filter(|column| is_rented(column)).count();
        let record = Record {
            external_id: id.to_owned(),
            name: format!("Telco customer {id}"),
            status: Some(if is_lost { AccountStatus::Churned } else { AccountStatus::Active }),
            status_since: is_lost.then_some(left),
            segment: Some(self.segment()?),
            package: Some(contract.to_owned()),
            customer_since: Some(since),
            subscription: Some(SubscriptionRecord {
                name: Some(contract.to_owned()),
                starts_on: Some(since),
                ends_on: end_of(contract, since, today),
                notice_on: None,
                amount_minor: Some(amount_minor(amount, CURRENCY).context("monthly_charges")?),
                currency: Some(CURRENCY.to_owned()),
                interval: Some(BillingInterval::Month),
            }),
            ..Record::default()
        };
        let charges = [self.number("monthly_charges")?, self.number("total_charges")?];
        let values = [Some(tenure.into()), Some(services as f64), charges[0], charges[1]];
        Ok(Customer { record, csm, values })
    }

    fn segment(&self) -> Result<String> {
        let internet = match self.cell("internet_service")? {
            "No" => "Phone only",
            internet => internet,
        };
        let is_senior = self.cell("senior_citizen")? == "1";
        Ok(format!("{internet}{}", if is_senior { ", senior" } else { "" }))
    }
}

/// The last day of a contract that is renewed for one or two years at a time.
fn end_of(contract: &str, since: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let years = match contract {
        "One year" => 1,
        "Two year" => 2,
        _ => return None,
    };
    let mut terms = (1..).map(|term| since + Months::new(12 * years * term) - Days::new(1));
    terms.find(|end| *end >= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_a_customer() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 21).unwrap();
        let csm = "ana@jornada.example".to_owned();
        let customers = read(super::super::TELCO_CSV, &[&csm], today).unwrap();
        assert_eq!(customers.len(), 3521);
        let lost = |c: &&Customer| c.record.status == Some(AccountStatus::Churned);
        assert_eq!(customers.iter().filter(lost).count(), 923);
        let first = &customers[0];
        assert_eq!(first.values, [2.0, 4.0, 53.85, 108.15].map(Some));
        let unknown = customers.iter().filter(|customer| customer.values[3].is_none());
        assert_eq!(unknown.count(), 7);
        let paid = first.record.subscription.as_ref().unwrap();
        assert_eq!((paid.amount_minor, paid.ends_on), (Some(5385), None));
    }

    #[test]
    fn a_contract_ends_a_whole_number_of_terms_after_it_began() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-01-21");
        assert_eq!(end_of("One year", day("2023-06-01"), today), Some(day("2026-05-31")));
        assert_eq!(end_of("Two year", day("2023-06-01"), today), Some(day("2027-05-31")));
        assert_eq!(end_of("Two year", day("2024-01-22"), today), Some(today));
        assert_eq!(end_of("Month-to-month", day("2023-06-01"), today), None);
    }
}
