//! Selection rules: which journey an account gets.

use async_graphql::{
    ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject,
};
use chrono::{DateTime, Utc};
use jornada_domain::attributes::AttributeFilter;
use jornada_domain::error::Result;
use jornada_domain::id::{JourneyTemplateId, OptionId, SelectionRuleId};
use jornada_domain::journeys::selection::{self, NewRule, RulePatch};
use jornada_domain::journeys::stage_template;
use serde_json::Value as Json;

use super::account::AccountStatus;
use super::attribute::{self, AttributeFilterInput};
use super::connection::{Connection, Paging};
use super::filter::shown;
use super::id::{self, GlobalId};
use super::loader::{each, load_by_id, one};
use super::option::Choice;
use super::reading::Reading;
use super::request::{Answer, list, payload, write};
use super::template::JourneyTemplate;
use super::word::words;

/// A rule that picks the journey of an account, when it is new or when a date comes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SelectionRule {
    pub id: GlobalId<SelectionRuleId>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    template_id: JourneyTemplateId,
    /// What people call it.
    name: String,
    /// Rules are asked from the lowest position; the first that matches decides.
    position: i32,
    /// Where an account must stand; none asks nothing.
    statuses: Vec<AccountStatus>,
    #[graphql(skip)]
    market_segment_ids: Vec<OptionId>,
    #[graphql(skip)]
    package_ids: Vec<OptionId>,
    /// Conditions on attributes, which all hold, each in the form of an `AttributeFilter`.
    attributes: Vec<Json>,
    /// With an anchor, the rule starts a journey of its own by that date, whatever else runs;
    /// without one, it picks the journey of a new account.
    anchor: Option<StartAnchor>,
    /// How many days before the anchor.
    days_before: i32,
}

#[ComplexObject]
impl SelectionRule {
    /// The template of the journeys that it picks.
    async fn template(&self, ctx: &Context<'_>) -> Answer<JourneyTemplate> {
        one(ctx, Some(self.template_id)).await
    }

    /// The market segments of which an account must have one; none asks nothing.
    async fn market_segments(&self, ctx: &Context<'_>) -> Answer<Vec<Choice>> {
        each(ctx, &self.market_segment_ids).await
    }

    /// The packages of which an account must have one; none asks nothing.
    async fn packages(&self, ctx: &Context<'_>) -> Answer<Vec<Choice>> {
        each(ctx, &self.package_ids).await
    }
}

impl From<selection::Model> for SelectionRule {
    fn from(row: selection::Model) -> Self {
        let conditions = row.conditions();
        let statuses = conditions.statuses().into_iter().map(Into::into).collect();
        let attributes = conditions.attributes.into_iter().map(AttributeFilterInput::from);
        let selection::Model {
            workspace_id: _,
            id,
            version,
            created_at,
            updated_at,
            template_id,
            name,
            position,
            conditions: _,
            anchor,
            days_before,
            archived_at,
        } = row;
        Self {
            id: GlobalId(id),
            version,
            created_at,
            updated_at,
            archived_at,
            template_id,
            name,
            position,
            statuses,
            market_segment_ids: conditions.market_segment_ids,
            package_ids: conditions.package_ids,
            attributes: attributes.map(|filter| shown(&filter)).collect(),
            anchor: anchor.map(StartAnchor::from),
            days_before,
        }
    }
}

load_by_id!(SelectionRuleId => selection::Model, selection::many);

words! {
    /// A date that a stage or a journey begins by.
    StartAnchor = "stage_template::StartAnchor" {
        /// The last day of the subscription.
        SubscriptionEnd,
    }
}

#[derive(Default)]
pub(super) struct SelectionRuleQuery;

#[Object]
impl SelectionRuleQuery {
    /// The rules in use, in the order in which they are asked.
    async fn selection_rules(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Answer<Connection<SelectionRule>> {
        let paging = Paging { first, after, last, before };
        list(ctx, paging, async |cx, page| selection::list(cx, page).await).await
    }
}

#[derive(Default)]
pub(super) struct SelectionRuleMutation;

#[Object]
impl SelectionRuleMutation {
    /// Makes a rule. One with an anchor is applied to the subscriptions that there are by a job.
    async fn selection_rule_create(
        &self,
        ctx: &Context<'_>,
        input: SelectionRuleCreateInput,
    ) -> Result<SelectionRuleCreatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let new = input.read(&mut reading);
            reading.then(selection::create(tx, new).await)
        })
        .await
    }

    /// Changes a rule. One with an anchor is applied anew by a job; journeys that it started go on.
    async fn selection_rule_update(
        &self,
        ctx: &Context<'_>,
        input: SelectionRuleUpdateInput,
    ) -> Result<SelectionRuleUpdatePayload> {
        write(ctx, async move |tx| {
            let mut reading = Reading::default();
            let id = reading.id("id", &input.id);
            let patch = input.read(&mut reading);
            reading.then(selection::update(tx, id, patch).await)
        })
        .await
    }

    /// Puts a rule away: it picks nothing any more, journeys that it started go on.
    async fn selection_rule_archive(
        &self,
        ctx: &Context<'_>,
        input: SelectionRuleArchiveInput,
    ) -> Result<SelectionRuleArchivePayload> {
        write(ctx, async |tx| selection::archive(tx, id::parse("id", &input.id)?).await).await
    }
}

