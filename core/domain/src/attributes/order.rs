//! Lists sorted by an attribute.

use sea_orm::QueryTrait;
use sea_orm::sea_query::{ExprTrait, JoinType};

use super::definition::{self, AttributeType};
use super::filter::unknown;
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

/// A page of `select`, sorted by its own columns, or where one is named, by an attribute; `id` is
/// the column of the id. An attribute takes a statement to find the definition, and one or two for
/// the page.
pub(crate) async fn page_by<E>(
    cx: &Cx<'_>,
    select: Select<E>,
    (kind, id): (SubjectKind, E::Column),
    (own, by_attribute): (&[Order<E::Column>], Option<&AttributeOrder>),
    args: &PageArgs,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + FromQueryResult,
{
    let Some(order) = by_attribute else { return page(cx, select, own, args).await };
    let found = definition::by_keys(cx, kind, [order.key.as_str()]).await?;
    let Some(definition) = found.first() else {
        return Err(unknown("orderByAttribute.key".to_owned(), &order.key).into());
    };
    let mut select = select;
    let of_subject = Condition::all()
        .add(Column::WorkspaceId.eq(cx.workspace_id()))
        .add(Column::DefinitionId.eq(definition.id))
        .add(Column::SubjectId.into_expr().eq(id.into_expr()));
    QueryTrait::query(&mut select).join(JoinType::LeftJoin, value::Entity, of_subject);
    let keys = match definition.value_type {
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
    let sort = Sort {
        mark: format!("attribute:{}", order.key),
        keys: keys.into_iter().map(|(column, kind)| (column.into_expr(), kind)).collect(),
        tie: Column::SubjectId.into_expr(),
        id: id.into_expr(),
        is_descending: order.is_descending,
        may_miss: true,
    };
    page_sorted(cx, select, &sort, args).await
}
