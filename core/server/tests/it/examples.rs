//! The documents in `examples/queries` fit the schema: nothing that a reader pastes is refused.

use std::path::Path;

use jornada_domain::auth::Role;
use jornada_server::graphql::TopLevelCode;
use serde_json::{Value, json};

use crate::desk::{Desk, example};
use crate::harness::{TestApp, both};

both! {
    every_example_fits_the_schema,
    the_journeys_are_published_on_their_ground,
}

/// Asked by a viewer about records that are not there, a document that fits gets answers and
/// refusals of the domain; only one that does not fit is a bad query.
async fn every_example_fits_the_schema(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/queries");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let document = std::fs::read_to_string(&path).expect("a text");
        let codes = codes(&app, &token, &document).await;
        assert!(!codes.contains(&"BAD_QUERY".to_owned()), "{}: {codes:?}", path.display());
        count += 1;
    }
    assert!(count >= 8, "the examples are there");
    assert_eq!(codes(&app, &token, "{ nonsense }").await, ["BAD_QUERY"]);
}

async fn codes(app: &TestApp, token: &str, document: &str) -> Vec<String> {
    let names = ["csm", "id", "task", "metric", "account", "segment"];
    let variables: serde_json::Map<_, _> =
        names.into_iter().map(|name| (name.to_owned(), json!("nobody"))).collect();
    let answer = app.graphql(token, document, Value::Object(variables)).await;
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or("none").to_owned();
    errors.iter().map(code).collect()
}

async fn the_journeys_are_published_on_their_ground(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let ground = include_str!("../../../../examples/queries/journey-ground.graphql");
    let done = desk.see(ground, json!({})).await;
    for verb in ["nps", "csat", "users"] {
        assert_eq!(done[verb]["userErrors"], json!([]), "{verb}");
    }
    for file in ["1doc", "centrics", "renewal"] {
        desk.publish(file, example(&format!("{file}.json"))).await;
    }
}

#[test]
fn every_top_level_code_is_explained() {
    let readme = include_str!("../../../../examples/README.md");
    for code in TopLevelCode::ALL {
        assert!(readme.contains(&format!("| `{}` |", code.as_str())), "{}", code.as_str());
    }
}

#[test]
fn the_readme_shows_the_query_that_the_demo_prints() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(repository.join(path)).expect("a text");
    let today = read("examples/queries/today.graphql");
    let (comment, query) = today.split_once('\n').expect("a comment and a query");
    assert!(comment.starts_with('#') && read("README.md").contains(query));
}
