//! The steps of a run and the summary at its end: what ran, what did not, and why.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// Collects what became of each step.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

struct Line {
    step: &'static str,
    outcome: Outcome,
    /// How a step ran, or why it did not.
    note: String,
    took: Duration,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    Skipped,
    Failed,
}

/// What a step says of itself when it did not fail.
pub(crate) enum Done {
    /// It ran, in the way the note says.
    Ran(String),
    /// It did not run, for the reason given.
    Skipped(String),
}

impl Done {
    /// A step that ran and has nothing to add.
    pub(crate) fn ran() -> Self {
        Self::Ran(String::new())
    }
}

impl Report {
    /// Announces a step, runs it, and goes on even when it fails: one run shows every problem.
    pub(crate) fn step(&mut self, step: &'static str, action: impl FnOnce() -> Result<Done>) {
        eprintln!("\n=== {step} ===");
        let started = Instant::now();
        let (outcome, note) = match action() {
            Ok(Done::Ran(note)) => (Outcome::Passed, note),
            Ok(Done::Skipped(reason)) => {
                eprintln!("skipped: {reason}");
                (Outcome::Skipped, reason)
            }
            Err(error) => {
                eprintln!("error: {error:#}");
                (Outcome::Failed, first_line(&format!("{error:#}")))
            }
        };
        self.lines.push(Line { step, outcome, note, took: started.elapsed() });
    }

    /// Prints the summary; a failed step makes the run fail.
    pub(crate) fn finish(self) -> Result<()> {
        eprintln!("\n=== summary ===\n{self}");
        let failed = self.lines.iter().filter(|line| line.outcome == Outcome::Failed).count();
        ensure!(failed == 0, "{failed} of {} steps failed", self.lines.len());
        Ok(())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|line| line.step.len()).max().unwrap_or_default();
        for Line { step, outcome, note, took } in &self.lines {
            let outcome = match outcome {
                Outcome::Passed => "ok",
                Outcome::Skipped => "skipped",
                Outcome::Failed => "FAILED",
            };
            let line = format!("{outcome:<8} {step:<width$} {:>6.1}s  {note}", took.as_secs_f32());
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn a_failed_step_does_not_stop_the_next_but_fails_the_run() {
        let mut report = Report::default();
        let mut went_on = false;
        report.step("first", || bail!("broken"));
        report.step("second", || {
            went_on = true;
            Ok(Done::ran())
        });
        assert!(went_on);
        assert!(report.to_string().contains("FAILED   first"), "{report}");
        assert!(report.finish().is_err());
    }

    #[test]
    fn a_skipped_step_shows_its_reason_and_does_not_fail_the_run() {
        let mut report = Report::default();
        report.step("deny", || Ok(Done::Skipped("not installed".into())));
        assert!(report.to_string().contains("not installed"), "{report}");
        assert!(report.finish().is_ok());
    }
}
