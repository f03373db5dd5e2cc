//! Where a database is: `sqlite://PATH` or `postgres://…`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// Where a database is. It shows itself without user and password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as the whole URL.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            return match path {
                "" => Err("sqlite:// lacks the path of the file".to_owned()),
                path if path.starts_with(":memory:") || path.contains('?') => {
                    Err("sqlite:// takes the path of a file and nothing else".to_owned())
                }
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("it must begin with sqlite:// or postgres://".to_owned())
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.split(['?', '#']).next().unwrap_or_default();
                let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_database_are_recognised() {
        let sqlite = |path: &str| Ok(DatabaseUrl::Sqlite(path.into()));
        assert_eq!("sqlite://jornada.sqlite".parse(), sqlite("jornada.sqlite"));
        assert_eq!("sqlite:///var/lib/jornada.sqlite".parse(), sqlite("/var/lib/jornada.sqlite"));
        let postgres = "postgres://localhost/jornada";
        assert_eq!(postgres.parse(), Ok(DatabaseUrl::Postgres(postgres.to_owned())));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "jornada.sqlite", "mysql://localhost/a", "sqlite://", "sqlite://a?mode=ro"]
        {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "postgres://ana:se@cret@db:5432/jornada?sslmode=require",
            "postgres://db:5432/jornada?user=ana&password=secret",
        ] {
            let url: DatabaseUrl = text.parse().expect("it is a URL");
            assert_eq!(format!("{url} {url:?}").matches("cret").count(), 0);
            assert_eq!(url.to_string(), "postgres://db:5432/jornada");
        }
    }
}
