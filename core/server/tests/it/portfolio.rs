//! The portfolio of a CSM and of a team.

mod columns;
mod effort;

use jornada_domain::auth::Role;
use jornada_domain::auth::team::{self, NewTeam, TeamPurpose, member};
use jornada_domain::auth::user;
use jornada_domain::feedback::score::Method;
use jornada_domain::feedback::survey::{self, NewSurvey, Purpose};
use jornada_domain::id::{AccountId, ContactId};
use jornada_domain::interactions::Sentiment::{Negative, Positive};
use jornada_domain::journeys::signals::{NewResponse, record_response};
use jornada_domain::journeys::status::{churn_account, pause_account};
use serde_json::{Value, json};

use crate::customers::{account, complete, contact, global, journey, template, to_do};
use crate::harness::{TestApp, both};

both!(
    a_portfolio_holds_the_running_accounts_of_its_csm,
    a_portfolio_shows_what_is_to_be_done_whoever_does_it,
    nothing_is_overdue_in_a_paused_account,
    a_portfolio_shows_where_its_journeys_stand,
    nps_counts_the_newest_answer_of_each_contact_within_twelve_months,
    exactly_one_user_or_team_is_named,
    a_portfolio_of_60_accounts_takes_as_many_statements_as_one_of_3,
);

async fn portfolio(app: &TestApp, of: &user::Model, fields: &str) -> Value {
    let token = app.token(Role::Viewer).await;
    let query = format!("query ($id: ID!) {{ portfolio(userId: $id) {{ {fields} }} }}");
    app.data(&token, &query, json!({ "id": global(of.id) })).await["portfolio"].take()
}

async fn a_portfolio_holds_the_running_accounts_of_its_csm(app: TestApp) {
    let owner = app.home().await.actor();
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    for (name, csm) in
        [("Zebra", &ana), ("Águia", &ana), ("Lost", &ana), ("Resting", &ana), ("Other", &bia)]
    {
        let id = account(&app, name, Some(csm.id)).await.id;
        match name {
            "Lost" => {
                drop(app.write(&owner, async |tx| churn_account(tx, id, None, "Gone").await).await)
            }
            "Resting" => {
                drop(app.write(&owner, async |tx| pause_account(tx, id, None, "Works").await).await)
            }
            _ => {}
        }
    }
    let accounts = "accounts(first: 2) { nodes { name } pageInfo { hasNextPage } totalCount }";
    let found = portfolio(&app, &ana, accounts).await["accounts"].take();
    assert_eq!(
        found,
        json!({
            "nodes": [{ "name": "Águia" }, { "name": "Resting" }],
            "pageInfo": { "hasNextPage": true }, "totalCount": 3,
        })
    );
    let new = NewTeam { name: "South".to_owned(), purpose: TeamPurpose::Mixed };
    let team = app.write(&owner, async |tx| team::create(tx, new).await).await;
    for user in [&ana, &bia] {
        app.write(&owner, async |tx| member::add(tx, team.id, user.id).await).await;
    }
    let token = app.token(Role::Viewer).await;
    let query = "query ($id: ID!) { portfolio(teamId: $id) { accounts { totalCount } } }";
    let of_team = app.data(&token, query, json!({ "id": global(team.id) })).await;
    assert_eq!(of_team["portfolio"]["accounts"]["totalCount"], 4);
}

