//! Attributes: what is accepted of them, how they are told, and how they find and sort records.

mod list;

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both, problems};
use crate::selection_rules::template;

both!(
    an_attribute_is_given_shown_and_emptied,
    a_value_must_fit_its_definition,
    a_definition_is_checked_as_a_whole,
    personal_values_are_never_told,
    every_type_filters_and_selection_rules_say_the_same,
    contacts_and_subscriptions_have_attributes_too,
    attributes_of_many_accounts_take_as_many_statements_as_those_of_one,
    an_attribute_that_is_put_away_is_no_longer_shown_or_given,
);

/// Defines an attribute and gives its id.
pub(crate) async fn define(app: &TestApp, key: &str, value_type: &str, more: Value) -> String {
    let mut input = json!({
        "subjectKind": "ACCOUNT", "key": key, "name": key, "valueType": value_type,
    });
    merge(&mut input, more);
    let token = &app.home().await.token;
    let made =
        app.mutate(token, "attributeDefinitionCreate", "attributeDefinition { id }", input).await;
    text(&made["attributeDefinition"]["id"])
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a text").to_owned()
}

/// Defines an attribute of each type; gives the ids of two options of the last.
async fn one_of_each_type(app: &TestApp) -> [String; 2] {
    for (key, value_type) in [
        ("motto", "TEXT"),
        ("seats", "NUMBER"),
        ("reference", "BOOLEAN"),
        ("go_live", "DATE"),
        ("budget", "MONEY"),
    ] {
        define(app, key, value_type, json!({})).await;
    }
    let token = &app.home().await.token;
    let input = json!({ "key": "tier", "name": "Tier" });
    let set = app.mutate(token, "optionSetCreate", "optionSet { id }", input).await;
    let set_id = text(&set["optionSet"]["id"]);
    define(app, "tier", "OPTION", json!({ "optionSetId": set_id })).await;
    let mut ids = Vec::new();
    for key in ["gold", "silver"] {
        let input = json!({ "setId": set_id, "key": key, "label": key });
        let made = app.mutate(token, "optionCreate", "option { id }", input).await;
        ids.push(text(&made["option"]["id"]));
    }
    ids.try_into().expect("there are two")
}

/// Opens an account with values of attributes.
async fn open(app: &TestApp, name: &str, attributes: Value) -> String {
    let input = json!({
        "name": name, "attributes": attributes, "journeyStart": { "none": true },
    });
    let token = &app.home().await.token;
    let opened = app.mutate(token, "accountCreate", "account { id }", input).await;
    text(&opened["account"]["id"])
}

/// The accounts that a condition on an attribute keeps.
async fn kept(app: &TestApp, key: &str, value: Value) -> Vec<String> {
    let query = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { name } } }";
    let filter = json!({ "attributes": [{ "key": key, "value": value }] });
    let data = app.data(&app.home().await.token, query, json!({ "filter": filter })).await;
    let nodes = data["accounts"]["nodes"].as_array().expect("it is a list");
    nodes.iter().map(|node| text(&node["name"])).collect()
}

async fn an_attribute_is_given_shown_and_emptied(app: TestApp) {
    let [gold, _] = one_of_each_type(&app).await;
    let token = &app.home().await.token;
    let values = json!([
        { "key": "motto", "value": { "text": " Pão & Ação " } },
        { "key": "seats", "value": { "number": 12.5 } },
        { "key": "reference", "value": { "boolean": false } },
        { "key": "go_live", "value": { "date": "2026-03-01" } },
        { "key": "tier", "value": { "optionId": gold } },
        { "key": "budget", "value": { "money": { "amountMinor": 1050, "currency": "BRL" } } },
    ]);
    let id = open(&app, "Padaria", values).await;
    let selection = "account { version attributes {
        key text number boolean date option { key } money { amountMinor currency }
        definition { valueType }
    } }";
    let input = json!({
        "id": id,
        "attributes": [{ "key": "motto" }, { "key": "seats", "value": { "number": 12.5 } }],
    });
    let changed = app.mutate(token, "accountUpdate", selection, input).await;
    insta::assert_snapshot!(bare(&changed["account"]), @r#"
    version 2
    budget MONEY {"amountMinor":1050,"currency":"BRL"}
    go_live DATE "2026-03-01"
    reference BOOLEAN false
    seats NUMBER 12.5
    tier OPTION {"key":"gold"}
    "#);
    let same = json!({ "id": id, "attributes": [{ "key": "seats", "value": { "number": 12.5 } }] });
    let same = app.mutate(token, "accountUpdate", "account { version }", same).await;
    assert_eq!(same["account"]["version"], 2, "what is as it was is no change");
    let query = "{ auditEntries(first: 50) { nodes { action changes } } }";
    let data = app.data(token, query, json!({})).await;
    let entries = data["auditEntries"]["nodes"].as_array().expect("it is a list").clone();
    let changes = entries.iter().find(|entry| entry["action"] == "account.updated");
    let expected = json!({ "before": { "motto": "Pão & Ação" }, "after": { "motto": null } });
    assert_eq!(changes.expect("it was told")["changes"]["attributes"], expected);
}

