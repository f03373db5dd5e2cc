//! Options: the built-in sets, and what a workspace makes of its own.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::harness::{TestApp, both};

both!(
    a_new_workspace_has_the_built_in_sets_and_account_roles,
    options_are_added_renamed_and_put_in_order,
    what_is_put_away_can_be_taken_back,
    every_problem_of_an_input_names_its_field,
    sets_and_options_of_another_workspace_are_not_found,
    only_who_may_change_settings_changes_options,
);

/// The id of a set of the home workspace.
async fn set_id(app: &TestApp, token: &str, key: &str) -> String {
    let query = "query($key: String!) { optionSetByKey(key: $key) { id } }";
    let data = app.data(token, query, json!({ "key": key })).await;
    data["optionSetByKey"]["id"].as_str().expect("the set is there").to_owned()
}

/// The id of a new option.
async fn add(app: &TestApp, token: &str, set_id: &str, key: &str) -> String {
    let input = json!({ "setId": set_id, "key": key, "label": key.to_uppercase() });
    let payload = app.mutate(token, "optionCreate", "option { id }", input).await;
    payload["option"]["id"].as_str().expect("it was added").to_owned()
}

/// The keys of the options of a set in their order.
async fn keys(app: &TestApp, token: &str, set_id: &str, include_archived: bool) -> Value {
    let query = "query($id: ID!, $all: Boolean!) {
        optionSet(id: $id) { options(includeArchived: $all) { nodes { key } } } }";
    let data = app.data(token, query, json!({ "id": set_id, "all": include_archived })).await;
    let nodes = data["optionSet"]["options"]["nodes"].as_array().expect("it is a list");
    nodes.iter().map(|node| node["key"].clone()).collect()
}

async fn a_new_workspace_has_the_built_in_sets_and_account_roles(app: TestApp) {
    let token = &app.home().await.token;
    let query = "{ optionSets { totalCount nodes { key name builtIn
        options { nodes { key label builtIn } } } } }";
    let sets = app.data(token, query, json!({})).await["optionSets"].take();
    let role = |key: &str, label: &str| json!({ "key": key, "label": label, "builtIn": true });
    let roles = json!([
        role("csm", "CSM"),
        role("onboarding", "Onboarding"),
        role("executive_sponsor", "Executive sponsor"),
        role("renewals", "Renewals"),
    ]);
    let set = |key: &str, name: &str, options: Value| {
        let options = json!({ "nodes": options });
        json!({ "key": key, "name": name, "builtIn": true, "options": options })
    };
    let nodes = json!([
        set("account_role", "Account role", roles),
        set("contact_role", "Contact role", json!([])),
        set("market_segment", "Market segment", json!([])),
        set("package", "Package", json!([])),
    ]);
    assert_eq!(sets, json!({ "totalCount": 4, "nodes": nodes }));
}

async fn options_are_added_renamed_and_put_in_order(app: TestApp) {
    let token = &app.home().await.token;
    let input = json!({ "key": "pain", "name": "Pains" });
    let selection = "optionSet { id key name builtIn version }";
    let made = app.mutate(token, "optionSetCreate", selection, input).await["optionSet"].take();
    let set_id = made["id"].as_str().expect("it has an id");
    assert_eq!(made["builtIn"], json!(false));
    let (price, quality, speed) = (
        add(&app, token, set_id, "price").await,
        add(&app, token, set_id, "quality").await,
        add(&app, token, set_id, "speed").await,
    );
    let input = json!({ "setId": set_id, "optionIds": [speed, price] });
    app.mutate(token, "optionSetReorder", "", input).await;
    assert_eq!(keys(&app, token, set_id, false).await, json!(["speed", "price", "quality"]));

    let input = json!({ "id": quality, "label": "Poor quality" });
    let renamed = app.mutate(token, "optionUpdate", "option { label set { key } }", input).await;
    assert_eq!(renamed["option"], json!({ "label": "Poor quality", "set": { "key": "pain" } }));
    let input = json!({ "id": set_id, "name": "Pain points", "expectedVersion": 1 });
    let renamed = app.mutate(token, "optionSetUpdate", "optionSet { name version }", input).await;
    assert_eq!(renamed["optionSet"], json!({ "name": "Pain points", "version": 2 }));
}

