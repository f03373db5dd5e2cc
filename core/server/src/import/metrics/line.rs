//! One line of a load: `{"metric": "logins", "account": "…", "period": "2026-01-31", "value": 12}`.
//! Read in one pass without a tree, because lines come by the million; what is wrong is told of all
//! properties at once.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use jornada_domain::calendar::is_kept;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::Kind;
use jornada_domain::input::Checks;
use jornada_domain::metrics::load::chunk::{Named, NewLine};
use jornada_domain::metrics::point::SubjectKind;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::graphql;

/// The properties of a line.
const PROPERTIES: [&str; 7] =
    ["metric", "account", "contact", "subscription", "period", "value", "recordedAt"];

/// The longest id that another system can have.
const MAX_EXTERNAL_ID: usize = 200;

/// As much of the name of an unknown property as is told.
const MAX_NAME: usize = 60;

/// Reads a line, or says what is wrong with it.
pub fn read(number: u64, text: &str) -> Result<NewLine, Vec<Problem>> {
    let given: Given<'_> = serde_json::from_str(text).map_err(|_| vec![no_object()])?;
    let mut checks = Checks::new();
    if let Some(name) = given.unknown {
        let problem = Problem::new(name, Code::UnknownField);
        checks.push(problem.with("words", PROPERTIES.join(", ")));
    }
    let [metric, account, contact, subscription, period, value, recorded_at] = given.values;
    let metric = needed(&mut checks, "metric", metric, "string", Value::text);
    let metric = metric.map(|key| checks.key("metric", &key));
    let subjects = [
        (SubjectKind::Account, account),
        (SubjectKind::Contact, contact),
        (SubjectKind::Subscription, subscription),
    ];
    let subject = subject(&mut checks, subjects);
    let period = needed(&mut checks, "period", period, "date", date);
    let value = needed(&mut checks, "value", value, "number", Value::number);
    let recorded_at = form(&mut checks, "recordedAt", recorded_at, "RFC 3339", time);
    match (checks.finish(), metric, subject, period, value) {
        (Ok(()), Some(metric), Some(subject), Some(period), Some(value)) => {
            Ok(NewLine { number, metric, subject, period, value, recorded_at })
        }
        (Err(Error::Problems(problems)), ..) => Err(problems),
        _ => Err(vec![no_object()]),
    }
}

fn no_object() -> Problem {
    Problem::new("", Code::BadFormat).with("form", "json")
}

/// The value of a property in its form, where one was given.
fn form<'l, T>(
    checks: &mut Checks,
    field: &str,
    given: Option<Value<'l>>,
    form: &str,
    read: impl FnOnce(Value<'l>) -> Option<T>,
) -> Option<T> {
    let value = read(given?);
    checks.ensure(value.is_some(), || Problem::new(field, Code::BadFormat).with("form", form));
    value
}

/// The value of a property that must be given.
fn needed<'l, T>(
    checks: &mut Checks,
    field: &str,
    given: Option<Value<'l>>,
    wanted: &str,
    read: impl FnOnce(Value<'l>) -> Option<T>,
) -> Option<T> {
    checks.ensure(given.is_some(), || Problem::new(field, Code::Required));
    form(checks, field, given, wanted, read)
}

fn date(given: Value<'_>) -> Option<NaiveDate> {
    // chrono also takes `2026-1-3`.
    let text = given.text().filter(|text| text.len() == 10)?;
    text.parse().ok().filter(|date| is_kept(*date))
}

fn time(given: Value<'_>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(&given.text()?).ok()?;
    Some(time.to_utc())
}

