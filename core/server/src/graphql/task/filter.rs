//! What narrows and sorts a list of tasks.

use async_graphql::InputObject;
use jornada_domain::error::Result;
use jornada_domain::tasks::task::{self, TaskFilter, TaskQuery};

use super::{TaskOrigin, TaskStatus};
use crate::graphql::filter::{
    DateFilter, DateTimeFilter, IdFilter, OrderDirection, StringFilter, WordFilter, parts,
};
use crate::graphql::word::words;

/// What narrows a list of tasks: everything that is said must hold. At most five of them may stand
/// in one another, and a hundred altogether.
#[derive(InputObject)]
#[graphql(name = "TaskFilter")]
pub(in crate::graphql) struct TaskFilterInput {
    /// The account.
    account_id: Option<IdFilter>,
    /// The user who holds it.
    assignee_user_id: Option<IdFilter>,
    /// Only tasks that nobody holds, neither a user nor a contact, or only the others.
    is_unassigned: Option<bool>,
    /// The journey that it belongs to.
    journey_id: Option<IdFilter>,
    /// The visit that it belongs to.
    visit_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<TaskStatus>>,
    /// Why there is such a task.
    origin: Option<WordFilter<TaskOrigin>>,
    /// What kind of task it is.
    type_key: Option<StringFilter>,
    /// Until when it is to be done; tasks without a due date are left out.
    due_on: Option<DateFilter>,
    /// When it was last changed.
    updated_at: Option<DateTimeFilter>,
    /// All of these hold.
    and: Option<Vec<TaskFilterInput>>,
    /// One of these holds.
    or: Option<Vec<TaskFilterInput>>,
    /// This does not hold.
    not: Option<Box<TaskFilterInput>>,
}

impl TaskFilterInput {
    /// The filter of the domain; `path` is where it stands, for problems.
    fn parse(self, path: &str) -> Result<TaskFilter> {
        let at = |field: &str| format!("{path}.{field}");
        let Self {
            account_id,
            assignee_user_id,
            is_unassigned,
            journey_id,
            visit_id,
            status,
            origin,
            type_key,
            due_on,
            updated_at,
            and,
            or,
            not,
        } = self;
        let account_ids = account_id.map(|ids| ids.ids(&at("accountId"))).transpose()?;
        let assignee = assignee_user_id.map(|ids| ids.reference(&at("assigneeUserId")));
        let statuses = status.map(|words| words.words(&at("status"))).transpose()?;
        let origins = origin.map(|words| words.words(&at("origin"))).transpose()?;
        Ok(TaskFilter {
            account_ids: account_ids.flatten(),
            assignee: assignee.transpose()?,
            is_unassigned,
            journey: journey_id.map(|ids| ids.reference(&at("journeyId"))).transpose()?,
            visit: visit_id.map(|ids| ids.reference(&at("visitId"))).transpose()?,
            statuses: statuses.flatten(),
            origins: origins.flatten(),
            type_key: type_key.map(|key| key.text(&at("typeKey"))).transpose()?,
            due_on: due_on.map(Into::into),
            updated_at: updated_at.map(Into::into),
            parts: parts(path, (and, or, not), Self::parse)?,
        })
    }
}

/// By what a list of tasks is sorted.
#[derive(InputObject)]
#[graphql(name = "TaskOrder")]
pub(in crate::graphql) struct TaskOrderInput {
    /// The field.
    field: TaskOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

words! {
    /// What tasks can be sorted by.
    TaskOrderField = "task::TaskOrder" {
        /// The due date; tasks without one come last.
        DueOn,
        /// When the task was last changed.
        UpdatedAt,
        /// The place in its stage.
        Position,
    }
}

/// What the arguments of a list ask for.
pub(in crate::graphql) fn query(
    filter: Option<TaskFilterInput>,
    order_by: Option<TaskOrderInput>,
) -> Result<TaskQuery> {
    let filter = filter.map(|filter| filter.parse("filter")).transpose()?.unwrap_or_default();
    let is_descending = order_by.as_ref().is_some_and(|by| by.direction == OrderDirection::Desc);
    let order = order_by.map(|by| by.field.into()).unwrap_or_default();
    Ok(TaskQuery { filter, order, is_descending })
}
