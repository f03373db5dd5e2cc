//! Plugins: what is installed, what runs, what it may do, and what its calls took.

pub(super) mod about;
pub(super) mod invocation;
pub(super) mod plan;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::{PluginId, PluginVersionId};
use jornada_domain::plugins::usage::{self, Usage};
use jornada_domain::plugins::{self, invocation as call, plugin, version};

use super::connection::{Connection, Paging};
use super::health_model::HealthModel;
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::request::{Answer, list, payload, read, write};
use super::scalar::Long;
use super::word::words;
use about::PluginAbout;
use invocation::PluginInvocation;

/// Something that somebody else wrote, and that runs here in a sandbox.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Plugin {
    pub id: GlobalId<PluginId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// When it was uninstalled.
    archived_at: Option<DateTime<Utc>>,
    /// `publisher.name`: a type of tasks is called so in templates.
    key: String,
    /// What it is for.
    kind: PluginKind,
    /// Whether it is called.
    status: PluginStatus,
    #[graphql(skip)]
    active_version_id: PluginVersionId,
    #[graphql(skip)]
    previous_version_id: Option<PluginVersionId>,
    /// The operations that it may ask for.
    grants: Vec<String>,
    #[graphql(skip)]
    row: plugin::Model,
}

#[ComplexObject]
impl Plugin {
    /// The version that runs.
    async fn active_version(&self, ctx: &Context<'_>) -> Answer<PluginVersion> {
        one(ctx, Some(self.active_version_id)).await
    }

    /// The version that ran before, and runs again after a roll back.
    async fn previous_version(&self, ctx: &Context<'_>) -> Answer<PluginVersion> {
        one(ctx, self.previous_version_id).await
    }

    /// All versions that were installed, newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<PluginVersion>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| version::list(cx, self.id.0, page).await).await
    }

    /// What uses it, and would stand still without it.
    async fn usage(&self, ctx: &Context<'_>) -> Answer<PluginUsage> {
        read(ctx, async |cx| usage::of(cx, &self.row).await).await
    }

    /// Its calls of the last 30 days, newest first. Needs the right to change plugins: what a
    /// plugin writes into its log may name customers.
    async fn invocations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only calls that went wrong.", default)] only_failed: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<PluginInvocation>> {
        let paging = Paging { first, after, last, before };
        let id = self.id.0;
        list(ctx, paging, async |cx, page| call::list(cx, id, only_failed, page).await).await
    }
}

impl From<plugin::Model> for Plugin {
    fn from(row: plugin::Model) -> Self {
        let plugin::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            kind,
            status,
            active_version_id,
            previous_version_id,
            grants: _,
            archived_at,
        } = row.clone();
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            key,
            kind: kind.into(),
            status: status.into(),
            active_version_id,
            previous_version_id,
            grants: row.grants().into_iter().collect(),
            row,
        }
    }
}

load_by_id!(PluginId => plugin::Model, plugin::many);

/// One version of a plugin. It never changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct PluginVersion {
    pub id: GlobalId<PluginVersionId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    plugin_id: PluginId,
    /// Its number (Semantic Versioning 2.0).
    number: String,
    /// SHA-256 of its file, in hexadecimal digits.
    digest: String,
    /// What it says of itself.
    about: PluginAbout,
}

#[ComplexObject]
impl PluginVersion {
    /// The plugin.
    async fn plugin(&self, ctx: &Context<'_>) -> Answer<Plugin> {
        one(ctx, Some(self.plugin_id)).await
    }
}

impl From<version::Model> for PluginVersion {
    fn from(row: version::Model) -> Self {
        let version::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            plugin_id,
            number,
            digest,
            manifest,
        } = row;
        let about = PluginAbout::new(manifest);
        Self { id: GlobalId(id), version, created_at, updated_at, plugin_id, number, digest, about }
    }
}

load_by_id!(PluginVersionId => version::Model, version::many);

/// What uses a plugin.
#[derive(SimpleObject)]
pub(super) struct PluginUsage {
    /// The health models in use that are scored by it: at most 20. Without it their scores stay as
    /// they are, as stale.
    health_models: Vec<HealthModel>,
    /// Tasks of its type in published templates.
    task_templates: Long,
    /// Open tasks of its type. Without it they are blocked.
    open_tasks: Long,
}

