//! What the reference expects to be seen, in the same words as the door tells it.

use chrono::{DateTime, NaiveDate, Utc};

use super::reference::{At, Holder, Reference, Status, Task, Visit};

impl Reference {
    /// What can be seen of the journey, line by line.
    pub(super) fn look(&self) -> Vec<String> {
        let (status, waits_for, wakes_on) = match self.status {
            Status::Active => ("ACTIVE", "-", None),
            Status::Waiting(reason, date) => ("WAITING", reason, date),
            Status::Held => ("HELD", "-", None),
            Status::Completed => ("COMPLETED", "-", None),
        };
        let mut lines = vec![format!(
            "{status} in {}, lap {} from {}, waits for {waits_for} until {}",
            self.stage,
            self.lap,
            self.lap_stage,
            date(wakes_on),
        )];
        let Some(visit) = self.visit() else { return lines };
        lines.push(format!(
            "visit {}, attempt {}, entered {}, expected until {}",
            visit.number,
            visit.attempt,
            instant(Some(visit.entered_at)),
            date(visit.expected_until),
        ));
        let mut tasks: Vec<_> = visit.tasks.iter().map(line_of_task).collect();
        tasks.sort();
        lines.extend(tasks);
        lines
    }

    /// The last hundred visits with the states of their tasks, line by line.
    pub(super) fn history(&self) -> Vec<String> {
        let skipped = self.visits.len().saturating_sub(100);
        self.visits[skipped..].iter().map(line_of_visit).collect()
    }
}

fn line_of_task(task: &Task) -> String {
    let holder = match task.holder {
        Holder::User(number) => format!("user {number}"),
        Holder::Customer => "the customer".to_owned(),
        Holder::Nobody => "nobody".to_owned(),
    };
    format!(
        "{} {}, opened {}, due {}, held by {holder}",
        task.key,
        at(task.at),
        instant(task.opened_at),
        date(task.due_on),
    )
}

fn line_of_visit(visit: &Visit) -> String {
    let (left_at, outcome) = visit.left.map_or((None, "-"), |(at, word)| (Some(at), word));
    let mut tasks: Vec<_> =
        visit.tasks.iter().map(|task| format!("{} {}", task.key, at(task.at))).collect();
    tasks.sort();
    format!(
        "{} {} {}.{} {} {} {outcome} [{}]",
        visit.number,
        visit.stage,
        visit.lap,
        visit.attempt,
        instant(Some(visit.entered_at)),
        instant(left_at),
        tasks.join(", "),
    )
}

fn at(at: At) -> &'static str {
    match at {
        At::Pending => "PENDING",
        At::Open => "OPEN",
        At::Done => "DONE",
        At::Skipped => "SKIPPED",
        At::Cancelled => "CANCELLED",
    }
}

fn date(date: Option<NaiveDate>) -> String {
    date.map_or_else(|| "-".to_owned(), |date| date.to_string())
}

fn instant(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.format("%m-%d %H:%M").to_string())
}
