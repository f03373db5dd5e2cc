//! Templates: how plans are written, refused, published and put away.

use jornada_domain::auth::Role;
use serde_json::{Value, json};

use crate::customers::global;
use crate::desk::{Desk, indicator, last, option, stage, task, with};
use crate::harness::{TestApp, both};

both!(
    a_draft_is_read_back_as_it_was_saved,
    what_cannot_be_saved_is_told_at_once_and_changes_nothing,
    what_cannot_run_is_told_at_once,
    a_configuration_is_refused_in_words_that_its_author_knows,
    a_published_version_never_changes_and_the_next_begins_as_its_copy,
    a_template_is_changed_and_put_away,
    a_template_is_taken_back,
    many_templates_take_as_many_statements_as_one,
);

const READ: &str = "query ($id: ID!) { journeyTemplateVersion(id: $id) {
    number status maxAttempts version template { key } problems { code }
    stages { key name position phase expectedDays exit startsAt startsDaysBefore then loopTo
        tasks { key title description position typeKey required anchor durationDays dayKind
            assigneeRule assigneeUser { id } assigneeRole { key } config
            type { key } indicator { name source comparator target continuous onMissing } } } } }";

async fn read(desk: &Desk, version: &str) -> Value {
    desk.see(READ, json!({ "id": version })).await["journeyTemplateVersion"].take()
}

/// A template with an empty draft; the ids of both.
async fn template(desk: &Desk, key: &str) -> (String, String) {
    let new = json!({ "key": key, "name": key });
    let template = desk.done("journeyTemplateCreate", new, "journeyTemplate").await;
    let open = json!({ "templateId": template });
    let what = "journeyTemplateVersion";
    let version = desk.done("journeyTemplateDraftOpen", open, what).await;
    (template, version)
}

/// A plan that says everything that can be said.
fn rich_plan(user: &str, buyer: &str) -> Value {
    json!([
        with(
            stage(
                "start",
                vec![
                    json!({ "key": "call", "title": " Call ", "typeKey": "core.interaction",
                "assignee": { "userId": user }, "config": { "channel": "PHONE" } }),
                    json!({ "key": "sign", "title": "Sign", "typeKey": "core.standard",
                "description": "On paper.", "position": 7, "required": false,
                "anchor": "STAGE_ENTRY", "durationDays": 4, "dayKind": "BUSINESS",
                "assignee": { "customer": { "contactRoleId": buyer } } }),
                    with(indicator("ready", "PERSON"), json!({ "assignee": { "customer": {} } })),
                ]
            ),
            json!({ "phase": "ONBOARDING", "expectedDays": 5, "exit": "NOT_BEFORE" })
        ),
        with(
            stage("renew", vec![task("offer", 3)]),
            json!({
                "startsAt": "SUBSCRIPTION_END", "startsDaysBefore": 90, "then": "LOOP_TO",
                "loopTo": "renew",
            })
        ),
    ])
}

async fn a_draft_is_read_back_as_it_was_saved(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let user = app.user(Role::Csm).await;
    let user = global(user.id);
    let buyer = option(&app, "contact_role", "buyer").await;
    let (_, version) = template(&manager, "plan").await;
    let stages = rich_plan(&user, &buyer);
    let input = json!({ "id": version, "maxAttempts": 3, "stages": stages });
    manager.done("journeyTemplateDraftSave", input, "journeyTemplateVersion").await;
    let mut seen = read(&manager, &version).await;
    let tasks = seen["stages"][0]["tasks"].take();
    let of =
        |key: &str| tasks.as_array().and_then(|all| all.iter().find(|task| task["key"] == key));
    assert_eq!(
        of("call").expect("it is there"),
        &json!({
            "key": "call", "title": "Call", "description": null, "position": 0,
            "typeKey": "core.interaction", "required": true, "anchor": "PREVIOUS",
            "durationDays": null, "dayKind": "CALENDAR", "assigneeRule": "FIXED_USER",
            "assigneeUser": { "id": user }, "assigneeRole": null,
            "config": { "channel": "PHONE" }, "type": { "key": "core.interaction" },
            "indicator": null,
        })
    );
    assert_eq!(
        of("sign").expect("it is there"),
        &json!({
            "key": "sign", "title": "Sign", "description": "On paper.", "position": 7,
            "typeKey": "core.standard", "required": false, "anchor": "STAGE_ENTRY",
            "durationDays": 4, "dayKind": "BUSINESS", "assigneeRule": "CUSTOMER",
            "assigneeUser": null, "assigneeRole": { "key": "buyer" }, "config": {},
            "type": { "key": "core.standard" }, "indicator": null,
        })
    );
    let ready = of("ready").expect("it is there");
    assert_eq!((&ready["position"], &ready["assigneeRole"]), (&json!(2), &json!(null)));
    assert_eq!(
        ready["indicator"],
        json!({
            "name": "ready", "source": "PERSON", "comparator": "GTE", "target": 80.0,
            "continuous": false, "onMissing": "WAIT",
        })
    );
    assert_eq!(seen["stages"][1].take()["tasks"][0]["assigneeRole"]["key"], "csm");
    seen["stages"][0].as_object_mut().expect("a stage").remove("tasks");
    assert_eq!(
        seen["stages"][0],
        json!({
            "key": "start", "name": "start", "position": 0, "phase": "ONBOARDING",
            "expectedDays": 5, "exit": "NOT_BEFORE", "startsAt": null, "startsDaysBefore": 0,
            "then": "NEXT", "loopTo": null,
        })
    );
    assert_eq!((&seen["maxAttempts"], &seen["problems"]), (&json!(3), &json!([])));
}

