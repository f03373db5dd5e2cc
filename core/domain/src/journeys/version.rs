//! The version of a template: a draft that can be edited, or a plan that never changes again.

use crate::prelude::*;

/// One version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "journey_template_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JourneyTemplateVersionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub template_id: JourneyTemplateId,
    /// From 1, within the template.
    pub number: i32,
    pub status: VersionStatus,
    /// The loop guard: visits of a stage within a lap (rule 8).
    pub max_attempts: i32,
    pub published_at: Option<DateTime<Utc>>,
    pub retired_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, JourneyTemplateVersionId);

/// Where a version is; a template has at most one draft and one published version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VersionStatus {
    /// Can be edited; no journey follows it.
    Draft,
    /// Immutable; new journeys follow it.
    Published,
    /// Immutable; running journeys stay on it.
    Retired,
}

/// The loop guard where a template says nothing.
pub const DEFAULT_MAX_ATTEMPTS: i32 = 5;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One version.
pub async fn find(cx: &Cx<'_>, id: JourneyTemplateVersionId) -> Result<Model> {
    cx.require(Area::Templates, Access::Read)?;
    find_in(cx, id, "id").await
}

pub(crate) async fn find_in(
    cx: &Cx<'_>,
    id: JourneyTemplateVersionId,
    field: &str,
) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::JourneyTemplateVersion))
}

/// The version with its row locked until the transaction ends.
pub(crate) async fn lock(tx: &Tx<'_>, id: JourneyTemplateVersionId, field: &str) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::JourneyTemplateVersion))
}

/// The versions of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[JourneyTemplateVersionId]) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    in_workspace(cx, ids).await
}

pub(crate) async fn in_workspace(
    cx: &Cx<'_>,
    ids: &[JourneyTemplateVersionId],
) -> Result<Vec<Model>> {
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A page of versions for each template, newest first.
pub async fn list_each(
    cx: &Cx<'_>,
    template_ids: &[JourneyTemplateId],
    args: &PageArgs,
) -> Result<std::collections::HashMap<JourneyTemplateId, Page<Model>>> {
    cx.require(Area::Templates, Access::Read)?;
    let order = [Order::desc(Column::Number), Order::desc(Column::Id)];
    page_each(cx, visible(cx), Column::TemplateId, template_ids, &order, args).await
}

/// The drafts of these templates; each has at most one.
pub async fn drafts_of(cx: &Cx<'_>, ids: &[JourneyTemplateId]) -> Result<Vec<Model>> {
    of_templates(cx, ids, VersionStatus::Draft).await
}

/// The published versions of these templates; each has at most one.
pub async fn published_of(cx: &Cx<'_>, ids: &[JourneyTemplateId]) -> Result<Vec<Model>> {
    of_templates(cx, ids, VersionStatus::Published).await
}

async fn of_templates(
    cx: &Cx<'_>,
    ids: &[JourneyTemplateId],
    status: VersionStatus,
) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    let select = visible(cx).filter(Column::TemplateId.is_in(ids.iter().copied()));
    Ok(select.filter(Column::Status.eq(status)).all(&cx.db).await?)
}

/// The version of a template in a state of which it has at most one.
pub(crate) async fn in_status(
    cx: &Cx<'_>,
    template_id: JourneyTemplateId,
    status: VersionStatus,
) -> Result<Option<Model>> {
    let select = visible(cx).filter(Column::TemplateId.eq(template_id));
    Ok(select.filter(Column::Status.eq(status)).one(&cx.db).await?)
}

/// A query for the ids of versions that new journeys may still follow: no version of a template
/// that has been put away.
pub(crate) fn live_ids(cx: &Cx<'_>) -> sea_orm::sea_query::SelectStatement {
    let live = [VersionStatus::Draft, VersionStatus::Published];
    let select = visible(cx)
        .filter(Column::Status.is_in(live))
        .filter(Column::TemplateId.in_subquery(super::template::live_ids(cx)));
    sea_orm::QueryTrait::into_query(select.select_only().column(Column::Id))
}

/// Creates the next draft of a template.
pub(crate) async fn insert_draft(tx: &Tx<'_>, template_id: JourneyTemplateId) -> Result<Model> {
    let of_template = visible(tx).filter(Column::TemplateId.eq(template_id));
    let latest = of_template.order_by_desc(Column::Number).one(&tx.db).await?;
    let row = ActiveModel {
        template_id: Set(template_id),
        number: Set(latest.map_or(0, |row| row.number) + 1),
        status: Set(VersionStatus::Draft),
        max_attempts: Set(DEFAULT_MAX_ATTEMPTS),
        published_at: Set(None),
        retired_at: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await
}

/// Retires the published version of a template, if there is one.
pub(crate) async fn retire(tx: &Tx<'_>, template_id: JourneyTemplateId) -> Result<()> {
    if let Some(before) = in_status(tx, template_id, VersionStatus::Published).await? {
        let row = ActiveModel {
            status: Set(VersionStatus::Retired),
            retired_at: Set(Some(tx.now)),
            ..Default::default()
        };
        store::update(tx, &before, row, Fact::Retired).await?;
    }
    Ok(())
}
