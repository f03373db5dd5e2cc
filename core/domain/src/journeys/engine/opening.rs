//! Which tasks a visit has, and when each opens (rules 1 and 2).

use chrono::{DateTime, NaiveDate, Utc};

use super::{Run, World};
use crate::journeys::blueprint::{Blueprint, Plan, Stage};
use crate::journeys::{journey, visit};
use crate::plans::risk::Alarm;
use crate::tasks::due::{Anchor, Anchors, due_on};
use crate::tasks::task::{self, Blocker};
use crate::tasks::{AssigneeRule, TaskOrigin, TaskStatus, kind};

/// The fresh tasks of a visit, all pending: those of the stage, and the continuous indicators of
/// earlier stages that a person evaluates, behind everything else.
pub(crate) fn tasks_of_visit(
    journey: &journey::Model,
    visit: &visit::Model,
    stage: &Stage,
    plan: &Blueprint,
    world: &World<'_>,
) -> Vec<task::Model> {
    let own = stage.plans.iter().map(|plan| (plan, plan.row.position));
    let behind = stage.plans.iter().map(|plan| plan.row.position).max().map_or(0, |last| last + 1);
    let carried = plan.carried(stage, &journey.lap_stage_key).into_iter();
    let plans = own.chain(carried.map(|plan| (plan, behind)));
    let tasks = plans.filter(|(plan, _)| plan.becomes_task());
    tasks.map(|(plan, position)| new_task(visit, plan, position, world)).collect()
}

/// A pending task of a plan.
pub(crate) fn new_task(
    visit: &visit::Model,
    plan: &Plan,
    position: i32,
    world: &World<'_>,
) -> task::Model {
    let row = &plan.row;
    task::Model {
        workspace_id: visit.workspace_id,
        id: (world.new_id)().into(),
        version: 0,
        created_at: world.now,
        updated_at: world.now,
        account_id: visit.account_id,
        journey_id: Some(visit.journey_id),
        visit_id: Some(visit.id),
        template_key: Some(row.key.clone()),
        origin: TaskOrigin::Journey,
        type_key: row.type_key.clone(),
        title: row.title.clone(),
        description: row.description.clone(),
        position,
        required: plan.is_required(),
        status: TaskStatus::Pending,
        blocked_reason: None,
        assignee_rule: row.assignee_rule,
        assignee_role_id: row.assignee_role_id,
        assignee_user_id: row
            .assignee_user_id
            .filter(|_| row.assignee_rule == AssigneeRule::FixedUser),
        assignee_contact_id: None,
        assigned_by_hand: false,
        due_on: None,
        original_due_on: None,
        opened_at: None,
        finished_at: None,
        finished_by_id: None,
        reason: None,
        waiting_on: None,
        waiting_since: None,
        waiting_reason: None,
        config: row.config.clone(),
        effort_minutes: row.effort_minutes,
        outcome: None,
        risk_id: None,
        opportunity_id: None,
    }
}

/// Opens the tasks of every position that has been reached. A position is reached when the
/// required tasks of all positions before it are finished; what opens then is dated by the last
/// of them, and what a critical risk held back by when the last of those was over.
pub(super) fn open_reached(run: &mut Run, plan: &Blueprint, world: &World<'_>, index: usize) {
    let visit = run.visits[index].clone();
    heed_risks(run, plan, world, &visit);
    let is_anchored = plan.stage(&visit.stage_key).is_some_and(|at| at.row.starts_at.is_some());
    let end = run.journey.anchored_to.filter(|end| is_anchored && world.ends.contains(end));
    let end = end.or(world.end());
    let of_visit = run.tasks.iter().enumerate().filter(|(_, task)| task.visit_id == Some(visit.id));
    let mut order: Vec<(i32, usize)> =
        of_visit.map(|(index, task)| (task.position, index)).collect();
    order.sort_unstable();
    let mut reached_at = visit.works_from();
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let mut finished_at = Some(reached_at);
        let opens_at = world.dated(reached_at);
        for (_, index) in group {
            let task = &mut run.tasks[*index];
            open_or_refresh(task, plan, world, (&visit, end), opens_at);
            if task.required {
                finished_at = match task.finished_at.filter(|_| task.status.is_closed()) {
                    Some(at) => finished_at.map(|latest| latest.max(at)),
                    None => None,
                };
            }
        }
        match finished_at {
            Some(at) => reached_at = at,
            None => return,
        }
    }
}

