//! The fixtures, the explanations, and how well the model orders customers that it has not seen.

use jornada_plugin_sdk::testing::{TestScore, score_fixtures};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::model::UNSEEN;

const CUSTOMERS: &str = include_str!("../../../examples/data/telco_customers.csv");

/// A row of the sample.
struct Row(Vec<(&'static str, &'static str)>);

impl Row {
    fn all() -> Vec<Self> {
        let mut lines = CUSTOMERS.lines();
        let names: Vec<_> = lines.next().unwrap().split(',').collect();
        let row = |line: &'static str| {
            let cells: Vec<_> = line.split(',').collect();
            assert_eq!(cells.len(), names.len(), "{line}");
            Self(names.iter().copied().zip(cells).collect())
        };
        lines.map(row).collect()
    }

    fn cell(&self, name: &str) -> &'static str {
        self.0.iter().find(|(one, _)| *one == name).unwrap().1
    }

    /// Whether `fit.py` keeps it back to measure with.
    fn is_unseen(&self) -> bool {
        Sha256::digest(self.cell("customer_id"))[0] % 10 >= 7
    }

    fn stays(&self) -> bool {
        self.cell("churn") == "No"
    }

    fn customer(&self) -> Json {
        let number = |name| self.cell(name).parse::<f64>().unwrap();
        json!({
            "tenure": number("tenure"),
            "monthly_charges": number("monthly_charges"),
            "contract": self.cell("contract"),
            "internet": self.cell("internet_service"),
            "payment": self.cell("payment_method"),
            "online_security": self.cell("online_security") == "Yes",
            "tech_support": self.cell("tech_support") == "Yes",
            "paperless": self.cell("paperless_billing") == "1",
            "senior": self.cell("senior_citizen") == "1",
            "dependents": self.cell("dependents") == "1",
        })
    }
}

fn score() -> TestScore<TelcoChurn> {
    TestScore::new(json!({}))
}

/// The chance that one who stays scores above one who leaves; ties count half.
fn auc(scores: &[(f64, bool)]) -> f64 {
    let part = |stays| scores.iter().filter(move |(_, one)| *one == stays);
    let wins = part(true).map(|(good, _)| {
        let each = part(false).map(|(bad, _)| match good.total_cmp(bad) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        });
        each.sum::<f64>()
    });
    wins.sum::<f64>() / (part(true).count() * part(false).count()) as f64
}

#[test]
fn it_orders_customers_that_it_has_not_seen_as_the_fit_says() {
    let unseen: Vec<_> = Row::all().into_iter().filter(Row::is_unseen).collect();
    let customers: Vec<_> = unseen.iter().map(Row::customer).collect();
    let scores = score().score_all(&customers).unwrap();
    let pairs: Vec<_> = scores
        .iter()
        .zip(&unseen)
        .map(|(score, row)| (score.value.unwrap(), row.stays()))
        .collect();
    let measured = auc(&pairs);
    assert!(measured > 0.84, "{measured}");
    assert_eq!((pairs.len(), (measured * 1e4).round() / 1e4), UNSEEN);
}

#[test]
fn its_scores_are_chances() {
    let rows = Row::all();
    let customers: Vec<_> = rows.iter().map(Row::customer).collect();
    let scores = score().score_all(&customers).unwrap();
    let values: Vec<_> = scores.iter().map(|score| score.value.unwrap()).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let stay = rows.iter().filter(|row| row.stays()).count() as f64 / rows.len() as f64;
    assert!((mean / 100.0 - stay).abs() < 0.02, "{mean} on average, {stay} stay");
    for low in [0.0, 20.0, 40.0, 60.0, 80.0] {
        let part: Vec<_> = values
            .iter()
            .zip(&rows)
            .filter(|(value, _)| (low..low + 20.0).contains(*value))
            .map(|(value, row)| (*value, f64::from(u8::from(row.stays()))))
            .collect();
        let count = part.len() as f64;
        let said = part.iter().map(|(value, _)| value / 100.0).sum::<f64>() / count;
        let stay = part.iter().map(|(_, stay)| stay).sum::<f64>() / count;
        assert!((said - stay).abs() < 0.06, "of {count} from {low} on: {said} said, {stay} stay");
    }
}

#[test]
fn what_is_missing_moves_nothing() {
    let some = json!({
        "tenure": 12, "monthly_charges": 70, "contract": "One year", "internet": "DSL",
    });
    let scored = score().score(some);
    for factor in ["services", "billing", "person"] {
        assert_eq!(scored.factors[factor], 0.0, "{factor}");
    }
}

#[test]
fn nobody_is_scored_without_what_matters_most() {
    let all = Row::all()[0].customer();
    for key in ["tenure", "monthly_charges", "contract", "internet"] {
        let mut some = all.clone();
        some[key] = Json::Null;
        assert_eq!(score().score(some).value, None, "{key}");
    }
    let mut odd = all.clone();
    odd["contract"] = json!("For ever");
    assert_eq!(score().score(odd).value, None, "a word that it does not know");
    let mut odd = all;
    odd["payment"] = json!("Cash");
    assert!(score().score(odd).value.is_some(), "one that it can do without");
}

#[test]
fn the_worst_is_told_first() {
    let scored = score().score(json!({
        "tenure": 1, "monthly_charges": 95, "contract": "Month-to-month",
        "internet": "Fiber optic", "payment": "Electronic check",
    }));
    assert_eq!(scored.reasons.len(), 3);
    assert_eq!(scored.reasons[0], "new_customer");
}

#[test]
fn its_fixtures_hold() {
    assert!(score_fixtures::<TelcoChurn>(env!("CARGO_MANIFEST_DIR")) >= 4);
}
