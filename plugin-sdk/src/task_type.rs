//! Types of tasks: what has to be said to complete one, and what follows.
//!
//! ```
//! use jornada_plugin_sdk::task_type::{CreateTask, Notify, Operation};
//!
//! let follows: Vec<Operation> = vec![
//!     CreateTask::new("Send the offer").due_in_days(2).into(),
//!     Notify::new("They want 20 seats more.").into(),
//! ];
//! assert_eq!(follows[1].kind(), "notify");
//! ```

mod operation;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bindings::task::exports::jornada::task::task_type as wit;
use crate::date::Date;
use crate::text::{Failure, Moment, Problem, read};

pub use operation::{
    Channel, CreateGoal, CreateInteraction, CreateMilestone, CreateTask, Notify, Operation,
    ReachMilestone, RecordMetric, RepeatStage, ReturnStage, SetAttribute, operation_schemas,
};

/// A type of tasks: what has to be said to complete one, and what follows.
///
/// ```standalone_crate
/// use jornada_plugin_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// pub struct Config {
///     /// In how many days what was agreed is due.
///     #[serde(default = "a_week")]
///     pub due_in_days: u32,
/// }
///
/// fn a_week() -> u32 {
///     7
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// pub struct Outcome {
///     /// What was agreed.
///     #[schemars(length(min = 1, max = 200))]
///     pub agreed: String,
/// }
///
/// #[task_type]
/// struct Meeting;
///
/// impl TaskType for Meeting {
///     type Config = Config;
///     type Outcome = Outcome;
///     type Input = ();
///
///     fn on_complete(
///         call: &Call<Config, ()>,
///         outcome: Outcome,
///     ) -> Result<Vec<Operation>, Failure> {
///         if outcome.agreed.trim().is_empty() {
///             let told = call.moment.say("Say what was agreed.", "Diga o que foi combinado.");
///             return Err(Failure::InvalidInput(vec![Problem::new("agreed", told)]));
///         }
///         let task = CreateTask::new(outcome.agreed).due_in_days(call.config.due_in_days);
///         Ok(vec![task.into()])
///     }
/// }
/// # fn main() {}
/// ```
pub trait TaskType: 'static {
    /// What a template sets. Its schema is checked before the plugin is asked.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Config {
    ///     /// In how many days what was agreed is due.
    ///     #[schemars(range(max = 90))]
    ///     due_in_days: u32,
    /// }
    ///
    /// # struct Meeting;
    /// impl TaskType for Meeting {
    ///     type Config = Config;
    ///     // ...
    /// #     type Outcome = ();
    /// #     type Input = ();
    /// #     fn on_complete(_: &Call<Config, ()>, _: ()) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// }
    ///
    /// let odd = TestTask::<Meeting>::new(json!({"due_in_days": "soon"})).validate();
    /// assert_eq!(odd[0].path, "due_in_days");
    /// ```
    type Config: DeserializeOwned + JsonSchema;

    /// What is said when a task is completed. Its schema is checked before the plugin is asked.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Outcome {
    ///     /// How many were there.
    ///     attended: u32,
    ///     /// What they said.
    ///     #[serde(default)]
    ///     notes: Option<String>,
    /// }
    ///
    /// # struct Meeting;
    /// impl TaskType for Meeting {
    ///     type Outcome = Outcome;
    ///     // ...
    /// #     type Config = ();
    /// #     type Input = ();
    /// #     fn on_complete(_: &Call<(), ()>, _: Outcome) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// }
    ///
    /// let meeting = TestTask::<Meeting>::new(json!(null));
    /// assert!(meeting.complete(json!({"attended": 8})).is_ok());
    /// assert!(matches!(meeting.complete(json!({})), Err(Failure::InvalidInput(_))));
    /// ```
    type Outcome: DeserializeOwned + JsonSchema;

    /// The answer to the input query of the manifest, its `data`; `()` where there is none.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// /// What a query for `account { lastNps { score } }` answers.
    /// #[derive(Deserialize)]
    /// struct Known {
    ///     account: Account,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct Account {
    ///     last_nps: Option<Nps>,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// struct Nps {
    ///     score: u8,
    /// }
    ///
    /// # struct Review;
    /// impl TaskType for Review {
    ///     type Input = Known;
    ///
    ///     fn on_open(call: &Call<(), Known>) -> Result<Vec<Operation>, Failure> {
    ///         let nps = call.input.account.last_nps.as_ref().map_or(0, |nps| nps.score);
    ///         Ok(vec![Notify::new(format!("Their last NPS is {nps}.")).into()])
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Outcome = ();
    /// #     fn on_complete(_: &Call<(), Known>, _: ()) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// }
    ///
    /// let answer = json!({"account": {"lastNps": {"score": 9}}});
    /// let follows = TestTask::<Review>::new(json!(null)).input(answer).open();
    /// assert_eq!(follows, Ok(vec![Notify::new("Their last NPS is 9.").into()]));
    /// ```
    type Input: DeserializeOwned;

    /// What is wrong with a configuration beyond its schema: nothing, if it is sound.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Config { least: u32, most: u32 }
    /// # struct Training;
    /// impl TaskType for Training {
    ///     fn validate(config: &Config, moment: &Moment) -> Vec<Problem> {
    ///         let told = moment.say("At least `least`.", "Pelo menos `least`.");
    ///         let is_odd = config.most < config.least;
    ///         is_odd.then(|| Problem::new("most", told)).into_iter().collect()
    ///     }
    ///     // ...
    /// #     type Config = Config;
    /// #     type Outcome = ();
    /// #     type Input = ();
    /// #     fn on_complete(_: &Call<Config, ()>, _: ()) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// }
    ///
    /// let training = TestTask::<Training>::new(json!({"least": 5, "most": 3})).locale("en");
    /// assert_eq!(training.validate(), [Problem::new("most", "At least `least`.")]);
    /// ```
    fn validate(config: &Self::Config, moment: &Moment) -> Vec<Problem> {
        let _ = (config, moment);
        Vec::new()
    }

    /// What follows when a task opens, at most 50 operations. The task can be worked on when all
    /// of it is done.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// impl TaskType for Meeting {
    ///     fn on_open(call: &Call<(), ()>) -> Result<Vec<Operation>, Failure> {
    ///         let title = format!("Invite {}", call.task.account_name);
    ///         Ok(vec![CreateTask::new(title).due_in_days(0).into()])
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Outcome = ();
    /// #     type Input = ();
    /// #     fn on_complete(_: &Call<(), ()>, _: ()) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// }
    ///
    /// let follows = TestTask::<Meeting>::new(json!(null)).open();
    /// let invite = CreateTask::new("Invite Padaria Central").due_in_days(0);
    /// assert_eq!(follows, Ok(vec![invite.into()]));
    /// ```
    ///
    /// # Errors
    /// A task that does not open is blocked, and the reason is shown.
    fn on_open(call: &Call<Self::Config, Self::Input>) -> Result<Vec<Operation>, Failure> {
        let _ = call;
        Ok(Vec::new())
    }

    /// What follows when a person completes it, at most 50 operations.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Outcome { attended: u32 }
    /// # struct Training;
    /// impl TaskType for Training {
    ///     fn on_complete(_: &Call<(), ()>, outcome: Outcome) -> Result<Vec<Operation>, Failure> {
    ///         if outcome.attended == 0 {
    ///             return Ok(vec![RepeatStage::new("Nobody came.").into()]);
    ///         }
    ///         Ok(vec![RecordMetric::new("attended", outcome.attended.into()).into()])
    ///     }
    ///     // ...
    /// #     type Config = ();
    /// #     type Outcome = Outcome;
    /// #     type Input = ();
    /// }
    ///
    /// let training = TestTask::<Training>::new(json!(null));
    /// let follows = training.complete(json!({"attended": 0}));
    /// assert_eq!(follows, Ok(vec![RepeatStage::new("Nobody came.").into()]));
    /// ```
    ///
    /// # Errors
    /// Where the outcome does not do, [`Failure::InvalidInput`] tells the person why, and the task
    /// stays as it is. [`Problem::refuse_any`] makes one of all problems.
    fn on_complete(
        call: &Call<Self::Config, Self::Input>,
        outcome: Self::Outcome,
    ) -> Result<Vec<Operation>, Failure>;
}

