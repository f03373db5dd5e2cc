//! Documents that people write for plugins: configurations and outcomes, held against the JSON
//! Schemas (2020-12) of the plugin. Pure.
//!
//! Nobody can stop a validator, so that only schemas are taken that cannot keep it busy.

mod bounds;

use jsonschema::{PatternOptions, Regex, Validator};
use serde_json::Value as Json;

use crate::error::{Code, Problem};

/// Bytes of a document.
pub const MOST_BYTES: usize = 64 << 10;

/// Problems that are told of one document.
const MOST_PROBLEMS: usize = 20;

/// What is wrong with a document, each under its place in `field`; nothing without a schema.
/// References of a schema to other documents are never followed.
pub fn problems(schema: Option<&Json>, document: &Json, field: &str) -> Vec<Problem> {
    if document.to_string().len() > MOST_BYTES {
        return vec![Problem::new(field, Code::TooLong).with("max", MOST_BYTES)];
    }
    let Some(schema) = schema else { return Vec::new() };
    let validator = match validator(schema) {
        Ok(validator) => validator,
        Err(told) => return vec![Problem::new(field, Code::Unfit).with("told", told)],
    };
    let told = |error: jsonschema::ValidationError<'_>| {
        let place = error.instance_path().to_string().replace('/', ".");
        Problem::new(format!("{field}{place}"), Code::Unfit).with("told", error)
    };
    validator.iter_errors(document).take(MOST_PROBLEMS).map(told).collect()
}

/// The schema, ready to be asked; or why it is none.
pub fn validator(schema: &Json) -> Result<Validator, String> {
    bounds::check(schema)?;
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    // These take a time that grows with the text alone, whatever the pattern.
    let options = options.with_pattern_options(PatternOptions::<Regex>::regex());
    options.build(schema).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_problem_stands_where_it_is() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": { "steps": { "type": "array", "items": { "type": "integer" } } },
        });
        let document = json!({ "steps": [1, "two"], "speed": 3 });
        let mut fields: Vec<_> = problems(Some(&schema), &document, "config")
            .into_iter()
            .map(|problem| (problem.field, problem.code))
            .collect();
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        let unfit = |field: &str| (field.to_owned(), Code::Unfit);
        assert_eq!(fields, [unfit("config"), unfit("config.steps.1")]);
        assert_eq!(problems(Some(&schema), &json!({ "steps": [] }), "config"), []);
        assert_eq!(problems(None, &document, "config"), []);
    }

    #[test]
    fn a_pattern_takes_its_time_from_the_text_alone() {
        let schema = json!({ "type": "string", "pattern": "^(a+)+$" });
        let hard = json!(format!("{}b", "a".repeat(50_000)));
        assert_eq!(problems(Some(&schema), &hard, "config").len(), 1);
        assert!(validator(&json!({ "pattern": "(?=a)a" })).is_err(), "it looks around");
    }

    #[test]
    fn a_schema_that_points_elsewhere_is_never_fetched() {
        let schema = json!({ "$ref": "http://127.0.0.1:9/schema.json" });
        assert!(validator(&schema).is_err());
    }
}
