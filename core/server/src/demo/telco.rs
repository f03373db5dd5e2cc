//! The customers of a telephone company as accounts: what they rent as segment, package and
//! subscription, and four numbers about each as metrics.

use anyhow::{Context, Result};
use chrono::{Days, Months, NaiveDate};
use csv::StringRecord;
use jornada_domain::Tx;
use jornada_domain::accounts::account::{self, AccountStatus};
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::accounts::external_ref::{self, RefKind};
use jornada_domain::attributes::definition::AttributeType;
use jornada_domain::auth::Origin;
use jornada_domain::id::{AccountId, MetricId};
use jornada_domain::journeys::{people, signals, status};
use jornada_domain::metrics::point::{MAX_POINTS, NewPoint, Subject};
use jornada_domain::options::option;
use jornada_domain::revenue::subscription::BillingInterval;

use super::ground::Ground;
use super::story::Story;
use super::{Loader, TELCO_SYSTEM};
use crate::import::accounts::Accounts;
use crate::import::accounts::record::{Record, SubscriptionRecord};
use crate::import::kind::Kind as _;
use crate::import::values;

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
pub(super) const MOST_DAYS_LOST: u64 = 28;

/// What else the file knows of customers, as the churn model asks for it: the column, the key of
/// the attribute and of the input, and the type of its values.
pub(super) const ATTRIBUTES: [(&str, &str, AttributeType); 9] = [
    ("monthly_charges", "monthly_charges", AttributeType::Number),
    ("contract", "contract", AttributeType::Text),
    ("internet_service", "internet", AttributeType::Text),
    ("payment_method", "payment", AttributeType::Text),
    ("online_security", "online_security", AttributeType::Boolean),
    ("tech_support", "tech_support", AttributeType::Boolean),
    ("paperless_billing", "paperless", AttributeType::Boolean),
    ("senior_citizen", "senior", AttributeType::Boolean),
    ("dependents", "dependents", AttributeType::Boolean),
];

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
    let customers = read(csv, &csms(story), today)?;
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
    for Customer { record, left_on: _, csm, values } in batch {
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

/// Lets those customers go who left, each on its day, where that is not done yet. Until then they
/// are customers like all others, so that scores of that time can be held against what became of
/// them.
pub(super) async fn lose(
    loader: &Loader<'_>,
    story: &Story,
    csv: &[u8],
    tell: &mut impl FnMut(&str),
) -> Result<()> {
    let actor = loader.actor.clone().by_way_of(Origin::Backfill);
    let today = loader.app.read(&actor).today().await?;
    let lost: Vec<_> = read(csv, &csms(story), today)?
        .into_iter()
        .filter_map(|customer| Some((customer.record.external_id, customer.left_on?)))
        .collect();
    for (index, batch) in lost.chunks(BATCH).enumerate() {
        tell(&format!("customers who left {} of {}", index * BATCH + batch.len(), lost.len()));
        let tx = loader.app.begin(&actor).await?;
        for (id, left_on) in batch {
            let found = external_ref::find_subject(&tx, TELCO_SYSTEM, RefKind::Account, id).await?;
            let id = AccountId::from(found.context("the account was just made")?);
            if account::find(&tx, id).await?.status != AccountStatus::Churned {
                status::churn_account(&tx, id, Some(*left_on), REASON).await?;
            }
        }
        loader.app.commit(tx).await?;
    }
    Ok(())
}

/// Why customers left; the file does not say.
const REASON: &str = "Left for another company";

/// The e-mail addresses of those who look after these customers.
fn csms(story: &Story) -> Vec<&String> {
    let teams = story.teams.iter().filter(|team| team.has_telco);
    teams.flat_map(|team| &team.members).collect()
}

/// A customer, when it left, the e-mail address of its CSM, and the values of [`METRICS`] that are
/// known.
struct Customer {
    record: Record,
    left_on: Option<NaiveDate>,
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
        let amount = values::amount(self.cell("monthly_charges")?, Some(CURRENCY));
        let is_rented =
            |column: &&str| self.cell(column).is_ok_and(|cell| !NOT_RENTED.contains(&cell));
        let services = SERVICES.iter().filter(|column| is_rented(column)).count();
        let record = Record {
            external_id: id.to_owned(),
            name: format!("Telco customer {id}"),
            status: Some(AccountStatus::Active),
            attributes: self.attributes()?,
            segment: Some(self.segment()?),
            package: Some(contract.to_owned()),
            customer_since: Some(since),
            subscription: Some(SubscriptionRecord {
                name: Some(contract.to_owned()),
                starts_on: Some(since),
                ends_on: end_of(contract, since, today),
                notice_on: None,
                amount: Some(amount.ok().context("monthly_charges")?),
                interval: Some(BillingInterval::Month),
            }),
            ..Record::default()
        };
        let charges = [self.number("monthly_charges")?, self.number("total_charges")?];
        let values = [Some(tenure.into()), Some(services as f64), charges[0], charges[1]];
        Ok(Customer { record, left_on: is_lost.then_some(left), csm, values })
    }

    fn attributes(&self) -> Result<Vec<(String, String)>> {
        let attribute = |(column, key, value_type): &(&str, &str, AttributeType)| {
            let cell = match (self.cell(column)?, value_type) {
                // Who rents no internet service cannot rent what goes with it.
                ("No internet service" | "0", AttributeType::Boolean) => "no",
                ("1", AttributeType::Boolean) => "yes",
                (cell, _) => cell,
            };
            Ok(((*key).to_owned(), cell.to_owned()))
        };
        ATTRIBUTES.iter().map(attribute).collect()
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
        assert_eq!(customers.iter().filter(|one| one.left_on.is_some()).count(), 923);
        let first = &customers[0];
        assert_eq!(first.values, [2.0, 4.0, 53.85, 108.15].map(Some));
        let unknown = customers.iter().filter(|customer| customer.values[3].is_none());
        assert_eq!(unknown.count(), 7);
        let paid = first.record.subscription.as_ref().unwrap();
        let minor = paid.amount.as_ref().and_then(|amount| amount.minor(CURRENCY));
        assert_eq!((minor, paid.ends_on), (Some(5385), None));
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
