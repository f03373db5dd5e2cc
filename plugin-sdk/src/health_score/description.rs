//! What a score says of itself: what it wants to know, its parts, and its sentences.

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{add_portuguese, english};

pub use wit::{Aggregation, InputKind};

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
    pub fn new(key: &str, title: &str) -> Self {
        Self(wit::Factor { key: key.to_owned(), title: english(title), weight: 0.0 })
    }

    /// Its title in Brazilian Portuguese.
    #[must_use]
    pub fn portuguese(mut self, title: &str) -> Self {
        add_portuguese(&mut self.0.title, title);
        self
    }

    /// Its weight as people would say it, 0 to 1. It is only shown: what counts is what
    /// [`Points::add`](super::Points::add) is given.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.0.weight = weight;
        self
    }

    /// Its key.
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
    pub fn new(code: &str, text: &str) -> Self {
        Self(wit::ReasonText { code: code.to_owned(), text: english(text) })
    }

    /// The sentence in Brazilian Portuguese.
    #[must_use]
    pub fn portuguese(mut self, text: &str) -> Self {
        add_portuguese(&mut self.0.text, text);
        self
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0.code
    }
}

/// Something that a score wants to know; a workspace binds it to what it has: a metric, an
/// attribute, or a fact that the host knows. Its key is the name of the field in
/// [`inputs!`](crate::inputs), and whether it is required follows from the type of the field.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// inputs! {
///     /// What is known of a customer.
///     pub struct Customer {
///         /// The change of the mean of 30 days against the 30 before: -0.2 is a fifth less.
///         pub usage_trend: Option<f64> = Input::number("Usage trend")
///             .portuguese("Tendência de uso")
///             .unit("logins")
///             .window(30, Aggregation::Trend),
///         /// In how many days the contract ends; negative once it has.
///         pub renewal: Option<f64> = Input::days("Renewal").suggestion("days_to_renewal"),
///         /// Whether a manager of the customer stands behind it.
///         pub has_sponsor: Option<bool> = Input::flag("Has a sponsor").sensitive(),
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Input(pub(super) wit::Input);

impl Input {
    fn new(title: &str, kind: InputKind) -> Self {
        Self(wit::Input {
            key: String::new(),
            title: english(title),
            kind,
            unit: String::new(),
            required: true,
            window_days: 0,
            aggregation: Aggregation::Last,
            words: Vec::new(),
            sensitive: false,
            suggestion: String::new(),
        })
    }

    /// A number, with its English title. The field is an `f64`.
    pub fn number(title: &str) -> Self {
        Self::new(title, InputKind::Number)
    }

    /// Yes or no. The field is a `bool`.
    pub fn flag(title: &str) -> Self {
        Self::new(title, InputKind::Flag)
    }

    /// Days from today on: 30 is in 30 days, -30 was 30 days ago. The field is an `f64`.
    pub fn days(title: &str) -> Self {
        Self::new(title, InputKind::Days)
    }

    /// One of several words. The field is what [`words!`](crate::words) declares.
    pub fn category(title: &str) -> Self {
        Self::new(title, InputKind::Category)
    }

    /// Its title in Brazilian Portuguese.
    #[must_use]
    pub fn portuguese(mut self, title: &str) -> Self {
        add_portuguese(&mut self.0.title, title);
        self
    }

    /// The unit of a number, as it is shown: `logins`, `%`.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        unit.clone_into(&mut self.0.unit);
        self
    }

    /// How many days before today count, where it is bound to a metric, and what becomes of the
    /// points in them. Without it, the latest point counts.
    #[must_use]
    pub fn window(mut self, days: u32, aggregation: Aggregation) -> Self {
        (self.0.window_days, self.0.aggregation) = (days, aggregation);
        self
    }

    /// It says something about a person, and is to be bound with care.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.0.sensitive = true;
        self
    }

    /// What the host knows by itself that fits, as a first choice: `days_to_renewal`.
    #[must_use]
    pub fn suggestion(mut self, fact: &str) -> Self {
        fact.clone_into(&mut self.0.suggestion);
        self
    }

    /// Panics where a field of another type stands for it: the author sees it at the first test.
    pub(super) fn expect_kind(&self, kinds: &[InputKind], field: &str) {
        let is_right = kinds.contains(&self.0.kind);
        assert!(is_right, "an input of the kind {:?} cannot be read as {field}", self.0.kind);
    }
}