/// The attributes of an account, one a line.
fn bare(account: &Value) -> String {
    let values = account["attributes"].as_array().expect("it is a list");
    let mut lines: Vec<_> = values
        .iter()
        .map(|value| {
            let fields = ["text", "number", "boolean", "date", "option", "money"];
            let there: Vec<_> = fields.iter().filter(|field| !value[**field].is_null()).collect();
            assert_eq!(there.len(), 1, "{value}");
            let value_type = text(&value["definition"]["valueType"]);
            format!("{} {value_type} {}", text(&value["key"]), value[*there[0]])
        })
        .collect();
    lines.sort();
    format!("version {}\n{}", account["version"], lines.join("\n"))
}

async fn a_value_must_fit_its_definition(app: TestApp) {
    let [gold, _] = one_of_each_type(&app).await;
    define(&app, "share", "NUMBER", json!({ "minimum": 0.0, "maximum": 1.0 })).await;
    let token = &app.home().await.token;
    let query = "{ optionSetByKey(key: \"package\") { id } }";
    let set_id = text(&app.data(token, query, json!({})).await["optionSetByKey"]["id"]);
    let input = json!({ "setId": set_id, "key": "other", "label": "Other" });
    let other = app.mutate(token, "optionCreate", "option { id }", input).await;
    let input = json!({ "name": "", "attributes": [
        { "key": "nothing", "value": { "number": 1.0 } },
        { "key": "seats", "value": { "text": "many" } },
        { "key": "motto", "value": { "text": "x".repeat(501) } },
        { "key": "share", "value": { "number": 1.5 } },
        { "key": "tier", "value": { "optionId": other["option"]["id"] } },
        { "key": "budget", "value": { "money": { "amountMinor": -1, "currency": "R$" } } },
        { "key": "go_live", "value": { "date": "2026-01-01" } },
        { "key": "go_live", "value": { "date": "2026-01-02" } },
    ] });
    let told = app.refused(token, "accountCreate", input).await;
    insta::assert_snapshot!(told.replace("; ", "\n"), @r"
    attributes.0.key: UNKNOWN_ATTRIBUTE
    attributes.1.value: WRONG_TYPE
    attributes.2.value.text: TOO_LONG
    attributes.3.value.number: OUT_OF_RANGE
    attributes.4.value.optionId: UNKNOWN_OPTION
    attributes.5.value.money.amountMinor: OUT_OF_RANGE
    attributes.5.value.money.currency: BAD_FORMAT
    attributes.7.key: DUPLICATE_KEY
    name: REQUIRED
    ");
    // An option that was put away stays where it is, and is given to nobody else.
    let id = open(&app, "Padaria", json!([{ "key": "tier", "value": { "optionId": gold } }])).await;
    app.mutate(token, "optionArchive", "option { id }", json!({ "id": gold })).await;
    let again = json!([{ "key": "tier", "value": { "optionId": gold } }]);
    let kept = json!({ "id": id, "name": "Padaria 2", "attributes": again });
    app.mutate(token, "accountUpdate", "account { id }", kept).await;
    let told =
        app.refused(token, "accountCreate", json!({ "name": "B", "attributes": again })).await;
    assert_eq!(told, "attributes.0.value.optionId: UNKNOWN_OPTION");
    let many: Vec<_> = (0..201).map(|n| json!({ "key": format!("k{n}") })).collect();
    let told =
        app.refused(token, "accountCreate", json!({ "name": "B", "attributes": many })).await;
    assert_eq!(told, "attributes: TOO_MANY");
}

async fn a_definition_is_checked_as_a_whole(app: TestApp) {
    let id = define(&app, "seats", "NUMBER", json!({ "minimum": 1.0 })).await;
    let token = &app.home().await.token;
    let refused = async |more| {
        let mut input = json!({
            "subjectKind": "ACCOUNT", "key": "k", "name": "K", "valueType": "TEXT",
        });
        merge(&mut input, more);
        app.refused(token, "attributeDefinitionCreate", input).await
    };
    let told = refused(json!({ "key": "A b", "name": " ", "minimum": 1.0 })).await;
    assert_eq!(told, "key: BAD_FORMAT; name: REQUIRED; minimum: CONTRADICTION");
    let told = refused(json!({ "valueType": "NUMBER", "minimum": 2.0, "maximum": 1.0 })).await;
    assert_eq!(told, "maximum: CONTRADICTION");
    assert_eq!(refused(json!({ "valueType": "OPTION" })).await, "optionSetId: REQUIRED");
    assert_eq!(refused(json!({ "key": "seats" })).await, "key: TAKEN");
    let other = json!({ "subjectKind": "CONTACT" });
    define(&app, "seats", "TEXT", other).await;
    let input = json!({ "id": id, "maximum": 0.0 });
    assert_eq!(
        app.refused(token, "attributeDefinitionUpdate", input).await,
        "maximum: CONTRADICTION"
    );
    let input = json!({ "id": id, "maximum": 9.0, "minimum": null });
    let selection = "attributeDefinition { minimum maximum version }";
    let changed = app.mutate(token, "attributeDefinitionUpdate", selection, input).await;
    let expected = json!({ "minimum": null, "maximum": 9.0, "version": 2 });
    assert_eq!(changed["attributeDefinition"], expected);
}

async fn personal_values_are_never_told(app: TestApp) {
    define(&app, "secret", "TEXT", json!({ "isPersonal": true })).await;
    define(&app, "birthday", "TEXT", json!({ "subjectKind": "CONTACT" })).await;
    let token = &app.home().await.token;
    let secret = |value: &str| json!([{ "key": "secret", "value": { "text": value } }]);
    let id = open(&app, "Padaria", secret("xyzzy one")).await;
    let input = json!({ "id": id, "attributes": secret("xyzzy two") });
    let changed = app.mutate(token, "accountUpdate", "account { version }", input).await;
    assert_eq!(changed["account"]["version"], 2);
    let input = json!({
        "accountId": id, "name": "Ana",
        "attributes": [{ "key": "birthday", "value": { "text": "xyzzy three" } }],
    });
    app.mutate(token, "contactCreate", "contact { id }", input).await;
    let query = "{ auditEntries(first: 100) { nodes { changes } }
        events(first: 100) { nodes { type changed } } }";
    let data = app.data(token, query, json!({})).await;
    assert!(!data.to_string().contains("xyzzy"), "{data}");
    let changed = data["events"]["nodes"].as_array().expect("it is a list").iter();
    let of_account = changed.filter(|event| event["type"] == "account.updated");
    let fields: Vec<_> = of_account.map(|event| event["changed"].clone()).collect();
    assert_eq!(fields, [json!(["attributes"])]);
}

