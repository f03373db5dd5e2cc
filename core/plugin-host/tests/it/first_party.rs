//! The plugins of this repository, as whoever installs them gets them: built for WebAssembly, and
//! within the limits of the host. Their native tests run the same fixtures without it.

use std::fs;
use std::path::{Path, PathBuf};

use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::package::package;
use jornada_plugin_host::{Called, Limits, fixture};
use serde_json::Value as Json;

use crate::support::{built, host, load, names_its_machine, parsed, root};

/// Bytes of the largest of them: someone waits for it to be compiled.
const MOST_BYTES: usize = 400_000;

/// The part of the fuel and the memory of a call that one of them may take for a fixture, which
/// has few customers.
const MOST_PERCENT: u64 = 25;

/// The files of a folder with this extension, in order; none where there is no such folder.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|one| one == extension));
    paths.sort();
    paths
}

/// The manifest in the folder of a plugin, with the fixtures beside it.
fn manifest(folder: &Path) -> Json {
    let text = fs::read_to_string(folder.join("plugin.toml")).unwrap();
    let mut manifest: Json = toml::from_str(&text).unwrap();
    if let Ok(query) = fs::read_to_string(folder.join("input.graphql")) {
        manifest["input"] = query.into();
    }
    let fixtures = files(&folder.join("fixtures"), "json");
    let fixtures = fixtures.iter().map(|path| {
        let mut fixture: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        fixture["name"] = path.file_stem().unwrap().to_str().unwrap().into();
        fixture
    });
    manifest["fixtures"] = fixtures.collect();
    manifest
}

fn schema(called: Called<String>) -> Json {
    serde_json::from_str(&called.answer.unwrap()).unwrap()
}

#[test]
fn every_fixture_holds_in_the_host_and_takes_a_small_part_of_what_it_may() {
    let host = host(Limits::default());
    let folders = fs::read_dir(root().join("plugins")).unwrap().map(|entry| entry.unwrap().path());
    for folder in folders.filter(|folder| folder.join("plugin.toml").is_file()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let manifest = parsed(&manifest(&folder));
        let bytes = package(&built(name), &manifest).unwrap();
        assert!(bytes.len() <= MOST_BYTES, "{name} has {} bytes", bytes.len());
        assert!(!names_its_machine(&bytes), "{name} is not built by `cargo xtask plugins`");
        let plugin = load(&host, bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        match &plugin {
            Plugin::HealthScore(score) => assert!(schema(score.config_schema()).is_object()),
            Plugin::TaskType(task) => {
                assert!(schema(task.config_schema()).is_object());
                assert!(schema(task.outcome_schema()).is_object());
            }
        }
        for outcome in fixture::run_all(&plugin, &manifest.fixtures) {
            let told = format!("{name}: {}: {:#?}", outcome.name, outcome.differences);
            assert!(outcome.is_passed(), "{told}");
            let taken = outcome.budget.unwrap();
            let fuel = taken.fuel * 100 / taken.fuel_limit;
            let memory = taken.peak_memory * 100 / taken.memory_limit;
            assert!(fuel.max(memory) <= MOST_PERCENT, "{told}: {taken:?}");
        }
    }
}
