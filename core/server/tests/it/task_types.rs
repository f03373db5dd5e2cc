//! Types of tasks that come from plugins: in templates, when they open, and when they are done.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, last, stage, task, with};
use crate::harness::TestApp;
use crate::harness::plugins::{first_party, packaged};

mod effects;
mod outcomes;
mod recovery;
mod templates;

/// A CSM with a customer whose journey has a task of a plugin, and who looks after plugins.
struct Scene {
    app: TestApp,
    admin: Desk,
    csm: Desk,
    plugin: String,
    padaria: String,
}

/// A file, installed.
async fn install(admin: &Desk, file: &[u8]) -> String {
    let propose = json!({ "file": BASE64.encode(file) });
    let plan = admin.done("pluginPlanPropose", propose, "pluginPlan").await;
    admin.done("pluginPlanApprove", json!({ "id": plan }), "pluginPlan").await;
    admin.done("pluginPlanApply", json!({ "id": plan }), "plugin").await
}

/// A task of a template that is of the type of a plugin.
fn of_type(key: &str, type_key: &str, config: Value) -> Value {
    with(task(key, 3), json!({ "typeKey": type_key, "config": config }))
}

impl Scene {
    /// The scene of a plugin: the first stage has one task of it, `review`.
    async fn of(app: &TestApp, file: &[u8], type_key: &str, config: Value) -> Self {
        let admin = Desk::of(app, Role::Admin).await;
        let plugin = install(&admin, file).await;
        let user = app.user(Role::Csm).await;
        let csm = Desk { app: app.clone(), token: app.token_of(user.id, &[]).await };
        let review = of_type("review", type_key, config);
        let stages = json!([stage("a", vec![review]), last("b", vec![task("end", 1)])]);
        let (template, _) = admin.publish("plan", json!({ "stages": stages })).await;
        let padaria = csm.account("Padaria", &template, Some(&global(user.id))).await;
        Self { app: app.clone(), admin, csm, plugin, padaria }
    }

    /// The scene of a type of `plugins`.
    async fn first_party(app: &TestApp, name: &str, config: Value) -> Self {
        Self::of(app, &first_party(name), &format!("jornada.{name}"), config).await
    }

    /// The task, whatever its status.
    async fn review(&self) -> Value {
        let query = "query ($id: ID!) { account(id: $id) { tasks(first: 50) { nodes {
            id version templateKey status blockedBy blockedReason openedAt dueOn outcome
            assigneeUser { id } type { key title } } } } }";
        let seen = self.csm.see(query, json!({ "id": self.padaria })).await;
        let tasks = seen["account"]["tasks"]["nodes"].as_array().cloned().expect("a list");
        let mut reviews = tasks.into_iter().filter(|task| task["templateKey"] == "review");
        reviews.next_back().expect("there is a review")
    }

    async fn status(&self) -> String {
        self.review().await["status"].as_str().expect("it has one").to_owned()
    }

    /// The problems of completing it so: `outcome.results REQUIRED`.
    async fn refused(&self, outcome: Value) -> Vec<String> {
        let input = json!({ "taskId": self.review().await["id"], "outcome": outcome });
        self.csm.refused("taskComplete", input).await
    }

    async fn complete(&self, outcome: Value) {
        self.csm.complete(&self.padaria, "review", json!({ "outcome": outcome })).await;
    }

    /// What of the customer is there, as a query on the account asks for it.
    async fn account(&self, selection: &str) -> Value {
        let query = format!("query ($id: ID!) {{ account(id: $id) {{ {selection} }} }}");
        self.csm.see(&query, json!({ "id": self.padaria })).await["account"].take()
    }

    /// The calls of the plugin, newest first: `on-open OK`.
    async fn calls(&self) -> Vec<String> {
        let query = "query ($id: ID!) { plugin(id: $id) { invocations(first: 50) { nodes {
            function outcome } } } }";
        let seen = self.admin.see(query, json!({ "id": self.plugin })).await;
        let calls = seen["plugin"]["invocations"]["nodes"].as_array().cloned().expect("a list");
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        calls
            .iter()
            .map(|one| format!("{} {}", text(one, "function"), text(one, "outcome")))
            .collect()
    }

    async fn switch(&self, verb: &str) {
        self.admin.done(verb, json!({ "id": self.plugin }), "plugin").await;
        self.app.run_jobs().await;
    }
}

/// The plugin of the tests of the host, with rights and an input query. It breaks off where its
/// input has something under `panics`.
fn chore(number: &str, capabilities: &[&str], input: Option<&str>) -> Vec<u8> {
    let capability =
        |operation: &&str| json!({ "operation": operation, "reason": { "en": "It is tested." } });
    let mut manifest = json!({
        "schema": 1,
        "plugin": {
            "id": "tests.chore", "version": number, "kind": "task-type",
            "title": { "en": "Chore", "pt-BR": "Tarefa" },
        },
        "capabilities": capabilities.iter().map(capability).collect::<Vec<_>>(),
    });
    if let Some(input) = input {
        manifest["input"] = json!(input);
    }
    packaged("chore", manifest)
}

/// An input because of which the plugin of the tests breaks off.
const PANICS: &str = "query A($accountId: ID!) { panics: account(id: $accountId) { name } }";
