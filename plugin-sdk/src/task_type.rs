//! Types of tasks: what has to be said to complete one, and what follows.

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
    type Config: DeserializeOwned + JsonSchema;

    /// What is said when a task is completed. Its schema is checked before the plugin is asked.
    type Outcome: DeserializeOwned + JsonSchema;

    /// The answer to the input query of the manifest, its `data`; `()` where there is none.
    type Input: DeserializeOwned;

    /// What is wrong with a configuration beyond its schema: nothing, if it is sound.
    fn validate(config: &Self::Config, moment: &Moment) -> Vec<Problem> {
        let _ = (config, moment);
        Vec::new()
    }

    /// What follows when a task opens, at most 50 operations. The task can be worked on when all
    /// of it is done.
    ///
    /// # Errors
    /// A task that does not open is blocked, and the reason is shown.
    fn on_open(call: &Call<Self::Config, Self::Input>) -> Result<Vec<Operation>, Failure> {
        let _ = call;
        Ok(Vec::new())
    }

    /// What follows when a person completes it, at most 50 operations.
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
