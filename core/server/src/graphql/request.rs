//! One request: who asks, in which language, and the ways from a resolver into the domain.
//!
//! A resolver calls [`read`], [`list`] or [`write`] (or, for nested fields, the loader) and
//! nothing else. Every field that asks the domain is nullable and fails alone: [`Answer`].

use std::pin::Pin;
use std::sync::Arc;

use async_graphql::{Context, Request, Response};
use jornada_domain::auth::Actor;
use jornada_domain::error::{Error, Result};
use jornada_domain::page::{Page, PageArgs};
use jornada_domain::workspace::Locale;
use jornada_domain::{Cx, Tx};

use super::connection::{Connection, Paging};
use super::error::{self, UserError};
use super::loader::{self, Loads};
use super::{Schema, batch};
use crate::app::App;

/// What a nullable field resolves to: nothing, a value, or an error that nulls only this field.
pub(super) type Answer<T> = Option<Result<T>>;

/// Who asks, as the transport has made it out.
#[derive(Clone)]
pub struct Caller {
    /// On whose behalf everything is done.
    pub actor: Arc<Actor>,
    /// The language of messages.
    pub locale: Locale,
    /// Stands in the answer and in the log.
    pub request_id: String,
}

/// What resolvers find in their context.
pub(super) struct Call {
    app: Arc<App>,
    caller: Caller,
    pub(super) loads: loader::Loader,
}

/// Answers one request. Batches of loads run within this future, so dropping it stops them.
pub async fn answer(schema: &Schema, app: &Arc<App>, caller: Caller, request: Request) -> Response {
    let (nursery, batches) = batch::nursery();
    let loads = Loads { app: app.clone(), actor: caller.actor.clone() };
    let Caller { locale, request_id, .. } = caller.clone();
    let call = Call { app: app.clone(), caller, loads: loader::new(loads, nursery) };
    let mut response = batch::run(schema.execute(request.data(call)), batches).await;
    error::finish(&mut response, locale, &request_id);
    response
}

/// The call that a resolver belongs to.
pub(super) fn call<'c>(ctx: &Context<'c>) -> &'c Call {
    ctx.data_unchecked()
}

impl Call {
    /// What lives as long as the process.
    pub(super) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Who asks.
    pub(super) fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The language of messages.
    pub(super) fn locale(&self) -> Locale {
        self.caller.locale
    }

    /// A context for reading.
    pub(super) fn cx(&self) -> Cx<'_> {
        self.app.read(self.actor())
    }
}

/// Puts what a resolver waits for on the heap. A document is one future, made of those of every
/// field that its types have; with the verbs of the domain in them it would not fit on a stack.
/// A function of its own, whose frame is gone when the future is polled.
#[inline(never)]
fn aside<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// A field that asks the domain.
pub(super) async fn read<T, R>(
    ctx: &Context<'_>,
    ask: impl AsyncFnOnce(&Cx<'_>) -> Result<R>,
) -> Answer<T>
where
    T: From<R>,
{
    let cx = call(ctx).cx();
    Some(aside(|| ask(&cx)).await.map(T::from))
}

/// A field that is a list: parses the paging arguments and makes the page a connection.
pub(super) async fn list<T, R>(
    ctx: &Context<'_>,
    paging: Paging,
    ask: impl AsyncFnOnce(&Cx<'_>, &PageArgs) -> Result<Page<R>>,
) -> Answer<Connection<T>>
where
    T: From<R>,
{
    let args = match paging.args(ctx) {
        Ok(args) => args,
        Err(error) => return Some(Err(error)),
    };
    let cx = call(ctx).cx();
    Some(aside(|| ask(&cx, &args)).await.map(Connection::from))
}

/// The payload of a mutation; [`payload!`] makes them.
pub(super) trait Payload {
    /// What the verb gave.
    type Value;

    /// The payload of a verb that was done.
    fn done(value: Self::Value) -> Self;

    /// The payload of a verb that did nothing.
    fn refused(problems: Vec<UserError>) -> Self;
}

/// A mutation: begins, runs the verb, and commits when all went well. Problems that the caller can
/// mend become `userErrors`.
pub(super) async fn write<P, R>(
    ctx: &Context<'_>,
    verb: impl AsyncFnOnce(&Tx<'_>) -> Result<R>,
) -> Result<P>
where
    P: Payload,
    P::Value: From<R>,
{
    prepared(ctx, async |_| Ok(()), async |tx, ()| verb(tx).await).await
}

/// The same, where something is asked before that must not wait in a transaction, such as a plugin.
/// It authorises by itself.
pub(super) async fn prepared<P, A, R>(
    ctx: &Context<'_>,
    ask: impl AsyncFnOnce(&Cx<'_>) -> Result<A>,
    verb: impl AsyncFnOnce(&Tx<'_>, A) -> Result<R>,
) -> Result<P>
where
    P: Payload,
    P::Value: From<R>,
{
    worked(ctx, async |call: &Call| {
        let cx = call.cx();
        let asked = ask(&cx).await?;
        let tx = call.app.begin(call.actor()).await?;
        let value = verb(&tx, asked).await?;
        call.app.commit(tx).await?;
        Ok(value)
    })
    .await
}

/// A mutation that begins and commits by itself.
pub(super) async fn worked<P, R>(
    ctx: &Context<'_>,
    work: impl AsyncFnOnce(&Call) -> Result<R>,
) -> Result<P>
where
    P: Payload,
    P::Value: From<R>,
{
    let call = call(ctx);
    match aside(|| work(call)).await {
        Ok(value) => Ok(P::done(value.into())),
        Err(Error::Problems(problems)) => {
            let told = problems.iter().map(|problem| UserError::new(problem, call.caller.locale));
            Ok(P::refused(told.collect()))
        }
        Err(other) => Err(other),
    }
}

/// `payload! { /// What came of it. HolidayCreatePayload { /// The holiday. holiday: Holiday } }`
/// makes the payload of a mutation: its fields are null unless it was done. With several fields,
/// the verb gives a tuple of them.
macro_rules! payload {
    (@all $one:tt) => { $one };
    (@all $($many:tt)+) => { ($($many),+) };
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $about:literal])+ $field:ident: $type:ident),+ $(,)? }
    ) => {
        $(#[doc = $doc])+
        #[derive(async_graphql::SimpleObject)]
        pub(super) struct $name {
            $($(#[doc = $about])+ $field: Option<$type>,)+
            /// What the caller must mend; empty when it was done.
            user_errors: Vec<$crate::graphql::error::UserError>,
        }

        impl $crate::graphql::request::Payload for $name {
            type Value = $crate::graphql::request::payload!(@all $($type)+);

            fn done($crate::graphql::request::payload!(@all $($field)+): Self::Value) -> Self {
                Self { $($field: Some($field),)+ user_errors: Vec::new() }
            }

            fn refused(user_errors: Vec<$crate::graphql::error::UserError>) -> Self {
                Self { $($field: None,)+ user_errors }
            }
        }
    };
}

pub(super) use payload;