async fn what_cannot_be_saved_is_told_at_once_and_changes_nothing(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let foreign = app.workspace().await.owner.id;
    let (_, version) = template(&manager, "plan").await;
    let before = read(&manager, &version).await;
    let stages = json!([
        with(
            stage(
                "No Key",
                vec![
                    with(task("one", -1), json!({ "title": " " })),
                    with(
                        task("one", 3651),
                        json!({ "position": -1, "description": "x".repeat(4001) })
                    ),
                ]
            ),
            json!({ "name": "x".repeat(201), "expectedDays": 0 })
        ),
        with(
            last(
                "end",
                vec![with(
                    task("two", 1),
                    json!({
                        "assignee": { "userId": global(foreign) },
                    })
                )]
            ),
            json!({ "startsAt": "SUBSCRIPTION_END", "startsDaysBefore": -1 })
        ),
        last("end", vec![]),
    ]);
    let input = json!({ "id": version, "maxAttempts": 0, "stages": stages });
    let found = manager.refused("journeyTemplateDraftSave", input).await;
    let expected = [
        "maxAttempts OUT_OF_RANGE",
        "stages.0.key BAD_FORMAT",
        "stages.0.name TOO_LONG",
        "stages.0.expectedDays OUT_OF_RANGE",
        "stages.0.tasks.0.title REQUIRED",
        "stages.0.tasks.0.durationDays OUT_OF_RANGE",
        "stages.0.tasks.1.description TOO_LONG",
        "stages.0.tasks.1.position OUT_OF_RANGE",
        "stages.0.tasks.1.durationDays OUT_OF_RANGE",
        "stages.0.tasks.1.key DUPLICATE_KEY",
        "stages.1.startsDaysBefore OUT_OF_RANGE",
        "stages.2.key DUPLICATE_KEY",
        "stages.1.tasks.0.assignee NOT_FOUND",
    ];
    assert_eq!(found, expected);

    let nobody = json!({ "title": " ", "assignee": { "accountRoleKey": "king" } });
    let nobody = with(task("a", 1), nobody);
    let wrong = with(task("b", 1), json!({ "assignee": { "userId": "7" } }));
    let stages = json!([with(stage("a", vec![nobody, wrong]), json!({ "startsDaysBefore": 3 }))]);
    let found =
        manager.refused("journeyTemplateDraftSave", json!({ "id": version, "stages": stages }));
    let expected = [
        "stages.0.startsDaysBefore CONTRADICTION",
        "stages.0.tasks.0.assignee.accountRoleKey UNKNOWN_OPTION",
        "stages.0.tasks.1.assignee.userId BAD_ID",
        "stages.0.tasks.0.title REQUIRED",
    ];
    assert_eq!(found.await, expected);
    assert_eq!(read(&manager, &version).await, before);
}

