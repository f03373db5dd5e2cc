//! What narrows a list of accounts: conditions that all hold, and their composition.

use sea_orm::sea_query::ExprTrait;

use super::{AccountStatus, Column};
use crate::accounts::{assignment, tax_id};
use crate::filter::{RangeFilter, TextFilter};
use crate::input::fold;
use crate::options::option;
use crate::prelude::*;

/// What narrows a list of accounts; what is given must all hold.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// The name, whatever its case and accents.
    pub name: Option<TextFilter>,
    pub status: Option<Vec<AccountStatus>>,
    pub market_segment_ids: Option<Vec<OptionId>>,
    pub package_ids: Option<Vec<OptionId>>,
    /// Accounts of which one of these users is the CSM now.
    pub csm_ids: Option<Vec<UserId>>,
    pub parent_ids: Option<Vec<AccountId>>,
    /// A CNPJ may be written with its punctuation or without.
    pub tax_id: Option<String>,
    pub created_at: Option<RangeFilter<DateTime<Utc>>>,
    pub updated_at: Option<RangeFilter<DateTime<Utc>>>,
    /// All of these hold.
    pub and: Vec<AccountFilter>,
    /// One of these holds; none given is no condition.
    pub or: Vec<AccountFilter>,
    /// This does not hold.
    pub not: Option<Box<AccountFilter>>,
}

/// How deep filters may stand in one another.
const MAX_DEPTH: usize = 5;
/// How many filters one may be composed of.
const MAX_NODES: usize = 100;
/// How many values a filter may name altogether; a statement cannot bind many more.
const MAX_VALUES: usize = 1000;

#[derive(Default)]
struct Weight {
    depth: usize,
    nodes: usize,
    values: usize,
}

impl AccountFilter {
    /// The rows that the filter keeps, or why the filter is too large.
    pub(super) fn condition(&self, cx: &Cx<'_>) -> Result<Condition> {
        let weight = self.weight();
        let mut checks = Checks::new();
        for (found, max) in
            [(weight.depth, MAX_DEPTH), (weight.nodes, MAX_NODES), (weight.values, MAX_VALUES)]
        {
            checks.ensure(found <= max, || Problem::new("filter", Code::TooMany).with("max", max));
        }
        checks.finish()?;
        Ok(self.holds(cx))
    }

    fn weight(&self) -> Weight {
        fn count<T>(list: &Option<Vec<T>>) -> usize {
            list.as_ref().map_or(0, Vec::len)
        }
        let names = self.name.as_ref().map_or(0, |name| count(&name.one_of));
        let values = names
            + count(&self.status)
            + count(&self.market_segment_ids)
            + count(&self.package_ids)
            + count(&self.csm_ids)
            + count(&self.parent_ids);
        let own = Weight { depth: 0, nodes: 1, values };
        let parts = self.and.iter().chain(&self.or).chain(self.not.as_deref());
        let mut weight = parts.map(Self::weight).fold(own, |sum, part| Weight {
            depth: sum.depth.max(part.depth),
            nodes: sum.nodes + part.nodes,
            values: sum.values + part.values,
        });
        weight.depth += 1;
        weight
    }

    fn holds(&self, cx: &Cx<'_>) -> Condition {
        let mut condition = self.own(cx);
        for part in &self.and {
            condition = condition.add(part.holds(cx));
        }
        if !self.or.is_empty() {
            let any = self.or.iter().map(|part| part.holds(cx));
            condition = condition.add(any.fold(Condition::any(), Condition::add));
        }
        condition.add_option(self.not.as_ref().map(|part| part.holds(cx).not()))
    }

    /// The conditions but for the composition. None of them is ever null, so that `not` is the
    /// opposite also for accounts without a value.
    fn own(&self, cx: &Cx<'_>) -> Condition {
        let name = |filter: &TextFilter| {
            filter.clone().map(|text| fold(text.trim())).condition(Column::NameFolded)
        };
        let csm = |ids: &Vec<UserId>| {
            Column::Id.in_subquery(assignment::accounts_of(cx, option::CSM, ids))
        };
        let tax_id = |text: &String| {
            let forms = [Some(text.trim().to_owned()), tax_id::bare(text)];
            one_of(Column::TaxId, &forms.into_iter().flatten().collect::<Vec<_>>())
        };
        Condition::all()
            .add_option(self.name.as_ref().map(name))
            .add_option(self.status.as_ref().map(|words| one_of(Column::Status, words)))
            .add_option(
                self.market_segment_ids.as_ref().map(|ids| one_of(Column::MarketSegmentId, ids)),
            )
            .add_option(self.package_ids.as_ref().map(|ids| one_of(Column::PackageId, ids)))
            .add_option(self.csm_ids.as_ref().map(csm))
            .add_option(self.parent_ids.as_ref().map(|ids| one_of(Column::ParentId, ids)))
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

    #[test]
    fn a_filter_weighs_its_parts() {
        let leaf = || AccountFilter {
            status: Some(vec![AccountStatus::Trial, AccountStatus::Active]),
            ..Default::default()
        };
        let inner = AccountFilter { or: vec![leaf(), leaf()], ..Default::default() };
        let filter = AccountFilter { not: Some(Box::new(inner)), ..leaf() };
        let Weight { depth, nodes, values } = filter.weight();
        assert_eq!((depth, nodes, values), (3, 4, 6));
    }
}
