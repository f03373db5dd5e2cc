//! What an input must look like: checks that name the field and gather every problem.

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;

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

    /// The value of a check that was made elsewhere; its problems are kept.
    pub fn keep<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Problems(problems)) => {
                self.0.extend(problems);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// A text that must be there: trimmed, 1 to `max` characters, without control characters.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> String {
        let value = value.trim().to_owned();
        if value.is_empty() {
            self.0.push(Problem::new(field, Code::Required));
        }
        self.bounded(field, &value, max);
        value
    }

    /// A text that may be absent; an empty one is absent.
    pub fn maybe_text(&mut self, field: &str, value: Option<&str>, max: usize) -> Option<String> {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?.to_owned();
        self.bounded(field, &value, max);
        Some(value)
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
    fn folding_forgets_case_and_accents() {
        assert_eq!(fold("São João ÇA"), "sao joao ca");
    }
}
