//! What was found, as a table.

use std::time::Duration;

/// How long a form took for an account, in many rounds.
pub(crate) struct Times {
    name: &'static str,
    /// Microseconds.
    each: Vec<f64>,
    /// Of the last round.
    fuel: Option<u64>,
}

impl Times {
    /// Nothing yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, each: Vec::new(), fuel: None }
    }

    /// A round with so many accounts.
    pub(crate) fn add(&mut self, took: Duration, rows: usize, fuel: Option<u64>) {
        self.each.push(took.as_secs_f64() * 1e6 / rows as f64);
        self.fuel = fuel.map(|fuel| fuel / rows as u64);
    }

    fn median(&self) -> f64 {
        let mut each = self.each.clone();
        each.sort_unstable_by(f64::total_cmp);
        each.get(each.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn least(&self) -> f64 {
        self.each.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

/// How many times native the batch path may take, and how many microseconds a fresh instance.
const MOST_RATIO: f64 = 1.5;
const MOST_FRESH: f64 = 40.0;

/// Prints what was found. The first two lines are native, then come the batches of our host and its
/// fresh instances.
pub(crate) fn show(all: &[Times], rounds: usize, rows: usize) {
    let extism = extism::extism_version().trim_end_matches('\0');
    println!("\ntelco-churn-health, microseconds an account: {rounds} rounds of {rows} accounts");
    println!("One by one a hundred of them. Extism {extism}, limits of fuel and memory as ours.");
    println!("{:<50}{:>9}{:>9}{:>9}{:>9}{:>9}", "", "p50", "least", "to plain", "to SDK", "fuel");
    let [plain, sdk] = [0, 1].map(|place| all.get(place).map_or(f64::NAN, Times::median));
    for times in all {
        let (median, least) = (times.median(), times.least());
        let fuel = times.fuel.map_or_else(|| "-".to_owned(), |fuel| fuel.to_string());
        let (to_plain, to_sdk) = (median / plain, median / sdk);
        let name = times.name;
        println!("{name:<50}{median:>9.3}{least:>9.3}{to_plain:>9.2}{to_sdk:>9.2}{fuel:>9}");
    }
    if let [_, _, batches, fresh, ..] = all {
        let ratio = batches.median() / plain;
        let told = if ratio <= MOST_RATIO { "held" } else { "missed" };
        println!("batches within {MOST_RATIO} x plain Rust: {told}, {ratio:.2}");
        let took = fresh.median();
        let told = if took <= MOST_FRESH { "held" } else { "missed" };
        println!("a fresh instance in {MOST_FRESH} us: {told}, {took:.1}");
    }
}
