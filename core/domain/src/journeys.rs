//! Journeys: the plan (templates), what happens (journeys, visits, tasks) and every verb that
//! moves a journey, whoever asks for it.
//!
//! A verb that must be atomic across nouns lives here, because journeys are the highest noun
//! they touch: completing a task records the interaction and moves the journey in one
//! transaction, pausing an account freezes its journeys.

pub mod alert;
pub mod blueprint;
pub mod by_plugin;
pub mod definition;
pub mod draft;
pub mod engine;
pub mod evaluation;
pub mod handoff;
pub mod journey;
#[cfg(test)]
mod kit;
pub mod migrate;
pub mod moving;
pub mod own_task;
pub mod pace;
pub mod people;
pub mod play;
pub mod progress;
pub mod publish;
pub mod review;
pub mod risks;
mod run;
pub mod selection;
pub mod signals;
pub mod stage_template;
pub mod start;
pub mod status;
pub mod task_template;
pub mod template;
pub mod version;
pub mod visit;
pub mod wake;
pub mod work;

pub use journey::{JourneyStatus, WaitingFor};
pub use pace::Pace;
