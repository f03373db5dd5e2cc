//! What a plugin can ask the platform to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::date::Date;

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
            pub fn kind(&self) -> &'static str {
                match self {
                    $( Self::$name(_) => $kind, )+
                }
            }

            /// The payload, as it crosses to the host.
            pub fn payload(&self) -> serde_json::Result<Json> {
                match self {
                    $( Self::$name(payload) => serde_json::to_value(payload), )+
                }
            }
        }

        /// The JSON Schema of the payload of each kind of operation: what stands in
        /// `schema/json/operations/<kind>.json`.
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

/// How a conversation was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
#[non_exhaustive]
pub enum Channel {
    /// E-mail.
    Email,
    /// A phone call.
    Phone,
    /// WhatsApp, groups included.
    Whatsapp,
    /// A video call.
    Video,
    /// A meeting in person.
    InPerson,
    /// Another chat.
    Chat,
    /// Inside the product.
    Product,
    /// Anything else.
    Other,
}

/// Records a conversation that was had today.
///
/// ```
/// use jornada_plugin_sdk::task_type::{Channel, CreateInteraction};
///
/// let told = CreateInteraction::new("Quarterly review")
///     .notes("The savings are what they hoped for.")
///     .channel(Channel::Video)
///     .sentiment(4);
/// assert_eq!(told.sentiment, Some(4));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateInteraction {
    /// What it was about, one line: 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub subject: String,
    /// What was said: up to 20,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20_000))]
    pub notes: Option<String>,
    /// How it was held; `OTHER` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// The mood, from 1 (very negative) to 5 (very positive).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub sentiment: Option<u8>,
    /// Who was spoken to: the id of a contact of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
}

impl CreateInteraction {
    /// A conversation about a subject.
    pub fn new(subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { subject, notes: None, channel: None, sentiment: None, contact_id: None }
    }

    /// What was said.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// How it was held.
    #[must_use]
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// The mood, from 1 (very negative) to 5 (very positive).
    #[must_use]
    pub fn sentiment(mut self, sentiment: u8) -> Self {
        self.sentiment = Some(sentiment);
        self
    }

    /// Who was spoken to: the id of a contact of the customer.
    #[must_use]
    pub fn contact(mut self, id: impl Into<String>) -> Self {
        self.contact_id = Some(id.into());
        self
    }
}

/// Records what was measured today, in the period of the metric that today is in.
///
/// ```
/// use jornada_plugin_sdk::task_type::RecordMetric;
///
/// let measured = RecordMetric::new("qbr_satisfaction", 4.0);
/// assert_eq!(measured.metric, "qbr_satisfaction");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RecordMetric {
    /// The key of the metric.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub metric: String,
    /// The value, in the unit of the metric; a finite number.
    pub value: f64,
}

impl RecordMetric {
    /// A value of a metric, which is named by its key.
    pub fn new(metric: impl Into<String>, value: f64) -> Self {
        Self { metric: metric.into(), value }
    }
}

/// Adds a task, for the CSM of the customer unless a contact is said.
///
/// ```
/// use jornada_plugin_sdk::task_type::CreateTask;
///
/// let task = CreateTask::new("Send the slides").description("With the notes.").due_in_days(2);
/// assert_eq!(task.due_in_days, Some(2));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateTask {
    /// What is to be done, one line: 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// More of it: up to 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4000))]
    pub description: Option<String>,
    /// In how many calendar days it is due, 0 for today; no due date unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 3650))]
    pub due_in_days: Option<u32>,
    /// The id of the contact of the customer that does it, instead of the CSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
}

impl CreateTask {
    /// A task with its title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), description: None, due_in_days: None, contact_id: None }
    }

    /// More of what is to be done.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// In how many calendar days it is due, 0 for today.
    #[must_use]
    pub fn due_in_days(mut self, days: u32) -> Self {
        self.due_in_days = Some(days);
        self
    }

    /// The id of the contact of the customer that does it, instead of the CSM.
    #[must_use]
    pub fn contact(mut self, id: impl Into<String>) -> Self {
        self.contact_id = Some(id.into());
        self
    }
}

/// Gives the customer a value of an attribute, or takes it.
///
/// ```
/// use jornada_plugin_sdk::task_type::SetAttribute;
///
/// let reason = SetAttribute::new("purchase_reason", "Fewer calls");
/// let none = SetAttribute::cleared("purchase_reason");
/// assert!(none.value.is_null() && reason.value.is_string());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct SetAttribute {
    /// The key of the attribute of customers.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub key: String,
    /// A text, a number, a yes or no, a day, or the key of an option, as the attribute has it; null
    /// takes the value.
    #[serde(default)]
    pub value: Json,
}

