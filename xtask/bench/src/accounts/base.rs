//! A base of customers that grows: each with a CSM, a journey, an attribute, a contact, a
//! subscription, a few interactions and an answer.

use anyhow::{Context, Result};
use chrono::{Days, TimeDelta};
use jornada_domain::Tx;
use jornada_domain::accounts::account::NewAccount;
use jornada_domain::accounts::contact::{self, NewContact};
use jornada_domain::attributes::definition::{self, AttributeType, NewDefinition};
use jornada_domain::attributes::{AttributeInput, Typed};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::auth::{Actor, Role};
use jornada_domain::calendar::DayKind;
use jornada_domain::channel::Channel;
use jornada_domain::feedback::score::Method;
use jornada_domain::feedback::survey::{self, NewSurvey, Purpose};
use jornada_domain::id::{AccountId, ContactId, JourneyTemplateId, SurveyId, UserId};
use jornada_domain::interactions::{self, NewInteraction, Sentiment};
use jornada_domain::journeys::definition::{Assignee, Definition, StageDefinition, TaskDefinition};
use jornada_domain::journeys::draft;
use jornada_domain::journeys::signals::{self, NewResponse};
use jornada_domain::journeys::stage_template::{Exit, Phase, Then};
use jornada_domain::journeys::start::{JourneyStart, StartAt, open_account};
use jornada_domain::journeys::template::NewTemplate;
use jornada_domain::revenue::subscription::{BillingInterval, NewSubscription, Why};
use jornada_domain::subject::SubjectKind;
use jornada_domain::tasks::due::Anchor;
use jornada_server::app::App;
use jornada_server::graphql::global_id;
use serde_json::{Value, json};

use crate::tenant;

/// Accounts of one CSM.
const PER_CSM: usize = 100;

/// Accounts of one transaction.
const BATCH: usize = 100;

/// The attribute that lists are narrowed and sorted by.
const SEATS: &str = "seats";

/// Customers, and what to ask about them.
pub(super) struct Base {
    pub(super) token: String,
    actor: Actor,
    template_id: JourneyTemplateId,
    survey_id: SurveyId,
    csms: Vec<UserId>,
    accounts: Vec<AccountId>,
}

impl Base {
    /// A workspace without customers.
    pub(super) async fn new(app: &App) -> Result<Self> {
        let (actor, token) = tenant::new(app).await?;
        let tx = app.begin(&actor).await?;
        let seats = NewDefinition {
            subject_kind: SubjectKind::Account,
            key: SEATS.to_owned(),
            name: "Seats".to_owned(),
            description: None,
            value_type: AttributeType::Number,
            option_set_id: None,
            minimum: None,
            maximum: None,
            is_personal: false,
        };
        definition::create(&tx, seats).await?;
        let nps = NewSurvey {
            key: "nps".to_owned(),
            name: "NPS".to_owned(),
            question: "How likely are you to recommend us?".to_owned(),
            method: Method::Nps,
            purpose: Purpose::Relational,
        };
        let survey_id = survey::create(&tx, nps).await?.id;
        let template_id = publish(&tx).await?;
        app.commit(tx).await?;
        let (csms, accounts) = (Vec::new(), Vec::new());
        Ok(Self { token, actor, template_id, survey_id, csms, accounts })
    }

    /// Adds customers until there are so many.
    pub(super) async fn grow(&mut self, app: &App, count: usize) -> Result<()> {
        while self.accounts.len() < count {
            let actor = self.actor.clone();
            let tx = app.begin(&actor).await?;
            let up_to = (self.accounts.len() + BATCH).min(count);
            for n in self.accounts.len()..up_to {
                if n % PER_CSM == 0 {
                    let new = NewUser {
                        email: format!("csm{n}@example.com"),
                        name: format!("CSM {n}"),
                        role: Role::Csm,
                        locale: None,
                    };
                    self.csms.push(user::create(&tx, new).await?.id);
                }
                let id = self.add(&tx, n).await?;
                self.accounts.push(id);
            }
            app.commit(tx).await?;
        }
        Ok(())
    }

