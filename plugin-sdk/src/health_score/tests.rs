//! The rows, the points and the refusals of health scores.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::testing::{TestScore, moment};

crate::words! {
    /// What a customer pays for.
    enum Package {
        Basic = "Basic",
        Complete = "Complete",
    }
}

crate::inputs! {
    /// What is known of a customer.
    struct Customer {
        needed: f64 = Input::number("Needed"),
        extra: Option<f64> = Input::days("Extra"),
        flag: Option<bool> = Input::flag("Flag"),
        package: Option<Package> = Input::category("Package"),
    }
}

#[derive(Deserialize, JsonSchema)]
struct Config {
    #[serde(default)]
    base: f64,
    #[serde(default)]
    reasons: usize,
    #[serde(default)]
    refuse: bool,
}

struct Sum(Config);

impl HealthScore for Sum {
    type Config = Config;
    type Inputs = Customer;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        if config.refuse { Err(vec![Problem::new("refuse", "is set")]) } else { Ok(Self(config)) }
    }

    fn factors(&self) -> Vec<Factor> {
        vec![Factor::new("needed", "Needed"), Factor::new("other", "Other").weight(0.5)]
    }

    fn reasons(&self) -> Vec<ReasonText> {
        (0..5).map(|n| ReasonText::new(&format!("r{n}"), "A reason")).collect()
    }

    fn base(&self) -> f64 {
        self.0.base
    }

    fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
        points.add(0, customer.needed);
        points.add(1, customer.extra.unwrap_or(0.0));
        points.add(1, customer.flag.map_or(0.0, |flag| if flag { 1.0 } else { 2.0 }));
        points.add(1, if customer.package == Some(Package::Complete) { 4.0 } else { 0.0 });
        (0..self.0.reasons).for_each(|reason| points.because(reason));
        if customer.needed == -1.0 { Verdict::Insufficient } else { Verdict::Scored }
    }
}

fn score(config: serde_json::Value, customer: serde_json::Value) -> crate::testing::Score {
    TestScore::<Sum>::new(config).score(customer)
}

#[test]
fn a_row_is_read_from_its_columns() {
    let all = json!({"needed": 10, "extra": -3, "flag": true, "package": "Complete"});
    let scored = score(json!({}), all);
    assert_eq!((scored.value, scored.factors["other"]), (Some(12.0), 2.0));
}

#[test]
fn what_is_missing_is_missing_and_what_is_needed_is_needed() {
    let scored = score(json!({}), json!({"needed": 10, "flag": null}));
    assert_eq!((scored.value, scored.factors["other"]), (Some(10.0), 0.0));
    let scored = score(json!({"reasons": 2}), json!({"extra": 5, "flag": false}));
    assert_eq!((scored.value, scored.factors["other"]), (None, 0.0));
    assert!(scored.reasons.is_empty(), "the plugin was not asked");
}

#[test]
fn a_word_that_the_plugin_does_not_know_is_missing() {
    let rows = [
        json!({"needed": 1, "package": "Gold"}),
        json!({"needed": 1, "package": "Complete"}),
        json!({"needed": 1, "package": "Basic"}),
    ];
    let scored = TestScore::<Sum>::new(json!({})).score_all(&rows).unwrap();
    assert_eq!(scored.iter().map(|one| one.factors["other"]).collect::<Vec<_>>(), [0.0, 4.0, 0.0]);
}

#[test]
fn too_little_is_no_score_and_no_points_but_reasons() {
    let scored = score(json!({"reasons": 1}), json!({"needed": -1, "extra": 7}));
    assert_eq!(scored.value, None);
    assert!(scored.factors.values().all(|points| *points == 0.0));
    assert_eq!(scored.reasons, ["r0"]);
}

#[test]
fn there_are_three_reasons_at_most_in_their_order() {
    let scored = score(json!({"reasons": 5}), json!({"needed": 1}));
    assert_eq!(scored.reasons, ["r0", "r1", "r2"]);
}

#[test]
#[should_panic(expected = "there is no reason 5 among 5")]
fn a_reason_that_there_is_not_is_a_mistake() {
    score(json!({"reasons": 6}), json!({"needed": 1}));
}

#[test]
#[should_panic(expected = "factor 0 is given 10000000 points")]
fn points_beyond_all_sense_are_a_mistake() {
    score(json!({}), json!({"needed": 1e7}));
}

#[test]
fn a_configuration_that_does_not_fit_is_refused_with_its_place() {
    let refused = |config| TestScore::<Sum>::new(config).score_all(&[]).unwrap_err();
    let problems = |config| match refused(config) {
        Failure::InvalidConfig(problems) => problems,
        other => panic!("{other:?}"),
    };
    assert_eq!(problems(json!({"base": "high"}))[0].path, "base");
    assert_eq!(problems(json!({"refuse": true})), [Problem::new("refuse", "is set")]);
    assert_eq!(problems(json!("all"))[0].path, "");
    let described = TestScore::<Sum>::new(json!({"refuse": true})).describe();
    assert!(matches!(described, Err(Failure::InvalidConfig(_))));
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let batch = |columns: Vec<Vec<f64>>| wit::Batch {
        as_of: moment(),
        rows: 2,
        dictionaries: vec![Vec::new(); columns.len()],
        columns,
    };
    let refused = |columns| {
        matches!(super::score::<Sum>("{}", batch(columns)), Err(Failure::InvalidInput(_)))
    };
    assert!(!refused(vec![vec![1.0; 2]; 4]));
    assert!(refused(vec![vec![1.0; 2]; 3]));
    assert!(refused(vec![vec![1.0; 2]; 5]));
    assert!(refused(vec![vec![1.0]; 4]));
}

