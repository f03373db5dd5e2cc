//! Messages to people: there is one for every code in every language, and whoever makes a problem
//! gives what its message tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jornada_domain::error::Code;
use jornada_server::graphql::TopLevelCode;

use crate::tidy::rust_files;

const LANGUAGES: [&str; 2] = ["en", "pt-BR"];

type Messages = BTreeMap<String, BTreeSet<String>>;

/// The messages of a language by code, with the names of their parameters.
fn messages(language: &str) -> Messages {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language);
    let text = fs::read_to_string(path.join("errors.ftl")).expect("there are messages");
    let mut messages = Messages::new();
    let mut code = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((id, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            code = id.to_uppercase().replace('-', "_");
            messages.insert(code.clone(), BTreeSet::new());
        }
        if let Some(names) = messages.get_mut(&code) {
            names.extend(parameters(line));
        }
    }
    messages
}

fn parameters(line: &str) -> impl Iterator<Item = String> {
    line.split("{ $").skip(1).map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect())
}

/// A place where a problem is made: its code and the names of the parameters that it gives.
struct Made {
    place: String,
    code: String,
    given: BTreeSet<String>,
}

/// The problems that a file makes, but for those of its tests.
fn made(path: &str, text: &str) -> Vec<Made> {
    const BEGIN: &str = "Problem::new(";
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(BEGIN) {
        let rest = &text[at + BEGIN.len()..];
        let within = &rest[..closing(rest)];
        let Some((_, code)) = within.rsplit_once("Code::") else { continue };
        // What belongs to it ends with the next problem, or with the function.
        let until = rest.find(BEGIN).into_iter().chain(rest.find("\n}")).min();
        let given = rest[..until.unwrap_or(rest.len())].split(".with(\"").skip(1);
        let given = given.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect();
        let line = text[..at].matches('\n').count() + 1;
        let code = code.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        found.push(Made { place: format!("{path}:{line}"), code, given });
    }
    found
}

/// Where the parenthesis closes within which a text begins.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    let close = text.char_indices().find(|(_, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    close.map_or(text.len(), |(at, _)| at)
}

#[test]
fn every_code_has_a_message_in_every_language() {
    let own = TopLevelCode::ALL.iter().map(|code| code.as_str());
    // What is wrong with a document is said by who reads it.
    let own = own.filter(|code| *code != TopLevelCode::BadQuery.as_str());
    let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).chain(own).collect();
    for language in LANGUAGES {
        let messages = messages(language);
        let told: BTreeSet<_> = messages.keys().map(String::as_str).collect();
        assert_eq!(told, codes, "{language}");
    }
}

#[test]
fn a_message_tells_the_same_in_every_language() {
    assert_eq!(messages("en"), messages("pt-BR"));
}

#[test]
fn whoever_makes_a_problem_gives_what_its_message_tells() {
    let messages = messages("en");
    let mut missing = Vec::new();
    for file in rust_files().iter().filter(|file| file.path.contains("/src/")) {
        for Made { place, code, given } in made(&file.path, &file.text) {
            let code = Code::ALL.iter().find(|known| format!("{known:?}") == code);
            let code = code.unwrap_or_else(|| panic!("{place}: no such code"));
            let needed = &messages[code.as_str()];
            for name in needed.difference(&given) {
                missing.push(format!("{place}: {} needs `{name}`", code.as_str()));
            }
        }
    }
    assert_eq!(missing, [""; 0], "\n{}\n", missing.join("\n"));
}

#[test]
fn a_problem_without_a_parameter_is_caught() {
    let text = "fn f() {\n    let p = Problem::new(at(\"x\"), Code::TooLong);\n\
                \x20   p.with(\"max\", 1)\n}\n\
                fn g() -> P {\n    Problem::new(\"y\", Code::TooLate)\n}\n\
                fn h() -> P {\n    x.with(\"min\", 2)\n}\n";
    let found = made("a.rs", text);
    let shown: Vec<_> =
        found.iter().map(|m| (m.place.as_str(), m.code.as_str(), m.given.len())).collect();
    assert_eq!(shown, [("a.rs:2", "TooLong", 1), ("a.rs:6", "TooLate", 0)]);
}
