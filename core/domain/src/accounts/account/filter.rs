//! What narrows a list of accounts: conditions that all hold, and their composition.

use std::collections::BTreeSet;

use sea_orm::sea_query::ExprTrait;

use serde::{Deserialize, Serialize};

use super::{AccountStatus, Column};
use crate::accounts::{assignment, tax_id};
use crate::attributes::AttributeFilter;
use crate::filter::{Composed, Parts, RangeFilter, RefFilter, TextFilter, count, count_refs};
use crate::input::fold;
use crate::options::option;
use crate::prelude::*;
use crate::subject::SubjectKind;

/// What narrows a list of accounts; what is given must all hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountFilter {
    /// The name, whatever its case and accents.
    pub name: Option<TextFilter>,
    pub status: Option<Vec<AccountStatus>>,
    pub market_segment: Option<RefFilter<OptionId>>,
    pub package: Option<RefFilter<OptionId>>,
    /// Who is the CSM now.
    pub csm: Option<RefFilter<UserId>>,
    pub parent: Option<RefFilter<AccountId>>,
    /// A CNPJ may be written with its punctuation or without.
    pub tax_id: Option<String>,
    pub created_at: Option<RangeFilter<DateTime<Utc>>>,
    pub updated_at: Option<RangeFilter<DateTime<Utc>>>,
    /// Conditions that all hold.
    pub attributes: Vec<AttributeFilter>,
    /// One of these segments keeps the account; empty where the segments are resolved.
    pub segments: Option<Vec<SegmentId>>,
    pub parts: Parts<AccountFilter>,
}

impl AccountFilter {
    /// Whether it names users or accounts, or holds what is written about one: names, tax ids and
    /// values of the attributes with these keys. Pure.
    pub(crate) fn names_somebody(&self, personal: &BTreeSet<String>) -> bool {
        let Parts { and, or, not } = &self.parts;
        let names = |ids: Option<bool>| ids.unwrap_or_default();
        self.name.is_some()
            || self.tax_id.is_some()
            || names(self.csm.as_ref().map(|csm| csm.one_of.is_some()))
            || names(self.parent.as_ref().map(|parent| parent.one_of.is_some()))
            || self.attributes.iter().any(|filter| filter.is_about(personal))
            || and.iter().chain(or).chain(not.as_deref()).any(|part| part.names_somebody(personal))
    }
}

impl Composed for AccountFilter {
    fn parts(&self) -> &Parts<Self> {
        &self.parts
    }

    fn values(&self) -> usize {
        let names = self.name.as_ref().map_or(0, |name| count(&name.one_of));
        names
            + count(&self.status)
            + count_refs(&self.market_segment)
            + count_refs(&self.package)
            + count_refs(&self.csm)
            + count_refs(&self.parent)
            + count(&self.segments)
            + self.attributes.iter().map(AttributeFilter::values).sum::<usize>()
    }

    fn attributes(&self) -> &[AttributeFilter] {
        &self.attributes
    }

    fn own(&self, cx: &Cx<'_>) -> Condition {
        let name = |filter: &TextFilter| {
            filter.clone().map(|text| fold(text.trim())).condition(Column::NameFolded)
        };
        let of_csm = |ids: Option<&[UserId]>| {
            Column::Id.in_subquery(assignment::accounts_of(cx, option::CSM, ids))
        };
        let csm = |filter: &RefFilter<UserId>| {
            let one_of = filter.one_of.as_deref().map(|ids| of_csm(Some(ids)));
            let anybody = |is_null| if is_null { of_csm(None).not() } else { of_csm(None) };
            Condition::all().add_option(one_of).add_option(filter.is_null.map(anybody))
        };
        let tax_id = |text: &String| {
            let forms = [Some(text.trim().to_owned()), tax_id::bare(text)];
            one_of(Column::TaxId, &forms.into_iter().flatten().collect::<Vec<_>>())
        };
        AttributeFilter::all(&self.attributes, cx, SubjectKind::Account, Column::Id)
            .add_option(self.name.as_ref().map(name))
            .add_option(self.status.as_ref().map(|words| one_of(Column::Status, words)))
            .add_option(
                self.market_segment.as_ref().map(|ids| ids.condition(Column::MarketSegmentId)),
            )
            .add_option(self.package.as_ref().map(|ids| ids.condition(Column::PackageId)))
            .add_option(self.csm.as_ref().map(csm))
            .add_option(self.parent.as_ref().map(|ids| ids.condition(Column::ParentId)))
            .add_option(self.tax_id.as_ref().map(tax_id))
            .add_option(self.created_at.as_ref().map(|range| range.condition(Column::CreatedAt)))
            .add_option(self.updated_at.as_ref().map(|range| range.condition(Column::UpdatedAt)))
    }
}

fn one_of<T: Clone + Into<Value>>(column: Column, values: &[T]) -> Expr {
    column.is_not_null().and(column.is_in(values.iter().cloned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Weight;

    #[test]
    fn a_filter_weighs_its_parts() {
        let leaf = || AccountFilter {
            status: Some(vec![AccountStatus::Trial, AccountStatus::Active]),
            ..Default::default()
        };
        let parts = Parts { or: vec![leaf(), leaf()], ..Default::default() };
        let inner = AccountFilter { parts, ..Default::default() };
        let parts = Parts { not: Some(Box::new(inner)), ..Default::default() };
        let filter = AccountFilter { parts, ..leaf() };
        assert_eq!(filter.weight(), Weight { depth: 3, nodes: 4, values: 6 });
    }
}
