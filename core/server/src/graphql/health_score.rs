//! Scores: how accounts do, why, and how they did.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::health::definition::Definition;
use jornada_domain::health::score::{self, Comparison, Health, Reason};
use jornada_domain::health::{Band, health_override, history, version};
use jornada_domain::id::{AccountId, HealthModelId, HealthModelVersionId};

use super::account::Account;
use super::connection::{Connection, Paging};
use super::health_model::{HealthModel, HealthModelVersion};
use super::health_override::HealthOverride;
use super::id;
use super::loader::{all, children, load_children, load_each, narrowed, one};
use super::request::{Answer, call};
use super::scalar::Date;
use super::word::words;
use crate::messages;

words! {
    /// How an account does, in a word. Where the bands begin, the model says: at 40 and at 70
    /// unless it says something else.
    HealthBand = "jornada_domain::health::Band" {
        /// Badly.
        Poor,
        /// So that one has to look.
        Concerning,
        /// Well.
        Healthy,
    }
}

words! {
    /// In which role a version of a model is computed.
    HealthRole = "score::Role" {
        /// Its scores are those that people see.
        Active,
        /// It is compared with the active one.
        Candidate,
    }
}

/// How an account does: what the primary model computed, unless a person says something else.
#[derive(SimpleObject)]
pub(super) struct AccountHealth {
    /// 0 to 100; null where too little is known.
    value: Option<f64>,
    /// The value in a word.
    band: Option<HealthBand>,
    /// What was computed, whatever a person says.
    score: Option<HealthScore>,
    /// What a person says in place of it, while it counts.
    overridden: Option<HealthOverride>,
}

impl From<Health> for AccountHealth {
    fn from(health: Health) -> Self {
        Self {
            value: health.value(),
            band: health.band().map(Into::into),
            score: health.score.map(Into::into),
            overridden: health.overruled.map(Into::into),
        }
    }
}

/// What a version of a model made of an account.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthScore {
    #[graphql(skip)]
    model_id: HealthModelId,
    #[graphql(skip)]
    version_id: HealthModelVersionId,
    #[graphql(skip)]
    account_id: AccountId,
    /// 0 to 100; null where too little is known to give one.
    value: Option<f64>,
    /// The value in a word.
    band: Option<HealthBand>,
    /// By how many points it differs from the value as many days ago as the version says; null
    /// where there was none.
    trend: Option<f64>,
    /// Where every score of the version begins: with the points of all contributions it comes to
    /// the value.
    base: f64,
    #[graphql(skip)]
    parts: Vec<(String, f64)>,
    #[graphql(skip)]
    lacks: Vec<String>,
    #[graphql(skip)]
    causes: Vec<Reason>,
    /// When it was computed; null where it never could be.
    computed_at: Option<DateTime<Utc>>,
    /// Whether it cannot be computed anew, so that it says what was.
    is_stale: bool,
    /// Since when.
    stale_since: Option<DateTime<Utc>>,
    #[graphql(skip)]
    stale_reason: Option<String>,
}

#[ComplexObject]
impl HealthScore {
    /// Why, in the language of the caller.
    async fn stale_reason(&self, ctx: &Context<'_>) -> Option<String> {
        let reason = self.stale_reason.as_deref()?;
        Some(messages::of_stale(call(ctx).locale(), reason))
    }

    /// The customer.
    async fn account(&self, ctx: &Context<'_>) -> Answer<Account> {
        one(ctx, Some(self.account_id)).await
    }

    /// The model.
    async fn model(&self, ctx: &Context<'_>) -> Answer<HealthModel> {
        one(ctx, Some(self.model_id)).await
    }

    /// The version of the model that made it.
    async fn model_version(&self, ctx: &Context<'_>) -> Answer<HealthModelVersion> {
        one(ctx, Some(self.version_id)).await
    }

    /// The points that each factor adds or takes, in the order of the model.
    async fn contributions(&self, ctx: &Context<'_>) -> Answer<Vec<HealthContribution>> {
        let locale = call(ctx).locale();
        let contribution = |definition: &Definition, (key, points): &(String, f64)| {
            let title = definition.title(key, locale);
            HealthContribution { key: key.clone(), title, points: *points }
        };
        self.told(ctx, &self.parts, contribution).await
    }

    /// What was not known, though the model asks for it.
    async fn missing(&self, ctx: &Context<'_>) -> Answer<Vec<HealthMissingInput>> {
        let locale = call(ctx).locale();
        let lack = |definition: &Definition, key: &String| HealthMissingInput {
            key: key.clone(),
            title: definition.title(key, locale),
        };
        self.told(ctx, &self.lacks, lack).await
    }

    /// Why it is what it is: at most three reasons, the most important one first.
    async fn reasons(&self, ctx: &Context<'_>) -> Answer<Vec<HealthReason>> {
        let locale = call(ctx).locale();
        let reason = |definition: &Definition, cause: &Reason| {
            let Reason { code, points } = cause;
            let title = definition.title(code, locale);
            let text = match points {
                Some(points) => messages::of_health_reason(locale, &title, -points),
                None => title,
            };
            HealthReason { code: code.clone(), text, points: *points }
        };
        self.told(ctx, &self.causes, reason).await
    }
}

