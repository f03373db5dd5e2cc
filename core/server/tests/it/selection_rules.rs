//! Selection rules: which journey an account gets, when it is new or when a date comes.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::desk::{Desk, last, option, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    the_first_rule_that_matches_picks_the_journey,
    what_is_wrong_with_a_rule_is_told_at_once,
    a_renewal_begins_on_its_day,
    a_new_rule_is_applied_to_the_subscriptions_that_there_are,
    a_rule_is_changed,
    what_is_wrong_with_a_change_is_told_at_once,
    a_rule_that_has_changed_starts_by_its_new_day,
    a_subscription_that_will_be_cancelled_counts_until_then,
    the_end_of_a_cancelled_subscription_gives_no_dates,
);

/// A published template whose stage has its name.
pub(crate) async fn template(desk: &Desk, key: &str) -> String {
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

async fn a_rule_is_changed(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let gold = option(&app, "package", "gold").await;
    let (plan, other) = (template(&manager, "plan").await, template(&manager, "other").await);
    let new = json!({ "templateId": plan, "name": "Rule", "packageIds": [gold] });
    let rule = manager.done("selectionRuleCreate", new, "selectionRule").await;
    let new = json!({ "templateId": other, "name": "Other", "position": 5 });
    manager.done("selectionRuleCreate", new, "selectionRule").await;
    assert_eq!(picked(&manager, json!({})).await, "other");
    let selection = "selectionRule { version name position statuses packages { key } anchor
        daysBefore }";
    let change = json!({ "id": rule, "expectedVersion": 1, "packageIds": [] });
    let changed = manager.ask("selectionRuleUpdate", change, selection).await;
    let mut expected = json!({
        "version": 2, "name": "Rule", "position": 0, "statuses": [], "packages": [],
        "anchor": null, "daysBefore": 0,
    });
    assert_eq!(changed["selectionRule"], expected);
    assert_eq!(picked(&manager, json!({})).await, "plan");
    let change = json!({
        "id": rule, "name": " New ", "position": 9, "statuses": ["TRIAL"], "packageIds": [gold],
    });
    let changed = manager.ask("selectionRuleUpdate", change.clone(), selection).await;
    for (field, value) in [
        ("version", json!(3)),
        ("name", json!("New")),
        ("position", json!(9)),
        ("statuses", json!(["TRIAL"])),
        ("packages", json!([{ "key": "gold" }])),
    ] {
        expected[field] = value;
    }
    assert_eq!(changed["selectionRule"], expected);
    assert_eq!(picked(&manager, json!({ "packageId": gold, "status": "TRIAL" })).await, "other");
    let changed = manager.ask("selectionRuleUpdate", change, selection).await;
    assert_eq!(changed["selectionRule"], expected, "nothing differs");
}

async fn what_is_wrong_with_a_change_is_told_at_once(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let gold = option(&app, "package", "gold").await;
    let plan = template(&manager, "plan").await;
    let new = json!({ "templateId": plan, "name": "Rule", "packageIds": [gold] });
    let rule = manager.done("selectionRuleCreate", new, "selectionRule").await;
    owner.done("optionArchive", json!({ "id": gold }), "option").await;
    let change = |fields: Value| with(json!({ "id": rule }), fields);
    let stays = change(json!({ "name": "Still", "packageIds": [gold] }));
    manager.done("selectionRuleUpdate", stays, "selectionRule").await;
    let stale = change(json!({ "expectedVersion": 1, "name": "" }));
    let found = manager.refused("selectionRuleUpdate", stale).await;
    assert_eq!(found, ["expectedVersion CONFLICT"]);
    manager.done("selectionRuleArchive", json!({ "id": rule }), "selectionRule").await;
    let wrong = change(json!({
        "name": "", "position": 10_001, "daysBefore": 3, "marketSegmentIds": [gold],
    }));
    let found = manager.refused("selectionRuleUpdate", wrong).await;
    let expected = [
        "id ARCHIVED",
        "name REQUIRED",
        "position OUT_OF_RANGE",
        "daysBefore CONTRADICTION",
        "marketSegmentIds.0 UNKNOWN_OPTION",
    ];
    assert_eq!(found, expected);
    let stranger = &app.workspace().await.token;
    let found = app.refused(stranger, "selectionRuleUpdate", change(json!({}))).await;
    assert_eq!(found, "id: NOT_FOUND");
}

/// How many journeys an account has.
async fn count(desk: &Desk, account: &str) -> usize {
    journeys(desk, account).await.as_array().map(Vec::len).unwrap_or_default()
}

