//! The success plan of an account: why they bought, what hurts, and what success means to them.

use crate::accounts::account;
use crate::prelude::*;

/// Why an account bought, and by what it will judge that.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "success_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SuccessPlanId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    pub pains: Option<String>,
    pub purchase_reason: Option<String>,
    pub success_criteria: Option<String>,
    /// How the value will be measured, as agreed with the customer.
    pub value_measure: Option<String>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, SuccessPlanId, account = |row: &Model| Some(row.account_id));

/// What a plan says, each up to 10,000 characters; `None` where nobody has said it yet.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pub pains: Option<String>,
    pub purchase_reason: Option<String>,
    pub success_criteria: Option<String>,
    pub value_measure: Option<String>,
}

/// Changes of a plan; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct SuccessPlanPatch {
    pub expected_version: Option<i64>,
    pub pains: Option<Option<String>>,
    pub purchase_reason: Option<Option<String>>,
    pub success_criteria: Option<Option<String>>,
    pub value_measure: Option<Option<String>>,
}

const CHARS: usize = 10_000;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The plans of each of these accounts that have one, without those that were put away.
pub async fn of_accounts(cx: &Cx<'_>, accounts: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    let of_accounts = visible(cx).filter(Column::AccountId.is_in(accounts.iter().copied()));
    Ok(of_accounts.filter(Column::ArchivedAt.is_null()).all(&cx.db).await?)
}

/// One plan, also one that was put away.
pub async fn find(cx: &Cx<'_>, id: SuccessPlanId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id, "id").await
}

/// The plans of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[SuccessPlanId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: SuccessPlanId, field: &str) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found(field, Kind::SuccessPlan))
}

/// The plan that a field names, with its account locked; it must not have been put away.
pub(super) async fn lock(tx: &Tx<'_>, id: SuccessPlanId, field: &str) -> Result<Model> {
    let account_id = find_in(tx, id, field).await?.account_id;
    account::lock_live(tx, account_id, field).await?;
    let row = find_in(tx, id, field).await?;
    match row.archived_at {
        None => Ok(row),
        Some(_) => Err(Problem::new(field, Code::Archived).into()),
    }
}

/// Begins the plan of an account, which has one at a time.
pub async fn create(tx: &Tx<'_>, account_id: AccountId, words: Words) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    checks.keep(account::lock_live(tx, account_id, "accountId").await)?;
    let row = ActiveModel { account_id: Set(account_id), ..checked(&mut checks, &words) };
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("accountId"))
}

/// Changes a plan.
pub async fn update(tx: &Tx<'_>, id: SuccessPlanId, patch: SuccessPlanPatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = lock(tx, id, "id").await?;
    store::expect_version(&before, patch.expected_version)?;
    let kept = before.clone();
    let words = Words {
        pains: patch.pains.unwrap_or(kept.pains),
        purchase_reason: patch.purchase_reason.unwrap_or(kept.purchase_reason),
        success_criteria: patch.success_criteria.unwrap_or(kept.success_criteria),
        value_measure: patch.value_measure.unwrap_or(kept.value_measure),
    };
    let mut checks = Checks::new();
    let row = checked(&mut checks, &words);
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a plan away, with its goals and milestones; the account may begin another one.
pub async fn archive(tx: &Tx<'_>, id: SuccessPlanId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = find_in(tx, id, "id").await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

fn checked(checks: &mut Checks, words: &Words) -> ActiveModel {
    let Words { pains, purchase_reason, success_criteria, value_measure } = words;
    ActiveModel {
        pains: Set(checks.maybe_prose("pains", pains.as_deref(), CHARS)),
        purchase_reason: Set(checks.maybe_prose(
            "purchaseReason",
            purchase_reason.as_deref(),
            CHARS,
        )),
        success_criteria: Set(checks.maybe_prose(
            "successCriteria",
            success_criteria.as_deref(),
            CHARS,
        )),
        value_measure: Set(checks.maybe_prose("valueMeasure", value_measure.as_deref(), CHARS)),
        ..Default::default()
    }
}
