//! Plugins in tests: the files that were released, and how they are compiled.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::Manifest;
use jornada_plugin_host::package::package;
use jornada_plugin_host::{Called, Component, Host, Limits, Settings};
use jornada_server::plugin::COMPILE;
use jornada_server::plugin::project::Project;
use serde_json::{Value as Json, json};

/// The key of the folder of compiled plugins, which all tests share.
const KEY: [u8; 32] = [7; 32];

/// How plugins are run in tests: compiled by the real program, once for all tests.
pub(crate) fn settings() -> Settings {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_jornada"));
    let arguments = COMPILE.map(str::to_owned).to_vec();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    // A test makes few calls at a time, and there are many tests.
    let limits = Limits { calls: 8, ..Limits::default() };
    Settings { limits, compiler: Compiler { program, arguments }, cache: Some((folder, KEY)) }
}

/// A file of `plugins/released`, by the name of the plugin.
pub(crate) fn released(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/released/sdk-0.1.0");
    let path = folder.join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The same as a mutation takes it.
pub(crate) fn in_base64(name: &str) -> String {
    BASE64.encode(released(name))
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A type of tasks of `plugins`, as whoever installs it gets it.
pub(crate) fn first_party(name: &str) -> Vec<u8> {
    let project = Project::open(&root().join("plugins").join(name), None);
    let manifest = project.and_then(|project| project.manifest());
    packaged(name, json!(manifest.expect("its manifest is sound")))
}

/// A type of tasks of a module that `cargo xtask plugins` has built, with this manifest and the
/// schemas that it tells.
pub(crate) fn packaged(module: &str, mut manifest: Json) -> Vec<u8> {
    let name = module.replace('-', "_");
    let path = root().join(format!("target/wasm/wasm32-unknown-unknown/release/{name}.wasm"));
    let module = std::fs::read(&path).unwrap_or_else(|error| {
        panic!("run `cargo xtask plugins` first: {}: {error}", path.display())
    });
    let made = |manifest: &Json| {
        let manifest = Manifest::parse(manifest.to_string().as_bytes());
        package(&module, &manifest.expect("it is sound")).expect("it fits the contract")
    };
    let host = Host::new(settings()).expect("a host starts");
    let component = Component::inspect(made(&manifest), host.limits()).expect("it is sound");
    let Plugin::TaskType(task_type) = host.load(&component).expect("it loads") else {
        panic!("a health score");
    };
    let schema = |told: Called<String>| {
        let told = told.answer.expect("it tells its schemas");
        serde_json::from_str::<Json>(&told).expect("it is JSON")
    };
    manifest["config"] = schema(task_type.config_schema());
    manifest["outcome"] = schema(task_type.outcome_schema());
    made(&manifest)
}