impl From<Usage> for PluginUsage {
    fn from(Usage { health_models, task_templates, open_tasks }: Usage) -> Self {
        Self {
            health_models: health_models.into_iter().map(HealthModel::from).collect(),
            task_templates: task_templates.into(),
            open_tasks: open_tasks.into(),
        }
    }
}

words! {
    /// What a plugin is for.
    PluginKind = "plugins::PluginKind" {
        /// Computes how accounts do.
        HealthScore,
        /// A type of tasks.
        TaskType,
    }
}

words! {
    /// Whether a plugin is called.
    PluginStatus = "plugin::PluginStatus" {
        /// It is.
        Enabled,
        /// It is not; what needs it waits.
        Disabled,
    }
}

#[derive(Default)]
pub(super) struct PluginQuery;

#[Object]
impl PluginQuery {
    /// One plugin, also one that was uninstalled.
    async fn plugin(&self, ctx: &Context<'_>, id: ID) -> Answer<Plugin> {
        read(ctx, async |cx| plugin::find(cx, id::parse("id", &id)?).await).await
    }

    /// The plugins that are installed, by key.
    async fn plugins(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Plugin>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| plugin::list(cx, page).await).await
    }
}

#[derive(Default)]
pub(super) struct PluginMutation;

#[Object]
impl PluginMutation {
    /// Calls a plugin no longer: scores that it made stay as they are, as stale, and tasks of its
    /// type are blocked, until it is enabled again.
    async fn plugin_disable(
        &self,
        ctx: &Context<'_>,
        input: PluginDisableInput,
    ) -> Result<PluginDisablePayload> {
        write(ctx, async |tx| plugin::disable(tx, id::parse("id", &input.id)?).await).await
    }

    /// Calls a plugin again.
    async fn plugin_enable(
        &self,
        ctx: &Context<'_>,
        input: PluginEnableInput,
    ) -> Result<PluginEnablePayload> {
        write(ctx, async |tx| plugin::enable(tx, id::parse("id", &input.id)?).await).await
    }

    /// Lets the version before run again; doing it twice comes back. It gets no right that was not
    /// granted, and calls that run end as they began.
    async fn plugin_roll_back(
        &self,
        ctx: &Context<'_>,
        input: PluginRollBackInput,
    ) -> Result<PluginRollBackPayload> {
        write(ctx, async |tx| plugin::roll_back(tx, id::parse("id", &input.id)?).await).await
    }

    /// Uninstalls a plugin. What it did stays, and so do its versions and calls; what uses it
    /// stands still until it is installed again: `usage` says what that is.
    async fn plugin_uninstall(
        &self,
        ctx: &Context<'_>,
        input: PluginUninstallInput,
    ) -> Result<PluginUninstallPayload> {
        write(ctx, async |tx| plugin::uninstall(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A plugin that is called no longer.
#[derive(InputObject)]
pub(super) struct PluginDisableInput {
    id: ID,
}

/// A plugin that is called again.
#[derive(InputObject)]
pub(super) struct PluginEnableInput {
    id: ID,
}

/// A plugin whose version before runs again.
#[derive(InputObject)]
pub(super) struct PluginRollBackInput {
    id: ID,
}

/// A plugin to be uninstalled.
#[derive(InputObject)]
pub(super) struct PluginUninstallInput {
    id: ID,
}

payload! {
    /// What came of disabling a plugin.
    PluginDisablePayload {
        /// The plugin as it is now.
        plugin: Plugin,
    }
}

payload! {
    /// What came of enabling a plugin.
    PluginEnablePayload {
        /// The plugin as it is now.
        plugin: Plugin,
    }
}

payload! {
    /// What came of rolling a plugin back.
    PluginRollBackPayload {
        /// The plugin as it is now.
        plugin: Plugin,
    }
}

payload! {
    /// What came of uninstalling a plugin.
    PluginUninstallPayload {
        /// The plugin as it is now.
        plugin: Plugin,
    }
}
