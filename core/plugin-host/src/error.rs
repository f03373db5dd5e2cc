//! What can go wrong with a plugin: before it runs, and in a call.

use std::time::Duration;

use crate::bindings::types::{Failure, Problem};
use crate::text;

/// Why a file is no plugin that can run here.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is too large.
    #[error("the file has {bytes} bytes; at most {max} are allowed")]
    TooLarge {
        /// Of the file.
        bytes: u64,
        /// That are allowed.
        max: u64,
    },
    /// The bytes are no WebAssembly, or are cut off.
    #[error("the file is no sound WebAssembly component: {0}")]
    Malformed(String),
    /// The bytes are a module, which nobody has made a component of.
    #[error("the file is a WebAssembly module, not a component; `jornada plugin build` makes one")]
    NotAComponent,
    /// There is no manifest in it.
    #[error("the file has no manifest; `jornada plugin build` puts it in")]
    NoManifest,
    /// The manifest does not read.
    #[error("the manifest is unsound: {0}")]
    BadManifest(String),
    /// It wants something that plugins of its kind do not get.
    #[error("it imports {import}, which a plugin of the kind {kind} does not get")]
    ForeignImport {
        /// The full name.
        import: String,
        /// The kind.
        kind: &'static str,
    },
    /// It was built against a newer contract.
    #[error(
        "it needs {needed}, and this server has {offered}: upgrade the server, or build the \
         plugin with an older SDK"
    )]
    TooNew {
        /// What it wants.
        needed: String,
        /// What there is.
        offered: String,
    },
    /// It exports nothing that makes it a plugin, or not what its manifest says.
    #[error("the manifest says that it is a {said}, but it exports {exported}")]
    OtherKind {
        /// What the manifest says.
        said: &'static str,
        /// What it is.
        exported: String,
    },
    /// Compiling took too long and was ended.
    #[error("it was not compiled within {0:?}")]
    CompileTimeout(Duration),
    /// Compiling took too much memory and was ended.
    #[error("it was not compiled within {bytes} bytes of memory")]
    CompileMemory {
        /// What it could take.
        bytes: u64,
    },
    /// It does not compile.
    #[error("it does not compile: {0}")]
    Compile(String),
    /// It does not fit what it exports.
    #[error("it does not fit the contract: {0}")]
    Contract(String),
    /// No instance can be made of it.
    #[error("it does not start: {0}")]
    Start(CallError),
    /// The folder for compiled plugins cannot be made, or the compiler cannot be started.
    #[error("the server cannot compile it, or has no folder for what is compiled: {0}")]
    Io(#[from] std::io::Error),
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// It took more instructions than it may.
    #[error("it was stopped after {fuel} units of fuel; an endless loop, or too much work")]
    OutOfFuel {
        /// What it had.
        fuel: u64,
    },
    /// It wanted more memory than it may have.
    #[error("it wanted more than {bytes} bytes of memory")]
    OutOfMemory {
        /// What it may have.
        bytes: u64,
    },
    /// It called itself too deep.
    #[error("its calls stand too deep in one another")]
    StackOverflow {
        /// Where it was.
        backtrace: String,
    },
    /// Its answer, or something that it told the host, is too large.
    #[error("its answer takes more than {bytes} bytes")]
    AnswerTooLarge {
        /// What it may take.
        bytes: u64,
    },
    /// It panicked, or did something that no program may.
    #[error("it broke off: {message}")]
    Trap {
        /// What it did; the words of the panic, where there are some.
        message: String,
        /// Where it was, the innermost function first.
        backtrace: String,
    },
    /// It answered, but not what the contract asks for.
    #[error("its answer does not fit the contract: {0}")]
    BadAnswer(String),
    /// Its configuration does not fit.
    #[error("it refuses its configuration: {}", told(.0))]
    InvalidConfig(Vec<Problem>),
    /// What it was called with does not fit.
    #[error("it refuses what it was given: {}", told(.0))]
    InvalidInput(Vec<Problem>),
    /// It says itself that it failed.
    #[error("it failed: {0}")]
    Failed(String),
    /// All places for calls are taken.
    #[error("too many plugins run at the same time")]
    Busy,
}

