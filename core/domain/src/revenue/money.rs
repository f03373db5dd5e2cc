//! Money: an integer of minor units and a currency, never a float. Pure.

use super::currency::is_currency;
use crate::error::{Code, Problem};
use crate::input::Checks;

/// The largest integer that every JSON reader keeps exactly.
const MOST_MINOR_UNITS: i64 = (1 << 53) - 1;

/// An amount that is not less than nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// In minor units of the currency.
    pub amount_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
}

impl Money {
    /// The amount of two columns, which are both there or both empty.
    pub fn of(amount_minor: Option<i64>, currency: Option<String>) -> Option<Self> {
        Some(Self { amount_minor: amount_minor?, currency: currency? })
    }
}

/// Checks the amount of an input, in its field `amount`.
pub(crate) fn check(checks: &mut Checks, amount_minor: i64, currency: &str) {
    checks.range("amount.amountMinor", amount_minor, 0, MOST_MINOR_UNITS);
    checks.ensure(is_currency(currency), || {
        Problem::new("amount.currency", Code::BadFormat).with("form", "currency")
    });
}
