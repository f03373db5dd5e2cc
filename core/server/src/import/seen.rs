//! Which external ids a file has named already.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// A mark of an id: short, and different for different ids for all practical purposes.
pub type Mark = [u8; 16];

/// The mark of an id.
pub fn mark(id: &str) -> Mark {
    let mut mark = Mark::default();
    mark.copy_from_slice(&Sha256::digest(id)[..16]);
    mark
}

/// The ids of a file so far, and where they stood. Marks instead of ids keep it within tens of
/// megabytes for the largest file.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<Mark, u32>);

impl Seen {
    /// Notes an id and its line; gives the line of an earlier row with the same id.
    pub(super) fn add(&mut self, external_id: &str, line: u64) -> Option<u32> {
        let mark = mark(external_id);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match self.0.insert(mark, line) {
            None => None,
            Some(earlier) => {
                self.0.insert(mark, earlier);
                Some(earlier)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_later_row_is_told_the_first() {
        let mut seen = Seen::default();
        assert_eq!(seen.add("a", 2), None);
        assert_eq!(seen.add("b", 3), None);
        assert_eq!(seen.add("a", 4), Some(2));
        assert_eq!(seen.add("a", 5), Some(2));
    }
}
