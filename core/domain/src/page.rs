//! Keyset pages: a page is found by the sort keys of its neighbour, never by counting rows.

mod sorted;

use std::collections::HashMap;

use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, Func, NullOrdering, Order as Direction, Query, SimpleExpr,
    WindowStatement,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::cx::Cx;
use crate::error::{Code, Error, Problem, Result};
use crate::value;

pub(crate) use sorted::{KeyKind, Sort, page_sorted};

/// The largest page.
pub const MAX_PAGE: usize = 100;

/// Which page is asked for. Exactly one direction: `first`/`after` or `last`/`before`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageArgs {
    /// How many rows, 1 to [`MAX_PAGE`].
    pub size: usize,
    /// Rows beyond this neighbour.
    pub beyond: Option<Cursor>,
    /// Whether to go towards the start of the list.
    pub backward: bool,
    /// Whether to count the whole list too, which costs a statement of its own.
    pub counted: bool,
}

impl PageArgs {
    /// The first `size` rows.
    pub fn first(size: usize) -> Self {
        Self { size, beyond: None, backward: false, counted: false }
    }

    /// The next page of a walk through the whole list.
    pub fn after(size: usize, cursor: Option<Cursor>) -> Self {
        Self { size, beyond: cursor, backward: false, counted: false }
    }
}

/// The sort keys of one row, with a mark of the order in which they were taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    order: String,
    keys: Vec<Json>,
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows in the order of the list, each with its cursor.
    pub rows: Vec<(Cursor, T)>,
    /// Whether there are rows before the first one.
    pub has_previous: bool,
    /// Whether there are rows after the last one.
    pub has_next: bool,
    /// How many rows the whole list has, where [`PageArgs::counted`] asked for it.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page without rows.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), has_previous: false, has_next: false, total: None }
    }

    /// The same page with something else in place of each row.
    pub fn map<U>(self, mut each: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|(cursor, row)| (cursor, each(row))).collect();
        let Self { has_previous, has_next, total, .. } = self;
        Page { rows, has_previous, has_next, total }
    }

    /// The rows without their cursors.
    pub fn into_rows(self) -> Vec<T> {
        self.rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The cursor of the last row, for the next page of a walk.
    pub fn last_cursor(&self) -> Option<Cursor> {
        self.rows.last().map(|(cursor, _)| cursor.clone())
    }
}

/// One sort key. The last key of every order is the id, so that the order is total.
#[derive(Clone, Copy, Debug)]
pub struct Order<C> {
    column: C,
    descending: bool,
    /// What stands for null, so that rows without a value are never lost between pages.
    null_as: Option<&'static str>,
}

impl<C: ColumnTrait> Order<C> {
    /// Smallest first.
    pub fn asc(column: C) -> Self {
        Self { column, descending: false, null_as: None }
    }

    /// Largest first.
    pub fn desc(column: C) -> Self {
        Self { column, descending: true, null_as: None }
    }

    /// The same key with a date in place of null: `9999-12-31` puts rows without one last.
    pub fn null_as(self, date: &'static str) -> Self {
        Self { null_as: Some(date), ..self }
    }

    fn expr(&self) -> SimpleExpr {
        let column = self.column.into_expr();
        match self.null_date() {
            Some(date) => Func::coalesce([column, Expr::val(date)]).into(),
            None => column,
        }
    }

    fn null_date(&self) -> Option<chrono::NaiveDate> {
        self.null_as.and_then(|date| date.parse().ok())
    }

    fn direction(&self, backward: bool) -> Direction {
        if self.descending == backward { Direction::Asc } else { Direction::Desc }
    }

    /// The key as a value of the column's type, read back from a cursor.
    fn value(&self, json: &Json) -> Option<Value> {
        use sea_orm::sea_query::ColumnType as T;
        let definition = self.column.def();
        Some(match (definition.get_column_type(), json) {
            (T::Uuid, Json::String(text)) => text.parse::<Uuid>().ok()?.into(),
            (T::Date, Json::String(text)) => text.parse::<chrono::NaiveDate>().ok()?.into(),
            (T::TimestampWithTimeZone | T::Timestamp | T::DateTime, Json::String(text)) => {
                text.parse::<chrono::DateTime<chrono::Utc>>().ok()?.into()
            }
            (T::Integer, Json::Number(number)) => i32::try_from(number.as_i64()?).ok()?.into(),
            (T::BigInteger, Json::Number(number)) => number.as_i64()?.into(),
            (T::String(_) | T::Text, Json::String(text)) => text.as_str().into(),
            _ => return None,
        })
    }
}