/// While a critical risk is open, growth waits (F2): a task that says so is blocked, also where it
/// was open already. It forgets when it opened, because it opens anew once the risk is closed.
fn heed_risks(run: &mut Run, plan: &Blueprint, world: &World<'_>, visit: &visit::Model) {
    for task in run.tasks.iter_mut().filter(|task| task.visit_id == Some(visit.id)) {
        let is_held = world.alarm == Alarm::Open && is_growth(task, plan);
        if is_held && matches!(task.status, TaskStatus::Open | TaskStatus::Preparing) {
            block(task);
        } else if !is_held && task.blocked_by() == Some(Blocker::CriticalRisk) {
            task.status = TaskStatus::Pending;
            task.blocked_reason = None;
        }
    }
}

fn is_growth(task: &task::Model, plan: &Blueprint) -> bool {
    let plan = task.template_key.as_deref().and_then(|key| plan.plan(key));
    plan.is_some_and(|plan| plan.row.blocked_by_risk)
}

fn block(task: &mut task::Model) {
    task.status = TaskStatus::Blocked;
    task.blocked_reason = Some(task::CRITICAL_RISK.to_owned());
    (task.opened_at, task.due_on, task.original_due_on) = (None, None, None);
    (task.waiting_on, task.waiting_since, task.waiting_reason) = (None, None, None);
}

fn open_or_refresh(
    task: &mut task::Model,
    plan: &Blueprint,
    world: &World<'_>,
    (visit, end): (&visit::Model, Option<NaiveDate>),
    reached_at: DateTime<Utc>,
) {
    let is_growth = is_growth(task, plan);
    // Its days count from when it could be done: otherwise it would open overdue.
    let opens_at = match world.alarm {
        Alarm::Over(at) if is_growth => reached_at.max(at),
        _ => reached_at,
    };
    let plan = task.template_key.as_deref().and_then(|key| plan.plan(key));
    let adopted_on = visit.adopted_at.map(|at| world.calendar.local_date(at));
    let anchors = Anchors {
        previous: world.calendar.local_date(opens_at),
        stage_entry: adopted_on.unwrap_or(visit.entered_on),
        subscription_end: end,
    };
    // What hangs on an end may have been due before anybody here could do it.
    let due_date = |plan: &Plan| due_date(plan, anchors, world).max(adopted_on);
    match task.status {
        TaskStatus::Pending if is_growth && world.alarm == Alarm::Open => block(task),
        // Its plugin says what follows, and is asked elsewhere; the days count all the same.
        TaskStatus::Pending if kind::is_of_plugin(&task.type_key) => {
            task.status = TaskStatus::Preparing;
            task.due_on = plan.and_then(due_date);
            task.original_due_on = task.due_on;
        }
        TaskStatus::Pending => {
            task.status = TaskStatus::Open;
            task.opened_at = Some(opens_at);
            task.due_on = plan.and_then(due_date);
            task.original_due_on = task.due_on;
        }
        // Its plugin has prepared it: it is dated by when its position was reached.
        TaskStatus::Open if task.opened_at.is_none() => task.opened_at = Some(opens_at),
        // The end of the subscription may have moved; a date that a person chose stays.
        TaskStatus::Open if task.due_on == task.original_due_on => {
            let is_anchored = |plan: &&Plan| plan.row.anchor == Anchor::SubscriptionEnd;
            if let Some(plan) = plan.filter(is_anchored) {
                task.due_on = due_date(plan);
                task.original_due_on = task.due_on;
            }
        }
        _ => {}
    }
}

fn due_date(plan: &Plan, anchors: Anchors, world: &World<'_>) -> Option<NaiveDate> {
    let days = plan.row.duration_days.and_then(|days| u32::try_from(days).ok());
    due_on(world.calendar, plan.row.anchor, days, plan.row.day_kind, anchors)
}
