//! Assignments: who holds a role at an account from when to when.

use jornada_domain::auth::{Role, user};
use jornada_domain::id::AccountId;
use jornada_domain::journeys::people;
use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    a_role_has_one_holder_at_a_time,
    a_later_start_waits_for_its_day,
    what_cannot_be_is_refused,
    assignments_of_another_workspace_are_not_found,
    of_two_who_are_given_a_role_at_the_same_time_one_holds_it,
);

/// Gives a built-in role of an account of the home workspace to a user; the id of the assignment.
pub(crate) async fn assign(
    app: &TestApp,
    account_id: AccountId,
    user: &user::Model,
    role: &str,
    starts_on: Option<&str>,
) -> String {
    let token = &app.home().await.token;
    let input = assignment(app, account_id, user, role, starts_on).await;
    let selection = "accountAssignment { id }";
    let given = app.mutate(token, "assignmentCreate", selection, input).await;
    given["accountAssignment"]["id"].as_str().expect("it was given").to_owned()
}

async fn assignment(
    app: &TestApp,
    account_id: AccountId,
    user: &user::Model,
    role: &str,
    starts_on: Option<&str>,
) -> Value {
    let token = &app.home().await.token;
    let query = "{ optionSetByKey(key: \"account_role\") { options { nodes { id key } } } }";
    let data = app.data(token, query, json!({})).await;
    let roles = data["optionSetByKey"]["options"]["nodes"].as_array().expect("it is a list");
    let role = roles.iter().find(|known| known["key"] == *role).expect("it is built in");
    json!({
        "accountId": global(account_id), "userId": global(user.id), "roleId": role["id"],
        "startsOn": starts_on,
    })
}

/// The assignments of an account, the latest first, each as `user role state from until`.
async fn told(app: &TestApp, account_id: AccountId) -> Vec<String> {
    let token = &app.home().await.token;
    let query = "query($id: ID!) { account(id: $id) { assignments { nodes {
        user { name } role { key } state startsOn endsOn } } } }";
    let data = app.data(token, query, json!({ "id": global(account_id) })).await;
    let nodes = data["account"]["assignments"]["nodes"].as_array().expect("it is a list");
    let tell = |node: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let (name, role) = (text(&node["user"]["name"]), text(&node["role"]["key"]));
        let (state, from) = (text(&node["state"]), text(&node["startsOn"]));
        format!("{name} {role} {state} {from} {}", text(&node["endsOn"]))
    };
    nodes.iter().map(tell).collect()
}

async fn csm(app: &TestApp, account_id: AccountId) -> Value {
    let token = &app.home().await.token;
    let query = "query($id: ID!) { account(id: $id) { csm { name } } }";
    let data = app.data(token, query, json!({ "id": global(account_id) })).await;
    data["account"]["csm"]["name"].clone()
}

async fn a_role_has_one_holder_at_a_time(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    let (ana, eva) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let first = assign(&app, account, &ana, "csm", Some("2026-01-05")).await;
    assign(&app, account, &ana, "onboarding", None).await;
    assert_eq!(assign(&app, account, &ana, "csm", None).await, first);
    assign(&app, account, &eva, "csm", None).await;
    assert_eq!(csm(&app, account).await, json!(eva.name));
    let expected = [
        format!("{} csm CURRENT 2026-01-20 -", eva.name),
        format!("{} onboarding CURRENT 2026-01-20 -", ana.name),
        format!("{} csm ENDED 2026-01-05 2026-01-19", ana.name),
    ];
    assert_eq!(told(&app, account).await, expected);
}

