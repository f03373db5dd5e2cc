//! The timeline of an account.

use jornada_domain::auth::Role;
use jornada_domain::interactions::Sentiment::Positive;
use serde_json::{Value, json};

use crate::customers::{account, complete, global, journey, template};
use crate::desk::{Desk, last, task, with};
use crate::harness::{TestApp, both};

both!(
    what_happened_is_told_newest_first,
    a_timeline_is_paged_in_both_directions,
    a_timeline_is_narrowed_by_kind_and_time,
    a_timeline_shows_nothing_that_one_may_not_read,
    what_people_make_of_an_account_stands_in_its_timeline,
    what_is_opened_again_keeps_its_past_in_the_timeline,
    handoffs_stand_in_the_timeline_however_they_end,
    the_status_of_an_account_and_its_money_stand_in_its_timeline,
    what_was_lost_long_ago_stands_on_its_day_in_the_timeline,
    who_was_lost_before_they_came_in_stands_on_that_day_in_the_timeline,
    what_was_left_out_at_an_adoption_is_no_work_of_that_day,
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
        ("DEFERRED_ITEM_DECIDED", "DeferredItem"),
        ("OPPORTUNITY_CLOSED", "Opportunity"),
        ("RISK_CLOSED", "Risk"),
        ("MILESTONE_REACHED", "Milestone"),
        ("GOAL_CLOSED", "Goal"),
        ("GOAL_ACHIEVED", "Goal"),
        ("OPPORTUNITY_OPENED", "Opportunity"),
        ("RISK_OPENED", "Risk"),
        ("DEFERRED_ITEM_CREATED", "DeferredItem"),
        ("GOAL_SET", "Goal"),
        ("GOAL_SET", "Goal"),
        ("PULSE", "Pulse"),
    ];
    assert_eq!(entries(&told), expected);
}

/// The kinds of a timeline with what they are about.
fn entries(timeline: &Value) -> Vec<(&str, &str)> {
    let nodes = timeline["nodes"].as_array().expect("a list").iter();
    let told = nodes
        .filter_map(|node| Some((node["kind"].as_str()?, node["subject"]["__typename"].as_str()?)));
    told.collect()
}

async fn what_is_opened_again_keeps_its_past_in_the_timeline(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let id = global(account(&app, "Padaria", None).await.id);
    let risk = json!({ "accountId": id, "title": "Quiet", "severity": "HIGH" });
    let risk = desk.done("riskCreate", risk, "risk").await;
    let plan = desk.done("successPlanCreate", json!({ "accountId": id }), "successPlan").await;
    let goal = json!({ "successPlanId": plan, "outcome": "Peace" });
    let goal = desk.done("goalCreate", goal, "goal").await;
    for (verb, what, input) in [
        ("riskClose", "risk", json!({ "id": risk, "status": "LOST", "resolution": "So." })),
        ("riskReopen", "risk", json!({ "id": risk })),
        ("riskClose", "risk", json!({ "id": risk, "status": "LOST", "resolution": "So." })),
        ("goalClose", "goal", json!({ "id": goal, "status": "ACHIEVED" })),
        ("goalReopen", "goal", json!({ "id": goal })),
    ] {
        app.advance(1);
        desk.done(verb, input, what).await;
    }
    let told = timeline(&app, &desk.token, json!({ "id": id })).await;
    let expected = [
        ("GOAL_REOPENED", "Goal"),
        ("GOAL_ACHIEVED", "Goal"),
        ("RISK_CLOSED", "Risk"),
        ("RISK_REOPENED", "Risk"),
        ("RISK_CLOSED", "Risk"),
        ("RISK_OPENED", "Risk"),
        ("GOAL_SET", "Goal"),
    ];
    assert_eq!(entries(&told), expected);
    assert_eq!(told["totalCount"], expected.len());
    let closings = json!({ "kind": { "eq": "RISK_CLOSED" } });
    let pages = json!({ "id": id, "filter": closings, "first": 1 });
    let first = timeline(&app, &desk.token, pages.clone()).await;
    let after = json!({ "id": id, "filter": closings, "first": 1,
        "after": first["pageInfo"]["endCursor"] });
    let second = timeline(&app, &desk.token, after).await;
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    assert_ne!(first["nodes"][0]["occurredAt"], second["nodes"][0]["occurredAt"]);
}

