//! Quotation marks in a CSV file: whether each that begins a cell is closed again. A reader takes a
//! cell that is not for one that reaches to the next mark, over whole rows. Pure.

/// Looks at the bytes of a file, one after the other.
#[derive(Debug)]
pub(super) struct Quotes {
    separator: u8,
    state: State,
    line: u64,
    /// Where the quoted cell began that was seen last.
    opened: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first character of a cell.
    Begin,
    /// Within a cell, where a mark is a character like others.
    Plain,
    /// Within quotation marks.
    Quoted,
    /// Behind a mark within quotation marks: the end, or the first of two that mean one.
    Closed,
}

impl Quotes {
    /// Nothing was looked at yet.
    pub(super) fn new(separator: u8) -> Self {
        Self { separator, state: State::Begin, line: 1, opened: 1 }
    }

    /// Looks at the next bytes. The error is the line of a quotation mark that is not closed: in a
    /// cell of several lines, something else than the end of the cell follows the next mark.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Result<(), u64> {
        for byte in bytes {
            let is_end = *byte == self.separator || *byte == b'\n';
            self.state = match (self.state, byte) {
                (State::Begin, b'"') => {
                    self.opened = self.line;
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Closed,
                (State::Closed, b'"') | (State::Quoted, _) => State::Quoted,
                (_, _) if is_end => State::Begin,
                (State::Closed, b' ' | b'\r' | b'\t') => State::Closed,
                (State::Closed, _) if self.opened < self.line => return Err(self.opened),
                (State::Begin | State::Plain | State::Closed, _) => State::Plain,
            };
            self.line += u64::from(*byte == b'\n');
        }
        Ok(())
    }

    /// The end of the file.
    pub(super) fn end(&self) -> Result<(), u64> {
        if self.state == State::Quoted { Err(self.opened) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unclosed(text: &str) -> Option<u64> {
        let mut quotes = Quotes::new(b',');
        quotes.look(text.as_bytes()).and_then(|()| quotes.end()).err()
    }

    #[test]
    fn a_mark_that_is_not_closed_is_found_where_it_stands() {
        assert_eq!(unclosed("id,name\n1,\"un\nclosed\n2,x\n"), Some(2));
        assert_eq!(unclosed("id,name\n1,a\n2,\"x"), Some(3));
        let many = |end: &str| format!("id,name\n1,\"un\n{}{end}", "2,x\n".repeat(10_000));
        assert_eq!(unclosed(&many("")), Some(2));
        assert_eq!(unclosed(&many("3,\"y\"\n4,z\n")), Some(2), "closed by the next cell");
    }

    #[test]
    fn marks_that_are_closed_are_in_order() {
        for text in [
            "",
            "1,\"a\nb\",c\n",
            "1,\"a \"\"b\"\" c\"\r\n\"\"\n",
            "1,5\" pipe,a\"b\n",
            "1,\"a\" ,\"b\"\n",
            "1,\"Bar\" do Ze,x\n",
        ] {
            assert_eq!(unclosed(text), None, "{text:?}");
        }
    }
}
