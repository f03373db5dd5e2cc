//! Values of columns as JSON, for cursors and audit entries.

use chrono::SecondsFormat;
use sea_orm::Value;
use sea_orm::sea_query::sea_value_to_json_value;
use serde_json::Value as Json;

/// A value as JSON; dates and instants in the form of ISO 8601, where sea-query would write them
/// as literals of SQL.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::ChronoDate(Some(date)) => date.to_string().into(),
        Value::ChronoDateTimeUtc(Some(at)) => {
            at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
        }
        other => sea_value_to_json_value(other),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_and_instants_can_be_read_back() {
        let date: NaiveDate = "2026-01-23".parse().unwrap();
        let at: DateTime<Utc> = "2026-01-23T12:00:00.123456Z".parse().unwrap();
        assert_eq!(to_json(&date.into()), json!("2026-01-23"));
        assert_eq!(to_json(&at.into()), json!("2026-01-23T12:00:00.123456Z"));
        assert_eq!(to_json(&Value::ChronoDate(None)), Json::Null);
    }
}
