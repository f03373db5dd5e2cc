//! Money: whole minor units of a currency that people pay with, by ISO 4217. Pure.

use crate::error::{Code, Problem};
use crate::input::Checks;

/// An amount of money. Amounts of different currencies are never added up.
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

/// The largest integer that every JSON reader keeps exactly.
const MOST_MINOR_UNITS: i64 = (1 << 53) - 1;

/// Checks an amount, which is never negative; `field` is where it stands.
pub(crate) fn check(checks: &mut Checks, field: &str, amount_minor: i64, currency: &str) {
    checks.range(&format!("{field}.amountMinor"), amount_minor, 0, MOST_MINOR_UNITS);
    checks.ensure(is_currency(currency), || {
        Problem::new(format!("{field}.currency"), Code::BadFormat).with("form", "currency")
    });
}

/// The codes in use, in their order: without funds that only banks hold, metals, and tests. The BGN
/// is among them until no contract in it is left.
const CODES: [&str; 165] = [
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
    "BHD", "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD",
    "CDF", "CHE", "CHF", "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK",
    "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
    "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD",
    "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD",
    "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT",
    "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
    "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD",
    "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP",
    "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS",
    "UAH", "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST",
    "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// Whether a text is the code of a currency, in capitals.
fn is_currency(code: &str) -> bool {
    CODES.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_one_that_people_pay_with() {
        assert!(CODES.is_sorted());
        for code in ["BRL", "USD", "EUR", "JPY", "KWD", "UYU"] {
            assert!(is_currency(code), "{code}");
        }
        for code in ["ZZZ", "brl", "R$", "BRLX", "", "XXX", "XTS", "XAU"] {
            assert!(!is_currency(code), "{code}");
        }
    }
}
