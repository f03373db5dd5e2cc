//! Health models: what is computed of which accounts. Several may be about the same account; one of
//! them is primary, and its scores are those that portfolios show.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ActiveValue, QueryTrait};

use super::definition::Definition;
use super::score::{self, Role};
use super::{run, version};
use crate::accounts::account::{self, AccountStatus};
use crate::accounts::segment;
use crate::input::fold;
use crate::prelude::*;

/// How health is computed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "health_model")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HealthModelId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub name: String,
    /// The name as it must be unique.
    pub name_folded: String,
    pub description: Option<String>,
    /// Whose accounts it is about; without one, all.
    pub segment_id: Option<SegmentId>,
    /// Whether its scores are those that portfolios show.
    pub is_primary: bool,
    /// The version whose scores people see.
    pub active_version_id: HealthModelVersionId,
    /// The version that is computed beside it.
    pub candidate_version_id: Option<HealthModelVersionId>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, HealthModelId);

impl Model {
    /// The version in a role.
    pub fn version_in(&self, role: Role) -> Option<HealthModelVersionId> {
        match role {
            Role::Active => Some(self.active_version_id),
            Role::Candidate => self.candidate_version_id,
        }
    }
}

/// A model to be made.
#[derive(Clone, Debug)]
pub struct NewModel {
    pub name: String,
    pub description: Option<String>,
    pub segment_id: Option<SegmentId>,
    pub definition: Definition,
}

/// Changes of a model; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct ModelPatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub segment_id: Option<Option<SegmentId>>,
    /// Another model can be made primary; the primary one cannot be made nothing.
    pub is_primary: Option<bool>,
}

/// Models of a workspace that are in use.
const MOST_MODELS: usize = 20;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One model.
pub async fn find(cx: &Cx<'_>, id: HealthModelId) -> Result<Model> {
    cx.require(Area::Health, Access::Read)?;
    find_in(cx, id).await
}

async fn find_in(cx: &Cx<'_>, id: HealthModelId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::HealthModel))
}

/// The models of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[HealthModelId]) -> Result<Vec<Model>> {
    cx.require(Area::Health, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The models that are in use, by name.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Health, Access::Read)?;
    let in_use = visible(cx).filter(Column::ArchivedAt.is_null());
    page(cx, in_use, &[Order::asc(Column::NameFolded), Order::asc(Column::Id)], args).await
}

/// The models that are in use, the primary one first, then by age.
pub(crate) async fn live(cx: &Cx<'_>) -> Result<Vec<Model>> {
    let rows = visible(cx)
        .filter(Column::ArchivedAt.is_null())
        .order_by_desc(Column::IsPrimary)
        .order_by_asc(Column::Id);
    Ok(rows.all(&cx.db).await?)
}

/// The primary model and its active version.
pub(super) async fn primary(cx: &Cx<'_>) -> Result<Option<(Model, version::Model)>> {
    let row = visible(cx).filter(Column::IsPrimary.eq(true)).one(&cx.db).await?;
    let Some(row) = row else { return Ok(None) };
    let version = version::find_in(cx, row.active_version_id, "id").await?;
    Ok(Some((row, version)))
}

/// The id of the primary model, as a subquery.
pub(crate) fn primary_id(cx: &Cx<'_>) -> SelectStatement {
    let row = visible(cx).filter(Column::IsPrimary.eq(true));
    row.select_only().column(Column::Id).into_query()
}

pub(super) async fn lock(tx: &Tx<'_>, id: HealthModelId) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::HealthModel))
}

async fn lock_live(tx: &Tx<'_>, id: HealthModelId) -> Result<Model> {
    let row = lock(tx, id).await?;
    match row.archived_at {
        None => Ok(row),
        Some(_) => Err(Problem::new("id", Code::Archived).into()),
    }
}

