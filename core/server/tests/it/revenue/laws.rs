//! Laws of recurring revenue, held against stories that nobody wrote: what moved adds up to what is
//! paid, no account keeps more than it had, and no figure is lost between groups.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use jornada_domain::Cx;
use jornada_domain::accounts::account::AccountFilter;
use jornada_domain::id::AccountId;
use jornada_domain::page::PageArgs;
use jornada_domain::revenue::movement::{self, MovementFilter};
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
    /// One that ends is followed by another, for how much and for how many months.
    Follow(usize, i64, u32),
}

const ACCOUNTS: usize = 4;
const STORIES: usize = 6;

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let amount = 0i64..5;
    let one = prop_oneof![
        (0..ACCOUNTS, amount.clone(), prop::option::of(1u32..9))
            .prop_map(|(who, minor, months)| Happening::Subscribe(who, minor * 100, months)),
        (0usize..6, amount.clone()).prop_map(|(n, minor)| Happening::Price(n, minor * 100)),
        (0usize..6, amount, 1u32..9).prop_map(|(n, minor, months)| Happening::Follow(
            n,
            minor * 100,
            months
        )),
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
    let (mut subscriptions, mut month) = (Vec::<(String, usize, Option<NaiveDate>)>::new(), 1);
    for happening in happenings {
        let today = format!("{year}-{month:02}-03");
        app.set_time(&format!("{today}T12:00:00Z"));
        app.run_jobs().await;
        match happening {
            Happening::Subscribe(who, minor, months) => {
                let day: NaiveDate = today.parse().expect("a date");
                let ends = months.and_then(|n| day.checked_add_months(Months::new(n)));
                let more = json!({ "endsOn": ends });
                let id = subscribe(app, &accounts[*who], &today, *minor, more).await;
                subscriptions.push((id, *who, ends));
            }
            Happening::Follow(n, minor, months) => {
                let followed =
                    subscriptions.get(*n).and_then(|(_, who, ends)| Some((*who, (*ends)?)));
                if let Some((who, ended)) = followed {
                    let starts = ended.succ_opt().expect("there is a next day");
                    let ends = starts.checked_add_months(Months::new(*months));
                    let (more, starts) = (json!({ "endsOn": ends }), starts.to_string());
                    let id = subscribe(app, &accounts[who], &starts, *minor, more).await;
                    subscriptions.push((id, who, ends));
                }
            }
            Happening::Price(n, minor) => {
                if let Some((id, ..)) = subscriptions.get(*n) {
                    let price = json!({ "amountMinor": minor, "currency": "BRL" });
                    change(app, id, json!({ "amount": price })).await;
                }
            }
            Happening::Cancel(n) => {
                if let Some((id, ..)) = subscriptions.get(*n) {
                    cancel(app, id, &today).await;
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

/// Cancels a subscription, unless it has not begun.
async fn cancel(app: &TestApp, id: &str, today: &str) {
    let input = json!({ "id": id, "cancelledOn": today });
    let query = "mutation($input: SubscriptionUpdateInput!) { subscriptionUpdate(input: $input) {
        userErrors { code } } }";
    app.data(&app.home().await.token, query, json!({ "input": input })).await;
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
            if by.is_none() {
                let found = recounted(&cx, period).await;
                let told = (figures.opening, figures.closing);
                assert_eq!(told, (found.opening, found.closing), "{period:?}");
                let returned = figures.new - found.new;
                assert!((0..=found.returned).contains(&returned), "{period:?} {figures:?}");
            }
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

/// What the movements come to, one by one.
#[derive(Debug, Default)]
struct Recount {
    /// What was paid before the period.
    opening: i64,
    /// What is paid at its end.
    closing: i64,
    /// What is paid at its end by those who paid nothing before.
    new: i64,
    /// What those brought who paid before, left within the period and came back.
    returned: i64,
}

async fn recounted(cx: &Cx<'_>, period: Period) -> Recount {
    let mut paid: HashMap<AccountId, Recount> = HashMap::new();
    let mut cursor = None;
    loop {
        let args = PageArgs::after(100, cursor);
        let page = movement::list(cx, &MovementFilter::default(), &args).await.expect("a page");
        let has_next = page.has_next;
        cursor = page.last_cursor();
        for row in page.into_rows().iter().filter(|row| row.happened_on <= period.to) {
            let of = paid.entry(row.account_id).or_default();
            of.closing += row.delta_minor;
            if row.happened_on < period.from {
                of.opening += row.delta_minor;
            } else if row.delta_minor > 0 {
                of.returned += row.delta_minor;
            }
        }
        if !has_next {
            break;
        }
    }
    paid.into_values().fold(Recount::default(), |sum, of| {
        let is_new = of.opening == 0;
        Recount {
            opening: sum.opening + of.opening,
            closing: sum.closing + of.closing,
            new: sum.new + if is_new { of.closing } else { 0 },
            returned: sum.returned + if is_new { 0 } else { of.returned },
        }
    })
}
