//! Calls types of tasks.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use crate::bindings::task::exports::jornada::task::task_type as wit;
use crate::task_type::{self, Operation, TaskType};
use crate::text::{Failure, Moment, Problem};

/// A type of tasks under test, with a configuration and a task.
///
/// ```
/// use jornada_plugin_sdk::prelude::*;
/// use jornada_plugin_sdk::testing::TestTask;
/// use serde_json::json;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Config {}
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Outcome {
///     agreed: String,
/// }
///
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
///         let told = format!("{}: {}", call.task.account_name, outcome.agreed);
///         Ok(vec![CreateTask::new(told).into()])
///     }
/// }
///
/// let operations = TestTask::<Meeting>::new(json!({})).complete(json!({"agreed": "A test"}));
/// assert_eq!(operations, Ok(vec![CreateTask::new("Padaria Central: A test").into()]));
/// ```
#[derive(Clone, Debug)]
pub struct TestTask<T> {
    config: Json,
    task: Json,
    input: Json,
    moment: Moment,
    kind: PhantomData<T>,
}

impl<T: TaskType> TestTask<T> {
    /// A task of this type with a configuration, at the [`moment`](super::moment) of tests: the
    /// first attempt of the stage `adoption` of the customer Padaria Central.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_complete(
    /// #         call: &Call<u32, Option<String>>,
    /// #         agreed: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(vec![CreateTask::new(agreed).due_in_days(call.config).into()])
    /// #     }
    /// # }
    /// // `Meeting` makes a task of what was agreed, due in so many days.
    /// let follows = TestTask::<Meeting>::new(json!(3)).complete(json!("Send the slides"));
    /// assert_eq!(follows, Ok(vec![CreateTask::new("Send the slides").due_in_days(3).into()]));
    /// ```
    pub fn new(config: Json) -> Self {
        let task = json!({
            "id": "task-1",
            "title": "The task",
            "accountId": "account-1",
            "accountName": "Padaria Central",
            "stageKey": "adoption",
            "attempt": 1,
            "dueOn": "2026-01-26",
        });
        Self { config, task, input: Json::Null, moment: super::moment(), kind: PhantomData }
    }

    /// At another moment.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_open(call: &Call<u32, Option<String>>) -> Result<Vec<Operation>, Failure> {
    /// #         let with = call.input.as_ref().unwrap_or(&call.task.account_name);
    /// #         Ok(vec![Notify::new(format!("{}, with {with}", call.moment.today)).into()])
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// use jornada_plugin_sdk::testing::moment;
    ///
    /// // `Meeting` tells when it is, and with whom.
    /// let february = Moment { today: "2026-02-02".to_owned(), ..moment() };
    /// let follows = TestTask::<Meeting>::new(json!(3)).at(february).open();
    /// assert_eq!(follows, Ok(vec![Notify::new("2026-02-02, with Padaria Central").into()]));
    /// ```
    #[must_use]
    pub fn at(mut self, moment: Moment) -> Self {
        self.moment = moment;
        self
    }

    /// In another language: `en`.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn validate(days: &u32, moment: &Moment) -> Vec<Problem> {
    /// #         let told = moment.say("At least one day.", "Pelo menos um dia.");
    /// #         if *days == 0 { vec![Problem::new("", told)] } else { Vec::new() }
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// // `Meeting` takes no configuration of 0.
    /// let in_english = TestTask::<Meeting>::new(json!(0)).locale("en");
    /// assert_eq!(in_english.validate()[0].message, "At least one day.");
    /// ```
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.moment.locale);
        self
    }

    /// With another task, as [`Task`](task_type::Task) is written in JSON.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_open(call: &Call<u32, Option<String>>) -> Result<Vec<Operation>, Failure> {
    /// #         let with = call.input.as_ref().unwrap_or(&call.task.account_name);
    /// #         Ok(vec![Notify::new(format!("{}, with {with}", call.moment.today)).into()])
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// // `Meeting` tells when it is, and with whom.
    /// let task = json!({"id": "t", "title": "T", "accountId": "a", "accountName": "Ana Ltda"});
    /// let follows = TestTask::<Meeting>::new(json!(3)).task(task).open();
    /// assert_eq!(follows, Ok(vec![Notify::new("2026-01-23, with Ana Ltda").into()]));
    /// ```
    #[must_use]
    pub fn task(mut self, task: Json) -> Self {
        self.task = task;
        self
    }

    /// With this answer of the input query.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_open(call: &Call<u32, Option<String>>) -> Result<Vec<Operation>, Failure> {
    /// #         let with = call.input.as_ref().unwrap_or(&call.task.account_name);
    /// #         Ok(vec![Notify::new(format!("{}, with {with}", call.moment.today)).into()])
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// // The input query of `Meeting` asks who comes.
    /// let follows = TestTask::<Meeting>::new(json!(3)).input(json!("Ana and Rui")).open();
    /// assert_eq!(follows, Ok(vec![Notify::new("2026-01-23, with Ana and Rui").into()]));
    /// ```
    #[must_use]
    pub fn input(mut self, input: Json) -> Self {
        self.input = input;
        self
    }

    /// What is wrong with the configuration beyond its schema.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn validate(days: &u32, moment: &Moment) -> Vec<Problem> {
    /// #         let told = moment.say("At least one day.", "Pelo menos um dia.");
    /// #         if *days == 0 { vec![Problem::new("", told)] } else { Vec::new() }
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// // `Meeting` takes no configuration of 0.
    /// assert!(TestTask::<Meeting>::new(json!(3)).validate().is_empty());
    /// let problems = TestTask::<Meeting>::new(json!(0)).validate();
    /// assert_eq!(problems, [Problem::new("", "Pelo menos um dia.")]);
    /// ```
    pub fn validate(&self) -> Vec<Problem> {
        task_type::validate_config::<T>(&self.moment, &self.config.to_string())
    }

    /// Opens the task.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_open(call: &Call<u32, Option<String>>) -> Result<Vec<Operation>, Failure> {
    /// #         let with = call.input.as_ref().unwrap_or(&call.task.account_name);
    /// #         Ok(vec![Notify::new(format!("{}, with {with}", call.moment.today)).into()])
    /// #     }
    /// #     fn on_complete(
    /// #         _: &Call<u32, Option<String>>,
    /// #         _: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(Vec::new())
    /// #     }
    /// # }
    /// // `Meeting` tells when it is, and with whom.
    /// let follows = TestTask::<Meeting>::new(json!(3)).open()?;
    /// assert_eq!(follows, [Notify::new("2026-01-23, with Padaria Central").into()]);
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn open(&self) -> Result<Vec<Operation>, Failure> {
        task_type::on_open::<T>(self.call()).map(operations)
    }

    /// Completes the task with an outcome.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestTask;
    /// # use serde_json::json;
    /// # struct Meeting;
    /// # impl TaskType for Meeting {
    /// #     type Config = u32;
    /// #     type Outcome = String;
    /// #     type Input = Option<String>;
    /// #     fn on_complete(
    /// #         call: &Call<u32, Option<String>>,
    /// #         agreed: String,
    /// #     ) -> Result<Vec<Operation>, Failure> {
    /// #         Ok(vec![CreateTask::new(agreed).due_in_days(call.config).into()])
    /// #     }
    /// # }
    /// // The outcome of `Meeting` is a text.
    /// let refused = TestTask::<Meeting>::new(json!(3)).complete(json!({"agreed": "A test"}));
    /// assert!(matches!(refused, Err(Failure::InvalidInput(_))));
    /// ```
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn complete(&self, outcome: Json) -> Result<Vec<Operation>, Failure> {
        task_type::on_complete::<T>(self.call(), &outcome.to_string()).map(operations)
    }

    fn call(&self) -> wit::Call {
        wit::Call {
            moment: self.moment.clone(),
            config: self.config.to_string(),
            task: self.task.to_string(),
            input: self.input.to_string(),
        }
    }
}

/// The operations as they came through the contract.
fn operations(answer: wit::Answer) -> Vec<Operation> {
    let read = |operation: wit::Operation| {
        let payload: Json = serde_json::from_str(&operation.payload).unwrap_or_default();
        let whole = json!({"kind": operation.kind, "payload": payload});
        serde_json::from_value(whole.clone()).unwrap_or_else(|error| panic!("{error}: {whole}"))
    };
    let operations = answer.operations;
    assert!(operations.len() <= 50, "{} operations, at most 50 are done", operations.len());
    operations.into_iter().map(read).collect()
}
