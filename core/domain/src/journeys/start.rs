//! How a journey begins (rule 9).

use super::blueprint::{self, Stage};
pub use super::engine::adoption::Adoption;
use super::engine::adoption::{adopt, task_of};
use super::journey::{self, JourneyStatus};
use super::version::{self, VersionStatus};
use super::{run, selection, template};
use crate::accounts::account::{self, NewAccount};
use crate::auth::user;
use crate::prelude::*;

/// Which journey a new account gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum JourneyStart {
    /// What the selection rules say, else the default template, else none.
    #[default]
    Auto,
    /// None.
    None,
    /// This one.
    At(StartAt),
}

/// A journey that begins somewhere in the middle, or in the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartAt {
    pub template_id: JourneyTemplateId,
    /// The stage to begin with; the first one if absent.
    pub stage_key: Option<String>,
    /// When the stage was entered; today if absent.
    pub entered_on: Option<NaiveDate>,
    /// Whether the journey ran before, and how much of the stage was done then. If absent, nothing
    /// was: where facts of the past come in, an earlier entry is taken over so, and otherwise the
    /// tasks count from the entry.
    pub adoption: Option<Adoption>,
}

/// Creates an account with its CSM and its journey, in one transaction.
pub async fn open_account(
    tx: &Tx<'_>,
    new: NewAccount,
    csm_id: Option<UserId>,
    start: JourneyStart,
) -> Result<account::Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let mut checks = Checks::new();
    let account = checks.keep(account::create(tx, new).await)?;
    if let Some(user_id) = csm_id {
        checks.keep(user::active(tx, user_id, "csmId").await)?;
    }
    if let JourneyStart::At(at) = &start {
        let found = check_start(tx, at).await.map_err(|error| error.under("journeyStart.at"));
        checks.keep(found)?;
        checks.ensure(account.as_ref().is_none_or(|account| account.status.is_running()), || {
            Problem::new("journeyStart", Code::Contradiction).with("with", "status")
        });
    }
    let (Some(account), true) = (account, checks.is_well()) else {
        return Err(Error::Problems(checks.into_problems()));
    };
    if let Some(user_id) = csm_id {
        super::people::make_csm(tx, account.id, user_id).await?;
    }
    let template_id = match start {
        JourneyStart::None => None,
        JourneyStart::Auto if !account.status.is_running() => None,
        JourneyStart::Auto => selection::template_for(tx, &account).await?,
        JourneyStart::At(at) => {
            let started = start_on(tx, account.clone(), at, true).await;
            started.map_err(|error| error.under("journeyStart.at"))?;
            None
        }
    };
    if let Some(template_id) = template_id {
        let at = StartAt { template_id, stage_key: None, entered_on: None, adoption: None };
        match start_on(tx, account.clone(), at, true).await {
            // A template that cannot be followed starts nothing: the account is still there.
            Err(error) if cannot_be_followed(&error) => {}
            other => drop(other?),
        }
    }
    Ok(account)
}

fn cannot_be_followed(error: &Error) -> bool {
    error.has(Code::NotPublished) || error.has(Code::Archived)
}

/// Starts a journey for an account. A primary one takes that place from the one that has it.
pub async fn start_journey(
    tx: &Tx<'_>,
    account_id: AccountId,
    at: StartAt,
    is_primary: bool,
) -> Result<journey::Model> {
    tx.require(Area::Journeys, Access::Write)?;
    let mut checks = Checks::new();
    let account = checks.keep(account::lock(tx, account_id, "accountId").await)?;
    checks.ensure(account.as_ref().is_none_or(|account| account.status.is_running()), || {
        Problem::new("accountId", Code::AccountNotRunning)
    });
    checks.keep(check_start(tx, &at).await)?;
    let (Some(account), true) = (account, checks.is_well()) else {
        return Err(Error::Problems(checks.into_problems()));
    };
    start_on(tx, account, at, is_primary).await
}

/// Whether a journey can begin so, as far as it does not depend on its account.
async fn check_start(tx: &Tx<'_>, at: &StartAt) -> Result<()> {
    let mut checks = Checks::new();
    let version = checks.keep(published(tx, at.template_id).await)?;
    if let Some(version) = version {
        let plan = blueprint::load(tx, version.id).await?;
        let stage = plan.stage_or_first(at.stage_key.as_deref());
        checks.ensure(stage.is_some(), || Problem::new("stageKey", Code::UnknownStage));
        if let (Some(stage), Some(Adoption::NextTask(key))) = (stage, &at.adoption) {
            let unknown = || Problem::new("adoption.nextTaskKey", Code::UnknownTask);
            checks.ensure(task_of(stage, key).is_some(), unknown);
        }
    }
    checks.keep(entry(tx, at.entered_on).await)?;
    checks.finish()
}

