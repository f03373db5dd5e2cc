//! What scores the customers: a plugin that was released, and a weighted model that reads the same.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use jornada_domain::auth::Actor;
use jornada_domain::health::Bands;
use jornada_domain::health::built_in::BuiltIn;
use jornada_domain::health::by_plugin::NewByPlugin;
use jornada_domain::health::definition::{Definition, Scorer};
use jornada_domain::health::measure::{Aggregation, Source};
use jornada_domain::health::weighted::{Measure, Missing, Step, Weighted};
use jornada_domain::plugins::{plan, plugin};
use jornada_server::app::App;
use jornada_server::plugin::{inspect, score};
use serde_json::json;

use super::base::{FLAGS, WORDS};

/// The file, from the root of the repository.
const FILE: &str = "plugins/released/sdk-0.1.0/telco-churn-health.wasm";

/// Installs the plugin.
pub(super) async fn install(app: &App, actor: &Actor) -> Result<plugin::Model> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
    let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let inspected = inspect::inspect(&app.plugins, bytes).await?;
    let tx = app.begin(actor).await?;
    let plan = plan::propose(&tx, inspected).await?;
    plan::approve(&tx, plan.id).await?;
    let row = plan::apply(&tx, plan.id).await?;
    app.commit(tx).await?;
    Ok(row)
}

/// What is read of each customer, by the keys of the inputs of the plugin.
fn sources(metric: &str) -> BTreeMap<String, Source> {
    let attribute = |key: &str| (key.to_owned(), Source::Attribute { key: key.to_owned() });
    let words = WORDS.into_iter().map(|(key, _)| attribute(key));
    let mut sources: BTreeMap<_, _> = words.chain(FLAGS.into_iter().map(attribute)).collect();
    let tenure = Source::BuiltIn { name: BuiltIn::TenureMonths };
    sources.insert("tenure".to_owned(), tenure);
    let key = metric.to_owned();
    let charges = Source::Metric { key, days: 30, aggregation: Aggregation::Last };
    sources.insert("monthly_charges".to_owned(), charges);
    sources
}

fn definition(scorer: Scorer) -> Definition {
    Definition { scorer, bands: Bands::default(), trend_days: 30 }
}

/// The score of the plugin.
pub(super) async fn by_plugin(
    app: &App,
    actor: &Actor,
    plugin: &plugin::Model,
    metric: &str,
) -> Result<Definition> {
    let cx = app.read(actor);
    let described = score::describe(app, &cx, plugin.clone(), &json!({})).await?;
    let bound = sources(metric).into_iter().map(|(key, source)| (key, Some(source))).collect();
    let new = NewByPlugin { plugin_id: plugin.id, config: json!({}), bound };
    Ok(definition(Scorer::Plugin(new.described(described))))
}

/// A weighted model.
pub(super) fn weighted(metric: &str) -> Definition {
    let words_of = |key: &str| WORDS.into_iter().find(|(one, _)| *one == key);
    let measure = |(key, source): (String, Source)| {
        let most = match key.as_str() {
            "tenure" => 72.0,
            "monthly_charges" => 120.0,
            _ => 1.0,
        };
        let points = |place: usize| 100.0 * place as f64 / 3.0;
        let (scale, words) = match words_of(&key) {
            Some((_, words)) => {
                let each = words.iter().enumerate();
                let words = each.map(|(place, word)| ((*word).to_owned(), points(place)));
                (Vec::new(), words.collect())
            }
            None => {
                let ends = [Step { at: 0.0, points: 20.0 }, Step { at: most, points: 90.0 }];
                (ends.to_vec(), BTreeMap::new())
            }
        };
        Measure { key, title: None, weight: 1.0, source, scale, is_stepped: false, words }
    };
    let measures = sources(metric).into_iter().map(measure).collect();
    let missing = Missing::Renormalise;
    definition(Scorer::Weighted(Weighted { measures, missing, minimum_known: 0.5 }))
}
