//! Rules about the repository as a whole: nothing of one machine, dependencies with a reason,
//! migrations that run, and a README that names the commands.

use super::rust::{code_of, mentions};
use super::{Finding, assert_caught, assert_holds, assert_passes, text_files};

/// Directories that exist only on the machine of whoever wrote the line. Written in two halves,
/// so that this file keeps the rule.
const MACHINE_PATHS: [&str; 3] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

fn no_machine_paths(_path: &str, text: &str) -> Vec<Finding> {
    let begins_path = |line: &str, at: usize| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.~*)}>".contains(c))
    };
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for path in MACHINE_PATHS {
            if line.match_indices(path).any(|(at, _)| begins_path(line, at)) {
                let message = format!("`{path}` exists on one machine only");
                findings.push(Finding { line: index + 1, message });
            }
        }
    }
    findings
}

/// A dependency stands under a comment `# name, other-name: what for`; our own crates, which are
/// there by their path, speak for themselves.
fn dependencies_have_reasons(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut section, mut named, mut in_comment) = ("", Vec::new(), false);
    let lines = if path == "Cargo.toml" { text } else { "" };
    for (index, line) in lines.lines().enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            if !in_comment {
                named.clear();
            }
            let names = comment.split_once(':').map_or("", |(names, _)| names);
            named.extend(names.split(',').map(str::trim));
        } else if line.is_empty() {
            named.clear();
        } else if line.starts_with('[') {
            section = line;
        } else if let Some((name, value)) = declared(line) {
            let is_external = section == "[workspace.dependencies]" && !value.contains("path =");
            if is_external && !named.contains(&name) {
                let message = format!("say above it what for: `# {name}: …`");
                findings.push(Finding { line: index + 1, message });
            }
        }
        in_comment = line.starts_with('#');
    }
    findings
}

/// The name and value of a line `name = value`; further lines of a value are indented or close it.
fn declared(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" = ")?;
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some((name, value))
}

fn readme_names_the_commands(path: &str, text: &str) -> Vec<Finding> {
    let commands = ["cargo xtask demo", "cargo xtask test"];
    let missing =
        commands.iter().filter(|command| path == "README.md" && !text.contains(**command));
    missing.map(|command| Finding { line: 1, message: format!("name `{command}`") }).collect()
}

/// The migrations that are not both declared and listed in `lib.rs`, and so would never run.
fn unregistered<'a>(paths: &[&'a str], lib: &str) -> Vec<&'a str> {
    let code = code_of(lib);
    let names = paths.iter().filter_map(|path| {
        let name = path.strip_prefix("migrations/src/")?.strip_suffix(".rs")?;
        name.starts_with('m').then_some(name)
    });
    let is_registered = |name: &str| {
        mentions(&code, &format!("mod {name};")) && mentions(&code, &format!("{name}::Migration"))
    };
    names.filter(|name| !is_registered(name)).collect()
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    assert_holds(no_machine_paths, &text_files());
}

#[test]
fn every_dependency_says_what_it_is_for() {
    assert_holds(dependencies_have_reasons, &text_files());
}

#[test]
fn the_readme_names_both_commands() {
    let files = text_files();
    assert!(files.iter().any(|file| file.path == "README.md"), "there is no README.md");
    assert_holds(readme_names_the_commands, &files);
}

#[test]
fn every_migration_is_registered() {
    let files = text_files();
    let lib = files.iter().find(|file| file.path == "migrations/src/lib.rs");
    let lib = lib.expect("migrations have a lib.rs");
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(unregistered(&paths, &lib.text), [""; 0], "declare and list them in lib.rs");
}

#[test]
fn a_path_of_one_machine_is_caught_but_not_a_path_that_ends_alike() {
    for path in MACHINE_PATHS {
        assert_caught(no_machine_paths, "README.md", &format!("cd {path}jornada\n"));
        assert_caught(no_machine_paths, "a.toml", &format!("data = \"{path}data\"\n"));
        assert_passes(no_machine_paths, "a.rs", &format!("use the directory src{path}mod.rs\n"));
    }
}

#[test]
fn a_dependency_without_a_reason_is_caught() {
    let manifest = |lines: &str| format!("[workspace.dependencies]\n{lines}");
    for lines in [
        "serde = \"1\"\n",
        "# json: documents.\nserde = \"1\"\n",
        "# serde: documents.\n\nserde = \"1\"\n",
        "# serde: documents.\nserde = \"1\"\n# csv: imports.\nserde_json = \"1\"\n",
    ] {
        assert_caught(dependencies_have_reasons, "Cargo.toml", &manifest(lines));
    }
    for lines in [
        "# serde, csv: documents.\nserde = { features = [\n  \"derive\",\n] }\ncsv = \"1\"\n",
        "# Tests only.\n# insta: snapshots.\ninsta = \"1\"\n",
        "jornada-domain = { path = \"core/domain\" }\n",
        "# serde: documents.\nserde = \"1\"\n\n[profile.dev]\ndebug = 1\n",
    ] {
        assert_passes(dependencies_have_reasons, "Cargo.toml", &manifest(lines));
    }
}

#[test]
fn a_readme_without_a_command_is_caught() {
    assert_caught(readme_names_the_commands, "README.md", "Run `cargo xtask demo`.\n");
    let both = "Run `cargo xtask demo` and `cargo xtask test`.\n";
    assert_passes(readme_names_the_commands, "README.md", both);
}

#[test]
fn a_migration_that_would_never_run_is_caught() {
    let paths = ["migrations/src/lib.rs", "migrations/src/m1_accounts.rs"];
    let listed = "vec![Box::new(m1_accounts::Migration)]";
    assert_eq!(unregistered(&paths, "mod m1_accounts;\n"), ["m1_accounts"]);
    assert_eq!(unregistered(&paths, &format!("// mod m1_accounts;\n{listed}")), ["m1_accounts"]);
    assert_eq!(unregistered(&paths, &format!("mod m1_accounts;\n{listed}")), [""; 0]);
}
