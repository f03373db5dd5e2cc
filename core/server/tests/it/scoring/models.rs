//! Models: whom they are about, what they read, and how a version takes the place of another.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use super::{answer, by_nps_and_overdue, health, measure};
use crate::customers::{account, global};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    a_model_reads_metrics_attributes_and_what_the_platform_knows,
    every_problem_of_a_definition_is_told_where_it_stands,
    a_candidate_is_computed_beside_the_active_version_until_it_takes_its_place,
    a_model_is_about_its_segment_and_one_model_is_primary,
    a_run_tells_how_far_it_has_come_and_another_one_supersedes_it,
    who_does_not_lead_changes_no_model,
);

/// Ten days of ten logins, and ten of five, the last of them on New Year's Eve.
async fn logins(desk: &Desk, account: &str) {
    let metric = json!({
        "key": "logins", "name": "Logins", "unit": "logins", "grain": "DAY", "aggregation": "SUM",
        "direction": "HIGHER_IS_BETTER", "freshnessDays": 5,
    });
    let metric = desk.done("metricCreate", metric, "metric").await;
    let point = |day: i32| {
        let period = format!("2025-12-{:02}", 31 - day);
        let value = if day < 10 { 10 } else { 5 };
        json!({ "metricId": metric, "subjectId": account, "period": period, "value": value })
    };
    let points: Vec<_> = (0..20).map(point).collect();
    let told = desk.ask("metricPointsRecord", json!({ "points": points }), "").await;
    assert_eq!(told["userErrors"], json!([]));
}

/// An attribute of each type that a model reads.
async fn attributes(desk: &Desk, account: &str) {
    for (key, kind, value) in [
        ("seats", "NUMBER", json!({ "number": 40.0 })),
        ("live", "BOOLEAN", json!({ "boolean": true })),
        ("ends", "DATE", json!({ "date": "2026-01-30" })),
        ("tier", "TEXT", json!({ "text": "gold" })),
    ] {
        let new = json!({ "subjectKind": "ACCOUNT", "key": key, "name": key, "valueType": kind });
        desk.done("attributeDefinitionCreate", new, "attributeDefinition").await;
        let change = json!({ "id": account, "attributes": [{ "key": key, "value": value }] });
        desk.done("accountUpdate", change, "account").await;
    }
}

/// What a model reads of an account that has them, and what it finds.
fn sources() -> Vec<(&'static str, Value, Option<f64>)> {
    let logins = |aggregation: &str| {
        let metric = json!({ "key": "logins", "days": 40, "aggregation": aggregation });
        json!({ "metric": metric })
    };
    let attribute = |key: &str| json!({ "attribute": { "key": key } });
    let built_in = |name: &str| json!({ "builtIn": name });
    vec![
        ("sum", logins("SUM"), Some(150.0)),
        ("mean", logins("MEAN"), Some(7.5)),
        ("least", logins("MINIMUM"), Some(5.0)),
        ("most", logins("MAXIMUM"), Some(10.0)),
        // The last point is older than its metric calls fresh.
        ("last", logins("LAST"), None),
        ("seats", attribute("seats"), Some(40.0)),
        ("live", attribute("live"), Some(1.0)),
        ("ends", attribute("ends"), Some(10.0)),
        ("risks", built_in("CRITICAL_RISKS"), Some(1.0)),
        ("touch", built_in("LAST_INTERACTION"), None),
        ("milestones", built_in("MILESTONES_REACHED"), Some(0.0)),
        ("planned", built_in("MILESTONES_PLANNED"), Some(0.0)),
    ]
}

async fn a_model_reads_metrics_attributes_and_what_the_platform_knows(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    logins(&desk, &padaria).await;
    attributes(&desk, &padaria).await;
    let risk = json!({ "accountId": padaria, "title": "Sponsor leaves", "severity": "CRITICAL" });
    desk.done("riskCreate", risk, "risk").await;
    // A number is worth 50 points and a twentieth of it, so that contributions tell it.
    let line = [(-1000.0, 0.0), (1000.0, 100.0)];
    let of_source = |(key, source, _): &(&str, Value, _)| measure(key, 1.0, source.clone(), &line);
    let mut measures: Vec<_> = sources().iter().map(of_source).collect();
    let mut tier = measure("tier", 1.0, json!({ "attribute": { "key": "tier" } }), &[]);
    tier["words"] = json!([{ "word": "gold", "points": 90 }, { "word": "basic", "points": 10 }]);
    measures.push(tier);
    let count = measures.len() as f64;
    let definition = json!({ "weighted": { "missing": "WORST", "measures": measures } });
    let new = json!({ "name": "All", "definition": definition });
    desk.done("healthModelCreate", new, "healthModel").await;
    app.run_jobs().await;
    let score = health(&desk, &padaria).await["score"].take();
    let points = |key: &str| {
        let all = score["contributions"].as_array().expect("it is there");
        let found = all.iter().find(|one| one["key"] == key).expect("it is there");
        found["points"].as_f64().expect("it is there") * count
    };
    for (key, _, value) in sources() {
        let expected = value.map_or(0.0, |value| 50.0 + value / 20.0);
        assert!((points(key) - expected).abs() < 1e-9, "{key} {} {score:#}", points(key));
    }
    assert!((points("tier") - 90.0).abs() < 1e-9);
    let missing = json!([{ "key": "last" }, { "key": "touch" }]);
    assert_eq!(score["missing"], missing);
}

