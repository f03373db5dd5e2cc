//! Days that are played in a sandbox, through the command line.

use serde_json::{Value, json};

use crate::desk::{Desk, task, with};
use crate::harness::{TestApp, both};
use crate::operator::{fail, output, run};

use super::{CREATE, acme};

both!(
    ninety_days_of_1doc_are_played_in_one_command,
    what_would_go_out_is_captured,
    only_a_sandbox_is_played_in,
    a_journey_that_goes_round_in_a_day_comes_to_an_end,
    the_stand_in_tells_once_what_it_cannot_do,
);

const SANDBOX: [&str; 7] =
    ["workspace", "sandbox", "try", "--from", "acme", "--owner-email", "eva@example.com"];

/// The diary without the dates, which depend on when the test runs.
fn undated(diary: &str) -> String {
    let line = |line: &str| {
        let (day, rest) = line.split_at(7);
        let (date, rest) = rest.trim_start().split_at(10);
        assert!(date.parse::<chrono::NaiveDate>().is_ok(), "{line}");
        format!("{day}{rest}")
    };
    diary.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn ninety_days_of_1doc_are_played_in_one_command(app: TestApp) {
    acme(&app).await;
    let play = ["--play", "90", "--template", "1doc", "--account-name", "A"];
    let done = output(app.database_url(), &[&SANDBOX[..], &play].concat());
    let [diary, told] = [done.stdout, done.stderr].map(|it| String::from_utf8(it).expect("text"));
    let token = told.lines().find(|line| line.starts_with("jor_")).expect("there is a token");
    let seen = app.data(token, "{ accounts { totalCount } }", json!({})).await;
    assert_eq!(seen["accounts"]["totalCount"], 1, "the owner can look at it");
    insta::assert_snapshot!(undated(diary.trim_end()), @r"
  day   0  A: becomes a customer
  day   0  A: starts 1doc, version 1
  day   0  A: enters Passagem de Bastão
  day   0  A: to do within 1 day: Receber do comercial o contrato e o que foi prometido na venda
  day   1  A: done: Receber do comercial o contrato e o que foi prometido na venda
  day   1  A: to do within 1 day: Planejar a implantação e o início de uso do cliente
  day   2  A: done: Planejar a implantação e o início de uso do cliente
  day   2  A: leaves Passagem de Bastão: ADVANCED
  day   2  A: enters Boas Vindas
  day   2  A: to do within 5 days: Realizar a reunião de boas-vindas e alinhar expectativas
  day   7  A: done: Realizar a reunião de boas-vindas e alinhar expectativas
  day   7  A: to do within 5 days: Avaliar as necessidades e o resultado esperado com a contratação
  day   7  A: to do within 7 days: Indicar os setores e as pessoas que começam a usar
  day  12  A: done: Avaliar as necessidades e o resultado esperado com a contratação
  day  14  A: done: Indicar os setores e as pessoas que começam a usar
  day  14  A: to do within 10 days: Apresentar todas as funcionalidades da ferramenta
  day  24  A: done: Apresentar todas as funcionalidades da ferramenta
  day  24  A: to do within 6 days: Confirmar com o cliente o início de uso
  day  30  A: done: Confirmar com o cliente o início de uso
  day  30  A: leaves Boas Vindas: ADVANCED
  day  30  A: enters Adoção I
  day  30  A: to do within 30 days: Monitorar o objetivo de uso combinado
  day  60  A: done: Monitorar o objetivo de uso combinado
  day  60  A: to do within 30 days: Conversar sobre usabilidade e autonomia do cliente
  day  90  A: done: Conversar sobre usabilidade e autonomia do cliente
  day  90  A: to do within 25 days: Revisar os pontos de melhoria da usabilidade
    ");
}

async fn what_would_go_out_is_captured(app: TestApp) {
    acme(&app).await;
    let url = app.database_url();
    // The subscription of the sample customer ends after a year: 90 days before, somebody is told.
    run(url, &[&SANDBOX[..], &["--play", "274", "--template", "1doc"]].concat());
    let diary = run(url, &["workspace", "advance", "try", "--days", "1"]);
    let told = "day   1  Sample customer: message to eva@example.com, captured: RENEWAL_DUE";
    assert_eq!(undated(&diary), told);
    let token = run(url, &["token", "create", "--workspace", "try", "--email", "eva@example.com"]);
    let seen = "{ capturedMessages(first: 10) { totalCount nodes { kind text capturedAt
        user { email } contact { id } account { name } subjectType } } }";
    let data = app.data(&token, seen, json!({})).await;
    let messages = &data["capturedMessages"];
    assert_eq!(messages["totalCount"], 1, "{data:#}");
    let message = &messages["nodes"][0];
    assert_eq!(message["kind"], "RENEWAL_DUE");
    assert_eq!(message["user"]["email"], "eva@example.com");
    assert_eq!(message["account"]["name"], "Sample customer");
    assert_eq!(message["subjectType"], "Renewal");
    let text = message["text"].as_str().expect("it says something");
    let date = text.strip_prefix("A assinatura de Sample customer termina em ");
    let date = date.map(|rest| rest.chars().take(10));
    let is_date = date.is_some_and(|mut date| date.all(|c| c.is_ascii_digit() || c == '/'));
    assert!(is_date, "{text}");
    let owner = run(url, &["token", "create", "--workspace", "acme", "--email", "ana@example.com"]);
    let data = app.data(&owner, "{ capturedMessages { totalCount } }", json!({})).await;
    assert_eq!(data["capturedMessages"]["totalCount"], 0, "nothing is captured in production");
}

