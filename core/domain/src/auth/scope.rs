//! Scopes: an area and an access, written `accounts:read`.

use std::fmt;

/// A part of the API that rights are given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// Settings, holidays and option sets.
    Workspace,
    /// Users, teams and tokens.
    Users,
    /// Accounts, contacts, assignments and external references.
    Accounts,
    /// Journey templates and selection rules.
    Templates,
    /// Journeys, visits and evaluations.
    Journeys,
    /// Tasks.
    Tasks,
    /// Interactions.
    Interactions,
    /// Surveys and responses.
    Feedback,
    /// Metrics and points.
    Metrics,
    /// Subscriptions.
    Revenue,
    /// Pulses, success plans, handoffs, deferred items, risks and opportunities.
    Plans,
    /// Health models. Scores are read by whoever reads accounts, and overruled like a pulse is
    /// recorded: with the rights of plans.
    Health,
    /// Plugins: what is installed, what it may do, and what its calls took.
    Plugins,
    /// Events and jobs.
    Events,
    /// Audit entries.
    Audit,
    /// Personal data: export and erasure of a person, and for how long records are kept.
    Privacy,
}

impl Area {
    /// All areas.
    pub const ALL: [Area; 16] = [
        Area::Workspace,
        Area::Users,
        Area::Accounts,
        Area::Templates,
        Area::Journeys,
        Area::Tasks,
        Area::Interactions,
        Area::Feedback,
        Area::Metrics,
        Area::Revenue,
        Area::Plans,
        Area::Health,
        Area::Plugins,
        Area::Events,
        Area::Audit,
        Area::Privacy,
    ];

    /// The word of the area in a scope.
    pub const fn as_str(self) -> &'static str {
        match self {
            Area::Workspace => "workspace",
            Area::Users => "users",
            Area::Accounts => "accounts",
            Area::Templates => "templates",
            Area::Journeys => "journeys",
            Area::Tasks => "tasks",
            Area::Interactions => "interactions",
            Area::Feedback => "feedback",
            Area::Metrics => "metrics",
            Area::Revenue => "revenue",
            Area::Plans => "plans",
            Area::Health => "health",
            Area::Plugins => "plugins",
            Area::Events => "events",
            Area::Audit => "audit",
            Area::Privacy => "privacy",
        }
    }
}

/// Looking or changing; changing includes looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// Looking.
    Read,
    /// Changing.
    Write,
}

/// One right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Where.
    pub area: Area,
    /// What.
    pub access: Access,
}

impl Scope {
    /// Parses `area:read` or `area:write`.
    pub fn parse(text: &str) -> Option<Self> {
        let (area, access) = text.split_once(':')?;
        let area = Area::ALL.into_iter().find(|a| a.as_str() == area)?;
        let access = match access {
            "read" => Access::Read,
            "write" => Access::Write,
            _ => return None,
        };
        Some(Self { area, access })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        write!(f, "{}:{access}", self.area.as_str())
    }
}

/// A set of rights; writing an area implies reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u64);

impl Scopes {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// Every right.
    pub const ALL: Self = Self(u64::MAX);

    /// The set with one more right.
    pub fn and(self, area: Area, access: Access) -> Self {
        let read = 1_u64 << (2 * area as u32);
        match access {
            Access::Read => Self(self.0 | read),
            Access::Write => Self(self.0 | read | read << 1),
        }
    }

    /// Whether the right is in the set.
    pub fn allows(self, area: Area, access: Access) -> bool {
        let bit = 1_u64 << (2 * area as u32 + access as u32);
        self.0 & bit != 0
    }

    /// The rights that are in both sets.
    pub fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The rights as scopes, `read` left out where `write` is there.
    pub fn list(self) -> Vec<Scope> {
        let strongest = |area| {
            [Access::Write, Access::Read].into_iter().find(|access| self.allows(area, *access))
        };
        let scope = |area| strongest(area).map(|access| Scope { area, access });
        Area::ALL.into_iter().filter_map(scope).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        scopes.into_iter().fold(Self::NONE, |set, scope| set.and(scope.area, scope.access))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_being_written_and_read() {
        for area in Area::ALL {
            for access in [Access::Read, Access::Write] {
                let scope = Scope { area, access };
                assert_eq!(Scope::parse(&scope.to_string()), Some(scope));
            }
        }
        assert_eq!(Scope::parse("accounts:delete"), None);
    }

    #[test]
    fn writing_implies_reading_of_the_same_area_only() {
        let set = Scopes::NONE.and(Area::Tasks, Access::Write);
        assert!(set.allows(Area::Tasks, Access::Read));
        assert!(!set.allows(Area::Journeys, Access::Read));
        assert_eq!(set.list().len(), 1);
    }
}
