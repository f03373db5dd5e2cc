//! Onboarding and churn, cohort by cohort.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use jornada_domain::cohorts::facts::{self, Churn, Key};
use jornada_domain::cohorts::{self, Question};
use jornada_domain::id::{JourneyTemplateId, JourneyTemplateVersionId};
use jornada_domain::revenue::report::Period;

use super::account::AccountFilterInput;
use super::id;
use super::loader::one;
use super::request::{Answer, read};
use super::scalar::{Date, Long};
use super::survey_response::NpsClass;
use super::template::{JourneyTemplate, JourneyTemplateVersion};
use super::word::words;

#[derive(Default)]
pub(super) struct CohortQuery;

#[Object]
impl CohortQuery {
    /// What became of customers, by how they were onboarded; at most 60 cohorts. The onboarding of
    /// an account is that of its journey that left the phase ONBOARDING first within these days;
    /// who was lost on the way is counted apart, by the day on which the journey was called off.
    /// Of a journey that was taken over, what was neither said nor seen is unknown.
    /// Archived accounts count, too.
    async fn onboarding_cohorts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day on which onboardings ended.")] from: Date,
        #[graphql(desc = "The last day.")] to: Date,
        #[graphql(desc = "What cohorts are told apart by.")] by: CohortDimension,
        #[graphql(desc = "Only onboardings of this template.")] template_id: Option<ID>,
        filter: Option<AccountFilterInput>,
    ) -> Answer<OnboardingCohorts> {
        read(ctx, async move |cx| {
            let filter = filter.map(|filter| filter.parse("filter")).transpose()?;
            let question = Question {
                period: Period { from: from.into(), to: to.into() },
                by: by.into(),
                filter: filter.unwrap_or_default(),
                template_id: id::parse_some("templateId", template_id.as_ref())?,
            };
            cohorts::of(cx, &question).await
        })
        .await
    }
}

/// What became of customers, by how they were onboarded.
#[derive(SimpleObject)]
pub(super) struct OnboardingCohorts {
    /// The cohorts that have any accounts, or lost any on the way, in their order; those of which
    /// nothing is known by which they could be told apart come last.
    cohorts: Vec<OnboardingCohort>,
    /// How many accounts are in none of them: their onboarding was over already when its journey
    /// was taken over on one of these days, so neither its end nor its length is known.
    left_out: Long,
}

impl From<cohorts::Found> for OnboardingCohorts {
    fn from(found: cohorts::Found) -> Self {
        let cohorts::Found { cohorts, left_out } = found;
        Self { cohorts: cohorts.into_iter().map(Into::into).collect(), left_out: count(left_out) }
    }
}

/// Accounts whose onboardings have something in common.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct OnboardingCohort {
    /// The least number of days, percent of tasks in time or repeats; null where cohorts are told
    /// apart by something else.
    min: Option<Long>,
    /// The first number that is too much for it; null where there is no end.
    below: Option<Long>,
    /// The class of the last answer in the phase, where cohorts are told apart so.
    nps_class: Option<NpsClass>,
    /// The first day of the month, where cohorts are told apart so.
    month: Option<Date>,
    /// How many accounts came through their onboarding; all that follows is said of them.
    accounts: Long,
    /// How many accounts were lost before their onboarding had ended. How long it would have taken
    /// is not known: told apart by duration, they stand in the cohort of which nothing is known.
    lost_in_onboarding: Long,
    /// The median of the days from the first entry of a stage of the phase to the end of the last,
    /// of those onboardings whose beginning is known: they began here, or were taken over in their
    /// first stage with the day of its entry. Null where there is none.
    median_days: Option<f64>,
    /// The median of the share of required tasks with a due date that were done by the day on which
    /// they were first due, 0 to 1: rescheduling does not make them punctual, and what was skipped
    /// is left out, as are tasks of a stage that was taken over. Null where none had a date.
    median_on_time: Option<f64>,
    /// Who was lost within 90, 180 and 365 days after the onboarding, and until today.
    churn: Vec<CohortChurn>,
    /// How many accounts had a renewal decided after the onboarding.
    decided_renewals: Long,
    /// How many of them renewed, the first time.
    renewed: Long,
    /// Renewed to decided, 0 to 1; null where nothing was decided.
    renewal_rate: Option<f64>,
    #[graphql(skip)]
    version: Option<(JourneyTemplateId, JourneyTemplateVersionId)>,
}

#[ComplexObject]
impl OnboardingCohort {
    /// The template, where cohorts are told apart by its versions.
    async fn journey_template(&self, ctx: &Context<'_>) -> Answer<JourneyTemplate> {
        one(ctx, self.version.map(|(id, _)| id)).await
    }

    /// The version of the template by which the onboardings ended, where cohorts are told apart so.
    /// Migrating a journey later does not change it.
    async fn template_version(&self, ctx: &Context<'_>) -> Answer<JourneyTemplateVersion> {
        one(ctx, self.version.map(|(_, id)| id)).await
    }
}

impl From<facts::Cohort> for OnboardingCohort {
    fn from(cohort: facts::Cohort) -> Self {
        let renewal_rate = cohort.renewal_rate();
        let facts::Cohort {
            key,
            accounts,
            lost_in_onboarding,
            median_days,
            median_on_time,
            churn,
            decided,
            renewed,
        } = cohort;
        let (min, below) = match key {
            Key::Range { min, below } => (Some(min), below),
            _ => (None, None),
        };
        Self {
            min: min.map(Long),
            below: below.map(Long),
            nps_class: if let Key::Nps(class) = key { Some(class.into()) } else { None },
            month: if let Key::Month(first) = key { Some(Date(first)) } else { None },
            accounts: count(accounts),
            lost_in_onboarding: count(lost_in_onboarding),
            median_days,
            median_on_time,
            churn: churn.into_iter().map(Into::into).collect(),
            decided_renewals: count(decided),
            renewed: count(renewed),
            renewal_rate,
            version: if let Key::Version(id, version) = key { Some((id, version)) } else { None },
        }
    }
}

fn count(number: usize) -> Long {
    Long(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Who was lost within some days after the onboarding.
#[derive(SimpleObject)]
pub(super) struct CohortChurn {
    /// The days; null for all the time until today.
    within_days: Option<Long>,
    /// How many accounts have been seen for so long, lost or not: others are not counted.
    observed: Long,
    /// How many of those were lost by then. An account that was won back is not lost.
    churned: Long,
    /// Churned to observed, 0 to 1; null where nobody has been seen for so long.
    rate: Option<f64>,
}

impl From<Churn> for CohortChurn {
    fn from(churn: Churn) -> Self {
        let Churn { within_days, observed, churned } = churn;
        Self {
            within_days: within_days.map(|days| Long(days.cast_signed())),
            observed: count(observed),
            churned: count(churned),
            rate: churn.rate(),
        }
    }
}

words! {
    /// What cohorts are told apart by.
    CohortDimension = "facts::By" {
        /// How many days the onboarding took: up to 30, 60, 90, or more.
        Duration,
        /// The percentage of its tasks that were done in time: below 50, 80, 100, or all.
        OnTime,
        /// The class of the last answer to an NPS question in the phase.
        Nps,
        /// How often a stage was repeated or returned to: never, once, or more.
        Repeats,
        /// The version of the template: the process before and after a change.
        TemplateVersion,
        /// The month in which the onboarding ended.
        Month,
    }
}
