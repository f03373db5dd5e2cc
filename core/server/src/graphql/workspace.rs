//! The workspace, and who looks at it.

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use jornada_domain::error::Result;
use jornada_domain::id::WorkspaceId;
use jornada_domain::metrics::retention::{self, RetentionPatch};
use jornada_domain::workspace::{self, WorkspacePatch};

use super::id::GlobalId;
use super::loader::{load_by_id, one};
use super::privacy::{self, RetentionPolicy};
use super::reading::Reading;
use super::request::{Answer, call, payload, read, write};
use super::scalar::Long;
use super::user::User;
use super::word::words;

/// The tenant: everything else belongs to one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct Workspace {
    pub id: GlobalId<WorkspaceId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The name on the command line; unique over the installation.
    slug: String,
    /// What people call it.
    name: String,
    /// What it is for.
    kind: WorkspaceKind,
    /// The time zone in which its days begin, as the IANA database names it.
    time_zone: String,
    /// The language of those who have not chosen one.
    locale: Locale,
    /// The days of the week that count as business days.
    working_days: Vec<Weekday>,
    /// By how many seconds the clock is ahead of the real one; zero in production.
    clock_offset_seconds: Long,
    /// For how long points of metrics are kept.
    metric_retention: MetricRetention,
}

#[ComplexObject]
impl Workspace {
    /// For how long records are kept, by their kind: each kind once.
    async fn retention_policies(&self, ctx: &Context<'_>) -> Answer<Vec<RetentionPolicy>> {
        Some(privacy::policies(&call(ctx).cx()).await)
    }
}

/// For how many days points of metrics are kept; for ever where it is null. While its metric counts
/// a point as fresh, it is kept in any case.
#[derive(SimpleObject)]
pub(super) struct MetricRetention {
    /// Points of days.
    daily_days: Option<i32>,
    /// Points of weeks.
    weekly_days: Option<i32>,
    /// Points of months.
    monthly_days: Option<i32>,
}

impl From<workspace::Model> for Workspace {
    fn from(row: workspace::Model) -> Self {
        let week = row.working_week();
        let workspace::Model {
            id,
            version,
            created_at,
            updated_at,
            slug,
            name,
            kind,
            time_zone,
            locale,
            working_days: _,
            clock_offset_s,
            daily_points_days: daily_days,
            weekly_points_days: weekly_days,
            monthly_points_days: monthly_days,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            slug,
            name,
            kind: kind.into(),
            time_zone,
            locale: locale.into(),
            working_days: week.days().into_iter().map(Weekday::from).collect(),
            clock_offset_seconds: Long(clock_offset_s),
            metric_retention: MetricRetention { daily_days, weekly_days, monthly_days },
        }
    }
}

words! {
    /// What a workspace is for.
    WorkspaceKind = "workspace::WorkspaceKind" {
        /// Real customers.
        Production,
        /// For trying things: its clock can be advanced, and it sends nothing out.
        Sandbox,
    }
}

words! {
    /// The languages in which people read messages.
    Locale = "workspace::Locale" {
        /// Brazilian Portuguese.
        PtBr,
        /// English.
        En,
    }
}

words! {
    /// A day of the week.
    Weekday = "chrono::Weekday" {
        /// Monday.
        #[graphql(name = "MONDAY")]
        Mon,
        /// Tuesday.
        #[graphql(name = "TUESDAY")]
        Tue,
        /// Wednesday.
        #[graphql(name = "WEDNESDAY")]
        Wed,
        /// Thursday.
        #[graphql(name = "THURSDAY")]
        Thu,
        /// Friday.
        #[graphql(name = "FRIDAY")]
        Fri,
        /// Saturday.
        #[graphql(name = "SATURDAY")]
        Sat,
        /// Sunday.
        #[graphql(name = "SUNDAY")]
        Sun,
    }
}

load_by_id!(WorkspaceId => workspace::Model, workspace::many);

/// Who asks, and what they may do.
pub(super) struct Viewer;

/// Who asks, and what they may do.
#[Object]
impl Viewer {
    /// The user of the credential.
    async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
        one(ctx, call(ctx).actor().user_id).await
    }

    /// The workspace that the credential belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Answer<Workspace> {
        read(ctx, async |cx| workspace::current(cx).await).await
    }

    /// The rights of the credential, met with those of its user: `accounts:read`. To change an
    /// area includes to read it.
    async fn scopes(&self, ctx: &Context<'_>) -> Vec<String> {
        call(ctx).actor().scopes.list().iter().map(ToString::to_string).collect()
    }
}

