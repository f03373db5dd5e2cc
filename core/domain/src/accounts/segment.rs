//! Segments: saved filters over accounts. Which accounts are in one is never stored: the filter is
//! a part of the statement that asks.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, Func, SelectStatement, UnionType};

use super::account::{self, AccountFilter};
use crate::attributes;
use crate::filter::{Composed, Parts, Weight};
use crate::input::fold;
use crate::prelude::*;
use crate::subject::SubjectKind;

/// A saved filter over accounts.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SegmentId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub name: String,
    /// The name as it must be unique.
    pub name_folded: String,
    pub description: Option<String>,
    /// An [`AccountFilter`].
    #[sea_orm(column_type = "JsonBinary")]
    pub filter: Json,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, SegmentId);

impl Model {
    /// The filter, read.
    pub fn filter(&self) -> Result<AccountFilter> {
        let read = serde_json::from_value(self.filter.clone());
        read.map_err(|error| DbErr::Json(error.to_string()).into())
    }
}

/// A segment to be saved.
#[derive(Clone, Debug)]
pub struct NewSegment {
    pub name: String,
    pub description: Option<String>,
    pub filter: AccountFilter,
}

/// Changes of a segment; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct SegmentPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub filter: Option<AccountFilter>,
}

/// The most segments that a workspace may have in use.
const MOST_SEGMENTS: u64 = 200;

/// The largest filter once the segments in it are resolved: SQLite binds at most 32,766 values.
const MOST_RESOLVED: Weight = Weight { depth: 15, nodes: 1000, values: 10_000 };

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// A segment.
pub async fn find(cx: &Cx<'_>, id: SegmentId) -> Result<Model> {
    cx.require(Area::Accounts, Access::Read)?;
    find_in(cx, id, "id").await
}

async fn find_in(cx: &Cx<'_>, id: SegmentId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Segment))
}

/// The segments with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[SegmentId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The segments that are not archived, by name.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let live = visible(cx).filter(Column::ArchivedAt.is_null());
    page(cx, live, &[Order::asc(Column::NameFolded), Order::asc(Column::Id)], args).await
}

/// Saves a filter.
pub async fn create(tx: &Tx<'_>, new: NewSegment) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let live = visible(tx).filter(Column::ArchivedAt.is_null());
    let in_use = crate::page::count(tx, live).await?;
    let mut checks = Checks::new();
    checks.ensure(in_use < MOST_SEGMENTS, || Problem::too_many("", MOST_SEGMENTS, "items"));
    let patch = SegmentPatch {
        expected_version: None,
        name: Some(new.name),
        description: Some(new.description),
        filter: Some(new.filter),
    };
    let row = columns(tx, checks, patch).await?;
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("name"))
}

/// Changes a segment.
pub async fn update(tx: &Tx<'_>, id: SegmentId, patch: SegmentPatch) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    let row = columns(tx, checks, patch).await?;
    let updated = store::update(tx, &before, row, Fact::Updated).await;
    updated.map_err(|error| error.on_unique("name"))
}

/// Puts a segment away. Filters that name it still find its accounts.
pub async fn archive(tx: &Tx<'_>, id: SegmentId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived segment back.
pub async fn restore(tx: &Tx<'_>, id: SegmentId) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

/// Checks a patch and turns it into columns.
async fn columns(tx: &Tx<'_>, mut checks: Checks, patch: SegmentPatch) -> Result<ActiveModel> {
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        let name = checks.text("name", &name, 200);
        // Some capitals fold into two characters.
        row.name_folded = Set(fold(&name).chars().take(200).collect());
        row.name = Set(name);
    }
    if let Some(description) = patch.description {
        row.description = Set(checks.maybe_prose("description", description.as_deref(), 500));
    }
    if let Some(filter) = patch.filter {
        checks.ensure(named(&filter).is_empty(), || {
            Problem::new("filter", Code::Contradiction).with("with", "segmentId")
        });
        checks.keep(require_sound(tx, &filter).await)?;
        row.filter = Set(serde_json::json!(filter));
    }
    checks.finish()?;
    Ok(row)
}

/// Refuses a filter that is too large or asks for attributes that are not there.
async fn require_sound(cx: &Cx<'_>, filter: &AccountFilter) -> Result<()> {
    filter.require_small()?;
    let mut asked = Vec::new();
    filter.asked("filter", &mut asked);
    attributes::require_fitting(cx, SubjectKind::Account, &asked).await
}

/// A segment that is in use.
pub(crate) async fn find_live(cx: &Cx<'_>, id: SegmentId, field: &str) -> Result<Model> {
    let row = find_in(cx, id, field).await?;
    match row.archived_at {
        None => Ok(row),
        Some(_) => Err(Problem::new(field, Code::Archived).into()),
    }
}

/// The accounts of a segment, whether it was put away or not.
pub(crate) async fn members(cx: &Cx<'_>, id: SegmentId) -> Result<Condition> {
    condition(cx, &find_in(cx, id, "segmentId").await?.filter()?).await
}

/// The accounts that a filter keeps, with the segments that it names. Takes a statement only where
/// it names segments, and one where it asks for attributes.
pub(crate) async fn condition(cx: &Cx<'_>, filter: &AccountFilter) -> Result<Condition> {
    Ok(resolved(cx, filter).await?.holds(cx))
}

/// A sound filter with those of the segments that it names in their place, as [`condition`] reads
/// it.
pub(crate) async fn resolved<'f>(
    cx: &Cx<'_>,
    filter: &'f AccountFilter,
) -> Result<Cow<'f, AccountFilter>> {
    require_sound(cx, filter).await?;
    let ids = named(filter);
    if ids.is_empty() {
        return Ok(Cow::Borrowed(filter));
    }
    let rows = visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?;
    let saved = rows.iter().map(|row| Ok((row.id, row.filter()?)));
    let saved: HashMap<_, _> = saved.collect::<Result<_>>()?;
    if saved.len() < ids.len() {
        return Err(Error::not_found("filter.segmentId", Kind::Segment));
    }
    let resolved = resolve(filter, &saved);
    resolved.weight().require(MOST_RESOLVED)?;
    Ok(Cow::Owned(resolved))
}

