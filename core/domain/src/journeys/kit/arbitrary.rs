//! Random definitions.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{asked, measured, nps, stage, task};
use crate::calendar::DayKind;
use crate::journeys::definition::{Definition, StageDefinition, TaskDefinition};
use crate::journeys::stage_template::{Exit, Then};
use crate::tasks::due::Anchor;
use crate::tasks::{Comparator, OnMissing};

/// Every indicator of random definitions asks for at least this.
pub(in crate::journeys) const TARGET: f64 = 10.0;

fn indicators() -> impl Strategy<Value = TaskDefinition> {
    let missing = prop_oneof![Just(OnMissing::Wait), Just(OnMissing::Pass), Just(OnMissing::Fail)];
    let options = (0..3, any::<bool>(), proptest::option::of(1u32..20), missing, 0u32..6);
    options.prop_map(|(source, is_continuous, max_age, missing, days)| {
        let task = match source {
            0 => asked("", Comparator::Gte, TARGET),
            1 => measured("", Comparator::Gte, TARGET),
            _ => nps("", Comparator::Gte, TARGET),
        };
        let mut task = task.when_missing(missing, days);
        if is_continuous {
            task = task.continuous();
        }
        match max_age {
            Some(days) => task.max_age(days),
            None => task,
        }
    })
}

fn tasks() -> impl Strategy<Value = TaskDefinition> {
    let kind = prop_oneof![2 => Just(task("")).boxed(), 1 => indicators().boxed()];
    let anchor = prop_oneof![
        3 => Just(Anchor::Previous),
        1 => Just(Anchor::StageEntry),
        1 => Just(Anchor::SubscriptionEnd),
    ];
    let duration = proptest::option::of(0i32..10);
    let day_kind = prop_oneof![Just(DayKind::Calendar), Just(DayKind::Business)];
    let growth = proptest::bool::weighted(0.2);
    (kind, 0i32..3, any::<bool>(), anchor, duration, day_kind, growth).prop_map(
        |(task, position, required, anchor, duration_days, day_kind, blocked_by_risk)| {
            TaskDefinition {
                position,
                required,
                anchor,
                duration_days,
                day_kind,
                blocked_by_risk,
                ..task
            }
        },
    )
}

fn stages() -> impl Strategy<Value = StageDefinition> {
    let then =
        prop_oneof![4 => Just(Then::Next), 1 => Just(Then::Complete), 1 => Just(Then::LoopTo)];
    let expected = proptest::option::of(1i32..15);
    let starts = proptest::option::weighted(0.15, 0i32..30);
    (vec(tasks(), 0..4), expected, any::<bool>(), starts, then).prop_map(
        |(tasks, expected_days, waits, starts, then)| {
            let mut made = stage("", tasks);
            made.expected_days = expected_days;
            made.exit = if waits { Exit::NotBefore } else { Exit::WhenDone };
            made.then = then;
            match starts {
                Some(days) => made.before_end(days),
                None => made,
            }
        },
    )
}

/// Definitions of all sorts; many, but not all, have problems.
pub(in crate::journeys) fn loose_definitions() -> impl Strategy<Value = Definition> {
    (vec((stages(), 0usize..4), 1..4), 1i32..4).prop_map(|(stages, max_attempts)| {
        let named = stages.into_iter().enumerate().map(|(index, (mut stage, target))| {
            stage.key = format!("stage{index}");
            stage.name.clone_from(&stage.key);
            stage.loop_to = (stage.then == Then::LoopTo).then(|| format!("stage{target}"));
            for (number, task) in stage.tasks.iter_mut().enumerate() {
                task.key = format!("task{index}{number}");
                task.title.clone_from(&task.key);
            }
            stage
        });
        Definition { max_attempts, stages: named.collect() }
    })
}

/// Definitions that can be published.
pub(in crate::journeys) fn definitions() -> impl Strategy<Value = Definition> {
    loose_definitions().prop_map(|mut definition| {
        let last = definition.stages.len() - 1;
        for (index, stage) in definition.stages.iter_mut().enumerate() {
            if index < last {
                (stage.then, stage.loop_to) = (Then::Next, None);
            } else if stage.then == Then::Next {
                stage.then = Then::Complete;
            }
            let target = stage.loop_to.as_deref().and_then(|key| key.strip_prefix("stage"));
            if let Some(target) = target.and_then(|target| target.parse::<usize>().ok()) {
                stage.loop_to = Some(format!("stage{}", target.min(last)));
            }
            if stage.expected_days.is_none() || stage.exit == Exit::WhenDone {
                stage.exit = Exit::WhenDone;
                stage.tasks.push(task(&format!("task{index}x")).at(1).within(3));
            }
        }
        definition
    })
}
