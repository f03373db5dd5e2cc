//! Money: products on subscriptions, renewals, and how recurring revenue moves.

mod corrections;
mod laws;
mod renewals;
mod successors;

use serde_json::{Value, json};

use self::renewals::{open_renewal, renewals};
use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    the_figures_of_a_year_are_those_computed_by_hand,
    quarters_lead_from_the_opening_to_the_same_closing,
    figures_are_told_apart_by_csm_segment_and_package,
    products_on_lines_tell_an_upgrade_from_a_cross_sell,
    a_subscription_counts_from_its_first_to_its_last_day,
    an_account_that_is_lost_pays_nothing_any_more,
    sums_of_the_largest_amounts_are_exact,
    what_is_wrong_with_lines_and_renewals_is_told_at_once,
    nested_money_takes_as_many_statements_for_many_accounts_as_for_one,
);

/// The id of a new account without a journey.
async fn account(app: &TestApp, name: &str) -> String {
    global(customers::account(app, name, None).await.id)
}

/// A subscription of an account, in reais a year unless more is said; gives its id.
async fn subscribe(app: &TestApp, account: &str, starts: &str, minor: i64, more: Value) -> String {
    let mut input = json!({
        "accountId": account, "name": "Plan", "startsOn": starts, "interval": "YEAR",
        "amount": { "amountMinor": minor, "currency": "BRL" },
    });
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    let token = &app.home().await.token;
    let made = app.mutate(token, "subscriptionCreate", "subscription { id }", input).await;
    made["subscription"]["id"].as_str().expect("it is an id").to_owned()
}

async fn change(app: &TestApp, id: &str, more: Value) {
    let mut input = json!({ "id": id });
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    let token = &app.home().await.token;
    app.mutate(token, "subscriptionUpdate", "subscription { id }", input).await;
}

/// The movements of an account, the earliest first, one a line.
async fn movements(app: &TestApp, account: &str) -> String {
    let query = "query($id: ID!) { account(id: $id) { revenueMovements(first: 100) { nodes {
        kind happenedOn amount { amountMinor currency } csSourced reason product { key }
    } } } }";
    let data = app.data(&app.home().await.token, query, json!({ "id": account })).await;
    let nodes = data["account"]["revenueMovements"]["nodes"].as_array().expect("a list").clone();
    let line = |node: &Value| {
        let mut line = format!(
            "{} {} {} {}",
            node["happenedOn"].as_str().expect("a date"),
            node["kind"].as_str().expect("a word"),
            node["amount"]["amountMinor"],
            node["amount"]["currency"].as_str().expect("a currency"),
        );
        for (name, value) in
            [("by CS", &node["csSourced"]), ("", &node["reason"]), ("", &node["product"]["key"])]
        {
            match value {
                Value::Bool(true) => line.push_str(&format!(" {name}")),
                Value::String(text) => line.push_str(&format!(" {text}")),
                _ => {}
            }
        }
        line
    };
    nodes.iter().rev().map(line).collect::<Vec<_>>().join("\n")
}

async fn report(app: &TestApp, arguments: &str) -> Value {
    let query = format!(
        "{{ revenueReport({arguments}) {{ periods {{ from to groups {{
            csm {{ name }} marketSegment {{ key }} package {{ key }}
            openingAccounts lostAccounts logoChurn currencies {{
                opening {{ amountMinor currency }} new {{ amountMinor }}
                upgrade {{ amountMinor }} upgradeRate crossSell {{ amountMinor }} crossSellRate
                downgrade {{ amountMinor }} downgradeRate churn {{ amountMinor }} churnRate
                closing {{ amountMinor }} grr nrr csSourced {{ amountMinor }} csSourcedShare
            }} }} }} }} }}"
    );
    let data = app.data(&app.home().await.token, &query, json!({})).await;
    data["revenueReport"]["periods"].clone()
}

