//! The score of `plugins/telco-churn-health` in plain Rust, without the SDK. It is measured by
//! itself, and it is what the plugin for Extism computes. Its constants are copies: whoever
//! measures compares all answers with those of the plugin.

pub mod wire;

/// Columns of a batch.
pub const INPUTS: usize = 10;
/// Parts of a score.
pub const FACTORS: usize = 7;

/// What is known of a customer, in the order of the columns. What is missing is NaN, yes is 1 and
/// no 0; a word is its place in [`WORDS`].
pub type Row = [f64; INPUTS];

/// The first column of words, behind the months and the charges.
pub const FIRST_WORDS: usize = 2;

/// The words of the columns that have some: contract, internet, payment.
pub const WORDS: [&[&str]; 3] = [
    &["Month-to-month", "One year", "Two year"],
    &["No", "DSL", "Fiber optic"],
    &["Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)"],
];

/// Columns without which there is no score; they are the first.
const REQUIRED: usize = 4;

const INTERCEPT: f64 = 0.992273;
const WEIGHTS: [f64; 12] = [
    0.580297, -1.186350, 1.066404, 1.621784, -0.727324, -1.247458, 0.538185, 0.360375, -0.681501,
    -0.309361, -0.008115, 0.081087,
];
const MEANS: [f64; 12] = [
    3.014734, 0.644113, 0.214459, 0.240307, 0.337237, 0.443861, 0.285137, 0.287157, 0.331987,
    0.597334, 0.149031, 0.307754,
];
const FACTOR_OF: [usize; 12] = [0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6];

/// Points from which on a factor that takes them is a reason, and reasons of a customer.
const WORTH_TELLING: f64 = 5.0;
const MOST_REASONS: usize = 3;

/// The scores of a batch.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Where every score begins.
    pub base: f64,
    /// A score for each customer; NaN where too little is known.
    pub values: Vec<f64>,
    /// The points of the factors of each customer, one customer after the other.
    pub contributions: Vec<f64>,
    /// Pairs of a customer and a reason.
    pub reasons: Vec<[u32; 2]>,
}

/// The model, ready to score.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    start: f64,
    base: f64,
}

impl Default for Model {
    fn default() -> Self {
        let start = linear(&MEANS);
        Self { start, base: 100.0 * chance(start) }
    }
}

impl Model {
    /// Where every score begins.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The score of a customer, and its parts, which are 0 before; NaN where too little is known.
    #[inline]
    pub fn score(&self, known: &Row, parts: &mut [f64]) -> f64 {
        if known.iter().take(REQUIRED).any(|one| one.is_nan()) {
            return f64::NAN;
        }
        let inputs = inputs_of(known);
        let linear = linear(&inputs);
        let moved = linear - self.start;
        let each = if moved.abs() < 1e-9 {
            self.base * (1.0 - self.base / 100.0)
        } else {
            (100.0 * chance(linear) - self.base) / moved
        };
        for (input, factor) in FACTOR_OF.into_iter().enumerate() {
            parts[factor] += each * WEIGHTS[input] * (inputs[input] - MEANS[input]);
        }
        (self.base + parts.iter().sum::<f64>()).clamp(0.0, 100.0)
    }

    /// Scores a batch, of which `row` says what is known of each customer.
    #[inline]
    pub fn score_all(&self, rows: usize, row: impl Fn(usize) -> Row) -> Scores {
        let mut scores = Scores {
            base: self.base,
            values: Vec::with_capacity(rows),
            contributions: vec![0.0; rows * FACTORS],
            reasons: Vec::new(),
        };
        for (number, parts) in scores.contributions.chunks_exact_mut(FACTORS).enumerate() {
            scores.values.push(self.score(&row(number), parts));
            let customer = u32::try_from(number).unwrap_or(u32::MAX);
            worst(parts, |reason| scores.reasons.push([customer, reason]));
        }
        scores
    }
}

/// Tells the factors that take the most points, the worst first.
#[inline]
pub fn worst(parts: &[f64], tell: impl FnMut(u32)) {
    let mut taken = [(0.0, 0_u32); FACTORS];
    let mut count = 0;
    for (factor, part) in (0_u32..).zip(parts) {
        if *part < -WORTH_TELLING {
            taken[count] = (*part, factor);
            count += 1;
        }
    }
    let taken = &mut taken[..count];
    taken.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    taken.iter().take(MOST_REASONS).map(|(_, factor)| *factor).for_each(tell);
}

/// For each column of words, the place in [`WORDS`] of each word of its dictionary.
pub fn places(dictionaries: &[Vec<String>]) -> [Vec<f64>; 3] {
    let place = |words: &[&str], word: &String| {
        let place = words.iter().position(|one| one == word);
        place.map_or(f64::NAN, |place| place as f64)
    };
    std::array::from_fn(|column| {
        let words = dictionaries.get(FIRST_WORDS + column);
        words.into_iter().flatten().map(|word| place(WORDS[column], word)).collect()
    })
}

/// Puts the places of words where their codes are.
#[inline]
pub fn decode(row: &mut Row, places: &[Vec<f64>; 3]) {
    for (code, places) in row[FIRST_WORDS..].iter_mut().zip(places) {
        if !code.is_nan() {
            *code = places.get(*code as usize).copied().unwrap_or(f64::NAN);
        }
    }
}

#[inline]
fn inputs_of(known: &Row) -> [f64; 12] {
    let [tenure, charges, contract, internet, payment, flags @ ..] = *known;
    let is = |word: f64, place: f64| f64::from(u8::from(word == place));
    let or_mean = |value: f64, input: usize| if value.is_nan() { MEANS[input] } else { value };
    let by_check = if payment.is_nan() { f64::NAN } else { is(payment, 0.0) };
    let [security, support, paperless, senior, dependents] = flags;
    [
        tenure.max(0.0).ln_1p(),
        charges / 100.0,
        is(contract, 1.0),
        is(contract, 2.0),
        is(internet, 1.0),
        is(internet, 2.0),
        or_mean(security, 6),
        or_mean(support, 7),
        or_mean(by_check, 8),
        or_mean(paperless, 9),
        or_mean(senior, 10),
        or_mean(dependents, 11),
    ]
}

#[inline]
fn linear(inputs: &[f64; 12]) -> f64 {
    INTERCEPT + WEIGHTS.iter().zip(inputs).map(|(weight, input)| weight * input).sum::<f64>()
}

#[inline]
fn chance(linear: f64) -> f64 {
    1.0 / (1.0 + (-linear).exp())
}