impl CallError {
    /// A word for what happened, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfFuel { .. } => "OUT_OF_FUEL",
            Self::OutOfMemory { .. } => "OUT_OF_MEMORY",
            Self::StackOverflow { .. } => "STACK_OVERFLOW",
            Self::AnswerTooLarge { .. } => "ANSWER_TOO_LARGE",
            Self::Trap { .. } => "TRAP",
            Self::BadAnswer(_) => "BAD_ANSWER",
            Self::InvalidConfig(_) => "INVALID_CONFIG",
            Self::InvalidInput(_) => "INVALID_INPUT",
            Self::Failed(_) => "FAILED",
            Self::Busy => "BUSY",
        }
    }

    /// Where it was when it broke off, the innermost function first.
    pub fn backtrace(&self) -> Option<&str> {
        match self {
            Self::StackOverflow { backtrace } | Self::Trap { backtrace, .. } => Some(backtrace),
            _ => None,
        }
    }

    /// What is wrong with what it was given, where it says so.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::InvalidConfig(problems) | Self::InvalidInput(problems) => problems,
            _ => &[],
        }
    }

    /// Whether it is about one of the accounts that it was called for, so that the others can be
    /// asked without it.
    pub(crate) fn may_be_one_row(&self) -> bool {
        !matches!(self, Self::InvalidConfig(_) | Self::Busy)
    }
}

/// Problems of one answer that are told; the others are left out.
const MOST_PROBLEMS: usize = 20;

/// Characters of the path of a problem, and of what a plugin says at a time.
const MOST_PATH: usize = 200;
const MOST_WORDS: usize = 500;

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::InvalidConfig(problems) if !problems.is_empty() => {
                Self::InvalidConfig(fit_to_read(problems))
            }
            Failure::InvalidInput(problems) if !problems.is_empty() => {
                Self::InvalidInput(fit_to_read(problems))
            }
            Failure::Failed(words) => Self::Failed(text::line(&words, MOST_WORDS)),
            // Whoever gets no problem takes it that there is none.
            Failure::InvalidConfig(_) | Failure::InvalidInput(_) => {
                Self::BadAnswer("it refuses what it was given, and does not say why".to_owned())
            }
        }
    }
}

impl CallError {
    /// An answer that does not fit the contract, with what does not fit.
    pub(crate) fn bad_answer(told: impl AsRef<str>) -> Self {
        Self::BadAnswer(text::line(told.as_ref(), MOST_WORDS))
    }

    /// That it broke off, with what it said.
    pub(crate) fn trap(said: &str, backtrace: String) -> Self {
        Self::Trap { message: text::line(said, MOST_WORDS), backtrace }
    }

    /// The same without the words of a panic, which may name a customer: those who look after
    /// plugins find them in its calls.
    pub fn for_everybody(&self) -> String {
        match self {
            Self::Trap { .. } => "it broke off".to_owned(),
            other => other.to_string(),
        }
    }
}

/// Problems that people can read.
pub(crate) fn fit_to_read(problems: Vec<Problem>) -> Vec<Problem> {
    let line = |problem: Problem| Problem {
        path: text::line(&problem.path, MOST_PATH),
        message: text::line(&problem.message, MOST_WORDS),
    };
    problems.into_iter().take(MOST_PROBLEMS).map(line).collect()
}

fn told(problems: &[Problem]) -> String {
    let each = problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message));
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plugin_says_can_be_read_kept_and_shown() {
        let failed = CallError::from(Failure::Failed(format!("no\0 {}", "way ".repeat(1000))));
        let told = failed.to_string();
        assert!(told.chars().count() < 520 && !told.contains('\0'), "{told}");
        let problem = |at: usize| Problem {
            path: format!("a.{at}\u{1b}[2J"),
            message: "wrong\nwrong".to_owned(),
        };
        let error = CallError::from(Failure::InvalidInput((0..300).map(problem).collect()));
        assert_eq!(error.problems().len(), 20);
        assert_eq!(error.problems()[0].message, "wrong wrong");
        assert!(!error.problems()[0].path.contains('\u{1b}'));
    }

    #[test]
    fn who_refuses_without_a_reason_does_not_fit_the_contract() {
        for failure in [Failure::InvalidInput(Vec::new()), Failure::InvalidConfig(Vec::new())] {
            assert!(matches!(CallError::from(failure), CallError::BadAnswer(_)));
        }
    }

    #[test]
    fn the_words_of_a_panic_are_for_those_who_look_after_plugins() {
        let trap = CallError::trap("no customer Padaria", String::new());
        assert!(trap.to_string().contains("Padaria"));
        assert_eq!(trap.for_everybody(), "it broke off");
    }
}
