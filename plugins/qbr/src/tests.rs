//! The fixtures, and what follows from a review.

use jornada_plugin_sdk::testing::{TestTask, task_fixtures};
use serde_json::{Value as Json, json};

use super::*;

fn review(config: Json) -> TestTask<Qbr> {
    TestTask::new(config).locale("en")
}

/// An outcome that does, with more or other fields.
fn outcome(more: Json) -> Json {
    let mut outcome = json!({
        "attendees": [{"name": "Ana", "role": "Sponsor", "contactId": "contact-1"}],
        "results": [{"what": "Half of the calls", "reached": true}],
    });
    let fields = more.as_object().cloned().unwrap_or_default();
    outcome.as_object_mut().unwrap().extend(fields);
    outcome
}

fn problems(config: Json, outcome: Json) -> Vec<(String, String)> {
    match review(config).complete(outcome) {
        Ok(_) => Vec::new(),
        Err(Failure::InvalidInput(all)) => {
            all.into_iter().map(|one| (one.path, one.message)).collect()
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn paths(config: Json, outcome: Json) -> Vec<String> {
    problems(config, outcome).into_iter().map(|(path, _)| path).collect()
}

fn known() -> Json {
    json!({"account": {
        "lastNps": {"score": 6},
        "successPlan": {"goals": {"nodes": [
            {"id": "goal-1", "outcome": "Half of the calls", "status": "OPEN"},
            {"id": "goal-2", "outcome": "A calm Monday", "status": "OPEN"},
            {"id": "goal-3", "outcome": "Done", "status": "ACHIEVED"},
        ]}},
    }})
}

#[test]
fn its_fixtures_hold() {
    assert!(task_fixtures::<Qbr>(env!("CARGO_MANIFEST_DIR")) >= 4);
}

#[test]
fn what_was_agreed_becomes_work() {
    let config = json!({"resultMetric": "qbr_results", "satisfactionMetric": "qbr_satisfaction"});
    let operations = review(config)
        .complete(outcome(json!({
            "results": [
                {"what": "One", "reached": true}, {"what": "Two", "reached": false},
                {"what": "Three", "reached": false}, {"what": "Four", "reached": false},
            ],
            "satisfaction": 4,
            "sentiment": 5,
            "followUps": [{"title": "Send the report"}, {"title": "Call", "dueInDays": 2}],
            "nextGoals": [{"title": "A third", "metric": "calls", "target": 400}],
        })))
        .unwrap();
    let Operation::CreateInteraction(interaction) = &operations[0] else { panic!() };
    assert_eq!(
        (interaction.sentiment, interaction.contact_id.as_deref()),
        (Some(5), Some("contact-1"))
    );
    assert_eq!(
        operations[1..],
        [
            RecordMetric::new("qbr_results", 25.0).into(),
            RecordMetric::new("qbr_satisfaction", 4.0).into(),
            CreateTask::new("Send the report").due_in_days(7).into(),
            CreateTask::new("Call").due_in_days(2).into(),
            CreateGoal::new("A third").metric("calls").target(400.0).into(),
        ]
    );
}

#[test]
fn the_minutes_say_it_all() {
    let config = json!({"agenda": ["Results", "Roadmap", "Expansion"]});
    let more = json!({
        "attendees": [{"name": "Ana", "role": "Sponsor"}, {"name": "Rui"}],
        "covered": ["results", "Prices"], "satisfaction": 3, "notes": "Calm. ",
        "results": [{"what": "One", "reached": true}, {"what": "Two", "reached": false}],
    });
    let operations = review(config).complete(outcome(more)).unwrap();
    let Operation::CreateInteraction(interaction) = &operations[0] else { panic!() };
    let minutes = "Attendees: Ana (Sponsor); Rui\nReached: One\nNot reached: Two\n\
        Covered: results; Prices\nNot covered: Roadmap; Expansion\nSatisfaction: 3/5\n\nCalm.";
    assert_eq!(interaction.notes.as_deref(), Some(minutes));
}

#[test]
fn a_review_without_attendees_or_results_is_refused() {
    assert_eq!(paths(json!({}), outcome(json!({}))), Vec::<String>::new());
    let nothing = outcome(json!({"attendees": [], "results": []}));
    assert_eq!(paths(json!({"requiredRoles": ["Sponsor"]}), nothing), ["attendees", "results"]);
    let blank = outcome(json!({
        "attendees": [{"name": "Ana"}, {"name": " "}],
        "results": [{"what": "", "reached": true}],
        "nextGoals": [{"title": ""}, {"title": "A", "dueOn": "2026-01-22"}],
        "followUps": [{"title": " "}],
    }));
    assert_eq!(
        paths(json!({}), blank),
        [
            "attendees.1.name",
            "results.0.what",
            "nextGoals.0.title",
            "nextGoals.1.dueOn",
            "followUps.0.title",
        ]
    );
}

#[test]
fn a_goal_may_be_due_today() {
    let today = outcome(json!({"nextGoals": [{"title": "A", "dueOn": "2026-01-23"}]}));
    assert_eq!(paths(json!({}), today), Vec::<String>::new());
}

#[test]
fn somebody_of_each_required_role_has_to_be_there() {
    let config = json!({"requiredRoles": [" sponsor", "Key user"]});
    let found = problems(config, outcome(json!({})));
    let told = "Nobody was there as Key user.".to_owned();
    assert_eq!(found, [("attendees".to_owned(), told)]);
}

#[test]
fn each_open_goal_is_spoken_of_where_the_template_says_so() {
    let of = |config: Json, input: Json| {
        let results = json!([{"what": "Half of the calls", "reached": true, "goalId": "goal-1"}]);
        match review(config).input(input).complete(outcome(json!({"results": results}))) {
            Ok(_) => Vec::new(),
            Err(Failure::InvalidInput(all)) => all.into_iter().map(|one| one.message).collect(),
            Err(other) => panic!("{other:?}"),
        }
    };
    let every = json!({"everyGoal": true});
    assert_eq!(of(every.clone(), known()), ["Say how this goal stands: A calm Monday"]);
    assert_eq!(of(json!({}), known()), Vec::<String>::new());
    assert_eq!(of(every.clone(), Json::Null), Vec::<String>::new());
    assert_eq!(of(every, json!({"account": null})), Vec::<String>::new());
}

#[test]
fn the_csm_is_told_what_there_is_to_prepare() {
    let opened = review(json!({})).input(known()).open();
    let told = "Prepare the review of Padaria Central: open goals: 2; last NPS: 6.";
    assert_eq!(opened, Ok(vec![Notify::new(told).into()]));
    let opened = review(json!({})).input(json!({"account": {}})).open();
    let told = "Prepare the review of Padaria Central: open goals: 0; last NPS: none.";
    assert_eq!(opened, Ok(vec![Notify::new(told).into()]));
    assert_eq!(review(json!({})).open(), Ok(Vec::new()));
}

#[test]
fn a_configuration_is_sound_or_says_why_not() {
    assert_eq!(review(json!({})).validate(), []);
    let unsound = json!({
        "agenda": ["Results", "", "results "],
        "requiredRoles": ["Sponsor", "SPONSOR"],
        "resultMetric": "qbr",
        "satisfactionMetric": "qbr",
    });
    let paths: Vec<_> = review(unsound).validate().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["agenda.1", "agenda.2", "requiredRoles.1", "satisfactionMetric"]);
}

#[test]
fn all_that_an_outcome_can_say_fits_into_one_answer() {
    let many = |one: Json| Json::Array(vec![one; 20]);
    let config = json!({"resultMetric": "a", "satisfactionMetric": "b"});
    let most = outcome(json!({
        "satisfaction": 1, "nextGoals": many(json!({"title": "A"})),
        "followUps": many(json!({"title": "A"})),
        "results": vec![json!({"what": "ü".repeat(500), "reached": false}); 50],
    }));
    let operations = review(config).complete(most).unwrap();
    assert_eq!(operations.len(), 43);
    let Operation::CreateInteraction(interaction) = &operations[0] else { panic!() };
    assert_eq!(interaction.notes.as_ref().unwrap().chars().count(), 20_000);
}
