//! Fixtures: calls of a plugin with the answers that they must give.

use jornada_plugin_host::fixture::{self, Outcome};
use jornada_plugin_host::manifest::Fixture;
use serde_json::{Value as Json, json};

use crate::support::{SCORE, TASK, host, limits, load, packaged};

fn of(plugin: &str, function: &str, input: Json, expect: Json) -> Outcome {
    let host = host(limits());
    let kind = if plugin == "chore" { TASK } else { SCORE };
    let plugin = load(&host, packaged(plugin, kind)).unwrap();
    let name = "a fixture".to_owned();
    fixture::run(&plugin, &Fixture { name, function: function.to_owned(), input, expect })
}

fn passes(plugin: &str, function: &str, input: Json, expect: Json) {
    let outcome = of(plugin, function, input, expect);
    assert!(outcome.is_passed(), "{:#?}", outcome.differences);
}

fn differs(plugin: &str, function: &str, input: Json, expect: Json) -> Vec<String> {
    of(plugin, function, input, expect).differences
}

fn customers() -> Json {
    json!({"config": {"good": 40}, "customers": [
        {"users": 10, "contract": "year", "sponsor": true},
        {"users": 80, "contract": null, "sponsor": false},
        {"contract": "month"},
        {"users": 20, "contract": "a word that nobody declared"},
    ]})
}

#[test]
fn scores_are_compared_by_what_is_named() {
    let expect = json!({"scores": [
        {"score": 55, "factors": {"usage": 15.0, "bond": 40}, "reasons": ["few_users"]},
        {"score": 70, "reasons": []},
        {"score": null},
        {"factors": {"bond": 10}},
    ]});
    passes("steady", "score", customers(), expect);
}

#[test]
fn what_differs_is_named_with_its_path() {
    let expect = json!({"scores": [
        {"score": 56, "reasons": ["few_users"]},
        {"factors": {"usages": 1}},
        {"score": 0},
        {},
    ]});
    assert_eq!(
        differs("steady", "score", customers(), expect),
        [
            "expect.scores.0.score: 56 is expected, not 55.0",
            "expect.scores.1.factors.usages: there is none, but bond, usage",
            "expect.scores.2.score: 0 is expected, not null",
        ]
    );
}

#[test]
fn what_is_unsound_in_a_fixture_is_named_with_its_path() {
    let input = json!({
        "config": {"good": 40},
        "customers": [{"userz": 1}, {"users": "many"}, {"contract": 3}, {"sponsor": 2.5}],
    });
    assert_eq!(
        differs("steady", "score", input, json!({})),
        [
            "input.customers.0.userz: is no input; there are users, contract, sponsor",
            "input.customers.1.users: \"many\" is not a number",
            "input.customers.2.contract: 3 is not a word",
            "input.customers.3.sponsor: 2.5 is not true or false",
        ]
    );
    let input = json!({"custmers": [], "moment": {"today": "2026-01-01", "tomorrow": "2026"}});
    assert_eq!(
        differs("steady", "score", input, json!({})),
        [
            "input.config: is missing",
            "input.moment.tomorrow: is unknown",
            "input.customers: is missing",
            "input.customers: is no list",
            "input.custmers: is unknown",
        ]
    );
    assert_eq!(
        differs("steady", "on-open", json!({}), json!({})),
        ["function: a health score has describe and score, but no on-open"]
    );
}

#[test]
fn a_description_is_compared_by_what_is_named() {
    let expect = json!({
        "inputs": [{"key": "users", "kind": "number", "unit": "users", "required": true},
            {"kind": "category", "words": ["month", "year"]}, {"kind": "flag", "required": false}],
        "factors": [{"key": "usage", "title": {"pt-BR": "Uso"}, "weight": 0.6}, {}],
        "reasons": [{"code": "few_users", "text": {"en": "Few people use it"}}],
    });
    passes("steady", "describe", json!({"config": {"good": 1}}), expect);
}

