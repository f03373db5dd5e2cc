//! Every kind of records: what a file of it does, and that doing it again does nothing.

use std::fs;

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::Import;
use crate::customers::global;
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    contacts_come_with_roles_and_attributes,
    assignments_say_who_looks_after_an_account_and_who_did,
    subscriptions_come_with_attributes_and_what_they_bring,
    interactions_of_the_past_keep_their_time,
    responses_are_facts_that_never_change,
    points_of_metrics_stand_in_rows_or_in_columns,
    accounts_have_attributes_of_every_type,
    a_mapping_file_serves_every_kind,
    a_dry_run_shows_what_would_change,
);

const ACCOUNTS: &str = "id,name\n1,Alfa\n2,Beta\n";

impl Import<'_> {
    /// Imports a file of a kind twice: what it does, it does once.
    pub(super) async fn twice(&self, kind: &str, text: &str, [created, updated]: [u64; 2]) {
        let done = self.run_kind(kind, text, &[]).await;
        done.assert(created, updated, 0, 0);
        let events = self.event_count().await;
        self.run_kind(kind, text, &[]).await.assert(0, 0, created + updated, 0);
        // The import itself begins and ends.
        assert_eq!(self.event_count().await, events + 2, "nothing else is told");
    }

    pub(super) fn rejected_of(&self, kind: &str) -> String {
        fs::read_to_string(self.path(&format!("{kind}.rejected.csv"))).expect("rejected rows")
    }

    async fn define(&self, input: Value) {
        let token = self.app.home().await.token.clone();
        let desk = Desk { app: self.app.clone(), token };
        desk.done("attributeDefinitionCreate", input, "attributeDefinition").await;
    }
}

async fn contacts_come_with_roles_and_attributes(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let seat =
        json!({ "subjectKind": "CONTACT", "key": "seat", "name": "S", "valueType": "NUMBER" });
    import.define(seat).await;
    let text = "id,empresa,nome,e-mail,cargo,funções,principal,opt-out,attribute.seat\n\
                c1,1,Eva,EVA@x.example,CEO,Sponsor; Buyer,sim,não,12\n\
                c2,1,Rui,rui@x.example,,,,,\n";
    import.twice("contacts", text, [2, 0]).await;
    let query = "{ contacts(first: 10) { nodes { name email title isPrimary optedOutAt
        roles { label } attributes { key number }
        account { name } } } }";
    let eva = json!({
        "name": "Eva", "email": "eva@x.example", "title": "CEO", "isPrimary": true,
        "optedOutAt": null, "roles": [{ "label": "Buyer" }, { "label": "Sponsor" }],
        "attributes": [{ "key": "seat", "number": 12.0 }],
        "account": { "name": "Alfa" },
    });
    let mut seen = import.see(query).await;
    let mut roles = seen["contacts"]["nodes"][0]["roles"].take();
    let list = roles.as_array_mut().expect("roles");
    list.sort_by_key(|role| role["label"].to_string());
    seen["contacts"]["nodes"][0]["roles"] = roles;
    assert_eq!(seen["contacts"]["nodes"][0], eva);
    let moved = text.replace("c2,1,Rui", "c2,2,Rui").replace(",12\n", ",many\n");
    import.run_kind("contacts", moved, &[]).await.assert(0, 0, 0, 2);
    let rejected = import.rejected_of("contacts");
    for reason in ["attribute.seat: This is not a number", "empresa: This does not go together"] {
        assert!(rejected.contains(reason), "{rejected}");
    }
}

