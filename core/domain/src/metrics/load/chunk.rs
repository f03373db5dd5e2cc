//! A chunk of a load: some thousand lines, of which the good ones are written in one transaction.

use std::collections::{HashMap, HashSet};

use super::{MAX_REJECTS, Model, Names, Reject, Tally, note};
use crate::metrics::metric;
use crate::metrics::point::{self, Subject, SubjectKind, Terms, bulk};
use crate::prelude::*;

/// One line of a load.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// Its number in the load, from 1.
    pub number: u64,
    /// The key of the metric.
    pub metric: String,
    pub subject: Named,
    /// Any day of the period.
    pub period: NaiveDate,
    pub value: f64,
    /// When the value became known; when the load began, where it does not say.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// What a line calls its subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// By our id.
    Id(Subject),
    /// By the id of another system.
    External {
        /// What it is.
        kind: SubjectKind,
        /// The key of the other system.
        system: String,
        /// What it is called there.
        external_id: String,
    },
}

impl Named {
    fn kind(&self) -> SubjectKind {
        match self {
            Self::Id(subject) => subject.kind(),
            Self::External { kind, .. } => *kind,
        }
    }
}

/// Lines that follow one another.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// Those that could be read.
    pub lines: Vec<NewLine>,
    /// How many could not.
    pub unreadable: u64,
    /// The first of these, at most [`MAX_REJECTS`].
    pub rejects: Vec<Reject>,
}

impl Chunk {
    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.lines.len() + usize::try_from(self.unreadable).unwrap_or(usize::MAX)
    }

    /// Whether there is no line in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a line that could not be read.
    pub fn refuse(&mut self, line: u64, problems: &[Problem]) {
        self.unreadable += 1;
        refuse(&mut self.rejects, line, problems);
    }
}

/// Keeps what is wrong with a line, while there is room.
fn refuse(rejects: &mut Vec<Reject>, line: u64, problems: &[Problem]) {
    let room = MAX_REJECTS.saturating_sub(rejects.len());
    rejects.extend(problems.iter().take(room).map(|problem| Reject::new(line, problem)));
}

/// Writes a chunk of a load; gives what became of all lines so far. Where two lines give a value to
/// the same point, the later one counts, as it would in two chunks.
pub async fn put(
    tx: &Tx<'_>,
    load: &Model,
    tally: &Tally,
    chunk: &Chunk,
    names: &mut Names,
) -> Result<Tally> {
    tx.require(Area::Metrics, Access::Write)?;
    let mut tally = tally.clone();
    let mut rejects = chunk.rejects.clone();
    let (mut rows, rejected) = read(tx, load, &chunk.lines, names, &mut rejects).await?;
    let accounts = rows.iter().filter(|row| row.subject_kind == SubjectKind::Account);
    for row in accounts {
        tally.accounts_got.insert(row.metric_id);
        let earlier = tally.since.filter(|since| *since <= row.recorded_at);
        tally.since = earlier.or(Some(row.recorded_at));
    }
    last_of_each(&mut rows);
    tally.received += chunk.len() as u64;
    tally.written += bulk::put(tx, &rows).await?;
    tally.rejected += chunk.unreadable + rejected;
    rejects.sort_by_key(|reject| reject.line);
    tally.rejects.extend(rejects);
    tally.rejects.truncate(MAX_REJECTS);
    note(tx, load, &tally, Default::default()).await?;
    Ok(tally)
}

/// Sorts the rows by their keys; of those with the same key the last one stays.
fn last_of_each(rows: &mut Vec<point::Model>) {
    rows.reverse();
    rows.sort_by_key(key);
    rows.dedup_by_key(|row| key(row));
}

fn key(row: &point::Model) -> (MetricId, Uuid, NaiveDate) {
    (row.metric_id, row.subject_id, row.period)
}

/// The rows of the lines that are right, in the order of the lines, and how many are not.
async fn read(
    tx: &Tx<'_>,
    load: &Model,
    lines: &[NewLine],
    names: &mut Names,
    rejects: &mut Vec<Reject>,
) -> Result<(Vec<point::Model>, u64)> {
    let keys: HashSet<&str> = lines.iter().map(|line| line.metric.as_str()).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let metrics = metric::in_use(tx, &keys).await?;
    let metrics: HashMap<&str, &metric::Model> =
        metrics.iter().map(|metric| (metric.key.as_str(), metric)).collect();
    names.learn(tx, lines).await?;
    let terms = Terms::now(tx).await?;
    let mut own = Vec::new();
    let mut rows = Vec::with_capacity(lines.len());
    let mut rejected = 0;
    for line in lines {
        let metric = metrics.get(line.metric.as_str()).copied();
        match row(tx, load, line, metric, names, &terms) {
            Ok(row) => rows.push(row),
            Err(problems) => {
                rejected += 1;
                refuse(&mut own, line.number, &problems);
            }
        }
    }
    rejects.extend(own);
    Ok((rows, rejected))
}

/// The row of a line, or all that is wrong with it.
fn row(
    tx: &Tx<'_>,
    load: &Model,
    line: &NewLine,
    metric: Option<&metric::Model>,
    names: &Names,
    terms: &Terms,
) -> Result<point::Model, Vec<Problem>> {
    let mut checks = Checks::new();
    point::check_value(&mut checks, "value", line.value);
    let recorded_at = match line.recorded_at {
        None => load.begun_at,
        said => point::recorded_at(tx, &mut checks, "recordedAt", said),
    };
    checks.ensure(metric.is_some(), || Problem::new("metric", Code::UnknownMetric));
    let period = terms.period(&mut checks, "period", line.period, metric);
    let kind = line.subject.kind();
    let subject = names.get(&line.subject);
    checks.ensure(subject.is_some(), || {
        let kind = Kind::from(kind);
        Problem::new(kind.as_str(), Code::NotFound).with("kind", kind.type_name())
    });
    let (true, Some(metric), Some(period), Some((subject, account_id))) =
        (checks.is_well(), metric, period, subject)
    else {
        return Err(checks.into_problems());
    };
    Ok(point::Model {
        workspace_id: tx.workspace_id(),
        metric_id: metric.id,
        subject_id: subject.id(),
        period,
        subject_kind: kind,
        account_id,
        value: line.value,
        recorded_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_values_of_one_point_the_last_one_counts() {
        let row = |subject: u128, value: f64| point::Model {
            workspace_id: WorkspaceId(Uuid::nil()),
            metric_id: MetricId(Uuid::nil()),
            subject_id: Uuid::from_u128(subject),
            period: "2026-01-01".parse().unwrap(),
            subject_kind: SubjectKind::Account,
            account_id: AccountId(Uuid::from_u128(subject)),
            value,
            recorded_at: DateTime::UNIX_EPOCH,
        };
        let mut rows = vec![row(2, 1.0), row(1, 2.0), row(2, 3.0), row(1, 4.0), row(3, 5.0)];
        last_of_each(&mut rows);
        let kept: Vec<_> = rows.iter().map(|row| row.value).collect();
        assert_eq!(kept, [4.0, 3.0, 5.0]);
    }
}