async fn what_cannot_run_is_told_at_once(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let (template, version) = template(&manager, "plan").await;
    let publish = json!({ "id": version });
    let found = manager.refused("journeyTemplatePublish", publish.clone()).await;
    assert_eq!(found, ["stages NO_STAGES"]);
    let config = |fields: Value| with(indicator("x", "PERSON")["config"].clone(), fields);
    let stages = json!([
        with(
            stage("a", vec![with(task("optional", 1), json!({ "required": false }))]),
            json!({
                "exit": "NOT_BEFORE", "loopTo": "a",
            })
        ),
        stage(
            "b",
            vec![
                with(
                    task("ask", 1),
                    json!({
                        "typeKey": "core.survey", "config": { "surveyKey": "none" },
                    })
                ),
                with(
                    indicator("logins", "NPS"),
                    json!({ "config": config(json!({
                "metricKey": "logins", "maxAgeDays": 0,
            })) })
                ),
                with(task("odd", 1), json!({ "config": { "colour": "red" } })),
            ]
        ),
        with(stage("c", vec![task("d", 1)]), json!({ "then": "LOOP_TO" })),
    ]);
    manager.draft(&template, json!({ "stages": stages })).await;
    let found = manager.refused("journeyTemplatePublish", publish).await;
    let expected = [
        "stages.0.expectedDays REQUIRED",
        "stages.0.tasks EMPTY_STAGE",
        "stages.0.loopTo CONTRADICTION",
        "stages.1.tasks.0.config.surveyKey UNKNOWN_SURVEY",
        "stages.1.tasks.1.config.metricKey CONTRADICTION",
        "stages.1.tasks.1.config.maxAgeDays OUT_OF_RANGE",
        "stages.1.tasks.2.config.colour UNKNOWN_FIELD",
        "stages.2.loopTo REQUIRED",
    ];
    assert_eq!(found, expected);
    assert_eq!(read(&manager, &version).await["status"], "DRAFT");
}

async fn a_configuration_is_refused_in_words_that_its_author_knows(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let (template, version) = template(&manager, "plan").await;
    let config = json!({ "source": "DREAM", "maxAgeDays": "str", "colour": "red" });
    let stages =
        json!([last("a", vec![with(indicator("x", "PERSON"), json!({ "config": config }))])]);
    manager.draft(&template, json!({ "stages": stages })).await;
    let payload = manager.ask("journeyTemplatePublish", json!({ "id": version }), "").await;
    let told: Vec<_> = payload["userErrors"].as_array().expect("a list").iter().collect();
    let message = |name: &str| {
        let is_it = |error: &&&Value| error["field"][5] == name;
        told.iter().find(is_it).map_or("", |error| error["message"].as_str().unwrap_or_default())
    };
    assert_eq!(message("name"), "A value is needed here.");
    assert!(message("source").ends_with("Choose one of them: PERSON, METRIC, NPS, CSAT."));
    assert!(message("maxAgeDays").starts_with("This is not a whole number."));
    assert!(message("colour").contains("one of these: name, source, comparator, target"));
}

async fn a_published_version_never_changes_and_the_next_begins_as_its_copy(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let definition = json!({ "stages": [last("a", vec![task("one", 1)])] });
    let (template, first) = manager.publish("plan", definition.clone()).await;
    let old = manager.account("Old", &template, None).await;
    let mut again = definition.clone();
    again["id"] = json!(first);
    assert_eq!(manager.refused("journeyTemplateDraftSave", again).await, ["id NOT_DRAFT"]);
    let publish = json!({ "id": first });
    assert_eq!(manager.refused("journeyTemplatePublish", publish).await, ["id NOT_DRAFT"]);

    let open = json!({ "templateId": template });
    let what = "journeyTemplateVersion";
    let next = manager.done("journeyTemplateDraftOpen", open.clone(), what).await;
    assert_eq!(manager.done("journeyTemplateDraftOpen", open, what).await, next, "there is one");
    let copy = read(&manager, &next).await;
    assert_eq!((&copy["number"], &copy["status"]), (&json!(2), &json!("DRAFT")));
    assert_eq!(copy["stages"], read(&manager, &first).await["stages"]);
    let stale = json!({ "id": next, "expectedVersion": 1, "stages": [] });
    let found = manager.refused("journeyTemplateDraftSave", stale).await;
    assert_eq!(found, ["expectedVersion CONFLICT"]);

    manager.done("journeyTemplatePublish", json!({ "id": next }), what).await;
    let new = manager.account("New", &template, None).await;
    let query = "query ($id: ID!, $old: ID!, $new: ID!) {
        journeyTemplate(id: $id) { draft { id } publishedVersion { number }
            versions { nodes { number status } } }
        old: account(id: $old) { primaryJourney { templateVersion { number } } }
        new: account(id: $new) { primaryJourney { templateVersion { number } } } }";
    let seen = manager.see(query, json!({ "id": template, "old": old, "new": new })).await;
    let on = |number: i32| json!({ "primaryJourney": { "templateVersion": { "number": number } } });
    let expected = json!({
        "journeyTemplate": { "draft": null, "publishedVersion": { "number": 2 }, "versions": {
            "nodes": [
                { "number": 2, "status": "PUBLISHED" }, { "number": 1, "status": "RETIRED" },
            ],
        } },
        "old": on(1), "new": on(2),
    });
    assert_eq!(seen, expected);
}

