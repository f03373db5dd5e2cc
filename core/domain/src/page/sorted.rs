//! Pages of a list that is sorted by something beside its own columns, which may be missing: first
//! the rows that have it, then, in the same direction by their ids, those that have not.

use sea_orm::sea_query::{Alias, ExprTrait, Order as Direction, SimpleExpr};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, ModelTrait, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Select, Value,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Cursor, Page, PageArgs, bad_cursor, check_size, count, cut, further};
use crate::cx::Cx;
use crate::error::Result;

/// What a sort key is, to be read from a row and from a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A text.
    Text,
    /// A finite number.
    Number,
    /// A whole number.
    Integer,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// An id.
    Id,
}

impl KeyKind {
    fn read(self, row: &QueryResult, name: &str) -> Result<Json> {
        Ok(match self {
            Self::Text => json!(row.try_get::<Option<String>>("", name)?),
            Self::Number => json!(row.try_get::<Option<f64>>("", name)?),
            Self::Integer => json!(row.try_get::<Option<i64>>("", name)?),
            Self::Date => json!(row.try_get::<Option<chrono::NaiveDate>>("", name)?),
            Self::Instant => json!(row.try_get::<Option<chrono::DateTime<chrono::Utc>>>("", name)?),
            Self::Id => json!(row.try_get::<Option<Uuid>>("", name)?),
        })
    }

    fn value(self, json: &Json) -> Option<Value> {
        Some(match self {
            Self::Text => json.as_str()?.into(),
            Self::Number => json.as_f64()?.into(),
            Self::Integer => json.as_i64()?.into(),
            Self::Date => json.as_str()?.parse::<chrono::NaiveDate>().ok()?.into(),
            Self::Instant => json.as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?.into(),
            Self::Id => json.as_str()?.parse::<Uuid>().ok()?.into(),
        })
    }
}

/// By what a list is sorted.
pub(crate) struct Sort {
    /// What a cursor remembers the order by.
    pub(crate) mark: String,
    /// The keys, of which all are there or none is.
    pub(crate) keys: Vec<(SimpleExpr, KeyKind)>,
    /// The id of the row, beside the keys where they are there: the last part of their index.
    pub(crate) tie: SimpleExpr,
    /// The id of the row.
    pub(crate) id: SimpleExpr,
    /// Whether the largest comes first.
    pub(crate) is_descending: bool,
    /// Whether there may be rows without keys.
    pub(crate) may_miss: bool,
}

impl Sort {
    fn mark(&self) -> String {
        format!("{}{}", if self.is_descending { "-" } else { "" }, self.mark)
    }

    fn direction(&self, backward: bool) -> Direction {
        if self.is_descending == backward { Direction::Asc } else { Direction::Desc }
    }

    /// The keys by which the rows are sorted that have them, or have not.
    fn keys(&self, has_keys: bool) -> Vec<(SimpleExpr, KeyKind)> {
        match has_keys {
            true => [self.keys.clone(), vec![(self.tie.clone(), KeyKind::Id)]].concat(),
            false => vec![(self.id.clone(), KeyKind::Id)],
        }
    }

    /// The values of a cursor, and whether it stands among the rows that have keys.
    fn place(&self, cursor: &Cursor, backward: bool) -> Result<(Vec<Value>, bool)> {
        let has_keys = cursor.keys.len() > 1;
        let kinds = self.keys(has_keys);
        if cursor.order != self.mark() || cursor.keys.len() != kinds.len() {
            return Err(bad_cursor(backward));
        }
        let values = kinds.iter().zip(&cursor.keys).map(|((_, kind), key)| kind.value(key));
        let values: Option<Vec<_>> = values.collect();
        Ok((values.ok_or_else(|| bad_cursor(backward))?, has_keys))
    }
}

/// One page, in one statement, or in two where it reaches the rows without keys.
pub(crate) async fn page_sorted<E>(
    cx: &Cx<'_>,
    select: Select<E>,
    sort: &Sort,
    args: &PageArgs,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + FromQueryResult,
{
    check_size(args)?;
    let total = if args.counted { Some(count(cx, select.clone()).await?) } else { None };
    let place = args.beyond.as_ref().map(|cursor| sort.place(cursor, args.backward)).transpose()?;
    let from = place.as_ref().map_or(!args.backward, |(_, has_keys)| *has_keys);
    let parts = match sort.may_miss {
        false => vec![true],
        true if from == args.backward => vec![from],
        true => vec![from, !from],
    };
    let mut place = place.map(|(values, _)| values);
    let mut rows = Vec::new();
    for has_keys in parts {
        let wanted = args.size + 1 - rows.len();
        if wanted > 0 {
            let part = part(sort, select.clone(), has_keys, place.take(), args.backward);
            rows.extend(fetch(cx, sort, part.limit(wanted as u64), has_keys).await?);
        }
    }
    Ok(Page { total, ..cut(rows, args) })
}

/// The rows that have keys, or those that have not, behind a place among them.
fn part<E: EntityTrait>(
    sort: &Sort,
    select: Select<E>,
    has_keys: bool,
    place: Option<Vec<Value>>,
    backward: bool,
) -> Select<E> {
    let mut select = select;
    if let Some((first, _)) = sort.keys.first().filter(|_| sort.may_miss) {
        let first = first.clone();
        select = select.filter(if has_keys { first.is_not_null() } else { first.is_null() });
    }
    let keys = sort.keys(has_keys);
    if let Some(values) = place {
        let keys = keys.iter().zip(values);
        let keys = keys.map(|((key, _), value)| (key.clone(), value, sort.direction(backward)));
        if let Some(behind) = further(keys.collect()) {
            select = select.filter(behind);
        }
    }
    let query = QueryTrait::query(&mut select);
    for (place, (key, _)) in keys.into_iter().enumerate() {
        query.expr_as(key.clone(), Alias::new(format!("sort_key_{place}")));
        query.order_by_expr(key, sort.direction(backward));
    }
    select
}

async fn fetch<E>(
    cx: &Cx<'_>,
    sort: &Sort,
    select: Select<E>,
    has_keys: bool,
) -> Result<Vec<(Cursor, E::Model)>>
where
    E: EntityTrait,
    E::Model: FromQueryResult,
{
    let kinds = sort.keys(has_keys);
    let mut found = Vec::new();
    for row in cx.db.query_all(&select.into_query()).await? {
        let keys = kinds.iter().enumerate();
        let keys = keys.map(|(place, (_, kind))| kind.read(&row, &format!("sort_key_{place}")));
        let cursor = Cursor { order: sort.mark(), keys: keys.collect::<Result<_>>()? };
        found.push((cursor, E::Model::from_query_result(&row, "")?));
    }
    Ok(found)
}
