//! Hindsight: whether the scores of a model told who would be lost.

use async_graphql::SimpleObject;
use jornada_domain::health::backtest::{Backtest, Part};
use jornada_domain::health::hindsight::Hindsight;

use super::scalar::Long;

/// What the scores of a model told, by what became of the accounts.
#[derive(SimpleObject)]
pub(super) struct HealthHindsight {
    /// How many accounts had a score then.
    scored: Long,
    /// How many of them were lost.
    lost: Long,
    /// How many had none: the model, or the account, is younger than that.
    unscored: Long,
    /// How often an account that stayed scored above one that was lost, 0 to 1; 0.5 is chance. Null
    /// where nobody stayed, or nobody was lost.
    auc: Option<f64>,
    /// The accounts in up to ten parts of the same size, the lowest scores first.
    parts: Vec<HealthHindsightPart>,
}

/// Accounts whose scores lie next to each other.
#[derive(SimpleObject)]
pub(super) struct HealthHindsightPart {
    /// How many.
    accounts: Long,
    /// How many of them were lost.
    lost: Long,
    /// The mean of their scores.
    mean_score: f64,
    /// Which share of them stayed, in percent.
    stayed_percent: f64,
    /// How many times as many were lost as among all; null where nobody was.
    lift: Option<f64>,
    /// Which share of all who were lost is in this part or in one before it, 0 to 1.
    captured: Option<f64>,
}

impl From<Hindsight> for HealthHindsight {
    fn from(Hindsight { backtest, unscored }: Hindsight) -> Self {
        let Backtest { scored, lost, auc, parts } = backtest;
        let part = |Part { accounts, lost, mean_score, stayed, lift, captured }: Part| {
            let (accounts, lost) = ((accounts as u64).into(), (lost as u64).into());
            let stayed_percent = stayed;
            HealthHindsightPart { accounts, lost, mean_score, stayed_percent, lift, captured }
        };
        Self {
            scored: (scored as u64).into(),
            lost: (lost as u64).into(),
            unscored: (unscored as u64).into(),
            auc,
            parts: parts.into_iter().map(part).collect(),
        }
    }
}
