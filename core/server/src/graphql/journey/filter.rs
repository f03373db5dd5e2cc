//! What narrows a list of journeys.

use async_graphql::InputObject;
use jornada_domain::error::{Error, Result};
use jornada_domain::journeys::journey::JourneyFilter;

use super::JourneyStatus;
use crate::graphql::filter::{DateTimeFilter, IdFilter, StringFilter, WordFilter};

/// What narrows a list of journeys: everything that is said must hold.
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
}

impl TryFrom<JourneyFilterInput> for JourneyFilter {
    type Error = Error;

    fn try_from(input: JourneyFilterInput) -> Result<Self> {
        let JourneyFilterInput {
            account_id,
            template_id,
            template_version_id,
            status,
            stage_key,
            is_primary,
            updated_at,
        } = input;
        let account_ids = account_id.map(|ids| ids.ids("filter.accountId")).transpose()?;
        let template_ids = template_id.map(|ids| ids.ids("filter.templateId")).transpose()?;
        let version_ids = template_version_id.map(|ids| ids.ids("filter.templateVersionId"));
        let statuses = status.map(|words| words.words("filter.status")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            template_ids: template_ids.flatten(),
            version_ids: version_ids.transpose()?.flatten(),
            statuses: statuses.flatten(),
            stage_key: stage_key.map(|key| key.text("filter.stageKey")).transpose()?,
            is_primary,
            updated_at: updated_at.map(Into::into),
        })
    }
}
