//! What is left of a person who was erased.

use jornada_domain::auth::Role;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};

use super::story::{MARKS, OTHER_MARKS, Story};
use super::traces::places;
use crate::harness::{TestApp, both, problems};

both!(
    nothing_of_a_person_is_left_in_any_column_of_any_table,
    the_journal_of_the_file_forgets_at_once,
    what_is_counted_stays_as_it_was,
    a_person_who_was_erased_is_not_written_about_any_more,
    an_erasure_is_told_once_and_without_values,
    only_who_may_erases,
);

/// Where the story leaves its marks: this shows that the search can find them.
const PLACES: [&str; 14] = [
    "attribute_value.text_folded",
    "attribute_value.text_value",
    "audit_entry.changes",
    "audit_entry.reason",
    "contact.email",
    "contact.name",
    "contact.phone",
    "contact.time_zone",
    "contact.title",
    "external_ref.external_id",
    "interaction.notes",
    "interaction.subject",
    "survey_response.comment",
    "task.reason",
];

async fn nothing_of_a_person_is_left_in_any_column_of_any_table(app: TestApp) {
    let story = Story::of(&app).await;
    assert_eq!(places(&app, &MARKS).await, PLACES);
    let others = places(&app, &OTHER_MARKS).await;
    story.desk.done("contactErase", json!({ "id": story.person }), "contact").await;
    assert_eq!(places(&app, &MARKS).await, [""; 0]);
    assert_eq!(places(&app, &OTHER_MARKS).await, others);
    let db = app.app.db.write();
    if db.get_database_backend() == DbBackend::Sqlite {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        db.execute_unprepared(checkpoint).await.expect("the journal is emptied");
        let path = app.database_url().trim_start_matches("sqlite://");
        let bytes = std::fs::read(path).expect("the file is there");
        let has = |word: &[u8]| bytes.windows(word.len()).any(|bytes| bytes == word);
        assert!(has(b"cosigno") && !has(b"sigilo"), "the file still has what was erased");
    }
}

async fn the_journal_of_the_file_forgets_at_once(app: TestApp) {
    let Some(path) = app.database_url().strip_prefix("sqlite://") else { return };
    let story = Story::of(&app).await;
    let has = |word: &[u8]| {
        let bytes = std::fs::read(format!("{path}-wal")).expect("there is a journal");
        bytes.windows(word.len()).any(|bytes| bytes == word)
    };
    assert!(has(b"sigilo"), "it was written there");
    story.desk.done("contactErase", json!({ "id": story.person }), "contact").await;
    assert!(!has(b"sigilo"), "the journal still has what was erased");
}

async fn what_is_counted_stays_as_it_was(app: TestApp) {
    let story = Story::of(&app).await;
    let paid = json!({
        "accountId": story.account, "name": "Plan", "startsOn": "2025-06-01", "interval": "YEAR",
        "amount": { "amountMinor": 120_000, "currency": "BRL" },
    });
    story.desk.done("subscriptionCreate", paid, "subscription").await;
    let before = story.figures().await;
    assert_eq!(before["accountsSummary"]["nps"]["promoters"], 1, "{before:#}");
    assert_eq!(before["contact"]["metricWindow"]["current"]["sum"], 9.0, "{before:#}");
    story.desk.done("contactErase", json!({ "id": story.person }), "contact").await;
    assert_eq!(story.figures().await, before);
}

async fn a_person_who_was_erased_is_not_written_about_any_more(app: TestApp) {
    let Story { desk, account, person, metric, survey, .. } = &Story::of(&app).await;
    let query = "query ($id: ID!) { account(id: $id) { interactions { nodes { id contact { id }
        subject notes } } tasks(first: 10) { nodes { templateKey assigneeContact { id } } } } }";
    desk.done("contactErase", json!({ "id": person }), "contact").await;
    let refused = async |verb: &str, input: Value| desk.refused(verb, input).await.join("; ");
    let id = json!({ "id": person });
    let name = json!({ "id": person, "name": "Eva", "expectedVersion": 1 });
    assert_eq!(refused("contactUpdate", name).await, "id CONTACT_ERASED");
    assert_eq!(refused("contactRestore", id.clone()).await, "id CONTACT_ERASED");
    desk.done("contactArchive", id, "contact").await;
    let answer =
        json!({ "accountId": account, "contactId": person, "surveyId": survey, "score": 1 });
    assert_eq!(refused("surveyResponseRecord", answer).await, "contactId CONTACT_ERASED");
    let met =
        json!({ "accountId": account, "contactId": person, "channel": "CHAT", "subject": "Hi" });
    assert_eq!(refused("interactionCreate", met).await, "contactId CONTACT_ERASED");
    let known = json!({ "system": "crm", "externalId": "1", "subjectId": person });
    assert_eq!(refused("externalRefPut", known).await, "subjectId CONTACT_ERASED");
    let point = json!({ "metricId": metric, "subjectId": person, "period": "2026-01-18",
        "value": 1 });
    let points = json!({ "points": [point] });
    assert_eq!(refused("metricPointsRecord", points).await, "points.0.subjectId NOT_FOUND");

    let seen = desk.see(query, json!({ "id": account })).await["account"].take();
    let interactions = seen["interactions"]["nodes"].as_array().expect("a list");
    let blank = interactions.iter().find(|row| row["contact"]["id"] == **person);
    let blank = blank.expect("that they met stays");
    assert_eq!((&blank["subject"], &blank["notes"]), (&json!(""), &Value::Null));
    let noted = json!({ "id": blank["id"], "notes": "She said" });
    assert_eq!(refused("interactionUpdate", noted).await, "id CONTACT_ERASED");
    let tasks = seen["tasks"]["nodes"].as_array().expect("a list");
    let holder = |key: &str| {
        let task = tasks.iter().find(|task| task["templateKey"] == key).expect("it is there");
        task["assigneeContact"]["id"].clone()
    };
    assert_eq!((holder("sign"), holder("later")), (json!(person), Value::Null));
}

