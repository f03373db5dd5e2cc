//! How changes of people move tasks.

use jornada_domain::auth::Role;
use jornada_domain::id::UserId;
use serde_json::{Value, json};

use crate::customers::{global, refusals};
use crate::desk::{Desk, last, option, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    tasks_follow_the_role_but_not_those_given_by_hand,
    a_role_that_begins_later_moves_tasks_on_its_day,
    who_holds_something_leaves_only_when_somebody_takes_it_over,
    what_was_put_away_is_taken_over_too,
    a_role_to_come_is_taken_over_for_its_day,
    whoever_leaves_takes_as_many_statements_whatever_they_hold,
    a_task_of_the_customer_goes_to_the_contact_with_the_role,
);

/// The open tasks of an account with the names of who holds them.
async fn holders(desk: &Desk, account: &str) -> Vec<String> {
    let query = "query ($id: ID!) { account(id: $id) { tasks(
        filter: { status: { eq: OPEN } }, orderBy: { field: POSITION }
    ) { nodes { title assigneeUser { name } assigneeContact { name } assignedByHand } } } }";
    let seen = desk.see(query, json!({ "id": account })).await;
    let line = |task: &Value| {
        let mut holder = [&task["assigneeUser"], &task["assigneeContact"]].into_iter();
        let holder = holder.find_map(|holder| holder["name"].as_str()).unwrap_or("nobody");
        format!("{}: {holder}", task["title"].as_str().unwrap_or_default())
    };
    seen["account"]["tasks"]["nodes"].as_array().into_iter().flatten().map(line).collect()
}

async fn csm_role(desk: &Desk) -> Value {
    let query = "{ optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let seen = desk.see(query, json!({})).await;
    let options = seen["optionSetByKey"]["options"]["nodes"].as_array().cloned();
    let csm = options.into_iter().flatten().find(|option| option["key"] == "csm");
    csm.expect("it is built in")["id"].clone()
}

/// An account whose two open tasks are those of its CSM; a third comes after them.
async fn begin(app: &TestApp, csm: UserId) -> (Desk, String) {
    let desk = Desk::of(app, Role::Manager).await;
    let beside = json!({ "position": 0 });
    let tasks = vec![task("one", 1), with(task("two", 1), beside), task("three", 1)];
    let stages = json!([last("a", tasks)]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, Some(&global(csm))).await;
    (desk, padaria)
}

async fn tasks_follow_the_role_but_not_those_given_by_hand(app: TestApp) {
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let (desk, padaria) = begin(&app, ana.id).await;
    let (a, b) = (&ana.name, &bia.name);
    assert_eq!(holders(&desk, &padaria).await, [format!("one: {a}"), format!("two: {a}")]);
    let by_hand = json!({
        "taskId": desk.task(&padaria, "two").await, "assigneeId": global(ana.id),
    });
    desk.done("taskAssign", by_hand, "task").await;
    let role = csm_role(&desk).await;
    let give = json!({ "accountId": padaria, "userId": global(bia.id), "roleId": role });
    let given = desk.done("assignmentCreate", give, "accountAssignment").await;
    assert_eq!(holders(&desk, &padaria).await, [format!("one: {b}"), format!("two: {a}")]);
    let query = "query ($id: ID!) { user(id: $id) { tasks { nodes { title } } } }";
    let seen = desk.see(query, json!({ "id": global(bia.id) })).await;
    assert_eq!(seen["user"]["tasks"]["nodes"], json!([{ "title": "one" }]));

    desk.done("assignmentEnd", json!({ "id": given }), "accountAssignment").await;
    assert_eq!(holders(&desk, &padaria).await, ["one: nobody".to_owned(), format!("two: {a}")]);
    let nobodys = "{ tasks(filter: { isUnassigned: true, status: { eq: OPEN } }) {
        nodes { title } } }";
    let seen = desk.see(nobodys, json!({})).await;
    assert_eq!(seen["tasks"]["nodes"], json!([{ "title": "one" }]), "it is listed");
    let nobody = json!({ "taskId": desk.task(&padaria, "two").await, "assigneeId": null });
    desk.done("taskAssign", nobody, "task").await;
    assert_eq!(holders(&desk, &padaria).await, ["one: nobody", "two: nobody"]);
}

