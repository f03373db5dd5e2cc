//! Laws of recurring revenue, held against stories that nobody wrote: what moved adds up to what is
//! paid, no account keeps more than it had, and no figure is lost between groups.

use jornada_domain::accounts::account::AccountFilter;
use jornada_domain::revenue::report::{self, Dimension, Period, Question};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Value, json};

use super::{account, change, subscribe};
use crate::harness::{TestApp, both};

both!(movements_add_up_and_nobody_keeps_more_than_they_had);

/// What happens in a month.
#[derive(Clone, Debug)]
enum Happening {
    /// An account subscribes: who, for how much, for how many months.
    Subscribe(usize, i64, Option<u32>),
    /// A subscription costs something else.
    Price(usize, i64),
    /// A subscription is cancelled as of now.
    Cancel(usize),
}

const ACCOUNTS: usize = 4;
const STORIES: usize = 6;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let amount = 0i64..5;
    let one = prop_oneof![
        (0..ACCOUNTS, amount.clone(), prop::option::of(1u32..9))
            .prop_map(|(who, minor, months)| Happening::Subscribe(who, minor * 100, months)),
        (0usize..6, amount).prop_map(|(n, minor)| Happening::Price(n, minor * 100)),
        (0usize..6).prop_map(Happening::Cancel),
    ];
    prop::collection::vec(one, 4..16)
}

async fn movements_add_up_and_nobody_keeps_more_than_they_had(app: TestApp) {
    let config = Config {
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(18),
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let mut year = 2026;
    for story in 0..STORIES {
        let happenings = happenings().new_tree(&mut runner).expect("a story").current();
        play(&app, story, &mut year, &happenings).await;
    }
    let periods = (2026..=year).flat_map(|year| {
        let day = |text: &str| format!("{year}-{text}").parse().expect("a date");
        [("01-01", "06-30"), ("07-01", "12-31"), ("01-01", "12-31")]
            .map(|(from, to)| Period { from: day(from), to: day(to) })
    });
    for period in periods {
        hold(&app, period).await;
    }
}

/// Plays a story, month by month, and holds what is paid against what was written.
async fn play(app: &TestApp, story: usize, year: &mut i32, happenings: &[Happening]) {
    let mut accounts = Vec::new();
    for n in 0..ACCOUNTS {
        accounts.push(account(app, &format!("{story} {n}")).await);
    }
    let (mut subscriptions, mut month) = (Vec::<String>::new(), 1);
    for happening in happenings {
        let today = format!("{year}-{month:02}-03");
        app.set_time(&format!("{today}T12:00:00Z"));
        app.run_jobs().await;
        match happening {
            Happening::Subscribe(who, minor, months) => {
                let day: chrono::NaiveDate = today.parse().expect("a date");
                let ends = months.and_then(|n| day.checked_add_months(chrono::Months::new(n)));
                let more = json!({ "endsOn": ends });
                subscriptions.push(subscribe(app, &accounts[*who], &today, *minor, more).await);
            }
            Happening::Price(n, minor) => {
                if let Some(id) = subscriptions.get(*n) {
                    let price = json!({ "amountMinor": minor, "currency": "BRL" });
                    change(app, id, json!({ "amount": price })).await;
                }
            }
            Happening::Cancel(n) => {
                if let Some(id) = subscriptions.get(*n) {
                    change(app, id, json!({ "cancelledOn": today })).await;
                }
            }
        }
        for id in &accounts {
            assert_eq!(recorded(app, id).await, paid(app, id, &today).await, "{happenings:?}");
        }
        month += 1;
        if month > 12 {
            (*year, month) = (*year + 1, 1);
        }
    }
    *year += 1;
}

/// What the movements of an account add up to.
async fn recorded(app: &TestApp, id: &str) -> i64 {
    let query = "query($id: ID!) { account(id: $id) { recurringRevenue { amountMinor } } }";
    let data = app.data(&app.home().await.token, query, json!({ "id": id })).await;
    data["account"]["recurringRevenue"][0]["amountMinor"].as_i64().unwrap_or_default()
}

/// What the subscriptions of an account cost today, by their own words.
async fn paid(app: &TestApp, id: &str, today: &str) -> i64 {
    let query = "query($id: ID!) { account(id: $id) { subscriptions(first: 100) { nodes {
        startsOn endsOn cancelledOn amount { amountMinor } } } } }";
    let data = app.data(&app.home().await.token, query, json!({ "id": id })).await;
    let nodes = data["account"]["subscriptions"]["nodes"].as_array().expect("a list").clone();
    let counts = |node: &&Value| {
        let day = |name: &str| node[name].as_str();
        day("startsOn").is_some_and(|day| day <= today)
            && day("endsOn").is_none_or(|day| today <= day)
            && day("cancelledOn").is_none_or(|day| today < day)
    };
    nodes.iter().filter(counts).filter_map(|node| node["amount"]["amountMinor"].as_i64()).sum()
}

/// The laws of a period.
async fn hold(app: &TestApp, period: Period) {
    let owner = app.home().await.actor();
    let cx = app.read(&owner);
    let mut totals = Vec::new();
    for by in [None, Some(Dimension::Csm), Some(Dimension::Package)] {
        let question = Question { filter: AccountFilter::default(), by };
        let groups = report::groups(&cx, &question, period).await.expect("it can be told");
        let mut total = (0, 0);
        for figures in groups.iter().flat_map(|group| &group.figures) {
            let kept = figures.opening + figures.upgrade + figures.cross_sell
                - figures.downgrade
                - figures.churn;
            assert_eq!(kept + figures.new, figures.closing);
            for amount in [figures.opening, figures.new, figures.churn, figures.lost, kept] {
                assert!(amount >= 0, "{period:?} {figures:?}");
            }
            if let (Some(grr), Some(nrr)) = (figures.grr(), figures.nrr()) {
                assert!((0.0..=1.0).contains(&grr) && nrr >= grr, "{period:?} {figures:?}");
            }
            total = (total.0 + figures.opening, total.1 + figures.closing);
        }
        assert!(groups.iter().all(|group| group.lost_accounts <= group.opening_accounts));
        totals.push(total);
    }
    assert!(totals.iter().all(|total| *total == totals[0]), "{period:?} {totals:?}");
}
