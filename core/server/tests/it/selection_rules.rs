//! Selection rules: which journey an account gets, when it is new or when a date comes.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, option, task};
use crate::harness::{TestApp, both};

both!(
    the_first_rule_that_matches_picks_the_journey,
    what_is_wrong_with_a_rule_is_told_at_once,
    a_renewal_begins_on_its_day,
    a_new_rule_is_applied_to_the_subscriptions_that_there_are,
);

/// A published template whose stage has its name.
async fn template(desk: &Desk, key: &str) -> String {
    let stages = json!([last(key, vec![task(&format!("{key}-task"), 3)])]);
    desk.publish(key, json!({ "stages": stages })).await.0
}

async fn the_first_rule_that_matches_picks_the_journey(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let retail = option(&app, "market_segment", "retail").await;
    let gold = option(&app, "package", "gold").await;
    let mut templates = Vec::new();
    for key in ["trials", "golden", "retail", "standard"] {
        templates.push(template(&manager, key).await);
    }
    let default = json!({ "id": templates[3], "isDefault": true });
    manager.done("journeyTemplateUpdate", default, "journeyTemplate").await;
    let rules = [
        json!({ "name": "Retail", "position": 2, "marketSegmentIds": [retail] }),
        json!({ "name": "Gold", "position": 1, "packageIds": [gold] }),
        json!({ "name": "Trials", "statuses": ["TRIAL"] }),
    ];
    let mut ids = Vec::new();
    for (mut rule, template) in rules.into_iter().zip([2, 1, 0]) {
        rule["templateId"] = json!(templates[template]);
        ids.push(manager.done("selectionRuleCreate", rule, "selectionRule").await);
    }
    let query = "{ selectionRules { nodes { name position statuses anchor template { key }
        marketSegments { key } packages { key } } } }";
    let seen = manager.see(query, json!({})).await;
    let names: Vec<_> = seen["selectionRules"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|rule| rule["name"].as_str())
        .collect();
    assert_eq!(names, ["Trials", "Gold", "Retail"]);
    assert_eq!(
        seen["selectionRules"]["nodes"][2],
        json!({
            "name": "Retail", "position": 2, "statuses": [], "anchor": null,
            "template": { "key": "retail" }, "marketSegments": [{ "key": "retail" }],
            "packages": [],
        })
    );

    let both = json!({ "marketSegmentId": retail, "packageId": gold });
    assert_eq!(picked(&manager, both.clone()).await, "golden");
    assert_eq!(picked(&manager, json!({ "marketSegmentId": retail })).await, "retail");
    assert_eq!(picked(&manager, json!({ "packageId": gold, "status": "TRIAL" })).await, "trials");
    assert_eq!(picked(&manager, json!({})).await, "standard", "no rule matches");
    manager.done("selectionRuleArchive", json!({ "id": ids[1] }), "selectionRule").await;
    assert_eq!(picked(&manager, both.clone()).await, "retail", "the rule was put away");
    let archive = json!({ "id": templates[2] });
    manager.done("journeyTemplateArchive", archive, "journeyTemplate").await;
    assert_eq!(picked(&manager, both).await, "standard", "its template was put away");
}

/// The stage of the journey that a new account gets.
async fn picked(desk: &Desk, mut account: Value) -> String {
    account["name"] = json!("Customer");
    let id = desk.done("accountCreate", account, "account").await;
    desk.place(&id).await.split(' ').next().map(str::to_owned).unwrap_or_default()
}

