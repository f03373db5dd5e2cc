//! Customers of whom a score knows most: since when they are, what they rent and pay as attributes
//! and metrics.

use anyhow::Result;
use chrono::Days;
use jornada_domain::Tx;
use jornada_domain::accounts::account::{self, NewAccount};
use jornada_domain::attributes::definition::{self, AttributeType, NewDefinition};
use jornada_domain::attributes::{AttributeInput, Typed};
use jornada_domain::auth::Actor;
use jornada_domain::id::MetricId;
use jornada_domain::journeys::signals;
use jornada_domain::metrics::metric::{self, Aggregation, Direction, Grain, NewMetric};
use jornada_domain::metrics::point::{NewPoint, Subject};
use jornada_domain::subject::SubjectKind;
use jornada_server::app::App;

use crate::tenant;

/// Attributes that are words, with what they can be.
pub(super) const WORDS: [(&str, &[&str]); 3] = [
    ("contract", &["Month-to-month", "One year", "Two year"]),
    ("internet", &["No", "DSL", "Fiber optic"]),
    (
        "payment",
        &[
            "Electronic check",
            "Mailed check",
            "Bank transfer (automatic)",
            "Credit card (automatic)",
        ],
    ),
];

/// Attributes that are yes or no.
pub(super) const FLAGS: [&str; 5] =
    ["online_security", "tech_support", "paperless", "senior", "dependents"];

/// What customers pay a month, in two metrics of which the second says other figures.
pub(super) const METRICS: [&str; 2] = ["charges", "other-charges"];

/// Accounts of one transaction, each with a point of both metrics.
const BATCH: usize = 250;

/// Of so many customers, one attribute is unknown of one.
const UNKNOWN: usize = 20;

/// Makes a workspace with so many accounts.
pub(super) async fn fill(app: &App, accounts: usize) -> Result<Actor> {
    let (actor, _) = tenant::new(app).await?;
    let tx = app.begin(&actor).await?;
    for (key, _) in WORDS {
        definition::create(&tx, attribute(key, AttributeType::Text)).await?;
    }
    for key in FLAGS {
        definition::create(&tx, attribute(key, AttributeType::Boolean)).await?;
    }
    let mut metrics = Vec::new();
    for key in METRICS {
        metrics.push(metric::create(&tx, new_metric(key)).await?.id);
    }
    app.commit(tx).await?;
    for from in (0..accounts).step_by(BATCH) {
        let tx = app.begin(&actor).await?;
        add(&tx, from..accounts.min(from + BATCH), &metrics).await?;
        app.commit(tx).await?;
    }
    Ok(actor)
}

async fn add(tx: &Tx<'_>, each: std::ops::Range<usize>, metrics: &[MetricId]) -> Result<()> {
    let today = tx.today().await?;
    let mut points = Vec::new();
    for n in each {
        let since = today - Days::new(n.wrapping_mul(7919) as u64 % 2_200);
        let new = NewAccount {
            name: format!("Account {n}"),
            customer_since: Some(since),
            attributes: attributes(n),
            ..NewAccount::default()
        };
        let subject = Subject::Account(account::create(tx, new).await?.id);
        for (place, metric_id) in metrics.iter().enumerate() {
            let value = 20.0 + (n.wrapping_mul(104_729) + place * 3_500) as f64 % 10_000.0 / 100.0;
            let period = today;
            let point =
                NewPoint { metric_id: *metric_id, subject, period, value, recorded_at: None };
            points.push(point);
        }
    }
    signals::record_points(tx, points).await?;
    Ok(())
}

/// What is known of a customer, as various as it gets.
fn attributes(n: usize) -> Vec<AttributeInput> {
    let spread = n.wrapping_mul(2_654_435_761) >> 7;
    let words = WORDS.into_iter().enumerate().map(|(place, (key, words))| {
        let word = words[(spread >> (2 * place)) % words.len()];
        (key, Typed::Text(word.to_owned()))
    });
    let flags = FLAGS.into_iter().enumerate();
    let flags = flags.map(|(place, key)| (key, Typed::Boolean((spread >> (8 + place)) & 1 == 1)));
    let all = words.chain(flags).enumerate();
    // Without contract and internet there is no score.
    let known = all.filter(|(place, _)| *place < 2 || !(n + place).is_multiple_of(UNKNOWN));
    known
        .map(|(_, (key, value))| AttributeInput { key: key.to_owned(), value: Some(value) })
        .collect()
}

fn attribute(key: &str, value_type: AttributeType) -> NewDefinition {
    NewDefinition {
        subject_kind: SubjectKind::Account,
        key: key.to_owned(),
        name: key.to_owned(),
        description: None,
        value_type,
        option_set_id: None,
        minimum: None,
        maximum: None,
        is_personal: false,
    }
}

fn new_metric(key: &str) -> NewMetric {
    NewMetric {
        key: key.to_owned(),
        name: key.to_owned(),
        unit: "BRL".to_owned(),
        grain: Grain::Day,
        aggregation: Aggregation::Last,
        direction: Direction::LowerIsBetter,
        freshness_days: 60,
    }
}