async fn a_later_start_waits_for_its_day(app: TestApp) {
    let token = &app.home().await.token;
    let account = customers::account(&app, "Padaria", None).await.id;
    let (ana, eva, ivo) =
        (app.user(Role::Csm).await, app.user(Role::Csm).await, app.user(Role::Csm).await);
    assign(&app, account, &ana, "csm", None).await;
    let planned = assign(&app, account, &eva, "csm", Some("2026-02-01")).await;
    assert_eq!(assign(&app, account, &eva, "csm", Some("2026-02-01")).await, planned);
    let planned = assign(&app, account, &ivo, "csm", Some("2026-03-01")).await;
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(ana.name));
    // The day begins at three in UTC.
    app.set_time("2026-02-01T02:59:59Z");
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(ana.name));
    app.set_time("2026-02-01T03:00:00Z");
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(eva.name));
    app.mutate(token, "assignmentEnd", "", json!({ "id": planned })).await;
    app.set_time("2026-03-01T12:00:00Z");
    app.run_jobs().await;
    let expected = [
        format!("{} csm ENDED 2026-03-01 2026-02-28", ivo.name),
        format!("{} csm CURRENT 2026-02-01 -", eva.name),
        format!("{} csm ENDED 2026-01-20 2026-01-31", ana.name),
    ];
    assert_eq!(told(&app, account).await, expected);
}

async fn what_cannot_be_is_refused(app: TestApp) {
    let token = &app.home().await.token;
    let account = customers::account(&app, "Padaria", None).await.id;
    let (ana, gone) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let owner = app.home().await.actor();
    let leave =
        async |tx: &jornada_domain::Tx<'_>| people::deactivate_user(tx, gone.id, None).await;
    app.write(&owner, leave).await;
    let refused = async |user: &user::Model, role: &str, starts_on: Option<&str>| {
        let input = assignment(&app, account, user, role, starts_on).await;
        app.refused(token, "assignmentCreate", input).await
    };
    assert_eq!(refused(&gone, "csm", None).await, "userId: USER_INACTIVE");
    let held = assign(&app, account, &ana, "csm", Some("2026-01-10")).await;
    let eva = app.user(Role::Csm).await;
    assert_eq!(refused(&eva, "csm", Some("2026-01-09")).await, "startsOn: TOO_EARLY");
    let mut input = assignment(&app, account, &eva, "csm", None).await;
    input["roleId"] = json!(global(jornada_domain::id::OptionId(uuid::Uuid::nil())));
    let told = app.refused(token, "assignmentCreate", input).await;
    assert_eq!(told, "roleId: UNKNOWN_OPTION");
    for (on, code) in [("2026-01-09", "TOO_EARLY"), ("2026-01-21", "TOO_LATE")] {
        let input = json!({ "id": held, "endsOn": on });
        let told = app.refused(token, "assignmentEnd", input).await;
        assert_eq!(told, format!("endsOn: {code}"));
    }
    let input = json!({ "id": held, "endsOn": "2026-01-19" });
    app.mutate(token, "assignmentEnd", "", input).await;
    assert_eq!(csm(&app, account).await, Value::Null);
    let expected = [format!("{} csm ENDED 2026-01-10 2026-01-19", ana.name)];
    assert_eq!(self::told(&app, account).await, expected);
}

async fn assignments_of_another_workspace_are_not_found(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    let ana = app.user(Role::Csm).await;
    let held = assign(&app, account, &ana, "csm", None).await;
    let stranger = &app.workspace().await.token;
    let told = app.refused(stranger, "assignmentEnd", json!({ "id": held })).await;
    assert_eq!(told, "id: NOT_FOUND");
    let input = assignment(&app, account, &ana, "csm", None).await;
    let told = app.refused(stranger, "assignmentCreate", input).await;
    assert_eq!(told, "accountId: NOT_FOUND");
}

async fn of_two_who_are_given_a_role_at_the_same_time_one_holds_it(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    for _ in 0..5 {
        let (ana, eva) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
        tokio::join!(
            assign(&app, account, &ana, "csm", None),
            assign(&app, account, &eva, "csm", None),
        );
        let held = told(&app, account).await;
        let current = held.iter().filter(|line| line.contains("CURRENT")).count();
        assert_eq!(current, 1, "{held:?}");
    }
}