/// The instant at which the first stage was entered.
async fn entry(tx: &Tx<'_>, entered_on: Option<NaiveDate>) -> Result<DateTime<Utc>> {
    let today = tx.today().await?;
    match entered_on.unwrap_or(today) {
        date if date > today => {
            Err(Problem::new("enteredOn", Code::TooLate).with("max", today).into())
        }
        date => tx.instant_of(date).await,
    }
}

async fn start_on(
    tx: &Tx<'_>,
    account: account::Model,
    at: StartAt,
    is_primary: bool,
) -> Result<journey::Model> {
    let entered_at = entry(tx, at.entered_on).await?;
    let journey = planned(tx, &account, at.template_id, entered_at).await?;
    let journey = journey::Model { is_primary, ..journey };
    // A fact of the past sets nothing off: what was due then is nobody's work today (rule 9).
    let ran_before = tx.actor.origin.may_look_back() && entered_at < tx.now;
    let adoption = at.adoption.or_else(|| ran_before.then_some(Adoption::NothingDone));
    begin(tx, account, journey, at.stage_key.as_deref(), adoption.as_ref()).await
}

/// Starts the journey of an anchored selection rule, once: none while the one that the same
/// template has for the subscription still runs, because it follows the end wherever that moves.
/// Of a template that cannot be followed none is started. It is the primary one where the account
/// has no other. One that begins late, because its contract became known late, is taken over as it
/// is: nothing of it is due before today.
pub(super) async fn start_by_rule(
    tx: &Tx<'_>,
    account: account::Model,
    template_id: JourneyTemplateId,
    work: &selection::StartAnchored,
) -> Result<()> {
    let (subscription_id, start_key) = (work.subscription_id, work.start_key());
    let running = journey::running_of(tx, &[account.id]).await?;
    let runs = running.iter().any(|journey| {
        (journey.template_id, journey.subscription_id) == (template_id, Some(subscription_id))
    });
    if runs || journey::was_started(tx, &start_key).await? {
        return Ok(());
    }
    let is_primary = !running.iter().any(|journey| journey.is_primary);
    let journey = match planned(tx, &account, template_id, tx.now).await {
        Err(error) if cannot_be_followed(&error) => return Ok(()),
        planned => planned?,
    };
    let journey = journey::Model {
        is_primary,
        subscription_id: Some(subscription_id),
        start_key: Some(start_key),
        ..journey
    };
    let adoption = work.is_late.then_some(Adoption::NothingDone);
    begin(tx, account, journey, None, adoption.as_ref()).await?;
    Ok(())
}

/// A journey of the published version of a template, before its first stage.
async fn planned(
    tx: &Tx<'_>,
    account: &account::Model,
    template_id: JourneyTemplateId,
    started_at: DateTime<Utc>,
) -> Result<journey::Model> {
    let version = published(tx, template_id).await?;
    Ok(journey::Model {
        workspace_id: tx.workspace_id(),
        id: tx.new_id(),
        version: 0,
        created_at: tx.now,
        updated_at: tx.now,
        account_id: account.id,
        template_id,
        version_id: version.id,
        is_primary: false,
        status: JourneyStatus::Active,
        stage_key: String::new(),
        lap: 1,
        lap_stage_key: String::new(),
        waiting_for: None,
        wakes_on: None,
        started_at,
        ended_at: None,
        reason: None,
        subscription_id: None,
        anchored_to: None,
        start_key: None,
    })
}

/// The version that new journeys of a template follow.
async fn published(tx: &Tx<'_>, template_id: JourneyTemplateId) -> Result<version::Model> {
    let template = template::find_in(tx, template_id, "templateId").await?;
    if template.archived_at.is_some() {
        return Err(Problem::new("templateId", Code::Archived).into());
    }
    let version = version::in_status(tx, template_id, VersionStatus::Published).await?;
    version.ok_or_else(|| Problem::new("templateId", Code::NotPublished).into())
}

async fn begin(
    tx: &Tx<'_>,
    account: account::Model,
    journey: journey::Model,
    stage_key: Option<&str>,
    adoption: Option<&Adoption>,
) -> Result<journey::Model> {
    let mut loaded = run::fresh(tx, journey, account).await?;
    let first = loaded.plan.stage_or_first(stage_key).cloned();
    let first = first.ok_or_else(|| Problem::new("stageKey", Code::UnknownStage))?;
    let key = Stage::key(&first).to_owned();
    loaded.run.journey.stage_key.clone_from(&key);
    loaded.run.journey.lap_stage_key = key;
    // Nobody said that a stage which begins by a date was entered: it waits for it.
    let waits = stage_key.is_none() && first.row.starts_at.is_some();
    if let Some(adoption) = adoption.filter(|_| !waits) {
        loaded.with(tx, |run, plan, world| adopt(run, plan, world, &first, adoption));
    }
    let run = loaded.settle_and_save(tx, None).await?;
    Ok(run.journey)
}
