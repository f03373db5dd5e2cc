//! Every problem at once, each with its path; and each rule violated alone.

use serde_json::json;

use crate::error::Code;
use crate::journeys::definition::{Assignee, Definition, StageDefinition};
use crate::journeys::kit::{asked, known, measured, stage, task, template};
use crate::journeys::publish::{form_problems, problems};
use crate::journeys::stage_template::{Exit, Then};
use crate::tasks::{Comparator, kind};
use uuid::Uuid;

fn told(definition: &Definition) -> String {
    let problems = problems(definition, &known());
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A definition without problems, with one stage changed.
fn with_stage(change: impl FnOnce(&mut StageDefinition)) -> Definition {
    let mut first = stage("one", [task("a"), measured("use", Comparator::Gte, 3.0)]);
    change(&mut first);
    template([first, stage("two", [task("b")]).completes()])
}

#[test]
fn what_is_right_has_no_problem() {
    assert_eq!(told(&with_stage(|_| {})), "");
    assert_eq!(told(&template([stage("wait", []).not_before(3).completes()])), "");
    assert_eq!(told(&template([stage("own", [task("a")]).loops_to("own")])), "");
    let person = template([stage("one", [asked("a", Comparator::Eq, 0.0).optional()]).completes()]);
    assert_eq!(told(&person), "", "a person's indicator is a required task");
}

#[test]
fn every_problem_is_told_at_once_with_its_path() {
    let mut lost = task("Not a key").within(-1);
    lost.title = String::new();
    lost.assignee = Assignee::User(Uuid::from_u128(9).into());
    let mut unknown = task("b").with(&json!({ "colour": "red" }));
    unknown.assignee = Assignee::Customer(Some(Uuid::from_u128(9).into()));
    let mut foreign = task("b");
    foreign.type_key = "acme.calls/ring".to_owned();
    let metric = measured("m", Comparator::Gte, 1.0).with(&json!({ "metricKey": "steps" }));
    let mut empty = stage("", []);
    empty.exit = Exit::NotBefore;
    let mut definition = template([
        stage("one", [lost, unknown]).loops_to("two"),
        stage("one", [foreign, metric]).completes(),
        empty,
    ]);
    definition.max_attempts = 0;
    insta::assert_snapshot!(told(&definition), @"
    maxAttempts: OUT_OF_RANGE min=1 max=100
    stages.0.tasks.0.key: BAD_FORMAT form=key
    stages.0.tasks.0.title: REQUIRED
    stages.0.tasks.0.durationDays: OUT_OF_RANGE min=0 max=3650
    stages.1.key: DUPLICATE_KEY
    stages.1.tasks.0.key: DUPLICATE_KEY
    stages.2.key: BAD_FORMAT form=key
    stages.2.name: REQUIRED
    stages.0.loopTo: BAD_LOOP stage=two
    stages.0.tasks.0.assignee: USER_INACTIVE
    stages.0.tasks.1.config.colour: UNKNOWN_FIELD words=none
    stages.0.tasks.1.assignee: UNKNOWN_OPTION set=contact_role
    stages.1: UNREACHABLE_STAGE
    stages.1.tasks.0.typeKey: UNKNOWN_TASK_TYPE type=acme.calls/ring
    stages.1.tasks.1.config.metricKey: UNKNOWN_METRIC key=steps
    stages.2.expectedDays: REQUIRED
    stages.2.tasks: EMPTY_STAGE
    stages.2.then: NO_END
    stages.2: UNREACHABLE_STAGE
    ");
}

#[test]
fn a_template_needs_a_stage() {
    assert_eq!(told(&template([])), "stages: NO_STAGES");
}

#[test]
fn a_stage_needs_a_required_task_or_a_minimum_duration() {
    let empty = "stages.0.tasks: EMPTY_STAGE";
    assert_eq!(told(&with_stage(|stage| stage.tasks.clear())), empty);
    assert_eq!(told(&with_stage(|stage| stage.tasks[0].required = false)), empty);
    // A duration that is only expected ends nothing.
    assert_eq!(
        told(&with_stage(|stage| {
            stage.tasks.clear();
            stage.expected_days = Some(3);
        })),
        empty
    );
    let duration = told(&with_stage(|stage| stage.exit = Exit::NotBefore));
    assert_eq!(duration, "stages.0.expectedDays: REQUIRED");
}

#[test]
fn a_loop_goes_to_its_own_stage_or_an_earlier_one() {
    let two =
        |key: &str| template([stage("one", [task("a")]), stage("two", [task("b")]).loops_to(key)]);
    assert_eq!(told(&two("one")), "");
    assert_eq!(told(&two("two")), "");
    assert_eq!(told(&two("three")), "stages.1.loopTo: BAD_LOOP stage=three");
    let ahead = [stage("one", [task("a")]).loops_to("two"), stage("two", [task("b")]).completes()];
    insta::assert_snapshot!(told(&template(ahead)), @r"
    stages.0.loopTo: BAD_LOOP stage=two
    stages.1: UNREACHABLE_STAGE
    ");
    let mut nowhere = two("one");
    nowhere.stages[1].loop_to = None;
    assert_eq!(told(&nowhere), "stages.1.loopTo: REQUIRED");
    nowhere.stages[1].then = Then::Complete;
    nowhere.stages[1].loop_to = Some("one".to_owned());
    assert_eq!(told(&nowhere), "stages.1.loopTo: CONTRADICTION with=then");
}

#[test]
fn the_last_stage_must_lead_somewhere_and_every_stage_be_reached() {
    assert_eq!(told(&template([stage("one", [task("a")])])), "stages.0.then: NO_END");
    let cut = told(&with_stage(|stage| stage.then = Then::Complete));
    assert_eq!(cut, "stages.1: UNREACHABLE_STAGE");
}

#[test]
fn keys_stand_once() {
    let twice = template([stage("one", [task("a")]), stage("one", [task("a")]).completes()]);
    insta::assert_snapshot!(told(&twice), @r"
    stages.1.key: DUPLICATE_KEY
    stages.1.tasks.0.key: DUPLICATE_KEY
    ");
}

#[test]
fn what_a_task_refers_to_must_be_known() {
    let of_task = |change: &dyn Fn(&mut crate::journeys::definition::TaskDefinition)| {
        told(&with_stage(|stage| change(&mut stage.tasks[0])))
    };
    let nobody = Uuid::from_u128(9);
    for (assignee, set) in [
        (Assignee::Role(nobody.into()), "account_role"),
        (Assignee::Customer(Some(nobody.into())), "contact_role"),
    ] {
        let problem = of_task(&|task| task.assignee = assignee);
        assert_eq!(problem, format!("stages.0.tasks.0.assignee: UNKNOWN_OPTION set={set}"));
    }
    let problem = of_task(&|task| task.assignee = Assignee::User(nobody.into()));
    assert_eq!(problem, "stages.0.tasks.0.assignee: USER_INACTIVE");
    assert_eq!(of_task(&|task| task.assignee = Assignee::Customer(None)), "");
    let problem = of_task(&|task| task.type_key = "acme.calls/ring".to_owned());
    assert_eq!(problem, "stages.0.tasks.0.typeKey: UNKNOWN_TASK_TYPE type=acme.calls/ring");
    let survey = |key: &'static str| {
        of_task(&|task| {
            task.type_key = kind::SURVEY.to_owned();
            task.config = json!({ "surveyKey": key });
        })
    };
    assert_eq!(survey("relational"), "");
    assert_eq!(survey("none"), "stages.0.tasks.0.config.surveyKey: UNKNOWN_SURVEY key=none");
}

#[test]
fn an_indicator_must_make_sense() {
    let of_indicator = |more: serde_json::Value| {
        told(&with_stage(|stage| {
            stage.tasks[1] = measured("use", Comparator::Gte, 1.0).with(&more);
        }))
    };
    let path = "stages.0.tasks.1.config";
    for (more, problem) in [
        (json!({ "metricKey": "steps" }), "metricKey: UNKNOWN_METRIC key=steps"),
        (json!({ "metricKey": null }), "metricKey: REQUIRED"),
        (json!({ "source": "NPS" }), "metricKey: CONTRADICTION with=config.source"),
        (json!({ "name": " " }), "name: REQUIRED"),
        (json!({ "maxAgeDays": 0 }), "maxAgeDays: OUT_OF_RANGE min=1 max=3650"),
        (json!({ "missingAfterDays": 3651 }), "missingAfterDays: OUT_OF_RANGE min=0 max=3650"),
    ] {
        assert_eq!(of_indicator(more), format!("{path}.{problem}"));
    }
}

#[test]
fn everything_that_is_wrong_with_a_configuration_is_told_at_its_property() {
    let of_config = |config: serde_json::Value| {
        let told = told(&with_stage(|stage| stage.tasks[1].config = config.clone()));
        told.replace("stages.0.tasks.1.config", "config")
    };
    let wrong = json!({
        "name": "x".repeat(201), "source": "DREAM", "comparator": 7, "target": "many",
        "continuous": "yes", "maxAgeDays": "str", "onMissing": "WAITT", "missingAfterDays": -1,
        "colour": "red",
    });
    insta::assert_snapshot!(of_config(wrong), @"
    config.name: TOO_LONG max=200
    config.source: UNKNOWN_WORD words=PERSON, METRIC, NPS, CSAT
    config.comparator: UNKNOWN_WORD words=GT, GTE, LT, LTE, EQ, NEQ
    config.target: BAD_FORMAT form=number
    config.continuous: BAD_FORMAT form=boolean
    config.maxAgeDays: BAD_FORMAT form=integer
    config.onMissing: UNKNOWN_WORD words=WAIT, PASS, FAIL
    config.missingAfterDays: OUT_OF_RANGE min=0 max=3650
    config.colour: UNKNOWN_FIELD words=name, source, comparator, target, metricKey, continuous, \
    maxAgeDays, onMissing, missingAfterDays
    ");
    insta::assert_snapshot!(of_config(json!({ "metricKey": "use" })), @"
    config.name: REQUIRED
    config.source: REQUIRED
    config.comparator: REQUIRED
    config.target: REQUIRED
    ");
    assert_eq!(of_config(json!("str")).lines().next(), Some("config: BAD_FORMAT form=object"));
}

#[test]
fn numbers_and_texts_have_limits() {
    let mut wide = with_stage(|stage| {
        stage.name = "x".repeat(201);
        stage.expected_days = Some(0);
        stage.starts = stage.clone().before_end(-1).starts;
        stage.tasks[0].position = 1001;
        stage.tasks[0].duration_days = Some(3651);
        stage.tasks[0].title = " ".to_owned();
        stage.tasks[0].description = Some("x".repeat(4001));
    });
    wide.max_attempts = 101;
    insta::assert_snapshot!(told(&wide), @"
    maxAttempts: OUT_OF_RANGE min=1 max=100
    stages.0.name: TOO_LONG max=200
    stages.0.expectedDays: OUT_OF_RANGE min=1 max=3650
    stages.0.startsDaysBefore: OUT_OF_RANGE min=0 max=3650
    stages.0.tasks.0.title: REQUIRED
    stages.0.tasks.0.description: TOO_LONG max=4000
    stages.0.tasks.0.position: OUT_OF_RANGE min=0 max=1000
    stages.0.tasks.0.durationDays: OUT_OF_RANGE min=0 max=3650
    ");
    let many = template(vec![stage("one", vec![task("a"); 101]); 51]);
    let problems = form_problems(&many);
    let too_many = problems.iter().filter(|problem| problem.code == Code::TooMany);
    assert_eq!(too_many.count(), 52);
}
