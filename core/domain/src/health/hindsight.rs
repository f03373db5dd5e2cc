//! Hindsight: whether the scores that a model had given told who would be lost, by what the
//! platform itself has kept.

use std::collections::HashMap;

use super::backtest::{Backtest, Case, backtest};
use super::{history, model, recompute};
use crate::accounts::account::{self, AccountStatus};
use crate::calendar::minus;
use crate::prelude::*;

/// The most days that one looks back: a year.
pub const MOST_DAYS: u32 = 366;

/// Lost accounts that are looked at: those that were lost last.
const MOST_LOST: u64 = 2000;

/// Accounts that stayed and are looked at: the oldest ones.
const MOST_STAYED: usize = 10_000;

/// Accounts of one statement.
const CHUNK: usize = 500;

/// What the scores told.
#[derive(Clone, Debug, PartialEq)]
pub struct Hindsight {
    /// Scores so many days before, against what became of the accounts.
    pub backtest: Backtest,
    /// Lost accounts, and others, that had no score then.
    pub unscored: usize,
}

/// Holds the scores of a model against what became of the accounts: of those that were lost, the
/// score so many days before; of the others, that of so many days ago. An override does not count:
/// it says what people knew, not what the model did.
pub async fn hindsight(cx: &Cx<'_>, model_id: HealthModelId, days: u32) -> Result<Hindsight> {
    cx.require(Area::Health, Access::Read)?;
    let mut checks = Checks::new();
    checks.range("days", days, 1, MOST_DAYS);
    checks.finish()?;
    model::find(cx, model_id).await?;
    let lost = lost(cx, days).await?;
    let stayed = stayed(cx).await?;
    let mut cases: Vec<Case> = Vec::new();
    for some in lost.chunks(CHUNK) {
        let values = history::values_before(cx, model_id, some).await?;
        cases.extend(values.into_values().map(|value| (value, true)));
    }
    let then = minus(cx.today().await?, days.into());
    for some in stayed.chunks(CHUNK) {
        let values = history::values_on(cx, model_id, some, then).await?;
        cases.extend(values.into_values().map(|value| (value, false)));
    }
    let unscored = lost.len() + stayed.len() - cases.len();
    Ok(Hindsight { backtest: backtest(&cases), unscored })
}

/// The accounts that were lost last, with the day so many days before.
async fn lost(cx: &Cx<'_>, days: u32) -> Result<Vec<(AccountId, NaiveDate)>> {
    let rows = account::live(cx)
        .filter(account::Column::Status.eq(AccountStatus::Churned))
        .filter(account::Column::ChurnedOn.is_not_null())
        .order_by_desc(account::Column::ChurnedOn)
        .order_by_asc(account::Column::Id)
        .limit(MOST_LOST)
        .select_only()
        .columns([account::Column::Id, account::Column::ChurnedOn]);
    let rows: Vec<(AccountId, NaiveDate)> = rows.into_tuple().all(&cx.db).await?;
    Ok(rows.into_iter().map(|(id, on)| (id, minus(on, days.into()))).collect())
}

async fn stayed(cx: &Cx<'_>) -> Result<Vec<AccountId>> {
    let rows = model::accounts_of(cx, None).await?.order_by_asc(account::Column::Id);
    recompute::ids(cx, rows.limit(MOST_STAYED as u64)).await
}

/// The last value of each account by its day, of rows that come in no order; rows without a value
/// take back what was before. Pure.
pub(super) fn last_by(
    rows: Vec<(AccountId, NaiveDate, Option<f64>)>,
    days: &HashMap<AccountId, NaiveDate>,
) -> HashMap<AccountId, f64> {
    let mut last: HashMap<AccountId, (NaiveDate, Option<f64>)> = HashMap::new();
    for (id, on, value) in rows {
        let is_by = days.get(&id).is_some_and(|day| on <= *day);
        if is_by && last.get(&id).is_none_or(|(known, _)| *known < on) {
            last.insert(id, (on, value));
        }
    }
    last.into_iter().filter_map(|(id, (_, value))| Some((id, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_day_is_the_last_one_by_then() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("it is a date");
        let [a, b, c] = [1, 2, 3].map(|n| AccountId(Uuid::from_u128(n)));
        let days = [(a, day("2026-03-10")), (b, day("2026-03-10")), (c, day("2026-03-10"))].into();
        let rows = vec![
            (a, day("2026-03-11"), Some(10.0)),
            (a, day("2026-03-10"), Some(20.0)),
            (a, day("2026-01-01"), Some(30.0)),
            (b, day("2026-03-11"), Some(40.0)),
            (c, day("2026-01-01"), Some(50.0)),
            (c, day("2026-02-01"), None),
        ];
        assert_eq!(last_by(rows, &days), [(a, 20.0)].into());
    }
}
