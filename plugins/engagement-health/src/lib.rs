//! How a customer does, from what it uses, what it says, how it is looked after, what it has
//! reached, and how near its renewal is.
//!
//! Each part is judged from 0 to 1 and counts by its weight. A score begins at 50: a part that is
//! judged better than a half adds points, one that is worse takes some. What is not known counts
//! neither way; the weights of what is known are stretched to the whole.

mod config;
#[cfg(test)]
mod tests;

use jornada_plugin_sdk::prelude::*;

use config::{Config, Thresholds};

inputs! {
    /// What is known of a customer. Each of it may be missing.
    pub struct Customer {
        /// The change against the 30 days before, as a share.
        usage_trend: Option<f64> = Input::number("Usage trend")
            .portuguese("Tendência de uso")
            .window(30, Aggregation::Trend),
        /// 0 to 10.
        nps: Option<f64> = Input::number("Last NPS answer")
            .portuguese("Última resposta de NPS")
            .suggestion("last_nps"),
        open_risks: Option<f64> = Input::number("Open risks")
            .portuguese("Riscos abertos")
            .suggestion("open_risks"),
        /// 1 to 5.
        sentiment: Option<f64> = Input::number("Mood of the last interaction")
            .portuguese("Humor da última interação")
            .suggestion("last_sentiment"),
        /// Negative: it lies behind.
        last_touch: Option<f64> = Input::days("Last interaction")
            .portuguese("Última interação")
            .suggestion("last_interaction"),
        /// 1 to 5.
        satisfaction: Option<f64> = Input::number("Last satisfaction answer")
            .portuguese("Última resposta de satisfação")
            .suggestion("last_csat"),
        milestones_reached: Option<f64> = Input::number("Milestones reached")
            .portuguese("Marcos alcançados")
            .suggestion("milestones_reached"),
        /// Those that are reached are among them.
        milestones_planned: Option<f64> = Input::number("Milestones planned")
            .portuguese("Marcos planejados")
            .suggestion("milestones_planned"),
        renewal: Option<f64> = Input::days("Renewal")
            .portuguese("Renovação")
            .suggestion("days_to_renewal"),
    }
}

/// Where every score begins, in points.
const BASE: f64 = 50.0;

/// Points from which on a part that takes them is named as a reason, and milestones that add them.
const WORTH_TELLING: f64 = 5.0;

/// Places of the factors. The reasons of those that are bad have the same places, apart from
/// service, which has one for each of its parts.
const SERVICE: usize = 2;
const MILESTONES: usize = 3;
const FACTORS: usize = 5;

/// The reason for milestones that are reached.
const CELEBRATE: usize = FACTORS;

/// Reasons for the parts of service, from here on; the first stands at the place of the factor.
const RISKS: usize = SERVICE;
const OTHER_SERVICE: usize = FACTORS + 1;

#[health_score]
struct Engagement {
    thresholds: Thresholds,
    /// They come to 1.
    weights: [f64; FACTORS],
    minimum_known: f64,
}

