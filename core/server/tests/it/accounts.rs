//! Accounts: what is accepted about them, how they are found, and what hangs on them.

use jornada_domain::accounts::account::{self, AccountStatus, NewAccount};
use jornada_domain::auth::{Role, user};
use jornada_domain::id::{AccountId, JourneyTemplateId, OptionId, UserId};
use jornada_domain::options::option::{self, NewOption};
use jornada_domain::options::set;
use serde_json::{Value, json};

use crate::assignments::assign;
use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    an_account_is_opened_with_what_is_known_about_it,
    every_wrong_id_is_told_with_what_else_is_wrong,
    a_date_lies_within_the_years_that_can_be_kept,
    a_change_is_checked_as_a_whole,
    a_cnpj_is_verified_where_it_can_be_one,
    an_account_is_never_its_own_ancestor,
    two_accounts_cannot_move_under_each_other_at_the_same_time,
    only_a_churned_account_can_be_put_away,
    accounts_are_found_by_what_is_known_about_them,
    filters_compose_and_not_is_the_opposite,
    a_filter_that_is_too_large_is_refused,
    every_order_can_be_walked_in_both_directions,
    nested_lists_take_as_many_statements_for_many_accounts_as_for_one,
    accounts_of_another_workspace_are_not_found,
);

/// An account of the home workspace, without a journey.
async fn open_as(app: &TestApp, new: NewAccount) -> account::Model {
    let owner = app.home().await.actor();
    app.write(&owner, async |tx| account::create(tx, new).await).await
}

/// A new option of a built-in set of the home workspace.
async fn option_of(app: &TestApp, set_key: &str, key: &str) -> OptionId {
    let owner = app.home().await.actor();
    let set = set::by_key(&app.read(&owner), set_key).await.expect("it is built in");
    let new = NewOption { set_id: set.id, key: key.to_owned(), label: key.to_owned() };
    app.write(&owner, async |tx| option::create(tx, new).await).await.id
}

/// The names of the accounts that a filter keeps, in the order of the list.
async fn names(app: &TestApp, filter: Value) -> Value {
    let token = &app.home().await.token;
    let query = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { name } } }";
    let data = app.data(token, query, json!({ "filter": filter })).await;
    let nodes = data["accounts"]["nodes"].as_array().expect("it is a list");
    nodes.iter().map(|node| node["name"].clone()).collect()
}

async fn an_account_is_opened_with_what_is_known_about_it(app: TestApp) {
    let token = &app.home().await.token;
    let csm = app.user(Role::Csm).await;
    let input = json!({
        "name": "Padaria", "status": "PAUSED", "statusSince": "2026-01-10",
        "taxId": "11.222.333/0001-81", "csmId": global(csm.id),
    });
    let selection = "account { status pausedOn churnedOn taxId csm { name } version }";
    let opened = app.mutate(token, "accountCreate", selection, input).await;
    let expected = json!({
        "status": "PAUSED", "pausedOn": "2026-01-10", "churnedOn": null,
        "taxId": "11222333000181", "csm": { "name": csm.name }, "version": 1,
    });
    assert_eq!(opened["account"], expected);
    let refused = async |input| app.refused(token, "accountCreate", input).await;
    let input = json!({ "name": "X", "statusSince": "2026-01-10", "churnReason": "Price" });
    let told = refused(input).await;
    assert_eq!(told, "statusSince: CONTRADICTION; churnReason: CONTRADICTION");
    let input = json!({ "name": "X", "status": "CHURNED", "statusSince": "2026-01-21" });
    assert_eq!(refused(input).await, "statusSince: TOO_LATE");
    assert_eq!(names(&app, json!({})).await, json!(["Padaria"]));
}

