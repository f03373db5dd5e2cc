//! What the tests have in common: plugins of `tests/hostile`, hosts to run them on, and the proof
//! that a plugin that behaves notices nothing of one that does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::error::{CallError, LoadError};
use jornada_plugin_host::health_score::{Batch, Description, HealthScore, Moment, Scores};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::Manifest;
use jornada_plugin_host::package::{PackageError, package};
use jornada_plugin_host::task_type::TaskType;
use jornada_plugin_host::{Component, Host, Limits, Settings};
use serde_json::{Value as Json, json};
use wit_component::StringEncoding;
use wit_parser::Resolve;

pub(crate) const SCORE: &str = "health-score";
pub(crate) const TASK: &str = "task-type";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder for one test, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// A manifest of this kind, as JSON.
pub(crate) fn manifest(kind: &str) -> Json {
    json!({
        "schema": 1,
        "plugin": { "id": "tests.plugin", "version": "1.0.0", "kind": kind, "title": {"en": "T"} },
    })
}

pub(crate) fn parsed(manifest: &Json) -> Manifest {
    Manifest::parse(manifest.to_string().as_bytes()).unwrap()
}

/// A module that `cargo xtask plugins` has built.
pub(crate) fn built(name: &str) -> Vec<u8> {
    let name = name.replace('-', "_");
    let path = root().join(format!("target/wasm/wasm32-unknown-unknown/release/{name}.wasm"));
    fs::read(&path).unwrap_or_else(|error| {
        panic!("run `cargo xtask plugins` first: {}: {error}", path.display())
    })
}

/// A file of `tests/hostile/wat`.
pub(crate) fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/wat");
    fs::read_to_string(folder.join(name).with_extension("wat")).unwrap()
}

/// A health score around the attack in a file of `tests/hostile/wat`.
pub(crate) fn attack(name: &str) -> Vec<u8> {
    let module = format!("(module {}\n{})", text("frame"), text(name));
    plugin_of(&module).unwrap()
}

/// A health score of a module as text.
pub(crate) fn plugin_of(module: &str) -> Result<Vec<u8>, PackageError> {
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let packages = ["types", "host", "score"]
        .map(|name| resolve.push_dir(root().join("schema/wit").join(name)).unwrap().0);
    let world = resolve.select_world(&packages[2..], Some("health-score-plugin")).unwrap();
    let encoding = StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
    package(&module, &parsed(&manifest(SCORE)))
}

/// The program that compiles for the tests.
pub(crate) fn compiler() -> Compiler {
    let program = env!("CARGO_BIN_EXE_jornada-plugin-compile").into();
    Compiler { program, arguments: Vec::new() }
}

/// A host with these limits. All tests share what is compiled.
pub(crate) fn host(limits: Limits) -> Host {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    Host::new(Settings { limits, compiler: compiler(), cache: Some((cache, [1; 32])) }).unwrap()
}

/// Limits of tests: enough, and soon at their end.
pub(crate) fn limits() -> Limits {
    Limits { calls: 8, fuel_per_call: 20_000_000, ..Limits::default() }
}

pub(crate) fn load(host: &Host, bytes: Vec<u8>) -> Result<Plugin, LoadError> {
    host.load(&Component::inspect(bytes, host.limits())?)
}

/// A health score that must load.
pub(crate) fn score(host: &Host, bytes: Vec<u8>) -> HealthScore {
    match load(host, bytes).unwrap() {
        Plugin::HealthScore(score) => score,
        Plugin::TaskType(_) => panic!("a type of tasks"),
    }
}

/// A type of tasks that must load.
pub(crate) fn task(host: &Host, bytes: Vec<u8>) -> TaskType {
    match load(host, bytes).unwrap() {
        Plugin::TaskType(task) => task,
        Plugin::HealthScore(_) => panic!("a health score"),
    }
}

/// A plugin that cargo has built, with a manifest of this kind.
pub(crate) fn packaged(name: &str, kind: &str) -> Vec<u8> {
    package(&built(name), &parsed(&manifest(kind))).unwrap()
}

pub(crate) fn moment() -> Moment {
    Moment {
        now: "2026-01-23T12:00:00Z".to_owned(),
        today: "2026-01-23".to_owned(),
        zone: "America/Sao_Paulo".to_owned(),
        locale: "pt-BR".to_owned(),
    }
}

