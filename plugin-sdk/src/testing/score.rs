//! Calls health scores.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde_json::{Map, Value as Json};

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::health_score::{self, HealthScore, InputKind};
use crate::text::{Failure, Moment};

/// A health score under test, with a configuration.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// use jornada_plugin_sdk::testing::TestScore;
/// use serde_json::json;
///
/// inputs! {
///     /// What is known of a customer.
///     pub struct Customer {
///         /// The last answer, 0 to 10.
///         pub nps: f64 = Input::number("NPS"),
///     }
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Config {}
///
/// struct Loyalty;
///
/// impl HealthScore for Loyalty {
///     type Config = Config;
///     type Inputs = Customer;
///
///     fn new(_: Config) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
///
///     fn factors(&self) -> Vec<Factor> {
///         vec![Factor::new("nps", "NPS")]
///     }
///
///     fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
///         points.add(0, customer.nps * 10.0);
///         Verdict::Scored
///     }
/// }
///
/// # fn main() {
/// let scored = TestScore::<Loyalty>::new(json!({})).score(json!({"nps": 9}));
/// assert_eq!(scored.value, Some(90.0));
/// assert_eq!(scored.factors["nps"], 90.0);
/// assert_eq!(TestScore::<Loyalty>::new(json!({})).score(json!({})).value, None);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TestScore<S> {
    config: Json,
    moment: Moment,
    score: PhantomData<S>,
}

/// What a customer scores.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use jornada_plugin_sdk::testing::Score;
///
/// let scored = Score {
///     value: Some(80.0),
///     base: 50.0,
///     factors: BTreeMap::from([("usage".to_owned(), 40.0), ("support".to_owned(), -10.0)]),
///     reasons: vec!["many_tickets".to_owned()],
/// };
/// let sum = scored.base + scored.factors.values().sum::<f64>();
/// assert_eq!(scored.value, Some(sum));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// 0 to 100; none where too little is known.
    pub value: Option<f64>,
    /// Where every score begins, in points.
    pub base: f64,
    /// The points that each factor adds or takes, by the keys of the factors.
    pub factors: BTreeMap<String, f64>,
    /// The codes of the reasons, the most important one first.
    pub reasons: Vec<String>,
}

