//! Users: who may change whom, and that an owner is always left.

use jornada_domain::auth::user::{self, NewUser, UserFilter, UserPatch};
use jornada_domain::auth::{Actor, Role};
use jornada_domain::filter::TextFilter;
use jornada_domain::id::UserId;
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, Error, Result};

use crate::harness::{TestApp, actor, both};

both!(
    the_last_owner_stays_one,
    only_an_owner_makes_or_unmakes_owners,
    two_owners_cannot_unmake_each_other_at_the_same_time,
    only_who_may_change_users_does,
    an_address_belongs_to_one_user_in_any_case,
    users_are_found_by_what_they_are_called,
    nobody_sees_users_of_another_workspace,
);

async fn make(app: &TestApp, by: &Actor, id: UserId, role: Role) -> Result<user::Model> {
    let patch = UserPatch { role: Some(role), ..Default::default() };
    app.try_write(by, async |tx| user::update(tx, id, patch).await).await
}

fn named(name: &str, email: &str) -> NewUser {
    let (name, email) = (name.to_owned(), email.to_owned());
    NewUser { email, name, role: Role::Csm, locale: None }
}

fn has(result: Result<user::Model>, code: Code) -> bool {
    result.is_err_and(|error| error.has(code))
}

async fn the_last_owner_stays_one(app: TestApp) {
    let owner = app.home().await.owner.clone();
    let by_owner = actor(&owner);
    assert!(has(make(&app, &by_owner, owner.id, Role::Admin).await, Code::LastOwner));
    let second = app.user(Role::Csm).await;
    let second = make(&app, &by_owner, second.id, Role::Owner).await;
    let second = second.expect("an owner may make another");
    make(&app, &by_owner, owner.id, Role::Admin).await.expect("now another one is left");
    let by_second = actor(&second);
    assert!(has(make(&app, &by_second, second.id, Role::Csm).await, Code::LastOwner));
}

async fn only_an_owner_makes_or_unmakes_owners(app: TestApp) {
    let owner = app.home().await.owner.clone();
    let (admin, csm) = (app.user(Role::Admin).await, app.user(Role::Csm).await);
    let by_admin = actor(&admin);
    assert!(has(make(&app, &by_admin, csm.id, Role::Owner).await, Code::OwnerNeeded));
    assert!(has(make(&app, &by_admin, owner.id, Role::Csm).await, Code::OwnerNeeded));
    let new = NewUser { role: Role::Owner, ..named("Eva", "eva@example.com") };
    let created = app.try_write(&by_admin, async |tx| user::create(tx, new).await).await;
    assert!(has(created, Code::OwnerNeeded));
    make(&app, &by_admin, csm.id, Role::Manager).await.expect("other roles are his to give");
}

async fn two_owners_cannot_unmake_each_other_at_the_same_time(app: TestApp) {
    let first = app.home().await.owner.clone();
    let second = app.user(Role::Owner).await;
    let (by_first, by_second) = (actor(&first), actor(&second));
    let (one, other) = tokio::join!(
        make(&app, &by_first, second.id, Role::Csm),
        make(&app, &by_second, first.id, Role::Csm),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

async fn only_who_may_change_users_does(app: TestApp) {
    for role in [Role::Manager, Role::Csm, Role::Viewer] {
        let user = app.user(role).await;
        let own = make(&app, &actor(&user), user.id, Role::Admin).await;
        assert!(matches!(own, Err(Error::Forbidden(_))), "{role:?}");
    }
}

async fn an_address_belongs_to_one_user_in_any_case(app: TestApp) {
    let by_owner = app.home().await.actor();
    let create = async |new| app.try_write(&by_owner, async |tx| user::create(tx, new).await).await;
    create(named("Ana", "Ana@Example.com")).await.expect("it is free");
    assert!(has(create(named("Eva", "ana@example.COM")).await, Code::Taken));
    let problems = create(named(" ", "nobody")).await.expect_err("both are wrong");
    assert!(problems.has(Code::Required) && problems.has(Code::BadFormat), "{problems}");
    let elsewhere = app.workspace().await.actor();
    let new = named("Ana", "ana@example.com");
    app.write(&elsewhere, async |tx| user::create(tx, new).await).await;
}

async fn users_are_found_by_what_they_are_called(app: TestApp) {
    let by_owner = app.home().await.actor();
    for (name, email) in [("Ana", "ana@a.com"), ("ana", "x@a.com"), ("An_", "eva@b.com")] {
        app.write(&by_owner, async |tx| user::create(tx, named(name, email)).await).await;
    }
    let names = async |filter: UserFilter| {
        let page = user::list(&app.read(&by_owner), filter, &PageArgs::first(100)).await;
        let rows = page.expect("users can be listed").into_rows();
        rows.into_iter().map(|user| user.name).collect::<Vec<_>>()
    };
    let begins =
        |text: &str| Some(TextFilter { starts_with: Some(text.to_owned()), ..Default::default() });
    let csm = Some(vec![Role::Csm]);
    assert_eq!(names(UserFilter { roles: csm, ..Default::default() }).await.len(), 3);
    assert_eq!(names(UserFilter { name: begins("An_"), ..Default::default() }).await, ["An_"]);
    assert_eq!(names(UserFilter { name: begins("ana"), ..Default::default() }).await, ["ana"]);
    assert_eq!(names(UserFilter { email: begins("EVA"), ..Default::default() }).await, ["An_"]);
    let inactive = UserFilter { active: Some(false), ..Default::default() };
    assert_eq!(names(inactive).await, [""; 0]);
}

async fn nobody_sees_users_of_another_workspace(app: TestApp) {
    let stranger = app.workspace().await.actor();
    let owner = app.home().await.owner.clone();
    let found = user::find(&app.read(&stranger), owner.id).await;
    assert!(has(found, Code::NotFound));
    let many = user::many(&app.read(&stranger), &[owner.id]).await.expect("it asks");
    assert_eq!(many, []);
    assert!(has(make(&app, &stranger, owner.id, Role::Csm).await, Code::NotFound));
}
