//! How what goes wrong is shown: the only place that decides it.
//!
//! Resolvers pass errors of the domain on with `?`. In a mutation, problems become `userErrors`;
//! everything else becomes a top-level error with `extensions.code` and `extensions.requestId`.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field;
use async_graphql::registry::{EnumBuilder, MetaEnumValue, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, ErrorExtensionValues, Name, OutputType, Positioned, Response, ServerError,
    ServerResult, SimpleObject, Value,
};
use jornada_domain::error::{Code, Error, Problem, is_passing};
use jornada_domain::workspace::Locale;

use crate::messages;

/// One thing that the caller can mend.
#[derive(SimpleObject)]
pub(super) struct UserError {
    /// The path of the field within `input`, with indexes of lists; null for the whole input.
    field: Option<Vec<String>>,
    /// What is wrong and what to do, in the language of the caller.
    message: String,
    /// The same for a program.
    code: UserErrorCode,
}

impl UserError {
    /// The problem, told in a language.
    pub(super) fn new(problem: &Problem, locale: Locale) -> Self {
        let path = problem.field.split('.').map(str::to_owned).collect();
        Self {
            field: (!problem.field.is_empty()).then_some(path),
            message: messages::of_problem(locale, problem),
            code: UserErrorCode(problem.code),
        }
    }
}

/// [`Code`] as an enum of the API; its values and their descriptions are those of the domain.
#[derive(Clone, Copy)]
pub(super) struct UserErrorCode(Code);

impl OutputType for UserErrorCode {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("UserErrorCode")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| {
            let value = |code: &Code| {
                let mut value = MetaEnumValue::new(code.as_str());
                value.description = Some(code.meaning().to_owned());
                (code.as_str().to_owned(), value)
            };
            let values: IndexMap<_, _> = Code::ALL.iter().map(value).collect();
            let description = "What can be wrong with an input, or with the state it meets.";
            EnumBuilder::new("UserErrorCode", values).description(Some(description.into())).build()
        })
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::Enum(Name::new(self.0.as_str())))
    }
}

/// The codes of top-level errors, beside those of [`Code`] that a query can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopLevelCode {
    /// No valid credential came with the request.
    Unauthenticated,
    /// The credential lacks a scope, which `extensions.scope` names.
    Forbidden,
    /// The document is not valid against the schema, is too large, or its variables do not fit.
    BadQuery,
    /// Others were changing the same records at that moment. Nothing was changed: send it again.
    TryAgain,
    /// Something broke here. It is logged under the request id.
    Internal,
}

impl TopLevelCode {
    /// All codes.
    pub const ALL: [Self; 5] =
        [Self::Unauthenticated, Self::Forbidden, Self::BadQuery, Self::TryAgain, Self::Internal];

    /// The code as the API shows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadQuery => "BAD_QUERY",
            Self::TryAgain => "TRY_AGAIN",
            Self::Internal => "INTERNAL",
        }
    }
}

/// The answer to a request that nobody vouches for.
pub fn unauthenticated(locale: Locale, request_id: &str) -> Response {
    let mut error = ServerError::new("", None);
    show(&mut error, TopLevelCode::Unauthenticated, locale);
    name_request(&mut error, request_id);
    Response::from_errors(vec![error])
}

/// The answer to a request that a verb of the domain refused.
pub fn refused(error: &Error, locale: Locale, request_id: &str) -> Response {
    let mut shown = ServerError::new("", None);
    show_domain(&mut shown, error, locale, request_id);
    name_request(&mut shown, request_id);
    Response::from_errors(vec![shown])
}

/// Gives every top-level error its code, its message and the id of the request.
pub(super) fn finish(response: &mut Response, locale: Locale, request_id: &str) {
    for error in &mut response.errors {
        match error.source::<Error>().cloned() {
            Some(source) => show_domain(error, &source, locale, request_id),
            None => classify(error),
        }
        name_request(error, request_id);
    }
}

fn show_domain(shown: &mut ServerError, error: &Error, locale: Locale, request_id: &str) {
    match error {
        Error::Problems(problems) => {
            let messages = problems.iter().map(|problem| messages::of_problem(locale, problem));
            shown.message = messages.collect::<Vec<_>>().join(" ");
            if let Some(first) = problems.first() {
                set(shown, "code", first.code.as_str());
                set(shown, "field", first.field.as_str());
            }
        }
        Error::Forbidden(scope) => {
            shown.message = messages::of_forbidden(locale, *scope);
            set(shown, "code", TopLevelCode::Forbidden.as_str());
            set(shown, "scope", scope.to_string());
        }
        Error::Database(error) if is_passing(error) => {
            tracing::warn!(request_id, %error, path = ?shown.path, "a request met another one");
            show(shown, TopLevelCode::TryAgain, locale);
        }
        Error::Database(error) => {
            tracing::error!(request_id, %error, path = ?shown.path, "a request failed");
            show(shown, TopLevelCode::Internal, locale);
        }
    }
    shown.source = None;
}

/// What async-graphql itself finds wrong is always the document or its variables. Its messages
/// name only what stands in the schema and in the document.
fn classify(error: &mut ServerError) {
    set(error, "code", TopLevelCode::BadQuery.as_str());
}

fn show(error: &mut ServerError, code: TopLevelCode, locale: Locale) {
    error.message = messages::of_code(locale, code.as_str());
    set(error, "code", code.as_str());
}

fn name_request(error: &mut ServerError, request_id: &str) {
    set(error, "requestId", request_id);
}

fn set(error: &mut ServerError, name: &str, value: impl Into<Value>) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set(name, value);
}
