//! Files that would rewrite what is known: erased people, second primary contacts, customers who
//! were lost on a day that nobody said, products and prices of the past.

use serde_json::{Value, json};

use super::Import;
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    who_was_erased_does_not_come_back_with_the_next_file,
    what_somebody_said_who_was_erased_does_not_come_back,
    a_second_primary_contact_of_an_account_is_rejected,
    who_was_lost_some_day_was_not_lost_today,
    who_was_lost_pays_for_nothing_whichever_file_comes_first,
    subscriptions_come_with_their_products,
    a_price_changes_on_the_day_that_the_file_says,
    a_currency_in_a_cell_is_the_currency_of_its_amount,
    what_is_there_keeps_its_currency_and_its_interval,
    a_chain_of_parents_that_is_too_long_is_no_circle,
);

const ACCOUNTS: &str = "id,name\n1,Alfa\n2,Beta\n";

/// The desk of the owner.
async fn desk(app: &TestApp) -> Desk {
    Desk { app: app.clone(), token: app.home().await.token.clone() }
}

async fn contacts(import: &Import<'_>) -> Vec<Value> {
    let query = "{ contacts(first: 10) { nodes { id name isPrimary } } }";
    let mut seen = import.see(query).await;
    serde_json::from_value(seen["contacts"]["nodes"].take()).expect("a list")
}

async fn who_was_erased_does_not_come_back_with_the_next_file(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let text = "id,account_id,name,email\nc1,1,Eva,eva@x.example\nc2,1,Rui,rui@x.example\n";
    import.run_kind("contacts", text, &[]).await.assert(2, 0, 0, 0);
    let eva = contacts(&import).await[0]["id"].clone();
    let desk = desk(&app).await;
    desk.done("contactErase", json!({ "id": eva }), "contact").await;
    let more = format!("{text}c3,2,Zoe,zoe@x.example\n");
    import.run_kind("contacts", &more, &[]).await.assert(1, 0, 1, 1);
    let rejected = import.rejected_of("contacts");
    assert!(
        rejected.contains("eva@x.example,\"id: Somebody known by this was erased"),
        "{rejected}"
    );
    let names: Vec<_> = contacts(&import).await.iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["Rui", "Zoe"]);
    // By the address too, whatever the other system calls the person now.
    let anew = "id,account_id,name,email\nc9,1,Eva, EVA@x.example \n";
    import.run_kind("contacts", anew, &[]).await.assert(0, 0, 0, 1);
    assert!(import.rejected_of("contacts").contains("email: Somebody known by this was erased"));
    assert!(!import.rejected_of("contacts").contains("add a new contact"));
    let rui = contacts(&import).await[0]["id"].clone();
    for external_id in ["c1", "erased:00"] {
        let known = json!({ "system": "csv", "externalId": external_id, "subjectId": rui });
        assert_eq!(desk.refused("externalRefPut", known).await, ["externalId ERASED_BEFORE"]);
    }
    // Another system may call somebody else so.
    let other = json!({ "system": "crm", "externalId": "c1", "subjectId": rui });
    desk.done("externalRefPut", other, "externalRef").await;
    let refs = import.see("{ externalRefs { nodes { externalId } } }").await;
    let refs = refs["externalRefs"]["nodes"].to_string();
    assert!(!refs.contains("erased:"), "{refs}");
}

async fn what_somebody_said_who_was_erased_does_not_come_back(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let text = "id,account_id,name\nc1,1,Eva\nc2,1,Rui\n";
    import.run_kind("contacts", text, &[]).await.assert(2, 0, 0, 0);
    let desk = desk(&app).await;
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    desk.done("surveyCreate", nps, "survey").await;
    let met = "id,account_id,contact_id,subject,date\neva-1,1,c1,Call,2025-03-01\n\
               rui-1,1,c2,Call,2025-03-01\n";
    let said = "id,account_id,contact_id,survey,score,date\neva-2,1,c1,nps,9,2025-03-01\n\
                rui-2,1,c2,nps,9,2025-03-01\n";
    import.run_kind("interactions", met, &[]).await.assert(2, 0, 0, 0);
    import.run_kind("responses", said, &[]).await.assert(2, 0, 0, 0);
    let eva = contacts(&import).await[0]["id"].clone();
    desk.done("contactErase", json!({ "id": eva }), "contact").await;
    let refs = import.see("{ externalRefs { nodes { externalId } } }").await.to_string();
    assert!(refs.contains("rui-1") && refs.contains("rui-2"), "{refs}");
    assert!(!refs.contains("eva-") && !refs.contains("erased:"), "{refs}");
    // Also where the file no longer says with whom it was.
    for (kind, text) in [("interactions", met), ("responses", said)] {
        import.run_kind(kind, text, &[]).await.assert(0, 0, 1, 1);
        let text = text.replace(",c1,", ",,");
        import.run_kind(kind, &text, &[]).await.assert(0, 0, 1, 1);
        let rejected = import.rejected_of(kind);
        assert!(rejected.contains("id: Somebody known by this was erased"), "{rejected}");
    }
}