async fn every_wrong_id_is_told_with_what_else_is_wrong(app: TestApp) {
    let token = &app.home().await.token;
    let input = json!({
        "name": "\u{200b}", "parentId": "7", "packageId": "7", "csmId": "7",
        "journeyStart": { "at": { "templateId": "7" } }, "country": "Brazil",
    });
    let told = "csmId: BAD_ID; journeyStart.at.templateId: BAD_ID; parentId: BAD_ID; \
        packageId: BAD_ID; name: REQUIRED; country: TOO_LONG; country: BAD_FORMAT";
    assert_eq!(app.refused(token, "accountCreate", input).await, told);
    let nobody = uuid::Uuid::nil();
    let input = json!({
        "name": "Padaria\nBanco", "parentId": global(AccountId(nobody)),
        "packageId": global(OptionId(nobody)), "csmId": global(UserId(nobody)),
        "journeyStart": { "at": { "templateId": global(JourneyTemplateId(nobody)) } },
    });
    let told = "packageId: UNKNOWN_OPTION; parentId: NOT_FOUND; name: BAD_FORMAT; \
        csmId: NOT_FOUND; journeyStart.at.templateId: NOT_FOUND";
    assert_eq!(app.refused(token, "accountCreate", input).await, told);
    let id = global(customers::account(&app, "Padaria", None).await.id);
    let input = json!({ "id": id, "name": null, "packageId": "7" });
    let told = app.refused(token, "accountUpdate", input).await;
    assert_eq!(told, "name: REQUIRED; packageId: BAD_ID");
    assert_eq!(names(&app, json!({})).await, json!(["Padaria"]));
}

async fn a_date_lies_within_the_years_that_can_be_kept(app: TestApp) {
    let token = &app.home().await.token;
    let id = global(customers::account(&app, "Padaria", None).await.id);
    let query = "mutation ($input: AccountUpdateInput!) { accountUpdate(input: $input) {
        account { customerSince } userErrors { code } } }";
    for (date, is_taken) in [
        ("0000-01-01", false),
        ("1899-12-31", false),
        ("1900-01-01", true),
        ("2999-12-31", true),
        ("3000-01-01", false),
        ("9999-12-31", false),
    ] {
        let input = json!({ "id": id, "customerSince": date });
        let answer = app.graphql(token, query, json!({ "input": input })).await;
        match is_taken {
            true => {
                assert_eq!(answer["data"]["accountUpdate"]["account"]["customerSince"], date);
            }
            false => {
                let told = answer["errors"][0]["message"].as_str().unwrap_or_default();
                assert!(told.contains("from 1900-01-01 to 2999-12-31"), "{date}: {answer}");
            }
        }
    }
    app.set_time("2026-01-20T12:00:00Z");
    let new = json!({ "accountId": id, "title": "Late", "dueOn": "2999-12-31" });
    app.mutate(token, "taskCreate", "", new).await;
    app.mutate(token, "accountPause", "", json!({ "id": id, "reason": "Holidays" })).await;
    app.advance(30);
    app.mutate(token, "accountResume", "", json!({ "id": id })).await;
    let query = "{ tasks { nodes { dueOn isOverdue } } }";
    let seen = app.data(token, query, json!({})).await;
    let last = json!([{ "dueOn": "2999-12-31", "isOverdue": false }]);
    assert_eq!(seen["tasks"]["nodes"], last, "it does not leave them");
}

async fn a_change_is_checked_as_a_whole(app: TestApp) {
    let token = &app.home().await.token;
    let id = global(customers::account(&app, "Padaria Açaí", None).await.id);
    let role = option_of(&app, set::CONTACT_ROLE, "buyer").await;
    let input = json!({
        "id": id, "name": "  ", "country": "Brazil", "timeZone": "Mars/Olympus",
        "packageId": global(role), "parentId": global(AccountId(uuid::Uuid::nil())),
        "contactHours": "x".repeat(201),
    });
    let told = "packageId: UNKNOWN_OPTION; parentId: NOT_FOUND; name: REQUIRED; \
        country: TOO_LONG; country: BAD_FORMAT; contactHours: TOO_LONG; \
        timeZone: UNKNOWN_TIME_ZONE";
    assert_eq!(app.refused(token, "accountUpdate", input).await, told);

    let gold = option_of(&app, set::PACKAGE, "gold").await;
    let input = json!({
        "id": id, "name": " Padaria Café ", "country": "BR", "timeZone": "America/Bahia",
        "packageId": global(gold), "preferredChannel": "WHATSAPP", "city": "Salvador",
        "customerSince": "2024-02-29", "expectedVersion": 1,
    });
    let selection = "account { version name country timeZone package { label } \
        preferredChannel city customerSince marketSegment { label } }";
    let changed = app.mutate(token, "accountUpdate", selection, input.clone()).await;
    let expected = json!({
        "version": 2, "name": "Padaria Café", "country": "BR", "timeZone": "America/Bahia",
        "package": { "label": "gold" }, "preferredChannel": "WHATSAPP", "city": "Salvador",
        "customerSince": "2024-02-29", "marketSegment": null,
    });
    assert_eq!(changed["account"], expected);
    assert_eq!(app.refused(token, "accountUpdate", input).await, "expectedVersion: CONFLICT");

    // What was chosen stays when it is put away, and can only not be chosen anew.
    let owner = app.home().await.actor();
    app.write(&owner, async |tx| option::archive(tx, gold).await).await;
    let input = json!({ "id": id, "packageId": global(gold), "city": null });
    let selection = "account { city package { label } }";
    let kept = app.mutate(token, "accountUpdate", selection, input).await;
    assert_eq!(kept["account"], json!({ "city": null, "package": { "label": "gold" } }));
    let other = global(customers::account(&app, "Other", None).await.id);
    let input = json!({ "id": other, "packageId": global(gold) });
    assert_eq!(app.refused(token, "accountUpdate", input).await, "packageId: UNKNOWN_OPTION");
}

