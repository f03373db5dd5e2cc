//! What people write into cells: dates, amounts and words, in English and Portuguese. Pure.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use jornada_domain::calendar::{Calendar, is_kept};
use jornada_domain::input::fold;
use jornada_domain::money::is_currency;

/// The length of a date in each form.
const DATE_CHARS: usize = 10;

/// A date: `2024-01-31`, or with the day first `31/01/2024`, `31-01-2024`, `31.01.2024`. A time
/// behind it, as exports add one, is left out.
pub fn date(cell: &str) -> Option<NaiveDate> {
    let (date, rest) = cell.split_at_checked(DATE_CHARS)?;
    if !(rest.is_empty() || rest.starts_with([' ', 'T'])) {
        return None;
    }
    let forms = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"];
    forms
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(date, form).ok())
        .filter(|date| is_kept(*date))
}

/// An instant: a date as [`date`] reads it, with `T` or a space and a time behind it, which is one
/// of the workspace unless `Z` or `-03:00` follows. Noon where no time is said: that is the same
/// day wherever people sit.
pub fn instant(cell: &str, calendar: &Calendar) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(&cell.replacen(' ', "T", 1)) {
        return Some(at.to_utc()).filter(|at| is_kept(at.date_naive()));
    }
    let day = date(cell)?;
    let time = cell[DATE_CHARS..].trim_start_matches(['T', ' ']);
    let forms = ["%H:%M:%S%.f", "%H:%M"];
    let time = match time {
        "" => NaiveTime::from_hms_opt(12, 0, 0),
        time => forms.iter().find_map(|form| NaiveTime::parse_from_str(time, form).ok()),
    };
    Some(calendar.instant(day.and_time(time?)))
}

/// A number with either decimal separator: `1234.5`, `1.234,5`. `None` also for what could mean two
/// numbers, like `1.234`.
pub fn number(cell: &str) -> Option<f64> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1.0, cell), |rest| (-1.0, rest));
    let (whole, fraction) = split_decimals(digits)?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = !whole.is_empty() && is_digits(&whole) && is_digits(fraction);
    let number = is_number.then(|| format!("{whole}.{fraction}0").parse::<f64>().ok())??;
    Some(sign * number)
}

/// An amount of money as it is written: how many minor units that is depends on its currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// The digits, of which the last `decimals` stand behind the separator.
    digits: i64,
    decimals: u32,
    /// ISO 4217, where it is said.
    pub currency: Option<String>,
}

/// Why an amount cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// It is no amount, or could be two.
    Form,
    /// It stands in another currency than the one that is said beside it.
    Currency,
}

impl Amount {
    /// Nothing, in a currency.
    pub fn nothing(currency: Option<String>) -> Self {
        Self { currency, ..Self::default() }
    }

    /// An amount that is known in minor units of its currency.
    pub fn of_minor(minor: i64, currency: &str) -> Self {
        let decimals = minor_digits(currency);
        Self { digits: minor, decimals, currency: Some(currency.to_owned()) }
    }

    /// The amount in minor units of a currency; nothing where it has parts of one.
    pub fn minor(&self, currency: &str) -> Option<i64> {
        let zeros = minor_digits(currency).checked_sub(self.decimals)?;
        self.digits.checked_mul(10_i64.checked_pow(zeros)?)
    }
}

