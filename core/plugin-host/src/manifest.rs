//! What a plugin says of itself: who made it, what it takes, what it asks for and why. It stands in
//! the file itself, so that one digest covers both.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::component::Kind;
use crate::text;

/// The custom section of the component in which the manifest stands.
pub(crate) const SECTION: &str = "jornada:manifest";

/// The form of manifests that is written today. Older ones are still read.
pub const SCHEMA: u32 = 1;

/// Fixtures of one plugin: they are all run before it is installed.
pub const MOST_FIXTURES: usize = 200;

const MOST_CAPABILITIES: usize = 50;
const MOST_DESCRIPTION: usize = 5000;
const MOST_LOCALES: usize = 20;

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
        let About { id, kind, title, description, license, homepage, .. } = &self.plugin;
        let parts: Vec<_> = id.split('.').collect();
        if parts.len() != 2 || !parts.iter().all(|part| is_name(part)) || id.len() > 100 {
            let told = "is `publisher.name`, in lower-case letters, digits and hyphens";
            problems.push(format!("plugin.id: {told}"));
        }
        require_texts("plugin.title", title, &mut problems);
        if !description.is_empty() && !is_told(description, MOST_DESCRIPTION, text::is_prose) {
            problems.push(format!("plugin.description: at most {MOST_DESCRIPTION} bytes of text"));
        }
        if license.as_ref().is_some_and(|words| words.len() > 100 || !text::is_line(words)) {
            problems.push("plugin.license: is an SPDX expression".to_owned());
        }
        if homepage.as_ref().is_some_and(|address| !is_address(address)) {
            problems.push("plugin.homepage: is an address that begins with https://".to_owned());
        }
        if self.input.as_ref().is_some_and(|query| !text::is_prose(query)) {
            problems.push("input: has characters that do not show".to_owned());
        }
        if self.fixtures.len() > MOST_FIXTURES {
            let count = self.fixtures.len();
            problems.push(format!("fixtures: {count}, of which there can be {MOST_FIXTURES}"));
        }
        for Fixture { name, .. } in &self.fixtures {
            if name.len() > 100 || !text::is_line(name) {
                problems.push(format!("fixtures: {name:.50?} is no name of at most 100 bytes"));
            }
        }
        if self.capabilities.len() > MOST_CAPABILITIES {
            problems.push(format!("capabilities: there can be {MOST_CAPABILITIES}"));
        }
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
    if !is_told(texts, 500, text::is_line) {
        let told = "is a line of at most 500 bytes, in one language at least, like `en`";
        problems.push(format!("{path}: {told}"));
    }
}

/// Whether something is said, in languages that there are.
fn is_told(texts: &Texts, most: usize, is_shown: impl Fn(&str) -> bool) -> bool {
    let is_one = |text: &String| !text.trim().is_empty() && text.len() <= most && is_shown(text);
    (1..=MOST_LOCALES).contains(&texts.len())
        && texts.iter().all(|(locale, text)| is_locale(locale) && is_one(text))
}

/// Whether a word names a language as BCP 47 does: `en`, `pt-BR`.
pub(crate) fn is_locale(word: &str) -> bool {
    let mut parts = word.split('-');
    let is_language = |part: &str| part.len() >= 2 && part.chars().all(|c| c.is_ascii_lowercase());
    let is_more = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    word.len() <= 20 && parts.next().is_some_and(is_language) && parts.all(is_more)
}

fn is_address(text: &str) -> bool {
    let shows = |c: char| c.is_ascii_graphic();
    text.starts_with("https://") && text.len() <= 500 && text.chars().all(shows)
}