async fn handoffs_stand_in_the_timeline_however_they_end(app: TestApp) {
    let lead = Desk::of(&app, Role::Manager).await;
    let id = global(account(&app, "Padaria", None).await.id);
    let roles = "{ optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let seen = lead.see(roles, json!({})).await;
    let roles = seen["optionSetByKey"]["options"]["nodes"].as_array().expect("a set");
    let role = roles.iter().find(|role| role["key"] == "csm").expect("it is built in");
    let to = global(app.user(Role::Csm).await.id);
    let new = json!({ "accountId": id, "kind": "OTHER", "toUserId": to, "roleId": role["id"] });
    for verb in ["handoffDecline", "handoffCancel"] {
        app.advance(1);
        let handoff = lead.done("handoffCreate", new.clone(), "handoff").await;
        app.advance(1);
        lead.done(verb, json!({ "id": handoff, "reason": "Not now." }), "handoff").await;
    }
    let told = timeline(&app, &lead.token, json!({ "id": id })).await;
    let expected = [
        ("HANDOFF_CANCELLED", "Handoff"),
        ("HANDOFF_REQUESTED", "Handoff"),
        ("HANDOFF_DECLINED", "Handoff"),
        ("HANDOFF_REQUESTED", "Handoff"),
    ];
    assert_eq!(entries(&told), expected);
}

async fn the_status_of_an_account_and_its_money_stand_in_its_timeline(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let new = json!({ "name": "Padaria", "status": "TRIAL" });
    let id = desk.done("accountCreate", new, "account").await;
    let pays = json!({ "accountId": id, "name": "Plan", "startsOn": "2026-01-01",
        "endsOn": "2026-12-31", "amount": { "amountMinor": 100, "currency": "BRL" },
        "interval": "MONTH" });
    let subscription = desk.done("subscriptionCreate", pays, "subscription").await;
    let renewals = "query ($id: ID!) { account(id: $id) { renewals(first: 1) { nodes { id } } } }";
    let seen = desk.see(renewals, json!({ "id": id })).await;
    let renewal = seen["account"]["renewals"]["nodes"][0]["id"].clone();
    let more = json!({ "id": subscription,
        "amount": { "amountMinor": 150, "currency": "BRL" } });
    for (verb, what, input) in [
        ("accountActivate", "account", json!({ "id": id })),
        ("accountPause", "account", json!({ "id": id, "reason": "Holidays." })),
        ("accountResume", "account", json!({ "id": id })),
        ("subscriptionUpdate", "subscription", more),
        ("renewalWin", "renewal", json!({ "id": renewal, "endsOn": "2027-12-31" })),
        ("accountChurn", "account", json!({ "id": id, "reason": "It closed." })),
    ] {
        app.advance(1);
        desk.done(verb, input, what).await;
    }
    let told = timeline(&app, &desk.token, json!({ "id": id })).await;
    let expected = [
        ("REVENUE_MOVED", "RevenueMovement"),
        ("RENEWAL_LOST", "Renewal"),
        ("ACCOUNT_CHURNED", "Account"),
        ("RENEWAL_WON", "Renewal"),
        ("REVENUE_MOVED", "RevenueMovement"),
        ("ACCOUNT_RESUMED", "Account"),
        ("ACCOUNT_PAUSED", "Account"),
        ("ACCOUNT_ACTIVATED", "Account"),
        ("REVENUE_MOVED", "RevenueMovement"),
    ];
    assert_eq!(entries(&told), expected);
    // A subscription of the past moved revenue on its first day, in São Paulo.
    assert_eq!(told["nodes"][8]["occurredAt"], "2026-01-01T03:00:00+00:00");
}

/// The kinds of a timeline with their days, without a time zone.
fn days(timeline: &Value) -> Vec<String> {
    let nodes = timeline["nodes"].as_array().expect("a list").iter();
    let day = |node: &Value| {
        let at = node["occurredAt"].as_str().expect("an instant");
        format!("{} {}", &at[..10], node["kind"].as_str().expect("a kind"))
    };
    nodes.map(day).collect()
}

