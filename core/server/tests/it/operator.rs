//! What an operator types, through the real binary.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use jornada_server::config::DEFAULTS;
use serde_json::json;

use crate::harness::{Directory, TestApp, both};
use crate::health::add_unknown_migration;

both!(
    a_workspace_is_set_up_with_a_token_for_its_owner,
    errors_are_one_line_that_says_what_to_do,
    a_newer_database_is_refused_by_every_command,
);

/// The binary over a database, without the variables of whoever runs the tests.
pub(crate) fn jornada(database_url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jornada"));
    command.env_clear().args(["--database-url", database_url]).args(arguments);
    command
}

/// What a command printed, which must succeed.
pub(crate) fn run(database_url: &str, arguments: &[&str]) -> String {
    let output = output(database_url, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", error_of(&output));
    text(&output.stdout)
}

/// The exit code of a command that must fail, and the one line that says why.
pub(crate) fn fail(database_url: &str, arguments: &[&str]) -> (i32, String) {
    let output = output(database_url, arguments);
    let code = output.status.code().expect("it was not killed");
    assert_ne!(code, 0, "{arguments:?}");
    (code, error_of(&output))
}

pub(crate) fn output(database_url: &str, arguments: &[&str]) -> Output {
    jornada(database_url, arguments).output().expect("the binary runs")
}

fn error_of(output: &Output) -> String {
    text(&output.stderr)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text").trim_end().to_owned()
}

fn sqlite_in(directory: &Path) -> String {
    format!("sqlite://{}", directory.join("jornada.sqlite").display())
}

/// A server that is killed when the test ends.
struct Server {
    process: Child,
    log: BufReader<std::process::ChildStderr>,
}

impl Server {
    /// Starts a server on a free port and waits until it listens.
    fn start(database_url: &str) -> Self {
        let mut command = jornada(database_url, &["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stderr(Stdio::piped()).spawn().expect("the binary runs");
        let log = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut server = Self { process, log };
        server.wait_for("listening");
        server
    }

    fn wait_for(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            let length = self.log.read_line(&mut line).expect("the log can be read");
            assert_ne!(length, 0, "the server ended before it said {word:?}");
        }
    }

    /// Tells it to stop, and waits until it did.
    fn stop(mut self) -> bool {
        let pid = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(told.success());
        self.process.wait().expect("it ends").success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

const CREATE: [&str; 7] =
    ["workspace", "create", "acme", "--name", "Acme", "--owner-email", "ana@example.com"];

async fn a_workspace_is_set_up_with_a_token_for_its_owner(app: TestApp) {
    let token = run(app.database_url(), &CREATE);
    let scoped = ["--workspace", "acme", "--email", "Ana@example.com", "--scope"];
    let narrow =
        run(app.database_url(), &[&["token", "create"][..], &scoped, &["tasks:read"]].concat());
    for token in [token, narrow] {
        let data = app.data(&token, "{ __typename }", json!({})).await;
        assert_eq!(data, json!({ "__typename": "Query" }));
    }
}

async fn errors_are_one_line_that_says_what_to_do(app: TestApp) {
    let url = app.database_url();
    run(url, &CREATE);
    let (code, error) = fail(url, &CREATE);
    assert!(code == 1 && error.starts_with("error: slug: "), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    let wrong = ["workspace", "create", "Bad Slug", "--name", "", "--owner-email", "nonsense"];
    let (_, error) = fail(url, &[&wrong[..], &["--time-zone", "Mars/Base"]].concat());
    let fields = ["slug: ", "name: ", "timeZone: ", "owner.email: "];
    assert!(fields.iter().all(|field| error.contains(field)), "{error}");
    let token = |workspace, email, scope| {
        let arguments =
            ["token", "create", "--workspace", workspace, "--email", email, "--scope", scope];
        fail(url, &arguments).1
    };
    let unknown = token("none", "ana@example.com", "tasks:read");
    assert_eq!(unknown, "error: workspace: there is no `none`; there are: acme");
    assert!(token("acme", "eva@example.com", "tasks:read").starts_with("error: email: "));
    assert!(token("acme", "ana@example.com", "tasks").starts_with("error: scopes.0: "));
    let (code, _) = fail(url, &["token", "create"]);
    assert_eq!(code, 2, "a wrong command line");
}

async fn a_newer_database_is_refused_by_every_command(app: TestApp) {
    add_unknown_migration(&app).await;
    let token = ["token", "create", "--workspace", "acme", "--email", "ana@example.com"];
    for arguments in [&["serve"][..], &["migrate"], &CREATE, &token] {
        let (code, error) = fail(app.database_url(), arguments);
        assert_eq!(code, 1, "{arguments:?}");
        assert!(error.contains("newer than this binary (it has m9999_later)"), "{error}");
    }
}

#[test]
fn migrate_makes_the_file_and_says_what_it_did() {
    let directory = Directory::new();
    let url = sqlite_in(directory.path());
    let (_, error) = fail(&url, &CREATE);
    assert!(error.ends_with("the file does not exist; `jornada migrate` makes it"), "{error}");
    assert!(run(&url, &["migrate"]).ends_with("migrations were run"));
    assert!(run(&url, &["migrate"]).ends_with("was up to date"));
    run(&url, &CREATE);
    let nowhere = format!("sqlite://{}/none/jornada.sqlite", directory.path().display());
    let (_, error) = fail(&nowhere, &["migrate"]);
    assert!(error.contains("none does not exist"), "{error}");
}

#[test]
fn one_server_has_a_file_for_itself_and_commands_work_beside_it() {
    let directory = Directory::new();
    let url = sqlite_in(directory.path());
    let server = Server::start(&url);
    let (code, error) = fail(&url, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1);
    assert!(error.contains("another `jornada serve` uses"), "{error}");
    run(&url, &CREATE);
    assert!(server.stop(), "it stops in order");
    assert!(Server::start(&url).stop(), "the file is free again");
}

#[test]
fn the_configuration_is_checked_before_anything_is_done() {
    let (code, error) = fail("mysql://localhost/jornada", &["migrate"]);
    assert_eq!(code, 2);
    assert!(error.contains("database_url"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// But for the build and the server, which other tests start.
#[test]
fn the_commands_of_the_readme_work_as_they_stand_there() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(repository.join("README.md")).expect("it is there");
    let lines = readme.lines().filter_map(|line| line.strip_prefix("target/release/jornada "));
    let (directory, mut done) = (Directory::new(), Vec::new());
    for line in lines.filter(|line| *line != "serve") {
        let arguments: Vec<_> = line.split(' ').collect();
        let mut command = jornada(&sqlite_in(directory.path()), &arguments);
        let output = command.current_dir(&repository).output().expect("the binary runs");
        assert!(output.status.success(), "{line}: {}", error_of(&output));
        done.push(arguments[0].to_owned());
    }
    assert_eq!(done, ["migrate", "workspace", "import"]);
}

#[test]
fn the_schema_is_printed_without_a_database() {
    assert!(run("sqlite://none.sqlite", &["schema", "print"]).contains("type Query"));
}

#[test]
fn who_reads_only_the_beginning_of_the_schema_is_told_nothing() {
    let mut command = jornada("sqlite://none.sqlite", &["schema", "print"]);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut process = started.expect("the binary runs");
    drop(process.stdout.take());
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success() && error_of(&output).is_empty(), "{}", error_of(&output));
}

#[test]
fn a_variable_that_is_mistyped_is_warned_of() {
    let mut command = jornada("sqlite://none.sqlite", &["schema", "print"]);
    let output = command.env("JORNADA_LISTN", "127.0.0.1:1").output().expect("the binary runs");
    let warning = "warning: JORNADA_LISTN is no variable of jornada and does nothing";
    assert!(output.status.success());
    assert_eq!(error_of(&output), warning);
}

#[test]
fn a_database_that_cannot_be_opened_says_why_once_and_at_once() {
    let directory = Directory::new();
    let path = directory.path().join("jornada.sqlite");
    std::fs::write(&path, "not a database, but ".repeat(100)).expect("it is written");
    let (code, error) = fail(&sqlite_in(directory.path()), &["migrate"]);
    assert_eq!((code, error.matches("file is not a database").count()), (1, 1), "{error}");
    // Nobody listens there.
    let (code, error) = fail("postgres://ana@127.0.0.1:1/jornada", &["migrate"]);
    assert!(code == 1 && error.contains("refused"), "{error}");
}

#[test]
fn every_key_is_a_flag_of_serve_with_its_variable_and_default() {
    let help = run("sqlite://none.sqlite", &["serve", "--help"]);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (key, default) in DEFAULTS {
        let flag = format!("--{} <", key.replace('_', "-"));
        let variable = format!("[env: JORNADA_{}] [default: {default}", key.to_uppercase());
        assert!(help.contains(&flag) && help.contains(&variable), "{key}: {help}");
    }
}