async fn every_problem_of_a_definition_is_told_where_it_stands(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let unknown = json!({ "metric": { "key": "nothing", "days": 0, "aggregation": "SUM" } });
    let definition = json!({
        "trendDays": 0, "bands": { "concerning": 80, "healthy": 70 },
        "weighted": { "measures": [
            measure("a", 1.0, unknown, &[]),
            measure("a", -1.0, json!({ "attribute": { "key": "none" } }), &[(0.0, 200.0)]),
            measure("stage", 1.0, json!({ "builtIn": "STAGE" }), &[(0.0, 20.0)]),
        ] },
    });
    let new = json!({ "name": " ", "definition": definition });
    let told = desk.refused("healthModelCreate", new).await;
    insta::assert_snapshot!(told.join("\n"), @r"
    definition.bands.healthy CONTRADICTION
    definition.trendDays OUT_OF_RANGE
    definition.weighted.measures.0.source.metric.days OUT_OF_RANGE
    definition.weighted.measures.0.source.metric.key NOT_FOUND
    definition.weighted.measures.1.source.attribute.key NOT_FOUND
    definition.weighted.measures.0.scale REQUIRED
    definition.weighted.measures.1.key TAKEN
    definition.weighted.measures.1.weight OUT_OF_RANGE
    definition.weighted.measures.1.scale.0.points OUT_OF_RANGE
    definition.weighted.measures.2.words REQUIRED
    definition.weighted.measures.2.scale CONTRADICTION
    name REQUIRED
    ");
}

const MODEL: &str = "query ($id: ID!) { healthModel(id: $id) {
    activeVersion { id number } candidateVersion { id number }
    bands { poor concerning healthy insufficient }
    candidateBands { poor concerning healthy insufficient }
    comparison(first: 2) { nodes { difference active { value account { name } }
        candidate { value } } pageInfo { hasNextPage endCursor } totalCount }
    versions { totalCount } } }";

async fn a_candidate_is_computed_beside_the_active_version_until_it_takes_its_place(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let mut accounts = Vec::new();
    for (name, score) in [("Nine", 9), ("Five", 5), ("One", 1)] {
        let id = global(account(&app, name, None).await.id);
        answer(&desk, &id, score).await;
        accounts.push(id);
    }
    account(&app, "Silent", None).await;
    let model = by_nps_and_overdue(&desk).await;
    app.run_jobs().await;
    let steeper = json!({ "weighted": { "measures": [
        measure("nps", 1.0, json!({ "builtIn": "LAST_NPS" }), &[(5.0, 0.0), (10.0, 100.0)]),
    ] } });
    let propose = json!({ "id": model, "definition": steeper });
    desk.done("healthModelPropose", propose, "healthModel").await;
    app.run_jobs().await;
    let seen = desk.see(MODEL, json!({ "id": model })).await["healthModel"].take();
    let bands = json!({ "poor": 1, "concerning": 1, "healthy": 1, "insufficient": 1 });
    assert_eq!(seen["bands"], bands);
    let bands = json!({ "poor": 2, "concerning": 0, "healthy": 1, "insufficient": 1 });
    assert_eq!(seen["candidateBands"], bands);
    let nodes = seen["comparison"]["nodes"].as_array().expect("it is there");
    let told: Vec<_> = nodes
        .iter()
        .map(|node| {
            (
                &node["active"]["account"]["name"],
                &node["active"]["value"],
                &node["candidate"]["value"],
                &node["difference"],
            )
        })
        .collect();
    let expected = json!([["Five", 62.5, 0.0, -62.5], ["One", 32.5, 0.0, -32.5]]);
    assert_eq!(json!(told), expected);
    assert_eq!(seen["comparison"]["totalCount"], 4);
    // Nobody sees it, but who compares.
    assert_eq!(health(&desk, &accounts[1]).await["value"], 62.5);
    answer(&desk, &accounts[1], 10).await;
    app.run_jobs().await;
    let after = desk.see(MODEL, json!({ "id": model })).await["healthModel"].take();
    assert_eq!(after["candidateBands"]["healthy"], 2, "a candidate follows what happens");
    let candidate = &seen["candidateVersion"]["id"];
    let activate = json!({ "id": model, "versionId": candidate });
    desk.done("healthModelActivate", activate, "healthModel").await;
    app.run_jobs().await;
    let seen = health(&desk, &accounts[2]).await;
    assert_eq!(
        (&seen["value"], &seen["score"]["modelVersion"]["number"]),
        (&json!(0.0), &json!(2))
    );
    let after = desk.see(MODEL, json!({ "id": model })).await["healthModel"].take();
    assert_eq!(
        (&after["candidateVersion"], &after["versions"]["totalCount"]),
        (&Value::Null, &json!(2))
    );
    assert_eq!(after["comparison"]["totalCount"], 0);
    // One goes back by making the first version active again.
    let first = json!({ "id": model, "versionId": after["activeVersion"]["id"] });
    desk.done("healthModelActivate", first, "healthModel").await;
    let back = json!({ "id": model, "versionId": seen_first(&desk, &model).await });
    desk.done("healthModelActivate", back, "healthModel").await;
    app.run_jobs().await;
    assert_eq!(health(&desk, &accounts[2]).await["value"], 32.5);
}

