//! Enums of the domain as enums of the API.

/// `words! { /// What for. WorkspaceKind = "workspace::WorkspaceKind" { /// Real customers.
/// Production, … } }`: the values convert in both ways, and one that is missing does not compile.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        $name:ident = $remote:tt { $($(#[$about:meta])+ $value:ident,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
        #[graphql(remote = $remote)]
        pub(super) enum $name {
            $($(#[$about])+ $value,)+
        }
    };
}

pub(super) use words;
