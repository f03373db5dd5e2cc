//! Plans that meet journeys on the move.

use jornada_domain::journeys::handoff::accept;
use jornada_domain::journeys::review::{self, NewDeferredItem};
use jornada_domain::journeys::risks::{self, NewRisk};
use jornada_domain::plans::SignalSource;
use jornada_domain::plans::deferred_item;
use jornada_domain::plans::handoff::{self, HandoffKind, HandoffStatus, NewHandoff};
use jornada_domain::plans::risk::Severity;
use jornada_domain::{Code, Tx};

use super::{Customer, Ground, ROUNDS, complete};
use crate::harness::{Engine, run};

#[test]
fn of_two_who_accept_a_handoff_one_wins() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let account_id = ground.customer(round).await.account;
            let new = NewHandoff {
                account_id,
                kind: HandoffKind::Other,
                from_user_id: None,
                from_team_id: None,
                to_user_id: ground.csms[1],
                role_id: ground.csm_role,
                checklist: Vec::new(),
                notes: None,
            };
            let id = ground.app.write(&ground.actor, async |tx| handoff::create(tx, new).await);
            let id = id.await.id;
            let (one, other) = ground
                .race(
                    async |tx| accept(tx, id, None, None).await,
                    async |tx| accept(tx, id, None, None).await,
                )
                .await;
            let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
            assert_eq!(won.expect("one wins").status, HandoffStatus::Accepted);
            let error = lost.expect_err("the other one is told so");
            assert!(error.has(Code::AlreadyClosed), "{error}");
            let open = ground.open_tasks(account_id).await;
            assert!(open.iter().all(|task| task.assignee_user_id == Some(ground.csms[1])));
        }
    });
}

#[test]
fn growth_that_opens_while_a_critical_risk_appears_is_blocked() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, tasks, .. } = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let new = NewRisk {
                account_id: account,
                source: SignalSource::Person,
                title: "Leaving".to_owned(),
                reason: None,
                severity: Severity::Critical,
                owner_id: None,
                amount: None,
                opened_at: None,
            };
            let (done, endangered) = ground
                .race(
                    async |tx| complete(tx, tasks[1]).await,
                    async |tx| risks::open(tx, new).await,
                )
                .await;
            done.expect("the task is done");
            endangered.expect("the risk is noted");
            assert_eq!(ground.open_tasks(account).await, [], "round {round}");
        }
    });
}

#[test]
fn what_is_left_out_while_the_journey_comes_to_adoption_is_reviewed() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let Customer { account, tasks, .. } = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let new = NewDeferredItem {
                account_id: account,
                journey_id: None,
                stage_key: None,
                title: "Payroll".to_owned(),
                note: None,
            };
            let (done, deferred) = ground
                .race(
                    async |tx| complete(tx, tasks[1]).await,
                    async |tx| review::defer(tx, new).await,
                )
                .await;
            done.expect("the task is done");
            let id = deferred.expect("it is left out").id;
            let cx = ground.app.read(&ground.actor);
            let item = deferred_item::find(&cx, id).await.expect("it is there");
            assert!(item.review_task_id.is_some(), "round {round}");
        }
    });
}
