//! Risks and opportunities, with their action plans.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    a_risk_is_noted_and_seen_to,
    an_opportunity_is_noted_and_taken,
    what_is_wrong_with_a_risk_is_told_at_once,
    an_action_plan_is_tasks_of_its_own_account,
    risks_are_listed_and_narrowed,
    an_account_has_at_most_100_open_risks,
    other_systems_have_names_for_risks_and_opportunities,
    the_risks_of_many_accounts_take_as_many_statements_as_those_of_one,
);

async fn padaria(app: &TestApp) -> String {
    global(account(app, "Padaria", None).await.id)
}

fn risk(account_id: &str, title: &str, severity: &str) -> Value {
    json!({ "accountId": account_id, "title": title, "severity": severity })
}

const RISK: &str = "risk { status source title reason severity resolution openedAt closedAt
    owner { role } amount { amountMinor currency } }";

async fn a_risk_is_noted_and_seen_to(app: TestApp) {
    let csm = app.user(Role::Csm).await.id;
    let desk = Desk { app: app.clone(), token: app.token_of(csm, &[]).await };
    let new = json!({
        "accountId": padaria(&app).await, "source": "METRIC", "title": "No logins",
        "reason": "Nobody came\nfor two weeks.", "severity": "HIGH", "ownerId": global(csm),
        "amount": { "amountMinor": 120_000, "currency": "BRL" },
        "openedAt": "2026-01-18T12:00:00Z",
    });
    let id = desk.done("riskCreate", new, "risk").await;
    let change = json!({ "id": id, "severity": "CRITICAL", "reason": null, "amount": null });
    let changed = desk.ask("riskUpdate", change, RISK).await;
    assert_eq!(
        changed["risk"],
        json!({
            "status": "OPEN", "source": "METRIC", "title": "No logins", "reason": null,
            "severity": "CRITICAL", "resolution": null, "openedAt": "2026-01-18T12:00:00+00:00",
            "closedAt": null, "owner": { "role": "CSM" }, "amount": null,
        })
    );
    let close = json!({ "id": id, "status": "MITIGATED", "resolution": "They are back." });
    let closed = desk.ask("riskClose", close.clone(), RISK).await;
    assert_eq!(closed["risk"]["status"], "MITIGATED");
    assert_eq!(closed["risk"]["closedAt"], "2026-01-20T12:00:00+00:00");
    let again = desk.ask("riskClose", close, "").await;
    let message = &again["userErrors"][0]["message"];
    assert!(message.as_str().is_some_and(|text| text.contains("MITIGATED")), "{message}");
    let late = json!({ "id": id, "title": "x" });
    assert_eq!(desk.refused("riskUpdate", late).await, ["id ALREADY_CLOSED"]);
    let open = desk.ask("riskReopen", json!({ "id": id }), RISK).await;
    assert_eq!(open["risk"]["status"], "OPEN");
    assert_eq!(open["risk"]["resolution"], Value::Null);
}

async fn an_opportunity_is_noted_and_taken(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let new = json!({
        "accountId": padaria(&app).await, "kind": "CROSS_SELL", "title": "Payroll",
        "amount": { "amountMinor": 50_000, "currency": "USD" }, "expectedOn": "2026-03-01",
    });
    let id = desk.done("opportunityCreate", new, "opportunity").await;
    let selection = "opportunity { status kind source title resolution closedAt expectedOn
        amount { amountMinor currency } }";
    let change = json!({ "id": id, "kind": "UPGRADE", "title": "More seats" });
    desk.done("opportunityUpdate", change, "opportunity").await;
    let open = json!({ "id": id, "status": "OPEN" });
    assert_eq!(desk.refused("opportunityClose", open).await, ["status UNKNOWN_WORD"]);
    let won = json!({ "id": id, "status": "WON" });
    let won = desk.ask("opportunityClose", won, selection).await;
    assert_eq!(
        won["opportunity"],
        json!({
            "status": "WON", "kind": "UPGRADE", "source": "PERSON", "title": "More seats",
            "resolution": null, "closedAt": "2026-01-20T12:00:00+00:00",
            "expectedOn": "2026-03-01", "amount": { "amountMinor": 50_000, "currency": "USD" },
        })
    );
    let late = json!({ "id": id, "kind": "RENEWAL" });
    assert_eq!(desk.refused("opportunityUpdate", late).await, ["id ALREADY_CLOSED"]);
    desk.done("opportunityReopen", json!({ "id": id }), "opportunity").await;
    let lost = json!({ "id": id, "status": "LOST", "resolution": "No budget." });
    desk.done("opportunityClose", lost, "opportunity").await;
}

