//! What has changed from one set of WIT packages to another, by the rules of
//! `schema/wit/README.md`: what plugins that exist do not notice was added, all else is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wit_parser::{
    Function, Handle, Interface, InterfaceId, Package, Resolve, Type, TypeDefKind, TypeId,
    TypeOwner, World, WorldItem,
};

/// A difference that older plugins do not notice, or one that breaks them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Added(String),
    Breaking(String),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(told) => write!(f, "added: {told}"),
            Self::Breaking(told) => write!(f, "BREAKING: {told}"),
        }
    }
}

/// Who implements an interface: the host where a world imports it, else plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Host,
    Plugin,
}

/// A part of the contract. What is compared is in it; docs are not.
#[derive(Debug, PartialEq)]
enum Part {
    Package { minor: u64 },
    Interface(Side),
    Type(String),
    Function(String),
    World,
    Import,
    Export,
}

/// All parts by their names: `package/interface.function`.
type Parts = BTreeMap<String, Part>;

/// All differences of the newer set, in order. Pure.
pub(crate) fn changes(older: &Resolve, newer: &Resolve) -> Vec<Change> {
    let (older, newer) = (parts(older), parts(newer));
    let mut changes = Vec::new();
    for (name, part) in &older {
        match newer.get(name) {
            None => changes.push(Change::Breaking(format!("{name} is gone"))),
            Some(now) => changes.extend(changed(name, part, now)),
        }
    }
    for (name, part) in newer.iter().filter(|(name, _)| !older.contains_key(*name)) {
        changes.push(added(name, part, &older, &newer));
    }
    changes.sort();
    changes
}

/// What became of a part that there still is.
fn changed(name: &str, part: &Part, now: &Part) -> Option<Change> {
    match (part, now) {
        (same, now) if same == now => None,
        (Part::Package { minor: was }, Part::Package { minor: is }) if is > was => {
            Some(Change::Added(format!("{name} is now minor version {is}")))
        }
        (Part::Package { minor: was }, Part::Package { minor: is }) => {
            Some(Change::Breaking(format!("{name} went back from minor version {was} to {is}")))
        }
        (Part::Interface(_), Part::Interface(_)) => {
            Some(Change::Breaking(format!("{name} has changed sides")))
        }
        (Part::Type(was) | Part::Function(was), Part::Type(is) | Part::Function(is)) => {
            Some(Change::Breaking(format!("{name} was {was} and is {is}")))
        }
        _ => Some(Change::Breaking(format!("{name} is something else now"))),
    }
}

/// What it means that there is a new part.
fn added(name: &str, part: &Part, older: &Parts, newer: &Parts) -> Change {
    let owner = name.rsplit_once('.').map_or("", |(owner, _)| owner);
    if !older.contains_key(owner) {
        return Change::Added(name.to_owned());
    }
    match part {
        Part::Function(_) if newer.get(owner) != Some(&Part::Interface(Side::Host)) => {
            let told = "plugins that exist do not have it: add an interface";
            Change::Breaking(format!("{name} is new in an interface that plugins export; {told}"))
        }
        Part::Function(_) => {
            let package = owner.split('/').next().unwrap_or_default();
            if older.get(package) == newer.get(package) {
                Change::Breaking(format!("{name} is new, but {package} has no new minor version"))
            } else {
                Change::Added(name.to_owned())
            }
        }
        Part::Export => {
            Change::Breaking(format!("{name} is new, and plugins that exist do not export it"))
        }
        _ => Change::Added(name.to_owned()),
    }
}

fn parts(resolve: &Resolve) -> Parts {
    let imported: BTreeSet<InterfaceId> = resolve
        .worlds
        .iter()
        .flat_map(|(_, world)| {
            let exported: Vec<_> = world.exports.values().filter_map(interface_of).collect();
            world.imports.values().filter_map(interface_of).filter(move |id| !exported.contains(id))
        })
        .collect();
    let mut parts = Parts::new();
    for (_, package) in &resolve.packages {
        let name = name_of(package);
        let minor = package.name.version.as_ref().map_or(0, |version| version.minor);
        for (world, id) in &package.worlds {
            add_world(resolve, &format!("{name}/{world}"), &resolve.worlds[*id], &mut parts);
        }
        for (interface, id) in &package.interfaces {
            let side = if imported.contains(id) { Side::Host } else { Side::Plugin };
            let name = format!("{name}/{interface}");
            add_interface(resolve, &name, &resolve.interfaces[*id], &mut parts);
            parts.insert(name, Part::Interface(side));
        }
        parts.insert(name, Part::Package { minor });
    }
    parts
}

