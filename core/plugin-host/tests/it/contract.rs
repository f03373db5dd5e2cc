//! The contract changes in no way that breaks a plugin that was built against a release of it, and
//! all of it is documented.

mod changes;
mod documented;

use std::fs;
use std::path::{Path, PathBuf};

use semver::Version;
use wit_parser::Resolve;

use crate::support::root;
use changes::{Change, changes};
use documented::undocumented;

/// The packages, in the order in which they use one another.
const PACKAGES: [&str; 4] = ["types", "host", "score", "task"];

fn read(folder: &Path) -> Resolve {
    let mut resolve = Resolve::default();
    for package in PACKAGES.map(|package| folder.join(package)) {
        // One that a release did not have yet is new.
        if package.is_dir() {
            resolve.push_dir(&package).unwrap_or_else(|error| panic!("{error:#}"));
        }
    }
    resolve
}

/// The folder of the newest release.
fn newest_release() -> PathBuf {
    let releases = fs::read_dir(root().join("schema/wit/baseline")).unwrap();
    let releases = releases.map(|release| release.unwrap().path());
    let version = |path: &PathBuf| {
        Version::parse(path.file_name().unwrap().to_str().unwrap()).expect("is named by a version")
    };
    releases.max_by_key(version).expect("there is a release")
}

