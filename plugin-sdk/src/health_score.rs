//! Health scores: how a customer does, as a number between 0 and 100 that explains itself.

mod columns;
mod description;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{Failure, Moment, Problem, read};

pub use columns::{Columns, Field, Inputs, Words};
#[doc(hidden)]
pub use columns::{declare_words, keyed, read_word};
pub use description::{Aggregation, Factor, Input, InputKind, ReasonText};

/// How a customer does, as a number between 0 and 100. See the [crate's example](crate).
pub trait HealthScore: Sized + 'static {
    /// What a workspace can set. [`serde::Deserialize`] reads it, [`JsonSchema`] makes the form.
    type Config: DeserializeOwned + JsonSchema;

    /// What the score knows of a customer; made by [`inputs!`](crate::inputs).
    type Inputs: Inputs;

    /// Makes the score with a configuration, once for many customers; or says what is wrong with
    /// the configuration beyond its schema. What does not depend on the customer is best computed
    /// here.
    fn new(config: Self::Config) -> Result<Self, Vec<Problem>>;

    /// The parts of the score, at most 32. [`Points::add`] names them by their places. They may
    /// depend on the configuration, and on nothing else.
    fn factors(&self) -> Vec<Factor>;

    /// Sentences that explain scores, at most 64. [`Points::because`] names them by their places.
    fn reasons(&self) -> Vec<ReasonText> {
        Vec::new()
    }

    /// Where every score begins, in points: 0 to 100; what lies outside counts as the nearer end.
    fn base(&self) -> f64 {
        0.0
    }

    /// Scores one customer: the score is the base and all points that are added. What goes below 0
    /// or above 100 is scaled back, each part by the same share, so that the base and the points
    /// always come to the score. It may depend on this customer, the configuration and the moment,
    /// and on nothing else.
    fn score(&self, customer: &Self::Inputs, moment: &Moment, points: &mut Points<'_>) -> Verdict;
}

/// Whether there is a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is: the base and the points.
    Scored,
    /// Too little is known to give one. The points are forgotten, the reasons are kept.
    Insufficient,
}

/// The points and reasons of one customer.
///
/// ```
/// use jornada_plugin_sdk::health_score::Points;
///
/// const NPS: usize = 1;
/// const DETRACTOR: usize = 0;
///
/// /// Gives 20 points at most, and says why it gives few.
/// fn judge_nps(answer: f64, points: &mut Points<'_>) {
///     points.add(NPS, answer * 2.0);
///     if answer <= 6.0 {
///         points.because(DETRACTOR);
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Points<'p> {
    factors: &'p mut [f64],
    row: u32,
    told: u32,
    texts: usize,
    reasons: &'p mut Vec<wit::Reason>,
}

/// Points that a factor can be given at once, far beyond what makes sense: with more, the sum of
/// the parts could miss the score.
const MOST_POINTS: f64 = 1e6;

/// Reasons of one customer.
const MOST_REASONS: u32 = 3;

impl Points<'_> {
    /// Adds points to the factor at this place of [`HealthScore::factors`]; takes them where they
    /// are negative. One factor can be added to more than once.
    ///
    /// # Panics
    /// Where there is no such factor, and where the points are no number between minus and plus a
    /// million. A panic costs this customer its score, and no other.
    #[inline]
    pub fn add(&mut self, factor: usize, points: f64) {
        assert!(points.abs() <= MOST_POINTS, "factor {factor} is given {points} points");
        self.factors[factor] += points;
    }

    /// Explains the score by the sentence at this place of [`HealthScore::reasons`], the most
    /// important one first. What is said after the third is left out.
    ///
    /// # Panics
    /// Where there is no such sentence.
    pub fn because(&mut self, reason: usize) {
        assert!(reason < self.texts, "there is no reason {reason} among {}", self.texts);
        if self.told < MOST_REASONS {
            self.told += 1;
            let reason = u32::try_from(reason).unwrap_or(u32::MAX);
            self.reasons.push(wit::Reason { row: self.row, reason });
        }
    }

    /// Explains the score by the factors that take more than so many points, the one that takes
    /// most first: `reason` says which sentence stands for a factor. To be called when all points
    /// are given.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Points;
    ///
    /// /// The sentence for a factor has the same place as the factor.
    /// fn tell(points: &mut Points<'_>) {
    ///     points.because_of_worst(5.0, |factor| factor);
    /// }
    /// ```
    ///
    /// # Panics
    /// Where there is no such sentence.
    pub fn because_of_worst(&mut self, points: f64, reason: impl Fn(usize) -> usize) {
        // There are few factors and fewer that take points: looking for the next one is faster
        // than putting all in order.
        let mut last = (f64::NEG_INFINITY, 0);
        for _ in self.told..MOST_REASONS {
            let mut worst = (-points, 0);
            for (factor, taken) in self.factors.iter().enumerate() {
                let is_next = *taken > last.0 || (*taken == last.0 && factor > last.1);
                if *taken < worst.0 && is_next {
                    worst = (*taken, factor);
                }
            }
            if worst.0 >= -points {
                break;
            }
            self.because(reason(worst.1));
            last = worst;
        }
    }
}

