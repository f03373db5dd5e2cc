//! A kit for the tests of journeys: definitions in a few words, and journeys that live in memory.

mod arbitrary;
mod story;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::blueprint::{Blueprint, Plan, Stage};
use super::definition::{Assignee, Definition, StageDefinition, StageStart, TaskDefinition};
use super::publish::Known;
use super::stage_template::{Exit, Phase, StartAnchor, Then};
use super::{draft, stage_template, task_template};
use crate::calendar::{Calendar, DayKind, WorkingWeek};
use crate::id::{JourneyTemplateVersionId, OptionId, StageTemplateId, TaskTemplateId, WorkspaceId};
use crate::tasks::due::Anchor;
use crate::tasks::{Comparator, OnMissing, kind};
use sea_orm::ActiveValue::Set;
use sea_orm::TryIntoModel;

pub(super) use arbitrary::{TARGET, definitions, loose_definitions};
pub(super) use story::{Story, key_of};

/// The metric that [`known`] knows.
pub(super) const USAGE: &str = "usage";

/// The role that holds every task, unless a test says otherwise.
pub(super) const CSM: OptionId = OptionId(Uuid::from_u128(7));

/// The workspace of all rows.
pub(super) const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// A workspace in São Paulo where people work from Monday to Friday.
pub(super) fn calendar() -> Calendar {
    let week = WorkingWeek::MONDAY_TO_FRIDAY;
    Calendar::new(chrono_tz::America::Sao_Paulo, week, Default::default())
}

/// A date.
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("it is a date")
}

/// Noon of a date, where the workspace is.
pub(super) fn noon(date: &str) -> DateTime<Utc> {
    hour(date, 12)
}

/// A full hour of a date, where the workspace is.
pub(super) fn hour(date: &str, hour: i64) -> DateTime<Utc> {
    calendar().start_of(day(date)) + TimeDelta::hours(hour)
}

/// What the definitions of this kit may refer to.
pub(super) fn known() -> Known {
    Known {
        metrics: [USAGE.to_owned()].into(),
        surveys: ["relational".to_owned()].into(),
        account_roles: [CSM].into(),
        ..Known::default()
    }
}

/// A definition with the default loop guard.
pub(super) fn template(stages: impl Into<Vec<StageDefinition>>) -> Definition {
    Definition { max_attempts: 5, stages: stages.into() }
}

/// A stage that ends when its tasks are done, and leads to the next one.
pub(super) fn stage(key: &str, tasks: impl Into<Vec<TaskDefinition>>) -> StageDefinition {
    StageDefinition {
        key: key.to_owned(),
        name: key.to_owned(),
        phase: Phase::Onboarding,
        expected_days: None,
        exit: Exit::WhenDone,
        starts: None,
        then: Then::Next,
        loop_to: None,
        tasks: tasks.into(),
    }
}

/// A required standard task in the first position, without a due date.
pub(super) fn task(key: &str) -> TaskDefinition {
    TaskDefinition {
        key: key.to_owned(),
        title: key.to_owned(),
        description: None,
        position: 0,
        type_key: kind::STANDARD.to_owned(),
        required: true,
        anchor: Anchor::Previous,
        duration_days: None,
        effort_minutes: None,
        day_kind: DayKind::Calendar,
        assignee: Assignee::Role(CSM),
        config: json!({}),
        blocked_by_risk: false,
    }
}

fn indicator(key: &str, comparator: Comparator, target: f64) -> TaskDefinition {
    let config = json!({ "name": "Quantity", "comparator": comparator, "target": target });
    TaskDefinition { type_key: kind::INDICATOR.to_owned(), config, ..task(key) }
}

/// An indicator whose value a person gives.
pub(super) fn asked(key: &str, comparator: Comparator, target: f64) -> TaskDefinition {
    indicator(key, comparator, target).with(&json!({ "source": "PERSON" }))
}

/// An indicator that reads the metric of this kit.
pub(super) fn measured(key: &str, comparator: Comparator, target: f64) -> TaskDefinition {
    indicator(key, comparator, target).with(&json!({ "source": "METRIC", "metricKey": USAGE }))
}

