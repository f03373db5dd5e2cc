//! The application as tests use it: over a database of its own, with a clock that stands still
//! and ids that are the same on every run.

mod database;
mod inputs;
mod mutation;
pub(crate) mod plugins;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::BodyExt;
use jornada_domain::auth::user::{self, NewUser};
use jornada_domain::auth::{Actor, ActorKind, Origin, Role};
use jornada_domain::calendar::WorkingWeek;
use jornada_domain::id::{ApiTokenId, Ids, UserId};
use jornada_domain::workspace::{self, Locale, NewWorkspace, WorkspaceKind};
use jornada_domain::{Cx, Result, Tx};
use jornada_server::app::{App, Clock};
use jornada_server::db::{Db, Missing};
use jornada_server::erasure_log::ErasureLog;
use jornada_server::plugin::Plugins;
use jornada_server::secret::{Presented, Secret};
use jornada_server::setup::{self, Grant};
use jornada_server::{http, worker};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::sync::{Notify, OnceCell};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) use database::Directory;
use database::TestDatabase;
use inputs::{CountedIds, FixedClock};

/// A database that the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// `both!(a_name, another);` makes two tests of every `async fn a_name(app: TestApp)`:
/// `a_name::sqlite` and `a_name::postgres`. One that is not listed is reported as dead code.
macro_rules! both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::harness::{Engine, run};

            #[test]
            fn sqlite() {
                run(Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                run(Engine::Postgres, super::$name);
            }
        }
    )+};
}

pub(crate) use both;

/// Runs a test over a database of its own, or says why it is skipped. Fails when the test leaves
/// jobs behind that failed for good.
pub(crate) fn run<F>(engine: Engine, test: impl FnOnce(TestApp) -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    let body = move || {
        let runtime = jornada_server::runtime::build().expect("a runtime starts");
        runtime.block_on(async {
            if let Some(app) = TestApp::new(engine).await {
                test(app.clone()).await;
                assert_eq!(app.failures("state = 'DEAD'").await, [""; 0], "jobs died");
                app.app.db.clone().close().await.expect("the connections close");
            }
        });
    };
    on_a_server_thread(body);
}

/// Runs on a thread like those of the server, whose stack lasts for nested answers.
pub(crate) fn on_a_server_thread(body: impl FnOnce() + Send + 'static) {
    let stack = jornada_server::runtime::STACK_BYTES;
    let thread = std::thread::Builder::new().stack_size(stack).spawn(body);
    if let Err(panic) = thread.expect("a thread starts").join() {
        std::panic::resume_unwind(panic);
    }
}

/// The application in a test. Clones share everything.
#[derive(Clone)]
pub(crate) struct TestApp {
    /// What the tests talk to.
    pub(crate) app: Arc<App>,
    /// Cancelled, the process counts as stopping.
    pub(crate) stop: CancellationToken,
    clock: Arc<FixedClock>,
    router: Router,
    statements: Arc<AtomicUsize>,
    tenants: Arc<AtomicU64>,
    home: Arc<OnceCell<Tenant>>,
    database: Arc<TestDatabase>,
    log: Arc<Directory>,
}

/// A workspace and its owner.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) workspace: workspace::Model,
    pub(crate) owner: user::Model,
    pub(crate) token: String,
}

impl Tenant {
    /// The owner, as a token of his with all rights makes him.
    pub(crate) fn actor(&self) -> Actor {
        actor(&self.owner)
    }
}

/// A user as a token with all rights of his role makes him, in the real time.
pub(crate) fn actor(user: &user::Model) -> Actor {
    Actor {
        workspace_id: user.workspace_id,
        kind: ActorKind::User,
        user_id: Some(user.id),
        scopes: user.role.scopes(),
        origin: Origin::Api,
        clock_offset: TimeDelta::zero(),
    }
}

impl TestApp {
    /// The application over a new, migrated database; `None` where the engine is not to be had.
    pub(crate) async fn new(engine: Engine) -> Option<Self> {
        let ids = Arc::new(CountedIds::default());
        Some(Self::over(TestDatabase::new(engine).await?, Arc::default(), ids).await)
    }

    /// The same over a copy of its database, as a backup gives it back, with an erasure log of its
    /// own.
    pub(crate) async fn backup(&self) -> Self {
        let (clock, ids) = (self.clock.clone(), self.app.ids.clone());
        let copy = Self::over(self.database.copy().await, clock, ids).await;
        Self { home: self.home.clone(), tenants: self.tenants.clone(), ..copy }
    }

