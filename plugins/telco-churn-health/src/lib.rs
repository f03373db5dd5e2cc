//! How likely the customer of a telephone company is to stay, in percent.
//!
//! A logistic model that `examples/telco_churn/fit.py` fitted on seven of ten customers of the
//! sample in `examples/data`; among the three of ten that it has not seen, one who stays scores
//! above one who leaves in 84.6 of 100 cases (AUC 0.8457).

mod model;
#[cfg(test)]
mod tests;

use jornada_plugin_sdk::logistic::Explained;
use jornada_plugin_sdk::prelude::*;

use model::MODEL;

words! {
    /// For how long a customer is bound.
    pub enum Contract {
        Monthly = "Month-to-month",
        OneYear = "One year",
        TwoYears = "Two year",
    }
}

words! {
    /// How a customer gets to the internet.
    pub enum Internet {
        None = "No",
        Dsl = "DSL",
        Fiber = "Fiber optic",
    }
}

words! {
    /// How a customer pays.
    pub enum Payment {
        ElectronicCheck = "Electronic check",
        MailedCheck = "Mailed check",
        BankTransfer = "Bank transfer (automatic)",
        CreditCard = "Credit card (automatic)",
    }
}

inputs! {
    /// What is known of a customer.
    pub struct Customer {
        /// Months since the first contract.
        tenure: f64 = Input::number("Months as a customer")
            .portuguese("Meses como cliente")
            .unit("months")
            .suggestion("tenure_months"),
        /// What is paid a month.
        monthly_charges: f64 = Input::number("Monthly charges").portuguese("Valor mensal"),
        contract: Contract = Input::category("Contract").portuguese("Contrato"),
        internet: Internet = Input::category("Internet service").portuguese("Internet"),
        payment: Option<Payment> = Input::category("Payment").portuguese("Forma de pagamento"),
        online_security: Option<bool> = Input::flag("Online security")
            .portuguese("Segurança on-line"),
        tech_support: Option<bool> = Input::flag("Technical support")
            .portuguese("Suporte técnico"),
        paperless: Option<bool> = Input::flag("Paperless billing").portuguese("Fatura digital"),
        senior: Option<bool> = Input::flag("Senior citizen").portuguese("Idoso").sensitive(),
        dependents: Option<bool> = Input::flag("Dependents").portuguese("Dependentes").sensitive(),
    }
}

/// Nothing is set: the model is what it was fitted to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// Places of the factors.
const TENURE: usize = 0;
const PRICE: usize = 1;
const CONTRACT: usize = 2;
const INTERNET: usize = 3;
const SERVICES: usize = 4;
const BILLING: usize = 5;
const PERSON: usize = 6;

/// To which factor each input of the model belongs.
const FACTOR_OF: [usize; 12] = [
    TENURE, PRICE, CONTRACT, CONTRACT, INTERNET, INTERNET, SERVICES, SERVICES, BILLING, BILLING,
    PERSON, PERSON,
];

/// Points from which on a factor that takes them is named as a reason. The sentence for a factor
/// has the same place.
const WORTH_TELLING: f64 = 5.0;

/// The score. It is public for `xtask/peers`, which measures it without WebAssembly, too.
#[health_score]
pub struct TelcoChurn {
    model: Explained<12>,
}

impl HealthScore for TelcoChurn {
    type Config = Config;
    type Inputs = Customer;

    fn new(Config {}: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { model: MODEL.explained() })
    }

    fn factors(&self) -> Vec<Factor> {
        vec![
            Factor::new("tenure", "Time as a customer").portuguese("Tempo de casa"),
            Factor::new("price", "Price").portuguese("Preço"),
            Factor::new("contract", "Contract").portuguese("Contrato"),
            Factor::new("internet", "Internet").portuguese("Internet"),
            Factor::new("services", "Additional services").portuguese("Serviços adicionais"),
            Factor::new("billing", "Billing").portuguese("Cobrança"),
            Factor::new("person", "Person").portuguese("Perfil"),
        ]
    }

    fn reasons(&self) -> Vec<ReasonText> {
        vec![
            ReasonText::new("new_customer", "Has not been a customer for long")
                .portuguese("É cliente há pouco tempo"),
            ReasonText::new("expensive", "Pays more than most")
                .portuguese("Paga mais que a maioria"),
            ReasonText::new("not_bound", "Can leave any month")
                .portuguese("Pode sair a qualquer mês"),
            ReasonText::new("internet", "Internet like those who leave more often")
                .portuguese("Tem a internet de quem sai mais"),
            ReasonText::new("few_services", "Uses few additional services")
                .portuguese("Usa poucos serviços adicionais"),
            ReasonText::new("billing", "Pays like those who leave more often")
                .portuguese("Paga da forma de quem sai mais"),
            ReasonText::new("person", "Is like those who leave more often")
                .portuguese("Tem o perfil de quem sai mais"),
        ]
    }

    fn base(&self) -> f64 {
        self.model.base()
    }

    fn score(&self, customer: &Customer, _: &Moment, points: &mut Points<'_>) -> Verdict {
        let each = self.model.points(&inputs_of(customer));
        let mut sums = [0.0; 7];
        for (factor, more) in FACTOR_OF.into_iter().zip(each) {
            sums[factor] += more;
        }
        sums.into_iter().enumerate().for_each(|(factor, sum)| points.add(factor, sum));
        points.because_of_worst(WORTH_TELLING, |factor| factor);
        Verdict::Scored
    }
}

/// The inputs of the model. What is missing counts as the mean: it moves nothing.
fn inputs_of(customer: &Customer) -> [f64; 12] {
    let flag = |value: Option<bool>, place: usize| {
        value.map_or(MODEL.means[place], |value| f64::from(u8::from(value)))
    };
    let is = |value: bool| f64::from(u8::from(value));
    [
        customer.tenure.max(0.0).ln_1p(),
        customer.monthly_charges / 100.0,
        is(customer.contract == Contract::OneYear),
        is(customer.contract == Contract::TwoYears),
        is(customer.internet == Internet::Dsl),
        is(customer.internet == Internet::Fiber),
        flag(customer.online_security, 6),
        flag(customer.tech_support, 7),
        flag(customer.payment.map(|payment| payment == Payment::ElectronicCheck), 8),
        flag(customer.paperless, 9),
        flag(customer.senior, 10),
        flag(customer.dependents, 11),
    ]
}