async fn assignments_say_who_looks_after_an_account_and_who_did(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let (ana, rui) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let text = format!(
        "cliente,owner email,role,desde,até\n\
         1,{ana},,2025-06-01,\n1,{rui},csm,2024-01-01,2025-05-31\n2,{rui},renewals,,\n",
        ana = ana.email,
        rui = rui.email
    );
    import.twice("assignments", &text, [3, 0]).await;
    let query = "{ accounts(first: 2) { nodes { csm { id } assignments(first: 5) { nodes {
        user { id } role { key } startsOn endsOn state } } } } }";
    let seen = import.see(query).await;
    let alfa = &seen["accounts"]["nodes"][0];
    assert_eq!(alfa["csm"]["id"], json!(global(ana.id)));
    let row = |user: String, starts: &str, ends: Option<&str>, state: &str| {
        json!({ "user": { "id": user }, "role": { "key": "csm" }, "startsOn": starts,
            "endsOn": ends, "state": state })
    };
    let expected = [
        row(global(ana.id), "2025-06-01", None, "CURRENT"),
        row(global(rui.id), "2024-01-01", Some("2025-05-31"), "ENDED"),
    ];
    assert_eq!(alfa["assignments"]["nodes"], json!(expected));
    let header = "account_id,user_email,role,starts_on,ends_on\n";
    for (row, reason) in [
        ("1,nobody@x.example,,,", "user_email: Nobody in the workspace has this e-mail address"),
        ("9,ANA,,,", "account_id: There is no such record"),
        ("1,ANA,king,,", "role: This is not an option in use"),
        ("1,ANA,,2024-05-01,2024-08-01", "starts_on: "),
        ("1,ANA,,2024-05-01,2024-04-01", "ends_on: This is too early"),
        ("1,ANA,,,2024-04-01", "starts_on: A value is needed"),
    ] {
        let row = row.replace("ANA", &ana.email);
        import.run_kind("assignments", format!("{header}{row}\n"), &[]).await.assert(0, 0, 0, 1);
        let rejected = import.rejected_of("assignments");
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
}

async fn subscriptions_come_with_attributes_and_what_they_bring(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let flag = json!({ "subjectKind": "SUBSCRIPTION", "key": "auto", "name": "A",
        "valueType": "BOOLEAN" });
    import.define(flag).await;
    let text = "Contract ID;conta;pacote;início;fim;valor;moeda;periodicidade;attribute:auto\n\
                k1;1;Pro;01/02/2024;31/01/2027;1.200,00;BRL;anual;sim\n\
                k2;1;Extra;01/06/2024;;50,00;BRL;;\n";
    import.twice("subscriptions", text, [2, 0]).await;
    let query = "{ accounts(first: 1) { nodes { subscriptions { nodes { name startsOn endsOn
        interval amount { amountMinor } attributes { key boolean } } } } }
        revenueMovements { nodes { happenedOn } } }";
    let seen = import.see(query).await;
    let subscriptions = &seen["accounts"]["nodes"][0]["subscriptions"]["nodes"];
    let pro = json!({
        "name": "Pro", "startsOn": "2024-02-01", "endsOn": "2027-01-31", "interval": "YEAR",
        "amount": { "amountMinor": 120_000 },
        "attributes": [{ "key": "auto", "boolean": true }],
    });
    assert!(subscriptions.as_array().expect("a list").contains(&pro), "{subscriptions}");
    let movements = seen["revenueMovements"]["nodes"].as_array().expect("a list");
    let days: Vec<_> = movements.iter().map(|it| it["happenedOn"].clone()).collect();
    assert!(days.contains(&json!("2024-02-01")), "revenue began when it began: {days:?}");
    let changed = text.replace("1.200,00", "1.500,00");
    import.run_kind("subscriptions", &changed, &[]).await.assert(0, 1, 1, 0);
}

async fn interactions_of_the_past_keep_their_time(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    import.run_kind("contacts", "id,account_id,name,email\nc1,1,Eva,eva@x.example\n", &[]).await;
    let email = app.home().await.owner.email.clone();
    let text = format!(
        "id,account_id,contact_email,owner,canal,assunto,notas,humor,data\n\
         i1,1,eva@x.example,{email},ligação,Kick-off,Tudo bem,muito positivo,15/03/2024 09:30\n\
         i2,1,,,,Visit,,2,2024-04-01\n"
    );
    import.twice("interactions", &text, [2, 0]).await;
    let query = "{ accounts(first: 1) { nodes { interactions { nodes { subject notes
        channel sentiment happenedAt contact { name } user { email } } } } }
        tasks { totalCount } alerts { totalCount } }";
    let seen = import.see(query).await;
    let nodes = &seen["accounts"]["nodes"][0]["interactions"]["nodes"];
    let kick_off = json!({
        "subject": "Kick-off", "notes": "Tudo bem", "channel": "PHONE",
        "sentiment": "VERY_POSITIVE", "happenedAt": "2024-03-15T12:30:00+00:00",
        "contact": { "name": "Eva" }, "user": { "email": email },
    });
    assert_eq!(nodes[1], kick_off);
    assert_eq!(nodes[0]["happenedAt"], "2024-04-01T15:00:00+00:00");
    assert_eq!(nodes[0]["user"], Value::Null);
    let none = json!({ "totalCount": 0 });
    assert_eq!((&seen["tasks"], &seen["alerts"]), (&none, &none));
}

