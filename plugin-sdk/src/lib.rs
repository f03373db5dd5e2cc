//! Write plugins for Jornada: health scores and types of tasks, in Rust, for WebAssembly.
//!
//! A plugin is one type with an attribute on it. It has no clock, no files and no network: it
//! answers what it is asked from what it is given, and the same question always gets the same
//! answer.
//!
//! ```standalone_crate
//! use jornada_plugin_sdk::prelude::*;
//!
//! inputs! {
//!     /// What the score knows of a customer.
//!     pub struct Customer {
//!         /// Days on which somebody logged in, of the last 30.
//!         pub active_days: f64 = Input::number("Active days").window(30, Aggregation::Sum),
//!         /// What the customer last answered.
//!         pub nps: Option<f64> = Input::number("Last NPS").suggestion("last_nps"),
//!     }
//! }
//!
//! #[derive(serde::Deserialize, JsonSchema)]
//! pub struct Config {
//!     /// On how many of 30 days a customer that does well is active.
//!     pub good_days: f64,
//! }
//!
//! #[health_score]
//! struct Engagement {
//!     config: Config,
//! }
//!
//! impl HealthScore for Engagement {
//!     type Config = Config;
//!     type Inputs = Customer;
//!
//!     fn new(config: Config) -> Result<Self, Vec<Problem>> {
//!         Ok(Self { config })
//!     }
//!
//!     fn factors(&self) -> Vec<Factor> {
//!         vec![Factor::new("usage", "Usage").weight(0.8), Factor::new("nps", "NPS").weight(0.2)]
//!     }
//!
//!     fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
//!         points.add(0, 80.0 * (customer.active_days / self.config.good_days).min(1.0));
//!         points.add(1, customer.nps.map_or(10.0, |nps| nps * 2.0));
//!         Verdict::Scored
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! [`testing`] calls a plugin natively, so that `cargo test` is enough to try it, and runs the
//! fixtures that stand beside it. [`task_type::TaskType`] has an example of the other kind.

// The macros name the crate as their users do.
extern crate self as jornada_plugin_sdk;

#[doc(hidden)]
pub mod bindings;
pub mod date;
pub mod health_score;
pub mod log;
pub mod logistic;
pub mod task_type;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod text;

/// Stands on the type that is the health score of a plugin.
///
/// ```standalone_crate
/// use jornada_plugin_sdk::prelude::*;
///
/// inputs! {
///     /// What is known of a customer.
///     pub struct Customer { nps: f64 = Input::number("NPS") }
/// }
///
/// #[health_score]
/// struct Loyalty;
///
/// impl HealthScore for Loyalty {
///     type Config = ();
///     type Inputs = Customer;
///     // ...
/// #     fn new((): ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("nps", "NPS")] }
/// #     fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
/// #         points.add(0, customer.nps * 10.0);
/// #         Verdict::Scored
/// #     }
/// }
/// #
/// # fn main() {
/// #     let loyalty = jornada_plugin_sdk::testing::TestScore::<Loyalty>::new(().into());
/// #     assert_eq!(loyalty.score(serde_json::json!({"nps": 9})).value, Some(90.0));
/// # }
/// ```
#[doc(inline)]
pub use jornada_plugin_sdk_macros::health_score;

/// Stands on the type that is the type of tasks of a plugin.
///
/// ```standalone_crate
/// use jornada_plugin_sdk::prelude::*;
///
/// #[task_type]
/// struct Reminder;
///
/// impl TaskType for Reminder {
///     type Config = ();
///     type Outcome = ();
///     type Input = ();
///
///     fn on_complete(call: &Call<(), ()>, (): ()) -> Result<Vec<Operation>, Failure> {
///         Ok(vec![Notify::new(format!("{} is done.", call.task.title)).into()])
///     }
/// }
/// #
/// # fn main() {
/// #     let reminder = jornada_plugin_sdk::testing::TestTask::<Reminder>::new(().into());
/// #     let told = Notify::new("The task is done.");
/// #     assert_eq!(reminder.complete(().into()), Ok(vec![told.into()]));
/// # }
/// ```
#[doc(inline)]
pub use jornada_plugin_sdk_macros::task_type;

#[doc(hidden)]
pub use {schemars, serde, serde_json, wit_bindgen};

/// What most plugins need.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// let task = CreateTask::new("Call Ana").due_in_days(1);
/// assert_eq!(Operation::from(task).kind(), "create-task");
/// ```
pub mod prelude {
    pub use crate::date::Date;
    pub use crate::health_score::{
        Aggregation, Factor, HealthScore, Input, Points, ReasonText, Verdict,
    };
    pub use crate::logistic::Logistic;
    pub use crate::task_type::{
        Call, CreateGoal, CreateInteraction, CreateMilestone, CreateTask, Notify, Operation,
        ReachMilestone, RecordMetric, RepeatStage, ReturnStage, SetAttribute, TaskType,
    };
    pub use crate::text::{Failure, Moment, Problem};
    pub use crate::{health_score, inputs, log, task_type, words};

    /// Says what a configuration or an outcome looks like: forms are made of it, and documents are
    /// checked against it.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Outcome {
    ///     /// How many came.
    ///     #[schemars(range(max = 500))]
    ///     attended: u32,
    /// }
    ///
    /// let schema = schemars::schema_for!(Outcome).to_value();
    /// assert_eq!(schema["properties"]["attended"]["description"], "How many came.");
    /// assert_eq!(schema["properties"]["attended"]["maximum"], 500);
    /// ```
    pub use schemars::JsonSchema;

    /// Reads a configuration, an outcome or the answer of an input query.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// #[derive(Deserialize)]
    /// struct Config {
    ///     #[serde(default = "a_week")]
    ///     due_in_days: u32,
    /// }
    ///
    /// fn a_week() -> u32 {
    ///     7
    /// }
    ///
    /// let config: Config = serde_json::from_str("{}")?;
    /// assert_eq!(config.due_in_days, 7);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub use serde::Deserialize;

    /// Writes JSON, such as a value that a plugin keeps in an attribute.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// #[derive(Serialize)]
    /// struct Agreed {
    ///     seats: u32,
    /// }
    ///
    /// let kept = SetAttribute::new("agreed", serde_json::to_string(&Agreed { seats: 50 })?);
    /// assert_eq!(kept.value, r#"{"seats":50}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub use serde::Serialize;
}

/// The JSON Schema of a type, for people who do not write Rust.
pub(crate) fn schema<T: schemars::JsonSchema>() -> serde_json::Value {
    let mut schema = schemars::schema_for!(T).to_value();
    plain(&mut schema);
    schema
}

/// Takes the examples out of all descriptions, and the ends of lines within sentences.
fn plain(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value {
                    serde_json::Value::String(text) if name == "description" => {
                        let told = text.split("\n\n```").next().unwrap_or_default();
                        let parts = told.split("\n\n").map(|part| part.replace('\n', " "));
                        *text = parts.collect::<Vec<_>>().join("\n\n");
                    }
                    other => plain(other),
                }
            }
        }
        serde_json::Value::Array(each) => each.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The JSON Schema of a type, as it crosses to the host.
#[doc(hidden)]
pub fn schema_of<T: schemars::JsonSchema>() -> String {
    schema::<T>().to_string()
}
