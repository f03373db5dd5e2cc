//! External references: what other systems call our records, so that every load can be repeated.

use std::collections::HashMap;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{Iterable, QueryTrait};

use crate::filter::TextFilter;
use crate::page::page_each;
use crate::prelude::*;
use crate::refs;

/// The name of one of our records in another system.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "external_ref")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExternalRefId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// A key of the other system, like `hubspot`.
    pub system: String,
    pub kind: RefKind,
    /// Unique in its system and kind. Other systems may know people by their e-mail addresses.
    pub external_id: String,
    /// The id of our record.
    pub subject_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(
    Model,
    ExternalRefId,
    account = |row: &Model| (row.kind == RefKind::Account).then_some(AccountId(row.subject_id)),
    personal = ["external_id"]
);

/// What an external reference can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefKind {
    /// An account.
    Account,
    /// A contact.
    Contact,
    /// A subscription.
    Subscription,
    /// A user.
    User,
    /// A risk.
    Risk,
    /// An opportunity.
    Opportunity,
    /// An interaction.
    Interaction,
    /// A survey response.
    SurveyResponse,
}

impl RefKind {
    /// The kind as a noun.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Account => Kind::Account,
            Self::Contact => Kind::Contact,
            Self::Subscription => Kind::Subscription,
            Self::User => Kind::User,
            Self::Risk => Kind::Risk,
            Self::Opportunity => Kind::Opportunity,
            Self::Interaction => Kind::Interaction,
            Self::SurveyResponse => Kind::SurveyResponse,
        }
    }

    /// The kind of a noun, if references can name it.
    pub fn of(kind: Kind) -> Option<Self> {
        Self::iter().find(|known| known.kind() == kind)
    }
}

/// A reference to be kept.
#[derive(Clone, Debug)]
pub struct NewExternalRef {
    pub system: String,
    pub kind: RefKind,
    pub external_id: String,
    pub subject_id: Uuid,
}

/// What narrows a list of references; what is given must all hold.
#[derive(Clone, Debug, Default)]
pub struct ExternalRefFilter {
    pub system: Option<TextFilter>,
    pub kinds: Option<Vec<RefKind>>,
    pub external_id: Option<TextFilter>,
}

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn named(cx: &Cx<'_>, system: &str, kind: RefKind, external_id: &str) -> Select<Entity> {
    visible(cx)
        .filter(Column::System.eq(system.trim()))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ExternalId.eq(external_id.trim()))
}

/// The id of the record that another system calls so.
pub async fn find_subject(
    cx: &Cx<'_>,
    system: &str,
    kind: RefKind,
    external_id: &str,
) -> Result<Option<Uuid>> {
    cx.require(Area::Accounts, Access::Read)?;
    let row = named(cx, system, kind, external_id).one(&cx.db).await?;
    Ok(row.map(|row| row.subject_id))
}

/// The ids of the records that another system calls so, each with what it is called; what nothing
/// is called is left out. For a verb that has asked for its own right.
pub(crate) async fn subjects(
    cx: &Cx<'_>,
    system: &str,
    kind: RefKind,
    external_ids: &[&str],
) -> Result<Vec<(String, Uuid)>> {
    let rows = visible(cx)
        .filter(Column::System.eq(system))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ExternalId.is_in(external_ids.iter().copied()));
    let pairs = rows.select_only().column(Column::ExternalId).column(Column::SubjectId);
    Ok(pairs.into_tuple().all(&cx.db).await?)
}

/// The id of the record that another system calls so, as a subquery.
pub(super) fn subject(
    cx: &Cx<'_>,
    system: &str,
    kind: RefKind,
    external_id: &str,
) -> SelectStatement {
    let row = named(cx, system, kind, external_id);
    row.select_only().column(Column::SubjectId).into_query()
}

/// The references with these ids, in no order; unknown ids are left out.
pub async fn many(cx: &Cx<'_>, ids: &[ExternalRefId]) -> Result<Vec<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// References by system, kind and external id.
pub async fn list(cx: &Cx<'_>, filter: &ExternalRefFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Accounts, Access::Read)?;
    let text = |filter: &Option<TextFilter>, column| filter.as_ref().map(|f| f.condition(column));
    let condition = Condition::all()
        .add_option(text(&filter.system, Column::System))
        .add_option(filter.kinds.as_ref().map(|kinds| Column::Kind.is_in(kinds.iter().copied())))
        .add_option(text(&filter.external_id, Column::ExternalId));
    page(cx, visible(cx).filter(condition), &by_name(), args).await
}

fn by_name() -> [Order<Column>; 4] {
    [Column::System, Column::Kind, Column::ExternalId, Column::Id].map(Order::asc)
}

/// What other systems call each of these records, by system and external id.
pub async fn of_subjects<I>(
    cx: &Cx<'_>,
    ids: &[I],
    args: &PageArgs,
) -> Result<HashMap<I, Page<Model>>>
where
    I: TypedId + Into<Value> + Eq + std::hash::Hash,
{
    cx.require(Area::Accounts, Access::Read)?;
    let select = visible(cx).filter(Column::Kind.eq(RefKind::of(I::KIND)));
    page_each(cx, select, Column::SubjectId, ids, &by_name(), args).await
}

/// Keeps what another system calls a record. Keeping it again changes nothing; a name that
/// belongs to another record is `TAKEN`: a reference never moves silently.
pub async fn put(tx: &Tx<'_>, new: NewExternalRef) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let mut checks = Checks::new();
    let system = checks.key("system", &new.system);
    let external_id = checks.text("externalId", &new.external_id, 200);
    checks.keep(require_subject(tx, new.kind, new.subject_id).await)?;
    checks.finish()?;
    match named(tx, &system, new.kind, &external_id).one(&tx.db).await? {
        Some(row) if row.subject_id == new.subject_id => return Ok(row),
        Some(_) => return Err(Problem::new("externalId", Code::Taken).into()),
        None => {}
    }
    let row = ActiveModel {
        system: Set(system),
        kind: Set(new.kind),
        external_id: Set(external_id),
        subject_id: Set(new.subject_id),
        ..Default::default()
    };
    store::insert(tx, row, Fact::Created).await.map_err(|error| error.on_unique("externalId"))
}

/// Forgets a reference.
pub async fn delete(tx: &Tx<'_>, id: ExternalRefId) -> Result<()> {
    tx.require(Area::Accounts, Access::Write)?;
    let row = visible(tx).filter(Column::Id.eq(id)).one(&tx.db).await?;
    let row = row.ok_or_else(|| Error::not_found("id", Kind::ExternalRef))?;
    store::delete::<ActiveModel>(tx, row).await
}

async fn require_subject(cx: &Cx<'_>, kind: RefKind, id: Uuid) -> Result<()> {
    let field = "subjectId";
    match kind {
        RefKind::Account => refs::require(cx, AccountId(id), field).await,
        RefKind::Contact => refs::require(cx, ContactId(id), field).await,
        RefKind::Subscription => refs::require(cx, SubscriptionId(id), field).await,
        RefKind::User => refs::require(cx, UserId(id), field).await,
        RefKind::Risk => refs::require(cx, RiskId(id), field).await,
        RefKind::Opportunity => refs::require(cx, OpportunityId(id), field).await,
        RefKind::Interaction => refs::require(cx, InteractionId(id), field).await,
        RefKind::SurveyResponse => refs::require(cx, SurveyResponseId(id), field).await,
    }
}
