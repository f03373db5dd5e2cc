//! The workspace: the tenant, its clock, its working week and its holidays.

pub mod holiday;

use std::collections::BTreeSet;

use chrono::{TimeDelta, Weekday};
use chrono_tz::Tz;
use sea_orm::IntoActiveModel;
use serde_json::json;

use crate::calendar::{Calendar, WorkingWeek};
use crate::job;
use crate::prelude::*;
use crate::store::Links;

/// The tenant.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// The name on the command line; unique over the installation.
    pub slug: String,
    pub name: String,
    pub kind: WorkspaceKind,
    /// A name of the IANA database.
    pub time_zone: String,
    pub locale: Locale,
    /// [`WorkingWeek`] as bits.
    pub working_days: i32,
    /// How far the clock of a sandbox is ahead; zero in production.
    pub clock_offset_s: i64,
    /// For how many days points of daily metrics are kept; `None` for ever.
    pub daily_points_days: Option<i32>,
    /// The same of weekly ones.
    pub weekly_points_days: Option<i32>,
    /// The same of monthly ones.
    pub monthly_points_days: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, WorkspaceId);

/// What a workspace is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkspaceKind {
    /// Real customers.
    Production,
    /// For trying things: its clock can be advanced, and it sends nothing out.
    Sandbox,
}

/// The languages in which people read messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Locale {
    /// Brazilian Portuguese.
    #[sea_orm(string_value = "pt-BR")]
    PtBr,
    /// English.
    #[sea_orm(string_value = "en")]
    En,
}

/// A workspace to be set up.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    pub slug: String,
    pub name: String,
    pub kind: WorkspaceKind,
    pub time_zone: String,
    pub locale: Locale,
    pub working_week: WorkingWeek,
}

/// Changes of a workspace; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct WorkspacePatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<Locale>,
    pub working_days: Option<Vec<Weekday>>,
}

impl Model {
    /// How far the clock of the workspace is ahead of the real one.
    pub fn clock_offset(&self) -> TimeDelta {
        TimeDelta::seconds(self.clock_offset_s)
    }

    /// The working days.
    pub fn working_week(&self) -> WorkingWeek {
        WorkingWeek::from_bits(self.working_days).unwrap_or(WorkingWeek::MONDAY_TO_FRIDAY)
    }
}

/// The workspace of the context.
pub async fn current(cx: &Cx<'_>) -> Result<Model> {
    let row = Entity::find_by_id(cx.workspace_id()).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("workspace", Kind::Workspace))
}

/// Locks the workspace until the transaction ends: for what only one may change at a time in all
/// of it. Taken before any other row, so that none waits for another.
pub(crate) async fn lock(tx: &Tx<'_>) -> Result<()> {
    store::locked(Entity::find_by_id(tx.workspace_id())).one(&tx.db).await?;
    Ok(())
}

/// The workspaces of these ids that the context can see: its own. Like [`current`], it needs no
/// right.
pub async fn many(cx: &Cx<'_>, ids: &[WorkspaceId]) -> Result<Vec<Model>> {
    if !ids.contains(&cx.workspace_id()) {
        return Ok(Vec::new());
    }
    Ok(vec![current(cx).await?])
}

/// The workspace of a slug, for the operator of the installation, who stands above workspaces.
pub async fn by_slug<C: ConnectionTrait>(db: &C, slug: &str) -> Result<Model> {
    let row = Entity::find().filter(Column::Slug.eq(slug)).one(db).await?;
    row.ok_or_else(|| Error::not_found("workspace", Kind::Workspace))
}

/// A workspace by its id, for the edge, which must know its clock before it has an actor.
pub async fn by_id<C: ConnectionTrait>(db: &C, id: WorkspaceId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// All workspaces, for the operator; an installation has few.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    const MOST: u64 = 10_000;
    Ok(Entity::find().order_by_asc(Column::Slug).limit(MOST).all(db).await?)
}

