//! A workspace to measure in.

use anyhow::Result;
use chrono::TimeDelta;
use jornada_domain::auth::user::NewUser;
use jornada_domain::auth::{Actor, Role};
use jornada_domain::calendar::WorkingWeek;
use jornada_domain::workspace::{Locale, NewWorkspace, WorkspaceKind};
use jornada_server::app::App;
use jornada_server::secret::Secret;
use jornada_server::setup;

/// Who may do everything in a new workspace, and the token of its owner.
pub(crate) async fn new(app: &App) -> Result<(Actor, String)> {
    let new = NewWorkspace {
        slug: "bench".to_owned(),
        name: "Bench".to_owned(),
        kind: WorkspaceKind::Production,
        time_zone: "America/Sao_Paulo".to_owned(),
        locale: Locale::En,
        working_week: WorkingWeek::MONDAY_TO_FRIDAY,
    };
    let owner = NewUser {
        email: "owner@example.com".to_owned(),
        name: "Owner".to_owned(),
        role: Role::Owner,
        locale: None,
    };
    let secret = Secret::from_bytes([7; 24]);
    let made = setup::create_workspace(app, new, owner, &secret).await?;
    Ok((Actor::setup(made.workspace.id, TimeDelta::zero()), made.token))
}
