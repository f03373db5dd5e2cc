//! Sandboxes: a workspace with the configuration of another one, and nothing of its customers nor
//! of the people who work there.
//!
//! Configuration is copied table by table, in one statement each, with the ids that it has: every
//! key begins with the workspace, so what refers to another record refers to its copy.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, SimpleExpr};
use sea_orm::{EntityName, IdenStatic, Iterable};

use crate::accounts::segment;
use crate::attributes::definition;
use crate::auth::team;
use crate::auth::user::{self, NewUser};
use crate::feedback::survey;
use crate::health::{model as health_model, recompute, version as health_version};
use crate::journeys::{selection, stage_template, task_template, template, version};
use crate::metrics::{metric, retention};
use crate::options::{option, set};
use crate::plugins::{file as plugin_file, plugin, version as plugin_version};
use crate::prelude::*;
use crate::privacy::retention as retention_policy;
use crate::revenue::product;
use crate::subject::SubjectKind;
use crate::workspace::{self, holiday};

/// A sandbox to be set up.
#[derive(Clone, Debug)]
pub struct NewSandbox {
    pub slug: String,
    /// That of the source, where it is not said.
    pub name: Option<String>,
    /// Who may do everything there, and does the tasks that a template gives to one user.
    pub owner: NewUser,
}

/// What setting up a sandbox made.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub workspace: workspace::Model,
    pub owner: user::Model,
    /// Segments that were not copied, because their filters name people or customers.
    pub segments_left_out: usize,
    /// Selection rules that were not copied, because they ask for personal values.
    pub rules_left_out: usize,
}

/// The tables that are no configuration: what hangs on customers or on people, and what tells of
/// the past. Those that are, [`copied`] names; a table is in one place or the other.
pub const NOT_COPIED: [&str; 42] = [
    "account",
    "account_assignment",
    "alert",
    "api_token",
    "attribute_value",
    "audit_entry",
    "captured_message",
    "contact",
    "contact_role",
    "deferred_item",
    "event",
    "external_ref",
    "goal",
    "handoff",
    "health_history",
    "health_override",
    "health_run",
    "health_score",
    "import_run",
    "indicator_evaluation",
    "interaction",
    "job",
    "journey",
    "metric_load",
    "metric_point",
    "milestone",
    "opportunity",
    "plugin_invocation",
    "plugin_plan",
    "pulse",
    "renewal",
    "revenue_movement",
    "risk",
    "stage_visit",
    "subscription",
    "subscription_line",
    "success_plan",
    "survey_response",
    "task",
    "team_member",
    "user",
    "workspace",
];

/// Columns of configuration that name a user: in a sandbox, its owner.
const HOLDERS: [&str; 1] = ["assignee_user_id"];

/// Sets up the workspace of the context's actor as a sandbox of another one. The operator does, who
/// stands above workspaces: this is the only verb that reads two.
///
/// Teams come without their members, health models without what they are about, where that is a
/// segment that does not come along. Segments and selection rules that have been put away are left
/// out, and so are those whose conditions name users or accounts, or hold a name, a tax id or the
/// value of a personal attribute.
pub async fn create(tx: &Tx<'_>, source: &workspace::Model, new: NewSandbox) -> Result<Sandbox> {
    tx.require(Area::Workspace, Access::Write)?;
    let mut checks = Checks::new();
    let made = workspace::create_like(tx, source, &new.slug, new.name.as_deref()).await;
    let workspace = checks.keep(made)?;
    let of_owner = |problem: Problem| problem.under("owner");
    user::problems(&new.owner).into_iter().map(of_owner).for_each(|problem| checks.push(problem));
    let (Some(workspace), true) = (workspace, checks.is_well()) else {
        return Err(Error::Problems(checks.into_problems()));
    };
    let owner = user::create(tx, new.owner).await.map_err(|error| error.under("owner"))?;
    let personal = personal_keys(tx, source.id).await?;
    let (segments, segments_left_out) = fit_segments(tx, source.id, &personal).await?;
    let (rules, rules_left_out) = fit_rules(tx, source.id, &personal).await?;
    let (models, versions) = fit_models(tx, source.id, &segments).await?;
    let has_models = !models.is_empty();
    let only = [
        (segment::Entity.table_name(), segments),
        (selection::Entity.table_name(), rules),
        (health_model::Entity.table_name(), models),
        (health_version::Entity.table_name(), versions),
    ];
    let copying = Copying { tx, source: source.id, owner: owner.id, only: only.into() };
    copying.configuration().await?;
    if has_models {
        recompute::ask_daily(tx).await?;
    }
    retention::ask_for(tx, &workspace).await?;
    retention_policy::ask_for(tx).await?;
    Ok(Sandbox { workspace, owner, segments_left_out, rules_left_out })
}

