//! Rules every Rust file keeps: it says what it is for, it is small, and it takes no short cuts.

use super::rust::{Function, code_of, forbid, functions, without_tests};
use super::{File, Finding, assert_caught, assert_holds, assert_passes, rust_files};

const MAX_LINE_CHARS: usize = 100;
const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;

/// What is larger than the limits all the same, as `path: message`. This list may only shrink.
const EXCEPTIONS: &[&str] = &[
    // A task has 34 columns, and the translation takes every one of them apart by name.
    "core/server/src/graphql/task.rs: fn from has more than 70 lines",
];

fn module_comment(_path: &str, text: &str) -> Vec<Finding> {
    if text.starts_with("//!") {
        return Vec::new();
    }
    vec![Finding { line: 1, message: "begin with `//!` and say what the file is for".into() }]
}

fn line_length(_path: &str, text: &str) -> Vec<Finding> {
    let too_long = |(index, line): (usize, &str)| {
        let message = format!("a line has more than {MAX_LINE_CHARS} characters");
        (line.chars().count() > MAX_LINE_CHARS).then(|| Finding { line: index + 1, message })
    };
    text.lines().enumerate().filter_map(too_long).collect()
}

fn file_length(_path: &str, text: &str) -> Vec<Finding> {
    let message = format!("the file has more than {MAX_FILE_LINES} lines");
    let too_long = text.lines().count() > MAX_FILE_LINES;
    too_long.then_some(Finding { line: MAX_FILE_LINES, message }).into_iter().collect()
}

fn function_length(_path: &str, text: &str) -> Vec<Finding> {
    let code = code_of(text);
    let too_long = functions(&code).into_iter().filter(|found| found.lines > MAX_FUNCTION_LINES);
    let finding = |function: Function<'_>| Finding {
        line: function.line,
        message: format!("fn {} has more than {MAX_FUNCTION_LINES} lines", function.name),
    };
    too_long.map(finding).collect()
}

/// The limits that let one hold a file in the head.
fn limits(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = sizes(path, text);
    findings.retain(|found| !EXCEPTIONS.iter().any(|exception| names(exception, path, found)));
    findings
}

fn sizes(path: &str, text: &str) -> Vec<Finding> {
    [line_length, file_length, function_length].iter().flat_map(|rule| rule(path, text)).collect()
}

/// Whether an exception is about this finding; without its line, which changes too often.
fn names(exception: &str, path: &str, finding: &Finding) -> bool {
    exception.strip_prefix(path).and_then(|rest| rest.strip_prefix(": ")) == Some(&finding.message)
}

fn no_allow(_path: &str, text: &str) -> Vec<Finding> {
    let reason = "write `expect` with a reason, which says so when it is no longer needed";
    forbid(&code_of(text), &["#[allow(", "#![allow("], reason)
}

fn no_unwrap(path: &str, text: &str) -> Vec<Finding> {
    let code = without_tests(path, &code_of(text));
    forbid(&code, &[".unwrap()"], "return an error, or `expect` what the reader can verify")
}

fn nothing_unfinished(_path: &str, text: &str) -> Vec<Finding> {
    let phrases = ["todo!", "unimplemented!", "dbg!", "#[ignore"];
    forbid(&code_of(text), &phrases, "finish it, or leave it out")
}

/// The one place that loads compiled plugins, which are native code.
const LOADS_NATIVE_CODE: &str = "core/plugin-host/src/host.rs";

fn no_unsafe(path: &str, text: &str) -> Vec<Finding> {
    if path == LOADS_NATIVE_CODE {
        return Vec::new();
    }
    forbid(&code_of(text), &["unsafe"], "there is always a safe way here")
}

#[test]
fn every_rust_file_begins_by_saying_what_it_is_for() {
    assert_holds(module_comment, &rust_files());
}

#[test]
fn lines_files_and_functions_stay_small() {
    assert_holds(limits, &rust_files());
}

