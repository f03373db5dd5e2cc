//! What scores mean: their ranges, the classes of NPS, and the figures over many. Pure.

use std::ops::RangeInclusive;

use sea_orm::{DeriveActiveEnum, EnumIter};

/// The question that is asked, by its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    /// Net promoter score: how likely to recommend, 0 to 10.
    Nps,
    /// Customer satisfaction, 1 to 5.
    Csat,
    /// Stars, 1 to 5.
    FiveStar,
    /// Agreement with a statement, 1 to 5.
    Likert,
    /// Customer effort score: how easy it was, 1 to 7.
    Ces,
}

impl Method {
    /// The scores that can be given.
    pub const fn range(self) -> RangeInclusive<i32> {
        match self {
            Self::Nps => 0..=10,
            Self::Csat | Self::FiveStar | Self::Likert => 1..=5,
            Self::Ces => 1..=7,
        }
    }
}

/// What a customer is, by the answer to an NPS question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NpsClass {
    /// 9 or 10.
    Promoter,
    /// 7 or 8.
    Passive,
    /// 0 to 6.
    Detractor,
}

impl NpsClass {
    /// The class of an NPS score.
    pub const fn of(score: i32) -> Self {
        match score {
            ..=6 => Self::Detractor,
            7..=8 => Self::Passive,
            9.. => Self::Promoter,
        }
    }
}

/// How many customers are in each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NpsTally {
    pub promoters: u64,
    pub passives: u64,
    pub detractors: u64,
}

impl NpsTally {
    /// The tally with `count` more answers of a score.
    pub fn and(mut self, score: i32, count: u64) -> Self {
        match NpsClass::of(score) {
            NpsClass::Promoter => self.promoters += count,
            NpsClass::Passive => self.passives += count,
            NpsClass::Detractor => self.detractors += count,
        }
        self
    }

    /// How many answers there are.
    pub fn responses(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// NPS: percent of promoters less percent of detractors, −100 to 100; `None` without answers.
    pub fn nps(&self) -> Option<f64> {
        Some(
            percent(self.promoters, self.responses())?
                - percent(self.detractors, self.responses())?,
        )
    }
}

/// NPS of scores; `None` without any.
pub fn nps(scores: &[i32]) -> Option<f64> {
    scores.iter().fold(NpsTally::default(), |tally, score| tally.and(*score, 1)).nps()
}

/// CSAT of scores: percent of those satisfied (4 or 5), 0 to 100; `None` without any.
pub fn csat(scores: &[i32]) -> Option<f64> {
    let satisfied = scores.iter().filter(|score| **score >= 4).count();
    percent(satisfied as u64, scores.len() as u64)
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole != 0).then(|| 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_classes_are_those_of_the_field() {
        let classes: Vec<_> = Method::Nps.range().map(NpsClass::of).collect();
        assert!(classes[..=6].iter().all(|class| *class == NpsClass::Detractor));
        assert!(classes[7..=8].iter().all(|class| *class == NpsClass::Passive));
        assert!(classes[9..].iter().all(|class| *class == NpsClass::Promoter));
    }

    #[test]
    fn nobody_asked_is_not_zero() {
        assert_eq!((nps(&[]), csat(&[])), (None, None));
        assert_eq!((nps(&[7, 8]), csat(&[3])), (Some(0.0), Some(0.0)));
        assert_eq!(nps(&[10, 9, 8, 0]), Some(25.0));
        assert_eq!(csat(&[5, 4, 3, 1]), Some(50.0));
    }

    proptest! {
        #[test]
        fn nps_stays_within_its_bounds_in_any_order(scores in vec(0..=10, 1..60)) {
            let value = nps(&scores).unwrap();
            prop_assert!((-100.0..=100.0).contains(&value));
            let reversed: Vec<_> = scores.iter().rev().copied().collect();
            prop_assert_eq!(nps(&reversed), Some(value));
        }

        #[test]
        fn a_promoter_never_lowers_nps_and_a_detractor_never_raises_it(
            mut scores in vec(0..=10, 1..60), promoter in 9..=10, detractor in 0..=6,
        ) {
            let before = nps(&scores).unwrap();
            scores.push(promoter);
            prop_assert!(nps(&scores).unwrap() >= before);
            scores.pop();
            scores.push(detractor);
            prop_assert!(nps(&scores).unwrap() <= before);
        }

        #[test]
        fn csat_is_a_percentage_in_any_order(scores in vec(1..=5, 1..60)) {
            let value = csat(&scores).unwrap();
            prop_assert!((0.0..=100.0).contains(&value));
            let reversed: Vec<_> = scores.iter().rev().copied().collect();
            prop_assert_eq!(csat(&reversed), Some(value));
        }
    }
}
