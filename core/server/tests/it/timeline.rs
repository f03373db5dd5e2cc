//! The timeline of an account.

use jornada_domain::auth::Role;
use jornada_domain::interactions::Sentiment::Positive;
use serde_json::{Value, json};

use crate::customers::{account, complete, global, journey, template};
use crate::desk::Desk;
use crate::harness::{TestApp, both};

both!(
    what_happened_is_told_newest_first,
    a_timeline_is_paged_in_both_directions,
    a_timeline_is_narrowed_by_kind_and_time,
    a_timeline_shows_nothing_that_one_may_not_read,
    what_people_make_of_an_account_stands_in_its_timeline,
    the_timelines_of_60_accounts_take_as_many_statements_as_those_of_3,
);

const TIMELINE: &str = "query ($id: ID!, $filter: TimelineFilter, $first: Int, $after: String,
        $last: Int, $before: String) {
    account(id: $id) {
        timeline(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
            nodes { kind occurredAt subject {
                __typename
                ... on Interaction { subject sentiment }
                ... on Task { title }
                ... on StageVisit { id }
                ... on Journey { id }
                ... on AccountAssignment { user { name } } } }
            pageInfo { startCursor endCursor hasNextPage hasPreviousPage } totalCount } } }";

/// An account of a CSM whose journey has ended: its global id.
async fn customer(app: &TestApp) -> String {
    let csm = app.user(Role::Csm).await;
    let id = account(app, "Padaria", Some(csm.id)).await.id;
    journey(app, id, template(app).await, "2026-01-05").await;
    complete(app, id, "hand-over", Positive).await;
    app.advance(1);
    complete(app, id, "meeting", Positive).await;
    app.advance(1);
    complete(app, id, "review", Positive).await;
    global(id)
}

async fn timeline(app: &TestApp, token: &str, variables: Value) -> Value {
    app.data(token, TIMELINE, variables).await["account"]["timeline"].take()
}

fn kinds(timeline: &Value) -> Vec<&str> {
    let nodes = timeline["nodes"].as_array().expect("a list").iter();
    nodes.filter_map(|node| node["kind"].as_str()).collect()
}

const ALL: [&str; 11] = [
    "JOURNEY_ENDED",
    "STAGE_EXITED",
    "TASK_FINISHED",
    "STAGE_ENTERED",
    "STAGE_EXITED",
    "TASK_FINISHED",
    "INTERACTION",
    "ASSIGNED",
    "TASK_FINISHED",
    "STAGE_ENTERED",
    "JOURNEY_STARTED",
];

async fn what_happened_is_told_newest_first(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let id = customer(&app).await;
    let told = timeline(&app, &token, json!({ "id": id })).await;
    assert_eq!(kinds(&told), ALL);
    let entries = &told["nodes"];
    assert_eq!(entries[0]["subject"]["__typename"], "Journey");
    assert_eq!(entries[2]["subject"], json!({ "__typename": "Task", "title": "review" }));
    assert_eq!(entries[3]["occurredAt"], "2026-01-21T12:00:00+00:00");
    let met = json!({ "__typename": "Interaction", "subject": "meeting", "sentiment": "POSITIVE" });
    assert_eq!(entries[6]["subject"], met);
    assert_eq!(entries[7]["subject"]["__typename"], "AccountAssignment");
    // The first stage was entered on a day of the past: at its start, in São Paulo.
    assert_eq!(entries[9]["occurredAt"], "2026-01-05T03:00:00+00:00");
}

async fn a_timeline_is_paged_in_both_directions(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let id = customer(&app).await;
    let mut forward = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = timeline(&app, &token, json!({ "id": id, "first": 3, "after": cursor })).await;
        forward.extend(kinds(&page).into_iter().map(str::to_owned));
        assert_eq!(page["totalCount"], ALL.len());
        cursor = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forward, ALL);
    let before = json!({ "id": id, "last": 2, "before": cursor });
    let page = timeline(&app, &token, before).await;
    assert_eq!(kinds(&page), ALL[8..10]);
    assert_eq!(page["pageInfo"]["hasPreviousPage"], true);
}

async fn a_timeline_is_narrowed_by_kind_and_time(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let id = customer(&app).await;
    let filtered =
        async |filter: Value| timeline(&app, &token, json!({ "id": id, "filter": filter })).await;
    let stages = filtered(json!({ "kind": { "in": ["STAGE_ENTERED", "STAGE_EXITED"] } })).await;
    let expected = ["STAGE_EXITED", "STAGE_ENTERED", "STAGE_EXITED", "STAGE_ENTERED"];
    assert_eq!(kinds(&stages), expected);
    let middle = json!({ "gte": "2026-01-21T12:00:00Z", "lt": "2026-01-22T12:00:00Z" });
    let middle = filtered(json!({ "occurredAt": middle })).await;
    assert_eq!(kinds(&middle), ALL[3..7]);
    assert_eq!(kinds(&filtered(json!({ "kind": { "in": [] } })).await), [""; 0]);
}

