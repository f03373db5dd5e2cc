//! How accounts begin, pause, go on and end, and what that does to their journeys.

use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use jornada_domain::Tx;
use jornada_domain::accounts::account::NewAccount;
use jornada_domain::error::Result;
use jornada_domain::journeys::start::{self, JourneyStart, StartAt};
use jornada_domain::journeys::status;

use super::{Account, AccountStatus};
use crate::graphql::attribute::{self, AttributeInput};
use crate::graphql::channel::Channel;
use crate::graphql::id;
use crate::graphql::journey::JourneyAdoptionInput;
use crate::graphql::reading::Reading;
use crate::graphql::request::{payload, write};
use crate::graphql::scalar::Date;

#[derive(Default)]
pub(in crate::graphql) struct LifecycleMutation;

#[Object]
impl LifecycleMutation {
    /// Adds an account, with its customer success manager and its journey.
    async fn account_create(
        &self,
        ctx: &Context<'_>,
        mut input: AccountCreateInput,
    ) -> Result<AccountCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let csm_id = reading.some("csmId", input.csm_id.as_ref());
            let start = input.journey_start.take().map(|start| start.read(&mut reading));
            let new = input.read(&mut reading);
            let start = start.unwrap_or_default();
            reading.then(start::open_account(tx, new, csm_id, start).await)
        })
        .await
    }

    /// Makes a customer of an account that tried the product.
    async fn account_activate(
        &self,
        ctx: &Context<'_>,
        input: AccountActivateInput,
    ) -> Result<AccountActivatePayload> {
        let activate =
            async |tx: &Tx<'_>| status::activate_account(tx, id::parse("id", &input.id)?).await;
        write(ctx, activate).await
    }

    /// Pauses an account: nothing of it is overdue, and its journeys stand still.
    async fn account_pause(
        &self,
        ctx: &Context<'_>,
        input: AccountPauseInput,
    ) -> Result<AccountPausePayload> {
        write(ctx, async |tx| {
            let id = id::parse("id", &input.id)?;
            let paused_on = input.paused_on.map(Into::into);
            status::pause_account(tx, id, paused_on, &input.reason).await
        })
        .await
    }

    /// Resumes a paused account as what it was: open due dates move by the days of the pause, its
    /// journeys go on, and answers that arrived meanwhile take effect. A churned account that came
    /// back becomes active; its journeys stay cancelled.
    async fn account_resume(
        &self,
        ctx: &Context<'_>,
        input: AccountResumeInput,
    ) -> Result<AccountResumePayload> {
        write(ctx, async |tx| status::resume_account(tx, id::parse("id", &input.id)?).await).await
    }

    /// Lets an account go: its journeys and open tasks are cancelled.
    async fn account_churn(
        &self,
        ctx: &Context<'_>,
        input: AccountChurnInput,
    ) -> Result<AccountChurnPayload> {
        write(ctx, async |tx| {
            let id = id::parse("id", &input.id)?;
            let churned_on = input.churned_on.map(Into::into);
            status::churn_account(tx, id, churned_on, &input.reason).await
        })
        .await
    }
}

/// An account to be added.
#[derive(InputObject)]
pub(super) struct AccountCreateInput {
    /// What people call it: 1 to 200 characters.
    name: String,
    /// Where it stands as a customer; `ACTIVE` unless said.
    status: Option<AccountStatus>,
    /// Since when it is paused or churned, today unless said; only for those.
    status_since: Option<Date>,
    /// Why it was lost: up to 500 characters; only for a churned one.
    churn_reason: Option<String>,
    /// The account that this one is a part of.
    parent_id: Option<ID>,
    /// Up to 40 characters. In Brazil, or where no country is said, what looks like a CNPJ must be
    /// one, with or without its punctuation.
    tax_id: Option<String>,
    /// An option of the set `market_segment`.
    market_segment_id: Option<ID>,
    /// An option of the set `package`.
    package_id: Option<ID>,
    /// The city: up to 120 characters.
    city: Option<String>,
    /// The state or region: up to 120 characters.
    region: Option<String>,
    /// The country, as the two letters of ISO 3166-1: `BR`.
    country: Option<String>,
    /// The time zone of the customer, as the IANA database names it.
    time_zone: Option<String>,
    /// When the customer wants to be contacted: up to 200 characters.
    contact_hours: Option<String>,
    /// How the customer wants to be contacted.
    preferred_channel: Option<Channel>,
    /// Since when it is a customer.
    customer_since: Option<Date>,
    /// Values of attributes.
    attributes: Option<Vec<AttributeInput>>,
    /// The customer success manager, who must be active.
    csm_id: Option<ID>,
    /// Which journey it gets; `auto` unless said.
    journey_start: Option<AccountJourneyStartInput>,
}

