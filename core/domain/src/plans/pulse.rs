//! The pulse: what a person makes of an account on a day, apart from anything measured.

use std::collections::HashMap;

use crate::accounts::account;
use crate::filter::RangeFilter;
use crate::prelude::*;

/// A judgement of an account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pulse")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PulseId,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub account_id: AccountId,
    /// Whose judgement it is.
    pub author_id: Option<UserId>,
    pub emotion: Option<i32>,
    pub satisfaction: Option<i32>,
    pub trust: Option<i32>,
    pub note: Option<String>,
    pub felt_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

noun!(Model, PulseId, account = |row: &Model| Some(row.account_id), personal = ["note"]);

/// What a person feels about an account: at least one of the scores, each from 1 to 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    /// The mood of those we meet.
    pub emotion: Option<i32>,
    /// How content they are with what they get.
    pub satisfaction: Option<i32>,
    /// How far they trust us.
    pub trust: Option<i32>,
}

/// A pulse to be recorded.
#[derive(Clone, Debug)]
pub struct NewPulse {
    pub account_id: AccountId,
    pub scores: Scores,
    pub note: Option<String>,
    /// Now, where it is not said.
    pub felt_at: Option<DateTime<Utc>>,
}

/// Changes of a pulse; `None` leaves a field as it is. The account and the author stay.
#[derive(Clone, Debug, Default)]
pub struct PulsePatch {
    pub expected_version: Option<i64>,
    pub emotion: Option<Option<i32>>,
    pub satisfaction: Option<Option<i32>>,
    pub trust: Option<Option<i32>>,
    pub note: Option<Option<String>>,
    pub felt_at: Option<DateTime<Utc>>,
}

/// What narrows a list of pulses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PulseFilter {
    pub author_ids: Option<Vec<UserId>>,
    pub felt_at: Option<RangeFilter<DateTime<Utc>>>,
}

impl PulseFilter {
    fn condition(&self) -> Condition {
        Condition::all()
            .add_option(self.author_ids.clone().map(|ids| Column::AuthorId.is_in(ids)))
            .add_option(self.felt_at.as_ref().map(|range| range.condition(Column::FeltAt)))
    }
}

const NOTE_CHARS: usize = 4000;

fn visible(cx: &Cx<'_>) -> Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(cx.workspace_id()))
}

fn live(cx: &Cx<'_>) -> Select<Entity> {
    visible(cx).filter(Column::ArchivedAt.is_null())
}

fn newest_first() -> [Order<Column>; 2] {
    [Order::desc(Column::FeltAt), Order::desc(Column::Id)]
}

/// The pulses of the workspace, newest first, without those that were put away.
pub async fn list(cx: &Cx<'_>, filter: &PulseFilter, args: &PageArgs) -> Result<Page<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    page(cx, live(cx).filter(filter.condition()), &newest_first(), args).await
}

/// [`list`] for each of many accounts.
pub async fn list_each(
    cx: &Cx<'_>,
    accounts: &[AccountId],
    filter: &PulseFilter,
    args: &PageArgs,
) -> Result<HashMap<AccountId, Page<Model>>> {
    cx.require(Area::Plans, Access::Read)?;
    let select = live(cx).filter(filter.condition());
    page_each(cx, select, Column::AccountId, accounts, &newest_first(), args).await
}

/// The last pulse of each of the accounts that has one, in one statement.
pub async fn latest_of_accounts(cx: &Cx<'_>, accounts: &[AccountId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    let (orders, args) = (newest_first(), PageArgs::first(1));
    let pages = page_each(cx, live(cx), Column::AccountId, accounts, &orders, &args).await?;
    Ok(pages.into_values().flat_map(Page::into_rows).collect())
}

/// One pulse.
pub async fn find(cx: &Cx<'_>, id: PulseId) -> Result<Model> {
    cx.require(Area::Plans, Access::Read)?;
    find_in(cx, id).await
}

/// The pulses of these ids that exist.
pub async fn many(cx: &Cx<'_>, ids: &[PulseId]) -> Result<Vec<Model>> {
    cx.require(Area::Plans, Access::Read)?;
    Ok(visible(cx).filter(Column::Id.is_in(ids.iter().copied())).all(&cx.db).await?)
}

async fn find_in(cx: &Cx<'_>, id: PulseId) -> Result<Model> {
    let row = visible(cx).filter(Column::Id.eq(id)).one(&cx.db).await?;
    row.ok_or_else(|| Error::not_found("id", Kind::Pulse))
}

/// Records what the acting user makes of an account.
pub async fn record(tx: &Tx<'_>, new: NewPulse) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let mut checks = Checks::new();
    checks.keep(account::lock_live(tx, new.account_id, "accountId").await)?;
    check_scores(&mut checks, new.scores);
    let row = ActiveModel {
        account_id: Set(new.account_id),
        author_id: Set(tx.actor.user_id),
        emotion: Set(new.scores.emotion),
        satisfaction: Set(new.scores.satisfaction),
        trust: Set(new.scores.trust),
        note: Set(checks.maybe_prose("note", new.note.as_deref(), NOTE_CHARS)),
        felt_at: Set(checks.past("feltAt", new.felt_at.unwrap_or(tx.now), tx.now)),
        ..Default::default()
    };
    checks.finish()?;
    store::insert(tx, row, Fact::Created).await
}

/// Corrects a pulse.
pub async fn update(tx: &Tx<'_>, id: PulseId, patch: PulsePatch) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = find_in(tx, id).await?;
    store::expect_version(&before, patch.expected_version)?;
    super::require_live(before.archived_at)?;
    let scores = Scores {
        emotion: patch.emotion.unwrap_or(before.emotion),
        satisfaction: patch.satisfaction.unwrap_or(before.satisfaction),
        trust: patch.trust.unwrap_or(before.trust),
    };
    let mut checks = Checks::new();
    check_scores(&mut checks, scores);
    let note = patch.note.unwrap_or_else(|| before.note.clone());
    let row = ActiveModel {
        emotion: Set(scores.emotion),
        satisfaction: Set(scores.satisfaction),
        trust: Set(scores.trust),
        note: Set(checks.maybe_prose("note", note.as_deref(), NOTE_CHARS)),
        felt_at: Set(checks.past("feltAt", patch.felt_at.unwrap_or(before.felt_at), tx.now)),
        ..Default::default()
    };
    checks.finish()?;
    store::update(tx, &before, row, Fact::Updated).await
}

/// Puts a pulse away: it no longer shows, and is no longer the last one.
pub async fn archive(tx: &Tx<'_>, id: PulseId) -> Result<Model> {
    tx.require(Area::Plans, Access::Write)?;
    let before = find_in(tx, id).await?;
    let archived_at = before.archived_at.or(Some(tx.now));
    let row = ActiveModel { archived_at: Set(archived_at), ..Default::default() };
    store::update(tx, &before, row, Fact::Archived).await
}

fn check_scores(checks: &mut Checks, scores: Scores) {
    let Scores { emotion, satisfaction, trust } = scores;
    let all = [("emotion", emotion), ("satisfaction", satisfaction), ("trust", trust)];
    checks.ensure(all.iter().any(|(_, score)| score.is_some()), || {
        Problem::new("emotion", Code::Required)
    });
    for (field, score) in all {
        if let Some(score) = score {
            checks.range(field, score, 1, 5);
        }
    }
}
