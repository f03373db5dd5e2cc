//! `jornada doctor`: what is well, what is wrong, and what to do.

use jornada_domain::job::{self, Work};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::harness::{Directory, TestApp, both};
use crate::health::add_unknown_migration;
use crate::operator::{output, run};

both!(
    a_sound_installation_passes,
    a_job_that_waits_and_one_that_died_are_found,
    a_database_of_another_version_is_found,
);

#[derive(Serialize, Deserialize)]
struct Nothing;

impl Work for Nothing {
    const KIND: &'static str = "test.nothing";
}

/// What the doctor finds wrong, by the name of the check.
fn wrong(database_url: &str) -> Vec<(String, String)> {
    let output = output(database_url, &["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(output.status.code(), Some(if report["ok"] == true { 0 } else { 1 }));
    let checks = report["checks"].as_array().expect("there are checks");
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let wrong = checks.iter().filter(|check| check["ok"] == false);
    wrong.map(|check| (text(check, "name"), text(check, "detail"))).collect()
}

fn names(database_url: &str) -> Vec<String> {
    wrong(database_url).into_iter().map(|(name, _)| name).collect()
}

async fn a_sound_installation_passes(app: TestApp) {
    app.home().await;
    assert_eq!(wrong(app.database_url()), []);
    let lines = run(app.database_url(), &["doctor"]);
    assert!(lines.lines().all(|line| line.starts_with("ok ")), "{lines}");
    assert!(lines.contains("worker         no job is overdue\n"), "{lines}");
}

async fn a_job_that_waits_and_one_that_died_are_found(app: TestApp) {
    let actor = app.home().await.actor();
    app.write(&actor, async |tx| job::enqueue(tx, &Nothing, tx.now)).await;
    assert_eq!(names(app.database_url()), ["worker"]);
    let db = app.app.db.write();
    db.execute_unprepared("UPDATE job SET state = 'DEAD'").await.expect("it dies");
    assert_eq!(names(app.database_url()), ["dead jobs"]);
    db.execute_unprepared("DELETE FROM job").await.expect("it was meant to die");
}

async fn a_database_of_another_version_is_found(app: TestApp) {
    add_unknown_migration(&app).await;
    let found = wrong(app.database_url());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "schema");
    assert!(found[0].1.contains("newer than this binary"), "{}", found[0].1);
}

#[test]
fn what_is_not_there_is_found_and_not_made() {
    let directory = Directory::new();
    let path = directory.path().join("jornada.sqlite");
    assert_eq!(names(&format!("sqlite://{}", path.display())), ["database"]);
    assert!(!path.exists());
    assert_eq!(names("mysql://127.0.0.1:1/jornada"), ["configuration"]);
}
