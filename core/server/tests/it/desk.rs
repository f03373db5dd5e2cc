//! A desk to work at in tests: what people do through the API, and what they see of a journey.

use std::path::Path;

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::refusals;
use crate::harness::TestApp;

/// One who works in the home workspace, with all rights of a role.
pub(crate) struct Desk {
    pub(crate) app: TestApp,
    pub(crate) token: String,
}

/// What is seen of the primary journey of an account.
const SEEN: &str = "query ($id: ID!) { account(id: $id) { primaryJourney {
    status stageKey lap waitingFor currentVisit { attempt }
    visits { nodes { stageKey lap attempt outcome } } } } }";

/// What is to be done for an account.
const TO_DO: &str = "query ($id: ID!) { account(id: $id) { tasks(
    first: 100, filter: { status: { eq: OPEN } }, orderBy: { field: POSITION }
) { nodes { id templateKey title dueOn } } } }";

impl Desk {
    /// The desk of a new user.
    pub(crate) async fn of(app: &TestApp, role: Role) -> Self {
        Self { app: app.clone(), token: app.token(role).await }
    }

    /// The data of a query.
    pub(crate) async fn see(&self, query: &str, variables: Value) -> Value {
        self.app.data(&self.token, query, variables).await
    }

    /// The payload of a mutation, with `selection` and the user errors.
    pub(crate) async fn ask(&self, verb: &str, input: Value, selection: &str) -> Value {
        self.ask_from(None, verb, input, selection).await
    }

    /// The payload of a mutation that tells a fact of the past.
    pub(crate) async fn backfill(&self, verb: &str, input: Value, selection: &str) -> Value {
        self.ask_from(Some("BACKFILL"), verb, input, selection).await
    }

    async fn ask_from(
        &self,
        origin: Option<&str>,
        verb: &str,
        input: Value,
        selection: &str,
    ) -> Value {
        let (first, rest) = verb.split_at(1);
        let kind = format!("{}{rest}Input", first.to_uppercase());
        let query = format!(
            "mutation ($input: {kind}!) {{ done: {verb}(input: $input) {{
                {selection} userErrors {{ field code message }} }} }}"
        );
        let input = json!({ "input": input });
        let (_, mut answer) = self.app.graphql_from(&self.token, origin, &query, input).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"]["done"].take()
    }

    /// The id of what a mutation made or changed, which is the field `what` of its payload.
    pub(crate) async fn done(&self, verb: &str, input: Value, what: &str) -> String {
        let selection = format!("{what} {{ id }}");
        let payload = self.ask(verb, input, &selection).await;
        let id = payload[what]["id"].as_str();
        id.unwrap_or_else(|| panic!("{verb} was refused: {payload:#}")).to_owned()
    }

    /// The fields and codes of what is wrong with a mutation.
    pub(crate) async fn refused(&self, verb: &str, input: Value) -> Vec<String> {
        refusals(&self.ask(verb, input, "").await)
    }

    /// The template of a definition, published; the ids of both.
    pub(crate) async fn publish(&self, key: &str, definition: Value) -> (String, String) {
        let new = json!({ "key": key, "name": key });
        let template = self.done("journeyTemplateCreate", new, "journeyTemplate").await;
        let version = self.publish_next(&template, definition).await;
        (template, version)
    }

    /// The next version of a template, published.
    pub(crate) async fn publish_next(&self, template: &str, definition: Value) -> String {
        let version = self.draft(template, definition).await;
        self.done("journeyTemplatePublish", json!({ "id": version }), "journeyTemplateVersion")
            .await
    }

    /// The draft of a template, with this definition.
    pub(crate) async fn draft(&self, template: &str, definition: Value) -> String {
        let what = "journeyTemplateVersion";
        let open = json!({ "templateId": template });
        let id = self.done("journeyTemplateDraftOpen", open, what).await;
        let mut input = definition;
        input["id"] = json!(id);
        self.done("journeyTemplateDraftSave", input, what).await
    }

    /// A new active account with a journey of this template.
    pub(crate) async fn account(&self, name: &str, template: &str, csm: Option<&str>) -> String {
        let start = json!({ "at": { "templateId": template } });
        let input = json!({ "name": name, "csmId": csm, "journeyStart": start });
        self.done("accountCreate", input, "account").await
    }

    /// Where the primary journey of an account stands: `adoption 1.2 ACTIVE` is the second attempt
    /// within the first lap.
    pub(crate) async fn place(&self, account: &str) -> String {
        let seen = self.see(SEEN, json!({ "id": account })).await;
        let journey = &seen["account"]["primaryJourney"];
        let word = |name: &str| journey[name].as_str().unwrap_or_default().to_owned();
        let attempt = match journey["currentVisit"]["attempt"].as_i64() {
            Some(attempt) => format!(".{attempt}"),
            None => String::new(),
        };
        let place = format!("{} {}{attempt} {}", word("stageKey"), journey["lap"], word("status"));
        format!("{place} {}", word("waitingFor")).trim_end().to_owned()
    }

    /// The visits of the primary journey of an account: `adoption 1.2 REPEATED`.
    pub(crate) async fn path(&self, account: &str) -> Vec<String> {
        let seen = self.see(SEEN, json!({ "id": account })).await;
        let visits = seen["account"]["primaryJourney"]["visits"]["nodes"].as_array().cloned();
        let line = |visit: Value| {
            let [stage, outcome] = ["stageKey", "outcome"]
                .map(|name| visit[name].as_str().unwrap_or("open").to_owned());
            format!("{stage} {}.{} {outcome}", visit["lap"], visit["attempt"])
        };
        visits.expect("there is a journey").into_iter().map(line).collect()
    }

    async fn open_tasks(&self, account: &str) -> Vec<Value> {
        let seen = self.see(TO_DO, json!({ "id": account })).await;
        seen["account"]["tasks"]["nodes"].as_array().cloned().expect("there is an account")
    }

    /// The open tasks of an account with their due dates: `kick-off 2026-01-26`.
    pub(crate) async fn to_do(&self, account: &str) -> Vec<String> {
        let line = |task: Value| {
            let name = task["templateKey"].as_str().or(task["title"].as_str()).map(str::to_owned);
            let due_on = task["dueOn"].as_str().unwrap_or("-");
            format!("{} {due_on}", name.unwrap_or_default())
        };
        self.open_tasks(account).await.into_iter().map(line).collect()
    }

    /// The open task of an account with this key.
    pub(crate) async fn task(&self, account: &str, key: &str) -> String {
        let open = self.open_tasks(account).await;
        let task = open.iter().find(|task| task["templateKey"] == key);
        let task = task.unwrap_or_else(|| panic!("`{key}` is not open: {open:?}"));
        task["id"].as_str().expect("it has an id").to_owned()
    }

    /// Completes an open task of an account; `how` is what is said beside.
    pub(crate) async fn complete(&self, account: &str, key: &str, how: Value) -> String {
        let mut input = how;
        input["taskId"] = json!(self.task(account, key).await);
        self.done("taskComplete", input, "task").await
    }

    /// Does what is open, again and again, until the visit ends or only `but` is left. Interactions
    /// are said to have been had, surveys sent, and indicators to have this value.
    pub(crate) async fn work_through(&self, account: &str, value: f64, but: &[&str]) {
        let before = self.path(account).await.len();
        while self.path(account).await.len() == before {
            let open = self.open_tasks(account).await;
            let next = open
                .iter()
                .find(|task| task["templateKey"].as_str().is_some_and(|key| !but.contains(&key)));
            let Some(next) = next else { return };
            let query = "query ($id: ID!) { task(id: $id) { typeKey } }";
            let seen = self.see(query, json!({ "id": next["id"] })).await;
            let how = match seen["task"]["typeKey"].as_str() {
                Some("core.interaction") => json!({ "taskId": next["id"], "interaction": {} }),
                Some("core.indicator") => json!({ "taskId": next["id"], "value": value }),
                _ => json!({ "taskId": next["id"] }),
            };
            self.done("taskComplete", how, "task").await;
        }
    }
}

