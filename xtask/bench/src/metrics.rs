//! Points of metrics: a load through the HTTP door, in this process, from packed lines to the
//! answer; beside it the same rows as `COPY` and as a bare prepared insert into a table with the
//! same columns, key and indexes.

mod bare;
mod content;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use jornada_domain::auth::Actor;
use jornada_domain::metrics::point::SubjectKind;
use jornada_domain::metrics::window::{self, Span};
use jornada_server::http;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::place::Place;
use crate::report::{Measure, table};
use content::{Content, Tenant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many points are loaded.
    #[arg(long, default_value_t = ROWS)]
    rows: u64,
}

impl Default for Args {
    fn default() -> Self {
        Self { rows: ROWS }
    }
}

const ROWS: u64 = 5_000_000;

/// Measures on both databases.
pub(crate) async fn run(args: Args) -> Result<()> {
    match Place::postgres().await? {
        Some(place) => measure(place, args.rows).await?,
        None => println!("PostgreSQL is skipped: there is none"),
    }
    measure(Place::sqlite().await?, args.rows).await
}

async fn measure(place: Place, rows: u64) -> Result<()> {
    let tenant = Tenant::new(&place.app).await?;
    let content = Content::new(tenant, rows);
    let mut measures = bare::measure(&place, &content).await?;
    let what = "POST /import/metrics, gzip, new points";
    let (measure, answer) = Measure::of(what, rows, load(&place, &content, "one")).await?;
    ensure!(answer["load"]["written"] == rows, "{answer:#}");
    measures.push(measure);
    let what = "the same under the same key";
    let (measure, again) = Measure::of(what, rows, load(&place, &content, "one")).await?;
    ensure!(again == answer, "{again:#}");
    measures.push(measure);
    let what = "the same points under another key";
    let (measure, _) = Measure::of(what, rows, load(&place, &content, "two")).await?;
    measures.push(measure);
    table(&format!("Points of metrics on {}", place.name), &measures);
    let what = "windows of 30 days, 500 a statement";
    let (measure, count) = Measure::of(what, 500 * STATEMENTS, windows(&place, &content)).await?;
    ensure!(count == 500 * STATEMENTS, "{count} windows were found");
    table(&format!("Windows on {}", place.name), &[measure]);
    place.close().await
}

const STATEMENTS: u64 = 20;

/// Asks for the windows of all metrics for a hundred accounts, again and again for others.
async fn windows(place: &Place, content: &Content) -> Result<u64> {
    let actor = Actor::setup(content.tenant.workspace_id, TimeDelta::zero());
    let cx = place.app.read(&actor);
    let span = Span { kind: SubjectKind::Account, days: 30, until: None };
    let mut count = 0;
    for n in 0..STATEMENTS {
        let (subjects, keys) = content.tenant.some(n * 100, 100);
        count += window::each(&cx, &subjects, &keys, span).await?.len() as u64;
    }
    Ok(count)
}

/// Sends the content through the door.
async fn load(place: &Place, content: &Content, key: &str) -> Result<Value> {
    let router = http::router(place.app.clone(), 1 << 20, CancellationToken::new());
    let request = Request::post(format!("/import/metrics?key={key}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", content.tenant.token))
        .header(header::CONTENT_TYPE, "application/x-ndjson")
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Body::from_stream(content.packed()))?;
    let response = tokio::time::timeout(Duration::from_secs(3600), router.oneshot(request));
    let response = response.await.context("it takes more than an hour")??;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    let answer: Value = serde_json::from_slice(&body)?;
    ensure!(status == StatusCode::OK, "{status}: {answer:#}");
    Ok(answer)
}
