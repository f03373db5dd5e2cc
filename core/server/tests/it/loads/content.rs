//! What loads write, and what they say about lines.

use axum::http::StatusCode;
use jornada_domain::accounts::external_ref::{self, NewExternalRef, RefKind};
use jornada_domain::auth::{Origin, Role};
use jornada_domain::metrics::load;
use jornada_domain::metrics::load::chunk::{self, Chunk};
use jornada_domain::metrics::load::{Names, Tally};
use jornada_domain::page::PageArgs;
use jornada_domain::{Code, event};
use serde_json::json;

use super::{As, Sender, counts, gzip, line, rejects};
use crate::customers::{account, contact, global};
use crate::harness::{TestApp, both};

both!(
    a_load_is_written_once_and_tells_so_once,
    other_content_under_the_same_key_is_refused,
    a_load_that_landed_nothing_is_mended_under_its_key,
    what_is_wrong_with_a_line_is_told_and_stops_nothing,
    problems_are_told_in_the_language_of_the_sender_and_looked_up_later,
    of_the_first_hundred_problems_all_others_are_only_counted,
    of_two_values_for_a_point_the_later_line_counts,
    subjects_are_named_by_other_systems,
    an_import_may_say_when_a_value_became_known,
    a_load_that_was_cut_off_goes_on_where_it_was,
    who_began_a_load_before_is_refused,
    an_empty_load_is_done,
    loads_of_the_same_points_at_the_same_time_all_end,
);

async fn a_load_is_written_once_and_tells_so_once(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let lines = [
        line("logins", &padaria, "2026-01-18", 3),
        String::new(),
        line("visits", &padaria, "2026-01-15", 4.5),
        line("seats", &padaria, "2026-01-20", -7),
    ];
    let first = sender.load("monday", &lines).await;
    assert_eq!(counts(&first), [3, 3, 0, 0]);
    let kept = ["2026-01-18", "2026-01-12", "2026-01-01"].map(str::to_owned);
    let kept: Vec<_> = kept.into_iter().zip([3.0, 4.5, -7.0]).collect();
    assert_eq!(sender.points().await, kept);
    app.advance(1);
    let packed = gzip(lines.join("\n").as_bytes());
    let (status, again) = sender.send("monday", As::Gzip, packed.into()).await;
    assert_eq!((status, &again), (StatusCode::OK, &first), "packed, it is the same content");
    let same = sender.load("tuesday", &lines).await;
    assert_eq!(counts(&same), [3, 0, 3, 0], "what is known already is no news");
    let owner = app.home().await.actor();
    let events = event::list(&app.read(&owner), Default::default(), &PageArgs::first(100)).await;
    let events = events.expect("events can be read").into_rows();
    let loads = events.iter().filter(|event| event.subject_kind == "metric_load");
    let told: Vec<_> = loads.map(|event| (event.event_type.as_str(), event.origin)).collect();
    assert_eq!(told, [("metric_load.completed", Origin::Import); 2]);
    assert_eq!(events.iter().filter(|event| event.event_type == "metric.recorded").count(), 0);
}

async fn other_content_under_the_same_key_is_refused(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    sender.load("monday", &[line("logins", &padaria, "2026-01-18", 3)]).await;
    let other = line("logins", &padaria, "2026-01-18", 4);
    assert_eq!(sender.refused("monday", As::Plain, other).await, "409 KEY_REUSED");
    assert_eq!(sender.points().await, [("2026-01-18".to_owned(), 3.0)]);
}

async fn a_load_that_landed_nothing_is_mended_under_its_key(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let wrong = line("unknown", &padaria, "2026-01-18", 3);
    assert_eq!(counts(&sender.load("monday", std::slice::from_ref(&wrong)).await), [1, 0, 0, 1]);
    assert_eq!(counts(&sender.load("monday", &[wrong]).await), [1, 0, 0, 1], "it is still wrong");
    let mended = [line("logins", &padaria, "2026-01-18", 3)];
    let landed = sender.load("monday", &mended).await;
    assert_eq!(counts(&landed), [1, 1, 0, 0]);
    assert_eq!(sender.load("monday", &mended).await, landed, "from now on it is the key of these");
    let other = line("logins", &padaria, "2026-01-18", 4);
    assert_eq!(sender.refused("monday", As::Plain, other).await, "409 KEY_REUSED");
    assert_eq!(sender.points().await, [("2026-01-18".to_owned(), 3.0)]);
}

