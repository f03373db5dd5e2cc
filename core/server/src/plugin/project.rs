//! The folder of a plugin: `plugin.toml`, `input.graphql`, `fixtures/*.json`, and a crate.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use jornada_plugin_host::host::Plugin;
use jornada_plugin_host::manifest::{Fixture, MOST_FIXTURES, Manifest};
use jornada_plugin_host::package::package;
use jornada_plugin_host::{Called, Component, Host};
use serde_json::{Value as Json, json};

use super::inspect;

/// What plugins are compiled for: no operating system, no import but those of the contract.
const TARGET: &str = "wasm32-unknown-unknown";

/// The folder of a plugin.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
    /// The home of cargo, of which nothing may stand in the plugin.
    cargo_home: Option<PathBuf>,
}

/// A plugin that was built, and loaded once to see that it can be.
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// What stands in it.
    pub component: Component,
    /// It, ready to be called.
    pub plugin: Plugin,
}

impl Built {
    /// The plugin in a file.
    pub fn read(bytes: Vec<u8>, host: &Host) -> Result<Self> {
        let component = Component::inspect(bytes.clone(), host.limits())?;
        let plugin = host.load(&component)?;
        Ok(Self { bytes, component, plugin })
    }
}

impl Project {
    /// The project in a folder, which has a `plugin.toml`.
    pub fn open(folder: &Path, cargo_home: Option<PathBuf>) -> Result<Self> {
        if !folder.join("plugin.toml").is_file() {
            bail!(
                "{} has no plugin.toml: go to the folder of a plugin, or begin one with \
                 `jornada plugin new`",
                folder.display()
            );
        }
        let folder = fs::canonicalize(folder)?;
        Ok(Self { folder, cargo_home })
    }

    /// What the plugin says of itself, without the schemas, which only it knows.
    pub fn manifest(&self) -> Result<Manifest> {
        let path = self.folder.join("plugin.toml");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut manifest: Json = toml::from_str(&text).context("plugin.toml")?;
        let query = self.folder.join("input.graphql");
        if query.is_file() {
            manifest["input"] = fs::read_to_string(&query).context("input.graphql")?.into();
        }
        manifest["fixtures"] =
            json!(self.fixtures()?.into_iter().map(|(_, one)| one).collect::<Vec<_>>());
        let bytes = serde_json::to_vec(&manifest)?;
        Manifest::parse(&bytes).map_err(|told| anyhow!("plugin.toml: {told}"))
    }

