//! What a row says about an account, before anybody asked whether it can be so.

use chrono::NaiveDate;
use csv::StringRecord;
use jornada_domain::accounts::account::AccountStatus;
use jornada_domain::channel::Channel;
use jornada_domain::error::{Code, Problem};
use jornada_domain::revenue::subscription::BillingInterval;

use super::columns::{Columns, Field};
use super::rejects::plain;
use super::values::{amount_minor, date, word};

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
    pub subscription: Option<SubscriptionRecord>,
}

/// The subscription of an account, of which the other system has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubscriptionRecord {
    pub name: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub notice_on: Option<NaiveDate>,
    pub amount_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub interval: Option<BillingInterval>,
}

const STATUSES: [(&str, AccountStatus); 21] = {
    use AccountStatus::{Active, Churned, Paused, Trial};
    [
        ("trial", Trial),
        ("teste", Trial),
        ("em_teste", Trial),
        ("periodo_de_teste", Trial),
        ("active", Active),
        ("ativo", Active),
        ("ativa", Active),
        ("cliente", Active),
        ("paused", Paused),
        ("pausado", Paused),
        ("pausada", Paused),
        ("suspenso", Paused),
        ("suspensa", Paused),
        ("churned", Churned),
        ("churn", Churned),
        ("cancelado", Churned),
        ("cancelada", Churned),
        ("inativo", Churned),
        ("inativa", Churned),
        ("perdido", Churned),
        ("perdida", Churned),
    ]
};

const CHANNELS: [(&str, Channel); 14] = [
    ("email", Channel::Email),
    ("e_mail", Channel::Email),
    ("phone", Channel::Phone),
    ("telefone", Channel::Phone),
    ("whatsapp", Channel::Whatsapp),
    ("video", Channel::Video),
    ("videochamada", Channel::Video),
    ("in_person", Channel::InPerson),
    ("presencial", Channel::InPerson),
    ("chat", Channel::Chat),
    ("product", Channel::Product),
    ("produto", Channel::Product),
    ("other", Channel::Other),
    ("outro", Channel::Other),
];

const INTERVALS: [(&str, BillingInterval); 13] = {
    use BillingInterval::{Month, OneOff, Quarter, Year};
    [
        ("month", Month),
        ("monthly", Month),
        ("mensal", Month),
        ("mes", Month),
        ("quarter", Quarter),
        ("quarterly", Quarter),
        ("trimestral", Quarter),
        ("year", Year),
        ("yearly", Year),
        ("anual", Year),
        ("one_off", OneOff),
        ("unico", OneOff),
        ("unica", OneOff),
    ]
};

const COUNTRIES: [(&str, &str); 2] = [("brasil", "BR"), ("brazil", "BR")];

/// The words that cells can hold, as a list in Markdown: by field, those that mean the same
/// together.
pub fn words() -> String {
    fn line<T: PartialEq>(field: Field, meanings: &[(&str, T)]) -> String {
        let same = meanings.chunk_by(|a, b| a.1 == b.1).map(|same| {
            let words: Vec<_> = same.iter().map(|(word, _)| format!("`{word}`")).collect();
            words.join(" = ")
        });
        format!("- `{}`: {}\n", field.name(), same.collect::<Vec<_>>().join("; "))
    }
    let status = line(Field::Status, &STATUSES);
    let channel = line(Field::Channel, &CHANNELS);
    status + &channel + &line(Field::SubscriptionInterval, &INTERVALS)
}

impl Record {
    /// The record of a row, without what cannot be read; that is told all at once, by the names of
    /// the fields.
    pub fn read(columns: &Columns, cells: &StringRecord, currency: &str) -> (Self, Vec<Problem>) {
        let mut row = Row { columns, cells, problems: Vec::new() };
        let record = Self {
            external_id: row.text(Field::ExternalId).unwrap_or_default(),
            name: row.text(Field::Name).unwrap_or_default(),
            status: row.word(Field::Status, &STATUSES),
            status_since: row.date(Field::StatusSince),
            churn_reason: row.text(Field::ChurnReason),
            tax_id: row.text(Field::TaxId),
            segment: row.text(Field::Segment),
            package: row.text(Field::Package),
            city: row.text(Field::City),
            region: row.text(Field::Region),
            country: row.text(Field::Country).map(|cell| country(&cell)),
            time_zone: row.text(Field::TimeZone),
            contact_hours: row.text(Field::ContactHours),
            preferred_channel: row.word(Field::Channel, &CHANNELS),
            csm_email: row.text(Field::CsmEmail),
            customer_since: row.date(Field::CustomerSince),
            subscription: row.subscription(currency),
        };
        if record.external_id.is_empty() {
            row.problems.push(Problem::new(Field::ExternalId.name(), Code::Required));
        }
        (record, row.problems)
    }
}

/// The cells of a row, and what was wrong with them.
struct Row<'r> {
    columns: &'r Columns,
    cells: &'r StringRecord,
    problems: Vec<Problem>,
}

impl Row<'_> {
    fn text(&self, field: Field) -> Option<String> {
        self.columns.cell(self.cells, field).map(|cell| plain(cell).to_owned())
    }

    fn date(&mut self, field: Field) -> Option<NaiveDate> {
        let cell = self.text(field)?;
        self.keep(date(&cell), || bad(field, "date"))
    }

    fn word<T: Copy + PartialEq>(&mut self, field: Field, meanings: &[(&str, T)]) -> Option<T> {
        let cell = self.text(field)?;
        self.keep(word(&cell, meanings), || {
            // One word of each meaning is enough to know.
            let firsts = meanings.chunk_by(|a, b| a.1 == b.1).map(|same| same[0].0);
            let words = firsts.collect::<Vec<_>>().join(", ");
            Problem::new(field.name(), Code::UnknownWord).with("words", words)
        })
    }

    fn keep<T>(&mut self, value: Option<T>, problem: impl FnOnce() -> Problem) -> Option<T> {
        if value.is_none() {
            self.problems.push(problem());
        }
        value
    }

    /// The currency says something only beside an amount: it may be the same in every row.
    fn subscription(&mut self, usual_currency: &str) -> Option<SubscriptionRecord> {
        let cell = self.text(Field::SubscriptionCurrency);
        let currency = cell.map_or(usual_currency.to_owned(), |cell| cell.to_uppercase());
        let amount = self.text(Field::SubscriptionAmount);
        let record = SubscriptionRecord {
            name: self.text(Field::SubscriptionName),
            starts_on: self.date(Field::SubscriptionStart),
            ends_on: self.date(Field::SubscriptionEnd),
            notice_on: self.date(Field::SubscriptionNotice),
            amount_minor: amount.as_ref().and_then(|cell| {
                let minor = amount_minor(cell, &currency);
                self.keep(minor, || bad(Field::SubscriptionAmount, "amount"))
            }),
            currency: amount.map(|_| currency),
            interval: self.word(Field::SubscriptionInterval, &INTERVALS),
        };
        (record != SubscriptionRecord::default()).then_some(record)
    }
}

fn bad(field: Field, form: &str) -> Problem {
    Problem::new(field.name(), Code::BadFormat).with("form", form)
}

fn country(cell: &str) -> String {
    word(cell, &COUNTRIES).map_or_else(|| cell.to_uppercase(), str::to_owned)
}
