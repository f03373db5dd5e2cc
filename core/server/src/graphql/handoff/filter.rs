//! What narrows a list of handoffs.

use async_graphql::InputObject;
use jornada_domain::error::{Error, Result};
use jornada_domain::plans::handoff::HandoffFilter;

use super::{HandoffKind, HandoffStatus};
use crate::graphql::filter::{IdFilter, WordFilter};

/// What narrows a list of handoffs.
#[derive(InputObject)]
#[graphql(name = "HandoffFilter")]
pub(in crate::graphql) struct HandoffFilterInput {
    /// The customer.
    account_id: Option<IdFilter>,
    /// Where it is.
    status: Option<WordFilter<HandoffStatus>>,
    /// From where to where.
    kind: Option<WordFilter<HandoffKind>>,
    /// The receiver.
    to_user_id: Option<IdFilter>,
}

impl TryFrom<HandoffFilterInput> for HandoffFilter {
    type Error = Error;

    fn try_from(input: HandoffFilterInput) -> Result<Self> {
        let HandoffFilterInput { account_id, status, kind, to_user_id } = input;
        let account_ids = account_id.map(|ids| ids.ids("filter.accountId")).transpose()?;
        let statuses = status.map(|words| words.words("filter.status")).transpose()?;
        let kinds = kind.map(|words| words.words("filter.kind")).transpose()?;
        let receiver = to_user_id.map(|ids| ids.reference("filter.toUserId")).transpose()?;
        Ok(Self {
            account_ids: account_ids.flatten(),
            statuses: statuses.flatten(),
            kinds: kinds.flatten(),
            receiver,
        })
    }
}
