//! Loads for nested fields: what many rows ask for one by one is asked once.
//!
//! `load_by_id!(UserId => user::Model, user::many);` lets [`one`] find users, and
//! `load_children!(MembersOf(TeamId) => user::Model, team::members_each);` lets [`children`] page
//! the members of many teams in one statement. With a filter it is
//! `load_children!(InteractionsOf(AccountId, InteractionFilter) => …)`, and
//! `load_of!(LastTouchOf(AccountId) => interaction::Model, last_touch, account_id);` lets [`one`]
//! find the one row of a parent. `load_each!` is for everything else, like [`all`] rows of a parent
//! that has few.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader as Load, NoCache};
use jornada_domain::Cx;
use jornada_domain::auth::Actor;
use jornada_domain::error::{Error, Result};
use jornada_domain::page::{Page, PageArgs};

use super::batch::{NoDelay, Nursery};
use super::connection::{Connection, Paging};
use super::request::{Answer, call};
use crate::app::App;

/// Ids that go into one statement: far below the 32,766 values that SQLite binds.
const MAX_BATCH: usize = 1000;

/// The loader of one request.
pub(super) type Loader = DataLoader<Loads, NoCache>;

/// What a load needs.
pub(super) struct Loads {
    pub(super) app: Arc<App>,
    pub(super) actor: Arc<Actor>,
}

impl Loads {
    /// A context for reading.
    pub(super) fn cx(&self) -> Cx<'_> {
        self.app.read(&self.actor)
    }
}

/// The loader of a request, whose batches run in its nursery.
pub(super) fn new(loads: Loads, nursery: Nursery) -> Loader {
    DataLoader::new(loads, nursery, NoDelay).delay(Duration::ZERO).max_batch_size(MAX_BATCH)
}

