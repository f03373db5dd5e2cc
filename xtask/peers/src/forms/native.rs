//! Without WebAssembly: the score in plain Rust over columns, and the plugin itself through the row
//! view of the SDK.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, anyhow};
use jornada_plugin_sdk::health_score;
use telco_churn_native::TelcoChurn;
use telco_score::{INPUTS, Model, Scores, decode, places};

use super::{Answered, Form};
use crate::customers::Case;

/// The score in plain Rust.
pub(super) struct Plain;

impl Form for Plain {
    fn name(&self) -> &'static str {
        "native: plain Rust over columns"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let begun = Instant::now();
        let batch = black_box(&case.batch);
        let places = places(&batch.dictionaries);
        let none: &[f64] = &[];
        let columns: [&[f64]; INPUTS] =
            std::array::from_fn(|column| batch.columns.get(column).map_or(none, Vec::as_slice));
        let scores = black_box(Model::default().score_all(batch.rows as usize, |row| {
            let mut known = columns.map(|column| column[row]);
            decode(&mut known, &places);
            known
        }));
        Ok(Answered { took: begun.elapsed(), scores, fuel: None })
    }
}

/// The plugin itself.
pub(super) struct Sdk;

impl Form for Sdk {
    fn name(&self) -> &'static str {
        "native: the plugin through the SDK's row view"
    }

    fn answer(&mut self, case: &Case) -> Result<Answered> {
        let batch = case.native();
        let begun = Instant::now();
        let scores = black_box(health_score::score::<TelcoChurn>("{}", black_box(batch)));
        let took = begun.elapsed();
        let scores = scores.map_err(|failure| anyhow!("{failure:?}"))?;
        let reasons = scores.reasons.iter().map(|one| [one.row, one.reason]).collect();
        let (base, values, contributions) = (scores.base, scores.values, scores.contributions);
        let scores = Scores { base, values, contributions, reasons };
        Ok(Answered { took, scores, fuel: None })
    }
}
