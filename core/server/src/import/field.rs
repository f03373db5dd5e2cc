//! What a column can hold, and by which headers it is recognised.

use jornada_domain::input::fold;

/// What a column can hold.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in messages and mappings, which is also a header.
    pub name: &'static str,
    /// The other headers, without accents, in lower case, words joined by `_`.
    pub synonyms: &'static [&'static str],
    /// What stands in its cells, and how it is written.
    pub about: &'static str,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Field {
    /// Whether a header, made [`normal`], means this field.
    pub fn is_called(&self, header: &str) -> bool {
        self.name == header || self.synonyms.contains(&header)
    }
}

/// Declares the fields of a kind of records, each as a constant, and all of them as `ALL`.
macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $field:ident $name:literal [$($other:literal),* $(,)?],)+) => {
        $($(#[doc = $doc])+
        pub const $field: $crate::import::field::Field = $crate::import::field::Field {
            name: $name,
            synonyms: &[$($other),*],
            about: concat!($($doc),+),
        };)+

        /// All of them.
        pub const ALL: &[$crate::import::field::Field] = &[$($field),+];
    };
}
pub(crate) use fields;

/// The columns that a file can have, as a table in Markdown.
pub fn table(fields: &[Field]) -> String {
    let mut table = "| Column | Or | What stands in it |\n|---|---|---|\n".to_owned();
    for Field { name, synonyms, about } in fields {
        let synonyms: Vec<_> = synonyms.iter().map(|name| format!("`{name}`")).collect();
        let (synonyms, about) = (synonyms.join(", "), about.trim());
        table.push_str(&format!("| `{name}` | {synonyms} | {about} |\n"));
    }
    table
}

/// `Razão Social (matriz)` as `razao_social_matriz`.
pub fn normal(header: &str) -> String {
    let folded = fold(header);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

/// The field of a problem that the domain names its own way: `subscription.amountMinor` is
/// `subscription_amount`.
pub fn of_problem(fields: &[Field], path: &str) -> Option<Field> {
    let mut name = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '.' => name.push('_'),
            c if c.is_ascii_uppercase() => name.extend(['_', c.to_ascii_lowercase()]),
            c => name.push(c),
        }
    }
    let begins = |field: &&Field| {
        let rest = name.strip_prefix(field.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    // `status_since` begins with `status`, too: the longest name is meant.
    fields.iter().filter(begins).max_by_key(|field| field.name.len()).copied()
}
