//! What a version of a model says: how a score is made, and what is made of the score.

use serde::{Deserialize, Serialize};

use super::Bands;
use super::by_plugin::ByPlugin;
use super::measure::{self, Source};
use super::weighted::Weighted;
use crate::prelude::*;
use crate::workspace::Locale;

/// What a version of a model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// How a score is made.
    pub scorer: Scorer,
    /// Where the bands begin.
    #[serde(default)]
    pub bands: Bands,
    /// Over how many days the trend of a score is taken, 1 to [`MOST_TREND_DAYS`].
    #[serde(default = "thirty")]
    pub trend_days: u32,
}

fn thirty() -> u32 {
    30
}

/// How a score is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scorer {
    /// Measures and their weights.
    Weighted(Weighted),
    /// Whatever a plugin makes of what it is told.
    Plugin(ByPlugin),
}

impl Scorer {
    /// What it reads, in its order.
    pub fn sources(&self) -> Vec<Source> {
        match self {
            Self::Weighted(weighted) => weighted.sources(),
            Self::Plugin(by) => by.sources(),
        }
    }
}

/// The longest trend: a year.
const MOST_TREND_DAYS: u32 = 366;

impl Definition {
    /// What it reads, in the order in which the scorer takes it.
    pub fn sources(&self) -> Vec<Source> {
        self.scorer.sources()
    }

    /// What people call a factor or something that is read, or what a reason says; its key, where
    /// nothing else is said.
    pub fn title(&self, key: &str, locale: Locale) -> String {
        let title = match &self.scorer {
            Scorer::Weighted(weighted) => {
                let measure = weighted.measures.iter().find(|measure| measure.key == key);
                measure.and_then(|measure| measure.title.clone())
            }
            Scorer::Plugin(by) => by.title(key, locale).map(str::to_owned),
        };
        title.unwrap_or_else(|| key.to_owned())
    }

    /// Checks it all, and that there is what it reads. Problems stand under `definition`.
    pub(super) async fn check(&self, cx: &Cx<'_>, checks: &mut Checks) -> Result<()> {
        let path = "definition";
        let Bands { concerning, healthy } = self.bands;
        let bands = format!("{path}.bands");
        checks.range(&format!("{bands}.concerning"), concerning, 0.0, 100.0);
        checks.range(&format!("{bands}.healthy"), healthy, 0.0, 100.0);
        checks.ensure(concerning <= healthy, || {
            let problem = Problem::new(format!("{bands}.healthy"), Code::Contradiction);
            problem.with("with", "concerning")
        });
        checks.range(&format!("{path}.trendDays"), self.trend_days, 1, MOST_TREND_DAYS);
        match &self.scorer {
            Scorer::Weighted(weighted) => {
                let path = format!("{path}.weighted");
                let measures = weighted.measures.iter().enumerate();
                let sources: Vec<_> = measures
                    .map(|(index, measure)| {
                        (format!("{path}.measures.{index}.source"), &measure.source)
                    })
                    .take(super::weighted::MOST_MEASURES)
                    .collect();
                let gives_words = measure::check(cx, checks, &sources).await?;
                weighted.check(checks, &path, &gives_words);
            }
            Scorer::Plugin(by) => by.check(cx, checks, &format!("{path}.plugin")).await?,
        }
        Ok(())
    }
}