/// A rule that starts a renewal before the end of a subscription, and a customer without a journey.
async fn renewals(desk: &Desk, days_before: i32) -> (String, String) {
    let renewal = template(desk, "renewal").await;
    let rule = json!({
        "templateId": renewal, "name": "Renewal", "anchor": "SUBSCRIPTION_END",
        "daysBefore": days_before,
    });
    let rule = desk.done("selectionRuleCreate", rule, "selectionRule").await;
    let new = json!({ "name": "Padaria", "journeyStart": { "none": true } });
    (rule, desk.done("accountCreate", new, "account").await)
}

async fn a_rule_that_has_changed_starts_by_its_new_day(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let (rule, padaria) = renewals(&manager, 90).await;
    let gold = subscription(&padaria, "2026-06-30");
    manager.done("subscriptionCreate", gold, "subscription").await;
    app.run_jobs().await;
    let later = json!({ "id": rule, "daysBefore": 60 });
    manager.done("selectionRuleUpdate", later, "selectionRule").await;
    for (now, started) in [("2026-04-01T12:00:00Z", 0), ("2026-05-01T12:00:00Z", 1)] {
        app.set_time(now);
        app.run_jobs().await;
        assert_eq!(count(&manager, &padaria).await, started, "{now}");
    }
    let sooner = json!({ "id": rule, "daysBefore": 120 });
    manager.done("selectionRuleUpdate", sooner, "selectionRule").await;
    app.run_jobs().await;
    assert_eq!(count(&manager, &padaria).await, 1, "once for each end");
    let next = subscription(&padaria, "2026-12-31");
    manager.done("subscriptionCreate", next, "subscription").await;
    let selection = "selectionRule { anchor daysBefore }";
    let for_new = json!({ "id": rule, "anchor": null });
    let changed = manager.ask("selectionRuleUpdate", for_new, selection).await;
    assert_eq!(changed["selectionRule"], json!({ "anchor": null, "daysBefore": 0 }));
    app.set_time("2026-12-30T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(count(&manager, &padaria).await, 1, "it starts nothing by a date any more");
}

async fn a_subscription_that_will_be_cancelled_counts_until_then(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let (_, padaria) = renewals(&manager, 90).await;
    let cancelled = [("2026-06-30", "2026-04-02"), ("2026-07-01", "2026-04-02")];
    let mut ids = Vec::new();
    for (ends_on, cancelled_on) in cancelled {
        let gold = with(subscription(&padaria, ends_on), json!({ "cancelledOn": cancelled_on }));
        ids.push(manager.done("subscriptionCreate", gold, "subscription").await);
    }
    for (now, started) in [("2026-04-01T12:00:00Z", 1), ("2026-04-02T12:00:00Z", 1)] {
        app.set_time(now);
        app.run_jobs().await;
        assert_eq!(count(&manager, &padaria).await, started, "{now}");
    }
    let query = "query ($id: ID!) { account(id: $id) { journeys { nodes { subscription { id } }
        } } }";
    let seen = manager.see(query, json!({ "id": padaria })).await;
    let first = json!([{ "subscription": { "id": ids[0] } }]);
    assert_eq!(seen["account"]["journeys"]["nodes"], first);
}

async fn the_end_of_a_cancelled_subscription_gives_no_dates(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let by_end = |key: &str| with(task(key, 30), json!({ "anchor": "SUBSCRIPTION_END" }));
    let stages = json!([
        stage("a", vec![by_end("one")]),
        stage("b", vec![by_end("two")]),
        last("c", vec![by_end("three")]),
    ]);
    let (plan, _) = manager.publish("plan", json!({ "stages": stages })).await;
    let rule = json!({
        "templateId": plan, "name": "Rule", "anchor": "SUBSCRIPTION_END", "daysBefore": 90,
    });
    manager.done("selectionRuleCreate", rule, "selectionRule").await;
    let new = json!({ "name": "Padaria", "journeyStart": { "none": true } });
    let padaria = manager.done("accountCreate", new, "account").await;
    let gold = subscription(&padaria, "2026-03-31");
    let gold = manager.done("subscriptionCreate", gold, "subscription").await;
    app.run_jobs().await;
    assert_eq!(manager.to_do(&padaria).await, ["one 2026-03-01"]);
    let cancel = json!({ "id": gold, "cancelledOn": "2026-01-22" });
    manager.done("subscriptionUpdate", cancel, "subscription").await;
    manager.complete(&padaria, "one", json!({})).await;
    assert_eq!(manager.to_do(&padaria).await, ["two 2026-03-01"], "it still counts");
    app.advance(2);
    manager.complete(&padaria, "two", json!({})).await;
    assert_eq!(manager.to_do(&padaria).await, ["three -"], "it no longer counts");
}
