//! The documents in `examples/queries` fit the schema: nothing that a reader pastes is refused.

use std::path::Path;

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both! {
    every_example_fits_the_schema,
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
    assert!(count >= 5, "the examples are there");
    assert_eq!(codes(&app, &token, "{ nonsense }").await, ["BAD_QUERY"]);
}

async fn codes(app: &TestApp, token: &str, document: &str) -> Vec<String> {
    let names = ["csm", "id", "task", "metric", "account"];
    let variables: serde_json::Map<_, _> =
        names.into_iter().map(|name| (name.to_owned(), json!("nobody"))).collect();
    let answer = app.graphql(token, document, Value::Object(variables)).await;
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or("none").to_owned();
    errors.iter().map(code).collect()
}
