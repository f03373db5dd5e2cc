//! Journey templates as `examples/data/*.json` write them: in `template` what is said of the
//! template, and in `draft` the definition, in the form of the API's `journeyTemplateDraftSave`.

use anyhow::{Context, Result};
use jornada_domain::Tx;
use jornada_domain::calendar::DayKind;
use jornada_domain::id::OptionId;
use jornada_domain::journeys::definition::{Assignee, Definition, StageDefinition, TaskDefinition};
use jornada_domain::journeys::draft;
use jornada_domain::journeys::stage_template::{Exit, Phase, Then};
use jornada_domain::journeys::template::NewTemplate;
use jornada_domain::options::set;
use jornada_domain::tasks::due::Anchor;
use serde::Deserialize;
use serde_json::Value as Json;

use super::story::word;
use crate::import::options::Options;

/// The files, the default template first.
const FILES: [(&str, &str); 4] = [
    ("centrics.json", include_str!("../../../../examples/data/centrics.json")),
    ("1doc.json", include_str!("../../../../examples/data/1doc.json")),
    ("renewal.json", include_str!("../../../../examples/data/renewal.json")),
    ("growth.json", include_str!("../../../../examples/data/growth.json")),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TemplateFile {
    template: NameFile,
    draft: DraftFile,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NameFile {
    key: String,
    name: String,
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DraftFile {
    max_attempts: i32,
    stages: Vec<StageFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StageFile {
    key: String,
    name: String,
    #[serde(deserialize_with = "word")]
    phase: Phase,
    expected_days: Option<i32>,
    #[serde(default = "when_done", deserialize_with = "word")]
    exit: Exit,
    #[serde(default = "next", deserialize_with = "word")]
    then: Then,
    loop_to: Option<String>,
    tasks: Vec<TaskFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TaskFile {
    key: String,
    title: String,
    description: Option<String>,
    position: i32,
    type_key: String,
    #[serde(default = "required")]
    required: bool,
    #[serde(default = "previous", deserialize_with = "word")]
    anchor: Anchor,
    duration_days: Option<i32>,
    #[serde(default = "calendar", deserialize_with = "word")]
    day_kind: DayKind,
    assignee: AssigneeFile,
    #[serde(default)]
    config: Json,
    #[serde(default)]
    blocked_by_risk: bool,
    #[serde(default)]
    effort_minutes: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum AssigneeFile {
    AccountRoleKey(String),
    /// The primary contact.
    Customer {},
}

// What the API takes for what is not said.

fn when_done() -> Exit {
    Exit::WhenDone
}

fn next() -> Then {
    Then::Next
}

fn required() -> bool {
    true
}

fn previous() -> Anchor {
    Anchor::Previous
}

fn calendar() -> DayKind {
    DayKind::Calendar
}

/// Creates the templates and publishes them.
pub(super) async fn publish_all(tx: &Tx<'_>) -> Result<()> {
    let options = Options::load(tx).await?;
    for (index, (file, text)) in FILES.into_iter().enumerate() {
        let read: TemplateFile = serde_json::from_str(text).context(file)?;
        let NameFile { key, name, description } = read.template;
        let description = Some(description);
        let new = NewTemplate { key, name, description, is_default: index == 0 };
        let definition = read.draft.definition(&options).context(file)?;
        let template = draft::create_template(tx, new).await?;
        let version = draft::open_draft(tx, template.id).await?;
        let version = draft::save(tx, version.id, None, &definition).await?;
        draft::publish(tx, version.id).await.context(file)?;
    }
    Ok(())
}

impl DraftFile {
    fn definition(self, options: &Options) -> Result<Definition> {
        let stages = self.stages.into_iter().map(|stage| stage.definition(options));
        Ok(Definition { max_attempts: self.max_attempts, stages: stages.collect::<Result<_>>()? })
    }
}

impl StageFile {
    fn definition(self, options: &Options) -> Result<StageDefinition> {
        let tasks = self.tasks.into_iter().map(|task| task.definition(options));
        Ok(StageDefinition {
            key: self.key,
            name: self.name,
            phase: self.phase,
            expected_days: self.expected_days,
            exit: self.exit,
            starts: None,
            then: self.then,
            loop_to: self.loop_to,
            tasks: tasks.collect::<Result<_>>()?,
        })
    }
}

impl TaskFile {
    fn definition(self, options: &Options) -> Result<TaskDefinition> {
        Ok(TaskDefinition {
            assignee: self.assignee.resolved(options)?,
            key: self.key,
            title: self.title,
            description: self.description,
            position: self.position,
            type_key: self.type_key,
            required: self.required,
            anchor: self.anchor,
            duration_days: self.duration_days,
            day_kind: self.day_kind,
            config: self.config,
            blocked_by_risk: self.blocked_by_risk,
            effort_minutes: self.effort_minutes,
        })
    }
}

impl AssigneeFile {
    fn resolved(&self, options: &Options) -> Result<Assignee> {
        let role = |key: &str| -> Result<OptionId> {
            let id = options.id_of(set::ACCOUNT_ROLE, key);
            id.with_context(|| format!("there is no account role {key}"))
        };
        match self {
            Self::AccountRoleKey(key) => Ok(Assignee::Role(role(key)?)),
            Self::Customer {} => Ok(Assignee::Customer(None)),
        }
    }
}
