//! Health scores: how a customer does, as a number between 0 and 100 that explains itself.
//!
//! ```
//! use jornada_plugin_sdk::health_score::{Factor, ReasonText};
//!
//! let factors = [
//!     Factor::new("usage", "Usage").portuguese("Uso").weight(0.7),
//!     Factor::new("support", "Support").portuguese("Suporte").weight(0.3),
//! ];
//! let reasons = [ReasonText::new("usage_low", "Few people log in")];
//! assert_eq!((factors[1].key(), reasons[0].code()), ("support", "usage_low"));
//! ```

mod columns;
mod description;
mod input;
mod points;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{Failure, Moment, Problem, read};

pub use columns::{Columns, Field, Inputs, Words};
#[doc(hidden)]
pub use columns::{declare_words, keyed, read_word};
pub use description::{Factor, ReasonText};
pub use input::{Aggregation, Input, InputKind};
pub use points::Points;

/// How a customer does, as a number between 0 and 100. See the [crate's example](crate).
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// use jornada_plugin_sdk::testing::TestScore;
///
/// inputs! {
///     /// What is known of a customer.
///     struct Customer {
///         seats: f64 = Input::number("Seats"),
///         used: f64 = Input::number("Seats in use"),
///     }
/// }
///
/// struct Adoption;
///
/// impl HealthScore for Adoption {
///     type Config = ();
///     type Inputs = Customer;
///
///     fn new((): ()) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
///
///     fn factors(&self) -> Vec<Factor> {
///         vec![Factor::new("seats", "Seats in use")]
///     }
///
///     fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
///         points.add(0, 100.0 * customer.used / customer.seats);
///         Verdict::Scored
///     }
/// }
///
/// let adoption = TestScore::<Adoption>::new(serde_json::json!(null));
/// let scored = adoption.score(serde_json::json!({"seats": 50, "used": 40}));
/// assert_eq!(scored.value, Some(80.0));
/// ```
pub trait HealthScore: Sized + 'static {
    /// What a workspace can set. [`serde::Deserialize`] reads it, [`JsonSchema`] makes the form.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Config {
    ///     /// The answer from which on a customer is loyal.
    ///     #[schemars(range(min = 0, max = 10))]
    ///     loyal_from: u8,
    /// }
    ///
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     type Config = Config;
    ///     // ...
    /// #     type Inputs = Customer;
    /// #     fn new(_: Config) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let loyalty = TestScore::<Loyalty>::new(json!({"loyal_from": "nine"}));
    /// assert!(matches!(loyalty.describe(), Err(Failure::InvalidConfig(_))));
    /// ```
    type Config: DeserializeOwned + JsonSchema;

    /// What the score knows of a customer; made by [`inputs!`](crate::inputs).
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// inputs! {
    ///     struct Customer {
    ///         nps: Option<f64> = Input::number("NPS").suggestion("last_nps"),
    ///     }
    /// }
    ///
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     type Inputs = Customer;
    ///     // ...
    /// #     type Config = ();
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let description = TestScore::<Loyalty>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].key, "nps");
    /// # Ok::<(), Failure>(())
    /// ```
    type Inputs: Inputs;

    /// Makes the score with a configuration, once for many customers; or says what is wrong with
    /// the configuration beyond its schema. What does not depend on the customer is best computed
    /// here.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { from: f64, to: f64 }
    /// struct Loyalty {
    ///     per_answer: f64,
    /// }
    ///
    /// impl HealthScore for Loyalty {
    ///     fn new(config: Config) -> Result<Self, Vec<Problem>> {
    ///         if config.to <= config.from {
    ///             return Err(vec![Problem::new("to", "More than `from`.")]);
    ///         }
    ///         Ok(Self { per_answer: 100.0 / (config.to - config.from) })
    ///     }
    ///     // ...
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let upside_down = TestScore::<Loyalty>::new(json!({"from": 10, "to": 0}));
    /// let told = Problem::new("to", "More than `from`.");
    /// assert_eq!(upside_down.score_all(&[]), Err(Failure::InvalidConfig(vec![told])));
    /// ```
    fn new(config: Self::Config) -> Result<Self, Vec<Problem>>;

    /// The parts of the score, at most 32. [`Points::add`] names them by their places. They may
    /// depend on the configuration, and on nothing else.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     fn factors(&self) -> Vec<Factor> {
    ///         let usage = Factor::new("usage", "Usage").weight(0.8);
    ///         vec![usage, Factor::new("nps", "NPS").weight(0.2)]
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let description = TestScore::<Loyalty>::new(json!(null)).describe()?;
    /// assert_eq!((&*description.factors[1].key, description.factors[1].weight), ("nps", 0.2));
    /// # Ok::<(), Failure>(())
    /// ```
    fn factors(&self) -> Vec<Factor>;

    /// Sentences that explain scores, at most 64. [`Points::because`] names them by their places.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     fn reasons(&self) -> Vec<ReasonText> {
    ///         let low = ReasonText::new("detractor", "The last NPS is low");
    ///         vec![low.portuguese("O NPS está baixo")]
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let description = TestScore::<Loyalty>::new(json!(null)).describe()?;
    /// assert_eq!(description.reasons[0].text[1].text, "O NPS está baixo");
    /// # Ok::<(), Failure>(())
    /// ```
    fn reasons(&self) -> Vec<ReasonText> {
        Vec::new()
    }

    /// Where every score begins, in points: 0 to 100; what lies outside counts as the nearer end.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     /// Without points, nobody does well or badly.
    ///     fn base(&self) -> f64 {
    ///         50.0
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// }
    ///
    /// let scored = TestScore::<Loyalty>::new(json!(null)).score(json!({"nps": 9}));
    /// assert_eq!((scored.base, scored.value), (50.0, Some(50.0)));
    /// ```
    fn base(&self) -> f64 {
        0.0
    }

    /// Scores one customer: the score is the base and all points that are added. What goes below 0
    /// or above 100 is scaled back, each part by the same share, so that the base and the points
    /// always come to the score. It may depend on this customer, the configuration and the moment,
    /// and on nothing else.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: Option<f64> = Input::number("NPS"), } }
    /// # struct Loyalty;
    /// impl HealthScore for Loyalty {
    ///     fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    ///         let Some(nps) = customer.nps else { return Verdict::Insufficient };
    ///         points.add(0, nps * 12.0);
    ///         Verdict::Scored
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// }
    ///
    /// let loyalty = TestScore::<Loyalty>::new(json!(null));
    /// assert_eq!(loyalty.score(json!({"nps": 5})).value, Some(60.0));
    /// assert_eq!(loyalty.score(json!({"nps": 10})).value, Some(100.0), "120 is scaled back");
    /// assert_eq!(loyalty.score(json!({})).value, None);
    /// ```
    fn score(&self, customer: &Self::Inputs, moment: &Moment, points: &mut Points<'_>) -> Verdict;
}

/// Whether there is a score.
///
/// ```
/// use jornada_plugin_sdk::health_score::Verdict;
///
/// fn verdict(active_days: Option<f64>, nps: Option<f64>) -> Verdict {
///     if active_days.or(nps).is_some() { Verdict::Scored } else { Verdict::Insufficient }
/// }
///
/// assert_eq!(verdict(None, Some(9.0)), Verdict::Scored);
/// assert_eq!(verdict(None, None), Verdict::Insufficient);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is: the base and the points.
    Scored,
    /// Too little is known to give one. The points are forgotten, the reasons are kept.
    Insufficient,
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