#[test]
fn the_list_of_exceptions_shrinks_when_one_is_no_longer_needed() {
    let files = rust_files();
    let is_needed = |exception: &&&str| {
        let is_it = |file: &File, found: &Finding| names(exception, &file.path, found);
        files
            .iter()
            .any(|file| sizes(&file.path, &file.text).iter().any(|found| is_it(file, found)))
    };
    let obsolete: Vec<_> = EXCEPTIONS.iter().filter(|exception| !is_needed(exception)).collect();
    assert!(obsolete.is_empty(), "no longer needed, remove them: {obsolete:?}");
}

#[test]
fn no_lint_is_silenced_for_ever() {
    assert_holds(no_allow, &rust_files());
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    assert_holds(no_unwrap, &rust_files());
}

#[test]
fn nothing_unfinished_is_committed() {
    assert_holds(nothing_unfinished, &rust_files());
}

#[test]
fn no_code_is_unsafe() {
    assert_holds(no_unsafe, &rust_files());
}

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_caught() {
    assert_caught(module_comment, "a.rs", "use std::fs;\n");
    assert_caught(module_comment, "a.rs", "\n//! Too late.\n");
    assert_passes(module_comment, "a.rs", "//! Says it.\n");
}

#[test]
fn a_line_of_101_characters_is_caught_and_one_of_100_is_not() {
    assert_caught(line_length, "a.rs", &"é".repeat(101));
    assert_passes(line_length, "a.rs", &"é".repeat(100));
}

#[test]
fn a_file_of_501_lines_is_caught_and_one_of_500_is_not() {
    assert_caught(file_length, "a.rs", &"//\n".repeat(501));
    assert_passes(file_length, "a.rs", &"//\n".repeat(500));
}

#[test]
fn a_function_of_71_lines_is_caught_and_one_of_70_is_not() {
    let function = |lines: usize| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2));
    assert_caught(function_length, "a.rs", &function(71));
    assert_passes(function_length, "a.rs", &function(70));
}

#[test]
fn an_exception_names_one_finding_of_one_file() {
    let found = Finding { line: 7, message: "fn f has more than 70 lines".to_owned() };
    assert!(names("core/a.rs: fn f has more than 70 lines", "core/a.rs", &found));
    assert!(!names("core/a.rs: fn g has more than 70 lines", "core/a.rs", &found));
    assert!(!names("core/a.rs: fn f has more than 70 lines", "core/b.rs", &found));
}

#[test]
fn a_silenced_lint_is_caught_but_not_in_a_string() {
    assert_caught(no_allow, "a.rs", "#[allow(dead_code)]\nfn f() {}\n");
    assert_caught(no_allow, "a.rs", "#![allow(unused)]\n");
    assert_passes(no_allow, "a.rs", "const S: &str = \"#[allow(x)]\"; // #[allow(y)]\n");
}

#[test]
fn an_unwrap_is_caught_except_in_tests() {
    let text = "fn f() { g().unwrap(); }\n";
    assert_caught(no_unwrap, "core/domain/src/a.rs", text);
    assert_passes(no_unwrap, "core/server/tests/it/a.rs", text);
    assert_passes(no_unwrap, "core/domain/src/a/tests.rs", text);
    let tested = format!("#[cfg(test)]\nmod tests {{\n{text}}}\n");
    assert_passes(no_unwrap, "core/domain/src/a.rs", &tested);
    assert_caught(no_unwrap, "core/domain/src/a.rs", &format!("{tested}{text}"));
}

#[test]
fn what_is_unfinished_is_caught() {
    for text in ["todo!()", "unimplemented!(\"x\")", "dbg!(x)", "#[ignore]", "#[ignore = \"x\"]"] {
        assert_caught(nothing_unfinished, "a.rs", text);
    }
    assert_passes(nothing_unfinished, "a.rs", "// todo!\nmy_dbg!(x);\n");
}

#[test]
fn unsafe_code_is_caught() {
    assert_caught(no_unsafe, "a.rs", "fn f() { unsafe { g() } }\n");
    assert_passes(no_unsafe, "a.rs", "#![forbid(unsafe_code)]\n");
}