    /// The fixtures, by the names of their files.
    pub fn fixtures(&self) -> Result<Vec<(PathBuf, Fixture)>> {
        let folder = self.folder.join("fixtures");
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).context("fixtures")?;
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.retain(|path| path.extension() == Some(OsStr::new("json")));
        paths.sort();
        if paths.len() > MOST_FIXTURES {
            bail!("fixtures: {} files, of which there can be {MOST_FIXTURES}", paths.len());
        }
        let read = |path: PathBuf| {
            let fixture = read_fixture(&path).with_context(|| path.display().to_string())?;
            Ok((path, fixture))
        };
        paths.into_iter().map(read).collect()
    }

    /// Compiles the crate, makes a plugin of it, loads that, and puts the schemas that it tells
    /// into its manifest.
    pub fn build(&self, host: &Host) -> Result<Built> {
        let module = self.module()?;
        let mut manifest = self.manifest()?;
        inspect::check(&manifest)?;
        let component = Component::inspect(package(&module, &manifest)?, host.limits())?;
        let plugin = host.load(&component)?;
        let (config, outcome) = match &plugin {
            Plugin::HealthScore(score) => (schema("config", score.config_schema())?, None),
            Plugin::TaskType(task) => (
                schema("config", task.config_schema())?,
                Some(schema("outcome", task.outcome_schema())?),
            ),
        };
        manifest.config = Some(config);
        manifest.outcome = outcome;
        // The code is what was loaded: only the manifest beside it is another one.
        let bytes = package(&module, &manifest)?;
        let component = Component::inspect(bytes.clone(), host.limits())?;
        Ok(Built { bytes, component, plugin })
    }

    /// Where the plugin is put: `dist/publisher.name-1.0.0.wasm`.
    pub fn file(&self, manifest: &Manifest) -> PathBuf {
        let about = &manifest.plugin;
        self.folder.join("dist").join(format!("{}-{}.wasm", about.id, about.version))
    }

    /// Flags by which the places of panics are the same wherever the plugin is built, and name no
    /// folder of its author.
    fn remapped(&self) -> String {
        let homes = self.cargo_home.clone().map(|home| (home, "cargo"));
        let sdk = self.sdk().map(|sdk| (sdk, "sdk"));
        let homes = homes.into_iter().chain([(self.folder.clone(), "plugin")]).chain(sdk);
        let flags = homes.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
        flags.collect::<Vec<_>>().join("\u{1f}")
    }

    /// Where the SDK is, which need not be within the folder.
    fn sdk(&self) -> Option<PathBuf> {
        let output = Command::new("cargo")
            .current_dir(&self.folder)
            .args(["metadata", "--format-version", "1"])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let told: Json = serde_json::from_slice(&output.stdout).ok()?;
        let packages = told["packages"].as_array()?;
        let sdk = packages.iter().find(|one| one["name"] == "jornada-plugin-sdk")?;
        Path::new(sdk["manifest_path"].as_str()?).parent().map(Path::to_path_buf)
    }

    /// What cargo makes of the crate.
    fn module(&self) -> Result<Vec<u8>> {
        add_target()?;
        let output = Command::new("cargo")
            .current_dir(&self.folder)
            .args(["build", "--release", "--target", TARGET])
            .args(["--message-format", "json-render-diagnostics"])
            .env("CARGO_ENCODED_RUSTFLAGS", self.remapped())
            .stderr(Stdio::inherit())
            .output()
            .context("cargo does not start: install Rust from https://rustup.rs")?;
        if !output.status.success() {
            bail!("the crate does not compile; cargo says why above");
        }
        let path = artifact(&output.stdout, &self.folder.join("Cargo.toml"))?;
        fs::read(&path).with_context(|| path.display().to_string())
    }
}

/// Rust can compile for [`TARGET`] when rustup has added it. Without rustup, cargo says what is
/// missing.
fn add_target() -> Result<()> {
    let Ok(installed) = Command::new("rustup").args(["target", "list", "--installed"]).output()
    else {
        return Ok(());
    };
    if String::from_utf8_lossy(&installed.stdout).lines().any(|line| line.trim() == TARGET) {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status()?;
    if !added.success() {
        bail!("Rust cannot compile for {TARGET}: run `rustup target add {TARGET}`");
    }
    Ok(())
}

/// The module among what cargo tells of the crate with this manifest.
fn artifact(told: &[u8], manifest: &Path) -> Result<PathBuf> {
    let lines = String::from_utf8_lossy(told);
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let ours = messages.filter(|message| {
        message["reason"] == "compiler-artifact"
            && message["manifest_path"].as_str().map(Path::new) == Some(manifest)
    });
    let files =
        ours.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    let mut modules = paths.filter(|path| path.extension() == Some(OsStr::new("wasm")));
    modules.next().context("the crate makes no module: its [lib] has crate-type = [\"cdylib\"]")
}

fn read_fixture(path: &Path) -> Result<Fixture> {
    let mut fixture: Json = serde_json::from_slice(&fs::read(path)?)?;
    let name = path.file_stem().and_then(OsStr::to_str).context("its name is no text")?;
    let members = fixture.as_object_mut().context("it is no object")?;
    members.insert("name".to_owned(), json!(name));
    Ok(serde_json::from_value(fixture)?)
}

fn schema(of: &str, called: Called<String>) -> Result<Json> {
    let text = called.answer.with_context(|| format!("the schema of the {of}"))?;
    serde_json::from_str(&text).with_context(|| format!("the schema of the {of}"))
}