async fn what_is_put_away_can_be_taken_back(app: TestApp) {
    let token = &app.home().await.token;
    let set_id = set_id(&app, token, "package").await;
    let gold = add(&app, token, &set_id, "gold").await;
    add(&app, token, &set_id, "silver").await;
    let archived = "option { archivedAt }";
    let payload = app.mutate(token, "optionArchive", archived, json!({ "id": gold })).await;
    assert_eq!(payload["option"]["archivedAt"], json!("2026-01-20T12:00:00+00:00"));
    assert_eq!(keys(&app, token, &set_id, false).await, json!(["silver"]));
    assert_eq!(keys(&app, token, &set_id, true).await, json!(["gold", "silver"]));

    let again = json!({ "setId": set_id, "key": "gold", "label": "Gold" });
    assert_eq!(app.refused(token, "optionCreate", again).await, "key: TAKEN");
    let payload = app.mutate(token, "optionRestore", archived, json!({ "id": gold })).await;
    assert_eq!(payload["option"]["archivedAt"], Value::Null);
    assert_eq!(keys(&app, token, &set_id, false).await, json!(["gold", "silver"]));
}

async fn every_problem_of_an_input_names_its_field(app: TestApp) {
    let token = &app.home().await.token;
    let roles = set_id(&app, token, "account_role").await;
    let query = "query($id: ID!) { optionSet(id: $id) { options { nodes { id } } } }";
    let data = app.data(token, query, json!({ "id": roles })).await;
    let csm = data["optionSet"]["options"]["nodes"][0]["id"].clone();
    let refused = async |name, input| app.refused(token, name, input).await;

    let long = "x".repeat(201);
    let input = json!({ "setId": roles, "key": "No Key", "label": long });
    assert_eq!(refused("optionCreate", input).await, "key: BAD_FORMAT; label: TOO_LONG");
    let input = json!({ "key": "package", "name": "Again" });
    assert_eq!(refused("optionSetCreate", input).await, "key: TAKEN");
    assert_eq!(refused("optionArchive", json!({ "id": csm })).await, "id: BUILT_IN");
    assert_eq!(refused("optionArchive", json!({ "id": roles })).await, "id: BAD_ID");
    let input = json!({ "id": csm, "expectedVersion": 7 });
    assert_eq!(refused("optionUpdate", input).await, "expectedVersion: CONFLICT");

    let package = set_id(&app, token, "package").await;
    let gold = add(&app, token, &package, "gold").await;
    let input = json!({ "setId": package, "optionIds": [gold, csm, gold] });
    let told = "optionIds.1: NOT_FOUND; optionIds.2: DUPLICATE_KEY";
    assert_eq!(refused("optionSetReorder", input).await, told);
}

async fn sets_and_options_of_another_workspace_are_not_found(app: TestApp) {
    let token = &app.home().await.token;
    let set = set_id(&app, token, "package").await;
    let gold = add(&app, token, &set, "gold").await;
    let stranger = &app.workspace().await.token;
    let refused = async |name, input| app.refused(stranger, name, input).await;
    let input = json!({ "setId": set, "key": "x", "label": "X" });
    assert_eq!(refused("optionCreate", input).await, "setId: NOT_FOUND");
    assert_eq!(refused("optionArchive", json!({ "id": gold })).await, "id: NOT_FOUND");
    let input = json!({ "setId": set, "optionIds": [gold] });
    assert_eq!(refused("optionSetReorder", input).await, "setId: NOT_FOUND");
}

async fn only_who_may_change_settings_changes_options(app: TestApp) {
    let owner = &app.home().await.token;
    let set = set_id(&app, owner, "package").await;
    let csm = app.token(Role::Csm).await;
    assert_eq!(keys(&app, &csm, &set, false).await, json!([]));
    let query = "mutation($input: OptionCreateInput!) { optionCreate(input: $input)
        { option { id } } }";
    let input = json!({ "setId": set, "key": "gold", "label": "Gold" });
    let answer = app.graphql(&csm, query, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("FORBIDDEN"), "{answer:#}");
    assert_eq!(answer["errors"][0]["extensions"]["scope"], json!("workspace:write"));
}
