//! What a list can be narrowed by of its attributes, asked of a value in memory or of all subjects
//! in SQL: both say the same.

use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryTrait;
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use serde::{Deserialize, Serialize};

use super::definition::{self, AttributeType};
use super::value::{self, Column, Typed, folded};
use crate::filter::{RangeFilter, RefFilter, TextFilter, count};
use crate::prelude::*;
use crate::subject::SubjectKind;

/// A condition on one attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeFilter {
    /// The key of the definition.
    pub key: String,
    /// What the value must be.
    #[serde(flatten)]
    pub test: Test,
}

/// What the value of an attribute must be. A subject without the attribute has no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Test {
    /// No value at all, or some.
    IsNull(bool),
    /// A text, whatever its case and accents.
    Text(TextFilter),
    /// A number.
    Number(RangeFilter<f64>),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(RangeFilter<NaiveDate>),
    /// An option.
    Option(RefFilter<OptionId>),
    /// An amount of one currency; amounts of others do not fit.
    Money {
        /// ISO 4217, three capitals.
        currency: String,
        /// In minor units.
        amount: RangeFilter<i64>,
    },
}

impl Test {
    /// The type that the attribute must have, where the test asks for one.
    fn value_type(&self) -> Option<AttributeType> {
        Some(match self {
            Self::IsNull(_) => return None,
            Self::Text(_) => AttributeType::Text,
            Self::Number(_) => AttributeType::Number,
            Self::Boolean(_) => AttributeType::Boolean,
            Self::Date(_) => AttributeType::Date,
            Self::Option(_) => AttributeType::Option,
            Self::Money { .. } => AttributeType::Money,
        })
    }

    /// The name of the field in which the test stands.
    fn field(&self) -> &'static str {
        match self {
            Self::IsNull(_) => "isNull",
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
            Self::Option(_) => "optionId",
            Self::Money { .. } => "money",
        }
    }

    /// How many values it names.
    fn values(&self) -> usize {
        match self {
            Self::Text(filter) => 1 + count(&filter.one_of),
            Self::Option(filter) => 1 + count(&filter.one_of),
            _ => 2,
        }
    }

    /// Whether a value fits, or that there is none. Pure. A value of another type never does.
    pub fn holds(&self, value: Option<&Typed>) -> bool {
        match (self, value) {
            (Self::IsNull(is_null), value) => *is_null == value.is_none(),
            (Self::Text(filter), Some(Typed::Text(text))) => {
                fold(filter).holds(Some(&folded(text)))
            }
            (Self::Text(filter), None) => filter.holds(None),
            (Self::Number(range), Some(Typed::Number(number))) => range.holds(Some(number)),
            (Self::Number(range), None) => range.holds(None),
            (Self::Boolean(wanted), Some(Typed::Boolean(flag))) => wanted == flag,
            (Self::Date(range), Some(Typed::Date(date))) => range.holds(Some(date)),
            (Self::Date(range), None) => range.holds(None),
            (Self::Option(filter), Some(Typed::Option(id))) => filter.holds(Some(id)),
            (Self::Option(filter), None) => filter.holds(None),
            (
                Self::Money { currency: wanted, amount },
                Some(Typed::Money { amount_minor, currency }),
            ) => wanted == currency && amount.holds(Some(amount_minor)),
            (Self::Money { amount, .. }, None) => amount.holds(None),
            _ => false,
        }
    }

    /// Whether it is about where a value stands among the others, so that an index finds it. Pure.
    fn is_sought(&self) -> bool {
        match self {
            Self::IsNull(_) => false,
            Self::Text(filter) => filter.eq.is_some() || filter.one_of.is_some(),
            Self::Boolean(_) | Self::Number(_) | Self::Date(_) => true,
            Self::Option(filter) => filter.one_of.is_some(),
            Self::Money { .. } => true,
        }
    }

    /// The values that fit, of those that are there.
    fn fits(&self) -> Condition {
        match self {
            Self::IsNull(is_null) => Condition::all().add(Expr::val(!is_null)),
            Self::Text(filter) => fold(filter).condition(Column::TextFolded),
            Self::Number(range) => range.condition(Column::NumberValue),
            Self::Boolean(flag) => {
                let wanted = f64::from(*flag);
                RangeFilter { gte: Some(wanted), lte: Some(wanted), ..Default::default() }
                    .condition(Column::NumberValue)
            }
            Self::Date(range) => range.condition(Column::DateValue),
            Self::Option(filter) => filter.condition(Column::OptionId),
            Self::Money { currency, amount } => {
                amount.condition(Column::AmountMinor).add(Column::Currency.eq(currency))
            }
        }
    }
}

fn fold(filter: &TextFilter) -> TextFilter {
    filter.clone().map(|text| folded(text.trim()))
}

impl AttributeFilter {
    /// How many values a statement binds for it.
    pub(crate) fn values(&self) -> usize {
        2 + self.test.values()
    }

