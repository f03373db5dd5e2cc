//! Handoffs.

use jornada_domain::auth::Role;
use jornada_domain::id::UserId;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::{Desk, last, task};
use crate::harness::{TestApp, both};

both!(
    accepting_a_handoff_gives_the_receiver_the_role_and_its_open_tasks,
    an_open_checklist_is_accepted_only_with_a_reason,
    only_the_receiver_or_who_leads_accepts_or_declines,
    a_handoff_that_is_closed_stays_so,
    what_is_wrong_with_a_handoff_is_told_at_once,
    a_receiver_who_has_left_cannot_accept,
    handoffs_are_listed_and_narrowed,
);

/// The desk of a new CSM, with the id of the user.
async fn csm(app: &TestApp) -> (Desk, UserId) {
    let id = app.user(Role::Csm).await.id;
    (Desk { app: app.clone(), token: app.token_of(id, &[]).await }, id)
}

async fn role(desk: &Desk) -> String {
    let query = "{ optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let seen = desk.see(query, json!({})).await;
    let options = seen["optionSetByKey"]["options"]["nodes"].as_array().cloned().expect("a set");
    let csm = options.iter().find(|option| option["key"] == "csm").expect("it is built in");
    csm["id"].as_str().expect("it has an id").to_owned()
}

async fn handoff(desk: &Desk, account: &str, to: UserId, texts: &[&str]) -> String {
    let checklist: Vec<_> = texts.iter().map(|text| json!({ "text": text })).collect();
    let new = json!({
        "accountId": account, "kind": "IMPLEMENTATION_TO_CS", "toUserId": global(to),
        "roleId": role(desk).await, "checklist": checklist,
    });
    desk.done("handoffCreate", new, "handoff").await
}

const SEEN: &str = "query ($id: ID!) { handoff(id: $id) { status reason closedAt
    checklist { text done } closedBy { id } assignment { user { id } state } } }";

async fn seen(desk: &Desk, id: &str) -> Value {
    desk.see(SEEN, json!({ "id": id })).await["handoff"].take()
}

async fn accepting_a_handoff_gives_the_receiver_the_role_and_its_open_tasks(app: TestApp) {
    let lead = Desk::of(&app, Role::Manager).await;
    let ((_, giver), (receiver, to)) = (csm(&app).await, csm(&app).await);
    let plan = json!({ "stages": [last("only", vec![task("call", 1), task("visit", 1)])] });
    let template = lead.publish("plan", plan).await.0;
    let padaria = lead.account("Padaria", &template, Some(&global(giver))).await;
    let id = handoff(&lead, &padaria, to, &["Contract", "Contacts"]).await;
    for position in [0, 1] {
        let check = json!({ "id": id, "position": position });
        lead.done("handoffCheck", check, "handoff").await;
    }
    receiver.done("handoffAccept", json!({ "id": id }), "handoff").await;
    let handoff = seen(&receiver, &id).await;
    assert_eq!(
        handoff,
        json!({
            "status": "ACCEPTED", "reason": null, "closedAt": "2026-01-20T12:00:00+00:00",
            "checklist": [
                { "text": "Contract", "done": true }, { "text": "Contacts", "done": true },
            ],
            "closedBy": { "id": global(to) },
            "assignment": { "user": { "id": global(to) }, "state": "CURRENT" },
        })
    );
    let query = "query ($id: ID!) { account(id: $id) { csm { id }
        tasks(filter: { status: { eq: OPEN } }) { nodes { assigneeUser { id } } } } }";
    let padaria = &lead.see(query, json!({ "id": padaria })).await["account"];
    assert_eq!(padaria["csm"]["id"], global(to));
    assert_eq!(padaria["tasks"]["nodes"], json!([{ "assigneeUser": { "id": global(to) } }]));
}

async fn an_open_checklist_is_accepted_only_with_a_reason(app: TestApp) {
    let (receiver, to) = csm(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let id = handoff(&receiver, &padaria, to, &["Contract", "Contacts", "Goals"]).await;
    receiver.done("handoffCheck", json!({ "id": id, "position": 1 }), "handoff").await;
    let refused = receiver.ask("handoffAccept", json!({ "id": id, "reason": " " }), "").await;
    let error = &refused["userErrors"][0];
    assert_eq!((&error["field"], &error["code"]), (&json!(["id"]), &json!("CHECKLIST_OPEN")));
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("2 things")), "{error}");
    let off = json!({ "id": id, "position": 1, "done": false, "expectedVersion": 2 });
    receiver.done("handoffCheck", off, "handoff").await;
    for position in [-1, 3, i32::MAX] {
        let beyond = json!({ "id": id, "position": position });
        assert_eq!(receiver.refused("handoffCheck", beyond).await, ["position OUT_OF_RANGE"]);
    }
    let forced = json!({ "id": id, "reason": "They have left." });
    receiver.done("handoffAccept", forced, "handoff").await;
    assert_eq!(seen(&receiver, &id).await["reason"], "They have left.");
    let owner = app.home().await.token.clone();
    let query = "{ auditEntries(first: 1) { nodes { action reason } } }";
    let audit = app.data(&owner, query, json!({})).await;
    let expected = json!([{ "action": "handoff.accepted", "reason": "They have left." }]);
    assert_eq!(audit["auditEntries"]["nodes"], expected);
}

