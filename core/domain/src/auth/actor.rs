//! The actor: on whose behalf a verb runs.

use chrono::TimeDelta;
use sea_orm::{DeriveActiveEnum, EnumIter};

use super::scope::{Access, Area, Scope, Scopes};
use crate::error::{Error, Result};
use crate::id::{UserId, WorkspaceId};

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActorKind {
    /// A person, through a token.
    User,
    /// The worker: what time does.
    Worker,
    /// The operator of the installation, on the command line.
    Setup,
}

/// By which way a change came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Origin {
    /// GraphQL.
    Api,
    /// A file.
    Import,
    /// Facts of the past: historical dates are accepted, nothing is set off (rule 9).
    Backfill,
    /// A job.
    Worker,
    /// The command line.
    Cli,
}

impl Origin {
    /// Whether a change may say that it held, or was known, before today.
    pub fn may_look_back(self) -> bool {
        matches!(self, Self::Import | Self::Backfill)
    }
}

/// On whose behalf a verb runs, in which workspace and with which rights.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The only workspace this actor can see.
    pub workspace_id: WorkspaceId,
    /// Who acts.
    pub kind: ActorKind,
    /// The person, where it is one.
    pub user_id: Option<UserId>,
    /// What they may do: the rights of the user and of the token, met.
    pub scopes: Scopes,
    /// By which way the change comes in.
    pub origin: Origin,
    /// How far the clock of a sandbox is ahead of the real one; zero in production.
    pub clock_offset: TimeDelta,
}

impl Actor {
    /// The worker in one workspace.
    pub fn worker(workspace_id: WorkspaceId, clock_offset: TimeDelta) -> Self {
        let (kind, origin) = (ActorKind::Worker, Origin::Worker);
        Self { workspace_id, kind, user_id: None, scopes: Scopes::ALL, origin, clock_offset }
    }

    /// The operator on the command line, in one workspace.
    pub fn setup(workspace_id: WorkspaceId, clock_offset: TimeDelta) -> Self {
        let (kind, origin) = (ActorKind::Setup, Origin::Cli);
        Self { workspace_id, kind, user_id: None, scopes: Scopes::ALL, origin, clock_offset }
    }

    /// The same actor, whose changes come in by another way.
    pub fn by_way_of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The first line of every verb.
    pub fn require(&self, area: Area, access: Access) -> Result<()> {
        if self.scopes.allows(area, access) {
            Ok(())
        } else {
            Err(Error::Forbidden(Scope { area, access }))
        }
    }
}
