//! Points of metrics out of a table: a row a subject and period, a metric a row or a column.
//! For points by the million there are [loads](super::metrics).

pub mod fields {
    //! What the columns of a file of points can hold.

    use crate::import::field::fields;

    fields! {
        /// The external id of the account that was measured, unless it was a contact or a
        /// subscription.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// The external id of the contact that was measured.
        CONTACT "contact_external_id" ["contact_id", "contato", "id_do_contato"],
        /// The external id of the subscription that was measured.
        SUBSCRIPTION "subscription_external_id" [
            "subscription_id", "assinatura", "contract_id", "id_da_assinatura"
        ],
        /// Needed. A date: any day of the period.
        PERIOD "period" ["date", "data", "periodo", "mes", "month", "dia", "day"],
        /// The key of a metric, for the value in the next column. Or let columns be called
        /// `metric.logins`.
        METRIC "metric" ["metrica", "indicador", "metric_key"],
        /// A number.
        VALUE "value" ["valor", "quantidade", "amount"],
        /// A date, perhaps with a time: when the value became known; the end of the period unless
        /// said.
        RECORDED "recorded_at" ["registrado_em"],
    }
}

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use jornada_domain::accounts::external_ref::RefKind;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::filter::RangeFilter;
use jornada_domain::id::{AccountId, ContactId, Kind as Noun, MetricId, SubscriptionId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::signals;
use jornada_domain::metrics::metric::{self, Grain};
use jornada_domain::metrics::point::{self, NewPoint, Series, Subject, start_of_period};
use jornada_domain::page::PageArgs;
use jornada_domain::{Cx, Result, Tx};
use uuid::Uuid;

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::Known;
use super::values;

/// What stands before the dot of a column that holds the values of a metric.
const METRIC_COLUMN: &str = "metric";

/// Points as another system describes them.
#[derive(Clone, Debug)]
pub struct Points {
    known: Known,
    metrics: HashMap<String, (MetricId, Grain)>,
}

/// The points of one subject and period.
#[derive(Clone, Debug)]
pub struct Record {
    subject: (RefKind, String),
    period: Option<NaiveDate>,
    /// By the key of the metric, with the name of the column.
    values: Vec<(String, f64)>,
    recorded_at: Option<DateTime<Utc>>,
}

impl Kind for Points {
    const NAME: &'static str = "metrics";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[PERIOD];
    const OPEN: Option<&'static str> = Some(METRIC_COLUMN);
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        let known = Known::load(cx, system, currency, None).await?;
        Ok(Self { known, metrics: HashMap::new() })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        let named = [
            (RefKind::Contact, CONTACT),
            (RefKind::Subscription, SUBSCRIPTION),
            (RefKind::Account, ACCOUNT),
        ];
        let subject = named.into_iter().find_map(|(kind, field)| Some((kind, cells.text(field)?)));
        if subject.is_none() {
            cells.problems.push(Problem::new(ACCOUNT.name, Code::Required));
        }
        let mut given = cells.open();
        if let Some(metric) = cells.text(METRIC) {
            given.push((metric, cells.needed(VALUE)));
        }
        let mut values = Vec::with_capacity(given.len());
        for (key, cell) in given {
            match values::number(&cell) {
                Some(value) => values.push((key, value)),
                None => {
                    let column = format!("{METRIC_COLUMN}.{key}");
                    let bad = Problem::new(column, Code::BadFormat).with("form", "number");
                    cells.problems.push(bad);
                }
            }
        }
        let period = cells.date(PERIOD);
        Record {
            subject: subject.unwrap_or((RefKind::Account, String::new())),
            period: cells.require(period, PERIOD),
            values,
            recorded_at: cells.instant(RECORDED),
        }
    }

    fn key(record: &Record) -> String {
        let metrics: Vec<_> = record.values.iter().map(|(key, _)| key.as_str()).collect();
        format!("{:?}\n{:?}\n{}", record.subject, record.period, metrics.join("\n"))
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let subject = checks.keep(self.subject(tx, record).await)?;
        let mut metrics = Vec::with_capacity(record.values.len());
        for (key, value) in &record.values {
            let metric = checks.keep(self.metric(tx, key).await)?;
            metrics.extend(metric.map(|(id, grain)| (id, grain, *value)));
        }
        let (Some((subject, id)), Some(day), true) = (subject, record.period, checks.is_well())
        else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let (mut points, mut keys, mut had) = (Vec::new(), Vec::new(), 0);
        for ((metric_id, grain, value), (key, _)) in metrics.into_iter().zip(&record.values) {
            let period = start_of_period(day, grain);
            let before = find(tx, id, metric_id, period).await?;
            had += usize::from(before.is_some());
            let is_same = before.is_some_and(|before| {
                let recorded_at = record.recorded_at;
                before.value == value && recorded_at.is_none_or(|at| at == before.recorded_at)
            });
            if !is_same {
                let recorded_at = Some(match record.recorded_at {
                    Some(at) => at,
                    None => end_of(tx, period, grain).await?,
                });
                points.push(NewPoint { metric_id, subject, period, value, recorded_at });
                keys.push(key.as_str());
            }
        }
        if points.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let put = signals::record_points(tx, points).await;
        put.map_err(|error| in_columns(error, &keys))?;
        Ok(if had == 0 { Outcome::Created } else { Outcome::Updated })
    }
}

