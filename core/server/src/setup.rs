//! What an operator sets up: workspaces with their owner, and tokens.

use chrono::{DateTime, TimeDelta, Utc};
use jornada_domain::auth::Actor;
use jornada_domain::auth::token::{self, NewToken};
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::error::{Error, Problem};
use jornada_domain::id::{UserId, WorkspaceId};
use jornada_domain::input::Checks;
use jornada_domain::journeys::play::{self, Sample};
use jornada_domain::sandbox::{self, NewSandbox, Sandbox};
use jornada_domain::workspace::{self, NewWorkspace};
use jornada_domain::{Result, Tx, options};

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

/// Gives out a token and returns it: it can never be seen again.
pub async fn give_token(tx: &Tx<'_>, grant: Grant, secret: &Secret) -> Result<String> {
    let Grant { user_id, name, scopes, expires_at } = grant;
    let new = NewToken { user_id, name, scopes, expires_at, digest: secret.digest() };
    let row = token::create(tx, new).await?;
    Ok(secret.token(tx.workspace_id(), row.id))
}

/// What setting up a workspace made.
#[derive(Debug)]
pub struct NewTenant {
    /// The workspace.
    pub workspace: workspace::Model,
    /// Who may do everything there.
    pub owner: user::Model,
    /// The owner's token, which can never be seen again.
    pub token: String,
}

/// Sets up a workspace with its built-in options, its owner and a token of his.
pub async fn create_workspace(
    app: &App,
    new: NewWorkspace,
    owner: NewUser,
    secret: &Secret,
) -> Result<NewTenant> {
    let id: WorkspaceId = app.ids.next(app.clock.now()).into();
    let actor = Actor::setup(id, TimeDelta::zero());
    let tx = app.begin(&actor).await?;
    let mut checks = Checks::new();
    let workspace = checks.keep(workspace::create(&tx, new).await)?;
    let of_owner = |problem: Problem| problem.under("owner");
    user::problems(&owner).into_iter().map(of_owner).for_each(|problem| checks.push(problem));
    let (Some(workspace), true) = (workspace, checks.is_well()) else {
        return Err(Error::Problems(checks.into_problems()));
    };
    options::install_built_in(&tx).await?;
    let owner = user::create(&tx, owner).await.map_err(|error| error.under("owner"))?;
    let token = first_token(&tx, &owner, secret).await?;
    app.commit(tx).await?;
    Ok(NewTenant { workspace, owner, token })
}

async fn first_token(tx: &Tx<'_>, owner: &user::Model, secret: &Secret) -> Result<String> {
    let name = "Set up".to_owned();
    let grant = Grant { user_id: owner.id, name, scopes: Vec::new(), expires_at: None };
    give_token(tx, grant, secret).await
}

/// Sets up a sandbox with the configuration of another workspace, and with a customer to play with,
/// where one is given, whose CSM is the owner; gives the token of its owner.
pub async fn create_sandbox(
    app: &App,
    source: &workspace::Model,
    new: NewSandbox,
    secret: &Secret,
    sample: Option<Sample>,
) -> Result<(Sandbox, String)> {
    let id: WorkspaceId = app.ids.next(app.clock.now()).into();
    let actor = Actor::setup(id, source.clock_offset());
    let tx = app.begin(&actor).await?;
    let made = sandbox::create(&tx, source, new).await?;
    let token = first_token(&tx, &made.owner, secret).await?;
    if let Some(sample) = sample {
        play::open_sample(&tx, sample, made.owner.id).await?;
    }
    app.commit(tx).await?;
    Ok((made, token))
}
