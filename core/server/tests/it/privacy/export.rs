//! What is given out of a person.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::story::{MARKS, OTHER_MARKS, Story};
use crate::desk::Desk;
use crate::harness::{TestApp, both, problems};
use crate::operator::{fail, run};

both!(
    an_export_holds_all_that_was_written_of_a_person_and_nothing_of_others,
    a_list_of_an_export_is_cut_and_says_so,
    the_command_line_prints_the_same_document,
    an_export_is_told_and_only_for_those_who_may,
);

async fn export(desk: &Desk, contact: &str) -> Value {
    let mut payload = desk.ask("contactExport", json!({ "id": contact }), "export").await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["export"].take()
}

/// What is the same on every run.
fn without_ids(document: &mut Value) {
    match document {
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_id = name == "id" || (name.ends_with("Id") && name != "externalId");
                if is_id && value.is_string() {
                    *value = json!("…");
                }
                without_ids(value);
            }
        }
        _ => {}
    }
}

async fn an_export_holds_all_that_was_written_of_a_person_and_nothing_of_others(app: TestApp) {
    let story = Story::of(&app).await;
    let mut document = export(&story.desk, &story.person).await;
    let audited = document["auditEntries"].take();
    without_ids(&mut document);
    let at = "2026-01-20T12:00:00Z";
    let list = |items: Value| {
        let total = items.as_array().map(Vec::len);
        json!({ "total": total, "isCut": false, "items": items })
    };
    let expected = json!({
        "format": "jornada.contact/1", "exportedAt": at, "workspaceId": "…",
        "account": { "id": "…", "name": "Padaria" },
        "contact": {
            "id": "…", "name": "Quitéria sigilo", "email": "sigilo@example.com",
            "phone": "+55 71 93333-0000", "title": "Head of sigilo", "channel": "PHONE",
            "timeZone": "America/Noronha", "isPrimary": true, "optedOutAt": null,
            "createdAt": at, "updatedAt": at, "archivedAt": null, "erasedAt": null,
        },
        "roles": ["buyer"],
        "attributes": [
            { "key": "hobby", "name": "hobby", "type": "TEXT", "value": "Chess sigilo" },
            { "key": "nickname", "name": "nickname", "type": "TEXT", "value": "Q sigilo" },
        ],
        "externalRefs": list(json!([
            { "system": "crm", "externalId": "novo: sigilo", "createdAt": at },
        ])),
        "interactions": list(json!([{
            "id": "…", "happenedAt": at, "channel": "VIDEO", "subject": "Reunião: sigilo",
            "notes": "Disse: sigilo", "sentiment": "POSITIVE", "archivedAt": null,
        }])),
        "surveyResponses": list(json!([{
            "id": "…", "respondedAt": at, "survey": "NPS", "question": "How likely?",
            "method": "NPS", "score": 9, "comment": "Comentário: sigilo",
        }])),
        "tasks": document["tasks"].take(),
        "metricPoints": list(json!([{
            "metric": "logins", "unit": "logins", "period": "2026-01-19", "value": 9.0,
            "recordedAt": at,
        }])),
        "auditEntries": null,
    });
    let tasks = &expected["tasks"];
    let held: Vec<_> = [0, 1].map(|n| tasks["items"][n]["reason"].clone()).into();
    assert!(held.contains(&json!("Sigilo no motivo")) && tasks["total"] == 2, "{tasks:#}");
    document["tasks"] = expected["tasks"].clone();
    assert_eq!(document, expected);
    let mut entries = audited["items"].as_array().expect("a list").iter();
    assert!(entries.any(|entry| entry["action"] == "contact.created"), "{audited:#}");
    let text = format!("{document} {audited}").to_lowercase();
    assert!(OTHER_MARKS.iter().all(|mark| !text.contains(mark)), "{text}");
    assert!(MARKS.iter().all(|mark| text.contains(&mark.to_lowercase())), "{text}");
}

async fn a_list_of_an_export_is_cut_and_says_so(app: TestApp) {
    let story = Story::of(&app).await;
    for year in 2018..2023 {
        let start = chrono::NaiveDate::from_ymd_opt(year, 1, 1).expect("a date");
        let point = |n: u64| {
            json!({
                "metricId": story.metric, "subjectId": story.person, "value": n,
                "period": (start + chrono::Days::new(n)).to_string(),
            })
        };
        let points: Vec<_> = (0..300).map(point).collect();
        let payload = story.desk.ask("metricPointsRecord", json!({ "points": points }), "").await;
        assert_eq!(payload["userErrors"], json!([]));
    }
    let document = export(&story.desk, &story.person).await;
    let points = &document["metricPoints"];
    assert_eq!((&points["total"], &points["isCut"]), (&json!(1501), &json!(true)));
    let items = points["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1000);
    assert_eq!((&items[0]["period"], &items[999]["value"]), (&json!("2026-01-19"), &json!(201.0)));
    assert_eq!(document["interactions"]["isCut"], false);
}

async fn the_command_line_prints_the_same_document(app: TestApp) {
    let story = Story::of(&app).await;
    let workspace = &app.home().await.workspace.slug;
    let print = |id: &str| {
        let arguments = ["contact", "export", id, "--workspace", workspace];
        let text = run(app.database_url(), &arguments);
        let mut document: Value = serde_json::from_str(&text).expect("it is JSON");
        // The binary has the clock of the machine, and each export leaves an audit entry.
        (document["exportedAt"], document["auditEntries"]) = (Value::Null, Value::Null);
        document
    };
    let mut expected = export(&story.desk, &story.person).await;
    let uuid = expected["contact"]["id"].as_str().expect("an id").to_owned();
    (expected["exportedAt"], expected["auditEntries"]) = (Value::Null, Value::Null);
    assert_eq!(print(&story.person), expected);
    assert_eq!(print(&uuid), expected);
    let unknown = ["contact", "export", &story.account, "--workspace", workspace];
    assert_eq!(fail(app.database_url(), &unknown).0, 2);
    let other = app.workspace().await.workspace.slug;
    let foreign = ["contact", "export", &story.person, "--workspace", &other];
    assert!(fail(app.database_url(), &foreign).1.starts_with("error: id: There is no such record"));
}

async fn an_export_is_told_and_only_for_those_who_may(app: TestApp) {
    let story = Story::of(&app).await;
    export(&story.desk, &story.person).await;
    let query = "query ($id: ID!) { auditEntries(subjectId: $id, first: 1) { nodes {
        action changes actor { role } } } }";
    let told = story.desk.see(query, json!({ "id": story.person })).await;
    let expected =
        json!({ "action": "contact.exported", "changes": {}, "actor": { "role": "OWNER" } });
    assert_eq!(told["auditEntries"]["nodes"][0], expected);
    let query = "mutation ($id: ID!) { contactExport(input: { id: $id }) { export } }";
    for role in [Role::Manager, Role::Csm, Role::Viewer] {
        let token = app.token(role).await;
        let answer = app.graphql(&token, query, json!({ "id": story.person })).await;
        assert_eq!(problems(&answer), ": FORBIDDEN", "{role:?}");
    }
    let stranger = app.workspace().await.token;
    let refused = app.refused(&stranger, "contactExport", json!({ "id": story.person })).await;
    assert_eq!(refused, "id: NOT_FOUND");
}