impl Points {
    async fn subject(&self, tx: &Tx<'_>, record: &Record) -> Result<(Subject, Uuid)> {
        let (kind, external_id) = &record.subject;
        let field = match kind {
            RefKind::Contact => CONTACT,
            RefKind::Subscription => SUBSCRIPTION,
            _ => ACCOUNT,
        };
        let found = self.known.find(tx, *kind, external_id).await?;
        let id = found.ok_or_else(|| Error::not_found(field.name, kind.kind()))?;
        let subject = match kind {
            RefKind::Contact => Subject::Contact(ContactId::from(id)),
            RefKind::Subscription => Subject::Subscription(SubscriptionId::from(id)),
            _ => Subject::Account(AccountId::from(id)),
        };
        Ok((subject, id))
    }

    async fn metric(&mut self, tx: &Tx<'_>, key: &str) -> Result<(MetricId, Grain)> {
        if let Some(known) = self.metrics.get(key) {
            return Ok(*known);
        }
        let metric = metric::by_key(tx, key).await.map_err(|error| match error {
            Error::Problems(_) => Error::not_found(METRIC.name, Noun::Metric),
            other => other,
        })?;
        self.metrics.insert(key.to_owned(), (metric.id, metric.grain));
        Ok((metric.id, metric.grain))
    }
}

async fn find(
    cx: &Cx<'_>,
    subject: Uuid,
    metric_id: MetricId,
    day: NaiveDate,
) -> Result<Option<point::Model>> {
    let period = RangeFilter { gte: Some(day), lte: Some(day), ..Default::default() };
    let series = Series { metric_id, period };
    let mut found = point::series_each(cx, &[subject], &series, &PageArgs::first(1)).await?;
    Ok(found.remove(&subject).and_then(|page| page.into_rows().pop()))
}

/// When a period ended: its value could not be known before, and is no news to a journey that
/// began later.
async fn end_of(tx: &Tx<'_>, period: NaiveDate, grain: Grain) -> Result<DateTime<Utc>> {
    let days = match grain {
        Grain::Day => 1,
        Grain::Week => 7,
        Grain::Month => 32,
    };
    let next = start_of_period(jornada_domain::calendar::plus(period, days), grain);
    Ok(tx.calendar().await?.start_of(next).min(tx.now))
}

fn in_columns(error: Error, keys: &[&str]) -> Error {
    let Error::Problems(problems) = error else { return error };
    let renamed = problems.into_iter().map(|problem| {
        let path = problem.field.strip_prefix("points.").and_then(|rest| rest.split_once('.'));
        let field = match path {
            Some((place, "value" | "metricId")) => {
                let key = place.parse().ok().and_then(|place: usize| keys.get(place));
                key.map_or_else(|| VALUE.name.to_owned(), |key| format!("{METRIC_COLUMN}.{key}"))
            }
            Some((_, "recordedAt")) => RECORDED.name.to_owned(),
            Some(_) => PERIOD.name.to_owned(),
            None => return problem,
        };
        Problem { field, ..problem }
    });
    Error::Problems(renamed.collect())
}
