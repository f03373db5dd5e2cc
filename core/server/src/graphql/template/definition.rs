//! The definition of a version as it is written: stages with their tasks.

use std::collections::HashMap;

use async_graphql::{ID, InputObject, OneofObject};
use jornada_domain::error::{Code, Error, Problem, Result};
use jornada_domain::id::OptionId;
use jornada_domain::journeys::definition::{
    Assignee, Definition, StageDefinition, StageStart, TaskDefinition,
};
use serde_json::Value as Json;

use super::stage::{DayKind, DueAnchor, Phase, StageExit, StageThen};
use crate::graphql::id;
use crate::graphql::selection_rule::StartAnchor;

/// One stage of a definition.
#[derive(InputObject)]
pub(super) struct StageTemplateInput {
    /// What it is known by in all versions: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique in the
    /// version.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// The phase of the relationship.
    phase: Phase,
    /// How long it is expected to last: 1 to 3,650 days.
    expected_days: Option<i32>,
    /// When it ends.
    #[graphql(default_with = "StageExit::WhenDone")]
    exit: StageExit,
    /// The date that it begins by; as soon as the journey comes to it unless said.
    starts_at: Option<StartAnchor>,
    /// How many days before that date: 0 to 3,650, 0 unless said.
    starts_days_before: Option<i32>,
    /// What follows it.
    #[graphql(default_with = "StageThen::Next")]
    then: StageThen,
    /// The key of the stage with which the next lap starts, where it says `LOOP_TO`.
    loop_to: Option<String>,
    /// The tasks, at most 100.
    #[graphql(default)]
    tasks: Vec<TaskTemplateInput>,
}

/// One task of a stage.
#[derive(InputObject)]
pub(super) struct TaskTemplateInput {
    /// What it is known by in all versions: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique in the
    /// version.
    key: String,
    /// What is to be done: a verb and its context, 1 to 200 characters.
    title: String,
    /// How it is done: up to 4,000 characters.
    description: Option<String>,
    /// 0 to 1,000; tasks of one position open together. Its place in the list unless said, so that
    /// one task follows the other.
    position: Option<i32>,
    /// What kind of task it is, like `core.interaction`.
    type_key: String,
    /// Whether the stage cannot end without it.
    #[graphql(default = true)]
    required: bool,
    /// From where its duration counts.
    #[graphql(default_with = "DueAnchor::Previous")]
    anchor: DueAnchor,
    /// The longest time it may take: 0 to 3,650 days; no due date unless said.
    duration_days: Option<i32>,
    /// Which days count.
    #[graphql(default_with = "DayKind::Calendar")]
    day_kind: DayKind,
    /// Who is responsible for it.
    assignee: AssigneeInput,
    /// What its type needs to know, as `configSchema` of the type describes it: up to 16 KiB.
    config: Option<Json>,
}

/// Who is responsible for a task.
#[derive(OneofObject)]
pub(super) enum AssigneeInput {
    /// The same user for all customers.
    UserId(ID),
    /// Whoever holds this role at the account: an option of the set `account_role`.
    AccountRoleId(ID),
    /// The same by the key of the role, like `csm`.
    AccountRoleKey(String),
    /// The customer.
    Customer(CustomerAssigneeInput),
}

/// Which contact of a customer is responsible for a task.
#[derive(InputObject)]
pub(super) struct CustomerAssigneeInput {
    /// The contact with this role, an option of the set `contact_role`; the primary contact where
    /// nobody has it, or none is said.
    contact_role_id: Option<ID>,
}

/// Reads a definition and gathers what cannot be read of it.
pub(super) struct Reader {
    /// The account roles that can be named, by their keys.
    pub(super) roles: HashMap<String, OptionId>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    /// The definition; it means something only if there are no problems.
    pub(super) fn read(
        &mut self,
        max_attempts: i32,
        stages: Vec<StageTemplateInput>,
    ) -> Result<Definition> {
        let stages = stages.into_iter().enumerate();
        let stages = stages.map(|(place, stage)| self.stage(&format!("stages.{place}"), stage));
        Ok(Definition { max_attempts, stages: stages.collect::<Result<_>>()? })
    }

    fn stage(&mut self, path: &str, input: StageTemplateInput) -> Result<StageDefinition> {
        let StageTemplateInput {
            key,
            name,
            phase,
            expected_days,
            exit,
            starts_at,
            starts_days_before,
            then,
            loop_to,
            tasks,
        } = input;
        let days_before = starts_days_before.unwrap_or_default();
        if starts_at.is_none() && starts_days_before.is_some() {
            let field = format!("{path}.startsDaysBefore");
            self.problems.push(Problem::new(field, Code::Contradiction).with("with", "startsAt"));
        }
        let tasks = (0..).zip(tasks);
        let tasks =
            tasks.map(|(place, task)| self.task(&format!("{path}.tasks.{place}"), place, task));
        Ok(StageDefinition {
            key,
            name,
            phase: phase.into(),
            expected_days,
            exit: exit.into(),
            starts: starts_at.map(|anchor| StageStart { anchor: anchor.into(), days_before }),
            then: then.into(),
            loop_to,
            tasks: tasks.collect::<Result<_>>()?,
        })
    }

    fn task(&mut self, path: &str, place: i32, input: TaskTemplateInput) -> Result<TaskDefinition> {
        let TaskTemplateInput {
            key,
            title,
            description,
            position,
            type_key,
            required,
            anchor,
            duration_days,
            day_kind,
            assignee,
            config,
        } = input;
        let assignee = match self.assignee(&format!("{path}.assignee"), &assignee) {
            Err(Error::Problems(problems)) => {
                self.problems.extend(problems);
                Assignee::Customer(None)
            }
            other => other?,
        };
        Ok(TaskDefinition {
            key,
            title,
            description,
            position: position.unwrap_or(place),
            type_key,
            required,
            anchor: anchor.into(),
            duration_days,
            day_kind: day_kind.into(),
            assignee,
            config: config.unwrap_or_else(|| Json::Object(Default::default())),
        })
    }

    fn assignee(&self, path: &str, input: &AssigneeInput) -> Result<Assignee> {
        let at = |field: &str| format!("{path}.{field}");
        Ok(match input {
            AssigneeInput::UserId(id) => Assignee::User(id::parse(&at("userId"), id)?),
            AssigneeInput::AccountRoleId(id) => {
                Assignee::Role(id::parse(&at("accountRoleId"), id)?)
            }
            AssigneeInput::AccountRoleKey(key) => match self.roles.get(key.trim()) {
                Some(id) => Assignee::Role(*id),
                None => {
                    let problem = Problem::new(at("accountRoleKey"), Code::UnknownOption);
                    return Err(problem.with("set", "account_role").into());
                }
            },
            AssigneeInput::Customer(CustomerAssigneeInput { contact_role_id }) => {
                let field = at("customer.contactRoleId");
                Assignee::Customer(id::parse_some(&field, contact_role_id.as_ref())?)
            }
        })
    }
}
