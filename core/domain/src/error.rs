//! What can go wrong in the domain, in the shape in which a caller branches on it.

use std::borrow::Cow;

use sea_orm::error::ConnAcquireErr;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::auth::Scope;
use crate::id::Kind;

/// The result of everything in the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a verb did nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The caller can mend these; all that were found are listed.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
    /// The actor lacks a right.
    #[error("needs {0}")]
    Forbidden(Scope),
    /// The database failed; logged where it is handled, never shown.
    #[error("database: {0}")]
    Database(#[source] DbErr),
}

/// One thing the caller can mend: where, what, and the values that the message needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the input field, dotted, with indexes: `stages.0.tasks.2.durationDays`; empty
    /// for the whole input.
    pub field: String,
    /// What is wrong.
    pub code: Code,
    /// Values for the message, by the name the message uses.
    pub params: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem of `field`.
    pub fn new(field: impl Into<String>, code: Code) -> Self {
        Self { field: field.into(), code, params: Vec::new() }
    }

    /// More than `max` items of what `of` calls them in the message of [`Code::TooMany`].
    pub fn too_many(field: impl Into<String>, max: impl ToString, of: &str) -> Self {
        Problem::new(field, Code::TooMany).with("max", max).with("of", of)
    }

    /// The same problem with a value for its message.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The same problem, seen from one level further out.
    pub fn under(mut self, prefix: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => prefix.to_owned(),
            field => format!("{prefix}.{field}"),
        };
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.code.as_str())?;
        for (name, value) in &self.params {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

fn list(problems: &[Problem]) -> String {
    let each: Vec<_> = problems.iter().map(Problem::to_string).collect();
    each.join("; ")
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl Error {
    /// No such row in this workspace; a row of another workspace is not found either.
    pub fn not_found(field: impl Into<String>, kind: Kind) -> Self {
        Problem::new(field, Code::NotFound).with("kind", kind.type_name()).into()
    }

    /// Whether one of the problems has this code.
    pub fn has(&self, code: Code) -> bool {
        matches!(self, Self::Problems(problems) if problems.iter().any(|p| p.code == code))
    }

    /// Names the field whose value is already taken, if that is what the database says.
    pub fn on_unique(self, field: &str) -> Self {
        match &self {
            Self::Database(error) if is_unique_violation(error) => {
                Problem::new(field, Code::Taken).into()
            }
            _ => self,
        }
    }

    /// The same error, where the caller calls a field by another name.
    pub fn renamed(self, from: &str, to: &str) -> Self {
        let rename = |mut problem: Problem| {
            if problem.field == from {
                to.clone_into(&mut problem.field);
            }
            problem
        };
        match self {
            Self::Problems(problems) => Self::Problems(problems.into_iter().map(rename).collect()),
            other => other,
        }
    }

    /// The same error, where all of it is about one field of the caller.
    pub fn all_at(self, field: &str) -> Self {
        let there = |problem| Problem { field: field.to_owned(), ..problem };
        match self {
            Self::Problems(problems) => Self::Problems(problems.into_iter().map(there).collect()),
            other => other,
        }
    }

    /// The same error, seen from one level further out.
    pub fn under(self, prefix: &str) -> Self {
        match self {
            Self::Problems(problems) => {
                Self::Problems(problems.into_iter().map(|p| p.under(prefix)).collect())
            }
            other => other,
        }
    }
}

impl From<DbErr> for Error {
    /// A text that the database cannot take is a mistake of whoever wrote it.
    fn from(error: DbErr) -> Self {
        match is_unstorable(&error) {
            true => Problem::new("", Code::BadFormat).with("form", "text").into(),
            false => Self::Database(error),
        }
    }
}

/// Whether a text or a document holds what PostgreSQL knows no way to store: a NUL.
fn is_unstorable(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| ["22021", "22P05"].contains(&code.as_ref()))
}

fn code_of(error: &DbErr) -> Option<Cow<'_, str>> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()?.code()
        }
        _ => None,
    }
}

