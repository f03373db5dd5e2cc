//! Plugins as their authors make them: the command line, from an empty folder to a file that runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jornada_domain::health::built_in::BuiltIn;
use serde_json::{Value, json};

use crate::harness::plugins::{packaged, released};
use crate::installs::with_manifest;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder outside of the repository, empty.
pub(crate) fn empty(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("jornada-plugins-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("it is there");
    folder
}

fn jornada(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jornada"));
    // What the plugins of this repository are built of is there already.
    command.env("CARGO_TARGET_DIR", root().join("target/wasm"));
    command.current_dir(folder).arg("plugin").args(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command gives that must go well.
pub(crate) fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = jornada(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What a command complains of that must fail.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = jornada(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
    let told = text(&output.stderr);
    told.lines().last().unwrap_or_default().to_owned()
}

/// What the README of a new plugin says first: its own tests, without a sandbox.
fn tested_natively(folder: &Path) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-plugins");
    let output = Command::new("cargo")
        .args(["test", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_new_health_score_builds_holds_its_fixtures_and_runs() {
    let within = empty("score");
    let told = done(&within, &["new", "usage-drop", "--kind", "health-score"]);
    assert!(told.contains("cd usage-drop"), "{told}");
    let folder = within.join("usage-drop");
    let told = done(&folder, &["test"]);
    assert!(told.contains("ok   some-customers"), "{told}");
    assert!(told.ends_with("1 fixtures, 0 failed\n"), "{told}");
    let told = done(&folder, &["check"]);
    for line in [
        "local.usage-drop 0.1.0, health-score",
        "imports   jornada:host/log@1.0.0",
        "config    pointsOfARisk",
        "input     nps (number, optional, suggests last_nps)",
        "input     open_risks (number, required, suggests open_risks)",
        "fixtures  1 of 1 hold",
        "budget    at most fuel ",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    tested_natively(&folder);
    done(&folder, &["build"]);
    let file = std::fs::read(folder.join("dist/local.usage-drop-0.1.0.wasm")).expect("it is there");
    let places = [within.to_str(), option_env!("CARGO_HOME"), option_env!("HOME")];
    for place in places.into_iter().flatten().filter(|place| !place.is_empty()) {
        let is_in = file.windows(place.len()).any(|bytes| bytes == place.as_bytes());
        assert!(!is_in, "{place} stands in the plugin");
    }
    let asked = json!({
        "function": "score",
        "input": { "config": { "pointsOfARisk": 5 }, "customers": [{ "nps": 5, "open_risks": 2 }] },
    });
    std::fs::write(folder.join("call.json"), asked.to_string()).expect("it is there");
    let answer = done(&folder, &["run", "--input", "call.json"]);
    let answer: Value = serde_json::from_str(&answer).expect("it is there");
    assert_eq!(answer["scores"][0]["score"], 40.0);
    assert_eq!(answer["scores"][0]["reasons"], json!(["at_risk"]));
    let told = done(&folder, &["bench", "--times", "3", "--rows", "100"]);
    assert!(told.contains("an account, of 100"), "{told}");
    std::fs::remove_dir_all(within).expect("it is there");
}

#[test]
fn a_new_type_of_tasks_builds_and_its_fixtures_can_fail_and_be_blessed() {
    let within = empty("task");
    done(&within, &["new", "kick-off", "--kind", "task-type", "--publisher", "acme"]);
    let folder = within.join("kick-off");
    let told = done(&folder, &["check"]);
    for line in ["acme.kick-off 0.1.0, task-type", "config    days", "outcome   agreed, promises"] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(told.contains("asks for  create-task: Whoever promised something"), "{told}");
    tested_natively(&folder);
    let path = folder.join("fixtures/something-was-agreed.json");
    let right = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(&path, right.replace("\"dueInDays\": 3", "\"dueInDays\": 4"))
        .expect("it is there");
    let output = jornada(&folder, &["test"]);
    assert!(!output.status.success());
    let told = text(&output.stdout);
    assert!(told.contains("FAIL something-was-agreed"), "{told}");
    assert!(told.contains("dueInDays"), "{told}");
    assert!(refused(&folder, &["check"]).contains("1 fixtures failed"));
    done(&folder, &["test", "--bless"]);
    assert!(done(&folder, &["test"]).ends_with("1 fixtures, 0 failed\n"));
    std::fs::remove_dir_all(within).expect("it is there");
}

#[test]
fn what_is_wrong_with_a_project_is_told() {
    let within = empty("wrong");
    let told = refused(&within, &["build"]);
    assert!(told.contains("has no plugin.toml: go to the folder of a plugin"), "{told}");
    for name in ["Usage", "usage drop", "../up"] {
        let told = refused(&within, &["new", name, "--kind", "task-type"]);
        assert!(told.contains("lower-case letters, digits and hyphens"), "{told}");
    }
    done(&within, &["new", "twice", "--kind", "task-type"]);
    let told = refused(&within, &["new", "twice", "--kind", "task-type"]);
    assert!(told.ends_with("twice is there already"), "{told}");
    let folder = within.join("twice");
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).expect("it is there");
    std::fs::write(folder.join("plugin.toml"), manifest.replace("schema = 1", "scheme = 1"))
        .expect("it is there");
    std::fs::write(folder.join("src/lib.rs"), "#[no_mangle] pub fn nothing() -> i32 { oops }")
        .expect("it is there");
    let told = refused(&folder, &["test"]);
    assert!(told.contains("the crate does not compile; cargo says why above"), "{told}");
    std::fs::remove_dir_all(within).expect("it is there");
}

#[test]
fn a_backtest_says_what_the_churn_model_would_have_told() {
    let data = root().join("examples/data/telco_customers.csv");
    let plugin = root().join("plugins/released/sdk-0.1.0/telco-churn-health.wasm");
    let (data, plugin) =
        (data.to_str().expect("it is there"), plugin.to_str().expect("it is there"));
    let mut arguments = vec!["backtest", plugin, "--data", data, "--label", "churn"];
    for bind in [
        "internet=internet_service",
        "payment=payment_method",
        "paperless=paperless_billing",
        "senior=senior_citizen",
    ] {
        arguments.extend(["--bind", bind]);
    }
    let told = done(&root(), &arguments);
    assert!(told.contains("3521 customers, 3521 scored, 0 insufficient"), "{told}");
    let auc = told.lines().find_map(|line| line.strip_prefix("AUC ")).expect("it is there");
    let auc: f64 = auc.parse().expect("it is there");
    // Seven of ten of them are those that the model was fitted on.
    assert!((0.83..0.87).contains(&auc), "{told}");
    let first = told.lines().rev().take(10).last().expect("it is there");
    let lift: f64 =
        first.split_whitespace().nth(4).expect("it is there").parse().expect("it is there");
    assert!(lift > 2.0, "of the tenth that scores worst, more than twice as many left: {told}");
    let told = refused(&root(), &["backtest", plugin, "--data", data, "--label", "left"]);
    assert!(told.contains("there is no column `left`"), "{told}");
    let unknown = ["backtest", plugin, "--data", data, "--label", "churn", "--bind", "a=b"];
    assert!(refused(&root(), &unknown).contains("`a` is no input; there are tenure"), "{told}");
}

#[test]
fn what_plugins_suggest_for_their_inputs_is_known() {
    let mut names = Vec::new();
    let sources = ["engagement-health", "telco-churn-health"]
        .map(|name| root().join("plugins").join(name).join("src/lib.rs"));
    let template = root().join("core/server/src/plugin/template/health-score/lib.rs.txt");
    for path in sources.into_iter().chain([template]) {
        let text = std::fs::read_to_string(path).expect("it is there");
        let suggested = text.split(".suggestion(\"").skip(1);
        names.extend(suggested.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert!(BuiltIn::parse(&name).is_some(), "{name}");
    }
}

#[test]
fn a_file_that_a_server_would_refuse_does_not_pass_the_check() {
    let within = empty("refused");
    let changed = |name: &str, change: fn(&mut Value)| {
        let path = within.join(name);
        let file = with_manifest(&released("training-session"), change);
        std::fs::write(&path, file).expect("it is written");
        refused(&within, &["check", name])
    };
    let told = changed("rights.wasm", |manifest| {
        manifest["capabilities"][0]["operation"] = json!("launch-rocket");
    });
    assert!(told.contains("`launch-rocket` is no operation"), "{told}");
    let told = changed("schema.wasm", |manifest| manifest["config"] = json!({}));
    assert!(told.contains("the schema of its config is not the one in its manifest"), "{told}");
    let told = changed("reason.wasm", |manifest| {
        manifest["capabilities"][0]["reason"]["en"] = json!("To help.\u{1b}[1A\u{1b}[2K");
    });
    assert!(told.contains("capabilities.0.reason: is a line"), "{told}");
    std::fs::remove_dir_all(within).expect("it is there");
}

#[test]
fn a_call_that_fails_says_so_and_where_it_was() {
    let within = empty("fails");
    let manifest = json!({
        "schema": 1,
        "plugin": { "id": "tests.chore", "version": "1.0.0", "kind": "task-type",
            "title": { "en": "Chore" } },
    });
    std::fs::write(within.join("chore.wasm"), packaged("chore", manifest)).expect("it is written");
    let asked = json!({ "function": "on-complete", "input": {
        "config": { "again_in_days": 1, "panics": true }, "outcome": { "agreed": "Call" },
    } });
    std::fs::write(within.join("call.json"), asked.to_string()).expect("it is written");
    let output = jornada(&within, &["run", "chore.wasm", "--input", "call.json"]);
    assert!(!output.status.success());
    assert!(text(&output.stdout).contains("\"error\": \"TRAP\""), "{}", text(&output.stdout));
    let told = text(&output.stderr);
    assert!(told.contains("on-complete"), "the backtrace: {told}");
    assert!(told.contains("as its configuration says"), "an author may know it: {told}");
    std::fs::remove_dir_all(within).expect("it is there");
}
