//! The schemas say what the domain takes: neither more nor less.

use jornada_domain::tasks::TaskConfig;
use jornada_domain::tasks::kind::CORE;

use super::*;

/// A configuration of each type in which everything is said.
fn whole(key: &str) -> Json {
    match key {
        INTERACTION => json!({ "channel": "EMAIL" }),
        SURVEY => json!({ "surveyKey": "nps", "doneWhen": "SENT" }),
        INDICATOR => json!({
            "name": "Logins", "source": "METRIC", "metricKey": "logins", "comparator": "GTE",
            "target": 1.5, "continuous": true, "maxAgeDays": 30, "onMissing": "FAIL",
            "missingAfterDays": 7,
        }),
        _ => json!({}),
    }
}

/// Whether the domain takes a configuration, forms and limits alike.
fn is_taken(key: &str, config: &Json) -> bool {
    TaskConfig::problems(key, config).is_empty()
}

fn with(config: &Json, name: &str, value: Json) -> Json {
    let mut config = config.clone();
    config[name] = value;
    config
}

fn without(config: &Json, name: &str) -> Json {
    let mut config = config.clone();
    config.as_object_mut().unwrap().remove(name);
    config
}

#[test]
fn a_schema_has_the_properties_that_the_domain_knows() {
    for key in CORE {
        let (schema, whole) = (config_schema(key).unwrap(), whole(key));
        assert!(is_taken(key, &whole), "{key}");
        let properties: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        let known: Vec<_> = whole.as_object().unwrap().keys().collect();
        assert_eq!(properties, known, "{key}");
        assert!(!is_taken(key, &with(&whole, "another", json!(1))), "{key}");
    }
    assert_eq!(config_schema("core.unknown"), None);
}

#[test]
fn what_a_schema_requires_is_what_the_domain_requires() {
    for key in CORE {
        let (schema, whole) = (config_schema(key).unwrap(), whole(key));
        let required: Vec<_> = schema["required"].as_array().unwrap().to_vec();
        for name in whole.as_object().unwrap().keys().filter(|name| *name != "metricKey") {
            let is_required = required.contains(&json!(name));
            assert_eq!(is_taken(key, &without(&whole, name)), !is_required, "{key} {name}");
        }
    }
    let of_person = with(&without(&whole(INDICATOR), "metricKey"), "source", json!("PERSON"));
    assert!(is_taken(INDICATOR, &of_person), "a metric key is only for metrics");
}

#[test]
fn the_values_that_a_schema_allows_are_those_that_the_domain_takes() {
    for key in CORE {
        let (schema, whole) = (config_schema(key).unwrap(), whole(key));
        for (name, property) in schema["properties"].as_object().unwrap() {
            let takes = |value: Json| match (name.as_str(), value) {
                ("source", value) if value != json!("METRIC") => {
                    is_taken(key, &with(&without(&whole, "metricKey"), name, value))
                }
                (_, value) => is_taken(key, &with(&whole, name, value)),
            };
            for word in property["enum"].as_array().into_iter().flatten() {
                assert!(takes(word.clone()), "{key} {name} {word}");
            }
            for bound in ["minimum", "maximum"].iter().filter_map(|side| property[side].as_i64()) {
                assert!(takes(json!(bound)), "{key} {name} {bound}");
            }
            let beyond = |side: &str, by: i64| property[side].as_i64().map(|bound| bound + by);
            for bound in [beyond("minimum", -1), beyond("maximum", 1)].into_iter().flatten() {
                assert!(!takes(json!(bound)), "{key} {name} {bound}");
            }
            if let Some(most) = property["maxLength"].as_u64() {
                let text = |length: u64| json!("x".repeat(usize::try_from(length).unwrap()));
                assert!(takes(text(most)) && !takes(text(most + 1)) && !takes(text(0)));
            }
            assert!(!takes(json!([])) && !takes(json!("NO SUCH WORD")) || is_text(property));
            if let Some(default) = property.get("default") {
                let said = TaskConfig::parse(key, &with(&whole, name, default.clone()));
                assert_eq!(TaskConfig::parse(key, &without(&whole, name)), said, "{key} {name}");
            }
        }
    }
}

fn is_text(property: &Json) -> bool {
    property["type"] == "string"
}
