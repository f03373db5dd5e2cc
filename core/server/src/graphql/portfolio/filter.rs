//! What narrows and sorts the accounts of a portfolio.

use async_graphql::{Enum, InputObject};
use jornada_domain::error::{Code, Error, Problem, Result};
use jornada_domain::filter::RangeFilter;
use jornada_domain::portfolio::{PortfolioColumn, PortfolioFilter, PortfolioOrder};

use crate::graphql::account::AccountFilterInput;
use crate::graphql::attribute::MoneyFilter;
use crate::graphql::filter::{
    DateFilter, DateTimeFilter, LongFilter, NumberFilter, OrderDirection, StringFilter, WordFilter,
};
use crate::graphql::health_score::HealthBand;
use crate::graphql::interaction::Sentiment;
use crate::graphql::journey::Pace;

/// What narrows the accounts of a portfolio: everything that is said must hold.
#[derive(InputObject)]
#[graphql(name = "PortfolioFilter")]
pub(super) struct PortfolioFilterInput {
    /// The account itself.
    account: Option<AccountFilterInput>,
    /// How many open tasks are overdue.
    overdue: Option<LongFilter>,
    /// How many open tasks are due today.
    due_today: Option<LongFilter>,
    /// How many open tasks are due later or without a date.
    upcoming: Option<LongFilter>,
    /// The score of the newest answer to an NPS question.
    last_nps: Option<LongFilter>,
    /// The sentiment of the newest interaction that has one.
    last_sentiment: Option<WordFilter<Sentiment>>,
    /// When somebody last met the customer.
    last_touch: Option<DateTimeFilter>,
    /// The name of the stage of the primary journey, compared exactly.
    stage: Option<StringFilter>,
    /// The share of finished tasks in the visit of the primary journey, 0 to 1.
    completeness: Option<NumberFilter>,
    /// The pace of the primary journey.
    pace: Option<WordFilter<Pace>>,
    /// What is paid a year in a currency; nothing where nothing is paid in it.
    recurring_revenue: Option<MoneyFilter>,
    /// The next end of a subscription of which nothing has become yet.
    renewal_on: Option<DateFilter>,
    /// The mean of the scores of the newest pulse, 1 to 5.
    pulse: Option<NumberFilter>,
    /// How many risks are open.
    open_risks: Option<LongFilter>,
    /// The health, 0 to 100: what the primary model computed, unless a person says something else.
    health: Option<NumberFilter>,
    /// The same in a word.
    health_band: Option<WordFilter<HealthBand>>,
}

impl TryFrom<PortfolioFilterInput> for PortfolioFilter {
    type Error = Error;

    fn try_from(input: PortfolioFilterInput) -> Result<Self> {
        let range = |filter: Option<LongFilter>| filter.map(RangeFilter::from);
        let account = input.account.map(|filter| filter.parse("filter.account")).transpose()?;
        let sentiment = input.last_sentiment;
        let sentiment = sentiment.map(|words| words.words("filter.lastSentiment")).transpose()?;
        let pace = input.pace.map(|words| words.words("filter.pace")).transpose()?;
        let bands = input.health_band;
        let bands = bands.map(|words| words.words("filter.healthBand")).transpose()?;
        let stage = input.stage.map(|filter| filter.text("filter.stage")).transpose()?;
        Ok(Self {
            account: account.unwrap_or_default(),
            overdue: range(input.overdue),
            due_today: range(input.due_today),
            upcoming: range(input.upcoming),
            last_nps: range(input.last_nps),
            last_sentiment: sentiment.flatten(),
            last_touch: input.last_touch.map(Into::into),
            stage,
            completeness: input.completeness.map(Into::into),
            pace: pace.flatten(),
            recurring_revenue: input.recurring_revenue.map(MoneyFilter::split),
            renewal_on: input.renewal_on.map(Into::into),
            pulse: input.pulse.map(Into::into),
            open_risks: range(input.open_risks),
            health: input.health.map(Into::into),
            health_band: bands.flatten(),
        })
    }
}

/// By what the accounts of a portfolio are sorted. Accounts without a value come last.
#[derive(InputObject)]
#[graphql(name = "PortfolioOrder")]
pub(super) struct PortfolioOrderInput {
    /// The column.
    field: PortfolioOrderField,
    /// The currency, as the three letters of ISO 4217; only for `RECURRING_REVENUE`, and needed
    /// there.
    currency: Option<String>,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What the accounts of a portfolio can be sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum PortfolioOrderField {
    /// The name, whatever its case and accents.
    Name,
    /// How many open tasks are overdue.
    Overdue,
    /// How many open tasks are due today.
    DueToday,
    /// How many open tasks are due later or without a date.
    Upcoming,
    /// The score of the newest answer to an NPS question.
    LastNps,
    /// The sentiment of the newest interaction that has one, from the worst to the best.
    LastSentiment,
    /// When somebody last met the customer.
    LastTouch,
    /// The name of the stage of the primary journey.
    Stage,
    /// The share of finished tasks in the visit of the primary journey.
    Completeness,
    /// The pace of the primary journey, from on track to stuck.
    Pace,
    /// What is paid a year in a currency.
    RecurringRevenue,
    /// The next end of a subscription of which nothing has become yet.
    RenewalOn,
    /// The mean of the scores of the newest pulse.
    Pulse,
    /// How many risks are open.
    OpenRisks,
    /// The health, from the worst to the best.
    Health,
}

impl TryFrom<PortfolioOrderInput> for PortfolioOrder {
    type Error = Error;

    fn try_from(input: PortfolioOrderInput) -> Result<Self> {
        use PortfolioOrderField as Field;
        let PortfolioOrderInput { field, currency, direction } = input;
        let column = match (field, currency) {
            (Field::RecurringRevenue, Some(currency)) => {
                PortfolioColumn::RecurringRevenue(currency)
            }
            (Field::RecurringRevenue, None) => {
                return Err(Problem::new("orderBy.currency", Code::Required).into());
            }
            (_, Some(_)) => {
                let problem = Problem::new("orderBy.currency", Code::Contradiction);
                return Err(problem.with("with", "orderBy.field").into());
            }
            (Field::Name, None) => PortfolioColumn::Name,
            (Field::Overdue, None) => PortfolioColumn::Overdue,
            (Field::DueToday, None) => PortfolioColumn::DueToday,
            (Field::Upcoming, None) => PortfolioColumn::Upcoming,
            (Field::LastNps, None) => PortfolioColumn::LastNps,
            (Field::LastSentiment, None) => PortfolioColumn::LastSentiment,
            (Field::LastTouch, None) => PortfolioColumn::LastTouch,
            (Field::Stage, None) => PortfolioColumn::Stage,
            (Field::Completeness, None) => PortfolioColumn::Completeness,
            (Field::Pace, None) => PortfolioColumn::Pace,
            (Field::RenewalOn, None) => PortfolioColumn::RenewalOn,
            (Field::Pulse, None) => PortfolioColumn::Pulse,
            (Field::OpenRisks, None) => PortfolioColumn::OpenRisks,
            (Field::Health, None) => PortfolioColumn::Health,
        };
        Ok(Self { column, is_descending: direction == OrderDirection::Desc })
    }
}