/// The accounts that a model is about: customers, also those that stand still, and who tries the
/// product.
pub(super) async fn accounts(cx: &Cx<'_>, model: &Model) -> Result<Select<account::Entity>> {
    accounts_of(cx, model.segment_id).await
}

/// The accounts that a model of a segment is about.
pub(super) async fn accounts_of(
    cx: &Cx<'_>,
    segment_id: Option<SegmentId>,
) -> Result<Select<account::Entity>> {
    use AccountStatus::{Active, Paused, Trial};
    let condition = match segment_id {
        Some(id) => segment::members(cx, id).await?,
        None => Condition::all(),
    };
    Ok(account::live(cx)
        .filter(account::Column::Status.is_in([Trial, Active, Paused]))
        .filter(condition))
}

/// Makes a model, whose first version is active at once. The first model is primary.
pub async fn create(tx: &Tx<'_>, new: NewModel) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let others = live(tx).await?;
    let mut checks = Checks::new();
    checks.ensure(others.len() < MOST_MODELS, || Problem::too_many("", MOST_MODELS, "items"));
    new.definition.check(tx, &mut checks).await?;
    let patch = ModelPatch {
        name: Some(new.name),
        description: Some(new.description),
        segment_id: Some(new.segment_id),
        ..Default::default()
    };
    let row = columns(tx, checks, patch).await?;
    let (id, version_id) = (tx.new_id(), tx.new_id::<HealthModelVersionId>());
    let row = ActiveModel {
        id: Set(id),
        is_primary: Set(!others.iter().any(|other| other.is_primary)),
        active_version_id: Set(version_id),
        ..row
    };
    let row = store::insert(tx, row, Fact::Created).await;
    let row = row.map_err(|error| error.on_unique("name"))?;
    version::add(tx, version_id, id, &new.definition).await?;
    run::start(tx, &row, Role::Active).await?;
    super::recompute::ask_daily(tx).await?;
    Ok(row)
}

/// Changes what a model is called, whom it is about, and whether it is primary.
pub async fn update(tx: &Tx<'_>, id: HealthModelId, patch: ModelPatch) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let before = lock_live(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    checks.ensure(patch.is_primary != Some(false) || !before.is_primary, || {
        Problem::new("isPrimary", Code::Contradiction).with("with", "id")
    });
    let makes_primary = patch.is_primary == Some(true) && !before.is_primary;
    let row = columns(tx, checks, patch).await?;
    if makes_primary {
        step_down(tx).await?;
    }
    let is_primary = if makes_primary { Set(true) } else { ActiveValue::NotSet };
    let row = ActiveModel { is_primary, ..row };
    let updated = store::update(tx, &before, row, Fact::Updated).await;
    let updated = updated.map_err(|error| error.on_unique("name"))?;
    if updated.segment_id != before.segment_id {
        start_all(tx, &updated).await?;
    }
    Ok(updated)
}

/// The primary model is primary no more.
async fn step_down(tx: &Tx<'_>) -> Result<()> {
    let was = store::locked(visible(tx).filter(Column::IsPrimary.eq(true))).one(&tx.db).await?;
    if let Some(was) = was {
        let row = ActiveModel { is_primary: Set(false), ..Default::default() };
        store::update(tx, &was, row, Fact::Updated).await?;
    }
    Ok(())
}

pub(super) async fn start_all(tx: &Tx<'_>, model: &Model) -> Result<()> {
    run::start(tx, model, Role::Active).await?;
    if model.candidate_version_id.is_some() {
        run::start(tx, model, Role::Candidate).await?;
    }
    Ok(())
}

/// Computes another version beside the active one, so that the two can be compared. It takes the
/// place of the candidate before.
pub async fn propose(tx: &Tx<'_>, id: HealthModelId, definition: &Definition) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let before = lock_live(tx, id).await?;
    let mut checks = Checks::new();
    definition.check(tx, &mut checks).await?;
    checks.finish()?;
    let version = version::add(tx, tx.new_id(), id, definition).await?;
    let row = ActiveModel { candidate_version_id: Set(Some(version.id)), ..Default::default() };
    let row = store::update(tx, &before, row, Fact::Proposed).await?;
    score::drop_all(tx, id, Role::Candidate).await?;
    run::start(tx, &row, Role::Candidate).await?;
    Ok(row)
}

