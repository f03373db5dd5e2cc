//! Selection rules: which journey an account gets, when it is new or when a date comes (rule 9).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::stage_template::StartAnchor;
use super::{start, template};
use crate::accounts::account::{self, AccountStatus};
use crate::attributes::{self, AttributeFilter, Typed};
use crate::job::{self, Work};
use crate::options::{option, set};
use crate::prelude::*;
use crate::subject::SubjectKind;

/// One rule.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "selection_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SelectionRuleId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub template_id: JourneyTemplateId,
    pub name: String,
    /// Rules are asked from the lowest position; the first that matches decides.
    pub position: i32,
    /// [`Conditions`].
    #[sea_orm(column_type = "JsonBinary")]
    pub conditions: Json,
    /// With an anchor, the rule starts a journey of its own by that date, whatever else runs;
    /// without one, it picks the journey of a new account.
    pub anchor: Option<StartAnchor>,
    pub days_before: i32,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, SelectionRuleId);

/// What an account must be; an empty list asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Words of [`AccountStatus`].
    #[serde(default)]
    pub statuses: Vec<String>,
    /// One of these market segments.
    #[serde(default)]
    pub market_segment_ids: Vec<OptionId>,
    /// One of these packages.
    #[serde(default)]
    pub package_ids: Vec<OptionId>,
    /// All of these hold.
    #[serde(default)]
    pub attributes: Vec<AttributeFilter>,
}

impl Conditions {
    /// The statuses that are asked for.
    pub fn statuses(&self) -> Vec<AccountStatus> {
        self.statuses.iter().filter_map(|word| AccountStatus::try_from_value(word).ok()).collect()
    }

    /// Whether an account satisfies them. Pure.
    pub fn hold(
        &self,
        status: AccountStatus,
        market_segment_id: Option<OptionId>,
        package_id: Option<OptionId>,
        attributes: &HashMap<String, Typed>,
    ) -> bool {
        let among = |wanted: &[OptionId], id: Option<OptionId>| {
            wanted.is_empty() || id.is_some_and(|id| wanted.contains(&id))
        };
        let status = status.to_value();
        (self.statuses.is_empty() || self.statuses.contains(&status))
            && among(&self.market_segment_ids, market_segment_id)
            && among(&self.package_ids, package_id)
            && self.attributes.iter().all(|filter| filter.holds(attributes))
    }

    fn of(rule: &NewRule) -> Self {
        Self {
            statuses: rule.statuses.iter().map(ActiveEnum::to_value).collect(),
            market_segment_ids: rule.market_segment_ids.clone(),
            package_ids: rule.package_ids.clone(),
            attributes: rule.attributes.clone(),
        }
    }

    fn hold_for(&self, account: &account::Model, attributes: &HashMap<String, Typed>) -> bool {
        self.hold(account.status, account.market_segment_id, account.package_id, attributes)
    }
}

impl Model {
    /// The conditions, read.
    pub fn conditions(&self) -> Conditions {
        Conditions::deserialize(&self.conditions).unwrap_or_default()
    }

    /// Whether it starts journeys by a date, and is in use.
    fn is_by_date(&self) -> bool {
        self.anchor.is_some() && self.archived_at.is_none()
    }
}

/// A rule to be created.
#[derive(Clone, Debug)]
pub struct NewRule {
    pub template_id: JourneyTemplateId,
    pub name: String,
    pub position: i32,
    pub statuses: Vec<AccountStatus>,
    pub market_segment_ids: Vec<OptionId>,
    pub package_ids: Vec<OptionId>,
    pub attributes: Vec<AttributeFilter>,
    pub anchor: Option<StartAnchor>,
    pub days_before: i32,
}

/// Changes of a rule; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RulePatch {
    pub expected_version: Option<i64>,
    pub name: Option<String>,
    pub position: Option<i32>,
    pub statuses: Option<Vec<AccountStatus>>,
    pub market_segment_ids: Option<Vec<OptionId>>,
    pub package_ids: Option<Vec<OptionId>>,
    pub attributes: Option<Vec<AttributeFilter>>,
    /// `Some(None)` makes it a rule for new accounts.
    pub anchor: Option<Option<StartAnchor>>,
    pub days_before: Option<i32>,
}

/// The most options that one condition may list.
const MAX_IDS: usize = 100;

/// The most rules that a workspace may have in use.
const MAX_RULES: u64 = 200;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

