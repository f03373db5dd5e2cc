//! Survey responses: what customers answered. A response is a fact and never changes.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Func, OverStatement, SelectStatement, WindowStatement};

use super::score::{Method, NpsTally};
use super::survey;
use crate::filter::RangeFilter;
use crate::prelude::*;
use crate::refs;

/// What a customer answered.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_response")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SurveyResponseId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub survey_id: SurveyId,
    pub account_id: AccountId,
    pub contact_id: Option<ContactId>,
    /// The task that asked.
    pub task_id: Option<TaskId>,
    /// That of the survey.
    pub method: Method,
    /// Within [`Method::range`].
    pub score: i32,
    pub comment: Option<String>,
    pub responded_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    SurveyResponseId,
    account = |row: &Model| Some(row.account_id),
    personal = ["comment"]
);

/// A response to be recorded.
#[derive(Clone, Debug)]
pub struct NewResponse {
    pub survey_id: SurveyId,
    pub account_id: AccountId,
    pub contact_id: Option<ContactId>,
    pub task_id: Option<TaskId>,
    pub score: i32,
    pub comment: Option<String>,
    /// Now, where it is not said.
    pub responded_at: Option<DateTime<Utc>>,
}

/// What narrows a list of responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResponseFilter {
    pub survey_ids: Option<Vec<SurveyId>>,
    pub methods: Option<Vec<Method>>,
    pub responded_at: Option<RangeFilter<DateTime<Utc>>>,
}

impl ResponseFilter {
    fn condition(&self) -> Condition {
        Condition::all()
            .add_option(self.survey_ids.clone().map(|ids| Column::SurveyId.is_in(ids)))
            .add_option(self.methods.clone().map(|words| Column::Method.is_in(words)))
            .add_option(
                self.responded_at.as_ref().map(|range| range.condition(Column::RespondedAt)),
            )
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn newest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::RespondedAt), Order::desc(Column::Id)]
}

/// Responses, newest first.
pub async fn list(cx: &Cx<'_>, filter: &ResponseFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Feedback, Access::Read)?;
    page(cx, visible(cx).filter(filter.condition()), &newest_first(), args).await
}

/// The responses of each of many accounts, newest first.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &ResponseFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Feedback, Access::Read)?;
    let select = visible(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &newest_first(), args).await
}

/// The responses to each of many surveys, newest first.
pub async fn of_surveys(
    cx: &Cx<'_>,
    surveys: &[SurveyId],
    args: &PageArgs,
) -> Result<HashMap<SurveyId, Page<Model>>> {
    cx.require(Area::Feedback, Access::Read)?;
    page_each(cx, visible(cx), Column::SurveyId, surveys, &newest_first(), args).await
}

/// The newest answer to an NPS question, of each of the accounts that has one.
pub async fn last_nps(cx: &Cx<'_>, accounts: &[AccountId]) -> Result<Vec<Model>> {
    let filter = ResponseFilter { methods: Some(vec![Method::Nps]), ..Default::default() };
    let pages = list_each(cx, accounts, &filter, &PageArgs::first(1)).await?;
    Ok(pages.into_values().flat_map(Page::into_rows).collect())
}

/// The newest response of an account by a method.
pub(crate) async fn latest(
    cx: &Cx<'_>,
    account_id: AccountId,
    method: Method,
) -> Result<Option<Model>> {
    let select = visible(cx)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Method.eq(method))
        .order_by_desc(Column::RespondedAt)
        .order_by_desc(Column::Id);
    Ok(select.one(&cx.db).await?)
}

/// The responses of an account that were recorded since an instant, oldest first; of very many the
/// first thousand.
pub(crate) async fn recorded_since(
    cx: &Cx<'_>,
    account_id: AccountId,
    since: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let select = visible(cx)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::CreatedAt.gte(since))
        .order_by_asc(Column::Id)
        .limit(1000);
    Ok(select.all(&cx.db).await?)
}

/// Names the task that an answer has completed.
pub(crate) async fn note_task(tx: &Tx<'_>, answer: &Model, task_id: TaskId) -> Result<()> {
    let row = ActiveModel { task_id: Set(Some(task_id)), ..Default::default() };
    store::update(tx, answer, row, Fact::Updated).await?;
    Ok(())
}

/// One response.
pub async fn find(cx: &Cx<'_>, id: SurveyResponseId) -> Result<Model> {
    cx.require(Area::Feedback, Access::Read)?;
    find_in(cx, id).await
}

pub(crate) async fn find_in(cx: &Cx<'_>, id: SurveyResponseId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::SurveyResponse))
}

/// The responses of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[SurveyResponseId]) -> Result<Vec<Model>> {
    cx.require(Area::Feedback, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// NPS over many accounts (rule 16): the newest answer of each contact since then counts; answers
/// without a contact count as of one more contact of their account. `accounts` selects ids.
pub(crate) async fn tally(
    cx: &Cx<'_>,
    accounts: SelectStatement,
    since: DateTime<Utc>,
) -> Result<NpsTally> {
    let (place, count, ranked) = (Alias::new("place"), Alias::new("count"), Alias::new("ranked"));
    let mut newest = WindowStatement::partition_by(Column::AccountId);
    newest
        .add_partition_by(Expr::col(Column::ContactId))
        .order_by(Column::RespondedAt, Direction::Desc)
        .order_by(Column::Id, Direction::Desc);
    let mut answers = Query::select();
    answers
        .column(Column::Score)
        .expr_window_as(Func::cust(Alias::new("row_number")), newest, place.clone())
        .from(Entity)
        .and_where(Column::WorkspaceId.eq(cx.workspace_id()))
        .and_where(Column::Method.eq(Method::Nps))
        .and_where(Column::RespondedAt.gte(since))
        .and_where(Column::AccountId.in_subquery(accounts));
    let mut query = Query::select();
    query
        .column(Column::Score)
        .expr_as(Func::count(Expr::val(1)), count)
        .from_subquery(answers, ranked)
        .and_where(Expr::col(place).eq(1))
        .group_by_col(Column::Score);
    let mut tally = NpsTally::default();
    for row in cx.db.query_all(&query).await? {
        let count: i64 = row.try_get("", "count")?;
        tally = tally.and(row.try_get("", "score")?, count.unsigned_abs());
    }
    Ok(tally)
}

/// Records a response. Whoever calls has asked for the right.
pub(crate) async fn insert(tx: &Tx<'_>, new: NewResponse) -> Result<Model> {
    let mut checks = Checks::new();
    let account = new.account_id;
    checks.keep(refs::require(tx, account, "accountId").await)?;
    if let Some(id) = new.contact_id {
        checks.keep(refs::require_of(tx, account, id, "contactId").await)?;
    }
    if let Some(id) = new.task_id {
        checks.keep(refs::require_of(tx, account, id, "taskId").await)?;
    }
    let mut row = ActiveModel {
        survey_id: Set(new.survey_id),
        account_id: Set(account),
        contact_id: Set(new.contact_id),
        task_id: Set(new.task_id),
        score: Set(new.score),
        comment: Set(checks.maybe_prose("comment", new.comment.as_deref(), 4000)),
        responded_at: Set(checks.past("respondedAt", new.responded_at.unwrap_or(tx.now), tx.now)),
        ..Default::default()
    };
    if let Some(survey) = checks.keep(survey::require(tx, new.survey_id, "surveyId").await)? {
        let range = survey.method.range();
        checks.range("score", new.score, *range.start(), *range.end());
        row.method = Set(survey.method);
    }
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await
}