/// The one subject that must be given.
fn subject(checks: &mut Checks, given: [(SubjectKind, Option<Value<'_>>); 3]) -> Option<Named> {
    let mut given = given.into_iter().filter_map(|(kind, value)| Some((kind, value?)));
    let Some((kind, value)) = given.next() else {
        let names = "account, contact, subscription";
        checks.push(Problem::new("", Code::OneNeeded).with("names", names));
        return None;
    };
    let noun = Kind::from(kind);
    let word = noun.as_str();
    if let Some((other, _)) = given.next() {
        let field = Kind::from(other).as_str();
        checks.push(Problem::new(field, Code::Contradiction).with("with", word));
    }
    if let Value::Foreign { system, external_id } = value {
        let system = checks.key(&format!("{word}.system"), &system.unwrap_or_default());
        let external_id = external_id.unwrap_or_default();
        let field = format!("{word}.externalId");
        let external_id = checks.text(&field, &external_id, MAX_EXTERNAL_ID);
        return Some(Named::External { kind, system, external_id });
    }
    let named = value.text().and_then(|id| graphql::record(&id));
    let subject = named.filter(|(known, _)| *known == noun).map(|(_, id)| kind.of(id));
    checks.ensure(subject.is_some(), || {
        Problem::new(word, Code::BadId).with("kind", noun.type_name())
    });
    subject.map(Named::Id)
}

/// What stands behind a property; null counts as left out.
enum Value<'l> {
    Text(Cow<'l, str>),
    Number(f64),
    /// An object, of which the text of two properties says something.
    Foreign {
        system: Option<Cow<'l, str>>,
        external_id: Option<Cow<'l, str>>,
    },
    Other,
}

impl<'l> Value<'l> {
    fn text(self) -> Option<Cow<'l, str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let (mut system, mut external_id) = (None, None);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value = map.next_value::<Value<'de>>()?.text();
            match &*key {
                "system" => system = value,
                "externalId" => external_id = value,
                _ => {}
            }
        }
        Ok(Value::Foreign { system, external_id })
    }
}

/// What a line says: its properties in the order of [`PROPERTIES`], and one that nobody knows.
#[derive(Default)]
struct Given<'l> {
    values: [Option<Value<'l>>; PROPERTIES.len()],
    unknown: Option<String>,
}

impl<'de> Deserialize<'de> for Given<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Properties)
    }
}

struct Properties;

impl<'de> Visitor<'de> for Properties {
    type Value = Given<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given<'de>, A::Error> {
        let mut given = Given::default();
        let mut seen = [false; PROPERTIES.len()];
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value = map.next_value::<Option<Value<'de>>>()?;
            match PROPERTIES.iter().position(|known| *known == key) {
                Some(place) if seen[place] => return Err(A::Error::custom("it stands twice")),
                Some(place) => {
                    seen[place] = true;
                    given.values[place] = value;
                }
                None => {
                    given.unknown.get_or_insert_with(|| key.chars().take(MAX_NAME).collect());
                }
            }
        }
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let problems = read(7, text).expect_err("something is wrong");
        problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_line_is_read() {
        let text = r#"{"metric": "logins", "account": {"system": "crm", "externalId": "4\u0032"},
            "period": "2026-01-31", "value": 12, "recordedAt": "2026-02-01T00:00:00-03:00",
            "contact": null}"#;
        let line = read(7, text).expect("it is right");
        assert_eq!((line.number, line.metric.as_str(), line.value), (7, "logins", 12.0));
        let (system, external_id) = ("crm".to_owned(), "42".to_owned());
        let named = Named::External { kind: SubjectKind::Account, system, external_id };
        assert_eq!(line.subject, named);
        assert_eq!(line.period.to_string(), "2026-01-31");
        assert_eq!(line.recorded_at.expect("it says when").timestamp(), 1_769_914_800);
    }

    #[test]
    fn all_that_is_wrong_with_a_line_is_told() {
        let wrong = r#"{"metric": "No Key", "account": "7", "contact": 1, "period": "2026-1-3",
            "value": "12", "recordedAt": 3, "unit": "x"}"#;
        let in_lines = |text: &str| told(text).replace("; ", "\n");
        insta::assert_snapshot!(in_lines(wrong), @r"
        unit: UNKNOWN_FIELD words=metric, account, contact, subscription, period, value, recordedAt
        metric: BAD_FORMAT form=key
        contact: CONTRADICTION with=account
        account: BAD_ID kind=Account
        period: BAD_FORMAT form=date
        value: BAD_FORMAT form=number
        recordedAt: BAD_FORMAT form=RFC 3339
        ");
        insta::assert_snapshot!(in_lines("{}"), @r"
        metric: REQUIRED
        : ONE_NEEDED names=account, contact, subscription
        period: REQUIRED
        value: REQUIRED
        ");
    }

    #[test]
    fn what_is_no_object_is_refused_whole() {
        let whole = ["", "7", "[]", "null", "{", "{}{}", r#"{"value": 1, "value": 2}"#];
        for text in whole.into_iter().chain([r#"{"value": NaN}"#, r#"{"value": 1e999}"#]) {
            assert_eq!(told(text), ": BAD_FORMAT form=json", "{text}");
        }
        let deep = format!(r#"{{"value": {}"#, "[".repeat(10_000));
        assert_eq!(told(&deep), ": BAD_FORMAT form=json");
    }
}
