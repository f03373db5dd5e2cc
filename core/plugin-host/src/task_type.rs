//! Calls types of tasks.

use crate::bindings::task::TaskTypePluginPre;
use crate::call::{Called, Runner, State, Subject};
use crate::error::{CallError, fit_to_read};

pub use crate::bindings::task::exports::jornada::task::task_type::{
    Answer, Call, Moment, Operation, Problem,
};

/// A type of tasks that can be called.
pub struct TaskType {
    pub(crate) runner: Runner,
    pub(crate) pre: TaskTypePluginPre<State>,
}

/// Operations of one answer.
const MOST_OPERATIONS: usize = 50;

impl TaskType {
    /// Makes an instance, and calls nothing of it.
    pub(crate) fn start(&self) -> Called<()> {
        let subject = Subject { function: "start", rows: 0 };
        self.runner.call(subject, |store| {
            self.pre.instantiate(store)?;
            Ok(Ok(()))
        })
    }

    /// The JSON Schema of its configuration, which `jornada plugin build` writes into the manifest.
    pub fn config_schema(&self) -> Called<String> {
        let subject = Subject { function: "schemas.config", rows: 0 };
        self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            Ok(Ok(instance.jornada_task_schemas().call_config(store)?))
        })
    }

    /// The JSON Schema of what is said when a task is completed; `jornada plugin build` writes it
    /// into the manifest.
    pub fn outcome_schema(&self) -> Called<String> {
        let subject = Subject { function: "schemas.outcome", rows: 0 };
        self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            Ok(Ok(instance.jornada_task_schemas().call_outcome(store)?))
        })
    }

    /// What is wrong with a configuration that fits the schema: nothing, if it is sound.
    pub fn validate_config(&self, moment: &Moment, config: &str) -> Called<Vec<Problem>> {
        let subject = Subject { function: "validate-config", rows: 0 };
        self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            let exports = instance.jornada_task_task_type();
            let told = exports.call_validate_config(store, moment, &config.to_owned())?;
            Ok(Ok(fit_to_read(told)))
        })
    }

    /// What follows when a task opens.
    pub fn on_open(&self, asked: &Call) -> Called<Answer> {
        let subject = Subject { function: "on-open", rows: 0 };
        let called = self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            instance.jornada_task_task_type().call_on_open(store, asked)
        });
        bounded(called)
    }

    /// What follows when a person completes a task with this outcome.
    pub fn on_complete(&self, asked: &Call, outcome: &str) -> Called<Answer> {
        let subject = Subject { function: "on-complete", rows: 0 };
        let called = self.runner.call(subject, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            instance.jornada_task_task_type().call_on_complete(store, asked, &outcome.to_owned())
        });
        bounded(called)
    }
}

fn bounded(called: Called<Answer>) -> Called<Answer> {
    let Called { answer, invocation } = called;
    let answer = answer.and_then(|answer| match answer.operations.len() {
        0..=MOST_OPERATIONS => Ok(answer),
        many => {
            let told = format!("{many} operations, of which at most {MOST_OPERATIONS} are done");
            Err(CallError::bad_answer(told))
        }
    });
    Called { answer, invocation }
}
