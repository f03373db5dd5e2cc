//! Filters: one input for each type of value. Everything that is said must hold.
//!
//! Over what a list can be narrowed is for the domain to say; here is only how it is asked for.

use async_graphql::{Enum, ID, InputObject, InputType, TypeName};
use chrono::{DateTime, NaiveDate, Utc};
use jornada_domain::error::{Code, Problem, Result};
use jornada_domain::filter::{Parts, RangeFilter, RefFilter, TextFilter};
use jornada_domain::id::TypedId;
use serde_json::Value as Json;

use super::id::{self, GlobalId};
use super::scalar::{Date, Long};

/// Values in one `in`.
const MAX_VALUES: usize = 100;

/// Narrows by a text.
#[derive(InputObject)]
pub(super) struct StringFilter {
    /// This very text.
    eq: Option<String>,
    /// One of these texts, at most 100.
    #[graphql(name = "in")]
    one_of: Option<Vec<String>>,
    /// A text that begins so.
    starts_with: Option<String>,
    /// A text in which this stands.
    contains: Option<String>,
    /// No text at all, or some.
    is_null: Option<bool>,
}

impl StringFilter {
    /// The filter of the domain; `field` is where it stands, for problems.
    pub(super) fn text(self, field: &str) -> Result<TextFilter> {
        let Self { eq, one_of, starts_with, contains, is_null } = self;
        check_size(field, one_of.as_deref())?;
        for (name, text) in [("eq", &eq), ("startsWith", &starts_with), ("contains", &contains)] {
            check_storable(&format!("{field}.{name}"), text.as_deref())?;
        }
        for (place, text) in one_of.iter().flatten().enumerate() {
            check_storable(&format!("{field}.in.{place}"), Some(text))?;
        }
        Ok(TextFilter { eq, one_of, starts_with, contains, is_null })
    }
}

/// Narrows by the record that is referred to.
#[derive(InputObject)]
pub(super) struct IdFilter {
    /// This record.
    eq: Option<ID>,
    /// One of these records, at most 100.
    #[graphql(name = "in")]
    one_of: Option<Vec<ID>>,
    /// No record at all, or some.
    is_null: Option<bool>,
}

impl From<TextFilter> for StringFilter {
    fn from(filter: TextFilter) -> Self {
        let TextFilter { eq, one_of, starts_with, contains, is_null } = filter;
        Self { eq, one_of, starts_with, contains, is_null }
    }
}

impl<I: TypedId> From<RefFilter<I>> for IdFilter {
    fn from(filter: RefFilter<I>) -> Self {
        let RefFilter { one_of, is_null } = filter;
        let ids = |ids: Vec<I>| ids.iter().map(|id| ID::from(&GlobalId(*id))).collect();
        Self { eq: None, one_of: one_of.map(ids), is_null }
    }
}

impl IdFilter {
    /// The filter of a reference that may be empty; `field` is where it stands, for problems.
    pub(super) fn reference<I: TypedId + PartialEq>(self, field: &str) -> Result<RefFilter<I>> {
        let is_null = self.is_null;
        Ok(RefFilter { one_of: self.named(field)?, is_null })
    }

    /// The ids that fit, of a reference that is never empty; `field` is where the filter stands,
    /// for problems.
    pub(super) fn ids<I: TypedId + PartialEq>(self, field: &str) -> Result<Option<Vec<I>>> {
        match self.is_null {
            Some(true) => self.named::<I>(field).map(|_| Some(Vec::new())),
            _ => self.named(field),
        }
    }

    fn named<I: TypedId + PartialEq>(self, field: &str) -> Result<Option<Vec<I>>> {
        let eq = id::parse_some(&format!("{field}.eq"), self.eq.as_ref())?;
        let one_of = self.one_of.map(|ids| id::parse_each(&format!("{field}.in"), &ids));
        either(field, eq, one_of.transpose()?)
    }
}

/// Narrows by a word of a closed list.
#[derive(InputObject)]
#[graphql(name_type)]
pub(super) struct WordFilter<T: InputType> {
    /// This word.
    eq: Option<T>,
    /// One of these words.
    #[graphql(name = "in")]
    one_of: Option<Vec<T>>,
}

impl<T: InputType> WordFilter<T> {
    /// The filter that these words fit.
    pub(super) fn of<D: Into<T>>(words: Vec<D>) -> Self {
        Self { eq: None, one_of: Some(words.into_iter().map(Into::into).collect()) }
    }
}

impl<T: InputType> TypeName for WordFilter<T> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        format!("{}Filter", T::type_name()).into()
    }
}

impl<T: InputType + PartialEq> WordFilter<T> {
    /// The words that fit; `field` is where the filter stands, for problems.
    pub(super) fn words<D: From<T>>(self, field: &str) -> Result<Option<Vec<D>>> {
        let words = either(field, self.eq, self.one_of)?;
        Ok(words.map(|words| words.into_iter().map(D::from).collect()))
    }
}

