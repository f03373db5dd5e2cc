//! Tests of plugins without WebAssembly: `cargo test` calls the plugin natively, through the same
//! code that stands between it and the host.
//!
//! [`TestScore`] and [`TestTask`] call a plugin from a test in a line or two;
//! [`score_fixtures`] and [`task_fixtures`] run the files in `fixtures/` beside the plugin, which
//! `jornada plugin test` runs against the `.wasm` file, too. What only the host does is left to it:
//! limits, and the check of documents against their schemas.
//!
//! Everything here panics with what is wrong, as tests do.
//!
//! ```
//! use jornada_plugin_sdk::prelude::*;
//! use jornada_plugin_sdk::testing::TestTask;
//! use serde_json::json;
//!
//! struct Reminder;
//!
//! impl TaskType for Reminder {
//!     type Config = ();
//!     type Outcome = ();
//!     type Input = ();
//!
//!     fn on_complete(call: &Call<(), ()>, (): ()) -> Result<Vec<Operation>, Failure> {
//!         Ok(vec![Notify::new(call.moment.say("It is done.", "Está feito.")).into()])
//!     }
//! }
//!
//! let follows = TestTask::<Reminder>::new(json!(null)).complete(json!(null));
//! assert_eq!(follows, Ok(vec![Notify::new("Está feito.").into()]));
//! ```

mod fixture;
mod score;
mod task;

pub use fixture::{score_fixtures, task_fixtures};
pub use score::{Score, TestScore};
pub use task::TestTask;

use crate::text::{Failure, Moment, Problem};
use serde_json::{Value as Json, json};

/// Noon of 23 January 2026 in São Paulo, in Portuguese: when plugins are called in tests unless
/// something else is said.
///
/// ```
/// use jornada_plugin_sdk::testing::moment;
///
/// assert_eq!(moment().today, "2026-01-23");
/// assert_eq!(moment().say("yes", "sim"), "sim");
/// ```
pub fn moment() -> Moment {
    Moment {
        now: "2026-01-23T12:00:00Z".to_owned(),
        today: "2026-01-23".to_owned(),
        zone: "America/Sao_Paulo".to_owned(),
        locale: "pt-BR".to_owned(),
    }
}

/// A failure as fixtures have it.
fn refused(failure: &Failure) -> Json {
    match failure {
        Failure::InvalidConfig(all) => json!({"error": "INVALID_CONFIG", "problems": told(all)}),
        Failure::InvalidInput(all) => json!({"error": "INVALID_INPUT", "problems": told(all)}),
        Failure::Failed(message) => json!({"error": "FAILED", "message": message}),
    }
}

fn told(problems: &[Problem]) -> Json {
    let each = problems.iter();
    each.map(|one| json!({"path": one.path, "message": one.message})).collect()
}