/// Creates the workspace of the context's actor, who is the operator: its id is the actor's.
pub async fn create(tx: &Tx<'_>, new: NewWorkspace) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let mut checks = Checks::new();
    let slug = checks.key("slug", &new.slug);
    let name = checks.text("name", &new.name, 200);
    let time_zone = checks.time_zone("timeZone", &new.time_zone);
    checks.finish()?;
    let row = ActiveModel {
        id: Set(tx.workspace_id()),
        slug: Set(slug),
        name: Set(name),
        kind: Set(new.kind),
        time_zone: Set(time_zone),
        locale: Set(new.locale),
        working_days: Set(new.working_week.bits()),
        clock_offset_s: Set(0),
        daily_points_days: Set(None),
        weekly_points_days: Set(None),
        monthly_points_days: Set(None),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("slug"))
}

/// Creates the workspace of the context's actor as a sandbox with the settings of another one;
/// its clock begins where that one's stands, so that nothing copied lies in the future.
pub(crate) async fn create_like(
    tx: &Tx<'_>,
    source: &Model,
    slug: &str,
    name: Option<&str>,
) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let mut checks = Checks::new();
    let slug = checks.key("slug", slug);
    let name = name.map(|name| checks.text("name", name, 200));
    checks.finish()?;
    let before = json!(null);
    let links = [Links { name: "source", before, after: json!(source.id) }];
    let row = Model {
        id: tx.workspace_id(),
        slug,
        name: name.unwrap_or_else(|| source.name.clone()),
        kind: WorkspaceKind::Sandbox,
        ..source.clone()
    };
    let row = row.into_active_model().reset_all();
    let inserted = store::insert(tx, row, Fact::Created.with(&links)).await;
    inserted.map_err(|error| error.on_unique("slug"))
}

/// Demands that the workspace of the context is a sandbox.
pub async fn require_sandbox(cx: &Cx<'_>, field: &str) -> Result<()> {
    match current(cx).await?.kind {
        WorkspaceKind::Sandbox => Ok(()),
        WorkspaceKind::Production => Err(Problem::new(field, Code::NotASandbox).into()),
    }
}

/// Changes the settings. Due dates that were given out stay as they are.
pub async fn update(tx: &Tx<'_>, patch: WorkspacePatch) -> Result<Model> {
    tx.require(Area::Workspace, Access::Write)?;
    let before = current(tx).await?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    let mut row: ActiveModel = Default::default();
    if let Some(name) = patch.name {
        row.name = Set(checks.text("name", &name, 200));
    }
    if let Some(zone) = patch.time_zone {
        row.time_zone = Set(checks.time_zone("timeZone", &zone));
    }
    if let Some(locale) = patch.locale {
        row.locale = Set(locale);
    }
    if let Some(days) = patch.working_days {
        let week = WorkingWeek::of(days);
        checks.ensure(week.is_some(), || Problem::new("workingDays", Code::Required));
        row.working_days = Set(week.unwrap_or(WorkingWeek::MONDAY_TO_FRIDAY).bits());
    }
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Advances the clock of a sandbox by whole seconds; its waiting jobs come nearer by as much.
pub async fn advance_clock(tx: &Tx<'_>, seconds: i64) -> Result<Model> {
    const FIVE_YEARS_S: i64 = 5 * 366 * 24 * 60 * 60;
    tx.require(Area::Workspace, Access::Write)?;
    let before = current(tx).await?;
    let mut checks = Checks::new();
    checks.ensure(before.kind == WorkspaceKind::Sandbox, || {
        Problem::new("seconds", Code::NotASandbox)
    });
    checks.range("seconds", seconds, 1, FIVE_YEARS_S);
    checks.finish()?;
    job::hasten(tx, TimeDelta::seconds(seconds)).await?;
    let row =
        ActiveModel { clock_offset_s: Set(before.clock_offset_s + seconds), ..Default::default() };
    store::update(tx, &before, row, Fact::Updated).await
}

/// The calendar of the workspace; needs no right, because every rule about dates needs it.
pub(crate) async fn read_calendar(cx: &Cx<'_>) -> Result<Calendar> {
    let workspace = current(cx).await?;
    let zone: Tz = workspace.time_zone.parse().unwrap_or(Tz::UTC);
    let holidays: BTreeSet<_> = holiday::dates(cx).await?;
    Ok(Calendar::new(zone, workspace.working_week(), holidays))
}
