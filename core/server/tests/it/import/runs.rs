//! Imports that are killed go on where they were.

use std::fmt::Write;
use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use super::Import;
use crate::harness::{TestApp, both};
use crate::operator;

both!(
    an_import_that_was_killed_goes_on_behind_the_last_row_that_landed,
    an_import_of_parts_that_was_killed_twice_counts_each_row_once,
    an_import_whose_rejected_rows_are_gone_says_what_to_do,
    two_imports_of_a_file_do_not_disturb_each_other,
    parents_may_stand_below_their_parts,
    an_import_is_seen_by_the_api,
);

const RUNS: &str = "{ importRuns(first: 5) { nodes { records file system state rows created
    unchanged rejected finishedAt } } }";

/// Rows of which each twentieth is refused.
fn rows(count: usize) -> String {
    let mut text = "id,name,status\n".to_owned();
    for n in 0..count {
        let status = if n % 20 == 7 { "nonsense" } else { "" };
        writeln!(text, "{n},Account {n},{status}").expect("a string takes it");
    }
    text
}

/// Accounts of which the first hundred are the parents of the others; of those, each twentieth is
/// refused.
fn families(count: usize) -> String {
    let mut text = "id,name,status,parent_id\n".to_owned();
    for n in 0..count {
        let is_part = n >= 100;
        let status = if is_part && n % 20 == 7 { "nonsense" } else { "" };
        let parent = if is_part { (n % 100).to_string() } else { String::new() };
        writeln!(text, "{n},Account {n},{status},{parent}").expect("a string takes it");
    }
    text
}

