//! A database for one test: a copy of a migrated template, which is quicker than migrating.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jornada_server::db::{self, DatabaseUrl, Db, Missing};
use sea_orm::sqlx::postgres::{PgAdvisoryLock, PgConnection};
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor, query_scalar};
use sha2::{Digest, Sha256};
use tokio::runtime::Builder;
use tokio::sync::OnceCell;

use super::Engine;

/// A database that is gone when this is dropped.
pub(super) struct TestDatabase {
    url: DatabaseUrl,
    text: String,
    place: Place,
}

enum Place {
    File { _directory: Directory },
    Server { admin: String, name: String },
}

/// A new, empty directory, gone when this is dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let path = env::temp_dir().join(unique_name());
        // Left behind by a process with the same id, which was killed.
        drop(fs::remove_dir_all(&path));
        fs::create_dir(&path).expect("the directory is made");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // One that stays behind harms nobody.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Of this process and, by its number, of this machine.
fn unique_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("jornada_test_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

impl TestDatabase {
    /// A migrated database; `None` where the engine is not to be had.
    pub(super) async fn new(engine: Engine) -> Option<Self> {
        let (text, place) = match engine {
            Engine::Sqlite => sqlite().await,
            Engine::Postgres => postgres(&server()?).await,
        };
        Some(Self { url: text.parse().expect("it is a URL"), text, place })
    }

    /// A copy of the database as it is now. Whoever is connected to a server is cut off for it, and
    /// connects again.
    pub(super) async fn copy(&self) -> Self {
        let (text, place) = match &self.place {
            Place::File { .. } => {
                let (text, place, path) = new_file();
                let mut source = SqliteConnection::connect(&self.text).await.expect("it opens");
                let sql = format!("VACUUM INTO '{}'", path.display());
                source.execute(AssertSqlSafe(sql)).await.expect("it is copied");
                source.close().await.expect("it closes");
                (text, place)
            }
            Place::Server { admin, name } => {
                let copy = unique_name();
                let mut connection = connect(admin).await;
                let others = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = '{name}'"
                );
                execute(&mut connection, &others).await;
                let sql = format!("CREATE DATABASE {copy} TEMPLATE {name}");
                execute(&mut connection, &sql).await;
                let text = url_of(admin, &copy);
                (text, Place::Server { admin: admin.clone(), name: copy })
            }
        };
        Self { url: text.parse().expect("it is a URL"), text, place }
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { admin, name } = &self.place else { return };
        let (admin, sql) = (admin.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        // On a thread of its own, because here is no place to await.
        let dropping = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                execute(&mut connect(&admin).await, &sql).await;
            });
        });
        drop(dropping.join());
    }
}

/// A file with a copy of the template of this process.
async fn sqlite() -> (String, Place) {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let (text, place, path) = new_file();
    let template = TEMPLATE.get_or_init(|| migrated_file(&path)).await;
    fs::write(&path, template).expect("the template is copied");
    (text, place)
}

/// The place of a file that is not there yet.
fn new_file() -> (String, Place, PathBuf) {
    let directory = Directory::new();
    let path = directory.path().join("jornada.sqlite");
    (format!("sqlite://{}", path.display()), Place::File { _directory: directory }, path)
}

async fn migrated_file(path: &Path) -> Vec<u8> {
    migrate(&format!("sqlite://{}", path.display())).await;
    fs::read(path).expect("the template is there")
}

/// The server that the environment names. In CI there must be one.
#[expect(clippy::disallowed_methods, reason = "the edge of the tests")]
fn server() -> Option<String> {
    const VARIABLE: &str = "JORNADA_TEST_POSTGRES_URL";
    let server = env::var(VARIABLE).ok();
    if server.is_none() {
        assert!(env::var_os("CI").is_none(), "{VARIABLE} is not set, and CI must test PostgreSQL");
        println!("skipped: {VARIABLE} is not set");
    }
    server
}

async fn postgres(admin: &str) -> (String, Place) {
    let name = unique_name();
    let mut connection = connect(admin).await;
    let template = template(&mut connection, admin).await;
    execute(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    execute(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    (url_of(admin, &name), Place::Server { admin: admin.to_owned(), name })
}

/// The name of the migrated template, which whoever comes first makes. It holds a digest of the
/// migrations, so that one with older migrations is not taken for it.
async fn template(connection: &mut PgConnection, admin: &str) -> String {
    let name = format!("jornada_template_{}", digest_of_migrations());
    let lock = PgAdvisoryLock::new(&name);
    let guard = lock.acquire(connect(admin).await).await.expect("the lock is given");
    let exists: bool = query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut *connection)
        .await
        .expect("databases can be listed");
    if !exists {
        // Under another name until it is whole: a process can be killed.
        let draft = format!("{name}_draft");
        for sql in [
            format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
            format!("CREATE DATABASE {draft}"),
        ] {
            execute(connection, &sql).await;
        }
        migrate(&url_of(admin, &draft)).await;
        execute(connection, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    guard.release_now().await.expect("the lock is released");
    name
}

async fn migrate(url: &str) {
    let url: DatabaseUrl = url.parse().expect("it is a URL");
    let db = Db::open(&url, 2, Missing::Create).await.expect("it opens");
    db::migrate(&db).await.expect("the migrations run");
    db.close().await.expect("it closes");
}

fn digest_of_migrations() -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/src");
    let entries = fs::read_dir(directory).expect("the migrations are there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let mut digest = Sha256::new();
    for path in paths {
        digest.update(fs::read(path).expect("a migration can be read"));
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("the server of JORNADA_TEST_POSTGRES_URL answers")
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The URL with another database.
fn url_of(server: &str, database: &str) -> String {
    let (address, options) = server.split_once('?').unwrap_or((server, ""));
    let (address, _) = address.rsplit_once('/').expect("the URL names a database");
    let mark = if options.is_empty() { "" } else { "?" };
    format!("{address}/{database}{mark}{options}")
}
