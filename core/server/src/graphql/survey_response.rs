//! Survey responses.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::{Error, Result};
use jornada_domain::feedback::response::{self, NewResponse, ResponseFilter};
use jornada_domain::feedback::score::{self, Method, NpsTally};
use jornada_domain::id::{AccountId, ContactId, SurveyId, SurveyResponseId, TaskId};
use jornada_domain::journeys::signals;

use super::account::Account;
use super::connection::{Connection, Paging};
use super::contact::Contact;
use super::filter::{DateTimeFilter, IdFilter, WordFilter};
use super::id::{self, GlobalId};
use super::loader::{load_by_id, one};
use super::reading::Reading;
use super::request::{Answer, list, payload, read, write};
use super::scalar::Long;
use super::survey::{Survey, SurveyMethod};
use super::task::Task;
use super::word::words;

/// What a customer answered: a fact, which never changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SurveyResponse {
    pub id: GlobalId<SurveyResponseId>,
    created_at: DateTime<Utc>,
    #[graphql(skip)]
    survey_id: SurveyId,
    #[graphql(skip)]
    account_id: AccountId,
    #[graphql(skip)]
    contact_id: Option<ContactId>,
    #[graphql(skip)]
    task_id: Option<TaskId>,
    /// The scale of the score.
    method: SurveyMethod,
    /// The score, within the scale.
    score: i32,
    /// What the score makes the customer; null unless the scale is `NPS`.
    nps_class: Option<NpsClass>,
    /// What the customer said beside it.
    comment: Option<String>,
    /// When the customer answered.
    responded_at: DateTime<Utc>,
}

#[ComplexObject]
impl SurveyResponse {
    /// What was asked.
    async fn survey(&self, ctx: &Context<'_>) -> Answer<Survey> {
        one(ctx, Some(self.survey_id)).await
    }

    /// The task that asked.
    async fn task(&self, ctx: &Context<'_>) -> Answer<Task> {
        one(ctx, self.task_id).await
    }

    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// Who answered.
    async fn contact(&self, ctx: &Context<'_>) -> Answer<Contact> {
        one(ctx, self.contact_id).await
    }
}

impl From<response::Model> for SurveyResponse {
    fn from(row: response::Model) -> Self {
        let response::Model {
            workspace_id: _,
            id,
            version: _,
            created_at,
            updated_at: _,
            survey_id,
            account_id,
            contact_id,
            task_id,
            method,
            score,
            comment,
            responded_at,
        } = row;
        let nps_class = (method == Method::Nps).then(|| score::NpsClass::of(score).into());
        Self {
            id: GlobalId(id),
            created_at,
            survey_id,
            account_id,
            contact_id,
            task_id,
            method: method.into(),
            score,
            nps_class,
            comment,
            responded_at,
        }
    }
}

load_by_id!(SurveyResponseId => response::Model, response::many);

words! {
    /// What a customer is, by the answer to an NPS question.
    NpsClass = "score::NpsClass" {
        /// 9 or 10.
        Promoter,
        /// 7 or 8.
        Passive,
        /// 0 to 6.
        Detractor,
    }
}

/// The net promoter score of many answers.
#[derive(SimpleObject)]
pub(super) struct Nps {
    /// Percent of promoters less percent of detractors, −100 to 100; null without answers.
    score: Option<f64>,
    /// How many answered 9 or 10.
    promoters: Long,
    /// How many answered 7 or 8.
    passives: Long,
    /// How many answered 0 to 6.
    detractors: Long,
}

impl From<NpsTally> for Nps {
    fn from(tally: NpsTally) -> Self {
        let long = |count: u64| Long(count.cast_signed());
        Self {
            score: tally.nps(),
            promoters: long(tally.promoters),
            passives: long(tally.passives),
            detractors: long(tally.detractors),
        }
    }
}

/// What narrows a list of responses.
#[derive(InputObject)]
#[graphql(name = "SurveyResponseFilter")]
pub(super) struct SurveyResponseFilterInput {
    /// What was asked.
    survey_id: Option<IdFilter>,
    /// The scale of the score.
    method: Option<WordFilter<SurveyMethod>>,
    /// When the customer answered.
    responded_at: Option<DateTimeFilter>,
}

impl TryFrom<SurveyResponseFilterInput> for ResponseFilter {
    type Error = Error;

    fn try_from(input: SurveyResponseFilterInput) -> Result<Self> {
        let SurveyResponseFilterInput { survey_id, method, responded_at } = input;
        let survey_ids = survey_id.map(|ids| ids.ids("filter.surveyId")).transpose()?;
        let methods = method.map(|words| words.words("filter.method")).transpose()?;
        Ok(Self {
            survey_ids: survey_ids.flatten(),
            methods: methods.flatten(),
            responded_at: responded_at.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(super) struct SurveyResponseQuery;

#[Object]
impl SurveyResponseQuery {
    /// One response.
    async fn survey_response(&self, ctx: &Context<'_>, id: ID) -> Answer<SurveyResponse> {
        read(ctx, async |cx| response::find(cx, id::parse("id", &id)?).await).await
    }

    /// What customers answered, newest first.
    async fn survey_responses(
        &self,
        ctx: &Context<'_>,
        filter: Option<SurveyResponseFilterInput>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<SurveyResponse>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async move |cx, page| {
            let filter = filter.map(ResponseFilter::try_from).transpose()?.unwrap_or_default();
            response::list(cx, &filter, page).await
        })
        .await
    }
}

#[derive(Default)]
pub(super) struct SurveyResponseMutation;

#[Object]
impl SurveyResponseMutation {
    /// Records what a customer answered. Journeys that wait for the score look again.
    async fn survey_response_record(
        &self,
        ctx: &Context<'_>,
        input: SurveyResponseRecordInput,
    ) -> Result<SurveyResponseRecordPayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(signals::record_response(tx, new).await)
        })
        .await
    }
}

/// What a customer answered.
#[derive(InputObject)]
pub(super) struct SurveyResponseRecordInput {
    /// What was asked.
    survey_id: ID,
    /// The customer.
    account_id: ID,
    /// Who answered: a contact of the account.
    contact_id: Option<ID>,
    /// The task, of the same account, that asked.
    task_id: Option<ID>,
    /// The score, within the scale of the survey's method.
    score: i32,
    /// What the customer said beside it: up to 4000 characters.
    comment: Option<String>,
    /// When the customer answered, not in the future; now unless said.
    responded_at: Option<DateTime<Utc>>,
}

impl SurveyResponseRecordInput {
    fn read(self, reading: &mut Reading) -> NewResponse {
        NewResponse {
            survey_id: reading.id("surveyId", &self.survey_id),
            account_id: reading.id("accountId", &self.account_id),
            contact_id: reading.some("contactId", self.contact_id.as_ref()),
            task_id: reading.some("taskId", self.task_id.as_ref()),
            score: self.score,
            comment: self.comment,
            responded_at: self.responded_at,
        }
    }
}

payload! {
    /// What came of recording an answer.
    SurveyResponseRecordPayload {
        /// The response.
        survey_response: SurveyResponse,
    }
}