async fn what_is_wrong_with_a_risk_is_told_at_once(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let stranger = global(app.workspace().await.owner.id);
    let wrong = json!({
        "accountId": padaria, "title": "two\nlines", "reason": "x".repeat(4001),
        "severity": "LOW", "ownerId": stranger, "openedAt": "2026-01-20T12:00:01Z",
        "amount": { "amountMinor": -1, "currency": "brl" },
    });
    let expected = [
        "ownerId NOT_FOUND",
        "openedAt TOO_LATE",
        "title BAD_FORMAT",
        "reason TOO_LONG",
        "amount.amountMinor OUT_OF_RANGE",
        "amount.currency BAD_FORMAT",
    ];
    assert_eq!(desk.refused("riskCreate", wrong.clone()).await, expected);
    let mut wrong = wrong;
    let fields = wrong.as_object_mut().expect("it is an object");
    fields.remove("severity");
    fields.insert("kind".to_owned(), json!("UPGRADE"));
    assert_eq!(desk.refused("opportunityCreate", wrong).await, expected);
    let id = desk.done("riskCreate", risk(&padaria, "Quiet", "LOW"), "risk").await;
    let nothing = json!({ "id": id, "status": "OPEN", "resolution": "\u{200b}" });
    let told = desk.refused("riskClose", nothing).await;
    assert_eq!(told, ["status UNKNOWN_WORD", "resolution REQUIRED"]);
    let empty = json!({ "id": id, "title": null, "severity": null, "expectedVersion": 1 });
    let told = desk.refused("riskUpdate", empty).await;
    assert_eq!(told, ["title REQUIRED", "severity REQUIRED"]);
    let stale = json!({ "id": id, "expectedVersion": 2 });
    assert_eq!(desk.refused("riskUpdate", stale).await, ["expectedVersion CONFLICT"]);
}

async fn an_action_plan_is_tasks_of_its_own_account(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let bank = global(account(&app, "Bank", None).await.id);
    let id = desk.done("riskCreate", risk(&padaria, "Quiet", "HIGH"), "risk").await;
    let offer = json!({ "accountId": padaria, "kind": "REFERENCE", "title": "A case" });
    let offer = desk.done("opportunityCreate", offer, "opportunity").await;
    for (title, due_on) in
        [("Visit", Some("2026-02-01")), ("Think", None), ("Call", Some("2026-01-21"))]
    {
        let task = json!({ "accountId": padaria, "title": title, "dueOn": due_on, "riskId": id });
        desk.done("taskCreate", task, "task").await;
    }
    let task = json!({ "accountId": padaria, "title": "Ask", "opportunityId": offer });
    desk.done("taskCreate", task, "task").await;
    let query = "query ($id: ID!) { risk(id: $id) {
        tasks { nodes { title risk { title } opportunity { title } } totalCount } } }";
    let seen = desk.see(query, json!({ "id": id })).await;
    let tasks = &seen["risk"]["tasks"];
    let titles: Vec<_> =
        tasks["nodes"].as_array().expect("a list").iter().map(|task| &task["title"]).collect();
    assert_eq!(titles, ["Call", "Visit", "Think"]);
    assert_eq!(tasks["nodes"][0]["risk"]["title"], "Quiet");
    assert_eq!(tasks["totalCount"], 3);
    let query = "query ($id: ID!) { opportunity(id: $id) { tasks { nodes { title } } } }";
    let seen = desk.see(query, json!({ "id": offer })).await;
    assert_eq!(seen["opportunity"]["tasks"]["nodes"], json!([{ "title": "Ask" }]));
    let both = json!({ "accountId": bank, "title": "Ask", "riskId": id, "opportunityId": offer });
    let expected =
        ["riskId CONTRADICTION", "opportunityId CONTRADICTION", "opportunityId CONTRADICTION"];
    assert_eq!(desk.refused("taskCreate", both).await, expected);
}