async fn a_template_is_changed_and_put_away(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let definition = json!({ "stages": [last("a", vec![task("one", 1)])] });
    let (first, _) = manager.publish("first", definition.clone()).await;
    let (second, _) = manager.publish("second", definition).await;
    let taken = json!({ "key": "first", "name": "Another" });
    assert_eq!(manager.refused("journeyTemplateCreate", taken).await, ["key TAKEN"]);
    for id in [&first, &second] {
        let default = json!({ "id": id, "isDefault": true, "description": "For all." });
        manager.done("journeyTemplateUpdate", default, "journeyTemplate").await;
    }
    let list = "{ journeyTemplates { nodes { key isDefault } } }";
    let seen = manager.see(list, json!({})).await;
    let expected = json!([
        { "key": "first", "isDefault": false }, { "key": "second", "isDefault": true },
    ]);
    assert_eq!(seen["journeyTemplates"]["nodes"], expected);
    let auto = json!({ "name": "Padaria" });
    let padaria = manager.done("accountCreate", auto.clone(), "account").await;
    assert_eq!(manager.place(&padaria).await, "a 1.1 ACTIVE", "it got the default");

    let archive = json!({ "id": second });
    manager.done("journeyTemplateArchive", archive, "journeyTemplate").await;
    assert_eq!(manager.place(&padaria).await, "a 1.1 ACTIVE", "it goes on");
    let start = json!({ "accountId": padaria, "templateId": second });
    assert_eq!(manager.refused("journeyStart", start).await, ["templateId ARCHIVED"]);
    let without = manager.done("accountCreate", auto, "account").await;
    let query = "query ($id: ID!) { account(id: $id) { journeys { totalCount } }
        journeyTemplates { totalCount }
        all: journeyTemplates(includeArchived: true) { totalCount }
        journeyTemplateByKey(key: \"second\") { archivedAt isDefault } }";
    let seen = manager.see(query, json!({ "id": without })).await;
    let expected = json!({
        "account": { "journeys": { "totalCount": 0 } }, "journeyTemplates": { "totalCount": 1 },
        "all": { "totalCount": 2 },
        "journeyTemplateByKey": { "archivedAt": "2026-01-20T12:00:00+00:00", "isDefault": false },
    });
    assert_eq!(seen, expected);
}

async fn a_template_is_taken_back(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let definition = json!({ "stages": [last("a", vec![task("one", 1)])] });
    let (plan, _) = manager.publish("plan", definition).await;
    let (empty, _) = template(&manager, "empty").await;
    let default = json!({ "id": plan, "isDefault": true });
    manager.done("journeyTemplateUpdate", default, "journeyTemplate").await;
    for id in [&plan, &empty] {
        for verb in ["journeyTemplateArchive", "journeyTemplateRestore"] {
            manager.done(verb, json!({ "id": id }), "journeyTemplate").await;
        }
    }
    let list = "{ journeyTemplates { nodes { key isDefault archivedAt version } } }";
    let seen = manager.see(list, json!({})).await;
    let expected = json!([
        { "key": "empty", "isDefault": false, "archivedAt": null, "version": 3 },
        { "key": "plan", "isDefault": false, "archivedAt": null, "version": 4 },
    ]);
    assert_eq!(seen["journeyTemplates"]["nodes"], expected);
    let padaria = manager.account("Padaria", &plan, None).await;
    assert_eq!(manager.place(&padaria).await, "a 1.1 ACTIVE", "journeys follow it again");
    manager.done("journeyTemplateRestore", json!({ "id": plan }), "journeyTemplate").await;
    let seen = manager.see(list, json!({})).await;
    assert_eq!(seen["journeyTemplates"]["nodes"], expected, "it was there already");
}

async fn many_templates_take_as_many_statements_as_one(app: TestApp) {
    let manager = Desk::of(&app, Role::Manager).await;
    let query = "{ journeyTemplates { nodes { key draft { problems { code } } publishedVersion {
        problems { code } stages { key tasks { key assigneeRole { key } stage { key } } } }
        versions { nodes { template { key } } } } } }";
    let mut counts = Vec::new();
    for key in ["one", "two", "three"] {
        let stages = json!([stage("a", vec![task("t", 1)]), last("b", vec![task("u", 1)])]);
        let (template, _) = manager.publish(key, json!({ "stages": stages })).await;
        manager.draft(&template, json!({ "stages": stages })).await;
        counts.push(app.statements(manager.see(query, json!({}))).await.1);
    }
    assert_eq!(counts[1..], [counts[0], counts[0]]);
}
