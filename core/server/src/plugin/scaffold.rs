//! A new plugin: a folder that builds and whose tests pass, with something in it to be changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jornada_plugin_host::Kind;

use super::sdk;

/// A file of a new plugin: where it stands, and what is in it before names are put in.
type Template = (&'static str, &'static str);

const ANY: [Template; 3] = [
    ("Cargo.toml", include_str!("template/Cargo.toml.txt")),
    (".gitignore", include_str!("template/gitignore.txt")),
    ("README.md", include_str!("template/README.md.txt")),
];

const HEALTH_SCORE: [Template; 3] = [
    ("plugin.toml", include_str!("template/health-score/plugin.toml.txt")),
    ("src/lib.rs", include_str!("template/health-score/lib.rs.txt")),
    ("fixtures/some-customers.json", include_str!("template/health-score/fixture.json")),
];

const TASK_TYPE: [Template; 3] = [
    ("plugin.toml", include_str!("template/task-type/plugin.toml.txt")),
    ("src/lib.rs", include_str!("template/task-type/lib.rs.txt")),
    ("fixtures/something-was-agreed.json", include_str!("template/task-type/fixture.json")),
];

/// What cargo takes for no crate: words of Rust, and crates that are always there.
#[rustfmt::skip]
const RESERVED: [&str; 60] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue",
    "core", "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen",
    "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "pub", "ref", "return", "self", "static", "std", "struct", "super", "test", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "serde", "serde-json", "schemars", "jornada-plugin-sdk", "jornada-plugin-sdk-macros",
];

/// A plugin to be begun.
#[derive(Clone, Debug)]
pub struct New<'n> {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: &'n str,
    /// Who publishes it, in the same characters.
    pub publisher: &'n str,
    /// What it is for.
    pub kind: Kind,
}

impl New<'_> {
    /// Makes the folder of the plugin within another one, where nothing of its name must be yet.
    pub fn make(&self, within: &Path) -> Result<PathBuf> {
        for (what, name) in [("the name", self.name), ("the publisher", self.publisher)] {
            if !is_name(name) {
                bail!("{what} is made of lower-case letters, digits and hyphens: `{name}` is not");
            }
        }
        if RESERVED.contains(&self.name) {
            bail!("`{}` is a word or a crate of Rust already: take another name", self.name);
        }
        let folder = within.join(self.name);
        if folder.exists() {
            bail!("{} is there already", folder.display());
        }
        let of_kind = match self.kind {
            Kind::HealthScore => HEALTH_SCORE,
            Kind::TaskType => TASK_TYPE,
        };
        for (path, template) in ANY.into_iter().chain(of_kind) {
            write(&folder.join(path), &self.filled(template))?;
        }
        for (path, content) in sdk::FILES {
            write(&folder.join("sdk").join(path), content)?;
        }
        Ok(folder)
    }

    fn filled(&self, template: &str) -> String {
        let words: Vec<String> = self.name.split('-').map(capital).collect();
        let opt_level = match self.kind {
            // It is called for each customer.
            Kind::HealthScore => "3",
            Kind::TaskType => "\"s\"",
        };
        let kind = self.kind.word().replace('-', " ");
        [
            ("{{name}}", self.name),
            ("{{id}}", &format!("{}.{}", self.publisher, self.name)),
            ("{{title}}", &words.join(" ")),
            ("{{Type}}", &type_name(&words)),
            ("{{kind}}", &kind),
            ("{{opt-level}}", opt_level),
        ]
        .into_iter()
        .fold(template.to_owned(), |text, (place, word)| text.replace(place, word))
    }
}

fn write(path: &Path, content: &str) -> Result<()> {
    let told = || path.display().to_string();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(told)?;
    }
    fs::write(path, content).with_context(told)
}

/// A name of a crate that is also a part of an id: it begins with a letter, and no part is empty.
fn is_name(text: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = text.split('-').all(|part| part.starts_with(|c: char| c.is_ascii_lowercase()));
    begins && text.len() <= 40 && text.chars().all(is_fine)
}

/// The name of the type in the template: one that neither Rust, nor the SDK, nor the rest of the
/// template has already.
fn type_name(words: &[String]) -> String {
    #[rustfmt::skip]
    const TAKEN: [&str; 52] = [
        "Account", "Aggregation", "Answer", "Box", "Call", "Category", "Config", "CreateGoal",
        "CreateInteraction", "CreateMilestone", "CreateTask", "Customer", "Date", "Default",
        "Deserialize", "Err", "Factor", "Failure", "Flag", "Goal", "HealthScore", "Input", "Inputs",
        "Interaction", "JsonSchema", "Logistic", "Moment", "None", "Notify", "Ok", "Operation",
        "Operations", "Option", "Outcome", "Points", "Problem", "ReachMilestone", "ReasonText",
        "RecordMetric", "RepeatStage", "Result", "ReturnStage", "Row", "Self", "Serialize",
        "SetAttribute", "Some", "String", "Task", "TaskType", "Vec", "Verdict",
    ];
    let name = words.concat();
    if TAKEN.contains(&name.as_str()) { format!("{name}Plugin") } else { name }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_crate_a_type_and_a_title() {
        let new = New { name: "usage-drop", publisher: "acme", kind: Kind::HealthScore };
        let told = new.filled("{{name}} {{id}} {{title}} {{Type}} {{kind}} {{opt-level}}");
        assert_eq!(told, "usage-drop acme.usage-drop Usage Drop UsageDrop health score 3");
        for (name, told) in [("health-score", "HealthScorePlugin"), ("outcome", "OutcomePlugin")] {
            let new = New { name, publisher: "acme", kind: Kind::HealthScore };
            assert_eq!(new.filled("{{Type}}"), told);
        }
        for name in ["", "Usage", "usage--drop", "-usage", "usage_drop", "2usage", "größe"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