/// A task that is opened or completed.
///
/// ```
/// use jornada_plugin_sdk::task_type::Call;
/// # use jornada_plugin_sdk::testing::moment;
/// # use serde_json::{from_value, json};
///
/// /// What stands in the diary.
/// fn entry<C, I>(call: &Call<C, I>) -> String {
///     format!("{}: {} ({})", call.moment.today, call.task.title, call.task.account_name)
/// }
///
/// # let task = json!({"id": "t", "title": "Review", "accountId": "a", "accountName": "Ana Ltda"});
/// let call = Call { moment: moment(), config: (), task: from_value(task)?, input: () };
/// assert_eq!(entry(&call), "2026-01-23: Review (Ana Ltda)");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Call<C, I> {
    /// When it happens.
    pub moment: Moment,
    /// What the template says.
    pub config: C,
    /// The task.
    pub task: Task,
    /// The answer to the input query.
    pub input: I,
}

/// A task, as a plugin sees it: `schema/json/task-call.json`. Later versions of the platform may
/// say more.
///
/// ```
/// use jornada_plugin_sdk::task_type::Task;
///
/// let task: Task = serde_json::from_value(serde_json::json!({
///     "id": "an id", "title": "Kick-off", "accountId": "another", "accountName": "Ana Ltda",
///     "stageKey": "onboarding", "attempt": 2, "dueOn": "2026-01-26",
/// }))?;
/// assert_eq!((task.stage_key.as_deref(), task.attempt), (Some("onboarding"), Some(2)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Task {
    /// Its id, as the API has it.
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// The id of the customer, as the API has it.
    pub account_id: String,
    /// The name of the customer.
    pub account_name: String,
    /// The stage of the journey that it is in; none where it is in no journey.
    #[serde(default)]
    pub stage_key: Option<String>,
    /// How often the stage was entered in this lap, from 1 on; none where it is in no journey.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub attempt: Option<u32>,
    /// When it is due.
    #[serde(default)]
    pub due_on: Option<Date>,
}

