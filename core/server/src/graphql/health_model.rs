//! Health models: how health is computed, version by version.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::Cx;
use jornada_domain::auth::{Access, Area};
use jornada_domain::error::Result;
use jornada_domain::health::model::{self, ModelPatch, NewModel};
use jornada_domain::health::score::{self, Role};
use jornada_domain::health::spread::{self, BandCounts};
use jornada_domain::health::{hindsight, run, version};
use jornada_domain::id::{HealthModelId, HealthModelVersionId, SegmentId};

use super::connection::{Connection, Paging};
use super::health_definition::{HealthDefinition, HealthDefinitionInput};
use super::health_hindsight::HealthHindsight;
use super::health_run::HealthRun;
use super::health_score::HealthComparison;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, call, list, payload, prepared, read, write};
use super::scalar::Long;
use super::segment::Segment;

/// How health is computed, and whose. Several models may be about the same account; the scores of
/// the primary one are those that portfolios show.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthModel {
    pub id: GlobalId<HealthModelId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    #[graphql(skip)]
    segment_id: Option<SegmentId>,
    /// Whether its scores are those that portfolios show.
    is_primary: bool,
    #[graphql(skip)]
    active_version_id: HealthModelVersionId,
    #[graphql(skip)]
    candidate_version_id: Option<HealthModelVersionId>,
}

impl HealthModel {
    async fn spread(&self, cx: &Cx<'_>, role: Role) -> Result<BandCounts> {
        spread::bands(cx, &model::find(cx, self.id.0).await?, role).await
    }
}

#[ComplexObject]
impl HealthModel {
    /// Whose accounts it is about; null for all that are tried out, active or paused.
    async fn segment(&self, ctx: &Context<'_>) -> Answer<Segment> {
        one(ctx, self.segment_id).await
    }

    /// The version whose scores people see.
    async fn active_version(&self, ctx: &Context<'_>) -> Answer<HealthModelVersion> {
        one(ctx, Some(self.active_version_id)).await
    }

    /// The version that is computed beside it, to be compared.
    async fn candidate_version(&self, ctx: &Context<'_>) -> Answer<HealthModelVersion> {
        one(ctx, self.candidate_version_id).await
    }

    /// All versions, newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthModelVersion>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| version::list(cx, self.id.0, page).await).await
    }

    /// The computations of all its scores, newest first.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthRun>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| run::list(cx, self.id.0, page).await).await
    }

    /// Whether its scores told who would be lost: of the 2,000 accounts that were lost last, the
    /// score so many days before; of up to 10,000 others, that of so many days ago.
    async fn hindsight(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many days before: 1 to 366.", default = 90)] days: i32,
    ) -> Answer<HealthHindsight> {
        let days = u32::try_from(days).unwrap_or_default();
        read(ctx, async |cx| hindsight::hindsight(cx, self.id.0, days).await).await
    }

    /// How many accounts are in which band, by what was computed.
    async fn bands(&self, ctx: &Context<'_>) -> Answer<HealthBandCounts> {
        read(ctx, async |cx| self.spread(cx, Role::Active).await).await
    }

    /// The same by the candidate; all 0 where there is none.
    async fn candidate_bands(&self, ctx: &Context<'_>) -> Answer<HealthBandCounts> {
        read(ctx, async |cx| self.spread(cx, Role::Candidate).await).await
    }

    /// What the candidate makes of the accounts beside what the active version does, the largest
    /// difference first; accounts that one of them has no value for come last.
    async fn comparison(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthComparison>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| score::compare(cx, self.id.0, page).await).await
    }
}

impl From<model::Model> for HealthModel {
    fn from(row: model::Model) -> Self {
        let model::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            name,
            name_folded: _,
            description,
            segment_id,
            is_primary,
            active_version_id,
            candidate_version_id,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            name,
            description,
            segment_id,
            is_primary,
            active_version_id,
            candidate_version_id,
        }
    }
}

load_by_id!(HealthModelId => model::Model, model::many);

