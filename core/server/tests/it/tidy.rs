//! The rules of the house that are rules about text, executed.
//!
//! What the compiler and clippy can check, they check; what `cargo tree` can tell, `cargo xtask
//! test` asks. The rest is here: a rule is a pure function from the path and text of a file to
//! its findings, one test holds the repository to it, and another feeds it a violation, since a
//! rule that cannot fail protects nothing.

mod layers;
mod repository;
mod rust;
mod style;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A text file of the repository, its path relative to the root and with `/` everywhere.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A place where a file breaks a rule.
#[derive(Debug, PartialEq)]
struct Finding {
    line: usize,
    message: String,
}

type Rule = fn(&str, &str) -> Vec<Finding>;

/// Fails with all findings of a rule at once, in the form editors can jump to.
fn assert_holds(rule: Rule, files: &[File]) {
    let mut report = String::new();
    for File { path, text } in files {
        for Finding { line, message } in rule(path, text) {
            report += &format!("\n{path}:{line}: {message}");
        }
    }
    assert!(report.is_empty(), "the tidy rules are broken:{report}");
}

/// Asserts that a rule finds something in a snippet, which the companion of every rule does.
#[track_caller]
fn assert_caught(rule: Rule, path: &str, text: &str) {
    assert!(!rule(path, text).is_empty(), "not caught in {path}: {text}");
}

/// Asserts that a rule leaves a snippet alone.
#[track_caller]
fn assert_passes(rule: Rule, path: &str, text: &str) {
    assert_eq!(rule(path, text), [], "caught in {path}: {text}");
}

/// Every Rust file of the repository.
pub(crate) fn rust_files() -> Vec<File> {
    let mut files = text_files();
    files.retain(|file| file.path.ends_with(".rs"));
    files
}

/// Every text file of the repository but those git ignores.
fn text_files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let ignored = fs::read_to_string(root.join(".gitignore")).expect("there is a .gitignore");
    let mut files = Vec::new();
    walk(&root, "", &ignored, &mut files);
    files
}

fn walk(directory: &Path, prefix: &str, ignored: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).expect("directories of the repository can be read") {
        let entry = entry.expect("entries of the repository can be read");
        let kind = entry.file_type().expect("entries have a type");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if is_ignored(&path, ignored) {
            continue;
        }
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), ignored, files);
        } else if kind.is_file() {
            match fs::read_to_string(entry.path()) {
                Ok(text) => files.push(File { path, text }),
                Err(error) if error.kind() == ErrorKind::InvalidData => {} // Not text.
                Err(error) => panic!("cannot read {path}: {error}"),
            }
        }
    }
}

/// The part of the rules of `.gitignore` that ours uses: `/path`, `name`, and `*ending`.
fn is_ignored(path: &str, ignored: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let matches = |pattern: &str| match (pattern.strip_prefix('/'), pattern.strip_prefix('*')) {
        (Some(anchored), _) => path == anchored,
        (_, Some(ending)) => name.ends_with(ending),
        _ => name == pattern,
    };
    let patterns = ignored.lines().map(|line| line.trim().trim_end_matches('/'));
    name == ".git" || patterns.filter(|pattern| !pattern.is_empty()).any(matches)
}

#[test]
fn the_walk_finds_source_and_leaves_out_what_is_built() {
    let files = text_files();
    assert!(files.iter().any(|file| file.path == "core/server/tests/it/tidy.rs"));
    assert!(files.iter().any(|file| file.path == "Cargo.toml"));
    assert!(!files.iter().any(|file| file.path.starts_with("target/")));
    assert!(!files.iter().any(|file| file.path.starts_with(".git/")));
}

#[test]
fn ignored_files_are_recognised_as_git_does() {
    let ignored = "/target\n*.sqlite\nnode_modules/\n";
    for path in ["target", "data/jornada.sqlite", "examples/web/node_modules", ".git"] {
        assert!(is_ignored(path, ignored), "{path}");
    }
    for path in ["xtask/target", "target.rs", "core/sqlite.rs", ".gitignore"] {
        assert!(!is_ignored(path, ignored), "{path}");
    }
}