#[derive(Default)]
pub(super) struct WorkspaceQuery;

#[Object]
impl WorkspaceQuery {
    /// Who asks.
    async fn viewer(&self) -> Viewer {
        Viewer
    }
}

#[derive(Default)]
pub(super) struct WorkspaceMutation;

#[Object]
impl WorkspaceMutation {
    /// Changes the settings. Due dates that were given out stay as they are.
    async fn workspace_update(
        &self,
        ctx: &Context<'_>,
        input: WorkspaceUpdateInput,
    ) -> Result<WorkspaceUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let patch = input.read(&mut reading);
            reading.then(workspace::update(tx, patch).await)
        })
        .await
    }

    /// Advances the clock of a sandbox. What is due by then happens as it would have.
    async fn workspace_clock_advance(
        &self,
        ctx: &Context<'_>,
        input: WorkspaceClockAdvanceInput,
    ) -> Result<WorkspaceClockAdvancePayload> {
        write(ctx, async |tx| workspace::advance_clock(tx, input.seconds.0).await).await
    }
}

#[derive(Default)]
pub(super) struct RetentionMutation;

#[Object]
impl RetentionMutation {
    /// Changes for how long points of metrics are kept. Older ones are deleted soon, from then on
    /// daily, and no longer taken.
    async fn metric_retention_update(
        &self,
        ctx: &Context<'_>,
        input: MetricRetentionUpdateInput,
    ) -> Result<MetricRetentionUpdatePayload> {
        write(ctx, async move |tx| retention::update(tx, input.into()).await).await
    }
}

/// Changes of the retention; what is left out stays as it is, null keeps points for ever.
#[derive(InputObject)]
pub(super) struct MetricRetentionUpdateInput {
    expected_version: Option<i64>,
    /// Days for which points of days are kept: 31 to 36500.
    daily_days: MaybeUndefined<i32>,
    /// Days for which points of weeks are kept: 31 to 36500.
    weekly_days: MaybeUndefined<i32>,
    /// Days for which points of months are kept: 31 to 36500.
    monthly_days: MaybeUndefined<i32>,
}

impl From<MetricRetentionUpdateInput> for RetentionPatch {
    fn from(input: MetricRetentionUpdateInput) -> Self {
        let MetricRetentionUpdateInput { expected_version, daily_days, weekly_days, monthly_days } =
            input;
        let (daily, weekly, monthly) = (daily_days.into(), weekly_days.into(), monthly_days.into());
        Self { expected_version, daily, weekly, monthly }
    }
}

payload! {
    /// What came of changing the retention.
    MetricRetentionUpdatePayload {
        /// The workspace as it is now.
        workspace: Workspace,
    }
}

/// Changes of the workspace; what is left out stays as it is.
#[derive(InputObject)]
pub(super) struct WorkspaceUpdateInput {
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// The time zone in which its days begin, as the IANA database names it.
    time_zone: MaybeUndefined<String>,
    /// The language of those who have not chosen one.
    locale: MaybeUndefined<Locale>,
    /// The days of the week that count as business days: at least one.
    working_days: MaybeUndefined<Vec<Weekday>>,
}

impl WorkspaceUpdateInput {
    fn read(self, reading: &mut Reading) -> WorkspacePatch {
        let WorkspaceUpdateInput { expected_version, name, time_zone, locale, working_days } = self;
        let name = reading.kept("name", name);
        let time_zone = reading.kept("timeZone", time_zone);
        let locale = reading.kept("locale", locale);
        let working_days = reading.kept("workingDays", working_days);
        let working_days = working_days.map(|days| days.into_iter().map(Into::into).collect());
        let locale = locale.map(Into::into);
        WorkspacePatch { expected_version, name, time_zone, locale, working_days }
    }
}

/// How far to advance the clock.
#[derive(InputObject)]
pub(super) struct WorkspaceClockAdvanceInput {
    /// By how many seconds: 1 to five years.
    seconds: Long,
}

payload! {
    /// What came of changing the settings.
    WorkspaceUpdatePayload {
        /// The workspace as it is now.
        workspace: Workspace,
    }
}

payload! {
    /// What came of advancing the clock.
    WorkspaceClockAdvancePayload {
        /// The workspace as it is now.
        workspace: Workspace,
    }
}
