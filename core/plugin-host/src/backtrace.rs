//! Where a plugin was when it broke off: the names of its functions as their author wrote them, and
//! nothing of the folders of the machine on which it was built.

use wasmtime::WasmBacktrace;

/// Frames that are shown.
const MOST_FRAMES: usize = 20;

/// Functions of Rust itself that every panic goes through: they say nothing.
const OF_PANICS: [&str; 7] = [
    "__rust",
    "core::option::",
    "core::panicking::",
    "core::result::",
    "std::panicking::",
    "std::process::abort",
    "std::sys::",
];

/// One function in a line, the innermost one first.
pub(crate) fn readable(trace: &WasmBacktrace) -> String {
    let frames = trace.frames().iter();
    lines(frames.map(|frame| frame.func_name().unwrap_or("(unknown)")))
}

/// The names, demangled, without what comes before the plugin's own. Pure.
fn lines<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<String> =
        names.map(|name| format!("{:#}", rustc_demangle::demangle(name))).collect();
    let is_of_panics = |name: &String| OF_PANICS.iter().any(|start| name.starts_with(start));
    let own = all.iter().position(|name| !is_of_panics(name)).unwrap_or_default();
    let mut text = String::new();
    for name in all.iter().skip(own).take(MOST_FRAMES) {
        text.push_str(name);
        text.push('\n');
    }
    let more = (all.len() - own).saturating_sub(MOST_FRAMES);
    if more > 0 {
        text.push_str(&format!("({more} more)\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_author_wrote() {
        let names = [
            "_ZN4core9panicking5panic17h0123456789abcdefE",
            "_ZN5rogue5score17h0123456789abcdefE",
            "main",
        ];
        assert_eq!(lines(names.into_iter()), "rogue::score\nmain\n");
    }

    #[test]
    fn a_deep_one_is_cut() {
        let text = lines(std::iter::repeat_n("deeper", 30));
        assert_eq!(text.lines().count(), MOST_FRAMES + 1);
        assert!(text.ends_with("(10 more)\n"));
    }

    #[test]
    fn one_that_is_all_panic_is_shown_all_the_same() {
        assert_eq!(lines(["rust_panic"].into_iter()), "rust_panic\n");
    }
}