async fn every_type_filters_and_selection_rules_say_the_same(app: TestApp) {
    let [gold, silver] = one_of_each_type(&app).await;
    let values = [
        json!([
            { "key": "motto", "value": { "text": "Ação já" } },
            { "key": "seats", "value": { "number": 10.0 } },
            { "key": "reference", "value": { "boolean": true } },
            { "key": "go_live", "value": { "date": "2026-03-01" } },
            { "key": "tier", "value": { "optionId": gold } },
            { "key": "budget", "value": { "money": { "amountMinor": 100, "currency": "BRL" } } },
        ]),
        json!([
            { "key": "motto", "value": { "text": "Calma" } },
            { "key": "seats", "value": { "number": 20.0 } },
            { "key": "reference", "value": { "boolean": false } },
            { "key": "go_live", "value": { "date": "2026-04-01" } },
            { "key": "tier", "value": { "optionId": silver } },
            { "key": "budget", "value": { "money": { "amountMinor": 100, "currency": "USD" } } },
        ]),
        json!([]),
    ];
    for (name, values) in ["A", "B", "C"].iter().zip(&values) {
        open(&app, name, values.clone()).await;
    }
    let manager = Desk::of(&app, Role::Manager).await;
    let template = template(&manager, "picked").await;
    let brl = |amount: Value| json!({ "money": { "currency": "BRL", "amountMinor": amount } });
    let cases: Vec<(&str, Value, &str)> = vec![
        ("motto", json!({ "text": { "eq": " ACAO ja " } }), "A"),
        ("motto", json!({ "text": { "contains": "c" } }), "AB"),
        ("motto", json!({ "text": { "startsWith": "cal", "contains": "m" } }), "B"),
        ("motto", json!({ "text": { "in": ["calma", "x"] } }), "B"),
        ("motto", json!({ "text": { "isNull": true } }), "C"),
        ("motto", json!({ "text": {} }), "ABC"),
        ("seats", json!({ "number": { "gt": 10.0 } }), "B"),
        ("seats", json!({ "number": { "gte": 10.0, "lt": 20.0 } }), "A"),
        ("seats", json!({ "number": { "eq": 20.0 } }), "B"),
        ("seats", json!({ "isNull": false }), "AB"),
        ("seats", json!({ "isNull": true }), "C"),
        ("reference", json!({ "boolean": true }), "A"),
        ("reference", json!({ "boolean": false }), "B"),
        ("go_live", json!({ "date": { "lte": "2026-03-01" } }), "A"),
        ("go_live", json!({ "date": { "gt": "2026-03-01" } }), "B"),
        ("tier", json!({ "optionId": { "eq": gold } }), "A"),
        ("tier", json!({ "optionId": { "in": [gold, silver] } }), "AB"),
        ("tier", json!({ "optionId": { "isNull": true } }), "C"),
        ("budget", brl(json!({ "gte": 100 })), "A"),
        ("budget", brl(json!({ "gt": 100 })), ""),
    ];
    for (key, value, expected) in cases {
        assert_eq!(kept(&app, key, value.clone()).await.concat(), expected, "{key} {value}");
        let rule = json!({
            "templateId": template, "name": "R", "attributes": [{ "key": key, "value": value }],
        });
        let picked = picked_by(&app, rule, &values).await;
        assert_eq!(picked, expected, "{key} {value}");
    }
    let token = &app.home().await.token;
    let query = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { name } } }";
    let filter = json!({ "or": [
        { "attributes": [{ "key": "nothing", "value": { "isNull": true } }] },
        { "not": { "attributes": [{ "key": "seats", "value": { "text": {} } }] } },
    ] });
    let answer = app.graphql(token, query, json!({ "filter": filter })).await;
    let told = problems(&answer);
    assert_eq!(told, "filter.or.0.attributes.0.key: UNKNOWN_ATTRIBUTE");
    let filter = json!({ "filter": filter["or"][1] });
    let told = problems(&app.graphql(token, query, filter).await);
    assert_eq!(told, "filter.not.attributes.0.value.text: WRONG_TYPE");
}

