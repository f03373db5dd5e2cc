//! A type of tasks that behaves, unless its configuration tells it not to. It is written against
//! the contract itself, so that it can say what the SDK would not let it.

use jornada_plugin_sdk::bindings;
use jornada_plugin_sdk::bindings::task::exports::jornada::task::schemas;
use jornada_plugin_sdk::bindings::task::exports::jornada::task::task_type as wit;
use jornada_plugin_sdk::log;
use jornada_plugin_sdk::serde_json::{self, Value as Json, json};

use wit::{Answer, Call, Failure, Moment, Operation, Problem};

struct Chore;

fn read(json: &str) -> Json {
    serde_json::from_str(json).unwrap_or_default()
}

fn problem(path: &str, message: &str) -> Vec<Problem> {
    vec![Problem { path: path.to_owned(), message: message.to_owned() }]
}

fn say<'t>(moment: &Moment, english: &'t str, portuguese: &'t str) -> &'t str {
    if moment.locale.starts_with("pt") { portuguese } else { english }
}

fn operation(kind: &str, payload: &Json) -> Operation {
    Operation { kind: kind.to_owned(), payload: payload.to_string() }
}

impl wit::Guest for Chore {
    fn validate_config(moment: Moment, config: String) -> Vec<Problem> {
        match read(&config)["again_in_days"].as_u64() {
            Some(1..) => Vec::new(),
            _ => problem("again_in_days", say(&moment, "At least one day.", "Pelo menos um dia.")),
        }
    }

    fn on_open(call: Call) -> Result<Answer, Failure> {
        log::tell_panics();
        let (task, input) = (read(&call.task), read(&call.input));
        assert!(input["panics"].is_null(), "as its input says");
        let title = task["title"].as_str().unwrap_or_default();
        let contact = input["contact"].as_str().unwrap_or("nobody");
        let notify = operation("notify", &json!({ "message": format!("{title} with {contact}") }));
        Ok(Answer { operations: vec![notify] })
    }

    fn on_complete(call: Call, outcome: String) -> Result<Answer, Failure> {
        log::tell_panics();
        let (config, outcome) = (read(&call.config), read(&outcome));
        assert!(config["panics"] != true, "as its configuration says");
        let agreed = outcome["agreed"].as_str().unwrap_or_default();
        if agreed.is_empty() {
            let told = say(&call.moment, "Say what was agreed.", "Diga o que foi combinado.");
            return Err(Failure::InvalidInput(problem("agreed", told)));
        }
        let payload = json!({ "title": agreed, "dueInDays": config["again_in_days"] });
        let count = config["operations"].as_u64().unwrap_or(1) as usize;
        Ok(Answer { operations: vec![operation("create-task", &payload); count] })
    }
}

impl schemas::Guest for Chore {
    fn config() -> String {
        "{}".to_owned()
    }

    fn outcome() -> String {
        "{}".to_owned()
    }
}

bindings::task::export_task_type!(Chore with_types_in jornada_plugin_sdk::bindings::task);