async fn a_cnpj_is_verified_where_it_can_be_one(app: TestApp) {
    let token = &app.home().await.token;
    let id = global(customers::account(&app, "Padaria", None).await.id);
    let put = async |tax_id: &str, country: Option<&str>| {
        let input = json!({ "id": id, "taxId": tax_id, "country": country });
        app.refused(token, "accountUpdate", input).await
    };
    assert_eq!(put("11.222.333/0001-81", None).await, "");
    assert_eq!(names(&app, json!({ "taxId": "11222333000181" })).await, json!(["Padaria"]));
    assert_eq!(names(&app, json!({ "taxId": "11.222.333/0001-81" })).await, json!(["Padaria"]));
    assert_eq!(put("11.222.333/0001-82", Some("BR")).await, "taxId: BAD_FORMAT");
    assert_eq!(put("11.222.333/0001-82", Some("PT")).await, "");
    // The country decides, also when only it changes.
    let input = json!({ "id": id, "country": "BR" });
    assert_eq!(app.refused(token, "accountUpdate", input).await, "taxId: BAD_FORMAT");
}

async fn an_account_is_never_its_own_ancestor(app: TestApp) {
    let token = &app.home().await.token;
    let [group, company, branch] = ["Group", "Company", "Branch"];
    let group = global(customers::account(&app, group, None).await.id);
    let company = global(customers::account(&app, company, None).await.id);
    let branch = global(customers::account(&app, branch, None).await.id);
    let put_under = async |id: &str, parent: &str| {
        let input = json!({ "id": id, "parentId": parent });
        app.refused(token, "accountUpdate", input).await
    };
    assert_eq!(put_under(&company, &group).await, "");
    assert_eq!(put_under(&branch, &company).await, "");
    assert_eq!(put_under(&group, &branch).await, "parentId: CYCLE");
    assert_eq!(put_under(&group, &group).await, "parentId: CYCLE");
    let query = "query($id: ID!) { account(id: $id) { parent { name } children { totalCount
        nodes { name } } } }";
    let data = app.data(token, query, json!({ "id": company })).await;
    let children = json!({ "totalCount": 1, "nodes": [{ "name": "Branch" }] });
    assert_eq!(data["account"], json!({ "parent": { "name": "Group" }, "children": children }));
    let found = names(&app, json!({ "parentId": { "eq": company } })).await;
    assert_eq!(found, json!(["Branch"]));
}

async fn two_accounts_cannot_move_under_each_other_at_the_same_time(app: TestApp) {
    let token = &app.home().await.token;
    let (one, other) = (
        customers::account(&app, "One", None).await.id,
        customers::account(&app, "Other", None).await.id,
    );
    let put_under = async |id, parent| {
        let input = json!({ "id": global(id), "parentId": global(parent) });
        app.refused(token, "accountUpdate", input).await
    };
    for _ in 0..10 {
        let mut told: [String; 2] =
            tokio::join!(put_under(one, other), put_under(other, one)).into();
        told.sort();
        assert_eq!(told, ["", "parentId: CYCLE"]);
        for id in [one, other] {
            let input = json!({ "id": global(id), "parentId": null });
            app.mutate(token, "accountUpdate", "", input).await;
        }
    }
}

