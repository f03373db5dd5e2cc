//! Messages to people, in the languages they read: what is wrong, and what to do about it.
//!
//! A message is found by the code, `TOO_LONG` as `too-long`, in `locales/*/errors.ftl`.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, langid, static_loader};
use jornada_domain::auth::Scope;
use jornada_domain::error::{Code, Problem};
use jornada_domain::outgoing::MessageKind;
use jornada_domain::tasks::Hindrance;
use jornada_domain::tasks::task::CRITICAL_RISK;
use jornada_domain::workspace::Locale;
use sea_orm::ActiveEnum;

use crate::import::ndjson::Broken;

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
        "reason" if problem.code == Code::TaskBlocked && value != CRITICAL_RISK => {
            (*name, of_blocked(locale, value))
        }
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
    if let Some(Hindrance { why, plugin, told }) = Hindrance::parse(reason) {
        let params = [("plugin", &*plugin), ("told", &*told)];
        return message(locale, &format!("BLOCKED_{}", why.as_str()), params);
    }
    let id = format!("blocked-{}", reason.to_lowercase().replace('_', "-"));
    MESSAGES.try_lookup(&language(locale), &id).unwrap_or_else(|| reason.to_owned())
}

/// Why a score is stale: what its code says, or the reason as it was kept.
pub fn of_stale(locale: Locale, reason: &str) -> String {
    match Hindrance::parse(reason) {
        Some(Hindrance { why, plugin, told }) => {
            let params = [("plugin", &*plugin), ("told", &*told)];
            message(locale, &format!("STALE_{}", why.as_str()), params)
        }
        None => reason.to_owned(),
    }
}

/// What people call a type of tasks of the platform; its key, where there is no such type.
pub fn of_task_type(locale: Locale, key: &str) -> String {
    let id = format!("task-type-{}", key.replace('.', "-"));
    MESSAGES.try_lookup(&language(locale), &id).unwrap_or_else(|| key.to_owned())
}

/// How many points a measure takes from a score.
pub fn of_health_reason(locale: Locale, title: &str, points: f64) -> String {
    let points = format!("{points:.1}");
    let points = match locale {
        Locale::PtBr => points.replace('.', ","),
        Locale::En => points,
    };
    message(locale, "HEALTH_LOSES", [("title", title), ("points", &*points)])
}

/// What a message says that leaves the building.
pub fn of_message<'p>(
    locale: Locale,
    kind: MessageKind,
    params: impl IntoIterator<Item = (&'static str, &'p str)>,
) -> String {
    message(locale, &format!("MESSAGE_{}", kind.to_value()), params)
}

/// Why the content of a load is no lines, and what to do.
pub fn of_broken(locale: Locale, broken: &Broken) -> String {
    let params = broken.params();
    let params = params.iter().map(|(name, value)| (*name, value.as_str()));
    message(locale, &format!("LOAD_{}", broken.code()), params)
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
    let param =
        |(name, value): (&'static str, &'p str)| (Cow::Borrowed(name), shown(locale, name, value));
    let params: HashMap<_, _> = params.into_iter().map(param).collect();
    MESSAGES.lookup_complete(&language(locale), &id, Some(&params))
}

/// A parameter as a message tells it: a count can be one or many, and a date stands as people write
/// it. What people wrote themselves stays as it is.
fn shown(locale: Locale, name: &str, value: &str) -> FluentValue<'static> {
    let text = match (name, locale) {
        ("count", _) => match value.parse::<i64>() {
            Ok(count) => return FluentValue::from(count),
            Err(_) => value.to_owned(),
        },
        ("min" | "max" | "date" | "notice", Locale::PtBr) => brazilian(value),
        _ => value.to_owned(),
    };
    FluentValue::from(text)
}

