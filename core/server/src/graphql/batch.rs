//! Where batches of loads run: within the future of their request, after every resolver that can
//! add to them has had its turn, and those of one level of the document before those of the next.
//! So batches are as large as they can be, a document always takes the same number of statements,
//! no time is spent on waiting for more, and all ends when the caller goes away.

use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::runtime::Timer;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};
use futures_util::task::{FutureObj, Spawn, SpawnError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Batch = FutureObj<'static, ()>;

/// Takes what a data loader spawns.
pub(super) struct Nursery(UnboundedSender<Batch>);

/// What was spawned and waits to be run.
pub(super) struct Batches {
    spawned: UnboundedReceiver<Batch>,
    running: FuturesUnordered<Batch>,
}

/// A nursery of one request, and what [`run`] needs of it.
pub(super) fn nursery() -> (Nursery, Batches) {
    let (sender, spawned) = unbounded_channel();
    (Nursery(sender), Batches { spawned, running: FuturesUnordered::new() })
}

impl Spawn for Nursery {
    fn spawn_obj(&self, batch: Batch) -> Result<(), SpawnError> {
        self.0.send(batch).map_err(|_| SpawnError::shutdown())
    }
}

/// The delay of the data loader: none, because [`run`] polls the request first.
pub(super) struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// Runs a request together with its batches.
pub(super) async fn run<F: Future>(request: F, mut batches: Batches) -> F::Output {
    let mut request = pin!(request);
    poll_fn(move |context| {
        let answer = request.as_mut().poll(context);
        if answer.is_pending() {
            batches.poll(context);
        }
        answer
    })
    .await
}

impl Batches {
    /// Moves on what runs; starts what was spawned once nothing runs. A batch that is done wakes
    /// the request, whose resolvers then add to what is started next.
    fn poll(&mut self, context: &mut Context<'_>) {
        if self.running.is_empty() {
            while let Poll::Ready(Some(batch)) = self.spawned.poll_recv(context) {
                self.running.push(batch);
            }
        }
        let mut running = pin!(&mut self.running);
        while let Poll::Ready(Some(())) = running.as_mut().poll_next(context) {
            context.waker().wake_by_ref();
        }
    }
}
