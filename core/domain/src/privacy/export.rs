//! All that is kept of a person, as one document (LGPD art. 18, GDPR art. 15 and 20).
//!
//! The document is JSON: the fields below in camel case, ids as UUIDs, times in UTC, money in minor
//! units, words as in the API. Its shape is that of [`FORMAT`]; fields may be added to a format,
//! and none is taken away or changes its meaning.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ActiveEnum, QueryTrait};
use serde::Serialize;

use crate::accounts::{account, contact, external_ref};
use crate::attributes::definition::AttributeType;
use crate::attributes::{Typed, value};
use crate::auth::ActorKind;
use crate::channel::Channel;
use crate::feedback::{response, survey};
use crate::metrics::{metric, point};
use crate::options::option;
use crate::page::count;
use crate::prelude::*;
use crate::tasks::task;
use crate::{audit, interactions};

/// The name and the version of the shape.
pub const FORMAT: &str = "jornada.contact/1";

/// Records in each list of the document; of more, these are the newest.
pub const MAX_ITEMS: u64 = 1000;

/// All that is kept of a person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// [`FORMAT`].
    pub format: &'static str,
    /// When it was made, by the clock of the workspace.
    pub exported_at: DateTime<Utc>,
    pub workspace_id: WorkspaceId,
    /// The customer at which the person works.
    pub account: AccountName,
    pub contact: Person,
    /// What the person is for the customer, as people call it; at most 20.
    pub roles: Vec<String>,
    /// Each attribute once, also those that are no longer in use; at most 200.
    pub attributes: Vec<Attribute>,
    /// What other systems call the person.
    pub external_refs: List<ExternalRef>,
    pub interactions: List<Interaction>,
    pub survey_responses: List<SurveyResponse>,
    /// The tasks that the person holds.
    pub tasks: List<Task>,
    pub metric_points: List<MetricPoint>,
    /// Who changed what about the person.
    pub audit_entries: List<AuditEntry>,
}

/// A list, newest first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// How many there are.
    pub total: u64,
    /// Whether older ones were left out: there are more than [`MAX_ITEMS`].
    pub is_cut: bool,
    pub items: Vec<T>,
}

/// The name of a customer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountName {
    pub id: AccountId,
    pub name: String,
}

/// The contact itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub id: ContactId,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub title: Option<String>,
    pub channel: Option<Channel>,
    pub time_zone: Option<String>,
    pub is_primary: bool,
    pub opted_out_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
}

/// The value of an attribute.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub key: String,
    pub name: String,
    /// TEXT, NUMBER, BOOLEAN, DATE, OPTION or MONEY.
    #[serde(rename = "type")]
    pub value_type: String,
    /// A text, a number, true or false, a date, the label of an option, or an object with
    /// `amountMinor` and `currency`.
    pub value: Json,
}

/// What another system calls the person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRef {
    pub system: String,
    pub external_id: String,
    pub created_at: DateTime<Utc>,
}

/// An interaction in which the person took part, also one that was put away.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interaction {
    pub id: InteractionId,
    pub happened_at: DateTime<Utc>,
    pub channel: Channel,
    pub subject: String,
    pub notes: Option<String>,
    pub sentiment: Option<String>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What the person answered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SurveyResponse {
    pub id: SurveyResponseId,
    pub responded_at: DateTime<Utc>,
    pub survey: String,
    pub question: String,
    pub method: String,
    pub score: i32,
    pub comment: Option<String>,
}

/// A task that the person holds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub id: TaskId,
    pub created_at: DateTime<Utc>,
    pub title: String,
    pub description: Option<String>,
    pub status: String,
    pub due_on: Option<NaiveDate>,
    pub finished_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub waiting_reason: Option<String>,
    pub outcome: Option<Json>,
}

/// A value of a metric of the person.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricPoint {
    pub metric: String,
    pub unit: String,
    /// The first day of the period.
    pub period: NaiveDate,
    pub value: f64,
    pub recorded_at: DateTime<Utc>,
}