/// A day or an instant as it is written in Brazil; anything else as it is.
fn brazilian(value: &str) -> String {
    if let Ok(day) = value.parse::<NaiveDate>() {
        return day.format("%d/%m/%Y").to_string();
    }
    match value.parse::<DateTime<Utc>>() {
        Ok(at) => at.format("%d/%m/%Y %H:%M:%S%.f UTC").to_string(),
        Err(_) => value.to_owned(),
    }
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
    fn one_is_told_otherwise_than_many_and_a_date_as_people_write_it() {
        let count = |count| {
            let problem = Problem::new("id", Code::ItemsUndecided).with("count", count);
            of_problem(Locale::PtBr, &problem)
        };
        assert!(count(1).starts_with("Um item adiado desta revisão não tem decisão."));
        assert!(count(2).starts_with("2 itens adiados desta revisão não têm decisão."));
        let early = |min: &str| {
            let problem = Problem::new("to", Code::TooEarly).with("min", min);
            [Locale::En, Locale::PtBr].map(|locale| of_problem(locale, &problem)).join("\n")
        };
        insta::assert_snapshot!(early("2026-01-31"), @r"
        This is too early. Give 2026-01-31 or later.
        A data é cedo demais. Informe 31/01/2026 ou depois.
        ");
        insta::assert_snapshot!(early("2026-01-31T12:00:00+00:00"), @r"
        This is too early. Give 2026-01-31T12:00:00+00:00 or later.
        A data é cedo demais. Informe 31/01/2026 12:00:00 UTC ou depois.
        ");
    }

    #[test]
    fn a_limit_says_of_what() {
        let told = |problem: Problem| of_problem(Locale::PtBr, &problem);
        let many = |of| told(Problem::too_many("", 36, of));
        assert!(many("periods").contains("36 períodos"));
        assert!(many("levels").contains("36 níveis"));
        let price = Problem::new("", Code::OutOfRange).with("min", 0).with("max", "none");
        assert_eq!(told(price), "Informe um valor a partir de 0.");
    }

    #[test]
    fn a_renewal_is_told_with_the_last_day_for_notice_where_there_is_one() {
        let told = |notice| {
            let params = [("account", "Padaria"), ("date", "2026-12-31"), ("notice", notice)];
            of_message(Locale::PtBr, MessageKind::RenewalDue, params)
        };
        let [ends, speak] =
            ["A assinatura de Padaria termina em 31/12/2026", "Converse sobre a renovação."];
        let notice = "e o aviso de não renovação pode ser dado até 30/11/2026";
        assert_eq!(told("2026-11-30"), format!("{ends}, {notice}. {speak}"));
        assert_eq!(told("none"), format!("{ends}. {speak}"));
    }

    #[test]
    fn why_a_load_stops_is_told_in_every_language() {
        let (after, line, seconds, reason) = (7, 8, 60, "gone".to_owned());
        for broken in [
            Broken::NotGzip { after },
            Broken::CutOff { after },
            Broken::NotUtf8 { line },
            Broken::LineTooLong { line, max: 9 },
            Broken::TooManyLines { max: 9 },
            Broken::TooLarge { max: 9 },
            Broken::Bomb { ratio: 200 },
            Broken::Silent { seconds, after },
            Broken::TooSlow { seconds, after },
            Broken::Lost { after, reason },
        ] {
            let told = [Locale::En, Locale::PtBr].map(|locale| of_broken(locale, &broken));
            assert_ne!(told[0], told[1]);
            assert!(
                told.iter().all(|text| text.ends_with('.') && !text.contains("LOAD")),
                "{told:?}"
            );
        }
    }

    #[test]
    fn every_kind_of_record_has_a_name_in_every_language() {
        for kind in Kind::ALL {
            let names = [Locale::En, Locale::PtBr].map(|locale| kinds(locale, kind.type_name()));
            assert!(names.iter().all(|name| name != kind.type_name()), "{kind:?}");
        }
        let problem = Problem::new("id", Code::BadId).with("kind", "Account, Node");
        let told = of_problem(Locale::PtBr, &problem);
        assert!(told.contains("cliente, qualquer registro"), "{told}");
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