async fn only_a_churned_account_can_be_put_away(app: TestApp) {
    let token = &app.home().await.token;
    let active = json!({ "id": global(customers::account(&app, "Active", None).await.id) });
    let told = app.refused(token, "accountArchive", active).await;
    assert_eq!(told, "id: BAD_STATUS_CHANGE");
    let lost = NewAccount {
        name: "Lost".to_owned(),
        status: Some(AccountStatus::Churned),
        status_since: Some("2025-12-31".parse().expect("it is a date")),
        churn_reason: Some("Price".to_owned()),
        ..Default::default()
    };
    let lost = json!({ "id": global(open_as(&app, lost).await.id) });
    let selection = "account { status churnedOn churnReason archivedAt }";
    let gone = app.mutate(token, "accountArchive", selection, lost.clone()).await;
    let expected = json!({
        "status": "CHURNED", "churnedOn": "2025-12-31", "churnReason": "Price",
        "archivedAt": "2026-01-20T12:00:00+00:00",
    });
    assert_eq!(gone["account"], expected);
    assert_eq!(names(&app, json!({})).await, json!(["Active"]));
    assert_eq!(names(&app, json!({ "includeArchived": true })).await, json!(["Active", "Lost"]));
    let input = json!({ "id": lost["id"], "name": "Found" });
    assert_eq!(app.refused(token, "accountUpdate", input).await, "id: ARCHIVED");
    app.mutate(token, "accountRestore", "", lost).await;
    assert_eq!(names(&app, json!({})).await, json!(["Active", "Lost"]));
}

/// Accounts in which every column that is filtered differs.
async fn a_small_market(app: &TestApp) -> (OptionId, OptionId, user::Model) {
    let retail = option_of(app, set::MARKET_SEGMENT, "retail").await;
    let gold = option_of(app, set::PACKAGE, "gold").await;
    let bistro = NewAccount {
        name: "Açaí Bar".to_owned(),
        market_segment_id: Some(retail),
        package_id: Some(gold),
        ..Default::default()
    };
    let bistro = open_as(app, bistro).await;
    app.advance(1);
    let trial = NewAccount {
        name: "acai 100%".to_owned(),
        status: Some(AccountStatus::Trial),
        market_segment_id: Some(retail),
        ..Default::default()
    };
    open_as(app, trial).await;
    app.advance(1);
    customers::account(app, "Zebra_1", None).await;
    let csm = app.user(Role::Csm).await;
    assign(app, bistro.id, &csm, "csm", None).await;
    (retail, gold, csm)
}

async fn accounts_are_found_by_what_is_known_about_them(app: TestApp) {
    let (retail, gold, csm) = a_small_market(&app).await;
    let (retail, gold, csm) = (global(retail), global(gold), global(csm.id));
    let both = json!(["acai 100%", "Açaí Bar"]);
    assert_eq!(names(&app, json!({ "name": { "contains": "ÇAÍ" } })).await, both);
    assert_eq!(names(&app, json!({ "name": { "startsWith": "Acai " } })).await, both);
    let one = json!(["acai 100%"]);
    assert_eq!(names(&app, json!({ "name": { "contains": "0%" } })).await, one);
    assert_eq!(names(&app, json!({ "name": { "contains": "%1" } })).await, json!([]));
    assert_eq!(names(&app, json!({ "name": { "contains": "a_1" } })).await, json!(["Zebra_1"]));
    assert_eq!(names(&app, json!({ "name": { "eq": "AÇAI 100%" } })).await, one);
    let either = json!({ "name": { "in": ["zebra_1", "Acai BAR", "nobody"] } });
    assert_eq!(names(&app, either).await, json!(["Açaí Bar", "Zebra_1"]));
    assert_eq!(names(&app, json!({ "status": { "in": ["TRIAL", "PAUSED"] } })).await, one);
    assert_eq!(names(&app, json!({ "marketSegmentId": { "in": [retail] } })).await, both);
    assert_eq!(names(&app, json!({ "packageId": { "eq": gold } })).await, json!(["Açaí Bar"]));
    assert_eq!(names(&app, json!({ "csmId": { "eq": csm } })).await, json!(["Açaí Bar"]));
    let second_day = json!({ "gte": "2026-01-21T00:00:00Z", "lt": "2026-01-22T00:00:00Z" });
    assert_eq!(names(&app, json!({ "createdAt": second_day })).await, one);
    let later = json!({ "updatedAt": { "gt": "2026-01-21T12:00:00Z" } });
    assert_eq!(names(&app, later).await, json!(["Zebra_1"]));
}

