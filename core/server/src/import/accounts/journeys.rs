//! Where accounts are in their journeys: templates, stages and tasks by their keys or names.

use std::collections::HashMap;
use std::sync::Arc;

use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::{JourneyTemplateId, Kind};
use jornada_domain::input::{Checks, fold};
use jornada_domain::journeys::definition::{Definition, StageDefinition};
use jornada_domain::journeys::start::{Adoption, JourneyStart, StartAt};
use jornada_domain::journeys::{draft, template, version};
use jornada_domain::{Cx, Result};

use super::fields::{JOURNEY_ENTERED, JOURNEY_NEXT_TASK, JOURNEY_STAGE, JOURNEY_TEMPLATE};
use super::record::JourneyRecord;
use crate::import::values::word;
use crate::import::words::ALL_DONE;

/// The published templates that were asked for, by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates(HashMap<String, Arc<Template>>);

#[derive(Debug)]
struct Template {
    id: JourneyTemplateId,
    definition: Definition,
}

impl Templates {
    /// Where a journey begins that a record describes.
    pub(super) async fn start(
        &mut self,
        cx: &Cx<'_>,
        journey: &JourneyRecord,
    ) -> Result<JourneyStart> {
        let template = self.get(cx, &journey.template).await?;
        let mut checks = Checks::new();
        let stages = &template.definition.stages;
        let stage = match &journey.stage {
            None => stages.first(),
            Some(name) => {
                let named = |stage: &&StageDefinition| is_called(name, &stage.key, &stage.name);
                let stage = stages.iter().find(named);
                let unknown = || Problem::new(JOURNEY_STAGE.name, Code::UnknownStage);
                checks.ensure(stage.is_some(), unknown);
                stage
            }
        };
        let adoption = match &journey.next_task {
            None => Adoption::NothingDone,
            Some(name) if word(name, &ALL_DONE).is_some() => Adoption::AllDone,
            Some(name) => {
                let tasks = stage.into_iter().flat_map(|stage| &stage.tasks);
                let task = tasks.into_iter().find(|task| is_called(name, &task.key, &task.title));
                let unknown = || Problem::new(JOURNEY_NEXT_TASK.name, Code::UnknownTask);
                checks.ensure(task.is_some() || stage.is_none(), unknown);
                task.map_or(Adoption::NothingDone, |task| Adoption::NextTask(task.key.clone()))
            }
        };
        checks.finish()?;
        Ok(JourneyStart::At(StartAt {
            template_id: template.id,
            stage_key: stage.map(|stage| stage.key.clone()),
            entered_on: journey.entered_on,
            adoption: Some(adoption),
        }))
    }

    async fn get(&mut self, cx: &Cx<'_>, key: &str) -> Result<Arc<Template>> {
        if let Some(known) = self.0.get(key) {
            return Ok(Arc::clone(known));
        }
        let not_found = || Error::not_found(JOURNEY_TEMPLATE.name, Kind::JourneyTemplate);
        let row = template::by_key(cx, key).await.map_err(|error| match error {
            Error::Problems(_) => not_found(),
            other => other,
        })?;
        let published = version::published_of(cx, &[row.id]).await?.pop();
        let unpublished = || Problem::new(JOURNEY_TEMPLATE.name, Code::NotPublished);
        let definition = draft::read(cx, &published.ok_or_else(unpublished)?).await?;
        let known = Arc::new(Template { id: row.id, definition });
        self.0.insert(key.to_owned(), Arc::clone(&known));
        Ok(known)
    }
}

/// The error of a journey that cannot begin, by the names of the columns.
pub(super) fn of_journey(error: Error) -> Error {
    let Error::Problems(problems) = error else { return error };
    let renamed = problems.into_iter().map(|problem| {
        let path = problem.field.strip_prefix("journeyStart").unwrap_or(&problem.field);
        let field = match path.trim_start_matches('.').trim_start_matches("at.") {
            "" | "templateId" => JOURNEY_TEMPLATE,
            "stageKey" => JOURNEY_STAGE,
            "enteredOn" => JOURNEY_ENTERED,
            "adoption.nextTaskKey" => JOURNEY_NEXT_TASK,
            _ => return problem,
        };
        Problem { field: field.name.to_owned(), ..problem }
    });
    Error::Problems(renamed.collect())
}

fn is_called(text: &str, key: &str, name: &str) -> bool {
    text == key || fold(text) == fold(name)
}
