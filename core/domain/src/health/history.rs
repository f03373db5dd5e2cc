//! What scores were: the values that differed from the one before, at most one a day.

use std::collections::HashMap;

use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{IntoActiveModel, QueryTrait};

use super::hindsight::last_by;
use super::{Band, model, score};
use crate::prelude::*;

/// The value of a day, which holds until the next one.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub model_id: HealthModelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The day, in the time zone of the workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub computed_on: NaiveDate,
    pub version_id: HealthModelVersionId,
    /// None where too little was known.
    pub value: Option<f64>,
    pub band: Option<Band>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(super) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// What a model made of each of these accounts, newest first; the primary model where none is
/// named.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    model_id: &Option<HealthModelId>,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let of_model = match model_id {
        Some(id) => Column::ModelId.eq(*id),
        None => Column::ModelId.in_subquery(model::primary_id(cx)),
    };
    let select = visible(cx).filter(of_model);
    let newest = [Order::desc(Column::ComputedOn)];
    page_each(cx, select, Column::AccountId, accounts, &newest, args).await
}

/// The value of each of these accounts on a day: the last one by then. In one statement.
pub(super) async fn values_on(
    cx: &Cx<'_>,
    model_id: HealthModelId,
    accounts: &[AccountId],
    on: NaiveDate,
) -> Result<HashMap<AccountId, f64>> {
    let of_model = visible(cx)
        .filter(Column::ModelId.eq(model_id))
        .filter(Column::AccountId.is_in(accounts.iter().copied()));
    let last = of_model
        .clone()
        .filter(Column::ComputedOn.lte(on))
        .select_only()
        .column(Column::AccountId)
        .column_as(Column::ComputedOn.max(), "computed_on")
        .group_by(Column::AccountId)
        .into_query();
    let key = Expr::tuple([Expr::col(Column::AccountId), Expr::col(Column::ComputedOn)]);
    let rows = of_model.filter(key.in_subquery(last)).all(&cx.db).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.account_id, row.value?))).collect())
}

/// The value of each of these accounts on its own day: the last one by then. In one statement,
/// which gives all that there is up to the latest of the days.
pub(super) async fn values_before(
    cx: &Cx<'_>,
    model_id: HealthModelId,
    accounts: &[(AccountId, NaiveDate)],
) -> Result<HashMap<AccountId, f64>> {
    let days: HashMap<AccountId, NaiveDate> = accounts.iter().copied().collect();
    let latest = days.values().max().copied();
    let rows = visible(cx)
        .filter(Column::ModelId.eq(model_id))
        .filter(Column::AccountId.is_in(days.keys().copied()))
        .filter(Column::ComputedOn.lte(latest))
        .select_only()
        .columns([Column::AccountId, Column::ComputedOn, Column::Value]);
    Ok(last_by(rows.into_tuple().all(&cx.db).await?, &days))
}

/// Writes down what scores are today.
pub(super) async fn put(tx: &Tx<'_>, scores: &[&score::Model], today: NaiveDate) -> Result<()> {
    const CHUNK_ROWS: usize = 1000;
    let keys = [Column::WorkspaceId, Column::ModelId, Column::AccountId, Column::ComputedOn];
    let replace = OnConflict::columns(keys)
        .update_columns([Column::VersionId, Column::Value, Column::Band])
        .to_owned();
    let row = |score: &&score::Model| {
        let row = Model {
            workspace_id: score.workspace_id,
            model_id: score.model_id,
            account_id: score.account_id,
            computed_on: today,
            version_id: score.version_id,
            value: score.value,
            band: score.band,
        };
        row.into_active_model().reset_all()
    };
    for chunk in scores.chunks(CHUNK_ROWS) {
        let insert = Entity::insert_many(chunk.iter().map(row)).on_conflict(replace.clone());
        insert.exec_without_returning(&tx.db).await?;
    }
    Ok(())
}
