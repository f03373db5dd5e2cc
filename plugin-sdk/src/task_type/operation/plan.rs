//! What a plugin adds to the success plan of a customer, and marks in it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::Date;

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
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateGoal;
    ///
    /// let goal = CreateGoal::new("Invoices without paper");
    /// assert_eq!((goal.metric, goal.target), (None, None));
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), metric: None, start: None, target: None, due_on: None }
    }

    /// The key of the metric that measures it.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateGoal;
    ///
    /// let goal = CreateGoal::new("Half of the calls").metric("support_calls");
    /// assert_eq!(goal.metric.as_deref(), Some("support_calls"));
    /// ```
    #[must_use]
    pub fn metric(mut self, key: impl Into<String>) -> Self {
        self.metric = Some(key.into());
        self
    }

    /// Where it begins, in the unit of the metric.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateGoal;
    ///
    /// let goal = CreateGoal::new("Half of the calls").metric("support_calls").start(1200.0);
    /// assert_eq!(goal.start, Some(1200.0));
    /// ```
    #[must_use]
    pub fn start(mut self, value: f64) -> Self {
        self.start = Some(value);
        self
    }

    /// Where it shall be, in the unit of the metric.
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateGoal;
    ///
    /// let start = 1200.0;
    /// let goal = CreateGoal::new("Half of the calls").start(start).target(start / 2.0);
    /// assert_eq!(goal.target, Some(600.0));
    /// ```
    #[must_use]
    pub fn target(mut self, value: f64) -> Self {
        self.target = Some(value);
        self
    }

    /// Until when.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// let today: Date = "2026-01-23".parse()?;
    /// let goal = CreateGoal::new("Half of the calls").due_on(today.plus_days(90));
    /// assert_eq!(goal.due_on, Some("2026-04-23".parse()?));
    /// # Ok::<(), String>(())
    /// ```
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
///
/// # use jornada_plugin_sdk::testing::moment;
/// assert_eq!(first_invoice(&moment())?.due_on, "2026-02-22".parse().ok());
/// # Ok::<(), Failure>(())
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
    ///
    /// ```
    /// use jornada_plugin_sdk::task_type::CreateMilestone;
    ///
    /// let steps = ["Data imported", "First invoice sent"].map(CreateMilestone::new);
    /// assert_eq!(steps[1].title, "First invoice sent");
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), due_on: None }
    }

    /// Until when.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// let by: Date = "2026-02-27".parse()?;
    /// let step = CreateMilestone::new("Data imported").due_on(by);
    /// assert_eq!(serde_json::to_value(step)?["dueOn"], "2026-02-27");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// let open = ["one id", "another id"];
    /// let reached = open.map(|id| Operation::from(ReachMilestone::new(id)));
    /// assert_eq!(reached[0].kind(), "reach-milestone");
    /// ```
    pub fn new(milestone_id: impl Into<String>) -> Self {
        Self { milestone_id: milestone_id.into() }
    }
}