async fn a_role_that_begins_later_moves_tasks_on_its_day(app: TestApp) {
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let (desk, padaria) = begin(&app, ana.id).await;
    let later = json!({
        "accountId": padaria, "userId": global(bia.id), "roleId": csm_role(&desk).await,
        "startsOn": "2026-01-22",
    });
    desk.done("assignmentCreate", later, "accountAssignment").await;
    app.set_time("2026-01-22T02:59:59Z");
    app.run_jobs().await;
    let before = holders(&desk, &padaria).await;
    assert_eq!(before, ["one", "two"].map(|task| format!("{task}: {}", ana.name)));
    app.set_time("2026-01-22T03:00:00Z");
    app.run_jobs().await;
    let after = holders(&desk, &padaria).await;
    assert_eq!(after, ["one", "two"].map(|task| format!("{task}: {}", bia.name)));
}

async fn who_holds_something_leaves_only_when_somebody_takes_it_over(app: TestApp) {
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let (desk, padaria) = begin(&app, ana.id).await;
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let leave = json!({ "id": global(ana.id) });
    assert_eq!(
        owner.refused("userDeactivate", leave.clone()).await,
        ["reassignTo REASSIGN_NEEDED"]
    );
    let to = |heir: UserId| with(leave.clone(), json!({ "reassignTo": global(heir) }));
    assert_eq!(owner.refused("userDeactivate", to(ana.id)).await, ["reassignTo CONTRADICTION"]);
    owner.done("userDeactivate", to(bia.id), "user").await;
    let taken = holders(&desk, &padaria).await;
    assert_eq!(taken, ["one", "two"].map(|task| format!("{task}: {}", bia.name)));
    desk.complete(&padaria, "one", json!({})).await;
    desk.complete(&padaria, "two", json!({})).await;
    assert_eq!(holders(&desk, &padaria).await, [format!("three: {}", bia.name)]);
    let query = "query ($id: ID!, $user: ID!) { account(id: $id) { csm { id } }
        user(id: $user) { deactivatedAt } }";
    let seen = desk.see(query, json!({ "id": padaria, "user": global(ana.id) })).await;
    assert_eq!(seen["account"]["csm"]["id"], global(bia.id));
    assert_eq!(seen["user"]["deactivatedAt"], "2026-01-20T12:00:00+00:00");
    let assign = json!({
        "taskId": desk.task(&padaria, "three").await, "assigneeId": global(ana.id),
    });
    assert_eq!(desk.refused("taskAssign", assign).await, ["assigneeId USER_INACTIVE"]);

    let fixed = with(task("fixed", 1), json!({ "assignee": { "userId": global(bia.id) } }));
    desk.publish("named", json!({ "stages": [last("a", vec![fixed])] })).await;
    let heir = app.user(Role::Csm).await;
    let leave = json!({ "id": global(bia.id), "reassignTo": global(heir.id) });
    let payload = owner.ask("userDeactivate", leave, "").await;
    assert_eq!(refusals(&payload), ["id STANDS_IN_TEMPLATE"]);
    let told = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
    assert!(told.contains("the task “fixed” of the template “named”"), "{told}");
}

/// The holders of the roles of an account, current or to come: `csm CURRENT Eva`.
async fn roles(desk: &Desk, account: &str) -> Vec<String> {
    let query = "query ($id: ID!) { account(id: $id) { assignments { nodes {
        state role { key } user { name } } } } }";
    let seen = desk.see(query, json!({ "id": account })).await;
    let nodes = seen["account"]["assignments"]["nodes"].as_array().cloned();
    let line = |node: Value| {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (role, state) = (word(&node["role"]["key"]), word(&node["state"]));
        (state != "ENDED").then(|| format!("{role} {state} {}", word(&node["user"]["name"])))
    };
    let mut lines: Vec<_> = nodes.into_iter().flatten().filter_map(line).collect();
    lines.sort_unstable();
    lines
}

async fn what_was_put_away_is_taken_over_too(app: TestApp) {
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let (desk, padaria) = begin(&app, ana.id).await;
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let coach = option(&app, "account_role", "coach").await;
    let give = json!({ "accountId": padaria, "userId": global(ana.id), "roleId": coach });
    desk.done("assignmentCreate", give, "accountAssignment").await;
    owner.done("optionArchive", json!({ "id": coach }), "option").await;
    desk.done("accountChurn", json!({ "id": padaria, "reason": "so" }), "account").await;
    desk.done("accountArchive", json!({ "id": padaria }), "account").await;
    let fixed = with(task("fixed", 1), json!({ "assignee": { "userId": global(ana.id) } }));
    let (named, _) = desk.publish("named", json!({ "stages": [last("a", vec![fixed])] })).await;
    let leave = json!({ "id": global(ana.id), "reassignTo": global(bia.id) });
    let found = owner.refused("userDeactivate", leave.clone()).await;
    assert_eq!(found, ["id STANDS_IN_TEMPLATE"], "the template may still be used");
    desk.done("journeyTemplateArchive", json!({ "id": named }), "journeyTemplate").await;
    owner.done("userDeactivate", leave, "user").await;
    let taken = [format!("coach CURRENT {}", bia.name), format!("csm CURRENT {}", bia.name)];
    assert_eq!(roles(&desk, &padaria).await, taken);
    let back = json!({ "id": named });
    let found = desk.refused("journeyTemplateRestore", back.clone()).await;
    assert_eq!(found, ["stages.0.tasks.0.assignee USER_INACTIVE"]);
    owner.done("userReactivate", json!({ "id": global(ana.id) }), "user").await;
    desk.done("journeyTemplateRestore", back, "journeyTemplate").await;
}