async fn what_is_wrong_with_a_line_is_told_and_stops_nothing(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let stranger = app.workspace().await;
    let foreign = {
        let new = jornada_domain::accounts::account::NewAccount {
            name: "Foreign".to_owned(),
            ..Default::default()
        };
        let start = jornada_domain::journeys::start::JourneyStart::None;
        let open = jornada_domain::journeys::start::open_account;
        app.write(&stranger.actor(), async |tx| open(tx, new, None, start).await).await.id
    };
    let good = |value: i32| line("logins", &padaria, "2026-01-18", value);
    let lines = [
        good(1),
        line("unknown", &padaria, "2026-01-18", 1),
        line("logins", &global(foreign), "2026-01-18", 1),
        line("logins", &padaria, "2026-01-21", 1),
        good(1).replace(":1,", ":NaN,").replace(":1}", ":NaN}"),
        good(1).replace(":1,", ":1e999,").replace(":1}", ":1e999}"),
        line("logins", &padaria, "2026-01-18", 1e301),
        "{".to_owned(),
        "{}".to_owned(),
        line("nothing", "7", "2026-02-30", "x"),
        good(2),
    ];
    let answer = sender.load("monday", &lines).await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(rejects(&answer).join("\n"), @r"
        2 metric UNKNOWN_METRIC
        3 account NOT_FOUND
        4 period TOO_LATE
        5  BAD_FORMAT
        6  BAD_FORMAT
        7 value OUT_OF_RANGE
        8  BAD_FORMAT
        9 metric REQUIRED
        9  ONE_NEEDED
        9 period REQUIRED
        9 value REQUIRED
        10 account BAD_ID
        10 period BAD_FORMAT
        10 value BAD_FORMAT
        ");
    }
    let told = &answer["rejects"][8]["message"];
    assert_eq!(*told, "Give one of these: account, contact, subscription.");
    assert_eq!(counts(&answer), [11, 1, 1, 9]);
    assert_eq!(sender.points().await, [("2026-01-18".to_owned(), 2.0)]);
}

async fn problems_are_told_in_the_language_of_the_sender_and_looked_up_later(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let late = line("logins", &padaria, "2026-01-21", 1);
    let answer = sender.load("monday", &[late]).await;
    let told = &answer["rejects"][0]["message"];
    assert_eq!(*told, "This is too late. Give 2026-01-20 or earlier.");
    let query = "{ metricLoads(first: 1) { nodes {
        id key state digest received written unchanged rejected finishedAt version
        rejects { line error { field message code } } } totalCount } }";
    let mut seen = app.data(&sender.token, query, json!({})).await["metricLoads"].take();
    let id = seen["nodes"][0]["id"].take();
    assert_eq!(id, answer["load"]["id"]);
    assert_eq!(seen["nodes"][0]["digest"].take().as_str().map(str::len), Some(64));
    let error = json!({ "field": ["period"], "message": told, "code": "TOO_LATE" });
    let expected = json!({
        "id": null, "key": "monday", "state": "DONE", "digest": null, "received": 1, "written": 0,
        "unchanged": 0, "rejected": 1, "finishedAt": "2026-01-20T12:00:00+00:00", "version": 2,
        "rejects": [{ "line": 1, "error": error }],
    });
    assert_eq!(seen, json!({ "nodes": [expected], "totalCount": 1 }));
    let query = "query ($id: ID!) { metricLoad(id: $id) { key } node(id: $id) { id } }";
    let seen = app.data(&sender.token, query, json!({ "id": id })).await;
    assert_eq!(seen, json!({ "metricLoad": { "key": "monday" }, "node": { "id": id } }));
}