/// Imports rows until so many have landed, and kills the import then; gives how many.
async fn killed(import: &Import<'_>, text: &str, least: i64) -> i64 {
    fs::write(import.path("accounts.csv"), text).expect("the file is written");
    let arguments = import.arguments("accounts", &[]).await;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = operator::jornada(import.app.database_url(), &arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let landed = loop {
        let seen = import.see(RUNS).await;
        let rows = seen["importRuns"]["nodes"][0]["rows"].as_i64();
        match rows {
            Some(rows) if rows >= least => break rows,
            _ => assert!(child.try_wait().expect("it can be asked").is_none(), "it ended"),
        }
    };
    child.kill().expect("it is killed");
    child.wait().expect("it is gone");
    let seen = import.see(RUNS).await;
    assert_eq!(seen["importRuns"]["nodes"][0]["state"], "RUNNING", "killed at {landed}");
    landed
}

async fn an_import_whose_rejected_rows_are_gone_says_what_to_do(app: TestApp) {
    const ROWS: usize = 1500;
    let import = Import::new(&app);
    killed(&import, &rows(ROWS), 1).await;
    fs::remove_file(import.path("accounts.rejected.csv")).expect("there are rejected rows");
    let done = import.run(rows(ROWS)).await;
    assert_eq!(done.code, 1);
    assert!(
        done.error.contains("put that file back, or begin anew with --restart"),
        "{}",
        done.error
    );
    let done = import.run_with(rows(ROWS), &["--restart"]).await;
    assert_eq!(done.resumed, None);
    assert_eq!(done.counts["rejected"], ROWS / 20);
}

async fn two_imports_of_a_file_do_not_disturb_each_other(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name\n1,Alfa\n";
    fs::write(import.path("accounts.csv"), text).expect("the file is written");
    let first = fs::File::open(import.path("accounts.csv")).expect("it opens");
    first.lock().expect("nobody else has it");
    let second = import.run(text).await;
    assert_eq!(second.code, 1);
    assert!(second.error.contains("another import of this file is under way"), "{}", second.error);
    assert_eq!(import.see("{ accounts { totalCount } }").await["accounts"]["totalCount"], 0);
    drop(first);
    import.run(text).await.assert(1, 0, 0, 0);
}

async fn an_import_that_was_killed_goes_on_behind_the_last_row_that_landed(app: TestApp) {
    const ROWS: usize = 1500;
    let import = Import::new(&app);
    let landed = killed(&import, &rows(ROWS), 1).await;
    // The file of rejected rows may hold more than what was noted, as after a crash.
    let rejected = import.path("accounts.rejected.csv");
    if let Ok(text) = fs::read_to_string(&rejected) {
        fs::write(&rejected, text + "torn row").expect("the file is written");
    }
    let done = import.run(rows(ROWS)).await;
    let refused = ROWS as u64 / 20;
    done.assert(ROWS as u64 - refused, 0, 0, refused);
    let resumed = done.resumed.expect("it went on")["rows"].as_i64();
    assert!(resumed >= Some(landed), "{resumed:?} of {landed}");
    let rejected = import.rejected();
    assert_eq!(rejected.lines().count(), 1 + ROWS / 20, "each row is refused once");
    assert!(!rejected.contains("torn"));
    let seen = import.see("{ accounts { totalCount } }").await;
    assert_eq!(seen["accounts"]["totalCount"], json!(ROWS as u64 - refused));
    // Finished, the same file is another import, from its first row.
    let again = import.run(rows(ROWS)).await;
    again.assert(0, 0, ROWS as u64 - refused, refused);
    assert_eq!(again.resumed, None);
}

async fn an_import_of_parts_that_was_killed_twice_counts_each_row_once(app: TestApp) {
    const ROWS: usize = 1900;
    const REFUSED: usize = (ROWS - 100) / 20;
    let import = Import::new(&app);
    let text = families(ROWS);
    // The parents have landed, and the first of their parts.
    let landed = killed(&import, &text, 200).await;
    let landed = killed(&import, &text, landed + 200).await;
    let done = import.run(&text).await;
    done.assert((ROWS - REFUSED) as u64, 0, 0, REFUSED as u64);
    let resumed = done.resumed.expect("it went on")["rows"].as_i64();
    assert!(resumed >= Some(landed), "{resumed:?} of {landed}");
    assert_eq!(import.rejected().lines().count(), 1 + REFUSED, "each row is refused once");
    let seen = import.see(RUNS).await;
    assert_eq!(seen["importRuns"]["nodes"][0]["rows"], ROWS);
}

async fn parents_may_stand_below_their_parts(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,parent_id\n3,Part of part,2\n2,Part,1\n1,Whole,\n4,Lost,99\n";
    import.run(text).await.assert(3, 0, 0, 1);
    assert!(import.rejected().contains("4,Lost,99,parent_id: "), "{}", import.rejected());
    let query = "{ accounts(first: 5) { nodes { name parent { name } } } }";
    let seen = import.see(query).await;
    let expected = json!([
        { "name": "Part", "parent": { "name": "Whole" } },
        { "name": "Part of part", "parent": { "name": "Part" } },
        { "name": "Whole", "parent": null },
    ]);
    assert_eq!(seen["accounts"]["nodes"], expected);
    import.run(text).await.assert(0, 0, 3, 1);
    let above = "id,name,parent_id\n1,Whole,3\n";
    import.run(above).await.assert(0, 0, 0, 1);
    assert!(import.rejected().contains("parent_id: The account would be above itself"));
}

async fn an_import_is_seen_by_the_api(app: TestApp) {
    let import = Import::new(&app);
    import.run_with("id,name\n1,Alfa\n2,\n", &["--system", "crm"]).await.assert(1, 0, 0, 1);
    let mut seen = import.see(RUNS).await;
    let mut run = seen["importRuns"]["nodes"][0].take();
    assert!(run["finishedAt"].take() != Value::Null);
    assert_eq!(
        run,
        json!({
            "records": "accounts", "file": "accounts.csv", "system": "crm", "state": "DONE",
            "rows": 2, "created": 1, "unchanged": 0, "rejected": 1, "finishedAt": null,
        })
    );
}