fn spec<C: ColumnTrait>(orders: &[Order<C>]) -> String {
    let key = |order: &Order<C>| {
        format!("{}{}", if order.descending { "-" } else { "" }, order.column.as_str())
    };
    orders.iter().map(key).collect::<Vec<_>>().join(",")
}

fn cursor_of<M: ModelTrait>(
    row: &M,
    orders: &[Order<<M::Entity as EntityTrait>::Column>],
) -> Cursor {
    let key = |order: &Order<<M::Entity as EntityTrait>::Column>| match (
        value::to_json(&row.get(order.column)),
        order.null_as,
    ) {
        (Json::Null, Some(date)) => Json::from(date),
        (json, _) => json,
    };
    Cursor { order: spec(orders), keys: orders.iter().map(key).collect() }
}

/// The rows beyond a cursor, each key in its direction.
fn beyond<C: ColumnTrait>(
    orders: &[Order<C>],
    cursor: &Cursor,
    backward: bool,
) -> Result<SimpleExpr> {
    if cursor.order != spec(orders) || cursor.keys.len() != orders.len() {
        return Err(bad_cursor(backward));
    }
    let keys = orders.iter().zip(&cursor.keys).map(|(order, key)| {
        let value = order.value(key).ok_or_else(|| bad_cursor(backward))?;
        Ok((order.expr(), value, order.direction(backward)))
    });
    further(keys.collect::<Result<Vec<_>>>()?).ok_or_else(|| bad_cursor(backward))
}

/// The rows behind those keys: `a >= x AND (a > x OR (a = x AND (b > y OR …)))`. The first bound
/// says nothing new, but lets a database begin in the middle of an index.
fn further(keys: Vec<(SimpleExpr, Value, Direction)>) -> Option<SimpleExpr> {
    let first = keys.first().map(|(key, value, direction)| match direction {
        Direction::Desc => key.clone().lte(value.clone()),
        _ => key.clone().gte(value.clone()),
    })?;
    let mut condition: Option<SimpleExpr> = None;
    for (key, value, direction) in keys.into_iter().rev() {
        let behind = match direction {
            Direction::Desc => key.clone().lt(value.clone()),
            _ => key.clone().gt(value.clone()),
        };
        condition = Some(match condition {
            None => behind,
            Some(rest) => behind.or(key.eq(value).and(rest)),
        });
    }
    Some(first.and(condition?))
}

fn bad_cursor(backward: bool) -> Error {
    Problem::new(cursor_field(backward), Code::BadCursor).into()
}

fn cursor_field(backward: bool) -> &'static str {
    if backward { "before" } else { "after" }
}

fn check_size(args: &PageArgs) -> Result<()> {
    if (1..=MAX_PAGE).contains(&args.size) {
        return Ok(());
    }
    let field = if args.backward { "last" } else { "first" };
    Err(Problem::new(field, Code::BadPage).with("max", MAX_PAGE).into())
}

