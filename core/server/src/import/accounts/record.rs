//! What a row says about an account, before anybody asked whether it can be so.

use chrono::NaiveDate;
use jornada_domain::accounts::account::AccountStatus;
use jornada_domain::channel::Channel;
use jornada_domain::error::{Code, Problem};
use jornada_domain::revenue::subscription::BillingInterval;

use super::fields::*;
use crate::import::cells::Cells;
use crate::import::values::{Amount, word};
use crate::import::words::{CHANNELS, COUNTRIES, INTERVALS, STATUSES};

/// An account as another system describes it. What is `None` is not said, and stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub external_id: String,
    pub name: String,
    pub status: Option<AccountStatus>,
    pub status_since: Option<NaiveDate>,
    pub churn_reason: Option<String>,
    pub tax_id: Option<String>,
    /// The label of an option.
    pub segment: Option<String>,
    /// The label of an option.
    pub package: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub country: Option<String>,
    pub time_zone: Option<String>,
    pub contact_hours: Option<String>,
    pub preferred_channel: Option<Channel>,
    /// The address of the user who becomes the CSM.
    pub csm_email: Option<String>,
    pub customer_since: Option<NaiveDate>,
    /// The external id of the account that this one is a part of.
    pub parent: Option<String>,
    pub journey: Option<JourneyRecord>,
    pub subscription: Option<SubscriptionRecord>,
    /// What columns say about attributes, by their keys.
    pub attributes: Vec<(String, String)>,
}

/// Where in a journey an account is.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyRecord {
    /// The key of a template.
    pub template: String,
    /// The key or the name of a stage.
    pub stage: Option<String>,
    pub entered_on: Option<NaiveDate>,
    /// The key or the title of a task, or that all are done.
    pub next_task: Option<String>,
}

/// The subscription of an account, of which the other system has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubscriptionRecord {
    pub name: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub notice_on: Option<NaiveDate>,
    pub amount: Option<Amount>,
    pub interval: Option<BillingInterval>,
}

impl Record {
    /// The record of a row, without what cannot be read, which the cells tell.
    pub fn read(cells: &mut Cells<'_>) -> Self {
        Self {
            external_id: cells.needed(EXTERNAL_ID),
            name: cells.text(NAME).unwrap_or_default(),
            status: cells.word(STATUS, &STATUSES),
            status_since: cells.date(STATUS_SINCE),
            churn_reason: cells.text(CHURN_REASON),
            tax_id: cells.text(TAX_ID),
            segment: cells.text(SEGMENT),
            package: cells.text(PACKAGE),
            city: cells.text(CITY),
            region: cells.text(REGION),
            country: cells.text(COUNTRY).map(|cell| country(&cell)),
            time_zone: cells.text(TIME_ZONE),
            contact_hours: cells.text(CONTACT_HOURS),
            preferred_channel: cells.word(CHANNEL, &CHANNELS),
            csm_email: cells.text(CSM_EMAIL),
            customer_since: cells.date(CUSTOMER_SINCE),
            parent: cells.text(PARENT),
            journey: journey(cells),
            subscription: subscription(cells),
            attributes: cells.open(),
        }
    }
}

fn country(cell: &str) -> String {
    word(cell, &COUNTRIES).map_or_else(|| cell.to_uppercase(), str::to_owned)
}

/// The other cells say something only beside the template.
fn journey(cells: &mut Cells<'_>) -> Option<JourneyRecord> {
    let template = cells.text(JOURNEY_TEMPLATE);
    let (stage, next_task) = (cells.text(JOURNEY_STAGE), cells.text(JOURNEY_NEXT_TASK));
    let entered_on = cells.date(JOURNEY_ENTERED);
    let says_more = stage.is_some() || next_task.is_some() || entered_on.is_some();
    if template.is_none() && says_more {
        cells.problems.push(Problem::new(JOURNEY_TEMPLATE.name, Code::Required));
    }
    Some(JourneyRecord { template: template?, stage, entered_on, next_task })
}

/// The currency says something only beside an amount: it may be the same in every row.
fn subscription(cells: &mut Cells<'_>) -> Option<SubscriptionRecord> {
    let record = SubscriptionRecord {
        name: cells.text(SUBSCRIPTION_NAME),
        starts_on: cells.date(SUBSCRIPTION_START),
        ends_on: cells.date(SUBSCRIPTION_END),
        notice_on: cells.date(SUBSCRIPTION_NOTICE),
        amount: cells.amount(SUBSCRIPTION_AMOUNT, SUBSCRIPTION_CURRENCY),
        interval: cells.word(SUBSCRIPTION_INTERVAL, &INTERVALS),
    };
    (record != SubscriptionRecord::default()).then_some(record)
}
