//! The schema of the API as data, for tests that go through all of it.

pub(crate) mod call;
pub(crate) mod seed;

use std::collections::BTreeMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, EnumType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use jornada_server::graphql;

/// All types by their name.
pub(crate) struct Api(pub(crate) BTreeMap<String, TypeDefinition>);

impl Api {
    /// The schema of this binary.
    pub(crate) fn load() -> Self {
        let document = parse_schema(graphql::sdl()).expect("what is printed can be read");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node)),
            _ => None,
        });
        Self(types.collect())
    }

    /// The kind of a type; `None` for the scalars that GraphQL itself has.
    pub(crate) fn kind(&self, name: &str) -> Option<&TypeKind> {
        self.0.get(name).map(|of| &of.kind)
    }

    /// The fields of an object or interface; none of anything else.
    pub(crate) fn fields(&self, name: &str) -> impl Iterator<Item = &FieldDefinition> {
        let fields = match self.kind(name) {
            Some(TypeKind::Object(object)) => object.fields.as_slice(),
            Some(TypeKind::Interface(interface)) => interface.fields.as_slice(),
            _ => &[],
        };
        fields.iter().map(|field| &field.node)
    }

    /// The fields of an input; none of anything else.
    pub(crate) fn inputs(&self, name: &str) -> impl Iterator<Item = &InputValueDefinition> {
        let fields = match self.kind(name) {
            Some(TypeKind::InputObject(input)) => input.fields.as_slice(),
            _ => &[],
        };
        fields.iter().map(|field| &field.node)
    }

    /// The types that implement an interface.
    pub(crate) fn implementers(&self, interface: &str) -> impl Iterator<Item = &str> {
        let implements = move |of: &&TypeDefinition| match &of.kind {
            TypeKind::Object(object) => object.implements.iter().any(|i| i.node == *interface),
            _ => false,
        };
        self.0.values().filter(implements).map(|of| of.name.node.as_str())
    }

    /// Whether only one member of an input may be given.
    pub(crate) fn is_one_of(&self, name: &str) -> bool {
        self.0[name].directives.iter().any(|directive| directive.node.name.node == "oneOf")
    }
}

/// The type without its wrappers: `Team` for `[Team!]!`.
pub(crate) fn named(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

/// Whether a type is a list.
pub(crate) fn is_list(of: &Type) -> bool {
    matches!(of.base, BaseType::List(_))
}

/// The values of an enum.
pub(crate) fn values(of: &EnumType) -> impl Iterator<Item = &str> {
    of.values.iter().map(|value| value.node.value.node.as_str())
}

/// A description; empty where there is none.
pub(crate) fn words(description: Option<&Positioned<String>>) -> &str {
    description.map_or("", |text| &text.node)
}
