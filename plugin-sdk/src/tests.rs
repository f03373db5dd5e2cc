//! What others build on, compared with the code: the packages of the contract, the JSON Schemas
//! that are made of the Rust types, and the examples. `BLESS=1 cargo test` writes the schemas.

mod examples;

use std::path::{Path, PathBuf};

use crate::task_type::{operation_schemas, task_schema};
use serde_json::Value as Json;

/// The folder of what others build on; not there where the SDK was copied into another project.
fn schema() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    folder.join("wit").is_dir().then_some(folder)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("baseline") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_contract_is_the_one_of_the_platform() {
    let Some(schema) = schema() else { return };
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    let theirs = schema.join("wit");
    let names = |folder: &Path| -> Vec<PathBuf> {
        let each = files(folder, "wit").into_iter();
        each.map(|path| path.strip_prefix(folder).unwrap().to_owned()).collect()
    };
    assert_eq!(names(&ours), names(&theirs));
    for name in names(&ours) {
        let read = |folder: &Path| std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(read(&ours) == read(&theirs), "{} differs", name.display());
    }
}

#[test]
fn the_schemas_of_operations_and_tasks_are_those_of_the_code() {
    let Some(schema) = schema() else { return };
    let folder = schema.join("json");
    let mut wanted: Vec<(PathBuf, String)> = operation_schemas()
        .into_iter()
        .map(|(kind, schema)| (folder.join(format!("operations/{kind}.json")), text(&schema)))
        .collect();
    wanted.push((folder.join("task-call.json"), text(&task_schema())));
    if option_env!("BLESS").is_some() {
        std::fs::create_dir_all(folder.join("operations")).unwrap();
        for (path, text) in &wanted {
            std::fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &wanted {
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == *text, "{} differs: BLESS=1 writes it", path.display());
    }
    let there = files(&folder.join("operations"), "json");
    assert_eq!(there.len(), wanted.len() - 1, "a schema stands there of which there is no kind");
}

fn text(schema: &Json) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap();
    text.push('\n');
    text
}

#[test]
fn the_kinds_of_the_contract_are_those_of_the_code() {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit/task/task.wit");
    let wit = std::fs::read_to_string(wit).unwrap();
    let start = wit.find("Which: `").unwrap();
    let sentence = &wit[start..start + wit[start..].find("Kinds will be added").unwrap()];
    let mut said: Vec<&str> = sentence.split('`').skip(1).step_by(2).collect();
    let mut known: Vec<_> = operation_schemas().into_iter().map(|(kind, _)| kind).collect();
    said.sort_unstable();
    known.sort_unstable();
    assert_eq!(said, known);
}