async fn only_the_receiver_or_who_leads_accepts_or_declines(app: TestApp) {
    let ((receiver, to), (other, _)) = (csm(&app).await, csm(&app).await);
    let lead = Desk::of(&app, Role::Manager).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let id = handoff(&other, &padaria, to, &[]).await;
    let decline = json!({ "id": id, "reason": "so" });
    assert_eq!(other.refused("handoffAccept", json!({ "id": id })).await, ["id NOT_RECEIVER"]);
    assert_eq!(other.refused("handoffDecline", decline.clone()).await, ["id NOT_RECEIVER"]);
    let plans = app.token_of(to, &["plans:write"]).await;
    let query = "mutation ($id: ID!) { handoffAccept(input: { id: $id }) { handoff { id } } }";
    let narrow = app.graphql(&plans, query, json!({ "id": id })).await;
    assert_eq!(narrow["errors"][0]["extensions"]["code"], "FORBIDDEN", "it changes accounts");
    receiver.done("handoffDecline", decline, "handoff").await;
    assert_eq!(seen(&lead, &id).await["status"], "DECLINED");
    let id = handoff(&other, &padaria, to, &[]).await;
    lead.done("handoffAccept", json!({ "id": id }), "handoff").await;
    assert_eq!(seen(&lead, &id).await["assignment"]["user"]["id"], global(to));
}

async fn a_handoff_that_is_closed_stays_so(app: TestApp) {
    let (desk, to) = csm(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let id = handoff(&desk, &padaria, to, &["Contract"]).await;
    let nothing = json!({ "id": id, "reason": "" });
    assert_eq!(desk.refused("handoffCancel", nothing).await, ["reason REQUIRED"]);
    let cancel = json!({ "id": id, "reason": "Wrong account." });
    desk.done("handoffCancel", cancel.clone(), "handoff").await;
    let own = json!({ "id": id });
    for (verb, input) in [
        ("handoffAccept", own.clone()),
        ("handoffUpdate", own),
        ("handoffDecline", cancel.clone()),
        ("handoffCancel", cancel),
        ("handoffCheck", json!({ "id": id, "position": 0 })),
    ] {
        assert_eq!(desk.refused(verb, input).await, ["id ALREADY_CLOSED"], "{verb}");
    }
}

async fn what_is_wrong_with_a_handoff_is_told_at_once(app: TestApp) {
    let (desk, to) = csm(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let stranger = global(app.workspace().await.owner.id);
    let segment = crate::desk::option(&app, "market_segment", "bakeries").await;
    let checklist = json!([{ "text": "fine" }, { "text": " " }, { "text": "x".repeat(201) }]);
    let wrong = json!({
        "accountId": padaria, "kind": "OTHER", "fromUserId": stranger, "toUserId": stranger,
        "roleId": segment, "checklist": checklist, "notes": "x".repeat(10_001),
    });
    let expected = [
        "toUserId NOT_FOUND",
        "fromUserId NOT_FOUND",
        "roleId UNKNOWN_OPTION",
        "checklist.1.text REQUIRED",
        "checklist.2.text TOO_LONG",
        "notes TOO_LONG",
    ];
    assert_eq!(desk.refused("handoffCreate", wrong).await, expected);
    let id = handoff(&desk, &padaria, to, &["Contract"]).await;
    let many = vec![json!({ "text": "x" }); 51];
    let wrong = json!({ "id": id, "checklist": many, "toUserId": null });
    let told = desk.refused("handoffUpdate", wrong).await;
    assert_eq!(told, ["toUserId REQUIRED", "checklist TOO_MANY"]);
    let change = json!({ "id": id, "kind": "OTHER", "notes": "Ask Eva.",
        "checklist": [{ "text": "Contract", "done": true }, { "text": "Keys" }] });
    desk.done("handoffUpdate", change, "handoff").await;
    assert_eq!(seen(&desk, &id).await["checklist"][1], json!({ "text": "Keys", "done": false }));
    for _ in 1..20 {
        handoff(&desk, &padaria, to, &[]).await;
    }
    let more = json!({ "accountId": padaria, "kind": "OTHER", "toUserId": global(to),
        "roleId": role(&desk).await });
    assert_eq!(desk.refused("handoffCreate", more).await, ["accountId TOO_MANY"]);
}

async fn a_receiver_who_has_left_cannot_accept(app: TestApp) {
    let ((desk, _), (_, to)) = (csm(&app).await, csm(&app).await);
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let padaria = global(account(&app, "Padaria", None).await.id);
    let id = handoff(&desk, &padaria, to, &[]).await;
    owner.done("userDeactivate", json!({ "id": global(to) }), "user").await;
    assert_eq!(owner.refused("handoffAccept", json!({ "id": id })).await, ["id USER_INACTIVE"]);
    let (_, heir) = csm(&app).await;
    let change = json!({ "id": id, "toUserId": global(heir) });
    owner.done("handoffUpdate", change, "handoff").await;
    owner.done("handoffAccept", json!({ "id": id }), "handoff").await;
}

async fn handoffs_are_listed_and_narrowed(app: TestApp) {
    let (desk, to) = csm(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let first = handoff(&desk, &padaria, to, &[]).await;
    let second = handoff(&desk, &padaria, to, &[]).await;
    desk.done("handoffAccept", json!({ "id": first }), "handoff").await;
    let query = "query ($id: ID!, $filter: HandoffFilter) {
        account(id: $id) { handoffs(filter: $filter) { nodes { id } } }
        handoffs(filter: $filter) { nodes { id } } }";
    let listed = async |filter: Value| {
        let seen = desk.see(query, json!({ "id": padaria, "filter": filter })).await;
        assert_eq!(seen["account"]["handoffs"], seen["handoffs"]);
        seen["handoffs"]["nodes"].clone()
    };
    assert_eq!(listed(Value::Null).await, json!([{ "id": second }, { "id": first }]));
    let pending = json!({ "status": { "eq": "PENDING" }, "toUserId": { "eq": global(to) } });
    assert_eq!(listed(pending).await, json!([{ "id": second }]));
    assert_eq!(listed(json!({ "kind": { "eq": "SALES_TO_CS" } })).await, json!([]));
}
