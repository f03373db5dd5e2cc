//! Just enough of Rust's grammar to tell code from comments and strings, and to see where an item
//! ends. Not a parser: it relies on what rustfmt and the compiler already guarantee.

use super::Finding;

/// The text with everything that is not code (comments, strings, characters) blanked out. Lines
/// stay where they are, so that findings point to the right place.
pub(super) fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = code.chars().next_back().is_some_and(is_word);
        let blank = blank_length(rest, after_word);
        let (token, after) = rest.split_at(if blank > 0 { blank } else { first.len_utf8() });
        if blank > 0 {
            code.extend(token.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(token);
        }
        rest = after;
    }
    code
}

/// The length of the comment or literal the text begins with, or 0 if it begins with code.
fn blank_length(text: &str, after_word: bool) -> usize {
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        comment_length(text)
    } else if text.starts_with('"') {
        string_length(text)
    } else if text.starts_with('\'') {
        character_length(text)
    } else if !after_word && text.starts_with(['r', 'b', 'c']) {
        raw_string_length(text)
    } else {
        0
    }
}

/// Block comments nest.
fn comment_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// 0 for a lifetime or a label, which begin alike.
fn character_length(text: &str) -> usize {
    let mut inside = text.char_indices().skip(1);
    match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            inside.find(|(_, c)| *c == '\'').map_or(text.len(), |(at, _)| at + 1)
        }
        _ => inside.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1),
    }
}

/// 0 for anything but `r"…"`, `r#"…"#`, `br"…"` and the like; a raw name is `r#type`.
fn raw_string_length(text: &str) -> usize {
    let Some(hashes_on) = text.trim_start_matches(['b', 'c']).strip_prefix('r') else {
        return 0;
    };
    let inside = hashes_on.trim_start_matches('#');
    let hashes = hashes_on.len() - inside.len();
    if !inside.starts_with('"') {
        return 0;
    }
    let opening = text.len() - inside.len() + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    text[opening..].find(&closing).map_or(text.len(), |at| opening + at + closing.len())
}

/// A function and how many lines it takes from its signature to its closing brace.
#[derive(Debug, PartialEq)]
pub(super) struct Function<'c> {
    pub(super) name: &'c str,
    pub(super) line: usize,
    pub(super) lines: usize,
}

/// Every function with a body, nested ones too.
pub(super) fn functions(code: &str) -> Vec<Function<'_>> {
    let signature = |at: usize| {
        let from_name = code[at..].strip_prefix("fn ")?;
        let name = from_name.split(|c| !is_word(c)).next()?;
        let length = body_end(&code[at..])?;
        let lines = code[at..at + length].lines().count();
        Some(Function { name, line: line_of(code, at), lines })
    };
    positions(code, "fn").filter_map(signature).collect()
}

/// The code without what is compiled for tests only.
pub(super) fn without_tests(path: &str, code: &str) -> String {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    if path.contains("/tests/") || path.ends_with("/tests.rs") {
        return String::new();
    }
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(ATTRIBUTE) {
        kept.push_str(&rest[..at]);
        let item = &rest[at + ATTRIBUTE.len()..];
        let end = body_end(item).or_else(|| item.find(';')).unwrap_or(item.len());
        // Lines that are left out still count.
        kept.extend(item[..end].chars().filter(|c| *c == '\n'));
        rest = &item[end..];
    }
    kept + rest
}

/// Where the braces close behind the item the code begins with; `None` if a `;` ends it before.
fn body_end(code: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0_usize, 0_usize);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' if braces <= 1 => return Some(at + 1),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

/// One finding for every place where one of the words or phrases stands in the code.
pub(super) fn forbid(code: &str, phrases: &[&str], reason: &str) -> Vec<Finding> {
    let found = |phrase: &&str| {
        let message = format!("`{phrase}`: {reason}");
        let finding = move |at| Finding { line: line_of(code, at), message: message.clone() };
        positions(code, phrase).map(finding).collect::<Vec<_>>()
    };
    phrases.iter().flat_map(found).collect()
}

/// Where a phrase stands as whole words: `Entity` does not stand in `EntityName`.
fn positions<'a>(code: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    let begins_word = phrase.starts_with(is_word);
    let ends_word = phrase.ends_with(is_word);
    code.match_indices(phrase).map(|(at, _)| at).filter(move |&at| {
        let before = code[..at].ends_with(is_word);
        let after = code[at + phrase.len()..].starts_with(is_word);
        !(begins_word && before || ends_word && after)
    })
}

/// Whether a word stands in the code.
pub(super) fn mentions(code: &str, word: &str) -> bool {
    positions(code, word).next().is_some()
}

/// The line, counted from 1, of a place in the text.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn comments_and_literals_are_not_code() {
    for text in [
        "// unsafe",
        "/* a /* nested */ unsafe */",
        r#""a \" unsafe""#,
        "r#\"a \" unsafe\"#",
        "br\"unsafe\"",
        "'\\''",
        "'\\u{7b}'",
        "'{'",
    ] {
        assert_eq!(code_of(&format!("a {text}\nb")).split_whitespace().collect::<String>(), "ab");
    }
}

#[test]
fn lifetimes_raw_names_and_words_that_end_like_a_prefix_stay_code() {
    for code in ["fn f<'a>(x: &'a str) {}", "let r#type = 'l: loop {};", "bar - b"] {
        assert_eq!(code_of(code), code);
    }
    assert_eq!(code_of("bar\"x\" y").trim_end(), "bar    y");
}

#[test]
fn functions_are_measured_from_signature_to_closing_brace() {
    let text = "trait T {\n    fn declared(&self) -> [u8; 2];\n}\n\
                fn outer(\n    f: fn(u8),\n) -> [u8; 2] {\n    let s = \"}\";\n    \
                fn inner() {}\n    { '}' };\n}\n";
    let code = code_of(text);
    assert_eq!(
        functions(&code),
        [
            Function { name: "outer", line: 4, lines: 7 },
            Function { name: "inner", line: 8, lines: 1 },
        ]
    );
}

#[test]
fn what_is_compiled_for_tests_only_is_left_out_and_the_rest_keeps_its_lines() {
    let code = "a\n#[cfg(test)]\nuse b;\nc\n#[cfg(test)]\nmod tests {\n    fn d() {}\n}\ne\n";
    let kept = without_tests("core/x.rs", code);
    assert_eq!(kept.split_whitespace().collect::<String>(), "a;ce");
    assert_eq!(line_of(&kept, kept.find('e').expect("it is kept")), 9);
    assert_eq!(without_tests("core/server/tests/it/main.rs", code), "");
    assert_eq!(without_tests("core/domain/src/plans/tests.rs", code), "");
}

#[test]
fn phrases_are_found_as_whole_words_with_their_line() {
    let found = forbid("EntityName\nmy_Entity\nuse Entity;\n", &["Entity"], "why");
    assert_eq!(found, [Finding { line: 3, message: "`Entity`: why".to_owned() }]);
}
