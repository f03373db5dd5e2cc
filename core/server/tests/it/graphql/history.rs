//! What a write leaves behind, as the API shows it.

use serde_json::json;

use crate::harness::{TestApp, both};

both!(a_change_is_told_as_an_event_and_an_audit_entry);

async fn a_change_is_told_as_an_event_and_an_audit_entry(app: TestApp) {
    let tenant = app.home().await;
    let query = "mutation { workspaceUpdate(input: { timeZone: \"America/Recife\" }) {
        workspace { id } } }";
    let data = app.data(&tenant.token, query, json!({})).await;
    let id = &data["workspaceUpdate"]["workspace"]["id"];
    let query = "query($id: ID!) {
        events(filter: { subjectId: $id, type: { eq: \"workspace.updated\" } }) { nodes {
            type subjectType subjectVersion changed actorKind origin actor { email }
            subject { __typename id } } }
        auditEntries(subjectId: $id, first: 1) { nodes {
            action changes reason actor { email } event { type } } } }";
    let data = app.data(&tenant.token, query, json!({ "id": id })).await;
    let actor = json!({ "email": tenant.owner.email });
    let event = json!({
        "type": "workspace.updated", "subjectType": "Workspace", "subjectVersion": 2,
        "changed": ["timeZone"], "actorKind": "USER", "origin": "API", "actor": actor,
        "subject": { "__typename": "Workspace", "id": id },
    });
    assert_eq!(data["events"]["nodes"], json!([event]));
    let zone = json!({ "before": "America/Sao_Paulo", "after": "America/Recife" });
    let entry = json!({
        "action": "workspace.updated", "changes": { "timeZone": zone }, "reason": null,
        "actor": actor, "event": { "type": "workspace.updated" },
    });
    assert_eq!(data["auditEntries"]["nodes"], json!([entry]));
}
