//! Runs the fixtures that stand beside a plugin.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Score, TestScore, TestTask};
use crate::bindings::score::exports::jornada::score::health_score::Description;
use crate::health_score::{Aggregation, HealthScore, InputKind};
use crate::task_type::{Operation, TaskType};
use crate::text::{Failure, Localized, Moment};

/// A call and the answer that it must give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    function: String,
    input: Input,
    /// A part of the answer: members that are not named here are not compared.
    expect: Json,
}

/// What a plugin is called with; each function takes a part of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    config: Json,
    moment: Option<At>,
    customers: Option<Vec<Json>>,
    task: Option<Json>,
    input: Option<Json>,
    outcome: Option<Json>,
}

/// A moment, of which a part may be said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    now: Option<String>,
    today: Option<String>,
    zone: Option<String>,
    locale: Option<String>,
}

impl Input {
    /// What is said that the function does not take; the host refuses it, too.
    fn misplaced(&self, function: &str) -> Option<&'static str> {
        let Self { moment, customers, task, input, outcome, .. } = self;
        let is_call = ["on-open", "on-complete"].contains(&function);
        let members = [
            ("moment", moment.is_some() && function == "describe"),
            ("customers", customers.is_some() != (function == "score")),
            ("task", task.is_some() && !is_call),
            ("input", input.is_some() && !is_call),
            ("outcome", outcome.is_some() != (function == "on-complete")),
        ];
        members.into_iter().find(|(_, is_misplaced)| *is_misplaced).map(|(name, _)| name)
    }

    fn moment(&self) -> Moment {
        let usual = super::moment();
        match &self.moment {
            None => usual,
            Some(at) => Moment {
                now: at.now.clone().unwrap_or(usual.now),
                today: at.today.clone().unwrap_or(usual.today),
                zone: at.zone.clone().unwrap_or(usual.zone),
                locale: at.locale.clone().unwrap_or(usual.locale),
            },
        }
    }
}

/// Runs all fixtures of a health score: the files `fixtures/*.json` in the folder of the plugin.
/// Answers how many there are.
///
/// ```no_run
/// use jornada_plugin_sdk::health_score::HealthScore;
/// use jornada_plugin_sdk::testing::score_fixtures;
///
/// fn the_fixtures_hold<Engagement: HealthScore>() {
///     score_fixtures::<Engagement>(env!("CARGO_MANIFEST_DIR"));
/// }
/// ```
///
/// # Panics
/// Where one answers something else, with all differences; and where there are none.
pub fn score_fixtures<S: HealthScore>(folder: impl AsRef<Path>) -> usize {
    run(folder.as_ref(), |Fixture { function, input, .. }| {
        let score = TestScore::<S>::new(input.config.clone()).at(input.moment());
        let answer = match function.as_str() {
            "describe" => score.describe().map(|description| described(&description)),
            "score" => {
                let customers = input.customers.as_deref().unwrap_or_default();
                score.score_all(customers).map(|scores| json!({"scores": scored(scores)}))
            }
            other => panic!("a health score has no function {other}"),
        };
        answer.unwrap_or_else(|failure| super::refused(&failure))
    })
}

/// Runs all fixtures of a type of tasks: the files `fixtures/*.json` in the folder of the plugin.
/// Each operation that is answered must stand among the capabilities of `plugin.toml` in the same
/// folder. Answers how many fixtures there are.
///
/// ```no_run
/// use jornada_plugin_sdk::task_type::TaskType;
/// use jornada_plugin_sdk::testing::task_fixtures;
///
/// fn the_fixtures_hold<Training: TaskType>() {
///     task_fixtures::<Training>(env!("CARGO_MANIFEST_DIR"));
/// }
/// ```
///
/// # Panics
/// Where one answers something else, with all differences; and where there are none.
pub fn task_fixtures<T: TaskType>(folder: impl AsRef<Path>) -> usize {
    let folder = folder.as_ref();
    let asked_for = capabilities(&read(&folder.join("plugin.toml")));
    run(folder, |Fixture { function, input, .. }| {
        let mut task = TestTask::<T>::new(input.config.clone())
            .at(input.moment())
            .input(input.input.clone().unwrap_or_default());
        if let Some(one) = &input.task {
            task = task.task(one.clone());
        }
        let outcome = || input.outcome.clone().unwrap_or_default();
        let answer = match function.as_str() {
            "validate-config" => Ok(json!({"problems": super::told(&task.validate())})),
            "on-open" => task.open().map(|operations| answered(&operations, &asked_for)),
            "on-complete" => {
                task.complete(outcome()).map(|operations| answered(&operations, &asked_for))
            }
            other => panic!("a type of tasks has no function {other}"),
        };
        answer.unwrap_or_else(|failure: Failure| super::refused(&failure))
    })
}

fn run(folder: &Path, call: impl Fn(&Fixture) -> Json) -> usize {
    let folder = folder.join("fixtures");
    let files = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(!files.is_empty(), "there is no fixture in {}", folder.display());
    let mut differences = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let fixture: Fixture = serde_json::from_str(&read(file))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        if let Some(member) = fixture.input.misplaced(&fixture.function) {
            differences.push(format!("{name}: {member} is not there, or not taken"));
            continue;
        }
        compare(&name, &call(&fixture), &fixture.expect, &mut differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    files.len()
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The kinds of operations that a `plugin.toml` asks for.
fn capabilities(manifest: &str) -> Vec<String> {
    let values = manifest.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "operation").then(|| value.trim().trim_matches('"').to_owned())
    });
    values.collect()
}