/// The keys of the attributes of accounts whose values are personal data.
async fn personal_keys(tx: &Tx<'_>, source: WorkspaceId) -> Result<BTreeSet<String>> {
    let personal = definition::Entity::find()
        .filter(definition::Column::WorkspaceId.eq(source))
        .filter(definition::Column::SubjectKind.eq(SubjectKind::Account))
        .filter(definition::Column::IsPersonal.eq(true));
    Ok(personal.all(&tx.db).await?.into_iter().map(|row| row.key).collect())
}

/// The segments in use that can be copied, and how many cannot.
async fn fit_segments(
    tx: &Tx<'_>,
    source: WorkspaceId,
    personal: &BTreeSet<String>,
) -> Result<(Vec<Uuid>, usize)> {
    let live = segment::Entity::find()
        .filter(segment::Column::WorkspaceId.eq(source))
        .filter(segment::Column::ArchivedAt.is_null());
    let rows = live.all(&tx.db).await?;
    let mut fit = Vec::new();
    for row in &rows {
        if !row.filter()?.names_somebody(personal) {
            fit.push(row.id.into());
        }
    }
    let left_out = rows.len() - fit.len();
    Ok((fit, left_out))
}

/// The selection rules in use that can be copied, and how many cannot.
async fn fit_rules(
    tx: &Tx<'_>,
    source: WorkspaceId,
    personal: &BTreeSet<String>,
) -> Result<(Vec<Uuid>, usize)> {
    let live = selection::Entity::find()
        .filter(selection::Column::WorkspaceId.eq(source))
        .filter(selection::Column::ArchivedAt.is_null());
    let rows = live.all(&tx.db).await?;
    let is_fit = |rule: &&selection::Model| {
        !rule.conditions().attributes.iter().any(|filter| filter.is_about(personal))
    };
    let fit: Vec<_> = rows.iter().filter(is_fit).map(|rule| rule.id.into()).collect();
    let left_out = rows.len() - fit.len();
    Ok((fit, left_out))
}

/// The health models in use whose segment is copied, and their versions.
async fn fit_models(
    tx: &Tx<'_>,
    source: WorkspaceId,
    segments: &[Uuid],
) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let models = health_model::Entity::find()
        .filter(health_model::Column::WorkspaceId.eq(source))
        .filter(health_model::Column::ArchivedAt.is_null());
    let is_fit = |model: &health_model::Model| {
        model.segment_id.is_none_or(|id| segments.contains(&id.into()))
    };
    let models = models.all(&tx.db).await?.into_iter().filter(is_fit);
    let models: Vec<Uuid> = models.map(|model| model.id.into()).collect();
    let versions = health_version::Entity::find()
        .filter(health_version::Column::WorkspaceId.eq(source))
        .filter(health_version::Column::ModelId.is_in(models.iter().copied()));
    let versions = versions.all(&tx.db).await?;
    Ok((models, versions.into_iter().map(|version| version.id.into()).collect()))
}

/// From where to where, and who stands in for the users of the source.
struct Copying<'c> {
    tx: &'c Tx<'c>,
    source: WorkspaceId,
    owner: UserId,
    /// The rows that are copied, of tables of which not all are.
    only: BTreeMap<&'static str, Vec<Uuid>>,
}

/// The tables of the configuration, each after those that it refers to.
macro_rules! configuration {
    ($($table:ident,)+) => {
        /// The tables that are copied.
        pub fn copied() -> Vec<&'static str> {
            vec![$($table::Entity.table_name(),)+]
        }

        impl Copying<'_> {
            async fn configuration(&self) -> Result<()> {
                $(self.copy($table::Entity).await?;)+
                Ok(())
            }
        }
    };
}

configuration! {
    plugin_file,
    plugin,
    plugin_version,
    holiday,
    set,
    option,
    definition,
    segment,
    team,
    metric,
    survey,
    product,
    retention_policy,
    template,
    version,
    stage_template,
    task_template,
    selection,
    health_model,
    health_version,
}

impl Copying<'_> {
    async fn copy<E: EntityTrait>(&self, table: E) -> Result<()> {
        let name = table.table_name();
        let columns: Vec<_> = E::Column::iter().map(|column| Alias::new(column.as_str())).collect();
        let mut rows = Query::select();
        rows.exprs(E::Column::iter().map(|column| self.value(column.as_str())))
            .from(Alias::new(name))
            .and_where(Expr::col(Alias::new("workspace_id")).eq(self.source));
        if let Some(ids) = self.only.get(name) {
            rows.and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()));
        }
        let mut insert = Query::insert();
        insert.into_table(Alias::new(name)).columns(columns);
        insert.select_from(rows).map_err(|error| DbErr::Custom(error.to_string()))?;
        self.tx.db.execute(&insert).await?;
        Ok(())
    }

    /// What stands in a column of the copy.
    fn value(&self, column: &str) -> SimpleExpr {
        let original = Expr::col(Alias::new(column));
        match column {
            "workspace_id" => Expr::val(self.tx.workspace_id()),
            column if HOLDERS.contains(&column) => {
                let owner = Expr::val(self.owner);
                CaseStatement::new().case(original.is_not_null(), owner).into()
            }
            _ => original,
        }
    }
}