impl SetAttribute {
    /// A value of an attribute, which is named by its key.
    pub fn new(key: impl Into<String>, value: impl Into<Json>) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// No value any more.
    pub fn cleared(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: Json::Null }
    }
}

/// Adds a goal to the success plan of the customer, which is made if there is none.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// let goal = CreateGoal::new("Half of the calls").metric("calls").start(1200.0).target(600.0);
/// assert_eq!(goal.target, Some(600.0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateGoal {
    /// What shall be reached, in the words of the customer: 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub title: String,
    /// The key of the metric that measures it; without one, a person sets where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pub metric: Option<String>,
    /// Where it begins, in the unit of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Where it shall be, in the unit of the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
}

impl CreateGoal {
    /// A goal in the words of the customer.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), metric: None, start: None, target: None, due_on: None }
    }

    /// The key of the metric that measures it.
    #[must_use]
    pub fn metric(mut self, key: impl Into<String>) -> Self {
        self.metric = Some(key.into());
        self
    }

    /// Where it begins, in the unit of the metric.
    #[must_use]
    pub fn start(mut self, value: f64) -> Self {
        self.start = Some(value);
        self
    }

    /// Where it shall be, in the unit of the metric.
    #[must_use]
    pub fn target(mut self, value: f64) -> Self {
        self.target = Some(value);
        self
    }

    /// Until when.
    #[must_use]
    pub fn due_on(mut self, day: Date) -> Self {
        self.due_on = Some(day);
        self
    }
}

/// Adds a milestone to the success plan of the customer, which is made if there is none.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// fn first_invoice(moment: &Moment) -> Result<CreateMilestone, Failure> {
///     Ok(CreateMilestone::new("First invoice sent").due_on(moment.date()?.plus_days(30)))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateMilestone {
    /// What shall be reached, one line: 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
}

impl CreateMilestone {
    /// A milestone with its title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), due_on: None }
    }

    /// Until when.
    #[must_use]
    pub fn due_on(mut self, day: Date) -> Self {
        self.due_on = Some(day);
        self
    }
}

/// Marks a milestone as reached today.
///
/// ```
/// use jornada_plugin_sdk::task_type::ReachMilestone;
///
/// assert_eq!(ReachMilestone::new("an id").milestone_id, "an id");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ReachMilestone {
    /// Which: the id of a milestone of the customer, from the input query.
    #[schemars(length(min = 1, max = 200))]
    pub milestone_id: String,
}

impl ReachMilestone {
    /// The milestone with this id, from the input query.
    pub fn new(milestone_id: impl Into<String>) -> Self {
        Self { milestone_id: milestone_id.into() }
    }
}

/// Declares an operation that is only a sentence for people.
macro_rules! sentence {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[non_exhaustive]
        pub struct $name {
            $(#[$field_doc])*
            #[schemars(length(min = 1, max = 500))]
            pub $field: String,
        }

        impl $name {
            /// With these words, in the language of the moment: 1 to 500 characters.
            pub fn new($field: impl Into<String>) -> Self {
                Self { $field: $field.into() }
            }
        }
    };
}

sentence! {
    /// Asks for the stage to be repeated when it ends, as an indicator does that fails. Where the
    /// task is in no journey, nothing is repeated.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// fn again(moment: &Moment) -> RepeatStage {
    ///     RepeatStage::new(moment.say("Too few were there.", "Poucos participaram."))
    /// }
    /// ```
    RepeatStage {
        /// Why, for people: 1 to 500 characters.
        reason
    }
}

sentence! {
    /// Asks for a return to the stage before when this one ends, as a continuous indicator does
    /// that fails. Where the task is in no journey, nothing follows.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::ReturnStage;
    ///
    /// assert_eq!(ReturnStage::new("Usage fell.").reason, "Usage fell.");
    /// ```
    ReturnStage {
        /// Why, for people: 1 to 500 characters.
        reason
    }
}

sentence! {
    /// Tells the CSM of the customer something.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::Notify;
    ///
    /// assert_eq!(Notify::new("3 goals are open.").message, "3 goals are open.");
    /// ```
    Notify {
        /// What: 1 to 500 characters.
        message
    }
}
