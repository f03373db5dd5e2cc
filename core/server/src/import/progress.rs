//! How an import tells how far it came: a bar for people, lines of JSON for programs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jornada_domain::audit;
use jornada_domain::imports::Place;
use serde_json::{Value as Json, json};

use super::kind::Outcome;
use super::{Change, Listener};

/// Where progress goes: a bar to standard error when it is a terminal, else lines to standard
/// output.
pub enum Progress {
    /// For people.
    Bar(ProgressBar),
    /// For programs, at most one line a second.
    Lines {
        /// When the last line was written.
        last: Instant,
    },
}

/// How long there is silence at least between two lines.
const SILENCE: Duration = Duration::from_secs(1);

impl Progress {
    /// Progress over a number of rows.
    pub fn new(rows: u64) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { last: Instant::now() };
        }
        let style = "{bar:30} {human_pos}/{human_len} {per_sec} {msg}";
        let style = ProgressStyle::with_template(style);
        Self::Bar(
            ProgressBar::new(rows)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
        )
    }

    /// Something people should know, which stops nothing.
    pub fn warn(&self, message: &str) {
        match self {
            Self::Bar(bar) => bar.suspend(|| eprintln!("warning: {message}")),
            Self::Lines { .. } => line("warning", json!({ "message": message })),
        }
    }

    /// The import goes on where an earlier one was cut off.
    pub fn go_on(&self, place: Place) {
        match self {
            Self::Bar(bar) => bar.suspend(|| {
                eprintln!("goes on behind row {}; --restart begins anew", rows(place));
            }),
            Self::Lines { .. } => line("resumed", counts(place)),
        }
    }

    /// The end: what became of all rows, and where the refused ones are.
    pub fn finish(self, place: Place, rejects: Option<&str>, is_dry_run: bool) {
        let Self::Bar(bar) = self else {
            let mut fields = counts(place);
            fields["rejects"] = json!(rejects);
            fields["dry_run"] = json!(is_dry_run);
            return line("finished", fields);
        };
        bar.finish_and_clear();
        let Place { created, updated, unchanged, rejected, .. } = place;
        let kept = if is_dry_run { " (dry run: nothing was kept)" } else { "" };
        println!(
            "{} rows: {created} created, {updated} updated, {unchanged} unchanged, \
             {rejected} rejected{kept}",
            rows(place)
        );
        if let Some(path) = rejects {
            println!("The rejected rows and their reasons are in {path}");
        }
    }
}

impl Listener for Progress {
    fn tell(&mut self, place: Place) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(rows(place).unsigned_abs());
                bar.set_message(format!("{} rejected", place.rejected));
            }
            Self::Lines { last } if last.elapsed() >= SILENCE => {
                *last = Instant::now();
                line("progress", counts(place));
            }
            Self::Lines { .. } => {}
        }
    }

    fn change(&mut self, change: &Change) {
        match self {
            Self::Bar(bar) => bar.suspend(|| {
                let _ = writeln!(io::stdout(), "{}", told(change));
            }),
            Self::Lines { .. } => {
                let each = change.entries.iter();
                let changes: Vec<_> =
                    each.map(|it| json!({ "action": it.action, "changes": it.changes })).collect();
                let fields = json!({ "line": change.line, "key": change.key, "changes": changes });
                line("change", fields);
            }
        }
    }
}

/// A change in one line: `line 3, 42: account.updated name "Beta" → "Gama"`.
fn told(change: &Change) -> String {
    let of_entry = |entry: &audit::Model| {
        let none = serde_json::Map::new();
        let fields = entry.changes.as_object().unwrap_or(&none).iter();
        let fields: Vec<_> = fields
            .map(|(name, it)| match it["personal"].as_bool() {
                Some(true) => name.clone(),
                _ => format!("{name} {} → {}", it["before"], it["after"]),
            })
            .collect();
        match change.outcome {
            Outcome::Updated => format!("{} {}", entry.action, fields.join(", ")),
            _ => entry.action.clone(),
        }
    };
    let entries: Vec<_> = change.entries.iter().map(of_entry).collect();
    format!("line {}, {}: {}", change.line, change.key.replace('\n', " "), entries.join("; "))
}

fn rows(place: Place) -> i64 {
    place.created + place.updated + place.unchanged + place.rejected
}

fn counts(place: Place) -> Json {
    let Place { created, updated, unchanged, rejected, .. } = place;
    let rows = rows(place);
    json!({
        "rows": rows, "created": created, "updated": updated, "unchanged": unchanged,
        "rejected": rejected,
    })
}

/// A closed pipe ends whoever reads, not the import.
fn line(event: &str, mut fields: Json) {
    fields["event"] = json!(event);
    let _ = writeln!(io::stdout(), "{fields}");
}
