//! Scalars, and the few values that every noun shares.
//!
//! `DateTime` is chrono's. Whole numbers that can outgrow the 32 bits of `Int` are `Long`: as a
//! number rather than as text, because no amount of money comes near what JSON keeps exactly.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::NaiveDate;
use jornada_domain::calendar::{FIRST_DATE, LAST_DATE, is_kept};
use jornada_domain::money;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date(pub NaiveDate);

/// A day of the calendar from 1900-01-01 to 2999-12-31, as ISO 8601 writes it: `2026-01-23`. Where
/// it matters, it is a day in the time zone of the workspace.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            // chrono also takes `2026-1-3`, which the scalar does not allow.
            Value::String(text) if text.len() == 10 => match text.parse()? {
                date if is_kept(date) => Ok(Self(date)),
                _ => {
                    let range = format!("a date is from {FIRST_DATE} to {LAST_DATE}");
                    Err(InputValueError::custom(range))
                }
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        date.0
    }
}

/// A whole number that may need more than 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Long(pub i64);

impl From<i64> for Long {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<Long> for i64 {
    fn from(number: Long) -> Self {
        number.0
    }
}

impl From<u64> for Long {
    fn from(count: u64) -> Self {
        Self(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

const MAX_SAFE: i64 = (1 << 53) - 1;

/// A whole number between −(2^53 − 1) and 2^53 − 1: what every JSON parser keeps exactly.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc7493#section-2.2")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        match number {
            Some(n) if (-MAX_SAFE..=MAX_SAFE).contains(&n) => Ok(Self(n)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// An amount of money. Amounts of different currencies are never added up.
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "MoneyInput")]
pub(super) struct Money {
    /// The amount in the smallest unit of the currency: centavos, cents.
    pub amount_minor: Long,
    /// The currency, as the three letters of ISO 4217: `BRL`.
    pub currency: String,
}

impl Money {
    /// An amount as the domain keeps it.
    pub(super) fn new(amount_minor: i64, currency: String) -> Self {
        Self { amount_minor: Long(amount_minor), currency }
    }
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        let money::Money { amount_minor, currency } = money;
        Self::new(amount_minor, currency)
    }
}

impl From<Money> for money::Money {
    fn from(money: Money) -> Self {
        let Money { amount_minor: Long(amount_minor), currency } = money;
        Self { amount_minor, currency }
    }
}