async fn only_a_sandbox_is_played_in(app: TestApp) {
    run(app.database_url(), &CREATE);
    let (_, error) = fail(app.database_url(), &["workspace", "advance", "acme", "--days", "1"]);
    assert_eq!(
        error,
        "error: workspace: Only a sandbox has a clock that can be advanced. This is a production \
         workspace: use a sandbox."
    );
    for days in ["0", "731"] {
        let advance = ["workspace", "advance", "acme", "--days", days];
        assert_eq!(fail(app.database_url(), &advance).0, 2);
    }
    let sandbox = [&SANDBOX[..], &["--play", "5", "--template", "none"]].concat();
    let (_, error) = fail(app.database_url(), &sandbox);
    assert!(error.contains("error: --template: There is no such record"), "{error}");
    let (_, error) = fail(app.database_url(), &[&SANDBOX[..], &["--play", "5"]].concat());
    assert!(error.contains("name one with --template KEY"), "{error}");
}

/// A definition of one stage that is entered again and again.
fn round(tasks: Vec<Value>) -> Value {
    let stage = json!({ "key": "round", "name": "Round", "phase": "ONGOING", "then": "LOOP_TO",
        "loopTo": "round", "tasks": tasks });
    json!({ "maxAttempts": 5, "stages": [stage] })
}

async fn a_journey_that_goes_round_in_a_day_comes_to_an_end(app: TestApp) {
    let token = run(app.database_url(), &CREATE);
    let desk = Desk { app: app.clone(), token };
    let undated = with(task("a", 0), json!({ "durationDays": null }));
    desk.publish("round", round(vec![undated])).await;
    let sandbox = [&SANDBOX[..], &["--play", "1", "--template", "round"]].concat();
    let (code, error) = fail(app.database_url(), &sandbox);
    assert!(code == 1 && error.contains("a journey goes round within a day"), "{error}");
}

async fn the_stand_in_tells_once_what_it_cannot_do(app: TestApp) {
    let desk = acme(&app).await;
    let url = app.database_url();
    let token = run(url, &SANDBOX);
    let sandbox = Desk { app: app.clone(), token };
    let template = "{ journeyTemplates { nodes { id } } }";
    let template = desk.see(template, json!({})).await;
    let template = template["journeyTemplates"]["nodes"][0]["id"].as_str().expect("it is there");
    let account = sandbox.account("Prefeitura", template, None).await;
    let pause = json!({ "id": account, "reason": "A test" });
    sandbox.done("accountPause", pause, "account").await;
    let advance = ["workspace", "advance", "try", "--days", "3", "--play", "--json"];
    let diary = run(url, &advance);
    let told: Vec<Value> =
        diary.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let types: Vec<_> = told.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(types, ["task.refused"], "{diary}");
}
