//! What a workspace can set, and what is wrong with it beyond its schema.

use jornada_plugin_sdk::prelude::*;

/// How much each part counts, and from when on something is good or bad.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Config {
    /// How much each part counts, against the others.
    pub(crate) weights: Weights,
    /// From when on something is good or bad.
    pub(crate) thresholds: Thresholds,
    /// The least share of the weights of which something has to be known, 0 to 1; with less there
    /// is no score.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) minimum_known: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { weights: Weights::default(), thresholds: Thresholds::default(), minimum_known: 0.5 }
    }
}

/// How much each part counts, against the others: only their proportions matter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Weights {
    /// How usage changes.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) usage: f64,
    /// What the customer last answered, 0 to 10.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) nps: f64,
    /// Open risks, the mood, how long nobody has spoken to it, and how satisfied it is.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) service: f64,
    /// Milestones that are reached.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) milestones: f64,
    /// How near the renewal is.
    #[schemars(range(min = 0, max = 1000))]
    pub(crate) renewal: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { usage: 35.0, nps: 20.0, service: 20.0, milestones: 15.0, renewal: 10.0 }
    }
}

/// From when on something is good or bad. In between, points are given in proportion.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Thresholds {
    /// The change of usage that is as bad as it gets: -0.5 is a half less.
    #[schemars(range(min = -1, max = 1))]
    pub(crate) usage_drop: f64,
    /// The change of usage that is as good as it gets: 0.1 is a tenth more.
    #[schemars(range(min = -1, max = 10))]
    pub(crate) usage_growth: f64,
    /// The open risks that are as bad as it gets.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) many_risks: f64,
    /// Days since somebody spoke to the customer, up to which all is well.
    #[schemars(range(min = 0, max = 3650))]
    pub(crate) fresh_days: f64,
    /// Days since somebody spoke to the customer, from which on it is as bad as it gets.
    #[schemars(range(min = 1, max = 3650))]
    pub(crate) silent_days: f64,
    /// Days until the renewal, from which on there is no hurry.
    #[schemars(range(min = 1, max = 3650))]
    pub(crate) renewal_days: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            usage_drop: -0.5,
            usage_growth: 0.1,
            many_risks: 3.0,
            fresh_days: 14.0,
            silent_days: 60.0,
            renewal_days: 90.0,
        }
    }
}

impl Weights {
    /// In the order of the factors.
    pub(crate) fn all(&self) -> [f64; 5] {
        [self.usage, self.nps, self.service, self.milestones, self.renewal]
    }
}

impl Config {
    /// What is wrong with it, all at once. There is no moment to take a language from: scores are
    /// configured by whoever administrates the workspace.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let Self { weights, thresholds, minimum_known } = self;
        let is_weight = |weight: &f64| (0.0..=1000.0).contains(weight);
        let all = weights.all();
        let faults = [
            (!all.iter().all(is_weight), "weights", "A weight is 0 to 1000."),
            (
                all.iter().sum::<f64>() <= 0.0,
                "weights",
                "Let at least one part count: all weights are 0.",
            ),
            (
                thresholds.usage_drop >= thresholds.usage_growth,
                "thresholds.usageDrop",
                "It lies below usageGrowth.",
            ),
            (thresholds.many_risks < 1.0, "thresholds.manyRisks", "It is 1 or more."),
            (
                thresholds.fresh_days >= thresholds.silent_days,
                "thresholds.freshDays",
                "It is less than silentDays.",
            ),
            (thresholds.renewal_days < 1.0, "thresholds.renewalDays", "It is 1 or more."),
            (!(0.0..=1.0).contains(minimum_known), "minimumKnown", "It is a share, 0 to 1."),
        ];
        let found = faults.into_iter().filter(|(is_there, ..)| *is_there);
        found.map(|(_, path, told)| Problem::new(path, told)).collect()
    }
}