async fn an_erasure_is_told_once_and_without_values(app: TestApp) {
    let Story { desk, person, .. } = &Story::of(&app).await;
    let stale = json!({ "id": person, "expectedVersion": 7 });
    assert_eq!(desk.refused("contactErase", stale).await, ["expectedVersion CONFLICT"]);
    let long = json!({ "id": person, "reason": "x".repeat(2001) });
    assert_eq!(desk.refused("contactErase", long).await, ["reason TOO_LONG"]);
    assert!(!app.erasure_log().exists());
    let erase = json!({ "id": person, "reason": "Ticket 7" });
    let stub = "contact { name email phone title channel timeZone isPrimary archivedAt erasedAt
        version roles { key } attributes { __typename } externalRefs { totalCount } }";
    let stub = desk.ask("contactErase", erase.clone(), stub).await["contact"].take();
    let at = "2026-01-20T12:00:00+00:00";
    let expected = json!({
        "name": "", "email": null, "phone": null, "title": null, "channel": null,
        "timeZone": null, "isPrimary": false, "archivedAt": at, "erasedAt": at,
        "version": stub["version"], "roles": [], "attributes": [],
        "externalRefs": { "totalCount": 0 },
    });
    assert_eq!(stub, expected);
    let query = "query ($id: ID!) {
        events(filter: { subjectId: $id, type: { eq: \"contact.erased\" } }) { nodes {
            changed actor { role } } }
        auditEntries(subjectId: $id, first: 10) { nodes { action reason changes } } }";
    let told = desk.see(query, json!({ "id": person })).await;
    assert_eq!(told["events"]["nodes"].as_array().map(Vec::len), Some(1));
    let entries = told["auditEntries"]["nodes"].as_array().expect("a list");
    assert_eq!(
        (&entries[0]["action"], &entries[0]["reason"]),
        (&json!("contact.erased"), &json!("Ticket 7"))
    );
    let personal = json!({ "personal": true });
    for field in ["name", "email", "phone", "title", "channel", "timeZone"] {
        assert_eq!(entries[0]["changes"][field], personal, "{field}");
    }
    let counts = json!({
        "attributes": 2, "auditEntries": 8, "externalRefs": 1, "interactions": 1,
        "pluginTexts": 0, "roles": 1, "surveyComments": 1, "tasks": 1,
    });
    assert_eq!(entries[0]["changes"]["erased"]["after"], counts);
    assert!(entries[1..].iter().all(|entry| entry["changes"] == json!({})), "{entries:#?}");
    app.advance(1);
    let again = desk.ask("contactErase", erase, "contact { version erasedAt }").await;
    assert_eq!(again["contact"], json!({ "version": stub["version"], "erasedAt": at }));
    let told = desk.see(query, json!({ "id": person })).await;
    assert_eq!(told["events"]["nodes"].as_array().map(Vec::len), Some(1));
    let log = std::fs::read_to_string(app.erasure_log()).expect("it is kept");
    assert_eq!(log.lines().count(), 1, "{log}");
}

async fn only_who_may_erases(app: TestApp) {
    let story = Story::of(&app).await;
    let query = "mutation ($id: ID!) { contactErase(input: { id: $id }) { contact { id } } }";
    for role in [Role::Manager, Role::Csm, Role::Viewer] {
        let token = app.token(role).await;
        let answer = app.graphql(&token, query, json!({ "id": story.person })).await;
        assert_eq!(problems(&answer), ": FORBIDDEN", "{role:?}");
    }
    let user = app.user(Role::Admin).await;
    let narrow = app.token_of(user.id, &["accounts:write", "workspace:write"]).await;
    let answer = app.graphql(&narrow, query, json!({ "id": story.person })).await;
    assert_eq!(problems(&answer), ": FORBIDDEN");
    let stranger = app.workspace().await.token;
    let refused = app.refused(&stranger, "contactErase", json!({ "id": story.person })).await;
    assert_eq!(refused, "id: NOT_FOUND");
    let wide = app.token_of(user.id, &["privacy:write", "accounts:read"]).await;
    app.mutate(&wide, "contactErase", "contact { id }", json!({ "id": story.person })).await;
}
