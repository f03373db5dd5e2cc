//! A training: who was there, what was taught, and how it went. Where too few were there, the stage
//! of the journey is repeated when it ends.

#[cfg(test)]
mod tests;

use jornada_plugin_sdk::prelude::*;
use jornada_plugin_sdk::task_type::Channel;

/// What a template sets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// How many of those who were invited have to be there, in percent: 60 unless said. Where fewer
    /// are, the stage is repeated.
    #[schemars(range(min = 0, max = 100))]
    minimum_percent: f64,
    /// The key of the metric that takes the attendance, in percent; recorded nowhere unless said.
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    metric: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { minimum_percent: 60.0, metric: None }
    }
}

/// What is said when the training is over.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outcome {
    /// How many were invited.
    #[schemars(range(min = 1, max = 100_000))]
    invited: u32,
    /// How many of them were there.
    #[schemars(range(max = 100_000))]
    attended: u32,
    /// How it went.
    #[schemars(length(min = 1, max = 4000))]
    outcome: String,
    /// What was taught.
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 200)))]
    topics: Vec<String>,
    /// The mood, from 1 (very negative) to 5 (very positive).
    #[serde(default)]
    #[schemars(range(min = 1, max = 5))]
    sentiment: Option<u8>,
    /// How it was held.
    #[serde(default)]
    channel: Option<Channel>,
}

impl Outcome {
    /// What is wrong with it, all at once.
    fn problems(&self, moment: &Moment) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: &str, english, portuguese| {
            problems.push(Problem::new(path, moment.say(english, portuguese)));
        };
        if self.invited == 0 {
            say("invited", "Say how many were invited.", "Diga quantas pessoas foram convidadas.");
        } else if self.attended > self.invited {
            say(
                "attended",
                "No more can be there than were invited.",
                "Não podem participar mais pessoas do que as convidadas.",
            );
        }
        if self.outcome.trim().is_empty() {
            say("outcome", "Say how it went.", "Diga como foi.");
        }
        if self.topics.is_empty() {
            say("topics", "Say what was taught.", "Diga o que foi ensinado.");
        }
        for (place, _) in self.topics.iter().enumerate().filter(|(_, one)| one.trim().is_empty()) {
            say(&format!("topics.{place}"), "Say what it was.", "Diga qual foi.");
        }
        problems
    }

    /// How many of those who were invited were there, in percent.
    fn percent(&self) -> f64 {
        100.0 * f64::from(self.attended) / f64::from(self.invited)
    }

    /// Who was there, as a sentence.
    fn attendance(&self, moment: &Moment) -> String {
        let Self { invited, attended, .. } = self;
        let percent = self.percent();
        if moment.locale.starts_with("pt") {
            format!("Participaram {attended} de {invited} pessoas convidadas ({percent:.0}%).")
        } else {
            format!("{attended} of {invited} who were invited were there ({percent:.0}%).")
        }
    }
}

#[task_type]
struct TrainingSession;

impl TaskType for TrainingSession {
    type Config = Config;
    type Outcome = Outcome;
    type Input = ();

    fn validate(config: &Config, moment: &Moment) -> Vec<Problem> {
        if (0.0..=100.0).contains(&config.minimum_percent) {
            return Vec::new();
        }
        let told = moment.say("It is a percentage, 0 to 100.", "É um percentual, de 0 a 100.");
        vec![Problem::new("minimumPercent", told)]
    }

    fn on_complete(call: &Call<Config, ()>, outcome: Outcome) -> Result<Vec<Operation>, Failure> {
        let Call { moment, config, task, .. } = call;
        Problem::refuse_any(outcome.problems(moment))?;
        let attendance = outcome.attendance(moment);
        let topics = outcome.topics.join("; ");
        let taught = moment.say("Topics", "Temas");
        let notes = format!("{}\n\n{attendance}\n{taught}: {topics}", outcome.outcome.trim());
        let mut interaction = CreateInteraction::new(task.title.as_str()).notes(notes);
        (interaction.sentiment, interaction.channel) = (outcome.sentiment, outcome.channel);
        let mut operations: Vec<Operation> = vec![interaction.into()];
        if let Some(metric) = &config.metric {
            operations.push(RecordMetric::new(metric.as_str(), outcome.percent()).into());
        }
        if outcome.percent() < config.minimum_percent {
            let least = config.minimum_percent;
            let needed = if moment.locale.starts_with("pt") {
                format!("São necessários pelo menos {least}%.")
            } else {
                format!("At least {least}% are needed.")
            };
            operations.push(RepeatStage::new(format!("{attendance} {needed}")).into());
        }
        Ok(operations)
    }
}