    async fn over(database: TestDatabase, clock: Arc<FixedClock>, ids: Arc<dyn Ids>) -> Self {
        let database = Arc::new(database);
        let mut db = Db::open(database.url(), 5, Missing::Refuse).await.expect("it opens");
        let statements = Arc::new(AtomicUsize::new(0));
        let counter = statements.clone();
        db.observe(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let log = Arc::new(Directory::new());
        let erasure_log = Some(ErasureLog::at(log.path().join("erasures.jsonl")));
        let plugins = Arc::new(Plugins::new(plugins::settings()));
        let app = Arc::new(App { clock: clock.clone(), ids, erasure_log, plugins, ..App::new(db) });
        let stop = CancellationToken::new();
        let router = http::router(app.clone(), 1 << 20, stop.clone());
        let (tenants, home) = Default::default();
        Self { app, stop, clock, router, statements, tenants, home, database, log }
    }

    /// The URL of the database, for the command line.
    pub(crate) fn database_url(&self) -> &str {
        self.database.text()
    }

    /// The file that says who was erased.
    pub(crate) fn erasure_log(&self) -> PathBuf {
        self.log.path().join("erasures.jsonl")
    }

    /// The real time, as the application sees it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sets the clock; it stands still otherwise. It begins at 2026-01-20T12:00:00Z.
    pub(crate) fn set_time(&self, now: &str) {
        self.clock.set(now.parse().expect("it is a time with a zone"));
    }

    /// Sets the clock forward by whole days.
    pub(crate) fn advance(&self, days: i64) {
        self.clock.set(self.now() + TimeDelta::days(days));
    }

    /// A new production workspace in São Paulo, in English, with an owner.
    pub(crate) async fn workspace(&self) -> Tenant {
        self.tenant(WorkspaceKind::Production).await
    }

    /// The same, but one whose clock can be advanced. Actors of it are in the real time.
    pub(crate) async fn sandbox(&self) -> Tenant {
        self.tenant(WorkspaceKind::Sandbox).await
    }

    async fn tenant(&self, kind: WorkspaceKind) -> Tenant {
        let number = self.tenants.fetch_add(1, Ordering::Relaxed) + 1;
        let new = NewWorkspace {
            slug: format!("workspace-{number}"),
            name: format!("Workspace {number}"),
            kind,
            time_zone: "America/Sao_Paulo".to_owned(),
            locale: Locale::En,
            working_week: WorkingWeek::MONDAY_TO_FRIDAY,
        };
        let owner = new_user(Role::Owner, number);
        let made = setup::create_workspace(&self.app, new, owner, &secret(number)).await;
        let made = made.expect("the workspace is set up");
        self.use_once(&made.token).await;
        Tenant { workspace: made.workspace, owner: made.owner, token: made.token }
    }

    /// The workspace that a test with one workspace works in; made when it is first asked for.
    pub(crate) async fn home(&self) -> &Tenant {
        self.home.get_or_init(|| self.workspace()).await
    }

    /// A new user of the home workspace.
    pub(crate) async fn user(&self, role: Role) -> user::Model {
        let tenant = self.home().await;
        let new = new_user(role, self.tenants.fetch_add(1, Ordering::Relaxed) + 1);
        self.write(&tenant.actor(), async |tx| user::create(tx, new).await).await
    }

    /// A token with all rights of a new user of the home workspace.
    pub(crate) async fn token(&self, role: Role) -> String {
        let user = self.user(role).await;
        self.token_of(user.id, &[]).await
    }

    /// A token of a user of the home workspace with these scopes; all rights for none.
    pub(crate) async fn token_of(&self, user_id: UserId, scopes: &[&str]) -> String {
        let tenant = self.home().await;
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let grant = Grant { user_id, name: "Test".to_owned(), scopes, expires_at: None };
        let secret = secret(self.tenants.fetch_add(1, Ordering::Relaxed) + 1);
        let give = async |tx: &Tx<'_>| setup::give_token(tx, grant, &secret).await;
        let token = self.write(&tenant.actor(), give).await;
        self.use_once(&token).await;
        token
    }

    /// So that the first request with a token takes as many statements as the second.
    async fn use_once(&self, token: &str) {
        let presented = Presented::parse(token).expect("it is a token");
        let (db, now) = (self.app.db.write(), self.now());
        let found =
            jornada_domain::auth::token::by_id(db, presented.workspace_id, presented.token_id);
        let found = found.await.expect("it can be read").expect("it is there");
        jornada_domain::auth::token::note_use(db, &found.token, now).await.expect("it is noted");
    }

    /// Runs a verb in a transaction, and fails when the verb does.
    pub(crate) async fn write<R>(
        &self,
        actor: &Actor,
        verb: impl AsyncFnOnce(&Tx<'_>) -> Result<R>,
    ) -> R {
        self.try_write(actor, verb).await.expect("the verb is done")
    }

    /// Runs a verb in a transaction, which is undone when the verb fails.
    pub(crate) async fn try_write<R>(
        &self,
        actor: &Actor,
        verb: impl AsyncFnOnce(&Tx<'_>) -> Result<R>,
    ) -> Result<R> {
        let tx = self.app.begin(actor).await?;
        let value = verb(&tx).await?;
        self.app.commit(tx).await?;
        Ok(value)
    }

    /// A context for reading.
    pub(crate) fn read<'a>(&'a self, actor: &'a Actor) -> Cx<'a> {
        self.app.read(actor)
    }

    /// The answer of the API to a query, with `data` and `errors`.
    pub(crate) async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        let (status, answer) = self.graphql_from(token, None, query, variables).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// The status and body of what a request gets, which may say its origin.
    pub(crate) async fn graphql_from(
        &self,
        token: &str,
        origin: Option<&str>,
        query: &str,
        variables: Value,
    ) -> (StatusCode, Value) {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(origin) = origin {
            request = request.header("Jornada-Origin", origin);
        }
        let (status, _, body) = self.request(request.body(body.into()).expect("a request")).await;
        (status, body)
    }

    /// The `data` of the answer; fails when there are errors.
    pub(crate) async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(token, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// Any request; a body that is not JSON comes back as a string.
    pub(crate) async fn request(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
        let response = self.router.clone().oneshot(request).await.expect("it never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body comes").to_bytes();
        let text = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        (parts.status, parts.headers, body)
    }

    /// Runs all jobs that are due and those that follow from them; says how many. Fails when one
    /// of them failed.
    pub(crate) async fn run_jobs(&self) -> usize {
        let count = worker::run_due(&self.app).await.expect("jobs can be claimed");
        let failed = "last_error IS NOT NULL AND state <> 'DONE'";
        assert_eq!(self.failures(failed).await, [""; 0], "jobs failed");
        count
    }

    /// The kinds and errors of the jobs that satisfy a condition in SQL.
    async fn failures(&self, condition: &str) -> Vec<String> {
        let sql = format!("SELECT kind, last_error FROM job WHERE {condition}");
        let db = self.app.db.read();
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let rows = db.query_all_raw(statement).await.expect("jobs can be read");
        let tell = |row: &sea_orm::QueryResult| {
            let (kind, error): (String, Option<String>) =
                row.try_get_many("", &["kind".into(), "last_error".into()]).expect("two texts");
            format!("{kind}: {}", error.unwrap_or_default())
        };
        rows.iter().map(tell).collect()
    }

    /// How many SQL statements run within `work`, beside the beginning and end of transactions.
    pub(crate) async fn statements<R>(&self, work: impl Future<Output = R>) -> (R, usize) {
        let before = self.statements.load(Ordering::Relaxed);
        let result = work.await;
        (result, self.statements.load(Ordering::Relaxed) - before)
    }

    /// The same application with other jobs.
    pub(crate) fn with_handlers(&self, handlers: worker::Handlers) -> App {
        App {
            plugins: self.app.plugins.clone(),
            db: self.app.db.clone(),
            clock: self.app.clock.clone(),
            ids: self.app.ids.clone(),
            handlers,
            wake: Notify::new(),
            erasure_log: self.app.erasure_log.clone(),
        }
    }
}

fn new_user(role: Role, number: u64) -> NewUser {
    let word = format!("{role:?}").to_lowercase();
    NewUser {
        email: format!("{word}-{number}@example.com"),
        name: format!("{role:?} {number}"),
        role,
        locale: None,
    }
}

/// Secrets need not be secret here, only different.
fn secret(number: u64) -> Secret {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Secret::from_bytes(bytes)
}

/// The id of a token, which is written in it.
pub(crate) fn token_id(token: &str) -> ApiTokenId {
    Presented::parse(token).expect("it is a token").token_id
}

/// What a query is refused for: `field: CODE` of each error, one a line.
pub(crate) fn problems(answer: &Value) -> String {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let told = errors.iter().map(|error| {
        let extensions = &error["extensions"];
        let text = |name: &str| extensions[name].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("field"), text("code"))
    });
    told.collect::<Vec<_>>().join("\n")
}
