//! Plans: what a file would change, and what it asks for, until somebody agrees.

use std::collections::BTreeSet;

use super::plugin::{self, Install};
use super::{Inspected, PluginKind, asked, file, version};
use crate::prelude::*;

/// What would be installed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plugin_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PluginPlanId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// `publisher.name`.
    pub key: String,
    pub kind: PluginKind,
    /// Semantic Versioning 2.0.
    pub number: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// What it says of itself.
    #[sea_orm(column_type = "JsonBinary")]
    pub manifest: Json,
    /// What it takes the place of.
    pub plugin_id: Option<PluginId>,
    pub status: PlanStatus,
    pub decided_by_id: Option<UserId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, PluginPlanId);

/// Where a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanStatus {
    /// It waits for somebody who agrees.
    Open,
    /// Somebody agrees; it can be applied.
    Approved,
    /// It runs.
    Applied,
    /// Nobody wants it.
    Discarded,
}

impl PlanStatus {
    /// Those of plans that can still be applied, or discarded.
    const WAITING: [Self; 2] = [Self::Open, Self::Approved];
}

/// How the rights of a plugin would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// What it asks for and has.
    pub kept: BTreeSet<String>,
    /// What it asks for and has not.
    pub added: BTreeSet<String>,
    /// What it has and no longer asks for.
    pub removed: BTreeSet<String>,
    /// Whether it reads something else than before.
    pub reads_otherwise: bool,
}

impl Rights {
    /// What changes from what was granted to what is asked for. Pure.
    pub fn between(granted: &BTreeSet<String>, asked: &BTreeSet<String>) -> Self {
        Self {
            kept: granted.intersection(asked).cloned().collect(),
            added: asked.difference(granted).cloned().collect(),
            removed: granted.difference(asked).cloned().collect(),
            reads_otherwise: false,
        }
    }

    /// Whether it gets more than it had.
    pub fn widen(&self) -> bool {
        !self.added.is_empty() || self.reads_otherwise
    }
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// One plan.
pub async fn find(cx: &Cx<'_>, id: PluginPlanId) -> Result<Model> {
    cx.require(Area::Plugins, Access::Read)?;
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::PluginPlan))
}

/// The plans of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[PluginPlanId]) -> Result<Vec<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The plans that wait, newest first.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plugins, Access::Read)?;
    let open = visible(cx).filter(Column::Status.is_in(PlanStatus::WAITING));
    page(cx, open, &[Order::desc(Column::Id)], args).await
}

/// How the rights would change.
pub async fn rights(cx: &Cx<'_>, plan: &Model) -> Result<Rights> {
    let asked = asked(&plan.manifest);
    let query = |manifest: &Json| manifest["input"].as_str().map(str::to_owned);
    let Some(id) = plan.plugin_id else {
        let reads_otherwise = query(&plan.manifest).is_some();
        return Ok(Rights { reads_otherwise, ..Rights::between(&BTreeSet::new(), &asked) });
    };
    let row = plugin::find(cx, id).await?;
    let before = version::find_in(cx, row.active_version_id).await?;
    let reads_otherwise = query(&plan.manifest) != query(&before.manifest);
    Ok(Rights { reads_otherwise, ..Rights::between(&row.grants(), &asked) })
}

/// Makes a plan of a file. One that is of the kind of an installed plugin and of its key takes its
/// place; a plugin never changes its kind.
pub async fn propose(tx: &Tx<'_>, inspected: Inspected) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let Inspected { key, kind, number, digest, manifest, content } = inspected;
    if let Some(other) = plugin::of_other_kind(tx, &key, kind).await? {
        let problem = Problem::new("file", Code::OtherKind);
        return Err(problem.with("kind", other.kind.to_value()).into());
    }
    let there = plugin::by_key(tx, &key).await?;
    file::keep(tx, &digest, content).await?;
    let row = ActiveModel {
        key: Set(key),
        kind: Set(kind),
        number: Set(number),
        digest: Set(digest),
        manifest: Set(manifest),
        plugin_id: Set(there.map(|there| there.id)),
        status: Set(PlanStatus::Open),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Proposed).await
}

/// Agrees with what a plan asks for.
pub async fn approve(tx: &Tx<'_>, id: PluginPlanId) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id, &[PlanStatus::Open]).await?;
    require_current(tx, &before).await?;
    let row = ActiveModel {
        status: Set(PlanStatus::Approved),
        decided_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    store::update(tx, &before, row, Fact::Accepted).await
}

/// Lets the version run from now on, with all that it asks for: to what is more than the plugin
/// has, somebody must have agreed.
pub async fn apply(tx: &Tx<'_>, id: PluginPlanId) -> Result<plugin::Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id, &PlanStatus::WAITING).await?;
    require_current(tx, &before).await?;
    let rights = rights(tx, &before).await?;
    if before.status == PlanStatus::Open && rights.widen() {
        let added: Vec<_> = rights.added.into_iter().collect();
        let reads = rights.reads_otherwise.then(|| "input.graphql".to_owned());
        let operations: Vec<_> = added.into_iter().chain(reads).collect();
        let problem = Problem::new("id", Code::NotApproved);
        return Err(problem.with("operations", operations.join(", ")).into());
    }
    let row = ActiveModel { status: Set(PlanStatus::Applied), ..Default::default() };
    let before = store::update(tx, &before, row, Fact::Applied).await?;
    let install = Install {
        key: &before.key,
        kind: before.kind,
        number: &before.number,
        digest: &before.digest,
        manifest: &before.manifest,
        grants: &asked(&before.manifest),
    };
    plugin::install(tx, install).await
}

/// Does not agree.
pub async fn discard(tx: &Tx<'_>, id: PluginPlanId) -> Result<Model> {
    tx.require(Area::Plugins, Access::Write)?;
    let before = lock(tx, id, &PlanStatus::WAITING).await?;
    let row = ActiveModel {
        status: Set(PlanStatus::Discarded),
        decided_by_id: Set(tx.actor.user_id),
        ..Default::default()
    };
    let row = store::update(tx, &before, row, Fact::Discarded).await?;
    file::forget(tx, &row).await?;
    Ok(row)
}

async fn lock(tx: &Tx<'_>, id: PluginPlanId, allowed: &[PlanStatus]) -> Result<Model> {
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    let row = row.ok_or_else(|| Error::not_found("id", Kind::PluginPlan))?;
    if !allowed.contains(&row.status) {
        let problem = Problem::new("id", Code::AlreadyClosed);
        return Err(problem.with("status", row.status.to_value()).into());
    }
    Ok(row)
}

/// What a plan says must still be so: a plugin that was changed since has other rights, and
/// another version would go.
async fn require_current(tx: &Tx<'_>, plan: &Model) -> Result<()> {
    let there = plugin::by_key(tx, &plan.key).await?;
    let is_same = there.as_ref().map(|there| there.id) == plan.plugin_id
        && there.is_none_or(|there| there.updated_at <= plan.created_at);
    match is_same {
        true => Ok(()),
        false => Err(Problem::new("id", Code::PlanOutdated).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn only_more_rights_wait_for_somebody_who_agrees() {
        let rights = Rights::between(&set(&["notify", "create-task"]), &set(&["create-task"]));
        assert_eq!(rights.removed, set(&["notify"]));
        assert!(!rights.widen());
        let rights = Rights::between(&set(&["create-task"]), &set(&["create-task", "notify"]));
        assert_eq!(
            (rights.kept.clone(), rights.added.clone()),
            (set(&["create-task"]), set(&["notify"]))
        );
        assert!(rights.widen());
    }
}
