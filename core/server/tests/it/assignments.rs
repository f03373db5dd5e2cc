//! Assignments: who holds a role at an account from when to when.

use chrono::NaiveDate;
use jornada_domain::accounts::assignment::{self, NewAssignment};
use jornada_domain::auth::{Role, user};
use jornada_domain::id::{AccountId, OptionId};
use jornada_domain::journeys::people;
use jornada_domain::options::{option, set};
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, Result};
use serde_json::{Value, json};

use crate::customers::{self, global};
use crate::harness::{TestApp, both};

both!(
    a_role_has_one_holder_at_a_time,
    a_later_start_waits_for_its_day,
    what_cannot_be_is_refused,
    of_two_who_are_given_a_role_at_the_same_time_the_last_holds_it,
);

/// Gives a built-in role of an account of the home workspace to a user.
pub(crate) async fn assign(
    app: &TestApp,
    account_id: AccountId,
    user: &user::Model,
    role_key: &str,
    starts_on: Option<&str>,
) -> assignment::Model {
    let given = try_assign(app, account_id, user, role_key, starts_on).await;
    given.expect("the role is given")
}

async fn try_assign(
    app: &TestApp,
    account_id: AccountId,
    user: &user::Model,
    role_key: &str,
    starts_on: Option<&str>,
) -> Result<assignment::Model> {
    let owner = app.home().await.actor();
    let role_id = role_id(app, role_key).await;
    let starts_on: Option<NaiveDate> = starts_on.map(|date| date.parse().expect("it is a date"));
    let new = NewAssignment { account_id, user_id: user.id, role_id, starts_on };
    app.try_write(&owner, async |tx| people::assign_role(tx, new).await).await
}

/// The id of a built-in account role of the home workspace.
async fn role_id(app: &TestApp, key: &str) -> OptionId {
    let owner = app.home().await.actor();
    let cx = app.read(&owner);
    let roles = set::by_key(&cx, set::ACCOUNT_ROLE).await.expect("it is built in");
    let options = option::of_sets(&cx, &[roles.id], &PageArgs::first(100)).await;
    let options = options.expect("options can be read").remove(&roles.id);
    let options = options.expect("the set has a page").into_rows();
    options.into_iter().find(|row| row.key == key).expect("the role is built in").id
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
    let first = assign(&app, account, &ana, option::CSM, Some("2026-01-05")).await;
    assign(&app, account, &ana, option::ONBOARDING, None).await;
    let again = assign(&app, account, &ana, option::CSM, None).await;
    assert_eq!(again, first);
    assign(&app, account, &eva, option::CSM, None).await;
    assert_eq!(csm(&app, account).await, json!(eva.name));
    let expected = [
        format!("{} csm CURRENT 2026-01-20 -", eva.name),
        format!("{} onboarding CURRENT 2026-01-20 -", ana.name),
        format!("{} csm ENDED 2026-01-05 2026-01-19", ana.name),
    ];
    assert_eq!(told(&app, account).await, expected);
}

async fn a_later_start_waits_for_its_day(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    let (ana, eva, ivo) =
        (app.user(Role::Csm).await, app.user(Role::Csm).await, app.user(Role::Csm).await);
    assign(&app, account, &ana, option::CSM, None).await;
    let planned = assign(&app, account, &eva, option::CSM, Some("2026-02-01")).await;
    assert_eq!(assign(&app, account, &eva, option::CSM, Some("2026-02-01")).await, planned);
    assign(&app, account, &ivo, option::CSM, Some("2026-03-01")).await;
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(ana.name));
    // The day begins at three in UTC.
    app.set_time("2026-02-01T02:59:59Z");
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(ana.name));
    app.set_time("2026-02-01T03:00:00Z");
    app.run_jobs().await;
    assert_eq!(csm(&app, account).await, json!(eva.name));
    let owner = app.home().await.actor();
    let planned = assignment::list(&app.read(&owner), account, &PageArgs::first(1)).await;
    let planned = planned.expect("assignments can be read").into_rows().remove(0);
    let end =
        async |id| app.write(&owner, async |tx| people::end_assignment(tx, id, None).await).await;
    end(planned.id).await;
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
    let account = customers::account(&app, "Padaria", None).await.id;
    let (ana, gone) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let owner = app.home().await.actor();
    let leave =
        async |id| app.write(&owner, async |tx| people::deactivate_user(tx, id, None).await).await;
    leave(gone.id).await;
    let refused = try_assign(&app, account, &gone, option::CSM, None).await;
    assert!(refused.expect_err("he is gone").has(Code::UserInactive));
    let held = assign(&app, account, &ana, option::CSM, Some("2026-01-10")).await;
    let eva = app.user(Role::Csm).await;
    let refused = try_assign(&app, account, &eva, option::CSM, Some("2026-01-09")).await;
    assert!(refused.expect_err("it is before").has(Code::TooEarly));
    for (on, code) in [("2026-01-09", Code::TooEarly), ("2026-01-21", Code::TooLate)] {
        let on = Some(on.parse().expect("it is a date"));
        let end = async |tx: &jornada_domain::Tx<'_>| people::end_assignment(tx, held.id, on).await;
        let refused = app.try_write(&owner, end).await;
        assert!(refused.expect_err("the day cannot be").has(code));
    }
    let elsewhere = app.workspace().await;
    let new = NewAssignment {
        account_id: account,
        user_id: elsewhere.owner.id,
        role_id: held.role_id,
        starts_on: None,
    };
    let stranger = elsewhere.actor();
    let refused = app.try_write(&stranger, async |tx| people::assign_role(tx, new).await).await;
    assert!(refused.expect_err("it is not theirs").has(Code::NotFound));
}

async fn of_two_who_are_given_a_role_at_the_same_time_the_last_holds_it(app: TestApp) {
    let account = customers::account(&app, "Padaria", None).await.id;
    for _ in 0..5 {
        let (ana, eva) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
        tokio::join!(
            assign(&app, account, &ana, option::CSM, None),
            assign(&app, account, &eva, option::CSM, None),
        );
        let held = told(&app, account).await;
        let current = held.iter().filter(|line| line.contains("CURRENT")).count();
        assert_eq!(current, 1, "{held:?}");
    }
}
