//! Reading the configuration of a task property by property: every problem is told at once, and
//! names its property. Pure.

use sea_orm::Iterable;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::error::{Code, Problem};
use crate::input::Checks;

/// The properties of a configuration.
pub(super) struct Properties<'c> {
    given: Option<&'c Map<String, Json>>,
    known: Vec<&'static str>,
    checks: Checks,
    is_readable: bool,
}

impl<'c> Properties<'c> {
    /// The properties of a JSON object; null has none.
    pub(super) fn of(config: &'c Json) -> Self {
        let (given, known, checks) = (config.as_object(), Vec::new(), Checks::new());
        let mut properties = Self { given, known, checks, is_readable: true };
        if given.is_none() && !config.is_null() {
            properties.refuse(Problem::new("config", Code::BadFormat).with("form", "object"));
        }
        properties
    }

    /// A text of one line: 1 to `max` characters.
    pub(super) fn text(&mut self, name: &'static str, max: usize) -> Option<String> {
        let value = self.value(name)?;
        let text = self.form(name, value.as_str(), "string")?;
        Some(self.checks.text(&path(name), text, max))
    }

    /// A number.
    pub(super) fn number(&mut self, name: &'static str) -> Option<f64> {
        let value = self.value(name)?;
        self.form(name, value.as_f64(), "number")
    }

    /// Whole days within `min..=max`.
    pub(super) fn days(&mut self, name: &'static str, min: i64, max: i64) -> Option<u32> {
        let value = self.value(name)?;
        let days = self.form(name, value.as_i64(), "integer")?;
        self.checks.range(&path(name), days, min, max);
        let days = u32::try_from(days).ok();
        self.is_readable &= days.is_some();
        days
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.value(name)?;
        self.form(name, value.as_bool(), "boolean")
    }

    /// One of the words of a list.
    pub(super) fn word<T: Iterable + Serialize>(&mut self, name: &'static str) -> Option<T> {
        self.word_of(name, T::iter())
    }

    /// One of these words.
    pub(super) fn word_of<T: Serialize>(
        &mut self,
        name: &'static str,
        words: impl IntoIterator<Item = T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let shown = |word: &T| serde_json::to_value(word).unwrap_or_default();
        let (found, others): (Vec<T>, Vec<T>) =
            words.into_iter().partition(|word| shown(word) == *value);
        let found = found.into_iter().next();
        if found.is_none() {
            let words: Vec<_> = others.iter().map(shown).collect();
            let words: Vec<_> = words.iter().filter_map(Json::as_str).collect();
            let problem = Problem::new(path(name), Code::UnknownWord);
            self.refuse(problem.with("words", words.join(", ")));
        }
        found
    }

    /// Demands that a property is there.
    pub(super) fn require(&mut self, name: &'static str) {
        if self.value(name).is_none() {
            self.refuse(Problem::new(path(name), Code::Required));
        }
    }

    /// Adds a problem because of which the configuration means nothing.
    pub(super) fn refuse(&mut self, problem: Problem) {
        self.is_readable = false;
        self.checks.push(problem);
    }

    /// What was found wrong, properties that nobody knows among it, and whether the configuration
    /// means something all the same: then only limits are passed.
    pub(super) fn finish(mut self) -> (Vec<Problem>, bool) {
        let is_known = |name: &str| self.known.contains(&name);
        let given = self.given.into_iter().flat_map(Map::keys);
        let unknown: Vec<_> = given.filter(|name| !is_known(name)).collect();
        let words = if self.known.is_empty() { "none".to_owned() } else { self.known.join(", ") };
        for name in unknown {
            let problem = Problem::new(path(name), Code::UnknownField);
            self.refuse(problem.with("words", &words));
        }
        (self.checks.into_problems(), self.is_readable)
    }

    /// What is said of a property; null says nothing.
    fn value(&mut self, name: &'static str) -> Option<&'c Json> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.given?.get(name).filter(|value| !value.is_null())
    }

    fn form<T>(&mut self, name: &str, value: Option<T>, form: &'static str) -> Option<T> {
        if value.is_none() {
            self.refuse(Problem::new(path(name), Code::BadFormat).with("form", form));
        }
        value
    }
}

fn path(name: &str) -> String {
    format!("config.{name}")
}
