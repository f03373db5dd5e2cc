//! Every public item has an example of its own, which `cargo test` runs: the sources are read, and
//! what others can name is looked at. Variants and fields are covered by the example of their type.

use std::collections::BTreeSet;
use std::path::Path;

use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Expr, ExprLit, Ident, ImplItem, Item, ItemImpl, ItemMacro, ItemMod, ItemTrait,
    ItemUse, Lit, Meta, Token, TraitItem, Type, UseTree, Visibility, braced, bracketed,
    parenthesized, token,
};

#[test]
fn every_public_item_has_an_example() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let bare = without_example(&|path| std::fs::read_to_string(sources.join(path)).unwrap());
    assert!(bare.is_empty(), "write an example that names it:\n{}", bare.join("\n"));
}

#[test]
fn a_public_item_without_an_example_is_found() {
    let read = |path: &str| match path {
        "lib.rs" => "//! ```\n//! use jornada_plugin_sdk as sdk;\n//! ```\n
            #[cfg(test)] mod tests;
            #[doc(hidden)] pub mod hidden;
            mod private; pub use private::{Shown, Other};
            mod all; pub use all::*;
            pub mod named { pub struct Inner; struct Private; pub(crate) struct Ours; }
            pub use crate::named::Inner; pub use elsewhere::Foreign;
            /// ```\n/// told();\n/// ```\npub fn told() {}
            /// ```text\n/// told_as_text();\n/// ```\npub fn told_as_text() {}
            /// ```\n/// another();\n/// ```\npub fn told_of_another() {}
            /// ```\n/// # behind();\n/// ```\npub fn behind() {}
            #[macro_export] macro_rules! exported { () => {} }
            macro_rules! makes { ($(#[$doc:meta])+) => {
                /// ```\n/// let _: Made;\n/// ```
                pub enum Made { One { two: u8 } }
                impl Made { pub(crate) fn ours() {} pub const fn made() {} }
            } }"
        .to_owned(),
        "private.rs" => "/// ```\n/// let _: Shown;\n/// ```\n
            pub struct Shown { pub field: u8 }
            impl Shown { pub fn method(&self) {} fn own(&self) {} }
            impl Clone for Shown { fn clone(&self) -> Self { Self } }
            pub struct Unseen; impl Unseen { pub fn unseen() {} }
            mod deeper; pub use deeper::{Other, Unshown};"
            .to_owned(),
        "private/deeper.rs" => {
            "pub trait Other { const ALL: u8; fn asked(); #[doc(hidden)] fn unasked(); }
            pub type Unshown = u8;"
                .to_owned()
        }
        "all.rs" => String::new(),
        other => panic!("{other} is no part of it"),
    };
    let wanted = [
        "lib.rs: *",
        "lib.rs: Foreign",
        "lib.rs: behind",
        "lib.rs: exported",
        "lib.rs: made",
        "lib.rs: named",
        "lib.rs: named::Inner",
        "lib.rs: told_as_text",
        "lib.rs: told_of_another",
        "private.rs: Shown::method",
        "private/deeper.rs: Other",
        "private/deeper.rs: Other::ALL",
        "private/deeper.rs: Other::asked",
    ];
    assert_eq!(without_example(&read), wanted);
}

/// What can be named by others and has no example that names it, in order.
fn without_example(read: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut search =
        Search { read, bare: Vec::new(), methods: Vec::new(), public: BTreeSet::new() };
    let place = Place { file: "lib.rs".to_owned(), folder: String::new(), path: String::new() };
    let root = syn::parse_file(&read(&place.file)).unwrap();
    search.judge(&place, "jornada_plugin_sdk", &root.attrs);
    search.look_into(&place, &root.items, None);
    let Search { mut bare, methods, public, .. } = search;
    // Methods of types that cannot be named do not count, and types may be named elsewhere.
    bare.extend(methods.into_iter().filter(|(of, _)| public.contains(of)).map(|(_, told)| told));
    bare.sort();
    bare
}

struct Search<'r> {
    read: &'r dyn Fn(&str) -> String,
    bare: Vec<String>,
    /// The type and the place of each public method without an example.
    methods: Vec<(String, String)>,
    /// The names of all that others can name.
    public: BTreeSet<String>,
}

/// Where the search is: a file, the folder of its modules, and the modules that are open in it.
#[derive(Clone)]
struct Place {
    file: String,
    folder: String,
    path: String,
}

/// The names that a private module makes public, by way of others; all of them in a public one.
type Names<'n> = Option<&'n BTreeSet<String>>;

