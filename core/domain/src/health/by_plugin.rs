//! Scores that a plugin makes: its configuration, and what its inputs are bound to. What a plugin
//! says of itself is told by whoever called it; this module never calls one. Pure, but for checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::built_in::BuiltIn;
use super::facts::Column;
use super::measure::{self, Aggregation, Source};
use crate::plugins::{PluginKind, document, plugin, version};
use crate::prelude::*;
use crate::workspace::Locale;

/// A score that a plugin makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ByPlugin {
    /// The plugin.
    pub plugin_id: PluginId,
    /// Its configuration.
    pub config: Json,
    /// What each of its inputs is bound to, by key; inputs that are not here are never known.
    pub bindings: BTreeMap<String, Source>,
    /// What it said of itself with this configuration, when the version of the model was made.
    pub described: Described,
}

/// A text by the language it is written in, `pt-BR` or `en`.
pub type Texts = BTreeMap<String, String>;

/// A text in a language, or else in one that there is. Pure.
pub fn text(texts: &Texts, locale: Locale) -> Option<&str> {
    let text = texts.get(&locale.to_value()).or_else(|| texts.get("en"));
    text.or_else(|| texts.values().next()).map(String::as_str)
}

/// The same of texts in a manifest; nothing where there are none. Pure.
pub fn told(texts: &Json, locale: Locale) -> String {
    let texts = Texts::deserialize(texts).unwrap_or_default();
    text(&texts, locale).unwrap_or_default().to_owned()
}

/// What a plugin says of itself with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Described {
    /// What it wants to know, in its order.
    pub inputs: Vec<Input>,
    /// The parts of a score, by key.
    pub factors: Vec<Factor>,
    /// What its reasons say, by code.
    pub reasons: BTreeMap<String, Texts>,
}

/// A part of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Factor {
    pub key: String,
    pub title: Texts,
    /// 0 to 1; 0 where the plugin has no weights.
    pub weight: f64,
}

/// Something that a plugin wants to know of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    pub key: String,
    pub title: Texts,
    pub kind: InputKind,
    /// As it is shown; empty where there is none.
    pub unit: String,
    /// Whether there is no score without it.
    pub required: bool,
    /// How many days are meant where it is bound to a metric; 0 for the latest point.
    pub window_days: u32,
    /// What is meant where it is bound to a metric.
    pub aggregation: Aggregation,
    /// The words that a category can be, where they are known.
    pub words: Vec<String>,
    /// Whether it says something about a person.
    pub is_sensitive: bool,
    /// What the platform knows that fits, by name; empty where nothing does.
    pub suggestion: String,
}

impl Input {
    /// What the platform knows that fits.
    pub fn suggested(&self) -> Option<BuiltIn> {
        BuiltIn::parse(&self.suggestion)
    }
}

/// What the values of an input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InputKind {
    /// A number.
    Number,
    /// 0 or 1.
    Flag,
    /// A word.
    Category,
    /// Days from today.
    Days,
}

/// A score to be made by a plugin. Inputs that `bound` does not name are bound to what the plugin
/// suggests; `None` leaves one unknown.
#[derive(Clone, Debug)]
pub struct NewByPlugin {
    pub plugin_id: PluginId,
    pub config: Json,
    pub bound: BTreeMap<String, Option<Source>>,
}

impl NewByPlugin {
    /// It with what the plugin says of itself. Names that are no inputs stay, so that they are
    /// refused. Pure.
    pub fn described(self, described: Described) -> ByPlugin {
        let Self { plugin_id, config, mut bound } = self;
        let mut bindings = BTreeMap::new();
        for input in &described.inputs {
            let suggested = || input.suggested().map(|name| Source::BuiltIn { name });
            let source = bound.remove(&input.key).unwrap_or_else(suggested);
            bindings.extend(source.map(|source| (input.key.clone(), source)));
        }
        bindings.extend(bound.into_iter().filter_map(|(key, source)| Some((key, source?))));
        ByPlugin { plugin_id, config, bindings, described }
    }
}

impl ByPlugin {
    /// What it reads, in the order of the keys of its inputs.
    pub fn sources(&self) -> Vec<Source> {
        self.bindings.values().cloned().collect()
    }

