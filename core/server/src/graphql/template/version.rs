//! Versions of journey templates.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Problem, Result};
use jornada_domain::id::{JourneyTemplateId, JourneyTemplateVersionId};
use jornada_domain::journeys::draft::{self, Checked, PluginConfig};
use jornada_domain::journeys::{stage_template, version};

use super::JourneyTemplate;
use super::stage::StageTemplate;
use crate::graphql::error::UserError;
use crate::graphql::id::GlobalId;
use crate::graphql::loader::{all, load_by_id, load_each, one};
use crate::graphql::request::{Answer, Call, call};
use crate::graphql::word::words;
use crate::plugin::task::config_problems;

/// One version of a template: a draft that can be edited, or a plan that never changes again.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct JourneyTemplateVersion {
    pub id: GlobalId<JourneyTemplateVersionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    template_id: JourneyTemplateId,
    /// From 1, within the template.
    number: i32,
    /// Where it is.
    status: JourneyTemplateVersionStatus,
    /// The loop guard: after this many visits of a stage within a lap the journey is held.
    max_attempts: i32,
    /// When it became the version that new journeys follow.
    published_at: Option<DateTime<Utc>>,
    /// When another one took its place.
    retired_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl JourneyTemplateVersion {
    /// The template.
    async fn template(&self, ctx: &Context<'_>) -> Answer<JourneyTemplate> {
        one(ctx, Some(self.template_id)).await
    }

    /// The stages in their order, at most 50.
    async fn stages(&self, ctx: &Context<'_>) -> Answer<Vec<StageTemplate>> {
        all(ctx, StagesOf(self.id.0)).await
    }

    /// Everything that keeps it from being published now, with paths as in the input of
    /// `journeyTemplateDraftSave`; empty when it can run.
    async fn problems(&self, ctx: &Context<'_>) -> Answer<Vec<UserError>> {
        let call = call(ctx);
        let found = async {
            let checked = call.loads.load_one(CheckedOf(self.id.0)).await?.unwrap_or_default();
            let Checked { mut problems, configs } = checked;
            problems.extend(told_by_plugins(call, configs).await?);
            Ok(problems.iter().map(|one| UserError::new(one, call.locale())).collect())
        };
        Some(found.await)
    }
}

impl From<version::Model> for JourneyTemplateVersion {
    fn from(row: version::Model) -> Self {
        let version::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            template_id,
            number,
            status,
            max_attempts,
            published_at,
            retired_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            template_id,
            number,
            status: status.into(),
            max_attempts,
            published_at,
            retired_at,
        }
    }
}

words! {
    /// Where a version is; a template has at most one draft and one published version.
    JourneyTemplateVersionStatus = "version::VersionStatus" {
        /// Can be edited; no journey follows it.
        Draft,
        /// Never changes again; new journeys follow it.
        Published,
        /// Never changes again; journeys that run stay on it.
        Retired,
    }
}

load_by_id!(JourneyTemplateVersionId => version::Model, version::many);
load_each!(
    StagesOf(JourneyTemplateVersionId) => Vec<stage_template::Model>, stage_template::of_versions
);
load_each!(CheckedOf(JourneyTemplateVersionId) => Checked, draft::check);

/// What plugins say is wrong with the configurations of tasks of their types.
pub(super) async fn told_by_plugins(
    call: &Call,
    configs: Vec<PluginConfig>,
) -> Result<Vec<Problem>> {
    config_problems(call.app(), call.actor(), call.locale(), configs).await
}
