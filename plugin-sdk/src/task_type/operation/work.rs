//! What a plugin asks of people and of the journey: tasks, stages once more, and words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateTask;
    ///
    /// let tasks = ["Send the slides", "Book the next one"].map(CreateTask::new);
    /// assert_eq!((tasks[1].title.as_str(), tasks[1].due_in_days), ("Book the next one", None));
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), description: None, due_in_days: None, contact_id: None }
    }

    /// More of what is to be done.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateTask;
    ///
    /// let task = CreateTask::new("Send the offer").description("50 seats, from March on.");
    /// assert_eq!(task.description.as_deref(), Some("50 seats, from March on."));
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// In how many calendar days it is due, 0 for today.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateTask;
    ///
    /// let task = CreateTask::new("Thank them").due_in_days(0);
    /// assert_eq!(task.due_in_days, Some(0), "today");
    /// ```
    #[must_use]
    pub fn due_in_days(mut self, days: u32) -> Self {
        self.due_in_days = Some(days);
        self
    }

    /// The id of the contact of the customer that does it, instead of the CSM.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateTask;
    ///
    /// let task = CreateTask::new("Send us the list of users").contact("the id of Ana");
    /// assert_eq!(task.contact_id.as_deref(), Some("the id of Ana"));
    /// ```
    #[must_use]
    pub fn contact(mut self, id: impl Into<String>) -> Self {
        self.contact_id = Some(id.into());
        self
    }
}

/// Asks for the stage to be repeated when it ends, as an indicator does that fails. Where the
/// task is in no journey, nothing is repeated.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
///
/// fn again(moment: &Moment) -> RepeatStage {
///     RepeatStage::new(moment.say("Too few were there.", "Poucos participaram."))
/// }
///
/// # use jornada_plugin_sdk::testing::moment;
/// assert_eq!(again(&moment()).reason, "Poucos participaram.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RepeatStage {
    /// Why, for people: 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
}

impl RepeatStage {
    /// With these words, in the language of the moment: 1 to 500 characters.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::RepeatStage;
    ///
    /// let (attended, least) = (3, 5);
    /// let again = RepeatStage::new(format!("{attended} came, at least {least} are needed."));
    /// assert_eq!(again.reason, "3 came, at least 5 are needed.");
    /// ```
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Asks for a return to the stage before when this one ends, as a continuous indicator does
/// that fails. Where the task is in no journey, nothing follows.
///
/// ```
/// use jornada_plugin_sdk::task_type::ReturnStage;
///
/// assert_eq!(ReturnStage::new("Usage fell.").reason, "Usage fell.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnStage {
    /// Why, for people: 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
}

impl ReturnStage {
    /// With these words, in the language of the moment: 1 to 500 characters.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// let back: Operation = ReturnStage::new("The sponsor has left.").into();
    /// assert_eq!(back.kind(), "return-stage");
    /// ```
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Tells the CSM of the customer something.
///
/// ```
/// use jornada_plugin_sdk::task_type::Notify;
///
/// assert_eq!(Notify::new("3 goals are open.").message, "3 goals are open.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Notify {
    /// What: 1 to 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub message: String,
}

impl Notify {
    /// With these words, in the language of the moment: 1 to 500 characters.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::Notify;
    ///
    /// let goals = 3;
    /// assert_eq!(Notify::new(format!("{goals} goals are open.")).message, "3 goals are open.");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}
