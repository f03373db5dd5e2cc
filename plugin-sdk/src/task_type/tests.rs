//! What crosses between the host and types of tasks.

use serde_json::json;

use super::*;
use crate::testing::{TestTask, moment};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    days: u32,
}

#[derive(Deserialize, JsonSchema)]
struct Outcome {
    agreed: Vec<String>,
}

#[derive(Deserialize)]
struct Input {
    name: String,
}

struct Meeting;

impl TaskType for Meeting {
    type Config = Config;
    type Outcome = Outcome;
    type Input = Option<Input>;

    fn validate(config: &Config, moment: &Moment) -> Vec<Problem> {
        let told = moment.say("At least one day.", "Pelo menos um dia.");
        if config.days == 0 { vec![Problem::new("days", told)] } else { Vec::new() }
    }

    fn on_complete(
        call: &Call<Config, Option<Input>>,
        outcome: Outcome,
    ) -> Result<Vec<Operation>, Failure> {
        let due = moment().date()?.plus_days(7);
        let name = call.input.as_ref().map_or("nobody", |input| &input.name);
        let mut operations: Vec<Operation> =
            vec![CreateGoal::new(format!("For {name}")).due_on(due).into()];
        for title in outcome.agreed {
            operations.push(CreateTask::new(title).due_in_days(call.config.days).into());
        }
        Ok(operations)
    }
}

fn task() -> TestTask<Meeting> {
    TestTask::new(json!({"days": 3}))
}

fn problem(failure: Failure) -> (&'static str, String) {
    match failure {
        Failure::InvalidConfig(all) => ("config", all[0].path.clone()),
        Failure::InvalidInput(all) => ("input", all[0].path.clone()),
        Failure::Failed(told) => ("failed", told),
    }
}

#[test]
fn operations_cross_as_kind_and_payload() {
    let asked = wit::Call {
        moment: moment(),
        config: json!({"days": 3}).to_string(),
        task: json!({"id": "t", "title": "T", "accountId": "a", "accountName": "A"}).to_string(),
        input: json!({"name": "Ana"}).to_string(),
    };
    let answer = on_complete::<Meeting>(asked, r#"{"agreed": ["A test"]}"#).unwrap();
    let kinds = answer.operations.iter().map(|operation| operation.kind.as_str());
    assert_eq!(kinds.collect::<Vec<_>>(), ["create-goal", "create-task"]);
    let payload = |place: usize| -> serde_json::Value {
        serde_json::from_str(&answer.operations[place].payload).unwrap()
    };
    assert_eq!(payload(0), json!({"title": "For Ana", "dueOn": "2026-01-30"}));
    assert_eq!(payload(1), json!({"title": "A test", "dueInDays": 3}));
}

#[test]
fn an_answer_of_the_input_query_may_be_null() {
    let operations = task().complete(json!({"agreed": []})).unwrap();
    let due = "2026-01-30".parse().unwrap();
    assert_eq!(operations, [CreateGoal::new("For nobody").due_on(due).into()]);
}

#[test]
fn what_does_not_fit_is_refused_as_what_it_is() {
    let refused = |task: TestTask<Meeting>, outcome| problem(task.complete(outcome).unwrap_err());
    let none = || json!({"agreed": []});
    assert_eq!(refused(TestTask::new(json!({"days": -1})), none()), ("config", "days".to_owned()));
    let outcome = json!({"agreed": ["one", 2]});
    assert_eq!(refused(task(), outcome), ("input", "agreed.1".to_owned()));
    let odd = task().task(json!({"id": "t", "title": "T", "accountId": "a"}));
    assert_eq!(refused(odd, none()), ("input", String::new()));
    assert_eq!(refused(task().input(json!({"name": 1})), none()), ("input", "name".to_owned()));
}

#[test]
fn nothing_follows_when_a_task_opens_unless_the_plugin_says_so() {
    assert_eq!(task().open(), Ok(Vec::new()));
}

#[test]
fn a_configuration_is_judged_in_the_language_of_the_moment() {
    assert_eq!(task().validate(), []);
    let judged = |locale| TestTask::<Meeting>::new(json!({"days": 0})).locale(locale).validate();
    assert_eq!(judged("en"), [Problem::new("days", "At least one day.")]);
    assert_eq!(judged("pt-BR"), [Problem::new("days", "Pelo menos um dia.")]);
    let unknown = TestTask::<Meeting>::new(json!({"days": 1, "weeks": 2})).validate();
    assert_eq!(unknown[0].path, "weeks");
}

#[test]
fn what_later_platforms_say_of_a_task_does_not_disturb() {
    let later = json!({
        "id": "t", "title": "T", "accountId": "a", "accountName": "A", "moon": "full"
    });
    assert!(task().task(later).complete(json!({"agreed": []})).is_ok());
}

#[test]
fn schemas_are_for_people_who_do_not_write_rust() {
    for (kind, schema) in operation_schemas() {
        let text = schema.to_string();
        assert!(!text.contains("```") && !text.contains("\\n"), "{kind}: {text}");
        assert_eq!(schema["additionalProperties"], json!(false), "{kind}");
    }
}

#[test]
fn a_line_for_the_author_may_be_written_in_tests() {
    crate::log::debug("a line");
    crate::log::info("a line");
    crate::log::warn("a line");
    crate::log::error(String::from("a line"));
}