async fn what_is_wrong_with_a_rule_is_told_at_once(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let plan = template(&manager, "plan").await;
    let gold = option(&app, "package", "gold").await;
    let wrong = json!({
        "templateId": plan, "name": "", "position": -1, "daysBefore": 3,
        "marketSegmentIds": [gold], "packageIds": [gold],
    });
    let found = manager.refused("selectionRuleCreate", wrong).await;
    let expected = [
        "name REQUIRED",
        "position OUT_OF_RANGE",
        "daysBefore CONTRADICTION",
        "marketSegmentIds.0 UNKNOWN_OPTION",
    ];
    assert_eq!(found, expected);
    let nowhere = json!({ "templateId": gold, "name": "Rule" });
    assert_eq!(manager.refused("selectionRuleCreate", nowhere).await, ["templateId BAD_ID"]);
}

/// The journeys of an account: their stage, whether they are primary, and their subscription.
async fn journeys(desk: &Desk, account: &str) -> Value {
    let query = "query ($id: ID!) { account(id: $id) { journeys { nodes {
        stageKey isPrimary subscription { name } tasks { dueOn } } } } }";
    desk.see(query, json!({ "id": account })).await["account"]["journeys"]["nodes"].take()
}

fn subscription(account: &str, ends_on: &str) -> Value {
    json!({
        "accountId": account, "name": "Gold", "startsOn": "2025-07-01", "endsOn": ends_on,
        "amount": { "amountMinor": 100_000, "currency": "BRL" }, "interval": "YEAR",
    })
}

async fn a_renewal_begins_on_its_day(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let (standard, renewal) =
        (template(&manager, "standard").await, template(&manager, "renewal").await);
    let rule = json!({
        "templateId": renewal, "name": "Renewal", "anchor": "SUBSCRIPTION_END", "daysBefore": 90,
    });
    manager.done("selectionRuleCreate", rule, "selectionRule").await;
    let padaria = manager.account("Padaria", &standard, None).await;
    let gold = subscription(&padaria, "2026-06-30");
    let gold = manager.done("subscriptionCreate", gold, "subscription").await;
    let later = json!({ "id": gold, "endsOn": "2026-07-31" });
    manager.done("subscriptionUpdate", later, "subscription").await;
    let only = json!([{
        "stageKey": "standard", "isPrimary": true, "subscription": null,
        "tasks": [{ "dueOn": "2026-01-23" }],
    }]);
    for day in ["2026-04-01T12:00:00Z", "2026-05-01T12:00:00Z"] {
        app.set_time(day);
        app.run_jobs().await;
        assert_eq!(journeys(&manager, &padaria).await, only, "too early, or no longer the end");
    }
    app.set_time("2026-05-02T12:00:00Z");
    app.run_jobs().await;
    let started = journeys(&manager, &padaria).await;
    assert_eq!(
        started[1],
        json!({
            "stageKey": "renewal", "isPrimary": false, "subscription": { "name": "Gold" },
            "tasks": [{ "dueOn": "2026-05-05" }],
        })
    );
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(journeys(&manager, &padaria).await.as_array().map(Vec::len), Some(2), "once");
}

async fn a_new_rule_is_applied_to_the_subscriptions_that_there_are(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let renewal = template(&manager, "renewal").await;
    let new = |name: &str| json!({ "name": name, "journeyStart": { "none": true } });
    let mut accounts = Vec::new();
    for (name, ends_on) in [("Soon", "2026-02-28"), ("Over", "2026-01-19"), ("Far", "2027-01-01")] {
        let account = manager.done("accountCreate", new(name), "account").await;
        let gold = subscription(&account, ends_on);
        manager.done("subscriptionCreate", gold, "subscription").await;
        accounts.push(account);
    }
    let rule = json!({
        "templateId": renewal, "name": "Renewal", "anchor": "SUBSCRIPTION_END", "daysBefore": 90,
        "statuses": ["ACTIVE"],
    });
    manager.done("selectionRuleCreate", rule, "selectionRule").await;
    app.run_jobs().await;
    let mut counts = Vec::new();
    for account in &accounts {
        counts.push(journeys(&manager, account).await.as_array().map(Vec::len));
    }
    assert_eq!(counts, [Some(1), Some(0), Some(0)], "only of the one that ends soon");
}