async fn a_second_primary_contact_of_an_account_is_rejected(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let text = "id,account_id,name,is_primary\nc1,1,Eva,yes\nc2,2,Rui,yes\nc3,1,Zoe,yes\n\
                c4,1,Ian,no\n";
    import.run_kind("contacts", text, &[]).await.assert(3, 0, 0, 1);
    let rejected = import.rejected_of("contacts");
    assert!(rejected.contains("c3,1,Zoe,yes,") && rejected.contains("line 2 says"), "{rejected}");
    import.run_kind("contacts", text, &[]).await.assert(0, 0, 3, 1);
    let mended = rejected.replace("yes", "no");
    import.run_kind("contacts", mended, &[]).await.assert(1, 0, 0, 0);
}

async fn who_was_lost_some_day_was_not_lost_today(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,status,status_since\n1,Alfa,churned,\n2,Beta,paused,\n\
                3,Gama,churned,2025-03-01\n4,Delta,active,\n";
    import.run(text).await.assert(2, 0, 0, 2);
    let rejected = import.rejected();
    assert_eq!(rejected.matches("status_since: A value is needed").count(), 2, "{rejected}");
    assert_eq!(import.names().await, ["Delta", "Gama"]);
    // One that is there already leaves today, unless the file says when.
    import.run("id,name,status\n4,Delta,churned\n").await.assert(0, 1, 0, 0);
}

async fn who_was_lost_pays_for_nothing_whichever_file_comes_first(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,status,status_since,customer_since\n\
                1,Alfa,churned,2025-08-01,2024-01-01\n2,Beta,active,,2024-01-01\n";
    import.run(text).await.assert(2, 0, 0, 0);
    let text = "id;account_id;name;starts_on;ends_on;interval;amount\n\
                k1;1;Plus;2025-01-01;2026-12-31;month;500,00\n\
                k2;2;Plus;2025-01-01;2026-12-31;month;300,00\n\
                k3;1;Old;2024-01-01;2024-12-31;month;200,00\n";
    import.twice("subscriptions", text, [3, 0]).await;
    let query = "{ accounts(first: 5) { nodes { name recurringRevenue { amountMinor } } }
        revenueReport(from: \"2025-07-01\", to: \"2025-12-31\") { periods { groups {
            lostAccounts currencies { grr opening { amountMinor } closing { amountMinor } }
        } } } }";
    let seen = import.see(query).await;
    assert_eq!(seen["accounts"]["nodes"][0]["recurringRevenue"], json!([]));
    let late = "id;account_id;name;starts_on;interval;amount\nk4;1;Late;2025-09-01;month;1,00\n";
    import.run_kind("subscriptions", late, &[]).await.assert(0, 0, 0, 1);
    assert!(import.rejected_of("subscriptions").contains("starts_on: "));
    let group = &seen["revenueReport"]["periods"][0]["groups"][0];
    let money = |minor: i64| json!({ "amountMinor": minor });
    let expected = json!({ "lostAccounts": 1, "currencies": [
        { "grr": 0.375, "opening": money(960_000), "closing": money(360_000) },
    ] });
    assert_eq!(group, &expected);
}

async fn products(desk: &Desk) {
    for key in ["crm", "bot"] {
        desk.done("productCreate", json!({ "key": key, "name": key }), "product").await;
    }
}

const SOLD: &str = "{ subscriptions(first: 1) { nodes { amount { amountMinor }
    lines { product { key } quantity amount { amountMinor } } } } }";

