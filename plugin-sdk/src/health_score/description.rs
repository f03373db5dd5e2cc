//! What a score says of itself: its parts and its sentences.

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{add_portuguese, english};

/// A part of the score, by which people understand it.
///
/// ```
/// use jornada_plugin_sdk::health_score::Factor;
///
/// let usage = Factor::new("usage", "Usage").portuguese("Uso").weight(0.4);
/// assert_eq!(usage.key(), "usage");
/// ```
#[derive(Clone, Debug)]
pub struct Factor(pub(super) wit::Factor);

impl Factor {
    /// A factor with its key, unique among the factors: up to 64 lower-case letters, digits and
    /// underscores; and with its English title, one line. Its weight is 0 until it is said.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Factor;
    ///
    /// let support = Factor::new("open_tickets", "Open tickets");
    /// assert_eq!(support.key(), "open_tickets");
    /// ```
    pub fn new(key: &str, title: &str) -> Self {
        Self(wit::Factor { key: key.to_owned(), title: english(title), weight: 0.0 })
    }

    /// Its title in Brazilian Portuguese.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// fn factors(&self) -> Vec<Factor> {
    ///     vec![Factor::new("usage", "Usage").portuguese("Uso")]
    /// }
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    ///
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.factors[0].title[1].text, "Uso");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn portuguese(mut self, title: &str) -> Self {
        add_portuguese(&mut self.0.title, title);
        self
    }

    /// Its weight as people would say it, 0 to 1. It is only shown: what counts is what
    /// [`Points::add`](super::Points::add) is given.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// fn factors(&self) -> Vec<Factor> {
    ///     vec![Factor::new("usage", "Usage").weight(0.8), Factor::new("nps", "NPS").weight(0.2)]
    /// }
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    ///
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// let weights = description.factors.iter().map(|factor| factor.weight);
    /// assert_eq!(weights.sum::<f64>(), 1.0);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.0.weight = weight;
        self
    }

    /// Its key.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Factor;
    ///
    /// let factors = [Factor::new("usage", "Usage"), Factor::new("nps", "NPS")];
    /// assert_eq!(factors.iter().position(|factor| factor.key() == "nps"), Some(1));
    /// ```
    pub fn key(&self) -> &str {
        &self.0.key
    }
}

/// A sentence that explains a score.
///
/// ```
/// use jornada_plugin_sdk::health_score::ReasonText;
///
/// let down = ReasonText::new("usage_down", "Usage goes down").portuguese("O uso está caindo");
/// assert_eq!(down.code(), "usage_down");
/// ```
#[derive(Clone, Debug)]
pub struct ReasonText(pub(super) wit::ReasonText);

impl ReasonText {
    /// A sentence in English with its code, unique among the reasons: up to 64 lower-case letters,
    /// digits and underscores.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::ReasonText;
    ///
    /// let ends = ReasonText::new("ends_soon", "The contract ends within 60 days");
    /// assert_eq!(ends.code(), "ends_soon");
    /// ```
    pub fn new(code: &str, text: &str) -> Self {
        Self(wit::ReasonText { code: code.to_owned(), text: english(text) })
    }

    /// The sentence in Brazilian Portuguese.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { nps: f64 = Input::number("NPS"), } }
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// fn reasons(&self) -> Vec<ReasonText> {
    ///     vec![ReasonText::new("usage_down", "Usage goes down").portuguese("O uso está caindo")]
    /// }
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    ///
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.reasons[0].text[1].locale, "pt-BR");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn portuguese(mut self, text: &str) -> Self {
        add_portuguese(&mut self.0.text, text);
        self
    }

    /// Its code.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::ReasonText;
    ///
    /// let reasons = [("few", "Few log in"), ("none", "Nobody logs in")];
    /// let reasons = reasons.map(|(code, text)| ReasonText::new(code, text));
    /// assert_eq!(reasons[1].code(), "none");
    /// ```
    pub fn code(&self) -> &str {
        &self.0.code
    }
}
