//! Configuration: what goes before what, and errors that name the key.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use jornada_server::config::{Config, Flags, LogFormat, ServeFlags, unknown_variables};

use crate::harness::Directory;

fn load(flags: &Flags, environment: &[(&str, &str)]) -> anyhow::Result<Config> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::load(flags, &environment.iter().map(owned).collect::<HashMap<_, _>>())
}

fn error(flags: &Flags, environment: &[(&str, &str)]) -> String {
    format!("{:#}", load(flags, environment).expect_err("it is not valid"))
}

fn file(directory: &Directory, text: &str) -> PathBuf {
    let path = directory.path().join("test.toml");
    fs::write(&path, text).expect("the file is written");
    path
}

fn listening(listen: &str) -> Flags {
    let serve = ServeFlags { listen: Some(listen.to_owned()), ..Default::default() };
    Flags { serve, ..Default::default() }
}

#[test]
fn defaults_serve_on_this_machine_from_a_file() {
    let config = load(&Flags::default(), &[]).expect("defaults are valid");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url.to_string(), "sqlite://jornada.sqlite");
    assert_eq!(config.log_format, LogFormat::Text);
    assert!(config.worker);
}

#[test]
fn flags_go_before_variables_before_the_file_before_defaults() {
    let directory = Directory::new();
    let text =
        "listen = \"127.0.0.1:1\"\nlog = \"debug\"\npostgres_connections = 7\nworker = false";
    let path = file(&directory, text);
    let named = path.to_str().expect("the path is text");
    let variables =
        [("JORNADA_CONFIG", named), ("JORNADA_LISTEN", "127.0.0.1:2"), ("JORNADA_LOG", "warn")];
    let config = load(&listening("127.0.0.1:3"), &variables).expect("all of it is valid");
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log, "warn");
    assert_eq!((config.postgres_connections, config.worker), (7, false));
    assert_eq!(config.log_format, LogFormat::Text);
    let config = load(&Flags::default(), &variables[..2]).expect("all of it is valid");
    assert_eq!((config.listen.port(), config.log.as_str()), (2, "debug"));
}

#[test]
fn other_variables_are_none_of_our_business() {
    let variables = [("JORNADA_TEST_POSTGRES_URL", "x"), ("LISTEN", "x"), ("JORNADA_LISTN", "x")];
    load(&Flags::default(), &variables).expect("they are ignored");
}

#[test]
fn an_unknown_key_of_the_file_is_an_error() {
    let directory = Directory::new();
    let flags = Flags { config: Some(file(&directory, "lisen = 1")), ..Default::default() };
    let error = error(&flags, &[]);
    assert!(error.contains("test.toml: `lisen` is no key; there are listen, "), "{error}");
}

#[test]
fn an_unknown_variable_of_ours_is_told() {
    let names = ["JORNADA_LISTN", "JORNADA_LISTEN", "JORNADA_CONFIG", "LISTN"];
    let variables = names.map(|name| (name.to_owned(), "x".to_owned())).into();
    assert_eq!(unknown_variables(&variables), ["JORNADA_LISTN"]);
}

#[test]
fn errors_name_where_the_value_is_from() {
    let directory = Directory::new();
    let named = Flags { config: Some(file(&directory, "listen = \"here\"")), ..Default::default() };
    assert!(error(&named, &[]).contains("test.toml: "), "{}", error(&named, &[]));
    let variable = [("JORNADA_LISTEN", "there")];
    assert!(error(&named, &variable).contains("JORNADA_LISTEN: "), "{}", error(&named, &variable));
    let serve = ServeFlags { log_format: Some("xml".to_owned()), ..Default::default() };
    let error = error(&Flags { serve, ..Default::default() }, &[]);
    assert!(error.contains("--log-format: it must be text or json, and not `xml`"), "{error}");
}

#[test]
fn errors_name_the_key() {
    for (name, value) in [
        ("listen", "localhost"),
        ("database_url", "mysql://localhost/jornada"),
        ("log", "jornada=loud"),
        ("log_format", "xml"),
        ("postgres_connections", "0"),
        ("postgres_connections", "many"),
        ("request_body_max_bytes", "1"),
        ("worker", "perhaps"),
        ("worker_concurrency", "65"),
    ] {
        let variable = format!("JORNADA_{}", name.to_uppercase());
        let error = error(&Flags::default(), &[(&variable, value)]);
        assert!(error.contains(name), "{variable}={value}: {error}");
    }
}

#[test]
fn a_file_that_is_named_must_be_there_and_be_toml() {
    let directory = Directory::new();
    let missing = Flags { config: Some(directory.path().join("none")), ..Default::default() };
    assert!(error(&missing, &[]).ends_with("none does not exist"));
    let broken = Flags { config: Some(file(&directory, "listen =")), ..Default::default() };
    let error = error(&broken, &[]);
    assert!(error.contains("test.toml"), "{error}");
}
