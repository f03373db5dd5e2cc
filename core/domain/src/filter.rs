//! What a list can be narrowed by, for the kinds of columns that nouns have in common.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Iden, Value};

/// Narrows by a text, compared exactly; the parts are met by all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextFilter {
    /// This very text.
    pub eq: Option<String>,
    /// One of these.
    pub one_of: Option<Vec<String>>,
    /// A text that begins so.
    pub starts_with: Option<String>,
    /// A text in which this stands.
    pub contains: Option<String>,
}

impl TextFilter {
    /// The same filter over texts that were changed by `change`, like the column was.
    pub fn map(self, change: impl Fn(&str) -> String) -> Self {
        let change_all = |texts: Vec<String>| texts.iter().map(|text| change(text)).collect();
        Self {
            eq: self.eq.as_deref().map(&change),
            one_of: self.one_of.map(change_all),
            starts_with: self.starts_with.as_deref().map(&change),
            contains: self.contains.as_deref().map(&change),
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
        let holds = |part: &str| {
            let args = [column.into_expr(), Expr::val(part), Expr::val("")];
            Func::cust("replace").args(args).ne(column.into_expr())
        };
        Condition::all()
            .add_option(self.eq.as_deref().map(|text| column.eq(text)))
            .add_option(self.one_of.as_ref().map(|texts| column.is_in(texts)))
            .add_option(self.starts_with.as_deref().map(begins))
            .add_option(self.contains.as_deref().filter(|part| !part.is_empty()).map(holds))
    }
}

/// Narrows by the place of a value between others; the parts are met by all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RangeFilter<T> {
    /// After this.
    pub gt: Option<T>,
    /// This or after it.
    pub gte: Option<T>,
    /// Before this.
    pub lt: Option<T>,
    /// This or before it.
    pub lte: Option<T>,
}

impl<T: Clone + Into<Value>> RangeFilter<T> {
    /// The rows whose `column` fits.
    pub fn condition<C: ColumnTrait>(&self, column: C) -> Condition {
        Condition::all()
            .add_option(self.gt.clone().map(|value| column.gt(value)))
            .add_option(self.gte.clone().map(|value| column.gte(value)))
            .add_option(self.lt.clone().map(|value| column.lt(value)))
            .add_option(self.lte.clone().map(|value| column.lte(value)))
    }
}