/// Whether a database failed only because others were at work on the same rows at that moment.
/// Nothing was changed, and the same may well succeed when it is tried again.
pub fn is_passing(error: &DbErr) -> bool {
    /// PostgreSQL: serialization failure, deadlock, lock not available. SQLite: busy, and busy
    /// with a snapshot that is no longer the newest.
    const PASSING: [&str; 5] = ["40001", "40P01", "55P03", "5", "517"];
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        _ => code_of(error).is_some_and(|code| PASSING.contains(&code.as_ref())),
    }
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// `Ok` when nothing was found wrong, else every problem at once.
pub fn all_well(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(problems)) }
}

macro_rules! codes {
    ($(#[doc = $doc:literal] $name:ident $word:literal,)+) => {
        /// The closed list of what can be wrong with an input or with the state it meets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $doc] $name,)+ }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as the API shows it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)+ }
            }

            /// What the code says, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$name => $doc.trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// No such record in this workspace.
    NotFound "NOT_FOUND",
    /// The id is not an id of this kind.
    BadId "BAD_ID",
    /// The cursor was not given out by this list in this order.
    BadCursor "BAD_CURSOR",
    /// The page size is outside 1 to 100, or both ends were asked for.
    BadPage "BAD_PAGE",
    /// A value is needed.
    Required "REQUIRED",
    /// One of several fields is needed.
    OneNeeded "ONE_NEEDED",
    /// More characters than allowed.
    TooLong "TOO_LONG",
    /// More items than allowed.
    TooMany "TOO_MANY",
    /// A number outside its range.
    OutOfRange "OUT_OF_RANGE",
    /// Not in the form this field has.
    BadFormat "BAD_FORMAT",
    /// Not as the JSON Schema of the plugin has it, or as the plugin itself says.
    Unfit "UNFIT",
    /// The file is no plugin that can run here.
    BadPlugin "BAD_PLUGIN",
    /// The plugin is not called: it is disabled, was uninstalled, or broke off.
    PluginUnavailable "PLUGIN_UNAVAILABLE",
    /// The plugin asks for something that the workspace has not granted it.
    NotGranted "NOT_GRANTED",
    /// Not a name of the IANA time zone database.
    UnknownTimeZone "UNKNOWN_TIME_ZONE",
    /// Not an option of this set, or an archived one.
    UnknownOption "UNKNOWN_OPTION",
    /// Not one of the words of a closed list.
    UnknownWord "UNKNOWN_WORD",
    /// Not one of the properties that there are here.
    UnknownField "UNKNOWN_FIELD",
    /// Another record has this value already.
    Taken "TAKEN",
    /// Somebody else held the role in these days.
    RoleHeld "ROLE_HELD",
    /// The record was changed since the caller read it.
    Conflict "CONFLICT",
    /// The record has been put away.
    Archived "ARCHIVED",
    /// What was kept of the person has been erased, and nothing more is taken.
    ContactErased "CONTACT_ERASED",
    /// Somebody who was called so was erased, and neither files nor other systems bring them back.
    ErasedBefore "ERASED_BEFORE",
    /// Built-in records cannot be changed so.
    BuiltIn "BUILT_IN",
    /// Two fields exclude each other, or one needs the other.
    Contradiction "CONTRADICTION",
    /// The accounts would be their own ancestors.
    Cycle "CYCLE",
    /// The accounts above it would be their own ancestors.
    BelowCycle "BELOW_CYCLE",
    /// The accounts would be in one another on more levels than allowed.
    TooDeep "TOO_DEEP",
    /// Only an import, or a request that tells facts of the past, may say a day of the past here.
    BackfillNeeded "BACKFILL_NEEDED",
    /// A date before the one it must follow.
    TooEarly "TOO_EARLY",
    /// A date after the one it must not pass.
    TooLate "TOO_LATE",
    /// The user is deactivated.
    UserInactive "USER_INACTIVE",
    /// The user still holds accounts or tasks, and nobody was named to take them over.
    ReassignNeeded "REASSIGN_NEEDED",
    /// The user stands in a template as the one who does a task.
    StandsInTemplate "STANDS_IN_TEMPLATE",
    /// The workspace would be left without an owner.
    LastOwner "LAST_OWNER",
    /// A scope outside the closed list, or beyond the rights of the user.
    BadScope "BAD_SCOPE",
    /// The account is paused or churned: its journeys stand still.
    AccountNotRunning "ACCOUNT_NOT_RUNNING",
    /// The account's status cannot change so.
    BadStatusChange "BAD_STATUS_CHANGE",
    /// The task is not open.
    TaskNotOpen "TASK_NOT_OPEN",
    /// Something keeps the task from being done.
    TaskBlocked "TASK_BLOCKED",
    /// The task belongs to a journey, which alone calls it off.
    TaskOfJourney "TASK_OF_JOURNEY",
    /// The type of the task takes no such value.
    NotForType "NOT_FOR_TYPE",
    /// The task is not finished.
    TaskNotFinished "TASK_NOT_FINISHED",
    /// The task belongs to a visit that has ended.
    VisitEnded "VISIT_ENDED",
    /// The journey has ended.
    JourneyEnded "JOURNEY_ENDED",
    /// The journey cannot be moved so from here.
    BadMove "BAD_MOVE",
    /// The version is not a draft.
    NotDraft "NOT_DRAFT",
    /// The version is not published.
    NotPublished "NOT_PUBLISHED",
    /// The version no longer has the stage in which the journey is, and none was named instead.
    StageGone "STAGE_GONE",
    /// The stage key does not exist in the version.
    UnknownStage "UNKNOWN_STAGE",
    /// The task key does not exist in the stage.
    UnknownTask "UNKNOWN_TASK",
    /// Only one row for an account can say this.
    OnlyOne "ONLY_ONE",
    /// The key stands twice.
    DuplicateKey "DUPLICATE_KEY",
    /// The template has no stage.
    NoStages "NO_STAGES",
    /// The stage has neither a required task nor a minimum duration.
    EmptyStage "EMPTY_STAGE",
    /// Nothing leads to the stage.
    UnreachableStage "UNREACHABLE_STAGE",
    /// A loop must go to this stage or to an earlier one.
    BadLoop "BAD_LOOP",
    /// The last stage must complete or loop.
    NoEnd "NO_END",
    /// The task type is not known.
    UnknownTaskType "UNKNOWN_TASK_TYPE",
    /// The metric is not known or has been put away.
    UnknownMetric "UNKNOWN_METRIC",
    /// There is no product with this key.
    UnknownProduct "UNKNOWN_PRODUCT",
    /// No attribute with this key is in use.
    UnknownAttribute "UNKNOWN_ATTRIBUTE",
    /// The attribute has values of another type.
    WrongType "WRONG_TYPE",
    /// It was decided already.
    AlreadyDecided "ALREADY_DECIDED",
    /// The key belongs to a load of other content.
    KeyReused "KEY_REUSED",
    /// A later request has begun the same load anew.
    Superseded "SUPERSEDED",
    /// The survey is not known or has been put away.
    UnknownSurvey "UNKNOWN_SURVEY",
    /// The indicator is not one that this visit waits for.
    NotAwaited "NOT_AWAITED",
    /// Only a sandbox has a clock that can be advanced.
    NotASandbox "NOT_A_SANDBOX",
    /// Only an owner may do this to an owner, or make one.
    OwnerNeeded "OWNER_NEEDED",
    /// The goal, risk, opportunity or handoff is no longer open.
    AlreadyClosed "ALREADY_CLOSED",
    /// The plan asks for more rights, to which nobody has agreed.
    NotApproved "NOT_APPROVED",
    /// The plugin has changed since the plan was made, so that it says something else now.
    PlanOutdated "PLAN_OUTDATED",
    /// A plugin of this key is, or was, of another kind.
    OtherKind "OTHER_KIND",
    /// Only the receiver of a handoff may do this, or somebody who leads.
    NotReceiver "NOT_RECEIVER",
    /// Something on the checklist of the handoff is not done, and no reason was given.
    ChecklistOpen "CHECKLIST_OPEN",
    /// The task reviews deferred items about which nobody has decided.
    ItemsUndecided "ITEMS_UNDECIDED",
}
