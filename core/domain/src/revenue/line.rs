//! Lines of a subscription: which products, how many, and for how much. Parts of it, which tells
//! their change.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value as Json, json};

use super::product;
use crate::money;
use crate::page::group;
use crate::prelude::*;
use crate::store::Links;

/// One line.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subscription_id: SubscriptionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    pub position: i32,
    pub quantity: i32,
    /// What all of the quantity costs per interval, in minor units of the subscription's currency.
    pub amount_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A product on a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product; it stands on one line at most.
    pub product_id: ProductId,
    /// How many, at least 1.
    pub quantity: i32,
    /// What all of them cost per interval, in minor units of the subscription's currency.
    pub amount_minor: i64,
}

impl From<Model> for Line {
    fn from(row: Model) -> Self {
        let Model { product_id, quantity, amount_minor, .. } = row;
        Self { product_id, quantity, amount_minor }
    }
}

/// Lines of one subscription.
const MOST_LINES: usize = 100;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The lines of each of these subscriptions in their order: at most 100 for each.
pub async fn lines_of(
    cx: &Cx<'_>,
    ids: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Line>>> {
    cx.require(Area::Revenue, Access::Read)?;
    let rows = visible(cx).filter(Column::SubscriptionId.is_in(ids.iter().copied()));
    let rows = rows.order_by_asc(Column::Position).all(&cx.db).await?;
    let groups = group(rows, |row| Some(row.subscription_id)).into_iter();
    Ok(groups.map(|(id, rows)| (id, rows.into_iter().map(Line::from).collect())).collect())
}

/// The lines of one subscription in their order.
pub(super) async fn of(cx: &Cx<'_>, id: SubscriptionId) -> Result<Vec<Line>> {
    let rows = visible(cx).filter(Column::SubscriptionId.eq(id)).order_by_asc(Column::Position);
    Ok(rows.all(&cx.db).await?.into_iter().map(Line::from).collect())
}

/// Checks lines. A product that was there `before` may have been put away since, and stays.
pub(super) async fn check(
    tx: &Tx<'_>,
    checks: &mut Checks,
    lines: &[Line],
    before: &[Line],
) -> Result<()> {
    if lines.len() > MOST_LINES {
        checks.push(Problem::too_many("lines", MOST_LINES, "items"));
        return Ok(());
    }
    let ids: Vec<_> = lines.iter().map(|line| line.product_id).collect();
    let found = if ids.is_empty() { vec![] } else { product::in_workspace(tx, &ids).await? };
    let live: HashSet<_> =
        found.iter().filter(|row| row.archived_at.is_none()).map(|row| row.id).collect();
    let mut seen = HashSet::new();
    for (place, line) in lines.iter().enumerate() {
        let at = |field: &str| format!("lines.{place}.{field}");
        let was_there = before.iter().any(|had| had.product_id == line.product_id);
        checks.ensure(live.contains(&line.product_id) || was_there, || {
            Problem::new(at("productId"), Code::NotFound).with("kind", Kind::Product.type_name())
        });
        checks.ensure(seen.insert(line.product_id), || {
            Problem::new(at("productId"), Code::DuplicateKey)
        });
        checks.range(&at("quantity"), line.quantity, 1, 1_000_000_000);
        money::check_minor(checks, &at("amountMinor"), line.amount_minor);
    }
    Ok(())
}

/// Puts `after` in place of the lines that there are.
pub(super) async fn write(
    tx: &Tx<'_>,
    id: SubscriptionId,
    before: &[Line],
    after: &[Line],
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    if !before.is_empty() {
        Entity::delete_many()
            .filter(Column::WorkspaceId.eq(tx.workspace_id()))
            .filter(Column::SubscriptionId.eq(id))
            .exec(&tx.db)
            .await?;
    }
    let rows: Vec<_> = (0..)
        .zip(after)
        .map(|(position, line)| ActiveModel {
            subscription_id: Set(id),
            product_id: Set(line.product_id),
            position: Set(position),
            quantity: Set(line.quantity),
            amount_minor: Set(line.amount_minor),
            ..Default::default()
        })
        .collect();
    store::insert_parts(tx, rows).await
}

/// What an event and an audit entry tell of a change.
pub(super) fn links(before: &[Line], after: &[Line]) -> Links {
    let told = |lines: &[Line]| {
        let each = lines.iter().map(|line| {
            json!({
                "productId": line.product_id, "quantity": line.quantity,
                "amountMinor": line.amount_minor,
            })
        });
        Json::Array(each.collect())
    };
    Links { name: "lines", before: told(before), after: told(after) }
}

/// By how much each product changed, in minor units per interval. Pure.
pub(super) fn differences(before: &[Line], after: &[Line]) -> BTreeMap<ProductId, (i64, i64)> {
    let mut changes: BTreeMap<ProductId, (i64, i64)> = BTreeMap::new();
    for line in before {
        changes.entry(line.product_id).or_default().0 += line.amount_minor;
    }
    for line in after {
        changes.entry(line.product_id).or_default().1 += line.amount_minor;
    }
    changes.retain(|_, (before, after)| before != after);
    changes
}
