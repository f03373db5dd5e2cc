//! Loads for nested fields: what many rows ask for one by one is asked once.
//!
//! `load_by_id!(UserId => user::Model, user::many);` lets [`one`] find users, and
//! `load_children!(MembersOf(TeamId) => user::Model, team::members_each);` lets [`children`] page
//! the members of many teams in one statement.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader as Load, NoCache};
use jornada_domain::Cx;
use jornada_domain::auth::Actor;
use jornada_domain::error::Error;
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
/// Page<Row>>>` of the domain, one statement for each set of paging arguments.
macro_rules! load_children {
    ($(#[$doc:meta])* $key:ident($parent:ty) => $row:ty, $each:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        struct $key($parent);

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
                let mut pages = std::collections::HashMap::new();
                for (args, parents) in $crate::graphql::loader::by_args(keys, |key| key.0) {
                    let found = $each(&self.cx(), &parents, &args).await?;
                    pages.extend(found.into_iter().map(|(id, page)| (($key(id), args.clone()), page)));
                }
                Ok(pages)
            }
        }
    };
}

pub(super) use {load_by_id, load_children};

/// The parents for which the same page is asked.
pub(super) fn by_args<K, P>(
    keys: &[(K, PageArgs)],
    parent: impl Fn(&K) -> P,
) -> Vec<(PageArgs, Vec<P>)> {
    let mut groups: Vec<(PageArgs, Vec<P>)> = Vec::new();
    for (key, args) in keys {
        match groups.iter_mut().find(|(known, _)| known == args) {
            Some((_, parents)) => parents.push(parent(key)),
            None => groups.push((args.clone(), vec![parent(key)])),
        }
    }
    groups
}
