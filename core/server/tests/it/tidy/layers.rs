//! Who may say which word: the borders between the layers that `cargo tree` cannot see.

use super::rust::{code_of, forbid, mentions};
use super::{Finding, assert_caught, assert_holds, assert_passes, rust_files};

/// The modules that only translate between the outside and the domain.
const TRANSLATORS: [&str; 3] =
    ["core/server/src/graphql", "core/server/src/http", "core/server/src/cli"];

/// What async-graphql derives; `Enum` and the like only count inside of a derive.
const API_DERIVES: [&str; 12] = [
    "ComplexObject",
    "Description",
    "Directive",
    "Enum",
    "InputObject",
    "Interface",
    "MergedObject",
    "MergedSubscription",
    "NewType",
    "OneofObject",
    "SimpleObject",
    "Union",
];

/// Where a transaction may end: in the server, by the unit of work that it hands to the domain.
const COMMITTERS: [&str; 2] = ["core/server/src", "core/domain/src/cx"];

fn commits_at_the_edge(path: &str, text: &str) -> Vec<Finding> {
    if COMMITTERS.iter().any(|module| is_in(path, module)) {
        return Vec::new();
    }
    let reason = "only the server ends a transaction, so that a verb can be part of a larger one";
    forbid(&code_of(text), &[".commit()"], reason)
}

fn no_entities_in_translators(path: &str, text: &str) -> Vec<Finding> {
    if !TRANSLATORS.iter().any(|module| is_in(path, module)) {
        return Vec::new();
    }
    let words =
        ["ActiveModel", "ActiveModelTrait", "Column", "ColumnTrait", "Entity", "EntityTrait"];
    forbid(&code_of(text), &words, "ask a function of the domain; tables are its business")
}

fn no_api_in_the_domain(path: &str, text: &str) -> Vec<Finding> {
    if !path.starts_with("core/domain/") {
        return Vec::new();
    }
    let reason = "a row is not an API type; map it in core/server/src/graphql";
    let code = code_of(text);
    let mut findings = forbid(&code, &["async_graphql"], reason);
    for (at, _) in code.match_indices("derive(") {
        let list = code[at..].split(')').next().unwrap_or_default();
        let derived = API_DERIVES.iter().filter(|name| mentions(list, name));
        findings.extend(derived.map(|name| Finding {
            line: super::rust::line_of(&code, at),
            message: format!("`{name}`: {reason}"),
        }));
    }
    findings
}

fn migrations_stand_alone(path: &str, text: &str) -> Vec<Finding> {
    if !path.starts_with("migrations/src/") {
        return Vec::new();
    }
    let reason = "a released migration must not change its meaning when an entity changes";
    forbid(&code_of(text), &["jornada_domain"], reason)
}

/// Whether a file is the module or within it: `a/b` has `a/b.rs` and `a/b/c.rs`, not `a/bc.rs`.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

#[test]
fn only_the_server_commits() {
    assert_holds(commits_at_the_edge, &rust_files());
}

#[test]
fn graphql_http_and_command_line_do_not_know_the_tables() {
    assert_holds(no_entities_in_translators, &rust_files());
}

#[test]
fn the_domain_does_not_know_the_api() {
    assert_holds(no_api_in_the_domain, &rust_files());
}

#[test]
fn migrations_do_not_know_the_domain() {
    assert_holds(migrations_stand_alone, &rust_files());
}

#[test]
fn a_commit_outside_of_the_server_is_caught() {
    let text = "async fn f(tx: Tx) { tx.commit().await; }\n";
    assert_caught(commits_at_the_edge, "core/domain/src/tasks.rs", text);
    assert_caught(commits_at_the_edge, "core/server/tests/it/tasks.rs", text);
    assert_passes(commits_at_the_edge, "core/server/src/app.rs", text);
    assert_passes(commits_at_the_edge, "core/domain/src/cx.rs", text);
}

#[test]
fn a_table_in_a_resolver_is_caught() {
    for text in ["use a::task::Entity;", "a::Column::Id", "a::ActiveModel", "use b::EntityTrait;"] {
        assert_caught(no_entities_in_translators, "core/server/src/graphql/tasks.rs", text);
        assert_caught(no_entities_in_translators, "core/server/src/graphql.rs", text);
        assert_caught(no_entities_in_translators, "core/server/src/http/graphql.rs", text);
        assert_caught(no_entities_in_translators, "core/server/src/cli.rs", text);
        assert_passes(no_entities_in_translators, "core/server/src/clients.rs", text);
    }
    let near = "struct EntityName; let column = columns();";
    assert_passes(no_entities_in_translators, "core/server/src/graphql/tasks.rs", near);
}

#[test]
fn an_api_type_in_the_domain_is_caught() {
    let path = "core/domain/src/tasks.rs";
    assert_caught(no_api_in_the_domain, path, "use async_graphql::Object;");
    assert_caught(no_api_in_the_domain, path, "#[derive(Clone, SimpleObject)]");
    assert_caught(no_api_in_the_domain, path, "#[derive(\n    Debug,\n    Enum,\n)]");
    assert_passes(no_api_in_the_domain, path, "#[derive(Debug, EnumIter, DeriveActiveEnum)]");
    assert_passes(no_api_in_the_domain, "core/server/src/graphql/a.rs", "#[derive(Enum)]");
}

#[test]
fn a_migration_that_uses_an_entity_is_caught() {
    let text = "use jornada_domain::tasks;\n";
    assert_caught(migrations_stand_alone, "migrations/src/m20260101_000001_tasks.rs", text);
    assert_passes(migrations_stand_alone, "core/server/src/app.rs", text);
}
