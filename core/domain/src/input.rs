//! What an input must look like: checks that name the field and gather every problem.

use chrono::{DateTime, NaiveTime, SubsecRound, Utc};
use chrono_tz::Tz;

use crate::calendar::FIRST_DATE;
use crate::error::{Code, Error, Problem, Result};

/// Gathers problems, so that a caller sees all of them at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<Problem>);

impl Checks {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds a problem unless `holds`.
    pub fn ensure(&mut self, holds: bool, problem: impl FnOnce() -> Problem) {
        if !holds {
            self.0.push(problem());
        }
    }

    /// Whether nothing was found wrong yet.
    pub fn is_well(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a check that was made elsewhere; its problems are kept. Where the database has
    /// found a value taken, it answers nothing more in this transaction: that ends the checks.
    pub fn keep<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.has(Code::Taken) => Err(error),
            Err(Error::Problems(problems)) => {
                self.0.extend(problems);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// A text of one line that must be there: trimmed, 1 to `max` characters, one of which can be
    /// seen, without control characters.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        self.one_line(field, value);
        self.prose(field, value, max)
    }

    /// A text of one line that may be absent; one of which nothing can be seen is absent.
    pub fn maybe_text(&mut self, field: &str, value: Option<&str>, max: usize) -> Option<String> {
        let value = self.maybe_prose(field, value, max)?;
        self.one_line(field, &value);
        Some(value)
    }

    /// A text of perhaps several lines, like a note or a reason; otherwise like [`Self::text`].
    pub fn prose(&mut self, field: &str, value: &str, max: usize) -> String {
        let value = value.trim().to_owned();
        if value.chars().all(is_unseen) {
            self.0.push(Problem::new(field, Code::Required));
        }
        self.bounded(field, &value, max);
        value
    }

    /// A text of perhaps several lines that may be absent.
    pub fn maybe_prose(&mut self, field: &str, value: Option<&str>, max: usize) -> Option<String> {
        let value = value.map(str::trim).filter(|value| !value.chars().all(is_unseen))?.to_owned();
        self.bounded(field, &value, max);
        Some(value)
    }

    fn one_line(&mut self, field: &str, value: &str) {
        let breaks = ['\n', '\r', '\u{2028}', '\u{2029}'];
        self.ensure(!value.trim().contains(breaks), || {
            Problem::new(field, Code::BadFormat).with("form", "line")
        });
    }

    fn bounded(&mut self, field: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.0.push(Problem::new(field, Code::TooLong).with("max", max));
        }
        // A NUL cannot be stored by PostgreSQL; the others only make trouble where they are shown.
        let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if value.chars().any(is_control) {
            self.0.push(Problem::new(field, Code::BadFormat).with("form", "text"));
        }
    }

    /// A key: 1 to 60 of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit.
    pub fn key(&mut self, field: &str, value: &str) -> String {
        let value = value.trim().to_owned();
        let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let is_good = value.chars().all(is_key)
            && value.starts_with(|c: char| c.is_ascii_alphanumeric())
            && value.len() <= 60;
        self.ensure(is_good, || Problem::new(field, Code::BadFormat).with("form", "key"));
        value
    }

    /// An integer within `min..=max`.
    pub fn range<N: PartialOrd + ToString + Copy>(
        &mut self,
        field: &str,
        value: N,
        min: N,
        max: N,
    ) {
        self.ensure((min..=max).contains(&value), || {
            Problem::new(field, Code::OutOfRange)
                .with("min", min.to_string())
                .with("max", max.to_string())
        });
    }

    /// An instant that is not in the future, in whole microseconds: what both databases can keep.
    pub fn past(&mut self, field: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        self.ensure(at <= now, || Problem::new(field, Code::TooLate).with("max", now.to_rfc3339()));
        let first = FIRST_DATE.and_time(NaiveTime::MIN).and_utc();
        self.ensure(at >= first, || {
            Problem::new(field, Code::TooEarly).with("min", first.to_rfc3339())
        });
        at.trunc_subsecs(6)
    }

    /// A name of the IANA time zone database.
    pub fn time_zone(&mut self, field: &str, value: &str) -> String {
        let is_known = value.parse::<Tz>().is_ok();
        self.ensure(is_known, || Problem::new(field, Code::UnknownTimeZone));
        value.to_owned()
    }

    /// An e-mail address, as far as its form can tell: one `@`, a dot behind it, no space.
    pub fn email(&mut self, field: &str, value: &str) -> String {
        let value = self.text(field, value, 320).to_lowercase();
        let is_good = value.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.split('.').count() > 1
                && host.split('.').all(|label| !label.is_empty())
                && !value.contains(char::is_whitespace)
                && !host.contains('@')
        });
        self.ensure(is_good || value.is_empty(), || {
            Problem::new(field, Code::BadFormat).with("form", "email")
        });
        value
    }

    /// The problems that were found.
    pub fn into_problems(self) -> Vec<Problem> {
        self.0
    }

    /// `Ok` when nothing was found wrong.
    pub fn finish(self) -> Result<()> {
        crate::error::all_well(self.0)
    }
}

/// Whether nothing is seen of a character: spaces, controls, and what Unicode ignores by default.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Text as it is searched: lower case, without the accents that people leave out.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(without_accent).collect()
}

fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_at_once() {
        let mut checks = Checks::new();
        checks.text("name", "  ", 10);
        checks.text("title", "x".repeat(11).as_str(), 10);
        checks.key("key", "No Spaces");
        checks.time_zone("timeZone", "Mars/Olympus");
        checks.email("email", "nobody");
        let each: Vec<_> = checks.into_problems().iter().map(Problem::to_string).collect();
        insta::assert_snapshot!(each.join("\n"), @r"
        name: REQUIRED
        title: TOO_LONG max=10
        key: BAD_FORMAT form=key
        timeZone: UNKNOWN_TIME_ZONE
        email: BAD_FORMAT form=email
        ");
    }

    #[test]
    fn a_taken_value_ends_the_checks() {
        let mut checks = Checks::new();
        let problem = |code| Err::<(), _>(Problem::new("slug", code).into());
        assert!(checks.keep(problem(Code::TooLong)).is_ok_and(|kept| kept.is_none()));
        assert!(checks.keep(problem(Code::Taken)).is_err());
    }

    #[test]
    fn a_line_has_no_breaks_and_something_to_be_seen() {
        let told = |value: &str| {
            let mut checks = Checks::new();
            checks.text("name", value, 10);
            checks.finish().err().map(|error| error.to_string()).unwrap_or_default()
        };
        for value in ["a", " a\n", "\u{200d}é\u{200d}", "日本"] {
            assert_eq!(told(value), "", "{value:?}");
        }
        for value in ["a\nb", "a\r\nb", "a\u{2028}b"] {
            assert_eq!(told(value), "name: BAD_FORMAT form=line", "{value:?}");
        }
        for value in ["", "\u{200b}\u{feff}", "\u{2060} \u{ad}", "\u{2800}"] {
            assert_eq!(told(value), "name: REQUIRED", "{value:?}");
        }
        let mut checks = Checks::new();
        assert_eq!(checks.maybe_text("title", Some("\u{200b}"), 10), None);
        assert_eq!(checks.maybe_prose("notes", Some("a\nb\n"), 10).as_deref(), Some("a\nb"));
        assert_eq!(checks.prose("reason", "a\nb", 10), "a\nb");
        assert!(checks.is_well());
    }

    #[test]
    fn folding_forgets_case_and_accents() {
        assert_eq!(fold("São João ÇA"), "sao joao ca");
    }
}