async fn a_portfolio_shows_what_is_to_be_done_whoever_does_it(app: TestApp) {
    let ana = app.user(Role::Csm).await;
    let id = account(&app, "Padaria", Some(ana.id)).await.id;
    // All are held by the owner of the workspace; today is 20 January.
    for (title, due) in [
        ("late", Some("2026-01-19")),
        ("later", Some("2026-01-12")),
        ("now", Some("2026-01-20")),
        ("soon", Some("2026-01-21")),
        ("some day", None),
    ] {
        to_do(&app, id, title, due).await;
    }
    let done = to_do(&app, id, "done", Some("2026-01-01")).await;
    let owner = app.home().await.actor();
    let reason = "Not needed";
    let cancel = async |tx: &jornada_domain::Tx<'_>| {
        jornada_domain::journeys::work::cancel(tx, done.id, reason).await
    };
    app.write(&owner, cancel).await;
    let fields = "taskCounts { overdue today upcoming }
        accounts { nodes { taskCounts { overdue today upcoming }
            overdue: openTasks(due: OVERDUE) { nodes { title } }
            today: openTasks(due: TODAY) { nodes { title } }
            upcoming: openTasks(due: UPCOMING, first: 1) { nodes { title } totalCount }
            openTasks { totalCount } } }";
    let found = portfolio(&app, &ana, fields).await;
    let counts = json!({ "overdue": 2, "today": 1, "upcoming": 2 });
    assert_eq!(found["taskCounts"], counts);
    assert_eq!(
        found["accounts"]["nodes"],
        json!([{
            "taskCounts": counts,
            "overdue": { "nodes": [{ "title": "later" }, { "title": "late" }] },
            "today": { "nodes": [{ "title": "now" }] },
            "upcoming": { "nodes": [{ "title": "soon" }], "totalCount": 2 },
            "openTasks": { "totalCount": 5 },
        }])
    );
}

async fn nothing_is_overdue_in_a_paused_account(app: TestApp) {
    let ana = app.user(Role::Csm).await;
    let id = account(&app, "Padaria", Some(ana.id)).await.id;
    to_do(&app, id, "late", Some("2026-01-19")).await;
    to_do(&app, id, "now", Some("2026-01-20")).await;
    let owner = app.home().await.actor();
    app.write(&owner, async |tx| pause_account(tx, id, None, "Renovation").await).await;
    let fields = "taskCounts { overdue today upcoming }";
    let found = portfolio(&app, &ana, fields).await;
    assert_eq!(found["taskCounts"], json!({ "overdue": 0, "today": 0, "upcoming": 2 }));
}

async fn a_portfolio_shows_where_its_journeys_stand(app: TestApp) {
    let (ana, template) = (app.user(Role::Csm).await, template(&app).await);
    for (name, entered_on) in
        [("1 fresh", "2026-01-20"), ("2 behind", "2026-01-05"), ("3 stuck", "2025-12-01")]
    {
        let id = account(&app, name, Some(ana.id)).await.id;
        journey(&app, id, template, entered_on).await;
        if name == "1 fresh" {
            complete(&app, id, "hand-over", Positive).await;
        }
    }
    account(&app, "4 without", Some(ana.id)).await;
    let fields = "accounts { nodes { name primaryJourney {
        status stageKey pace currentVisit { completeness } } } }";
    let found = portfolio(&app, &ana, fields).await["accounts"]["nodes"].take();
    let stands = |pace: &str, completeness: f64| {
        json!({
            "status": "ACTIVE", "stageKey": "take-off", "pace": pace,
            "currentVisit": { "completeness": completeness },
        })
    };
    assert_eq!(
        found,
        json!([
            { "name": "1 fresh", "primaryJourney": stands("ON_TRACK", 0.5) },
            { "name": "2 behind", "primaryJourney": stands("BEHIND", 0.0) },
            { "name": "3 stuck", "primaryJourney": stands("STUCK", 0.0) },
            { "name": "4 without", "primaryJourney": null },
        ])
    );
}

async fn answer(
    app: &TestApp,
    account_id: AccountId,
    contact_id: Option<ContactId>,
    score: i32,
    day: &str,
) {
    let owner = app.home().await.actor();
    let record = async |tx: &jornada_domain::Tx<'_>| {
        let survey = match survey::by_key(tx, "nps").await {
            Ok(survey) => survey,
            Err(_) => survey::create(tx, nps()).await?,
        };
        let responded_at = Some(format!("{day}T12:00:00Z").parse().expect("it is a time"));
        let (task_id, comment, survey_id) = (None, None, survey.id);
        let new = NewResponse {
            survey_id,
            account_id,
            contact_id,
            task_id,
            score,
            comment,
            responded_at,
        };
        record_response(tx, new).await
    };
    app.write(&owner, record).await;
}

fn nps() -> NewSurvey {
    NewSurvey {
        key: "nps".to_owned(),
        name: "NPS".to_owned(),
        question: "How likely are you to recommend us?".to_owned(),
        method: Method::Nps,
        purpose: Purpose::Relational,
    }
}

