//! Sandboxes: the configuration of another workspace without its people and customers, days that
//! are played, and messages that are captured.

mod clone;
mod play;

use serde_json::json;

use crate::desk::{Desk, example};
use crate::harness::TestApp;
use crate::operator::run;

const CREATE: [&str; 7] =
    ["workspace", "create", "acme", "--name", "Acme", "--owner-email", "ana@example.com"];

/// A workspace `acme` that has 1Doc's journey.
async fn acme(app: &TestApp) -> Desk {
    let token = run(app.database_url(), &CREATE);
    let desk = Desk { app: app.clone(), token };
    let nps = json!({ "key": "nps-relacional", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    desk.done("surveyCreate", nps, "survey").await;
    desk.publish("1doc", example("1doc.json")).await;
    desk
}
