//! Lists narrowed and sorted by attributes. A statement that only says what it wants is answered
//! by walking the whole list, or all values of an attribute; here it also says where to begin, so
//! that a page costs what it costs however many subjects there are.

use sea_orm::QueryTrait;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, SimpleExpr,
};

use super::definition::{self, AttributeType};
use super::filter::{AttributeFilter, unknown};
use super::value::{self, Column};
use crate::page::{KeyKind, Sort, page_sorted};
use crate::prelude::*;
use crate::subject::SubjectKind;

/// By which attribute a list is sorted. Subjects without it come last, or first where the list is
/// read backwards. Texts are sorted whatever their case and accents, options in the order in which
/// they were added, and amounts by their currency first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeOrder {
    /// The key of the definition.
    pub key: String,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

/// A list of subjects.
pub(crate) struct List<'l, C> {
    pub(crate) kind: SubjectKind,
    /// The column of their id.
    pub(crate) id: C,
    /// How they are sorted by their own columns.
    pub(crate) own: &'l [Order<C>],
    /// How they are sorted instead.
    pub(crate) by_attribute: Option<&'l AttributeOrder>,
    /// The conditions on attributes that all of them meet, which their select asks for already.
    pub(crate) narrowed_by: Vec<&'l AttributeFilter>,
}

/// A page of `select`. Takes a statement where it is narrowed by values that an index finds, one
/// to find the attribute that it is sorted by, and one or two for the page.
pub(crate) async fn page_by<E>(
    cx: &Cx<'_>,
    select: Select<E>,
    list: List<'_, E::Column>,
    args: &PageArgs,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + FromQueryResult,
{
    let mut select = match list.rarest(cx).await? {
        Some(rare) => select.filter(list.id.in_subquery(rare.found(cx, list.kind))),
        None => select,
    };
    let Some(order) = list.by_attribute else { return page(cx, select, list.own, args).await };
    let found = definition::by_keys(cx, list.kind, [order.key.as_str()]).await?;
    let Some(definition) = found.first() else {
        return Err(unknown("orderByAttribute.key".to_owned(), &order.key).into());
    };
    let of_subject = Condition::all()
        .add(Column::WorkspaceId.eq(cx.workspace_id()))
        .add(Column::DefinitionId.eq(definition.id))
        .add(Column::SubjectId.into_expr().eq(list.id.into_expr()));
    QueryTrait::query(&mut select).join(JoinType::LeftJoin, value::Entity, of_subject);
    let mut may_miss = true;
    for filter in list.narrowed_by.iter().filter(|filter| filter.key == order.key) {
        if let Some(fits) = filter.fits() {
            // The values are walked from the first that fits, instead of all that come before.
            select = select.filter(fits);
            may_miss = false;
        }
    }
    let sort = Sort {
        mark: format!("attribute:{}", order.key),
        keys: keys_of(definition.value_type),
        tie: Column::SubjectId.into_expr(),
        id: list.id.into_expr(),
        is_descending: order.is_descending,
        may_miss,
    };
    page_sorted(cx, select, &sort, args).await
}

/// The columns that values of a type are sorted by.
fn keys_of(value_type: AttributeType) -> Vec<(SimpleExpr, KeyKind)> {
    let keys = match value_type {
        AttributeType::Text => vec![(Column::TextFolded, KeyKind::Text)],
        AttributeType::Number | AttributeType::Boolean => {
            vec![(Column::NumberValue, KeyKind::Number)]
        }
        AttributeType::Date => vec![(Column::DateValue, KeyKind::Date)],
        AttributeType::Option => vec![(Column::OptionId, KeyKind::Id)],
        AttributeType::Money => {
            vec![(Column::Currency, KeyKind::Text), (Column::AmountMinor, KeyKind::Integer)]
        }
    };
    keys.into_iter().map(|(column, kind)| (column.into_expr(), kind)).collect()
}

/// Up to how many values that fit are sought first. Above it the list is walked, where one of so
/// many subjects fits that a page is found soon.
const FEW: u64 = 1000;

/// Up to how many conditions are weighed.
const MOST_WEIGHED: usize = 20;

impl<'l, C> List<'l, C> {
    /// The condition that fewest subjects meet, if they are few. Takes a statement where there is a
    /// condition that an index answers, but none for what the list is sorted by anyway.
    async fn rarest(&self, cx: &Cx<'_>) -> Result<Option<&'l AttributeFilter>> {
        let sorted_by = self.by_attribute.map(|order| order.key.as_str());
        let is_sought = |filter: &&AttributeFilter| {
            filter.is_sought() && sorted_by.is_none_or(|key| key != filter.key)
        };
        let sought = self.narrowed_by.iter().copied().filter(is_sought);
        let sought: Vec<_> = sought.take(MOST_WEIGHED).collect();
        if sought.is_empty() {
            return Ok(None);
        }
        let mut counts = SelectStatement::new();
        for (place, filter) in sought.iter().enumerate() {
            let mut some = filter.found(cx, self.kind);
            some.limit(FEW + 1);
            let count = Func::count(Expr::val(1));
            let count = Query::select().expr(count).from_subquery(some, Alias::new("some")).take();
            counts.expr_as(count, name(place));
        }
        let Some(row) = cx.db.query_one(&counts).await? else { return Ok(None) };
        let mut rarest = None;
        for (place, filter) in sought.into_iter().enumerate() {
            let count = row.try_get::<i64>("", &name(place).to_string())?.unsigned_abs();
            if count <= rarest.map_or(FEW, |(fewest, _)| fewest) {
                rarest = Some((count, filter));
            }
        }
        Ok(rarest.map(|(_, filter)| filter))
    }
}

fn name(place: usize) -> Alias {
    Alias::new(format!("count_{place}"))
}
