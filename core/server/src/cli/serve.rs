//! `jornada serve`: the API and the worker in one process, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::config::{Config, ServeFlags};
use crate::db::{self, Db, Missing, SchemaState, ServeLock};
use crate::{erasure_log, http, telemetry, worker};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: ServeFlags,
}

/// How long requests and jobs that run may go on when the process is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// Opens the database, lets `prepare` do something with it when the address is taken, and serves.
pub(super) async fn run(
    config: &Config,
    prepare: impl AsyncFnOnce(&App, SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    telemetry::start(config)?;
    let (db, _lock) = open(config).await?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", config.listen))?;
    let app = Arc::new(App::configured(db.clone(), config));
    let address = listener.local_addr()?;
    erasure_log::reapply_at_start(&app).await?;
    prepare(&app, address).await?;
    if serve(config, app, listener).await? {
        db.close().await?;
    } else {
        tracing::warn!("stopped while something ran; what was not committed is undone");
    }
    Ok(())
}

/// The database, made and migrated where necessary, and no other server on it.
pub(super) async fn open(config: &Config) -> anyhow::Result<(Db, ServeLock)> {
    let url = &config.database_url;
    let db = Db::open(url, config.postgres_connections, Missing::Create).await?;
    let lock = ServeLock::take(url)?;
    migrate(&db).await?;
    Ok((db, lock))
}

/// Serves until the process is told to stop; says whether everything that ran has ended.
async fn serve(config: &Config, app: Arc<App>, listener: TcpListener) -> anyhow::Result<bool> {
    let mut signals = Signals::listen()?;
    let address = listener.local_addr()?;
    tracing::info!(%address, database = %config.database_url, "listening");
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    if config.worker {
        tasks.spawn(worker::run(app.clone(), config.worker_concurrency, stop.clone()));
    }
    let router = http::router(app, config.request_body_max_bytes, stop.clone());
    let server = axum::serve(listener, router);
    let server = server.with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut serving = tasks.spawn(server.into_future());
    tasks.close();
    tokio::select! {
        () = signals.stop() => {}
        ended = &mut serving => ended?.context("the server ended")?,
    }
    tracing::info!("stopping; what runs may finish, unless told again");
    stop.cancel();
    tokio::select! {
        () = tasks.wait() => Ok(true),
        () = tokio::time::sleep(DRAIN) => Ok(false),
        () = signals.stop() => Ok(false),
    }
}

/// Migrates a database that is behind, and refuses one that is ahead.
async fn migrate(db: &Db) -> anyhow::Result<()> {
    match db::schema_state(db).await? {
        SchemaState::Behind(_) => {
            let count = db::migrate(db).await?;
            tracing::info!(count, "the database was migrated");
            Ok(())
        }
        state => state.require_current(),
    }
}

/// What tells the process to stop: Ctrl-C, or SIGTERM from a supervisor.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From here on, a signal does not end the process by itself.
    fn listen() -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