fn answered(operations: &[Operation], asked_for: &[String]) -> Json {
    let kinds = operations.iter().map(Operation::kind);
    for kind in kinds {
        let is_there = asked_for.iter().any(|one| one == kind);
        assert!(is_there, "plugin.toml has no capability with operation = {kind:?}");
    }
    json!({"operations": operations})
}

fn described(description: &Description) -> Json {
    let kind = |kind| match kind {
        InputKind::Number => "number",
        InputKind::Flag => "flag",
        InputKind::Category => "category",
        InputKind::Days => "days",
    };
    let aggregation = |aggregation| match aggregation {
        Aggregation::Last => "last",
        Aggregation::Sum => "sum",
        Aggregation::Mean => "mean",
        Aggregation::Minimum => "minimum",
        Aggregation::Maximum => "maximum",
        Aggregation::Trend => "trend",
    };
    let inputs = description.inputs.iter().map(|input| {
        json!({
            "key": input.key,
            "title": texts(&input.title),
            "kind": kind(input.kind),
            "unit": input.unit,
            "required": input.required,
            "windowDays": input.window_days,
            "aggregation": aggregation(input.aggregation),
            "words": input.words,
            "sensitive": input.sensitive,
            "suggestion": input.suggestion,
        })
    });
    let factors = description.factors.iter().map(
        |factor| json!({"key": factor.key, "title": texts(&factor.title), "weight": factor.weight}),
    );
    let reasons = description.reasons.iter();
    let reasons = reasons.map(|reason| json!({"code": reason.code, "text": texts(&reason.text)}));
    json!({
        "inputs": inputs.collect::<Vec<_>>(),
        "factors": factors.collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

fn texts(all: &[Localized]) -> Json {
    let each = all.iter().map(|one| (one.locale.clone(), Json::String(one.text.clone())));
    Json::Object(each.collect::<Map<_, _>>())
}

fn scored(scores: Vec<Score>) -> Json {
    let each = scores.into_iter().map(
        |score| json!({"score": score.value, "factors": score.factors, "reasons": score.reasons}),
    );
    each.collect()
}

/// By how much numbers may differ.
const TOLERANCE: f64 = 1e-6;

/// Tells where an answer is not what is expected of it.
fn compare(path: &str, answer: &Json, expected: &Json, differences: &mut Vec<String>) {
    match (answer, expected) {
        (Json::Object(answer), Json::Object(expected)) => {
            for (key, expected) in expected {
                let path = format!("{path}.{key}");
                match answer.get(key) {
                    Some(answer) => compare(&path, answer, expected, differences),
                    None => differences.push(format!("{path}: is missing, not {expected}")),
                }
            }
        }
        (Json::Array(answer), Json::Array(expected)) if answer.len() == expected.len() => {
            for (place, (answer, expected)) in answer.iter().zip(expected).enumerate() {
                compare(&format!("{path}.{place}"), answer, expected, differences);
            }
        }
        (Json::Number(answer), Json::Number(expected)) => {
            let pair = answer.as_f64().zip(expected.as_f64());
            if !pair.is_some_and(|(one, other)| (one - other).abs() <= TOLERANCE) {
                differences.push(format!("{path}: is {answer}, not {expected}"));
            }
        }
        (answer, expected) if answer == expected => {}
        (answer, expected) => differences.push(format!("{path}: is {answer}, not {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_answer_is_compared() {
        let differences = |answer: Json, expected: Json| {
            let mut found = Vec::new();
            compare("it", &answer, &expected, &mut found);
            found
        };
        let none: Vec<String> = Vec::new();
        assert_eq!(differences(json!({"a": 1.0000001, "b": 2}), json!({"a": 1})), none);
        let found =
            differences(json!({"a": [1, 2], "b": "x"}), json!({"a": [1], "b": "y", "c": 1}));
        assert_eq!(
            found,
            ["it.a: is [1,2], not [1]", "it.b: is \"x\", not \"y\"", "it.c: is missing, not 1"]
        );
        assert_eq!(differences(json!([{"a": 1}]), json!([{"a": 1.1}])).len(), 1);
        assert_eq!(differences(json!(null), json!(0)).len(), 1);
    }

    #[test]
    fn what_a_function_does_not_take_is_found() {
        let misplaced = |function, input: Json| {
            let input: Input = serde_json::from_value(input).unwrap();
            input.misplaced(function)
        };
        let score = json!({"config": {}, "customers": []});
        assert_eq!(misplaced("score", score.clone()), None);
        assert_eq!(misplaced("describe", score), Some("customers"));
        assert_eq!(misplaced("score", json!({"config": {}})), Some("customers"));
        let complete = json!({"config": {}, "moment": {"locale": "en"}, "outcome": {}});
        assert_eq!(misplaced("on-complete", complete.clone()), None);
        assert_eq!(misplaced("on-open", complete), Some("outcome"));
        assert_eq!(misplaced("validate-config", json!({"config": {}, "task": {}})), Some("task"));
    }

    #[test]
    fn the_capabilities_of_a_manifest_are_found() {
        let manifest = "[[capabilities]]\noperation = \"create-task\"\n[capabilities.reason]\n";
        assert_eq!(capabilities(manifest), ["create-task"]);
    }
}
