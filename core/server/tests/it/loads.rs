//! Loads of points by `POST /import/metrics`.

mod content;
mod file;
mod hostile;
mod journeys;

use std::io::Write;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use jornada_domain::auth::Role;
use jornada_domain::metrics::metric::{self, Aggregation, Direction, Grain, NewMetric};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::harness::TestApp;

/// What sends loads, with a metric of each grain.
pub(crate) struct Sender {
    pub(crate) app: TestApp,
    pub(crate) token: String,
}

/// How a load is sent.
#[derive(Clone, Copy)]
pub(crate) enum As {
    Plain,
    Gzip,
}

impl Sender {
    /// One with the metrics `logins` of days, `visits` of weeks and `seats` of months.
    pub(crate) async fn of(app: &TestApp) -> Self {
        let owner = app.home().await.actor();
        for (key, grain, aggregation) in [
            ("logins", Grain::Day, Aggregation::Sum),
            ("visits", Grain::Week, Aggregation::Avg),
            ("seats", Grain::Month, Aggregation::Last),
        ] {
            let new = NewMetric {
                key: key.to_owned(),
                name: key.to_owned(),
                unit: "n".to_owned(),
                grain,
                aggregation,
                direction: Direction::HigherIsBetter,
                freshness_days: 14,
            };
            app.write(&owner, async |tx| metric::create(tx, new).await).await;
        }
        Self { app: app.clone(), token: app.token(Role::Csm).await }
    }

    /// The status and the answer of a load.
    pub(crate) async fn send(&self, key: &str, how: As, body: Body) -> (StatusCode, Value) {
        let mut request = Request::post(format!("/import/metrics?key={key}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/x-ndjson");
        if let As::Gzip = how {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        let (status, _, answer) = self.app.request(request.body(body).expect("a request")).await;
        (status, answer)
    }

    /// What came of a load of these lines.
    pub(crate) async fn load(&self, key: &str, lines: &[String]) -> Value {
        let body = lines.join("\n");
        let (status, answer) = self.send(key, As::Plain, body.into()).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        answer
    }

    /// The code of why a load was refused, with the status.
    pub(crate) async fn refused(&self, key: &str, how: As, body: impl Into<Body>) -> String {
        let (status, answer) = self.send(key, how, body.into()).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let code = code.unwrap_or_else(|| panic!("it has a code: {answer:#}"));
        format!("{} {code}", status.as_u16())
    }

    /// All points: subject by place, period and value.
    pub(crate) async fn points(&self) -> Vec<(String, f64)> {
        let sql = "SELECT period, value FROM metric_point ORDER BY metric_id, subject_id, period";
        let db = self.app.app.db.read();
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let rows = db.query_all_raw(statement).await.expect("points can be read");
        let read = |row: &sea_orm::QueryResult| {
            let period: chrono::NaiveDate = row.try_get("", "period").expect("a day");
            (period.to_string(), row.try_get("", "value").expect("a number"))
        };
        rows.iter().map(read).collect()
    }
}

/// A line about an account.
pub(crate) fn line(metric: &str, account: &str, period: &str, value: impl Into<Value>) -> String {
    let value: Value = value.into();
    json!({ "metric": metric, "account": account, "period": period, "value": value }).to_string()
}

/// A text as gzip.
pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// What was counted.
pub(crate) fn counts(answer: &Value) -> [i64; 4] {
    ["received", "written", "unchanged", "rejected"]
        .map(|name| answer["load"][name].as_i64().expect("it is counted"))
}

/// The rejected lines: `3 period TOO_LATE`.
pub(crate) fn rejects(answer: &Value) -> Vec<String> {
    let rejects = answer["rejects"].as_array().expect("there is a list").iter();
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    rejects
        .map(|told| format!("{} {} {}", told["line"], word(&told["field"]), word(&told["code"])))
        .collect()
}
