//! Lists: pages, cursors, counts and filters.

use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both!(
    a_list_is_walked_from_both_ends,
    a_count_costs_a_statement_only_where_it_is_selected,
    a_page_that_makes_no_sense_is_refused,
    a_cursor_is_good_for_its_own_list_only,
    filters_narrow_by_all_that_they_say,
    a_text_that_no_database_stores_is_refused_where_it_stands,
    nested_lists_take_as_many_statements_for_many_parents_as_for_one,
);

async fn a_text_that_no_database_stores_is_refused_where_it_stands(app: TestApp) {
    let token = &app.home().await.token;
    let new =
        json!({ "subjectKind": "ACCOUNT", "key": "motto", "name": "Motto", "valueType": "TEXT" });
    let of_attribute = "attributeDefinition { id }";
    app.mutate(token, "attributeDefinitionCreate", of_attribute, new).await;
    let query = "query($f: AccountFilter) { accounts(filter: $f) { totalCount } }";
    let by_attribute = json!({ "key": "motto", "value": { "text": { "in": ["a", "\0"] } } });
    for (filter, field) in [
        (json!({ "name": { "contains": "a\0b" } }), "filter.name.contains"),
        (json!({ "name": { "eq": "\0" } }), "filter.name.eq"),
        (json!({ "not": { "name": { "startsWith": "\0" } } }), "filter.not.name.startsWith"),
        (json!({ "attributes": [by_attribute] }), "filter.attributes.0.value.text.in.1"),
    ] {
        let told = app.graphql(token, query, json!({ "f": filter })).await;
        let extensions = &told["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["field"]),
            (&json!("BAD_FORMAT"), &json!(field))
        );
        let segment = json!({ "name": "X", "filter": filter });
        let told = app.refused(token, "segmentCreate", segment).await;
        assert_eq!(told, format!("{field}: BAD_FORMAT"));
    }
    // Where no filter is, the database may be the first to see it.
    let told = app.graphql(token, "{ optionSetByKey(key: \"\\u0000\") { id } }", json!({})).await;
    let code = told["errors"][0]["extensions"]["code"].as_str();
    assert!(matches!(code, Some("BAD_FORMAT" | "NOT_FOUND")), "{told}");
}

/// Adds a holiday on each of the first days of May.
async fn holidays(app: &TestApp, count: usize) -> &str {
    let token = &app.home().await.token;
    let query = "mutation($day: Date!) {
        holidayCreate(input: { onDate: $day, name: \"Day\" }) { userErrors { code } } }";
    for day in 1..=count {
        let data = app.data(token, query, json!({ "day": format!("2026-05-{day:02}") })).await;
        assert_eq!(data["holidayCreate"]["userErrors"], json!([]));
    }
    token
}

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    holidays(first: $first, after: $after, last: $last, before: $before) {
        nodes { onDate } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }";

/// The days of a page, whether there are rows before and behind it, and its ends.
fn page(data: &Value) -> (Vec<&str>, bool, bool, Value, Value) {
    let (nodes, info) = (&data["holidays"]["nodes"], &data["holidays"]["pageInfo"]);
    let nodes = nodes.as_array().expect("a list").iter();
    let days = nodes.map(|node| &node["onDate"].as_str().expect("a date")[8..]).collect();
    let has = |field: &str| info[field].as_bool().expect("a flag");
    let ends = (info["startCursor"].clone(), info["endCursor"].clone());
    (days, has("hasPreviousPage"), has("hasNextPage"), ends.0, ends.1)
}

async fn a_list_is_walked_from_both_ends(app: TestApp) {
    let token = holidays(&app, 5).await;
    let data = app.data(token, PAGE, json!({ "first": 2 })).await;
    let (days, previous, next, _, end) = page(&data);
    assert_eq!((days, previous, next), (vec!["01", "02"], false, true));
    let data = app.data(token, PAGE, json!({ "first": 3, "after": end })).await;
    let (days, previous, next, start, _) = page(&data);
    assert_eq!((days, previous, next), (vec!["03", "04", "05"], true, false));
    let data = app.data(token, PAGE, json!({ "last": 1, "before": start })).await;
    let (days, previous, next, ..) = page(&data);
    assert_eq!((days, previous, next), (vec!["02"], true, true));
    let data = app.data(token, PAGE, json!({ "last": 2 })).await;
    let (days, previous, next, ..) = page(&data);
    assert_eq!((days, previous, next), (vec!["04", "05"], true, false));
}

async fn a_count_costs_a_statement_only_where_it_is_selected(app: TestApp) {
    let token = holidays(&app, 3).await;
    let plain = app.data(token, "{ holidays(first: 1) { nodes { id } } }", json!({}));
    let counted = app.data(
        token,
        "{ holidays(first: 1) { ...C nodes { id } } }
            fragment C on HolidayConnection { n: totalCount }",
        json!({}),
    );
    let (_, plain) = app.statements(plain).await;
    let (data, counted) = app.statements(counted).await;
    assert_eq!(data["holidays"]["n"], 3);
    assert_eq!(counted, plain + 1);
}

async fn a_page_that_makes_no_sense_is_refused(app: TestApp) {
    let token = &app.home().await.token;
    for (variables, code, field) in [
        (json!({ "first": 0 }), "BAD_PAGE", "first"),
        (json!({ "first": 101 }), "BAD_PAGE", "first"),
        (json!({ "last": -1 }), "BAD_PAGE", "last"),
        (json!({ "first": 1, "last": 1 }), "BAD_PAGE", "last"),
        (json!({ "last": 1, "after": "x" }), "BAD_PAGE", "after"),
        (json!({ "before": "x" }), "BAD_PAGE", "before"),
        (json!({ "after": "x" }), "BAD_CURSOR", "after"),
        (json!({ "after": "" }), "BAD_CURSOR", "after"),
        (json!({ "last": 1, "before": "bm9uc2Vuc2U" }), "BAD_CURSOR", "before"),
    ] {
        let answer = app.graphql(token, PAGE, variables.clone()).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["field"]), (&json!(code), &json!(field)));
        assert!(answer["data"]["holidays"].is_null(), "{variables}");
    }
}

