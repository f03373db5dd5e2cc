//! What a list can be narrowed by, for the kinds of columns that nouns have in common.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Iden};

/// Narrows by a text, compared exactly; the parts are met by all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextFilter {
    /// This very text.
    pub eq: Option<String>,
    /// One of these.
    pub one_of: Option<Vec<String>>,
    /// A text that begins so.
    pub starts_with: Option<String>,
}

impl TextFilter {
    /// The same filter over texts that were changed by `change`, like the column was.
    pub fn map(self, change: impl Fn(&str) -> String) -> Self {
        let change_all = |texts: Vec<String>| texts.iter().map(|text| change(text)).collect();
        Self {
            eq: self.eq.as_deref().map(&change),
            one_of: self.one_of.map(change_all),
            starts_with: self.starts_with.as_deref().map(&change),
        }
    }

    /// The rows whose `column` fits.
    pub fn condition<C: ColumnTrait + Iden>(&self, column: C) -> Condition {
        // Not LIKE: it forgets case on SQLite, and its wildcards would have to be escaped.
        let begins = |start: &str| {
            let length = i32::try_from(start.chars().count()).unwrap_or(i32::MAX);
            let args = [column.into_expr(), Expr::val(1), Expr::val(length)];
            Func::cust("substr").args(args).eq(start)
        };
        Condition::all()
            .add_option(self.eq.as_deref().map(|text| column.eq(text)))
            .add_option(self.one_of.as_ref().map(|texts| column.is_in(texts)))
            .add_option(self.starts_with.as_deref().map(begins))
    }
}
