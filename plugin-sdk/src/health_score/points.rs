//! What a score gives and takes, and why.

use crate::bindings::score::exports::jornada::score::health_score as wit;

/// The points and reasons of one customer.
///
/// ```
/// use jornada_plugin_sdk::health_score::Points;
///
/// const NPS: usize = 1;
/// const DETRACTOR: usize = 0;
///
/// /// Gives 20 points at most, and says why it gives few.
/// fn judge_nps(answer: f64, points: &mut Points<'_>) {
///     points.add(NPS, answer * 2.0);
///     if answer <= 6.0 {
///         points.because(DETRACTOR);
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Points<'p> {
    pub(super) factors: &'p mut [f64],
    pub(super) row: u32,
    pub(super) told: u32,
    pub(super) texts: usize,
    pub(super) reasons: &'p mut Vec<wit::Reason>,
}

/// Points that a factor can be given at once, far beyond what makes sense: with more, the sum of
/// the parts could miss the score.
const MOST_POINTS: f64 = 1e6;

/// Reasons of one customer.
const MOST_REASONS: u32 = 3;

impl Points<'_> {
    /// Adds points to the factor at this place of
    /// [`HealthScore::factors`](super::HealthScore::factors); takes them where they are negative.
    /// One factor can be added to more than once.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { tickets: f64 = Input::number("Open tickets"), } }
    /// # struct Support;
    /// # impl HealthScore for Support {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("support", "Support")] }
    /// fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    ///     points.add(0, 100.0);
    ///     points.add(0, -5.0 * customer.tickets);
    ///     Verdict::Scored
    /// }
    /// # }
    ///
    /// let scored = TestScore::<Support>::new(json!(null)).score(json!({"tickets": 4}));
    /// assert_eq!(scored.factors["support"], 80.0);
    /// ```
    ///
    /// # Panics
    /// Where there is no such factor, and where the points are no number between minus and plus a
    /// million. A panic costs this customer its score, and no other.
    #[inline]
    pub fn add(&mut self, factor: usize, points: f64) {
        assert!(points.abs() <= MOST_POINTS, "factor {factor} is given {points} points");
        self.factors[factor] += points;
    }

    /// Explains the score by the sentence at this place of
    /// [`HealthScore::reasons`](super::HealthScore::reasons), the most important one first. What is
    /// said after the third is left out.
    ///
    /// ```
    /// # use jornada_plugin_sdk::prelude::*;
    /// # use jornada_plugin_sdk::testing::TestScore;
    /// # use serde_json::json;
    /// # inputs! { struct Customer { tickets: f64 = Input::number("Open tickets"), } }
    /// # struct Support;
    /// # impl HealthScore for Support {
    /// #     type Config = ();
    /// #     type Inputs = Customer;
    /// #     fn new(_: ()) -> Result<Self, Vec<Problem>> { Ok(Self) }
    /// #     fn factors(&self) -> Vec<Factor> { vec![Factor::new("support", "Support")] }
    /// fn reasons(&self) -> Vec<ReasonText> {
    ///     vec![ReasonText::new("many_tickets", "Many tickets are open")]
    /// }
    ///
    /// fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
    ///     if customer.tickets > 10.0 {
    ///         points.because(0);
    ///     }
    ///     Verdict::Scored
    /// }
    /// # }
    ///
    /// let support = TestScore::<Support>::new(json!(null));
    /// assert_eq!(support.score(json!({"tickets": 11})).reasons, ["many_tickets"]);
    /// assert!(support.score(json!({"tickets": 2})).reasons.is_empty());
    /// ```
    ///
    /// # Panics
    /// Where there is no such sentence.
    pub fn because(&mut self, reason: usize) {
        assert!(reason < self.texts, "there is no reason {reason} among {}", self.texts);
        if self.told < MOST_REASONS {
            self.told += 1;
            let reason = u32::try_from(reason).unwrap_or(u32::MAX);
            self.reasons.push(wit::Reason { row: self.row, reason });
        }
    }

    /// Explains the score by the factors that take more than so many points, the one that takes
    /// most first: `reason` says which sentence stands for a factor. To be called when all points
    /// are given.
    ///
    /// ```
    /// use jornada_plugin_sdk::health_score::Points;
    ///
    /// /// The sentence for a factor has the same place as the factor.
    /// fn tell(points: &mut Points<'_>) {
    ///     points.because_of_worst(5.0, |factor| factor);
    /// }
    /// ```
    ///
    /// # Panics
    /// Where there is no such sentence.
    pub fn because_of_worst(&mut self, points: f64, reason: impl Fn(usize) -> usize) {
        // There are few factors and fewer that take points: looking for the next one is faster
        // than putting all in order.
        let mut last = (f64::NEG_INFINITY, 0);
        for _ in self.told..MOST_REASONS {
            let mut worst = (-points, 0);
            for (factor, taken) in self.factors.iter().enumerate() {
                let is_next = *taken > last.0 || (*taken == last.0 && factor > last.1);
                if *taken < worst.0 && is_next {
                    worst = (*taken, factor);
                }
            }
            if worst.0 >= -points {
                break;
            }
            self.because(reason(worst.1));
            last = worst;
        }
    }
}
