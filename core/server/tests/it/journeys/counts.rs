//! What is asked of many journeys takes as many statements as what is asked of one.

use jornada_domain::auth::Role;
use serde_json::json;

use crate::customers::global;
use crate::desk::{Desk, indicator, last, stage, task};
use crate::harness::{TestApp, both};

both!(the_statements_of_journeys_and_tasks_do_not_grow_with_their_number);

const ACCOUNTS: &str = "{ accounts { nodes { name csm { name }
    primaryJourney {
        status pace completeness template { key } templateVersion { number } subscription { name }
        stage { name phase tasks { key type { key } } } awaitedIndicators { key }
        tasks { title isOverdue dueState assigneeUser { name } assigneeContact { name }
            assigneeRole { key } finishedBy { name } account { name } visit { number } }
        currentVisit { completeness stage { name } journey { status } }
        visits { nodes { outcome completeness tasks { title }
            evaluations { nodes { verdict task { title } visit { number } } } } } }
    journeys { totalCount nodes { stageKey account { name } } }
    tasks(first: 3, filter: { status: { eq: OPEN } }) { totalCount nodes { title } } } } }";

const JOURNEYS: &str = "{ journeys { nodes {
    account { name } stage { name } pace currentVisit { tasks { title } } } } }";

const TASKS: &str = "{ tasks(orderBy: { field: UPDATED_AT, direction: DESC }) { nodes {
    title isOverdue account { name } journey { status } visit { stage { name } }
    assigneeUser { name tasks { nodes { title } } } } } }";

const ALERTS: &str = "{ alerts { nodes { journey { status } account { name } } } }";

async fn the_statements_of_journeys_and_tasks_do_not_grow_with_their_number(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let user = app.user(Role::Csm).await;
    let csm = Desk { app: app.clone(), token: app.token_of(user.id, &[]).await };
    let stages = json!([
        stage("a", vec![task("one", 1), indicator("ready", "PERSON")]),
        last("b", vec![task("two", 1)]),
    ]);
    let definition = json!({ "maxAttempts": 2, "stages": stages });
    let mut counts = Vec::new();
    for name in ["Padaria", "Bank", "Town"] {
        let (template, _) = manager.publish(&name.to_lowercase(), definition.clone()).await;
        for journey in ["held", "waits", "runs"] {
            let account = format!("{name} {journey}");
            let account = csm.account(&account, &template, Some(&global(user.id))).await;
            if journey != "runs" {
                csm.complete(&account, "one", json!({})).await;
                csm.complete(&account, "ready", json!({ "value": 1 })).await;
            }
            if journey == "held" {
                csm.complete(&account, "one", json!({})).await;
                csm.complete(&account, "ready", json!({ "value": 1 })).await;
            }
        }
        app.run_jobs().await;
        let mut statements = Vec::new();
        for query in [ACCOUNTS, JOURNEYS, TASKS, ALERTS] {
            statements.push(app.statements(csm.see(query, json!({}))).await.1);
        }
        counts.push(statements);
    }
    assert_eq!(counts[1..], [counts[0].clone(), counts[0].clone()]);
    assert_eq!(counts[0], [42, 13, 11, 4]);
}
