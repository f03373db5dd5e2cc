//! External references: what other systems call our records, so that every load can be repeated.
//!
//! Of somebody who was erased, digests of these names, of the names of what they said, and of the
//! e-mail address stay, so that the next load of the same file does not bring the person back. They
//! are seen by no list.

use std::collections::HashMap;

use sea_orm::sea_query::{OnConflict, SelectStatement};
use sea_orm::{Iterable, QueryTrait};
use sha2::{Digest, Sha256};

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

/// What the digest of a name begins with, in the place of the name.
const ERASED: &str = "erased:";

/// What stands in the place of the system beside the digest of an e-mail address.
const EMAIL: &str = "email";

/// What is a name, and not the digest of one.
pub(crate) fn is_name() -> Condition {
    let is_kept = Column::ExternalId.not_like(format!("{ERASED}%"));
    Condition::any().add(Column::Kind.is_not_in(PERSONAL)).add(is_kept)
}

/// What is erased with a person: who they are, and what they said.
const PERSONAL: [RefKind; 3] = [RefKind::Contact, RefKind::Interaction, RefKind::SurveyResponse];

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id())).filter(is_name())
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
/// belongs to another record is `TAKEN`: a reference never moves silently. One of somebody who was
/// erased is `ERASED_BEFORE`.
pub async fn put(tx: &Tx<'_>, new: NewExternalRef) -> Result<Model> {
    tx.require(Area::Accounts, Access::Write)?;
    let mut checks = Checks::new();
    let system = checks.key("system", &new.system);
    let external_id = checks.text("externalId", &new.external_id, 200);
    checks.keep(require_subject(tx, new.kind, new.subject_id).await)?;
    checks.finish()?;
    if PERSONAL.contains(&new.kind) {
        require_name_not_erased(tx, new.kind, &system, &external_id).await?;
    }
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

/// What is kept of a name. The workspace and the system are part of it, so that it tells nothing
/// in another place; each part says how long it is, so that no two names run together.
fn digest(workspace_id: WorkspaceId, system: &str, name: &str) -> String {
    let mut digest = Sha256::new();
    let id = Uuid::from(workspace_id);
    for part in [id.as_bytes().as_slice(), system.as_bytes(), name.as_bytes()] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{ERASED}{hex}")
}

/// Demands of somebody who is to become known by this name that nobody who was called so, or had
/// this e-mail address, was erased: the person has asked to be forgotten, and no load knows that.
pub async fn require_not_erased(
    cx: &Cx<'_>,
    system: &str,
    external_id: &str,
    email: Option<&str>,
) -> Result<()> {
    cx.require(Area::Accounts, Access::Read)?;
    let (system, external_id) = (system.trim(), external_id.trim());
    let email = email.map(|email| email.trim().to_lowercase());
    let name = digest(cx.workspace_id(), system, external_id);
    let address = email.map(|email| digest(cx.workspace_id(), EMAIL, &email));
    let kept: Vec<String> = Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::System.is_in([system, EMAIL]))
        .filter(Column::Kind.eq(RefKind::Contact))
        .filter(Column::ExternalId.is_in([Some(&name), address.as_ref()].into_iter().flatten()))
        .select_only()
        .column(Column::ExternalId)
        .into_tuple()
        .all(&cx.db)
        .await?;
    let mut checks = Checks::new();
    let is_name = kept.contains(&name) || external_id.starts_with(ERASED);
    checks.ensure(!is_name, || Problem::new("externalId", Code::ErasedBefore));
    let is_address = address.is_some_and(|address| kept.contains(&address));
    checks.ensure(!is_address, || Problem::new("email", Code::ErasedBefore));
    checks.finish()
}

/// [`require_not_erased`] of a name alone, of a person or of what somebody said.
async fn require_name_not_erased(
    cx: &Cx<'_>,
    kind: RefKind,
    system: &str,
    external_id: &str,
) -> Result<()> {
    let kept = Entity::find()
        .filter(Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(Column::System.eq(system))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ExternalId.eq(digest(cx.workspace_id(), system, external_id)));
    let is_erased = external_id.starts_with(ERASED) || kept.one(&cx.db).await?.is_some();
    match is_erased {
        true => Err(Problem::new("externalId", Code::ErasedBefore).into()),
        false => Ok(()),
    }
}

/// Keeps of the names of a contact who is erased, of what the contact `said` and of the e-mail
/// address nothing but digests; says how many names there were.
pub(crate) async fn erase(
    tx: &Tx<'_>,
    id: ContactId,
    email: Option<&str>,
    said: [(RefKind, SelectStatement); 2],
) -> Result<u64> {
    let of_contact = Condition::all()
        .add(Column::Kind.eq(RefKind::Contact))
        .add(Column::SubjectId.eq(Uuid::from(id)));
    let about = said.into_iter().fold(Condition::any().add(of_contact), |about, (kind, ids)| {
        let of_kind = Condition::all().add(Column::Kind.eq(kind));
        about.add(of_kind.add(Column::SubjectId.in_subquery(ids)))
    });
    let rows = visible(tx).filter(about.clone()).all(&tx.db).await?;
    let names = rows.iter().map(|row| {
        let Model { system, kind, external_id, subject_id, .. } = row;
        (system.as_str(), *kind, external_id.as_str(), *subject_id)
    });
    let email = email.map(|email| (EMAIL, RefKind::Contact, email, Uuid::from(id)));
    let kept = names.chain(email).map(|(system, kind, name, subject_id)| ActiveModel {
        workspace_id: Set(tx.workspace_id()),
        id: Set(tx.new_id()),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        system: Set(system.to_owned()),
        kind: Set(kind),
        external_id: Set(digest(tx.workspace_id(), system, name)),
        subject_id: Set(subject_id),
    });
    let kept: Vec<_> = kept.collect();
    // Two people may have shared an address.
    let ignore = OnConflict::new().do_nothing().to_owned();
    for rows in kept.chunks(CHUNK_ROWS) {
        let insert = Entity::insert_many(rows.to_vec()).on_conflict(ignore.clone());
        insert.exec_without_returning(&tx.db).await?;
    }
    let names = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(tx.workspace_id()))
        .filter(about)
        .filter(is_name());
    Ok(names.exec(&tx.db).await?.rows_affected)
}

/// As many rows as one statement takes on both databases.
const CHUNK_ROWS: usize = 500;

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