async fn a_cursor_is_good_for_its_own_list_only(app: TestApp) {
    let token = holidays(&app, 1).await;
    let data = app.data(token, PAGE, json!({})).await;
    let (.., end) = page(&data);
    let query = "query($after: String) { users(after: $after) { nodes { id } } }";
    let answer = app.graphql(token, query, json!({ "after": end })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_CURSOR");
}

async fn filters_narrow_by_all_that_they_say(app: TestApp) {
    let token = holidays(&app, 2).await;
    let query = "query($filter: EventFilter) { events(filter: $filter) { totalCount } }";
    let count = async |filter: Value| {
        let data = app.data(token, query, json!({ "filter": filter })).await;
        data["events"]["totalCount"].as_u64().expect("a number")
    };
    assert_eq!(count(json!({ "type": { "eq": "holiday.created" } })).await, 2);
    assert_eq!(count(json!({ "type": { "startsWith": "holiday." } })).await, 2);
    let none = json!({ "type": { "eq": "holiday.created", "in": ["user.created"] } });
    assert_eq!(count(none).await, 0);
    let many: Vec<_> = (0..101).map(|n| n.to_string()).collect();
    let filter = json!({ "filter": { "type": { "in": many } } });
    let answer = app.graphql(token, query, filter).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY");
    assert_eq!(answer["errors"][0]["extensions"]["field"], "filter.type.in");
}

async fn nested_lists_take_as_many_statements_for_many_parents_as_for_one(app: TestApp) {
    let token = &app.home().await.token;
    let query = "{ teams { totalCount nodes { name memberships(first: 10) { totalCount
        nodes { user { name } team { memberships(last: 1) { nodes { user { email } } } } } } } } }";
    let mut numbers = Vec::new();
    for count in [1, 4] {
        for number in 0..count {
            team_with_members(&app, &format!("Team {count}.{number}"), count).await;
        }
        let (data, statements) = app.statements(app.data(token, query, json!({}))).await;
        let team = &data["teams"]["nodes"][count - 1]["memberships"];
        assert_eq!(team["totalCount"], count, "{data:#}");
        assert_eq!(team["nodes"].as_array().map(Vec::len), Some(count));
        numbers.push(statements);
    }
    assert_eq!(numbers[0], numbers[1]);
}

async fn team_with_members(app: &TestApp, name: &str, members: usize) {
    let token = &app.home().await.token;
    let query = "mutation($input: TeamCreateInput!) { teamCreate(input: $input) { team { id } } }";
    let input = json!({ "input": { "name": name, "purpose": "MIXED" } });
    let data = app.data(token, query, input).await;
    let team_id = &data["teamCreate"]["team"]["id"];
    let query = "mutation($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }";
    for number in 0..members {
        let email = format!("{number}@{}.example.com", name.replace(' ', "-"));
        let input = json!({ "input": { "email": email, "name": "A member", "role": "CSM" } });
        let data = app.data(token, query, input).await;
        let user_id = &data["userCreate"]["user"]["id"];
        let input = json!({ "input": { "teamId": team_id, "userId": user_id } });
        let query = "mutation($input: TeamMemberAddInput!) {
            teamMemberAdd(input: $input) { userErrors { code } } }";
        let data = app.data(token, query, input).await;
        assert_eq!(data["teamMemberAdd"]["userErrors"], json!([]));
    }
}