/// A rule to be made.
#[derive(InputObject)]
pub(super) struct SelectionRuleCreateInput {
    /// The template of the journeys that it picks.
    template_id: ID,
    /// What people call it: 1 to 200 characters.
    name: String,
    /// Rules are asked from the lowest position, 0 to 10,000; the first that matches decides.
    #[graphql(default)]
    position: i32,
    /// Where an account must stand; none asks nothing.
    #[graphql(default)]
    statuses: Vec<AccountStatus>,
    /// The market segments of which an account must have one, at most 100; none asks nothing.
    #[graphql(default)]
    market_segment_ids: Vec<ID>,
    /// The packages of which an account must have one, at most 100; none asks nothing.
    #[graphql(default)]
    package_ids: Vec<ID>,
    /// Conditions on attributes of the account, which all hold: at most 20.
    attributes: Option<Vec<AttributeFilterInput>>,
    /// With an anchor, the rule starts a journey of its own by that date, whatever else runs;
    /// without one, it picks the journey of a new account.
    anchor: Option<StartAnchor>,
    /// How many days before the anchor: 0 to 3,650, 0 unless said.
    days_before: Option<i32>,
}

impl SelectionRuleCreateInput {
    fn read(self, reading: &mut Reading) -> NewRule {
        let SelectionRuleCreateInput {
            template_id,
            name,
            position,
            statuses,
            market_segment_ids,
            package_ids,
            attributes,
            anchor,
            days_before,
        } = self;
        NewRule {
            template_id: reading.id("templateId", &template_id),
            name,
            position,
            statuses: statuses.into_iter().map(Into::into).collect(),
            market_segment_ids: reading.each("marketSegmentIds", &market_segment_ids),
            package_ids: reading.each("packageIds", &package_ids),
            attributes: conditions(attributes, reading),
            anchor: anchor.map(Into::into),
            days_before: days_before.unwrap_or_default(),
        }
    }
}

fn conditions(
    filters: Option<Vec<AttributeFilterInput>>,
    reading: &mut Reading,
) -> Vec<AttributeFilter> {
    let read = attribute::conditions(filters, "attributes");
    reading.keep_all(read).unwrap_or_default()
}

/// Changes of a rule; what is left out stays as it is, an empty list asks nothing.
#[derive(InputObject)]
pub(super) struct SelectionRuleUpdateInput {
    id: ID,
    expected_version: Option<i64>,
    /// What people call it: 1 to 200 characters.
    name: MaybeUndefined<String>,
    /// Rules are asked from the lowest position, 0 to 10,000; the first that matches decides.
    position: MaybeUndefined<i32>,
    /// Where an account must stand.
    statuses: MaybeUndefined<Vec<AccountStatus>>,
    /// The market segments of which an account must have one, at most 100.
    market_segment_ids: MaybeUndefined<Vec<ID>>,
    /// The packages of which an account must have one, at most 100.
    package_ids: MaybeUndefined<Vec<ID>>,
    /// Conditions on attributes of the account, which all hold: at most 20.
    attributes: MaybeUndefined<Vec<AttributeFilterInput>>,
    /// The date by which the rule starts a journey of its own; null lets it pick the journey of a
    /// new account.
    anchor: MaybeUndefined<StartAnchor>,
    /// How many days before the anchor: 0 to 3,650.
    days_before: MaybeUndefined<i32>,
}

impl SelectionRuleUpdateInput {
    fn read(self, reading: &mut Reading) -> RulePatch {
        let SelectionRuleUpdateInput {
            id: _,
            expected_version,
            name,
            position,
            statuses,
            market_segment_ids,
            package_ids,
            attributes,
            anchor,
            days_before,
        } = self;
        let statuses = reading.kept("statuses", statuses);
        let segments = reading.kept("marketSegmentIds", market_segment_ids);
        let packages = reading.kept("packageIds", package_ids);
        let attributes = reading.kept("attributes", attributes);
        RulePatch {
            expected_version,
            name: reading.kept("name", name),
            position: reading.kept("position", position),
            statuses: statuses.map(|each| each.into_iter().map(Into::into).collect()),
            market_segment_ids: segments.map(|ids| reading.each("marketSegmentIds", &ids)),
            package_ids: packages.map(|ids| reading.each("packageIds", &ids)),
            attributes: attributes.map(|filters| conditions(Some(filters), reading)),
            anchor: anchor.map_value(Into::into).into(),
            days_before: reading.kept("daysBefore", days_before),
        }
    }
}

/// A rule to be put away.
#[derive(InputObject)]
pub(super) struct SelectionRuleArchiveInput {
    id: ID,
}

payload! {
    /// What came of making a rule.
    SelectionRuleCreatePayload {
        /// The rule.
        selection_rule: SelectionRule,
    }
}

payload! {
    /// What came of changing a rule.
    SelectionRuleUpdatePayload {
        /// The rule as it is now.
        selection_rule: SelectionRule,
    }
}

payload! {
    /// What came of putting a rule away.
    SelectionRuleArchivePayload {
        /// The rule as it is now.
        selection_rule: SelectionRule,
    }
}