async fn of_the_first_hundred_problems_all_others_are_only_counted(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let unreadable = (0..60).map(|_| "[]".to_owned());
    let late = (0..70).map(|_| line("logins", &padaria, "2026-01-21", 1));
    let lines: Vec<_> = late.chain(unreadable).collect();
    let answer = sender.load("monday", &lines).await;
    assert_eq!(counts(&answer), [130, 0, 0, 130]);
    let told = rejects(&answer);
    assert_eq!((told.len(), told[69].as_str()), (100, "70 period TOO_LATE"));
    assert_eq!(told[99], "100  BAD_FORMAT");
}

async fn of_two_values_for_a_point_the_later_line_counts(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let lines = [
        line("visits", &padaria, "2026-01-12", 1),
        line("visits", &padaria, "2026-01-05", 2),
        line("visits", &padaria, "2026-01-18", 3),
    ];
    let answer = sender.load("monday", &lines).await;
    assert_eq!(counts(&answer), [3, 2, 1, 0]);
    let kept = [("2026-01-05".to_owned(), 2.0), ("2026-01-12".to_owned(), 3.0)];
    assert_eq!(sender.points().await, kept);
}

async fn subjects_are_named_by_other_systems(app: TestApp) {
    let sender = Sender::of(&app).await;
    let owner = app.home().await.actor();
    let padaria = account(&app, "Padaria", None).await.id;
    let eva = contact(&app, padaria, "Eva").await.id;
    for (kind, external_id, subject_id) in
        [(RefKind::Account, "42", padaria.into()), (RefKind::Contact, "ção", eva.into())]
    {
        let (system, external_id) = ("crm".to_owned(), external_id.to_owned());
        let new = NewExternalRef { system, kind, external_id, subject_id };
        app.write(&owner, async |tx| external_ref::put(tx, new).await).await;
    }
    let named = |kind: &str, system: &str, id: &str, day: &str| {
        json!({ "metric": "logins", "period": day, "value": 1,
            kind: { "system": system, "externalId": id } })
        .to_string()
    };
    let lines = [
        named("account", "crm", "42", "2026-01-18"),
        named("contact", "crm", "ção", "2026-01-17"),
        json!({ "metric": "logins", "period": "2026-01-16", "value": 1, "contact": global(eva) })
            .to_string(),
        named("contact", "crm", "42", "2026-01-18"),
        named("account", "erp", "42", "2026-01-18"),
        named("subscription", "crm", "42", "2026-01-18"),
    ];
    let answer = sender.load("monday", &lines).await;
    assert_eq!(counts(&answer), [6, 3, 0, 3]);
    let unknown = ["4 contact NOT_FOUND", "5 account NOT_FOUND", "6 subscription NOT_FOUND"];
    assert_eq!(rejects(&answer), unknown);
}

async fn an_import_may_say_when_a_value_became_known(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let said = |at: &str| {
        let line = line("logins", &padaria, "2026-01-18", 1);
        line.replace('}', &format!(r#","recordedAt":"{at}"}}"#))
    };
    let lines = [said("2026-01-19T00:00:00-03:00"), said("2026-01-20T12:00:01Z"), said("today")];
    let answer = sender.load("monday", &lines).await;
    assert_eq!(rejects(&answer), ["2 recordedAt TOO_LATE", "3 recordedAt BAD_FORMAT"]);
    let query = "query ($id: ID!) { account(id: $id) { metricWindow(key: \"logins\") {
        last { recordedAt } } } }";
    let seen = app.data(&sender.token, query, json!({ "id": padaria })).await;
    let at = &seen["account"]["metricWindow"]["last"]["recordedAt"];
    assert_eq!(*at, "2026-01-19T03:00:00+00:00");
}

