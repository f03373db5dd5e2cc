//! Options: the entries of a set. What was used once is put away, never deleted.

use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;

use super::{Words, set};
use crate::page::page_each;
use crate::prelude::*;
use crate::workspace::Locale;

/// The account role of the customer success manager.
pub const CSM: &str = "csm";
/// The account role of who leads the onboarding.
pub const ONBOARDING: &str = "onboarding";
/// The account role of the executive sponsor.
pub const EXECUTIVE_SPONSOR: &str = "executive_sponsor";
/// The account role of who renews the contract.
pub const RENEWALS: &str = "renewals";

pub(super) const BUILT_IN: [Words; 4] = [
    Words { key: CSM, en: "CSM", pt_br: "Gestor de contas" },
    Words { key: ONBOARDING, en: "Onboarding", pt_br: "Onboarding" },
    Words { key: EXECUTIVE_SPONSOR, en: "Executive sponsor", pt_br: "Patrocinador executivo" },
    Words { key: RENEWALS, en: "Renewals", pt_br: "Renovações" },
];

/// Options of one set, archived ones too: more could not be put in order in one step.
const MOST_OPTIONS: usize = 500;

/// An entry of a set.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "option")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OptionId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub set_id: OptionSetId,
    /// What rules and imports know the option by; it never changes.
    pub key: String,
    pub label: String,
    /// The place in the set; smaller first, of the same place the older first.
    pub position: i32,
    /// Whether the rules know the option.
    pub built_in: bool,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, OptionId);

/// An option to be added at the end of its set.
#[derive(Clone, Debug)]
pub struct NewOption {
    pub set_id: OptionSetId,
    pub key: String,
    pub label: String,
}

/// Changes of an option; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct OptionPatch {
    pub expected_version: Option<i64>,
    pub label: Option<String>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn in_set(cx: &Cx<'_>, set_key: &str) -> Select<Entity> {
    visible(cx).filter(Column::SetId.in_subquery(set::id_of(cx, set_key)))
}

/// An option.
pub async fn find(cx: &Cx<'_>, id: OptionId) -> Result<Model> {
    cx.require(Area::Workspace, Access::Read)?;
    find_in(cx, id, "id").await
}

async fn find_in(cx: &Cx<'_>, id: OptionId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::Option))
}

/// The options with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[OptionId]) -> Result<Vec<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The options of each of these sets that are not archived, in their order.
pub async fn of_sets(
    cx: &Cx<'_>,
    set_ids: &[OptionSetId],
    args: &PageArgs,
) -> Result<HashMap<OptionSetId, Page<Model>>> {
    let live = visible(cx).filter(Column::ArchivedAt.is_null());
    each_set(cx, live, set_ids, args).await
}

/// All options of each of these sets, in their order.
pub async fn all_of_sets(
    cx: &Cx<'_>,
    set_ids: &[OptionSetId],
    args: &PageArgs,
) -> Result<HashMap<OptionSetId, Page<Model>>> {
    each_set(cx, visible(cx), set_ids, args).await
}

async fn each_set(
    cx: &Cx<'_>,
    select: Select<Entity>,
    set_ids: &[OptionSetId],
    args: &PageArgs,
) -> Result<HashMap<OptionSetId, Page<Model>>> {
    cx.require(Area::Workspace, Access::Read)?;
    let orders = [Order::asc(Column::Position), Order::asc(Column::Id)];
    page_each(cx, select, Column::SetId, set_ids, &orders, args).await
}

/// The option with this key in a set, archived or not.
pub(crate) async fn by_key(cx: &Cx<'_>, set_key: &str, key: &str) -> Result<Option<Model>> {
    Ok(in_set(cx, set_key).filter(Column::Key.eq(key)).one(&cx.db).await?)
}

/// The option with this key in the set with this id.
pub(crate) async fn of_set(cx: &Cx<'_>, id: OptionSetId, key: &str) -> Result<Option<Model>> {
    let of_set = visible(cx).filter(Column::SetId.eq(id)).filter(Column::Key.eq(key));
    Ok(of_set.one(&cx.db).await?)
}

/// The id of the option with this key in a set, as a subquery.
pub(crate) fn id_of(cx: &Cx<'_>, set_key: &str, key: &str) -> SelectStatement {
    in_set(cx, set_key).select_only().column(Column::Id).filter(Column::Key.eq(key)).into_query()
}