async fn subscriptions_come_with_their_products(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    products(&desk(&app).await).await;
    let text = "id;account_id;name;starts_on;amount;products\n\
                k1;1;Plus;2026-01-01;;crm=1.100,00|bot=50,00\n\
                k2;2;Plus;2026-01-01;150,00;\"crm = 100,00; bot = 50,00\"\n";
    import.twice("subscriptions", text, [2, 0]).await;
    let line = |key: &str, minor: i64| {
        let amount = json!({ "amountMinor": minor });
        json!({ "product": { "key": key }, "quantity": 1, "amount": amount })
    };
    let plus = json!({ "amount": { "amountMinor": 115_000 },
        "lines": [line("crm", 110_000), line("bot", 5_000)] });
    assert_eq!(import.see(SOLD).await["subscriptions"]["nodes"][0], plus);
    let header = "id;account_id;name;starts_on;amount;products\n";
    for (row, reason) in [
        ("k9;1;Plus;2026-01-01;;crm=100,00|fax=1,00", "products: There is no product “fax” here"),
        ("k9;1;Plus;2026-01-01;99,00;crm=100,00", "products: This does not go together with “a"),
        ("k9;1;Plus;2026-01-01;;crm", "products: Write each product as its key"),
        ("k9;1;Plus;2026-01-01;;crm=1,00|crm=1,00", "products: This stands twice"),
        ("k9;1;Plus;2026-01-01;;", "amount: A value is needed"),
    ] {
        import.run_kind("subscriptions", format!("{header}{row}\n"), &[]).await.assert(0, 0, 0, 1);
        let rejected = import.rejected_of("subscriptions");
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
}

async fn a_price_changes_on_the_day_that_the_file_says(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    products(&desk(&app).await).await;
    let text = "id,account_id,name,starts_on,products\nk1,1,Plus,2025-06-01,crm=100.00\n";
    import.run_kind("subscriptions", text, &[]).await.assert(1, 0, 0, 0);
    let text = "id,products,effective_on\nk1,crm=120.00|bot=30.00,2025-10-01\n";
    import.twice("subscriptions", text, [0, 1]).await;
    let query = "{ revenueMovements { nodes { happenedOn kind amount { amountMinor }
        product { key } } } }";
    let seen = import.see(query).await;
    let of = |node: &Value| {
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let (day, kind) = (word(&node["happenedOn"]), word(&node["kind"]));
        format!("{day} {kind} {} {}", word(&node["product"]["key"]), node["amount"]["amountMinor"])
    };
    let nodes = seen["revenueMovements"]["nodes"].as_array().expect("a list");
    let mut told: Vec<_> = nodes.iter().map(of).collect();
    told.sort();
    let expected = [
        "2025-06-01 NEW - 120000",
        "2025-10-01 CROSS_SELL bot 36000",
        "2025-10-01 UPGRADE crm 24000",
    ];
    assert_eq!(told, expected);
    let late = "id,amount,products,effective_on\nk1,200.00,crm=200.00,2999-01-01\n";
    import.run_kind("subscriptions", late, &[]).await.assert(0, 0, 0, 1);
    let rejected = import.rejected_of("subscriptions");
    assert!(rejected.contains("effective_on: This is too late"), "{rejected}");
}

/// What each subscription costs, by its name.
async fn prices(import: &Import<'_>) -> Vec<String> {
    let query = "{ subscriptions(first: 50) { nodes { name interval
        amount { amountMinor currency } } } }";
    let seen = import.see(query).await;
    let of = |node: &Value| {
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let (name, interval) = (word(&node["name"]), word(&node["interval"]));
        let amount = &node["amount"];
        format!("{name} {} {} {interval}", word(&amount["currency"]), amount["amountMinor"])
    };
    let nodes = seen["subscriptions"]["nodes"].as_array().expect("a list");
    let mut told: Vec<_> = nodes.iter().map(of).collect();
    told.sort();
    told
}