    /// Whether it holds a value of an attribute with one of these keys. Pure.
    pub(crate) fn is_about(&self, keys: &BTreeSet<String>) -> bool {
        !matches!(self.test, Test::IsNull(_)) && keys.contains(&self.key)
    }

    /// The rows of `subject`, the column of their id, that fit.
    ///
    /// One probe of the values' primary key for each row that a page walks over, instead of the
    /// set of all that fit, which grows with the workspace.
    fn condition<C: ColumnTrait>(&self, cx: &Cx<'_>, kind: SubjectKind, subject: C) -> Condition {
        let accepts_none = self.test.holds(None);
        let fits = self.test.fits();
        let found = self
            .values_of(cx, kind)
            .filter(subject.into_expr().equals((value::Entity, Column::SubjectId)))
            .filter(if accepts_none { fits.not() } else { fits });
        let exists = Condition::all().add(Expr::exists(found.into_query()));
        if accepts_none { exists.not() } else { exists }
    }

    /// The subjects that have the attribute.
    fn values_of(&self, cx: &Cx<'_>, kind: SubjectKind) -> Select<value::Entity> {
        let definition_id = definition::id_of(cx, kind, &self.key);
        let values = value::visible(cx).select_only().column(Column::SubjectId);
        values.filter(Column::DefinitionId.in_subquery(definition_id))
    }

    /// The ids of the subjects whose value fits, where it takes one to fit.
    pub(super) fn found(&self, cx: &Cx<'_>, kind: SubjectKind) -> SelectStatement {
        self.values_of(cx, kind).filter(self.test.fits()).into_query()
    }

    /// The values that fit; nothing where a subject fits without a value, too.
    pub(super) fn fits(&self) -> Option<Condition> {
        (!self.test.holds(None)).then(|| self.test.fits())
    }

    /// Whether an index finds the values that fit, and one needs a value to fit. Pure.
    pub(super) fn is_sought(&self) -> bool {
        !self.test.holds(None) && self.test.is_sought()
    }

    /// The rows of `subject` that fit all of these.
    pub(crate) fn all<C: ColumnTrait>(
        filters: &[Self],
        cx: &Cx<'_>,
        kind: SubjectKind,
        subject: C,
    ) -> Condition {
        let each = filters.iter().map(|filter| filter.condition(cx, kind, subject));
        each.fold(Condition::all(), Condition::add)
    }

    /// Whether a subject with these attributes fits. Pure.
    pub fn holds(&self, values: &HashMap<String, Typed>) -> bool {
        self.test.holds(values.get(&self.key))
    }
}

/// The most conditions on attributes in a filter that is not composed of others.
const MOST_CONDITIONS: usize = 20;

/// [`require_fitting`] for conditions that are not composed of others and stand in `field`.
pub(crate) async fn require_bounded(
    cx: &Cx<'_>,
    kind: SubjectKind,
    filters: &[AttributeFilter],
    field: &str,
) -> Result<()> {
    if filters.len() > MOST_CONDITIONS {
        return Err(Problem::too_many(field, MOST_CONDITIONS, "filters").into());
    }
    let asked = filters.iter().enumerate();
    let asked = asked.map(|(place, filter)| (format!("{field}.{place}"), filter));
    require_fitting(cx, kind, &asked.collect()).await
}

/// Conditions on attributes, each with the path at which it stands.
pub(crate) type Asked<'f> = Vec<(String, &'f AttributeFilter)>;

/// Demands that the attributes of conditions are there, and are of the types that are asked for.
/// Takes a statement only where there is a condition.
pub(crate) async fn require_fitting(
    cx: &Cx<'_>,
    kind: SubjectKind,
    asked: &Asked<'_>,
) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let keys = asked.iter().map(|(_, filter)| filter.key.as_str());
    let found = definition::by_keys(cx, kind, keys).await?;
    let types: HashMap<_, _> = found.iter().map(|row| (row.key.as_str(), row.value_type)).collect();
    let mut checks = Checks::new();
    for (path, filter) in asked {
        match (types.get(filter.key.as_str()), filter.test.value_type()) {
            (None, _) => checks.push(unknown(format!("{path}.key"), &filter.key)),
            (Some(known), Some(wanted)) if *known != wanted => {
                checks.push(wrong_type(format!("{path}.value.{}", filter.test.field()), *known));
            }
            _ => {}
        }
    }
    checks.finish()
}

/// What is wrong with the key of an attribute that is not defined or put away.
pub(super) fn unknown(field: String, key: &str) -> Problem {
    Problem::new(field, Code::UnknownAttribute).with("key", key)
}

/// What is wrong with a value of another type.
pub(super) fn wrong_type(field: String, known: AttributeType) -> Problem {
    Problem::new(field, Code::WrongType).with("type", known.to_value())
}
