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
