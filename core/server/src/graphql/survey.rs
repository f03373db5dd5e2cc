//! Surveys.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::feedback::response;
use jornada_domain::feedback::survey::{self, NewSurvey, SurveyFilter, SurveyPatch};
use jornada_domain::id::SurveyId;

use super::connection::{Connection, Paging};
use super::filter::WordFilter;
use super::id::{self, GlobalId};
use super::loader::{children, load_by_id, load_children};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::survey_response::SurveyResponse;
use super::word::words;

/// A question to customers.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Survey {
    pub id: GlobalId<SurveyId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    /// What integrations call it; unique in the workspace, never changes.
    key: String,
    /// What people call it.
    name: String,
    /// What the customer reads.
    question: String,
    /// The scale on which the customer answers.
    method: SurveyMethod,
    /// When it is asked.
    purpose: SurveyPurpose,
}

#[ComplexObject]
impl Survey {
    /// What customers answered, newest first.
    async fn responses(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<SurveyResponse>> {
        children(ctx, ResponsesTo(self.id.0), Paging { first, after, last, before }).await
    }
}

impl From<survey::Model> for Survey {
    fn from(row: survey::Model) -> Self {
        let survey::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            key,
            name,
            question,
            method,
            purpose,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            key,
            name,
            question,
            method: method.into(),
            purpose: purpose.into(),
        }
    }
}

load_by_id!(SurveyId => survey::Model, survey::many);
load_children!(ResponsesTo(SurveyId) => response::Model, response::of_surveys);

words! {
    /// The scale of a survey.
    SurveyMethod = "jornada_domain::feedback::score::Method" {
        /// Net promoter score: how likely to recommend, 0 to 10.
        Nps,
        /// Customer satisfaction, 1 to 5.
        Csat,
        /// Stars, 1 to 5.
        FiveStar,
        /// Agreement with a statement, 1 to 5.
        Likert,
        /// Customer effort score: how easy it was, 1 to 7.
        Ces,
    }
}

words! {
    /// When a survey is asked.
    SurveyPurpose = "survey::Purpose" {
        /// After something happened.
        Transactional,
        /// In fixed periods, about the whole relationship.
        Relational,
    }
}

#[derive(Default)]
pub(super) struct SurveyQuery;

#[Object]
impl SurveyQuery {
    /// One survey.
    async fn survey(&self, ctx: &Context<'_>, id: ID) -> Answer<Survey> {
        read(ctx, async |cx| survey::find(cx, id::parse("id", &id)?).await).await
    }

    /// The survey that integrations call so.
    async fn survey_by_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the survey.")] key: String,
    ) -> Answer<Survey> {
        read(ctx, async |cx| survey::by_key(cx, &key).await).await
    }

    /// The surveys of the workspace, by key.
    async fn surveys(
        &self,
        ctx: &Context<'_>,
        filter: Option<SurveyFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<Survey>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(SurveyFilter::try_from).transpose()?.unwrap_or_default();
            survey::list(cx, filter, page).await
        })
        .await
    }
}

/// What narrows a list of surveys.
#[derive(InputObject)]
#[graphql(name = "SurveyFilter")]
pub(super) struct SurveyFilterInput {
    /// The scale on which the customer answers.
    method: Option<WordFilter<SurveyMethod>>,
    /// Surveys that were put away as well.
    #[graphql(default)]
    include_archived: bool,
}

impl TryFrom<SurveyFilterInput> for SurveyFilter {
    type Error = Error;

    fn try_from(input: SurveyFilterInput) -> Result<Self> {
        let SurveyFilterInput { method, include_archived } = input;
        let methods = method.map(|method| method.words("filter.method")).transpose()?;
        Ok(Self { methods: methods.flatten(), include_archived })
    }
}

#[derive(Default)]
pub(super) struct SurveyMutation;

#[Object]
impl SurveyMutation {
    /// Creates a survey.
    async fn survey_create(
        &self,
        ctx: &Context<'_>,
        input: SurveyCreateInput,
    ) -> Result<SurveyCreatePayload> {
        write(ctx, async move |tx| survey::create(tx, input.into()).await).await
    }

    /// Changes a survey. Its method stays, because its responses were given on that scale.
    async fn survey_update(
        &self,
        ctx: &Context<'_>,
        input: SurveyUpdateInput,
    ) -> Result<SurveyUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(survey::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a survey away: its responses stay, new ones are refused.
    async fn survey_archive(
        &self,
        ctx: &Context<'_>,
        input: SurveyArchiveInput,
    ) -> Result<SurveyArchivePayload> {
        write(ctx, async |tx| survey::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A survey to be created.
#[derive(InputObject)]
pub(super) struct SurveyCreateInput {
    /// What integrations call it: 1 to 60 of `a-z`, `0-9`, `-` and `_`; unique, never changes.
    key: String,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// What the customer reads: 1 to 1000 characters.
    question: String,
    /// The scale on which the customer answers.
    method: SurveyMethod,
    /// When it is asked.
    purpose: SurveyPurpose,
}

impl From<SurveyCreateInput> for NewSurvey {
    fn from(input: SurveyCreateInput) -> Self {
        let SurveyCreateInput { key, name, question, method, purpose } = input;
        Self { key, name, question, method: method.into(), purpose: purpose.into() }
    }
}

/// Changes of a survey; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct SurveyUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// What the customer reads: 1 to 1000 characters.
    question: MaybeUndefined<String>,
    /// When it is asked.
    purpose: MaybeUndefined<SurveyPurpose>,
}

impl SurveyUpdateInput {
    fn read(self, reading: &mut Reading) -> SurveyPatch {
        let SurveyUpdateInput { id: _, expected_version, name, question, purpose } = self;
        let name = reading.kept("name", name);
        let question = reading.kept("question", question);
        let purpose = reading.kept("purpose", purpose);
        SurveyPatch { expected_version, name, question, purpose: purpose.map(Into::into) }
    }
}

/// A survey to be put away.
#[derive(InputObject)]
pub(super) struct SurveyArchiveInput {
    id: ID,
}

payload! {
    /// What came of creating a survey.
    SurveyCreatePayload {
        /// The survey.
        survey: Survey,
    }
}

payload! {
    /// What came of changing a survey.
    SurveyUpdatePayload {
        /// The survey as it is now.
        survey: Survey,
    }
}

payload! {
    /// What came of putting a survey away.
    SurveyArchivePayload {
        /// The survey as it is now.
        survey: Survey,
    }
}
