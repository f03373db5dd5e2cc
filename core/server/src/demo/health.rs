//! Plugins, and the health of the customers of the telephone company: what a plugin that was fitted
//! on such customers made of them before some of them left.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use jornada_domain::Tx;
use jornada_domain::accounts::account::AccountFilter;
use jornada_domain::accounts::segment::{self, NewSegment};
use jornada_domain::attributes::definition::{self, NewDefinition};
use jornada_domain::attributes::{AttributeFilter, Test};
use jornada_domain::auth::Actor;
use jornada_domain::health::by_plugin::NewByPlugin;
use jornada_domain::health::definition::{Definition, Scorer};
use jornada_domain::health::measure::Source;
use jornada_domain::health::model::{self, NewModel};
use jornada_domain::health::recompute::{self, RunBatch};
use jornada_domain::health::run::{self, RunStatus};
use jornada_domain::page::PageArgs;
use jornada_domain::plugins::{plan, plugin};
use jornada_domain::subject::SubjectKind;
use serde_json::json;

use super::Loader;
use super::telco::{ATTRIBUTES, MOST_DAYS_LOST};
use crate::plugin::{inspect, score};
use crate::worker;

/// The plugins of the demo, as they were released: what scores, and the types of tasks that stand
/// in its templates.
const PLUGINS: [(&str, &[u8]); 3] = [
    (CHURN, include_bytes!("../../../../plugins/released/sdk-0.1.0/telco-churn-health.wasm")),
    (
        "jornada.training-session",
        include_bytes!("../../../../plugins/released/sdk-0.1.0/training-session.wasm"),
    ),
    ("jornada.qbr", include_bytes!("../../../../plugins/released/sdk-0.1.0/qbr.wasm")),
];

/// The plugin that scores.
const CHURN: &str = "jornada.telco-churn-health";

/// How many days ago they were scored: on the day before the first of them left.
const DAYS_AGO: i64 = MOST_DAYS_LOST as i64 + 1;

/// Installs the plugins that are not there yet.
pub(super) async fn install(loader: &Loader<'_>) -> Result<()> {
    let Loader { app, actor } = loader;
    for (key, file) in PLUGINS {
        if plugin::by_key(&app.read(actor), key).await?.is_some() {
            continue;
        }
        let inspected = inspect::inspect(&app.plugins, file.to_vec()).await.context(key)?;
        let tx = app.begin(actor).await?;
        let proposed = plan::propose(&tx, inspected).await?;
        plan::approve(&tx, proposed.id).await?;
        plan::apply(&tx, proposed.id).await?;
        app.commit(tx).await?;
    }
    Ok(())
}

/// Adds the attributes that the plugin reads.
pub(super) async fn lay_attributes(tx: &Tx<'_>) -> Result<()> {
    for (_, key, value_type) in ATTRIBUTES {
        let new = NewDefinition {
            subject_kind: SubjectKind::Account,
            key: key.to_owned(),
            name: key.replace('_', " "),
            description: None,
            value_type,
            option_set_id: None,
            minimum: None,
            maximum: None,
            is_personal: ["senior", "dependents"].contains(&key),
        };
        definition::create(tx, new).await?;
    }
    Ok(())
}

/// Scores the customers of the telephone company by the plugin, as it would have on a day before
/// any of them left, where that is not done yet. They are all customers still.
pub(super) async fn score(loader: &Loader<'_>) -> Result<()> {
    let Loader { app, actor } = loader;
    let clock_offset = actor.clock_offset - TimeDelta::days(DAYS_AGO);
    let then = Actor { clock_offset, ..actor.clone() };
    let cx = app.read(&then);
    let models = model::list(&cx, &PageArgs::first(1)).await?;
    let model = match models.into_rows().into_iter().next() {
        Some(model) => model,
        None => make(loader, &then).await?,
    };
    let runs = run::list(&cx, model.id, &PageArgs::first(1)).await?;
    let run = runs.into_rows().into_iter().next().context("a new model is computed")?;
    let mut after = None;
    while run::find(&cx, run.id).await?.status == RunStatus::Running {
        let work = RunBatch { run_id: run.id, after };
        let Some(batch) = recompute::prepare_run(&cx, &work).await? else { break };
        let scored = worker::health::score(app, &then, &batch).await?;
        let tx = app.begin(&then).await?;
        worker::health::write(&tx, &batch, scored).await?;
        app.commit(tx).await?;
        after = batch.accounts.last().copied();
    }
    Ok(())
}

async fn make(loader: &Loader<'_>, then: &Actor) -> Result<model::Model> {
    let Loader { app, .. } = loader;
    let cx = app.read(then);
    let row = plugin::by_key(&cx, CHURN).await?.context("it was just installed")?;
    // For how long they are customers, the plugin takes from the platform.
    let bound = ATTRIBUTES.iter().map(|(_, key, _)| {
        let key = (*key).to_owned();
        (key.clone(), Some(Source::Attribute { key }))
    });
    let new = NewByPlugin { plugin_id: row.id, config: json!({}), bound: bound.collect() };
    let described = score::describe(app, &cx, row, &new.config).await?;
    let definition = Definition {
        scorer: Scorer::Plugin(new.described(described)),
        bands: Default::default(),
        trend_days: 30,
    };
    let tx = app.begin(then).await?;
    let test = Test::IsNull(false);
    let filter = AccountFilter {
        attributes: vec![AttributeFilter { key: "contract".to_owned(), test }],
        ..Default::default()
    };
    let description = Some("Customers of the telephone company".to_owned());
    let new = NewSegment { name: "Telco".to_owned(), description, filter };
    let segment = segment::create(&tx, new).await?;
    let description = Some("How likely a customer is to stay, in percent".to_owned());
    let (name, segment_id) = ("Telco churn".to_owned(), Some(segment.id));
    let made = model::create(&tx, NewModel { name, description, segment_id, definition }).await?;
    app.commit(tx).await?;
    Ok(made)
}