impl AccountCreateInput {
    fn read(self, reading: &mut Reading) -> NewAccount {
        NewAccount {
            name: self.name,
            status: self.status.map(Into::into),
            status_since: self.status_since.map(Into::into),
            churn_reason: self.churn_reason,
            parent_id: reading.some("parentId", self.parent_id.as_ref()),
            tax_id: self.tax_id,
            market_segment_id: reading.some("marketSegmentId", self.market_segment_id.as_ref()),
            package_id: reading.some("packageId", self.package_id.as_ref()),
            city: self.city,
            region: self.region,
            country: self.country,
            time_zone: self.time_zone,
            contact_hours: self.contact_hours,
            preferred_channel: self.preferred_channel.map(Into::into),
            customer_since: self.customer_since.map(Into::into),
            attributes: attribute::read(self.attributes, reading),
        }
    }
}

/// Which journey a new account gets.
#[derive(OneofObject)]
pub(super) enum AccountJourneyStartInput {
    /// `true`: the one that the first matching selection rule picks, else the default template.
    Auto(bool),
    /// `true`: none.
    None(bool),
    /// This one.
    At(AccountJourneyStartAtInput),
}

/// With which journey a new account begins, and where.
#[derive(InputObject)]
pub(super) struct AccountJourneyStartAtInput {
    /// The template, which must have a published version.
    template_id: ID,
    /// The key of the stage to begin with; the first one unless said.
    stage_key: Option<String>,
    /// The day on which that stage was entered; today unless said. Its tasks count from that day,
    /// so one of the past can make them overdue. With the header `Jornada-Origin: BACKFILL` a
    /// journey that was entered before today is taken over instead, as by an import: unless
    /// `adoption` says otherwise, with nothing done and nothing due before today.
    entered_on: Option<Date>,
    /// Takes the journey over as one that ran before: nothing of it is due before today.
    adoption: Option<JourneyAdoptionInput>,
}

impl AccountJourneyStartInput {
    fn read(self, reading: &mut Reading) -> JourneyStart {
        match self {
            Self::Auto(is_said) => {
                reading.only_true("journeyStart.auto", is_said);
                JourneyStart::Auto
            }
            Self::None(is_said) => {
                reading.only_true("journeyStart.none", is_said);
                JourneyStart::None
            }
            Self::At(at) => JourneyStart::At(StartAt {
                template_id: reading.id("journeyStart.at.templateId", &at.template_id),
                stage_key: at.stage_key,
                entered_on: at.entered_on.map(Into::into),
                adoption: at.adoption.map(|it| it.read(reading, "journeyStart.at.adoption")),
            }),
        }
    }
}

/// An account that became a customer.
#[derive(InputObject)]
pub(super) struct AccountActivateInput {
    /// The account, which must be tried out.
    id: ID,
}

/// An account to be paused.
#[derive(InputObject)]
pub(super) struct AccountPauseInput {
    /// The account, which must be tried out or active.
    id: ID,
    /// Since when it is paused, not in the future; today unless said.
    paused_on: Option<Date>,
    /// Why: 1 to 500 characters.
    reason: String,
}

/// An account to be resumed.
#[derive(InputObject)]
pub(super) struct AccountResumeInput {
    /// The account, which must be paused or churned.
    id: ID,
}

/// An account that was lost.
#[derive(InputObject)]
pub(super) struct AccountChurnInput {
    /// The account, which must not be churned.
    id: ID,
    /// Since when it is lost, not in the future; today unless said. On the timeline it is lost on
    /// that day, and so are its renewals. Its journeys end today, or, with the header
    /// `Jornada-Origin: BACKFILL`, on that day, though not before their last step.
    churned_on: Option<Date>,
    /// Why: 1 to 500 characters.
    reason: String,
}

payload! {
    /// What came of adding an account.
    AccountCreatePayload {
        /// The account.
        account: Account,
    }
}

payload! {
    /// What came of activating an account.
    AccountActivatePayload {
        /// The account as it is now.
        account: Account,
    }
}

payload! {
    /// What came of pausing an account.
    AccountPausePayload {
        /// The account as it is now.
        account: Account,
    }
}

payload! {
    /// What came of resuming an account.
    AccountResumePayload {
        /// The account as it is now.
        account: Account,
    }
}

payload! {
    /// What came of letting an account go.
    AccountChurnPayload {
        /// The account as it is now.
        account: Account,
    }
}