impl HealthScore {
    /// Something of the score in the words of its version.
    async fn told<P, T>(
        &self,
        ctx: &Context<'_>,
        parts: &[P],
        tell: impl Fn(&Definition, &P) -> T,
    ) -> Answer<Vec<T>> {
        if parts.is_empty() {
            return Some(Ok(Vec::new()));
        }
        let row: version::Model = match call(ctx).loads.load_one(self.version_id).await {
            Ok(row) => row?,
            Err(error) => return Some(Err(error)),
        };
        let tell_each =
            |definition: Definition| parts.iter().map(|part| tell(&definition, part)).collect();
        Some(row.definition().map(tell_each))
    }
}

impl From<score::Model> for HealthScore {
    fn from(row: score::Model) -> Self {
        let (parts, lacks, causes) = (row.contributions(), row.missing(), row.reasons());
        let score::Model {
            workspace_id: _,
            model_id,
            role: _,
            account_id,
            version_id,
            value,
            band,
            trend,
            base,
            contributions: _,
            missing: _,
            reasons: _,
            computed_at,
            checked_at: _,
            stale_since,
            stale_reason,
        } = row;
        Self {
            model_id,
            version_id,
            account_id,
            value,
            band: band.map(Into::into),
            trend,
            base,
            parts,
            lacks,
            causes,
            computed_at,
            is_stale: stale_since.is_some(),
            stale_since,
            stale_reason,
        }
    }
}

/// The points of a factor of a score.
#[derive(SimpleObject)]
pub(super) struct HealthContribution {
    /// The key of the factor.
    key: String,
    /// What people call it.
    title: String,
    /// The points that it adds; those that it takes are negative.
    points: f64,
}

/// Something that a model asks for and that is not known of an account.
#[derive(SimpleObject)]
pub(super) struct HealthMissingInput {
    /// Its key.
    key: String,
    /// What people call it.
    title: String,
}

/// Why a score is what it is.
#[derive(SimpleObject)]
pub(super) struct HealthReason {
    /// What programs know it by.
    code: String,
    /// What it says, in the language of the caller.
    text: String,
    /// The points that it takes, below 0; null where the model does not say.
    points: Option<f64>,
}

/// What the candidate of a model makes of an account, beside what the active version does.
#[derive(SimpleObject)]
pub(super) struct HealthComparison {
    /// By the active version.
    active: Option<HealthScore>,
    /// By the candidate.
    candidate: HealthScore,
    /// By how many points the candidate is above the active version; null where one of them has no
    /// value.
    difference: Option<f64>,
}

impl From<Comparison> for HealthComparison {
    fn from(Comparison { candidate, active }: Comparison) -> Self {
        let value = active.as_ref().and_then(|row| row.value);
        let difference = candidate.value.zip(value).map(|(new, old)| new - old);
        Self { active: active.map(Into::into), candidate: candidate.into(), difference }
    }
}

/// The score of an account from a day on, until the next one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct HealthHistoryEntry {
    #[graphql(skip)]
    version_id: HealthModelVersionId,
    /// The day, in the time zone of the workspace.
    computed_on: Date,
    /// 0 to 100; null where too little was known.
    value: Option<f64>,
    /// The value in a word.
    band: Option<HealthBand>,
}

#[ComplexObject]
impl HealthHistoryEntry {
    /// The version of the model that made it.
    async fn model_version(&self, ctx: &Context<'_>) -> Answer<HealthModelVersion> {
        one(ctx, Some(self.version_id)).await
    }
}

impl From<history::Model> for HealthHistoryEntry {
    fn from(row: history::Model) -> Self {
        let history::Model {
            workspace_id: _,
            model_id: _,
            account_id: _,
            computed_on,
            version_id,
            value,
            band,
        } = row;
        let band = band.map(|band: Band| band.into());
        Self { version_id, computed_on: Date(computed_on), value, band }
    }
}

/// The health of an account.
pub(super) struct HealthOf(pub(super) AccountId);

load_each!(ValueOf(AccountId) => Health, score::of_accounts);
load_each!(ScoresOf(AccountId) => Vec<score::Model>, score::all_of_accounts);
load_children! {
    HistoryOf(AccountId, Option<HealthModelId>) => history::Model, history::list_each
}
load_children!(OverridesOf(AccountId) => health_override::Model, health_override::list_each);

/// The health of an account.
#[Object]
impl HealthOf {
    /// How the customer does; null where nothing is known of it.
    async fn health(&self, ctx: &Context<'_>) -> Answer<AccountHealth> {
        one(ctx, Some(ValueOf(self.0))).await
    }

    /// What all models make of the customer, the primary one first.
    async fn health_scores(&self, ctx: &Context<'_>) -> Answer<Vec<HealthScore>> {
        all(ctx, ScoresOf(self.0)).await
    }

    /// What scores were, newest first: a day for each value that differed from the one before.
    async fn health_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which model; the primary one unless said.")] model_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthHistoryEntry>> {
        let paging = Paging { first, after, last, before };
        let model: Result<_> = id::parse_some("modelId", model_id.as_ref()).map_err(Into::into);
        narrowed(ctx, model.map(Some), |model| HistoryOf(self.0, model), paging).await
    }

    /// What people have said in place of what was computed, newest first.
    async fn health_overrides(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<HealthOverride>> {
        let paging = Paging { first, after, last, before };
        children(ctx, OverridesOf(self.0), paging).await
    }
}
