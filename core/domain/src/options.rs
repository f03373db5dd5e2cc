//! Options: lists of words that a workspace can extend, like its market segments.

pub mod option;
pub mod set;

use crate::prelude::*;
use crate::workspace::{self, Locale};

/// Creates the built-in sets and account roles, named in the language of the workspace. Called
/// once, when the workspace is created.
pub async fn install_built_in(tx: &Tx<'_>) -> Result<()> {
    tx.require(Area::Workspace, Access::Write)?;
    let locale = workspace::current(tx).await?.locale;
    let sets = set::BUILT_IN.iter().map(|words| set::built_in(words, locale)).collect();
    let sets = store::insert_many(tx, sets, |_| Fact::Created).await?;
    let roles_set = sets.into_iter().find(|row| row.key == set::ACCOUNT_ROLE);
    let roles_set = roles_set.ok_or_else(|| Error::not_found("setId", Kind::OptionSet))?;
    let roles = option::BUILT_IN.iter().zip(0..);
    let roles =
        roles.map(|(words, position)| option::built_in(&roles_set, position, words, locale));
    store::insert_many(tx, roles.collect(), |_| Fact::Created).await?;
    Ok(())
}

/// A built-in word: its key and its names.
struct Words {
    key: &'static str,
    en: &'static str,
    pt_br: &'static str,
}

impl Words {
    fn name(&self, locale: Locale) -> String {
        match locale {
            Locale::En => self.en.to_owned(),
            Locale::PtBr => self.pt_br.to_owned(),
        }
    }
}
