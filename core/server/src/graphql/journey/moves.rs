//! How journeys are started, moved, migrated and called off.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::journeys::migrate::{self, Migration};
use jornada_domain::journeys::moving::{self, Move};
use jornada_domain::journeys::start::{self, StartAt};

use super::{Journey, JourneyAdoptionInput};
use crate::graphql::id;
use crate::graphql::reading::Reading;
use crate::graphql::request::{payload, write};
use crate::graphql::scalar::Date;

#[derive(Default)]
pub(in crate::graphql) struct JourneyMutation;

#[Object]
impl JourneyMutation {
    /// Starts a journey for an account, after the published version of a template.
    async fn journey_start(
        &self,
        ctx: &Context<'_>,
        input: JourneyStartInput,
    ) -> Result<JourneyStartPayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let account_id = reading.id("accountId", &input.account_id);
            let template_id = reading.id("templateId", &input.template_id);
            let entered_on = input.entered_on.map(Into::into);
            let adoption = input.adoption.map(|it| it.read(&mut reading, "adoption"));
            let at = StartAt { template_id, stage_key: input.stage_key, entered_on, adoption };
            reading.then(start::start_journey(tx, account_id, at, input.is_primary).await)
        })
        .await
    }

    /// Moves a journey by hand. What is left of the current visit is cancelled, and a new lap
    /// starts with the stage that it comes to.
    async fn journey_move(
        &self,
        ctx: &Context<'_>,
        input: JourneyMoveInput,
    ) -> Result<JourneyMovePayload> {
        write(ctx, async move |tx| {
            let id = id::parse("journeyId", &input.journey_id)?;
            let to = target(input.to, input.stage_key)?;
            moving::move_journey(tx, id, &to, &input.reason).await
        })
        .await
    }

    /// Lets a journey stand for its account in the portfolio, in place of the one that did.
    async fn journey_make_primary(
        &self,
        ctx: &Context<'_>,
        input: JourneyMakePrimaryInput,
    ) -> Result<JourneyMakePrimaryPayload> {
        write(ctx, async |tx| {
            moving::make_primary(tx, id::parse("journeyId", &input.journey_id)?).await
        })
        .await
    }

    /// Calls a journey off: its visit ends, and what is left of it is cancelled.
    async fn journey_cancel(
        &self,
        ctx: &Context<'_>,
        input: JourneyCancelInput,
    ) -> Result<JourneyCancelPayload> {
        write(ctx, async |tx| {
            let id = id::parse("journeyId", &input.journey_id)?;
            moving::cancel_journey(tx, id, &input.reason).await
        })
        .await
    }

    /// Changes a journey to another version of its template, or only tells what would happen.
    /// Stages and tasks are mapped by their keys; finished work, attempts and open due dates are
    /// kept.
    async fn journey_migrate(
        &self,
        ctx: &Context<'_>,
        input: JourneyMigrateInput,
    ) -> Result<JourneyMigratePayload> {
        write(ctx, async |tx| {
            let id = id::parse("journeyId", &input.journey_id)?;
            let version_id = id::parse("versionId", &input.version_id)?;
            let stage_key = input.stage_key.as_deref();
            let done = migrate::migrate(tx, id, version_id, stage_key, input.dry_run).await?;
            Ok((JourneyMigration::from(done.migration), Journey::from(done.journey)))
        })
        .await
    }

    /// Waives an indicator that the current visit reads from data: it counts as passed. One that a
    /// person evaluates is waived by skipping its task.
    async fn indicator_waive(
        &self,
        ctx: &Context<'_>,
        input: IndicatorWaiveInput,
    ) -> Result<IndicatorWaivePayload> {
        write(ctx, async |tx| {
            let id = id::parse("journeyId", &input.journey_id)?;
            moving::waive_indicator(tx, id, &input.indicator_key, &input.reason).await
        })
        .await
    }
}

/// A journey to be started.
#[derive(InputObject)]
pub(super) struct JourneyStartInput {
    /// The account, which must be tried out or active.
    account_id: ID,
    /// The template, which must have a published version.
    template_id: ID,
    /// The key of the stage to begin with; the first one unless said.
    stage_key: Option<String>,
    /// The day on which that stage was entered; today unless said. Its tasks count from that day,
    /// so one of the past can make them overdue. With the header `Jornada-Origin: BACKFILL` a
    /// journey that was entered before today is taken over instead, as by an import: unless
    /// `adoption` says otherwise, with nothing done and nothing due before today.
    entered_on: Option<Date>,
    /// Takes the journey over as one that ran before: nothing of it is due before today.
    adoption: Option<JourneyAdoptionInput>,
    /// Whether it stands for the account in the portfolio; takes that from the one that does.
    #[graphql(default = true)]
    is_primary: bool,
}

