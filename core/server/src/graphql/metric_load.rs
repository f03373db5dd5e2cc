//! Loads of points: how far they came, and what was wrong with their lines. They come in by
//! `POST /import/metrics`.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::MetricLoadId;
use jornada_domain::metrics::load::{self, Reject};

use super::connection::{Connection, Paging};
use super::error::UserError;
use super::id::{self, GlobalId};
use super::loader::load_by_id;
use super::request::{Answer, call, list, read};
use super::scalar::Long;
use super::word::words;

/// A batch of points that came in together.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct MetricLoad {
    pub id: GlobalId<MetricLoadId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the sender calls it; unique in the workspace.
    key: String,
    /// How far it came.
    state: MetricLoadState,
    /// When it was begun, or begun anew after it was cut off: that is when its values became known.
    begun_at: DateTime<Utc>,
    /// The SHA-256 of the unpacked content, once all of it was there.
    digest: Option<String>,
    /// Lines that were looked at: the sum of the next three.
    received: Long,
    /// Lines that gave a new point, or another value to one.
    written: Long,
    /// Lines that changed nothing, or that a line close behind replaced.
    unchanged: Long,
    /// Lines that were refused.
    rejected: Long,
    /// When all of it was written.
    finished_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    rejects: Vec<Reject>,
}

/// What is wrong with a line of a load.
#[derive(SimpleObject)]
pub(super) struct MetricLoadReject {
    /// The number of the line, from 1.
    line: Long,
    /// What is wrong; the field is a property of the line.
    error: UserError,
}

#[ComplexObject]
impl MetricLoad {
    /// What is wrong with the first lines that were refused, by line: at most 100 problems.
    async fn rejects(&self, ctx: &Context<'_>) -> Vec<MetricLoadReject> {
        let locale = call(ctx).locale();
        let told = self.rejects.iter().filter_map(|reject| {
            let line = Long(i64::try_from(reject.line).unwrap_or(i64::MAX));
            Some(MetricLoadReject { line, error: UserError::new(&reject.problem()?, locale) })
        });
        told.collect()
    }
}

impl From<load::Model> for MetricLoad {
    fn from(row: load::Model) -> Self {
        let told = row.rejects();
        let load::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            state,
            begun_at,
            digest,
            received,
            written,
            unchanged,
            rejected,
            rejects: _,
            finished_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            key,
            state: state.into(),
            begun_at,
            digest,
            received: Long(received),
            written: Long(written),
            unchanged: Long(unchanged),
            rejected: Long(rejected),
            finished_at,
            rejects: told,
        }
    }
}

load_by_id!(MetricLoadId => load::Model, load::many);

words! {
    /// How far a load came.
    MetricLoadState = "load::State" {
        /// It is being written, or was cut off: then it can be sent again under its key.
        Running,
        /// All of it was written.
        Done,
    }
}

#[derive(Default)]
pub(super) struct MetricLoadQuery;

#[Object]
impl MetricLoadQuery {
    /// One load of points.
    async fn metric_load(&self, ctx: &Context<'_>, id: ID) -> Answer<MetricLoad> {
        read(ctx, async |cx| load::find(cx, id::parse("id", &id)?).await).await
    }

    /// The loads of points, newest first.
    async fn metric_loads(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<MetricLoad>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| load::list(cx, page).await).await
    }
}