async fn responses_are_facts_that_never_change(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let nps = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "NPS",
        "purpose": "RELATIONAL" });
    desk.done("surveyCreate", nps, "survey").await;
    let text = "id,conta,pesquisa,nota,comentário,data\n\
                r1,1,nps,9,Great,2025-12-01\nr2,2,nps,3,,2025-12-02\n";
    import.twice("responses", text, [2, 0]).await;
    let header = "id,account_id,survey,score,responded_at\n";
    for (row, reason) in [
        ("r1,1,nps,8,2025-12-01", "score: This does not go together with “external_id”"),
        ("r3,1,nps,11,2025-12-01", "score: "),
        ("r3,1,ces,1,2025-12-01", "survey: "),
        ("r3,1,nps,,2025-12-01", "score: A value is needed"),
        ("r3,1,nps,ten,2025-12-01", "score: This is not a number"),
        ("r3,1,nps,9,2999-01-01", "responded_at: "),
    ] {
        import.run_kind("responses", format!("{header}{row}\n"), &[]).await.assert(0, 0, 0, 1);
        let rejected = import.rejected_of("responses");
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
    let seen = import.see("{ surveys { nodes { responses { totalCount } } } }").await;
    assert_eq!(seen["surveys"]["nodes"][0]["responses"]["totalCount"], 2);
}

async fn points_of_metrics_stand_in_rows_or_in_columns(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let mut ids = Vec::new();
    for key in ["logins", "seats"] {
        let input = json!({ "key": key, "name": key, "unit": "n", "grain": "MONTH",
            "aggregation": "SUM", "direction": "HIGHER_IS_BETTER", "freshnessDays": 60 });
        ids.push(desk.done("metricCreate", input, "metric").await);
    }
    let rows = "account_id,metric,value,period\n1,logins,\"1.234,5\",2025-11-05\n";
    import.twice("metrics", rows, [1, 0]).await;
    let columns = "conta;mês;metric.logins;metric.seats\n1;01/11/2025;1.300,0;7\n2;01/11/2025;;3\n";
    import.run_kind("metrics", columns, &[]).await.assert(1, 1, 0, 0);
    import.run_kind("metrics", columns, &[]).await.assert(0, 0, 2, 0);
    let query = "query ($id: ID!) { accounts(first: 1) { nodes {
        metricSeries(metricId: $id, first: 5) { nodes { period value recordedAt } } } } }";
    let seen = desk.see(query, json!({ "id": ids[0] })).await;
    let logins = &seen["accounts"]["nodes"][0]["metricSeries"]["nodes"];
    let point = json!({ "period": "2025-11-01", "value": 1300.0,
        "recordedAt": "2025-12-01T03:00:00+00:00" });
    assert_eq!(logins, &json!([point]), "known when its month was over");
    let wrong =
        "account_id,period,metric.logins,metric.none\n1,2025-11-01,much,1\n9,2999-01-01,1,\n";
    import.run_kind("metrics", wrong, &[]).await.assert(0, 0, 0, 2);
    let rejected = import.rejected_of("metrics");
    assert!(rejected.contains("metric.logins: This is not a number"), "{rejected}");
}

