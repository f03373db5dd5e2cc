//! Subscriptions: what accounts pay for.

pub mod fields {
    //! What the columns of a file of subscriptions can hold.

    use crate::import::field::fields;

    fields! {
        /// Needed. The id in the other system, which makes an import repeatable.
        EXTERNAL_ID "external_id" [
            "id", "codigo", "subscription_id", "contract_id", "id_da_assinatura", "id_do_contrato",
            "numero_do_contrato", "id_externo"
        ],
        /// Needed for a new subscription. The external id of the account.
        ACCOUNT "account_external_id" [
            "account_id", "company_id", "account", "conta", "cliente", "empresa", "id_do_cliente",
            "codigo_do_cliente", "id_da_empresa"
        ],
        /// What is paid for; the package unless said.
        NAME "name" ["nome", "assinatura", "contrato", "subscription", "contract"],
        /// The label of a service package, made where it is missing.
        PACKAGE "package" ["pacote", "plan", "plano"],
        /// A date: the first day. Needed for a new subscription.
        STARTS "starts_on" ["inicio", "start_date", "data_de_inicio", "start"],
        /// A date: the last day.
        ENDS "ends_on" ["fim", "end_date", "vencimento", "data_de_fim", "end"],
        /// A date: the last day to give notice.
        NOTICE "notice_on" ["aviso_ate", "data_de_aviso", "notice_date"],
        /// A date: the day from which it no longer counts, whatever its last day.
        CANCELLED "cancelled_on" ["cancelado_em", "cancelada_em", "data_de_cancelamento"],
        /// An amount: the price of one interval. Needed for a new subscription without products.
        AMOUNT "amount" ["valor", "price", "preco", "mrr", "valor_mensal"],
        /// Three letters (ISO 4217). Unless said, here or beside the amount, a new one has those of
        /// `--currency`, and one that is there keeps its own.
        CURRENCY "currency" ["moeda"],
        /// A word for how often it is paid; every month unless said.
        INTERVAL "interval" ["intervalo", "periodicidade", "billing_interval"],
        /// All products, each as its key, `=` and what it costs for one interval, separated by `;`
        /// or a vertical bar: `crm=100,00;bot=50,00`. Together they are the amount.
        PRODUCTS "products" ["produtos", "itens", "lines", "items"],
        /// A date: from when on a change of the amount holds; today unless said.
        EFFECTIVE "effective_on" [
            "effective_date", "vigencia", "a_partir_de", "vale_desde", "data_do_reajuste"
        ],
    }
}

use chrono::NaiveDate;
use jornada_domain::accounts::external_ref::RefKind;
use jornada_domain::error::{Code, Error, Problem};
use jornada_domain::id::SubscriptionId;
use jornada_domain::input::Checks;
use jornada_domain::journeys::signals;
use jornada_domain::options::set;
use jornada_domain::revenue::subscription::{
    self, BillingInterval, NewSubscription, SubscriptionPatch, Why,
};
use jornada_domain::revenue::{Line, lines_of, product};
use jornada_domain::subject::SubjectKind;
use jornada_domain::{Cx, Result, Tx};

use self::fields::*;
use super::cells::Cells;
use super::field::Field;
use super::kind::{Kind, Outcome};
use super::known::{ATTRIBUTE, Known, of_attributes};
use super::values::Amount;
use super::words::INTERVALS;

/// Subscriptions as another system describes them.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    known: Known,
}

/// A subscription. What is `None` is not said, and stays as it is.
#[derive(Clone, Debug)]
pub struct Record {
    external_id: String,
    account: Option<String>,
    name: Option<String>,
    package: Option<String>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    notice_on: Option<NaiveDate>,
    cancelled_on: Option<NaiveDate>,
    amount: Option<Amount>,
    interval: Option<BillingInterval>,
    /// Keys of products, and what each costs.
    products: Option<Vec<(String, Amount)>>,
    effective_on: Option<NaiveDate>,
    attributes: Vec<(String, String)>,
}

impl Kind for Subscriptions {
    const NAME: &'static str = "subscriptions";
    const FIELDS: &'static [Field] = ALL;
    const NEEDED: &'static [Field] = &[EXTERNAL_ID];
    const OPEN: Option<&'static str> = Some(ATTRIBUTE);
    type Record = Record;

