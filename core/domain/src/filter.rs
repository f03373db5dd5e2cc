//! What a list can be narrowed by, for the kinds of columns that nouns have in common, and how
//! filters are composed.
//!
//! No condition here is ever null, so that `not` is the opposite also for rows without a value.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Value};
use serde::{Deserialize, Serialize};

use crate::attributes::AttributeFilter;
use crate::cx::Cx;
use crate::error::{Problem, Result};
use crate::input::Checks;

/// Narrows by a text, compared exactly; the parts are met by all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextFilter {
    /// This very text.
    pub eq: Option<String>,
    /// One of these.
    pub one_of: Option<Vec<String>>,
    /// A text that begins so.
    pub starts_with: Option<String>,
    /// A text in which this stands.
    pub contains: Option<String>,
    /// No text at all, or some.
    pub is_null: Option<bool>,
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
            is_null: self.is_null,
        }
    }

    /// Whether a text fits, or that there is none. Pure; says what [`Self::condition`] says.
    pub fn holds(&self, text: Option<&str>) -> bool {
        let asks = [&self.eq, &self.starts_with, &self.contains].into_iter().any(Option::is_some);
        let fits = |text: &str| {
            self.eq.as_deref().is_none_or(|eq| text == eq)
                && self.one_of.as_ref().is_none_or(|texts| texts.iter().any(|one| one == text))
                && self.starts_with.as_deref().is_none_or(|start| text.starts_with(start))
                && self.contains.as_deref().is_none_or(|part| text.contains(part))
        };
        self.is_null.is_none_or(|is_null| is_null == text.is_none())
            && text.map_or(!asks && self.one_of.is_none(), fits)
    }

    /// The rows whose `column` fits.
    pub fn condition(&self, column: impl ColumnTrait) -> Condition {
        self.on(column.into_expr())
    }

    /// The rows of which an expression fits.
    pub(crate) fn on(&self, column: SimpleExpr) -> Condition {
        // Not LIKE: it forgets case on SQLite, and its wildcards would have to be escaped.
        let begins = |start: &str| {
            let length = i32::try_from(start.chars().count()).unwrap_or(i32::MAX);
            let args = [column.clone(), Expr::val(1), Expr::val(length)];
            Func::cust("substr").args(args).eq(start)
        };
        let holds = |part: &str| {
            let args = [column.clone(), Expr::val(part), Expr::val("")];
            Func::cust("replace").args(args).ne(column.clone())
        };
        let asks = [&self.eq, &self.starts_with, &self.contains].into_iter().any(Option::is_some);
        let is_there = (asks || self.one_of.is_some()).then(|| column.clone().is_not_null());
        Condition::all()
            .add_option(self.is_null.map(|is_null| null(column.clone(), is_null)))
            .add_option(is_there)
            .add_option(self.eq.as_deref().map(|text| column.clone().eq(text)))
            .add_option(self.one_of.as_ref().map(|texts| column.clone().is_in(texts)))
            .add_option(self.starts_with.as_deref().map(begins))
            .add_option(self.contains.as_deref().filter(|part| !part.is_empty()).map(holds))
    }
}

/// Narrows by the place of a value between others; the parts are met by all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RangeFilter<T> {
    /// After this.
    pub gt: Option<T>,
    /// This or after it.
    pub gte: Option<T>,
    /// Before this.
    pub lt: Option<T>,
    /// This or before it.
    pub lte: Option<T>,
    /// No value at all, or some.
    pub is_null: Option<bool>,
}

impl<T: PartialOrd> RangeFilter<T> {
    /// Whether a value fits, or that there is none. Pure; says what [`Self::condition`] says.
    pub fn holds(&self, value: Option<&T>) -> bool {
        let asks = [&self.gt, &self.gte, &self.lt, &self.lte].into_iter().any(Option::is_some);
        let fits = |value: &T| {
            self.gt.as_ref().is_none_or(|bound| value > bound)
                && self.gte.as_ref().is_none_or(|bound| value >= bound)
                && self.lt.as_ref().is_none_or(|bound| value < bound)
                && self.lte.as_ref().is_none_or(|bound| value <= bound)
        };
        self.is_null.is_none_or(|is_null| is_null == value.is_none()) && value.map_or(!asks, fits)
    }
}

impl<T: Clone + Into<Value>> RangeFilter<T> {
    /// The rows whose `column` fits.
    pub fn condition(&self, column: impl ColumnTrait) -> Condition {
        self.on(column.into_expr())
    }

    /// The rows of which an expression fits.
    pub(crate) fn on(&self, column: SimpleExpr) -> Condition {
        let asks = [&self.gt, &self.gte, &self.lt, &self.lte].into_iter().any(Option::is_some);
        Condition::all()
            .add_option(self.is_null.map(|is_null| null(column.clone(), is_null)))
            .add_option(asks.then(|| column.clone().is_not_null()))
            .add_option(self.gt.clone().map(|value| column.clone().gt(value)))
            .add_option(self.gte.clone().map(|value| column.clone().gte(value)))
            .add_option(self.lt.clone().map(|value| column.clone().lt(value)))
            .add_option(self.lte.clone().map(|value| column.clone().lte(value)))
    }
}

/// Narrows by the record that is referred to; the parts are met by all of them together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefFilter<I> {
    /// One of these.
    pub one_of: Option<Vec<I>>,
    /// None at all, or some.
    pub is_null: Option<bool>,
}

impl<I> From<Vec<I>> for RefFilter<I> {
    fn from(ids: Vec<I>) -> Self {
        Self { one_of: Some(ids), is_null: None }
    }
}