async fn nps_counts_the_newest_answer_of_each_contact_within_twelve_months(app: TestApp) {
    let (ana, bia) = (app.user(Role::Csm).await, app.user(Role::Csm).await);
    let fields = "nps { score promoters passives detractors }";
    let nobody = json!({ "score": null, "promoters": 0, "passives": 0, "detractors": 0 });
    assert_eq!(portfolio(&app, &ana, fields).await["nps"], nobody);
    let one = account(&app, "One", Some(ana.id)).await.id;
    let two = account(&app, "Two", Some(ana.id)).await.id;
    let other = account(&app, "Other", Some(bia.id)).await.id;
    let (eva, ivo) = (contact(&app, one, "Eva").await.id, contact(&app, one, "Ivo").await.id);
    answer(&app, one, Some(eva), 2, "2025-06-01").await;
    answer(&app, one, Some(eva), 10, "2025-12-01").await;
    answer(&app, one, Some(ivo), 9, "2025-11-01").await;
    // Nobody knows who answered: the newer answer stands for both.
    answer(&app, two, None, 9, "2025-05-01").await;
    answer(&app, two, None, 7, "2025-05-02").await;
    // Too long ago, and of another portfolio.
    answer(&app, two, Some(contact(&app, two, "Rui").await.id), 0, "2025-01-19").await;
    answer(&app, other, None, 0, "2026-01-01").await;
    let found = portfolio(&app, &ana, fields).await["nps"].take();
    let score = found["score"].as_f64().expect("there are answers");
    assert!((score - 200.0 / 3.0).abs() < 1e-9, "{score}");
    let counts = [&found["promoters"], &found["passives"], &found["detractors"]];
    assert_eq!(counts, [2, 1, 0]);
}

async fn exactly_one_user_or_team_is_named(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let stranger = app.workspace().await.owner;
    let ask = async |arguments: &str| {
        let query = format!("{{ portfolio{arguments} {{ accounts {{ totalCount }} }} }}");
        let answer = app.graphql(&token, &query, json!({})).await;
        let error = &answer["errors"][0]["extensions"];
        format!("{} {}", error["field"], error["code"]).replace('"', "")
    };
    assert_eq!(ask("").await, " ONE_NEEDED");
    let id = global(stranger.id);
    assert_eq!(ask(&format!("(userId: \"{id}\")")).await, "userId NOT_FOUND");
    assert_eq!(ask(&format!("(teamId: \"{id}\")")).await, "teamId BAD_ID");
    let both = format!("(userId: \"{id}\", teamId: \"{id}\")");
    assert_eq!(ask(&both).await, "teamId CONTRADICTION");
}

async fn a_portfolio_of_60_accounts_takes_as_many_statements_as_one_of_3(app: TestApp) {
    let token = app.token(Role::Viewer).await;
    let (ana, template) = (app.user(Role::Csm).await, template(&app).await);
    let ask = "query ($id: ID!) { portfolio(userId: $id) {
        taskCounts { overdue } nps { score }
        accounts(first: 100) { totalCount nodes {
            name taskCounts { overdue today upcoming } openTasks(first: 5) { nodes { title } }
            lastNps { score } lastSentiment lastInteraction { happenedAt }
            primaryJourney { stageKey status pace currentVisit { completeness } } } } } }";
    let mut counts = Vec::new();
    for number in 1..=60 {
        let id = account(&app, &format!("Account {number}"), Some(ana.id)).await.id;
        journey(&app, id, template, "2026-01-05").await;
        complete(&app, id, "hand-over", Positive).await;
        if number % 2 == 0 {
            complete(&app, id, "meeting", Negative).await;
            answer(&app, id, None, 9, "2026-01-10").await;
        }
        if number == 3 || number == 60 {
            let of = json!({ "id": global(ana.id) });
            let (data, count) = app.statements(app.data(&token, ask, of)).await;
            let accounts = &data["portfolio"]["accounts"];
            assert_eq!(accounts["totalCount"], number);
            assert_eq!(accounts["nodes"].as_array().map(Vec::len), Some(number));
            counts.push(count);
        }
    }
    assert_eq!(counts[0], counts[1], "the statements must not grow with the accounts");
    assert!(counts[0] <= 30, "{counts:?}");
}