#[test]
fn a_refusal_can_be_expected() {
    let expect = json!({
        "error": "INVALID_CONFIG",
        "problems": [{"path": "good", "message": "must be above 0"}],
    });
    passes("steady", "describe", json!({"config": {"good": 0}}), expect.clone());
    let input = json!({"config": {"good": 0}, "customers": []});
    passes("steady", "score", input, expect);
    passes(
        "rogue",
        "score",
        json!({"config": {"score": "panic"}, "customers": [{"value": 1}]}),
        json!({"error": "TRAP"}),
    );
    assert_eq!(
        differs("steady", "describe", json!({"config": {"good": 0}}), json!({"inputs": []})),
        ["expect: it does not answer: INVALID_CONFIG: it refuses its configuration: \
          good: must be above 0"]
    );
    let answers = json!({"config": {"good": 1}});
    assert_eq!(
        differs("steady", "describe", answers, json!({"error": "INVALID_CONFIG"})),
        ["expect.error: it should end with \"INVALID_CONFIG\", and it answers"]
    );
}

fn task() -> Json {
    json!({"id": "t1", "title": "Call", "accountId": "a1", "accountName": "Acme"})
}

#[test]
fn a_type_of_tasks_has_fixtures_too() {
    let input = json!({"config": {"again_in_days": 0}, "moment": {"locale": "en"}});
    let problems = json!({"problems": [{"path": "again_in_days", "message": "At least one day."}]});
    passes("chore", "validate-config", input, problems);
    let config = json!({"again_in_days": 7});
    let input = json!({"config": config, "task": task(), "input": {"contact": "Ana"}});
    let notify = json!({"kind": "notify", "payload": {"message": "Call with Ana"}});
    passes("chore", "on-open", input, json!({"operations": [notify]}));
    let input = json!({"config": config, "task": task(), "outcome": {"agreed": "Again"}});
    let created = json!({"kind": "create-task", "payload": {"dueInDays": 7}});
    passes("chore", "on-complete", input, json!({"operations": [created]}));
    let input = json!({"config": config, "task": task(), "outcome": {"agreed": ""}});
    let refused = json!({"error": "INVALID_INPUT", "problems": [{"path": "agreed"}]});
    passes("chore", "on-complete", input, refused);
    assert_eq!(
        differs("chore", "on-complete", json!({"config": config}), json!({})),
        ["input.outcome: is missing"]
    );
    let notify = json!({"kind": "notify", "payload": {"message": "The task with nobody"}});
    passes("chore", "on-open", json!({"config": config}), json!({"operations": [notify]}));
}

#[test]
fn the_budget_stands_beside_what_was_taken() {
    let outcome = of("steady", "score", customers(), json!({}));
    let budget = outcome.budget.unwrap();
    assert_eq!(budget.fuel_limit, limits().fuel(4));
    assert_eq!(budget.memory_limit, limits().memory_bytes);
    assert!(budget.fuel > 1000 && budget.fuel < budget.fuel_limit, "{budget:?}");
    assert!(budget.peak_memory >= 1 << 16 && budget.peak_memory < budget.memory_limit);
}

#[test]
fn a_blessed_fixture_names_all_of_the_answer_and_passes() {
    let host = host(limits());
    let plugin = load(&host, packaged("steady", SCORE)).unwrap();
    let fixture = Fixture {
        name: "a fixture".to_owned(),
        function: "score".to_owned(),
        input: json!({"config": {"good": 3}, "customers": [{"users": 1}]}),
        expect: Json::Null,
    };
    let blessed = fixture::bless(&plugin, &fixture).unwrap();
    let factors = json!({"usage": 20.0, "bond": 10.0});
    let expect = json!({"scores": [{"score": 30.0, "factors": factors, "reasons": ["few_users"]}]});
    assert_eq!(blessed.expect, expect);
    assert!(fixture::run(&plugin, &blessed).is_passed());
    let unsound = Fixture { input: json!({}), ..fixture };
    assert_eq!(fixture::bless(&plugin, &unsound).unwrap_err()[0], "input.config: is missing");
}
