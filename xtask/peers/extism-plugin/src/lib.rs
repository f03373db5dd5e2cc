//! The score of `plugins/telco-churn-health` as one writes it for Extism: a function for each form
//! in which a batch can come.

use extism_pdk::{FnResult, Json, plugin_fn};
use telco_score::wire::{self, Answer, Columns, Customer, Scored, Table};
use telco_score::{FACTORS, Model, decode, places, worst};

/// Scores customers.
#[plugin_fn]
pub fn score_customers(Json(customers): Json<Vec<Customer>>) -> FnResult<Json<Answer>> {
    let model = Model::default();
    let scored = |customer: &Customer| {
        let mut contributions = [0.0; FACTORS];
        let value = model.score(&customer.row(), &mut contributions);
        let mut reasons = Vec::new();
        worst(&contributions, |reason| reasons.push(reason));
        Scored { value: Some(value).filter(|value| !value.is_nan()), contributions, reasons }
    };
    let scores = customers.iter().map(scored).collect();
    Ok(Json(Answer { base: model.base(), scores }))
}

/// Scores columns.
#[plugin_fn]
pub fn score_columns(Json(batch): Json<Columns>) -> FnResult<Json<Table>> {
    let Columns { rows, columns, dictionaries } = batch;
    let places = places(&dictionaries);
    let number = |column: usize, row: usize| {
        columns.get(column).and_then(|column| column.get(row)).map_or(f64::NAN, |one| one.0)
    };
    let scores = Model::default().score_all(rows, |row| {
        let mut known = std::array::from_fn(|column| number(column, row));
        decode(&mut known, &places);
        known
    });
    Ok(Json(scores.into()))
}

/// Scores columns that are bytes.
#[plugin_fn]
pub fn score_bytes(batch: Vec<u8>) -> FnResult<Vec<u8>> {
    let (rows, row) = wire::rows_of(&batch);
    Ok(wire::bytes_of_scores(&Model::default().score_all(rows, row)))
}
