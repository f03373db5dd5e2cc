//! A quarterly business review: what was reached, what the customer thinks of it, and what comes
//! next. It becomes an interaction, tasks, goals and measurements.

mod input;
mod outcome;
#[cfg(test)]
mod tests;

use jornada_plugin_sdk::prelude::*;

use input::Known;
use outcome::Outcome;

/// What a template sets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// What is reviewed. Points that were not covered are noted.
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)))]
    agenda: Vec<String>,
    /// Roles of which somebody has to be there, as people write them: `Sponsor`.
    #[schemars(length(max = 10), inner(length(min = 1, max = 100)))]
    required_roles: Vec<String>,
    /// Whether there has to be a result for each open goal of the customer.
    every_goal: bool,
    /// The key of the metric that takes how many of the results were reached, in percent.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    result_metric: Option<String>,
    /// The key of the metric that takes how satisfied the customer is, 1 to 5.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    satisfaction_metric: Option<String>,
}

/// Words that mean the same to people.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// What is wrong with a list of words of the configuration.
fn problems_of_words(path: &str, words: &[String], moment: &Moment) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let told = if word.trim().is_empty() {
            moment.say("Write something, or take it out.", "Escreva algo ou remova.")
        } else if words[..place].iter().any(|other| is_same(other, word)) {
            moment.say("It stands there already.", "Já está na lista.")
        } else {
            continue;
        };
        problems.push(Problem::new(format!("{path}.{place}"), told));
    }
    problems
}

#[task_type]
struct Qbr;

impl TaskType for Qbr {
    type Config = Config;
    type Outcome = Outcome;
    type Input = Option<Known>;

    fn validate(config: &Config, moment: &Moment) -> Vec<Problem> {
        let mut problems = problems_of_words("agenda", &config.agenda, moment);
        problems.extend(problems_of_words("requiredRoles", &config.required_roles, moment));
        if config.result_metric.is_some() && config.result_metric == config.satisfaction_metric {
            let told = moment.say(
                "It takes the results already: name another metric.",
                "Já recebe os resultados: indique outra métrica.",
            );
            problems.push(Problem::new("satisfactionMetric", told));
        }
        problems
    }

    /// Says what there is to prepare.
    fn on_open(call: &Call<Config, Option<Known>>) -> Result<Vec<Operation>, Failure> {
        let Some(known) = &call.input else { return Ok(Vec::new()) };
        let (name, goals) = (&call.task.account_name, known.open_goals().count());
        let message = if call.moment.locale.starts_with("pt") {
            let nps = known.nps().map_or("sem resposta".to_owned(), |score| score.to_string());
            format!("Prepare a QBR de {name}: metas abertas: {goals}; último NPS: {nps}.")
        } else {
            let nps = known.nps().map_or("none".to_owned(), |score| score.to_string());
            format!("Prepare the review of {name}: open goals: {goals}; last NPS: {nps}.")
        };
        Ok(vec![Notify::new(message).into()])
    }

    fn on_complete(
        call: &Call<Config, Option<Known>>,
        outcome: Outcome,
    ) -> Result<Vec<Operation>, Failure> {
        let Call { moment, config, task, input } = call;
        let mut problems = outcome.problems(config, moment, moment.date()?);
        if config.every_goal {
            problems.extend(outcome.problems_of_goals(input.as_ref(), moment));
        }
        Problem::refuse_any(problems)?;
        let mut interaction =
            CreateInteraction::new(task.title.as_str()).notes(outcome.minutes(config, moment));
        interaction.sentiment = outcome.sentiment;
        interaction.contact_id = outcome.contact();
        let mut operations: Vec<Operation> = vec![interaction.into()];
        if let Some(metric) = &config.result_metric {
            operations.push(RecordMetric::new(metric.as_str(), outcome.percent_reached()).into());
        }
        if let Some((metric, value)) = config.satisfaction_metric.as_ref().zip(outcome.satisfaction)
        {
            operations.push(RecordMetric::new(metric.as_str(), f64::from(value)).into());
        }
        operations.extend(outcome.follow_ups.into_iter().map(Operation::from));
        operations.extend(outcome.next_goals.into_iter().map(Operation::from));
        Ok(operations)
    }
}
