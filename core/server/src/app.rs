//! The application: what every way in shares, and the only place where a transaction ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use jornada_domain::auth::Actor;
use jornada_domain::health::recompute;
use jornada_domain::id::Ids;
use jornada_domain::{Cx, Result, Tx};
use jornada_plugin_host::Limits;
use sea_orm::DbErr;
use tokio::sync::Notify;
use uuid::{Timestamp, Uuid};

use crate::config::Config;
use crate::db::Db;
use crate::erasure_log::ErasureLog;
use crate::plugin::{self, Plugins};
use crate::worker::Handlers;

/// What time it is. An input, so that a test can set it.
pub trait Clock: Send + Sync {
    /// The real time.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the edge, where time comes in")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Ids in the order of their creation, as far as one process can tell: the time of the context, a
/// counter, and random bits that keep processes apart.
#[derive(Debug)]
pub struct SystemIds {
    counter: AtomicU64,
}

/// Beside these, 32 bits of an id stay random.
const COUNTER_BITS: u8 = 42;

impl Default for SystemIds {
    fn default() -> Self {
        // Not from zero: two processes that start together must not count in step.
        let random = Uuid::new_v7(Timestamp::from_unix_time(0, 0, 0, 0));
        Self { counter: AtomicU64::new(random.as_u64_pair().1) }
    }
}

impl Ids for SystemIds {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let count = self.counter.fetch_add(1, Ordering::Relaxed) % (1 << COUNTER_BITS);
        let seconds = now.timestamp().unsigned_abs();
        let nanos = now.timestamp_subsec_nanos();
        Uuid::new_v7(Timestamp::from_unix_time(seconds, nanos, count.into(), COUNTER_BITS))
    }
}

/// What lives as long as the process.
pub struct App {
    /// The database.
    pub db: Db,
    /// The real time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn Ids>,
    /// What the worker can do.
    pub handlers: Handlers,
    /// Told when jobs were enqueued or brought nearer, so that the worker need not wait for its
    /// next look.
    pub wake: Notify,
    /// Where it is kept who was erased; `None` where it is kept nowhere.
    pub erasure_log: Option<ErasureLog>,
    /// The plugins that are loaded.
    pub plugins: Arc<Plugins>,
}

impl App {
    /// The application over a database, with the machine's clock and random ids.
    pub fn new(db: Db) -> Self {
        Self {
            erasure_log: ErasureLog::beside(db.url()),
            db,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::default()),
            handlers: Handlers::all(),
            wake: Notify::new(),
            plugins: Arc::new(Plugins::new(plugin::settings(None, Limits::default()))),
        }
    }

    /// The same, as it is configured.
    pub fn configured(db: Db, config: &Config) -> Self {
        let folder =
            Some(config.plugin_cache.as_path()).filter(|path| !path.as_os_str().is_empty());
        let cache = folder.and_then(|path| match plugin::cache::open(path) {
            Ok(cache) => Some(cache),
            Err(error) => {
                let path = path.display();
                tracing::warn!(%error, %path, "compiled plugins cannot be kept");
                None
            }
        });
        let settings = plugin::settings(cache, config.plugin_limits.0.clone());
        let plugins = Arc::new(Plugins::new(settings));
        Self { erasure_log: ErasureLog::of(config), plugins, ..Self::new(db) }
    }

    /// The same for who only reads: it does no jobs.
    pub fn to_read(&self) -> Self {
        Self {
            db: self.db.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            handlers: Handlers::default(),
            wake: Notify::new(),
            erasure_log: None,
            plugins: self.plugins.clone(),
        }
    }

    /// A context for reading.
    pub fn read<'a>(&'a self, actor: &'a Actor) -> Cx<'a> {
        Cx::new(self.db.read(), actor, self.time_of(actor), &*self.ids)
    }

    /// A context for writing: a transaction, which [`Self::commit`] ends. Dropping it undoes
    /// everything.
    pub async fn begin<'a>(&'a self, actor: &'a Actor) -> Result<Tx<'a>> {
        let transaction = self.db.begin().await?;
        Ok(Tx::new(transaction, actor, self.time_of(actor), &*self.ids))
    }

    /// Asks for the health of the accounts that were touched, commits, and wakes the worker when
    /// there is something to do. Who was erased is in the log before, the only file that is written
    /// while a transaction is open, and no longer in the journal of the database afterwards.
    pub async fn commit(&self, tx: Tx<'_>) -> Result<()> {
        recompute::ask_for_touched(&tx).await?;
        let finished = tx.finish().await?;
        if let Some(log) = &self.erasure_log {
            let kept = log.append(finished.erasures()).await;
            kept.map_err(|error| DbErr::Custom(format!("{}: {error}", log.path().display())))?;
        }
        let has_erased = !finished.erasures().is_empty();
        let has_jobs = finished.commit().await?;
        if has_jobs {
            self.wake.notify_one();
        }
        if has_erased && let Err(error) = self.db.empty_journal().await {
            // The erasure holds all the same.
            tracing::warn!(%error, "the journal of the database still has what was erased");
        }
        Ok(())
    }

    fn time_of(&self, actor: &Actor) -> DateTime<Utc> {
        self.clock.now() + actor.clock_offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_order_of_their_creation() {
        let now = DateTime::from_timestamp_millis(1_768_910_400_123).expect("it is a time");
        let ids = SystemIds { counter: AtomicU64::new(7) };
        let made: Vec<_> = (0..1000).map(|_| ids.next(now)).collect();
        assert!(made.is_sorted());
        assert_eq!(made[0].get_version_num(), 7);
        let time = made[0].get_timestamp().expect("version 7 has a time").to_unix();
        assert_eq!(time, (1_768_910_400, 123_000_000));
    }
}