async fn a_role_to_come_is_taken_over_for_its_day(app: TestApp) {
    let (ana, bia, eva) =
        (app.user(Role::Csm).await, app.user(Role::Csm).await, app.user(Role::Csm).await);
    let (desk, padaria) = begin(&app, ana.id).await;
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let role = csm_role(&desk).await;
    for user in [&bia, &eva] {
        let later = json!({
            "accountId": padaria, "userId": global(user.id), "roleId": role,
            "startsOn": "2026-01-22",
        });
        desk.done("assignmentCreate", later, "accountAssignment").await;
    }
    let leave = json!({ "id": global(bia.id), "reassignTo": global(eva.id) });
    owner.done("userDeactivate", leave, "user").await;
    let both = [format!("csm CURRENT {}", ana.name), format!("csm FUTURE {}", eva.name)];
    assert_eq!(roles(&desk, &padaria).await, both, "Eva had it already, and has it once");
    let leave = json!({ "id": global(eva.id), "reassignTo": global(ana.id) });
    owner.done("userDeactivate", leave, "user").await;
    let both = [format!("csm CURRENT {}", ana.name), format!("csm FUTURE {}", ana.name)];
    assert_eq!(roles(&desk, &padaria).await, both);
    app.set_time("2026-01-22T12:00:00Z");
    app.run_jobs().await;
    assert_eq!(roles(&desk, &padaria).await, [format!("csm CURRENT {}", ana.name)]);
    let after = holders(&desk, &padaria).await;
    assert_eq!(after, ["one", "two"].map(|task| format!("{task}: {}", ana.name)));
}

async fn whoever_leaves_takes_as_many_statements_whatever_they_hold(app: TestApp) {
    let first = app.user(Role::Csm).await;
    let (desk, _) = begin(&app, first.id).await;
    let query = "{ journeyTemplateByKey(key: \"plan\") { id } }";
    let mut seen = desk.see(query, json!({})).await;
    let template = seen["journeyTemplateByKey"]["id"].take();
    let template = template.as_str().expect("there is one");
    let owner = Desk { app: app.clone(), token: app.home().await.token.clone() };
    let mut leaving = first.id;
    let mut counts = Vec::new();
    for more in [0, 1, 3] {
        for _ in 0..more {
            desk.account("Another", template, Some(&global(leaving))).await;
        }
        let heir = app.user(Role::Csm).await.id;
        let leave = json!({ "id": global(leaving), "reassignTo": global(heir) });
        let left = owner.done("userDeactivate", leave, "user");
        counts.push(app.statements(left).await.1);
        leaving = heir;
    }
    assert_eq!(counts[1..], [counts[0], counts[0]]);
}

async fn a_task_of_the_customer_goes_to_the_contact_with_the_role(app: TestApp) {
    let desk = Desk::of(&app, Role::Manager).await;
    let buyer = option(&app, "contact_role", "buyer").await;
    let of = |contact: Value| json!({ "assignee": { "customer": contact } });
    let stages = json!([
        stage(
            "a",
            vec![
                with(task("anybody", 1), of(json!({}))),
                with(task("buyer", 1), of(json!({ "contactRoleId": buyer }))),
            ]
        ),
        last("b", vec![task("end", 1)]),
    ]);
    let (template, _) = desk.publish("plan", json!({ "stages": stages })).await;
    let padaria = desk.account("Padaria", &template, None).await;
    assert_eq!(holders(&desk, &padaria).await, ["anybody: nobody"]);
    let contacts = [("Eva", true, vec![]), ("Ivo", false, vec![buyer])];
    for (name, is_primary, roles) in contacts {
        let new = json!({
            "accountId": padaria, "name": name, "isPrimary": is_primary, "roleIds": roles,
        });
        desk.done("contactCreate", new, "contact").await;
    }
    desk.complete(&padaria, "anybody", json!({})).await;
    assert_eq!(holders(&desk, &padaria).await, ["buyer: Ivo"]);
    let bank = desk.account("Bank", &template, None).await;
    assert_eq!(holders(&desk, &bank).await, ["anybody: nobody"], "contacts are of one account");
}