#[test]
fn a_code_beyond_its_dictionary_is_missing() {
    let columns = vec![vec![1.0], vec![f64::NAN], vec![f64::NAN], vec![9.0]];
    let dictionaries = vec![vec![], vec![], vec![], vec!["Complete".to_owned()]];
    let batch = wit::Batch { as_of: moment(), rows: 1, columns, dictionaries };
    assert_eq!(super::score::<Sum>("{}", batch).unwrap().values, [1.0]);
}

#[test]
fn a_base_that_is_no_number_fails() {
    struct Unsound;
    impl HealthScore for Unsound {
        type Config = ();
        type Inputs = Customer;
        fn new((): ()) -> Result<Self, Vec<Problem>> {
            Ok(Self)
        }
        fn factors(&self) -> Vec<Factor> {
            Vec::new()
        }
        fn base(&self) -> f64 {
            f64::NAN
        }
        fn score(&self, _: &Customer, _: &Moment, _: &mut Points<'_>) -> Verdict {
            Verdict::Scored
        }
    }
    let failed = TestScore::<Unsound>::new(json!(null)).score_all(&[]);
    assert!(matches!(failed, Err(Failure::Failed(_))));
}

#[test]
#[should_panic(expected = "cannot be read as a flag")]
fn an_input_of_another_kind_than_its_field_is_a_mistake() {
    <Option<bool> as Field>::declare(Input::number("A number"));
}

#[test]
fn what_is_required_follows_from_the_type() {
    let description = TestScore::<Sum>::new(json!({})).describe().unwrap();
    let required = description.inputs.iter().map(|input| input.required);
    assert_eq!(required.collect::<Vec<_>>(), [true, false, false, false]);
    assert_eq!(description.inputs[3].words, ["Basic", "Complete"]);
    assert_eq!(description.inputs[0].key, "needed");
}

#[test]
fn equal_and_opposite_parts_outside_of_a_base_are_scaled() {
    let scored = score(json!({"base": 250.0}), json!({"needed": 20, "extra": -20}));
    assert_eq!((scored.base, scored.value), (100.0, Some(100.0)));
    let scored = score(json!({"base": -30.0}), json!({"needed": 0}));
    assert_eq!((scored.base, scored.value), (0.0, Some(0.0)));
}

proptest! {
    #[test]
    fn base_and_points_come_to_a_score_within_bounds(
        base in -500.0..500.0_f64,
        needed in -500.0..500.0_f64,
        extra in prop::option::of(-500.0..500.0_f64),
    ) {
        let scored = score(json!({"base": base}), json!({"needed": needed, "extra": extra}));
        let value = scored.value.unwrap();
        prop_assert!((0.0..=100.0).contains(&value));
        prop_assert!((scored.base + scored.factors.values().sum::<f64>() - value).abs() < 1e-9);
        let unbounded = base.clamp(0.0, 100.0) + needed + extra.unwrap_or(0.0);
        prop_assert!((value - unbounded.clamp(0.0, 100.0)).abs() < 1e-9);
    }

    #[test]
    fn the_worst_factors_are_told_in_their_order(
        mut given in prop::collection::vec(-9..9_i32, 1..12),
        before in 0..4_usize,
    ) {
        let mut parts: Vec<f64> = given.iter().map(|points| f64::from(*points)).collect();
        let mut reasons = Vec::new();
        let mut points =
            Points { factors: &mut parts, row: 0, told: 0, texts: 99, reasons: &mut reasons };
        (0..before).for_each(|_| points.because(98));
        points.because_of_worst(3.0, |factor| factor + 50);
        let told: Vec<_> = reasons.iter().map(|one| one.reason as usize).collect();
        let mut wanted: Vec<_> = given.drain(..).enumerate().filter(|(_, one)| *one < -3).collect();
        wanted.sort_by_key(|(_, points)| *points);
        let wanted = wanted.into_iter().map(|(factor, _)| factor + 50);
        let all: Vec<_> = std::iter::repeat_n(98, before).chain(wanted).take(3).collect();
        prop_assert_eq!(told, all);
    }

    #[test]
    fn scaling_keeps_the_shares_and_the_signs(
        parts in prop::collection::vec(-1e5..1e5_f64, 1..32),
    ) {
        let mut scaled = parts.clone();
        let value = bounded(50.0, &mut scaled);
        prop_assert!((50.0 + scaled.iter().sum::<f64>() - value).abs() < 1e-9);
        for (part, scaled) in parts.iter().zip(&scaled) {
            prop_assert!(part * scaled >= 0.0 && scaled.abs() <= part.abs());
        }
    }
}
