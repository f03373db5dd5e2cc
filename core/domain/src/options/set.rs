//! Option sets: the lists themselves. Built-in ones are known to the rules, own ones are not.

use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;

use super::Words;
use crate::prelude::*;
use crate::workspace::Locale;

/// The set of market segments.
pub const MARKET_SEGMENT: &str = "market_segment";
/// The set of packages.
pub const PACKAGE: &str = "package";
/// The set of what a contact is for the customer.
pub const CONTACT_ROLE: &str = "contact_role";
/// The set of what a user is for an account.
pub const ACCOUNT_ROLE: &str = "account_role";

pub(super) const BUILT_IN: [Words; 4] = [
    Words { key: MARKET_SEGMENT, en: "Market segment", pt_br: "Segmento de mercado" },
    Words { key: PACKAGE, en: "Package", pt_br: "Pacote" },
    Words { key: CONTACT_ROLE, en: "Contact role", pt_br: "Função do contato" },
    Words { key: ACCOUNT_ROLE, en: "Account role", pt_br: "Função no cliente" },
];

/// A list of options.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "option_set")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OptionSetId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What rules and imports know the set by; it never changes.
    pub key: String,
    pub name: String,
    /// Whether the rules know the set.
    pub built_in: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, OptionSetId);

/// A set to be added.
#[derive(Clone, Debug)]
pub struct NewOptionSet {
    pub key: String,
    pub name: String,
}

/// Changes of a set; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct OptionSetPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The id of the set with this key, as a subquery.
pub(super) fn id_of(cx: &Cx<'_>, key: &str) -> SelectStatement {
    visible(cx).select_only().column(Column::Id).filter(Column::Key.eq(key)).into_query()
}

/// A set.
pub async fn find(cx: &Cx<'_>, id: OptionSetId) -> Result<Model> {
    cx.require(Area::Workspace, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The set that `field` names.
pub(crate) async fn find_in(cx: &Cx<'_>, id: OptionSetId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::OptionSet))
}

/// The sets with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[OptionSetId]) -> Result<Vec<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The set with this key.
pub async fn by_key(cx: &Cx<'_>, key: &str) -> Result<Model> {
    cx.require(Area::Workspace, Access::Read)?;
    let row = visible(cx).filter(Column::Key.eq(key.trim())).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("key", Kind::OptionSet))
}

/// The sets by their keys.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Workspace, Access::Read)?;
    page(cx, visible(cx), &[Order::asc(Column::Key), Order::asc(Column::Id)], args).await
}

/// Adds a set; its key must be new.
pub async fn create(tx: &Tx<'_>, new: NewOptionSet) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let mut checks = Checks::new();
    let key = checks.key("key", &new.key);
    let name = checks.text("name", &new.name, 200);
    checks.finish()?;
    let row =
        ActiveModel { key: Set(key), name: Set(name), built_in: Set(false), ..Default::default() };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Renames a set.
pub async fn update(tx: &Tx<'_>, id: OptionSetId, patch: OptionSetPatch) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

pub(super) fn built_in(words: &Words, locale: Locale) -> ActiveModel {
    ActiveModel {
        key: Set(words.key.to_owned()),
        name: Set(words.name(locale)),
        built_in: Set(true),
        ..Default::default()
    }
}
