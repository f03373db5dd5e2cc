//! What is loaded: daily points of a few metrics for many accounts, day by day, as an export of
//! usage writes them.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::Result;
use axum::body::Bytes;
use chrono::{DateTime, Days, NaiveDate, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, stream};
use jornada_domain::accounts::account::{self, NewAccount};
use jornada_domain::id::{AccountId, MetricId, WorkspaceId};
use jornada_domain::metrics::metric::{self, Aggregation, Direction, Grain, NewMetric};
use jornada_server::app::App;
use jornada_server::graphql::global_id;
use uuid::Uuid;

use crate::tenant;

const ACCOUNTS: usize = 10_000;
const METRICS: usize = 5;

/// Who loads.
pub(crate) struct Tenant {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) token: String,
    metrics: Vec<(MetricId, String)>,
    accounts: Vec<(AccountId, String)>,
    today: NaiveDate,
    pub(crate) now: DateTime<Utc>,
}

impl Tenant {
    /// A workspace with accounts and metrics.
    pub(crate) async fn new(app: &App) -> Result<Self> {
        let (actor, token) = tenant::new(app).await?;
        let tx = app.begin(&actor).await?;
        let mut metrics = Vec::new();
        for n in 0..METRICS {
            let row = metric::create(&tx, new_metric(n)).await?;
            metrics.push((row.id, row.key));
        }
        let mut accounts = Vec::new();
        for n in 0..ACCOUNTS {
            let new = NewAccount { name: format!("Account {n}"), ..NewAccount::default() };
            let row = account::create(&tx, new).await?;
            accounts.push((row.id, global_id(row.id)));
        }
        app.commit(tx).await?;
        let now = app.clock.now();
        let workspace_id = actor.workspace_id;
        // A day back, because the workspace is behind.
        let today = now.date_naive() - Days::new(1);
        Ok(Self { workspace_id, token, metrics, accounts, today, now })
    }
}

impl Tenant {
    /// Some of the accounts, and the keys of all metrics.
    pub(crate) fn some(&self, from: u64, count: u64) -> (BTreeSet<Uuid>, BTreeSet<String>) {
        let place = |n: u64| usize::try_from(n).unwrap_or_default() % ACCOUNTS;
        let ids = (from..from + count).map(|n| self.accounts[place(n)].0.into());
        (ids.collect(), self.metrics.iter().map(|(_, key)| key.clone()).collect())
    }
}

fn new_metric(n: usize) -> NewMetric {
    NewMetric {
        key: format!("metric-{n}"),
        name: format!("Metric {n}"),
        unit: "n".to_owned(),
        grain: Grain::Day,
        aggregation: Aggregation::Sum,
        direction: Direction::HigherIsBetter,
        freshness_days: 30,
    }
}

/// One point.
pub(crate) struct Point {
    pub(crate) metric_id: MetricId,
    pub(crate) account_id: AccountId,
    pub(crate) period: NaiveDate,
    pub(crate) value: f64,
}

/// Points, as rows and as lines.
pub(crate) struct Content {
    pub(crate) tenant: Tenant,
    pub(crate) rows: u64,
    pieces: Vec<Bytes>,
}

impl Content {
    /// So many points; their lines are packed beforehand.
    pub(crate) fn new(tenant: Tenant, rows: u64) -> Self {
        const LINES: u64 = 5000;
        let mut content = Self { tenant, rows, pieces: Vec::new() };
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        for n in 0..rows {
            // What is written to memory cannot fail.
            let _ = writeln!(packer, "{}", content.line(n));
            if n % LINES == LINES - 1 {
                let piece = std::mem::take(packer.get_mut());
                content.pieces.push(piece.into());
            }
        }
        content.pieces.push(packer.finish().unwrap_or_default().into());
        content
    }

    fn place(&self, n: u64) -> (usize, usize, NaiveDate, f64) {
        let n = usize::try_from(n).unwrap_or_default();
        let account = n % ACCOUNTS;
        let metric = n / ACCOUNTS % METRICS;
        let days = (n / ACCOUNTS / METRICS) as u64;
        let value = (n.wrapping_mul(2_654_435_761) % 100_000) as f64 / 100.0;
        (metric, account, self.tenant.today - Days::new(days), value)
    }

    /// The point in a place.
    pub(crate) fn point(&self, n: u64) -> Point {
        let (metric, account, period, value) = self.place(n);
        let (metric_id, account_id) =
            (self.tenant.metrics[metric].0, self.tenant.accounts[account].0);
        Point { metric_id, account_id, period, value }
    }

    fn line(&self, n: u64) -> String {
        let (metric, account, period, value) = self.place(n);
        let (metric, account) = (&self.tenant.metrics[metric].1, &self.tenant.accounts[account].1);
        format!(
            r#"{{"metric":"{metric}","account":"{account}","period":"{period}","value":{value}}}"#
        )
    }

    /// The lines as gzip, in pieces as they come from a network.
    pub(crate) fn packed(&self) -> impl Stream<Item = Result<Bytes, std::io::Error>> + use<> {
        stream::iter(self.pieces.clone().into_iter().map(Ok))
    }
}
