//! What calls of plugins took, and how they ended.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;

use crate::prelude::*;

/// A call.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plugin_invocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PluginInvocationId,
    pub plugin_id: PluginId,
    pub plugin_version_id: PluginVersionId,
    /// Which function of the contract.
    pub function: String,
    /// How many accounts it was about; 0 where it was not about accounts.
    pub rows: i64,
    pub duration_us: i64,
    pub fuel: i64,
    /// The most bytes that its memories had together.
    pub peak_memory: i64,
    /// `OK`, or the code of what went wrong.
    pub outcome: String,
    pub error: Option<String>,
    /// Where it was, the innermost function first.
    pub backtrace: Option<String>,
    /// Lines that it wrote, as a JSON array.
    #[sea_orm(column_type = "JsonBinary")]
    pub log: Json,
    pub called_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a call took.
#[derive(Clone, Debug)]
pub struct NewInvocation {
    pub plugin_id: PluginId,
    pub plugin_version_id: PluginVersionId,
    pub function: &'static str,
    pub rows: u32,
    pub duration: Duration,
    pub fuel: u64,
    pub peak_memory: u64,
    /// The code of what went wrong, what it says, and where it was.
    pub error: Option<(&'static str, String, Option<String>)>,
    /// Lines that it wrote, as a JSON array.
    pub log: Json,
}

/// The outcome of a call that went well.
pub const OK: &str = "OK";

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The calls of these ids, in no order. What a plugin writes into its log, or breaks off with, may
/// name customers: whoever looks after plugins reads it.
pub async fn many(cx: &Cx<'_>, ids: &[PluginInvocationId]) -> Result<Vec<Model>> {
    cx.require(Area::Plugins, Access::Write)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The calls of a plugin, newest first; only those that went wrong, where that is asked.
pub async fn list(
    cx: &Cx<'_>,
    plugin_id: PluginId,
    only_failed: bool,
    args: &PageArgs,
) -> Result<Page<Model>> {
    cx.require(Area::Plugins, Access::Write)?;
    let failed = only_failed.then(|| Column::Outcome.ne(OK));
    let condition = Condition::all().add(Column::PluginId.eq(plugin_id)).add_option(failed);
    let newest = [Order::desc(Column::CalledAt), Order::desc(Column::Id)];
    page(cx, visible(cx).filter(condition), &newest, args).await
}

/// The newest calls of a plugin, at most so many.
pub(super) async fn newest(
    cx: &Cx<'_>,
    of: (PluginId, PluginVersionId),
    most: u64,
) -> Result<Vec<Model>> {
    let rows = visible(cx)
        .filter(Column::PluginId.eq(of.0))
        .filter(Column::PluginVersionId.eq(of.1))
        .order_by_desc(Column::CalledAt)
        .order_by_desc(Column::Id)
        .limit(most);
    Ok(rows.all(&cx.db).await?)
}

/// How long calls are kept.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// Writes calls down, and forgets those of the same plugins from before [`KEPT`]. There are no
/// events, for they come with every batch.
pub async fn record(tx: &Tx<'_>, calls: Vec<NewInvocation>) -> Result<()> {
    tx.require(Area::Plugins, Access::Write)?;
    if calls.is_empty() {
        return Ok(());
    }
    let plugins: BTreeSet<PluginId> = calls.iter().map(|call| call.plugin_id).collect();
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::PluginId.is_in(plugins))
        .filter(Column::CalledAt.lt(tx.now - KEPT))
        .exec(&tx.db)
        .await?;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let short = |text: String, most: usize| text.chars().take(most).collect::<String>();
    let rows = calls.into_iter().map(|call| {
        let (outcome, error, backtrace) = match call.error {
            None => (OK, None, None),
            Some((code, error, backtrace)) => (code, Some(error), backtrace),
        };
        ActiveModel {
            workspace_id: Set(tx.workspace_id()),
            id: Set(tx.new_id()),
            plugin_id: Set(call.plugin_id),
            plugin_version_id: Set(call.plugin_version_id),
            function: Set(call.function.to_owned()),
            rows: Set(call.rows.into()),
            duration_us: Set(i64::try_from(call.duration.as_micros()).unwrap_or(i64::MAX)),
            fuel: Set(count(call.fuel)),
            peak_memory: Set(count(call.peak_memory)),
            outcome: Set(outcome.to_owned()),
            error: Set(error.map(|text| short(text, 2000))),
            backtrace: Set(backtrace.map(|text| short(text, 8000))),
            log: Set(call.log),
            called_at: Set(tx.now),
        }
    });
    Entity::insert_many(rows).exec_without_returning(&tx.db).await?;
    Ok(())
}