/// A package with its major version: another major version is another package.
fn name_of(package: &Package) -> String {
    let major = package.name.version.as_ref().map_or(0, |version| version.major);
    format!("{}:{}@{major}", package.name.namespace, package.name.name)
}

fn interface_of(item: &WorldItem) -> Option<InterfaceId> {
    match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    }
}

fn add_interface(resolve: &Resolve, name: &str, interface: &Interface, parts: &mut Parts) {
    for (of, id) in &interface.types {
        parts.insert(format!("{name}.{of}"), Part::Type(definition(resolve, *id)));
    }
    for (of, function) in &interface.functions {
        parts.insert(format!("{name}.{of}"), Part::Function(signature(resolve, function)));
    }
}

fn add_world(resolve: &Resolve, name: &str, world: &World, parts: &mut Parts) {
    parts.insert(name.to_owned(), Part::World);
    for (items, word, is_export) in
        [(&world.imports, "import", false), (&world.exports, "export", true)]
    {
        for (key, item) in items {
            let of = match interface_of(item) {
                Some(id) => interface_name(resolve, id),
                None => resolve.name_world_key(key),
            };
            let part = if is_export { Part::Export } else { Part::Import };
            parts.insert(format!("{name}.{word} {of}"), part);
        }
    }
}

fn interface_name(resolve: &Resolve, id: InterfaceId) -> String {
    let interface = &resolve.interfaces[id];
    let package = interface.package.map(|package| name_of(&resolve.packages[package]));
    let name = interface.name.as_deref().unwrap_or_default();
    format!("{}/{name}", package.unwrap_or_default())
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let params = function.params.iter();
    let params = params.map(|param| format!("{}: {}", param.name, name(resolve, &param.ty)));
    let result = function.result.as_ref().map(|result| name(resolve, result));
    let params = params.collect::<Vec<_>>().join(", ");
    format!("func({params}) -> {}", result.unwrap_or_default())
}

/// A type where it is used: by its name, if it has one.
fn name(resolve: &Resolve, of: &Type) -> String {
    let Type::Id(id) = of else { return format!("{of:?}").to_lowercase() };
    let definition_of = &resolve.types[*id];
    match (&definition_of.name, definition_of.owner) {
        (Some(name), TypeOwner::Interface(owner)) => {
            format!("{}.{name}", interface_name(resolve, owner))
        }
        (Some(name), _) => name.clone(),
        (None, _) => definition(resolve, *id),
    }
}

/// What a type is.
fn definition(resolve: &Resolve, id: TypeId) -> String {
    let name = |of: &Type| name(resolve, of);
    let maybe = |of: &Option<Type>| of.as_ref().map(name).unwrap_or_default();
    let kind = &resolve.types[id].kind;
    let parts: Vec<String> = match kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            fields.map(|field| format!("{}: {}", field.name, name(&field.ty))).collect()
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter();
            cases.map(|case| format!("{}({})", case.name, maybe(&case.ty))).collect()
        }
        TypeDefKind::Enum(of) => of.cases.iter().map(|case| case.name.clone()).collect(),
        TypeDefKind::Flags(of) => of.flags.iter().map(|flag| flag.name.clone()).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().map(name).collect(),
        TypeDefKind::Result(of) => vec![maybe(&of.ok), maybe(&of.err)],
        TypeDefKind::Option(of) | TypeDefKind::List(of) | TypeDefKind::Type(of) => vec![name(of)],
        TypeDefKind::Map(key, value) => vec![name(key), name(value)],
        TypeDefKind::FixedLengthList(of, length) => vec![name(of), length.to_string()],
        TypeDefKind::Future(of) | TypeDefKind::Stream(of) => vec![maybe(of)],
        TypeDefKind::Handle(Handle::Own(of) | Handle::Borrow(of)) => vec![name(&Type::Id(*of))],
        TypeDefKind::Resource | TypeDefKind::Unknown => Vec::new(),
    };
    format!("{}<{}>", kind.as_str(), parts.join(", "))
}