/// 2026 in reais: six accounts open with 10,000. One upgrades by 500 through customer success, one
/// buys 300 in addition, one goes down by 400, one leaves with 1,000, one is new with 700.
async fn the_figures_of_a_year_are_those_computed_by_hand(app: TestApp) {
    let ids = a_year(&app).await;
    let year = report(&app, "from: \"2026-01-01\", to: \"2026-12-31\"").await;
    let group = &year[0]["groups"][0];
    assert_eq!(group["openingAccounts"], 6);
    assert_eq!(group["lostAccounts"], 1);
    let [brl, eur] = [0, 1].map(|n| group["currencies"][n].clone());
    assert_eq!(
        brl,
        json!({
            "opening": { "amountMinor": 10_000, "currency": "BRL" }, "new": { "amountMinor": 700 },
            "upgrade": { "amountMinor": 500 }, "upgradeRate": 0.05,
            "crossSell": { "amountMinor": 300 }, "crossSellRate": 0.03,
            "downgrade": { "amountMinor": 400 }, "downgradeRate": 0.04,
            "churn": { "amountMinor": 1000 }, "churnRate": 0.1,
            "closing": { "amountMinor": 10_100 },
            // (10,000 − 400 − 1,000) / 10,000, and with 500 + 300 in addition.
            "grr": 0.86, "nrr": 0.94,
            "csSourced": { "amountMinor": 500 }, "csSourcedShare": 0.625,
        })
    );
    assert_eq!(eur["grr"], 1.0);
    assert_eq!(eur["opening"], json!({ "amountMinor": 900, "currency": "EUR" }));
    insta::assert_snapshot!(movements(&app, &ids[3].0).await, @r"
    2025-06-01 NEW 1000 BRL
    2026-06-01 CHURN 1000 BRL Price
    ");
    insta::assert_snapshot!(movements(&app, &ids[0].0).await, @r"
    2025-06-01 NEW 3000 BRL
    2026-06-01 UPGRADE 500 BRL by CS QBR
    ");
}

/// Lives through 2026; gives the ids of the accounts and of their subscriptions.
async fn a_year(app: &TestApp) -> Vec<(String, String)> {
    app.set_time("2025-12-01T12:00:00Z");
    let mut ids = Vec::new();
    for (name, minor) in
        [("Up", 3000), ("Cross", 2000), ("Down", 2500), ("Gone", 1000), ("Still", 1500)]
    {
        let account = account(app, name).await;
        let subscription = subscribe(app, &account, "2025-06-01", minor, json!({})).await;
        ids.push((account, subscription));
    }
    // Euros are never added to reais.
    let euros = json!({ "amount": { "amountMinor": 900, "currency": "EUR" } });
    let abroad = account(app, "Abroad").await;
    subscribe(app, &abroad, "2025-06-01", 0, euros).await;
    app.set_time("2026-06-01T12:00:00Z");
    let price = |minor: i64| json!({ "amountMinor": minor, "currency": "BRL" });
    let by_cs = json!({ "amount": price(3500), "csSourced": true, "reason": "QBR" });
    change(app, &ids[0].1, by_cs).await;
    subscribe(app, &ids[1].0, "2026-06-01", 300, json!({ "name": "Addon" })).await;
    change(app, &ids[2].1, json!({ "amount": price(2100) })).await;
    change(app, &ids[3].1, json!({ "cancelledOn": "2026-06-01", "reason": "Price" })).await;
    let new = account(app, "New").await;
    subscribe(app, &new, "2026-05-01", 700, json!({})).await;
    app.set_time("2027-01-15T12:00:00Z");
    ids
}

async fn quarters_lead_from_the_opening_to_the_same_closing(app: TestApp) {
    a_year(&app).await;
    let quarters_of_2026 = "from: \"2026-01-01\", to: \"2026-12-31\", every: QUARTER";
    let quarters = report(&app, quarters_of_2026).await;
    let closings: Vec<_> = (0..4)
        .map(|n| {
            let figures = &quarters[n]["groups"][0]["currencies"][0];
            (figures["opening"]["amountMinor"].clone(), figures["closing"]["amountMinor"].clone())
        })
        .collect();
    let expected = [(10_000, 10_000), (10_000, 10_100), (10_100, 10_100), (10_100, 10_100)];
    assert_eq!(closings, expected.map(|(a, b)| (json!(a), json!(b))));
    let before = report(&app, "from: \"2020-01-01\", to: \"2020-12-31\"").await;
    assert_eq!(before[0]["groups"], json!([]), "nothing was paid then");
    let first = report(&app, "from: \"2025-01-01\", to: \"2025-12-31\"").await;
    let figures = &first[0]["groups"][0]["currencies"][0];
    assert_eq!((&figures["grr"], &figures["nrr"]), (&Value::Null, &Value::Null));
    assert_eq!(figures["new"]["amountMinor"], 10_000);
}

async fn figures_are_told_apart_by_csm_segment_and_package(app: TestApp) {
    let token = &app.home().await.token;
    let ana = app.user(jornada_domain::auth::Role::Csm).await;
    let gold = crate::desk::option(&app, "package", "gold").await;
    let retail = crate::desk::option(&app, "market_segment", "retail").await;
    let input = json!({
        "name": "A", "csmId": global(ana.id), "marketSegmentId": retail,
        "journeyStart": { "none": true },
    });
    let opened = app.mutate(token, "accountCreate", "account { id }", input).await;
    let a = opened["account"]["id"].as_str().expect("an id").to_owned();
    let b = account(&app, "B").await;
    subscribe(&app, &a, "2025-01-01", 100, json!({ "packageId": gold })).await;
    let other = subscribe(&app, &a, "2025-01-01", 50, json!({})).await;
    subscribe(&app, &b, "2025-01-01", 400, json!({})).await;
    change(&app, &other, json!({ "cancelledOn": "2026-01-10" })).await;
    let told = async |arguments: &str| {
        let year = format!("from: \"2026-01-01\" to: \"2026-12-31\" {arguments}");
        let period = report(&app, &year).await;
        let groups = period[0]["groups"].as_array().expect("a list").clone();
        let group = |group: &Value| {
            let named =
                [&group["csm"]["name"], &group["marketSegment"]["key"], &group["package"]["key"]];
            let named = named.into_iter().find_map(|name| name.as_str()).unwrap_or("-");
            let named = if named == ana.name { "ana" } else { named };
            let figures = &group["currencies"][0];
            format!(
                "{named} {}/{} {} {} {}",
                group["lostAccounts"],
                group["openingAccounts"],
                figures["opening"]["amountMinor"],
                figures["closing"]["amountMinor"],
                figures["grr"]
            )
        };
        let mut lines: Vec<_> = groups.iter().map(group).collect();
        lines.sort();
        lines.join("; ")
    };
    assert_eq!(told("").await, "- 0/2 550 500 0.9090909090909091");
    assert_eq!(told("by: CSM").await, "- 0/1 400 400 1.0; ana 0/1 150 100 0.6666666666666666");
    let by_segment = told("by: MARKET_SEGMENT").await;
    assert_eq!(by_segment, "- 0/1 400 400 1.0; retail 0/1 150 100 0.6666666666666666");
    let by_package = told("by: PACKAGE").await;
    assert_eq!(by_package, "- 1/2 450 400 0.8888888888888888; gold 0/1 100 100 1.0");
    let only = format!("filter: {{ marketSegmentId: {{ eq: \"{retail}\" }} }}");
    assert_eq!(told(&only).await, "- 0/1 150 100 0.6666666666666666");
}

async fn products_on_lines_tell_an_upgrade_from_a_cross_sell(app: TestApp) {
    let token = &app.home().await.token;
    let mut products = Vec::new();
    for key in ["seats", "support", "training"] {
        let input = json!({ "key": key, "name": key });
        let made = app.mutate(token, "productCreate", "product { id }", input).await;
        products.push(made["product"]["id"].clone());
    }
    let line = |n: usize, quantity: i32, minor: i64| {
        let product = &products[n];
        json!({ "productId": product, "quantity": quantity, "amountMinor": minor })
    };
    let a = account(&app, "A").await;
    let lines = json!({ "interval": "MONTH", "lines": [line(0, 10, 100), line(1, 1, 50)] });
    let id = subscribe(&app, &a, "2026-01-01", 150, lines).await;
    let lines = json!({ "lines": [line(0, 20, 180), line(2, 1, 30)] });
    change(&app, &id, lines).await;
    insta::assert_snapshot!(movements(&app, &a).await, @r"
    2026-01-01 NEW 1800 BRL
    2026-01-20 UPGRADE 960 BRL seats
    2026-01-20 DOWNGRADE 600 BRL support
    2026-01-20 CROSS_SELL 360 BRL training
    ");
    let query = "query($id: ID!) { subscription(id: $id) {
        amount { amountMinor } lines { quantity amount { amountMinor currency } product { key } }
        account { recurringRevenue { amountMinor currency } } } }";
    let data = app.data(token, query, json!({ "id": id })).await;
    let line = |key: &str, quantity: i32, minor: i64| {
        json!({
            "quantity": quantity, "amount": { "amountMinor": minor, "currency": "BRL" },
            "product": { "key": key },
        })
    };
    assert_eq!(
        data["subscription"],
        json!({
            "amount": { "amountMinor": 210 },
            "lines": [line("seats", 20, 180), line("training", 1, 30)],
            "account": { "recurringRevenue": [{ "amountMinor": 2520, "currency": "BRL" }] },
        })
    );
}

async fn a_subscription_counts_from_its_first_to_its_last_day(app: TestApp) {
    let a = account(&app, "A").await;
    let later = json!({ "endsOn": "2026-03-31" });
    subscribe(&app, &a, "2026-02-01", 1200, later).await;
    assert_eq!(movements(&app, &a).await, "", "it has not begun");
    app.set_time("2026-02-01T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(movements(&app, &a).await, "2026-02-01 NEW 1200 BRL");
    app.set_time("2026-03-31T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(movements(&app, &a).await, "2026-02-01 NEW 1200 BRL", "the last day counts");
    app.set_time("2026-04-20T12:00:00Z");
    app.run_jobs().await;
    insta::assert_snapshot!(movements(&app, &a).await, @r"
    2026-02-01 NEW 1200 BRL
    2026-04-01 CHURN 1200 BRL
    ");
    let once = json!({ "interval": "ONE_OFF" });
    subscribe(&app, &a, "2026-04-01", 5000, once).await;
    assert_eq!(movements(&app, &a).await.lines().count(), 2, "what is paid once does not recur");
}

async fn an_account_that_is_lost_pays_nothing_any_more(app: TestApp) {
    let token = &app.home().await.token;
    let a = account(&app, "A").await;
    subscribe(&app, &a, "2025-01-01", 1000, json!({ "endsOn": "2026-12-31" })).await;
    subscribe(&app, &a, "2025-06-01", 500, json!({})).await;
    subscribe(&app, &a, "2027-01-01", 900, json!({})).await;
    let input = json!({ "id": a, "reason": "Closed", "churnedOn": "2026-01-15" });
    app.mutate(token, "accountChurn", "account { status }", input).await;
    insta::assert_snapshot!(movements(&app, &a).await, @r"
    2025-01-01 NEW 1000 BRL
    2025-06-01 CROSS_SELL 500 BRL
    2026-01-15 CHURN 500 BRL Closed
    2026-01-15 CHURN 1000 BRL Closed
    ");
    assert_eq!(renewals(&app, &a).await, "2026-12-31 LOST 2026-01-15\nnext: null");
    app.set_time("2027-02-01T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(movements(&app, &a).await.lines().count(), 4, "what was to come never begins");
}

async fn sums_of_the_largest_amounts_are_exact(app: TestApp) {
    const MOST: i64 = 1_000_000_000_000;
    let token = &app.home().await.token;
    let a = account(&app, "A").await;
    let over = json!({
        "accountId": a, "name": "Plan", "startsOn": "2026-01-01", "interval": "MONTH",
        "amount": { "amountMinor": MOST + 1, "currency": "BRL" },
    });
    let told = app.refused(token, "subscriptionCreate", over).await;
    assert_eq!(told, "amount.amountMinor: OUT_OF_RANGE");
    for _ in 0..100 {
        subscribe(&app, &a, "2026-01-01", MOST, json!({ "interval": "MONTH" })).await;
    }
    let query = "{ accountsSummary { recurringRevenue { amountMinor } }
        revenueReport(from: \"2025-12-01\", to: \"2026-01-31\") {
            periods { groups { currencies { closing { amountMinor } } } } } }";
    let data = app.data(token, query, json!({})).await;
    let sum = json!(100 * 12 * MOST);
    assert_eq!(data["accountsSummary"]["recurringRevenue"][0]["amountMinor"], sum);
    assert!(data["revenueReport"].to_string().contains(&sum.to_string()), "{data}");
}

async fn what_is_wrong_with_lines_and_renewals_is_told_at_once(app: TestApp) {
    let token = &app.home().await.token;
    let a = account(&app, "A").await;
    let product = app
        .mutate(
            token,
            "productCreate",
            "product { id }",
            json!({
                "key": "seats", "name": "Seats",
            }),
        )
        .await["product"]["id"]
        .clone();
    let nothing = global(jornada_domain::id::ProductId(uuid::Uuid::nil()));
    let input = json!({
        "accountId": a, "name": "Plan", "startsOn": "2026-01-01", "interval": "YEAR",
        "amount": { "amountMinor": 5, "currency": "BRL" },
        "lines": [
            { "productId": product, "amountMinor": 3 },
            { "productId": product, "quantity": 0, "amountMinor": 3 },
            { "productId": nothing, "amountMinor": -1 },
        ],
        "reason": "x".repeat(501),
    });
    let told = app.refused(token, "subscriptionCreate", input).await;
    insta::assert_snapshot!(told.replace("; ", "\n"), @r"
    lines.1.productId: DUPLICATE_KEY
    lines.1.quantity: OUT_OF_RANGE
    lines.2.productId: NOT_FOUND
    lines.2.amountMinor: OUT_OF_RANGE
    reason: TOO_LONG
    ");
    let id = subscribe(
        &app,
        &a,
        "2026-01-01",
        5,
        json!({
            "endsOn": "2026-12-31", "lines": [{ "productId": product, "amountMinor": 5 }],
        }),
    )
    .await;
    let price = json!({ "amountMinor": 6, "currency": "BRL" });
    let told = app.refused(token, "subscriptionUpdate", json!({ "id": id, "amount": price })).await;
    assert_eq!(told, "amount.amountMinor: CONTRADICTION");
    let renewal = open_renewal(&app, &a).await;
    let input = json!({ "id": renewal, "endsOn": "2026-12-31" });
    assert_eq!(app.refused(token, "renewalWin", input).await, "endsOn: TOO_EARLY");
    let input = json!({ "id": renewal, "reason": " " });
    assert_eq!(app.refused(token, "renewalLose", input).await, "reason: REQUIRED");
    assert_eq!(renewals(&app, &a).await, "2026-12-31 OPEN\nnext: \"2026-12-31\"");
}

async fn nested_money_takes_as_many_statements_for_many_accounts_as_for_one(app: TestApp) {
    let token = &app.home().await.token;
    let product = app
        .mutate(
            token,
            "productCreate",
            "product { id }",
            json!({
                "key": "seats", "name": "Seats",
            }),
        )
        .await["product"]["id"]
        .clone();
    let query = "{ accounts { nodes {
        recurringRevenue { amountMinor } nextRenewal { endsOn } renewals { nodes { status } }
        revenueMovements { nodes { kind product { key } } }
        subscriptions { nodes { lines { product { key } } } }
    } } }";
    let mut counts = Vec::new();
    for n in 0..4 {
        let a = account(&app, &format!("{n}")).await;
        let more = json!({
            "endsOn": "2026-12-31", "lines": [{ "productId": product, "amountMinor": 5 }],
        });
        let id = subscribe(&app, &a, "2026-01-01", 5, more).await;
        change(&app, &id, json!({ "lines": [{ "productId": product, "amountMinor": 7 }] })).await;
        let (_, count) = app.statements(app.data(token, query, json!({}))).await;
        counts.push(count);
    }
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}
