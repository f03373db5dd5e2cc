//! How a plan is written and published.

use async_graphql::{Context, ID, InputObject, Object};
use jornada_domain::error::{Error, Problem, Result, all_well};
use jornada_domain::journeys::draft;
use jornada_domain::journeys::version::DEFAULT_MAX_ATTEMPTS;
use jornada_domain::{Cx, Tx};

use super::JourneyTemplateVersion;
use super::definition::{Reader, StageTemplateInput};
use super::version::told_by_plugins;
use crate::graphql::id;
use crate::graphql::reading::Reading;
use crate::graphql::request::{call, payload, prepared, write};

#[derive(Default)]
pub(in crate::graphql) struct DraftMutation;

#[Object]
impl DraftMutation {
    /// The draft of a template. Where there is none, one is made as a copy of the published
    /// version.
    async fn journey_template_draft_open(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateDraftOpenInput,
    ) -> Result<JourneyTemplateDraftOpenPayload> {
        write(ctx, async |tx| {
            draft::open_draft(tx, id::parse("templateId", &input.template_id)?).await
        })
        .await
    }

    /// Replaces the whole definition of a draft. Forms and keys must be right; whether it can run
    /// is asked when it is published, and told by `problems` before.
    async fn journey_template_draft_save(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateDraftSaveInput,
    ) -> Result<JourneyTemplateDraftSavePayload> {
        write(ctx, async move |tx| {
            let roles = draft::account_roles(tx).await?;
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let mut reader = Reader { roles: &roles, reading: &mut reading };
            let definition = reader.read(input.max_attempts, input.stages);
            reading.then(draft::save(tx, id, input.expected_version, &definition).await)
        })
        .await
    }

    /// Makes a draft the version that new journeys follow. The one before is retired; running
    /// journeys stay on it. Everything that keeps it from running is told at once, with paths as in
    /// the input of `journeyTemplateDraftSave`.
    async fn journey_template_publish(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplatePublishInput,
    ) -> Result<JourneyTemplatePublishPayload> {
        let ask = async |cx: &Cx<'_>| {
            let id = id::parse("id", &input.id)?;
            let checked = draft::check(cx, &[id]).await?.remove(&id).unwrap_or_default();
            told_by_plugins(call(ctx), checked.configs).await
        };
        prepared(ctx, ask, async |tx: &Tx<'_>, mut told: Vec<Problem>| {
            match draft::publish(tx, id::parse("id", &input.id)?).await {
                Ok(row) => all_well(told).map(|()| row),
                Err(Error::Problems(mut found)) => {
                    found.append(&mut told);
                    Err(Error::Problems(found))
                }
                Err(other) => Err(other),
            }
        })
        .await
    }
}

/// The template whose draft is wanted.
#[derive(InputObject)]
pub(super) struct JourneyTemplateDraftOpenInput {
    /// The template.
    template_id: ID,
}

/// The whole definition of a draft.
#[derive(InputObject)]
pub(super) struct JourneyTemplateDraftSaveInput {
    /// The draft.
    id: ID,
    expected_version: Option<i64>,
    /// The loop guard: after this many visits of a stage within a lap the journey is held. 1 to
    /// 100.
    #[graphql(default_with = "DEFAULT_MAX_ATTEMPTS")]
    max_attempts: i32,
    /// The stages in the order of the journey, at most 50.
    stages: Vec<StageTemplateInput>,
}

/// A draft to be published.
#[derive(InputObject)]
pub(super) struct JourneyTemplatePublishInput {
    /// The draft.
    id: ID,
}

payload! {
    /// What came of opening a draft.
    JourneyTemplateDraftOpenPayload {
        /// The draft.
        journey_template_version: JourneyTemplateVersion,
    }
}

payload! {
    /// What came of writing a draft.
    JourneyTemplateDraftSavePayload {
        /// The draft as it is now.
        journey_template_version: JourneyTemplateVersion,
    }
}

payload! {
    /// What came of publishing a draft.
    JourneyTemplatePublishPayload {
        /// The version as it is now.
        journey_template_version: JourneyTemplateVersion,
    }
}
