//! Messages to people.

use jornada_domain::error::Problem;
use jornada_domain::workspace::Locale;

use crate::graphql::TopLevelCode;

pub fn of_problem(_locale: Locale, problem: &Problem) -> String {
    problem.code.meaning().to_owned()
}

pub fn of_top_level(_locale: Locale, code: TopLevelCode) -> String {
    code.as_str().to_owned()
}
