//! Texts that plugins say, before anybody reads them: none is endless, and none moves a terminal or
//! turns the direction of what stands beside it.

/// Whether a character only shows itself. Line feeds and tabs do, where a text may have lines.
pub(crate) fn is_plain(c: char, has_lines: bool) -> bool {
    let turns =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    (!c.is_control() && !turns) || (has_lines && matches!(c, '\n' | '\t'))
}

/// Whether a text is one line that only shows itself.
pub(crate) fn is_line(text: &str) -> bool {
    text.chars().all(|c| is_plain(c, false))
}

/// Whether a text, which may have lines, only shows itself.
pub(crate) fn is_prose(text: &str) -> bool {
    text.chars().all(|c| is_plain(c, true))
}

/// The text as one line of at most so many characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let shown = text.chars().map(|c| if is_plain(c, false) { c } else { ' ' });
    let line: String = shown.clone().take(most).collect();
    match shown.count() > most {
        true => line.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_neither_ends_nor_moves_nor_turns_anything() {
        assert_eq!(line("a\n\u{1b}[2Kb\u{202e}c", 20), "a  [2Kb c");
        assert_eq!(line("ação", 3), "aç…");
        assert_eq!(line("ação", 4), "ação");
        assert!(is_prose("a\n\tb") && !is_line("a\nb") && !is_prose("\u{9b}2K"));
    }
}
