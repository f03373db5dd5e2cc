//! The Centrics story (F4), as its users live it: a template is drafted and published, a customer
//! is won on 23 January, and the journey advances, repeats and returns.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, example};
use crate::harness::{TestApp, both};

both!(the_journey_of_a_customer_from_the_hand_over_to_its_end);

/// The example, but for its last stage, which ends the journey instead of beginning again.
fn definition() -> Value {
    let mut draft = example("centrics.json");
    let growth = draft["stages"][2].as_object_mut().expect("it has three stages");
    growth.insert("then".to_owned(), json!("COMPLETE"));
    growth.remove("loopTo");
    draft
}

/// What the template refers to.
async fn lay_ground(manager: &Desk) -> (String, String) {
    let survey = |key: &str, method: &str| {
        json!({ "key": key, "name": key, "question": "?", "method": method,
            "purpose": "TRANSACTIONAL" })
    };
    let csat = survey("csat-onboarding", "CSAT");
    manager.done("surveyCreate", csat, "survey").await;
    let nps = survey("nps-relacional", "NPS");
    let nps = manager.done("surveyCreate", nps, "survey").await;
    let active_users = json!({
        "key": "usuarios-ativos", "name": "Usuários ativos", "unit": "users", "grain": "DAY",
        "aggregation": "LAST", "direction": "HIGHER_IS_BETTER", "freshnessDays": 30,
    });
    (nps, manager.done("metricCreate", active_users, "metric").await)
}

/// A broken draft is refused with everything that is wrong with it; the right one is published.
async fn publish(manager: &Desk) {
    let new = json!({ "key": "centrics", "name": "Jornada Centrics", "isDefault": true });
    let template = manager.done("journeyTemplateCreate", new, "journeyTemplate").await;
    let mut broken = definition();
    broken["stages"][0]["tasks"][1]["typeKey"] = json!("core.telepathy");
    broken["stages"][0]["tasks"][7]["config"]["metricKey"] = json!("unknown");
    broken["stages"][1]["then"] = json!("LOOP_TO");
    broken["stages"][1]["loopTo"] = json!("crescimento");
    broken["stages"][2]["then"] = json!("NEXT");
    let version = manager.draft(&template, broken).await;
    let found = manager.refused("journeyTemplatePublish", json!({ "id": version })).await;
    let expected = [
        "stages.0.tasks.1.typeKey UNKNOWN_TASK_TYPE",
        "stages.0.tasks.7.config.metricKey UNKNOWN_METRIC",
        "stages.1.loopTo BAD_LOOP",
        "stages.2.then NO_END",
        "stages.2 UNREACHABLE_STAGE",
    ];
    assert_eq!(found, expected);
    let query = "query ($id: ID!) { journeyTemplateVersion(id: $id) { problems { field code } } }";
    let seen = manager.see(query, json!({ "id": version })).await;
    let problems = seen["journeyTemplateVersion"]["problems"].as_array().map(Vec::len);
    assert_eq!(problems, Some(expected.len()), "they are told before, too");
    manager.publish_next(&template, definition()).await;
}

async fn the_journey_of_a_customer_from_the_hand_over_to_its_end(app: TestApp) {
    app.set_time("2026-01-23T13:00:00Z");
    let manager = Desk::of(&app, Role::Manager).await;
    let (nps, metric) = lay_ground(&manager).await;
    publish(&manager).await;
    let user = app.user(Role::Csm).await;
    let csm = Desk { app: app.clone(), token: app.token_of(user.id, &[]).await };
    let new = json!({ "name": "Padaria Central", "csmId": global(user.id) });
    let padaria = csm.done("accountCreate", new, "account").await;
    let story = Story { csm, padaria, nps, metric };

    story.hand_over_and_kick_off().await;
    story.a_failed_indicator_repeats_the_stage().await;
    story.a_failed_continuous_indicator_returns_the_journey().await;
    story.the_journey_comes_to_its_end().await;
}

struct Story {
    csm: Desk,
    padaria: String,
    nps: String,
    metric: String,
}

impl Story {
    /// How many users of the customer are active on a day.
    async fn count_users(&self, day: &str, value: f64) {
        let point = json!({
            "metricId": self.metric, "subjectId": self.padaria, "period": day, "value": value,
        });
        let points = json!({ "points": [point] });
        let payload = self.csm.ask("metricPointsRecord", points, "points { value }").await;
        assert_eq!(payload["userErrors"], json!([]));
        self.csm.app.run_jobs().await;
    }

