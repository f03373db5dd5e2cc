//! The fixtures, and the laws of the score.

use jornada_plugin_sdk::testing::{Score, TestScore, score_fixtures};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn score(customer: Json) -> Score {
    TestScore::<Engagement>::new(json!({})).score(customer)
}

fn problems(config: Json) -> Vec<String> {
    match TestScore::<Engagement>::new(config).describe() {
        Ok(_) => Vec::new(),
        Err(Failure::InvalidConfig(all)) => all.into_iter().map(|one| one.path).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn its_fixtures_hold() {
    assert!(score_fixtures::<Engagement>(env!("CARGO_MANIFEST_DIR")) >= 4);
}

#[test]
fn the_best_is_100_and_the_worst_is_0() {
    let best = score(json!({
        "usage_trend": 0.3, "nps": 10, "open_risks": 0, "sentiment": 5, "last_touch": 0,
        "satisfaction": 5, "milestones_reached": 4, "milestones_planned": 4, "renewal": 200,
    }));
    assert!((best.value.unwrap() - 100.0).abs() < 1e-9);
    assert_eq!(best.reasons, ["milestones_reached"]);
    let worst = score(json!({
        "usage_trend": -0.9, "nps": 0, "open_risks": 9, "sentiment": 1, "last_touch": -300,
        "satisfaction": 1, "milestones_reached": 0, "milestones_planned": 4, "renewal": -3,
    }));
    assert!(worst.value.unwrap().abs() < 1e-9);
    assert_eq!(worst.reasons, ["usage_down", "detractor", "risks_open"]);
}

#[test]
fn what_is_missing_counts_neither_way() {
    // Usage and NPS are 55 of 100: what is known of them is stretched to the whole.
    let scored = score(json!({"usage_trend": 0.1, "nps": 10}));
    assert!((scored.value.unwrap() - 100.0).abs() < 1e-9);
    assert_eq!(scored.factors["renewal"], 0.0);
    let scored = score(json!({"usage_trend": 0.1, "nps": 0}));
    assert!((scored.value.unwrap() - 100.0 * 35.0 / 55.0).abs() < 1e-9);
}

#[test]
fn too_little_known_is_no_score() {
    assert_eq!(score(json!({})).value, None);
    assert_eq!(score(json!({"usage_trend": 0.1})).value, None, "35 of 100");
    assert!(
        score(json!({"usage_trend": 0.1, "milestones_reached": 1, "milestones_planned": 1}))
            .value
            .is_some()
    );
    let one = TestScore::<Engagement>::new(json!({"minimumKnown": 0.0}));
    assert!(one.score(json!({"renewal": 10})).value.is_some());
    assert_eq!(one.score(json!({})).value, None, "nothing is too little in any case");
    let all = TestScore::<Engagement>::new(json!({"minimumKnown": 1.0}));
    let whole = json!({
        "usage_trend": 0, "nps": 8, "sentiment": 3, "milestones_reached": 1,
        "milestones_planned": 2, "renewal": 10,
    });
    assert!(all.score(whole).value.is_some(), "something is known of each part");
}

#[test]
fn a_plan_without_milestones_says_nothing() {
    let known = json!({"usage_trend": 0, "nps": 8, "milestones_reached": 0});
    assert_eq!(score(known.clone()).factors["milestones"], 0.0);
    let mut none = known;
    none["milestones_planned"] = json!(0);
    assert_eq!(score(none).factors["milestones"], 0.0);
}

#[test]
fn the_worst_part_of_service_is_named() {
    let told = |part: Json| {
        let mut customer = json!({"usage_trend": 0.1, "nps": 10, "sentiment": 5});
        let fields = part.as_object().cloned().unwrap_or_default();
        customer.as_object_mut().unwrap().extend(fields);
        let config = json!({"weights": {"service": 100}});
        TestScore::<Engagement>::new(config).score(customer).reasons
    };
    assert_eq!(told(json!({"sentiment": 1})), ["mood_bad"]);
    assert_eq!(told(json!({"sentiment": 2, "last_touch": -90})), ["silent"]);
    assert_eq!(told(json!({"satisfaction": 1, "sentiment": 2})), ["unsatisfied"]);
    assert_eq!(told(json!({"open_risks": 5, "sentiment": 2})), ["risks_open"]);
}

#[test]
fn weights_are_proportions_and_shown() {
    let config = json!({
        "weights": {"usage": 3, "nps": 1, "service": 0, "milestones": 0, "renewal": 0},
    });
    let score = TestScore::<Engagement>::new(config);
    let factors = score.describe().unwrap().factors;
    assert_eq!(
        factors.iter().map(|one| one.weight).collect::<Vec<_>>(),
        [0.75, 0.25, 0.0, 0.0, 0.0]
    );
    assert_eq!(score.score(json!({"usage_trend": 0.1, "nps": 0})).value, Some(75.0));
}

#[test]
fn an_unsound_configuration_is_refused_with_all_that_is_wrong() {
    assert_eq!(problems(json!({})), Vec::<String>::new());
    let nothing =
        json!({"weights": {"usage": 0, "nps": 0, "service": 0, "milestones": 0, "renewal": 0}});
    assert_eq!(problems(nothing), ["weights"]);
    assert_eq!(problems(json!({"weights": {"usage": -1}})), ["weights"]);
    assert_eq!(problems(json!({"weight": {}})), ["weight"]);
    assert_eq!(problems(json!({"thresholds": {"usageDrop": "much"}})), ["thresholds.usageDrop"]);
    let much = json!({
        "thresholds": {
            "usageDrop": 0.2, "freshDays": 90, "manyRisks": 0, "renewalDays": 0,
        },
        "minimumKnown": 2,
    });
    assert_eq!(
        problems(much),
        [
            "thresholds.usageDrop",
            "thresholds.manyRisks",
            "thresholds.freshDays",
            "thresholds.renewalDays",
            "minimumKnown",
        ]
    );
}

proptest! {
    #[test]
    fn a_milestone_that_is_reached_raises_health(
        usage_trend in -1.0..1.0_f64,
        nps in prop::option::of(0.0..10.0_f64),
        planned in 1..20_u32,
        reached in 0..20_u32,
    ) {
        prop_assume!(reached < planned);
        let with = |reached: u32| score(json!({
            "usage_trend": usage_trend, "nps": nps, "milestones_reached": reached,
            "milestones_planned": planned,
        }));
        let (before, after) = (with(reached).value.unwrap(), with(reached + 1).value.unwrap());
        prop_assert!(after > before, "{before} became {after}");
    }

    #[test]
    fn each_input_moves_the_score_one_way(
        at in 0..6_usize,
        low in 0.0..1.0_f64,
        more in 0.0..1.0_f64,
    ) {
        let (key, from, to) = [
            ("usage_trend", -1.0, 1.0), ("nps", 0.0, 10.0), ("sentiment", 1.0, 5.0),
            ("last_touch", -100.0, 0.0), ("satisfaction", 1.0, 5.0), ("renewal", -10.0, 120.0),
        ][at];
        let with = |share: f64| {
            let mut customer = json!({
                "usage_trend": 0, "nps": 8, "open_risks": 1, "sentiment": 3, "last_touch": -30,
                "satisfaction": 3, "renewal": 30,
            });
            customer[key] = json!(from + (to - from) * share);
            score(customer).value.unwrap()
        };
        let high = (low + more).min(1.0);
        prop_assert!(with(high) >= with(low) - 1e-9);
    }
}
