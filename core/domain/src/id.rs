//! Typed identifiers: a version 7 UUID that cannot be taken for the id of another noun.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where ids come from. They are an input, so that a test sees the same ids on every run.
pub trait Ids: Send + Sync {
    /// The next version 7 UUID; `now` fills its time part.
    fn next(&self, now: DateTime<Utc>) -> Uuid;
}

/// An id that knows which noun it names.
pub trait TypedId: Copy + From<Uuid> + Into<Uuid> + Send + Sync + 'static {
    /// The noun.
    const KIND: Kind;
}

macro_rules! nouns {
    ($($(#[$doc:meta])* $id:ident => $kind:ident $word:literal;)+) => {
        /// Every noun that has an id; the words stand in events, audit entries and global ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)+ }

        impl Kind {
            /// All nouns.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)+];

            /// The word of the noun, in snake case; also the name of its table.
            pub const fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $word,)+ }
            }

            /// The noun as it is named in the API, in upper camel case.
            pub const fn type_name(self) -> &'static str {
                match self { $(Kind::$kind => stringify!($kind),)+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
                DeriveValueType,
            )]
            pub struct $id(pub Uuid);

            impl From<Uuid> for $id {
                fn from(id: Uuid) -> Self { Self(id) }
            }

            impl From<$id> for Uuid {
                fn from(id: $id) -> Self { id.0 }
            }

            impl std::fmt::Display for $id {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
            }

            impl TryFromU64 for $id {
                fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                    Err(DbErr::ConvertFromU64(stringify!($id)))
                }
            }

            impl TypedId for $id {
                const KIND: Kind = Kind::$kind;
            }
        )+
    };
}

nouns! {
    /// The tenant.
    WorkspaceId => Workspace "workspace";
    /// A day on which nobody works.
    HolidayId => Holiday "holiday";
    /// A person who works in the workspace.
    UserId => User "user";
    /// A group of users.
    TeamId => Team "team";
    /// A credential of a user.
    ApiTokenId => ApiToken "api_token";
    /// A fact.
    EventId => Event "event";
    /// What was changed by whom.
    AuditEntryId => AuditEntry "audit_entry";
    /// Work to be done outside the transaction that asked for it.
    JobId => Job "job";
    /// A list of options that the workspace can extend.
    OptionSetId => OptionSet "option_set";
    /// One option of a set.
    OptionId => Option "option";
    /// A field that the workspace adds to accounts, contacts or subscriptions.
    AttributeDefinitionId => AttributeDefinition "attribute_definition";
    /// A saved filter over accounts.
    SegmentId => Segment "segment";
    /// A customer company.
    AccountId => Account "account";
    /// Who holds a role at an account.
    AccountAssignmentId => AccountAssignment "account_assignment";
    /// A person at an account.
    ContactId => Contact "contact";
    /// The id of a record in another system.
    ExternalRefId => ExternalRef "external_ref";
    /// What an account pays for.
    SubscriptionId => Subscription "subscription";
    /// Something that is sold.
    ProductId => Product "product";
    /// The end of a subscription, and what becomes of it.
    RenewalId => Renewal "renewal";
    /// A change of recurring revenue.
    RevenueMovementId => RevenueMovement "revenue_movement";
    /// The plan of a journey.
    JourneyTemplateId => JourneyTemplate "journey_template";
    /// One version of a template.
    JourneyTemplateVersionId => JourneyTemplateVersion "journey_template_version";
    /// One stage of a version.
    StageTemplateId => StageTemplate "stage_template";
    /// One task of a stage.
    TaskTemplateId => TaskTemplate "task_template";
    /// A rule that picks the template of a new account.
    SelectionRuleId => SelectionRule "selection_rule";
    /// One run of a version for an account.
    JourneyId => Journey "journey";
    /// One pass through a stage.
    StageVisitId => StageVisit "stage_visit";
    /// Something to be done for an account.
    TaskId => Task "task";
    /// One verdict on an indicator.
    IndicatorEvaluationId => IndicatorEvaluation "indicator_evaluation";
    /// Something a user must look at.
    AlertId => Alert "alert";
    /// A measured quantity.
    MetricId => Metric "metric";
    /// A batch of points that came in together.
    MetricLoadId => MetricLoad "metric_load";
    /// The import of a file.
    ImportRunId => ImportRun "import_run";
    /// A contact with the customer.
    InteractionId => Interaction "interaction";
    /// A question to customers.
    SurveyId => Survey "survey";
    /// What a customer answered.
    SurveyResponseId => SurveyResponse "survey_response";
    /// What a person makes of an account on a day.
    PulseId => Pulse "pulse";
    /// Why an account bought, and what success means to it.
    SuccessPlanId => SuccessPlan "success_plan";
    /// An outcome that an account wants.
    GoalId => Goal "goal";
    /// A point on the way of an account to its success.
    MilestoneId => Milestone "milestone";
    /// Why an account could be lost.
    RiskId => Risk "risk";
    /// What more could be done with an account.
    OpportunityId => Opportunity "opportunity";
    /// A passing of an account from one hand to another.
    HandoffId => Handoff "handoff";
    /// What was left out of an implementation.
    DeferredItemId => DeferredItem "deferred_item";
    /// How health is computed.
    HealthModelId => HealthModel "health_model";
    /// One version of a health model.
    HealthModelVersionId => HealthModelVersion "health_model_version";
    /// What a person says of the health of an account, in place of what is computed.
    HealthOverrideId => HealthOverride "health_override";
    /// A computation of all scores of a model.
    HealthRunId => HealthRun "health_run";
    /// Something that somebody else wrote, and that runs here.
    PluginId => Plugin "plugin";
    /// One version of a plugin.
    PluginVersionId => PluginVersion "plugin_version";
    /// What would be installed, until somebody agrees.
    PluginPlanId => PluginPlan "plugin_plan";
    /// A call of a plugin.
    PluginInvocationId => PluginInvocation "plugin_invocation";
}
