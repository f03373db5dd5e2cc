//! Teams and who belongs to them.

use jornada_domain::auth::Role;
use jornada_domain::auth::team::{self, NewTeam, TeamFilter, TeamPurpose, member};
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, Error, audit};
use serde_json::json;

use crate::harness::{TestApp, actor, both};

both!(
    members_come_and_go,
    who_comes_and_goes_is_written_down,
    an_archived_team_takes_nobody_in,
    teams_are_changed_by_who_may_change_users,
);

fn onboarding() -> NewTeam {
    NewTeam { name: "Take-off".to_owned(), purpose: TeamPurpose::Onboarding }
}

async fn members_come_and_go(app: TestApp) {
    let owner = app.home().await.actor();
    let (ana, eva) = (app.user(Role::Csm).await, app.user(Role::Manager).await);
    let team = app.write(&owner, async |tx| team::create(tx, onboarding()).await).await;
    for user in [&ana, &eva, &ana] {
        app.write(&owner, async |tx| member::add(tx, team.id, user.id).await).await;
    }
    let args = PageArgs::first(10);
    let cx = app.read(&owner);
    let members = member::list(&cx, team.id, &args).await.expect("members can be listed");
    assert_eq!(members.into_rows(), [ana.clone(), eva.clone()]);
    let left = app.write(&owner, async |tx| member::remove(tx, team.id, ana.id).await).await;
    assert_eq!(left.version, 4, "one for the team, and one for each who came or went");
    let teams = member::of_users(&cx, &[ana.id, eva.id], &args).await.expect("it asks");
    assert_eq!(teams.get(&ana.id).map_or(0, |page| page.rows.len()), 0);
    assert_eq!(teams.get(&eva.id).map_or(0, |page| page.rows.len()), 1);
}

async fn who_comes_and_goes_is_written_down(app: TestApp) {
    let owner = app.home().await.actor();
    let ana = app.user(Role::Csm).await;
    let team = app.write(&owner, async |tx| team::create(tx, onboarding()).await).await;
    app.write(&owner, async |tx| member::add(tx, team.id, ana.id).await).await;
    let subject = Some((jornada_domain::id::Kind::Team, team.id.into()));
    let entries = audit::list(&app.read(&owner), subject, &PageArgs::first(10)).await;
    let entries = entries.expect("the audit can be read").into_rows();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].action, "team.updated");
    assert_eq!(entries[0].changes, json!({ "members": { "before": [], "after": [ana.id] } }));
}

async fn an_archived_team_takes_nobody_in(app: TestApp) {
    let owner = app.home().await.actor();
    let team = app.write(&owner, async |tx| team::create(tx, onboarding()).await).await;
    app.write(&owner, async |tx| team::archive(tx, team.id).await).await;
    let ana = app.user(Role::Csm).await;
    let refused = app.try_write(&owner, async |tx| member::add(tx, team.id, ana.id).await);
    assert!(refused.await.is_err_and(|error| error.has(Code::Archived)));
    let live = team::list(&app.read(&owner), TeamFilter::default(), &PageArgs::first(10)).await;
    assert_eq!(live.expect("teams can be listed").into_rows(), []);
    app.write(&owner, async |tx| team::restore(tx, team.id).await).await;
    app.write(&owner, async |tx| member::add(tx, team.id, ana.id).await).await;
}

async fn teams_are_changed_by_who_may_change_users(app: TestApp) {
    let csm = actor(&app.user(Role::Csm).await);
    let refused = app.try_write(&csm, async |tx| team::create(tx, onboarding()).await).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let owner = app.home().await.actor();
    let team = app.write(&owner, async |tx| team::create(tx, onboarding()).await).await;
    let again = app.try_write(&owner, async |tx| team::create(tx, onboarding()).await).await;
    assert!(again.is_err_and(|error| error.has(Code::Taken)));
    let stranger = app.workspace().await.actor();
    let found = team::find(&app.read(&stranger), team.id).await;
    assert!(found.is_err_and(|error| error.has(Code::NotFound)));
    let guest = app.workspace().await.owner;
    let foreign = app.try_write(&owner, async |tx| member::add(tx, team.id, guest.id).await);
    assert!(foreign.await.is_err_and(|error| error.has(Code::NotFound)));
}
