//! The arithmetic of weighted models.

use proptest::prelude::*;

use super::*;
use crate::health::built_in::BuiltIn;

fn measure(key: &str, weight: f64, scale: &[(f64, f64)]) -> Measure {
    Measure {
        key: key.to_owned(),
        title: None,
        weight,
        source: Source::BuiltIn { name: BuiltIn::LastNps },
        scale: scale.iter().map(|(at, points)| Step { at: *at, points: *points }).collect(),
        is_stepped: false,
        words: BTreeMap::new(),
    }
}

fn model(measures: Vec<Measure>, missing: Missing, minimum_known: f64) -> Weighted {
    Weighted { measures, missing, minimum_known }
}

fn one(model: &Weighted, values: &[f64]) -> Row {
    let columns: Vec<_> = values.iter().map(|value| Column::Numbers(vec![*value])).collect();
    model.score(&columns, 1).rows.remove(0)
}

const LINE: [(f64, f64); 2] = [(0.0, 0.0), (10.0, 100.0)];

#[test]
fn a_number_between_two_steps_lies_on_a_line_and_beyond_them_stays() {
    let line = measure("nps", 1.0, &[(0.0, 10.0), (5.0, 20.0), (10.0, 100.0)]);
    let points = [-3.0, 0.0, 2.5, 5.0, 7.5, 10.0, 99.0].map(|number| line.points(number));
    let wanted = [10.0, 10.0, 15.0, 20.0, 60.0, 100.0, 100.0].map(Some);
    assert_eq!(points, wanted);
    let steps = Measure { is_stepped: true, ..line };
    let points = [-3.0, 0.0, 4.9, 5.0, 9.9, 10.0].map(|number| steps.points(number));
    assert_eq!(points, [10.0, 10.0, 10.0, 20.0, 20.0, 100.0].map(Some));
}

#[test]
fn a_missing_value_follows_the_policy_and_is_always_told() {
    let measures = || vec![measure("a", 3.0, &LINE), measure("b", 1.0, &LINE)];
    let told = |missing| {
        let row = one(&model(measures(), missing, 0.5), &[8.0, f64::NAN]);
        assert_eq!(row.missing, ["b"]);
        row.value
    };
    assert_eq!(told(Missing::Renormalise), Some(80.0));
    assert_eq!(told(Missing::Neutral), Some(72.5));
    assert_eq!(told(Missing::Worst), Some(60.0));
}

#[test]
fn too_little_known_is_no_number() {
    let measures = vec![measure("a", 3.0, &LINE), measure("b", 1.0, &LINE)];
    let model = model(measures, Missing::Worst, 0.5);
    assert_eq!(one(&model, &[f64::NAN, 9.0]).value, None);
    assert_eq!(one(&model, &[f64::NAN, f64::NAN]).missing, ["a", "b"]);
    assert!(one(&model, &[1.0, f64::NAN]).value.is_some());
}

#[test]
fn a_word_is_worth_what_the_model_says_and_others_are_missing() {
    let words = [("gold".to_owned(), 90.0), ("basic".to_owned(), 30.0)].into();
    let by_word = Measure { words, scale: Vec::new(), ..measure("package", 1.0, &[]) };
    let model = model(vec![by_word], Missing::Renormalise, 0.5);
    let said = ["gold", "basic", "new"].map(|word| Some(word.to_owned()));
    let rows = model.score(&[Column::Words(said.into_iter().chain([None]).collect())], 4).rows;
    let values: Vec<_> = rows.iter().map(|row| row.value).collect();
    assert_eq!(values, [Some(90.0), Some(30.0), None, None]);
}

#[test]
fn the_reasons_are_the_measures_that_take_most() {
    let keys = ["a", "b", "c", "d"];
    let measures = keys.map(|key| measure(key, 1.0, &LINE)).to_vec();
    let row = one(&model(measures, Missing::Neutral, 0.5), &[0.0, 9.9, 4.0, 2.0]);
    let told: Vec<_> = row.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(told, ["a", "d", "c"]);
    assert_eq!(row.reasons[0].points, Some(-25.0));
}

#[test]
fn every_problem_of_a_model_is_told_with_its_path() {
    let mut twice = measure("usage", 0.0, &[(5.0, 10.0), (5.0, 101.0)]);
    twice.words.insert("gold".to_owned(), 10.0);
    let unsound = model(vec![measure("usage", 1.0, &[]), twice], Missing::Worst, 1.5);
    let mut checks = Checks::new();
    unsound.check(&mut checks, "weighted", &[false, false]);
    let told: Vec<_> = checks.into_problems().iter().map(Problem::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    weighted.minimumKnown: OUT_OF_RANGE min=0 max=1
    weighted.measures.0.scale: REQUIRED
    weighted.measures.1.key: TAKEN
    weighted.measures.1.weight: OUT_OF_RANGE min=0.000001 max=1000000
    weighted.measures.1.words: CONTRADICTION with=weighted.measures.1.source
    weighted.measures.1.scale.1.points: OUT_OF_RANGE min=0 max=100
    weighted.measures.1.scale.1.at: OUT_OF_RANGE min=5 max=none
    ");
}

fn some_measure() -> impl Strategy<Value = Measure> {
    let steps = proptest::collection::btree_map(-1000i32..1000, 0.0..=100.0, 1..6);
    (steps, 0.001..100.0, any::<bool>()).prop_map(|(steps, weight, is_stepped)| {
        let scale: Vec<_> = steps.into_iter().map(|(at, points)| (at.into(), points)).collect();
        Measure { is_stepped, ..measure("m", weight, &scale) }
    })
}

proptest! {
    #[test]
    fn a_score_lies_between_0_and_100_and_is_the_sum_of_its_parts(
        measures in proptest::collection::vec(some_measure(), 1..8),
        values in proptest::collection::vec(
            prop_oneof![4 => -2000.0..2000.0, 1 => Just(f64::NAN)], 8,
        ),
        missing in prop_oneof![
            Just(Missing::Renormalise), Just(Missing::Neutral), Just(Missing::Worst)
        ],
    ) {
        let count = measures.len();
        let row = one(&model(measures, missing, 0.5), &values[..count]);
        prop_assert_eq!(
            row.missing.len(), values[..count].iter().filter(|value| value.is_nan()).count()
        );
        if let Some(value) = row.value {
            prop_assert!((0.0..=100.0).contains(&value));
            prop_assert!((row.contributions.iter().sum::<f64>() - value).abs() < 1e-6);
            prop_assert_eq!(row.contributions.len(), count);
        }
    }

    #[test]
    fn more_points_never_lower_a_score(
        measures in proptest::collection::vec(some_measure(), 1..6),
        low in 0.0..=100.0, more in 0.0..=100.0,
    ) {
        let flat = |points: f64| {
            let mut measures = measures.clone();
            measures[0].scale = vec![Step { at: 0.0, points }];
            one(&model(measures, Missing::Neutral, 0.0), &[1.0; 6]).value
        };
        let high = low + more * (100.0 - low) / 100.0;
        prop_assert!(flat(low).unwrap() <= flat(high).unwrap() + 1e-9);
    }
}
