//! What a plugin says of itself: who made it, what it takes, what it asks for and why. It stands in
//! the file itself, so that one digest covers both.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::component::Kind;

/// The custom section of the component in which the manifest stands.
pub(crate) const SECTION: &str = "jornada:manifest";

/// The form of manifests that is written today. Older ones are still read.
pub const SCHEMA: u32 = 1;

/// A text by the language it is written in, `pt-BR` or `en`.
pub type Texts = BTreeMap<String, String>;

/// The manifest as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form, [`SCHEMA`].
    pub schema: u32,
    /// Who and what it is.
    pub plugin: About,
    /// JSON Schema of its configuration; without one, it takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Json>,
    /// JSON Schema of what is said when a task is completed; only for types of tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Json>,
    /// A GraphQL query over the schema of the platform, whose answer it gets; only for types of
    /// tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// What it will do with.
    #[serde(default)]
    pub limits: Wanted,
    /// Calls with the answers that they must give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixtures: Vec<Fixture>,
}

/// Who and what a plugin is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// `publisher.name`, in lower-case letters, digits and hyphens.
    pub id: String,
    /// Its version (Semantic Versioning 2.0).
    pub version: Version,
    /// What it is for.
    pub kind: Kind,
    /// What people call it.
    pub title: Texts,
    /// What it does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub description: Texts,
    /// An SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where one reads more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
}

/// Something that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// A kind of operation, for example `create-task`.
    pub operation: String,
    /// What for: it is shown to whoever grants it.
    pub reason: Texts,
}

/// What a plugin will do with; it never gets more than the operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Bytes of all memories and tables of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Fuel of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel_per_call: Option<u64>,
    /// Fuel for each account of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel_per_row: Option<u64>,
}

/// A call and the answer that it must give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What it shows.
    pub name: String,
    /// Which function of the contract.
    pub function: String,
    /// What it is called with.
    pub input: Json,
    /// What it must answer; numbers may differ by a millionth.
    pub expect: Json,
}

impl Manifest {
    /// Reads a manifest as it stands in a file, or says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            schema: u32,
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if form.schema != SCHEMA {
            let schema = form.schema;
            return Err(format!("its form is {schema}, and this server reads {SCHEMA}"));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match manifest.problems().as_slice() {
            [] => Ok(manifest),
            problems => Err(problems.join("; ")),
        }
    }

    /// All that is wrong with it, each with the field that it is about.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let About { id, kind, title, .. } = &self.plugin;
        let parts: Vec<_> = id.split('.').collect();
        if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) || id.len() > 100 {
            let told = "is `publisher.name`, in lower-case letters, digits and hyphens";
            problems.push(format!("plugin.id: {told}"));
        }
        require_texts("plugin.title", title, &mut problems);
        let is_task = *kind == Kind::TaskType;
        for (field, is_there) in
            [("outcome", self.outcome.is_some()), ("input", self.input.is_some())]
        {
            if is_there && !is_task {
                problems.push(format!("{field}: only types of tasks have one"));
            }
        }
        if !self.capabilities.is_empty() && !is_task {
            problems.push("capabilities: a health score only computes".to_owned());
        }
        for (place, capability) in self.capabilities.iter().enumerate() {
            let path = format!("capabilities.{place}");
            if !is_name(&capability.operation) {
                problems.push(format!("{path}.operation: is a name like `create-task`"));
            }
            require_texts(&format!("{path}.reason"), &capability.reason, &mut problems);
        }
        problems
    }
}

fn is_name(text: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_fine)
}

fn require_texts(path: &str, texts: &Texts, problems: &mut Vec<String>) {
    if texts.is_empty() || texts.values().any(|text| text.trim().is_empty() || text.len() > 500) {
        problems.push(format!("{path}: says something, in one language at least, in 500 bytes"));
    }
}