/// The record of an id; null where there is none.
pub(super) async fn one<I, T>(ctx: &Context<'_>, id: Option<I>) -> Answer<T>
where
    I: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loads: Load<I, Error = Error>,
    T: From<<Loads as Load<I>>::Value>,
{
    let row = call(ctx).loads.load_one(id?).await.transpose()?;
    Some(row.map(T::from))
}

/// The records of these ids, in their order; what is not there is left out.
pub(super) async fn each<I, T>(ctx: &Context<'_>, ids: &[I]) -> Answer<Vec<T>>
where
    I: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loads: Load<I, Error = Error>,
    T: From<<Loads as Load<I>>::Value>,
{
    let found = call(ctx).loads.load_many(ids.iter().cloned()).await;
    let in_order = |mut found: HashMap<I, _>| {
        ids.iter().filter_map(|id| found.remove(id)).map(T::from).collect()
    };
    Some(found.map(in_order))
}

/// All rows of a parent, where they are few.
pub(super) async fn all<K, R, T>(ctx: &Context<'_>, of: K) -> Answer<Vec<T>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loads: Load<K, Value = Vec<R>, Error = Error>,
    T: From<R>,
{
    let rows = call(ctx).loads.load_one(of).await;
    Some(rows.map(|rows| rows.unwrap_or_default().into_iter().map(T::from).collect()))
}

/// One page of a nested list.
pub(super) async fn children<K, R, T>(
    ctx: &Context<'_>,
    of: K,
    paging: Paging,
) -> Answer<Connection<T>>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loads: Load<(K, PageArgs), Value = Page<R>, Error = Error>,
    T: From<R>,
{
    let args = match paging.args(ctx) {
        Ok(args) => args,
        Err(error) => return Some(Err(error)),
    };
    let page = call(ctx).loads.load_one((of, args)).await.transpose()?;
    Some(page.map(Connection::from))
}

/// [`children`] with a filter, which is part of what is asked and may be wrong.
pub(super) async fn narrowed<F, K, R, T>(
    ctx: &Context<'_>,
    filter: Result<Option<F>>,
    of: impl FnOnce(F) -> K,
    paging: Paging,
) -> Answer<Connection<T>>
where
    F: Default,
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    Loads: Load<(K, PageArgs), Value = Page<R>, Error = Error>,
    T: From<R>,
{
    match filter {
        Ok(filter) => children(ctx, of(filter.unwrap_or_default()), paging).await,
        Err(error) => Some(Err(error)),
    }
}

/// Loads rows by id through a function `many(cx, &[Id]) -> Result<Vec<Row>>` of the domain.
macro_rules! load_by_id {
    ($id:ty => $row:ty, $many:path) => {
        impl async_graphql::dataloader::Loader<$id> for $crate::graphql::loader::Loads {
            type Value = $row;
            type Error = jornada_domain::Error;

            async fn load(
                &self,
                ids: &[$id],
            ) -> jornada_domain::Result<std::collections::HashMap<$id, $row>> {
                let rows = $many(&self.cx(), ids).await?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    };
}

/// Loads pages through a function `each(cx, &[Parent], &PageArgs) -> Result<HashMap<Parent,
/// Page<Row>>>` of the domain, one statement for each set of paging arguments; with a filter in
/// the key, through `each(cx, &[Parent], &Filter, &PageArgs)`.
macro_rules! load_children {
    ($(#[$doc:meta])* $key:ident($parent:ty $(, $filter:ty)?) => $row:ty, $each:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        struct $key($parent $(, $filter)?);

        impl async_graphql::dataloader::Loader<($key, jornada_domain::page::PageArgs)>
            for $crate::graphql::loader::Loads
        {
            type Value = jornada_domain::page::Page<$row>;
            type Error = jornada_domain::Error;

            async fn load(
                &self,
                keys: &[($key, jornada_domain::page::PageArgs)],
            ) -> jornada_domain::Result<
                std::collections::HashMap<($key, jornada_domain::page::PageArgs), Self::Value>,
            > {
                $crate::graphql::loader::load_children!(@load self, keys, $key, $each $(, $filter)?)
            }
        }
    };
    (@load $self:ident, $keys:ident, $key:ident, $each:path) => {{
        let mut pages = std::collections::HashMap::new();
        let split = |($key(id), args): &($key, jornada_domain::page::PageArgs)| (*id, args.clone());
        for (args, parents) in $crate::graphql::loader::alike($keys, split) {
            let found = $each(&$self.cx(), &parents, &args).await?;
            pages.extend(found.into_iter().map(|(id, page)| (($key(id), args.clone()), page)));
        }
        Ok(pages)
    }};
    (@load $self:ident, $keys:ident, $key:ident, $each:path, $filter:ty) => {{
        let mut pages = std::collections::HashMap::new();
        let split = |($key(id, filter), args): &($key, jornada_domain::page::PageArgs)| {
            (*id, (filter.clone(), args.clone()))
        };
        for ((filter, args), parents) in $crate::graphql::loader::alike($keys, split) {
            let found = $each(&$self.cx(), &parents, &filter, &args).await?;
            let key = |id| ($key(id, filter.clone()), args.clone());
            pages.extend(found.into_iter().map(|(id, page)| (key(id), page)));
        }
        Ok(pages)
    }};
}

/// Loads at most one row of a parent through `each(cx, &[Parent]) -> Result<Vec<Row>>` of the
/// domain; `parent` is the column of the row that names it.
macro_rules! load_of {
    ($key:ident($id:ty) => $row:ty, $each:path, $parent:ident) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        struct $key($id);

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::loader::Loads {
            type Value = $row;
            type Error = jornada_domain::Error;

            async fn load(
                &self,
                keys: &[$key],
            ) -> jornada_domain::Result<std::collections::HashMap<$key, $row>> {
                let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
                let rows = $each(&self.cx(), &ids).await?;
                Ok(rows.into_iter().map(|row| ($key(row.$parent), row)).collect())
            }
        }
    };
}

/// Loads what a function `each(cx, &[Parent]) -> Result<HashMap<Parent, Value>>` of the domain
/// finds: [`one`] takes a single value, [`all`] a `Vec` of few rows.
macro_rules! load_each {
    ($key:ident($id:ty) => $value:ty, $each:path) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        struct $key($id);

        impl async_graphql::dataloader::Loader<$key> for $crate::graphql::loader::Loads {
            type Value = $value;
            type Error = jornada_domain::Error;

            async fn load(
                &self,
                keys: &[$key],
            ) -> jornada_domain::Result<std::collections::HashMap<$key, $value>> {
                let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
                let found = $each(&self.cx(), &ids).await?;
                Ok(found.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    };
}

pub(super) use {load_by_id, load_children, load_each, load_of};

/// The parents for which the same is asked.
pub(super) fn alike<K, P, A: PartialEq>(
    keys: &[K],
    split: impl Fn(&K) -> (P, A),
) -> Vec<(A, Vec<P>)> {
    let mut groups: Vec<(A, Vec<P>)> = Vec::new();
    for (parent, asked) in keys.iter().map(split) {
        match groups.iter_mut().find(|(known, _)| *known == asked) {
            Some((_, parents)) => parents.push(parent),
            None => groups.push((asked, vec![parent])),
        }
    }
    groups
}