/// An indicator that reads the last NPS.
pub(super) fn nps(key: &str, comparator: Comparator, target: f64) -> TaskDefinition {
    indicator(key, comparator, target).with(&json!({ "source": "NPS" }))
}

impl StageDefinition {
    pub(super) fn expected(mut self, days: i32) -> Self {
        self.expected_days = Some(days);
        self
    }

    pub(super) fn not_before(mut self, days: i32) -> Self {
        self.exit = Exit::NotBefore;
        self.expected(days)
    }

    pub(super) fn before_end(mut self, days_before: i32) -> Self {
        self.starts = Some(StageStart { anchor: StartAnchor::SubscriptionEnd, days_before });
        self
    }

    pub(super) fn completes(mut self) -> Self {
        self.then = Then::Complete;
        self
    }

    pub(super) fn loops_to(mut self, key: &str) -> Self {
        self.then = Then::LoopTo;
        self.loop_to = Some(key.to_owned());
        self
    }
}

impl TaskDefinition {
    pub(super) fn at(mut self, position: i32) -> Self {
        self.position = position;
        self
    }

    pub(super) fn within(mut self, days: i32) -> Self {
        self.duration_days = Some(days);
        self
    }

    pub(super) fn business(mut self) -> Self {
        self.day_kind = DayKind::Business;
        self
    }

    pub(super) fn counted_from(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    pub(super) fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub(super) fn blocked_by_risk(mut self) -> Self {
        self.blocked_by_risk = true;
        self
    }

    pub(super) fn continuous(self) -> Self {
        self.with(&json!({ "continuous": true }))
    }

    pub(super) fn max_age(self, days: u32) -> Self {
        self.with(&json!({ "maxAgeDays": days }))
    }

    pub(super) fn when_missing(self, then: OnMissing, after_days: u32) -> Self {
        self.with(&json!({ "onMissing": then, "missingAfterDays": after_days }))
    }

    /// The same with more configuration.
    pub(super) fn with(mut self, more: &Json) -> Self {
        if let (Some(config), Some(more)) = (self.config.as_object_mut(), more.as_object()) {
            config.extend(more.clone());
        }
        self
    }
}

/// The definition as the engine reads it, by the rows in which it would be stored.
pub(super) fn blueprint(definition: &Definition) -> Blueprint {
    let version_id = JourneyTemplateVersionId(Uuid::from_u128(2));
    let mut last = 1000;
    let mut next = || {
        last += 1;
        Uuid::from_u128(last)
    };
    let (mut stages, mut tasks) = (Vec::new(), Vec::new());
    for (position, stage) in (0..).zip(&definition.stages) {
        let id = StageTemplateId(next());
        stages.push(stage_template::ActiveModel {
            workspace_id: Set(WORKSPACE),
            version: Set(1),
            created_at: Set(DateTime::UNIX_EPOCH),
            updated_at: Set(DateTime::UNIX_EPOCH),
            ..draft::stage_row(id, version_id, position, stage)
        });
        tasks.extend(stage.tasks.iter().map(|task| task_template::ActiveModel {
            workspace_id: Set(WORKSPACE),
            id: Set(TaskTemplateId(next())),
            version: Set(1),
            created_at: Set(DateTime::UNIX_EPOCH),
            updated_at: Set(DateTime::UNIX_EPOCH),
            ..draft::task_row(version_id, id, task)
        }));
    }
    tasks.sort_by_key(|task| *task.position.as_ref());
    let stages = stages.into_iter().map(|row| row.try_into_model().expect("a whole row"));
    let tasks = tasks.into_iter().map(|row| row.try_into_model().expect("a whole row"));
    let tasks: Vec<task_template::Model> = tasks.collect();
    let plans_of = |stage: &stage_template::Model| {
        let own = tasks.iter().filter(|task| task.stage_id == stage.id);
        own.cloned().map(Plan::new).collect()
    };
    let stages = stages.map(|row| Stage { plans: plans_of(&row), row });
    Blueprint { max_attempts: definition.max_attempts, stages: stages.collect() }
}
