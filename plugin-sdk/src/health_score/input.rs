//! What a score wants to know.

use crate::bindings::score::exports::jornada::score::health_score as wit;
use crate::text::{add_portuguese, english};

/// How the points of a metric become one number, for [`Input::window`].
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// # use jornada_plugin_sdk::testing::TestScore;
/// # use serde_json::json;
///
/// inputs! {
///     struct Customer {
///         logins: f64 = Input::number("Logins").window(30, Aggregation::Sum),
///         mood: f64 = Input::number("Mood").window(90, Aggregation::Mean),
///     }
/// }
///
/// // Any: HealthScore<Inputs = Customer>
/// # struct Any;
/// # impl HealthScore for Any {
/// #     type Config = ();
/// #     type Inputs = Customer;
/// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
/// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
/// #         Verdict::Scored
/// #     }
/// # }
/// let description = TestScore::<Any>::new(json!(null)).describe()?;
/// assert_eq!(description.inputs[1].aggregation, Aggregation::Mean);
/// # Ok::<(), Failure>(())
/// ```
pub use wit::Aggregation;

/// What an input is, as a description has it: [`Input::number`], [`Input::flag`],
/// [`Input::category`] and [`Input::days`] make one of each.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// # use jornada_plugin_sdk::testing::TestScore;
/// # use serde_json::json;
/// use jornada_plugin_sdk::health_score::InputKind;
///
/// inputs! {
///     struct Customer {
///         renewal: f64 = Input::days("Renewal"),
///         has_sponsor: bool = Input::flag("Has a sponsor"),
///     }
/// }
///
/// // Any: HealthScore<Inputs = Customer>
/// # struct Any;
/// # impl HealthScore for Any {
/// #     type Config = ();
/// #     type Inputs = Customer;
/// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
/// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
/// #         Verdict::Scored
/// #     }
/// # }
/// let description = TestScore::<Any>::new(json!(null)).describe()?;
/// let kinds: Vec<_> = description.inputs.iter().map(|input| input.kind).collect();
/// assert_eq!(kinds, [InputKind::Days, InputKind::Flag]);
/// # Ok::<(), Failure>(())
/// ```
pub use wit::InputKind;

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
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         seats: f64 = Input::number("Seats"),
    ///         nps: Option<f64> = Input::number("Last NPS"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// let required: Vec<_> = description.inputs.iter().map(|input| input.required).collect();
    /// assert_eq!(required, [true, false]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn number(title: &str) -> Self {
        Self::new(title, InputKind::Number)
    }

    /// Yes or no. The field is a `bool`.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         has_sponsor: bool = Input::flag("Has a sponsor"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].title[0].text, "Has a sponsor");
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn flag(title: &str) -> Self {
        Self::new(title, InputKind::Flag)
    }

    /// Days from today on: 30 is in 30 days, -30 was 30 days ago. The field is an `f64`.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         renewal: Option<f64> = Input::days("Renewal"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].key, "renewal");
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn days(title: &str) -> Self {
        Self::new(title, InputKind::Days)
    }

    /// One of several words. The field is what [`words!`](crate::words) declares.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// words! {
    ///     /// How long a customer is bound.
    ///     enum Contract { Monthly = "Month-to-month", Yearly = "One year" }
    /// }
    ///
    /// inputs! {
    ///     struct Customer {
    ///         contract: Contract = Input::category("Contract"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].words, ["Month-to-month", "One year"]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn category(title: &str) -> Self {
        Self::new(title, InputKind::Category)
    }

    /// Its title in Brazilian Portuguese.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         seats: f64 = Input::number("Seats").portuguese("Licenças"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// let title = &description.inputs[0].title;
    /// assert_eq!((&*title[1].locale, &*title[1].text), ("pt-BR", "Licenças"));
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn portuguese(mut self, title: &str) -> Self {
        add_portuguese(&mut self.0.title, title);
        self
    }

    /// The unit of a number, as it is shown: `logins`, `%`.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         growth: f64 = Input::number("Growth of usage").unit("%"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].unit, "%");
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        unit.clone_into(&mut self.0.unit);
        self
    }

    /// How many days before today count, where it is bound to a metric, and what becomes of the
    /// points in them. Without it, the latest point counts.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         peak: f64 = Input::number("Peak").window(30, Aggregation::Maximum),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].window_days, 30);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn window(mut self, days: u32, aggregation: Aggregation) -> Self {
        (self.0.window_days, self.0.aggregation) = (days, aggregation);
        self
    }

    /// It says something about a person, and is to be bound with care.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         is_senior: Option<bool> = Input::flag("Is 65 or older").sensitive(),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert!(description.inputs[0].sensitive);
    /// # Ok::<(), Failure>(())
    /// ```
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.0.sensitive = true;
        self
    }

    /// What the host knows by itself that fits, as a first choice: `days_to_renewal`.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    ///
    /// inputs! {
    ///     struct Customer {
    ///         renewal: f64 = Input::days("Renewal").suggestion("days_to_renewal"),
    ///     }
    /// }
    ///
    /// // Any: HealthScore<Inputs = Customer>
    /// # struct Any;
    /// # impl HealthScore for Any {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { Vec::new() }
    /// #     fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
    /// #         Verdict::Scored
    /// #     }
    /// # }
    /// let description = TestScore::<Any>::new(json!(null)).describe()?;
    /// assert_eq!(description.inputs[0].suggestion, "days_to_renewal");
    /// # Ok::<(), Failure>(())
    /// ```
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
