//! What is said when the review is over, what may be wrong with it, and its minutes.

use jornada_plugin_sdk::prelude::*;

use crate::input::Known;
use crate::{Config, is_same};

/// What is said when the review is over.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Outcome {
    /// Who was there on the side of the customer.
    #[schemars(length(min = 1, max = 50))]
    attendees: Vec<Attendee>,
    /// What was to be reached, and whether it was.
    #[schemars(length(min = 1, max = 50))]
    results: Vec<ReviewedResult>,
    /// The points of the agenda that were covered.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 200)))]
    covered: Vec<String>,
    /// How satisfied the customer is with the results, from 1 (not at all) to 5 (completely).
    #[serde(default)]
    #[schemars(range(min = 1, max = 5))]
    pub(crate) satisfaction: Option<u8>,
    /// The mood, from 1 (very negative) to 5 (very positive).
    #[serde(default)]
    #[schemars(range(min = 1, max = 5))]
    pub(crate) sentiment: Option<u8>,
    /// What else was said.
    #[serde(default)]
    #[schemars(length(max = 4000))]
    notes: Option<String>,
    /// What shall be reached next.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub(crate) next_goals: Vec<NextGoal>,
    /// What is to be done now.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub(crate) follow_ups: Vec<FollowUp>,
}

/// Somebody who was there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct Attendee {
    /// Who it was.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What the person does at the customer.
    #[serde(default)]
    #[schemars(length(max = 100))]
    role: Option<String>,
    /// The id of the contact, where there is one.
    #[serde(default)]
    contact_id: Option<String>,
}

/// Something that was to be reached.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct ReviewedResult {
    /// What was to be reached.
    #[schemars(length(min = 1, max = 500))]
    what: String,
    /// Whether it was.
    reached: bool,
    /// The id of the goal of the customer that it is about.
    #[serde(default)]
    goal_id: Option<String>,
}

/// Something that shall be reached next.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct NextGoal {
    /// What shall be reached, in the words of the customer.
    #[schemars(length(min = 1, max = 500))]
    title: String,
    /// The key of the metric that measures it.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9_-]{1,60}$"))]
    metric: Option<String>,
    /// Where it begins.
    #[serde(default)]
    start: Option<f64>,
    /// Where it shall be.
    #[serde(default)]
    target: Option<f64>,
    /// Until when.
    #[serde(default)]
    due_on: Option<Date>,
}

impl From<NextGoal> for Operation {
    fn from(said: NextGoal) -> Self {
        let mut goal = CreateGoal::new(said.title.trim());
        (goal.metric, goal.start, goal.target) = (said.metric, said.start, said.target);
        goal.due_on = said.due_on;
        goal.into()
    }
}

/// Something that is to be done now.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct FollowUp {
    /// What is to be done.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// In how many days it is due; a week unless said.
    #[serde(default = "a_week")]
    #[schemars(range(max = 3650))]
    due_in_days: u32,
    /// The id of the contact who does it, instead of the CSM.
    #[serde(default)]
    contact_id: Option<String>,
}

fn a_week() -> u32 {
    7
}

impl From<FollowUp> for Operation {
    fn from(said: FollowUp) -> Self {
        let mut task = CreateTask::new(said.title.trim()).due_in_days(said.due_in_days);
        task.contact_id = said.contact_id;
        task.into()
    }
}

