//! What metrics and attributes are about.

use sea_orm::{DeriveActiveEnum, EnumIter};

use crate::id::Kind;

/// What can be measured, and what can have attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubjectKind {
    /// An account.
    Account,
    /// A contact.
    Contact,
    /// A subscription.
    Subscription,
}

impl From<SubjectKind> for Kind {
    fn from(kind: SubjectKind) -> Self {
        match kind {
            SubjectKind::Account => Kind::Account,
            SubjectKind::Contact => Kind::Contact,
            SubjectKind::Subscription => Kind::Subscription,
        }
    }
}
