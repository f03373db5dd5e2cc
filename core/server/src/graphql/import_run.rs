//! Imports of files: how far they came. They are run by `jornada import`.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::ImportRunId;
use jornada_domain::imports;

use super::connection::{Connection, Paging};
use super::id::{self, GlobalId};
use super::loader::load_by_id;
use super::request::{Answer, list, read};
use super::scalar::Long;
use super::word::words;

/// The import of a file.
#[derive(SimpleObject)]
pub(super) struct ImportRun {
    pub id: GlobalId<ImportRunId>,
    version: i64,
    created_at: DateTime<Utc>,
    /// When rows were last written.
    updated_at: DateTime<Utc>,
    /// What the rows are: `accounts`, `contacts`, `assignments`, `subscriptions`, `interactions`,
    /// `responses` or `metrics`.
    records: String,
    /// The key of the system that the external ids are from.
    system: String,
    /// The name of the file, without its folder.
    file: String,
    /// The SHA-256 of the content and of everything that says how it is read.
    digest: String,
    /// How far it came.
    state: ImportRunState,
    /// Rows that were looked at: the sum of the next four.
    rows: Long,
    /// New records.
    created: Long,
    /// Records that were changed.
    updated: Long,
    /// Records that were already so.
    unchanged: Long,
    /// Rows that were refused; their reasons are in a file beside the imported one.
    rejected: Long,
    /// When all rows had been looked at.
    finished_at: Option<DateTime<Utc>>,
}

impl From<imports::Model> for ImportRun {
    fn from(row: imports::Model) -> Self {
        let imports::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            records,
            system,
            file,
            digest,
            state,
            round: _,
            position: _,
            rejects_bytes: _,
            created,
            updated,
            unchanged,
            rejected,
            finished_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            records,
            system,
            file,
            digest,
            state: state.into(),
            rows: Long(created + updated + unchanged + rejected),
            created: Long(created),
            updated: Long(updated),
            unchanged: Long(unchanged),
            rejected: Long(rejected),
            finished_at,
        }
    }
}

load_by_id!(ImportRunId => imports::Model, imports::many);

words! {
    /// How far an import came.
    ImportRunState = "imports::RunState" {
        /// It runs, or was cut off: importing the same file again goes on with it.
        Running,
        /// All rows were looked at.
        Done,
    }
}

#[derive(Default)]
pub(super) struct ImportRunQuery;

#[Object]
impl ImportRunQuery {
    /// One import of a file.
    async fn import_run(&self, ctx: &Context<'_>, id: ID) -> Answer<ImportRun> {
        read(ctx, async |cx| imports::find(cx, id::parse("id", &id)?).await).await
    }

    /// The imports of files, newest first.
    async fn import_runs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<ImportRun>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| imports::list(cx, page).await).await
    }
}
