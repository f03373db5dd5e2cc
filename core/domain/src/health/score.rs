//! Scores: what a version of a model last made of an account. They are no nouns: they come by the
//! hundred thousand, and are written over whenever they are computed.

use std::collections::HashMap;

use sea_orm::IntoActiveModel;
use sea_orm::QueryTrait;
use sea_orm::sea_query::{CaseStatement, ExprTrait, Func, JoinType, OnConflict};
use serde::{Deserialize, Serialize};

use super::{Band, Bands, health_override, history, model};
use crate::accounts::account;
use crate::derived::{Columns, Derived};
use crate::page::{KeyKind, Sort, page_sorted};
use crate::prelude::*;

/// What a version made of an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_score")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub model_id: HealthModelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: Role,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    pub version_id: HealthModelVersionId,
    /// 0 to 100; none where too little is known.
    pub value: Option<f64>,
    pub band: Option<Band>,
    /// By how many points it differs from the value as many days ago as the version says.
    pub trend: Option<f64>,
    /// Where every score of the version begins.
    pub base: f64,
    /// The points of each factor, in their order: pairs of a key and a number.
    #[sea_orm(column_type = "JsonBinary")]
    pub contributions: Json,
    /// The keys of what was missing.
    #[sea_orm(column_type = "JsonBinary")]
    pub missing: Json,
    /// [`Reason`]s.
    #[sea_orm(column_type = "JsonBinary")]
    pub reasons: Json,
    /// None where it never could be.
    pub computed_at: Option<DateTime<Utc>>,
    /// When it was last tried.
    pub checked_at: DateTime<Utc>,
    /// Since when it cannot be computed anew.
    pub stale_since: Option<DateTime<Utc>>,
    pub stale_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// In which role a version is computed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Its scores are those that people see.
    Active,
    /// It is compared with the active one.
    Candidate,
}

/// Why a score is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The code of a reason of a plugin, or the key of a measure of a weighted model.
    pub code: String,
    /// The points that the measure takes; none for reasons of plugins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
}

/// What came of scoring some accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// Where every score begins.
    pub base: f64,
    /// The keys of the factors.
    pub factors: Vec<String>,
    /// What came of each account, in their order.
    pub rows: Vec<Row>,
}

/// What came of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// 0 to 100; none where too little is known.
    pub value: Option<f64>,
    /// The points of each factor; empty without a value.
    pub contributions: Vec<f64>,
    /// The keys of what was missing.
    pub missing: Vec<String>,
    /// At most three, the most important one first.
    pub reasons: Vec<Reason>,
}

impl Model {
    /// The points of each factor.
    pub fn contributions(&self) -> Vec<(String, f64)> {
        serde_json::from_value(self.contributions.clone()).unwrap_or_default()
    }

    /// The keys of what was missing.
    pub fn missing(&self) -> Vec<String> {
        serde_json::from_value(self.missing.clone()).unwrap_or_default()
    }

    /// Why it is what it is.
    pub fn reasons(&self) -> Vec<Reason> {
        serde_json::from_value(self.reasons.clone()).unwrap_or_default()
    }
}

/// How an account does, as people see it: what was computed by the primary model, unless a person
/// says something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    pub account_id: AccountId,
    /// What was computed.
    pub score: Option<Model>,
    /// What a person says instead.
    pub overruled: Option<health_override::Model>,
    bands: Bands,
}

impl Health {
    /// The value that counts.
    pub fn value(&self) -> Option<f64> {
        let computed = self.score.as_ref().and_then(|score| score.value);
        self.overruled.as_ref().map(|row| row.value).or(computed)
    }

    /// Its band.
    pub fn band(&self) -> Option<Band> {
        self.value().map(|value| self.bands.of(value))
    }
}

pub(super) fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

pub(super) fn of(cx: &Cx<'_>, model_id: HealthModelId, role: Role) -> Select<Entity> {
    visible(cx).filter(Column::ModelId.eq(model_id)).filter(Column::Role.eq(role))
}

