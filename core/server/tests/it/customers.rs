//! Customers for tests of what happens with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jornada_domain::Tx;
use jornada_domain::accounts::account::{self, NewAccount};
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::calendar::DayKind;
use jornada_domain::channel::Channel;
use jornada_domain::id::{AccountId, JourneyTemplateId, TypedId, UserId};
use jornada_domain::interactions::Sentiment;
use jornada_domain::journeys::definition::{Assignee, Definition, StageDefinition, TaskDefinition};
use jornada_domain::journeys::own_task::{self, NewTask};
use jornada_domain::journeys::stage_template::{Exit, Phase, Then};
use jornada_domain::journeys::start::{JourneyStart, StartAt, open_account, start_journey};
use jornada_domain::journeys::template::NewTemplate;
use jornada_domain::journeys::work::{self, Completion, Talk};
use jornada_domain::journeys::{draft, journey};
use jornada_domain::page::PageArgs;
use jornada_domain::tasks::due::Anchor;
use jornada_domain::tasks::kind::{INTERACTION, STANDARD};
use jornada_domain::tasks::task::{self, TaskFilter, TaskQuery};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::TestApp;

/// The id of a record as the API shows it.
pub(crate) fn global<I: TypedId>(id: I) -> String {
    let uuid: Uuid = id.into();
    BASE64.encode(format!("{}:{uuid}", I::KIND.type_name()))
}

/// A new active account of the home workspace, without a journey.
pub(crate) async fn account(app: &TestApp, name: &str, csm: Option<UserId>) -> account::Model {
    let owner = app.home().await.actor();
    let new = NewAccount { name: name.to_owned(), ..Default::default() };
    app.write(&owner, async |tx| open_account(tx, new, csm, JourneyStart::None).await).await
}

/// A new contact of an account of the home workspace.
pub(crate) async fn contact(app: &TestApp, account_id: AccountId, name: &str) -> contact::Model {
    let owner = app.home().await.actor();
    let new = NewContact {
        account_id,
        name: name.to_owned(),
        email: None,
        phone: None,
        title: None,
        channel: None,
        time_zone: None,
        is_primary: false,
        has_opted_out: false,
        role_ids: Vec::new(),
        attributes: Vec::new(),
    };
    app.write(&owner, async |tx| contact::create(tx, new).await).await
}

/// The fields and codes of the user errors of a mutation, in one line each.
pub(crate) fn refusals(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().expect("a mutation was asked");
    let field = |error: &Value| {
        let path = error["field"].as_array().expect("a path").iter();
        path.filter_map(Value::as_str).collect::<Vec<_>>().join(".")
    };
    let line =
        |error: &Value| format!("{} {}", field(error), error["code"].as_str().expect("a code"));
    errors.iter().map(line).collect()
}

/// A published template of two stages: `take-off`, expected to last 10 days, with a task that is
/// due after 3 days and a meeting that is due 5 days after it; and `flight`, with one task.
pub(crate) async fn template(app: &TestApp) -> JourneyTemplateId {
    let owner = app.home().await.actor();
    let new = NewTemplate {
        key: "standard".to_owned(),
        name: "Standard".to_owned(),
        description: None,
        is_default: false,
    };
    let task = |key: &str, position, kind: &str, days| TaskDefinition {
        key: key.to_owned(),
        title: key.to_owned(),
        description: None,
        position,
        type_key: kind.to_owned(),
        required: true,
        anchor: Anchor::Previous,
        duration_days: Some(days),
        day_kind: DayKind::Calendar,
        assignee: Assignee::User(owner.user_id.expect("the owner is a person")),
        config: json!({}),
        blocked_by_risk: false,
        effort_minutes: None,
    };
    let stage = |key: &str, then, expected_days, tasks| StageDefinition {
        key: key.to_owned(),
        name: key.to_uppercase(),
        phase: Phase::Onboarding,
        expected_days: Some(expected_days),
        exit: Exit::WhenDone,
        starts: None,
        then,
        loop_to: None,
        tasks,
    };
    let take_off = vec![task("hand-over", 1, STANDARD, 3), task("meeting", 2, INTERACTION, 5)];
    let flight = vec![task("review", 1, STANDARD, 30)];
    let stages = vec![
        stage("take-off", Then::Next, 10, take_off),
        stage("flight", Then::Complete, 90, flight),
    ];
    let definition = Definition { max_attempts: 5, stages };
    let make = async |tx: &Tx<'_>| {
        let template = draft::create_template(tx, new).await?;
        let version = draft::open_draft(tx, template.id).await?;
        let version = draft::save(tx, version.id, None, &definition).await?;
        draft::publish(tx, version.id).await?;
        Ok(template.id)
    };
    app.write(&owner, make).await
}

/// Starts the journey of a template for an account, whose first stage was entered on a day.
pub(crate) async fn journey(
    app: &TestApp,
    account_id: AccountId,
    template_id: JourneyTemplateId,
    entered_on: &str,
) -> journey::Model {
    let owner = app.home().await.actor();
    let entered_on = Some(entered_on.parse().expect("it is a day"));
    let at = StartAt { template_id, stage_key: None, entered_on, adoption: None };
    app.write(&owner, async |tx| start_journey(tx, account_id, at, true).await).await
}

/// Completes the task of a template that is open in an account; a meeting felt like this.
pub(crate) async fn complete(app: &TestApp, account_id: AccountId, key: &str, felt: Sentiment) {
    let owner = app.home().await.actor();
    let filter = TaskFilter { account_ids: Some(vec![account_id]), ..Default::default() };
    let query = TaskQuery { filter, ..Default::default() };
    let tasks = task::list(&app.read(&owner), &query, &PageArgs::first(100)).await;
    let tasks = tasks.expect("tasks can be read").into_rows();
    let task = tasks.into_iter().find(|task| task.template_key.as_deref() == Some(key));
    let task = task.expect("the journey has it");
    let talk = Talk {
        channel: Some(Channel::Video),
        subject: None,
        notes: None,
        sentiment: Some(felt),
        contact_id: None,
    };
    let done = Completion {
        task_id: task.id,
        expected_version: None,
        finished_at: None,
        interaction: (task.type_key == INTERACTION).then_some(talk),
        value: None,
        answer: None,
        outcome: None,
    };
    app.write(&owner, async |tx| work::complete(tx, done).await).await;
}

/// Writes down an open task of an account.
pub(crate) async fn to_do(
    app: &TestApp,
    account_id: AccountId,
    title: &str,
    due_on: Option<&str>,
) -> task::Model {
    let owner = app.home().await.actor();
    let new = NewTask {
        account_id,
        title: title.to_owned(),
        description: None,
        type_key: STANDARD.to_owned(),
        due_on: due_on.map(|day| day.parse().expect("it is a day")),
        effort_minutes: None,
        assignee_id: None,
        risk_id: None,
        opportunity_id: None,
    };
    app.write(&owner, async |tx| own_task::create(tx, new).await).await
}
