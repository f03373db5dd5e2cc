//! Surveys and what customers answer.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, contact, global, refusals};
use crate::harness::{TestApp, both};

both!(
    a_survey_is_created_changed_and_put_away,
    an_answer_is_recorded_and_classified,
    a_score_must_be_on_the_scale_of_the_survey,
    the_newest_answer_is_the_last_nps,
);

const SURVEY: &str = "mutation ($input: SurveyCreateInput!) { surveyCreate(input: $input) {
    survey { id key method purpose } userErrors { field code } } }";

const ANSWER: &str = "mutation ($input: SurveyResponseRecordInput!) {
    surveyResponseRecord(input: $input) {
        surveyResponse { id score npsClass comment method respondedAt survey { key }
            account { id } contact { name } }
        userErrors { field code } } }";

async fn survey(app: &TestApp, token: &str, key: &str, method: &str) -> String {
    let input = json!({
        "key": key, "name": "Survey", "question": "How likely are you to recommend us?",
        "method": method, "purpose": "RELATIONAL",
    });
    let data = app.data(token, SURVEY, json!({ "input": input })).await;
    data["surveyCreate"]["survey"]["id"].as_str().expect("it is created").to_owned()
}

async fn answer(app: &TestApp, token: &str, input: Value) -> Value {
    app.data(token, ANSWER, json!({ "input": input })).await["surveyResponseRecord"].take()
}