/// One page of `select`, in one statement.
pub async fn page<E>(
    cx: &Cx<'_>,
    select: Select<E>,
    orders: &[Order<E::Column>],
    args: &PageArgs,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + FromQueryResult,
{
    check_size(args)?;
    let total = if args.counted { Some(count(cx, select.clone()).await?) } else { None };
    let mut select = select.limit(args.size as u64 + 1);
    if let Some(cursor) = &args.beyond {
        select = select.filter(beyond(orders, cursor, args.backward)?);
    }
    for order in orders {
        select = select.order_by(order.expr(), order.direction(args.backward));
    }
    Ok(Page { total, ..finish(select.all(&cx.db).await?, orders, args) })
}

/// A page for each parent, in one statement: the nested lists of a page of parents.
pub async fn page_each<E, P>(
    cx: &Cx<'_>,
    select: Select<E>,
    parent: E::Column,
    parents: &[P],
    orders: &[Order<E::Column>],
    args: &PageArgs,
) -> Result<HashMap<P, Page<E::Model>>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + FromQueryResult,
    P: Copy + Into<Value> + From<Uuid> + Eq + std::hash::Hash,
{
    check_size(args)?;
    let mut select = select.filter(parent.is_in(parents.iter().copied()));
    let totals: HashMap<P, u64> = match args.counted {
        true => count_each(cx, select.clone(), parent).await?,
        false => HashMap::new(),
    };
    if let Some(cursor) = &args.beyond {
        select = select.filter(beyond(orders, cursor, args.backward)?);
    }
    let mut window = WindowStatement::partition_by(parent.as_column_ref().1);
    for order in orders {
        window.order_by_expr(order.expr(), order.direction(args.backward));
    }
    let mut inner = select.into_query();
    let number = Func::cust(Alias::new("row_number"));
    inner.expr_window_as(number, window, Alias::new("row_number"));
    let mut outer = Query::select();
    for column in E::Column::iter() {
        outer.column(column);
    }
    let within = Expr::col(Alias::new("row_number")).lte(args.size as i64 + 1);
    outer.from_subquery(inner, Alias::new("ranked")).and_where(within);
    outer.order_by_with_nulls(Alias::new("row_number"), Direction::Asc, NullOrdering::Last);
    let rows = E::Model::find_by_statement(cx.db.get_database_backend().build(&outer));
    let mut groups: HashMap<P, Vec<E::Model>> = parents.iter().map(|id| (*id, vec![])).collect();
    for row in rows.all(&cx.db).await? {
        if let Value::Uuid(Some(id)) = row.get(parent) {
            groups.entry(P::from(id)).or_default().push(row);
        }
    }
    let page_of = |(id, rows): (P, Vec<E::Model>)| {
        let total = args.counted.then(|| totals.get(&id).copied().unwrap_or_default());
        (id, Page { total, ..finish(rows, orders, args) })
    };
    Ok(groups.into_iter().map(page_of).collect())
}

fn finish<M: ModelTrait>(
    rows: Vec<M>,
    orders: &[Order<<M::Entity as EntityTrait>::Column>],
    args: &PageArgs,
) -> Page<M> {
    cut(rows.into_iter().map(|row| (cursor_of(&row, orders), row)).collect(), args)
}

/// The page of rows of which one more was asked for than it takes, in the direction of the walk.
fn cut<M>(mut rows: Vec<(Cursor, M)>, args: &PageArgs) -> Page<M> {
    let has_more = rows.len() > args.size;
    rows.truncate(args.size);
    if args.backward {
        rows.reverse();
    }
    let is_inside = args.beyond.is_some();
    let (has_previous, has_next) =
        if args.backward { (has_more, is_inside) } else { (is_inside, has_more) };
    Page { rows, has_previous, has_next, total: None }
}

/// How many rows a list has; asked for only where the caller wants it.
pub async fn count<E>(cx: &Cx<'_>, select: Select<E>) -> Result<u64>
where
    E: EntityTrait,
{
    let mut query = select.into_query();
    query.clear_selects().expr_as(Func::count(Expr::val(1)), Alias::new("n"));
    let row = cx.db.query_one(&query).await?;
    let n: Option<i64> = row.map(|row| row.try_get("", "n")).transpose()?;
    Ok(n.unwrap_or_default().unsigned_abs())
}

/// How many rows the list of each parent has; parents without any are left out.
async fn count_each<E, P>(
    cx: &Cx<'_>,
    select: Select<E>,
    parent: E::Column,
) -> Result<HashMap<P, u64>>
where
    E: EntityTrait,
    P: From<Uuid> + Eq + std::hash::Hash,
{
    let mut query = select.into_query();
    query.clear_selects().expr_as(parent.into_expr(), Alias::new("parent"));
    query.expr_as(Func::count(Expr::val(1)), Alias::new("n")).add_group_by([parent.into_expr()]);
    let mut totals = HashMap::new();
    for row in cx.db.query_all(&query).await? {
        let (id, n): (Uuid, i64) = (row.try_get("", "parent")?, row.try_get("", "n")?);
        totals.insert(P::from(id), n.unsigned_abs());
    }
    Ok(totals)
}

/// The rows of each parent, where there are too few of them for pages; rows of none are left out.
pub fn group<R, P: Eq + std::hash::Hash>(
    rows: Vec<R>,
    parent: impl Fn(&R) -> Option<P>,
) -> HashMap<P, Vec<R>> {
    let mut groups = HashMap::<_, Vec<_>>::new();
    for row in rows {
        if let Some(parent) = parent(&row) {
            groups.entry(parent).or_default().push(row);
        }
    }
    groups
}

/// `all` of no condition is true: filters start from here.
pub fn all() -> Condition {
    Condition::all()
}