/// Where to move a journey.
#[derive(InputObject)]
pub(super) struct JourneyMoveInput {
    /// The journey, which must not have ended.
    journey_id: ID,
    /// Where to.
    #[graphql(name = "move")]
    to: JourneyMoveTo,
    /// The key of the stage to jump to; only for `JUMP`.
    stage_key: Option<String>,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// Where a person moves a journey.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum JourneyMoveTo {
    /// What follows the stage; completes the journey where nothing does.
    Advance,
    /// The same stage again.
    Repeat,
    /// The stage before.
    Return,
    /// The stage that `stageKey` names, wherever it stands.
    Jump,
}

fn target(to: JourneyMoveTo, stage_key: Option<String>) -> Result<Move> {
    match (to, stage_key) {
        (JourneyMoveTo::Jump, Some(key)) => Ok(Move::Jump(key)),
        (JourneyMoveTo::Jump, None) => Err(Problem::new("stageKey", Code::Required).into()),
        (_, Some(_)) => {
            Err(Problem::new("stageKey", Code::Contradiction).with("with", "move").into())
        }
        (JourneyMoveTo::Advance, None) => Ok(Move::Advance),
        (JourneyMoveTo::Repeat, None) => Ok(Move::Repeat),
        (JourneyMoveTo::Return, None) => Ok(Move::Return),
    }
}

/// A journey that is to stand for its account.
#[derive(InputObject)]
pub(super) struct JourneyMakePrimaryInput {
    /// The journey, which must not have ended.
    journey_id: ID,
}

/// A journey to be called off.
#[derive(InputObject)]
pub(super) struct JourneyCancelInput {
    /// The journey, which must not have ended.
    journey_id: ID,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// To which version a journey is to change.
#[derive(InputObject)]
pub(super) struct JourneyMigrateInput {
    /// The journey, which must not have ended.
    journey_id: ID,
    /// A version of its template that is or was published.
    version_id: ID,
    /// The key of the stage to go on with, where the version no longer has the current one; its
    /// visit begins anew.
    stage_key: Option<String>,
    /// Only tells what would happen.
    #[graphql(default)]
    dry_run: bool,
}

/// An indicator to be waived.
#[derive(InputObject)]
pub(super) struct IndicatorWaiveInput {
    /// The journey, which must not have ended.
    journey_id: ID,
    /// The key of one of the indicators that the current visit reads from data.
    indicator_key: String,
    /// Why: 1 to 2,000 characters.
    reason: String,
}

/// What a migration does, or would do.
#[derive(SimpleObject)]
pub(super) struct JourneyMigration {
    /// The key of the stage that the journey is in afterwards.
    stage_key: String,
    /// Keys of tasks of the current visit that stay, with their work and due dates.
    kept: Vec<String>,
    /// Keys of tasks that the current visit gets.
    added: Vec<String>,
    /// Keys of unfinished tasks that the version no longer has.
    cancelled: Vec<String>,
}

impl From<Migration> for JourneyMigration {
    fn from(migration: Migration) -> Self {
        let Migration { stage_key, kept, added, cancelled } = migration;
        Self { stage_key, kept, added, cancelled }
    }
}

payload! {
    /// What came of starting a journey.
    JourneyStartPayload {
        /// The journey.
        journey: Journey,
    }
}

payload! {
    /// What came of moving a journey.
    JourneyMovePayload {
        /// The journey as it is now.
        journey: Journey,
    }
}

payload! {
    /// What came of making a journey the primary one.
    JourneyMakePrimaryPayload {
        /// The journey as it is now.
        journey: Journey,
    }
}

payload! {
    /// What came of calling a journey off.
    JourneyCancelPayload {
        /// The journey as it is now.
        journey: Journey,
    }
}

payload! {
    /// What came of changing a journey to another version.
    JourneyMigratePayload {
        /// What happened, or would happen.
        migration: JourneyMigration,
        /// The journey as it is now.
        journey: Journey,
    }
}

payload! {
    /// What came of waiving an indicator.
    IndicatorWaivePayload {
        /// The journey as it is now.
        journey: Journey,
    }
}
