//! What narrows and sorts a list by attributes.

use async_graphql::{InputObject, OneofObject};
use jornada_domain::attributes::{self, AttributeFilter, Test};
use jornada_domain::error::Result;
use jornada_domain::filter::RangeFilter;

use crate::graphql::filter::{
    DateFilter, IdFilter, LongFilter, NumberFilter, OrderDirection, StringFilter,
};

/// A condition on an attribute.
#[derive(InputObject)]
#[graphql(name = "AttributeFilter")]
pub(in crate::graphql) struct AttributeFilterInput {
    /// The key of the attribute.
    key: String,
    /// What the value must be.
    value: AttributeTestInput,
}

/// What the value of an attribute must be, in the field of its type. What has no value fits only
/// `isNull`.
#[derive(OneofObject)]
#[graphql(name = "AttributeTest")]
enum AttributeTestInput {
    /// No value at all, or some.
    IsNull(bool),
    /// A text, whatever its case and accents.
    Text(StringFilter),
    /// A number.
    Number(NumberFilter),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(DateFilter),
    /// An option.
    OptionId(IdFilter),
    /// An amount.
    Money(MoneyFilter),
}

/// Narrows by an amount of one currency; amounts of others do not fit.
#[derive(InputObject)]
pub(in crate::graphql) struct MoneyFilter {
    /// The currency, as the three letters of ISO 4217: `BRL`.
    currency: String,
    /// The amount in the smallest unit of the currency.
    amount_minor: LongFilter,
}

impl MoneyFilter {
    /// The currency, and the filter of the amounts.
    pub(in crate::graphql) fn split(self) -> (String, RangeFilter<i64>) {
        (self.currency, self.amount_minor.into())
    }
}

impl AttributeFilterInput {
    /// The condition of the domain; `path` is where it stands, for problems.
    fn parse(self, path: &str) -> Result<AttributeFilter> {
        let at = |field: &str| format!("{path}.value.{field}");
        let test = match self.value {
            AttributeTestInput::IsNull(is_null) => Test::IsNull(is_null),
            AttributeTestInput::Text(filter) => Test::Text(filter.text(&at("text"))?),
            AttributeTestInput::Number(filter) => Test::Number(filter.into()),
            AttributeTestInput::Boolean(flag) => Test::Boolean(flag),
            AttributeTestInput::Date(filter) => Test::Date(filter.into()),
            AttributeTestInput::OptionId(filter) => {
                Test::Option(filter.reference(&at("optionId"))?)
            }
            AttributeTestInput::Money(filter) => {
                let (currency, amount) = filter.split();
                Test::Money { currency, amount }
            }
        };
        Ok(AttributeFilter { key: self.key, test })
    }
}

/// The conditions in a list; `path` is where it stands, for problems.
pub(in crate::graphql) fn each(
    filters: Option<Vec<AttributeFilterInput>>,
    path: &str,
) -> Result<Vec<AttributeFilter>> {
    let filters = filters.unwrap_or_default().into_iter().enumerate();
    filters.map(|(place, filter)| filter.parse(&format!("{path}.{place}"))).collect()
}

impl From<AttributeFilter> for AttributeFilterInput {
    fn from(AttributeFilter { key, test }: AttributeFilter) -> Self {
        let value = match test {
            Test::IsNull(is_null) => AttributeTestInput::IsNull(is_null),
            Test::Text(filter) => AttributeTestInput::Text(filter.into()),
            Test::Number(range) => AttributeTestInput::Number(range.into()),
            Test::Boolean(flag) => AttributeTestInput::Boolean(flag),
            Test::Date(range) => AttributeTestInput::Date(range.into()),
            Test::Option(filter) => AttributeTestInput::OptionId(filter.into()),
            Test::Money { currency, amount } => {
                let amount_minor = amount.into();
                AttributeTestInput::Money(MoneyFilter { currency, amount_minor })
            }
        };
        Self { key, value }
    }
}

/// By which attribute a list is sorted, in place of any other order. What has no value comes last.
/// Texts are sorted whatever their case and accents, options in the order in which they were added,
/// amounts by their currency first.
#[derive(InputObject)]
#[graphql(name = "AttributeOrder")]
pub(in crate::graphql) struct AttributeOrderInput {
    /// The key of the attribute.
    key: String,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl From<AttributeOrderInput> for attributes::AttributeOrder {
    fn from(AttributeOrderInput { key, direction }: AttributeOrderInput) -> Self {
        Self { key, is_descending: direction == OrderDirection::Desc }
    }
}
