//! Erasing a person (LGPD art. 18, GDPR art. 17): the contact stays as an anonymous stub, and what
//! names it stays without its texts.
//!
//! Every step is a statement over all rows, so that it does not matter how long somebody was a
//! customer. One event tells that the person was erased, and of how many records of each kind.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{ExprTrait, SelectStatement};
use serde_json::json;

use super::{COMMENT, INTERACTION, TASK, by_plugin, column, in_workspace};
use crate::accounts::account;
use crate::accounts::contact::{self, role};
use crate::accounts::external_ref::{self, RefKind};
use crate::attributes::value;
use crate::audit;
use crate::cx::Erasure;
use crate::journeys::journey;
use crate::prelude::*;
use crate::store::Links;
use crate::tasks::task;

/// Who is to be erased.
#[derive(Clone, Debug)]
pub struct ContactErasure {
    pub id: ContactId,
    pub expected_version: Option<i64>,
    /// Why; it stays in the audit entry, and so must not name the person.
    pub reason: Option<String>,
    /// When the person was erased before a backup brought them back; now otherwise.
    pub erased_at: Option<DateTime<Utc>>,
}

impl ContactErasure {
    /// Erases a contact whatever its version, without a reason.
    pub fn of(id: ContactId) -> Self {
        Self { id, expected_version: None, reason: None, erased_at: None }
    }
}

/// Erases what is kept of a contact; what is counted stays. Doing it again changes nothing. From
/// then on the contact is not changed, taken back or referred to: [`Code::ContactErased`]. So is
/// what other systems called it, of which digests stay: an import does not bring it back.
pub async fn erase(tx: &Tx<'_>, input: ContactErasure) -> Result<contact::Model> {
    tx.require(Area::Privacy, Access::Write)?;
    let before = lock(tx, input.id).await?;
    if before.erased_at.is_some() {
        return Ok(before);
    }
    store::expect_version(&before, input.expected_version)?;
    let mut checks = Checks::new();
    let reason = checks.maybe_prose("reason", input.reason.as_deref(), REASON_CHARS);
    checks.finish()?;
    let id = before.id;
    let said = |kind| of_contact(in_workspace(tx, kind), id);
    let said = [
        (RefKind::Interaction, said(Kind::Interaction)),
        (RefKind::SurveyResponse, said(Kind::SurveyResponse)),
    ];
    let counts = BTreeMap::from([
        ("auditEntries", blank_audit(tx, id).await?),
        ("interactions", INTERACTION.blank(tx, of_contact(INTERACTION.filled(tx), id)).await?),
        ("surveyComments", COMMENT.blank(tx, of_contact(COMMENT.filled(tx), id)).await?),
        ("tasks", TASK.blank(tx, held_by(TASK.filled(tx), id)).await?),
        ("pluginTexts", by_plugin::blank(tx, &before).await?),
        ("attributes", delete_attributes(tx, id).await?),
        ("externalRefs", external_ref::erase(tx, id, before.email.as_deref(), said).await?),
        ("roles", delete_roles(tx, id).await?),
    ]);
    let open = task::live(tx, task::Column::AssigneeContactId.eq(id).into()).await?;
    let nobody = task::ActiveModel { assignee_contact_id: Set(None), ..Default::default() };
    store::update_many(tx, &open, nobody, Fact::Reassigned).await?;
    let erased_at = input.erased_at.map_or(tx.now, |at| Ord::min(at, tx.now));
    let blanked = Links { name: "erased", before: Json::Null, after: json!(counts) };
    let row = contact::make_anonymous(tx, &before, erased_at, reason.as_deref(), &blanked).await?;
    let erasure = Erasure { workspace_id: tx.workspace_id(), contact_id: id, erased_at };
    tx.outbox(|outbox| outbox.erasures.push(erasure));
    Ok(row)
}

/// The longest reason: that of the other verbs.
const REASON_CHARS: usize = 2000;

/// Whether each of these contacts is erased; those that are not in the workspace are left out.
pub async fn states(cx: &Cx<'_>, ids: &[ContactId]) -> Result<HashMap<ContactId, bool>> {
    let rows = contact::many(cx, ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.erased_at.is_some())).collect())
}

/// Locks the account, then the running journeys in which the contact holds a task, then the
/// contact.
async fn lock(tx: &Tx<'_>, id: ContactId) -> Result<contact::Model> {
    let account_id = contact::find_in(tx, id, "id").await?.account_id;
    account::lock(tx, account_id, "id").await?;
    let mut journeys = held_by(in_workspace(tx, Kind::Task), id);
    journeys.clear_selects().column(task::Column::JourneyId);
    journeys.and_where(column("journey_id").is_not_null());
    journey::lock_running(tx, journey::Column::Id.in_subquery(journeys)).await?;
    contact::lock(tx, id).await
}

fn of_contact(mut ids: SelectStatement, id: ContactId) -> SelectStatement {
    ids.and_where(column("contact_id").eq(id));
    ids
}

fn held_by(mut ids: SelectStatement, id: ContactId) -> SelectStatement {
    ids.and_where(column("assignee_contact_id").eq(id));
    ids
}

/// Blanks the values and reasons in the audit entries of the contact, of its external references
/// (also those that are gone), and of the tasks that it holds, where they tell a reason. That
/// something changed, and when and by whom, stays.
async fn blank_audit(tx: &Tx<'_>, id: ContactId) -> Result<u64> {
    use audit::Column::{Changes, Reason, SubjectId, SubjectKind};
    let told = |text: &str| {
        let changes = Expr::col(Changes).cast_as(Alias::new("text"));
        changes.like(format!("%{text}%"))
    };
    let of = |kind: Kind| Condition::all().add(SubjectKind.eq(kind.as_str()));
    let tasks = held_by(in_workspace(tx, Kind::Task), id);
    let about = Condition::any()
        .add(of(Kind::Contact).add(SubjectId.eq(Uuid::from(id))))
        .add(of(Kind::ExternalRef).add(told(&id.to_string())))
        .add(
            of(Kind::Task)
                .add(SubjectId.in_subquery(tasks))
                .add(Reason.is_not_null().or(told("reason\"")).or(told("\"outcome\""))),
        );
    let blanked = audit::Entity::update_many()
        .col_expr(Changes, Expr::value(json!({})))
        .col_expr(Reason, Expr::value(None::<String>))
        .filter(audit::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(about);
    Ok(blanked.exec(&tx.db).await?.rows_affected)
}

async fn delete_attributes(tx: &Tx<'_>, id: ContactId) -> Result<u64> {
    let of_contact = value::Entity::delete_many()
        .filter(value::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(value::Column::SubjectId.eq(Uuid::from(id)));
    Ok(of_contact.exec(&tx.db).await?.rows_affected)
}

async fn delete_roles(tx: &Tx<'_>, id: ContactId) -> Result<u64> {
    let of_contact = role::Entity::delete_many()
        .filter(role::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(role::Column::ContactId.eq(id));
    Ok(of_contact.exec(&tx.db).await?.rows_affected)
}
