//! Places for calls: there are so many, and who finds none is told so.

use std::thread;
use std::time::{Duration, Instant};

use jornada_plugin_host::Limits;
use jornada_plugin_host::error::CallError;

use crate::support::{Healthy, SCORE, TASK, attack, host, limits, packaged, score, task};

#[test]
fn who_finds_no_place_is_told_so_and_finds_one_later() {
    let host = host(Limits { calls: 1, fuel_per_call: 60_000_000_000, ..limits() });
    let healthy = Healthy::on(&host);
    let slow = score(&host, attack("loop"));
    thread::scope(|scope| {
        let busy = scope.spawn(|| {
            // The other one may have the place just then.
            let mut ends = std::iter::repeat_with(|| slow.describe("{}").answer.unwrap_err());
            ends.find(|end| *end != CallError::Busy).unwrap()
        });
        let begun = Instant::now();
        while healthy.finds_a_place() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never had no place");
        }
        assert!(matches!(busy.join().unwrap(), CallError::OutOfFuel { .. }));
    });
    healthy.is_as_ever();
}

#[test]
fn without_room_for_a_pool_each_call_makes_its_own() {
    let host = host(Limits { calls: 1_000_000, ..limits() });
    assert!(!host.is_pooling());
    Healthy::on(&host).is_as_ever();
    let end = score(&host, attack("memories")).describe("{}").answer.unwrap_err();
    assert_eq!(end, CallError::OutOfMemory { bytes: limits().memory_bytes });
}

#[test]
fn a_plugin_says_what_its_documents_look_like() {
    let host = host(limits());
    let schema = score(&host, packaged("steady", SCORE)).config_schema().answer.unwrap();
    assert!(schema.contains(r#""good""#), "{schema}");
    let chore = task(&host, packaged("chore", TASK));
    assert_eq!(chore.config_schema().answer.unwrap(), "{}");
    assert_eq!(chore.outcome_schema().answer.unwrap(), "{}");
}