impl<I: PartialEq> RefFilter<I> {
    /// Whether a reference fits, or that there is none. Pure; says what [`Self::condition`] says.
    pub fn holds(&self, id: Option<&I>) -> bool {
        let among = |ids: &Vec<I>| id.is_some_and(|id| ids.contains(id));
        self.is_null.is_none_or(|is_null| is_null == id.is_none())
            && self.one_of.as_ref().is_none_or(among)
    }
}

impl<I: Clone + Into<Value>> RefFilter<I> {
    /// The rows whose `column` fits.
    pub fn condition<C: ColumnTrait>(&self, column: C) -> Condition {
        let one_of = |ids: &Vec<I>| column.is_not_null().and(column.is_in(ids.iter().cloned()));
        Condition::all()
            .add_option(self.is_null.map(|is_null| null(column.into_expr(), is_null)))
            .add_option(self.one_of.as_ref().map(one_of))
    }
}

fn null(column: SimpleExpr, is_null: bool) -> SimpleExpr {
    if is_null { column.is_null() } else { column.is_not_null() }
}

/// The filters that a filter is composed of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Parts<F> {
    /// All of these hold.
    pub and: Vec<F>,
    /// One of these holds; none given is no condition.
    pub or: Vec<F>,
    /// This does not hold.
    pub not: Option<Box<F>>,
}

impl<F> Default for Parts<F> {
    fn default() -> Self {
        Self { and: Vec::new(), or: Vec::new(), not: None }
    }
}

/// How large a filter is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weight {
    /// How deep filters stand in one another.
    pub(crate) depth: usize,
    /// How many filters it is composed of.
    pub(crate) nodes: usize,
    /// How many values it names altogether.
    pub(crate) values: usize,
}

/// The largest filter that a caller may write.
const MOST: Weight = Weight { depth: 5, nodes: 100, values: 1000 };

impl Weight {
    /// Refuses a filter that is larger than `most`.
    pub(crate) fn require(self, most: Weight) -> Result<()> {
        let mut checks = Checks::new();
        for (found, max, of) in [
            (self.depth, most.depth, "levels"),
            (self.nodes, most.nodes, "filters"),
            (self.values, most.values, "values"),
        ] {
            checks.ensure(found <= max, || Problem::too_many("filter", max, of));
        }
        checks.finish()
    }
}

/// A filter that can be composed of others.
pub(crate) trait Composed: Sized {
    /// The filters in it.
    fn parts(&self) -> &Parts<Self>;

    /// The conditions but for the composition.
    fn own(&self, cx: &Cx<'_>) -> Condition;

    /// How many values its own conditions name.
    fn values(&self) -> usize;

    /// The conditions on attributes among its own.
    fn attributes(&self) -> &[AttributeFilter] {
        &[]
    }

    /// The conditions on attributes that every row meets which the filter keeps.
    fn narrowing(&self) -> Vec<&AttributeFilter> {
        let Parts { and, or, .. } = self.parts();
        let only = if or.len() == 1 { or.first() } else { None };
        let parts = and.iter().chain(only).flat_map(Self::narrowing);
        self.attributes().iter().chain(parts).collect()
    }

    /// The rows that the filter keeps, or why the filter is too large.
    fn condition(&self, cx: &Cx<'_>) -> Result<Condition> {
        self.require_small()?;
        Ok(self.holds(cx))
    }

    /// Refuses a filter that is larger than one may be that a caller writes.
    fn require_small(&self) -> Result<()> {
        self.weight().require(MOST)
    }

    /// Every condition on an attribute in here, with the path of the filter that it stands in.
    fn asked<'f>(&'f self, path: &str, found: &mut Vec<(String, &'f AttributeFilter)>) {
        let own = self.attributes().iter().enumerate();
        found.extend(own.map(|(place, asked)| (format!("{path}.attributes.{place}"), asked)));
        let Parts { and, or, not } = self.parts();
        for (name, parts) in [("and", and), ("or", or)] {
            for (place, part) in parts.iter().enumerate() {
                part.asked(&format!("{path}.{name}.{place}"), found);
            }
        }
        if let Some(part) = not {
            part.asked(&format!("{path}.not"), found);
        }
    }

    fn weight(&self) -> Weight {
        let Parts { and, or, not } = self.parts();
        let own = Weight { depth: 0, nodes: 1, values: self.values() };
        let parts = and.iter().chain(or).chain(not.as_deref());
        let mut weight = parts.map(Self::weight).fold(own, |sum, part| Weight {
            depth: sum.depth.max(part.depth),
            nodes: sum.nodes + part.nodes,
            values: sum.values + part.values,
        });
        weight.depth += 1;
        weight
    }

    fn holds(&self, cx: &Cx<'_>) -> Condition {
        let Parts { and, or, not } = self.parts();
        let mut condition = self.own(cx);
        for part in and {
            condition = condition.add(part.holds(cx));
        }
        if !or.is_empty() {
            let any = or.iter().map(|part| part.holds(cx));
            condition = condition.add(any.fold(Condition::any(), Condition::add));
        }
        condition.add_option(not.as_ref().map(|part| part.holds(cx).not()))
    }
}

/// How many values a list of a filter names.
pub(crate) fn count<T>(list: &Option<Vec<T>>) -> usize {
    list.as_ref().map_or(0, Vec::len)
}

/// How many values a filter of references names.
pub(crate) fn count_refs<I>(filter: &Option<RefFilter<I>>) -> usize {
    filter.as_ref().map_or(0, |filter| count(&filter.one_of))
}