macro_rules! range_filters {
    ($($(#[doc = $doc:literal])+ $name:ident of $type:ty => $domain:ty;)+) => {$(
        $(#[doc = $doc])+
        #[derive(InputObject)]
        pub(super) struct $name {
            /// This very value.
            eq: Option<$type>,
            /// Greater, or later.
            gt: Option<$type>,
            /// This value, or a greater or later one.
            gte: Option<$type>,
            /// Less, or earlier.
            lt: Option<$type>,
            /// This value, or a lesser or earlier one.
            lte: Option<$type>,
            /// No value at all, or some.
            is_null: Option<bool>,
        }

        impl From<RangeFilter<$domain>> for $name {
            fn from(filter: RangeFilter<$domain>) -> Self {
                let RangeFilter { gt, gte, lt, lte, is_null } = filter;
                let [gt, gte, lt, lte] = [gt, gte, lt, lte].map(|bound| bound.map(<$type>::from));
                Self { eq: None, gt, gte, lt, lte, is_null }
            }
        }

        impl From<$name> for RangeFilter<$domain> {
            fn from(filter: $name) -> Self {
                let $name { eq, gt, gte, lt, lte, is_null } = filter;
                let range = |value: Option<$type>| value.map(<$domain>::from);
                // What equals a value is neither below nor above it; a second bound still counts.
                let (gte, lte) = match range(eq) {
                    Some(eq) => (Some(eq), Some(eq)),
                    None => (range(gte), range(lte)),
                };
                Self { gt: range(gt), gte, lt: range(lt), lte, is_null }
            }
        }
    )+};
}

range_filters! {
    /// Narrows by a day.
    DateFilter of Date => NaiveDate;
    /// Narrows by a point in time.
    DateTimeFilter of DateTime<Utc> => DateTime<Utc>;
    /// Narrows by a whole number.
    IntFilter of i32 => i32;
    /// Narrows by a whole number that may need more than 32 bits.
    LongFilter of Long => i64;
    /// Narrows by a number.
    NumberFilter of f64 => f64;
}

/// What an input says of `and`, `or` and `not`.
type Given<I> = (Option<Vec<I>>, Option<Vec<I>>, Option<Box<I>>);

/// The filters in a filter, which stands at `path`.
pub(super) fn parts<I, F>(
    path: &str,
    (and, or, not): Given<I>,
    parse: impl Fn(I, &str) -> Result<F>,
) -> Result<Parts<F>> {
    let each = |field: &str, filters: Option<Vec<I>>| {
        let filters = filters.unwrap_or_default().into_iter().enumerate();
        let one = |(place, filter)| parse(filter, &format!("{path}.{field}.{place}"));
        filters.map(one).collect::<Result<Vec<_>>>()
    };
    let not = not.map(|filter| parse(*filter, &format!("{path}.not"))).transpose()?;
    Ok(Parts { and: each("and", and)?, or: each("or", or)?, not: not.map(Box::new) })
}

/// The filters in a filter of the domain, as an input says them; none is left out.
pub(super) fn given<I, F: Into<I>>(parts: Parts<F>) -> Given<I> {
    let each = |filters: Vec<F>| {
        (!filters.is_empty()).then(|| filters.into_iter().map(Into::into).collect())
    };
    (each(parts.and), each(parts.or), parts.not.map(|filter| Box::new((*filter).into())))
}

/// An input as a caller would write it, without what is null.
pub(super) fn shown(input: &impl InputType) -> Json {
    fn bare(json: Json) -> Json {
        match json {
            Json::Object(fields) => {
                let said = fields.into_iter().filter(|(_, value)| !value.is_null());
                Json::Object(said.map(|(name, value)| (name, bare(value))).collect())
            }
            Json::Array(items) => Json::Array(items.into_iter().map(bare).collect()),
            other => other,
        }
    }
    bare(input.to_value().into_json().unwrap_or_default())
}

/// In which direction a list is sorted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderDirection {
    /// Smallest, earliest or first in the alphabet first.
    Asc,
    /// Largest, latest or last in the alphabet first.
    Desc,
}

/// What fits both `eq` and `in`; nothing where neither was said.
fn either<T: PartialEq>(
    field: &str,
    eq: Option<T>,
    one_of: Option<Vec<T>>,
) -> Result<Option<Vec<T>>> {
    check_size(field, one_of.as_deref())?;
    Ok(match (eq, one_of) {
        (None, one_of) => one_of,
        (Some(eq), Some(one_of)) if !one_of.contains(&eq) => Some(Vec::new()),
        (Some(eq), _) => Some(vec![eq]),
    })
}

/// No text that is kept has a NUL, and PostgreSQL takes none even to compare with.
fn check_storable(field: &str, text: Option<&str>) -> Result<()> {
    match text {
        Some(text) if text.contains('\0') => {
            Err(Problem::new(field, Code::BadFormat).with("form", "text").into())
        }
        _ => Ok(()),
    }
}

fn check_size<T>(field: &str, values: Option<&[T]>) -> Result<()> {
    match values {
        Some(values) if values.len() > MAX_VALUES => {
            let field = format!("{field}.in");
            Err(Problem::too_many(field, MAX_VALUES, "values").into())
        }
        _ => Ok(()),
    }
}
