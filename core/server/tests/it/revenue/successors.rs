//! Contracts that follow one another: who signs again under another number is neither lost nor new,
//! whatever became known first.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::renewals::renewals;
use super::{account, change, movements, report, subscribe};
use crate::customers::{self, global};
use crate::desk::{Desk, option};
use crate::harness::{TestApp, both};

both!(
    a_contract_that_takes_over_renews_the_one_before,
    what_contracts_mean_does_not_depend_on_which_became_known_first,
    a_late_signature_makes_a_loss_a_renewal,
    a_contract_of_the_past_renewed_the_one_before_on_its_first_day,
    between_packages_revenue_moves_and_within_one_it_stays,
    a_change_of_the_past_is_not_put_before_what_is_known,
    what_was_lost_under_somebody_stays_with_them,
    on_the_day_of_a_handover_an_account_counts_for_who_took_over,
);

/// GRR, NRR and new revenue of a period, and how many accounts were lost.
async fn told(app: &TestApp, from: &str, to: &str) -> Value {
    let periods = report(app, &format!("from: \"{from}\", to: \"{to}\"")).await;
    let group = &periods[0]["groups"][0];
    let figures = &group["currencies"][0];
    json!([figures["grr"], figures["nrr"], figures["new"]["amountMinor"], group["lostAccounts"]])
}

async fn a_contract_that_takes_over_renews_the_one_before(app: TestApp) {
    app.set_time("2026-09-01T12:00:00Z");
    let id = account(&app, "Padaria").await;
    let ends = json!({ "endsOn": "2026-09-30" });
    subscribe(&app, &id, "2025-10-01", 1200, ends).await;
    subscribe(&app, &id, "2026-10-01", 1300, json!({ "endsOn": "2027-09-30" })).await;
    app.set_time("2026-10-05T12:00:00Z");
    app.run_jobs().await;
    insta::assert_snapshot!(movements(&app, &id).await, @r"
    2025-10-01 NEW 1200 BRL
    2026-10-01 RENEWAL 1200 BRL
    2026-10-01 RENEWAL 1200 BRL
    2026-10-01 UPGRADE 100 BRL
    ");
    let query = "query ($id: ID!) { account(id: $id) { revenueMovements(first: 100) { nodes {
        kind subscription { startsOn } delta { amountMinor currency } } } } }";
    let seen = app.data(&app.home().await.token, query, json!({ "id": id })).await;
    let nodes = seen["account"]["revenueMovements"]["nodes"].as_array().cloned();
    let renewed = nodes.into_iter().flatten().filter(|node| node["kind"] == "RENEWAL");
    let mut each: Vec<_> = renewed
        .map(|node| {
            format!("{} {}", node["subscription"]["startsOn"], node["delta"]["amountMinor"])
        })
        .collect();
    each.sort();
    let apart = ["\"2025-10-01\" -1200", "\"2026-10-01\" 1200"];
    assert_eq!(each, apart, "the one no longer brings what the other does");
    assert_eq!(told(&app, "2026-10-01", "2026-10-31").await, json!([1.0, 1300.0 / 1200.0, 0, 0]));
    insta::assert_snapshot!(renewals(&app, &id).await, @r#"
    2026-09-30 RENEWED 2026-10-05 2027-09-30
    2027-09-30 OPEN
    next: "2027-09-30"
    "#);
}