async fn filters_compose_and_not_is_the_opposite(app: TestApp) {
    let (retail, gold, csm) = a_small_market(&app).await;
    let (retail, gold, csm) = (global(retail), global(gold), global(csm.id));
    let all = json!(["acai 100%", "Açaí Bar", "Zebra_1"]);
    let filters = [
        json!({ "packageId": { "eq": gold } }),
        json!({ "marketSegmentId": { "eq": retail }, "status": { "eq": "TRIAL" } }),
        json!({ "csmId": { "eq": csm } }),
        json!({ "csmId": { "isNull": true }, "packageId": { "isNull": false } }),
        json!({ "marketSegmentId": { "isNull": true, "in": [retail] } }),
        json!({ "taxId": "1" }),
        json!({ "parentId": { "eq": global(AccountId(uuid::Uuid::nil())) } }),
        json!({ "or": [{ "packageId": { "eq": gold } }, { "name": { "contains": "zebra" } }] }),
        json!({ "and": [{ "name": { "contains": "a" } }, { "name": { "contains": "100" } }] }),
    ];
    for filter in filters {
        let kept = names(&app, filter.clone()).await;
        let dropped = names(&app, json!({ "not": filter })).await;
        let (kept, dropped) = (kept.as_array(), dropped.as_array());
        let (kept, dropped) = (kept.expect("it is a list"), dropped.expect("it is a list"));
        assert_eq!(kept.len() + dropped.len(), 3, "{filter}");
        assert!(kept.iter().all(|name| !dropped.contains(name)), "{filter}");
    }
    assert_eq!(names(&app, json!({ "or": [] })).await, all);
    assert_eq!(names(&app, json!({ "packageId": { "in": [] } })).await, json!([]));
    let looked_after = names(&app, json!({ "csmId": { "isNull": false } })).await;
    assert_eq!(looked_after, names(&app, json!({ "csmId": { "eq": csm } })).await);
}

async fn a_filter_that_is_too_large_is_refused(app: TestApp) {
    let token = &app.home().await.token;
    let query = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { id } } }";
    let code = async |filter: Value| {
        let answer = app.graphql(token, query, json!({ "filter": filter })).await;
        let extensions = answer["errors"][0]["extensions"].clone();
        (extensions["code"].clone(), extensions["field"].clone())
    };
    let nest = |depth| (1..depth).fold(json!({}), |filter, _| json!({ "not": filter }));
    assert_eq!(code(nest(5)).await, (Value::Null, Value::Null));
    let too_many = |field: &str| (json!("TOO_MANY"), json!(field));
    assert_eq!(code(nest(6)).await, too_many("filter"));
    let wide = |width: usize| json!({ "or": vec![json!({ "taxId": "1" }); width] });
    assert_eq!(code(wide(99)).await, (Value::Null, Value::Null));
    assert_eq!(code(wide(100)).await, too_many("filter"));
    let ids = json!({ "csmId": { "in": vec!["x"; 101] } });
    assert_eq!(code(json!({ "and": [ids] })).await.0, json!("BAD_ID"));
    let names = json!({ "name": { "in": vec!["x"; 101] } });
    assert_eq!(code(json!({ "and": [names] })).await, too_many("filter.and.0.name.in"));
}

async fn every_order_can_be_walked_in_both_directions(app: TestApp) {
    for (name, since) in [
        ("Beta", Some("2025-03-01")),
        ("alfa", None),
        ("Ção", Some("2024-01-01")),
        ("delta", Some("2025-03-01")),
        ("Eco", None),
    ] {
        let since = since.map(|date| date.parse().expect("it is a date"));
        let name = name.to_owned();
        open_as(&app, NewAccount { name, customer_since: since, ..Default::default() }).await;
        app.advance(1);
    }
    let by_name = ["alfa", "Beta", "Ção", "delta", "Eco"];
    let by_creation = ["Beta", "alfa", "Ção", "delta", "Eco"];
    let by_age = ["Ção", "Beta", "delta", "alfa", "Eco"];
    let by_youth = ["delta", "Beta", "Ção", "Eco", "alfa"];
    let reversed = |mut names: [&'static str; 5]| {
        names.reverse();
        names
    };
    for (field, direction, expected) in [
        ("NAME", "ASC", by_name),
        ("NAME", "DESC", reversed(by_name)),
        ("CREATED_AT", "ASC", by_creation),
        ("CREATED_AT", "DESC", reversed(by_creation)),
        ("UPDATED_AT", "DESC", reversed(by_creation)),
        ("CUSTOMER_SINCE", "ASC", by_age),
        ("CUSTOMER_SINCE", "DESC", by_youth),
    ] {
        let order = json!({ "field": field, "direction": direction });
        assert_eq!(walk(&app, &order, "first", "after").await, expected, "{field} {direction}");
        let backwards = walk(&app, &order, "last", "before").await;
        assert_eq!(backwards, reversed(expected), "{field} {direction}");
    }
}