/// One version of a health model. It never changes: a score names the version that made it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthModelVersion {
    pub id: GlobalId<HealthModelVersionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    model_id: HealthModelId,
    /// 1 for the first.
    number: i32,
    /// What it says; null if this server cannot read it.
    definition: Option<HealthDefinition>,
}

#[ComplexObject]
impl HealthModelVersion {
    /// The model.
    async fn model(&self, ctx: &Context<'_>) -> Answer<HealthModel> {
        one(ctx, Some(self.model_id)).await
    }
}

impl From<version::Model> for HealthModelVersion {
    fn from(row: version::Model) -> Self {
        let definition = row.definition().ok().map(HealthDefinition::from);
        let version::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            model_id,
            number,
            definition: _,
        } = row;
        Self { id: GlobalId(id), version, created_at, updated_at, model_id, number, definition }
    }
}

load_by_id!(HealthModelVersionId => version::Model, version::many);

/// How many accounts are in which band.
#[derive(SimpleObject)]
pub(super) struct HealthBandCounts {
    /// Badly.
    poor: Long,
    /// So that one has to look.
    concerning: Long,
    /// Well.
    healthy: Long,
    /// Too little is known of them.
    insufficient: Long,
}

impl From<BandCounts> for HealthBandCounts {
    fn from(counts: BandCounts) -> Self {
        let BandCounts { poor, concerning, healthy, insufficient } = counts;
        Self {
            poor: poor.into(),
            concerning: concerning.into(),
            healthy: healthy.into(),
            insufficient: insufficient.into(),
        }
    }
}

#[derive(Default)]
pub(super) struct HealthModelQuery;

#[Object]
impl HealthModelQuery {
    /// One health model, also one that was put away.
    async fn health_model(&self, ctx: &Context<'_>, id: ID) -> Answer<HealthModel> {
        read(ctx, async |cx| model::find(cx, id::parse("id", &id)?).await).await
    }

    /// The health models that are in use, by name.
    async fn health_models(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthModel>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| model::list(cx, page).await).await
    }
}

#[derive(Default)]
pub(super) struct HealthModelMutation;

