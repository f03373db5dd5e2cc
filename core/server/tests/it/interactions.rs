//! Interactions.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::{account, contact, global, refusals};
use crate::harness::{TestApp, both};

both!(
    an_interaction_is_recorded_with_its_mood,
    what_is_wrong_with_an_interaction_is_said_at_once,
    interactions_are_listed_newest_first_and_filtered,
    an_interaction_that_was_put_away_no_longer_counts,
    the_interactions_of_many_accounts_take_as_many_statements_as_those_of_one,
);

const CREATE: &str = "mutation ($input: InteractionCreateInput!) {
    interactionCreate(input: $input) {
        interaction { id subject notes sentiment channel happenedAt
            account { id } contact { name } user { role } }
        userErrors { field code } } }";

async fn create(app: &TestApp, token: &str, input: Value) -> Value {
    app.data(token, CREATE, json!({ "input": input })).await["interactionCreate"].take()
}

async fn an_interaction_is_recorded_with_its_mood(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let eva = contact(&app, padaria, "Eva").await.id;
    let made = create(
        &app,
        &token,
        json!({
            "accountId": global(padaria), "contactId": global(eva), "channel": "VIDEO",
            "subject": " Kick-off ", "notes": "Wants two more seats.", "sentiment": "POSITIVE",
        }),
    );
    let mut made = made.await;
    made["interaction"].as_object_mut().expect("it is recorded").remove("id");
    assert_eq!(
        made["interaction"],
        json!({
            "subject": "Kick-off", "notes": "Wants two more seats.", "sentiment": "POSITIVE",
            "channel": "VIDEO", "happenedAt": "2026-01-20T12:00:00+00:00",
            "account": { "id": global(padaria) }, "contact": { "name": "Eva" },
            "user": { "role": "CSM" },
        })
    );
    let events = "{ events(filter: { type: { eq: \"interaction.created\" } }) {
        nodes { changed accountId } } }";
    let events = app.data(&token, events, json!({})).await;
    assert_eq!(events["events"]["nodes"][0]["accountId"], global(padaria));
}