/// How each of these accounts does, by the primary model; without one, only what people say.
/// Accounts of which nothing is known are left out.
pub async fn of_accounts(cx: &Cx<'_>, ids: &[AccountId]) -> Result<HashMap<AccountId, Health>> {
    cx.require(Area::Accounts, Access::Read)?;
    let primary = model::primary(cx).await?;
    let (bands, mut scores) = match &primary {
        None => (Bands::default(), HashMap::new()),
        Some((model, version)) => {
            let rows = of(cx, model.id, Role::Active);
            let rows =
                rows.filter(Column::AccountId.is_in(ids.iter().copied())).all(&cx.db).await?;
            let scores: HashMap<_, _> = rows.into_iter().map(|row| (row.account_id, row)).collect();
            (version.definition()?.bands, scores)
        }
    };
    let mut overruled = health_override::in_force(cx, ids).await?;
    let health = |id: &AccountId| {
        let (score, overruled) = (scores.remove(id), overruled.remove(id));
        let is_known = score.is_some() || overruled.is_some();
        is_known.then_some((*id, Health { account_id: *id, score, overruled, bands }))
    };
    Ok(ids.iter().filter_map(health).collect())
}

/// Where the bands of the primary model begin.
pub(crate) async fn primary_bands(cx: &Cx<'_>) -> Result<Bands> {
    Ok(match model::primary(cx).await? {
        Some((_, version)) => version.definition()?.bands,
        None => Bands::default(),
    })
}

/// [`Health::value`] of some accounts, as SQL.
pub(crate) fn column(columns: &Columns<'_>) -> Result<Derived> {
    let cx = columns.cx;
    cx.require(Area::Accounts, Access::Read)?;
    let account = |column| Expr::col((account::Entity, column));
    let score = |column| Expr::col((Entity, column));
    let overruled = |column| Expr::col((health_override::Entity, column));
    let computed = Condition::all()
        .add(score(Column::WorkspaceId).eq(cx.workspace_id()))
        .add(score(Column::ModelId).in_subquery(model::primary_id(cx)))
        .add(score(Column::Role).eq(Role::Active))
        .add(score(Column::AccountId).eq(account(account::Column::Id)));
    let said = Condition::all()
        .add(overruled(health_override::Column::WorkspaceId).eq(cx.workspace_id()))
        .add(overruled(health_override::Column::AccountId).eq(account(account::Column::Id)))
        .add(health_override::counting(columns.today));
    let value = Func::coalesce([overruled(health_override::Column::Value), score(Column::Value)]);
    let statement = Query::select()
        .expr_as(account(account::Column::Id), Alias::new("account_id"))
        .expr_as(value.clone(), Alias::new("value"))
        .from(account::Entity)
        .left_join(Entity, computed)
        .left_join(health_override::Entity, said)
        .and_where(account(account::Column::WorkspaceId).eq(cx.workspace_id()))
        .and_where(account(account::Column::Id).in_subquery(columns.ids.clone()))
        .and_where(Expr::from(value).is_not_null())
        .take();
    Ok(Derived { statement, kind: KeyKind::Number, counts: false })
}

/// What all models make of each of these accounts, the primary one first.
pub async fn all_of_accounts(
    cx: &Cx<'_>,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Vec<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let live = model::live(cx).await?;
    let place = |row: &Model| live.iter().position(|model| model.id == row.model_id);
    let rows = visible(cx)
        .filter(Column::Role.eq(Role::Active))
        .filter(Column::AccountId.is_in(ids.iter().copied()));
    let mut rows = rows.all(&cx.db).await?;
    rows.retain(|row| place(row).is_some());
    rows.sort_by_key(|row| place(row));
    Ok(crate::page::group(rows, |row| Some(row.account_id)))
}

/// What the candidate of a model makes of an account, beside what the active version does.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub candidate: Model,
    pub active: Option<Model>,
}

