//! Types of plugins in templates, beside the built-in ones.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::{install, of_type};
use crate::desk::{Desk, last, task};
use crate::harness::plugins::first_party;
use crate::harness::{TestApp, both};

both!(
    a_type_of_a_plugin_stands_beside_the_built_in_ones,
    what_is_wrong_with_a_configuration_is_told_at_its_place,
);

const TYPES: &str = "{ taskTypes { key title description configSchema outcomeSchema } }";

async fn a_type_of_a_plugin_stands_beside_the_built_in_ones(app: TestApp) {
    let admin = Desk::of(&app, Role::Admin).await;
    let plugin = install(&admin, &first_party("qbr")).await;
    let types = admin.see(TYPES, json!({})).await["taskTypes"].take();
    let keys: Vec<_> = types.as_array().into_iter().flatten().map(|one| &one["key"]).collect();
    assert_eq!(
        keys,
        ["core.standard", "core.interaction", "core.survey", "core.indicator", "jornada.qbr"]
    );
    assert_eq!(types[0]["title"], "Task");
    assert_eq!(types[4]["title"], "Quarterly business review");
    let told = types[4]["description"].as_str().unwrap_or_default();
    assert!(told.starts_with("The review of results"), "{told}");
    assert!(types[4]["configSchema"]["properties"]["agenda"].is_object());
    assert!(types[4]["outcomeSchema"]["properties"]["attendees"].is_object());
    admin.done("pluginDisable", json!({ "id": plugin }), "plugin").await;
    let one = "{ taskType(key: \"jornada.qbr\") { key } }";
    assert_eq!(admin.see(one, json!({})).await["taskType"], Value::Null);
}

async fn what_is_wrong_with_a_configuration_is_told_at_its_place(app: TestApp) {
    let admin = Desk::of(&app, Role::Admin).await;
    let template = json!({ "key": "plan", "name": "Plan" });
    let template = admin.done("journeyTemplateCreate", template, "journeyTemplate").await;
    let draft = async |config: Value| {
        let tasks = vec![task("begin", 1), of_type("review", "jornada.qbr", config)];
        admin.draft(&template, json!({ "stages": [last("a", tasks)] })).await
    };
    let problems = async |id: &str| {
        let query = "query ($id: ID!) { journeyTemplateVersion(id: $id) {
            problems { field code } } }";
        let seen = admin.see(query, json!({ "id": id })).await;
        let told = seen["journeyTemplateVersion"]["problems"].clone();
        crate::customers::refusals(&json!({ "userErrors": told }))
    };
    let at = "stages.0.tasks.1";
    let id = draft(json!({})).await;
    let unknown = [format!("{at}.typeKey UNKNOWN_TASK_TYPE")];
    assert_eq!(problems(&id).await, unknown);
    assert_eq!(admin.refused("journeyTemplatePublish", json!({ "id": id })).await, unknown);

    install(&admin, &first_party("qbr")).await;
    // The schema says so.
    let id = draft(json!({ "agenda": [1], "everyGoal": true })).await;
    let unfit = [format!("{at}.config.agenda.0 UNFIT")];
    assert_eq!(problems(&id).await, unfit);
    assert_eq!(admin.refused("journeyTemplatePublish", json!({ "id": id })).await, unfit);
    // Only the plugin can say this.
    let id = draft(json!({ "agenda": ["Results", "results "] })).await;
    let unfit = [format!("{at}.config.agenda.1 UNFIT")];
    assert_eq!(problems(&id).await, unfit);
    assert_eq!(admin.refused("journeyTemplatePublish", json!({ "id": id })).await, unfit);
    let id = draft(json!({ "agenda": ["Results"] })).await;
    assert_eq!(problems(&id).await, [""; 0]);
    admin.done("journeyTemplatePublish", json!({ "id": id }), "journeyTemplateVersion").await;
}
