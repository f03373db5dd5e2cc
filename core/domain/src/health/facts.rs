//! What is known of many accounts: a column for each thing that a model reads, in a number of
//! statements that does not grow with the accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{QueryResult, QueryTrait};

use super::built_in::BuiltIn;
use super::measure::{Aggregation, Source};
use crate::accounts::account;
use crate::attributes::value::{self, Typed};
use crate::derived::Columns;
use crate::metrics::point::SubjectKind;
use crate::metrics::window::{self, Span, Window};
use crate::options::option;
use crate::page::KeyKind;
use crate::prelude::*;

/// What is known of some accounts, in their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// A number each; NaN where it is missing.
    Numbers(Vec<f64>),
    /// A word each.
    Words(Vec<Option<String>>),
}

impl Column {
    /// How many accounts have nothing there.
    pub fn missing(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.iter().filter(|number| number.is_nan()).count(),
            Self::Words(words) => words.iter().filter(|word| word.is_none()).count(),
        }
    }

    /// Adds what is known of more accounts. An attribute that no account of a batch has gives
    /// numbers, of which none is there.
    pub(super) fn append(&mut self, more: Self) {
        let missing = |column: &Self| vec![None; column.len()];
        match (&mut *self, more) {
            (Self::Numbers(numbers), Self::Numbers(more)) => numbers.extend(more),
            (Self::Words(words), Self::Words(more)) => words.extend(more),
            (Self::Words(words), more) => words.extend(missing(&more)),
            (Self::Numbers(_), Self::Words(more)) => {
                *self = Self::Words(missing(self).into_iter().chain(more).collect());
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words(words) => words.len(),
        }
    }
}

/// Accounts and their places.
struct Accounts<'a> {
    ids: &'a [AccountId],
    places: HashMap<AccountId, usize>,
}

impl Accounts<'_> {
    fn numbers(&self, values: impl IntoIterator<Item = (AccountId, f64)>) -> Column {
        let mut numbers = vec![f64::NAN; self.ids.len()];
        for (id, value) in values {
            if let Some(place) = self.places.get(&id) {
                numbers[*place] = value;
            }
        }
        Column::Numbers(numbers)
    }

    fn words(&self, values: impl IntoIterator<Item = (AccountId, String)>) -> Column {
        let mut words = vec![None; self.ids.len()];
        for (id, word) in values {
            if let Some(place) = self.places.get(&id) {
                words[*place] = Some(word);
            }
        }
        Column::Words(words)
    }
}

/// What the sources give for these accounts, a column for each. Built-in ones take a statement
/// each, metrics one for each number of days, attributes one or two.
pub(super) async fn read(
    cx: &Cx<'_>,
    ids: &[AccountId],
    sources: &[Source],
) -> Result<Vec<Column>> {
    let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let accounts = Accounts { ids, places };
    let mut found: BTreeMap<&Source, Column> = BTreeMap::new();
    for source in sources {
        if let Source::BuiltIn { name } = source
            && !found.contains_key(source)
        {
            found.insert(source, built_in(cx, &accounts, *name).await?);
        }
    }
    metrics(cx, &accounts, sources, &mut found).await?;
    attributes(cx, &accounts, sources, &mut found).await?;
    let column = |source| found.get(source).cloned().unwrap_or_else(|| accounts.numbers([]));
    Ok(sources.iter().map(column).collect())
}

async fn built_in(cx: &Cx<'_>, accounts: &Accounts<'_>, name: BuiltIn) -> Result<Column> {
    let today = cx.today().await?;
    let ids = account::Entity::find()
        .filter(account::Column::WorkspaceId.eq(cx.workspace_id()))
        .filter(account::Column::Id.is_in(accounts.ids.iter().copied()))
        .select_only()
        .column(account::Column::Id)
        .into_query();
    let derived = name.derived(&Columns { cx, ids, today })?;
    let rows = cx.db.query_all(&derived.statement).await?;
    if name.is_word() {
        let word = |row: &QueryResult| Ok((id_of(row)?, row.try_get("", "value")?));
        let words: Vec<_> = rows.iter().map(word).collect::<Result<_, DbErr>>()?;
        return Ok(accounts.words(words));
    }
    let mut numbers = Vec::with_capacity(rows.len());
    for row in &rows {
        let number = number(cx, row, derived.kind, today).await?;
        numbers.extend(number.map(|number| Ok::<_, DbErr>((id_of(row)?, name.counted(number)))));
    }
    let numbers: Vec<_> = numbers.into_iter().collect::<Result<_, _>>()?;
    // Of whom nothing is counted has none.
    let none = derived.counts.then(|| accounts.ids.iter().map(|id| (*id, 0.0)));
    Ok(accounts.numbers(none.into_iter().flatten().chain(numbers)))
}

fn id_of(row: &QueryResult) -> Result<AccountId, DbErr> {
    row.try_get("", "account_id")
}