/// Gives the candidate up.
pub async fn discard(tx: &Tx<'_>, id: HealthModelId) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let before = lock_live(tx, id).await?;
    let row = ActiveModel { candidate_version_id: Set(None), ..Default::default() };
    let row = store::update(tx, &before, row, Fact::Discarded).await?;
    score::drop_all(tx, id, Role::Candidate).await?;
    run::supersede(tx, id, Role::Candidate).await?;
    Ok(row)
}

/// Makes a version of the model active: the candidate, or an earlier one to go back to. People see
/// the scores that are there until the new ones are computed.
pub async fn activate(
    tx: &Tx<'_>,
    id: HealthModelId,
    version_id: HealthModelVersionId,
) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let before = lock_live(tx, id).await?;
    let version = version::find_in(tx, version_id, "versionId").await?;
    if version.model_id != id {
        return Err(Error::not_found("versionId", Kind::HealthModelVersion));
    }
    // What it reads may have been put away since.
    let mut checks = Checks::new();
    version.definition()?.check(tx, &mut checks).await?;
    checks.finish()?;
    let was_candidate = before.candidate_version_id == Some(version_id);
    let candidate = if was_candidate { Set(None) } else { ActiveValue::NotSet };
    let row = ActiveModel {
        active_version_id: Set(version_id),
        candidate_version_id: candidate,
        ..Default::default()
    };
    let row = store::update(tx, &before, row, Fact::Published).await?;
    if was_candidate {
        score::drop_all(tx, id, Role::Candidate).await?;
        run::supersede(tx, id, Role::Candidate).await?;
    }
    if row.version != before.version {
        run::start(tx, &row, Role::Active).await?;
    }
    Ok(row)
}

/// Computes all scores of a model anew.
pub async fn recompute(tx: &Tx<'_>, id: HealthModelId) -> Result<run::Model> {
    tx.require(Area::Health, Access::Write)?;
    let model = lock_live(tx, id).await?;
    if model.candidate_version_id.is_some() {
        run::start(tx, &model, Role::Candidate).await?;
    }
    run::start(tx, &model, Role::Active).await
}

/// Puts a model away, with its scores; what they were stays. Another one must be primary first,
/// unless it is the last one.
pub async fn archive(tx: &Tx<'_>, id: HealthModelId) -> Result<Model> {
    tx.require(Area::Health, Access::Write)?;
    let before = lock(tx, id).await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    if before.is_primary && live(tx).await?.len() > 1 {
        return Err(Problem::new("id", Code::Contradiction).with("with", "isPrimary").into());
    }
    for role in [Role::Active, Role::Candidate] {
        score::drop_all(tx, id, role).await?;
        run::supersede(tx, id, role).await?;
    }
    let row = ActiveModel {
        archived_at: Set(Some(tx.now)),
        is_primary: Set(false),
        candidate_version_id: Set(None),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Checks a patch and turns it into columns.
async fn columns(tx: &Tx<'_>, mut checks: Checks, patch: ModelPatch) -> Result<ActiveModel> {
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        let name = checks.text("name", &name, 200);
        row.name_folded = Set(fold(&name).chars().take(200).collect());
        row.name = Set(name);
    }
    if let Some(description) = patch.description {
        row.description = Set(checks.maybe_prose("description", description.as_deref(), 500));
    }
    if let Some(segment_id) = patch.segment_id {
        if let Some(id) = segment_id {
            checks.keep(segment::find_live(tx, id, "segmentId").await)?;
        }
        row.segment_id = Set(segment_id);
    }
    checks.finish()?;
    Ok(row)
}
