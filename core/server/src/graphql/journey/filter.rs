//! What narrows a list of journeys.

use async_graphql::InputObject;
use jornada_domain::error::{Error, Result};
use jornada_domain::journeys::journey::JourneyFilter;

use super::JourneyStatus;
use crate::graphql::filter::{DateTimeFilter, IdFilter, StringFilter, WordFilter, parts};

/// What narrows a list of journeys: everything that is said must hold. At most five of them may
/// stand in one another, and a hundred altogether.
#[derive(InputObject)]
#[graphql(name = "JourneyFilter")]
pub(in crate::graphql) struct JourneyFilterInput {
    /// The account.
    account_id: Option<IdFilter>,
    /// The template.
    template_id: Option<IdFilter>,
    /// The version of the template.
    template_version_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<JourneyStatus>>,
    /// The key of the stage that it is in, waits for, or ended in.
    stage_key: Option<StringFilter>,
    /// Only primary ones, or only others.
    is_primary: Option<bool>,
    /// When it was last changed.
    updated_at: Option<DateTimeFilter>,
    /// All of these hold.
    and: Option<Vec<JourneyFilterInput>>,
    /// One of these holds.
    or: Option<Vec<JourneyFilterInput>>,
    /// This does not hold.
    not: Option<Box<JourneyFilterInput>>,
}

impl TryFrom<JourneyFilterInput> for JourneyFilter {
    type Error = Error;

    fn try_from(input: JourneyFilterInput) -> Result<Self> {
        input.parse("filter")
    }
}

impl JourneyFilterInput {
    /// The filter of the domain; `path` is where it stands, for problems.
    fn parse(self, path: &str) -> Result<JourneyFilter> {
        let at = |field: &str| format!("{path}.{field}");
        let Self {
            account_id,
            template_id,
            template_version_id,
            status,
            stage_key,
            is_primary,
            updated_at,
            and,
            or,
            not,
        } = self;
        let account_ids = account_id.map(|ids| ids.ids(&at("accountId"))).transpose()?;
        let template_ids = template_id.map(|ids| ids.ids(&at("templateId"))).transpose()?;
        let version_ids = template_version_id.map(|ids| ids.ids(&at("templateVersionId")));
        let statuses = status.map(|words| words.words(&at("status"))).transpose()?;
        Ok(JourneyFilter {
            account_ids: account_ids.flatten(),
            template_ids: template_ids.flatten(),
            version_ids: version_ids.transpose()?.flatten(),
            statuses: statuses.flatten(),
            stage_key: stage_key.map(|key| key.text(&at("stageKey"))).transpose()?,
            is_primary,
            updated_at: updated_at.map(Into::into),
            parts: parts(path, (and, or, not), Self::parse)?,
        })
    }
}
