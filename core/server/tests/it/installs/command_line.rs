//! The same on the command line, as an operator does it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::with_manifest;
use crate::harness::plugins::released;
use crate::harness::{TestApp, both};

both!(an_operator_installs_looks_after_and_uninstalls_a_plugin);

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("jornada-installs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("it is there");
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("it is there");
    path
}

/// Runs `jornada plugin …`, with something on standard input.
fn plugin(app: &TestApp, arguments: &[&str], answer: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jornada"))
        .args(["--database-url", app.database_url(), "plugin"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("it is a pipe");
    input.write_all(answer.as_bytes()).expect("it reads");
    drop(input);
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn done(app: &TestApp, arguments: &[&str]) -> String {
    let output = plugin(app, arguments, "");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

async fn an_operator_installs_looks_after_and_uninstalls_a_plugin(app: TestApp) {
    app.home().await;
    let first = file("first.wasm", &released("telco-churn-health"));
    let first = first.to_str().expect("it is a path");
    let output = plugin(&app, &["install", first], "n\n");
    assert!(!output.status.success());
    let told = text(&output.stderr);
    assert!(told.contains("jornada.telco-churn-health 1.0.0, health-score\n"), "{told}");
    assert!(told.ends_with("error: nothing was installed\n"), "{told}");
    assert_eq!(done(&app, &["list"]), "");

    let output = plugin(&app, &["install", first], "y\n");
    assert_eq!(text(&output.stdout), "jornada.telco-churn-health 1.0.0 is installed\n");
    let next = with_manifest(&released("telco-churn-health"), |manifest: &mut Value| {
        manifest["plugin"]["version"] = json!("1.1.0");
    });
    let next = file("next.wasm", &next);
    let told = done(&app, &["install", next.to_str().expect("it is a path"), "--yes"]);
    assert_eq!(told, "jornada.telco-churn-health 1.1.0 is installed\n");
    let key = "jornada.telco-churn-health";
    assert_eq!(done(&app, &["list"]), format!("{key}  1.1.0  health-score  enabled\n"));
    assert_eq!(done(&app, &["rollback", key]), format!("{key} 1.0.0 is enabled\n"));
    assert_eq!(done(&app, &["disable", key]), format!("{key} 1.0.0 is disabled\n"));
    assert_eq!(done(&app, &["enable", key]), format!("{key} 1.0.0 is enabled\n"));
    let told = done(&app, &["show", key]);
    assert!(told.starts_with(&format!("{key} 1.0.0, health-score, enabled\n")), "{told}");
    assert!(told.contains("  before: 1.1.0\n"), "{told}");
    let report: Value = serde_json::from_str(&done(&app, &["report", key])).expect("it is JSON");
    assert_eq!((&report["version"], &report["calls"]), (&json!("1.0.0"), &json!([])));

    let output = plugin(&app, &["show", "somebody.else"], "");
    assert!(text(&output.stderr).contains("no plugin `somebody.else` is installed"));
    assert_eq!(done(&app, &["uninstall", key, "--yes"]), format!("{key} is uninstalled\n"));
    assert_eq!(done(&app, &["list"]), "");
}