async fn what_is_wrong_with_an_interaction_is_said_at_once(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let (padaria, bank) =
        (account(&app, "Padaria", None).await.id, account(&app, "Bank", None).await.id);
    let stranger = contact(&app, bank, "Ivo").await.id;
    let foreign = app.workspace().await.owner.id;
    let refused = create(
        &app,
        &token,
        json!({
            "accountId": global(padaria), "contactId": global(stranger), "userId": global(foreign),
            "channel": "EMAIL", "subject": "", "happenedAt": "2026-01-20T12:00:01Z",
        }),
    );
    let refused = refused.await;
    assert_eq!(refused["interaction"], Value::Null);
    let expected =
        ["userId NOT_FOUND", "contactId CONTRADICTION", "subject REQUIRED", "happenedAt TOO_LATE"];
    assert_eq!(refusals(&refused), expected);
    let viewer = app.token(Role::Viewer).await;
    let input = json!({ "accountId": global(padaria), "channel": "EMAIL", "subject": "Hi" });
    let answer = app.graphql(&viewer, CREATE, json!({ "input": input })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

async fn interactions_are_listed_newest_first_and_filtered(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let padaria = account(&app, "Padaria", None).await.id;
    for (subject, channel, sentiment, day) in [
        ("first", "EMAIL", None, "2026-01-01"),
        ("second", "PHONE", Some("NEGATIVE"), "2026-01-02"),
        ("third", "EMAIL", Some("POSITIVE"), "2026-01-03"),
    ] {
        let input = json!({
            "accountId": global(padaria), "channel": channel, "subject": subject,
            "sentiment": sentiment, "happenedAt": format!("{day}T10:00:00Z"),
        });
        assert_eq!(refusals(&create(&app, &token, input).await), [""; 0]);
    }
    let list = "query ($id: ID!, $filter: InteractionFilter, $first: Int, $after: String) {
        account(id: $id) { interactions(filter: $filter, first: $first, after: $after) {
            nodes { subject } pageInfo { endCursor hasNextPage } totalCount } } }";
    let subjects = async |filter: Value| -> Vec<String> {
        let variables = json!({ "id": global(padaria), "filter": filter });
        let found = app.data(&token, list, variables).await;
        let nodes = found["account"]["interactions"]["nodes"].as_array().cloned();
        let subject = |node: &Value| node["subject"].as_str().unwrap_or_default().to_owned();
        nodes.unwrap_or_default().iter().map(subject).collect()
    };
    assert_eq!(subjects(json!({})).await, ["third", "second", "first"]);
    assert_eq!(subjects(json!({ "channel": { "eq": "EMAIL" } })).await, ["third", "first"]);
    assert_eq!(subjects(json!({ "sentiment": { "in": ["NEGATIVE"] } })).await, ["second"]);
    let early = json!({ "happenedAt": { "lt": "2026-01-02T10:00:00Z" } });
    assert_eq!(subjects(early).await, ["first"]);
    let page = app.data(&token, list, json!({ "id": global(padaria), "first": 2 })).await;
    let page = &page["account"]["interactions"];
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let after = json!({ "id": global(padaria), "after": page["pageInfo"]["endCursor"] });
    let rest = app.data(&token, list, after).await;
    assert_eq!(rest["account"]["interactions"]["nodes"], json!([{ "subject": "first" }]));
}

async fn an_interaction_that_was_put_away_no_longer_counts(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let padaria = account(&app, "Padaria", None).await.id;
    let met = |subject: &str, sentiment: &str, day: &str| {
        json!({
            "accountId": global(padaria), "channel": "PHONE", "subject": subject,
            "sentiment": sentiment, "happenedAt": format!("{day}T10:00:00Z"),
        })
    };
    create(&app, &token, met("good", "POSITIVE", "2026-01-01")).await;
    let bad = create(&app, &token, met("bad", "VERY_NEGATIVE", "2026-01-02")).await;
    let last = "query ($id: ID!) { account(id: $id) {
        lastSentiment lastInteraction { subject } } }";
    let of = json!({ "id": global(padaria) });
    let before = app.data(&token, last, of.clone()).await["account"].take();
    let expected =
        json!({ "lastSentiment": "VERY_NEGATIVE", "lastInteraction": { "subject": "bad" } });
    assert_eq!(before, expected);
    let id = &bad["interaction"]["id"];
    let update = "mutation ($id: ID!) { interactionUpdate(input: { id: $id, sentiment: null }) {
        interaction { sentiment version } userErrors { code } } }";
    let changed = app.data(&token, update, json!({ "id": id })).await;
    assert_eq!(
        changed["interactionUpdate"]["interaction"],
        json!({ "sentiment": null, "version": 2 })
    );
    let felt = app.data(&token, last, of.clone()).await["account"].take();
    assert_eq!(felt["lastSentiment"], "POSITIVE");
    let archive = "mutation ($id: ID!) { interactionArchive(input: { id: $id }) {
        interaction { archivedAt } userErrors { code } } }";
    app.data(&token, archive, json!({ "id": id })).await;
    let after = app.data(&token, last, of).await["account"].take();
    assert_eq!(after["lastInteraction"]["subject"], "good");
}

async fn the_interactions_of_many_accounts_take_as_many_statements_as_those_of_one(app: TestApp) {
    let token = app.token(Role::Csm).await;
    let ask = "{ accounts(first: 100) { nodes { lastSentiment lastInteraction { subject }
        interactions(first: 2) { nodes { subject user { name } contact { name } } } } } }";
    let mut counts = Vec::new();
    for number in 0..12 {
        let id = account(&app, &format!("Account {number}"), None).await.id;
        for subject in ["one", "two", "three"] {
            let contact = contact(&app, id, subject).await.id;
            create(
                &app,
                &token,
                json!({
                    "accountId": global(id), "contactId": global(contact), "channel": "CHAT",
                    "subject": subject, "sentiment": "NEUTRAL",
                }),
            )
            .await;
        }
        if number == 0 || number == 11 {
            let (data, count) = app.statements(app.data(&token, ask, json!({}))).await;
            assert_eq!(data["accounts"]["nodes"].as_array().map(Vec::len), Some(number + 1));
            counts.push(count);
        }
    }
    assert_eq!(counts[0], counts[1]);
}
