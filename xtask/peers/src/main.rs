//! `cargo xtask bench plugins`: what it takes to score an account, as native Rust, by a plugin of
//! Jornada and by one of Extism, in one run. All of them compute the same score, and every answer
//! is compared.

mod customers;
mod forms;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use jornada_plugin_host::compile;
use telco_score::{FACTORS, Scores};

use customers::Case;
use forms::Answered;
use report::Times;

/// What makes this program compile a plugin, in a process of its own.
const COMPILE: &str = "compile";

/// Rounds that are measured unless something else is said, and rounds before them.
const ROUNDS: usize = 300;
const WARM_UP: usize = 20;

/// By how much two answers may differ, in points.
const TOLERANCE: f64 = 1e-9;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq(COMPILE).is_some() {
        return compile::child(arguments);
    }
    match rounds(arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn rounds(mut arguments: impl Iterator<Item = String>) -> Result<usize> {
    let rounds = match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, ..) => ROUNDS,
        (Some("--rounds"), Some(rounds), None) => rounds.parse().context("--rounds")?,
        _ => bail!("the only argument is --rounds N"),
    };
    ensure!(rounds > 0, "--rounds: at least 1");
    Ok(rounds)
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Each round scores one batch by each form, so that all of them meet the same machine.
fn run(rounds: usize) -> Result<()> {
    let cases = customers::cases(&root())?;
    let mut forms = forms::all(&root())?;
    let mut times: Vec<Times> = forms.iter().map(|form| Times::new(form.name())).collect();
    for round in 0..WARM_UP + rounds {
        let case = &cases[round % cases.len()];
        let mut first: Option<Scores> = None;
        for (form, times) in forms.iter_mut().zip(&mut times) {
            let Answered { took, scores, fuel } =
                form.answer(case).with_context(|| form.name().to_owned())?;
            if round >= WARM_UP {
                times.add(took, scores.values.len(), fuel);
            }
            match &first {
                None => first = Some(scores),
                Some(first) => same(first, &scores).with_context(|| form.name().to_owned())?,
            }
        }
    }
    report::show(&times, rounds, Case::ROWS);
    Ok(())
}

/// Fails where the scores of some customers are not those that the first form gave them.
fn same(first: &Scores, scores: &Scores) -> Result<()> {
    let rows = scores.values.len();
    ensure!(rows > 0 && scores.contributions.len() == rows * FACTORS, "rows are missing");
    let differs = |a: f64, b: f64| a.is_nan() != b.is_nan() || (a - b).abs() > TOLERANCE;
    ensure!(!differs(first.base, scores.base), "the base is {}", scores.base);
    for (what, a, b) in [
        ("score", &first.values, &scores.values),
        ("contribution", &first.contributions, &scores.contributions),
    ] {
        if let Some(place) = a.iter().zip(b).position(|(a, b)| differs(*a, *b)) {
            bail!("{what} {place} is {}, and should be {}", b[place], a[place]);
        }
    }
    let expected = first.reasons.iter().filter(|[row, _]| (*row as usize) < rows);
    ensure!(expected.eq(&scores.reasons), "the reasons are others");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Scores {
        let reasons = vec![[0, 2], [1, 3]];
        Scores { base: 50.0, values: vec![60.0, f64::NAN], contributions: vec![1.0; 14], reasons }
    }

    #[test]
    fn another_answer_is_noticed_and_a_part_of_one_is_compared() {
        assert!(same(&scores(), &scores()).is_ok());
        let changes: [fn(&mut Scores); 4] = [
            |scores| scores.values[1] = 0.0,
            |scores| scores.contributions[13] += 1e-6,
            |scores| scores.reasons[1] = [1, 4],
            |scores| scores.base = 51.0,
        ];
        for change in changes {
            let mut other = scores();
            change(&mut other);
            assert!(same(&scores(), &other).is_err());
        }
        let mut part = scores();
        part.values.truncate(1);
        part.contributions.truncate(7);
        part.reasons.truncate(1);
        assert!(same(&scores(), &part).is_ok());
    }
}
