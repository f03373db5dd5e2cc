//! How an import tells how far it came: a bar for people, lines of JSON for programs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// What became of the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All rows that were looked at: the sum of the others.
    pub rows: u64,
    /// New accounts.
    pub created: u64,
    /// Accounts that are different now.
    pub updated: u64,
    /// Accounts that were already so.
    pub unchanged: u64,
    /// Rows that were refused.
    pub rejected: u64,
}

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

    /// How far it came.
    pub fn tell(&mut self, counts: Counts) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(counts.rows);
                bar.set_message(format!("{} rejected", counts.rejected));
            }
            Self::Lines { last } if last.elapsed() >= SILENCE => {
                *last = Instant::now();
                line("progress", json!(counts));
            }
            Self::Lines { .. } => {}
        }
    }

    /// The end: what became of all rows, and where the refused ones are.
    pub fn finish(self, counts: Counts, rejects: Option<&str>, is_dry_run: bool) {
        let Self::Bar(bar) = self else {
            let mut fields = json!(counts);
            fields["rejects"] = json!(rejects);
            fields["dry_run"] = json!(is_dry_run);
            return line("finished", fields);
        };
        bar.finish_and_clear();
        let Counts { rows, created, updated, unchanged, rejected } = counts;
        let kept = if is_dry_run { " (dry run: nothing was kept)" } else { "" };
        println!(
            "{rows} rows: {created} created, {updated} updated, {unchanged} unchanged, \
             {rejected} rejected{kept}"
        );
        if let Some(path) = rejects {
            println!("The rejected rows and their reasons are in {path}");
        }
    }
}

/// A closed pipe ends whoever reads, not the import.
fn line(event: &str, mut fields: Json) {
    fields["event"] = json!(event);
    let _ = writeln!(io::stdout(), "{fields}");
}
