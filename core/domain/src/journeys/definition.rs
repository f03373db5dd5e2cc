//! The definition of a version as a person writes it: stages with their tasks.

use serde_json::Value as Json;

use super::stage_template::{Exit, Phase, StartAnchor, Then};
use crate::calendar::DayKind;
use crate::id::{OptionId, UserId};
use crate::tasks::AssigneeRule;
use crate::tasks::due::Anchor;

/// The most stages a version may have.
pub const MAX_STAGES: usize = 50;
/// The most tasks a stage may have.
pub const MAX_TASKS: usize = 100;
/// The most minutes that a task may be said to take: two hundred hours.
pub const MAX_EFFORT: i32 = 12_000;

/// A whole version.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The loop guard, 1 to 100 visits of a stage within a lap.
    pub max_attempts: i32,
    /// In the order of the journey.
    pub stages: Vec<StageDefinition>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageDefinition {
    pub key: String,
    pub name: String,
    pub phase: Phase,
    pub expected_days: Option<i32>,
    pub exit: Exit,
    pub starts: Option<StageStart>,
    pub then: Then,
    pub loop_to: Option<String>,
    pub tasks: Vec<TaskDefinition>,
}

/// By which date a stage begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageStart {
    pub anchor: StartAnchor,
    pub days_before: i32,
}

/// One task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDefinition {
    pub key: String,
    pub title: String,
    pub description: Option<String>,
    pub position: i32,
    pub type_key: String,
    pub required: bool,
    pub anchor: Anchor,
    pub duration_days: Option<i32>,
    pub day_kind: DayKind,
    pub assignee: Assignee,
    pub config: Json,
    /// How long it takes whoever does it; see [`MAX_EFFORT`].
    pub effort_minutes: Option<i32>,
    /// It is blocked while the account has an open critical risk.
    pub blocked_by_risk: bool,
}

/// Who is responsible for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// The same user for all customers.
    User(UserId),
    /// Whoever holds this role at the account.
    Role(OptionId),
    /// The contact with this role, else the primary contact.
    Customer(Option<OptionId>),
}

impl Assignee {
    /// The rule as it is stored.
    pub fn rule(self) -> AssigneeRule {
        match self {
            Self::User(_) => AssigneeRule::FixedUser,
            Self::Role(_) => AssigneeRule::AccountRole,
            Self::Customer(_) => AssigneeRule::Customer,
        }
    }

    /// The user that the rule names.
    pub fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Role(_) | Self::Customer(_) => None,
        }
    }

    /// The role that the rule names.
    pub fn role_id(self) -> Option<OptionId> {
        match self {
            Self::User(_) => None,
            Self::Role(id) => Some(id),
            Self::Customer(id) => id,
        }
    }
}
