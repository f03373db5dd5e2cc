//! The forms in which the score is computed. Each of them is given customers in the form that suits
//! it, and the clock runs until their scores are in the memory of the caller.

mod extism;
mod native;
mod ours;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use telco_score::Scores;

use crate::customers::Case;

/// A way to compute the score.
pub(crate) trait Form {
    /// What it is called in the table.
    fn name(&self) -> &'static str;

    /// Scores the customers of a batch, or the first of them.
    fn answer(&mut self, case: &Case) -> Result<Answered>;
}

/// What a form made of some customers.
pub(crate) struct Answered {
    /// How long it took.
    pub(crate) took: Duration,
    /// Their scores.
    pub(crate) scores: Scores,
    /// What was burnt, where something burns.
    pub(crate) fuel: Option<u64>,
}

/// All of them, in the order of the table: the first two are what the others are compared to.
pub(crate) fn all(root: &Path) -> Result<Vec<Box<dyn Form>>> {
    let mut forms: Vec<Box<dyn Form>> = vec![Box::new(native::Plain), Box::new(native::Sdk)];
    forms.extend(ours::all(root)?);
    forms.extend(extism::all(root)?);
    Ok(forms)
}
