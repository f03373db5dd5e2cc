//! Measures: what of an account a model reads, as a number or a word.

use std::collections::BTreeSet;

use sea_orm::EnumIter;
use serde::{Deserialize, Serialize};

use super::built_in::BuiltIn;
use crate::attributes::definition::{self, AttributeType};
use crate::metrics::{metric, window};
use crate::prelude::*;
use crate::subject::SubjectKind;

/// Where a number or a word comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Source {
    /// Something that the platform knows of every account.
    BuiltIn {
        /// What.
        name: BuiltIn,
    },
    /// The points of a metric.
    Metric {
        /// Its key.
        key: String,
        /// Up to today.
        days: i32,
        /// What becomes of the points of these days.
        aggregation: Aggregation,
    },
    /// An attribute of the account: a number; 0 or 1; the days until a date; a word.
    Attribute {
        /// Its key.
        key: String,
    },
}

/// What becomes of the points of some days.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Aggregation {
    /// The latest point, also from before these days, while its metric calls it fresh.
    Last,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// By which share their mean grew against as many days before: -0.2 is a fifth less.
    Trend,
}

impl Source {
    /// What kind of thing it is.
    pub fn word(&self) -> &'static str {
        match self {
            Self::BuiltIn { .. } => "BUILT_IN",
            Self::Metric { .. } => "METRIC",
            Self::Attribute { .. } => "ATTRIBUTE",
        }
    }

    /// Whether what it gives is a word, not a number. `types` are those of the attributes.
    fn is_word(&self, types: &[definition::Model]) -> bool {
        match self {
            Self::BuiltIn { name } => name.is_word(),
            Self::Metric { .. } => false,
            Self::Attribute { key } => types.iter().any(|row| {
                let words = [AttributeType::Text, AttributeType::Option];
                row.key == *key && words.contains(&row.value_type)
            }),
        }
    }
}

/// Distinct numbers of days that the metrics of one model are asked for: each takes a statement.
const MOST_SPANS: usize = 6;

/// Checks that there is what some sources name; `paths` says where each of them stands. Says for
/// each whether it gives a word.
pub(super) async fn check(
    cx: &Cx<'_>,
    checks: &mut Checks,
    sources: &[(String, &Source)],
) -> Result<Vec<bool>> {
    let keys = sources.iter().filter_map(|(_, source)| match source {
        Source::Metric { key, .. } => Some(key.as_str()),
        _ => None,
    });
    let metrics = metric::in_use(cx, &keys.collect::<Vec<_>>()).await?;
    let attributes = sources.iter().filter_map(|(_, source)| match source {
        Source::Attribute { key } => Some(key.as_str()),
        _ => None,
    });
    let attributes = definition::in_use(cx, SubjectKind::Account, attributes).await?;
    let mut spans = BTreeSet::new();
    for (path, source) in sources {
        match source {
            Source::BuiltIn { .. } => {}
            Source::Metric { key, days, .. } => {
                checks.range(&format!("{path}.metric.days"), *days, 1, window::MAX_DAYS);
                spans.insert(*days);
                let is_known = metrics.iter().any(|row| row.key == *key);
                checks.ensure(is_known, || unknown(path, "metric.key", Kind::Metric));
            }
            Source::Attribute { key } => {
                let is_known = attributes.iter().any(|row| row.key == *key);
                let kind = Kind::AttributeDefinition;
                checks.ensure(is_known, || unknown(path, "attribute.key", kind));
            }
        }
    }
    checks.ensure(spans.len() <= MOST_SPANS, || Problem::too_many("", MOST_SPANS, "values"));
    Ok(sources.iter().map(|(_, source)| source.is_word(&attributes)).collect())
}

fn unknown(path: &str, field: &str, kind: Kind) -> Problem {
    Problem::new(format!("{path}.{field}"), Code::NotFound).with("kind", kind.type_name())
}