    async fn load(cx: &Cx<'_>, system: String, currency: String) -> Result<Self> {
        let subject = Some(SubjectKind::Subscription);
        Ok(Self { known: Known::load(cx, system, currency, subject).await? })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Record {
        Record {
            external_id: cells.needed(EXTERNAL_ID),
            account: cells.text(ACCOUNT),
            name: cells.text(NAME),
            package: cells.text(PACKAGE),
            starts_on: cells.date(STARTS),
            ends_on: cells.date(ENDS),
            notice_on: cells.date(NOTICE),
            cancelled_on: cells.date(CANCELLED),
            amount: cells.amount(AMOUNT, CURRENCY),
            interval: cells.word(INTERVAL, &INTERVALS),
            products: cells.amounts(PRODUCTS, CURRENCY),
            effective_on: cells.date(EFFECTIVE),
            attributes: cells.open(),
        }
    }

    fn key(record: &Record) -> String {
        record.external_id.clone()
    }

    async fn put(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let id = self.known.find(tx, RefKind::Subscription, &record.external_id).await?;
        match id {
            None => self.create(tx, record).await,
            Some(id) => self.update(tx, id.into(), record).await,
        }
    }
}

impl Subscriptions {
    async fn create(&mut self, tx: &Tx<'_>, record: &Record) -> Result<Outcome> {
        let mut checks = Checks::new();
        let name = record.name.as_ref().or(record.package.as_ref());
        let needed = [
            (ACCOUNT, record.account.is_some()),
            (NAME, name.is_some()),
            (STARTS, record.starts_on.is_some()),
            (AMOUNT, record.amount.is_some() || record.products.is_some()),
        ];
        for (field, is_there) in needed {
            checks.ensure(is_there, || Problem::new(field.name, Code::Required));
        }
        let account = self.known.account_if_said(tx, ACCOUNT, record.account.as_ref()).await;
        let account_id = checks.keep(account)?.flatten();
        let of_package = (PACKAGE, set::PACKAGE);
        let package = self.known.option(tx, of_package, record.package.as_deref()).await;
        let package_id = checks.keep(package)?.flatten();
        let paid = checks.keep(record.paid(&self.known.currency))?.unwrap_or_default();
        let lines = checks.keep(lines(tx, &paid, &[]).await)?.flatten();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        let (Some(account_id), true) = (account_id, checks.is_well()) else {
            return Err(Error::Problems(checks.into_problems()));
        };
        let new = NewSubscription {
            account_id,
            package_id,
            name: name.cloned().unwrap_or_default(),
            starts_on: record.starts_on.unwrap_or_default(),
            ends_on: record.ends_on,
            notice_on: record.notice_on,
            cancelled_on: record.cancelled_on,
            amount_minor: paid.amount_minor.unwrap_or_default(),
            currency: paid.currency.unwrap_or_else(|| self.known.currency.clone()),
            interval: record.interval.unwrap_or(BillingInterval::Month),
            lines: lines.unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
            why: Why::default(),
        };
        let row = signals::create_subscription(tx, new).await;
        let row = row.map_err(|error| in_columns(error, record))?;
        self.known.refer(tx, RefKind::Subscription, &record.external_id, row.id.into()).await?;
        Ok(Outcome::Created)
    }

