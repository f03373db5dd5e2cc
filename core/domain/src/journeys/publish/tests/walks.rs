//! What can be published can run: it never gets stuck without a reason.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::calendar::plus;
use crate::journeys::definition::Definition;
use crate::journeys::kit::{
    Story, TARGET, calendar, definitions, key_of, known, loose_definitions, noon,
};
use crate::journeys::publish::problems;
use crate::journeys::{JourneyStatus, WaitingFor};
use crate::tasks::TaskStatus;

/// Steps after which a journey that moves must have come to an end, to the loop guard or into
/// another lap, however small its steps are.
const MAX_STEPS: usize = 3 * 3 * 3 * 8;

/// Does whatever the journey asks for, with good and bad values in turn as `luck` has it, until it
/// ends, is held, or begins a lap again.
fn walk(definition: &Definition, luck: &[bool]) -> Result<(), TestCaseError> {
    let mut story = Story::begin(definition, noon("2026-01-20"));
    for step in 0..MAX_STEPS {
        let value = if luck[step % luck.len()] { TARGET } else { TARGET - 1.0 };
        let journey = &story.run.journey;
        if journey.lap > 2 || journey.status == JourneyStatus::Held || journey.status.is_ended() {
            return Ok(());
        }
        match story.waits() {
            (None, _) => {
                let open = story.current_tasks().filter(|task| task.status == TaskStatus::Open);
                let required = open.filter(|task| task.required).map(key_of).next();
                let key = required.expect("somebody can do something").to_owned();
                match story.plan.plan(&key).and_then(|plan| plan.indicator()) {
                    Some(_) => story.answer(&key, value),
                    None => story.complete(&key),
                }
            }
            (Some(_), Some(date)) => {
                prop_assert!(date > story.today());
                story.until(calendar().start_of(date));
            }
            (Some(WaitingFor::Anchor), None) => {
                // Each lap wants an end of its own.
                prop_assert!(story.subscription_end <= story.run.journey.anchored_to);
                let last = story.run.journey.anchored_to.max(Some(story.today()));
                story.subscription_end = last.map(|last| plus(last, 20));
                story.settle();
            }
            (Some(WaitingFor::Indicator), None) => {
                story.pass(1);
                story.record(value);
                story.pass(1);
                story.score(value);
            }
            (Some(WaitingFor::MinimumDuration), None) => prop_assert!(false, "no date"),
        }
    }
    prop_assert!(false, "it goes on for ever: {}", story.trail());
    Ok(())
}

/// Most loose definitions are no good, and are left out.
fn rarely_right() -> ProptestConfig {
    ProptestConfig { max_global_rejects: 1_000_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(rarely_right())]

    #[test]
    fn the_definitions_of_the_kit_can_be_published(definition in definitions()) {
        prop_assert_eq!(problems(&definition, &known()), vec![]);
    }

    #[test]
    fn what_can_be_published_never_gets_stuck(
        definition in loose_definitions(), luck in proptest::collection::vec(any::<bool>(), 1..9),
    ) {
        prop_assume!(problems(&definition, &known()).is_empty());
        walk(&definition, &luck)?;
    }
}
