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

pub use jornada_plugin_sdk_macros::{health_score, task_type};
#[doc(hidden)]
pub use {schemars, serde, serde_json, wit_bindgen};

/// What most plugins need.
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
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
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
