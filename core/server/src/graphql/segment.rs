//! Segments: saved filters over accounts.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::segment::{self, NewSegment, SegmentPatch};
use jornada_domain::error::Result;
use jornada_domain::id::SegmentId;
use serde_json::Value as Json;

use super::account::AccountFilterInput;
use super::connection::{Connection, Paging};
use super::filter::shown;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, load_each, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::Long;

/// A saved filter over accounts. Ask `accounts(filter: {segmentId: {eq: …}})` for those in it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Segment {
    pub id: GlobalId<SegmentId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What people call it.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The filter, in the form of an `AccountFilter`; null if this version cannot read it.
    filter: Option<Json>,
}

#[ComplexObject]
impl Segment {
    /// How many accounts are in it now, without those that were put away.
    async fn account_count(&self, ctx: &Context<'_>) -> Answer<Long> {
        one(ctx, Some(CountOf(self.id.0))).await
    }
}

load_by_id!(SegmentId => segment::Model, segment::many);
load_each!(CountOf(SegmentId) => u64, segment::count_each);

impl From<segment::Model> for Segment {
    fn from(row: segment::Model) -> Self {
        let filter = row.filter().ok().map(|filter| shown(&AccountFilterInput::from(filter)));
        let segment::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            name,
            name_folded: _,
            description,
            filter: _,
            archived_at,
        } = row;
        let id = GlobalId(id);
        Self { id, version, created_at, updated_at, archived_at, name, description, filter }
    }
}

/// What a filter would keep, held against what a segment keeps now.
#[derive(SimpleObject)]
pub(super) struct SegmentPreview {
    /// How many accounts the filter keeps.
    account_count: Long,
    /// How many of them are not in the segment yet.
    entering: Long,
    /// How many are in the segment that the filter does not keep.
    leaving: Long,
}

impl From<segment::Preview> for SegmentPreview {
    fn from(preview: segment::Preview) -> Self {
        let segment::Preview { accounts, entering, leaving } = preview;
        Self { account_count: accounts.into(), entering: entering.into(), leaving: leaving.into() }
    }
}

#[derive(Default)]
pub(super) struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// One segment.
    async fn segment(&self, ctx: &Context<'_>, id: ID) -> Answer<Segment> {
        read(ctx, async |cx| segment::find(cx, id::parse("id", &id)?).await).await
    }

    /// The segments that are not archived, by name.
    async fn segments(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Segment>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| segment::list(cx, page).await).await
    }

    /// What a filter would keep, before it is saved. Ask `accounts` with the same filter for the
    /// accounts themselves.
    async fn segment_preview(
        &self,
        ctx: &Context<'_>,
        filter: AccountFilterInput,
        #[graphql(desc = "The segment whose filter this is to be.")] segment_id: Option<ID>,
    ) -> Answer<SegmentPreview> {
        read(ctx, async move |cx| {
            let mut reading = Reading::default();
            let segment_id = reading.some("segmentId", segment_id.as_ref());
            let filter = filter.parse("filter")?;
            reading.then(segment::preview(cx, &filter, segment_id).await)
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Saves a filter: a workspace has at most 200 segments in use.
    async fn segment_create(
        &self,
        ctx: &Context<'_>,
        input: SegmentCreateInput,
    ) -> Result<SegmentCreatePayload> {
        write(ctx, async move |tx| {
            let SegmentCreateInput { name, description, filter } = input;
            let filter = filter.parse("filter")?;
            segment::create(tx, NewSegment { name, description, filter }).await
        })
        .await
    }

    /// Changes a segment.
    async fn segment_update(
        &self,
        ctx: &Context<'_>,
        input: SegmentUpdateInput,
    ) -> Result<SegmentUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let filter = reading.kept("filter", input.filter);
            let patch = SegmentPatch {
                expected_version: input.expected_version,
                name: reading.kept("name", input.name),
                description: input.description.into(),
                filter: filter.map(|filter| filter.parse("filter")).transpose()?,
            };
            reading.then(segment::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a segment away. Filters that name it still find its accounts.
    async fn segment_archive(
        &self,
        ctx: &Context<'_>,
        input: SegmentArchiveInput,
    ) -> Result<SegmentArchivePayload> {
        write(ctx, async |tx| segment::archive(tx, id::parse("id", &input.id)?).await).await
    }

    /// Takes an archived segment back.
    async fn segment_restore(
        &self,
        ctx: &Context<'_>,
        input: SegmentRestoreInput,
    ) -> Result<SegmentRestorePayload> {
        write(ctx, async |tx| segment::restore(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A segment to be saved.
#[derive(InputObject)]
pub(super) struct SegmentCreateInput {
    /// What people call it: 1 to 200 characters; no other segment is called so.
    name: String,
    /// What it is for: up to 500 characters.
    description: Option<String>,
    /// Which accounts are in it. It names no other segment; archived accounts are in none.
    filter: AccountFilterInput,
}

/// Changes of a segment; what is left out stays as it is, null empties.
#[derive(InputObject)]
pub(super) struct SegmentUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters; no other segment is called so.
    name: MaybeUndefined<String>,
    /// What it is for: up to 500 characters.
    description: MaybeUndefined<String>,
    /// Which accounts are in it. It names no other segment; archived accounts are in none.
    filter: MaybeUndefined<AccountFilterInput>,
}

/// A segment to be put away.
#[derive(InputObject)]
pub(super) struct SegmentArchiveInput {
    id: ID,
}

/// A segment to be taken back.
#[derive(InputObject)]
pub(super) struct SegmentRestoreInput {
    id: ID,
}

payload! {
    /// What came of saving a segment.
    SegmentCreatePayload {
        /// The segment.
        segment: Segment,
    }
}

payload! {
    /// What came of changing a segment.
    SegmentUpdatePayload {
        /// The segment as it is now.
        segment: Segment,
    }
}

payload! {
    /// What came of putting a segment away.
    SegmentArchivePayload {
        /// The segment as it is now.
        segment: Segment,
    }
}

payload! {
    /// What came of taking a segment back.
    SegmentRestorePayload {
        /// The segment as it is now.
        segment: Segment,
    }
}