#[test]
fn nothing_is_broken_since_the_newest_release() {
    let found = changes(&read(&newest_release()), &read(&root().join("schema/wit")));
    for change in &found {
        println!("{change}");
    }
    let is_broken = |change: &&Change| matches!(change, Change::Breaking(_));
    let broken: Vec<_> = found.iter().filter(is_broken).map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_package_of_the_contract_is_compared() {
    let folders = fs::read_dir(root().join("schema/wit")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir());
    let mut names: Vec<_> =
        folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.retain(|name| name != "baseline");
    names.sort();
    let mut known = PACKAGES;
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn every_item_of_the_contract_is_documented() {
    let found = undocumented(&read(&root().join("schema/wit")));
    assert!(found.is_empty(), "write `///` above: {}", found.join(", "));
}

/// A small contract: an interface of the host, one of plugins, and a world.
const SMALL: &str = "package small:test@1.0.0;
    interface host { emit: func(text: string); }
    interface plugin {
        record pair { one: u32, two: string }
        variant end { well, badly(string) }
        enum color { red, green }
        flags rights { read, write }
        type many = list<pair>;
        call: func(pair: pair) -> result<many, end>;
    }
    world plugins { import host; export plugin; }";

fn parsed(text: &str) -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_str("small.wit", text).unwrap_or_else(|error| panic!("{error:#}"));
    resolve
}

/// What it means to write one thing in the small contract instead of another.
fn instead(of: &str, now: &str) -> Vec<String> {
    assert!(SMALL.contains(of), "{of}");
    let told = changes(&parsed(SMALL), &parsed(&SMALL.replace(of, now)));
    told.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn is_breaking(of: &str, now: &str, what: &str) {
    let told = instead(of, now);
    assert!(told.iter().any(|one| one.starts_with("BREAKING: ") && one.contains(what)), "{told:?}");
}

#[track_caller]
fn is_added(of: &str, now: &str, added: &[&str]) {
    let added: Vec<_> = added.iter().map(|one| format!("added: {one}")).collect();
    assert_eq!(instead(of, now), added);
}

#[test]
fn an_item_without_docs_is_found() {
    let text = "/// A package.\npackage small:docs@1.0.0;
        /// An interface.\n interface plugin {
        /// A record.\n record pair {\n/// A field.\n one: u32 }
        /// A variant.\n variant end {\n/// A case.\n badly(string) }
        /// An enum.\n enum color {\n/// Its case.\n red }
        /// Flags.\n flags rights {\n/// A flag.\n read }
        /// An alias.\n type many = list<pair>;
        /// A function.\n call: func(pair: pair) -> result<many, end>; }
        /// What uses another.\n interface more { use plugin.{pair}; }
        /// A world.\n world plugins { use plugin.{color}; export plugin;
        /// A function of it.\n export run: func(); }";
    assert!(undocumented(&parsed(text)).is_empty());
    let docs = text.lines().map(str::trim).filter(|line| line.starts_with("///"));
    let found = docs.map(|line| undocumented(&parsed(&text.replacen(line, "", 1))));
    let found: Vec<_> = found.map(|names| names.join(" and ")).collect();
    assert_eq!(
        found.join(" ").replace("small:docs@1.0.0", "."),
        ". ./plugin ./plugin.pair ./plugin.pair.one ./plugin.end ./plugin.end.badly \
         ./plugin.color ./plugin.color.red ./plugin.rights ./plugin.rights.read ./plugin.many \
         ./plugin.call ./more ./plugins ./plugins.run"
    );
}

#[test]
fn docs_and_white_space_may_change() {
    is_added("interface host", "/// What the host offers.\n interface   host", &[]);
    is_added("record pair", "/// A pair.\n record pair", &[]);
}

#[test]
fn what_was_released_is_never_touched() {
    is_breaking("two: string }", "two: string, three: u8 }", "plugin.pair was record<");
    is_breaking("two: string }", "three: string }", "plugin.pair was");
    is_breaking("one: u32, two: string", "two: string, one: u32", "plugin.pair was");
    is_breaking("badly(string)", "badly(string), unknown", "plugin.end was");
    is_breaking("badly(string)", "badly", "plugin.end was");
    is_breaking("red, green", "red, green, blue", "plugin.color was");
    is_breaking("read, write", "read, write, erase", "plugin.rights was");
    is_breaking("list<pair>", "list<u8>", "plugin.many was");
    is_breaking("emit: func(text: string)", "emit: func(text: string, to: u8)", "host.emit was");
    is_breaking("result<many, end>;", "result<many>;", "plugin.call was");
}

#[test]
fn nothing_is_taken_away() {
    is_breaking("emit: func(text: string);", "", "host.emit is gone");
    is_breaking("enum color { red, green }", "", "plugin.color is gone");
    is_breaking("world plugins { import host;", "world plugins {", "import small:test@1/host is g");
    is_breaking("export plugin;", "", "export small:test@1/plugin is gone");
    is_breaking("world plugins {", "world others {", "small:test@1/plugins is gone");
    is_breaking("small:test@1.0.0", "small:test@2.0.0", "small:test@1 is gone");
    is_breaking("small:test@1.0.0", "other:test@1.0.0", "small:test@1 is gone");
}

#[test]
fn the_host_may_offer_more_with_a_minor_version() {
    let more = SMALL.replace("@1.0.0", "@1.1.0").replace("emit:", "more: func(); emit:");
    let told = changes(&parsed(SMALL), &parsed(&more));
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["added: small:test@1 is now minor version 1", "added: small:test@1/host.more"]
    );
    is_breaking("emit:", "more: func(); emit:", "small:test@1 has no new minor version");
}

#[test]
fn a_version_never_goes_back() {
    let newer = parsed(&SMALL.replace("@1.0.0", "@1.2.0"));
    let told = changes(&newer, &parsed(SMALL));
    assert!(matches!(told.as_slice(), [Change::Breaking(_)]), "{told:?}");
}

#[test]
fn plugins_are_never_asked_for_a_function_that_they_do_not_have() {
    is_breaking("call:", "more: func(); call:", "interface that plugins export");
    is_breaking("export plugin;", "export plugin; export run: func();", "do not export it");
}

#[test]
fn types_interfaces_and_worlds_may_be_added() {
    is_added("enum color", "enum size { small } enum color", &["small:test@1/plugin.size"]);
    let more = "interface more { type id = u32; ask: func(); } world plugins";
    let added = ["small:test@1/more", "small:test@1/more.ask", "small:test@1/more.id"];
    is_added("world plugins", more, &added);
    let more = "interface more { ask: func(); } world others { export more; } world plugins";
    let added = [
        "small:test@1/more",
        "small:test@1/more.ask",
        "small:test@1/others",
        "small:test@1/others.export small:test@1/more",
    ];
    is_added("world plugins", more, &added);
}

#[test]
fn an_interface_does_not_change_sides() {
    is_breaking("import host; export plugin;", "export host; export plugin;", "changed sides");
}
