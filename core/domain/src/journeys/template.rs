//! The journey template: the plan that an account's journey follows, in versions.

use crate::prelude::*;
use crate::workspace;

/// A plan, independent of its versions.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "journey_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JourneyTemplateId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    /// New accounts get it when no selection rule matches; at most one template is.
    pub is_default: bool,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, JourneyTemplateId);

/// A template to be created, with an empty draft.
#[derive(Clone, Debug)]
pub struct NewTemplate {
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub is_default: bool,
}

/// Changes of a template; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct TemplatePatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub is_default: Option<bool>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Templates by name; archived ones only when asked for.
pub async fn list(cx: &Cx<'_>, archived: bool, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    let mut select = visible(cx);
    if !archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    page(cx, select, &[Order::asc(Column::Name), Order::asc(Column::Id)], args).await
}

/// One template.
pub async fn find(cx: &Cx<'_>, id: JourneyTemplateId) -> Result<Model> {
    cx.require(Area::Templates, Access::Read)?;
    find_in(cx, id, "id").await
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: JourneyTemplateId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::JourneyTemplate))
}

/// The template with its row locked until the transaction ends: whoever changes it, or opens its
/// draft, goes one after the other. Versions are locked after their template.
pub(crate) async fn lock(tx: &Tx<'_>, id: JourneyTemplateId, field: &str) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::JourneyTemplate))
}

/// The template with this key.
pub async fn by_key(cx: &Cx<'_>, key: &str) -> Result<Model> {
    cx.require(Area::Templates, Access::Read)?;
    let row = visible(cx).filter(Column::Key.eq(key.trim())).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("key", Kind::JourneyTemplate))
}

/// The templates of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[JourneyTemplateId]) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// A query for the ids of the templates that have not been put away.
pub(crate) fn live_ids(cx: &Cx<'_>) -> sea_orm::sea_query::SelectStatement {
    sea_orm::QueryTrait::into_query(live(cx).select_only().column(Column::Id))
}

fn live(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ArchivedAt.is_null())
}

/// The template of accounts that no rule matches.
pub(crate) async fn default(cx: &Cx<'_>) -> Result<Option<Model>> {
    Ok(live(cx).filter(Column::IsDefault.eq(true)).one(&cx.db).await?)
}

/// Creates a template. Its first draft is made by `version::create_draft`.
pub(crate) async fn insert(tx: &Tx<'_>, new: NewTemplate) -> Result<Model> {
    let mut checks = Checks::new();
    let key = checks.key("key", &new.key);
    let name = checks.text("name", &new.name, 200);
    let description = checks.maybe_prose("description", new.description.as_deref(), 4000);
    checks.finish()?;
    if new.is_default {
        workspace::lock(tx).await?;
        clear_default(tx).await?;
    }
    let row = ActiveModel {
        key: Set(key),
        name: Set(name),
        description: Set(description),
        is_default: Set(new.is_default),
        archived_at: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Changes a template. Making it the default takes that from the other one.
pub async fn update(tx: &Tx<'_>, id: JourneyTemplateId, patch: TemplatePatch) -> Result<Model> {
    tx.require(Area::Templates, Access::Write)?;
    if patch.is_default == Some(true) {
        workspace::lock(tx).await?;
    }
    let before = lock(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(description) = patch.description {
        row.description = Set(checks.maybe_prose("description", description.as_deref(), 4000));
    }
    if let Some(is_default) = patch.is_default {
        checks.ensure(!is_default || before.archived_at.is_none(), || {
            Problem::new("isDefault", Code::Archived)
        });
        row.is_default = Set(is_default);
    }
    checks.finish()?;
    if patch.is_default == Some(true) && !before.is_default {
        clear_default(tx).await?;
    }
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a template away: no new journey follows it, running ones go on.
pub async fn archive(tx: &Tx<'_>, id: JourneyTemplateId) -> Result<Model> {
    tx.require(Area::Templates, Access::Write)?;
    let before = lock(tx, id, "id").await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    let row = ActiveModel {
        archived_at: Set(Some(tx.now)),
        is_default: Set(false),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes the place of the default template from the one that has it, under the lock of the
/// workspace: of two that become it at the same time, the second takes it from the first.
async fn clear_default(tx: &Tx<'_>) -> Result<()> {
    let current = store::locked(visible(tx).filter(Column::IsDefault.eq(true)));
    if let Some(before) = current.one(&tx.db).await? {
        let row = ActiveModel { is_default: Set(false), ..Default::default() };
        store::update(tx, &before, row, Fact::Updated).await?;
    }
    Ok(())
}
