//! Journey templates: the plans that journeys follow.

mod definition;
mod draft;
mod stage;
mod version;

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::JourneyTemplateId;
use jornada_domain::journeys::template::{self, NewTemplate, TemplatePatch};
use jornada_domain::journeys::{draft as drafts, version as versions};

pub(super) use self::draft::DraftMutation;
pub(super) use self::stage::{StageTemplate, TaskTemplate};
pub(super) use self::version::JourneyTemplateVersion;
use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children, load_of, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};

/// The plan of a journey, in versions.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct JourneyTemplate {
    pub id: GlobalId<JourneyTemplateId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What programs know it by; unique in the workspace, it never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// Whether new accounts get it when no selection rule matches; at most one template is.
    is_default: bool,
}

#[ComplexObject]
impl JourneyTemplate {
    /// The version that can be edited; null where there is none.
    async fn draft(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, Some(DraftOf(self.id.0))).await
    }

    /// The version that new journeys follow; null where there is none yet.
    async fn published_version(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, Some(PublishedOf(self.id.0))).await
    }

    /// All versions, newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<JourneyTemplateVersion>> {
        children(ctx, VersionsOf(self.id.0), Paging { first, after, last, before }).await
    }
}

impl From<template::Model> for JourneyTemplate {
    fn from(row: template::Model) -> Self {
        let template::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            name,
            description,
            is_default,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            key,
            name,
            description,
            is_default,
        }
    }
}

load_by_id!(JourneyTemplateId => template::Model, template::many);
load_of!(DraftOf(JourneyTemplateId) => versions::Model, versions::drafts_of, template_id);
load_of!(PublishedOf(JourneyTemplateId) => versions::Model, versions::published_of, template_id);
load_children!(VersionsOf(JourneyTemplateId) => versions::Model, versions::list_each);

#[derive(Default)]
pub(super) struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// One template.
    async fn journey_template(&self, ctx: &Context<'_>, id: ID) -> Answer<JourneyTemplate> {
        read(ctx, async |cx| template::find(cx, id::parse("id", &id)?).await).await
    }

    /// The template of a key.
    async fn journey_template_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What programs know it by.")] key: String,
    ) -> Answer<JourneyTemplate> {
        read(ctx, async |cx| template::by_key(cx, &key).await).await
    }

    /// The templates of the workspace, by name.
    async fn journey_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also templates that were put away.", default)] include_archived: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<JourneyTemplate>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| template::list(cx, include_archived, page).await).await
    }

    /// One version of a template.
    async fn journey_template_version(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Answer<JourneyTemplateVersion> {
        read(ctx, async |cx| versions::find(cx, id::parse("id", &id)?).await).await
    }
}

#[derive(Default)]
pub(super) struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Makes a template with an empty draft.
    async fn journey_template_create(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateCreateInput,
    ) -> Result<JourneyTemplateCreatePayload> {
        write(ctx, async move |tx| drafts::create_template(tx, input.into()).await).await
    }

    /// Changes what a template is called, and whether it is the default one.
    async fn journey_template_update(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateUpdateInput,
    ) -> Result<JourneyTemplateUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(template::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a template away: no new journey follows it, running ones go on.
    async fn journey_template_archive(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateArchiveInput,
    ) -> Result<JourneyTemplateArchivePayload> {
        write(ctx, async |tx| template::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes a template back that was put away; it is not the default one any more.
    async fn journey_template_restore(
        &self,
        ctx: &Context<'_>,
        input: JourneyTemplateRestoreInput,
    ) -> Result<JourneyTemplateRestorePayload> {
        write(ctx, async |tx| drafts::restore_template(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A template to be made.
#[derive(InputObject)]
pub(super) struct JourneyTemplateCreateInput {
    /// What programs know it by: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique in the workspace.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// What it is for: up to 4,000 characters.
    description: Option<String>,
    /// Whether new accounts get it when no selection rule matches; takes that from the other one.
    #[graphql(default)]
    is_default: bool,
}

impl From<JourneyTemplateCreateInput> for NewTemplate {
    fn from(input: JourneyTemplateCreateInput) -> Self {
        let JourneyTemplateCreateInput { key, name, description, is_default } = input;
        Self { key, name, description, is_default }
    }
}

/// Changes of a template; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct JourneyTemplateUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What it is for: up to 4,000 characters.
    description: MaybeUndefined<String>,
    /// Whether new accounts get it when no selection rule matches; takes that from the other one.
    is_default: MaybeUndefined<bool>,
}

impl JourneyTemplateUpdateInput {
    fn read(self, reading: &mut Reading) -> TemplatePatch {
        let JourneyTemplateUpdateInput { id: _, expected_version, name, description, is_default } =
            self;
        let name = reading.kept("name", name);
        let is_default = reading.kept("isDefault", is_default);
        TemplatePatch { expected_version, name, description: description.into(), is_default }
    }
}

/// A template to be put away.
#[derive(InputObject)]
pub(super) struct JourneyTemplateArchiveInput {
    id: ID,
}

/// A template to be taken back.
#[derive(InputObject)]
pub(super) struct JourneyTemplateRestoreInput {
    id: ID,
}

payload! {
    /// What came of making a template.
    JourneyTemplateCreatePayload {
        /// The template.
        journey_template: JourneyTemplate,
    }
}

payload! {
    /// What came of changing a template.
    JourneyTemplateUpdatePayload {
        /// The template as it is now.
        journey_template: JourneyTemplate,
    }
}

payload! {
    /// What came of putting a template away.
    JourneyTemplateArchivePayload {
        /// The template as it is now.
        journey_template: JourneyTemplate,
    }
}

payload! {
    /// What came of taking a template back.
    JourneyTemplateRestorePayload {
        /// The template as it is now.
        journey_template: JourneyTemplate,
    }
}