impl HealthScore for Engagement {
    type Config = Config;
    type Inputs = Customer;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let weights = config.weights.all();
        let sum: f64 = weights.iter().sum();
        let weights = weights.map(|weight| weight / sum);
        let minimum_known = config.minimum_known;
        Ok(Self { thresholds: config.thresholds, weights, minimum_known })
    }

    fn factors(&self) -> Vec<Factor> {
        let [usage, nps, service, milestones, renewal] = self.weights;
        vec![
            Factor::new("usage", "Usage").portuguese("Uso").weight(usage),
            Factor::new("nps", "NPS").portuguese("NPS").weight(nps),
            Factor::new("service", "Service").portuguese("Atendimento").weight(service),
            Factor::new("milestones", "Milestones").portuguese("Marcos").weight(milestones),
            Factor::new("renewal", "Renewal").portuguese("Renovação").weight(renewal),
        ]
    }

    fn reasons(&self) -> Vec<ReasonText> {
        let reason =
            |code, english, portuguese| ReasonText::new(code, english).portuguese(portuguese);
        vec![
            reason("usage_down", "Uses it less than before", "Usa menos do que antes"),
            reason("detractor", "Would hardly recommend it", "Dificilmente recomendaria"),
            reason("risks_open", "Risks are open", "Há riscos abertos"),
            reason("milestones_behind", "Few milestones are reached", "Poucos marcos alcançados"),
            reason("renewal_near", "The renewal is near", "A renovação está próxima"),
            reason("milestones_reached", "Milestones are reached", "Marcos alcançados"),
            reason("mood_bad", "The last mood was bad", "O último humor foi ruim"),
            reason("silent", "Nobody has spoken to it for long", "Sem contato há muito tempo"),
            reason("unsatisfied", "Is not satisfied", "Não está satisfeito"),
        ]
    }

    fn base(&self) -> f64 {
        BASE
    }

    fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
        let service = self.thresholds.service(customer);
        let judged = self.thresholds.judged(customer, &service);
        let weights = judged.iter().zip(&self.weights);
        let known: f64 = weights.filter_map(|(part, weight)| part.map(|_| *weight)).sum();
        // The weights come to 1 but for the last digit.
        if known <= 0.0 || known + 1e-9 < self.minimum_known {
            return Verdict::Insufficient;
        }
        let mut milestones = 0.0;
        for (factor, part) in judged.into_iter().enumerate() {
            let share = self.weights[factor] / known;
            let given = part.map_or(0.0, |part| 2.0 * BASE * share * (part - 0.5));
            points.add(factor, given);
            if factor == MILESTONES {
                milestones = given;
            }
        }
        points.because_of_worst(WORTH_TELLING, |factor| match factor {
            SERVICE => worst_of(&service),
            other => other,
        });
        if milestones > WORTH_TELLING {
            points.because(CELEBRATE);
        }
        Verdict::Scored
    }
}

/// The parts of service, each from 0 to 1: risks, mood, silence, satisfaction.
type Service = [Option<f64>; 4];

impl Thresholds {
    fn service(&self, customer: &Customer) -> Service {
        let silence = |days: f64| 1.0 - ramp(-days, self.fresh_days, self.silent_days);
        [
            customer.open_risks.map(|risks| 1.0 - ramp(risks, 0.0, self.many_risks)),
            customer.sentiment.map(|mood| ramp(mood, 1.0, 5.0)),
            customer.last_touch.map(silence),
            customer.satisfaction.map(|answer| ramp(answer, 1.0, 5.0)),
        ]
    }

    /// Each factor from 0 to 1, where something is known of it.
    fn judged(&self, customer: &Customer, service: &Service) -> [Option<f64>; FACTORS] {
        let milestones = customer.milestones_reached.zip(customer.milestones_planned);
        let milestones = milestones.filter(|(_, planned)| *planned > 0.0);
        [
            customer.usage_trend.map(|trend| ramp(trend, self.usage_drop, self.usage_growth)),
            customer.nps.map(|answer| ramp(answer, 0.0, 10.0)),
            mean(service),
            milestones.map(|(reached, planned)| ramp(reached, 0.0, planned)),
            customer.renewal.map(|days| ramp(days, 0.0, self.renewal_days)),
        ]
    }
}

/// 0 up to the one, 1 from the other on, and in proportion between them.
fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

/// The mean of what is known.
fn mean(parts: &[Option<f64>]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for part in parts.iter().flatten() {
        sum += part;
        count += 1.0;
    }
    if count > 0.0 { Some(sum / count) } else { None }
}

/// The reason for the worst part of service.
fn worst_of(service: &Service) -> usize {
    let known = service.iter().enumerate().filter_map(|(place, part)| Some((place, (*part)?)));
    let worst = known.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(place, _)| place);
    if worst == 0 { RISKS } else { OTHER_SERVICE + worst - 1 }
}
