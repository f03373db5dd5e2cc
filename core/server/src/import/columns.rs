//! Which column of a file is which field of an account, by its name in English or Portuguese.

use csv::StringRecord;
use jornada_domain::error::{Code, Problem};
use jornada_domain::input::fold;
use jornada_domain::workspace::Locale;

use super::table::{MAX_COLUMNS, Unusable};
use crate::messages;

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $field:ident $name:literal [$($other:literal),*],)+) => {
        /// What a column can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field { $($(#[doc = $doc])+ $field,)+ }

        impl Field {
            /// All fields.
            pub const ALL: &'static [Field] = &[$(Field::$field,)+];

            /// The name in messages, which is also a header.
            pub const fn name(self) -> &'static str {
                match self { $(Field::$field => $name,)+ }
            }

            /// The other headers, without accents, in lower case, words joined by `_`.
            const fn synonyms(self) -> &'static [&'static str] {
                match self { $(Field::$field => &[$($other),*],)+ }
            }

            /// What stands in its cells, and how it is written.
            const fn about(self) -> &'static str {
                match self { $(Field::$field => concat!($($doc),+),)+ }
            }
        }
    };
}

fields! {
    /// Needed. The id in the other system, which makes an import repeatable.
    ExternalId "external_id" [
        "id", "codigo", "cod", "code", "account_id", "customer_id", "client_id", "id_externo",
        "id_do_cliente", "id_cliente", "codigo_do_cliente", "codigo_cliente"
    ],
    /// Needed. The name of the company.
    Name "name" [
        "nome", "account", "account_name", "company", "company_name", "customer", "empresa",
        "cliente", "conta", "nome_da_empresa", "nome_do_cliente", "nome_da_conta", "razao_social",
        "nome_fantasia"
    ],
    /// A word for TRIAL, ACTIVE, PAUSED or CHURNED; ACTIVE for a new account unless said.
    Status "status" ["situacao", "account_status", "estado_da_conta"],
    /// A date: since when the account is paused or churned.
    StatusSince "status_since" [
        "churned_on", "paused_on", "cancelado_em", "cancelled_on", "data_de_cancelamento"
    ],
    /// Why a churned account was lost.
    ChurnReason "churn_reason" [
        "motivo_do_cancelamento", "motivo_de_cancelamento", "motivo_do_churn"
    ],
    /// A CNPJ, with or without punctuation, or the like; its check digits must be right.
    TaxId "tax_id" ["cnpj", "cpf_cnpj", "cnpj_cpf", "vat", "vat_id"],
    /// The label of a market segment, made where it is missing.
    Segment "segment" [
        "segmento", "market_segment", "segmento_de_mercado", "industry", "setor", "ramo"
    ],
    /// The label of a service package, made where it is missing.
    Package "package" ["pacote", "plan", "plano", "pacote_de_servicos"],
    /// The city in which the company is.
    City "city" ["cidade", "municipio"],
    /// The state or province.
    Region "region" ["uf", "estado", "state", "regiao", "province"],
    /// Two letters (ISO 3166), `Brasil` or `Brazil`.
    Country "country" ["pais", "country_code"],
    /// A name of the IANA database, like `America/Recife`.
    TimeZone "time_zone" ["timezone", "fuso", "fuso_horario"],
    /// When people can be reached, in any words.
    ContactHours "contact_hours" ["horario", "horario_de_contato", "business_hours"],
    /// A word for the channel on which people like to be reached.
    Channel "preferred_channel" ["channel", "canal", "canal_preferido", "canal_ativo"],
    /// The e-mail address of a user, who becomes the CSM.
    CsmEmail "csm_email" [
        "csm", "gestor", "gestor_de_contas", "gestor_email", "email_do_gestor", "e_mail_do_gestor",
        "email_do_csm", "e_mail_do_csm",
        "responsavel", "owner_email"
    ],
    /// A date: the day on which the company became a customer.
    CustomerSince "customer_since" [
        "cliente_desde", "since", "desde", "data_de_inicio", "start_date"
    ],
    /// What is paid for; the package or the name of the account unless said.
    SubscriptionName "subscription_name" ["assinatura", "contrato", "subscription"],
    /// A date: the first day; the one of `customer_since` unless said.
    SubscriptionStart "subscription_starts_on" [
        "subscription_start", "inicio_da_assinatura", "inicio_do_contrato", "assinatura_inicio"
    ],
    /// A date: the last day.
    SubscriptionEnd "subscription_ends_on" [
        "subscription_end", "fim_da_assinatura", "fim_do_contrato", "assinatura_fim",
        "vencimento", "vencimento_do_contrato"
    ],
    /// A date: the last day to give notice.
    SubscriptionNotice "subscription_notice_on" ["aviso_ate", "data_de_aviso"],
    /// An amount: the price of one interval. Needed for a new subscription.
    SubscriptionAmount "subscription_amount" [
        "valor", "amount", "valor_da_assinatura", "assinatura_valor", "valor_mensal", "mrr"
    ],
    /// Three letters (ISO 4217); those of `--currency` unless said.
    SubscriptionCurrency "subscription_currency" ["moeda", "currency", "assinatura_moeda"],
    /// A word for how often it is paid; every month unless said.
    SubscriptionInterval "subscription_interval" [
        "interval", "intervalo", "periodicidade", "assinatura_periodicidade"
    ],
}

