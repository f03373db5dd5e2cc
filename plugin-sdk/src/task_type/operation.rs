//! What a plugin can ask the platform to do.

mod plan;
mod records;
mod work;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use plan::{CreateGoal, CreateMilestone, ReachMilestone};
pub use records::{Channel, CreateInteraction, RecordMetric, SetAttribute};
pub use work::{CreateTask, Notify, RepeatStage, ReturnStage};

/// Declares the enum of all operations from one table: their kinds and payloads.
macro_rules! operations {
    ($( $(#[$doc:meta])+ $kind:literal: $name:ident, )+) => {
        /// Something that a plugin asks the platform to do, for the customer of the task. All that
        /// a call answers is done in one transaction, or nothing; at most 50 of a call. The
        /// manifest asks for each kind that a plugin uses, with a reason, and a workspace grants
        /// it.
        ///
        /// ```
        /// use jornada_plugin_sdk::prelude::*;
        ///
        /// let operations: Vec<Operation> = vec![
        ///     CreateInteraction::new("Training").sentiment(4).into(),
        ///     RecordMetric::new("training_attendance", 87.5).into(),
        ///     CreateTask::new("Send the slides").due_in_days(2).into(),
        /// ];
        /// assert_eq!(operations[0].kind(), "create-interaction");
        /// ```
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "payload")]
        #[non_exhaustive]
        pub enum Operation {
            $( $(#[$doc])+ #[serde(rename = $kind)] $name($name), )+
        }

        $( impl From<$name> for Operation {
            fn from(payload: $name) -> Self {
                Self::$name(payload)
            }
        } )+

        impl Operation {
            /// The kind, as the manifest and the contract have it: `create-task`.
            ///
            /// ```
            /// use jornada_plugin_sdk::prelude::*;
            ///
            /// let asked = Operation::from(ReturnStage::new("Usage fell."));
            /// assert_eq!(asked.kind(), "return-stage");
            /// ```
            pub fn kind(&self) -> &'static str {
                match self {
                    $( Self::$name(_) => $kind, )+
                }
            }

            /// The payload, as it crosses to the host.
            ///
            /// ```
            /// use jornada_plugin_sdk::prelude::*;
            ///
            /// let asked = Operation::from(CreateTask::new("Send the slides").due_in_days(2));
            /// let payload = serde_json::json!({"title": "Send the slides", "dueInDays": 2});
            /// assert_eq!(asked.payload()?, payload);
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            pub fn payload(&self) -> serde_json::Result<Json> {
                match self {
                    $( Self::$name(payload) => serde_json::to_value(payload), )+
                }
            }
        }

        /// The JSON Schema of the payload of each kind of operation: what stands in
        /// `schema/json/operations/<kind>.json`.
        ///
        /// ```
        /// use jornada_plugin_sdk::task_type::operation_schemas;
        ///
        /// let schemas = operation_schemas();
        /// let notify = schemas.iter().find(|(kind, _)| *kind == "notify");
        /// let (_, notify) = notify.expect("there is one");
        /// assert_eq!(notify["required"], serde_json::json!(["message"]));
        /// ```
        pub fn operation_schemas() -> Vec<(&'static str, Json)> {
            vec![$( ($kind, crate::schema::<$name>()), )+]
        }
    };
}

operations! {
    /// Records a conversation.
    "create-interaction": CreateInteraction,
    /// Records what was measured today.
    "record-metric": RecordMetric,
    /// Adds a task.
    "create-task": CreateTask,
    /// Gives the customer a value of an attribute, or takes it.
    "set-attribute": SetAttribute,
    /// Adds a goal to the success plan of the customer.
    "create-goal": CreateGoal,
    /// Adds a milestone to the success plan of the customer.
    "create-milestone": CreateMilestone,
    /// Marks a milestone as reached.
    "reach-milestone": ReachMilestone,
    /// Asks for the stage to be repeated.
    "repeat-stage": RepeatStage,
    /// Asks for a return to the stage before.
    "return-stage": ReturnStage,
    /// Tells the CSM of the customer something.
    "notify": Notify,
}
