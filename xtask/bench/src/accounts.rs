//! What a CSM does all day, through the HTTP door in this process, with ever more accounts in the
//! workspace at a hundred per CSM. What one asks for stays the same, so the times should, too.

mod base;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use jornada_server::http;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::place::Place;
use base::Base;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many accounts there are, ever more; the others are compared to the first.
    #[arg(long, value_delimiter = ',', default_values_t = COUNTS)]
    accounts: Vec<usize>,
    /// How often each thing is done.
    #[arg(long, default_value_t = TIMES)]
    times: usize,
}

impl Default for Args {
    fn default() -> Self {
        Self { accounts: COUNTS.to_vec(), times: TIMES }
    }
}

const COUNTS: [usize; 3] = [1_000, 10_000, 100_000];
const TIMES: usize = 300;

/// Measures on both databases.
pub(crate) async fn run(args: Args) -> Result<()> {
    measure(Place::sqlite().await?, &args).await?;
    match Place::postgres().await? {
        Some(place) => measure(place, &args).await,
        None => {
            println!("PostgreSQL is skipped: there is none");
            Ok(())
        }
    }
}

/// What is measured: a name and a document.
const ASKED: [(&str, &str); 6] = [
    ("portfolio page", PORTFOLIO),
    ("account page", ACCOUNT),
    ("accounts by an attribute, sorted by it", BY_ATTRIBUTE),
    ("accounts by a common attribute, by name", BY_COMMON_ATTRIBUTE),
    ("accounts by a rare attribute, by name", BY_RARE_ATTRIBUTE),
    ("taskComplete", COMPLETE),
];

const PORTFOLIO: &str = "query ($csm: ID!) { portfolio(userId: $csm) {
    taskCounts { overdue today upcoming } nps { score }
    accounts(first: 25) { nodes { name lastSentiment lastNps { score }
        taskCounts { overdue today upcoming }
        primaryJourney { stage { name } pace completeness } lastPulse { emotion }
        recurringRevenue { amountMinor currency } nextRenewal { endsOn }
        openTasks(first: 5) { nodes { title dueOn } } } pageInfo { hasNextPage } } } }";

const ACCOUNT: &str = "query ($account: ID!) { account(id: $account) { name status
    marketSegment { label } package { label } csm { name }
    contacts(first: 5) { nodes { name } } subscriptions(first: 5) { nodes { name endsOn } }
    attributes { key number } interactions(first: 10) { nodes { subject sentiment happenedAt } }
    surveyResponses(first: 5) { nodes { score } }
    primaryJourney { stage { name } pace completeness tasks { title status dueOn } }
    timeline(first: 10) { nodes { __typename } } } }";

const BY_ATTRIBUTE: &str = "query ($seats: Float!) { accounts(first: 25,
    filter: { attributes: [{ key: \"seats\", value: { number: { gte: $seats } } }] },
    orderByAttribute: { key: \"seats\" }) { nodes { name } } }";

const BY_COMMON_ATTRIBUTE: &str = "query ($seats: Float!) { accounts(first: 25, filter: {
    attributes: [{ key: \"seats\", value: { number: { gte: $seats } } }] }) {
    nodes { name } } }";

const BY_RARE_ATTRIBUTE: &str = "query ($seats: Float!) { accounts(first: 25, filter: {
    attributes: [{ key: \"seats\", value: { number: { gte: $seats, lte: $seats } } }] }) {
    nodes { name } } }";

const COMPLETE: &str = "mutation ($task: ID!) { taskComplete(input: { taskId: $task }) {
    task { status } userErrors { code } } }";

/// Asked before the clock runs.
const NEXT_TASK: &str = "query ($account: ID!) { account(id: $account) {
    openTasks(first: 1) { nodes { id } } } }";

/// How long each of many calls took, in order.
struct Times(Vec<Duration>);

impl Times {
    fn at(&self, share: f64) -> f64 {
        let place = (self.0.len() as f64 * share) as usize;
        let place = place.min(self.0.len().saturating_sub(1));
        self.0.get(place).map_or(0.0, Duration::as_secs_f64) * 1000.0
    }
}

async fn measure(mut place: Place, args: &Args) -> Result<()> {
    let mut base = Base::new(&place.app).await?;
    let mut found: Vec<(usize, Vec<Times>)> = Vec::new();
    for count in &args.accounts {
        let begun = Instant::now();
        base.grow(&place.app, *count).await?;
        place.settle().await?;
        let router = http::router(place.app.clone(), 1 << 20, CancellationToken::new());
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("{}: {count} accounts, {seconds:.0} s to fill", place.name);
        let mut times = Vec::new();
        for (name, document) in ASKED {
            let each = ask(&router, &base, document, args.times).await;
            times.push(each.with_context(|| format!("{name} on {}", place.name))?);
        }
        found.push((*count, times));
    }
    show(place.name, &found);
    place.close().await
}

async fn ask(router: &Router, base: &Base, document: &str, times: usize) -> Result<Times> {
    const WARM_UP: usize = 20;
    let mut took = Vec::with_capacity(times);
    for n in 0..times + WARM_UP {
        let mut variables = base.variables(n);
        if document == COMPLETE {
            let next = post(router, &base.token, NEXT_TASK, variables).await?;
            let task = next.pointer("/data/account/openTasks/nodes/0/id");
            variables = json!({ "task": task.context("the account has an open task")? });
        }
        let begun = Instant::now();
        let answer = post(router, &base.token, document, variables).await?;
        let elapsed = begun.elapsed();
        ensure!(answer.get("errors").is_none(), "{answer:#}");
        let refused = answer.pointer("/data/taskComplete/userErrors/0");
        ensure!(refused.is_none(), "{answer:#}");
        if n >= WARM_UP {
            took.push(elapsed);
        }
    }
    took.sort_unstable();
    Ok(Times(took))
}

async fn post(router: &Router, token: &str, document: &str, variables: Value) -> Result<Value> {
    // Variables that a document does not declare are left alone.
    let body = json!({ "query": document, "variables": variables }).to_string();
    let request = Request::post("/graphql")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))?;
    let response = router.clone().oneshot(request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

fn show(name: &str, found: &[(usize, Vec<Times>)]) {
    println!("\nA hundred accounts per CSM on {name}, milliseconds and ratios");
    print!("{:<46}", "");
    for (count, _) in found {
        print!("{:>26}", format!("{count} accounts"));
    }
    println!();
    for (row, (what, _)) in ASKED.iter().enumerate() {
        for (label, share) in [("p50", 0.50), ("p99", 0.99)] {
            print!("{:<46}", format!("{what}, {label}"));
            let first = found.first().map_or(0.0, |(_, times)| times[row].at(share));
            for (_, times) in found {
                let at = times[row].at(share);
                print!("{:>26}", format!("{at:.2}  ×{:.2}", at / first));
            }
            println!();
        }
    }
}