async fn what_contracts_mean_does_not_depend_on_which_became_known_first(app: TestApp) {
    app.set_time("2026-06-01T12:00:00Z");
    let years = [("2024", 1000), ("2025", 1500), ("2026", 900)];
    let mut known = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]] {
        let id = account(&app, "Padaria").await;
        for n in order {
            let (year, minor) = years[n];
            let ends = json!({ "endsOn": format!("{year}-12-31") });
            subscribe(&app, &id, &format!("{year}-01-01"), minor, ends).await;
        }
        let mut lines: Vec<_> = movements(&app, &id).await.lines().map(str::to_owned).collect();
        lines.sort();
        known.push(lines.join("\n"));
    }
    insta::assert_snapshot!(known[0], @r"
    2024-01-01 NEW 1000 BRL
    2025-01-01 RENEWAL 1000 BRL
    2025-01-01 RENEWAL 1000 BRL
    2025-01-01 UPGRADE 500 BRL
    2026-01-01 DOWNGRADE 600 BRL
    2026-01-01 RENEWAL 900 BRL
    2026-01-01 RENEWAL 900 BRL
    ");
    assert!(known.iter().all(|lines| *lines == known[0]), "{known:#?}");
    assert_eq!(told(&app, "2025-01-01", "2025-12-31").await, json!([1.0, 1.5, 0, 0]));
    assert_eq!(told(&app, "2026-01-01", "2026-12-31").await, json!([0.6, 0.6, 0, 0]));
}

