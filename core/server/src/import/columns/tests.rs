//! Headers in two languages, mappings, and the words of reasons.

use super::*;
use crate::import::accounts::fields::{ALL, EXTERNAL_ID, NAME, STATUS, TAX_ID};

fn mapped(headers: &[&str], mapping: &str) -> Result<Columns, Unusable> {
    let mapping = Mapping::read(mapping, "accounts", ALL, Some("attribute"))?;
    let headers = StringRecord::from(headers.to_vec());
    Columns::of(&headers, (ALL, &[EXTERNAL_ID, NAME]), Some("attribute"), mapping)
}

fn columns(headers: &[&str]) -> Result<Columns, Unusable> {
    mapped(headers, "")
}

#[test]
fn headers_are_known_in_english_and_portuguese_however_they_are_written() {
    let columns = columns(&["Código", "RAZÃO SOCIAL", "CNPJ", "E-mail do gestor", "Cor"]);
    let row = StringRecord::from(vec!["7", "Padaria", "", "ana@x.example", "azul"]);
    let columns = columns.unwrap();
    assert_eq!(columns.cell(&row, EXTERNAL_ID).as_deref(), Some("7"));
    assert_eq!(columns.cell(&row, NAME).as_deref(), Some("Padaria"));
    assert_eq!(columns.cell(&row, TAX_ID), None);
    assert_eq!(columns.unknown, ["Cor"]);
}

#[test]
fn a_mapping_names_columns_words_and_what_empty_cells_mean() {
    let mapping = "[accounts.columns]\n'Key' = 'external_id'\n'Status' = ''\n'Gone' = 'city'\n\
        'Seats' = 'attribute.seats'\n'Fase' = 'status'\n\
        [accounts.values]\nname = 'Nameless'\n'attribute.tier' = 'gold'\n\
        [accounts.words.status]\n'Em teste' = 'trial'\n";
    let columns = mapped(&["Key", "Status", "Seats", "Fase"], mapping).unwrap();
    let row = StringRecord::from(vec!["7", "lost", "12", "em TESTE"]);
    assert_eq!(columns.cell(&row, EXTERNAL_ID).as_deref(), Some("7"));
    assert_eq!(columns.cell(&row, NAME).as_deref(), Some("Nameless"));
    assert_eq!(columns.cell(&row, STATUS).as_deref(), Some("trial"));
    let open = [("seats", "12"), ("tier", "gold")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(columns.open_cells(&row), open);
    assert_eq!((columns.unknown.len(), columns.missing), (0, vec!["Gone".to_owned()]));
}

#[test]
fn two_columns_for_one_field_are_refused() {
    insta::assert_snapshot!(
        columns(&["id", "Nome", "Razão social"]).unwrap_err(),
        @"its columns `Nome` and `Razão social` both mean `name`: rename or remove one"
    );
    insta::assert_snapshot!(
        columns(&["id", "Nome", "attribute.x", "attribute:x"]).unwrap_err(),
        @"its columns `attribute.x` and `attribute:x` both mean `attribute:x`: rename or remove one"
    );
}

#[test]
fn name_and_external_id_must_be_there() {
    for (headers, missing) in [(["id", "x"], "name"), (["nome", "x"], "external_id")] {
        let error = columns(&headers).unwrap_err();
        assert!(matches!(error, Unusable::MissingColumn(name) if name == missing));
    }
}

#[test]
fn a_reason_names_the_columns_as_the_file_does() {
    let columns = columns(&["Código", "Nome", "Valor", "status_since", "attribute:a"]).unwrap();
    let about = |field| {
        let reason = columns.reason(Locale::En, &[Problem::new(field, Code::Required)]);
        reason.split_once(": ").map(|(about, _)| about.to_owned())
    };
    assert_eq!(about("subscription.amountMinor"), Some("Valor".to_owned()));
    assert_eq!(about("externalId"), Some("Código".to_owned()));
    assert_eq!(about("statusSince"), Some("status_since".to_owned()));
    assert_eq!(about("taxId"), Some("tax_id".to_owned()));
    assert_eq!(about("attribute.a"), Some("attribute:a".to_owned()));
    assert_eq!(about("attribute.b"), Some("attribute.b".to_owned()));
    assert_eq!(about(""), None);
}

#[test]
fn a_reason_tells_all_that_is_wrong_and_what_to_choose_from() {
    let columns = columns(&["id", "nome"]).unwrap();
    let problems = [
        Problem::new("name", Code::Required),
        Problem::new("external_id", Code::DuplicateKey).with("line", 2),
        Problem::new("status", Code::UnknownWord).with("words", "trial, active"),
    ];
    let reason = columns.reason(Locale::PtBr, &problems);
    for part in ["nome: É preciso", "id: Isto aparece duas vezes", "(linha 2)", "trial, act"] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn the_reasons_of_an_earlier_import_are_no_unknown_column() {
    let columns = columns(&["id", "name", REJECTED_REASON]).unwrap();
    assert_eq!(columns.unknown, [""; 0]);
}
