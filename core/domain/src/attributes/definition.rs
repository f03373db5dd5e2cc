//! What attributes there are: their keys, their types and their limits.

use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;

use crate::options::set;
use crate::prelude::*;
use crate::subject::SubjectKind;

/// A field that the workspace adds to accounts, contacts or subscriptions.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_definition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttributeDefinitionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What has the attribute.
    pub subject_kind: SubjectKind,
    /// What filters, rules and imports know the attribute by; it never changes.
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub value_type: AttributeType,
    /// The set whose options are the values, for [`AttributeType::Option`].
    pub option_set_id: Option<OptionSetId>,
    /// The least value, for [`AttributeType::Number`].
    pub minimum: Option<f64>,
    /// The greatest value, for [`AttributeType::Number`].
    pub maximum: Option<f64>,
    /// Whether values are personal data, which events and audit entries never tell.
    pub is_personal: bool,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, AttributeDefinitionId);

/// Which values an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttributeType {
    /// One line of at most 500 characters.
    Text,
    /// A finite number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// An option of a set.
    Option,
    /// An amount and its currency.
    Money,
}

/// The most attributes of one kind of subject that are in use.
const MOST_DEFINITIONS: u64 = 200;

/// An attribute to be defined.
#[derive(Clone, Debug)]
pub struct NewDefinition {
    pub subject_kind: SubjectKind,
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub value_type: AttributeType,
    pub option_set_id: Option<OptionSetId>,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    /// Values of contacts are personal whatever is said.
    pub is_personal: bool,
}

/// Changes of a definition; `None` leaves a field as it is, `Some(None)` empties it. Values that
/// are there already stay, also outside new limits.
#[derive(Clone, Debug, Default)]
pub struct DefinitionPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub minimum: Option<Option<f64>>,
    pub maximum: Option<Option<f64>>,
}

/// What narrows the list of definitions; what is given must all hold.
#[derive(Clone, Debug, Default)]
pub struct DefinitionFilter {
    pub subject_kind: Option<SubjectKind>,
    /// Whether archived ones are among them.
    pub include_archived: bool,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn of_kind(cx: &Cx<'_>, kind: SubjectKind) -> Select<Entity> {
    visible(cx).filter(Column::SubjectKind.eq(kind))
}

/// A definition.
pub async fn find(cx: &Cx<'_>, id: AttributeDefinitionId) -> Result<Model> {
    cx.require(Area::Workspace, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::AttributeDefinition))
}

/// The definitions with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[AttributeDefinitionId]) -> Result<Vec<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The definitions, by what has them and by key.
pub async fn list(cx: &Cx<'_>, filter: &DefinitionFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    let live = (!filter.include_archived).then(|| Column::ArchivedAt.is_null());
    let condition = Condition::all()
        .add_option(filter.subject_kind.map(|kind| Column::SubjectKind.eq(kind)))
        .add_option(live);
    let order = [Column::SubjectKind, Column::Key, Column::Id].map(Order::asc);
    page(cx, visible(cx).filter(condition), &order, args).await
}

/// The definitions with these keys, archived ones too: filters that were saved still hold.
pub(super) async fn by_keys(
    cx: &Cx<'_>,
    kind: SubjectKind,
    keys: impl IntoIterator<Item = &str>,
) -> Result<Vec<Model>> {
    let keys: Vec<_> = keys.into_iter().collect();
    Ok(of_kind(cx, kind).filter(Column::Key.is_in(keys)).all(&cx.db).await?)
}

/// The definitions with these keys that were not put away.
pub(crate) async fn in_use<'k>(
    cx: &Cx<'_>,
    kind: SubjectKind,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<Vec<Model>> {
    let mut rows = by_keys(cx, kind, keys).await?;
    rows.retain(|row| row.archived_at.is_none());
    Ok(rows)
}

/// The id of the definition with this key, as a subquery.
pub(super) fn id_of(cx: &Cx<'_>, kind: SubjectKind, key: &str) -> SelectStatement {
    let row = of_kind(cx, kind).filter(Column::Key.eq(key));
    row.select_only().column(Column::Id).into_query()
}

/// Defines an attribute.
pub async fn create(tx: &Tx<'_>, new: NewDefinition) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let live = of_kind(tx, new.subject_kind).filter(Column::ArchivedAt.is_null());
    let in_use = crate::page::count(tx, live).await?;
    let mut checks = Checks::new();
    checks.ensure(in_use < MOST_DEFINITIONS, || Problem::too_many("", MOST_DEFINITIONS, "items"));
    let key = checks.key("key", &new.key);
    let is_option = new.value_type == AttributeType::Option;
    match new.option_set_id {
        Some(id) if is_option => {
            checks.keep(set::find_in(tx, id, "optionSetId").await)?;
        }
        Some(_) => checks.push(contradiction("optionSetId")),
        None if is_option => checks.push(Problem::new("optionSetId", Code::Required)),
        None => {}
    }
    let patch = DefinitionPatch {
        expected_version: None,
        name: Some(new.name),
        description: Some(new.description),
        minimum: Some(new.minimum),
        maximum: Some(new.maximum),
    };
    let row = columns(checks, new.value_type, (None, None), patch)?;
    let row = ActiveModel {
        subject_kind: Set(new.subject_kind),
        key: Set(key),
        value_type: Set(new.value_type),
        option_set_id: Set(new.option_set_id),
        is_personal: Set(new.is_personal || new.subject_kind == SubjectKind::Contact),
        ..row
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Changes a definition.
pub async fn update(
    tx: &Tx<'_>,
    id: AttributeDefinitionId,
    patch: DefinitionPatch,
) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    let had = (before.minimum, before.maximum);
    let row = columns(checks, before.value_type, had, patch)?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a definition away: its values stay and can no longer be given.
pub async fn archive(tx: &Tx<'_>, id: AttributeDefinitionId) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived definition back.
pub async fn restore(tx: &Tx<'_>, id: AttributeDefinitionId) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find(tx, id).await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

fn contradiction(field: &str) -> Problem {
    Problem::new(field, Code::Contradiction).with("with", "valueType")
}

/// Checks a patch and turns it into columns; `had` are the limits before.
fn columns(
    mut checks: Checks,
    value_type: AttributeType,
    had: (Option<f64>, Option<f64>),
    patch: DefinitionPatch,
) -> Result<ActiveModel> {
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(description) = patch.description {
        row.description = Set(checks.maybe_prose("description", description.as_deref(), 500));
    }
    let (minimum, maximum) = (patch.minimum.unwrap_or(had.0), patch.maximum.unwrap_or(had.1));
    for (field, limit) in [("minimum", minimum), ("maximum", maximum)] {
        let fits = limit.is_none() || value_type == AttributeType::Number;
        checks.ensure(fits, || contradiction(field));
        checks.ensure(limit.is_none_or(f64::is_finite), || {
            Problem::new(field, Code::BadFormat).with("form", "number")
        });
    }
    if let (Some(minimum), Some(maximum)) = (minimum, maximum) {
        checks.ensure(minimum <= maximum, || {
            Problem::new("maximum", Code::Contradiction).with("with", "minimum")
        });
    }
    checks.finish()?;
    row.minimum = Set(minimum);
    row.maximum = Set(maximum);
    Ok(row)
}