/// The names of all accounts, two at a time, in the order in which the pages come.
async fn walk(app: &TestApp, order: &Value, size: &str, beyond: &str) -> Vec<String> {
    let token = &app.home().await.token;
    let query = format!(
        "query($order: AccountOrder, $cursor: String) {{ \
         accounts(orderBy: $order, {size}: 2, {beyond}: $cursor) {{ nodes {{ name }} \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let (more, next) = match size {
        "first" => ("hasNextPage", "endCursor"),
        _ => ("hasPreviousPage", "startCursor"),
    };
    let (mut names, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "order": order, "cursor": cursor });
        let data = app.data(token, &query, variables).await;
        let page = &data["accounts"];
        let nodes = page["nodes"].as_array().expect("it is a list").iter();
        let mut found: Vec<_> = nodes.filter_map(|n| n["name"].as_str()).collect();
        if size == "last" {
            found.reverse();
        }
        names.extend(found.into_iter().map(str::to_owned));
        if page["pageInfo"][more] == json!(false) {
            return names;
        }
        cursor = page["pageInfo"][next].clone();
    }
}

async fn nested_lists_take_as_many_statements_for_many_accounts_as_for_one(app: TestApp) {
    let token = &app.home().await.token;
    let segment = option_of(&app, set::MARKET_SEGMENT, "retail").await;
    let parent = customers::account(&app, "Aaa", None).await.id;
    let query = "query { accounts(first: 100) { totalCount nodes {
        name marketSegment { label } parent { name } csm { name } children { nodes { name } }
        assignments { nodes { user { name } role { key } } }
        contacts { totalCount nodes { name roles { label } externalRefs { nodes { system } } } }
        subscriptions { nodes { name } } externalRefs { nodes { system } } } } }";
    let mut counts = Vec::new();
    for number in 0..12 {
        let new = NewAccount {
            name: format!("Account {number}"),
            market_segment_id: Some(segment),
            parent_id: Some(parent),
            ..Default::default()
        };
        let account = open_as(&app, new).await;
        furnish(&app, account.id).await;
        if [1, 11].contains(&number) {
            let asked = app.statements(app.data(token, query, json!({}))).await;
            let nodes = asked.0["accounts"]["nodes"].as_array().map(Vec::len);
            assert_eq!(nodes, Some(number + 2));
            assert_eq!(asked.0["accounts"]["nodes"][1]["contacts"]["totalCount"], json!(2));
            counts.push(asked.1);
        }
    }
    // Users and options are asked for by several fields: at once, or by one field after another.
    assert!(counts.iter().all(|count| (14..=19).contains(count)), "{counts:?}");
}

/// Gives an account a CSM, two contacts and a reference.
async fn furnish(app: &TestApp, account_id: AccountId) {
    let csm = app.user(Role::Csm).await;
    assign(app, account_id, &csm, "csm", None).await;
    let token = &app.home().await.token;
    for name in ["Ana", "Eva"] {
        let input = json!({ "accountId": global(account_id), "name": name });
        app.mutate(token, "contactCreate", "", input).await;
    }
    let input = json!({
        "system": "crm", "externalId": account_id.to_string(), "subjectId": global(account_id),
    });
    app.mutate(token, "externalRefPut", "", input).await;
}

async fn accounts_of_another_workspace_are_not_found(app: TestApp) {
    let account = customers::account(&app, "Ours", None).await;
    let id = global(account.id);
    let stranger = &app.workspace().await.token;
    for mutation in ["accountUpdate", "accountArchive", "accountRestore"] {
        let told = app.refused(stranger, mutation, json!({ "id": id })).await;
        assert_eq!(told, "id: NOT_FOUND", "{mutation}");
    }
    let query = "query($id: ID!) { account(id: $id) { id } node(id: $id) { id }
        accounts { totalCount } }";
    let answer = app.graphql(stranger, query, json!({ "id": id })).await;
    let expected = json!({ "account": null, "node": null, "accounts": { "totalCount": 0 } });
    assert_eq!(answer["data"], expected);
    let codes: Vec<_> = answer["errors"].as_array().into_iter().flatten().collect();
    let codes: Vec<_> = codes.iter().map(|error| &error["extensions"]["code"]).collect();
    assert_eq!(codes, ["NOT_FOUND", "NOT_FOUND"]);
}
