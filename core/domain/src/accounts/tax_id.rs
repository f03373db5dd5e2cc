//! Tax ids: a Brazilian CNPJ is verified, anything else is kept as it was written. Pure.

use crate::error::{Code, Problem};
use crate::input::Checks;

const CNPJ_CHARS: usize = 14;

/// The tax id as it is stored: a CNPJ without its punctuation and with the right check digits,
/// where the account is in Brazil or nobody said where; else the text, up to 40 characters.
pub(super) fn check(
    checks: &mut Checks,
    value: Option<&str>,
    country: Option<&str>,
) -> Option<String> {
    let value = checks.maybe_text("taxId", value, 40)?;
    let Some(cnpj) = bare(&value).filter(|_| matches!(country, None | Some("BR"))) else {
        return Some(value);
    };
    checks.ensure(is_cnpj(&cnpj), || Problem::new("taxId", Code::BadFormat).with("form", "cnpj"));
    Some(cnpj)
}

/// What looks like a CNPJ, without its punctuation: since 2026 it may hold letters.
pub(super) fn bare(value: &str) -> Option<String> {
    let bare: String = value.trim().chars().filter(|c| !"./-".contains(*c)).collect();
    let looks_so = bare.len() == CNPJ_CHARS && bare.chars().all(|c| c.is_ascii_alphanumeric());
    looks_so.then(|| bare.to_ascii_uppercase())
}

/// Whether fourteen capitals and digits end in the check digits of the first twelve. All zeros
/// fit, but are nobody's.
fn is_cnpj(bare: &str) -> bool {
    let values: Vec<u32> = bare.bytes().map(|byte| u32::from(byte - b'0')).collect();
    let ends_right = |length| values[length] == check_digit(&values[..length]);
    ends_right(CNPJ_CHARS - 2) && ends_right(CNPJ_CHARS - 1) && values.iter().any(|v| *v != 0)
}

/// Modulo 11 with the weights 2 to 9 from the right; a character counts as its ASCII code − 48.
fn check_digit(values: &[u32]) -> u32 {
    let weights = (2..=9).cycle();
    let sum: u32 = values.iter().rev().zip(weights).map(|(value, weight)| value * weight).sum();
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn checked(value: &str, country: Option<&str>) -> Result<Option<String>, String> {
        let mut checks = Checks::new();
        let stored = check(&mut checks, Some(value), country);
        checks.finish().map(|()| stored).map_err(|error| error.to_string())
    }

    #[test]
    fn a_cnpj_is_stored_without_its_punctuation() {
        for written in ["11.222.333/0001-81", "11222333000181", " 11.222.333/0001-81 "] {
            assert_eq!(checked(written, None), Ok(Some("11222333000181".to_owned())));
        }
        assert_eq!(checked("12.abc.345/01DE-35", Some("BR")), Ok(Some("12ABC34501DE35".into())));
    }

    #[test]
    fn what_looks_like_a_cnpj_must_be_one() {
        for written in ["11.222.333/0001-82", "12ABC34501DE53", "00000000000000", "12ABC34501DEXY"]
        {
            assert_eq!(checked(written, None), Err("taxId: BAD_FORMAT form=cnpj".to_owned()));
        }
    }

    #[test]
    fn other_tax_ids_are_kept_as_they_are_written() {
        assert_eq!(checked("DE 136 695 976", None), Ok(Some("DE 136 695 976".to_owned())));
        assert_eq!(checked("11222333000182", Some("PT")), Ok(Some("11222333000182".to_owned())));
        assert_eq!(checked("  ", Some("BR")), Ok(None));
        assert_eq!(checked(&"9".repeat(41), None), Err("taxId: TOO_LONG max=40".to_owned()));
    }

    fn with_check_digits(base: &str) -> String {
        let mut values: Vec<u32> = base.bytes().map(|byte| u32::from(byte - b'0')).collect();
        values.push(check_digit(&values));
        values.push(check_digit(&values));
        format!("{base}{}{}", values[12], values[13])
    }

    proptest! {
        #[test]
        fn the_check_digits_of_any_base_are_accepted(base in "[1-9A-Z][0-9A-Z]{11}") {
            prop_assert!(is_cnpj(&with_check_digits(&base)));
        }

        #[test]
        fn punctuation_and_case_do_not_matter(base in "[1-9A-Z][0-9A-Z]{11}") {
            let bare = with_check_digits(&base);
            let (root, order) = bare.split_at(8);
            let (branch, digits) = order.split_at(4);
            let written = format!("{root}/{branch}-{digits}").to_lowercase();
            prop_assert_eq!(checked(&written, None), Ok(Some(bare)));
        }

        #[test]
        fn what_is_stored_is_stored_again_as_it_is(written in "[0-9A-Z./ -]{1,20}") {
            if let Ok(Some(stored)) = checked(&written, None) {
                prop_assert_eq!(checked(&stored, None), Ok(Some(stored)));
            }
        }
    }
}
