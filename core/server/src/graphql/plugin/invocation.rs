//! Calls of plugins.

use async_graphql::{ComplexObject, Context, Enum, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::id::{PluginId, PluginInvocationId, PluginVersionId};
use jornada_domain::plugins::invocation;
use serde_json::Value as Json;

use super::{Plugin, PluginVersion};
use crate::graphql::id::GlobalId;
use crate::graphql::loader::{load_by_id, one};
use crate::graphql::request::Answer;
use crate::graphql::scalar::Long;

/// A call of a plugin, and what it took. It is kept for 30 days.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct PluginInvocation {
    pub id: GlobalId<PluginInvocationId>,
    #[graphql(skip)]
    plugin_id: PluginId,
    #[graphql(skip)]
    plugin_version_id: PluginVersionId,
    /// Which function of the contract: `score`, `on-open`.
    function: String,
    /// How many accounts it was about; 0 where it was not about accounts.
    rows: Long,
    /// From the first instruction to the answer.
    duration_microseconds: Long,
    /// Fuel that it burnt: about one for each instruction.
    fuel: Long,
    /// The most bytes that its memories and tables had together.
    peak_memory_bytes: Long,
    /// `OK`, or the code of what went wrong: `OUT_OF_FUEL`, `TRAP`.
    outcome: String,
    /// What went wrong, for the author of the plugin.
    error: Option<String>,
    /// Where it was, the innermost function first.
    backtrace: Option<String>,
    /// What it wrote into its log.
    log: Vec<PluginLogLine>,
    /// When it was called, by the clock of the workspace.
    called_at: DateTime<Utc>,
}

#[ComplexObject]
impl PluginInvocation {
    /// The plugin.
    async fn plugin(&self, ctx: &Context<'_>) -> Answer<Plugin> {
        one(ctx, Some(self.plugin_id)).await
    }

    /// The version that was called.
    async fn plugin_version(&self, ctx: &Context<'_>) -> Answer<PluginVersion> {
        one(ctx, Some(self.plugin_version_id)).await
    }
}

/// A line that a plugin wrote.
#[derive(SimpleObject)]
pub(super) struct PluginLogLine {
    /// How much it matters.
    level: PluginLogLevel,
    /// What it says; control characters are escaped.
    message: String,
}

/// How much a line of a plugin matters.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
enum PluginLogLevel {
    /// Only while looking for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may be a mistake.
    Warn,
    /// What is one.
    Error,
}

impl PluginLogLine {
    fn read(line: &Json) -> Self {
        let level = match line["level"].as_str() {
            Some("debug") => PluginLogLevel::Debug,
            Some("warn") => PluginLogLevel::Warn,
            Some("error") => PluginLogLevel::Error,
            _ => PluginLogLevel::Info,
        };
        Self { level, message: line["message"].as_str().unwrap_or_default().to_owned() }
    }
}

impl From<invocation::Model> for PluginInvocation {
    fn from(row: invocation::Model) -> Self {
        let invocation::Model {
            workspace_id: _,
            id,
            plugin_id,
            plugin_version_id,
            function,
            rows,
            duration_us,
            fuel,
            peak_memory,
            outcome,
            error,
            backtrace,
            log,
            called_at,
        } = row;
        Self {
            id: GlobalId(id),
            plugin_id,
            plugin_version_id,
            function,
            rows: Long(rows),
            duration_microseconds: Long(duration_us),
            fuel: Long(fuel),
            peak_memory_bytes: Long(peak_memory),
            outcome,
            error,
            backtrace,
            log: log.as_array().into_iter().flatten().map(PluginLogLine::read).collect(),
            called_at,
        }
    }
}

load_by_id!(PluginInvocationId => invocation::Model, invocation::many);