    /// The column of an input among those of [`Self::sources`].
    pub fn column<'c>(&self, columns: &'c [Column], input: &str) -> Option<&'c Column> {
        let place = self.bindings.keys().position(|key| key == input)?;
        columns.get(place)
    }

    /// What people call a factor, an input, or what a reason says, in a language.
    pub(super) fn title(&self, key: &str, locale: Locale) -> Option<&str> {
        let Described { inputs, factors, reasons } = &self.described;
        let of_input = || inputs.iter().find(|one| one.key == key).map(|one| &one.title);
        let of_factor = || factors.iter().find(|one| one.key == key).map(|one| &one.title);
        let texts = reasons.get(key).or_else(of_factor).or_else(of_input)?;
        text(texts, locale)
    }

    /// Checks it, and that there is what it reads. Problems stand under `path`.
    pub(super) async fn check(&self, cx: &Cx<'_>, checks: &mut Checks, path: &str) -> Result<()> {
        match plugin::callable(cx, self.plugin_id, PluginKind::HealthScore).await {
            Ok(row) => {
                let version = version::find_in(cx, row.active_version_id).await?;
                let schema = crate::plugins::schema(&version.manifest, "config");
                let told = document::problems(schema, &self.config, &format!("{path}.config"));
                told.into_iter().for_each(|problem| checks.push(problem));
            }
            Err(Error::Problems(problems)) => {
                let named = problems.into_iter().map(|problem| problem.under(path));
                named.for_each(|problem| checks.push(problem));
            }
            Err(other) => return Err(other),
        }
        self.check_bindings(cx, checks, path).await
    }

    /// Checks that there is what its inputs are bound to, that it fits them, and that those are
    /// bound without which there is no score.
    pub(super) async fn check_bindings(
        &self,
        cx: &Cx<'_>,
        checks: &mut Checks,
        path: &str,
    ) -> Result<()> {
        let place = |key: &str| format!("{path}.bindings.{key}");
        let sources: Vec<_> = self.bindings.iter().map(|(key, one)| (place(key), one)).collect();
        let gives_words = measure::check(cx, checks, &sources).await?;
        for ((key, _), gives_word) in self.bindings.iter().zip(gives_words) {
            match self.described.inputs.iter().find(|input| input.key == *key) {
                None => {
                    let keys: Vec<_> = self.described.inputs.iter().map(|one| &*one.key).collect();
                    let problem = Problem::new(place(key), Code::UnknownWord);
                    checks.push(problem.with("words", keys.join(", ")));
                }
                Some(input) => {
                    checks.ensure((input.kind == InputKind::Category) == gives_word, || {
                        let form = if gives_word { "number" } else { "string" };
                        Problem::new(place(key), Code::BadFormat).with("form", form)
                    })
                }
            }
        }
        for input in self.described.inputs.iter().filter(|input| input.required) {
            checks.ensure(self.bindings.contains_key(&input.key), || {
                Problem::new(place(&input.key), Code::Required)
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(key: &str, suggestion: &str) -> Input {
        Input {
            key: key.to_owned(),
            title: [("en".to_owned(), format!("The {key}"))].into(),
            kind: InputKind::Number,
            unit: String::new(),
            required: false,
            window_days: 0,
            aggregation: Aggregation::Last,
            words: Vec::new(),
            is_sensitive: false,
            suggestion: suggestion.to_owned(),
        }
    }

    #[test]
    fn an_input_that_nobody_binds_is_bound_to_what_is_suggested_and_known() {
        let described = Described {
            inputs: vec![
                input("nps", "last_nps"),
                input("luck", "horoscope"),
                input("age", "pace"),
            ],
            ..Described::default()
        };
        let attribute = Source::Attribute { key: "luck_rating".to_owned() };
        let new = |bound: &[(&str, Option<Source>)]| NewByPlugin {
            plugin_id: PluginId(Uuid::nil()),
            config: Json::Null,
            bound: bound.iter().map(|(key, one)| ((*key).to_owned(), one.clone())).collect(),
        };
        let bound = |bound: &[(&str, Option<Source>)]| {
            new(bound).described(described.clone()).bindings.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(bound(&[]), ["age", "nps"]);
        assert_eq!(bound(&[("age", None), ("luck", Some(attribute.clone()))]), ["luck", "nps"]);
        assert_eq!(bound(&[("moon", Some(attribute))]), ["age", "moon", "nps"]);
    }

    #[test]
    fn a_text_is_said_in_the_language_asked_for_or_in_one_that_there_is() {
        let described = Described { inputs: vec![input("nps", "")], ..Described::default() };
        let new =
            NewByPlugin { plugin_id: PluginId(Uuid::nil()), config: Json::Null, bound: [].into() };
        let by = new.described(described);
        assert_eq!(by.title("nps", Locale::PtBr), Some("The nps"));
        assert_eq!(by.title("other", Locale::En), None);
    }
}