async fn a_late_signature_makes_a_loss_a_renewal(app: TestApp) {
    app.set_time("2026-09-01T12:00:00Z");
    let id = account(&app, "Padaria").await;
    subscribe(&app, &id, "2025-10-01", 1200, json!({ "endsOn": "2026-09-30" })).await;
    app.set_time("2026-10-05T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(told(&app, "2026-10-01", "2026-10-31").await, json!([0.0, 0.0, 0, 1]));
    subscribe(&app, &id, "2026-10-01", 1200, json!({ "endsOn": "2027-09-30" })).await;
    assert_eq!(told(&app, "2026-10-01", "2026-10-31").await, json!([1.0, 1.0, 0, 0]));
    insta::assert_snapshot!(renewals(&app, &id).await, @r#"
    2026-09-30 RENEWED 2026-10-05 2027-09-30
    2027-09-30 OPEN
    next: "2027-09-30"
    "#);
}

async fn a_contract_of_the_past_renewed_the_one_before_on_its_first_day(app: TestApp) {
    app.set_time("2026-09-01T12:00:00Z");
    let id = account(&app, "Padaria").await;
    subscribe(&app, &id, "2025-10-01", 1200, json!({ "endsOn": "2026-09-30" })).await;
    app.set_time("2026-11-05T12:00:00Z");
    app.run_jobs().await;
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let next = json!({ "accountId": id, "name": "Plan", "startsOn": "2026-10-01",
        "endsOn": "2027-09-30", "interval": "YEAR",
        "amount": { "amountMinor": 1200, "currency": "BRL" } });
    desk.backfill("subscriptionCreate", next, "subscription { id }").await;
    insta::assert_snapshot!(renewals(&app, &id).await, @r#"
    2026-09-30 RENEWED 2026-10-01 2027-09-30
    2027-09-30 OPEN
    next: "2027-09-30"
    "#);
}

async fn between_packages_revenue_moves_and_within_one_it_stays(app: TestApp) {
    app.set_time("2026-06-01T12:00:00Z");
    let gold = option(&app, "package", "gold").await;
    let basic = option(&app, "package", "basic").await;
    for (name, from, to) in [("Moves", &basic, &gold), ("Stays", &gold, &gold)] {
        let id = account(&app, name).await;
        let old = json!({ "endsOn": "2025-12-31", "packageId": from });
        subscribe(&app, &id, "2025-01-01", 1000, old).await;
        subscribe(&app, &id, "2026-01-01", 1000, json!({ "packageId": to })).await;
    }
    let periods = report(&app, "from: \"2026-01-01\", to: \"2026-03-31\", by: PACKAGE").await;
    let groups = periods[0]["groups"].as_array().expect("a list").iter();
    let mut lines: Vec<_> = groups
        .map(|group| {
            let figures = &group["currencies"][0];
            let name = group["package"]["key"].as_str().expect("a package");
            let of = |name: &str| figures[name]["amountMinor"].clone();
            format!(
                "{name}: {} + {} - {} = {}, GRR {}",
                of("opening"),
                of("new"),
                of("downgrade"),
                of("closing"),
                figures["grr"],
            )
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @r"
    basic: 1000 + 0 - 1000 = 0, GRR 0.0
    gold: 1000 + 1000 - 0 = 2000, GRR 1.0
    ");
}

async fn a_change_of_the_past_is_not_put_before_what_is_known(app: TestApp) {
    app.set_time("2026-06-01T12:00:00Z");
    let id = account(&app, "Padaria").await;
    let subscription = subscribe(&app, &id, "2026-01-01", 1000, json!({})).await;
    change(&app, &subscription, json!({ "amount": { "amountMinor": 1100, "currency": "BRL" } }))
        .await;
    let input = json!({
        "id": subscription, "effectiveOn": "2026-03-01",
        "amount": { "amountMinor": 1200, "currency": "BRL" },
    });
    let query = "mutation($input: SubscriptionUpdateInput!) { subscriptionUpdate(input: $input) {
        subscription { id } userErrors { field code } } }";
    let token = &app.home().await.token;
    let variables = json!({ "input": input });
    let (_, answer) = app.graphql_from(token, Some("BACKFILL"), query, variables).await;
    let told = &answer["data"]["subscriptionUpdate"]["userErrors"];
    assert_eq!(told, &json!([{ "field": ["effectiveOn"], "code": "TOO_EARLY" }]), "{answer}");
}

async fn what_was_lost_under_somebody_stays_with_them(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let (bia, caio) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let id = global(customers::account(&app, "Padaria", Some(bia.id)).await.id);
    let subscription = subscribe(&app, &id, "2026-01-05", 1000, json!({})).await;
    app.set_time("2026-03-05T12:00:00Z");
    change(&app, &subscription, json!({ "amount": { "amountMinor": 400, "currency": "BRL" } }))
        .await;
    app.set_time("2026-05-05T12:00:00Z");
    let query = "{ optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let token = &app.home().await.token;
    let data = app.data(token, query, json!({})).await;
    let roles = data["optionSetByKey"]["options"]["nodes"].as_array().expect("a list").clone();
    let csm = roles.iter().find(|role| role["key"] == "csm").expect("there is one")["id"].clone();
    let input = json!({ "accountId": id, "userId": global(caio.id), "roleId": csm });
    app.mutate(token, "assignmentCreate", "accountAssignment { id }", input).await;
    let of = async |from: &str, to: &str| {
        let periods = report(&app, &format!("from: \"{from}\", to: \"{to}\", by: CSM")).await;
        let groups = periods[0]["groups"].as_array().expect("a list").clone();
        let each = groups.iter().map(|group| {
            let name = group["csm"]["name"].as_str().expect("there is one");
            let who = if name == bia.name { "Bia" } else { "Caio" };
            format!("{who} {}", group["currencies"][0]["grr"])
        });
        each.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(of("2026-02-01", "2026-04-30").await, "Bia 0.4");
    assert_eq!(of("2026-05-01", "2026-05-31").await, "Caio 1.0");
}

async fn on_the_day_of_a_handover_an_account_counts_for_who_took_over(app: TestApp) {
    app.set_time("2026-01-05T12:00:00Z");
    let (bia, caio) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let account = customers::account(&app, "Padaria", Some(bia.id)).await.id;
    subscribe(&app, &global(account), "2026-01-05", 1000, json!({})).await;
    app.set_time("2026-03-05T12:00:00Z");
    let token = &app.home().await.token;
    let query = "query($id: ID!) { account(id: $id) { assignments { nodes { id } } } }";
    let data = app.data(token, query, json!({ "id": global(account) })).await;
    let held = data["account"]["assignments"]["nodes"][0]["id"].clone();
    app.mutate(token, "assignmentEnd", "", json!({ "id": held })).await;
    crate::assignments::assign(&app, account, &caio, "csm", None).await;
    let periods = report(&app, "from: \"2026-02-01\", to: \"2026-03-05\", by: CSM").await;
    let groups = periods[0]["groups"].as_array().expect("a list").clone();
    let told = |group: &Value| {
        let opening = group["currencies"][0]["opening"]["amountMinor"].clone();
        json!([group["csm"]["name"], group["openingAccounts"], opening])
    };
    let each: Vec<_> = groups.iter().map(told).collect();
    assert_eq!(each, [json!([caio.name, 1, 1000])]);
}