/// The rules in use, in the order in which they are asked.
pub async fn list(cx: &Cx<'_>, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    let select = visible(cx).filter(Column::ArchivedAt.is_null());
    page(cx, select, &[Order::asc(Column::Position), Order::asc(Column::Id)], args).await
}

/// The rules of these ids, in no order.
pub async fn many(cx: &Cx<'_>, ids: &[SelectionRuleId]) -> Result<Vec<Model>> {
    cx.require(Area::Templates, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

/// The rules that can pick something: neither they nor their templates have been put away.
async fn in_use(cx: &Cx<'_>) -> Result<Vec<Model>> {
    let live = Column::TemplateId.in_subquery(template::live_ids(cx));
    let select = visible(cx).filter(Column::ArchivedAt.is_null()).filter(live);
    let ordered = select.order_by_asc(Column::Position).order_by_asc(Column::Id);
    Ok(ordered.limit(MAX_RULES).all(&cx.db).await?)
}

/// The template of a new account: of the first rule that matches, else the default one.
pub(crate) async fn template_for(
    cx: &Cx<'_>,
    account: &account::Model,
) -> Result<Option<JourneyTemplateId>> {
    let rules: Vec<_> =
        in_use(cx).await?.into_iter().filter(|rule| rule.anchor.is_none()).collect();
    let attributes = attributes_for(cx, account.id, &rules).await?;
    match rules.iter().find(|rule| rule.conditions().hold_for(account, &attributes)) {
        Some(rule) => Ok(Some(rule.template_id)),
        None => Ok(template::default(cx).await?.map(|template| template.id)),
    }
}

/// The attributes of an account by their keys, where a rule asks for any.
async fn attributes_for(
    cx: &Cx<'_>,
    id: AccountId,
    rules: &[Model],
) -> Result<HashMap<String, Typed>> {
    if rules.iter().all(|rule| rule.conditions().attributes.is_empty()) {
        return Ok(HashMap::new());
    }
    let mut found = attributes::value::of_subjects(cx, &[id]).await?;
    let of_account = found.remove(&id).unwrap_or_default().into_iter();
    Ok(of_account.map(|found| (found.definition.key, found.value)).collect())
}

/// Creates a rule. One with an anchor is applied to the subscriptions that there are by a job.
pub async fn create(tx: &Tx<'_>, new: NewRule) -> Result<Model> {
    tx.require(Area::Templates, Access::Write)?;
    let mut checks = Checks::new();
    let in_use = crate::page::count(tx, visible(tx).filter(Column::ArchivedAt.is_null())).await?;
    checks.ensure(in_use < MAX_RULES, || Problem::too_many("", MAX_RULES, "items"));
    checks.keep(template::find_in(tx, new.template_id, "templateId").await)?;
    let row = checked(tx, checks, new, &Conditions::default()).await?;
    let row = ActiveModel { archived_at: Set(None), ..row };
    let row = store::insert(tx, row, Fact::Created).await?;
    apply_from_now_on(tx, &row)?;
    Ok(row)
}

/// Changes a rule. One with an anchor is applied anew to the subscriptions that there are; what it
/// has started goes on.
pub async fn update(tx: &Tx<'_>, id: SelectionRuleId, patch: RulePatch) -> Result<Model> {
    tx.require(Area::Templates, Access::Write)?;
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    let before = row.ok_or_else(|| Error::not_found("id", Kind::SelectionRule))?;
    store::expect_version(&before, patch.expected_version)?;
    let mut checks = Checks::new();
    checks.ensure(before.archived_at.is_none(), || Problem::new("id", Code::Archived));
    let had = before.conditions();
    let anchor = patch.anchor.unwrap_or(before.anchor);
    // Without an anchor, there is nothing to be days before.
    let days_before = if anchor.is_some() { before.days_before } else { 0 };
    let after = NewRule {
        template_id: before.template_id,
        name: patch.name.unwrap_or_else(|| before.name.clone()),
        position: patch.position.unwrap_or(before.position),
        statuses: patch.statuses.unwrap_or_else(|| had.statuses()),
        market_segment_ids: patch
            .market_segment_ids
            .unwrap_or_else(|| had.market_segment_ids.clone()),
        package_ids: patch.package_ids.unwrap_or_else(|| had.package_ids.clone()),
        attributes: patch.attributes.unwrap_or_else(|| had.attributes.clone()),
        anchor,
        days_before: patch.days_before.unwrap_or(days_before),
    };
    let row = checked(tx, checks, after, &had).await?;
    let after = store::update(tx, &before, row, Fact::Updated).await?;
    if after.version != before.version {
        apply_from_now_on(tx, &after)?;
    }
    Ok(after)
}

fn apply_from_now_on(tx: &Tx<'_>, rule: &Model) -> Result<()> {
    match rule.anchor {
        Some(_) => job::enqueue(tx, &ApplyRule { rule_id: rule.id, after: None }, tx.now),
        None => Ok(()),
    }
}

/// Checks a rule as it is to be and turns it into columns. Options that it `had` may have been put
/// away since, and stay.
async fn checked(
    tx: &Tx<'_>,
    mut checks: Checks,
    new: NewRule,
    had: &Conditions,
) -> Result<ActiveModel> {
    let name = checks.text("name", &new.name, 200);
    checks.range("position", new.position, 0, 10_000);
    checks.range("daysBefore", new.days_before, 0, 3650);
    checks.ensure(new.anchor.is_some() || new.days_before == 0, || {
        Problem::new("daysBefore", Code::Contradiction).with("with", "anchor")
    });
    let segments = (&new.market_segment_ids, &had.market_segment_ids);
    let packages = (&new.package_ids, &had.package_ids);
    let sets = [
        (set::MARKET_SEGMENT, "marketSegmentIds", segments),
        (set::PACKAGE, "packageIds", packages),
    ];
    for (set, field, (ids, had)) in sets {
        let too_many = || Problem::too_many(field, MAX_IDS, "values");
        checks.ensure(ids.len() <= MAX_IDS, too_many);
        let live = option::live_ids(tx, set).await?;
        let is_unknown = |id: &OptionId| !live.contains(id) && !had.contains(id);
        for (index, _) in ids.iter().enumerate().filter(|(_, id)| is_unknown(id)) {
            checks.push(option::unknown(set, format!("{field}.{index}")));
        }
    }
    let kind = SubjectKind::Account;
    checks.keep(attributes::require_bounded(tx, kind, &new.attributes, "attributes").await)?;
    checks.finish()?;
    Ok(ActiveModel {
        template_id: Set(new.template_id),
        conditions: Set(serde_json::json!(Conditions::of(&new))),
        name: Set(name),
        position: Set(new.position),
        anchor: Set(new.anchor),
        days_before: Set(new.days_before),
        ..Default::default()
    })
}

/// Puts a rule away.
pub async fn archive(tx: &Tx<'_>, id: SelectionRuleId) -> Result<Model> {
    tx.require(Area::Templates, Access::Write)?;
    let row = store::locked(visible(tx).filter(Column::Id.eq(id))).one(&tx.db).await?;
    let before = row.ok_or_else(|| Error::not_found("id", Kind::SelectionRule))?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

/// Applies a new or changed anchored rule to the subscriptions that there are, a page at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApplyRule {
    /// The rule.
    pub rule_id: SelectionRuleId,
    /// The last subscription that was looked at.
    pub after: Option<SubscriptionId>,
}

impl Work for ApplyRule {
    const KIND: &'static str = "journey.apply_rule";
}

/// Starts the journey of an anchored rule for one subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartAnchored {
    /// The rule.
    pub rule_id: SelectionRuleId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The end that it had when the job was enqueued.
    pub ends_on: NaiveDate,
    /// How many days before it the rule wanted to start then.
    #[serde(default)]
    pub days_before: Option<i32>,
    /// Whether that day had passed when the rule and the subscription came together.
    #[serde(default)]
    pub is_late: bool,
}

impl Work for StartAnchored {
    const KIND: &'static str = "journey.start_anchored";

    fn unique_key(&self) -> Option<String> {
        // A rule that has changed asks again, for another day.
        Some(format!("{}:{}", self.start_key(), self.days_before.unwrap_or_default()))
    }
}

impl StartAnchored {
    /// One journey per rule, subscription and end.
    pub(super) fn start_key(&self) -> String {
        format!("{}:{}:{}", self.rule_id, self.subscription_id, self.ends_on)
    }
}

/// Asks every anchored rule for subscriptions whose ends were written, or count again.
pub(crate) async fn on_subscriptions(
    tx: &Tx<'_>,
    subscriptions: &[crate::revenue::subscription::Model],
) -> Result<()> {
    let anchored = in_use(tx).await?.into_iter().filter(|rule| rule.anchor.is_some());
    for rule in anchored {
        for subscription in subscriptions {
            schedule(tx, &rule, subscription).await?;
        }
    }
    Ok(())
}

async fn schedule(
    tx: &Tx<'_>,
    rule: &Model,
    subscription: &crate::revenue::subscription::Model,
) -> Result<()> {
    let Some(ends_on) = subscription.ends_on else { return Ok(()) };
    let calendar = tx.calendar().await?;
    let today = calendar.local_date(tx.now);
    // A subscription that has ended starts nothing: its renewal is history.
    if ends_on < today || subscription.is_cancelled_by(today) {
        return Ok(());
    }
    let days = rule.days_before.unsigned_abs().into();
    let at = calendar.start_of(crate::calendar::minus(ends_on, days));
    let (rule_id, subscription_id) = (rule.id, subscription.id);
    let days_before = Some(rule.days_before);
    let is_late = calendar.local_date(at) < today;
    let work = StartAnchored { rule_id, subscription_id, ends_on, days_before, is_late };
    job::enqueue(tx, &work, at.max(tx.now))
}

/// Runs [`ApplyRule`].
pub async fn apply(tx: &Tx<'_>, work: ApplyRule) -> Result<()> {
    const PAGE: u64 = 200;
    tx.require(Area::Journeys, Access::Write)?;
    let rule = visible(tx).filter(Column::Id.eq(work.rule_id)).one(&tx.db).await?;
    let Some(rule) = rule.filter(Model::is_by_date) else { return Ok(()) };
    let page = crate::revenue::subscription::walk(tx, work.after, PAGE).await?;
    for subscription in &page {
        schedule(tx, &rule, subscription).await?;
    }
    match page.last().filter(|_| page.len() as u64 == PAGE) {
        Some(last) => {
            let after = Some(last.id);
            job::enqueue(tx, &ApplyRule { rule_id: rule.id, after }, tx.now)
        }
        None => Ok(()),
    }
}

/// Runs [`StartAnchored`]: the rule must still be in use and match, and both dates be the same.
pub async fn start_anchored(tx: &Tx<'_>, work: StartAnchored) -> Result<()> {
    tx.require(Area::Journeys, Access::Write)?;
    let rule = visible(tx).filter(Column::Id.eq(work.rule_id)).one(&tx.db).await?;
    let is_same = |rule: &Model| work.days_before.is_none_or(|days| days == rule.days_before);
    let Some(rule) = rule.filter(|rule| rule.is_by_date() && is_same(rule)) else {
        return Ok(());
    };
    let id = work.subscription_id;
    let subscription = crate::revenue::subscription::find_in(tx, id, "subscriptionId").await?;
    let is_same = subscription.ends_on == Some(work.ends_on);
    let today = tx.today().await?;
    if !is_same || subscription.is_cancelled_by(today) {
        return Ok(());
    }
    let account = account::lock(tx, subscription.account_id, "accountId").await?;
    let attributes = attributes_for(tx, account.id, std::slice::from_ref(&rule)).await?;
    if !account.status.is_running() || !rule.conditions().hold_for(&account, &attributes) {
        return Ok(());
    }
    start::start_by_rule(tx, account, rule.template_id, &work).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Test;
    use crate::filter::RangeFilter;

    #[test]
    fn empty_conditions_hold_for_everybody_and_others_only_for_their_accounts() {
        let (smb, large) = (OptionId(Uuid::from_u128(1)), OptionId(Uuid::from_u128(2)));
        let none = HashMap::new();
        let nothing = Conditions::default();
        assert!(nothing.hold(AccountStatus::Trial, None, None, &none));
        let only_smb = Conditions { market_segment_ids: vec![smb], ..Conditions::default() };
        assert!(only_smb.hold(AccountStatus::Active, Some(smb), None, &none));
        assert!(!only_smb.hold(AccountStatus::Active, Some(large), None, &none));
        assert!(!only_smb.hold(AccountStatus::Active, None, None, &none));
        let trials = Conditions { statuses: vec!["TRIAL".to_owned()], ..Conditions::default() };
        assert!(trials.hold(AccountStatus::Trial, None, None, &none));
        assert!(!trials.hold(AccountStatus::Active, None, None, &none));
        let test = Test::Number(RangeFilter { gte: Some(50.0), ..Default::default() });
        let filter = AttributeFilter { key: "seats".to_owned(), test };
        let large = Conditions { attributes: vec![filter], ..Conditions::default() };
        let with = |seats| HashMap::from([("seats".to_owned(), Typed::Number(seats))]);
        assert!(large.hold(AccountStatus::Active, None, None, &with(50.0)));
        assert!(!large.hold(AccountStatus::Active, None, None, &with(49.0)));
        assert!(!large.hold(AccountStatus::Active, None, None, &none));
    }
}
