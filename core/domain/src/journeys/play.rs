//! Playing journeys in a sandbox: what a stand-in does in place of the people, so that one can see
//! where a template leads before anybody follows it.
//!
//! The stand-in does every task when it is due, and well: interactions were had, surveys sent and
//! answered with the best score, indicators that a person evaluates pass. What no task asks for,
//! like the points of a metric, it does not bring.

use chrono::TimeDelta;

use super::start::{self, JourneyStart, StartAt};
use super::work::{self, Answer, Completion, Talk};
use super::{selection, signals, template};
use crate::accounts::account::{self, NewAccount};
use crate::accounts::contact::{self, NewContact};
use crate::feedback::survey;
use crate::prelude::*;
use crate::revenue::subscription::{BillingInterval, NewSubscription, Why};
use crate::tasks::kind::SurveyDone;
use crate::tasks::{TaskConfig, task};
use crate::workspace;

/// A customer to play with.
#[derive(Clone, Debug)]
pub struct Sample {
    pub name: String,
    /// The key of the template that the customer follows; where it is not said, what the selection
    /// rules say, else the default one.
    pub template: Option<String>,
}

/// Opens an account of a CSM in a sandbox, with a contact and a subscription of a year, and starts
/// its journey. An error where there is no template to follow.
pub async fn open_sample(tx: &Tx<'_>, sample: Sample, csm_id: UserId) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    workspace::require_sandbox(tx, "workspace").await?;
    let Sample { name, template } = sample;
    let new = NewAccount { name, ..Default::default() };
    let account = start::open_account(tx, new, Some(csm_id), JourneyStart::None).await?;
    contact::create(tx, sample_contact(account.id)).await?;
    let starts_on = tx.today().await?;
    signals::create_subscription(tx, sample_subscription(account.id, starts_on)).await?;
    let template_id = match template {
        Some(key) => {
            let found = template::by_key(tx, &key).await;
            Some(found.map_err(|error| error.renamed("key", "template"))?.id)
        }
        None => selection::template_for(tx, &account).await?,
    };
    let Some(template_id) = template_id else {
        return Err(Error::not_found("template", Kind::JourneyTemplate));
    };
    let at = StartAt { template_id, stage_key: None, entered_on: None, adoption: None };
    let started = start::start_journey(tx, account.id, at, true).await;
    started.map_err(|error| error.renamed("templateId", "template"))?;
    Ok(account)
}

fn sample_contact(account_id: AccountId) -> NewContact {
    NewContact {
        account_id,
        name: "Sample contact".to_owned(),
        email: None,
        phone: None,
        title: None,
        channel: None,
        time_zone: None,
        is_primary: true,
        has_opted_out: false,
        role_ids: Vec::new(),
        attributes: Vec::new(),
    }
}

fn sample_subscription(account_id: AccountId, starts_on: NaiveDate) -> NewSubscription {
    NewSubscription {
        account_id,
        package_id: None,
        name: "Sample subscription".to_owned(),
        starts_on,
        ends_on: Some(starts_on + TimeDelta::days(365)),
        notice_on: None,
        cancelled_on: None,
        amount_minor: 100_000,
        currency: "BRL".to_owned(),
        interval: BillingInterval::Month,
        lines: Vec::new(),
        attributes: Vec::new(),
        why: Why::default(),
    }
}

/// Why the stand-in leaves a task out.
const PLAYED: &str = "The sandbox was played.";

/// Completes an open task in a sandbox, as the stand-in does it.
pub async fn finish(tx: &Tx<'_>, id: TaskId) -> Result<task::Model> {
    tx.require(Area::Tasks, Access::Write)?;
    workspace::require_sandbox(tx, "workspace").await?;
    let task = task::find_in(tx, id, "taskId").await?;
    let mut done = Completion {
        task_id: id,
        expected_version: None,
        finished_at: None,
        interaction: None,
        value: None,
        answer: None,
        outcome: None,
    };
    match TaskConfig::parse(&task.type_key, &task.config)? {
        TaskConfig::Standard => {}
        // Only people know what to tell a plugin.
        TaskConfig::Plugin => return work::skip(tx, id, PLAYED).await,
        TaskConfig::Interaction(_) => {
            let (channel, subject, notes, sentiment, contact_id) = Default::default();
            done.interaction = Some(Talk { channel, subject, notes, sentiment, contact_id });
        }
        TaskConfig::Indicator(config) => {
            done.value = Some(config.comparator.satisfying(config.target));
        }
        TaskConfig::Survey(config) if config.done_when == SurveyDone::Sent => {}
        TaskConfig::Survey(config) => {
            let survey = survey::in_use(tx, &[&config.survey_key]).await?.pop();
            let survey = survey.ok_or_else(|| Problem::new("taskId", Code::UnknownSurvey))?;
            let score = *survey.method.range().end();
            done.answer = Some(Answer { score, comment: None, contact_id: None });
        }
    }
    work::complete(tx, done).await
}
