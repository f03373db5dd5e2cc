//! What `examples/data/portfolio.json` tells: people, what they measure and ask, and accounts
//! with their past, in days before today.

use jornada_domain::channel::Channel;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Deserializer, de};

use jornada_domain::accounts::account::AccountStatus;
use jornada_domain::auth::Role;
use jornada_domain::auth::team::TeamPurpose;
use jornada_domain::feedback::score::Method;
use jornada_domain::feedback::survey::Purpose;
use jornada_domain::interactions::Sentiment;
use jornada_domain::metrics::metric::{Aggregation, Direction, Grain};

use super::plans::PlansStory;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Story {
    pub(super) owner: Person,
    pub(super) users: Vec<Person>,
    pub(super) teams: Vec<TeamStory>,
    pub(super) contact_roles: Vec<RoleStory>,
    pub(super) metrics: Vec<MetricStory>,
    pub(super) surveys: Vec<SurveyStory>,
    pub(super) selection_rules: Vec<RuleStory>,
    pub(super) accounts: Vec<AccountStory>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) name: String,
    #[serde(deserialize_with = "word")]
    pub(super) role: Role,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TeamStory {
    pub(super) name: String,
    #[serde(deserialize_with = "word")]
    pub(super) purpose: TeamPurpose,
    /// E-mail addresses.
    pub(super) members: Vec<String>,
    /// Whether its members look after the customers of the telephone company.
    #[serde(default)]
    pub(super) has_telco: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RoleStory {
    pub(super) key: String,
    pub(super) label: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MetricStory {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) unit: String,
    #[serde(deserialize_with = "word")]
    pub(super) grain: Grain,
    #[serde(deserialize_with = "word")]
    pub(super) aggregation: Aggregation,
    #[serde(deserialize_with = "word")]
    pub(super) direction: Direction,
    pub(super) freshness_days: i32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SurveyStory {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) question: String,
    #[serde(deserialize_with = "word")]
    pub(super) method: Method,
    #[serde(deserialize_with = "word")]
    pub(super) purpose: Purpose,
}

/// Which accounts get the journey of a template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RuleStory {
    pub(super) name: String,
    /// The key of a template.
    pub(super) template: String,
    #[serde(default, deserialize_with = "words")]
    pub(super) statuses: Vec<AccountStatus>,
    /// Labels of market segments.
    #[serde(default)]
    pub(super) segments: Vec<String>,
    /// Labels of packages.
    #[serde(default)]
    pub(super) packages: Vec<String>,
    /// How many days before the end of a subscription the journey begins; without it, the rule
    /// picks the journey of a new account.
    pub(super) days_before_end: Option<i32>,
}

/// An account with its past.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AccountStory {
    pub(super) external_id: String,
    pub(super) name: String,
    #[serde(default, deserialize_with = "some_word")]
    pub(super) status: Option<AccountStatus>,
    pub(super) tax_id: String,
    pub(super) segment: String,
    pub(super) package: String,
    pub(super) city: String,
    pub(super) region: String,
    /// The e-mail address of the CSM.
    pub(super) csm: String,
    /// The e-mail address of who leads the onboarding.
    pub(super) onboarding: Option<String>,
    pub(super) customer_for_days: u64,
    pub(super) contacts: Vec<ContactStory>,
    pub(super) subscription: Option<SubscriptionStory>,
    pub(super) journey: Option<JourneyStory>,
    /// The journey of its last renewal, beside the other one.
    pub(super) renewal: Option<JourneyStory>,
    /// A journey of training and reviews, beside the other one.
    pub(super) growth: Option<JourneyStory>,
    /// Active users week by week, the current one last.
    #[serde(default)]
    pub(super) active_users: Vec<f64>,
    #[serde(default)]
    pub(super) interactions: Vec<InteractionStory>,
    #[serde(default)]
    pub(super) responses: Vec<ResponseStory>,
    /// What people make of it, and what they mean to do about it.
    #[serde(default)]
    pub(super) plans: PlansStory,
    /// What became of the account at last, and why.
    pub(super) end: Option<EndStory>,
}

/// An account that is not active any more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum EndStory {
    /// It is paused, for this reason.
    Paused(String),
    /// It is lost, for this reason.
    Churned(String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContactStory {
    pub(super) name: String,
    pub(super) title: String,
    /// The key of a contact role.
    pub(super) role: String,
    pub(super) email: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SubscriptionStory {
    pub(super) monthly_minor: i64,
    pub(super) months: u32,
}

/// A journey that has come some way.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct JourneyStory {
    /// The key of a template.
    pub(super) template: String,
    pub(super) started_days_ago: u64,
    /// How many tasks were done, spread evenly over the time until the last one.
    #[serde(default)]
    pub(super) tasks_done: u64,
    #[serde(default)]
    pub(super) last_done_days_ago: u64,
    /// How the customer felt in the interactions of the journey, in turn.
    #[serde(default, deserialize_with = "words")]
    pub(super) sentiments: Vec<Sentiment>,
    /// Why the first open task waits for the customer.
    pub(super) waits_because: Option<String>,
    /// What a person observed for the indicators that a person evaluates.
    pub(super) observed: Option<f64>,
    /// Whether its next task is done today, which makes the loop guard hold it and alert its CSM.
    #[serde(default)]
    pub(super) held_today: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InteractionStory {
    pub(super) days_ago: u64,
    pub(super) channel: Channel,
    #[serde(deserialize_with = "word")]
    pub(super) sentiment: Sentiment,
    pub(super) subject: String,
    pub(super) notes: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ResponseStory {
    pub(super) days_ago: u64,
    /// The key of a survey.
    pub(super) survey: String,
    pub(super) score: i32,
    pub(super) comment: Option<String>,
}

/// A word as the database and the API write it.
pub(super) fn word<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: ActiveEnum<Value = String>,
{
    let word = String::deserialize(deserializer)?;
    T::try_from_value(&word).map_err(de::Error::custom)
}

fn some_word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: ActiveEnum<Value = String>,
{
    word(deserializer).map(Some)
}

fn words<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: ActiveEnum<Value = String>,
{
    let words = Vec::<String>::deserialize(deserializer)?;
    words.iter().map(|word| T::try_from_value(word).map_err(de::Error::custom)).collect()
}
