//! What the columns of a file of accounts can hold.

use crate::import::field::fields;

fields! {
    /// Needed. The id in the other system, which makes an import repeatable.
    EXTERNAL_ID "external_id" [
        "id", "codigo", "cod", "code", "account_id", "customer_id", "client_id", "id_externo",
        "id_do_cliente", "id_cliente", "codigo_do_cliente", "codigo_cliente"
    ],
    /// Needed. The name of the company.
    NAME "name" [
        "nome", "account", "account_name", "company", "company_name", "customer", "empresa",
        "cliente", "conta", "nome_da_empresa", "nome_do_cliente", "nome_da_conta", "razao_social",
        "nome_fantasia"
    ],
    /// A word for TRIAL, ACTIVE, PAUSED or CHURNED; ACTIVE for a new account unless said.
    STATUS "status" ["situacao", "account_status", "estado_da_conta"],
    /// A date: since when the account is paused or churned. Needed for a new one that is.
    STATUS_SINCE "status_since" [
        "churned_on", "paused_on", "cancelado_em", "cancelled_on", "data_de_cancelamento"
    ],
    /// Why a churned account was lost.
    CHURN_REASON "churn_reason" [
        "motivo_do_cancelamento", "motivo_de_cancelamento", "motivo_do_churn"
    ],
    /// A CNPJ, with or without punctuation, or the like; its check digits must be right.
    TAX_ID "tax_id" ["cnpj", "cpf_cnpj", "cnpj_cpf", "vat", "vat_id"],
    /// The label of a market segment, made where it is missing.
    SEGMENT "segment" [
        "segmento", "market_segment", "segmento_de_mercado", "industry", "setor", "ramo"
    ],
    /// The label of a service package, made where it is missing.
    PACKAGE "package" ["pacote", "plan", "plano", "pacote_de_servicos"],
    /// The city in which the company is.
    CITY "city" ["cidade", "municipio"],
    /// The state or province.
    REGION "region" ["uf", "estado", "state", "regiao", "province"],
    /// Two letters (ISO 3166), `Brasil` or `Brazil`.
    COUNTRY "country" ["pais", "country_code"],
    /// A name of the IANA database, like `America/Recife`.
    TIME_ZONE "time_zone" ["timezone", "fuso", "fuso_horario"],
    /// When people can be reached, in any words.
    CONTACT_HOURS "contact_hours" ["horario", "horario_de_contato", "business_hours"],
    /// A word for the channel on which people like to be reached.
    CHANNEL "preferred_channel" ["channel", "canal", "canal_preferido", "canal_ativo"],
    /// The e-mail address of a user, who becomes the CSM today; who was it before, and since when,
    /// is imported as assignments.
    CSM_EMAIL "csm_email" [
        "csm", "gestor", "gestor_de_contas", "gestor_email", "email_do_gestor", "e_mail_do_gestor",
        "email_do_csm", "e_mail_do_csm",
        "responsavel", "owner_email", "owner"
    ],
    /// A date: the day on which the company became a customer.
    CUSTOMER_SINCE "customer_since" [
        "cliente_desde", "since", "desde", "data_de_inicio", "start_date"
    ],
    /// What is paid for; the package or the name of the account unless said.
    SUBSCRIPTION_NAME "subscription_name" ["assinatura", "contrato", "subscription"],
    /// A date: the first day; the one of `customer_since` unless said.
    SUBSCRIPTION_START "subscription_starts_on" [
        "subscription_start", "inicio_da_assinatura", "inicio_do_contrato", "assinatura_inicio"
    ],
    /// A date: the last day.
    SUBSCRIPTION_END "subscription_ends_on" [
        "subscription_end", "fim_da_assinatura", "fim_do_contrato", "assinatura_fim",
        "vencimento", "vencimento_do_contrato"
    ],
    /// A date: the last day to give notice.
    SUBSCRIPTION_NOTICE "subscription_notice_on" ["aviso_ate", "data_de_aviso"],
    /// An amount: the price of one interval. Needed for a new subscription.
    SUBSCRIPTION_AMOUNT "subscription_amount" [
        "valor", "amount", "valor_da_assinatura", "assinatura_valor", "valor_mensal", "mrr"
    ],
    /// Three letters (ISO 4217). Unless said, here or beside the amount, a new one has those of
    /// `--currency`, and one that is there keeps its own.
    SUBSCRIPTION_CURRENCY "subscription_currency" ["moeda", "currency", "assinatura_moeda"],
    /// A word for how often it is paid; every month unless said.
    SUBSCRIPTION_INTERVAL "subscription_interval" [
        "interval", "intervalo", "periodicidade", "assinatura_periodicidade"
    ],
    /// The external id of the company that this one is a part of, in this file or imported before.
    PARENT "parent_external_id" [
        "parent_id", "parent", "matriz", "id_da_matriz", "codigo_da_matriz", "conta_pai"
    ],
    /// The key of a template: an account without a journey gets one, taken over as one that ran
    /// before.
    JOURNEY_TEMPLATE "journey_template" ["jornada", "jornada_padrao", "journey"],
    /// The key or the name of the stage in which it is; the first one unless said.
    JOURNEY_STAGE "journey_stage" ["etapa", "estagio", "momento", "stage"],
    /// A date: the day on which that stage was entered; today unless said.
    JOURNEY_ENTERED "journey_entered_on" ["etapa_desde", "entrada_na_etapa", "stage_since"],
    /// The key or the title of the task that is next, or `done`; the first one unless said. Tasks
    /// before it are skipped, and nothing is due before today. A stage of which all is done, and
    /// the time has passed, is left today.
    JOURNEY_NEXT_TASK "journey_next_task" ["proxima_atividade", "proxima_tarefa", "next_task"],
}