/// The columns that a file can have, as a table in Markdown.
pub fn table() -> String {
    let mut table = "| Column | Or | What stands in it |\n|---|---|---|\n".to_owned();
    for field in Field::ALL {
        let synonyms: Vec<_> = field.synonyms().iter().map(|name| format!("`{name}`")).collect();
        let (name, synonyms, about) = (field.name(), synonyms.join(", "), field.about().trim());
        table.push_str(&format!("| `{name}` | {synonyms} | {about} |\n"));
    }
    table
}

/// The column that the file of rejected rows adds; it says nothing about an account.
pub const REJECTED_REASON: &str = "rejected_reason";

/// Where each field stands.
#[derive(Debug)]
pub struct Columns {
    places: Vec<(Field, usize)>,
    headers: StringRecord,
    /// The headers that say nothing to an import.
    pub unknown: Vec<String>,
}

impl Columns {
    /// The columns of a file by its headers.
    pub fn of(headers: &StringRecord) -> Result<Self, Unusable> {
        let (places, unknown) = (Vec::new(), Vec::new());
        let mut columns = Self { places, headers: headers.clone(), unknown };
        for (place, header) in headers.iter().take(MAX_COLUMNS).enumerate() {
            match field_of(header) {
                Some(field) => columns.add(field, place)?,
                None if normal(header) == REJECTED_REASON => {}
                None => columns.unknown.push(header.to_owned()),
            }
        }
        for field in [Field::ExternalId, Field::Name] {
            columns.place(field).ok_or(Unusable::MissingColumn(field.name()))?;
        }
        Ok(columns)
    }

    fn add(&mut self, field: Field, place: usize) -> Result<(), Unusable> {
        if let Some(earlier) = self.place(field) {
            return Err(Unusable::AmbiguousColumn {
                field: field.name(),
                first: self.headers[earlier].to_owned(),
                second: self.headers[place].to_owned(),
            });
        }
        self.places.push((field, place));
        Ok(())
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(it, _)| *it == field).map(|(_, place)| *place)
    }

    /// How many columns there are, known or not.
    pub fn count(&self) -> usize {
        self.headers.len()
    }

    /// What a row says about a field; an empty cell says nothing.
    pub fn cell<'r>(&self, row: &'r StringRecord, field: Field) -> Option<&'r str> {
        row.get(self.place(field)?).filter(|cell| !cell.is_empty())
    }

    /// Why a row was refused, in words, by the names that its columns have in the file.
    pub fn reason(&self, locale: Locale, problems: &[Problem]) -> String {
        let each = problems.iter().map(|problem| {
            let message = messages::of_problem(locale, problem);
            let field = field_of_problem(&problem.field);
            let place = field.and_then(|field| self.place(field));
            let header = place.and_then(|place| self.headers.get(place));
            let about = header.or(field.map(Field::name)).unwrap_or(&problem.field);
            let about = if about.is_empty() { String::new() } else { format!("{about}: ") };
            format!("{about}{message}{}", detail(locale, problem))
        });
        each.collect::<Vec<_>>().join(" ")
    }
}

/// What a message leaves out and whoever mends a row wants to know.
fn detail(locale: Locale, problem: &Problem) -> String {
    let param = |name: &str| problem.params.iter().find(|(it, _)| *it == name);
    match (problem.code, param("line"), locale) {
        (Code::DuplicateKey, Some((_, line)), Locale::En) => format!(" (line {line})"),
        (Code::DuplicateKey, Some((_, line)), Locale::PtBr) => format!(" (linha {line})"),
        _ => String::new(),
    }
}

