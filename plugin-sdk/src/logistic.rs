//! Scores from a logistic model, explained in points.
//!
//! ```
//! use jornada_plugin_sdk::logistic::Logistic;
//!
//! let model = Logistic { intercept: 0.0, weights: [1.0], means: [0.0] }.explained();
//! assert_eq!(model.base(), 50.0, "one chance in two, where all is as the mean");
//! assert!(model.points(&[3.0])[0] > 40.0);
//! ```

/// A logistic model: the chance of something good is `1 / (1 + exp(-(intercept + Σ weight·x)))`.
///
/// The score is that chance in percent. What an input adds or takes is measured against a customer
/// whose inputs are all as the mean of those that the model was fitted on: the points between the
/// score of that customer and this one are shared out in proportion to what each input moves on
/// the scale on which the model is linear. So they always come to the score.
///
/// ```
/// use jornada_plugin_sdk::logistic::Logistic;
///
/// const MODEL: Logistic<2> =
///     Logistic { intercept: 0.0, weights: [1.0, -2.0], means: [0.5, 0.0] };
///
/// let model = MODEL.explained();
/// let points = model.points(&[1.5, 1.0]);
/// let score = model.base() + points.iter().sum::<f64>();
/// assert!((score - 100.0 / (1.0 + 0.5_f64.exp())).abs() < 1e-9);
/// assert!(points[0] > 0.0 && points[1] < 0.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic<const N: usize> {
    /// What the model says where all inputs are 0, in log-odds.
    pub intercept: f64,
    /// The weight of each input, in log-odds.
    pub weights: [f64; N],
    /// The mean of each input among the customers that it was fitted on.
    pub means: [f64; N],
}

impl<const N: usize> Logistic<N> {
    /// The model, ready to explain scores. Made once, in
    /// [`HealthScore::new`](crate::health_score::HealthScore::new).
    ///
    /// ```
    /// use jornada_plugin_sdk::logistic::{Explained, Logistic};
    ///
    /// /// A score keeps the model, ready to explain.
    /// struct Churn {
    ///     model: Explained<2>,
    /// }
    ///
    /// let fitted = Logistic { intercept: 1.0, weights: [0.8, -1.2], means: [0.0, 0.0] };
    /// let churn = Churn { model: fitted.explained() };
    /// assert!((churn.model.base() - 73.1).abs() < 0.1);
    /// ```
    pub fn explained(&self) -> Explained<N> {
        let start = self.linear(&self.means);
        Explained { model: self.clone(), start, base: 100.0 * chance(start) }
    }

    fn linear(&self, inputs: &[f64; N]) -> f64 {
        let each = self.weights.iter().zip(inputs).map(|(weight, input)| weight * input);
        self.intercept + each.sum::<f64>()
    }
}

/// A [`Logistic`] model that explains its scores.
///
/// ```
/// use jornada_plugin_sdk::logistic::{Explained, Logistic};
///
/// /// The score in percent.
/// fn score(model: &Explained<1>, tenure: f64) -> f64 {
///     model.base() + model.points(&[tenure])[0]
/// }
///
/// let model = Logistic { intercept: 0.0, weights: [0.1], means: [24.0] }.explained();
/// assert!(score(&model, 48.0) > score(&model, 12.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Explained<const N: usize> {
    model: Logistic<N>,
    /// The customer that is as the mean, in log-odds and in points.
    start: f64,
    base: f64,
}

impl<const N: usize> Explained<N> {
    /// The score of the customer that is as the mean, in points: 0 to 100.
    ///
    /// ```
    /// use jornada_plugin_sdk::logistic::Logistic;
    ///
    /// let model = Logistic { intercept: -2.0, weights: [0.5], means: [4.0] }.explained();
    /// assert_eq!(model.base(), 50.0);
    /// ```
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The mean of an input, which moves nothing: what stands in for one that is missing.
    ///
    /// ```
    /// use jornada_plugin_sdk::logistic::Logistic;
    ///
    /// let model = Logistic { intercept: 0.0, weights: [2.0, 1.0], means: [0.5, 7.0] }.explained();
    /// let (trend, nps) = (Some(0.5), None);
    /// let inputs = [trend.unwrap_or(model.mean(0)), nps.unwrap_or(model.mean(1))];
    /// assert_eq!(model.points(&inputs), [0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// Where there is no such input.
    pub fn mean(&self, input: usize) -> f64 {
        self.model.means[input]
    }

    /// What each input adds or takes, in points: with [`Self::base`] it comes to the score.
    ///
    /// ```
    /// use jornada_plugin_sdk::logistic::Logistic;
    ///
    /// let fitted = Logistic { intercept: 0.0, weights: [1.0, -2.0], means: [0.0, 0.0] };
    /// let model = fitted.explained();
    /// let [usage, tickets] = model.points(&[1.0, 1.0]);
    /// assert!(usage > 0.0 && tickets < 0.0);
    /// assert!((model.base() + usage + tickets - 26.9).abs() < 0.1);
    /// ```
    pub fn points(&self, inputs: &[f64; N]) -> [f64; N] {
        let Logistic { weights, means, .. } = &self.model;
        let linear = self.model.linear(inputs);
        let moved = linear - self.start;
        // Where nothing moves, the slope of the curve is what a step would be worth.
        let each = if moved.abs() < 1e-9 {
            self.base * (1.0 - self.base / 100.0)
        } else {
            (100.0 * chance(linear) - self.base) / moved
        };
        std::array::from_fn(|n| each * weights[n] * (inputs[n] - means[n]))
    }
}

fn chance(linear: f64) -> f64 {
    1.0 / (1.0 + (-linear).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base_and_points_come_to_the_chance(
            intercept in -10.0..10.0_f64,
            weights in prop::array::uniform4(-5.0..5.0_f64),
            means in prop::array::uniform4(-5.0..5.0_f64),
            inputs in prop::array::uniform4(-5.0..5.0_f64),
        ) {
            let model = Logistic { intercept, weights, means };
            let explained = model.explained();
            let score = explained.base() + explained.points(&inputs).iter().sum::<f64>();
            prop_assert!((score - 100.0 * chance(model.linear(&inputs))).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_as_the_mean_moves_nothing() {
        let model = Logistic { intercept: 1.0, weights: [2.0, 3.0], means: [0.5, 0.25] };
        let model = model.explained();
        assert_eq!(model.points(&[0.5, 0.25]), [0.0, 0.0]);
        assert_eq!(model.mean(1), 0.25);
    }
}
