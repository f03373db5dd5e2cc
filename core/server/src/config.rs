//! Configuration: flags over `JORNADA_…` variables over a TOML file over defaults.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use config::{ConfigError, Environment, File, FileFormat, Source};
use jornada_plugin_host::Limits;
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
    /// The file that says who was erased, for after a backup is restored. When it is empty, it is
    /// beside the SQLite file; for PostgreSQL there is then none.
    pub erasure_log: PathBuf,
    /// What to log, as a filter of tracing: `info`, or `jornada_server=debug,warn`.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// The folder in which compiled plugins are kept, so that a start need not compile them;
    /// without one they are kept in memory only. It belongs to the server alone: what is in it is
    /// run.
    pub plugin_cache: PathBuf,
    /// What plugins may take, where it is not [`Limits::default`].
    pub plugin_limits: PluginLimits,
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
pub const DEFAULTS: [(&str, &str); 11] = [
    ("listen", "127.0.0.1:8080"),
    ("database_url", "sqlite://jornada.sqlite"),
    ("erasure_log", ""),
    ("log", "info"),
    ("log_format", "text"),
    ("plugin_cache", ""),
    ("plugin_limits", ""),
    ("postgres_connections", "10"),
    ("request_body_max_bytes", "1048576"),
    ("worker", "true"),
    ("worker_concurrency", "4"),
];

/// The file that is read when none is named and it exists.
const DEFAULT_FILE: &str = "jornada.toml";

/// The variable that is no key: it says where the file is.
const FILE_VARIABLE: &str = "JORNADA_CONFIG";

/// So begin the variables for the tests.
const TEST_VARIABLES: &str = "JORNADA_TEST_";

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match &*text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("it must be text or json, and not `{text}`")),
        }
    }
}

/// What plugins may take: `memory_bytes=67108864, calls=16`, with the names of [`Limits`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PluginLimits(pub Limits);

impl TryFrom<String> for PluginLimits {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let given = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let given = given.map(|part| {
            let pair = part.split_once('=').and_then(|(name, value)| {
                Some((name.trim().to_owned(), value.trim().parse::<u64>().ok()?))
            });
            pair.ok_or_else(|| format!("`{part}` is not like `memory_bytes=67108864`"))
        });
        let given: serde_json::Map<String, serde_json::Value> = given
            .map(|pair| pair.map(|(name, value)| (name, value.into())))
            .collect::<Result<_, _>>()?;
        let limits: Limits =
            serde_json::from_value(given.into()).map_err(|error| error.to_string())?;
        if limits.calls == 0 || limits.batch_rows == 0 {
            return Err("calls and batch_rows are at least 1".to_owned());
        }
        Ok(Self(limits))
    }
}

/// What the command line says.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Configuration file [env: JORNADA_CONFIG] [default: jornada.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// sqlite://PATH or postgres://… [env: JORNADA_DATABASE_URL]
    /// [default: sqlite://jornada.sqlite, but sqlite://jornada-demo.sqlite for the demo]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// File that says who was erased, for after a backup is restored [env: JORNADA_ERASURE_LOG]
    /// [default: beside the SQLite file, as jornada.erasures.jsonl; none for PostgreSQL]
    #[arg(long, global = true, value_name = "FILE")]
    pub erasure_log: Option<String>,
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
    /// Folder for compiled plugins, for the server alone [env: JORNADA_PLUGIN_CACHE]
    /// [default: none, so that each start compiles them]
    #[arg(long, value_name = "FOLDER")]
    pub plugin_cache: Option<String>,
    /// What plugins may take, like memory_bytes=67108864,calls=16 [env: JORNADA_PLUGIN_LIMITS]
    /// [default: none changed; `plugin test` shows them]
    #[arg(long, value_name = "LIMITS")]
    pub plugin_limits: Option<String>,
    /// Most connections to PostgreSQL [env: JORNADA_POSTGRES_CONNECTIONS] [default: 10]
    #[arg(long, value_name = "COUNT")]
    pub postgres_connections: Option<String>,
    /// Largest body of a request [env: JORNADA_REQUEST_BODY_MAX_BYTES] [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    pub request_body_max_bytes: Option<String>,
    /// Whether this process does jobs: true or false [env: JORNADA_WORKER] [default: true]
    #[arg(long, value_name = "BOOL")]
    pub worker: Option<String>,
    /// Jobs at a time [env: JORNADA_WORKER_CONCURRENCY] [default: 4]
    #[arg(long, value_name = "COUNT")]
    pub worker_concurrency: Option<String>,
}