async fn a_load_that_was_cut_off_goes_on_where_it_was(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    // Some more lines than a chunk has, of one account over years.
    let first: chrono::NaiveDate = "1990-01-01".parse().expect("it is a day");
    let day = |n: u64| (first + chrono::Days::new(n)).to_string();
    let lines: Vec<_> = (0..11_000).map(|n| line("logins", &padaria, &day(n), 1)).collect();
    let whole = lines.join("\n");
    let mut cut = gzip(whole.as_bytes());
    cut.truncate(cut.len() - 20);
    assert_eq!(sender.refused("years", As::Gzip, cut).await, "400 CUT_OFF");
    assert_eq!(sender.points().await.len(), 10_000);
    let query = "{ metricLoads { nodes { state received written finishedAt } } }";
    let seen = app.data(&sender.token, query, json!({})).await["metricLoads"]["nodes"][0].take();
    let half_way =
        json!({ "state": "RUNNING", "received": 10_000, "written": 10_000, "finishedAt": null });
    assert_eq!(seen, half_way);
    let (_, answer) = sender.send("years", As::Plain, whole.into()).await;
    assert_eq!(counts(&answer), [11_000, 1000, 10_000, 0]);
}

async fn who_began_a_load_before_is_refused(app: TestApp) {
    Sender::of(&app).await;
    let actor = app.home().await.actor().by_way_of(Origin::Import);
    let first = app.write(&actor, async |tx| load::begin(tx, "monday").await).await;
    let second = app.write(&actor, async |tx| load::begin(tx, "monday").await).await;
    assert_eq!((first.id, first.version, second.version), (second.id, 1, 2));
    let (tally, chunk) = (Tally::default(), Chunk::default());
    let put = async |load: load::Model| {
        let mut names = Names::default();
        app.try_write(&actor, async |tx| chunk::put(tx, &load, &tally, &chunk, &mut names).await)
            .await
    };
    assert!(put(first.clone()).await.is_err_and(|error| error.has(Code::Superseded)));
    assert!(put(second.clone()).await.is_ok());
    let finish = jornada_domain::journeys::signals::finish_load;
    let late = app.try_write(&actor, async |tx| finish(tx, &first, "x", &tally).await).await;
    assert!(late.is_err_and(|error| error.has(Code::Superseded)));
    app.write(&actor, async |tx| finish(tx, &second, "x", &tally).await).await;
    assert!(put(second).await.is_err_and(|error| error.has(Code::Superseded)), "it is done");
}

async fn an_empty_load_is_done(app: TestApp) {
    let sender = Sender::of(&app).await;
    let answer = sender.load("nothing", &[]).await;
    assert_eq!(counts(&answer), [0; 4]);
    app.run_jobs().await;
    let viewer = Sender { token: app.token(Role::Viewer).await, ..sender };
    assert_eq!(viewer.refused("nothing", As::Plain, "").await, "403 FORBIDDEN");
}

async fn loads_of_the_same_points_at_the_same_time_all_end(app: TestApp) {
    let sender = Sender::of(&app).await;
    let mut lines = Vec::new();
    for n in 0..20 {
        let id = global(account(&app, &format!("Account {n}"), None).await.id);
        lines.extend((1..=20).map(|day| line("logins", &id, &format!("2026-01-{day:02}"), day)));
    }
    let forth = lines.join("\n");
    lines.reverse();
    let back = lines.join("\n");
    let send = |key, body: &str| sender.send(key, As::Plain, body.to_owned().into());
    let (one, two, again) =
        tokio::join!(send("one", &forth), send("two", &back), send("one", &forth));
    assert_eq!(two.0, StatusCode::OK, "{:#}", two.1);
    // Of two requests under one key, the later one may take the load over.
    let ended: Vec<_> =
        [one, again].into_iter().filter(|(status, _)| status.is_success()).collect();
    assert!(!ended.is_empty());
    for (_, answer) in ended {
        assert_eq!(answer["load"]["received"], 400, "{answer:#}");
    }
    assert_eq!(sender.points().await.len(), 400);
}
