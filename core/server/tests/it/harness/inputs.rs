//! Time and ids as inputs: the same on every run.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use jornada_domain::id::Ids;
use jornada_server::app::Clock;
use uuid::{Builder, Uuid};

/// A clock that stands still until it is set.
pub(super) struct FixedClock(Mutex<DateTime<Utc>>);

impl Default for FixedClock {
    fn default() -> Self {
        Self(Mutex::new("2026-01-20T12:00:00Z".parse().expect("it is a time")))
    }
}

impl FixedClock {
    pub(super) fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().expect("nobody panicked here") = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("nobody panicked here")
    }
}

/// Version 7 UUIDs with a counter in place of random bits.
#[derive(Default)]
pub(super) struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let millis = now.timestamp_millis().unsigned_abs();
        Builder::from_unix_timestamp_millis(millis, &counter).into_uuid()
    }
}
