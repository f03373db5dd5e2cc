//! The options that cells name by their label: found, or made where they are missing.

use std::collections::HashMap;

use jornada_domain::error::{Code, Problem};
use jornada_domain::id::{OptionId, OptionSetId};
use jornada_domain::input::fold;
use jornada_domain::options::option::{self, NewOption};
use jornada_domain::options::set;
use jornada_domain::page::{MAX_PAGE, PageArgs};
use jornada_domain::{Cx, Result, Tx};

/// The sets that cells can name options of.
const SETS: [&str; 4] = [set::MARKET_SEGMENT, set::PACKAGE, set::ACCOUNT_ROLE, set::CONTACT_ROLE];

/// The options of a workspace by set, and by key or folded label.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    sets: HashMap<&'static str, OptionSetId>,
    known: HashMap<(&'static str, String), Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    id: OptionId,
    is_archived: bool,
}

impl Options {
    /// Reads the options, archived ones too.
    pub(crate) async fn load(cx: &Cx<'_>) -> Result<Self> {
        let mut options = Self::default();
        for key in SETS {
            let set = set::by_key(cx, key).await?;
            options.sets.insert(key, set.id);
            let mut args = PageArgs::first(MAX_PAGE);
            loop {
                let mut pages = option::all_of_sets(cx, &[set.id], &args).await?;
                let Some(page) = pages.remove(&set.id) else { break };
                let (has_next, cursor) = (page.has_next, page.last_cursor());
                page.into_rows().iter().for_each(|row| options.know(key, row));
                if !has_next {
                    break;
                }
                args = PageArgs::after(MAX_PAGE, cursor);
            }
        }
        Ok(options)
    }

    fn know(&mut self, set: &'static str, row: &option::Model) {
        let known = Known { id: row.id, is_archived: row.archived_at.is_some() };
        // By its label before another option's key: people write labels.
        self.known.entry((set, row.key.clone())).or_insert(known);
        self.known.insert((set, fold(&row.label)), known);
    }

    /// The option with this key or label.
    pub(crate) fn id_of(&self, set: &'static str, name: &str) -> Option<OptionId> {
        self.known.get(&(set, fold(name))).map(|known| known.id)
    }

    /// The option with this label, made where there is none.
    pub(crate) async fn find_or_create(
        &mut self,
        tx: &Tx<'_>,
        set: &'static str,
        label: &str,
    ) -> Result<OptionId> {
        let key = key_of(label);
        let names = [fold(label), key.clone()];
        let known = names.into_iter().find_map(|name| self.known.get(&(set, name)));
        match (known, self.sets.get(set)) {
            (Some(known), _) if known.is_archived => Err(Problem::new("", Code::Archived).into()),
            (Some(known), _) => Ok(known.id),
            (None, Some(set_id)) => {
                let new = NewOption { set_id: *set_id, key, label: label.to_owned() };
                let row = option::create(tx, new).await?;
                self.know(set, &row);
                Ok(row.id)
            }
            (None, None) => Err(Problem::new("", Code::UnknownOption).with("set", set).into()),
        }
    }
}

/// The key of a label: `Grandes Contas (SP)` is `grandes-contas-sp`, and letters that keys do not
/// have are written by their number.
fn key_of(label: &str) -> String {
    const MOST: usize = 60;
    let mut key = String::new();
    for c in fold(label).chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            c if c.is_alphanumeric() => key.push_str(&format!("u{:x}", u32::from(c))),
            _ if key.ends_with('-') || key.is_empty() => {}
            _ => key.push('-'),
        }
    }
    key.truncate(MOST);
    key.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_of_labels() {
        for (label, key) in [
            ("Governo municipal", "governo-municipal"),
            (" Ações & Fundos (SP) ", "acoes-fundos-sp"),
            ("DSL", "dsl"),
            ("日本", "u65e5u672c"),
        ] {
            assert_eq!(key_of(label), key);
        }
        assert_eq!(key_of(&"ab ".repeat(30)).len(), 59);
    }
}