/// A batch of one column of numbers.
pub(crate) fn batch(values: &[f64]) -> Batch {
    Batch {
        as_of: moment(),
        rows: u32::try_from(values.len()).unwrap(),
        columns: vec![values.to_vec()],
        dictionaries: vec![Vec::new()],
    }
}

/// Whether a file names a source by where it stood on the machine that built it: by a path from the
/// root, but those of Rust itself.
pub(crate) fn names_its_machine(bytes: &[u8]) -> bool {
    let texts = bytes.split(|byte| !byte.is_ascii_graphic());
    let texts = texts.filter_map(|text| std::str::from_utf8(text).ok());
    let mut paths = texts.flat_map(|text| text.split_inclusive(".rs")).filter_map(from_root);
    paths.any(|path| !path.starts_with("/rustc/") && !path.starts_with("/rust/deps/"))
}

/// The path from the root with which a text that ends as one of a source ends.
fn from_root(text: &str) -> Option<&str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_of_path = |c: char| is_of_name(c) || c == '/';
    let begin = text.rfind(|c| !is_of_path(c)).map_or(0, |at| at + 1);
    let path = &text[begin..];
    let root = path.find('/').filter(|at| !path[..*at].ends_with(is_of_name))?;
    path.ends_with(".rs").then(|| &path[root..])
}

#[test]
fn a_path_of_the_machine_is_found() {
    for (text, is_found) in [
        ("panicked at /ana/plugin/src/lib.rs:3", true),
        ("\u{1}/ana/.cargo/registry/src/x/lib.rs\u{2}", true),
        ("cargo/registry/src/serde/lib.rs", false),
        ("/rustc/59807616/library/core/src/option.rs", false),
        ("plugin/src/lib.rs and /fixtures", false),
    ] {
        assert_eq!(names_its_machine(text.as_bytes()), is_found, "{text}");
    }
}

/// A plugin that behaves, and what it answers when it is alone.
pub(crate) struct Healthy {
    plugin: HealthScore,
    description: Description,
    batch: Batch,
    alone: (Scores, u64),
}

const CONFIG: &str = r#"{"good": 40}"#;

impl Healthy {
    pub(crate) fn on(host: &Host) -> Self {
        let plugin = score(host, packaged("steady", SCORE));
        let description = plugin.describe(CONFIG).answer.unwrap();
        let batch = Batch {
            as_of: moment(),
            rows: 3,
            columns: vec![vec![10.0, 25.0, 80.0], vec![0.0, 1.0, f64::NAN], vec![1.0, 0.0, 1.0]],
            dictionaries: vec![Vec::new(), vec!["year".into(), "month".into()], Vec::new()],
        };
        let called = plugin.score(CONFIG, &description, &batch);
        let alone = (called.answer.unwrap(), called.invocation.fuel);
        assert_eq!(alone.0.values, [55.0, 47.5, 80.0]);
        Self { plugin, description, batch, alone }
    }

    /// Asks again: the same answer, for the same fuel.
    pub(crate) fn is_as_ever(&self) {
        let called = self.plugin.score(CONFIG, &self.description, &self.batch);
        assert_eq!((called.answer.unwrap(), called.invocation.fuel), self.alone);
    }

    /// Asks again, where all places may be taken.
    pub(crate) fn finds_a_place(&self) -> bool {
        match self.plugin.score(CONFIG, &self.description, &self.batch).answer {
            Ok(_) => true,
            Err(error) => {
                assert_eq!((error.code(), error), ("BUSY", CallError::Busy));
                false
            }
        }
    }
}

/// Does something hostile on a host on which a plugin that behaves is called before, all the while
/// and after: it must notice nothing.
pub(crate) fn unnoticed<T: Send>(limits: Limits, hostile: impl FnOnce(&Host) -> T + Send) -> T {
    let host = host(limits);
    let healthy = Healthy::on(&host);
    let is_over = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        let meanwhile = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                healthy.is_as_ever();
            }
        });
        // Also when it panics, or the other thread would never end.
        let result = scope.spawn(|| hostile(&host)).join();
        is_over.store(true, Ordering::Relaxed);
        meanwhile.join().expect("the plugin that behaves was disturbed");
        result
    });
    healthy.is_as_ever();
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
