//! Overrides: what a person says of the health of an account, in place of what is computed. It
//! survives every computation until its day comes or somebody ends it (rule 17).

use std::collections::HashMap;

use sea_orm::sea_query::ExprTrait;

use crate::accounts::account;
use crate::prelude::*;

/// What a person says of the health of an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_override")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthOverrideId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    /// 0 to 100.
    pub value: f64,
    pub reason: String,
    /// Who says so.
    pub author_id: Option<UserId>,
    /// The last day on which it counts; without one, until somebody ends it.
    pub expires_on: Option<NaiveDate>,
    /// When somebody ended it, or said something else.
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by_id: Option<UserId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, HealthOverrideId, account = |row: &Model| Some(row.account_id), personal = ["reason"]);

/// What a person says.
#[derive(Clone, Debug)]
pub struct NewOverride {
    pub account_id: AccountId,
    pub value: f64,
    pub reason: String,
    pub expires_on: Option<NaiveDate>,
}

const REASON_CHARS: usize = 500;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// Those that count today.
pub(crate) fn counting(today: NaiveDate) -> Condition {
    let lasts = Column::ExpiresOn.is_null().or(Column::ExpiresOn.gte(today));
    Condition::all().add(Column::EndedAt.is_null()).add(lasts)
}

/// One override.
pub async fn find(cx: &Cx<'_>, id: HealthOverrideId) -> Result<Model> {
    cx.require(Area::Accounts, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::HealthOverride))
}

/// The overrides of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[HealthOverrideId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// What people have said of each of these accounts, newest first.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let newest = [Order::desc(Column::Id)];
    page_each(cx, visible(cx), Column::AccountId, accounts, &newest, args).await
}

/// What people say of these accounts today.
pub(super) async fn in_force(
    cx: &Cx<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Model>> {
    let rows = visible(cx)
        .filter(counting(cx.today().await?))
        .filter(Column::AccountId.is_in(accounts.iter().copied()));
    Ok(rows.all(&cx.db).await?.into_iter().map(|row| (row.account_id, row)).collect())
}

/// Says how an account does, in place of what is computed. It takes the place of what was said
/// before.
pub async fn set(tx: &Tx<'_>, new: NewOverride) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?;
    checks.range("value", new.value, 0.0, 100.0);
    let reason = checks.prose("reason", &new.reason, REASON_CHARS);
    let today = tx.today().await?;
    checks.ensure(new.expires_on.is_none_or(|date| date >= today), || {
        Problem::new("expiresOn", Code::TooEarly).with("min", today)
    });
    checks.finish()?;
    let before =
        visible(tx).filter(Column::AccountId.eq(new.account_id)).filter(Column::EndedAt.is_null());
    if let Some(before) = before.one(&tx.db).await? {
        end_row(tx, &before).await?;
    }
    let row = ActiveModel {
        account_id: Set(new.account_id),
        value: Set(new.value),
        reason: Set(reason),
        author_id: Set(tx.actor.user_id),
        expires_on: Set(new.expires_on),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await
}

/// Ends an override: what is computed counts again.
pub async fn end(tx: &Tx<'_>, id: HealthOverrideId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let account_id = find(tx, id).await?.account_id;
    account::lock(tx, account_id, "id").await?;
    let before = find(tx, id).await?;
    match before.ended_at {
        Some(_) => Ok(before),
        None => end_row(tx, &before).await,
    }
}

async fn end_row(tx: &Tx<'_>, before: &Model) -> Result<Model> {
    let row = ActiveModel {
        ended_at: Set(Some(tx.now)),
        ended_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    store::update(tx, before, row, Fact::Ended).await
}