    async fn add(&self, tx: &Tx<'_>, n: usize) -> Result<AccountId> {
        let seats = (n.wrapping_mul(7919) % 100_000) as f64;
        let new = NewAccount {
            name: format!("Account {n}"),
            attributes: vec![AttributeInput {
                key: SEATS.to_owned(),
                value: Some(Typed::Number(seats)),
            }],
            ..NewAccount::default()
        };
        let at = StartAt {
            template_id: self.template_id,
            stage_key: None,
            entered_on: None,
            adoption: None,
        };
        let csm_id = self.csms.last().copied();
        let account = open_account(tx, new, csm_id, JourneyStart::At(at)).await?.id;
        let contact = NewContact {
            account_id: account,
            name: format!("Person {n}"),
            email: Some(format!("p{n}@example.com")),
            phone: None,
            title: None,
            channel: None,
            time_zone: None,
            is_primary: true,
            has_opted_out: false,
            role_ids: Vec::new(),
            attributes: Vec::new(),
        };
        let contact_id = Some(contact::create(tx, contact).await?.id);
        let today = tx.today().await?;
        let subscription = NewSubscription {
            account_id: account,
            package_id: None,
            name: "Plan".to_owned(),
            starts_on: today - Days::new(30),
            ends_on: Some(today + Days::new(335)),
            notice_on: None,
            cancelled_on: None,
            amount_minor: 10_000,
            currency: "BRL".to_owned(),
            interval: BillingInterval::Month,
            lines: Vec::new(),
            attributes: Vec::new(),
            why: Why::default(),
        };
        signals::create_subscription(tx, subscription).await?;
        self.tell(tx, n, account, contact_id).await?;
        Ok(account)
    }

    /// What was said and answered.
    async fn tell(
        &self,
        tx: &Tx<'_>,
        n: usize,
        account: AccountId,
        contact_id: Option<ContactId>,
    ) -> Result<()> {
        for days in [3, 20] {
            let talk = NewInteraction {
                account_id: account,
                task_id: None,
                user_id: self.csms.last().copied(),
                contact_id,
                channel: Channel::Video,
                subject: "Call".to_owned(),
                notes: None,
                sentiment: Some(Sentiment::Positive),
                happened_at: Some(tx.now - TimeDelta::days(days)),
            };
            interactions::create(tx, talk).await?;
        }
        let response = NewResponse {
            survey_id: self.survey_id,
            account_id: account,
            contact_id,
            task_id: None,
            score: i32::try_from(n % 11)?,
            comment: None,
            responded_at: None,
        };
        signals::record_response(tx, response).await?;
        Ok(())
    }

    /// What to ask the nth time: everywhere in the base, and never the same.
    pub(super) fn variables(&self, n: usize) -> Value {
        let spread = n.wrapping_mul(104_729);
        let (csm, account) = (spread % self.csms.len(), spread % self.accounts.len());
        json!({
            "csm": global_id(self.csms[csm]),
            "account": global_id(self.accounts[account]),
            "seats": (spread % 99_000) as f64,
        })
    }
}

/// A journey of one stage with three tasks, one after the other.
async fn publish(tx: &Tx<'_>) -> Result<JourneyTemplateId> {
    let roles = draft::account_roles(tx).await?;
    let csm = *roles.get("csm").context("there is the role of the CSM")?;
    let task = |position: i32| TaskDefinition {
        key: format!("task-{position}"),
        title: format!("Task {position}"),
        description: None,
        position,
        type_key: "core.standard".to_owned(),
        required: true,
        anchor: Anchor::Previous,
        duration_days: Some(5 - position),
        day_kind: DayKind::Calendar,
        assignee: Assignee::Role(csm),
        config: json!({}),
        blocked_by_risk: false,
        effort_minutes: None,
    };
    let stage = StageDefinition {
        key: "stage".to_owned(),
        name: "Stage".to_owned(),
        phase: Phase::Ongoing,
        expected_days: Some(30),
        exit: Exit::WhenDone,
        starts: None,
        then: Then::Complete,
        loop_to: None,
        tasks: (0..6).map(task).collect(),
    };
    let new = NewTemplate {
        key: "bench".to_owned(),
        name: "Bench".to_owned(),
        description: None,
        is_default: false,
    };
    let template = draft::create_template(tx, new).await?;
    let version = draft::open_draft(tx, template.id).await?;
    let definition = Definition { max_attempts: 5, stages: vec![stage] };
    draft::save(tx, version.id, None, &definition).await?;
    draft::publish(tx, version.id).await?;
    Ok(template.id)
}