async fn accounts_have_attributes_of_every_type(app: TestApp) {
    let import = Import::new(&app);
    let desk = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let set =
        desk.done("optionSetCreate", json!({ "key": "tier", "name": "T" }), "optionSet").await;
    let gold = json!({ "setId": set, "key": "gold", "label": "Ouro Fino" });
    desk.done("optionCreate", gold, "option").await;
    for (key, kind) in [
        ("note", "TEXT"),
        ("seats", "NUMBER"),
        ("vip", "BOOLEAN"),
        ("since", "DATE"),
        ("tier", "OPTION"),
        ("arr", "MONEY"),
    ] {
        let set = (kind == "OPTION").then_some(&set);
        import
            .define(json!({ "subjectKind": "ACCOUNT", "key": key, "name": key, "valueType": kind,
                "optionSetId": set }))
            .await;
    }
    let header = "id,name,attribute.note,attribute.seats,attribute.vip,attribute.since,\
                  attribute.tier,attribute.arr\n";
    let text = format!("{header}1,Alfa,hello,\"12,5\",não,31/01/2024,ouro fino,\"1.500,00 USD\"\n");
    import.twice("accounts", &text, [1, 0]).await;
    let query = "{ accounts(first: 1) { nodes { attributes { key text number boolean date
        option { label } money { amountMinor currency } } } } }";
    let seen = import.see(query).await;
    let attributes = seen["accounts"]["nodes"][0]["attributes"].as_array().expect("a list").clone();
    let value = |key: &str, property: &str| {
        let found = attributes.iter().find(|it| it["key"] == key).expect("it has a value");
        found[property].clone()
    };
    assert_eq!(value("note", "text"), "hello");
    assert_eq!(value("seats", "number"), 12.5);
    assert_eq!(value("vip", "boolean"), false);
    assert_eq!(value("since", "date"), "2024-01-31");
    assert_eq!(value("tier", "option"), json!({ "label": "Ouro Fino" }));
    assert_eq!(value("arr", "money"), json!({ "amountMinor": 150_000, "currency": "USD" }));
    let wrong = format!("{header}1,Alfa,,x,maybe,soon,silver,1.234\n");
    import.run(wrong).await.assert(0, 0, 0, 1);
    let rejected = import.rejected();
    for column in ["seats", "vip", "since", "tier", "arr"] {
        assert!(rejected.contains(&format!("attribute.{column}: ")), "{rejected}");
    }
    import.run("id,name,attribute.none\n1,Alfa,x\n").await.assert(0, 0, 0, 1);
    assert!(
        import.rejected().contains("attribute.none: There is no attribute"),
        "{}",
        import.rejected()
    );
}

async fn a_mapping_file_serves_every_kind(app: TestApp) {
    let import = Import::new(&app);
    let path = import.path("mapping.toml");
    let mapping = "[accounts.columns]\n'Company ID' = 'external_id'\n'Company' = 'name'\n\
        'Stage' = 'status'\n'Notes' = ''\n[accounts.values]\ncountry = 'BR'\n\
        [accounts.words.status]\n'Em implantação' = 'trial'\n\
        [contacts.columns]\n'Person' = 'external_id'\n'Firm' = 'account_external_id'\n";
    fs::write(&path, mapping).expect("the mapping is written");
    let path = path.to_str().expect("the path is text");
    let text = "Company ID,Company,Stage,Notes\n1,Alfa,em implantação,secret\n";
    let done = import.run_with(text, &["--mapping", path]).await;
    done.assert(1, 0, 0, 0);
    assert_eq!(done.warnings, [""; 0]);
    let account = &import.accounts().await[0];
    assert_eq!((&account["status"], &account["country"]), (&json!("TRIAL"), &json!("BR")));
    let text = "Person,Firm,name\nc1,1,Eva\n";
    import.run_kind("contacts", text, &["--mapping", path]).await.assert(1, 0, 0, 0);
    fs::write(path, "[accounts.columns]\n'Company' = 'nam'\n").expect("the mapping is written");
    let done = import.run_with(text, &["--mapping", path]).await;
    assert_eq!(done.code, 2, "{}", done.error);
    assert!(done.error.contains("`accounts.columns` names `nam`, which is no column"));
}

async fn a_dry_run_shows_what_would_change(app: TestApp) {
    let import = Import::new(&app);
    import.run("id,name,city\n1,Alfa,Recife\n2,Beta,Natal\n").await.assert(2, 0, 0, 0);
    let events = import.event_count().await;
    let text = "id,name,city,parent_id\n1,Alfa,Recife,\n2,Beta,Olinda,\n3,Gama,,4\n4,Delta,,\n";
    let done = import.run_with(text, &["--dry-run"]).await;
    done.assert(2, 1, 1, 0);
    let change = &done.changes[0];
    assert_eq!((&change["line"], &change["key"]), (&json!(3), &json!("2")));
    let city = json!({ "city": { "before": "Natal", "after": "Olinda" } });
    assert_eq!(change["changes"], json!([{ "action": "account.updated", "changes": city }]));
    let actions: Vec<_> = done.changes.iter().map(|it| &it["changes"][0]["action"]).collect();
    assert_eq!(actions, ["account.updated", "account.created", "account.created"]);
    assert_eq!(import.event_count().await, events);
    let text = "id,account_id,name,email\nc1,1,Eva,eva@x.example\n";
    let done = import.run_kind("contacts", text, &["--dry-run"]).await;
    let told = serde_json::to_string(&done.changes).expect("it is JSON");
    assert!(!told.contains("eva@x.example") && told.contains("personal"), "{told}");
}
