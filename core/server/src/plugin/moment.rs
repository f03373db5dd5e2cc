//! When and for whom a plugin is called.

use anyhow::{Result, bail};
use chrono::SecondsFormat;
use jornada_domain::Cx;
use jornada_domain::workspace::{self, Locale};
use jornada_plugin_host::health_score::Moment;
use sea_orm::ActiveEnum;

/// Now, for whom reads this language; for whom reads that of the workspace, unless it is said.
pub async fn moment(cx: &Cx<'_>, locale: Option<Locale>) -> Result<Moment> {
    let workspace = workspace::by_id(&cx.db, cx.workspace_id()).await?;
    let Some(workspace) = workspace else { bail!("the workspace does not exist") };
    Ok(Moment {
        now: cx.now.to_rfc3339_opts(SecondsFormat::Secs, true),
        today: cx.today().await?.to_string(),
        zone: workspace.time_zone,
        locale: locale.unwrap_or(workspace.locale).to_value(),
    })
}
