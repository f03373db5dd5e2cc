//! Compiles plugins in a process of their own, which is ended when it takes too long and cannot
//! take more memory than it is given: what a stranger wrote may be hard to compile.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::engine;
use crate::error::LoadError;
use crate::limits::Limits;

/// The program that compiles: one that does nothing but call [`child`]. Whoever runs plugins says
/// which it is: itself with a hidden subcommand, so that it is never one of another version, or
/// the program of this crate.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// The file.
    pub program: PathBuf,
    /// What makes it compile.
    pub arguments: Vec<String>,
}

/// Each thread reserves address space for its stack and its part of the heap, which counts whether
/// it is used or not: on a machine with many cores, they alone would exceed the limit.
const FRUGAL: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "2"), ("MALLOC_ARENA_MAX", "2")];

/// How often one looks whether the child has ended.
const GLANCE: Duration = Duration::from_millis(5);

/// Bytes of what the child complains of.
const MOST_COMPLAINTS: u64 = 4 << 10;

impl Compiler {
    /// The compiled form of a component. The environment of this process is not handed on.
    pub(crate) fn run(&self, component: &[u8], limits: &Limits) -> Result<Vec<u8>, LoadError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .arg(limits.compile_memory_bytes.to_string())
            .env_clear()
            .envs(FRUGAL)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (input, output, errors) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let allowed = Duration::from_secs(limits.compile_seconds);
        thread::scope(|scope| {
            scope.spawn(move || {
                // A child that ends early does not read it all; its own words say why.
                input.map(|mut input| input.write_all(component))
            });
            let read = scope.spawn(move || drain(output, u64::MAX));
            let complaints = scope.spawn(move || drain(errors, MOST_COMPLAINTS));
            let status = wait(&mut child, allowed)?;
            let compiled = read.join().unwrap_or_default();
            let complaints = complaints.join().unwrap_or_default();
            match status {
                None => Err(LoadError::CompileTimeout(allowed)),
                Some(status) if status.success() => Ok(compiled),
                Some(_) if is_of_memory(&complaints) => {
                    Err(LoadError::CompileMemory { bytes: limits.compile_memory_bytes })
                }
                Some(status) => Err(LoadError::Compile(told(&complaints, status))),
            }
        })
    }
}

/// Waits for a child; nothing if it took too long and was ended.
fn wait(child: &mut Child, allowed: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > allowed {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(GLANCE);
    }
}

fn drain(stream: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What came until it broke is all there is.
        let _ = stream.take(most).read_to_end(&mut bytes);
    }
    bytes
}

fn told(complaints: &[u8], status: ExitStatus) -> String {
    let text = String::from_utf8_lossy(complaints);
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    last.map_or_else(|| format!("the compiler ended with {status}"), str::to_owned)
}

/// What a child says that has no more memory: its allocator, its threads or the engine, whichever
/// of them needs some first.
const OF_MEMORY: [&str; 4] = [
    "memory allocation of ",
    "out of memory",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
];

fn is_of_memory(complaints: &[u8]) -> bool {
    let text = String::from_utf8_lossy(complaints);
    OF_MEMORY.iter().any(|words| text.contains(words))
}

/// What the child process does: compiles its input into its output. Its last argument says how many
/// bytes of memory it may take. The process ends after it.
pub fn child(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let memory = arguments.next().and_then(|memory| memory.parse().ok());
    let compiled = match memory {
        Some(memory) => compile(&mut io::stdin().lock(), &mut io::stdout().lock(), memory),
        None => Err("say how many bytes of memory it may take".to_owned()),
    };
    match compiled {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a component and writes its compiled form. What it says when it fails stands in one line.
fn compile(
    input: &mut impl Read,
    output: &mut impl Write,
    memory_bytes: u64,
) -> Result<(), String> {
    limit(Resource::As, memory_bytes)?;
    // No core file of a child that was refused memory.
    limit(Resource::Core, 0)?;
    let mut component = Vec::new();
    input.read_to_end(&mut component).map_err(|error| error.to_string())?;
    let compiled = engine::compiling()
        .and_then(|engine| engine.precompile_component(&component))
        .map_err(|error| format!("{error:#}").replace('\n', " "))?;
    output.write_all(&compiled).map_err(|error| error.to_string())
}

fn limit(resource: Resource, most: u64) -> Result<(), String> {
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(resource, limit).map_err(|error| error.to_string())
}
