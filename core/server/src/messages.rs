//! Messages to people, in the languages they read: what is wrong, and what to do about it.
//!
//! A message is found by the code, `TOO_LONG` as `too-long`, in `locales/*/errors.ftl`.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use jornada_domain::auth::Scope;
use jornada_domain::error::Problem;
use jornada_domain::outgoing::MessageKind;
use jornada_domain::workspace::Locale;
use sea_orm::ActiveEnum;

static_loader! {
    static MESSAGES = {
        locales: "./locales",
        fallback_language: "en",
        // Marks around parameters would show where messages are read as plain text.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// An error and its causes for the operator, each said once: some say what caused them by
/// themselves.
pub fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.ends_with(&cause) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&cause);
    }
    line
}

/// The message of a problem.
pub fn of_problem(locale: Locale, problem: &Problem) -> String {
    let shown = |(name, value): &(&'static str, String)| match *name {
        "kind" => (*name, kinds(locale, value)),
        name => (name, value.clone()),
    };
    let params: Vec<_> = problem.params.iter().map(shown).collect();
    let params = params.iter().map(|(name, value)| (*name, value.as_str()));
    message(locale, problem.code.as_str(), params)
}

/// What people call kinds of records, by their names in the API: `Account, StageVisit`.
fn kinds(locale: Locale, names: &str) -> String {
    let each = names.split(", ").map(|name| {
        let mut id = "kind".to_owned();
        for c in name.chars() {
            if c.is_uppercase() {
                id.push('-');
            }
            id.extend(c.to_lowercase());
        }
        MESSAGES.try_lookup(&language(locale), &id).unwrap_or_else(|| name.to_owned())
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Why a task is blocked: what its code says, or the reason as a plugin gave it.
pub fn of_blocked(locale: Locale, reason: &str) -> String {
    let id = format!("blocked-{}", reason.to_lowercase().replace('_', "-"));
    MESSAGES.try_lookup(&language(locale), &id).unwrap_or_else(|| reason.to_owned())
}

/// What a message says that leaves the building.
pub fn of_message<'p>(
    locale: Locale,
    kind: MessageKind,
    params: impl IntoIterator<Item = (&'static str, &'p str)>,
) -> String {
    message(locale, &format!("MESSAGE_{}", kind.to_value()), params)
}

/// The message for who lacks a right.
pub fn of_forbidden(locale: Locale, scope: Scope) -> String {
    message(locale, "FORBIDDEN", [("scope", &*scope.to_string())])
}

/// The message of a code that needs no parameter.
pub fn of_code(locale: Locale, code: &str) -> String {
    message(locale, code, [])
}

fn message<'p>(
    locale: Locale,
    code: &str,
    params: impl IntoIterator<Item = (&'static str, &'p str)>,
) -> String {
    let id = code.to_lowercase().replace('_', "-");
    let param = |(name, value): (&'static str, &'p str)| {
        (Cow::Borrowed(name), FluentValue::from(value.to_owned()))
    };
    let params: HashMap<_, _> = params.into_iter().map(param).collect();
    MESSAGES.lookup_complete(&language(locale), &id, Some(&params))
}

fn language(locale: Locale) -> LanguageIdentifier {
    match locale {
        Locale::PtBr => langid!("pt-BR"),
        Locale::En => langid!("en"),
    }
}

/// The language out of an `Accept-Language` header that we speak, with the highest weight;
/// `otherwise` where it names none.
pub fn negotiate(accept_language: Option<&str>, otherwise: Locale) -> Locale {
    let ranges = accept_language.unwrap_or_default().split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let weight: f32 = weight.trim().parse().ok()?;
        let locale = match tag.trim().to_ascii_lowercase().split('-').next()? {
            "pt" => Locale::PtBr,
            "en" => Locale::En,
            _ => return None,
        };
        (weight > 0.0).then_some((weight, locale))
    });
    let best = ranges.reduce(|best, range| if range.0 > best.0 { range } else { best });
    best.map_or(otherwise, |(_, locale)| locale)
}

#[cfg(test)]
mod tests {
    use jornada_domain::error::Code;
    use jornada_domain::id::Kind;

    use super::*;

    #[test]
    fn a_message_tells_the_parameters_in_the_language_of_the_reader() {
        let problem = Problem::new("name", Code::TooLong).with("max", 200);
        let english = of_problem(Locale::En, &problem);
        insta::assert_snapshot!(english, @"This is longer than 200 characters. Shorten it.");
        let portuguese = of_problem(Locale::PtBr, &problem);
        insta::assert_snapshot!(portuguese, @"O conteúdo passa de 200 caracteres. Encurte-o.");
    }

    #[test]
    fn every_kind_of_record_has_a_name_in_every_language() {
        for kind in Kind::ALL {
            let names = [Locale::En, Locale::PtBr].map(|locale| kinds(locale, kind.type_name()));
            assert!(names.iter().all(|name| name != kind.type_name()), "{kind:?}");
        }
        let problem = Problem::new("id", Code::BadId).with("kind", "Account, Node");
        let told = of_problem(Locale::PtBr, &problem);
        assert!(told.contains("conta, qualquer registro"), "{told}");
    }

    #[test]
    fn the_language_with_the_highest_weight_wins_and_unknown_ones_are_passed_over() {
        let pick = |header: &str| negotiate(Some(header), Locale::En);
        assert_eq!(pick("pt-BR,pt;q=0.9,en;q=0.8"), Locale::PtBr);
        assert_eq!(pick("de, en;q=0.5, pt;q=0.7"), Locale::PtBr);
        assert_eq!(pick("pt;q=0, en;q=0.1"), Locale::En);
        assert_eq!(pick("de;q=nonsense,,"), Locale::En);
        assert_eq!(negotiate(None, Locale::PtBr), Locale::PtBr);
    }
}
