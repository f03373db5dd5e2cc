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

/// Ten billion of a currency with cents. What half a million subscriptions bring in a year, each
/// of them so large, still adds up to a number that both databases keep.
const MOST_MINOR_UNITS: i64 = 1_000_000_000_000;

/// Checks an amount, which is never negative; `field` is where it stands.
pub(crate) fn check(checks: &mut Checks, field: &str, amount_minor: i64, currency: &str) {
    check_minor(checks, &format!("{field}.amountMinor"), amount_minor);
    checks.ensure(is_currency(currency), || {
        Problem::new(format!("{field}.currency"), Code::BadFormat).with("form", "currency")
    });
}

/// Checks an amount whose currency is known. Below 0 the largest amount is of no interest.
pub(crate) fn check_minor(checks: &mut Checks, field: &str, amount_minor: i64) {
    match amount_minor {
        ..0 => {
            checks.push(Problem::new(field, Code::OutOfRange).with("min", 0).with("max", "none"))
        }
        _ => checks.range(field, amount_minor, 0, MOST_MINOR_UNITS),
    }
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
pub fn is_currency(code: &str) -> bool {
    CODES.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_a_least_and_a_most() {
        let told = |amount_minor| {
            let mut checks = Checks::new();
            check_minor(&mut checks, "price", amount_minor);
            checks.into_problems().pop().map(|problem| problem.params)
        };
        assert_eq!(told(0), None);
        assert_eq!(told(MOST_MINOR_UNITS), None);
        assert_eq!(told(-1), Some(vec![("min", "0".to_owned()), ("max", "none".to_owned())]));
        let range = vec![("min", "0".to_owned()), ("max", "1000000000000".to_owned())];
        assert_eq!(told(MOST_MINOR_UNITS + 1), Some(range));
    }

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
