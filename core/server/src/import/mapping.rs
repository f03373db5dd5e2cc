//! The mapping file: how the columns and words of another system are called here.
//!
//! One file serves all kinds of records, a table each:
//!
//! ```toml
//! [accounts.columns]          # header in the file = column here; "" leaves it out
//! "Company ID" = "external_id"
//! "Tier" = "attribute.tier"
//!
//! [accounts.values]           # column here = what an empty cell means
//! preferred_channel = "email"
//!
//! [accounts.words.status]     # what the file says = what is said here
//! "Em implantação" = "active"
//! ```

use std::collections::{BTreeMap, HashMap};

use jornada_domain::input::fold;
use serde::Deserialize;

use super::field::Field;

/// The kinds of records that a mapping can have tables for.
pub const KINDS: [&str; 7] = [
    "accounts",
    "contacts",
    "assignments",
    "subscriptions",
    "interactions",
    "responses",
    "metrics",
];

/// How a file of one kind of records is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// What a column with a header holds; nothing where it is empty.
    pub columns: BTreeMap<String, String>,
    /// What an empty cell means.
    pub values: BTreeMap<String, String>,
    /// By column, what its words mean.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    /// It is no TOML, or has tables that mean nothing.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// A table for no kind of records.
    #[error("it has a table `{0}`, which is none of: {known}", known = KINDS.join(", "))]
    Kind(String),
    /// A name for no column.
    #[error("`{table}` names `{name}`, which is no column: `jornada import columns` lists them")]
    Column {
        /// The table of the mapping.
        table: String,
        /// The name in it.
        name: String,
    },
}

impl Mapping {
    /// The mapping of a kind of records out of a file; `open` stands before the dot of columns
    /// that the workspace names.
    pub fn read(
        text: &str,
        kind: &str,
        fields: &[Field],
        open: Option<&str>,
    ) -> Result<Self, Unclear> {
        let mut all: HashMap<String, Self> = toml::from_str(text)?;
        if let Some(unknown) = all.keys().find(|name| !KINDS.contains(&name.as_str())) {
            return Err(Unclear::Kind(unknown.clone()));
        }
        let mut mapping = all.remove(kind).unwrap_or_default();
        let is_open = |name: &str| {
            let key = open.and_then(|open| name.strip_prefix(open)?.strip_prefix('.'));
            key.is_some_and(|key| !key.is_empty())
        };
        let is_known = |name: &str| fields.iter().any(|it| it.name == name) || is_open(name);
        let tables = [
            ("columns", mapping.columns.values().collect::<Vec<_>>()),
            ("values", mapping.values.keys().collect()),
            ("words", mapping.words.keys().collect()),
        ];
        for (table, names) in tables {
            let unknown = names.into_iter().find(|name| !name.is_empty() && !is_known(name));
            if let Some(name) = unknown {
                let table = format!("{kind}.{table}");
                return Err(Unclear::Column { table, name: name.clone() });
            }
        }
        for words in mapping.words.values_mut() {
            *words = words.iter().map(|(word, to)| (fold(word.trim()), to.clone())).collect();
        }
        Ok(mapping)
    }

    /// What a cell of a column means; an empty one may mean something too.
    pub fn meaning<'m>(&'m self, column: &str, cell: &'m str) -> &'m str {
        if cell.is_empty() {
            return self.values.get(column).map_or("", String::as_str);
        }
        let word = self.words.get(column).and_then(|words| words.get(&fold(cell.trim())));
        word.map_or(cell, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::accounts::fields::ALL;

    fn read(text: &str) -> Result<Mapping, Unclear> {
        Mapping::read(text, "accounts", ALL, Some("attribute"))
    }

    #[test]
    fn words_and_empty_cells_get_their_meaning() {
        let mapping = read(
            "[accounts.values]\ncountry = 'BR'\n\
             [accounts.words.status]\n'Em Implantação' = 'trial'\n\
             [contacts.columns]\n'E-mail' = 'email'\n",
        )
        .unwrap();
        assert_eq!(mapping.meaning("status", " em implantacao"), "trial");
        assert_eq!(mapping.meaning("status", "active"), "active");
        assert_eq!((mapping.meaning("country", ""), mapping.meaning("city", "")), ("BR", ""));
        assert_eq!(mapping.columns.len(), 0, "those of contacts are not those of accounts");
    }

    #[test]
    fn what_names_nothing_is_refused_with_its_place() {
        for (text, why) in [
            ("[clients.columns]", "it has a table `clients`, which is none of: accounts, contacts"),
            ("[accounts.columns]\nA = 'nam'", "`accounts.columns` names `nam`, which is no column"),
            ("[accounts.values]\n'attribute.' = 'x'", "`accounts.values` names `attribute.`"),
            ("[accounts.words.kind]\nA = 'b'", "`accounts.words` names `kind`"),
            ("[accounts.colums]\nA = 'name'", "unknown field `colums`"),
            ("[accounts", "TOML parse error"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(read("[accounts.columns]\nTier = 'attribute.tier'\nNotes = ''").is_ok());
    }
}
