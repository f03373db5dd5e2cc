//! The roles of users and what each may do.

use sea_orm::{DeriveActiveEnum, EnumIter};

use super::scope::{Access, Area, Scopes};

/// What a user is in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// May do everything; a workspace always has one.
    Owner,
    /// May do everything.
    Admin,
    /// Leads a team: changes templates and everything about customers.
    Manager,
    /// A customer success manager: works with customers, does not change the plan.
    Csm,
    /// Looks only.
    Viewer,
}

impl Role {
    /// Whether it leads others.
    pub fn leads(self) -> bool {
        matches!(self, Role::Owner | Role::Admin | Role::Manager)
    }

    /// The rights of the role.
    pub fn scopes(self) -> Scopes {
        const CUSTOMER_WORK: [Area; 8] = [
            Area::Accounts,
            Area::Journeys,
            Area::Tasks,
            Area::Interactions,
            Area::Feedback,
            Area::Metrics,
            Area::Revenue,
            Area::Plans,
        ];
        let is_open = |area: &Area| ![Area::Audit, Area::Privacy].contains(area);
        let readable = Area::ALL.into_iter().filter(is_open);
        let viewer = readable.fold(Scopes::NONE, |set, area| set.and(area, Access::Read));
        let csm = CUSTOMER_WORK.into_iter().fold(viewer, |set, area| set.and(area, Access::Write));
        match self {
            Role::Owner | Role::Admin => Scopes::ALL,
            Role::Manager => csm
                .and(Area::Templates, Access::Write)
                .and(Area::Health, Access::Write)
                .and(Area::Audit, Access::Read),
            Role::Csm => csm,
            Role::Viewer => viewer,
        }
    }
}
