//! The life of one throw-away server: a temporary directory, `initdb`, `pg_ctl start`, and at the
//! end `pg_ctl stop` and an empty disk.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::installation::Installation;
use crate::cargo;

/// The superuser inside the server; not a user of the operating system.
const SUPERUSER: &str = "postgres";

/// Nothing here needs to survive a crash, so nothing waits for the disk. Many tests run at once,
/// each with its own pool, hence the connections. There is no Unix socket: its path would have to
/// fit into 107 bytes, which a deep temporary directory exceeds.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
timezone = 'UTC'
";

/// Another process may take the free port before the server does.
const MAX_STARTS: usize = 3;

/// Directories left by earlier processes with the same id, killed before they could clean up.
const MAX_LEFTOVERS: usize = 100;

/// A server and its files; dropping it stops the one and removes the others.
#[derive(Debug)]
pub(crate) struct Cluster {
    installation: Installation,
    directory: PathBuf,
    /// Whom to run the server as, when that is not the current user.
    user: Option<User>,
    port: u16,
}

impl Cluster {
    /// Creates and starts a server in a new temporary directory.
    pub(crate) fn start(installation: Installation) -> Result<Self> {
        let directory = new_directory()?;
        // The guard exists before anything else can fail.
        let mut cluster = Self { installation, directory, user: None, port: 0 };
        cluster.become_unprivileged()?;
        cluster.create()?;
        let mut failed = 0;
        while let Err(error) = cluster.launch() {
            failed += 1;
            if failed == MAX_STARTS {
                return Err(error);
            }
        }
        Ok(cluster)
    }

    /// The administrator's connection to the database every server begins with.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{SUPERUSER}@{}:{}/postgres", Ipv4Addr::LOCALHOST, self.port)
    }

    /// PostgreSQL refuses to run as root, as which containers often run everything.
    fn become_unprivileged(&mut self) -> Result<()> {
        if fs::metadata(&self.directory)?.uid() != 0 {
            return Ok(());
        }
        let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let user = unprivileged_user(&users)
            .context("PostgreSQL does not run as root, and there is no user postgres or nobody")?;
        chown(&self.directory, Some(user.uid), Some(user.gid))?;
        self.user = Some(user);
        Ok(())
    }

    fn create(&self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.arg(format!("--username={SUPERUSER}")).arg("--pgdata").arg(self.data());
        cargo::output(&mut initdb)?;
        let settings = self.data().join("postgresql.conf");
        OpenOptions::new().append(true).open(settings)?.write_all(SETTINGS.as_bytes())?;
        Ok(())
    }

    /// Starts the server on a free port and waits until it accepts connections.
    fn launch(&mut self) -> Result<()> {
        self.port = free_port()?;
        let port = format!("-p {}", self.port);
        let mut start = self.pg_ctl("start");
        // With `--log`, the server does not hold the pipes of this process open.
        start.args(["--options", &port]).arg("--log").arg(self.log());
        cargo::output(&mut start).map(drop).with_context(|| {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            format!("PostgreSQL did not start; its log:\n{log}")
        })
    }

    fn stop(&self) -> Result<()> {
        if self.data().join("postmaster.pid").exists() {
            cargo::output(self.pg_ctl("stop").arg("--mode=immediate"))?;
        }
        fs::remove_dir_all(&self.directory)?;
        Ok(())
    }

    fn pg_ctl(&self, action: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.args([action, "--wait", "--timeout=60", "--pgdata"]).arg(self.data());
        command
    }

    /// A server program, run as the right user from a directory that user may enter.
    fn program(&self, name: &str) -> Command {
        let mut command = self.installation.program(name);
        command.current_dir(&self.directory).env("LC_ALL", "C");
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("cannot clean up {}: {error:#}", self.directory.display());
        }
    }
}

/// A directory nobody else can read, at a path that did not exist before.
fn new_directory() -> Result<PathBuf> {
    let parent = std::env::temp_dir();
    for attempt in 0..MAX_LEFTOVERS {
        let name = format!("jornada-postgres-{}-{attempt}", std::process::id());
        let directory = parent.join(name);
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => {
                created.with_context(|| format!("cannot create {}", directory.display()))?;
                return Ok(directory);
            }
        }
    }
    bail!("{} is full of directories jornada-postgres-*; remove them", parent.display())
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// A user of the operating system.
#[derive(Clone, Copy, Debug, PartialEq)]
struct User {
    uid: u32,
    gid: u32,
}

/// Whom to run the server as instead of root: the user packages create for it, else `nobody`.
fn unprivileged_user(passwd: &str) -> Option<User> {
    let named = |name: &str| passwd.lines().find_map(|line| user_named(name, line));
    named("postgres").or_else(|| named("nobody"))
}

/// Reads a line such as `postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash`.
fn user_named(name: &str, line: &str) -> Option<User> {
    let mut fields = line.split(':');
    if fields.next() != Some(name) {
        return None;
    }
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    (uid != 0).then_some(User { uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::find;
    use std::net::TcpStream;

    const NOBODY: &str = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
    const POSTGRES: &str = "postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash";

    #[test]
    fn root_gives_way_to_postgres_and_else_to_nobody() {
        let root = "root:x:0:0:root:/:/bin/bash";
        let users = [root, NOBODY, POSTGRES].join("\n");
        assert_eq!(unprivileged_user(&users), Some(User { uid: 101, gid: 104 }));
        assert_eq!(
            unprivileged_user(&[root, NOBODY].join("\n")),
            Some(User { uid: 65534, gid: 65533 })
        );
        assert_eq!(unprivileged_user(root), None);
    }

    #[test]
    fn a_user_that_is_root_by_another_name_is_not_chosen() {
        let users = ["postgres:x:0:0::/:/bin/sh", NOBODY].join("\n");
        assert_eq!(unprivileged_user(&users), Some(User { uid: 65534, gid: 65533 }));
    }

    #[test]
    fn a_server_answers_while_it_lives_and_leaves_nothing_behind() {
        let Some(installation) = find() else {
            eprintln!("skipped: {}", crate::postgres::NOT_FOUND);
            return;
        };
        let cluster = Cluster::start(installation).expect("the server starts");
        let (directory, port) = (cluster.directory.clone(), cluster.port);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        drop(cluster);
        assert!(!directory.exists());
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}
