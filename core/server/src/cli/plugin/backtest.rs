//! `jornada plugin backtest`: whether the scores of a plugin would have told who was lost.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use jornada_plugin_host::health_score::Moment;
use jornada_plugin_host::host::Plugin;

use super::Loaded;
use crate::cli::print;
use crate::plugin::backtest::{self, Answer, Question};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Folder of the plugin, or the file that was made of it
    #[arg(default_value = ".")]
    pub(super) plugin: PathBuf,
    /// CSV of customers as they were, with a line of names
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Column that says who was lost: yes or no
    #[arg(long, value_name = "COLUMN")]
    label: String,
    /// Column of an input that is not called like it; may be given more than once
    #[arg(long, value_name = "INPUT=COLUMN")]
    bind: Vec<String>,
    /// JSON file with the configuration; an empty one without it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Day on which it is asked; dates count from there
    #[arg(long, value_name = "DATE", default_value = "2026-01-01")]
    as_of: NaiveDate,
}

pub(super) fn run(args: &Args, Loaded { built, .. }: &Loaded) -> Result<()> {
    let Plugin::HealthScore(score) = &built.plugin else {
        bail!("it is no health score");
    };
    let file = File::open(&args.data).with_context(|| args.data.display().to_string())?;
    let answer = backtest::run(score, file, &args.question()?)
        .with_context(|| args.data.display().to_string())?;
    print(&told(&answer)?)
}

impl Args {
    fn question(&self) -> Result<Question> {
        let bind = |text: &String| {
            let (key, column) = text.split_once('=').context("--bind is INPUT=COLUMN")?;
            Ok((key.to_owned(), column.to_owned()))
        };
        let config = match &self.config {
            None => "{}".to_owned(),
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| path.display().to_string())?
            }
        };
        Ok(Question {
            config,
            label: self.label.clone(),
            bound: self.bind.iter().map(bind).collect::<Result<BTreeMap<_, _>>>()?,
            as_of: Moment {
                now: format!("{}T12:00:00Z", self.as_of),
                today: self.as_of.to_string(),
                zone: "UTC".to_owned(),
                locale: "en".to_owned(),
            },
        })
    }
}

fn told(Answer { backtest, insufficient, failed, coverage }: &Answer) -> Result<String> {
    let mut text = String::new();
    let all = backtest.scored + insufficient + failed.values().sum::<usize>();
    for input in coverage {
        let column = input.column.as_deref().unwrap_or("no column");
        let share = 100.0 * input.missing as f64 / all.max(1) as f64;
        writeln!(text, "  {:<24} {column:<24} {share:>5.1} % missing", input.key)?;
    }
    writeln!(text, "{all} customers, {} scored, {insufficient} insufficient", backtest.scored)?;
    for (error, count) in failed {
        writeln!(text, "{count} failed: {error}")?;
    }
    let share = 100.0 * backtest.lost as f64 / backtest.scored.max(1) as f64;
    writeln!(text, "{} of those scored were lost ({share:.1} %)", backtest.lost)?;
    match backtest.auc {
        Some(auc) => writeln!(text, "AUC {auc:.4}")?,
        None => writeln!(text, "no AUC: nobody was lost, or nobody stayed")?,
    }
    writeln!(
        text,
        "\n{:>6}{:>11}{:>12}{:>10}{:>8}{:>12}",
        "part", "customers", "mean score", "stayed %", "lift", "captured %"
    )?;
    for (place, part) in backtest.parts.iter().enumerate() {
        let lift = part.lift.map_or("-".to_owned(), |lift| format!("{lift:.2}"));
        let captured =
            part.captured.map_or("-".to_owned(), |share| format!("{:.1}", 100.0 * share));
        writeln!(
            text,
            "{:>6}{:>11}{:>12.1}{:>10.1}{lift:>8}{captured:>12}",
            place + 1,
            part.accounts,
            part.mean_score,
            part.stayed
        )?;
    }
    Ok(text)
}
