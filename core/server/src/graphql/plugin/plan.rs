//! Plans: what installing a file would change, until somebody agrees.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use jornada_domain::auth::{Access, Area};
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::id::{PluginId, PluginPlanId, UserId};
use jornada_domain::plugins::misfit::{self, Holder, Misfit};
use jornada_domain::plugins::plan::{self, Rights};
use jornada_domain::workspace::Locale;
use serde_json::Value as Json;

use super::about::PluginAbout;
use super::{Plugin, PluginKind};
use crate::graphql::connection::{Connection, Paging};
use crate::graphql::error::UserError;
use crate::graphql::health_model::HealthModel;
use crate::graphql::health_plugin::{self, HealthBindingInput, HealthCoverage, PluginHealth};
use crate::graphql::id::{self, GlobalId};
use crate::graphql::loader::{load_by_id, one};
use crate::graphql::request::{Answer, call, list, payload, prepared, read, write};
use crate::graphql::scalar::Long;
use crate::graphql::template::JourneyTemplate;
use crate::graphql::user::User;
use crate::graphql::word::words;
use crate::plugin::inspect;

/// What would be installed. The file was loaded in the sandbox and its fixtures hold; nothing of it
/// runs before somebody agrees.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct PluginPlan {
    pub id: GlobalId<PluginPlanId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// `publisher.name`.
    key: String,
    /// What it is for.
    kind: PluginKind,
    /// The number of the version (Semantic Versioning 2.0).
    number: String,
    /// SHA-256 of the file, in hexadecimal digits.
    digest: String,
    /// What the plugin says of itself.
    about: PluginAbout,
    #[graphql(skip)]
    plugin_id: Option<PluginId>,
    /// Where the plan is.
    status: PluginPlanStatus,
    #[graphql(skip)]
    decided_by_id: Option<UserId>,
    #[graphql(skip)]
    row: plan::Model,
}

#[ComplexObject]
impl PluginPlan {
    /// What it would take the place of; null for a new plugin.
    async fn plugin(&self, ctx: &Context<'_>) -> Answer<Plugin> {
        one(ctx, self.plugin_id).await
    }

    /// Who agreed or did not, where it was a person and somebody had to.
    async fn decided_by(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, self.decided_by_id).await
    }

    /// How its rights would change; those that are added are granted by applying the plan.
    async fn rights(&self, ctx: &Context<'_>) -> Answer<PluginRights> {
        read(ctx, async |cx| plan::rights(cx, &self.row).await).await
    }

    /// What the version could not serve as it is: whose configuration it would refuse, health
    /// models, tasks of published templates and open tasks, of which a thousand are looked at; and
    /// health models that bind nothing to what it needs to know. At most 200.
    async fn misfits(&self, ctx: &Context<'_>) -> Answer<Vec<PluginMisfit>> {
        let found = async {
            let (call, locale) = (call(ctx), call(ctx).locale());
            let mut found = misfit::of(&call.cx(), &self.row).await?;
            found.extend(health_plugin::unbound(call.app(), &call.cx(), &self.row).await?);
            Ok(found.into_iter().map(|one| PluginMisfit::new(one, locale)).collect())
        };
        Some(found.await)
    }

    /// What a health score would read, and what its inputs would be bound to: to what the plugin
    /// suggests, unless something else is said. Null for another kind of plugin.
    async fn health(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its configuration; an empty object unless said.")] config: Option<Json>,
        #[graphql(desc = "What its inputs are bound to.", default)] bindings: Vec<
            HealthBindingInput,
        >,
    ) -> Option<Result<PluginHealth>> {
        let call = call(ctx);
        let by = health_plugin::planned(call.app(), &call.cx(), &self.row, config, bindings).await;
        by.map(|by| by.map(PluginHealth::from)).transpose()
    }

    /// How much is known of what a health score would read; null for another kind of plugin.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its configuration; an empty object unless said.")] config: Option<Json>,
        #[graphql(desc = "What its inputs are bound to.", default)] bindings: Vec<
            HealthBindingInput,
        >,
        #[graphql(desc = "Whose accounts; all, where it is left out.")] segment_id: Option<ID>,
    ) -> Option<Result<HealthCoverage>> {
        let call = call(ctx);
        let cx = call.cx();
        let by = health_plugin::planned(call.app(), &cx, &self.row, config, bindings).await;
        match by.transpose()? {
            Ok(by) => Some(health_plugin::covered_by_plan(&cx, by, segment_id).await),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Something that a version could not serve as it is: one of the three.
#[derive(SimpleObject)]
pub(super) struct PluginMisfit {
    /// A health model that is scored by the plugin.
    health_model: Option<HealthModel>,
    /// The template of which the published version has a task of its type.
    journey_template: Option<JourneyTemplate>,
    /// The key of that task.
    task_key: Option<String>,
    /// So many open tasks, which have the same configuration; null where it is something else.
    open_tasks: Option<Long>,
    /// What is wrong with it: at most 64.
    problems: Vec<UserError>,
}

impl PluginMisfit {
    fn new(Misfit { holder, problems }: Misfit, locale: Locale) -> Self {
        let problems = problems.iter().map(|one| UserError::new(one, locale)).collect();
        let none = Self {
            health_model: None,
            journey_template: None,
            task_key: None,
            open_tasks: None,
            problems,
        };
        match holder {
            Holder::HealthModel(model) => Self { health_model: Some(model.into()), ..none },
            Holder::TaskTemplate { template, task_key } => {
                Self { journey_template: Some(template.into()), task_key: Some(task_key), ..none }
            }
            Holder::OpenTasks(count) => Self { open_tasks: Some(count.into()), ..none },
        }
    }
}

/// How the rights of a plugin would change: kinds of operations.
#[derive(SimpleObject)]
pub(super) struct PluginRights {
    /// What it has and asks for.
    kept: Vec<String>,
    /// What it asks for and has not.
    added: Vec<String>,
    /// What it has and no longer asks for.
    removed: Vec<String>,
    /// Whether it would read something else of accounts and tasks than before.
    reads_otherwise: bool,
}

impl From<Rights> for PluginRights {
    fn from(Rights { kept, added, removed, reads_otherwise }: Rights) -> Self {
        let [kept, added, removed] =
            [kept, added, removed].map(|words| words.into_iter().collect());
        Self { kept, added, removed, reads_otherwise }
    }
}

impl From<plan::Model> for PluginPlan {
    fn from(row: plan::Model) -> Self {
        let plan::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            kind,
            number,
            digest,
            manifest,
            plugin_id,
            status,
            decided_by_id,
        } = row.clone();
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            key,
            kind: kind.into(),
            number,
            digest,
            about: PluginAbout::new(manifest),
            plugin_id,
            status: status.into(),
            decided_by_id,
            row,
        }
    }
}