/// For which of these values a new account gets a journey by a rule, which is put away again.
async fn picked_by(app: &TestApp, rule: Value, values: &[Value]) -> String {
    let token = &app.home().await.token;
    let made = app.mutate(token, "selectionRuleCreate", "selectionRule { id attributes }", rule);
    let made = made.await["selectionRule"].clone();
    let mut picked = String::new();
    for (name, values) in ["A", "B", "C"].iter().zip(values) {
        let input = json!({ "name": "New", "status": "TRIAL", "attributes": values });
        let selection = "account { id primaryJourney { id } }";
        let opened = app.mutate(token, "accountCreate", selection, input).await;
        if !opened["account"]["primaryJourney"].is_null() {
            picked.push_str(name);
        }
        let id = &opened["account"]["id"];
        let gone = json!({ "id": id, "reason": "so" });
        app.mutate(token, "accountChurn", "account { id }", gone).await;
        app.mutate(token, "accountArchive", "account { id }", json!({ "id": id })).await;
    }
    let id = json!({ "id": made["id"] });
    app.mutate(token, "selectionRuleArchive", "selectionRule { id }", id).await;
    picked
}

async fn contacts_and_subscriptions_have_attributes_too(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await;
    define(&app, "level", "NUMBER", json!({ "subjectKind": "CONTACT" })).await;
    define(&app, "seats", "NUMBER", json!({ "subjectKind": "SUBSCRIPTION" })).await;
    let token = &app.home().await.token;
    for (name, level) in [("Ana", 3.0), ("Bia", 1.0), ("Caio", 2.0)] {
        let level = json!([{ "key": "level", "value": { "number": level } }]);
        let input = json!({ "accountId": global(account.id), "name": name, "attributes": level });
        app.mutate(token, "contactCreate", "contact { attributes { number } }", input).await;
        let seats = json!([{ "key": "seats", "value": level[0]["value"] }]);
        let input = json!({
            "accountId": global(account.id), "name": name, "startsOn": "2026-01-01",
            "interval": "MONTH", "amount": { "amountMinor": 1, "currency": "BRL" },
            "attributes": seats,
        });
        app.mutate(token, "subscriptionCreate", "subscription { id }", input).await;
    }
    let query = r#"{
        contacts(
            orderByAttribute: { key: "level" }
            filter: { attributes: [{ key: "level", value: { number: { gte: 2 } } }] }
        ) { nodes { name attributes { key number } } }
        subscriptions(
            orderByAttribute: { key: "seats", direction: DESC }
            filter: { attributes: [{ key: "seats", value: { number: { lt: 3 } } }] }
        ) { nodes { name attributes { key number } } }
    }"#;
    let data = app.data(token, query, json!({})).await;
    let told = |list: &str| {
        let nodes = data[list]["nodes"].as_array().expect("it is a list").iter();
        let each = nodes.map(|node| format!("{} {}", text(&node["name"]), node["attributes"]));
        each.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told("contacts"), @r#"
    Caio [{"key":"level","number":2.0}]
    Ana [{"key":"level","number":3.0}]
    "#);
    insta::assert_snapshot!(told("subscriptions"), @r#"
    Caio [{"key":"seats","number":2.0}]
    Bia [{"key":"seats","number":1.0}]
    "#);
}

async fn attributes_of_many_accounts_take_as_many_statements_as_those_of_one(app: TestApp) {
    let [gold, _] = one_of_each_type(&app).await;
    let query = "{ accounts { nodes { attributes { key number option { key } } } } }";
    let mut counts = Vec::new();
    for n in 0..4 {
        let values = json!([
            { "key": "seats", "value": { "number": 1.0 } },
            { "key": "tier", "value": { "optionId": gold } },
        ]);
        open(&app, &format!("{n}"), values).await;
        let token = &app.home().await.token;
        let (_, count) = app.statements(app.data(token, query, json!({}))).await;
        counts.push(count);
    }
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}

async fn an_attribute_that_is_put_away_is_no_longer_shown_or_given(app: TestApp) {
    let id = define(&app, "seats", "NUMBER", json!({})).await;
    let seats = json!([{ "key": "seats", "value": { "number": 5.0 } }]);
    let account = open(&app, "Padaria", seats.clone()).await;
    let token = &app.home().await.token;
    let selection = "attributeDefinition { archivedAt }";
    app.mutate(token, "attributeDefinitionArchive", selection, json!({ "id": id })).await;
    let query = "query($id: ID!) { account(id: $id) { attributes { number } } }";
    let shown = async || app.data(token, query, json!({ "id": account })).await["account"].clone();
    assert_eq!(shown().await, json!({ "attributes": [] }));
    let input = json!({ "id": account, "attributes": seats });
    let told = app.refused(token, "accountUpdate", input).await;
    assert_eq!(told, "attributes.0.key: UNKNOWN_ATTRIBUTE");
    assert_eq!(kept(&app, "seats", json!({ "isNull": false })).await, ["Padaria"]);
    app.mutate(token, "attributeDefinitionRestore", selection, json!({ "id": id })).await;
    assert_eq!(shown().await, json!({ "attributes": [{ "number": 5.0 }] }));
}
