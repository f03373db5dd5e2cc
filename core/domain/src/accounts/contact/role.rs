//! The roles of contacts: what each is for the customer, as options of the workspace.

use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryTrait;
use sea_orm::sea_query::SelectStatement;
use serde_json::json;

use super::{ActiveModel as ContactRow, Model as Contact};
use crate::options::{option, set};
use crate::prelude::*;

/// One role of one contact. It has no life of its own: whoever gives it changes the contact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: OptionId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The most roles of one contact.
const MOST_ROLES: usize = 20;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The roles of each of these contacts, in the order in which the options were added.
pub async fn of_contacts(
    cx: &Cx<'_>,
    contact_ids: &[ContactId],
) -> Result<HashMap<ContactId, Vec<OptionId>>> {
    cx.require(Area::Accounts, Access::Read)?;
    let rows = visible(cx).filter(Column::ContactId.is_in(contact_ids.iter().copied()));
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.order_by_asc(Column::RoleId).all(&cx.db).await? {
        groups.entry(row.contact_id).or_default().push(row.role_id);
    }
    Ok(groups)
}

/// The ids of the contacts that have one of these roles, as a subquery.
pub(super) fn holders(cx: &Cx<'_>, role_ids: &[OptionId]) -> SelectStatement {
    let rows = visible(cx).filter(Column::RoleId.is_in(role_ids.iter().copied()));
    rows.select_only().column(Column::ContactId).into_query()
}

/// The roles of one contact.
pub(crate) async fn of(cx: &Cx<'_>, contact_id: ContactId) -> Result<BTreeSet<OptionId>> {
    let rows = visible(cx).filter(Column::ContactId.eq(contact_id)).all(&cx.db).await?;
    Ok(rows.into_iter().map(|row| row.role_id).collect())
}

/// The roles, once each, which must be options of the contact roles. What the contact `had` may
/// have been put away since, and stays.
pub(super) async fn check(
    cx: &Cx<'_>,
    role_ids: &[OptionId],
    had: &BTreeSet<OptionId>,
) -> Result<BTreeSet<OptionId>> {
    if role_ids.len() > MOST_ROLES {
        return Err(Problem::too_many("roleIds", MOST_ROLES, "values").into());
    }
    let live = option::live_ids(cx, set::CONTACT_ROLE).await?;
    let mut checks = Checks::new();
    for (index, id) in role_ids.iter().enumerate() {
        checks.ensure(live.contains(id) || had.contains(id), || {
            option::unknown(set::CONTACT_ROLE, format!("roleIds.{index}"))
        });
    }
    checks.finish()?;
    Ok(role_ids.iter().copied().collect())
}

/// Gives a contact the roles `after` in place of those it has.
pub(super) async fn set(
    tx: &Tx<'_>,
    contact: &Contact,
    before: &BTreeSet<OptionId>,
    after: &BTreeSet<OptionId>,
) -> Result<Contact> {
    for role_id in before.difference(after) {
        Entity::delete_by_id((tx.workspace_id(), contact.id, *role_id)).exec(&tx.db).await?;
    }
    let given = after.difference(before).map(|role_id| ActiveModel {
        workspace_id: Set(tx.workspace_id()),
        contact_id: Set(contact.id),
        role_id: Set(*role_id),
    });
    let given: Vec<_> = given.collect();
    if !given.is_empty() {
        Entity::insert_many(given).exec_without_returning(&tx.db).await?;
    }
    let links = store::Links { name: "roles", before: json!(before), after: json!(after) };
    store::update_links::<ContactRow>(tx, contact, &links).await
}
