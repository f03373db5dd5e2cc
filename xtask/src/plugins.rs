//! `cargo xtask plugins`: builds what is WebAssembly here, the first-party plugins and the plugins
//! for the tests of the host, into `target/wasm`. Tests read them there and do not build by
//! themselves: a test that runs cargo waits for the one that runs the test.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, cargo, root};
use crate::environment;

/// What plugins are compiled for: no operating system, no imports but those of the contract.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The workspaces whose members are plugins.
const WORKSPACES: [&str; 2] = ["plugins", "core/plugin-host/tests/hostile"];

/// The workspaces that are checked, and whether they have tests that run on the machine itself.
const CHECKED: [(&str, bool); 3] =
    [("plugin-sdk", true), ("plugins", true), ("core/plugin-host/tests/hostile", false)];

/// Adds the target where it is missing, and builds all of them.
pub(crate) fn run() -> Result<()> {
    require_target()?;
    for workspace in WORKSPACES {
        cargo::run(&mut build(workspace))?;
    }
    Ok(())
}

fn build(workspace: &str) -> Command {
    let mut command = cargo(["build", "--release", "--target", TARGET]);
    within(&mut command, workspace).env("CARGO_ENCODED_RUSTFLAGS", remapped());
    command
}

/// Flags by which the places of panics are the same wherever a plugin is built, and name no folder
/// of the machine.
fn remapped() -> String {
    let homes = environment::cargo_home().into_iter().map(|home| (home, "cargo"));
    let homes = homes.chain([(root().to_owned(), "jornada")]);
    let flags = homes.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// What is checked of the workspace of the server is checked of the SDK and of plugins, too.
pub(crate) fn check() -> Result<()> {
    for (workspace, has_tests) in CHECKED {
        let manifest = manifest(workspace);
        cargo::run(cargo(["fmt", "--all", "--check", "--manifest-path"]).arg(manifest))?;
        let mut clippy = cargo(["clippy", "--workspace", "--all-targets"]);
        cargo::run(within(&mut clippy, workspace).args(["--", "-D", "warnings"]))?;
        if has_tests {
            cargo::run(within(&mut cargo(["test", "--workspace"]), workspace))?;
        }
    }
    Ok(())
}

fn manifest(workspace: &str) -> PathBuf {
    root().join(workspace).join("Cargo.toml")
}

/// A command about another workspace of this repository; all of them share one folder.
fn within<'c>(command: &'c mut Command, workspace: &str) -> &'c mut Command {
    command.arg("--manifest-path").arg(manifest(workspace));
    command.arg("--target-dir").arg(root().join("target/wasm"))
}

/// rustup adds the target by itself only where it installs the toolchain.
fn require_target() -> Result<()> {
    if is_there(&sysroot()?) {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(root()).args(["target", "add", TARGET]);
    let told = format!("Rust cannot compile for {TARGET}: `rustup target add {TARGET}`");
    cargo::run(&mut rustup).context(told)?;
    if !is_there(&sysroot()?) {
        bail!("rustup has added {TARGET} to another toolchain than the one of this folder");
    }
    Ok(())
}

fn sysroot() -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root()).args(["--print", "sysroot"]);
    Ok(PathBuf::from(cargo::output(&mut rustc)?.trim()))
}

fn is_there(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workspace_of_plugins_is_there() {
        for workspace in WORKSPACES.into_iter().chain(CHECKED.map(|(workspace, _)| workspace)) {
            assert!(manifest(workspace).is_file(), "{workspace}");
        }
    }

    #[test]
    fn a_plugin_names_no_folder_of_the_machine_that_built_it() {
        let root = format!("--remap-path-prefix={}=jornada", root().display());
        assert!(remapped().split('\u{1f}').any(|flag| flag == root));
        assert!(remapped().contains("=cargo"));
    }

    #[test]
    fn a_toolchain_without_the_target_is_recognised() {
        assert!(!is_there(Path::new("/nowhere")));
    }
}