load_by_id!(PluginPlanId => plan::Model, plan::many);

words! {
    /// Where a plan is.
    PluginPlanStatus = "plan::PlanStatus" {
        /// It waits for somebody who agrees.
        Open,
        /// Somebody agrees; it can be applied.
        Approved,
        /// It was installed.
        Applied,
        /// Nobody wants it.
        Discarded,
    }
}

#[derive(Default)]
pub(in crate::graphql) struct PluginPlanQuery;

#[Object]
impl PluginPlanQuery {
    /// One plan, also one about which was decided.
    async fn plugin_plan(&self, ctx: &Context<'_>, id: ID) -> Answer<PluginPlan> {
        read(ctx, async |cx| plan::find(cx, id::parse("id", &id)?).await).await
    }

    /// The plans that wait, newest first.
    async fn plugin_plans(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<PluginPlan>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| plan::list(cx, page).await).await
    }
}

#[derive(Default)]
pub(in crate::graphql) struct PluginPlanMutation;

#[Object]
impl PluginPlanMutation {
    /// Looks into a file and says what installing it would change: it is loaded in the sandbox, and
    /// its fixtures are run. Nothing is installed.
    async fn plugin_plan_propose(
        &self,
        ctx: &Context<'_>,
        input: PluginPlanProposeInput,
    ) -> Result<PluginPlanProposePayload> {
        let inspect = async |cx: &jornada_domain::Cx<'_>| {
            cx.require(Area::Plugins, Access::Write)?;
            let bytes = BASE64.decode(input.file.as_bytes());
            let unread = || Problem::new("file", Code::BadFormat).with("form", "base64");
            let bytes = bytes.map_err(|_| unread())?;
            let inspected = inspect::inspect(&call(ctx).app().plugins, bytes).await;
            Ok(inspected.map_err(|error| {
                Problem::new("file", Code::BadPlugin).with("told", format!("{error:#}"))
            })?)
        };
        prepared(ctx, inspect, async |tx, inspected| plan::propose(tx, inspected).await).await
    }

    /// Agrees with what a plan asks for. Nothing runs before it is applied.
    async fn plugin_plan_approve(
        &self,
        ctx: &Context<'_>,
        input: PluginPlanApproveInput,
    ) -> Result<PluginPlanApprovePayload> {
        write(ctx, async |tx| plan::approve(tx, id::parse("id", &input.id)?).await).await
    }

    /// Lets the version run from now on, with all that it asks for. A plan that asks for more than
    /// the plugin has must be approved before. The version before stays, to roll back to.
    async fn plugin_plan_apply(
        &self,
        ctx: &Context<'_>,
        input: PluginPlanApplyInput,
    ) -> Result<PluginPlanApplyPayload> {
        write(ctx, async |tx| plan::apply(tx, id::parse("id", &input.id)?).await).await
    }

    /// Does not agree.
    async fn plugin_plan_discard(
        &self,
        ctx: &Context<'_>,
        input: PluginPlanDiscardInput,
    ) -> Result<PluginPlanDiscardPayload> {
        write(ctx, async |tx| plan::discard(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A file that somebody wants to install.
#[derive(InputObject)]
pub(in crate::graphql) struct PluginPlanProposeInput {
    /// The file that `jornada plugin build` made, in base64. It must fit into a request: larger
    /// ones are installed on the command line.
    file: String,
}

/// A plan that somebody agrees with.
#[derive(InputObject)]
pub(in crate::graphql) struct PluginPlanApproveInput {
    id: ID,
}

/// A plan that is to be carried out.
#[derive(InputObject)]
pub(in crate::graphql) struct PluginPlanApplyInput {
    id: ID,
}

/// A plan that nobody wants.
#[derive(InputObject)]
pub(in crate::graphql) struct PluginPlanDiscardInput {
    id: ID,
}

payload! {
    /// What came of looking into a file.
    PluginPlanProposePayload {
        /// What installing it would change.
        plugin_plan: PluginPlan,
    }
}

payload! {
    /// What came of agreeing with a plan.
    PluginPlanApprovePayload {
        /// The plan as it is now.
        plugin_plan: PluginPlan,
    }
}

payload! {
    /// What came of carrying out a plan.
    PluginPlanApplyPayload {
        /// The plugin as it is now.
        plugin: Plugin,
    }
}

payload! {
    /// What came of not agreeing with a plan.
    PluginPlanDiscardPayload {
        /// The plan as it is now.
        plugin_plan: PluginPlan,
    }
}
