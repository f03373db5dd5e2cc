//! Lists that are narrowed and sorted by attributes.

use serde_json::{Value, json};

use super::{one_of_each_type, open, text};
use crate::harness::{TestApp, both, problems};

both!(
    accounts_are_sorted_by_an_attribute_in_both_directions,
    accounts_are_narrowed_and_sorted_by_attributes_at_once,
    a_list_takes_as_many_statements_however_it_is_narrowed,
);

/// Six accounts, some of which have values.
async fn six_accounts(app: &TestApp) {
    let [gold, silver] = one_of_each_type(app).await;
    let money = |minor: i64, currency: &str| {
        json!({ "key": "budget", "value": { "money": {
            "amountMinor": minor, "currency": currency,
        } } })
    };
    let tier = |id: &String| json!({ "key": "tier", "value": { "optionId": id } });
    let seats = |n: f64| json!({ "key": "seats", "value": { "number": n } });
    for (name, values) in [
        ("A", json!([seats(3.0), money(5, "USD"), tier(&silver)])),
        ("B", json!([])),
        ("C", json!([seats(1.0), money(9, "BRL"), tier(&gold)])),
        ("D", json!([seats(3.0), money(1, "USD")])),
        ("E", json!([seats(-2.0)])),
        ("F", json!([])),
    ] {
        open(app, name, values).await;
    }
}

async fn accounts_are_sorted_by_an_attribute_in_both_directions(app: TestApp) {
    six_accounts(&app).await;
    for (key, direction, expected) in [
        ("seats", "ASC", "ECADBF"),
        ("seats", "DESC", "DACEFB"),
        ("budget", "ASC", "CDABEF"),
        ("tier", "ASC", "CABDEF"),
        ("motto", "ASC", "ABCDEF"),
    ] {
        walk_all(&app, "", key, direction, expected).await;
    }
    let query = r#"{ accounts(orderByAttribute: {key: "nothing"}) { nodes { id } } }"#;
    let answer = app.graphql(&app.home().await.token, query, json!({})).await;
    let told = problems(&answer);
    assert_eq!(told, "orderByAttribute.key: UNKNOWN_ATTRIBUTE");
}

async fn accounts_are_narrowed_and_sorted_by_attributes_at_once(app: TestApp) {
    six_accounts(&app).await;
    let seats = |number: &str| format!(r#"attributes: [{{ key: "seats", value: {number} }}]"#);
    let usd = r#"{ money: { currency: "USD", amountMinor: { gte: 2 } } }"#;
    for (filter, key, expected) in [
        (seats("{ number: { gte: 1 } }"), "seats", "CAD"),
        (seats("{ number: { gt: 1, lte: 3 } }"), "seats", "AD"),
        (seats("{ number: {} }"), "seats", "ECADBF"),
        (seats("{ isNull: true }"), "seats", "BF"),
        (seats("{ isNull: false }"), "seats", "ECAD"),
        (seats("{ number: { lt: 3 } }"), "tier", "CE"),
        (seats("{ number: { gte: 99 } }"), "tier", ""),
        (format!(r#"attributes: [{{ key: "budget", value: {usd} }}]"#), "seats", "A"),
        (format!("or: [{{ {} }}]", seats("{ number: { gte: 1 } }")), "seats", "CAD"),
        (format!("not: {{ {} }}", seats("{ number: { gte: 1 } }")), "seats", "EBF"),
    ] {
        walk_all(&app, &filter, key, "ASC", expected).await;
    }
}

async fn a_list_takes_as_many_statements_however_it_is_narrowed(app: TestApp) {
    six_accounts(&app).await;
    let token = &app.home().await.token;
    let count = async |arguments: &str| {
        let query = format!("{{ accounts({arguments}) {{ nodes {{ name }} }} }}");
        app.statements(app.data(token, &query, json!({}))).await.1
    };
    let plain = count("first: 2").await;
    let one = r#"{ key: "seats", value: { number: { gte: 1 } } }"#;
    let two = r#"{ key: "budget", value: { money: { currency: "USD" amountMinor: { gt: 1 } } } }"#;
    // The definitions, and how many values fit.
    assert_eq!(count(&format!("filter: {{ attributes: [{one}] }}")).await, plain + 2);
    assert_eq!(count(&format!("filter: {{ attributes: [{one}, {two}] }}")).await, plain + 2);
    let sorted =
        format!("filter: {{ attributes: [{one}] }}, orderByAttribute: {{ key: \"seats\" }}");
    assert_eq!(count(&sorted).await, plain + 2, "what it is sorted by is not weighed");
}

/// Walks the accounts both ways in pages of several sizes.
async fn walk_all(app: &TestApp, filter: &str, key: &str, direction: &str, expected: &str) {
    let reversed: String = expected.chars().rev().collect();
    for size in [1, 2, 4, 6] {
        for (back, expected) in [(false, expected), (true, reversed.as_str())] {
            let found = walked(app, filter, (key, direction), size, back).await;
            assert_eq!(found, expected, "{filter} {key} {direction} {size}");
        }
    }
}

/// The names of all accounts, page by page, from the end where it goes backwards.
async fn walked(
    app: &TestApp,
    filter: &str,
    (key, direction): (&str, &str),
    size: usize,
    back: bool,
) -> String {
    let (count, beyond) = if back { ("last", "before") } else { ("first", "after") };
    let query = format!(
        "query($c: String) {{ accounts(
            filter: {{ {filter} }}
            orderByAttribute: {{ key: \"{key}\", direction: {direction} }}
            {count}: {size}, {beyond}: $c
        ) {{ nodes {{ name }} totalCount
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let (mut names, mut cursor) = (String::new(), Value::Null);
    for _ in 0..20 {
        let data = app.data(&app.home().await.token, &query, json!({ "c": cursor })).await;
        let list = &data["accounts"];
        let page = list["nodes"].as_array().expect("it is a list").iter();
        let page: Vec<_> = page.map(|node| text(&node["name"])).collect();
        names.extend(if back { page.into_iter().rev().collect() } else { page });
        let info = &list["pageInfo"];
        let (more, next) = match back {
            true => (&info["hasPreviousPage"], &info["startCursor"]),
            false => (&info["hasNextPage"], &info["endCursor"]),
        };
        if !more.as_bool().expect("it is a boolean") {
            return names;
        }
        cursor = next.clone();
    }
    panic!("the walk does not end: {names}");
}