async fn a_survey_is_created_changed_and_put_away(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let id = survey(&app, &token, "nps", "NPS").await;
    let input = json!({ "key": "nps", "name": "", "question": "?", "method": "CES",
        "purpose": "TRANSACTIONAL" });
    let bad = app.data(&token, SURVEY, json!({ "input": input })).await;
    assert_eq!(refusals(&bad["surveyCreate"]), ["name REQUIRED"]);
    let input = json!({ "key": "nps", "name": "NPS", "question": "?", "method": "CES",
        "purpose": "TRANSACTIONAL" });
    let taken = app.data(&token, SURVEY, json!({ "input": input })).await;
    assert_eq!(refusals(&taken["surveyCreate"]), ["key TAKEN"]);
    let update = "mutation ($id: ID!) {
        surveyUpdate(input: { id: $id, expectedVersion: 1, purpose: TRANSACTIONAL }) {
            survey { purpose version } userErrors { code } }
        surveyArchive(input: { id: $id }) { survey { archivedAt } userErrors { code } } }";
    let changed = app.data(&token, update, json!({ "id": id })).await;
    let expected = json!({ "purpose": "TRANSACTIONAL", "version": 2 });
    assert_eq!(changed["surveyUpdate"]["survey"], expected);
    let padaria = account(&app, "Padaria", None).await.id;
    let input = json!({ "surveyId": id, "accountId": global(padaria), "score": 9 });
    let refused = answer(&app, &token, input).await;
    assert_eq!(refusals(&refused), ["surveyId UNKNOWN_SURVEY"]);
    let lists = "{ surveys { totalCount }
        all: surveys(filter: { method: { eq: NPS }, includeArchived: true }) { totalCount }
        surveyByKey(key: \"nps\") { id } }";
    let lists = app.data(&token, lists, json!({})).await;
    assert_eq!(
        (&lists["surveys"]["totalCount"], &lists["all"]["totalCount"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(lists["surveyByKey"]["id"], id);
}

async fn an_answer_is_recorded_and_classified(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let nps = survey(&app, &token, "nps", "NPS").await;
    let padaria = account(&app, "Padaria", None).await.id;
    let eva = contact(&app, padaria, "Eva").await.id;
    let mut made = answer(
        &app,
        &token,
        json!({
            "surveyId": nps, "accountId": global(padaria), "contactId": global(eva), "score": 6,
            "comment": "Slow at noon.",
        }),
    )
    .await;
    made["surveyResponse"].as_object_mut().expect("it is recorded").remove("id");
    assert_eq!(
        made["surveyResponse"],
        json!({
            "score": 6, "npsClass": "DETRACTOR", "comment": "Slow at noon.", "method": "NPS",
            "respondedAt": "2026-01-20T12:00:00+00:00", "survey": { "key": "nps" },
            "account": { "id": global(padaria) }, "contact": { "name": "Eva" },
        })
    );
    let owner = app.home().await.token.clone();
    let audit = "{ auditEntries { nodes { action changes } } }";
    let audit = app.data(&owner, audit, json!({})).await["auditEntries"].take();
    let told = audit.to_string();
    assert!(told.contains("survey_response.created"), "{told}");
    assert!(!told.contains("Slow at noon"), "what customers say is personal: {told}");
}

async fn a_score_must_be_on_the_scale_of_the_survey(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let (padaria, bank) =
        (account(&app, "Padaria", None).await.id, account(&app, "Bank", None).await.id);
    let ivo = contact(&app, bank, "Ivo").await.id;
    for (method, low, high) in
        [("NPS", 0, 10), ("CSAT", 1, 5), ("FIVE_STAR", 1, 5), ("LIKERT", 1, 5), ("CES", 1, 7)]
    {
        let id = survey(&app, &token, &method.to_lowercase(), method).await;
        for (score, is_good) in [(low - 1, false), (low, true), (high, true), (high + 1, false)] {
            let input = json!({ "surveyId": id, "accountId": global(padaria), "score": score });
            let made = answer(&app, &token, input).await;
            let expected = if is_good { vec![] } else { vec!["score OUT_OF_RANGE"] };
            assert_eq!(refusals(&made), expected, "{method} {score}");
        }
    }
    let id = survey(&app, &token, "other", "CES").await;
    let input = json!({
        "surveyId": id, "accountId": global(padaria), "contactId": global(ivo), "score": 9,
        "respondedAt": "2026-02-01T00:00:00Z",
    });
    let expected = ["contactId CONTRADICTION", "respondedAt TOO_LATE", "score OUT_OF_RANGE"];
    assert_eq!(refusals(&answer(&app, &token, input).await), expected);
}

async fn the_newest_answer_is_the_last_nps(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let nps = survey(&app, &token, "nps", "NPS").await;
    let csat = survey(&app, &token, "csat", "CSAT").await;
    let padaria = account(&app, "Padaria", None).await.id;
    for (survey, score, day) in
        [(&nps, 10, "2026-01-10"), (&nps, 3, "2026-01-05"), (&csat, 1, "2026-01-15")]
    {
        let input = json!({ "surveyId": survey, "accountId": global(padaria), "score": score,
            "respondedAt": format!("{day}T12:00:00Z") });
        assert_eq!(refusals(&answer(&app, &token, input).await), [""; 0]);
    }
    let ask = "query ($id: ID!, $nps: ID!) {
        account(id: $id) { lastNps { score }
            surveyResponses(filter: { method: { in: [NPS, CSAT] } }) { nodes { score } } }
        survey(id: $nps) { responses(first: 1) { nodes { score } totalCount } }
        surveyResponses(filter: { surveyId: { eq: $nps } }) { nodes { score } } }";
    let found = app.data(&token, ask, json!({ "id": global(padaria), "nps": nps })).await;
    assert_eq!(found["account"]["lastNps"]["score"], 10);
    let scores = |of: &Value| {
        let nodes = of["nodes"].as_array().cloned().unwrap_or_default();
        nodes.iter().filter_map(|node| node["score"].as_i64()).collect::<Vec<_>>()
    };
    assert_eq!(scores(&found["account"]["surveyResponses"]), [1, 10, 3]);
    assert_eq!(scores(&found["survey"]["responses"]), [10]);
    assert_eq!(found["survey"]["responses"]["totalCount"], 2);
    assert_eq!(scores(&found["surveyResponses"]), [10, 3]);
}
