//! Facts of the past that files tell: who looked after an account, who has left since, and on which
//! day somebody was lost.

use jornada_domain::auth::Role;

use serde_json::{Value, json};

use super::Import;
use crate::customers::global;
use crate::harness::{TestApp, both};

both!(
    a_role_is_handed_over_on_a_day_and_held_by_one_otherwise,
    what_somebody_did_who_has_left_since_is_taken,
    another_day_and_another_reason_of_a_loss_correct_it,
);

const ACCOUNTS: &str = "id,name\n1,Alfa\n2,Beta\n";

const ASSIGNMENTS: &str = "account_id,user_email,role,starts_on,ends_on\n";

async fn a_role_is_handed_over_on_a_day_and_held_by_one_otherwise(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let (bia, caio) = (app.user(Role::Csm).await.email, app.user(Role::Csm).await.email);
    let text = format!(
        "{ASSIGNMENTS}1,{bia},,2025-01-01,2025-06-30\n1,{caio},,2025-06-30,\n\
         2,{bia},,2025-01-01,2025-06-30\n2,{caio},,2025-06-30,2025-09-30\n"
    );
    import.twice("assignments", &text, [4, 0]).await;
    for (row, reason) in [
        ("2,CAIO,,2025-03-01,", "starts_on: This is too early. Give 2025-09-30 or later."),
        ("1,BIA,,2025-06-30,2025-07-02", "starts_on: Somebody held this role from 2025-06-30 to"),
        ("2,BIA,,2025-08-01,2025-08-01", "from 2025-06-30 to 2025-09-30. Give days before"),
        ("1,CAIO,,2025-06-29,", "starts_on: This is too early. Give 2025-06-30 or later."),
    ] {
        let row = row.replace("BIA", &bia).replace("CAIO", &caio);
        let text = format!("{ASSIGNMENTS}{row}\n");
        import.run_kind("assignments", text, &[]).await.assert(0, 0, 0, 1);
        let rejected = import.rejected_of("assignments");
        assert!(rejected.contains(reason), "{reason}: {rejected}");
    }
    let text = format!("{ASSIGNMENTS}2,{bia},,2025-09-30,\n");
    import.twice("assignments", &text, [1, 0]).await;
}

async fn what_somebody_did_who_has_left_since_is_taken(app: TestApp) {
    let import = Import::new(&app);
    import.run(ACCOUNTS).await.assert(2, 0, 0, 0);
    let gone = app.user(Role::Csm).await;
    let token = &app.home().await.token;
    app.mutate(token, "userDeactivate", "", json!({ "id": global(gone.id) })).await;
    let email = gone.email;
    let text = format!("{ASSIGNMENTS}1,{email},,2025-01-01,2025-05-31\n");
    import.twice("assignments", &text, [1, 0]).await;
    let text = format!("id,account_id,user_email,subject,date\ni1,1,{email},Visit,2025-03-01\n");
    import.twice("interactions", &text, [1, 0]).await;
    let query = "{ accounts(first: 1) { nodes {
        assignments(first: 5) { nodes { user { email } state } }
        interactions { nodes { user { email } } } } } }";
    let seen = import.see(query).await;
    let user = json!({ "email": email });
    let alfa = json!({
        "assignments": { "nodes": [{ "user": user, "state": "ENDED" }] },
        "interactions": { "nodes": [{ "user": user }] },
    });
    assert_eq!(seen["accounts"]["nodes"][0], alfa);
    // Nobody who has left looks after an account now.
    let text = format!("{ASSIGNMENTS}1,{email},,2025-06-01,\n");
    import.run_kind("assignments", text, &[]).await.assert(0, 0, 0, 1);
    let rejected = import.rejected_of("assignments");
    assert!(rejected.contains("user_email: This user is deactivated"), "{rejected}");
}

async fn another_day_and_another_reason_of_a_loss_correct_it(app: TestApp) {
    let import = Import::new(&app);
    let text = "id,name,customer_since,status,status_since,valor\n\
                1,Alfa,2024-01-01,active,,100\n2,Beta,2024-01-01,active,,100\n\
                3,Gama,2024-01-01,paused,2025-12-01,\n";
    import.run(text).await.assert(3, 0, 0, 0);
    let header = "id,name,status,status_since,churn_reason\n";
    let lost = format!("{header}1,Alfa,churned,2025-10-23,saiu\n");
    import.twice("accounts", &lost, [0, 1]).await;
    let query = "{ accounts(first: 3) { nodes { status churnedOn churnReason pausedOn
        subscriptions { nodes { cancelledOn } } } } }";
    let told = async || {
        let seen = import.see(query).await;
        let nodes = seen["accounts"]["nodes"].as_array().expect("a list").clone();
        let cancelled = |node: &Value| node["subscriptions"]["nodes"][0]["cancelledOn"].clone();
        let alfa = &nodes[0];
        json!([alfa["churnedOn"], alfa["churnReason"], cancelled(alfa), nodes[2]["pausedOn"]])
    };
    assert_eq!(told().await, json!(["2025-10-23", "saiu", "2025-10-23", "2025-12-01"]));
    let earlier = format!("{header}1,Alfa,churned,2025-09-23,preço\n3,Gama,paused,2025-11-15,\n");
    import.twice("accounts", &earlier, [0, 2]).await;
    assert_eq!(told().await, json!(["2025-09-23", "preço", "2025-09-23", "2025-11-15"]));
    let later = format!("{header}1,Alfa,churned,2025-11-05,\n3,Gama,paused,,\n");
    import.run(&later).await.assert(0, 1, 1, 0);
    assert_eq!(told().await, json!(["2025-11-05", "preço", "2025-11-05", "2025-11-15"]));
    let wrong = format!("{header}1,Alfa,churned,2999-01-01,\n");
    import.run(&wrong).await.assert(0, 0, 0, 1);
    let rejected = import.rejected();
    assert!(rejected.contains("status_since: This is too late"), "{rejected}");
}
