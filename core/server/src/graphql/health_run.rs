//! Computations of all scores of a model: how far they have come.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::health::run;
use jornada_domain::id::{HealthModelId, HealthModelVersionId, HealthRunId};

use super::health_model::{HealthModel, HealthModelVersion};
use super::health_score::HealthRole;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::request::{Answer, read};
use super::scalar::Long;
use super::word::words;

/// A computation of all scores of a model.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthRun {
    pub id: GlobalId<HealthRunId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    model_id: HealthModelId,
    #[graphql(skip)]
    version_id: HealthModelVersionId,
    /// In which role the version is computed.
    role: HealthRole,
    /// Where it is.
    status: HealthRunStatus,
    /// How many accounts the model was about when it began.
    total: Long,
    /// How many it has come to.
    done: Long,
    /// How many of them have a score that could not be computed.
    stale: Long,
    /// Microseconds that went into scoring itself; the others went into reading and writing.
    scoring_microseconds: Long,
    /// When it came to its end.
    finished_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl HealthRun {
    /// The model.
    async fn model(&self, ctx: &Context<'_>) -> Answer<HealthModel> {
        one(ctx, Some(self.model_id)).await
    }

    /// The version that is computed.
    async fn model_version(&self, ctx: &Context<'_>) -> Answer<HealthModelVersion> {
        one(ctx, Some(self.version_id)).await
    }
}

impl From<run::Model> for HealthRun {
    fn from(row: run::Model) -> Self {
        let run::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            model_id,
            version_id,
            role,
            status,
            total,
            done,
            stale,
            scoring_us,
            finished_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            model_id,
            version_id,
            role: role.into(),
            status: status.into(),
            total: Long(total),
            done: Long(done),
            stale: Long(stale),
            scoring_microseconds: Long(scoring_us),
            finished_at,
        }
    }
}

load_by_id!(HealthRunId => run::Model, run::many);

words! {
    /// Where a computation is.
    HealthRunStatus = "run::RunStatus" {
        /// Under way.
        Running,
        /// It came to all accounts.
        Done,
        /// Another one began before it came to its end, or nobody asks for it any more.
        Superseded,
    }
}

#[derive(Default)]
pub(super) struct HealthRunQuery;

#[Object]
impl HealthRunQuery {
    /// One computation of all scores of a model.
    async fn health_run(&self, ctx: &Context<'_>, id: ID) -> Answer<HealthRun> {
        read(ctx, async |cx| run::find(cx, id::parse("id", &id)?).await).await
    }
}
