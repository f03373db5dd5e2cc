//! Tokens: nobody can give out more than he has.

use chrono::TimeDelta;
use jornada_domain::auth::token::{self, NewToken};
use jornada_domain::auth::{Access, Actor, Area, Role, Scope, Scopes};
use jornada_domain::id::UserId;
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, Error, Result};
use serde_json::json;

use crate::harness::{TestApp, actor, both};

both!(
    scopes_stay_within_the_role,
    a_narrow_token_cannot_be_exchanged_for_a_wide_one,
    tokens_of_others_need_the_right_to_change_users,
    a_token_begins_in_order,
    there_is_an_end_to_tokens,
);

fn new(user_id: UserId, scopes: &[&str]) -> NewToken {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    NewToken { user_id, name: "Test".to_owned(), scopes, expires_at: None, digest: "0".repeat(64) }
}

async fn give(app: &TestApp, by: &Actor, new: NewToken) -> Result<token::Model> {
    app.try_write(by, async |tx| token::create(tx, new).await).await
}

fn is_bad_scope(result: &Result<token::Model>) -> bool {
    result.as_ref().is_err_and(|error| error.has(Code::BadScope))
}

fn only(actor: &Actor, scopes: &[&str]) -> Actor {
    let scopes: Scopes = scopes.iter().filter_map(|text| Scope::parse(text)).collect();
    Actor { scopes, ..actor.clone() }
}

async fn scopes_stay_within_the_role(app: TestApp) {
    let csm = app.user(Role::Csm).await;
    let by_csm = actor(&csm);
    let row = give(&app, &by_csm, new(csm.id, &["tasks:write", "tasks:read", "users:read"])).await;
    let row = row.expect("a csm has these rights");
    assert_eq!(row.scopes, json!(["users:read", "tasks:write"]));
    let rights = row.rights(Role::Csm.scopes());
    assert!(rights.allows(Area::Tasks, Access::Write));
    assert!(!rights.allows(Area::Accounts, Access::Read));
    assert!(!row.rights(Role::Viewer.scopes()).allows(Area::Tasks, Access::Write));
    for scope in ["users:write", "nothing:read", "tasks"] {
        assert!(is_bad_scope(&give(&app, &by_csm, new(csm.id, &["tasks:read", scope])).await));
    }
    let all = give(&app, &by_csm, new(csm.id, &[])).await.expect("all rights of the role");
    assert_eq!(all.rights(Role::Csm.scopes()), Role::Csm.scopes());
}

async fn a_narrow_token_cannot_be_exchanged_for_a_wide_one(app: TestApp) {
    let csm = app.user(Role::Csm).await;
    let narrow = only(&actor(&csm), &["users:read", "tasks:read"]);
    assert!(is_bad_scope(&give(&app, &narrow, new(csm.id, &[])).await));
    assert!(is_bad_scope(&give(&app, &narrow, new(csm.id, &["tasks:write"])).await));
    give(&app, &narrow, new(csm.id, &["tasks:read"])).await.expect("as narrow as itself");
    let blind = only(&actor(&csm), &["tasks:read"]);
    let refused = give(&app, &blind, new(csm.id, &["tasks:read"])).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
}

async fn tokens_of_others_need_the_right_to_change_users(app: TestApp) {
    let (csm, viewer) = (app.user(Role::Csm).await, app.user(Role::Viewer).await);
    let admin = actor(&app.user(Role::Admin).await);
    let by_csm = actor(&csm);
    let refused = give(&app, &by_csm, new(viewer.id, &[])).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let row = give(&app, &admin, new(viewer.id, &[])).await.expect("an admin may");
    let args = PageArgs::first(10);
    let listed = token::list(&app.read(&by_csm), viewer.id, &args).await;
    assert!(matches!(listed, Err(Error::Forbidden(_))));
    let revoked = app.try_write(&by_csm, async |tx| token::revoke(tx, row.id).await).await;
    assert!(matches!(revoked, Err(Error::Forbidden(_))));
    let own = token::list(&app.read(&actor(&viewer)), viewer.id, &args).await;
    assert_eq!(own.expect("one's own").into_rows(), [row]);
    let owner = app.home().await.owner.clone();
    let owners = give(&app, &admin, new(owner.id, &[])).await;
    assert!(owners.is_err_and(|error| error.has(Code::OwnerNeeded)));
}

async fn a_token_begins_in_order(app: TestApp) {
    let owner = app.home().await.owner.clone();
    let by_owner = actor(&owner);
    let past = NewToken { expires_at: Some(app.now()), ..new(owner.id, &[]) };
    assert!(give(&app, &by_owner, past).await.is_err_and(|e| e.has(Code::TooEarly)));
    let unnamed = NewToken { name: " ".to_owned(), ..new(owner.id, &["x"]) };
    let problems = give(&app, &by_owner, unnamed).await.expect_err("both are wrong");
    assert!(problems.has(Code::Required) && problems.has(Code::BadScope), "{problems}");
}

async fn there_is_an_end_to_tokens(app: TestApp) {
    let csm = app.user(Role::Csm).await;
    let owner = app.home().await.actor();
    let soon = Some(app.now() + TimeDelta::hours(1));
    app.write(&owner, async |tx| {
        for _ in 0..100 {
            token::create(tx, NewToken { expires_at: soon, ..new(csm.id, &[]) }).await?;
        }
        Ok(())
    })
    .await;
    let refused = give(&app, &owner, new(csm.id, &[])).await;
    assert!(refused.is_err_and(|error| error.has(Code::TooMany)));
    app.advance(1);
    give(&app, &owner, new(csm.id, &[])).await.expect("the others have expired");
}
