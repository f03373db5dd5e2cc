//! The GraphQL API: one file for each noun, which translates and does nothing else.
//!
//! The frame: `request` leads from a resolver into the domain, `error` decides how what goes
//! wrong is shown, `loader` (with `batch`) asks once for what many rows need, and `connection`,
//! `id`, `node`, `scalar`, `filter`, `word` and `describe` are the shapes that nouns share.
//! `holiday` is the shortest noun, and the one to copy.
//!
//! # How to add
//!
//! **An object** is a `SimpleObject` with `From<Model>`, which takes the row apart field by field,
//! so that a new column does not compile until somebody has decided about it. It begins with
//! `pub id: GlobalId<XId>, version: i64, created_at, updated_at`; those fields, and arguments such
//! as `first`, have their descriptions from `describe`; everything else needs a doc comment. Dates
//! are `Date`, times `DateTime<Utc>`, money `Money`, whole numbers that may pass 32 bits `Long`,
//! enums `words!`. Then: `load_by_id!(XId => x::Model, x::many);`, and one line in the table at
//! the end of `node`.
//!
//! **A field that points to another record** keeps the typed id (`#[graphql(skip)]`) and is a
//! method of a `ComplexObject`: `async fn user(&self, ctx: &Context<'_>) -> Answer<User> {
//! one(ctx, self.user_id).await }`.
//!
//! **A list** takes `first, after, last, before` and returns `Answer<Connection<X>>` by [`list`].
//! **A nested list** is `load_children!(XsOf(ParentId) => x::Model, x::list_each);` and
//! `children(ctx, XsOf(self.id.0), paging).await`; `list_each` is a `page_each` of the domain.
//! **A filter** is an `InputObject` of `filter` with a function that makes it the domain's.
//!
//! **A query of one record** is [`read`]: `read(ctx, async |cx| x::find(cx, id::parse("id",
//! &id)?).await).await`.
//!
//! **A mutation** `nounVerb(input: NounVerbInput!): NounVerbPayload!` is [`write`] and `payload!`.
//! Ids are parsed and inputs mapped within its closure, so that what is wrong becomes a user
//! error. It commits when the verb is `Ok`, and never otherwise.
//!
//! **The noun** is then one `mod` line here, and `XQuery` and `XMutation` in [`Query`] and
//! [`Mutation`].
//!
//! # What holds
//!
//! - A field that asks the domain is nullable and an [`Answer`], so that it fails alone:
//!   `Result<Option<T>>` would null its parent. Only mutations are `Result`.
//! - Resolvers pass errors on with `?`; nothing here makes a message or a code.
//! - The one list of codes is `Code` of the domain; top-level errors have [`TopLevelCode`] beside.
//!
//! [`list`]: request::list
//! [`read`]: request::read
//! [`write`]: request::write
//! [`Answer`]: request::Answer

mod batch;
mod connection;
mod describe;
mod error;
mod filter;
mod id;
mod loader;
mod node;
mod reading;
mod request;
mod scalar;
mod word;

mod account;
mod alert;
mod assignment;
mod attribute;
mod audit;
mod captured_message;
mod channel;
mod cohort;
mod contact;
mod deferred_item;
mod event;
mod external_ref;
mod goal;
mod handoff;
mod health_definition;
mod health_hindsight;
mod health_model;
mod health_override;
mod health_plugin;
mod health_run;
mod health_score;
mod holiday;
mod import_run;
mod indicator;
mod interaction;
mod job;
mod journey;
mod metric;
mod metric_load;
mod metric_window;
mod milestone;
mod opportunity;
mod option;
mod plugin;
mod portfolio;
mod privacy;
mod product;
mod pulse;
mod renewal;
mod revenue;
mod risk;
mod segment;
mod selection_rule;
mod subscription;
mod success_plan;
mod survey;
mod survey_response;
mod task;
mod team;
mod template;
mod timeline;
mod token;
mod user;
mod visit;
mod workspace;

use async_graphql::{EmptySubscription, MergedObject, SDLExportOptions};
use chrono::{DateTime, Utc};
use jornada_domain::id::{Kind, TypedId};
use uuid::Uuid;

