//! People who leave while others are at work.

use jornada_domain::accounts::account::NewAccount;
use jornada_domain::accounts::assignment::NewAssignment;
use jornada_domain::auth::{Role, user};
use jornada_domain::id::{AccountId, UserId};
use jornada_domain::journeys::own_task::{self, NewTask};
use jornada_domain::journeys::people::{self, ActivateAssignments};
use jornada_domain::journeys::start::{self, JourneyStart};
use jornada_domain::tasks::kind;
use jornada_domain::{Code, Error, Result, Tx};

use super::{Ground, ROUNDS, complete};
use crate::harness::{Engine, run};

impl Ground {
    async fn csm(&self) -> UserId {
        self.app.user(Role::Csm).await.id
    }

    /// A customer without a journey.
    async fn bare(&self) -> AccountId {
        let new = NewAccount { name: "Customer".to_owned(), ..NewAccount::default() };
        let open = async |tx: &Tx<'_>| start::open_account(tx, new, None, JourneyStart::None).await;
        self.app.write(&self.actor, open).await.id
    }

    fn role(&self, account_id: AccountId, user_id: UserId) -> NewAssignment {
        NewAssignment { account_id, user_id, role_id: self.csm_role, starts_on: None }
    }

    /// Whether a user can leave without anybody who takes something over.
    async fn holds_nothing(&self, id: UserId) -> bool {
        let leave = async |tx: &Tx<'_>| people::deactivate_user(tx, id, None).await;
        self.app.try_write(&self.actor, leave).await.is_ok()
    }
}

fn is_inactive<T>(result: Result<T>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) => {
            assert!(error.has(Code::UserInactive), "{error}");
            true
        }
    }
}

#[test]
fn nobody_who_leaves_is_given_a_role_at_the_same_moment() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let mut refused = 0;
        for round in 0..ROUNDS {
            let (leaving, account) = (ground.csm().await, ground.bare().await);
            let heir = Some(ground.csms[1]);
            let (left, given) = ground
                .race(
                    async |tx| people::deactivate_user(tx, leaving, heir).await,
                    async |tx| people::assign_role(tx, ground.role(account, leaving)).await,
                )
                .await;
            left.expect("they leave");
            refused += usize::from(is_inactive(given));
            assert!(ground.holds_nothing(leaving).await, "round {round}");
        }
        println!("{refused} of {ROUNDS} roles came too late");
    });
}

#[test]
fn nobody_who_leaves_is_given_a_task_at_the_same_moment() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let mut refused = 0;
        for round in 0..ROUNDS {
            let (leaving, account) = (ground.csm().await, ground.bare().await);
            let heir = Some(ground.csms[1]);
            let new = NewTask {
                account_id: account,
                title: "Call".to_owned(),
                description: None,
                type_key: kind::STANDARD.to_owned(),
                due_on: None,
                effort_minutes: None,
                assignee_id: Some(leaving),
                risk_id: None,
                opportunity_id: None,
            };
            let (left, given) = ground
                .race(
                    async |tx| people::deactivate_user(tx, leaving, heir).await,
                    async |tx| own_task::create(tx, new).await,
                )
                .await;
            left.expect("they leave");
            refused += usize::from(is_inactive(given));
            assert!(ground.holds_nothing(leaving).await, "round {round}");
        }
        println!("{refused} of {ROUNDS} tasks came too late");
    });
}

#[test]
fn tasks_that_open_while_the_csm_leaves_belong_to_the_heir() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let (leaving, heir) = (ground.csms[0], ground.csms[1]);
        for round in 0..ROUNDS {
            let customer = ground.customer(round).await;
            let first = async |tx: &Tx<'_>| complete(tx, customer.tasks[0]).await;
            ground.app.write(&ground.actor, first).await;
            let (done, left) = ground
                .race(
                    async |tx| complete(tx, customer.tasks[1]).await,
                    async |tx| people::deactivate_user(tx, leaving, Some(heir)).await,
                )
                .await;
            done.expect("the task is done");
            left.expect("they leave");
            let open = ground.open_tasks(customer.account).await;
            assert_eq!(open.len(), 2, "round {round}");
            assert!(open.iter().all(|task| task.assignee_user_id == Some(heir)), "{round}");
            let back = async |tx: &Tx<'_>| user::reactivate(tx, leaving).await;
            ground.app.write(&ground.actor, back).await;
        }
    });
}

#[test]
fn of_two_who_leave_to_each_other_one_stays() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let (one, other) = (ground.csm().await, ground.csm().await);
            for user_id in [one, other] {
                let role = ground.role(ground.bare().await, user_id);
                let give = async |tx: &Tx<'_>| people::assign_role(tx, role).await;
                ground.app.write(&ground.actor, give).await;
            }
            let (first, second) = ground
                .race(
                    async |tx| people::deactivate_user(tx, one, Some(other)).await,
                    async |tx| people::deactivate_user(tx, other, Some(one)).await,
                )
                .await;
            assert!(is_inactive(first) != is_inactive(second), "round {round}");
        }
    });
}

/// Both take the same accounts, whose order by id is not the order of the days.
#[test]
fn roles_begin_while_their_holder_leaves() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let leaving = ground.csm().await;
            let today = ground.app.now().date_naive();
            for days in [2, 1] {
                let starts_on = Some(today + chrono::TimeDelta::days(days));
                let role = ground.role(ground.bare().await, leaving);
                let role = NewAssignment { starts_on, ..role };
                let give = async |tx: &Tx<'_>| people::assign_role(tx, role).await;
                ground.app.write(&ground.actor, give).await;
            }
            ground.app.advance(2);
            let on = ground.app.now().date_naive();
            let work = ActivateAssignments { on, round: 0 };
            let (left, begun) = ground
                .race(
                    async |tx| people::deactivate_user(tx, leaving, Some(ground.csms[1])).await,
                    async |tx| people::activate_assignments(tx, work).await,
                )
                .await;
            left.unwrap_or_else(|error: Error| panic!("round {round}: {error}"));
            begun.unwrap_or_else(|error: Error| panic!("round {round}: {error}"));
            assert!(ground.holds_nothing(leaving).await, "round {round}");
        }
        ground.app.run_jobs().await;
    });
}
