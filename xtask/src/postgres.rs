//! A throw-away PostgreSQL for the tests, gone when the process that asked for it is gone.
//!
//! The server is owned by a second process, the *keeper*, which holds the reading end of a pipe.
//! However the asking process ends (return, panic, Ctrl-C, even `kill -9`), the pipe closes, and
//! the keeper stops the server and removes its files. A signal handler could do less and would
//! need unsafe code or another dependency.

mod cluster;
mod installation;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use self::cluster::Cluster;
pub(crate) use self::installation::{NOT_FOUND, find};
use crate::environment::TEST_POSTGRES_URL;

/// The hidden command of xtask that runs [`keep`].
pub(crate) const KEEPER_COMMAND: &str = "postgres-keeper";

/// `cargo xtask postgres`: a server for developers who run single tests.
pub(crate) fn run() -> Result<()> {
    let server = Postgres::start()?;
    println!("export {TEST_POSTGRES_URL}={}", server.url());
    eprintln!("Set this where you run tests. Ctrl-C ends the server and removes its data.");
    io::copy(&mut io::stdin(), &mut io::sink()).context("cannot wait for standard input")?;
    Ok(())
}

/// A running server; dropping it stops the server and removes its files.
pub(crate) struct Postgres {
    keeper: Child,
    url: String,
}

impl Postgres {
    /// Starts the keeper and waits until its server answers.
    pub(crate) fn start() -> Result<Self> {
        let xtask = std::env::current_exe().context("cannot find the binary of xtask")?;
        let mut keeper = Command::new(xtask)
            .arg(KEEPER_COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // In a process group of its own, Ctrl-C in the terminal does not reach it.
            .process_group(0)
            .spawn()
            .context("cannot start the keeper of PostgreSQL")?;
        let output = keeper.stdout.take().context("the keeper has no standard output")?;
        // From here on the guard ends the keeper, whatever happens.
        let mut server = Self { keeper, url: String::new() };
        BufReader::new(output).read_line(&mut server.url).context("cannot read from the keeper")?;
        server.url.truncate(server.url.trim_end().len());
        if server.url.is_empty() {
            bail!("PostgreSQL did not start; its keeper says why above");
        }
        Ok(server)
    }

    /// The address of an administrator's connection, as the tests expect it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("cannot wait for the keeper of PostgreSQL: {error}");
        }
    }
}

/// The keeper: owns a server until standard input ends. Prints its URL when it is ready.
pub(crate) fn keep() -> Result<()> {
    let installation = find().context(NOT_FOUND)?;
    let cluster = Cluster::start(installation)?;
    let mut output = io::stdout();
    // Nobody listens any more when the asking process ended meanwhile; then standard input has
    // ended as well, and the server is stopped right away.
    writeln!(output, "{}", cluster.url()).and_then(|()| output.flush()).ok();
    io::stdin().read_to_end(&mut Vec::new()).context("cannot wait for standard input")?;
    Ok(())
}