/// The currencies that people write with a `$` alone.
const DOLLARS: [&str; 13] =
    ["ARS", "AUD", "BRL", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD", "USD", "UYU"];

/// An amount of money: `1234.5`, `1.234,50`, `R$ 1.234,50`, `US$ 10`, `10 EUR`; `said` is the
/// currency that another column says. What could mean two amounts, like `1.234`, is not guessed,
/// nor is what `12 mil`, `10k` or a `$` of which nothing says more means.
pub fn amount(cell: &str, said: Option<&str>) -> Result<Amount, Misread> {
    let (mark, number, is_negative) = marked(cell).ok_or(Misread::Form)?;
    let currency = match mark.to_uppercase().as_str() {
        "" => said.map(str::to_owned),
        "$" => Some(dollar(said)?.to_owned()),
        mark => Some(currency_of(mark).ok_or(Misread::Form)?.to_owned()),
    };
    if said.is_some_and(|said| currency.as_deref() != Some(said)) {
        return Err(Misread::Currency);
    }
    let (digits, decimals) = digits(number).ok_or(Misread::Form)?;
    let digits = if is_negative { -digits } else { digits };
    Ok(Amount { digits, decimals, currency })
}

/// What stands beside a number, on one side of it; the number; and whether it is below zero.
fn marked(cell: &str) -> Option<(&str, &str, bool)> {
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let (begin, last) = (cell.find(is_of_number)?, cell.rfind(is_of_number)?);
    let (before, number) = (cell[..begin].trim(), &cell[begin..=last]);
    let behind = cell[last + 1..].trim();
    // `-R$ 5` and `R$ -5` are the same.
    let unsigned = before.strip_prefix('-').or_else(|| before.strip_suffix('-'));
    match (unsigned.unwrap_or(before).trim(), behind) {
        (mark, "") | ("", mark) => Some((mark, number, unsigned.is_some())),
        _ => None,
    }
}

/// What `$` means beside a column that says a currency.
fn dollar(said: Option<&str>) -> Result<&str, Misread> {
    match said {
        None => Err(Misread::Form),
        Some(said) if DOLLARS.contains(&said) => Ok(said),
        Some(_) => Err(Misread::Currency),
    }
}

/// The currency that a sign or a code means, in capitals.
fn currency_of(mark: &str) -> Option<&str> {
    match mark {
        "R$" => Some("BRL"),
        "US$" => Some("USD"),
        "€" => Some("EUR"),
        "£" => Some("GBP"),
        code => Some(code).filter(|code| is_currency(code)),
    }
}

/// All digits of a number as one, and how many of them are decimals.
fn digits(number: &str) -> Option<(i64, u32)> {
    let (whole, fraction) = split_decimals(number)?;
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let is_number = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let digits = is_number.then(|| digits.parse().ok()).flatten()?;
    Some((digits, u32::try_from(fraction.len()).ok()?))
}

/// The digits before and behind the decimal separator. Of two kinds of separators, the last one
/// is the decimal one.
fn split_decimals(number: &str) -> Option<(String, &str)> {
    let Some(at) = number.rfind(['.', ',']) else {
        return Some((number.to_owned(), ""));
    };
    let (whole, fraction) = (&number[..at], &number[at + 1..]);
    let separator = &number[at..=at];
    let other = if separator == "." { ',' } else { '.' };
    if whole.contains(separator) {
        // It comes twice, so it stands between thousands.
        return without_thousands(number, separator.chars().next()?).map(|whole| (whole, ""));
    }
    let is_ambiguous = fraction.len() == 3 && !whole.contains(other);
    if is_ambiguous {
        return None;
    }
    without_thousands(whole, other).map(|whole| (whole, fraction))
}

fn without_thousands(whole: &str, separator: char) -> Option<String> {
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let is_grouped = whole.contains(separator);
    let fits = (!is_grouped || first.len() <= 3) && groups.all(|group| group.len() == 3);
    fits.then(|| whole.replace(separator, ""))
}

/// The decimal places of a currency (ISO 4217).
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// The meaning of a word out of a list, whatever its case and accents.
pub fn word<T: Copy>(cell: &str, meanings: &[(&str, T)]) -> Option<T> {
    let cell = fold(cell).replace([' ', '-'], "_");
    meanings.iter().find(|(word, _)| *word == cell).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use jornada_domain::calendar::WorkingWeek;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_read_in_the_forms_of_exports_with_the_day_first() {
        let expected = NaiveDate::from_ymd_opt(2024, 2, 1);
        for cell in ["2024-02-01", "01/02/2024", "01-02-2024", "01.02.2024", "2024-02-01T10:00:00Z"]
        {
            assert_eq!(date(cell), expected, "{cell}");
        }
        for cell in [
            "",
            "2024",
            "2024-13-01",
            "02/31/2024",
            "2024-02-010",
            "1/2/2024",
            "amanhã",
            "9999-12-31",
            "01/01/0001",
        ] {
            assert_eq!(date(cell), None, "{cell}");
        }
    }

    /// What a cell means beside a column that says a currency, or nothing; in reais unless said.
    fn read(cell: &str, said: Option<&str>) -> Result<(Option<i64>, Option<String>), Misread> {
        let amount = amount(cell, said)?;
        let minor = amount.minor(amount.currency.as_deref().unwrap_or("BRL"));
        Ok((minor, amount.currency))
    }

    fn minor(cell: &str, currency: &str) -> Option<i64> {
        amount(cell, None).ok()?.minor(currency)
    }

    #[test]
    fn amounts_are_read_with_either_decimal_separator() {
        for (cell, expected) in [
            ("0", 0),
            ("42", 4200),
            ("42.3", 4230),
            ("1234,50", 123_450),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1,234,567", 123_456_700),
            ("-1,5", -150),
        ] {
            assert_eq!(minor(cell, "BRL"), Some(expected), "{cell}");
        }
        assert_eq!(Amount::of_minor(1234, "BRL").minor("BRL"), Some(1234));
    }

    #[test]
    fn a_currency_in_the_cell_is_the_currency_of_the_amount() {
        for (cell, minor, currency) in [
            ("R$ 1.234.567,89", 123_456_789, "BRL"),
            ("r$5", 500, "BRL"),
            ("US$\u{a0}1,234,567", 123_456_700, "USD"),
            ("-US$ 1", -100, "USD"),
            ("€ 20", 2000, "EUR"),
            ("20 €", 2000, "EUR"),
            ("£ -7,50", -750, "GBP"),
            ("100 usd", 10_000, "USD"),
            ("99,90 BRL", 9990, "BRL"),
            ("EUR 7,50", 750, "EUR"),
            ("JPY 1500", 1500, "JPY"),
        ] {
            let expected = Ok((Some(minor), Some(currency.to_owned())));
            assert_eq!(read(cell, None), expected, "{cell}");
            assert_eq!(read(cell, Some(currency)), expected, "{cell}");
            assert_eq!(read(cell, Some("CHF")), Err(Misread::Currency), "{cell}");
        }
        let said = Ok((Some(500), Some("CHF".to_owned())));
        assert_eq!(read("5", Some("CHF")), said);
        assert_eq!(read("$ 5", Some("MXN")), Ok((Some(500), Some("MXN".to_owned()))));
        assert_eq!(read("$ 5", Some("EUR")), Err(Misread::Currency));
        for cell in [
            "$ 5",
            "12 mil",
            "R$ 3 mil",
            "10k",
            "2M",
            "1,5 mi",
            "abc 5",
            "abc 5 xyz",
            "ZZZ 5",
            "R$ 5 BRL",
            "5-",
            "+5",
            "--5",
            "R$",
            "¥ 5",
            "5 USD EUR",
            "R$ 1 234,00",
        ] {
            assert_eq!(read(cell, None), Err(Misread::Form), "{cell}");
        }
    }

    #[test]
    fn instants_are_those_of_the_workspace_unless_a_zone_is_said() {
        let week = WorkingWeek::MONDAY_TO_FRIDAY;
        let calendar = Calendar::new(chrono_tz::America::Sao_Paulo, week, Default::default());
        let at = |cell| instant(cell, &calendar).map(|at| at.to_rfc3339());
        for (cell, expected) in [
            ("31/01/2026", "2026-01-31T15:00:00+00:00"),
            ("2026-01-31 09:30", "2026-01-31T12:30:00+00:00"),
            ("31/01/2026 09:30:15", "2026-01-31T12:30:15+00:00"),
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00+00:00"),
            ("2026-01-31 09:30:00-05:00", "2026-01-31T14:30:00+00:00"),
        ] {
            assert_eq!(at(cell).as_deref(), Some(expected), "{cell}");
        }
        for cell in ["", "09:30", "2026-01-31 soon", "2026-01-31 25:00", "9999-12-31T00:00:00Z"] {
            assert_eq!(at(cell), None, "{cell}");
        }
    }

    #[test]
    fn numbers_are_read_with_either_decimal_separator() {
        let cells = [("0", 0.0), ("12,5", 12.5), ("-1.234,50", -1234.5), ("1,234.5", 1234.5)];
        for (cell, expected) in cells {
            assert_eq!(number(cell), Some(expected), "{cell}");
        }
        for cell in ["", "-", "1.234", "abc", "NaN", "inf", "1e9", "1,5,2"] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    #[test]
    fn amounts_that_could_mean_two_things_or_nothing_are_not_guessed() {
        for cell in
            ["", "1.234", "10.500", "1,234", "1.23.456", "12.34.56", "1.2.3,4", "x", "1e3", "0.005"]
        {
            assert_eq!(minor(cell, "BRL"), None, "{cell}");
        }
        for cell in ["99999999999999999999", "9223372036854775807"] {
            assert_eq!(minor(cell, "BRL"), None, "{cell}");
        }
    }

    #[test]
    fn a_currency_has_its_own_decimal_places() {
        assert_eq!(minor("1500", "JPY"), Some(1500));
        assert_eq!(minor("1,5", "JPY"), None);
        assert_eq!(minor("1.5", "KWD"), Some(1500));
    }

    #[test]
    fn words_are_known_without_case_and_accents() {
        let meanings = [("periodo_de_teste", 1), ("ativo", 2)];
        assert_eq!(word("Período de teste", &meanings), Some(1));
        assert_eq!(word("ATIVO", &meanings), Some(2));
        assert_eq!(word("atento", &meanings), None);
    }

    proptest! {
        #[test]
        fn an_amount_written_with_two_decimals_comes_back(cents in 0i64..1_000_000_000_000) {
            let (whole, part) = (cents / 100, cents % 100);
            for text in [format!("{whole}.{part:02}"), format!("{whole},{part:02}")] {
                prop_assert_eq!(minor(&text, "BRL"), Some(cents));
            }
        }

        #[test]
        fn whatever_stands_in_a_cell_is_read_or_refused(cell in "\\PC{0,20}") {
            let _ = (date(&cell), minor(&cell, "BRL"), word(&cell, &[("x", 1)]));
        }
    }
}