impl Flags {
    /// The keys that the command line names, with their values.
    fn values(&self) -> [(&'static str, Option<&String>); DEFAULTS.len()] {
        let serve = &self.serve;
        [
            ("listen", serve.listen.as_ref()),
            ("database_url", self.database_url.as_ref()),
            ("erasure_log", self.erasure_log.as_ref()),
            ("log", serve.log.as_ref()),
            ("log_format", serve.log_format.as_ref()),
            ("plugin_cache", serve.plugin_cache.as_ref()),
            ("plugin_limits", serve.plugin_limits.as_ref()),
            ("postgres_connections", serve.postgres_connections.as_ref()),
            ("request_body_max_bytes", serve.request_body_max_bytes.as_ref()),
            ("worker", serve.worker.as_ref()),
            ("worker_concurrency", serve.worker_concurrency.as_ref()),
        ]
    }
}

fn variable_of(key: &str) -> String {
    format!("JORNADA_{}", key.to_uppercase())
}

/// The variables that look like ours and are not, in order: most likely they are mistyped.
pub fn unknown_variables(environment: &HashMap<String, String>) -> Vec<&str> {
    let is_known = |name: &str| {
        name == FILE_VARIABLE
            || name.starts_with(TEST_VARIABLES)
            || DEFAULTS.iter().any(|(key, _)| variable_of(key) == name)
    };
    let ours = environment.keys().filter(|name| name.starts_with("JORNADA_"));
    let mut unknown: Vec<_> = ours.map(String::as_str).filter(|name| !is_known(name)).collect();
    unknown.sort_unstable();
    unknown
}

impl Config {
    /// Reads the configuration; `environment` are the variables of the process. Errors name the
    /// key and say where its value came from.
    pub fn load(flags: &Flags, environment: &HashMap<String, String>) -> anyhow::Result<Self> {
        let named = flags.config.clone();
        let named = named.or_else(|| environment.get(FILE_VARIABLE).map(PathBuf::from));
        let keys = DEFAULTS.iter().map(|(key, _)| variable_of(key));
        let variables = keys.filter_map(|name| environment.get_key_value(&name));
        let variables = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
        let file = file(named.as_deref())?;
        let in_file = file.collect().context("the configuration is not valid")?;
        let path = named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        check_keys(&path, in_file.keys())?;
        let mut builder = config::Config::builder();
        for (key, value) in DEFAULTS {
            builder = builder.set_default(key, value)?;
        }
        builder = builder
            .add_source(file)
            .add_source(Environment::with_prefix("JORNADA").source(Some(variables)));
        for (key, value) in flags.values() {
            builder = builder.set_override_option(key, value.cloned())?;
        }
        // Where the value of a key is from, as whoever has to mend it looks for it.
        let origin = |key: &str| {
            let is_flag = flags.values().iter().any(|(it, value)| *it == key && value.is_some());
            match key {
                _ if is_flag => format!("--{}", key.replace('_', "-")),
                _ if environment.contains_key(&variable_of(key)) => variable_of(key),
                _ => path.display().to_string(),
            }
        };
        let config: Self =
            builder.build().and_then(config::Config::try_deserialize).map_err(|error| {
                let origin = key_of(&error).map(|key| format!("{}: ", origin(key)));
                anyhow!("the configuration is not valid: {}{error}", origin.unwrap_or_default())
            })?;
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

/// The key that an error is about.
fn key_of(error: &ConfigError) -> Option<&str> {
    match error {
        ConfigError::At { key, .. } | ConfigError::Type { key, .. } => key.as_deref(),
        _ => None,
    }
}

/// Refuses keys that nobody reads: most likely they are mistyped.
fn check_keys<'k>(path: &Path, keys: impl Iterator<Item = &'k String>) -> anyhow::Result<()> {
    let known = DEFAULTS.map(|(key, _)| key);
    let mut unknown: Vec<_> = keys.filter(|key| !known.contains(&key.as_str())).collect();
    unknown.sort_unstable();
    if let Some(key) = unknown.first() {
        bail!("{}: `{key}` is no key; there are {}", path.display(), known.join(", "));
    }
    Ok(())
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