/// The score with this configuration.
fn made<S: HealthScore>(config: &str) -> Result<S, Failure> {
    let config = read(config).map_err(|problem| Failure::InvalidConfig(vec![problem]))?;
    S::new(config).map_err(Failure::InvalidConfig)
}

#[doc(hidden)]
pub fn describe<S: HealthScore>(config: &str) -> Result<wit::Description, Failure> {
    let score = made::<S>(config)?;
    Ok(wit::Description {
        inputs: S::Inputs::inputs().into_iter().map(|Input(input)| input).collect(),
        factors: score.factors().into_iter().map(|Factor(factor)| factor).collect(),
        reasons: score.reasons().into_iter().map(|ReasonText(text)| text).collect(),
    })
}

#[doc(hidden)]
pub fn score<S: HealthScore>(config: &str, mut batch: wit::Batch) -> Result<wit::Scores, Failure> {
    let score = made::<S>(config)?;
    let (rows, factors) = (batch.rows as usize, score.factors().len());
    let texts = score.reasons().len();
    let columns = Columns::take(&mut batch, &S::Inputs::inputs())?;
    let base = score.base().clamp(0.0, 100.0);
    if base.is_nan() {
        return Err(Failure::Failed("the base of the score is no number".to_owned()));
    }
    let mut values = Vec::with_capacity(rows);
    let mut contributions = vec![0.0; rows * factors];
    let mut reasons = Vec::new();
    for row in 0..rows {
        let parts = &mut contributions[row * factors..(row + 1) * factors];
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        let reasons = &mut reasons;
        let mut points = Points { factors: parts, row: number, told: 0, texts, reasons };
        let verdict = match S::Inputs::read(&columns, row) {
            Some(customer) => score.score(&customer, &batch.as_of, &mut points),
            None => Verdict::Insufficient,
        };
        values.push(match verdict {
            Verdict::Scored => bounded(base, parts),
            Verdict::Insufficient => {
                parts.fill(0.0);
                f64::NAN
            }
        });
    }
    Ok(wit::Scores { values, base, contributions, reasons })
}

/// The score that a base between 0 and 100 and the parts come to. The parts are scaled back where
/// it would leave 0 to 100; since the base does not, there is something to scale then. Pure.
fn bounded(base: f64, parts: &mut [f64]) -> f64 {
    let sum: f64 = parts.iter().sum();
    let (value, within) = (base + sum, (base + sum).clamp(0.0, 100.0));
    if value != within {
        let share = (within - base) / sum;
        parts.iter_mut().for_each(|part| *part *= share);
    }
    within
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export_health_score {
    ($plugin:ident) => {
        use $crate::bindings::score::exports::jornada::score::health_score as wit;
        use $crate::bindings::score::exports::jornada::score::schemas;

        struct Exported;

        impl wit::Guest for Exported {
            fn describe(config: String) -> Result<wit::Description, wit::Failure> {
                $crate::log::tell_panics();
                $crate::health_score::describe::<$plugin>(&config)
            }

            fn score(config: String, batch: wit::Batch) -> Result<wit::Scores, wit::Failure> {
                $crate::log::tell_panics();
                $crate::health_score::score::<$plugin>(&config, batch)
            }
        }

        impl schemas::Guest for Exported {
            fn config() -> String {
                $crate::schema_of::<<$plugin as $crate::health_score::HealthScore>::Config>()
            }
        }

        $crate::bindings::score::export_health_score!(
            Exported with_types_in $crate::bindings::score
        );
    };
}