impl Outcome {
    /// What is wrong with it, all at once.
    pub(crate) fn problems(&self, config: &Config, moment: &Moment, today: Date) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: String, english, portuguese| {
            problems.push(Problem::new(path, moment.say(english, portuguese)));
        };
        if self.attendees.is_empty() {
            say("attendees".to_owned(), "Say who was there.", "Diga quem participou.");
        }
        for place in blanks(self.attendees.iter().map(|one| &one.name)) {
            say(format!("attendees.{place}.name"), "Say who it was.", "Diga quem era.");
        }
        if self.results.is_empty() {
            say("results".to_owned(), "Say what was reached.", "Diga o que foi alcançado.");
        }
        for place in blanks(self.results.iter().map(|one| &one.what)) {
            say(format!("results.{place}.what"), "Say what it was.", "Diga o que era.");
        }
        for place in blanks(self.next_goals.iter().map(|one| &one.title)) {
            say(format!("nextGoals.{place}.title"), "Say what it is.", "Diga qual é.");
        }
        for (place, goal) in self.next_goals.iter().enumerate() {
            if goal.due_on.is_some_and(|day| day < today) {
                let path = format!("nextGoals.{place}.dueOn");
                say(path, "This day is over.", "Esse dia já passou.");
            }
        }
        for place in blanks(self.follow_ups.iter().map(|one| &one.title)) {
            say(format!("followUps.{place}.title"), "Say what it is.", "Diga qual é.");
        }
        problems.extend(self.problems_of_roles(config, moment));
        problems
    }

    /// Roles that nobody had who was there.
    fn problems_of_roles(&self, config: &Config, moment: &Moment) -> Vec<Problem> {
        if self.attendees.is_empty() {
            return Vec::new();
        }
        let had = |role: &&String| {
            let roles = self.attendees.iter().filter_map(|one| one.role.as_deref());
            !roles.into_iter().any(|one| is_same(one, role))
        };
        let missing = config.required_roles.iter().filter(had);
        let told = moment.say("Nobody was there as", "Não participou ninguém como");
        missing.map(|role| Problem::new("attendees", format!("{told} {role}."))).collect()
    }

    /// Open goals of the customer of which there is no result.
    pub(crate) fn problems_of_goals(&self, known: Option<&Known>, moment: &Moment) -> Vec<Problem> {
        let goals = known.into_iter().flat_map(Known::open_goals);
        let open = goals.filter(|goal| {
            !self.results.iter().any(|result| result.goal_id.as_deref() == Some(&goal.id))
        });
        let told = moment.say("Say how this goal stands", "Diga como está esta meta");
        open.map(|goal| Problem::new("results", format!("{told}: {}", goal.outcome))).collect()
    }

    /// The first contact who was there.
    pub(crate) fn contact(&self) -> Option<String> {
        self.attendees.iter().find_map(|one| one.contact_id.clone())
    }

    /// How many of the results were reached, in percent. There is at least one.
    pub(crate) fn percent_reached(&self) -> f64 {
        let reached = self.results.iter().filter(|result| result.reached).count();
        100.0 * reached as f64 / self.results.len() as f64
    }

    /// All that was said, for people.
    pub(crate) fn minutes(&self, config: &Config, moment: &Moment) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut part = |english, portuguese, each: Vec<String>| {
            if !each.is_empty() {
                let title = moment.say(english, portuguese);
                lines.push(format!("{title}: {}", each.join("; ")));
            }
        };
        let attendees = self.attendees.iter().map(|one| match &one.role {
            Some(role) => format!("{} ({role})", one.name),
            None => one.name.clone(),
        });
        part("Attendees", "Participantes", attendees.collect());
        let results = |reached| {
            let part = self.results.iter().filter(move |result| result.reached == reached);
            part.map(|result| result.what.clone()).collect::<Vec<_>>()
        };
        part("Reached", "Alcançado", results(true));
        part("Not reached", "Não alcançado", results(false));
        part("Covered", "Pauta tratada", self.covered.clone());
        let is_left = |point: &&String| !self.covered.iter().any(|one| is_same(one, point));
        let left = config.agenda.iter().filter(is_left).cloned();
        part("Not covered", "Pauta não tratada", left.collect());
        let satisfaction = self.satisfaction.map(|value| format!("{value}/5"));
        part("Satisfaction", "Satisfação", satisfaction.into_iter().collect());
        lines.extend(self.notes.iter().map(|notes| format!("\n{}", notes.trim())));
        // As much as an interaction takes.
        lines.join("\n").chars().take(20_000).collect()
    }
}

/// The places of texts in which nothing stands.
fn blanks<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<usize> {
    let blank = texts.enumerate().filter(|(_, text)| text.trim().is_empty());
    blank.map(|(place, _)| place).collect()
}
