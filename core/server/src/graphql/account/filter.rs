//! What narrows and sorts a list of accounts.

use async_graphql::InputObject;
use jornada_domain::accounts::account::{self, AccountFilter, AccountQuery};
use jornada_domain::error::Result;
use jornada_domain::filter::RefFilter;
use jornada_domain::id::TypedId;

use super::AccountStatus;
use crate::graphql::attribute::{AttributeFilterInput, AttributeOrderInput, conditions};
use crate::graphql::filter::{
    DateTimeFilter, IdFilter, OrderDirection, StringFilter, WordFilter, given, parts,
};
use crate::graphql::word::words;

/// What narrows a list of accounts: everything that is said must hold. At most five of them may
/// stand in one another, and a hundred altogether.
#[derive(InputObject)]
#[graphql(name = "AccountFilter")]
pub(in crate::graphql) struct AccountFilterInput {
    /// What people call it, whatever its case and accents.
    name: Option<StringFilter>,
    /// Where it stands as a customer.
    status: Option<WordFilter<AccountStatus>>,
    /// Its market segment.
    market_segment_id: Option<IdFilter>,
    /// Its package.
    package_id: Option<IdFilter>,
    /// Who is its customer success manager now.
    csm_id: Option<IdFilter>,
    /// The account that it is a part of.
    parent_id: Option<IdFilter>,
    /// Its tax id; a CNPJ with or without its punctuation.
    tax_id: Option<String>,
    /// Conditions on attributes, which all hold.
    attributes: Option<Vec<AttributeFilterInput>>,
    /// One of these segments keeps it.
    segment_id: Option<IdFilter>,
    /// When it was made.
    created_at: Option<DateTimeFilter>,
    /// When it was last changed.
    updated_at: Option<DateTimeFilter>,
    /// Also accounts that were put away; counts in the outermost filter only.
    #[graphql(default)]
    include_archived: bool,
    /// All of these hold.
    and: Option<Vec<AccountFilterInput>>,
    /// One of these holds.
    or: Option<Vec<AccountFilterInput>>,
    /// This does not hold.
    not: Option<Box<AccountFilterInput>>,
}

impl AccountFilterInput {
    /// The filter of the domain; `path` is where it stands, for problems.
    pub(in crate::graphql) fn parse(self, path: &str) -> Result<AccountFilter> {
        let at = |field: &str| format!("{path}.{field}");
        Ok(AccountFilter {
            name: self.name.map(|name| name.text(&at("name"))).transpose()?,
            status: self.status.map(|status| status.words(&at("status"))).transpose()?.flatten(),
            market_segment: reference(self.market_segment_id, &at("marketSegmentId"))?,
            package: reference(self.package_id, &at("packageId"))?,
            csm: reference(self.csm_id, &at("csmId"))?,
            parent: reference(self.parent_id, &at("parentId"))?,
            tax_id: self.tax_id,
            attributes: conditions(self.attributes, &at("attributes"))?,
            segments: self.segment_id.map(|ids| ids.ids(&at("segmentId"))).transpose()?.flatten(),
            created_at: self.created_at.map(Into::into),
            updated_at: self.updated_at.map(Into::into),
            parts: parts(path, (self.and, self.or, self.not), Self::parse)?,
        })
    }
}

impl From<AccountFilter> for AccountFilterInput {
    fn from(filter: AccountFilter) -> Self {
        let (and, or, not) = given(filter.parts);
        let attributes: Vec<_> = filter.attributes.into_iter().map(Into::into).collect();
        Self {
            name: filter.name.map(Into::into),
            status: filter.status.map(WordFilter::of),
            market_segment_id: filter.market_segment.map(Into::into),
            package_id: filter.package.map(Into::into),
            csm_id: filter.csm.map(Into::into),
            parent_id: filter.parent.map(Into::into),
            tax_id: filter.tax_id,
            attributes: (!attributes.is_empty()).then_some(attributes),
            segment_id: filter.segments.map(|ids| RefFilter::from(ids).into()),
            created_at: filter.created_at.map(Into::into),
            updated_at: filter.updated_at.map(Into::into),
            include_archived: false,
            and,
            or,
            not,
        }
    }
}

fn reference<I: TypedId + PartialEq>(
    filter: Option<IdFilter>,
    field: &str,
) -> Result<Option<RefFilter<I>>> {
    filter.map(|filter| filter.reference(field)).transpose()
}

/// By what a list of accounts is sorted.
#[derive(InputObject)]
#[graphql(name = "AccountOrder")]
pub(in crate::graphql) struct AccountOrderInput {
    /// The field.
    field: AccountOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

words! {
    /// What accounts can be sorted by.
    AccountOrderField = "account::AccountOrder" {
        /// The name, whatever its case and accents.
        Name,
        /// When the account was made.
        CreatedAt,
        /// When the account was last changed.
        UpdatedAt,
        /// Since when it is a customer; accounts of which nobody knows come last.
        CustomerSince,
    }
}

/// What the arguments of the list ask for.
pub(super) fn query(
    filter: Option<AccountFilterInput>,
    order_by: Option<AccountOrderInput>,
    by_attribute: Option<AttributeOrderInput>,
) -> Result<AccountQuery> {
    let include_archived = filter.as_ref().is_some_and(|filter| filter.include_archived);
    let filter = filter.map(|filter| filter.parse("filter")).transpose()?.unwrap_or_default();
    let is_descending = order_by.as_ref().is_some_and(|by| by.direction == OrderDirection::Desc);
    let order = order_by.map(|by| by.field.into()).unwrap_or_default();
    let by_attribute = by_attribute.map(Into::into);
    Ok(AccountQuery { filter, include_archived, order, is_descending, by_attribute })
}