async fn a_timeline_shows_nothing_that_one_may_not_read(app: TestApp) {
    let id = customer(&app).await;
    let user = app.user(Role::Csm).await;
    let token = app.token_of(user.id, &["accounts:read", "tasks:read"]).await;
    let variables = json!({ "id": id, "filter": { "kind": { "eq": "TASK_FINISHED" } } });
    assert_eq!(kinds(&timeline(&app, &token, variables).await).len(), 3);
    let all = app.graphql(&token, TIMELINE, json!({ "id": id })).await;
    assert_eq!(all["data"]["account"]["timeline"], Value::Null);
    assert_eq!(all["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let stranger = app.workspace().await.token;
    let foreign = app.graphql(&stranger, TIMELINE, json!({ "id": id })).await;
    assert_eq!(foreign["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

async fn what_people_make_of_an_account_stands_in_its_timeline(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let id = global(account(&app, "Padaria", None).await.id);
    let felt = json!({ "accountId": id, "trust": 5, "feltAt": "2026-01-01T12:00:00Z" });
    desk.done("pulseRecord", felt, "pulse").await;
    let plan = desk.done("successPlanCreate", json!({ "accountId": id }), "successPlan").await;
    let goal = json!({ "successPlanId": plan, "outcome": "Peace" });
    let (won, lost) = (
        desk.done("goalCreate", goal.clone(), "goal").await,
        desk.done("goalCreate", goal, "goal").await,
    );
    let bread = json!({ "successPlanId": plan, "title": "Bread" });
    let bread = desk.done("milestoneCreate", bread, "milestone").await;
    let risk = json!({ "accountId": id, "title": "Quiet", "severity": "HIGH" });
    let risk = desk.done("riskCreate", risk, "risk").await;
    let offer = json!({ "accountId": id, "kind": "UPGRADE", "title": "More" });
    let offer = desk.done("opportunityCreate", offer, "opportunity").await;
    let item = json!({ "accountId": id, "title": "Payroll" });
    let item = desk.done("deferredItemCreate", item, "deferredItem").await;
    for (verb, what, input) in [
        ("goalClose", "goal", json!({ "id": won, "status": "ACHIEVED" })),
        ("goalClose", "goal", json!({ "id": lost, "status": "MISSED" })),
        ("milestoneReach", "milestone", json!({ "id": bread })),
        ("riskClose", "risk", json!({ "id": risk, "status": "LOST", "resolution": "So." })),
        ("opportunityClose", "opportunity", json!({ "id": offer, "status": "WON" })),
        (
            "deferredItemDecide",
            "deferredItem",
            json!({ "id": item, "status": "KEPT", "decision": "Later." }),
        ),
    ] {
        app.advance(1);
        desk.done(verb, input, what).await;
    }
    let told = timeline(&app, &desk.token, json!({ "id": id })).await;
    let expected = [
        "DEFERRED_ITEM_DECIDED",
        "OPPORTUNITY_CLOSED",
        "RISK_CLOSED",
        "MILESTONE_REACHED",
        "GOAL_ACHIEVED",
        "OPPORTUNITY_OPENED",
        "RISK_OPENED",
        "PULSE",
    ];
    assert_eq!(kinds(&told), expected);
    let kinds = told["nodes"].as_array().expect("a list").iter();
    let records: Vec<_> = kinds.map(|entry| &entry["subject"]["__typename"]).collect();
    let expected = [
        "DeferredItem",
        "Opportunity",
        "Risk",
        "Milestone",
        "Goal",
        "Opportunity",
        "Risk",
        "Pulse",
    ];
    assert_eq!(records, expected);
}

async fn the_timelines_of_60_accounts_take_as_many_statements_as_those_of_3(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let (template, csm) = (template(&app).await, app.user(Role::Csm).await);
    let ask = "{ accounts(first: 100) { nodes { timeline(first: 20) { nodes { kind subject {
        ... on Interaction { subject user { name } }
        ... on Task { title }
        ... on StageVisit { enteredAt }
        ... on Journey { status } } } } } } }";
    let mut counts = Vec::new();
    for number in 1..=60 {
        let id = account(&app, &format!("Account {number}"), Some(csm.id)).await.id;
        journey(&app, id, template, "2026-01-05").await;
        complete(&app, id, "hand-over", Positive).await;
        complete(&app, id, "meeting", Positive).await;
        if number == 3 || number == 60 {
            let (data, count) = app.statements(app.data(&token, ask, json!({}))).await;
            let timelines = data["accounts"]["nodes"].as_array().expect("a list");
            assert_eq!(timelines.len(), number);
            assert!(timelines.iter().all(|of| kinds(&of["timeline"]).len() == 8));
            counts.push(count);
        }
    }
    assert_eq!(counts[0], counts[1], "the statements must not grow with the accounts");
    // Credentials, accounts and timelines; then one for each type of record, and the users.
    assert!(counts[0] <= 12, "{counts:?}");
}
