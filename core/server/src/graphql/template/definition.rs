//! The definition of a version as it is written: stages with their tasks.

use std::collections::HashMap;

use async_graphql::{ID, InputObject, OneofObject};
use jornada_domain::error::{Code, Problem};
use jornada_domain::id::OptionId;
use jornada_domain::journeys::definition::{
    Assignee, Definition, StageDefinition, StageStart, TaskDefinition,
};
use serde_json::Value as Json;

use super::stage::{DayKind, DueAnchor, Phase, StageExit, StageThen};
use crate::graphql::reading::Reading;
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
    /// Whether the stage cannot end without it. An indicator decides in any case: nothing that is
    /// said here makes it optional.
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
    /// How long it takes whoever does it, in minutes: 1 to 12,000.
    effort_minutes: Option<i32>,
    /// Whether it is blocked while the account has an open critical risk: nothing is to grow then.
    #[graphql(default)]
    blocked_by_risk: bool,
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
pub(super) struct Reader<'r> {
    /// The account roles that can be named, by their keys.
    pub(super) roles: &'r HashMap<String, OptionId>,
    /// What could not be read.
    pub(super) reading: &'r mut Reading,
}

impl Reader<'_> {
    /// The definition; where something cannot be read, with something harmless in its place.
    pub(super) fn read(
        &mut self,
        max_attempts: i32,
        stages: Vec<StageTemplateInput>,
    ) -> Definition {
        let stages = stages.into_iter().enumerate();
        let stages = stages.map(|(place, stage)| self.stage(&format!("stages.{place}"), stage));
        Definition { max_attempts, stages: stages.collect() }
    }

    fn stage(&mut self, path: &str, input: StageTemplateInput) -> StageDefinition {
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
            let problem = Problem::new(field, Code::Contradiction);
            self.reading.refuse(problem.with("with", "startsAt"));
        }
        let tasks = (0..).zip(tasks);
        let tasks =
            tasks.map(|(place, task)| self.task(&format!("{path}.tasks.{place}"), place, task));
        StageDefinition {
            key,
            name,
            phase: phase.into(),
            expected_days,
            exit: exit.into(),
            starts: starts_at.map(|anchor| StageStart { anchor: anchor.into(), days_before }),
            then: then.into(),
            loop_to,
            tasks: tasks.collect(),
        }
    }

    fn task(&mut self, path: &str, place: i32, input: TaskTemplateInput) -> TaskDefinition {
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
            blocked_by_risk,
            effort_minutes,
        } = input;
        let assignee = self.assignee(&format!("{path}.assignee"), &assignee);
        TaskDefinition {
            key,
            title,
            description,
            position: position.unwrap_or(place),
            type_key,
            required,
            anchor: anchor.into(),
            duration_days,
            day_kind: day_kind.into(),
            blocked_by_risk,
            effort_minutes,
            config: config.unwrap_or_else(|| Json::Object(Default::default())),
            // Somebody whom every account has stands in for who cannot be read.
            assignee: assignee.unwrap_or(Assignee::Customer(None)),
        }
    }

    fn assignee(&mut self, path: &str, input: &AssigneeInput) -> Option<Assignee> {
        let at = |field: &str| format!("{path}.{field}");
        match input {
            AssigneeInput::UserId(id) => {
                self.reading.some(&at("userId"), Some(id)).map(Assignee::User)
            }
            AssigneeInput::AccountRoleId(id) => {
                self.reading.some(&at("accountRoleId"), Some(id)).map(Assignee::Role)
            }
            AssigneeInput::AccountRoleKey(key) => {
                let known = self.roles.get(key.trim()).copied().map(Assignee::Role);
                if known.is_none() {
                    let problem = Problem::new(at("accountRoleKey"), Code::UnknownOption);
                    self.reading.refuse(problem.with("set", "account_role"));
                }
                known
            }
            AssigneeInput::Customer(CustomerAssigneeInput { contact_role_id }) => {
                let field = at("customer.contactRoleId");
                Some(Assignee::Customer(self.reading.some(&field, contact_role_id.as_ref())))
            }
        }
    }
}