async fn a_currency_in_a_cell_is_the_currency_of_its_amount(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    products(&desk(&app).await).await;
    let text = "id;account_id;name;starts_on;amount;currency;products\n\
                k1;1;A;2026-01-01;US$ 100;;\nk2;1;B;2026-01-01;100 EUR;EUR;\n\
                k3;1;C;2026-01-01;R$ 1.234,50;;\nk4;1;D;2026-01-01;$ 7;MXN;\n\
                k5;1;E;2026-01-01;;;crm=US$ 5|bot=1\n";
    import.twice("subscriptions", text, [5, 0]).await;
    let expected = [
        "A USD 10000 MONTH",
        "B EUR 10000 MONTH",
        "C BRL 123450 MONTH",
        "D MXN 700 MONTH",
        "E USD 600 MONTH",
    ];
    assert_eq!(prices(&import).await, expected);
    let header = "id;account_id;name;starts_on;amount;currency;products\n";
    let contradiction = "This does not go together with “currency”";
    for (row, reason) in [
        ("k9;1;X;2026-01-01;US$ 100;BRL;", format!("amount: {contradiction}")),
        ("k9;1;X;2026-01-01;$ 100;EUR;", format!("amount: {contradiction}")),
        ("k9;1;X;2026-01-01;;BRL;crm=€ 1", format!("products: {contradiction}")),
        ("k9;1;X;2026-01-01;;;crm=€ 1|bot=£ 1", format!("products: {contradiction}")),
        ("k9;1;X;2026-01-01;R$ 1;;crm=€ 1", "products: This does not go together with “a".into()),
        ("k9;1;X;2026-01-01;$ 100;;", "amount: This is not a clear amount".into()),
        ("k9;1;X;2026-01-01;12 mil;;", "amount: This is not a clear amount".into()),
        ("k9;1;X;2026-01-01;10k;;", "amount: This is not a clear amount".into()),
        ("k9;1;X;2026-01-01;2M;;", "amount: This is not a clear amount".into()),
        ("k9;1;X;2026-01-01;abc 5;;", "amount: This is not a clear amount".into()),
    ] {
        import.run_kind("subscriptions", format!("{header}{row}\n"), &[]).await.assert(0, 0, 0, 1);
        let rejected = import.rejected_of("subscriptions");
        assert!(rejected.contains(&reason), "{reason}: {rejected}");
    }
    let text = "id,name,customer_since,valor,moeda\n3,Gama,2026-01-01,US$ 9,\n\
                4,Delta,2026-01-01,US$ 9,BRL\n5,Eco,2026-01-01,3 mil,\n";
    import.run(text).await.assert(1, 0, 0, 2);
    let rejected = import.rejected();
    assert!(rejected.contains("valor: This does not go together with “subscription_currency”"));
    assert!(rejected.contains("valor: This is not a clear amount"), "{rejected}");
    assert!(prices(&import).await.contains(&"Gama USD 900 MONTH".to_owned()));
}

async fn what_is_there_keeps_its_currency_and_its_interval(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,customer_since,valor,moeda,periodicidade\n\
                1,Alfa,2026-01-01,100.00,USD,trimestral\n2,Beta,2026-01-01,1500,JPY,\n";
    import.run(text).await.assert(2, 0, 0, 0);
    let text = "id,account_id,name,starts_on,amount,currency,interval\n\
                k1,1,Hosting,2026-01-01,100.00,USD,quarter\n";
    import.run_kind("subscriptions", text, &[]).await.assert(1, 0, 0, 0);
    import.run("id,name,valor\n1,Alfa,110.00\n2,Beta,1600\n").await.assert(0, 2, 0, 0);
    import.twice("subscriptions", "id,amount\nk1,110\n", [0, 1]).await;
    let expected = ["Alfa USD 11000 QUARTER", "Beta JPY 1600 MONTH", "Hosting USD 11000 QUARTER"];
    assert_eq!(prices(&import).await, expected);
    let seen = import.see("{ revenueMovements { nodes { kind amount { currency } } } }").await;
    let told = seen["revenueMovements"]["nodes"].to_string();
    assert!(!told.contains("BRL") && !told.contains("DOWNGRADE"), "{told}");
    // What is said, holds.
    import.run_kind("subscriptions", "id,amount\nk1,R$ 500\n", &[]).await.assert(0, 1, 0, 0);
    assert_eq!(prices(&import).await[2], "Hosting BRL 50000 QUARTER");
    // Half a yen is none.
    import.run("id,name,valor\n2,Beta,\"1,5\"\n").await.assert(0, 0, 0, 1);
    assert!(import.rejected().contains("valor: This is not a clear amount"));
}

async fn a_chain_of_parents_that_is_too_long_is_no_circle(app: TestApp) {
    let import = Import::new(&app);
    let row = |level: u32| format!("{level},Level {level},{}\n", level - 1);
    let rows: String = (2..=51).map(row).collect();
    let text = format!("id,name,parent\n1,Level 1,\n{rows}");
    import.run(text).await.assert(50, 0, 0, 1);
    let rejected = import.rejected();
    assert!(rejected.contains("51,Level 51,50,parent: Accounts can be parts"), "{rejected}");
    assert!(rejected.contains("on 50 levels at most"), "{rejected}");
}
