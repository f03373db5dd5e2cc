//! How the scores of a model are spread over its accounts.

use super::Band;
use sea_orm::QueryTrait;

use super::model;
use super::score::{self, Role};
use crate::accounts::account;
use crate::prelude::*;

/// Values of a model, of so many accounts at most.
pub(crate) async fn values(cx: &Cx<'_>, model_id: HealthModelId, most: u64) -> Result<Vec<f64>> {
    let rows = score::of(cx, model_id, Role::Active)
        .filter(score::Column::Value.is_not_null())
        .order_by_asc(score::Column::AccountId)
        .limit(most)
        .select_only()
        .column(score::Column::Value);
    Ok(rows.into_tuple().all(&cx.db).await?)
}

/// How many accounts are in which band, by a version in its role; the last figure is of those of
/// whom too little is known. Who has left, or is no longer one whom the model is about, is in none.
pub async fn bands(cx: &Cx<'_>, model: &model::Model, role: Role) -> Result<BandCounts> {
    cx.require(Area::Health, Access::Read)?;
    let theirs = model::accounts(cx, model).await?;
    let theirs = theirs.select_only().column(account::Column::Id).into_query();
    let rows = score::of(cx, model.id, role)
        .filter(score::Column::AccountId.in_subquery(theirs))
        .select_only()
        .column(score::Column::Band)
        .column_as(score::Column::AccountId.count(), "count")
        .group_by(score::Column::Band);
    let mut counts = BandCounts::default();
    for (band, count) in rows.into_tuple::<(Option<Band>, i64)>().all(&cx.db).await? {
        *counts.of(band) += count.unsigned_abs();
    }
    Ok(counts)
}

/// How many accounts are in which band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandCounts {
    pub poor: u64,
    pub concerning: u64,
    pub healthy: u64,
    /// Too little is known of them.
    pub insufficient: u64,
}

impl BandCounts {
    pub(crate) fn of(&mut self, band: Option<Band>) -> &mut u64 {
        match band {
            Some(Band::Poor) => &mut self.poor,
            Some(Band::Concerning) => &mut self.concerning,
            Some(Band::Healthy) => &mut self.healthy,
            None => &mut self.insufficient,
        }
    }
}