/// The accounts of a model by how far the candidate differs from the active version, most first;
/// those that one of them has no value for come last.
pub async fn compare(
    cx: &Cx<'_>,
    model_id: HealthModelId,
    args: &PageArgs,
) -> Result<Page<Comparison>> {
    cx.require(Area::Health, Access::Read)?;
    let active = Alias::new("active");
    let values = of(cx, model_id, Role::Active)
        .select_only()
        .columns([Column::AccountId, Column::Value])
        .into_query();
    let mine = |column| Expr::col((Entity, column));
    let theirs = |column| Expr::col((active.clone(), column));
    let difference = Func::abs(mine(Column::Value).sub(theirs(Column::Value)));
    let sort = Sort {
        mark: "difference".to_owned(),
        keys: vec![(difference.into(), KeyKind::Number)],
        tie: mine(Column::AccountId),
        id: mine(Column::AccountId),
        is_descending: true,
        may_miss: true,
    };
    let mut select = of(cx, model_id, Role::Candidate);
    let same = theirs(Column::AccountId).eq(mine(Column::AccountId));
    QueryTrait::query(&mut select).join_subquery(JoinType::LeftJoin, values, active.clone(), same);
    let page = page_sorted(cx, select, &sort, args).await?;
    let ids: Vec<AccountId> = page.rows.iter().map(|(_, row)| row.account_id).collect();
    let of_page = of(cx, model_id, Role::Active).filter(Column::AccountId.is_in(ids));
    let mut active: HashMap<_, _> =
        of_page.all(&cx.db).await?.into_iter().map(|row| (row.account_id, row)).collect();
    let beside = |candidate: Model| {
        let active = active.remove(&candidate.account_id);
        Comparison { candidate, active }
    };
    Ok(page.map(beside))
}

/// What is written of some accounts.
#[derive(Clone, Copy)]
pub(super) struct Writing<'w> {
    pub(super) model_id: HealthModelId,
    pub(super) version_id: HealthModelVersionId,
    pub(super) role: Role,
    pub(super) bands: Bands,
    pub(super) trend_days: u32,
    pub(super) accounts: &'w [AccountId],
}

/// An account whose band has changed, with the one before and the one after.
pub(super) type Moved = (AccountId, [Option<Band>; 2]);

/// Rows of one statement.
const CHUNK_ROWS: usize = 500;