/// A change of the contact.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    pub recorded_at: DateTime<Utc>,
    pub action: String,
    /// USER, WORKER or SETUP.
    pub actor_kind: String,
    /// The user who did it.
    pub actor_id: Option<UserId>,
    pub reason: Option<String>,
    /// By column, `before` and `after`, or `personal` in place of both.
    pub changes: Json,
}

/// Gives out all that is kept of a contact, and tells that it was given out.
pub async fn export(tx: &Tx<'_>, id: ContactId) -> Result<Export> {
    tx.require(Area::Privacy, Access::Write)?;
    let row = contact::find_in(tx, id, "id").await?;
    let account = account::find_in(tx, row.account_id, "id").await?;
    let (roles, attributes) = roles_and_attributes(tx, id).await?;
    let export = Export {
        format: FORMAT,
        exported_at: tx.now,
        workspace_id: tx.workspace_id(),
        account: AccountName { id: account.id, name: account.name },
        roles,
        attributes,
        external_refs: external_refs(tx, id).await?,
        interactions: interactions_with(tx, id).await?,
        survey_responses: responses_of(tx, id).await?,
        tasks: tasks_of(tx, id).await?,
        metric_points: points_of(tx, id).await?,
        audit_entries: entries_about(tx, id).await?,
        contact: person(row.clone()),
    };
    store::tell_batch(tx, &row, Some(row.account_id), Fact::Exported, &BTreeMap::new());
    Ok(export)
}

fn person(row: contact::Model) -> Person {
    let contact::Model {
        workspace_id: _,
        id,
        version: _,
        created_at,
        updated_at,
        account_id: _,
        name,
        email,
        phone,
        title,
        channel,
        time_zone,
        is_primary,
        opted_out_at,
        archived_at,
        erased_at,
    } = row;
    Person {
        id,
        name,
        email,
        phone,
        title,
        channel,
        time_zone,
        is_primary,
        opted_out_at,
        created_at,
        updated_at,
        archived_at,
        erased_at,
    }
}

async fn roles_and_attributes(tx: &Tx<'_>, id: ContactId) -> Result<(Vec<String>, Vec<Attribute>)> {
    let role_ids = contact::role::of(tx, id).await?;
    let kept = value::all_of(tx, id).await?;
    let chosen = kept.iter().filter_map(|attribute| match &attribute.value {
        Typed::Option(id) => Some(*id),
        _ => None,
    });
    let option_ids: Vec<_> = role_ids.iter().copied().chain(chosen).collect();
    let options = option::in_workspace(tx, &option_ids).await?;
    let labels: HashMap<_, _> = options.into_iter().map(|row| (row.id, row.label)).collect();
    let roles = role_ids.iter().filter_map(|id| labels.get(id).cloned()).collect();
    let attribute = |attribute: value::Attribute| Attribute {
        value: match &attribute.value {
            Typed::Option(id) => labels.get(id).cloned().into(),
            other => other.to_json(),
        },
        key: attribute.definition.key,
        name: attribute.definition.name,
        value_type: AttributeType::to_value(&attribute.definition.value_type),
    };
    Ok((roles, kept.into_iter().map(attribute).collect()))
}

/// The newest records of a query, each as it is given out.
async fn list<E: EntityTrait, T>(
    tx: &Tx<'_>,
    select: Select<E>,
    newest: impl ColumnTrait,
    show: impl FnMut(E::Model) -> T,
) -> Result<List<T>> {
    let total = count(tx, select.clone()).await?;
    let rows = select.order_by_desc(newest).limit(MAX_ITEMS).all(&tx.db).await?;
    Ok(List { total, is_cut: total > MAX_ITEMS, items: rows.into_iter().map(show).collect() })
}

