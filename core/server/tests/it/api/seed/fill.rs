//! One record of every kind, made by the verbs that people use.

use chrono::TimeDelta;
use jornada_domain::accounts::account::NewAccount;
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::accounts::external_ref::{self, NewExternalRef, RefKind};
use jornada_domain::accounts::segment::{self, NewSegment};
use jornada_domain::attributes::definition::{self, AttributeType, NewDefinition};
use jornada_domain::auth::Role;
use jornada_domain::auth::team::{self, NewTeam, TeamPurpose, member};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::calendar::DayKind;
use jornada_domain::channel::Channel;
use jornada_domain::feedback::response::NewResponse;
use jornada_domain::feedback::score::Method;
use jornada_domain::feedback::survey::{self, NewSurvey, Purpose};
use jornada_domain::id::{AccountId, JourneyTemplateId};
use jornada_domain::imports::{self, NewRun};
use jornada_domain::interactions::{self, NewInteraction};
use jornada_domain::job::{self, Work};
use jornada_domain::journeys::alert::{self, RaiseJourneyHeld};
use jornada_domain::journeys::definition::{Assignee, Definition, StageDefinition, TaskDefinition};
use jornada_domain::journeys::selection::{self, NewRule};
use jornada_domain::journeys::stage_template::{Exit, Phase, Then};
use jornada_domain::journeys::start::{JourneyStart, StartAt, open_account, start_journey};
use jornada_domain::journeys::template::NewTemplate;
use jornada_domain::journeys::work::{self, Completion};
use jornada_domain::journeys::{draft, signals, visit};
use jornada_domain::metrics::load;
use jornada_domain::metrics::metric::{self, Aggregation, Direction, Grain, NewMetric};
use jornada_domain::revenue::product::{self, NewProduct};
use jornada_domain::revenue::subscription::{BillingInterval, NewSubscription, Why};
use jornada_domain::subject::SubjectKind;
use jornada_domain::tasks::due::Anchor;
use jornada_domain::tasks::kind;
use jornada_domain::tasks::task;
use jornada_domain::workspace::holiday;
use jornada_domain::{Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Work that nobody does: it is due when the tests are long over.
#[derive(Serialize, Deserialize)]
struct Later;

impl Work for Later {
    const KIND: &'static str = "test.later";
}

/// Fills a workspace.
pub(super) async fn workspace(tx: &Tx<'_>) -> Result<()> {
    let new = NewUser {
        email: "csm@example.com".to_owned(),
        name: "A CSM".to_owned(),
        role: Role::Csm,
        locale: None,
    };
    let csm_id = user::create(tx, new).await?.id;
    holiday::create(tx, tx.now.date_naive(), "A holiday").await?;
    let purpose = TeamPurpose::Mixed;
    let team = team::create(tx, NewTeam { name: "A team".to_owned(), purpose }).await?;
    member::add(tx, team.id, csm_id).await?;
    job::enqueue(tx, &Later, tx.now + TimeDelta::days(36_500))?;
    fields(tx).await?;
    let template_id = plan(tx).await?;
    let new = NewAccount { name: "An account".to_owned(), ..Default::default() };
    // The acting user looks after the account, and so gets its alerts.
    let account = open_account(tx, new, tx.actor.user_id, JourneyStart::None).await?;
    customer(tx, account.id).await?;
    load::begin(tx, "a-load").await?;
    super::plugins::installed(tx).await?;
    let run = NewRun {
        records: "accounts".to_owned(),
        system: "crm".to_owned(),
        file: "accounts.csv".to_owned(),
        digest: "0".repeat(64),
        is_anew: false,
    };
    imports::begin(tx, run).await?;
    said(tx, account.id).await?;
    under_way(tx, account.id, template_id).await?;
    super::plans::of_account(tx, account.id).await
}

async fn fields(tx: &Tx<'_>) -> Result<()> {
    let new = NewDefinition {
        subject_kind: SubjectKind::Account,
        key: "seats".to_owned(),
        name: "Seats".to_owned(),
        description: None,
        value_type: AttributeType::Number,
        option_set_id: None,
        minimum: None,
        maximum: None,
        is_personal: false,
    };
    definition::create(tx, new).await?;
    let name = "A segment".to_owned();
    let new = NewSegment { name, description: None, filter: Default::default() };
    segment::create(tx, new).await?;
    Ok(())
}

async fn plan(tx: &Tx<'_>) -> Result<JourneyTemplateId> {
    let new = NewMetric {
        key: "a-metric".to_owned(),
        name: "A metric".to_owned(),
        unit: "logins".to_owned(),
        grain: Grain::Day,
        aggregation: Aggregation::Sum,
        direction: Direction::HigherIsBetter,
        freshness_days: 30,
    };
    metric::create(tx, new).await?;
    let new = NewTemplate {
        key: "a-template".to_owned(),
        name: "A template".to_owned(),
        description: None,
        is_default: false,
    };
    let template = draft::create_template(tx, new).await?;
    let version = draft::open_draft(tx, template.id).await?;
    draft::save(tx, version.id, None, &definition(tx)).await?;
    draft::publish(tx, version.id).await?;
    let rule = NewRule {
        template_id: template.id,
        name: "A rule".to_owned(),
        position: 1,
        statuses: Vec::new(),
        market_segment_ids: Vec::new(),
        package_ids: Vec::new(),
        attributes: Vec::new(),
        anchor: None,
        days_before: 0,
    };
    selection::create(tx, rule).await?;
    Ok(template.id)
}

/// One stage with something to do, and with two indicators: a person evaluates the one, the other
/// is awaited from a metric.
fn definition(tx: &Tx<'_>) -> Definition {
    let user = tx.actor.user_id.expect("a user fills the workspace");
    let task = |key: &str, type_key: &str, config| TaskDefinition {
        key: key.to_owned(),
        title: format!("The task {key}"),
        description: None,
        position: 1,
        type_key: type_key.to_owned(),
        required: true,
        anchor: Anchor::Previous,
        duration_days: None,
        day_kind: DayKind::Calendar,
        assignee: Assignee::User(user),
        config,
        blocked_by_risk: false,
        effort_minutes: None,
    };
    let indicator =
        json!({ "name": "Use", "source": "PERSON", "comparator": "GTE", "target": 1.0 });
    let awaited = json!({
        "name": "Logins", "source": "METRIC", "metricKey": "a-metric", "comparator": "GTE",
        "target": 1.0,
    });
    let stage = StageDefinition {
        key: "a-stage".to_owned(),
        name: "A stage".to_owned(),
        phase: Phase::Onboarding,
        expected_days: None,
        exit: Exit::WhenDone,
        starts: None,
        then: Then::Complete,
        loop_to: None,
        tasks: vec![
            task("indicator", kind::INDICATOR, indicator),
            task("awaited", kind::INDICATOR, awaited),
            task("standard", kind::STANDARD, json!({})),
        ],
    };
    Definition { max_attempts: 5, stages: vec![stage] }
}

async fn customer(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let new = NewContact {
        account_id,
        name: "A contact".to_owned(),
        email: None,
        phone: None,
        title: None,
        channel: None,
        time_zone: None,
        is_primary: true,
        has_opted_out: false,
        role_ids: Vec::new(),
        attributes: Vec::new(),
    };
    contact::create(tx, new).await?;
    let new = NewExternalRef {
        system: "crm".to_owned(),
        kind: RefKind::Account,
        external_id: "1".to_owned(),
        subject_id: account_id.into(),
    };
    external_ref::put(tx, new).await?;
    let (key, name) = ("a-product".to_owned(), "A product".to_owned());
    product::create(tx, NewProduct { key, name, description: None }).await?;
    let new = NewSubscription {
        account_id,
        package_id: None,
        name: "A subscription".to_owned(),
        starts_on: tx.today().await?,
        ends_on: Some(tx.today().await? + TimeDelta::days(365)),
        notice_on: None,
        cancelled_on: None,
        amount_minor: 100,
        currency: "BRL".to_owned(),
        interval: BillingInterval::Month,
        lines: Vec::new(),
        attributes: Vec::new(),
        why: Why::default(),
    };
    signals::create_subscription(tx, new).await?;
    Ok(())
}

async fn said(tx: &Tx<'_>, account_id: AccountId) -> Result<()> {
    let new = NewSurvey {
        key: "a-survey".to_owned(),
        name: "A survey".to_owned(),
        question: "How likely?".to_owned(),
        method: Method::Nps,
        purpose: Purpose::Relational,
    };
    let survey_id = survey::create(tx, new).await?.id;
    let new = NewResponse {
        survey_id,
        account_id,
        contact_id: None,
        task_id: None,
        score: 9,
        comment: None,
        responded_at: None,
    };
    signals::record_response(tx, new).await?;
    let new = NewInteraction {
        account_id,
        task_id: None,
        user_id: None,
        contact_id: None,
        channel: Channel::Phone,
        subject: "A call".to_owned(),
        notes: None,
        sentiment: None,
        happened_at: None,
    };
    interactions::create(tx, new).await?;
    Ok(())
}

async fn under_way(
    tx: &Tx<'_>,
    account_id: AccountId,
    template_id: JourneyTemplateId,
) -> Result<()> {
    let at = StartAt { template_id, stage_key: None, entered_on: None, adoption: None };
    let journey = start_journey(tx, account_id, at, true).await?;
    let visits = visit::open_of(tx, &[journey.id]).await?;
    let tasks = task::of_visits(tx, &[visits[0].id]).await?;
    let indicator = tasks.values().flatten().find(|task| task.type_key == kind::INDICATOR);
    let done = Completion {
        task_id: indicator.expect("the stage has one").id,
        expected_version: None,
        finished_at: None,
        interaction: None,
        value: Some(1.0),
        answer: None,
        outcome: None,
    };
    work::complete(tx, done).await?;
    alert::raise(tx, RaiseJourneyHeld { journey_id: journey.id, account_id }).await
}
