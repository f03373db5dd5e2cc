//! What of a set of WIT packages says nothing of itself.

use wit_parser::{Docs, Interface, Resolve, Type, TypeDef, TypeDefKind, WorldItem};

/// The names of all packages, worlds, interfaces, functions, types, fields, cases and flags without
/// docs, in order. Parameters have none of their own, and what one interface uses of another is
/// documented there. Pure.
pub(crate) fn undocumented(resolve: &Resolve) -> Vec<String> {
    let mut found = Vec::new();
    for (_, package) in &resolve.packages {
        let name = &package.name;
        look(name.to_string(), &package.docs, &mut found);
        for (world, id) in &package.worlds {
            let world = format!("{name}/{world}");
            let of = &resolve.worlds[*id];
            for item in of.imports.values().chain(of.exports.values()) {
                look_into_item(resolve, &world, item, &mut found);
            }
            look(world, &of.docs, &mut found);
        }
        for (interface, id) in &package.interfaces {
            let interface = format!("{name}/{interface}");
            let of = &resolve.interfaces[*id];
            look_into_interface(resolve, &interface, of, &mut found);
            look(interface, &of.docs, &mut found);
        }
    }
    found.sort();
    found
}

fn look(name: String, docs: &Docs, found: &mut Vec<String>) {
    if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
        found.push(name);
    }
}

/// A function or a type of a world itself. An interface is looked at where it stands.
fn look_into_item(resolve: &Resolve, world: &str, item: &WorldItem, found: &mut Vec<String>) {
    match item {
        WorldItem::Interface { .. } => {}
        WorldItem::Function(function) => {
            look(format!("{world}.{}", function.name), &function.docs, found);
        }
        WorldItem::Type { id, .. } => look_into_type(resolve, world, &resolve.types[*id], found),
    }
}

fn look_into_interface(resolve: &Resolve, name: &str, of: &Interface, found: &mut Vec<String>) {
    for function in of.functions.values() {
        look(format!("{name}.{}", function.name), &function.docs, found);
    }
    for id in of.types.values() {
        look_into_type(resolve, name, &resolve.types[*id], found);
    }
}

/// A type that has a name, and the parts of it that have names.
fn look_into_type(resolve: &Resolve, owner: &str, of: &TypeDef, found: &mut Vec<String>) {
    let is_used = match of.kind {
        TypeDefKind::Type(Type::Id(other)) => resolve.types[other].owner != of.owner,
        _ => false,
    };
    if is_used {
        return;
    }
    let name = format!("{owner}.{}", of.name.as_deref().unwrap_or_default());
    let parts: Vec<(&String, &Docs)> = match &of.kind {
        TypeDefKind::Record(of) => of.fields.iter().map(|one| (&one.name, &one.docs)).collect(),
        TypeDefKind::Variant(of) => of.cases.iter().map(|one| (&one.name, &one.docs)).collect(),
        TypeDefKind::Enum(of) => of.cases.iter().map(|one| (&one.name, &one.docs)).collect(),
        TypeDefKind::Flags(of) => of.flags.iter().map(|one| (&one.name, &one.docs)).collect(),
        _ => Vec::new(),
    };
    for (part, docs) in parts {
        look(format!("{name}.{part}"), docs, found);
    }
    look(name, &of.docs, found);
}
