//! What the operator sets up: workspaces with their owner, and tokens.

use chrono::{DateTime, Utc};
use jornada_domain::auth::token::{self, NewToken};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::auth::{Actor, Role};
use jornada_domain::id::{UserId, WorkspaceId};
use jornada_domain::workspace::{self, NewWorkspace};
use jornada_domain::{Result, Tx};

use crate::app::App;
use crate::secret::Secret;

/// A token to be given out.
#[derive(Debug)]
pub struct Grant {
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// Scopes like `accounts:read`; none for all rights of the user's role.
    pub scopes: Vec<String>,
    /// Real time; `None` for a token that does not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Gives out a token and returns it: this is the only time that it can be seen.
pub async fn give_token(tx: &Tx<'_>, grant: Grant, secret: &Secret) -> Result<String> {
    let Grant { user_id, name, scopes, expires_at } = grant;
    let new = NewToken { user_id, name, scopes, expires_at, digest: secret.digest() };
    let row = token::create(tx, new).await?;
    Ok(secret.token(tx.workspace_id(), row.id))
}

/// Sets up a workspace with its owner, in one transaction.
pub async fn create_workspace(
    app: &App,
    new: NewWorkspace,
    owner: NewUser,
) -> Result<(workspace::Model, user::Model)> {
    let id: WorkspaceId = app.ids.next(app.clock.now()).into();
    let actor = Actor::setup(id, chrono::TimeDelta::zero());
    let tx = app.begin(&actor).await?;
    let workspace = workspace::create(&tx, new).await?;
    let owner = user::create(&tx, NewUser { role: Role::Owner, ..owner }).await?;
    app.commit(tx).await?;
    Ok((workspace, owner))
}