#[Object]
impl HealthModelMutation {
    /// Makes a health model. Its first version is active at once, and all scores are computed by
    /// job. The first model of a workspace is primary.
    async fn health_model_create(
        &self,
        ctx: &Context<'_>,
        input: HealthModelCreateInput,
    ) -> Result<HealthModelCreatePayload> {
        let HealthModelCreateInput { name, description, segment_id, definition } = input;
        let defined = async |cx: &Cx<'_>| {
            cx.require(Area::Health, Access::Write)?;
            definition.read(call(ctx).app(), cx).await
        };
        prepared(ctx, defined, async move |tx, definition| {
            let mut reading = Reading::default();
            let segment_id = reading.some("segmentId", segment_id.as_ref());
            let new = NewModel { name, description, segment_id, definition };
            reading.then(model::create(tx, new).await)
        })
        .await
    }

    /// Changes what a health model is called, whom it is about, and whether it is primary.
    async fn health_model_update(
        &self,
        ctx: &Context<'_>,
        input: HealthModelUpdateInput,
    ) -> Result<HealthModelUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(model::update(tx, id, patch).await)
        })
        .await
    }

    /// Computes another version beside the active one, to be compared. It takes the place of the
    /// candidate before.
    async fn health_model_propose(
        &self,
        ctx: &Context<'_>,
        input: HealthModelProposeInput,
    ) -> Result<HealthModelProposePayload> {
        let HealthModelProposeInput { id, definition } = input;
        let defined = async |cx: &Cx<'_>| {
            cx.require(Area::Health, Access::Write)?;
            definition.read(call(ctx).app(), cx).await
        };
        prepared(ctx, defined, async move |tx, definition| {
            let mut reading = Reading::default();
            let id = reading.id("id", &id);
            reading.then(model::propose(tx, id, &definition).await)
        })
        .await
    }

    /// Gives the candidate up.
    async fn health_model_discard(
        &self,
        ctx: &Context<'_>,
        input: HealthModelDiscardInput,
    ) -> Result<HealthModelDiscardPayload> {
        write(ctx, async |tx| model::discard(tx, id::parse("id", &input.id)?).await).await
    }

    /// Makes a version active: the candidate, or an earlier one to go back to. The scores that are
    /// there show until the new ones are computed.
    async fn health_model_activate(
        &self,
        ctx: &Context<'_>,
        input: HealthModelActivateInput,
    ) -> Result<HealthModelActivatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let version_id = reading.id("versionId", &input.version_id);
            reading.then(model::activate(tx, id, version_id).await)
        })
        .await
    }

    /// Computes all scores of a model anew, by job.
    async fn health_model_recompute(
        &self,
        ctx: &Context<'_>,
        input: HealthModelRecomputeInput,
    ) -> Result<HealthModelRecomputePayload> {
        write(ctx, async |tx| model::recompute(tx, id::parse("id", &input.id)?).await).await
    }

    /// Puts a model away, with its scores; their history stays. While there are others, the
    /// primary one cannot be put away.
    async fn health_model_archive(
        &self,
        ctx: &Context<'_>,
        input: HealthModelArchiveInput,
    ) -> Result<HealthModelArchivePayload> {
        write(ctx, async |tx| model::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A health model to be made.
#[derive(InputObject)]
pub(super) struct HealthModelCreateInput {
    /// What people call it: up to 200 characters, unique.
    name: String,
    /// What it is for: up to 500 characters.
    description: Option<String>,
    /// Whose accounts it is about; all, where it is left out.
    segment_id: Option<ID>,
    /// What its first version says.
    definition: HealthDefinitionInput,
}

/// Changes of a health model; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct HealthModelUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: up to 200 characters, unique.
    name: MaybeUndefined<String>,
    /// What it is for: up to 500 characters.
    description: MaybeUndefined<String>,
    /// Whose accounts it is about; null for all.
    segment_id: MaybeUndefined<ID>,
    /// True makes it the primary one, in place of the one before.
    is_primary: MaybeUndefined<bool>,
}

impl HealthModelUpdateInput {
    fn read(self, reading: &mut Reading) -> ModelPatch {
        let Self { id: _, expected_version, name, description, segment_id, is_primary } = self;
        ModelPatch {
            expected_version,
            name: reading.kept("name", name),
            description: description.into(),
            segment_id: reading.change("segmentId", segment_id),
            is_primary: reading.kept("isPrimary", is_primary),
        }
    }
}

/// A version to be computed beside the active one.
#[derive(InputObject)]
pub(super) struct HealthModelProposeInput {
    id: ID,
    /// What it says.
    definition: HealthDefinitionInput,
}

/// A model whose candidate is given up.
#[derive(InputObject)]
pub(super) struct HealthModelDiscardInput {
    id: ID,
}

/// A version to be made active.
#[derive(InputObject)]
pub(super) struct HealthModelActivateInput {
    id: ID,
    /// A version of this model.
    version_id: ID,
}

/// A model whose scores are computed anew.
#[derive(InputObject)]
pub(super) struct HealthModelRecomputeInput {
    id: ID,
}

/// A model to be put away.
#[derive(InputObject)]
pub(super) struct HealthModelArchiveInput {
    id: ID,
}

payload! {
    /// What came of making a health model.
    HealthModelCreatePayload {
        /// The model.
        health_model: HealthModel,
    }
}

payload! {
    /// What came of changing a health model.
    HealthModelUpdatePayload {
        /// The model as it is now.
        health_model: HealthModel,
    }
}

payload! {
    /// What came of proposing a version.
    HealthModelProposePayload {
        /// The model as it is now.
        health_model: HealthModel,
    }
}

payload! {
    /// What came of giving a candidate up.
    HealthModelDiscardPayload {
        /// The model as it is now.
        health_model: HealthModel,
    }
}

payload! {
    /// What came of making a version active.
    HealthModelActivatePayload {
        /// The model as it is now.
        health_model: HealthModel,
    }
}

payload! {
    /// What came of asking for all scores anew.
    HealthModelRecomputePayload {
        /// How far it is.
        health_run: HealthRun,
    }
}

payload! {
    /// What came of putting a model away.
    HealthModelArchivePayload {
        /// The model as it is now.
        health_model: HealthModel,
    }
}
