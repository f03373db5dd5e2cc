//! What success means to a customer and how its value is measured, as agreed in onboarding. Each
//! criterion becomes a goal of the success plan, each step on the way a milestone.

mod outcome;
#[cfg(test)]
mod tests;

use jornada_plugin_sdk::prelude::*;

use outcome::Outcome;

/// What a template sets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// How many criteria have to be agreed: 1 unless said.
    #[schemars(range(min = 1, max = 20))]
    minimum_criteria: usize,
    /// Whether there has to be a milestone at least.
    milestones_required: bool,
    /// The key of the attribute of the customer that takes what they bought it for; it has to be
    /// said then.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    purchase_reason_attribute: Option<String>,
    /// The key of the attribute of the customer that takes what hurts them; it has to be said then.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    pains_attribute: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            minimum_criteria: 1,
            milestones_required: false,
            purchase_reason_attribute: None,
            pains_attribute: None,
        }
    }
}

#[task_type]
struct SuccessCriteria;

impl TaskType for SuccessCriteria {
    type Config = Config;
    type Outcome = Outcome;
    type Input = ();

    fn validate(config: &Config, moment: &Moment) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(1..=20).contains(&config.minimum_criteria) {
            let told = moment.say("It is 1 to 20.", "É de 1 a 20.");
            problems.push(Problem::new("minimumCriteria", told));
        }
        let reason = &config.purchase_reason_attribute;
        if reason.is_some() && *reason == config.pains_attribute {
            let told = moment.say(
                "It takes the reason of purchase already: name another attribute.",
                "Já recebe o motivo da compra: indique outro atributo.",
            );
            problems.push(Problem::new("painsAttribute", told));
        }
        problems
    }

    fn on_complete(call: &Call<Config, ()>, outcome: Outcome) -> Result<Vec<Operation>, Failure> {
        let Call { moment, config, .. } = call;
        Problem::refuse_any(outcome.problems(config, moment, moment.date()?))?;
        let mut operations: Vec<Operation> = Vec::new();
        operations.extend(outcome.criteria.into_iter().map(|one| one.goal(moment)));
        operations.extend(outcome.milestones.into_iter().map(Operation::from));
        for (attribute, text) in [
            (&config.purchase_reason_attribute, outcome.purchase_reason),
            (&config.pains_attribute, outcome.pains),
        ] {
            if let Some((key, text)) = attribute.as_ref().zip(text) {
                operations.push(SetAttribute::new(key.as_str(), text.trim()).into());
            }
        }
        Ok(operations)
    }
}
