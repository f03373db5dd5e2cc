//! The words that cells can hold, in English and Portuguese, and what they mean. Those that mean
//! the same stand together; the first of them is the one that messages name.

use jornada_domain::accounts::account::AccountStatus;
use jornada_domain::channel::Channel;
use jornada_domain::interactions::Sentiment;
use jornada_domain::revenue::subscription::BillingInterval;

/// Where an account stands.
pub const STATUSES: [(&str, AccountStatus); 21] = {
    use AccountStatus::{Active, Churned, Paused, Trial};
    [
        ("trial", Trial),
        ("teste", Trial),
        ("em_teste", Trial),
        ("periodo_de_teste", Trial),
        ("active", Active),
        ("ativo", Active),
        ("ativa", Active),
        ("cliente", Active),
        ("paused", Paused),
        ("pausado", Paused),
        ("pausada", Paused),
        ("suspenso", Paused),
        ("suspensa", Paused),
        ("churned", Churned),
        ("churn", Churned),
        ("cancelado", Churned),
        ("cancelada", Churned),
        ("inativo", Churned),
        ("inativa", Churned),
        ("perdido", Churned),
        ("perdida", Churned),
    ]
};

/// How people are reached.
pub const CHANNELS: [(&str, Channel); 17] = [
    ("email", Channel::Email),
    ("e_mail", Channel::Email),
    ("phone", Channel::Phone),
    ("telefone", Channel::Phone),
    ("call", Channel::Phone),
    ("ligacao", Channel::Phone),
    ("whatsapp", Channel::Whatsapp),
    ("video", Channel::Video),
    ("videochamada", Channel::Video),
    ("meeting", Channel::Video),
    ("in_person", Channel::InPerson),
    ("presencial", Channel::InPerson),
    ("chat", Channel::Chat),
    ("product", Channel::Product),
    ("produto", Channel::Product),
    ("other", Channel::Other),
    ("outro", Channel::Other),
];

/// How often something is paid.
pub const INTERVALS: [(&str, BillingInterval); 13] = {
    use BillingInterval::{Month, OneOff, Quarter, Year};
    [
        ("month", Month),
        ("monthly", Month),
        ("mensal", Month),
        ("mes", Month),
        ("quarter", Quarter),
        ("quarterly", Quarter),
        ("trimestral", Quarter),
        ("year", Year),
        ("yearly", Year),
        ("anual", Year),
        ("one_off", OneOff),
        ("unico", OneOff),
        ("unica", OneOff),
    ]
};

/// How a customer felt.
pub const SENTIMENTS: [(&str, Sentiment); 18] = {
    use Sentiment::{Negative, Neutral, Positive, VeryNegative, VeryPositive};
    [
        ("very_negative", VeryNegative),
        ("muito_negativo", VeryNegative),
        ("pessimo", VeryNegative),
        ("1", VeryNegative),
        ("negative", Negative),
        ("negativo", Negative),
        ("ruim", Negative),
        ("2", Negative),
        ("neutral", Neutral),
        ("neutro", Neutral),
        ("3", Neutral),
        ("positive", Positive),
        ("positivo", Positive),
        ("bom", Positive),
        ("4", Positive),
        ("very_positive", VeryPositive),
        ("muito_positivo", VeryPositive),
        ("5", VeryPositive),
    ]
};

/// Yes or no.
pub const YES_OR_NO: [(&str, bool); 13] = [
    ("yes", true),
    ("y", true),
    ("true", true),
    ("sim", true),
    ("s", true),
    ("verdadeiro", true),
    ("1", true),
    ("no", false),
    ("n", false),
    ("false", false),
    ("nao", false),
    ("falso", false),
    ("0", false),
];

/// Names of countries that people write in place of the two letters of ISO 3166.
pub const COUNTRIES: [(&str, &str); 2] = [("brasil", "BR"), ("brazil", "BR")];

/// Words for "all tasks of the stage are done".
pub const ALL_DONE: [(&str, ()); 4] =
    [("done", ()), ("all_done", ()), ("concluida", ()), ("tudo_feito", ())];

/// The words of a column, as a line in Markdown: those that mean the same together.
pub fn line<T: PartialEq>(column: &str, words: &[(&str, T)]) -> String {
    let same = words.chunk_by(|a, b| a.1 == b.1).map(|same| {
        let words: Vec<_> = same.iter().map(|(word, _)| format!("`{word}`")).collect();
        words.join(" = ")
    });
    format!("- `{column}`: {}\n", same.collect::<Vec<_>>().join("; "))
}
