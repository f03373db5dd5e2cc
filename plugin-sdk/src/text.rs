//! When and in which language a plugin is asked, and how it says what is wrong.
//!
//! ```
//! use jornada_plugin_sdk::text::{Failure, Problem};
//!
//! fn share(part: f64, whole: f64) -> Result<f64, Failure> {
//!     if whole <= 0.0 {
//!         return Err(Failure::InvalidInput(vec![Problem::new("whole", "More than 0.")]));
//!     }
//!     Ok(part / whole)
//! }
//!
//! assert_eq!(share(3.0, 4.0), Ok(0.75));
//! assert!(share(3.0, 0.0).is_err());
//! ```

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::bindings::score::jornada::types::types;
use crate::date::Date;

/// Why a plugin refuses what it is asked, or cannot answer.
///
/// ```
/// use jornada_plugin_sdk::text::Failure;
///
/// fn first(goals: &[&str]) -> Result<String, Failure> {
///     let goal = goals.first().ok_or_else(|| Failure::Failed("there is no goal".to_owned()))?;
///     Ok((*goal).to_owned())
/// }
///
/// assert_eq!(first(&[]), Err(Failure::Failed("there is no goal".to_owned())));
/// ```
pub use types::Failure;

/// A title or a sentence in one of the languages that it is there in, as a description has it.
///
/// ```
/// use jornada_plugin_sdk::text::Localized;
///
/// let title = [("en", "Usage"), ("pt-BR", "Uso")]
///     .map(|(locale, text)| Localized { locale: locale.to_owned(), text: text.to_owned() });
/// assert_eq!(title[1].text, "Uso");
/// ```
pub use types::Localized;

/// When a plugin is asked, and in which language.
///
/// ```
/// use jornada_plugin_sdk::text::Moment;
///
/// let moment = Moment {
///     now: "2026-01-24T01:30:00Z".to_owned(),
///     today: "2026-01-23".to_owned(),
///     zone: "America/Sao_Paulo".to_owned(),
///     locale: "pt-BR".to_owned(),
/// };
/// assert_eq!(moment.date()?.to_string(), "2026-01-23", "it is still evening there");
/// # Ok::<(), jornada_plugin_sdk::text::Failure>(())
/// ```
pub use types::Moment;

/// One thing that is wrong, for the person who can mend it.
///
/// ```
/// use jornada_plugin_sdk::text::Problem;
///
/// let attended = 12;
/// let problem = Problem::new("attended", format!("At most 10, not {attended}."));
/// assert_eq!(problem.message, "At most 10, not 12.");
/// ```
pub use types::Problem;

impl Problem {
    /// Something wrong at a place of a document: the names and indices on the way to it, joined by
    /// dots, or empty for all of it; and what to do about it, in the language of the moment.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// let problem = Problem::new("attendees.0.name", "Say who it was.");
    /// assert_eq!(problem.path, "attendees.0.name");
    /// ```
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// Refuses what the plugin was called with if there is anything wrong with it, so that a person
    /// is told everything at once.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// fn check(invited: u32, attended: u32) -> Result<(), Failure> {
    ///     let mut problems = Vec::new();
    ///     if invited == 0 {
    ///         problems.push(Problem::new("invited", "Say how many were invited."));
    ///     }
    ///     if attended > invited {
    ///         problems.push(Problem::new("attended", "At most as many as were invited."));
    ///     }
    ///     Problem::refuse_any(problems)
    /// }
    ///
    /// assert!(check(10, 8).is_ok());
    /// assert!(matches!(check(0, 3), Err(Failure::InvalidInput(all)) if all.len() == 2));
    /// ```
    pub fn refuse_any(problems: Vec<Self>) -> Result<(), Failure> {
        if problems.is_empty() { Ok(()) } else { Err(Failure::InvalidInput(problems)) }
    }
}

impl Moment {
    /// One of two texts, by the language of the workspace.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// fn who_was_there(moment: &Moment) -> &'static str {
    ///     moment.say("Say who was there.", "Diga quem participou.")
    /// }
    ///
    /// # use jornada_plugin_sdk::testing::moment;
    /// assert_eq!(who_was_there(&moment()), "Diga quem participou.");
    /// ```
    pub fn say<'t>(&self, english: &'t str, portuguese: &'t str) -> &'t str {
        if self.locale.starts_with("pt") { portuguese } else { english }
    }

    /// The date on which this is, in the time zone of the workspace.
    ///
    /// ```
    /// use jornada_plugin_sdk::prelude::*;
    ///
    /// fn in_a_week(moment: &Moment) -> Result<Date, Failure> {
    ///     Ok(moment.date()?.plus_days(7))
    /// }
    ///
    /// # use jornada_plugin_sdk::testing::moment;
    /// assert_eq!(in_a_week(&moment())?.to_string(), "2026-01-30");
    /// # Ok::<(), Failure>(())
    /// ```
    ///
    /// # Errors
    /// [`Failure::Failed`] where the host does not write it as the contract says.
    pub fn date(&self) -> Result<Date, Failure> {
        self.today.parse().map_err(|told| Failure::Failed(format!("today: {told}")))
    }
}

/// A text in the languages that it is there in.
pub(crate) fn english(text: &str) -> Vec<Localized> {
    vec![Localized { locale: "en".to_owned(), text: text.to_owned() }]
}

/// Adds a text in Portuguese.
pub(crate) fn add_portuguese(texts: &mut Vec<Localized>, text: &str) {
    texts.push(Localized { locale: "pt-BR".to_owned(), text: text.to_owned() });
}

/// Reads a document, or says where in it something does not fit.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Problem::new(joined(error.path()), error.inner().to_string()))?;
    reader.end().map_err(|error| Problem::new("", error.to_string()))?;
    Ok(value)
}

fn joined(path: &serde_path_to_error::Path) -> String {
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    });
    segments.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Meeting {
        attendees: Vec<Attendee>,
    }

    #[derive(Debug, Deserialize)]
    struct Attendee {
        name: String,
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        let read = |json| read::<Meeting>(json);
        let found = read(r#"{"attendees": [{"name": "Ana"}]}"#).unwrap();
        assert_eq!(found.attendees[0].name, "Ana");
        let problem = read(r#"{"attendees": [{"name": "Ana"}, {"name": 3}]}"#).unwrap_err();
        assert_eq!(problem.path, "attendees.1.name");
        assert!(problem.message.contains("invalid type"), "{}", problem.message);
        assert_eq!(read("{}").unwrap_err().path, "");
        assert_eq!(read(r#"{"attendees": []} and more"#).unwrap_err().path, "");
    }
}
