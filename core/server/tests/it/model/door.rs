//! The journey as users see it: the same commands through GraphQL, and what it looks like then.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::plan::Plan;
use super::reference::{Command, Move};
use crate::customers::global;
use crate::harness::TestApp;

/// The reason that is given for whatever needs one.
const WHY: &str = "as the test wants it";

/// A workspace with one account, and its journey.
pub(super) struct Door {
    app: TestApp,
    token: String,
    account: String,
    journey: String,
    versions: Vec<String>,
    users: Vec<String>,
    csm_role: String,
    metric: String,
    survey: String,
    subscription: Option<String>,
    /// The ids of the tasks of the current visit, by their keys.
    tasks: HashMap<String, String>,
}

/// The input of a mutation is named like it.
fn input_type(mutation: &str) -> String {
    let (first, rest) = mutation.split_at(1);
    format!("{}{rest}Input", first.to_uppercase())
}

/// Does a mutation; the codes of its problems, when there are some.
async fn mutate(
    app: &TestApp,
    token: &str,
    mutation: &str,
    input: Value,
    selection: &str,
) -> Result<Value, String> {
    let kind = input_type(mutation);
    let query = format!(
        "mutation($input: {kind}!) {{
            done: {mutation}(input: $input) {{ {selection} userErrors {{ field code }} }}
        }}"
    );
    let mut data = app.data(token, &query, json!({ "input": input })).await;
    match data["done"]["userErrors"].as_array().is_some_and(|errors| errors.is_empty()) {
        true => Ok(data["done"].take()),
        false => Err(data["done"]["userErrors"].to_string()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a text").to_owned()
}

/// Makes what the story begins with.
struct Maker {
    app: TestApp,
    token: String,
}

impl Maker {
    async fn make(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let made = mutate(&self.app, &self.token, mutation, input, selection).await;
        made.expect("it is made")
    }

    /// Two CSMs, and a third user who is named by templates.
    async fn csms(&self) -> Vec<String> {
        let mut users = Vec::new();
        for _ in 0..3 {
            let id = self.app.user(Role::Csm).await.id;
            users.push(global(id));
        }
        users
    }

    async fn survey(&self, key: &str) -> String {
        let survey = json!({
            "key": key, "name": key, "question": "How likely?", "method": "NPS",
            "purpose": "RELATIONAL",
        });
        text(&self.make("surveyCreate", survey, "survey { id }").await["survey"]["id"])
    }

    async fn publish(&self, template: &str, plan: &Plan, user: &str) -> String {
        let selection = "journeyTemplateVersion { id }";
        let draft = json!({ "templateId": template });
        let draft = self.make("journeyTemplateDraftOpen", draft, selection).await;
        let id = text(&draft["journeyTemplateVersion"]["id"]);
        let definition = json!({
            "id": id, "maxAttempts": plan.max_attempts, "stages": plan.input(user),
        });
        self.make("journeyTemplateDraftSave", definition, selection).await;
        self.make("journeyTemplatePublish", json!({ "id": id }), selection).await;
        id
    }

    async fn account(&self, csm: &str) -> Value {
        let account = json!({
            "name": "Customer", "csmId": csm, "journeyStart": { "none": true },
        });
        let selection = "account { id assignments { nodes { role { id } } } }";
        let account = self.make("accountCreate", account, selection).await["account"].take();
        let contact = json!({ "accountId": account["id"], "name": "Contact", "isPrimary": true });
        self.make("contactCreate", contact, "contact { id }").await;
        account
    }
}

impl Door {
    /// Publishes both plans one after the other, with a journey that follows the first.
    pub(super) async fn open(app: &TestApp, plans: &[Plan; 2]) -> Self {
        let maker = Maker { app: app.clone(), token: app.home().await.token.clone() };
        let users = maker.csms().await;
        let metric = json!({
            "key": "usage", "name": "Usage", "unit": "logins", "grain": "DAY",
            "aggregation": "SUM", "direction": "HIGHER_IS_BETTER", "freshnessDays": 30,
        });
        let metric = maker.make("metricCreate", metric, "metric { id }").await;
        maker.survey("asked").await;
        let survey = maker.survey("pulse").await;
        let template = json!({ "key": "model", "name": "Model", "isDefault": true });
        let selection = "journeyTemplate { id }";
        let template = maker.make("journeyTemplateCreate", template, selection).await;
        let template = text(&template["journeyTemplate"]["id"]);
        let first = maker.publish(&template, &plans[0], &users[2]).await;
        let account = maker.account(&users[0]).await;
        let start = json!({ "accountId": account["id"], "templateId": template });
        let journey = maker.make("journeyStart", start, "journey { id }").await;
        let second = maker.publish(&template, &plans[1], &users[2]).await;
        let mut door = Self {
            app: maker.app,
            token: maker.token,
            account: text(&account["id"]),
            journey: text(&journey["journey"]["id"]),
            versions: vec![first, second],
            users,
            csm_role: text(&account["assignments"]["nodes"][0]["role"]["id"]),
            metric: text(&metric["metric"]["id"]),
            survey,
            subscription: None,
            tasks: HashMap::new(),
        };
        door.look().await;
        door
    }

    /// Does what is said, and then everything that is due; tells why it was refused, if so.
    pub(super) async fn apply(&mut self, command: &Command) -> Result<(), String> {
        let done = self.try_apply(command).await;
        self.app.run_jobs().await;
        done
    }

    async fn try_apply(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Wait { hours } => {
                let then = self.app.now() + TimeDelta::hours(*hours);
                self.app.set_time(&then.to_rfc3339());
                return Ok(());
            }
            Command::Csm { user: None } => return self.end_assignment().await,
            Command::Subscription { ends_on } => return self.subscribe(ends_on).await,
            _ => {}
        }
        let asked = self.of_task(command).or_else(|| self.of_account(command));
        let (mutation, input) = asked.expect("every command is of one or the other");
        mutate(&self.app, &self.token, mutation, input, "").await.map(drop)
    }

    /// The mutation that does something to a task.
    fn of_task(&self, command: &Command) -> Option<(&'static str, Value)> {
        let id = |key: &String| json!(self.tasks.get(key).expect("the task is known"));
        Some(match command {
            Command::Complete { key, value, at } => {
                let mut input = json!({ "taskId": id(key), "finishedAt": at });
                match key.split('-').next() {
                    Some("talk") => input["interaction"] = json!({ "sentiment": "POSITIVE" }),
                    Some("survey") => input["answer"] = json!({ "score": value }),
                    Some("asked") => input["value"] = json!(value),
                    _ => {}
                }
                ("taskComplete", input)
            }
            Command::Skip { key } => ("taskSkip", json!({ "taskId": id(key), "reason": WHY })),
            Command::Reopen { key } => ("taskReopen", json!({ "taskId": id(key), "reason": WHY })),
            Command::Reschedule { key, due_on } => {
                ("taskReschedule", json!({ "taskId": id(key), "dueOn": due_on, "reason": WHY }))
            }
            Command::Give { key, user } => {
                let user = user.map(|user| &self.users[user]);
                ("taskAssign", json!({ "taskId": id(key), "assigneeId": user }))
            }
            _ => return None,
        })
    }

    /// The mutation that does something to the account or its journey.
    fn of_account(&self, command: &Command) -> Option<(&'static str, Value)> {
        let Self { account, journey, .. } = self;
        Some(match command {
            Command::Measure { value, period } => {
                let point = json!({
                    "metricId": self.metric, "subjectId": account, "period": period,
                    "value": value,
                });
                ("metricPointsRecord", json!({ "points": [point] }))
            }
            Command::Score { value, at } => {
                let input = json!({
                    "surveyId": self.survey, "accountId": account, "score": value,
                    "respondedAt": at,
                });
                ("surveyResponseRecord", input)
            }
            Command::Waive { key } => {
                let input = json!({ "journeyId": journey, "indicatorKey": key, "reason": WHY });
                ("indicatorWaive", input)
            }
            Command::Csm { user: Some(user) } => {
                let user = &self.users[*user];
                let role = &self.csm_role;
                let input = json!({ "accountId": account, "userId": user, "roleId": role });
                ("assignmentCreate", input)
            }
            Command::Pause => ("accountPause", json!({ "id": account, "reason": WHY })),
            Command::Resume => ("accountResume", json!({ "id": account })),
            Command::Move { to } => {
                let (word, stage) = match to {
                    Move::Advance => ("ADVANCE", None),
                    Move::Repeat => ("REPEAT", None),
                    Move::Return => ("RETURN", None),
                    Move::Jump(key) => ("JUMP", Some(key)),
                };
                let input = json!({
                    "journeyId": journey, "move": word, "stageKey": stage, "reason": WHY,
                });
                ("journeyMove", input)
            }
            Command::Migrate { version, stage } => {
                let version = &self.versions[*version];
                let input = json!({
                    "journeyId": journey, "versionId": version, "stageKey": stage,
                });
                ("journeyMigrate", input)
            }
            _ => return None,
        })
    }

    async fn end_assignment(&self) -> Result<(), String> {
        let query = "query($id: ID!) {
            account(id: $id) { assignments { nodes { id state } } }
        }";
        let found = self.app.data(&self.token, query, json!({ "id": self.account })).await;
        let nodes = found["account"]["assignments"]["nodes"].as_array().expect("a list").clone();
        match nodes.iter().find(|node| node["state"] == "CURRENT") {
            None => Ok(()),
            Some(node) => {
                let input = json!({ "id": node["id"] });
                mutate(&self.app, &self.token, "assignmentEnd", input, "").await.map(drop)
            }
        }
    }

    async fn subscribe(&mut self, ends_on: &chrono::NaiveDate) -> Result<(), String> {
        if let Some(id) = &self.subscription {
            let input = json!({ "id": id, "endsOn": ends_on });
            return mutate(&self.app, &self.token, "subscriptionUpdate", input, "").await.map(drop);
        }
        let input = json!({
            "accountId": self.account, "name": "Contract", "startsOn": "2025-01-01",
            "endsOn": ends_on, "amount": { "amountMinor": 100, "currency": "BRL" },
            "interval": "MONTH",
        });
        let selection = "subscription { id }";
        let made = mutate(&self.app, &self.token, "subscriptionCreate", input, selection).await?;
        self.subscription = Some(text(&made["subscription"]["id"]));
        Ok(())
    }

    /// What can be seen of the journey, line by line.
    pub(super) async fn look(&mut self) -> Vec<String> {
        let query = "query($id: ID!) {
            journey(id: $id) {
                status stageKey lap lapStageKey waitingFor wakesOn
                currentVisit { number attempt enteredAt expectedUntil }
                tasks {
                    id templateKey status dueOn openedAt
                    assigneeUser { id } assigneeContact { name }
                }
            }
        }";
        let mut data = self.app.data(&self.token, query, json!({ "id": self.journey })).await;
        let journey = data["journey"].take();
        let mut lines = vec![format!(
            "{} in {}, lap {} from {}, waits for {} until {}",
            word(&journey["status"]),
            word(&journey["stageKey"]),
            journey["lap"],
            word(&journey["lapStageKey"]),
            word(&journey["waitingFor"]),
            word(&journey["wakesOn"]),
        )];
        if let Some(visit) = journey["currentVisit"].as_object() {
            lines.push(format!(
                "visit {}, attempt {}, entered {}, expected until {}",
                visit["number"],
                visit["attempt"],
                instant(&visit["enteredAt"]),
                word(&visit["expectedUntil"]),
            ));
        }
        self.tasks.clear();
        let mut tasks = Vec::new();
        for task in journey["tasks"].as_array().expect("a list") {
            if task["status"] != "CANCELLED" {
                self.tasks.insert(text(&task["templateKey"]), text(&task["id"]));
            }
            tasks.push(format!(
                "{} {}, opened {}, due {}, held by {}",
                word(&task["templateKey"]),
                word(&task["status"]),
                instant(&task["openedAt"]),
                word(&task["dueOn"]),
                self.holder(task),
            ));
        }
        tasks.sort();
        lines.extend(tasks);
        lines
    }

    fn holder(&self, task: &Value) -> String {
        let user = self.users.iter().position(|id| task["assigneeUser"]["id"] == **id);
        match (user, task["assigneeContact"]["name"].as_str()) {
            (Some(number), None) => format!("user {number}"),
            (None, Some(_)) => "the customer".to_owned(),
            (None, None) => "nobody".to_owned(),
            (Some(_), Some(_)) => "two".to_owned(),
        }
    }

    /// The last hundred visits with the states of their tasks, line by line.
    pub(super) async fn history(&self) -> Vec<String> {
        let query = "query($id: ID!) {
            journey(id: $id) {
                visits(last: 100) {
                    nodes {
                        number stageKey lap attempt enteredAt exitedAt outcome
                        tasks { templateKey status }
                    }
                }
            }
        }";
        let data = self.app.data(&self.token, query, json!({ "id": self.journey })).await;
        let visits = data["journey"]["visits"]["nodes"].as_array().expect("a list").clone();
        let line = |visit: &Value| {
            let tasks = visit["tasks"].as_array().expect("a list").iter();
            let mut tasks: Vec<_> = tasks
                .map(|task| format!("{} {}", word(&task["templateKey"]), word(&task["status"])))
                .collect();
            tasks.sort();
            format!(
                "{} {} {}.{} {} {} {} [{}]",
                visit["number"],
                word(&visit["stageKey"]),
                visit["lap"],
                visit["attempt"],
                instant(&visit["enteredAt"]),
                instant(&visit["exitedAt"]),
                word(&visit["outcome"]),
                tasks.join(", "),
            )
        };
        visits.iter().map(line).collect()
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn instant(value: &Value) -> String {
    match value.as_str() {
        None => "-".to_owned(),
        Some(text) => {
            let at: DateTime<Utc> = text.parse().expect("it is a time");
            at.format("%m-%d %H:%M").to_string()
        }
    }
}