async fn what_was_lost_long_ago_stands_on_its_day_in_the_timeline(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    let second = with(task("two", 2), json!({ "position": 1 }));
    let stages = json!([last("only", vec![task("one", 2), second])]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    for adoption in [
        json!({ "toBeTold": true }),
        json!({ "nothingDone": true }),
        json!({ "nextTaskKey": "two" }),
    ] {
        is_lost_on_its_day(&app, &desk, &template, adoption).await;
    }
    let seen = desk.see("{ events(last: 100) { nodes { type occurredAt } } }", json!({})).await;
    let all = seen["events"]["nodes"].as_array().expect("a list");
    for (kind, day) in [
        ("journey.started", "2025-03-01"),
        ("stage_visit.opened", "2025-03-01"),
        ("account.churned", "2025-06-15"),
        ("journey.cancelled", "2025-06-15"),
        ("stage_visit.ended", "2025-06-15"),
        ("renewal.updated", "2025-06-15"),
    ] {
        let of_kind = all.iter().filter(|event| event["type"] == kind);
        let at: Vec<_> = of_kind.map(|event| event["occurredAt"].clone()).collect();
        assert_eq!(at, vec![json!(format!("{day}T03:00:00+00:00")); 3], "{kind} has its day too");
    }
    let moved = all.iter().filter(|event| event["type"] == "revenue_movement.recorded");
    let moved: Vec<_> = moved.filter_map(|event| event["occurredAt"].as_str()).collect();
    assert_eq!(moved.len(), 6);
    assert!(moved.iter().all(|at| *at < "2025-06-16"), "{moved:?}");
}

async fn is_lost_on_its_day(app: &TestApp, desk: &Desk, template: &str, adoption: Value) {
    let at = json!({ "templateId": template, "enteredOn": "2025-03-01", "adoption": adoption });
    let new = json!({ "name": "Padaria", "journeyStart": { "at": at } });
    let id = desk.done("accountCreate", new, "account").await;
    let pays = json!({ "accountId": id, "name": "Plan", "startsOn": "2025-02-01",
        "endsOn": "2026-12-31", "amount": { "amountMinor": 100, "currency": "BRL" },
        "interval": "MONTH" });
    desk.done("subscriptionCreate", pays, "subscription").await;
    let churn = json!({ "id": id, "reason": "It closed.", "churnedOn": "2025-06-15" });
    desk.backfill("accountChurn", churn, "account { id }").await;
    let told = timeline(app, &desk.token, json!({ "id": id })).await;
    let expected = [
        "2025-06-15 JOURNEY_ENDED",
        "2025-06-15 STAGE_EXITED",
        "2025-06-15 REVENUE_MOVED",
        "2025-06-15 RENEWAL_LOST",
        "2025-06-15 ACCOUNT_CHURNED",
        "2025-03-01 STAGE_ENTERED",
        "2025-03-01 JOURNEY_STARTED",
        "2025-02-01 REVENUE_MOVED",
    ];
    assert_eq!(days(&told), expected);
    let query = "query ($id: ID!) { account(id: $id) {
        renewals(first: 1) { nodes { status decidedOn } } } }";
    let seen = desk.see(query, json!({ "id": id })).await;
    let lost = json!([{ "status": "LOST", "decidedOn": "2025-06-15" }]);
    assert_eq!(seen["account"]["renewals"]["nodes"], lost);
}

async fn who_was_lost_before_they_came_in_stands_on_that_day_in_the_timeline(app: TestApp) {
    let desk = Desk::of(&app, Role::Owner).await;
    for (status, since, entry) in [
        ("CHURNED", "2025-06-15", "2025-06-15 ACCOUNT_CHURNED"),
        ("PAUSED", "2025-12-24", "2025-12-24 ACCOUNT_PAUSED"),
    ] {
        let new = json!({ "name": "Padaria", "status": status, "statusSince": since });
        let id = desk.done("accountCreate", new, "account").await;
        let told = timeline(&app, &desk.token, json!({ "id": id })).await;
        assert_eq!(days(&told), [entry]);
    }
}

async fn what_was_left_out_at_an_adoption_is_no_work_of_that_day(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let at = |position: i32, task: Value| with(task, json!({ "position": position }));
    let ready = json!({ "name": "ready", "source": "PERSON", "comparator": "GTE", "target": 80 });
    let ready = with(task("ready", 1), json!({ "typeKey": "core.indicator", "config": ready }));
    let tasks = vec![task("one", 2), at(1, ready), at(2, task("two", 2))];
    let stages = json!([last("only", tasks)]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let at = json!({ "templateId": template, "enteredOn": "2025-03-01",
        "adoption": { "nextTaskKey": "two" } });
    let new = json!({ "name": "Padaria", "journeyStart": { "at": at } });
    let id = desk.done("accountCreate", new, "account").await;
    let told = timeline(&app, &desk.token, json!({ "id": id })).await;
    assert_eq!(days(&told), ["2025-03-01 STAGE_ENTERED", "2025-03-01 JOURNEY_STARTED"]);
    let skip = json!({ "taskId": desk.task(&id, "two").await, "reason": "Not needed." });
    desk.done("taskSkip", skip, "task").await;
    let told = timeline(&app, &desk.token, json!({ "id": id })).await;
    let finished = json!({ "__typename": "Task", "title": "two" });
    let nodes = told["nodes"].as_array().expect("a list").iter();
    let tasks: Vec<_> = nodes.filter(|node| node["kind"] == "TASK_FINISHED").collect();
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0]["subject"], finished);
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