impl Search<'_> {
    fn judge(&mut self, place: &Place, name: &str, attributes: &[Attribute]) {
        if !has_example(attributes, name) {
            self.bare.push(format!("{}: {}{name}", place.file, place.path));
        }
    }

    fn look_into(&mut self, place: &Place, items: &[Item], names: Names<'_>) {
        for item in items.iter().filter(|item| !is_exempt(attributes_of(item))) {
            match item {
                Item::Mod(of) => self.look_into_module(place, items, names, of),
                Item::Use(of) if is_public(&of.vis) => self.look_into_use(place, items, of),
                Item::Impl(of) if of.trait_.is_none() => self.look_into_impl(place, of),
                Item::Macro(of) => self.look_into_macro(place, of),
                _ => {}
            }
            let Some((name, Visibility::Public(_))) = named(item) else { continue };
            let name = name.unraw().to_string();
            if names.is_none_or(|names| names.contains(&name)) {
                self.judge(place, &name, attributes_of(item));
                if let Item::Trait(of) = item {
                    self.look_into_trait(place, of);
                }
                self.public.insert(name);
            }
        }
    }

    fn look_into_module(&mut self, place: &Place, around: &[Item], names: Names<'_>, of: &ItemMod) {
        let name = of.ident.to_string();
        let folder = format!("{}{name}/", place.folder);
        let (inside, within, mut attributes) = match &of.content {
            Some((_, items)) => {
                let path = format!("{}{name}::", place.path);
                (items.clone(), Place { folder, path, ..place.clone() }, Vec::new())
            }
            None => {
                let file = format!("{}{name}.rs", place.folder);
                let parsed = syn::parse_file(&(self.read)(&file)).unwrap();
                (parsed.items, Place { file, folder, path: String::new() }, parsed.attrs)
            }
        };
        attributes.extend(of.attrs.iter().cloned());
        if is_public(&of.vis) {
            self.judge(place, &name, &attributes);
            return self.look_into(&within, &inside, None);
        }
        let shown = around.iter().filter_map(|item| match item {
            Item::Use(of) if is_public(&of.vis) && !is_exempt(&of.attrs) => Some(leaves(&of.tree)),
            _ => None,
        });
        let shown = shown.flatten().filter(|(root, _)| name == *root).map(|(_, leaf)| leaf);
        let shown = shown.filter(|leaf| names.is_none_or(|names| names.contains(leaf)));
        self.look_into(&within, &inside, Some(&shown.collect()));
    }

    /// What comes from this crate has its example where it stands; what is generated or comes from
    /// another crate has it here. Without names, nobody can tell.
    fn look_into_use(&mut self, place: &Place, around: &[Item], of: &ItemUse) {
        let is_module = |root: &str| {
            around.iter().any(|item| matches!(item, Item::Mod(of) if of.ident == root))
        };
        for (root, leaf) in leaves(&of.tree) {
            if leaf == "*" || !(root == "crate" || is_module(&root)) {
                self.judge(place, &leaf, &of.attrs);
            }
            self.public.insert(leaf);
        }
    }

    fn look_into_trait(&mut self, place: &Place, of: &ItemTrait) {
        let path = format!("{}{}::", place.path, of.ident);
        let place = Place { path, ..place.clone() };
        for item in &of.items {
            let (name, attributes) = match item {
                TraitItem::Fn(of) => (&of.sig.ident, &of.attrs),
                TraitItem::Const(of) => (&of.ident, &of.attrs),
                TraitItem::Type(of) => (&of.ident, &of.attrs),
                _ => continue,
            };
            if !is_exempt(attributes) {
                self.judge(&place, &name.to_string(), attributes);
            }
        }
    }

    fn look_into_impl(&mut self, place: &Place, of: &ItemImpl) {
        let Type::Path(of_type) = &*of.self_ty else { return };
        let of_type = of_type.path.segments.last().expect("a path has an end").ident.to_string();
        for item in &of.items {
            let (name, sight, attributes) = match item {
                ImplItem::Fn(of) => (&of.sig.ident, &of.vis, &of.attrs),
                ImplItem::Const(of) => (&of.ident, &of.vis, &of.attrs),
                _ => continue,
            };
            let is_bare = !has_example(attributes, &name.to_string());
            if is_public(sight) && !is_exempt(attributes) && is_bare {
                let told = format!("{}: {}{of_type}::{name}", place.file, place.path);
                self.methods.push((of_type.clone(), told));
            }
        }
    }

    /// A macro that others can call, and the public items that a macro makes.
    fn look_into_macro(&mut self, place: &Place, of: &ItemMacro) {
        let is_exported = |one: &Attribute| one.path().is_ident("macro_export");
        if let Some(name) = of.ident.as_ref().filter(|_| of.attrs.iter().any(is_exported)) {
            self.judge(place, &name.to_string(), &of.attrs);
        }
        let bare = |input: ParseStream<'_>| bare_in_tokens(input);
        for name in bare.parse2(of.mac.tokens.clone()).unwrap() {
            self.bare.push(format!("{}: {}{name}", place.file, place.path));
        }
    }
}

/// What begins an item, in the tokens of a macro.
const ITEMS: [&str; 9] =
    ["const", "enum", "fn", "mod", "static", "struct", "trait", "type", "union"];

