//! Records that are parts of others in the same file: in which round each comes, so that a parent
//! is there before its parts. What the file says decides, and not what the database has, so that
//! an import that was cut off goes on in the same order.

use std::collections::HashMap;

use jornada_domain::error::Code;

use super::seen::Mark;

/// The most rounds: deeper than accounts can be nested, so that what is deeper is refused as such.
const MOST_ROUNDS: u8 = 60;

/// A row that is part of a circle, and one that hangs on such a row. They come in no round.
const IN_CIRCLE: u8 = u8::MAX;
const BELOW_CIRCLE: u8 = u8::MAX - 1;

/// Rows that were not looked at yet, and those on the way up from the one that is.
const UNSEEN: u8 = u8::MAX - 2;
const ON_THE_WAY: u8 = u8::MAX - 3;

/// The round of each row.
#[derive(Debug, Default)]
pub struct Parents {
    /// By the place of the row; empty where no row has a parent.
    rounds: Vec<u8>,
}

impl Parents {
    /// The rounds of rows, of which each is given with its key and that of its parent. Of two rows
    /// with one key the first counts.
    pub fn of(rows: &[(Mark, Option<Mark>)]) -> Self {
        if rows.iter().all(|(_, parent)| parent.is_none()) {
            return Self::default();
        }
        let mut places = HashMap::with_capacity(rows.len());
        for (place, (key, _)) in rows.iter().enumerate() {
            places.entry(*key).or_insert(place);
        }
        let mut rounds = vec![UNSEEN; rows.len()];
        for start in 0..rows.len() {
            let (mut path, mut at) = (Vec::new(), Some(start));
            // Where the way up comes back to itself, if it does.
            let mut meets = None;
            let mut round = loop {
                let Some(place) = at else { break 0 };
                match rounds[place] {
                    UNSEEN => {
                        rounds[place] = ON_THE_WAY;
                        path.push(place);
                        at = rows[place].1.and_then(|parent| places.get(&parent).copied());
                    }
                    ON_THE_WAY => {
                        meets = Some(place);
                        break IN_CIRCLE;
                    }
                    round => break next(round),
                }
            };
            for place in path.into_iter().rev() {
                rounds[place] = round;
                // The circle is closed where the way up met it.
                let is_open = meets.is_some_and(|meets| meets != place);
                if !is_open {
                    (round, meets) = (next(round), None);
                }
            }
        }
        Self { rounds }
    }

    /// How often the file is gone through.
    pub fn rounds(&self) -> i32 {
        let last = self.rounds.iter().filter(|round| !hangs(**round)).max();
        last.map_or(1, |round| i32::from(*round) + 1)
    }

    /// The round of a row; circles come in the first one, to be refused.
    pub fn round_of(&self, place: usize) -> i32 {
        match self.rounds.get(place) {
            Some(round) if !hangs(*round) => i32::from(*round),
            _ => 0,
        }
    }

    /// What is wrong with a row that is part of a circle, or hangs on one.
    pub fn circle(&self, place: usize) -> Option<Code> {
        match self.rounds.get(place) {
            Some(&IN_CIRCLE) => Some(Code::Cycle),
            Some(&BELOW_CIRCLE) => Some(Code::BelowCycle),
            _ => None,
        }
    }

    /// Whether the parent of a row is a row of the file.
    pub fn is_below_a_row(&self, place: usize) -> bool {
        self.round_of(place) > 0
    }
}

/// Whether a row comes in no round.
fn hangs(round: u8) -> bool {
    matches!(round, IN_CIRCLE | BELOW_CIRCLE)
}

/// The round of the parts of a row.
fn next(round: u8) -> u8 {
    if hangs(round) { BELOW_CIRCLE } else { (round + 1).min(MOST_ROUNDS) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::seen::mark;

    fn parents(rows: &[(&str, &str)]) -> Parents {
        let marks = rows.iter().map(|(key, parent)| {
            (mark(key), Some(*parent).filter(|parent| !parent.is_empty()).map(mark))
        });
        Parents::of(&marks.collect::<Vec<_>>())
    }

    fn rounds(rows: &[(&str, &str)]) -> Vec<Option<i32>> {
        let parents = parents(rows);
        let each = |place| parents.circle(place).is_none().then(|| parents.round_of(place));
        (0..rows.len()).map(each).collect()
    }

    #[test]
    fn parts_come_after_their_parents_wherever_they_stand() {
        let rows = [("c", "b"), ("b", "a"), ("a", ""), ("d", "elsewhere")];
        assert_eq!(rounds(&rows), [Some(2), Some(1), Some(0), Some(0)]);
    }

    #[test]
    fn circles_and_what_hangs_on_them_come_in_no_round() {
        let rows = [("a", "b"), ("b", "a"), ("c", "a"), ("d", "d"), ("e", "")];
        assert_eq!(rounds(&rows), [None, None, None, None, Some(0)]);
    }

    #[test]
    fn what_hangs_on_a_circle_is_no_part_of_it() {
        // The way up from the first row meets the circle in the middle.
        let rows = [("f", "e"), ("e", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("g", "b")];
        let parents = parents(&rows);
        let circles: Vec<_> = (0..rows.len()).filter_map(|place| parents.circle(place)).collect();
        use Code::{BelowCycle, Cycle};
        assert_eq!(circles, [BelowCycle, BelowCycle, Cycle, Cycle, Cycle, BelowCycle]);
        assert_eq!(parents.rounds(), 1);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_is_no_burden() {
        let keys: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let rows: Vec<(&str, &str)> =
            keys.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
        let rounds = rounds(&rows);
        assert_eq!(rounds[99_998], Some(0));
        assert_eq!(rounds[0], Some(i32::from(MOST_ROUNDS)));
    }

    proptest! {
        #[test]
        fn a_row_comes_one_round_after_its_parent(
            parents in prop::collection::vec(0usize..12, 1..12),
        ) {
            let names: Vec<String> = (0..12).map(|n| n.to_string()).collect();
            let rows: Vec<(&str, &str)> = parents
                .iter()
                .enumerate()
                .map(|(n, parent)| (names[n].as_str(), names[*parent].as_str()))
                .collect();
            let rounds = rounds(&rows);
            for (place, parent) in parents.iter().enumerate() {
                match rounds.get(*parent) {
                    // Its parent is not in the file.
                    None => prop_assert_eq!(rounds[place], Some(0)),
                    Some(above) => prop_assert_eq!(rounds[place], above.map(|round| round + 1)),
                }
            }
        }
    }
}
