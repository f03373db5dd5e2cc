//! What is agreed with the customer, and what may be wrong with it.

use jornada_plugin_sdk::prelude::*;

use crate::Config;

/// What is agreed with the customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Outcome {
    /// What success means to them.
    #[schemars(length(min = 1, max = 20))]
    pub(crate) criteria: Vec<Criterion>,
    /// The steps on the way that are worth a celebration.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub(crate) milestones: Vec<Milestone>,
    /// What they bought it for.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) purchase_reason: Option<String>,
    /// What hurts them.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) pains: Option<String>,
}

/// Something that success means to the customer. A metric measures it, or a sentence says how it is
/// told.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct Criterion {
    /// The outcome, in the words of the customer.
    #[schemars(length(min = 1, max = 250))]
    outcome: String,
    /// How it is told whether it is reached, where no metric says it.
    #[serde(default)]
    #[schemars(length(max = 200))]
    measure: Option<String>,
    /// The key of the metric that measures it.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    metric: Option<String>,
    /// Where it begins, in the unit of the metric.
    #[serde(default)]
    start: Option<f64>,
    /// Where it shall be, in the unit of the metric.
    #[serde(default)]
    target: Option<f64>,
    /// Until when.
    #[serde(default)]
    due_on: Option<Date>,
}

impl Criterion {
    /// The goal in the success plan.
    pub(crate) fn goal(self, moment: &Moment) -> Operation {
        let outcome = self.outcome.trim();
        let title = match self.measure.as_deref().map(str::trim) {
            None | Some("") => outcome.to_owned(),
            Some(measure) => {
                format!("{outcome} ({}: {measure})", moment.say("measured by", "medido por"))
            }
        };
        let mut goal = CreateGoal::new(title);
        (goal.metric, goal.start, goal.target) = (self.metric, self.start, self.target);
        goal.due_on = self.due_on;
        goal.into()
    }

    /// What is wrong with it: the field, and the sentence in both languages.
    fn faults(&self, today: Date) -> Vec<(&'static str, &'static str, &'static str)> {
        let is_blank = |text: &Option<String>| text.as_deref().unwrap_or("").trim().is_empty();
        let mut faults = Vec::new();
        if self.outcome.trim().is_empty() {
            faults.push(("outcome", "Say what success is.", "Diga o que é sucesso."));
        }
        if self.metric.is_none() && is_blank(&self.measure) {
            faults.push((
                "measure",
                "Say how it is measured, or name a metric.",
                "Diga como será medido ou indique uma métrica.",
            ));
        }
        if self.metric.is_some() && self.target.is_none() {
            faults.push(("target", "Say where it shall be.", "Diga qual é o alvo."));
        }
        if self.target.is_some() && self.start == self.target {
            faults.push((
                "target",
                "It is reached already: it begins there.",
                "Já está alcançado: começa nesse valor.",
            ));
        }
        if self.due_on.is_some_and(|day| day < today) {
            faults.push(("dueOn", "This day is over.", "Esse dia já passou."));
        }
        faults
    }
}

/// A step on the way.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct Milestone {
    /// What shall be reached.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// Until when.
    #[serde(default)]
    due_on: Option<Date>,
}

impl From<Milestone> for Operation {
    fn from(said: Milestone) -> Self {
        let mut milestone = CreateMilestone::new(said.title.trim());
        milestone.due_on = said.due_on;
        milestone.into()
    }
}

impl Outcome {
    /// What is wrong with it, all at once.
    pub(crate) fn problems(&self, config: &Config, moment: &Moment, today: Date) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: String, english, portuguese| {
            problems.push(Problem::new(path, moment.say(english, portuguese)));
        };
        for (place, criterion) in self.criteria.iter().enumerate() {
            for (field, english, portuguese) in criterion.faults(today) {
                say(format!("criteria.{place}.{field}"), english, portuguese);
            }
        }
        if config.milestones_required && self.milestones.is_empty() {
            let path = "milestones".to_owned();
            say(path, "Agree on a milestone at least.", "Combine ao menos um marco.");
        }
        for (place, milestone) in self.milestones.iter().enumerate() {
            if milestone.title.trim().is_empty() {
                say(format!("milestones.{place}.title"), "Say what it is.", "Diga qual é.");
            }
            if milestone.due_on.is_some_and(|day| day < today) {
                let path = format!("milestones.{place}.dueOn");
                say(path, "This day is over.", "Esse dia já passou.");
            }
        }
        let is_blank = |text: &Option<String>| text.as_deref().unwrap_or("").trim().is_empty();
        if config.purchase_reason_attribute.is_some() && is_blank(&self.purchase_reason) {
            let path = "purchaseReason".to_owned();
            say(path, "Say what they bought it for.", "Diga para que o cliente comprou.");
        }
        if config.pains_attribute.is_some() && is_blank(&self.pains) {
            say("pains".to_owned(), "Say what hurts them.", "Diga quais são as dores.");
        }
        let least = config.minimum_criteria;
        if self.criteria.len() < least {
            let told =
                moment.say("Criteria of success, at least", "Critérios de sucesso, no mínimo");
            let told = format!("{told}: {least}.");
            problems.push(Problem::new("criteria", told));
        }
        problems
    }
}
