//! A backup brings nobody back.

use std::fs;
use std::io::Write;

use serde_json::{Value, json};

use super::story::{MARKS, Story};
use super::traces::places;
use crate::harness::{TestApp, both};
use crate::operator::{Server, fail, output};

both!(
    who_was_erased_is_erased_again_after_a_backup_is_restored,
    a_server_erases_again_before_it_serves,
    an_erasure_that_cannot_be_kept_is_not_done,
);

async fn erased_at(app: &TestApp, story: &Story) -> Value {
    let query = "query ($id: ID!) { contact(id: $id) { erasedAt } }";
    let token = &app.home().await.token;
    app.data(token, query, json!({ "id": story.person })).await["contact"]["erasedAt"].take()
}

async fn who_was_erased_is_erased_again_after_a_backup_is_restored(app: TestApp) {
    let story = Story::of(&app).await;
    let backup = app.backup().await;
    story.desk.done("contactErase", json!({ "id": story.person }), "contact").await;
    let at = erased_at(&app, &story).await;
    assert!(at.is_string());
    assert_eq!(erased_at(&backup, &story).await, Value::Null);
    assert_ne!(places(&backup, &MARKS).await, [""; 0]);

    let log = app.erasure_log();
    let text = fs::read_to_string(&log).expect("it is kept");
    assert!(MARKS.iter().all(|mark| !text.to_lowercase().contains(&mark.to_lowercase())), "{text}");
    let nobody = uuid::Uuid::nil().to_string();
    let line: Value = serde_json::from_str(&text).expect("it is one line");
    let mut file = fs::File::options().append(true).open(&log).expect("it opens");
    for field in ["workspaceId", "contactId"] {
        let mut unknown = line.clone();
        unknown[field] = json!(nobody);
        writeln!(file, "{unknown}").expect("it is written");
    }
    write!(file, "{text}{{\"workspaceId\":\"0").expect("the last line is torn");

    let arguments = ["privacy", "reapply", log.to_str().expect("it is text")];
    let told = reapply_damaged(backup.database_url(), &arguments);
    assert_eq!(told, "1 erased, 1 were already, 2 unknown, 1 damaged");
    assert_eq!(erased_at(&backup, &story).await, at);
    assert_eq!(places(&backup, &MARKS).await, [""; 0]);
    let told = reapply_damaged(backup.database_url(), &arguments);
    assert_eq!(told, "0 erased, 2 were already, 2 unknown, 1 damaged");
    backup.app.db.clone().close().await.expect("it closes");
}

/// What the command tells of a log with a damaged line: it does the rest, and fails.
fn reapply_damaged(database_url: &str, arguments: &[&str]) -> String {
    let output = output(database_url, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("1 lines of ") && error.contains("was not erased"), "{error}");
    text(&output.stdout).trim().to_owned()
}

async fn a_server_erases_again_before_it_serves(app: TestApp) {
    let story = Story::of(&app).await;
    let backup = app.backup().await;
    story.desk.done("contactErase", json!({ "id": story.person }), "contact").await;
    let log = app.erasure_log();
    let arguments = ["--erasure-log", log.to_str().expect("it is text"), "--worker", "false"];
    let server = Server::start_with(backup.database_url(), &arguments);
    assert!(erased_at(&backup, &story).await.is_string());
    assert_eq!(places(&backup, &MARKS).await, [""; 0]);
    assert!(server.stop());
    let (code, error) = fail(backup.database_url(), &["privacy", "reapply", "none.jsonl"]);
    assert!(code == 1 && error.contains("cannot read none.jsonl"), "{error}");
    backup.app.db.clone().close().await.expect("it closes");
}

async fn an_erasure_that_cannot_be_kept_is_not_done(app: TestApp) {
    let story = Story::of(&app).await;
    fs::create_dir(app.erasure_log()).expect("something is in the way");
    let query = "mutation ($id: ID!) { contactErase(input: { id: $id }) { contact { id } } }";
    let answer = app.graphql(&story.desk.token, query, json!({ "id": story.person })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer:#}");
    assert_eq!(erased_at(&app, &story).await, Value::Null);
}
