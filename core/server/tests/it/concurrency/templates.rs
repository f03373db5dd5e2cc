//! Two who write the same plan, or make different ones the default.

use jornada_domain::Code;
use jornada_domain::Tx;
use jornada_domain::id::JourneyTemplateId;
use jornada_domain::journeys::definition::Definition;
use jornada_domain::journeys::stage_template::Then;
use jornada_domain::journeys::template::{self, NewTemplate, TemplatePatch};
use jornada_domain::journeys::{draft, version};
use jornada_domain::page::PageArgs;

use super::{Ground, ROUNDS, stage};
use crate::harness::{Engine, run};

impl Ground {
    async fn template(&self, key: String) -> JourneyTemplateId {
        let new = NewTemplate { name: key.clone(), key, description: None, is_default: false };
        let create = async |tx: &Tx<'_>| draft::create_template(tx, new).await;
        self.app.write(&self.actor, create).await.id
    }

    fn definition(&self) -> Definition {
        let stages = vec![stage("one", Then::Complete, self.csm_role)];
        Definition { max_attempts: 5, stages }
    }
}

#[test]
fn of_two_who_save_a_draft_the_second_is_told_of_the_first() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let id = ground.template("plan".to_owned()).await;
        let definition = ground.definition();
        for round in 0..ROUNDS {
            let open = async |tx: &Tx<'_>| draft::open_draft(tx, id).await;
            let version = ground.app.write(&ground.actor, open).await;
            let expected = Some(version.version);
            let (one, other) = ground
                .race(
                    async |tx| draft::save(tx, version.id, expected, &definition).await,
                    async |tx| draft::save(tx, version.id, expected, &definition).await,
                )
                .await;
            let failed = [one, other].map(|result| match result {
                Ok(_) => 0,
                Err(error) => {
                    assert!(error.has(Code::Conflict), "round {round}: {error}");
                    1
                }
            });
            assert_eq!(failed.iter().sum::<i32>(), 1, "round {round}");
        }
    });
}

#[test]
fn two_who_open_a_draft_get_the_same_one() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        for round in 0..ROUNDS {
            let id = ground.template(format!("plan-{round}")).await;
            let publish = async |tx: &Tx<'_>| {
                let version = draft::open_draft(tx, id).await?;
                draft::save(tx, version.id, None, &ground.definition()).await?;
                draft::publish(tx, version.id).await
            };
            ground.app.write(&ground.actor, publish).await;
            let (one, other) = ground
                .race(
                    async |tx| draft::open_draft(tx, id).await,
                    async |tx| draft::open_draft(tx, id).await,
                )
                .await;
            let [one, other] = [one, other].map(|draft| draft.expect("it is opened").id);
            assert_eq!(one, other, "round {round}");
            let cx = ground.app.read(&ground.actor);
            let drafts = version::drafts_of(&cx, &[id]).await.expect("they are read");
            assert_eq!(drafts.len(), 1, "round {round}");
        }
    });
}

#[test]
fn of_two_templates_that_become_the_default_one_is() {
    run(Engine::Postgres, async |app| {
        let ground = Ground::new(app).await;
        let ids = [ground.template("a".to_owned()).await, ground.template("b".to_owned()).await];
        let to =
            |is_default| TemplatePatch { is_default: Some(is_default), ..TemplatePatch::default() };
        let set =
            async |tx: &Tx<'_>, id, is_default| template::update(tx, id, to(is_default)).await;
        for round in 0..ROUNDS {
            for id in [ground.template, ids[0], ids[1]] {
                ground.app.write(&ground.actor, async |tx| set(tx, id, false).await).await;
            }
            let (one, other) = ground
                .race(
                    async |tx| set(tx, ids[0], true).await,
                    async |tx| set(tx, ids[1], true).await,
                )
                .await;
            one.unwrap_or_else(|error| panic!("round {round}: {error}"));
            other.unwrap_or_else(|error| panic!("round {round}: {error}"));
            let cx = ground.app.read(&ground.actor);
            let page = template::list(&cx, false, &PageArgs::first(10)).await;
            let rows = page.expect("they are listed").into_rows();
            assert_eq!(rows.iter().filter(|row| row.is_default).count(), 1, "round {round}");
        }
    });
}
