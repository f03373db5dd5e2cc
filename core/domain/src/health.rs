//! Health: what is computed of how accounts do (rule 17).
//!
//! A model says how: it reads some measures of an account and makes a number between 0 and 100 of
//! them. Its versions never change. One version is active, and another one may be a candidate,
//! which is computed beside it and shown to nobody but those who compare the two.
//!
//! Scores are computed in batches: what is known of many accounts is read in columns, in a number
//! of statements that does not grow with them, scored without a transaction, and written in
//! another.

pub mod backtest;
pub mod built_in;
pub mod by_plugin;
pub mod coverage;
pub mod definition;
mod facts;
pub mod health_override;
pub mod hindsight;
pub mod history;
pub mod measure;
pub mod model;
pub mod recompute;
pub mod run;
pub mod score;
pub mod spread;
pub mod version;
pub mod weighted;

use std::ops::Range;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

pub use facts::Column;

/// How an account does, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Band {
    /// Badly.
    Poor,
    /// So that one has to look.
    Concerning,
    /// Well.
    Healthy,
}

/// Where the bands begin, in points: rule 17 has 40 and 70.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bands {
    /// The first value that is not poor.
    pub concerning: f64,
    /// The first value that is healthy.
    pub healthy: f64,
}

impl Default for Bands {
    fn default() -> Self {
        Self { concerning: 40.0, healthy: 70.0 }
    }
}

impl Bands {
    /// The band of a value. Pure.
    pub fn of(&self, value: f64) -> Band {
        match value {
            _ if value >= self.healthy => Band::Healthy,
            _ if value >= self.concerning => Band::Concerning,
            _ => Band::Poor,
        }
    }

    /// The values of a band; the end is not among them. Pure.
    pub(crate) fn range(&self, band: Band) -> Range<f64> {
        match band {
            Band::Poor => -1.0..self.concerning,
            Band::Concerning => self.concerning..self.healthy,
            Band::Healthy => self.healthy..101.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_begins_at_its_first_value() {
        let bands = Bands::default();
        let of = [0.0, 39.99, 40.0, 69.99, 70.0, 100.0].map(|value| bands.of(value));
        use Band::{Concerning, Healthy, Poor};
        assert_eq!(of, [Poor, Poor, Concerning, Concerning, Healthy, Healthy]);
        for value in [0.0, 39.99, 40.0, 69.99, 70.0, 100.0] {
            assert!(bands.range(bands.of(value)).contains(&value));
        }
    }
}
