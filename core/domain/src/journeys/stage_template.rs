//! The stage of a template: what must happen in it, how long it lasts, and what follows.

use std::collections::HashMap;

use crate::page::group;
use crate::prelude::*;

/// One stage of a version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StageTemplateId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version_id: JourneyTemplateVersionId,
    /// Stable over versions: journeys migrate by it.
    pub key: String,
    pub name: String,
    /// From 0, in the order of the journey.
    pub position: i32,
    pub phase: Phase,
    pub expected_days: Option<i32>,
    pub exit: Exit,
    /// The stage begins at an anchor and the journey waits until then.
    pub starts_at: Option<StartAnchor>,
    /// How many days before the anchor.
    pub starts_days_before: i32,
    pub then: Then,
    /// The key of the stage that a new lap starts with.
    pub loop_to: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, StageTemplateId);

/// The phase of the relationship (F0): take-off or flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// From the sale until the customer flies alone.
    Onboarding,
    /// The rest of the relationship.
    Ongoing,
}

/// When a stage ends (rule 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Exit {
    /// When its required tasks are finished.
    WhenDone,
    /// Then, but not before its expected duration has passed.
    NotBefore,
}

/// A date that a stage or a journey begins by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StartAnchor {
    /// The end of the subscription.
    SubscriptionEnd,
}

/// What follows a stage (rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Then {
    /// The next stage.
    Next,
    /// Nothing: the journey is complete.
    Complete,
    /// A new lap, from a stage at or before this one.
    LoopTo,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The stages of each of these versions by position.
pub async fn of_versions(
    cx: &Cx<'_>,
    version_ids: &[JourneyTemplateVersionId],
) -> Result<HashMap<JourneyTemplateVersionId, Vec<Model>>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(group(in_versions(cx, version_ids).await?, |row| Some(row.version_id)))
}

pub(crate) async fn in_versions(
    cx: &Cx<'_>,
    version_ids: &[JourneyTemplateVersionId],
) -> Result<Vec<Model>> {
    let select = visible(cx).filter(Column::VersionId.is_in(version_ids.iter().copied()));
    Ok(select.order_by_asc(Column::VersionId).order_by_asc(Column::Position).all(&cx.db).await?)
}

/// The stages of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[StageTemplateId]) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

pub(crate) async fn delete_all(tx: &Tx<'_>, version_id: JourneyTemplateVersionId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::VersionId.eq(version_id))
        .exec(&tx.db)
        .await?;
    Ok(())
}
