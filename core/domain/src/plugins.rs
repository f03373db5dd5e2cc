//! Plugins: what somebody else wrote, and what a workspace lets it do.
//!
//! Installing takes two steps: a file becomes a [`plan`], which says what it would change and what
//! it asks for; somebody who may agrees, and it runs. The version before stays, to go back to. What
//! a file is, whoever has looked into it says; this module never runs one.

pub mod document;
pub mod file;
pub mod invocation;
pub mod misfit;
pub mod operation;
pub mod plan;
pub mod plugin;
pub mod report;
pub mod task_type;
pub mod usage;
pub mod version;

use std::collections::BTreeSet;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde_json::Value as Json;

/// The operations that a type of tasks can ask for: each has a schema in `schema/json/operations`.
pub const OPERATIONS: [&str; 10] = [
    "create-goal",
    "create-interaction",
    "create-milestone",
    "create-task",
    "notify",
    "reach-milestone",
    "record-metric",
    "repeat-stage",
    "return-stage",
    "set-attribute",
];

/// What a plugin is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PluginKind {
    /// Computes how accounts do.
    HealthScore,
    /// A type of tasks.
    TaskType,
}

/// What somebody who looked into a file says of it: it was loaded, and its fixtures hold.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// `publisher.name`.
    pub key: String,
    /// What it is for.
    pub kind: PluginKind,
    /// Its version (Semantic Versioning 2.0).
    pub number: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// What it says of itself.
    pub manifest: Json,
    /// The file.
    pub content: Vec<u8>,
}

/// The part of a manifest that is the JSON Schema of a document, `config` or `outcome`.
pub fn schema<'m>(manifest: &'m Json, document: &str) -> Option<&'m Json> {
    manifest.get(document).filter(|schema| !schema.is_null())
}

/// The kinds of operations that a manifest asks for.
pub fn asked(manifest: &Json) -> BTreeSet<String> {
    let capabilities = manifest["capabilities"].as_array().into_iter().flatten();
    capabilities.filter_map(|one| one["operation"].as_str().map(str::to_owned)).collect()
}
