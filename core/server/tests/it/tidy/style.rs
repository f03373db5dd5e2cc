//! Rules every Rust file keeps: it says what it is for, it is small, and it takes no short cuts.

use super::rust::{code_of, forbid, functions, without_tests};
use super::{Finding, Rule, assert_caught, assert_holds, assert_passes, rust_files};

const MAX_LINE_CHARS: usize = 100;
const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;

/// What is larger than the limits all the same, as `path: message`. This list may only shrink.
const EXCEPTIONS: &[&str] = &[];

/// The limits, with which one can hold a file in the head.
const SIZES: [Rule; 3] = [line_length, file_length, function_length];

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
    let finding = |function: super::rust::Function<'_>| Finding {
        line: function.line,
        message: format!("fn {} has more than {MAX_FUNCTION_LINES} lines", function.name),
    };
    too_long.map(finding).collect()
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

fn no_unsafe(_path: &str, text: &str) -> Vec<Finding> {
    forbid(&code_of(text), &["unsafe"], "there is always a safe way here")
}

/// The findings of the limits as an exception would name them.
fn oversized() -> Vec<String> {
    let files = rust_files();
    let mut oversized = Vec::new();
    for file in &files {
        for finding in SIZES.iter().flat_map(|rule| rule(&file.path, &file.text)) {
            oversized.push(format!("{}: {}", file.path, finding.message));
        }
    }
    oversized
}

#[test]
fn every_rust_file_begins_by_saying_what_it_is_for() {
    assert_holds(module_comment, &rust_files());
}

#[test]
fn lines_files_and_functions_stay_small() {
    let new: Vec<_> =
        oversized().into_iter().filter(|found| !EXCEPTIONS.contains(&&**found)).collect();
    assert!(new.is_empty(), "split what has grown too large:\n{}", new.join("\n"));
}

#[test]
fn the_list_of_exceptions_shrinks_when_one_is_no_longer_needed() {
    let oversized = oversized();
    for exception in EXCEPTIONS {
        assert!(oversized.iter().any(|found| found == exception), "remove {exception:?}");
    }
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