    async fn update(
        &mut self,
        tx: &Tx<'_>,
        id: SubscriptionId,
        record: &Record,
    ) -> Result<Outcome> {
        let before = subscription::find(tx, id).await?;
        let mut checks = Checks::new();
        let said = (ACCOUNT, record.account.as_ref());
        let stays = self.known.require_account(tx, said, before.account_id, EXTERNAL_ID).await;
        checks.keep(stays)?;
        let of_package = (PACKAGE, set::PACKAGE);
        let package = self.known.option(tx, of_package, record.package.as_deref()).await;
        let package_id = checks.keep(package)?.flatten();
        let had = match record.products {
            Some(_) => lines_of(tx, &[id]).await?.remove(&id).unwrap_or_default(),
            None => Vec::new(),
        };
        // The usual currency is one of new subscriptions: this one has its own.
        let paid = checks.keep(record.paid(&before.currency))?.unwrap_or_default();
        let lines = checks.keep(lines(tx, &paid, &had).await)?.flatten();
        let attributes = checks.keep(self.known.attributes(&record.attributes))?;
        let patch = SubscriptionPatch {
            package_id: package_id.map(Some),
            name: record.name.clone(),
            starts_on: record.starts_on,
            ends_on: record.ends_on.map(Some),
            notice_on: record.notice_on.map(Some),
            cancelled_on: record.cancelled_on.map(Some),
            amount_minor: paid.amount_minor,
            currency: paid.currency,
            interval: record.interval,
            lines: lines.filter(|lines| !is_same(lines, &had)),
            attributes: attributes.unwrap_or_default(),
            why: Why { effective_on: record.effective_on, ..Why::default() },
            ..Default::default()
        };
        if checks.is_well() && says_nothing_new(&patch, &before) {
            return Ok(Outcome::Unchanged);
        }
        let after = signals::update_subscription(tx, id, patch).await;
        let after = checks.keep(after.map_err(|error| in_columns(error, record)))?;
        checks.finish()?;
        Ok(Outcome::of_change(after.is_some_and(|after| after.version != before.version)))
    }
}

/// What a record says is paid, in minor units of one currency.
#[derive(Default)]
struct Paid {
    amount_minor: Option<i64>,
    /// ISO 4217, where the record says it.
    currency: Option<String>,
    products: Option<Vec<(String, i64)>>,
}

impl Record {
    /// What is paid, in the usual currency where the record says none. Products cost together what
    /// the record says, or else are the amount.
    fn paid(&self, usual: &str) -> Result<Paid> {
        let said = |amount: &Amount| amount.currency.clone();
        let of_amount = self.amount.as_ref().and_then(said);
        let of_products = self.products.iter().flatten().find_map(|(_, amount)| said(amount));
        let contradicts =
            || Problem::new(PRODUCTS.name, Code::Contradiction).with("with", AMOUNT.name);
        if let (Some(one), Some(other)) = (&of_amount, &of_products)
            && one != other
        {
            return Err(contradicts().into());
        }
        let currency = of_amount.or(of_products);
        let minor = |amount: &Amount| amount.minor(currency.as_deref().unwrap_or(usual));
        let unclear = || Problem::new(AMOUNT.name, Code::BadFormat).with("form", "amount");
        let amount = match &self.amount {
            Some(amount) => Some(minor(amount).ok_or_else(unclear)?),
            None => None,
        };
        let Some(products) = &self.products else {
            return Ok(Paid { amount_minor: amount, currency, products: None });
        };
        let each = products.iter().map(|(key, amount)| Some((key.clone(), minor(amount)?)));
        let unclear = || Problem::new(PRODUCTS.name, Code::BadFormat).with("form", "products");
        let products = each.collect::<Option<Vec<_>>>().ok_or_else(unclear)?;
        let together = products.iter().map(|(_, minor)| *minor).fold(0, i64::saturating_add);
        if amount.is_some_and(|amount| amount != together) {
            return Err(contradicts().into());
        }
        Ok(Paid { amount_minor: Some(together), currency, products: Some(products) })
    }
}

/// The lines of the products of a record. A file says nothing of quantities: a product keeps the
/// one that it `had`.
async fn lines(tx: &Tx<'_>, paid: &Paid, had: &[Line]) -> Result<Option<Vec<Line>>> {
    let Some(products) = &paid.products else { return Ok(None) };
    let keys: Vec<_> = products.iter().map(|(key, _)| key.as_str()).collect();
    let known = product::by_keys(tx, &keys).await?;
    let mut checks = Checks::new();
    let mut lines = Vec::with_capacity(products.len());
    for (key, amount_minor) in products {
        let Some(&product_id) = known.get(key) else {
            checks.push(Problem::new(PRODUCTS.name, Code::UnknownProduct).with("key", key));
            continue;
        };
        let before = had.iter().find(|line| line.product_id == product_id);
        let quantity = before.map_or(1, |line| line.quantity);
        lines.push(Line { product_id, quantity, amount_minor: *amount_minor });
    }
    checks.finish()?;
    Ok(Some(lines))
}

/// Whether lines say the same, in whatever order.
fn is_same(lines: &[Line], had: &[Line]) -> bool {
    lines.len() == had.len() && lines.iter().all(|line| had.contains(line))
}

fn in_columns(error: Error, record: &Record) -> Error {
    let error = match of_attributes(error, &record.attributes) {
        Error::Problems(mut problems) => {
            let of_lines = problems.iter_mut().filter(|it| it.field.starts_with("lines"));
            of_lines.for_each(|problem| PRODUCTS.name.clone_into(&mut problem.field));
            Error::Problems(problems)
        }
        other => other,
    };
    error
        .renamed("amountMinor", AMOUNT.name)
        .renamed("amount.amountMinor", AMOUNT.name)
        .renamed("amount.currency", CURRENCY.name)
}

/// A subscription that is written anew makes journeys look again, so it is not for nothing.
pub(super) fn says_nothing_new(patch: &SubscriptionPatch, row: &subscription::Model) -> bool {
    fn same<T: PartialEq>(wanted: &Option<T>, is: &T) -> bool {
        wanted.as_ref().is_none_or(|wanted| wanted == is)
    }
    patch.attributes.is_empty()
        && patch.lines.is_none()
        && same(&patch.package_id, &row.package_id)
        && same(&patch.name, &row.name)
        && same(&patch.starts_on, &row.starts_on)
        && same(&patch.ends_on, &row.ends_on)
        && same(&patch.notice_on, &row.notice_on)
        && same(&patch.cancelled_on, &row.cancelled_on)
        && same(&patch.amount_minor, &row.amount_minor)
        && same(&patch.currency, &row.currency)
        && same(&patch.interval, &row.interval)
}
