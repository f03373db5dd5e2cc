//! External references.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::accounts::external_ref::{self, ExternalRefFilter, NewExternalRef, RefKind};
use jornada_domain::error::{Error, Result};
use jornada_domain::id::ExternalRefId;
use uuid::Uuid;

use super::connection::{Connection, Paging};
use super::filter::{StringFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::load_by_id;
use super::node::{self, Node};
use super::request::{Answer, list, payload, write};
use super::word::words;

/// What another system calls one of our records.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ExternalRef {
    pub id: GlobalId<ExternalRefId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The key of the other system, like `hubspot`.
    system: String,
    /// What it names.
    kind: ExternalRefKind,
    /// What the other system calls it; unique in its system and kind.
    external_id: String,
    #[graphql(skip)]
    subject_id: Uuid,
}

impl From<external_ref::Model> for ExternalRef {
    fn from(row: external_ref::Model) -> Self {
        let external_ref::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            system,
            kind,
            external_id,
            subject_id,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            system,
            kind: kind.into(),
            external_id,
            subject_id,
        }
    }
}

words! {
    /// What an external reference can name.
    ExternalRefKind = "external_ref::RefKind" {
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
}

#[ComplexObject]
impl ExternalRef {
    /// Our record.
    async fn subject(&self, ctx: &Context<'_>) -> Answer<Node> {
        let kind = RefKind::from(self.kind).kind();
        node::find(ctx, kind, self.subject_id).await.transpose()
    }
}

load_by_id!(ExternalRefId => external_ref::Model, external_ref::many);

#[derive(Default)]
pub(super) struct ExternalRefQuery;

#[Object]
impl ExternalRefQuery {
    /// The external references of the workspace, by system, kind and external id.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        filter: Option<ExternalRefFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<ExternalRef>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(ExternalRefFilter::try_from).transpose()?.unwrap_or_default();
            external_ref::list(cx, &filter, page).await
        })
        .await
    }
}

/// What narrows a list of external references.
#[derive(InputObject)]
#[graphql(name = "ExternalRefFilter")]
pub(super) struct ExternalRefFilterInput {
    /// The key of the other system.
    system: Option<StringFilter>,
    /// What they name.
    kind: Option<WordFilter<ExternalRefKind>>,
    /// What the other system calls it.
    external_id: Option<StringFilter>,
}

impl TryFrom<ExternalRefFilterInput> for ExternalRefFilter {
    type Error = Error;

    fn try_from(input: ExternalRefFilterInput) -> Result<Self> {
        let ExternalRefFilterInput { system, kind, external_id } = input;
        let external_id = external_id.map(|text| text.text("filter.externalId")).transpose()?;
        Ok(Self {
            system: system.map(|text| text.text("filter.system")).transpose()?,
            kinds: kind.map(|kind| kind.words("filter.kind")).transpose()?.flatten(),
            external_id,
        })
    }
}

#[derive(Default)]
pub(super) struct ExternalRefMutation;

#[Object]
impl ExternalRefMutation {
    /// Keeps what another system calls a record. Keeping it again changes nothing; a name that
    /// another record has is `TAKEN`: it never moves silently.
    async fn external_ref_put(
        &self,
        ctx: &Context<'_>,
        input: ExternalRefPutInput,
    ) -> Result<ExternalRefPutPayload> {
        write(ctx, async move |tx| external_ref::put(tx, input.try_into()?).await).await
    }

    /// Forgets what another system calls a record.
    async fn external_ref_delete(
        &self,
        ctx: &Context<'_>,
        input: ExternalRefDeleteInput,
    ) -> Result<ExternalRefDeletePayload> {
        write(ctx, async |tx| {
            external_ref::delete(tx, id::parse("id", &input.id)?).await?;
            Ok(input.id.clone())
        })
        .await
    }
}

/// An external reference to be kept.
#[derive(InputObject)]
pub(super) struct ExternalRefPutInput {
    /// The key of the other system: 1 to 60 of `a-z`, `0-9`, `-` and `_`.
    system: String,
    /// What the other system calls the record: 1 to 200 characters.
    external_id: String,
    /// Our record: an account, contact, subscription, user, risk or opportunity.
    subject_id: ID,
}

/// What references can name, as messages say it.
const REFERABLE: &str =
    "Account, Contact, Subscription, User, Risk, Opportunity, Interaction, SurveyResponse";

impl TryFrom<ExternalRefPutInput> for NewExternalRef {
    type Error = Error;

    fn try_from(input: ExternalRefPutInput) -> Result<Self> {
        let ExternalRefPutInput { system, external_id, subject_id } = input;
        let (kind, subject_id) = id::any("subjectId", &subject_id)?;
        let kind = RefKind::of(kind).ok_or_else(|| id::bad_id("subjectId", REFERABLE))?;
        Ok(Self { system, external_id, kind, subject_id })
    }
}

/// An external reference to be forgotten.
#[derive(InputObject)]
pub(super) struct ExternalRefDeleteInput {
    id: ID,
}

payload! {
    /// What came of keeping an external reference.
    ExternalRefPutPayload {
        /// The reference.
        external_ref: ExternalRef,
    }
}

payload! {
    /// What came of forgetting an external reference.
    ExternalRefDeletePayload {
        /// The id of what is gone.
        deleted_id: ID,
    }
}