/// The public items among these tokens that have no example.
fn bare_in_tokens(input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let (mut bare, mut docs) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        let ahead = input.fork();
        let attributes = ahead.call(Attribute::parse_outer).unwrap_or_default();
        if !attributes.is_empty() {
            input.advance_to(&ahead);
            docs.extend(attributes);
        } else if let Some(inside) = group(input)? {
            bare.extend(bare_in_tokens(&inside)?);
        } else if input.parse::<Option<Token![pub]>>()?.is_some() {
            let mut words = Vec::new();
            while input.peek(Ident::peek_any) {
                words.push(input.call(Ident::parse_any)?.to_string());
            }
            let name = words.last().filter(|_| ITEMS.contains(&words[0].as_str()));
            bare.extend(name.filter(|name| !has_example(&docs, name)).cloned());
            docs.clear();
        } else {
            input.step(|cursor| {
                let rest = cursor.token_tree().map(|(_, rest)| rest);
                Ok(((), rest.expect("there is a token")))
            })?;
        }
    }
    Ok(bare)
}

/// What is in the next brackets, if there are any.
fn group<'i>(input: ParseStream<'i>) -> syn::Result<Option<syn::parse::ParseBuffer<'i>>> {
    let inside;
    if input.peek(token::Brace) {
        braced!(inside in input);
    } else if input.peek(token::Paren) {
        parenthesized!(inside in input);
    } else if input.peek(token::Bracket) {
        bracketed!(inside in input);
    } else {
        return Ok(None);
    }
    Ok(Some(inside))
}

/// The first and the last name of all that is named: `a` and `c` of `a::b::c`.
fn leaves(tree: &UseTree) -> Vec<(String, String)> {
    match tree {
        UseTree::Path(of) => {
            let each = leaves(&of.tree).into_iter();
            each.map(|(_, leaf)| (of.ident.to_string(), leaf)).collect()
        }
        UseTree::Name(of) => vec![(of.ident.to_string(), of.ident.to_string())],
        UseTree::Rename(of) => vec![(of.ident.to_string(), of.rename.to_string())],
        UseTree::Group(of) => of.items.iter().flat_map(leaves).collect(),
        UseTree::Glob(_) => vec![(String::new(), "*".to_owned())],
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(of) => &of.attrs,
        Item::Enum(of) => &of.attrs,
        Item::Fn(of) => &of.attrs,
        Item::Impl(of) => &of.attrs,
        Item::Macro(of) => &of.attrs,
        Item::Mod(of) => &of.attrs,
        Item::Static(of) => &of.attrs,
        Item::Struct(of) => &of.attrs,
        Item::Trait(of) => &of.attrs,
        Item::Type(of) => &of.attrs,
        Item::Use(of) => &of.attrs,
        _ => &[],
    }
}

/// The name of an item that is judged by its own attributes, and who sees it.
fn named(item: &Item) -> Option<(&Ident, &Visibility)> {
    match item {
        Item::Const(of) => Some((&of.ident, &of.vis)),
        Item::Enum(of) => Some((&of.ident, &of.vis)),
        Item::Fn(of) => Some((&of.sig.ident, &of.vis)),
        Item::Static(of) => Some((&of.ident, &of.vis)),
        Item::Struct(of) => Some((&of.ident, &of.vis)),
        Item::Trait(of) => Some((&of.ident, &of.vis)),
        Item::Type(of) => Some((&of.ident, &of.vis)),
        _ => None,
    }
}

fn is_public(sight: &Visibility) -> bool {
    matches!(sight, Visibility::Public(_))
}

/// Whether an item is there for tests only, or kept out of the documentation.
fn is_exempt(attributes: &[Attribute]) -> bool {
    let says = |one: &Attribute, path: &str, word: &str| {
        one.path().is_ident(path) && one.parse_args::<Ident>().is_ok_and(|found| found == word)
    };
    attributes.iter().any(|one| says(one, "cfg", "test") || says(one, "doc", "hidden"))
}

/// Whether the docs have code that `cargo test` compiles, and the lines of it that readers see name
/// the item.
fn has_example(attributes: &[Attribute], name: &str) -> bool {
    const COMPILED: [&str; 4] = ["no_run", "rust", "should_panic", "standalone_crate"];
    let docs: Vec<_> = attributes.iter().filter_map(doc).collect();
    // None outside of code; whether the code is compiled inside of it.
    let mut code = None;
    docs.iter().flat_map(|text| text.lines()).map(str::trim).any(|line| {
        match (code, line.strip_prefix("```")) {
            (None, Some(words)) => {
                let mut words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
                code = Some(words.all(|word| COMPILED.contains(&word)));
            }
            (Some(_), Some(_)) => code = None,
            (Some(true), None) => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                return !line.starts_with("# ") && line.split(|c| !is_word(c)).any(|w| w == name);
            }
            _ => {}
        }
        false
    })
}

fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