async fn external_refs(tx: &Tx<'_>, id: ContactId) -> Result<List<ExternalRef>> {
    use external_ref::Column;
    let select = external_ref::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::Kind.eq(external_ref::RefKind::Contact))
        .filter(Column::SubjectId.eq(Uuid::from(id)))
        .filter(external_ref::is_name());
    list(tx, select, Column::Id, |row| ExternalRef {
        system: row.system,
        external_id: row.external_id,
        created_at: row.created_at,
    })
    .await
}

async fn interactions_with(tx: &Tx<'_>, id: ContactId) -> Result<List<Interaction>> {
    use interactions::Column;
    let select = interactions::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::ContactId.eq(id));
    list(tx, select, Column::HappenedAt, |row| Interaction {
        id: row.id,
        happened_at: row.happened_at,
        channel: row.channel,
        subject: row.subject,
        notes: row.notes,
        sentiment: row.sentiment.map(|word| word.to_value()),
        archived_at: row.archived_at,
    })
    .await
}

async fn responses_of(tx: &Tx<'_>, id: ContactId) -> Result<List<SurveyResponse>> {
    use response::Column;
    let select = response::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::ContactId.eq(id));
    let asked = select.clone().select_only().column(Column::SurveyId).distinct();
    let surveys = survey::Entity::find()
        .filter(survey::Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(survey::Column::Id.in_subquery(asked.into_query()))
        .all(&tx.db)
        .await?;
    let surveys: HashMap<_, _> = surveys.into_iter().map(|row| (row.id, row)).collect();
    list(tx, select, Column::RespondedAt, |row| {
        let survey = surveys.get(&row.survey_id);
        SurveyResponse {
            id: row.id,
            responded_at: row.responded_at,
            survey: survey.map(|survey| survey.name.clone()).unwrap_or_default(),
            question: survey.map(|survey| survey.question.clone()).unwrap_or_default(),
            method: row.method.to_value(),
            score: row.score,
            comment: row.comment,
        }
    })
    .await
}

async fn tasks_of(tx: &Tx<'_>, id: ContactId) -> Result<List<Task>> {
    use task::Column;
    let select = task::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::AssigneeContactId.eq(id));
    list(tx, select, Column::Id, |row| Task {
        id: row.id,
        created_at: row.created_at,
        title: row.title,
        description: row.description,
        status: row.status.to_value(),
        due_on: row.due_on,
        finished_at: row.finished_at,
        reason: row.reason,
        waiting_reason: row.waiting_reason,
        outcome: row.outcome,
    })
    .await
}

/// The metrics of a workspace are few, and the key of points begins with them.
async fn points_of(tx: &Tx<'_>, id: ContactId) -> Result<List<MetricPoint>> {
    use point::Column;
    let metrics = metric::Entity::find()
        .filter(metric::Column::WorkspaceId.eq(tx.workspace_id()))
        .all(&tx.db)
        .await?;
    let select = point::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::MetricId.is_in(metrics.iter().map(|metric| metric.id)))
        .filter(Column::SubjectId.eq(Uuid::from(id)));
    let metrics: HashMap<_, _> = metrics.into_iter().map(|row| (row.id, row)).collect();
    list(tx, select, Column::Period, |row| {
        let metric = metrics.get(&row.metric_id);
        MetricPoint {
            metric: metric.map(|metric| metric.key.clone()).unwrap_or_default(),
            unit: metric.map(|metric| metric.unit.clone()).unwrap_or_default(),
            period: row.period,
            value: row.value,
            recorded_at: row.recorded_at,
        }
    })
    .await
}

async fn entries_about(tx: &Tx<'_>, id: ContactId) -> Result<List<AuditEntry>> {
    use audit::Column;
    let select = audit::Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(Column::SubjectKind.eq(Kind::Contact.as_str()))
        .filter(Column::SubjectId.eq(Uuid::from(id)));
    list(tx, select, Column::Id, |row| AuditEntry {
        recorded_at: row.recorded_at,
        action: row.action,
        actor_kind: ActorKind::to_value(&row.actor_kind),
        actor_id: row.actor_id,
        reason: row.reason,
        changes: row.changes,
    })
    .await
}
