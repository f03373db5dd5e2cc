//! What was found, as a table.

use std::time::{Duration, Instant};

/// How long something took that was done so many times.
pub(crate) struct Measure {
    pub(crate) what: String,
    pub(crate) count: u64,
    pub(crate) took: Duration,
}

impl Measure {
    /// Measures some work.
    pub(crate) async fn of<R>(
        what: impl Into<String>,
        count: u64,
        work: impl Future<Output = anyhow::Result<R>>,
    ) -> anyhow::Result<(Self, R)> {
        let begun = Instant::now();
        let result = work.await?;
        Ok((Self { what: what.into(), count, took: begun.elapsed() }, result))
    }

    fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// Prints measures; each is compared to the first.
pub(crate) fn table(title: &str, measures: &[Measure]) {
    println!("\n{title}");
    println!("{:<50}{:>12}{:>10}{:>12}{:>8}", "", "rows", "seconds", "rows/s", "ratio");
    let first = measures.first().map_or(0.0, Measure::rate);
    for measure in measures {
        let (seconds, rate) = (measure.took.as_secs_f64(), measure.rate());
        let ratio = rate / first;
        let Measure { what, count, .. } = measure;
        println!("{what:<50}{count:>12}{seconds:>10.1}{rate:>12.0}{ratio:>8.2}");
    }
}