/// The segments that a filter names.
fn named(filter: &AccountFilter) -> BTreeSet<SegmentId> {
    let Parts { and, or, not } = &filter.parts;
    let mut ids: BTreeSet<_> = filter.segments.iter().flatten().copied().collect();
    ids.extend(and.iter().chain(or).chain(not.as_deref()).flat_map(named));
    ids
}

/// The filter with those of the segments in their place. Pure.
fn resolve(filter: &AccountFilter, saved: &HashMap<SegmentId, AccountFilter>) -> AccountFilter {
    let Parts { and, or, not } = &filter.parts;
    let each = |parts: &[AccountFilter]| parts.iter().map(|part| resolve(part, saved)).collect();
    let mut and: Vec<_> = each(and);
    if let Some(ids) = &filter.segments {
        let among = ids.iter().filter_map(|id| saved.get(id).cloned()).collect::<Vec<_>>();
        and.push(match among.is_empty() {
            // No segment at all keeps nobody.
            true => AccountFilter { status: Some(Vec::new()), ..Default::default() },
            false => AccountFilter {
                parts: Parts { or: among, ..Default::default() },
                ..Default::default()
            },
        });
    }
    let not = not.as_deref().map(|part| Box::new(resolve(part, saved)));
    AccountFilter { segments: None, parts: Parts { and, or: each(or), not }, ..filter.clone() }
}

/// How many accounts, without archived ones, each of these segments keeps: in one statement.
pub async fn count_each(cx: &Cx<'_>, ids: &[SegmentId]) -> Result<HashMap<SegmentId, u64>> {
    cx.require(Area::Accounts, Access::Read)?;
    let rows = visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?;
    let each = rows.iter().map(|row| Ok(counting(cx, row.id, row.filter()?.holds(cx))));
    let mut each = each.collect::<Result<Vec<_>>>()?.into_iter();
    let Some(mut counting) = each.next() else { return Ok(HashMap::new()) };
    for other in each {
        counting.union(UnionType::All, other);
    }
    let mut counts = HashMap::new();
    for row in cx.db.query_all(&counting).await? {
        let (id, n): (Uuid, i64) = (row.try_get("", "id")?, row.try_get("", "n")?);
        counts.insert(SegmentId(id), n.unsigned_abs());
    }
    Ok(counts)
}

fn counting(cx: &Cx<'_>, id: SegmentId, condition: Condition) -> SelectStatement {
    let mut query = account::live(cx).filter(condition).into_query();
    query.clear_selects().expr_as(Expr::val(id), Alias::new("id"));
    query.expr_as(Func::count(Expr::val(1)), Alias::new("n"));
    query
}

/// What a filter would keep, held against what a segment keeps now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How many accounts the filter keeps.
    pub accounts: u64,
    /// How many of them are not in the segment yet.
    pub entering: u64,
    /// How many are in the segment that the filter does not keep.
    pub leaving: u64,
}

/// What a filter would keep, and how that differs from a segment; from nothing where none is named.
pub async fn preview(
    cx: &Cx<'_>,
    filter: &AccountFilter,
    segment_id: Option<SegmentId>,
) -> Result<Preview> {
    cx.require(Area::Accounts, Access::Read)?;
    let mut checks = Checks::new();
    let new = checks.keep(condition(cx, filter).await)?;
    let segment = match segment_id {
        Some(id) => checks.keep(find_in(cx, id, "segmentId").await)?,
        None => None,
    };
    checks.finish()?;
    let new = new.unwrap_or_else(Condition::all);
    let count = async |condition: Condition| {
        crate::page::count(cx, account::live(cx).filter(condition)).await
    };
    let accounts = count(new.clone()).await?;
    let Some(segment) = segment else {
        return Ok(Preview { accounts, entering: accounts, leaving: 0 });
    };
    let old = segment.filter()?.holds(cx);
    let stays = count(Condition::all().add(new).add(old.clone())).await?;
    let leaving = count(old).await?.saturating_sub(stays);
    Ok(Preview { accounts, entering: accounts.saturating_sub(stays), leaving })
}