    async fn hand_over_and_kick_off(&self) {
        let Self { csm, padaria, .. } = self;
        assert_eq!(csm.place(padaria).await, "onboarding 1.1 ACTIVE");
        assert_eq!(csm.to_do(padaria).await, ["passagem-de-bastao 2026-01-25"]);
        csm.complete(padaria, "passagem-de-bastao", json!({})).await;
        assert_eq!(csm.to_do(padaria).await, ["reuniao-de-kick-off 2026-01-26"]);

        csm.app.set_time("2026-01-26T18:30:00Z");
        let talk = json!({ "interaction": {
            "sentiment": "VERY_POSITIVE", "notes": "Querem começar já.",
        } });
        let task = csm.complete(padaria, "reuniao-de-kick-off", talk).await;
        let query = "query ($id: ID!) { account(id: $id) { lastSentiment interactions { nodes {
            channel subject notes sentiment happenedAt task { id } user { role } } } } }";
        let mut seen = csm.see(query, json!({ "id": padaria })).await;
        let expected = json!({ "lastSentiment": "VERY_POSITIVE", "interactions": { "nodes": [{
            "channel": "VIDEO", "subject": "Reunião de Kick-off",
            "notes": "Querem começar já.", "sentiment": "VERY_POSITIVE",
            "happenedAt": "2026-01-26T18:30:00+00:00", "task": { "id": task },
            "user": { "role": "CSM" },
        }] } });
        assert_eq!(seen["account"].take(), expected);
    }

    async fn a_failed_indicator_repeats_the_stage(&self) {
        let Self { csm, padaria, .. } = self;
        self.count_users("2026-01-26", 8.0).await;
        csm.work_through(padaria, 0.0, &["pesquisa-de-satisfacao", "configuracao-concluida"]).await;
        let answer = json!({ "answer": { "score": 4, "comment": "Muito bom" } });
        csm.complete(padaria, "pesquisa-de-satisfacao", answer).await;
        let query = "query ($id: ID!) { account(id: $id) { surveyResponses { nodes {
            score comment method task { title } } } } }";
        let seen = csm.see(query, json!({ "id": padaria })).await;
        let answers = &seen["account"]["surveyResponses"]["nodes"];
        assert_eq!(
            (answers[0]["score"].as_i64(), &answers[0]["method"]),
            (Some(4), &json!("CSAT"))
        );

        csm.app.set_time("2026-02-02T13:00:00Z");
        csm.complete(padaria, "configuracao-concluida", json!({ "value": 60 })).await;
        assert_eq!(csm.place(padaria).await, "onboarding 1.2 ACTIVE");
        assert_eq!(csm.to_do(padaria).await, ["passagem-de-bastao 2026-02-04"], "fresh tasks");
        let query = "query ($id: ID!) { account(id: $id) { primaryJourney {
            completeness visits(first: 1) { nodes { outcome completeness
                evaluations { nodes { indicatorKey observed target verdict isCarried } } } } } } }";
        let mut seen = csm.see(query, json!({ "id": padaria })).await;
        let judged = |key: &str, observed: f64, target: f64, verdict: &str| {
            json!({ "indicatorKey": key, "observed": observed, "target": target,
                "verdict": verdict, "isCarried": false })
        };
        let visit = json!({ "outcome": "REPEATED", "completeness": 1.0, "evaluations": { "nodes": [
            judged("configuracao-concluida", 60.0, 80.0, "FAILED"),
            judged("usuarios-ativos", 8.0, 5.0, "PASSED"),
        ] } });
        let journey = json!({ "completeness": 0.0, "visits": { "nodes": [visit] } });
        assert_eq!(seen["account"]["primaryJourney"].take(), journey);

        csm.work_through(padaria, 90.0, &[]).await;
        assert_eq!(csm.place(padaria).await, "adocao 1.1 ACTIVE", "it passed");
    }

    async fn a_failed_continuous_indicator_returns_the_journey(&self) {
        let Self { csm, padaria, nps, .. } = self;
        csm.app.set_time("2026-02-20T13:00:00Z");
        self.count_users("2026-02-20", 3.0).await;
        let answer = json!({ "surveyId": nps, "accountId": padaria, "score": 9 });
        csm.done("surveyResponseRecord", answer, "surveyResponse").await;
        csm.work_through(padaria, 0.0, &[]).await;
        assert_eq!(csm.place(padaria).await, "onboarding 1.3 ACTIVE", "the NPS did not help");
        let query = "query ($id: ID!) { account(id: $id) { primaryJourney { visits(last: 2) {
            nodes { evaluations { nodes { indicatorKey verdict isCarried } } } } } } }";
        let seen = csm.see(query, json!({ "id": padaria })).await;
        let judged = &seen["account"]["primaryJourney"]["visits"]["nodes"][0]["evaluations"];
        let carried = json!({
            "indicatorKey": "usuarios-ativos", "verdict": "FAILED", "isCarried": true,
        });
        assert!(judged["nodes"].as_array().is_some_and(|all| all.contains(&carried)), "{judged}");
    }

    async fn the_journey_comes_to_its_end(&self) {
        let Self { csm, padaria, nps, .. } = self;
        csm.app.set_time("2026-03-02T13:00:00Z");
        self.count_users("2026-03-02", 12.0).await;
        csm.work_through(padaria, 100.0, &[]).await;
        assert_eq!(csm.place(padaria).await, "adocao 1.2 ACTIVE");
        csm.app.set_time("2026-03-20T13:00:00Z");
        csm.work_through(padaria, 0.0, &[]).await;
        assert_eq!(csm.place(padaria).await, "adocao 1.2 WAITING INDICATOR", "9 is an old answer");
        let query = "query ($id: ID!) { account(id: $id) { primaryJourney {
            awaitedIndicators { key source isCarried } } } }";
        let seen = csm.see(query, json!({ "id": padaria })).await;
        let awaited = seen["account"]["primaryJourney"]["awaitedIndicators"].as_array().cloned();
        let nps_is = json!({ "key": "nps-da-conta", "source": "NPS", "isCarried": false });
        assert!(awaited.is_some_and(|awaited| awaited.contains(&nps_is)));

        let answer = json!({ "surveyId": nps, "accountId": padaria, "score": 10 });
        csm.done("surveyResponseRecord", answer, "surveyResponse").await;
        csm.app.run_jobs().await;
        assert_eq!(csm.place(padaria).await, "crescimento 1.1 ACTIVE", "the answer woke it");
        csm.work_through(padaria, 0.0, &[]).await;
        assert_eq!(csm.place(padaria).await, "crescimento 1 COMPLETED");
        let path = [
            "onboarding 1.1 REPEATED",
            "onboarding 1.2 ADVANCED",
            "adocao 1.1 REGRESSED",
            "onboarding 1.3 ADVANCED",
            "adocao 1.2 ADVANCED",
            "crescimento 1.1 ADVANCED",
        ];
        assert_eq!(csm.path(padaria).await, path);
    }
}