/// A new option of a built-in set.
pub(crate) async fn option(app: &TestApp, set: &str, key: &str) -> String {
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let query = "query ($key: String!) { optionSetByKey(key: $key) { id } }";
    let set = owner.see(query, json!({ "key": set })).await["optionSetByKey"]["id"].take();
    owner.done("optionCreate", json!({ "setId": set, "key": key, "label": key }), "option").await
}

/// The definition in a file of `examples/data`.
pub(crate) fn example(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data");
    let text = std::fs::read_to_string(folder.join(file)).expect("the example is there");
    let mut read: Value = serde_json::from_str(&text).expect("it is JSON");
    read["draft"].take()
}

/// A stage with these tasks, which the next one follows.
pub(crate) fn stage(key: &str, tasks: Vec<Value>) -> Value {
    json!({ "key": key, "name": key, "phase": "ONGOING", "tasks": tasks })
}

/// The last stage of a journey.
pub(crate) fn last(key: &str, tasks: Vec<Value>) -> Value {
    with(stage(key, tasks), json!({ "then": "COMPLETE" }))
}

/// A standard task of the CSM.
pub(crate) fn task(key: &str, duration_days: i32) -> Value {
    json!({
        "key": key, "title": key, "typeKey": "core.standard", "durationDays": duration_days,
        "assignee": { "accountRoleKey": "csm" },
    })
}

/// An indicator: a value that must be at least 80.
pub(crate) fn indicator(key: &str, source: &str) -> Value {
    let config = json!({ "name": key, "source": source, "comparator": "GTE", "target": 80 });
    let mut task = task(key, 1);
    task["typeKey"] = json!("core.indicator");
    task["config"] = config;
    task
}

/// The same object with other fields.
pub(crate) fn with(mut object: Value, fields: Value) -> Value {
    let fields = fields.as_object().cloned().expect("fields of an object");
    object.as_object_mut().expect("it is an object").extend(fields);
    object
}