async fn risks_are_listed_and_narrowed(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    for (title, severity) in [("a", "LOW"), ("b", "CRITICAL"), ("c", "LOW")] {
        desk.done("riskCreate", risk(&padaria, title, severity), "risk").await;
        app.advance(1);
    }
    let query = "query ($id: ID!, $filter: RiskFilter) {
        account(id: $id) { risks(filter: $filter) { nodes { title } } }
        risks(filter: $filter) { nodes { title } } }";
    let titles = async |filter: Value| {
        let seen = desk.see(query, json!({ "id": padaria, "filter": filter })).await;
        assert_eq!(seen["account"]["risks"], seen["risks"]);
        let nodes = seen["risks"]["nodes"].as_array().expect("a list").iter();
        nodes.map(|risk| risk["title"].as_str().unwrap_or_default()).collect::<String>()
    };
    assert_eq!(titles(Value::Null).await, "cba");
    assert_eq!(titles(json!({ "severity": { "eq": "LOW" } })).await, "ca");
    assert_eq!(titles(json!({ "status": { "in": ["LOST", "MITIGATED"] } })).await, "");
    assert_eq!(titles(json!({ "ownerId": { "isNull": true } })).await, "cba");
    assert_eq!(titles(json!({ "openedAt": { "lt": "2026-01-21T00:00:00Z" } })).await, "a");
}

async fn an_account_has_at_most_100_open_risks(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let mut first = None;
    for number in 0..100 {
        let new = risk(&padaria, &format!("Risk {number}"), "LOW");
        first.get_or_insert(desk.done("riskCreate", new, "risk").await);
    }
    let more = risk(&padaria, "One more", "LOW");
    assert_eq!(desk.refused("riskCreate", more.clone()).await, ["accountId TOO_MANY"]);
    let close = json!({ "id": first, "status": "DISMISSED", "resolution": "None." });
    desk.done("riskClose", close, "risk").await;
    desk.done("riskCreate", more, "risk").await;
    let reopen = json!({ "id": first });
    assert_eq!(desk.refused("riskReopen", reopen).await, ["id TOO_MANY"]);
}

async fn other_systems_have_names_for_risks_and_opportunities(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let padaria = padaria(&app).await;
    let id = desk.done("riskCreate", risk(&padaria, "Quiet", "LOW"), "risk").await;
    let offer = json!({ "accountId": padaria, "kind": "REFERENCE", "title": "A case" });
    let offer = desk.done("opportunityCreate", offer, "opportunity").await;
    for subject in [&id, &offer] {
        let put = json!({ "system": "crm", "externalId": "7", "subjectId": subject });
        desk.done("externalRefPut", put, "externalRef").await;
    }
    let query = "query ($id: ID!) { risk(id: $id) { externalRefs { nodes {
        kind externalId subject { id } } } } }";
    let seen = desk.see(query, json!({ "id": id })).await;
    let expected = json!([{ "kind": "RISK", "externalId": "7", "subject": { "id": id } }]);
    assert_eq!(seen["risk"]["externalRefs"]["nodes"], expected);
}

async fn the_risks_of_many_accounts_take_as_many_statements_as_those_of_one(app: TestApp) {
    let desk = Desk::of(&app, Role::Csm).await;
    let all = "{ accounts { nodes { risks { nodes { title tasks { nodes { title } } } }
        opportunities { nodes { title tasks { nodes { title } } } } } } }";
    let add = async |number: usize| {
        let id = global(account(&app, &format!("Customer {number}"), None).await.id);
        let risk = desk.done("riskCreate", risk(&id, "Quiet", "LOW"), "risk").await;
        let offer = json!({ "accountId": id, "kind": "REFERENCE", "title": "A case" });
        let offer = desk.done("opportunityCreate", offer, "opportunity").await;
        for (plan, of) in [("riskId", &risk), ("opportunityId", &offer)] {
            let mut task = json!({ "accountId": id, "title": "Call" });
            task[plan] = json!(of);
            desk.done("taskCreate", task, "task").await;
        }
    };
    add(1).await;
    let (_, one) = app.statements(desk.see(all, json!({}))).await;
    add(2).await;
    let (seen, two) = app.statements(desk.see(all, json!({}))).await;
    let task = &seen["accounts"]["nodes"][1]["risks"]["nodes"][0]["tasks"]["nodes"][0];
    assert_eq!(task["title"], "Call");
    assert_eq!(one, two);
}
