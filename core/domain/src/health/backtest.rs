//! How well scores tell who was lost: scores of the past held against what became of the accounts.
//! Pure.

/// A score, and whether the account was lost.
pub type Case = (f64, bool);

/// How well scores told who was lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// How many accounts had a score.
    pub scored: usize,
    /// How many of them were lost.
    pub lost: usize,
    /// How often one that stayed scores above one that was lost, 0 to 1; equal scores count half.
    /// 0.5 is chance. None where nobody stayed, or nobody was lost (Hanley and McNeil, 1982).
    pub auc: Option<f64>,
    /// The accounts in up to ten parts of the same size, the lowest scores first.
    pub parts: Vec<Part>,
}

/// Accounts whose scores lie next to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// How many.
    pub accounts: usize,
    /// How many of them were lost.
    pub lost: usize,
    /// The mean of their scores: what a score that is a chance to stay says of them, in percent.
    pub mean_score: f64,
    /// Which share of them stayed, in percent.
    pub stayed: f64,
    /// How many times as many were lost as among all; none where nobody was.
    pub lift: Option<f64>,
    /// Which share of all who were lost is in this part or in one before it.
    pub captured: Option<f64>,
}

/// Parts of a backtest.
const PARTS: usize = 10;

/// Holds scores against what became of the accounts. Scores are numbers.
pub fn backtest(cases: &[Case]) -> Backtest {
    let mut cases = cases.to_vec();
    // Of equal scores, those who stayed come first, so that the order of a file changes nothing.
    cases.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let lost = cases.iter().filter(|(_, lost)| *lost).count();
    let mut before = 0;
    let parts = (0..PARTS).filter_map(|place| {
        let (begin, end) = (place * cases.len() / PARTS, (place + 1) * cases.len() / PARTS);
        let some = cases.get(begin..end).filter(|some| !some.is_empty())?;
        let part = part(some, (cases.len(), lost), before);
        before += part.lost;
        Some(part)
    });
    let parts = parts.collect();
    Backtest { scored: cases.len(), lost, auc: auc(&cases, lost), parts }
}

fn part(some: &[Case], (all, all_lost): (usize, usize), before: usize) -> Part {
    let lost = some.iter().filter(|(_, lost)| *lost).count();
    let count = some.len() as f64;
    let share = all_lost as f64 / all as f64;
    Part {
        accounts: some.len(),
        lost,
        mean_score: some.iter().map(|(score, _)| score).sum::<f64>() / count,
        stayed: 100.0 * (some.len() - lost) as f64 / count,
        lift: (all_lost > 0).then(|| lost as f64 / count / share),
        captured: (all_lost > 0).then(|| (before + lost) as f64 / all_lost as f64),
    }
}

/// The sum of the ranks of those who stayed, of sorted cases; equal scores share their ranks.
fn auc(cases: &[Case], lost: usize) -> Option<f64> {
    let stayed = cases.len() - lost;
    if lost == 0 || stayed == 0 {
        return None;
    }
    let mut sum = 0.0;
    let mut begin = 0;
    while let Some((score, _)) = cases.get(begin) {
        let rest = cases.get(begin..).unwrap_or_default();
        let equal = rest.iter().take_while(|(other, _)| other == score).count();
        let rank = begin as f64 + (equal as f64 + 1.0) / 2.0;
        let of_stayed = rest.iter().take(equal).filter(|(_, lost)| !lost).count();
        sum += rank * of_stayed as f64;
        begin += equal;
    }
    let (stayed, lost) = (stayed as f64, lost as f64);
    Some((sum - stayed * (stayed + 1.0) / 2.0) / (stayed * lost))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each one who stayed against each one who was lost.
    fn by_pairs(cases: &[Case]) -> Option<f64> {
        let (mut won, mut count) = (0.0, 0.0);
        for (stayed, _) in cases.iter().filter(|(_, lost)| !lost) {
            for (gone, _) in cases.iter().filter(|(_, lost)| *lost) {
                count += 1.0;
                won += match stayed.total_cmp(gone) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        (count > 0.0).then(|| won / count)
    }

    #[test]
    fn scores_that_tell_all_and_scores_that_tell_nothing() {
        let all = [(10.0, true), (20.0, true), (80.0, false), (90.0, false)];
        assert_eq!(backtest(&all).auc, Some(1.0));
        let none = [(50.0, true), (50.0, false), (50.0, true), (50.0, false)];
        assert_eq!(backtest(&none).auc, Some(0.5));
        let wrong = [(90.0, true), (10.0, false)];
        assert_eq!(backtest(&wrong).auc, Some(0.0));
        assert_eq!(backtest(&[(50.0, false)]).auc, None);
        assert_eq!(backtest(&[]).parts, []);
    }

    #[test]
    fn the_lowest_part_has_the_lift_of_who_is_found_first() {
        let cases: Vec<Case> = (0..100).map(|n| (f64::from(n), n < 5 || n == 50)).collect();
        let parts = backtest(&cases).parts;
        assert_eq!(parts.len(), 10);
        let first = parts[0];
        assert_eq!((first.accounts, first.lost, first.mean_score), (10, 5, 4.5));
        assert_eq!(first.stayed, 50.0);
        assert!((first.lift.unwrap() - 0.5 / 0.06).abs() < 1e-9);
        assert!((first.captured.unwrap() - 5.0 / 6.0).abs() < 1e-9);
        assert_eq!(parts[9].captured, Some(1.0));
    }

    proptest! {
        #[test]
        fn the_ranks_say_what_all_pairs_say(
            cases in proptest::collection::vec((0u8..20, any::<bool>()), 0..60),
        ) {
            let cases: Vec<Case> =
                cases.into_iter().map(|(score, lost)| (score.into(), lost)).collect();
            let (by_ranks, by_pairs) = (backtest(&cases).auc, by_pairs(&cases));
            prop_assert_eq!(by_ranks.is_some(), by_pairs.is_some());
            if let (Some(a), Some(b)) = (by_ranks, by_pairs) {
                prop_assert!((a - b).abs() < 1e-9);
            }
            let parts = backtest(&cases).parts;
            prop_assert_eq!(parts.iter().map(|part| part.accounts).sum::<usize>(), cases.len());
        }
    }
}