impl Writing<'_> {
    /// Writes what was computed, and its history where it is that of the active version. Gives the
    /// accounts whose band has changed, with the one before and the one after.
    pub(super) async fn write(&self, tx: &Tx<'_>, scored: &Scored) -> Result<Vec<Moved>> {
        let today = tx.today().await?;
        let before = of(tx, self.model_id, self.role)
            .filter(Column::AccountId.is_in(self.accounts.iter().copied()));
        let before: HashMap<AccountId, Model> =
            before.all(&tx.db).await?.into_iter().map(|row| (row.account_id, row)).collect();
        let then = match self.role {
            Role::Active => {
                let on = crate::calendar::minus(today, self.trend_days.into());
                history::values_on(tx, self.model_id, self.accounts, on).await?
            }
            Role::Candidate => HashMap::new(),
        };
        let rows: Vec<Model> = self
            .accounts
            .iter()
            .zip(&scored.rows)
            .map(|(id, row)| self.row(tx, *id, scored, row, then.get(id).copied()))
            .collect();
        put(tx, &rows).await?;
        if self.role == Role::Candidate {
            return Ok(Vec::new());
        }
        let was = |row: &Model| before.get(&row.account_id);
        let is_news = |row: &&Model| was(row).is_none_or(|was| differ(was.value, row.value));
        let news: Vec<&Model> = rows.iter().filter(is_news).collect();
        history::put(tx, &news, today).await?;
        let moved = rows.iter().filter_map(|row| {
            let before = was(row)?.band;
            (before != row.band).then_some((row.account_id, [before, row.band]))
        });
        Ok(moved.collect())
    }

    fn row(
        &self,
        tx: &Tx<'_>,
        account_id: AccountId,
        scored: &Scored,
        row: &Row,
        then: Option<f64>,
    ) -> Model {
        let contributions: Vec<_> = scored.factors.iter().zip(&row.contributions).collect();
        // What is summed up misses a whole number by the last digits, and would miss its band.
        let value = row.value.map(|value| (value * 1e6).round() / 1e6);
        Model {
            workspace_id: tx.workspace_id(),
            model_id: self.model_id,
            role: self.role,
            account_id,
            version_id: self.version_id,
            value,
            band: value.map(|value| self.bands.of(value)),
            trend: value.zip(then).map(|(now, then)| now - then),
            base: scored.base,
            contributions: serde_json::json!(contributions),
            missing: serde_json::json!(row.missing),
            reasons: serde_json::json!(row.reasons),
            computed_at: Some(tx.now),
            checked_at: tx.now,
            stale_since: None,
            stale_reason: None,
        }
    }

    /// Keeps the scores that are there, which cannot be computed anew, and says why. Accounts
    /// without a score get one that says so.
    pub(super) async fn keep_stale(&self, tx: &Tx<'_>, reason: &str) -> Result<()> {
        let reason: String = reason.chars().take(500).collect();
        let row = |account_id: &AccountId| Model {
            stale_since: Some(tx.now),
            stale_reason: Some(reason.clone()),
            computed_at: None,
            ..self.row(tx, *account_id, &Scored::default(), &Row::default(), None)
        };
        let rows: Vec<ActiveModel> =
            self.accounts.iter().map(|id| row(id).into_active_model().reset_all()).collect();
        let is_new = Expr::col((Entity, Column::StaleSince)).is_null();
        let since = CaseStatement::new()
            .case(is_new, Expr::val(tx.now))
            .finally(Expr::col((Entity, Column::StaleSince)));
        let kept = OnConflict::columns([
            Column::WorkspaceId,
            Column::ModelId,
            Column::Role,
            Column::AccountId,
        ])
        .update_columns([Column::CheckedAt, Column::StaleReason])
        .value(Column::StaleSince, since)
        .to_owned();
        for chunk in rows.chunks(CHUNK_ROWS) {
            let insert = Entity::insert_many(chunk.to_vec()).on_conflict(kept.clone());
            insert.exec_without_returning(&tx.db).await?;
        }
        Ok(())
    }
}

/// Whether two values differ by more than what nobody sees.
fn differ(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() > 0.005,
        (a, b) => a.is_some() != b.is_some(),
    }
}

async fn put(tx: &Tx<'_>, rows: &[Model]) -> Result<()> {
    let all = [
        Column::VersionId,
        Column::Value,
        Column::Band,
        Column::Trend,
        Column::Base,
        Column::Contributions,
        Column::Missing,
        Column::Reasons,
        Column::ComputedAt,
        Column::CheckedAt,
        Column::StaleSince,
        Column::StaleReason,
    ];
    let keys = [Column::WorkspaceId, Column::ModelId, Column::Role, Column::AccountId];
    let replace = OnConflict::columns(keys).update_columns(all).to_owned();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        let insert = Entity::insert_many(rows).on_conflict(replace.clone());
        insert.exec_without_returning(&tx.db).await?;
    }
    Ok(())
}

/// Deletes the scores of accounts that a run, which began then, did not come to: the model is no
/// longer about them.
pub(super) async fn drop_unchecked(
    tx: &Tx<'_>,
    model_id: HealthModelId,
    role: Role,
    since: DateTime<Utc>,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::ModelId.eq(model_id))
        .filter(Column::Role.eq(role))
        .filter(Column::CheckedAt.lt(since))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Deletes all scores of a model in a role.
pub(super) async fn drop_all(tx: &Tx<'_>, model_id: HealthModelId, role: Role) -> Result<()> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::ModelId.eq(model_id))
        .filter(Column::Role.eq(role))
        .exec(&tx.db)
        .await?;
    Ok(())
}