pub use error::{TopLevelCode, refused, unauthenticated};
pub use request::{Caller, answer};

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    workspace::WorkspaceQuery,
    holiday::HolidayQuery,
    user::UserQuery,
    team::TeamQuery,
    token::TokenQuery,
    event::EventQuery,
    audit::AuditQuery,
    job::JobQuery,
    option::OptionQuery,
    attribute::AttributeQuery,
    account::AccountQuery,
    segment::SegmentQuery,
    portfolio::PortfolioQuery,
    portfolio::SummaryQuery,
    contact::ContactQuery,
    external_ref::ExternalRefQuery,
    product::ProductQuery,
    subscription::SubscriptionQuery,
    renewal::RenewalQuery,
    revenue::RevenueQuery,
    revenue::ReportQuery,
    metric::MetricQuery,
    metric_load::MetricLoadQuery,
    import_run::ImportRunQuery,
    interaction::InteractionQuery,
    survey::SurveyQuery,
    survey_response::SurveyResponseQuery,
    pulse::PulseQuery,
    success_plan::SuccessPlanQuery,
    goal::GoalQuery,
    milestone::MilestoneQuery,
    risk::RiskQuery,
    opportunity::OpportunityQuery,
    handoff::HandoffQuery,
    deferred_item::DeferredItemQuery,
    health_model::HealthModelQuery,
    health_plugin::HealthCoverageQuery,
    health_run::HealthRunQuery,
    health_override::HealthOverrideQuery,
    plugin::PluginQuery,
    plugin::plan::PluginPlanQuery,
    template::TemplateQuery,
    selection_rule::SelectionRuleQuery,
    journey::JourneyQuery,
    task::TaskQuery,
    task::TaskTypeQuery,
    alert::AlertQuery,
    cohort::CohortQuery,
    captured_message::CapturedMessageQuery,
);

/// What can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    workspace::WorkspaceMutation,
    holiday::HolidayMutation,
    user::UserMutation,
    team::TeamMutation,
    token::TokenMutation,
    job::JobMutation,
    option::OptionMutation,
    attribute::AttributeMutation,
    account::AccountMutation,
    segment::SegmentMutation,
    contact::ContactMutation,
    external_ref::ExternalRefMutation,
    metric::MetricMutation,
    workspace::RetentionMutation,
    privacy::PrivacyMutation,
    interaction::InteractionMutation,
    survey::SurveyMutation,
    survey_response::SurveyResponseMutation,
    pulse::PulseMutation,
    success_plan::SuccessPlanMutation,
    goal::GoalMutation,
    milestone::MilestoneMutation,
    risk::RiskMutation,
    opportunity::OpportunityMutation,
    handoff::HandoffMutation,
    deferred_item::DeferredItemMutation,
    account::LifecycleMutation,
    assignment::AssignmentMutation,
    product::ProductMutation,
    subscription::SubscriptionMutation,
    renewal::RenewalMutation,
    revenue::RevenueMutation,
    health_model::HealthModelMutation,
    health_override::HealthOverrideMutation,
    plugin::PluginMutation,
    plugin::plan::PluginPlanMutation,
    template::TemplateMutation,
    template::DraftMutation,
    selection_rule::SelectionRuleMutation,
    journey::JourneyMutation,
    task::TaskMutation,
    alert::AlertMutation,
);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// How much one document may ask for: a first belt, far above what a page of a user interface
/// needs. Every field counts one.
pub(crate) const MAX_FIELDS: usize = 3000;
pub(crate) const MAX_DEPTH: usize = 15;
const MAX_RECURSION: usize = 32;
const MAX_DIRECTIVES: usize = 10;
pub(crate) const MAX_ALIASES: usize = 100;

/// The schema, ready to [`answer`].
pub fn schema() -> Schema {
    let (query, mutation) = (Query::default(), Mutation::default());
    Schema::build(query, mutation, EmptySubscription)
        .limit_complexity(MAX_FIELDS)
        .limit_depth(MAX_DEPTH)
        .limit_recursive_depth(MAX_RECURSION)
        .limit_directives(MAX_DIRECTIVES)
        .limit_aliases(MAX_ALIASES)
        .override_output_type_description::<DateTime<Utc>>(describe::DATE_TIME)
        .register_output_type::<describe::Described>()
        .finish()
}

/// The id by which callers know a record.
pub fn global_id<I: TypedId>(id: I) -> String {
    id::encode(I::KIND.type_name(), id.into()).0
}

/// The record that callers know by an id.
pub fn record(global_id: &str) -> Option<(Kind, Uuid)> {
    id::split(global_id)
}

/// The schema in the schema definition language, as `jornada schema print` prints it.
pub fn sdl() -> String {
    let style = SDLExportOptions::new().include_specified_by().use_space_ident().indent_width(2);
    schema().sdl_with_options(style)
}