impl<S: HealthScore> TestScore<S> {
    /// The score with a configuration, at the [`moment`](super::moment) of tests.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { most: f64 }
    /// # struct Loyalty(Config);
    /// # impl HealthScore for Loyalty {
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn new(config: Config) -> Result<Self, Vec<Problem>> { Ok(Self(config)) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// #     fn score(&self, known: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         points.add(0, known.nps * 100.0 / self.0.most);
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// // `Loyalty` gives 100 to who answers with `most`.
    /// let loyalty = TestScore::<Loyalty>::new(json!({"most": 5}));
    /// assert_eq!(loyalty.score(json!({"nps": 4})).value, Some(80.0));
    /// ```
    pub fn new(config: Json) -> Self {
        Self { config, moment: super::moment(), score: PhantomData }
    }

    /// At another moment.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { most: f64 }
    /// # struct Loyalty(Config);
    /// # impl HealthScore for Loyalty {
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn new(config: Config) -> Result<Self, Vec<Problem>> { Ok(Self(config)) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// #     fn score(&self, of: &Customer, moment: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         let is_known = moment.today.as_str() > "2026-03-31";
    /// #         points.add(0, if is_known { of.nps } else { 0.0 });
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// use jornada_plugin_sdk::testing::moment;
    ///
    /// // `Loyalty` counts from April on.
    /// let april = Moment { today: "2026-04-01".to_owned(), ..moment() };
    /// let loyalty = TestScore::<Loyalty>::new(json!({"most": 10}));
    /// assert_eq!(loyalty.score(json!({"nps": 9})).value, Some(0.0));
    /// assert_eq!(loyalty.at(april).score(json!({"nps": 9})).value, Some(9.0));
    /// ```
    #[must_use]
    pub fn at(mut self, moment: Moment) -> Self {
        self.moment = moment;
        self
    }

    /// What the score wants to know and how it is explained.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { most: f64 }
    /// # struct Loyalty(Config);
    /// # impl HealthScore for Loyalty {
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn new(config: Config) -> Result<Self, Vec<Problem>> { Ok(Self(config)) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// #     fn score(&self, known: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         points.add(0, known.nps * 100.0 / self.0.most);
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Loyalty>::new(json!({"most": 10})).describe()?;
    /// assert_eq!((description.inputs.len(), &*description.factors[0].key), (1, "nps"));
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// Where the plugin refuses the configuration.
    pub fn describe(&self) -> Result<wit::Description, Failure> {
        health_score::describe::<S>(&self.config.to_string())
    }

    /// Scores one customer: an object of numbers, booleans and words, by the keys of the inputs.
    /// What is null or not there is missing.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { most: f64 }
    /// # struct Loyalty(Config);
    /// # impl HealthScore for Loyalty {
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn new(config: Config) -> Result<Self, Vec<Problem>> { Ok(Self(config)) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// #     fn score(&self, known: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         points.add(0, known.nps * 100.0 / self.0.most);
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let loyalty = TestScore::<Loyalty>::new(json!({"most": 10}));
    /// let scored = loyalty.score(json!({"nps": 7}));
    /// assert_eq!((scored.value, scored.factors["nps"]), (Some(70.0), 70.0));
    /// ```
    ///
    /// # Panics
    /// Where the plugin refuses the configuration, and where a key or a value fits no input.
    pub fn score(&self, customer: Json) -> Score {
        let mut scores = match self.score_all(std::slice::from_ref(&customer)) {
            Ok(scores) => scores,
            Err(failure) => panic!("the plugin refuses: {}", super::refused(&failure)),
        };
        scores.remove(0)
    }

    /// Scores many customers in one batch, in their order.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { most: f64 }
    /// # struct Loyalty(Config);
    /// # impl HealthScore for Loyalty {
    /// #     type Config = Config;
    /// #     type Inputs = Customer;
    /// #     fn new(config: Config) -> Result<Self, Vec<Problem>> { Ok(Self(config)) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
    /// #     fn score(&self, known: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    /// #         points.add(0, known.nps * 100.0 / self.0.most);
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let customers = [json!({"nps": 2}), json!({}), json!({"nps": 9})];
    /// let scored = TestScore::<Loyalty>::new(json!({"most": 10})).score_all(&customers)?;
    /// let values: Vec<_> = scored.iter().map(|one| one.value).collect();
    /// assert_eq!(values, [Some(20.0), None, Some(90.0)]);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// Where the plugin refuses the configuration.
    ///
    /// # Panics
    /// Where a key or a value fits no input, and where parts do not come to their score.
    pub fn score_all(&self, customers: &[Json]) -> Result<Vec<Score>, Failure> {
        let description = self.describe()?;
        let batch = batch(&description.inputs, customers, self.moment.clone());
        let scores = health_score::score::<S>(&self.config.to_string(), batch)?;
        let each = (0..customers.len()).map(|row| of_row(&scores, &description, row));
        Ok(each.collect())
    }
}

fn of_row(scores: &wit::Scores, description: &wit::Description, row: usize) -> Score {
    let count = description.factors.len();
    let parts = &scores.contributions[row * count..(row + 1) * count];
    let keys = description.factors.iter().map(|factor| factor.key.clone());
    let value = Some(scores.values[row]).filter(|value| !value.is_nan());
    if let Some(value) = value.filter(|_| count > 0) {
        let sum = scores.base + parts.iter().sum::<f64>();
        assert!((sum - value).abs() < 1e-6, "the parts come to {sum}, the score is {value}");
    }
    let reasons = scores.reasons.iter().filter(|reason| reason.row as usize == row);
    let code = |reason: &wit::Reason| description.reasons[reason.reason as usize].code.clone();
    Score {
        value,
        base: scores.base,
        factors: keys.zip(parts.iter().copied()).collect(),
        reasons: reasons.map(code).collect(),
    }
}

/// The columns of customers.
fn batch(inputs: &[wit::Input], customers: &[Json], as_of: Moment) -> wit::Batch {
    let nobody = Map::new();
    let customers: Vec<&Map<String, Json>> = customers
        .iter()
        .map(|customer| match customer {
            Json::Object(fields) => fields,
            Json::Null => &nobody,
            other => panic!("a customer is an object, not {other}"),
        })
        .collect();
    let is_input = |key: &String| inputs.iter().any(|input| input.key == *key);
    if let Some(key) = customers.iter().flat_map(|one| one.keys()).find(|key| !is_input(key)) {
        panic!("there is no input {key}");
    }
    let mut batch = wit::Batch {
        as_of,
        rows: u32::try_from(customers.len()).unwrap_or(u32::MAX),
        columns: Vec::new(),
        dictionaries: Vec::new(),
    };
    for input in inputs {
        let mut words = Vec::new();
        let each = customers.iter().map(|fields| match fields.get(&input.key) {
            None | Some(Json::Null) => f64::NAN,
            Some(value) => number(input, value, &mut words),
        });
        batch.columns.push(each.collect());
        batch.dictionaries.push(words);
    }
    batch
}

fn number(input: &wit::Input, value: &Json, words: &mut Vec<String>) -> f64 {
    match (input.kind, value) {
        (InputKind::Number | InputKind::Days, Json::Number(number)) => number.as_f64(),
        (InputKind::Flag, Json::Bool(flag)) => Some(f64::from(u8::from(*flag))),
        (InputKind::Category, Json::String(word)) => {
            let place = words.iter().position(|one| one == word).unwrap_or(words.len());
            if place == words.len() {
                words.push(word.clone());
            }
            Some(place as f64)
        }
        _ => None,
    }
    .unwrap_or_else(|| panic!("{} is a {:?}, and {value} is none", input.key, input.kind))
}