async fn seen_first(desk: &Desk, model: &str) -> String {
    let query = "query ($id: ID!) { healthModel(id: $id) { versions(last: 1) { nodes { id } } } }";
    let seen = desk.see(query, json!({ "id": model })).await;
    seen["healthModel"]["versions"]["nodes"][0]["id"].as_str().expect("it is there").to_owned()
}

async fn a_model_is_about_its_segment_and_one_model_is_primary(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let (padaria, mercado) = (
        global(account(&app, "Padaria", None).await.id),
        global(account(&app, "Mercado", None).await.id),
    );
    for id in [&padaria, &mercado] {
        answer(&desk, id, 8).await;
    }
    let all = by_nps_and_overdue(&desk).await;
    let filter = json!({ "name": "Bakeries", "filter": { "name": { "startsWith": "Pad" } } });
    let segment = desk.done("segmentCreate", filter, "segment").await;
    let nps = measure("nps", 1.0, json!({ "builtIn": "LAST_NPS" }), &[(0.0, 0.0), (10.0, 50.0)]);
    let new = json!({
        "name": "Bakeries", "segmentId": segment,
        "definition": { "weighted": { "measures": [nps] } },
    });
    let bakeries = desk.done("healthModelCreate", new, "healthModel").await;
    app.run_jobs().await;
    let scores = "query ($id: ID!) { account(id: $id) {
        health { value } healthScores { value model { name isPrimary } } } }";
    let seen = desk.see(scores, json!({ "id": padaria })).await["account"].take();
    let expected = json!({ "health": { "value": 85.0 }, "healthScores": [
        { "value": 85.0, "model": { "name": "NPS and work", "isPrimary": true } },
        { "value": 40.0, "model": { "name": "Bakeries", "isPrimary": false } },
    ] });
    assert_eq!(seen, expected);
    let seen = desk.see(scores, json!({ "id": mercado })).await["account"].take();
    assert_eq!(seen["healthScores"].as_array().expect("it is there").len(), 1);
    let not = desk.refused("healthModelArchive", json!({ "id": all })).await;
    assert_eq!(not, ["id CONTRADICTION"]);
    let primary = json!({ "id": bakeries, "isPrimary": true });
    desk.done("healthModelUpdate", primary, "healthModel").await;
    assert_eq!(health(&desk, &padaria).await["value"], 40.0);
    assert_eq!(health(&desk, &mercado).await, Value::Null);
    // Whoever leaves the segment has no score any more, when the next run has come to its end.
    let renamed = json!({ "id": padaria, "name": "Confeitaria" });
    desk.done("accountUpdate", renamed, "account").await;
    app.advance(1);
    app.run_jobs().await;
    assert_eq!(health(&desk, &padaria).await, Value::Null);
    desk.done("healthModelArchive", json!({ "id": all }), "healthModel").await;
    let names = desk.see("{ healthModels { nodes { name } } }", json!({})).await;
    assert_eq!(names["healthModels"]["nodes"], json!([{ "name": "Bakeries" }]));
}

async fn a_run_tells_how_far_it_has_come_and_another_one_supersedes_it(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    for n in 0..3 {
        account(&app, &format!("Account {n}"), None).await;
    }
    let model = by_nps_and_overdue(&desk).await;
    desk.done("healthModelRecompute", json!({ "id": model }), "healthRun").await;
    let runs = "query ($id: ID!) { healthModel(id: $id) {
        runs { nodes { role status total done stale finishedAt } } } }";
    let seen = desk.see(runs, json!({ "id": model })).await;
    let statuses = |seen: &Value| {
        let nodes = seen["healthModel"]["runs"]["nodes"].as_array().expect("it is there").clone();
        nodes.iter().map(|run| format!("{} {}", run["status"], run["done"])).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&seen), ["\"RUNNING\" 0", "\"SUPERSEDED\" 0"]);
    app.run_jobs().await;
    let seen = desk.see(runs, json!({ "id": model })).await;
    assert_eq!(statuses(&seen), ["\"DONE\" 3", "\"SUPERSEDED\" 0"]);
    assert!(seen["healthModel"]["runs"]["nodes"][0]["finishedAt"].is_string());
}

async fn who_does_not_lead_changes_no_model(app: TestApp) {
    let desk = Desk::of(&app, Role::Admin).await;
    let model = by_nps_and_overdue(&desk).await;
    let csm = Desk::of(&app, Role::Csm).await;
    let query = "mutation ($id: ID!) { healthModelArchive(input: { id: $id }) {
        userErrors { code } } }";
    let answer = app.graphql(&csm.token, query, json!({ "id": model })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
