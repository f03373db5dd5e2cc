//! A health score that behaves: what the host goes on to answer while others do not.

use jornada_plugin_sdk::prelude::*;

words! {
    /// For how long a customer is bound.
    pub enum Contract {
        Monthly = "month",
        Yearly = "year",
    }
}

inputs! {
    /// What is known of a customer.
    pub struct Customer {
        /// How many people used it last week.
        users: f64 = Input::number("Users").portuguese("Usuários").unit("users"),
        contract: Option<Contract> = Input::category("Contract").portuguese("Contrato"),
        sponsor: Option<bool> = Input::flag("Sponsor").portuguese("Patrocinador"),
    }
}

/// What a workspace sets.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many users a customer has that does well.
    good: f64,
}

#[health_score]
struct Steady {
    good: f64,
}

impl HealthScore for Steady {
    type Config = Config;
    type Inputs = Customer;

    fn new(Config { good }: Config) -> Result<Self, Vec<Problem>> {
        if good > 0.0 {
            return Ok(Self { good });
        }
        Err(vec![Problem::new("good", "must be above 0")])
    }

    fn factors(&self) -> Vec<Factor> {
        vec![
            Factor::new("usage", "Usage").portuguese("Uso").weight(0.6),
            Factor::new("bond", "Bond").portuguese("Vínculo").weight(0.4),
        ]
    }

    fn reasons(&self) -> Vec<ReasonText> {
        vec![ReasonText::new("few_users", "Few people use it").portuguese("Pouca gente usa")]
    }

    fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
        let share = (customer.users / self.good).clamp(0.0, 1.0);
        points.add(0, 60.0 * share);
        if share < 0.5 {
            points.because(0);
        }
        let yearly = customer.contract == Some(Contract::Yearly);
        points.add(1, if yearly { 30.0 } else { 10.0 });
        points.add(1, if customer.sponsor == Some(true) { 10.0 } else { 0.0 });
        Verdict::Scored
    }
}
