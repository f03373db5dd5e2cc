//! Configuration: flags over `JORNADA_…` variables over a TOML file over defaults.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use config::{Environment, File, FileFormat};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use crate::db::DatabaseUrl;

/// Everything that can be configured; the names are the keys of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// What to log, as a filter of tracing: `info`, or `jornada_server=debug,warn`.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// The largest number of connections to PostgreSQL.
    pub postgres_connections: u32,
    /// The largest body of a request in bytes.
    pub request_body_max_bytes: usize,
    /// Whether this process does jobs.
    pub worker: bool,
    /// How many jobs it does at a time.
    pub worker_concurrency: usize,
}

/// The keys with their defaults.
const DEFAULTS: [(&str, &str); 8] = [
    ("listen", "127.0.0.1:8080"),
    ("database_url", "sqlite://jornada.sqlite"),
    ("log", "info"),
    ("log_format", "text"),
    ("postgres_connections", "10"),
    ("request_body_max_bytes", "1048576"),
    ("worker", "true"),
    ("worker_concurrency", "4"),
];

/// The file that is read when none is named and it exists.
const DEFAULT_FILE: &str = "jornada.toml";

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the command line says.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Configuration file [env: JORNADA_CONFIG] [default: jornada.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// sqlite://PATH or postgres://… [env: JORNADA_DATABASE_URL] [default: sqlite://jornada.sqlite]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Only the commands that serve have these.
    #[arg(skip)]
    pub serve: ServeFlags,
}

/// What the command line of a command that serves says.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServeFlags {
    /// Where to listen [env: JORNADA_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// What to log: error, warn, info, debug or a filter [env: JORNADA_LOG] [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// text or json [env: JORNADA_LOG_FORMAT] [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

impl Config {
    /// Reads the configuration; `environment` are the variables of the process. Errors name the
    /// key and say where its value came from.
    pub fn load(flags: &Flags, environment: &HashMap<String, String>) -> anyhow::Result<Self> {
        let named = flags.config.clone();
        let named = named.or_else(|| environment.get("JORNADA_CONFIG").map(PathBuf::from));
        let is_key = |variable: &str| {
            let key = variable.strip_prefix("JORNADA_").unwrap_or_default().to_lowercase();
            DEFAULTS.iter().any(|(known, _)| *known == key)
        };
        let variables = environment.iter().filter(|(variable, _)| is_key(variable));
        let variables = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut builder = config::Config::builder();
        for (key, value) in DEFAULTS {
            builder = builder.set_default(key, value)?;
        }
        let config: Self = builder
            .add_source(file(named.as_deref())?)
            .add_source(Environment::with_prefix("JORNADA").source(Some(variables)))
            .set_override_option("database_url", flags.database_url.clone())?
            .set_override_option("listen", flags.serve.listen.clone())?
            .set_override_option("log", flags.serve.log.clone())?
            .set_override_option("log_format", flags.serve.log_format.clone())?
            .build()
            .and_then(config::Config::try_deserialize)
            .context("the configuration is not valid")?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        self.filter()?;
        within("postgres_connections", self.postgres_connections as usize, 1..=500)?;
        within("request_body_max_bytes", self.request_body_max_bytes, 1 << 10..=64 << 20)?;
        within("worker_concurrency", self.worker_concurrency, 1..=64)
    }

    /// `log` as a filter.
    pub fn filter(&self) -> anyhow::Result<EnvFilter> {
        EnvFilter::builder().parse(&self.log).context("`log` is no filter of tracing")
    }
}

fn within(key: &str, value: usize, range: RangeInclusive<usize>) -> anyhow::Result<()> {
    let (min, max) = (range.start(), range.end());
    ensure!(range.contains(&value), "`{key}` must be from {min} to {max}; it is {value}");
    Ok(())
}

fn file(named: Option<&Path>) -> anyhow::Result<File<config::FileSourceFile, FileFormat>> {
    if let Some(path) = named
        && !path.is_file()
    {
        bail!("the configuration file {} does not exist", path.display());
    }
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    Ok(File::from(path).format(FileFormat::Toml).required(named.is_some()))
}
