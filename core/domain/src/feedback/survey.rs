//! Surveys: what customers are asked.

use super::score::Method;
use crate::prelude::*;

/// A question to customers.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "survey")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SurveyId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What integrations call it; never changes.
    pub key: String,
    pub name: String,
    /// What the customer reads.
    pub question: String,
    pub method: Method,
    pub purpose: Purpose,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, SurveyId);

/// When a survey is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// After something happened.
    Transactional,
    /// In fixed periods, about the whole relationship.
    Relational,
}

/// A survey to be created.
#[derive(Clone, Debug)]
pub struct NewSurvey {
    pub key: String,
    pub name: String,
    pub question: String,
    pub method: Method,
    pub purpose: Purpose,
}

/// Changes of a survey; `None` leaves a field as it is. The method never changes, because the
/// responses that are there were given on its scale.
#[derive(Clone, Debug, Default)]
pub struct SurveyPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub question: Option<String>,
    pub purpose: Option<Purpose>,
}

/// What narrows a list of surveys.
#[derive(Clone, Debug, Default)]
pub struct SurveyFilter {
    pub methods: Option<Vec<Method>>,
    /// Also those that were put away.
    pub include_archived: bool,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Surveys by key.
pub async fn list(cx: &Cx<'_>, filter: SurveyFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Feedback, Access::Read)?;
    let mut select = visible(cx);
    if let Some(methods) = filter.methods {
        select = select.filter(Column::Method.is_in(methods));
    }
    if !filter.include_archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    page(cx, select, &[Order::asc(Column::Key), Order::asc(Column::Id)], args).await
}

/// One survey.
pub async fn find(cx: &Cx<'_>, id: SurveyId) -> Result<Model> {
    cx.require(Area::Feedback, Access::Read)?;
    find_in(cx, id).await
}

/// The surveys of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[SurveyId]) -> Result<Vec<Model>> {
    cx.require(Area::Feedback, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The survey that integrations call so.
pub async fn by_key(cx: &Cx<'_>, key: &str) -> Result<Model> {
    cx.require(Area::Feedback, Access::Read)?;
    let row = visible(cx).filter(Column::Key.eq(key)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("key", Kind::Survey))
}

/// A survey that can be used: known and not put away.
pub(crate) async fn require(cx: &Cx<'_>, id: SurveyId, field: &str) -> Result<Model> {
    let select = visible(cx).filter(Column::Id.eq(id)).filter(Column::ArchivedAt.is_null());
    let row = select.one(&cx.db).await?;
    row.ok_or_else(|| Problem::new(field, Code::UnknownSurvey).into())
}

/// Those of the surveys of these keys that can be used.
pub(crate) async fn in_use(cx: &Cx<'_>, keys: &[&str]) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::Key.is_in(keys.iter().copied()));
    Ok(select.filter(Column::ArchivedAt.is_null()).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: SurveyId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Survey))
}

/// Creates a survey.
pub async fn create(tx: &Tx<'_>, new: NewSurvey) -> Result<Model> {
    tx.require(Area::Feedback, Access::Write)?;
    let mut checks = Checks::new();
    let row = ActiveModel {
        key: Set(checks.key("key", &new.key)),
        name: Set(checks.text("name", &new.name, 200)),
        question: Set(checks.prose("question", &new.question, 1000)),
        method: Set(new.method),
        purpose: Set(new.purpose),
        archived_at: Set(None),
        ..Default::default()
    };
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("key"))
}

/// Changes a survey.
pub async fn update(tx: &Tx<'_>, id: SurveyId, patch: SurveyPatch) -> Result<Model> {
    tx.require(Area::Feedback, Access::Write)?;
    let before = find_in(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(question) = patch.question {
        row.question = Set(checks.prose("question", &question, 1000));
    }
    if let Some(purpose) = patch.purpose {
        row.purpose = Set(purpose);
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a survey away: its responses stay, new ones are refused.
pub async fn archive(tx: &Tx<'_>, id: SurveyId) -> Result<Model> {
    tx.require(Area::Feedback, Access::Write)?;
    let before = find_in(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}