/// Those of the options that are in the workspace, in no order.
pub(crate) async fn in_workspace(cx: &Cx<'_>, ids: &[OptionId]) -> Result<Vec<Model>> {
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The options of a set that are not archived.
pub(crate) async fn live_ids(cx: &Cx<'_>, set_key: &str) -> Result<BTreeSet<OptionId>> {
    Ok(live(cx, set_key).await?.into_values().collect())
}

/// The options of a set that are not archived, by their keys.
pub(crate) async fn live(cx: &Cx<'_>, set_key: &str) -> Result<HashMap<String, OptionId>> {
    let live = in_set(cx, set_key).filter(Column::ArchivedAt.is_null()).all(&cx.db).await?;
    Ok(live.into_iter().map(|row| (row.key, row.id)).collect())
}

/// The option that `field` names, which must stand in the set and not be archived.
pub(crate) async fn require_in(
    cx: &Cx<'_>,
    set_key: &str,
    id: OptionId,
    field: &str,
) -> Result<Model> {
    let live = in_set(cx, set_key).filter(Column::ArchivedAt.is_null());
    let row = live.filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| unknown(set_key, field).into())
}

/// What is wrong with an option that does not stand in the set or is archived.
pub(crate) fn unknown(set_key: &str, field: impl Into<String>) -> Problem {
    Problem::new(field, Code::UnknownOption).with("set", set_key)
}

async fn all_of(cx: &Cx<'_>, set_id: OptionSetId) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::SetId.eq(set_id));
    let select = select.order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(select.limit(MOST_OPTIONS as u64).all(&cx.db).await?)
}

/// Adds an option; its key must be new in the set, also among the archived ones.
pub async fn create(tx: &Tx<'_>, new: NewOption) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    set::find_in(tx, new.set_id, "setId").await?;
    let others = all_of(tx, new.set_id).await?;
    let mut checks = Checks::new();
    let key = checks.key("key", &new.key);
    let label = checks.text("label", &new.label, 200);
    checks
        .ensure(others.len() < MOST_OPTIONS, || Problem::too_many("setId", MOST_OPTIONS, "items"));
    checks.finish()?;
    let row = ActiveModel {
        set_id: Set(new.set_id),
        key: Set(key),
        label: Set(label),
        position: Set(others.last().map_or(0, |last| last.position + 1)),
        built_in: Set(false),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Renames an option.
pub async fn update(tx: &Tx<'_>, id: OptionId, patch: OptionPatch) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(label) = patch.label {
        row.label = Set(checks.text("label", &label, 200));
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts the options of a set in order: those in `first` as they stand there, then the others as
/// they stood.
pub async fn reorder(tx: &Tx<'_>, set_id: OptionSetId, first: &[OptionId]) -> Result<set::Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let set = set::find_in(tx, set_id, "setId").await?;
    let mut rows = all_of(tx, set_id).await?;
    let mut checks = Checks::new();
    let mut places = HashMap::with_capacity(first.len());
    for (index, id) in first.iter().enumerate() {
        let field = || format!("optionIds.{index}");
        checks.ensure(rows.iter().any(|row| row.id == *id), || {
            Problem::new(field(), Code::NotFound).with("kind", Kind::Option.type_name())
        });
        let is_new = places.insert(*id, index).is_none();
        checks.ensure(is_new, || Problem::new(field(), Code::DuplicateKey));
    }
    checks.finish()?;
    // A stable sort: what is not named keeps its order behind what is.
    rows.sort_by_key(|row| places.get(&row.id).copied().unwrap_or(usize::MAX));
    for (before, position) in rows.iter().zip(0..) {
        let row = ActiveModel { position: Set(position), ..Default::default() };
        store::update(tx, before, row, Fact::Updated).await?;
    }
    Ok(set)
}

/// Puts an option away: it stays where it is used and can no longer be chosen.
pub async fn archive(tx: &Tx<'_>, id: OptionId) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    if before.built_in {
        return Err(Problem::new("id", Code::BuiltIn).into());
    }
    if before.archived_at.is_some() {
        return Ok(before);
    }
    let row = ActiveModel { archived_at: Set(Some(tx.now)), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Takes an archived option back into its place.
pub async fn restore(tx: &Tx<'_>, id: OptionId) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let row = ActiveModel { archived_at: Set(None), ..Default::default() };
    store::update(tx, &before, row, Fact::Restored).await
}

pub(super) fn built_in(
    set: &set::Model,
    position: i32,
    words: &Words,
    locale: Locale,
) -> ActiveModel {
    ActiveModel {
        set_id: Set(set.id),
        key: Set(words.key.to_owned()),
        label: Set(words.name(locale)),
        position: Set(position),
        built_in: Set(true),
        ..Default::default()
    }
}
