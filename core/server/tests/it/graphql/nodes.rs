//! Records by their global id.

use serde_json::json;

use crate::harness::{TestApp, both};

both!(nodes_come_in_the_order_of_their_ids, too_many_nodes_are_refused_together);

async fn nodes_come_in_the_order_of_their_ids(app: TestApp) {
    let tenant = app.home().await;
    let stranger = app.workspace().await;
    let query = "{ viewer { user { id } workspace { id } } }";
    let own = app.data(&tenant.token, query, json!({})).await;
    let foreign = app.data(&stranger.token, query, json!({})).await;
    let (user, workspace) = (&own["viewer"]["user"]["id"], &own["viewer"]["workspace"]["id"]);
    let ids = json!([workspace, "nonsense", user, foreign["viewer"]["user"]["id"], user]);
    let query = "query($ids: [ID!]!) {
        nodes(ids: $ids) { __typename ... on User { email } ... on Workspace { slug } } }";
    let answer = app.graphql(&tenant.token, query, json!({ "ids": ids })).await;
    let user = json!({ "__typename": "User", "email": tenant.owner.email });
    let workspace = json!({ "__typename": "Workspace", "slug": tenant.workspace.slug });
    assert_eq!(answer["data"]["nodes"], json!([workspace, null, user, null, user]));
    let mut errors = answer["errors"].as_array().expect("two errors").clone();
    errors.sort_by_key(|error| error["path"].to_string());
    let shown = errors
        .iter()
        .map(|error| (&error["path"], &error["extensions"]["code"], &error["extensions"]["field"]));
    let expected = [
        (&json!(["nodes", 1]), &json!("BAD_ID"), &json!("ids.1")),
        (&json!(["nodes", 3]), &json!("NOT_FOUND"), &json!("ids.3")),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

async fn too_many_nodes_are_refused_together(app: TestApp) {
    let token = &app.home().await.token;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = app.graphql(token, query, json!({ "ids": vec!["x"; 101] })).await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY");
}