/// The value of a row as a number; a date or an instant in days from today, later ones positive.
async fn number(
    cx: &Cx<'_>,
    row: &QueryResult,
    kind: KeyKind,
    today: NaiveDate,
) -> Result<Option<f64>> {
    let days = |date: NaiveDate| (date - today).num_days() as f64;
    Ok(match kind {
        KeyKind::Integer => row.try_get::<Option<i64>>("", "value")?.map(|value| value as f64),
        KeyKind::Number => row.try_get("", "value")?,
        KeyKind::Date => row.try_get::<Option<NaiveDate>>("", "value")?.map(days),
        KeyKind::Instant => {
            let at: Option<DateTime<Utc>> = row.try_get("", "value")?;
            match at {
                None => None,
                Some(at) => Some(days(cx.calendar().await?.local_date(at))),
            }
        }
        _ => None,
    })
}

async fn metrics<'s>(
    cx: &Cx<'_>,
    accounts: &Accounts<'_>,
    sources: &'s [Source],
    found: &mut BTreeMap<&'s Source, Column>,
) -> Result<()> {
    let mut asked: BTreeMap<i32, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        if let Source::Metric { key, days, .. } = source {
            asked.entry(*days).or_default().insert(key.clone());
        }
    }
    let subjects: BTreeSet<Uuid> = accounts.ids.iter().map(|id| (*id).into()).collect();
    for (span, keys) in asked {
        let windows =
            Span { kind: SubjectKind::Account, days: span, until: Some(cx.today().await?) };
        let windows = window::each(cx, &subjects, &keys, windows).await?;
        for source in sources {
            let Source::Metric { key: wanted, days, aggregation } = source else { continue };
            if *days != span {
                continue;
            }
            let of_metric = windows.iter().filter(|((_, key), _)| key == wanted);
            let values = of_metric.filter_map(|((subject, _), window)| {
                Some((AccountId(*subject), folded(window, *aggregation)?))
            });
            found.insert(source, accounts.numbers(values));
        }
    }
    Ok(())
}

fn folded(window: &Window, aggregation: Aggregation) -> Option<f64> {
    match aggregation {
        Aggregation::Last => window.last.filter(|last| !last.is_stale).map(|last| last.value),
        Aggregation::Sum => window.current.sum,
        Aggregation::Mean => window.current.average(),
        Aggregation::Minimum => window.current.min,
        Aggregation::Maximum => window.current.max,
        Aggregation::Trend => window.trend,
    }
}

async fn attributes<'s>(
    cx: &Cx<'_>,
    accounts: &Accounts<'_>,
    sources: &'s [Source],
    found: &mut BTreeMap<&'s Source, Column>,
) -> Result<()> {
    let mut asked: BTreeMap<&str, &Source> = BTreeMap::new();
    for source in sources {
        if let Source::Attribute { key } = source {
            asked.insert(key, source);
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let today = cx.today().await?;
    let attributes = value::of_accounts_with(cx, accounts.ids, asked.keys().copied()).await?;
    let is_option = |typed: &Typed| if let Typed::Option(id) = typed { Some(*id) } else { None };
    let each = attributes.values().flatten();
    let options: BTreeSet<OptionId> =
        each.filter_map(|attribute| is_option(&attribute.value)).collect();
    let options: Vec<OptionId> = options.into_iter().collect();
    let options = match options.as_slice() {
        [] => Vec::new(),
        some => option::many(cx, some).await?,
    };
    let keys: HashMap<OptionId, String> =
        options.into_iter().map(|option| (option.id, option.key)).collect();
    let mut numbers: HashMap<&str, Vec<(AccountId, f64)>> = HashMap::new();
    let mut words: HashMap<&str, Vec<(AccountId, String)>> = HashMap::new();
    for (id, of_account) in &attributes {
        for attribute in of_account {
            let key = attribute.definition.key.as_str();
            match &attribute.value {
                Typed::Number(number) => numbers.entry(key).or_default().push((*id, *number)),
                Typed::Boolean(flag) => {
                    numbers.entry(key).or_default().push((*id, f64::from(*flag)));
                }
                Typed::Date(date) => {
                    let days = (*date - today).num_days() as f64;
                    numbers.entry(key).or_default().push((*id, days));
                }
                Typed::Money { amount_minor, .. } => {
                    numbers.entry(key).or_default().push((*id, *amount_minor as f64));
                }
                Typed::Text(text) => words.entry(key).or_default().push((*id, text.clone())),
                Typed::Option(option) => {
                    let word = keys.get(option).map(|key| (*id, key.clone()));
                    words.entry(key).or_default().extend(word);
                }
            }
        }
    }
    for (key, source) in asked {
        let column = match (numbers.remove(key), words.remove(key)) {
            (_, Some(words)) => accounts.words(words),
            (numbers, None) => accounts.numbers(numbers.unwrap_or_default()),
        };
        found.insert(source, column);
    }
    Ok(())
}