/// The JSON Schema of a [`Task`].
///
/// ```
/// use jornada_plugin_sdk::task_type::task_schema;
///
/// assert_eq!(task_schema()["properties"]["dueOn"]["description"], "When it is due.");
/// ```
pub fn task_schema() -> serde_json::Value {
    crate::schema::<Task>()
}

fn parsed<T: DeserializeOwned>(
    json: &str,
    failure: impl Fn(Vec<Problem>) -> Failure,
) -> Result<T, Failure> {
    read(json).map_err(|problem| failure(vec![problem]))
}

fn call<T: TaskType>(call: wit::Call) -> Result<Call<T::Config, T::Input>, Failure> {
    Ok(Call {
        config: parsed(&call.config, Failure::InvalidConfig)?,
        task: parsed(&call.task, Failure::InvalidInput)?,
        input: parsed(&call.input, Failure::InvalidInput)?,
        moment: call.moment,
    })
}

fn answer(operations: &[Operation]) -> Result<wit::Answer, Failure> {
    let each = operations.iter().map(|operation| {
        let payload = operation.payload().map_err(|error| Failure::Failed(error.to_string()))?;
        Ok(wit::Operation { kind: operation.kind().to_owned(), payload: payload.to_string() })
    });
    Ok(wit::Answer { operations: each.collect::<Result<_, Failure>>()? })
}

#[doc(hidden)]
pub fn validate_config<T: TaskType>(moment: &Moment, config: &str) -> Vec<Problem> {
    match read(config) {
        Ok(config) => T::validate(&config, moment),
        Err(problem) => vec![problem],
    }
}

#[doc(hidden)]
pub fn on_open<T: TaskType>(asked: wit::Call) -> Result<wit::Answer, Failure> {
    answer(&T::on_open(&call::<T>(asked)?)?)
}

#[doc(hidden)]
pub fn on_complete<T: TaskType>(asked: wit::Call, outcome: &str) -> Result<wit::Answer, Failure> {
    let outcome = parsed(outcome, Failure::InvalidInput)?;
    answer(&T::on_complete(&call::<T>(asked)?, outcome)?)
}

#[doc(hidden)]
#[macro_export]
macro_rules! __export_task_type {
    ($plugin:ident) => {
        use $crate::bindings::task::exports::jornada::task::task_type as wit;
        use $crate::bindings::task::exports::jornada::task::schemas;

        struct Exported;

        impl wit::Guest for Exported {
            fn validate_config(moment: wit::Moment, config: String) -> Vec<wit::Problem> {
                $crate::log::tell_panics();
                $crate::task_type::validate_config::<$plugin>(&moment, &config)
            }

            fn on_open(call: wit::Call) -> Result<wit::Answer, wit::Failure> {
                $crate::log::tell_panics();
                $crate::task_type::on_open::<$plugin>(call)
            }

            fn on_complete(
                call: wit::Call,
                outcome: String,
            ) -> Result<wit::Answer, wit::Failure> {
                $crate::log::tell_panics();
                $crate::task_type::on_complete::<$plugin>(call, &outcome)
            }
        }

        impl schemas::Guest for Exported {
            fn config() -> String {
                $crate::schema_of::<<$plugin as $crate::task_type::TaskType>::Config>()
            }

            fn outcome() -> String {
                $crate::schema_of::<<$plugin as $crate::task_type::TaskType>::Outcome>()
            }
        }

        $crate::bindings::task::export_task_type!(
            Exported with_types_in $crate::bindings::task
        );
    };
}