/// The field of a problem that the domain names its own way: `subscription.amountMinor` is
/// `subscription_amount`.
pub(super) fn field_of_problem(path: &str) -> Option<Field> {
    let mut name = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '.' => name.push('_'),
            c if c.is_ascii_uppercase() => name.extend(['_', c.to_ascii_lowercase()]),
            c => name.push(c),
        }
    }
    let begins = |field: &&Field| {
        let rest = name.strip_prefix(field.name());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    // `status_since` begins with `status`, too: the longest name is meant.
    Field::ALL.iter().filter(begins).max_by_key(|field| field.name().len()).copied()
}

fn field_of(header: &str) -> Option<Field> {
    let header = normal(header);
    let is_it = |field: &Field| field.name() == header || field.synonyms().contains(&&*header);
    Field::ALL.iter().copied().find(is_it)
}

/// `Razão Social (matriz)` as `razao_social_matriz`.
fn normal(header: &str) -> String {
    let folded = fold(header);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::super::record::words;
    use super::*;

    fn columns(headers: &[&str]) -> Result<Columns, Unusable> {
        Columns::of(&StringRecord::from(headers.to_vec()))
    }

    #[test]
    fn headers_are_known_in_english_and_portuguese_however_they_are_written() {
        let columns = columns(&["Código", "RAZÃO SOCIAL", "CNPJ", "E-mail do gestor", "Cor"]);
        let row = StringRecord::from(vec!["7", "Padaria", "", "ana@x.example", "azul"]);
        let columns = columns.unwrap();
        assert_eq!(columns.cell(&row, Field::ExternalId), Some("7"));
        assert_eq!(columns.cell(&row, Field::Name), Some("Padaria"));
        assert_eq!(columns.cell(&row, Field::TaxId), None);
        assert_eq!(columns.unknown, ["Cor"]);
    }

    #[test]
    fn no_two_fields_share_a_header() {
        let mut all: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
        all.extend(Field::ALL.iter().flat_map(|field| field.synonyms()));
        assert!(all.iter().all(|header| normal(header) == *header));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn the_columns_are_documented_as_they_are() {
        let documented = include_str!("../../../../examples/data/README.md");
        for list in [table(), words()] {
            assert!(documented.contains(&list), "put into examples/data/README.md:\n{list}");
        }
    }

    #[test]
    fn two_columns_for_one_field_are_refused() {
        insta::assert_snapshot!(
            columns(&["id", "Nome", "Razão social"]).unwrap_err(),
            @"its columns `Nome` and `Razão social` both mean `name`: rename or remove one"
        );
    }

    #[test]
    fn name_and_external_id_must_be_there() {
        for (headers, missing) in [(["id", "x"], "name"), (["nome", "x"], "external_id")] {
            let error = columns(&headers).unwrap_err();
            assert!(matches!(error, Unusable::MissingColumn(name) if name == missing));
        }
    }

    #[test]
    fn a_reason_names_the_columns_as_the_file_does() {
        let columns = columns(&["Código", "Nome", "Valor", "status_since"]).unwrap();
        let about = |field| {
            let reason = columns.reason(Locale::En, &[Problem::new(field, Code::Required)]);
            reason.split_once(": ").map(|(about, _)| about.to_owned())
        };
        assert_eq!(about("subscription.amountMinor"), Some("Valor".to_owned()));
        assert_eq!(about("externalId"), Some("Código".to_owned()));
        assert_eq!(about("statusSince"), Some("status_since".to_owned()));
        assert_eq!(about("taxId"), Some("tax_id".to_owned()));
        assert_eq!(about(""), None);
    }

    #[test]
    fn a_reason_tells_all_that_is_wrong_and_what_to_choose_from() {
        let columns = columns(&["id", "nome"]).unwrap();
        let problems = [
            Problem::new("name", Code::Required),
            Problem::new("external_id", Code::DuplicateKey).with("line", 2),
            Problem::new("status", Code::UnknownWord).with("words", "trial, active"),
        ];
        let reason = columns.reason(Locale::PtBr, &problems);
        for part in ["nome: É preciso", "id: Isto aparece duas vezes", "(linha 2)", "trial, act"] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn the_reasons_of_an_earlier_import_are_no_unknown_column() {
        let columns = columns(&["id", "name", REJECTED_REASON]).unwrap();
        assert_eq!(columns.unknown, [""; 0]);
    }
}
